"""Where tests find data."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "sample_crawl"
SHARED = ROOT.parent / "shared" / "data"  # real pages, images and archives; not part of the repository
