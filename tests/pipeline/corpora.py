"""What of a corpus must be equal between two builds, and commands run as a person would."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "examples" / "sample_crawl"
SHARED = ROOT.parent / "shared" / "data"
# Outside the comparison: the roots, the lock, scratch files, and what receipts say of elapsed times.
NOT_COMPARED = ("corpus.json", ".lock", ".scratch", "receipts", "work")


def tables(corpus: Path) -> dict[str, bytes]:
    """Every file of every table, every manifest and the index, by path."""
    return {
        str(path.relative_to(corpus)): path.read_bytes()
        for path in sorted(corpus.rglob("*"))
        if path.is_file() and path.relative_to(corpus).parts[0] not in NOT_COMPARED
    }


def assert_same_tables(one: Path, other: Path) -> None:
    """Compare names first: a difference is easier to read so."""
    left, right = tables(one), tables(other)
    assert left.keys() == right.keys()
    assert [name for name in left if left[name] != right[name]] == []


def m3w(*arguments: object, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the `m3w` command; with `check` it must end with exit code 0."""
    command = [str(Path(sys.executable).with_name("m3w")), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)
    if check:
        assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended
