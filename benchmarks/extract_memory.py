"""Peak memory of extract on one WARC file of 1, 10 and 40 times the pages: it must not grow with their number.

    python benchmarks/extract_memory.py PAGES.warc.gz

Gzip members make a longer archive when they are put one after another, so the longer files are the same pages again.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, help="a .warc.gz file with pages")
    pages = parser.parse_args().pages.read_bytes()
    for times in (1, 10, 40):
        with tempfile.TemporaryDirectory() as name:
            crawl = Path(name) / "pages.warc.gz"
            crawl.write_bytes(pages * times)
            peak_mib = peak_memory_mib(crawl, Path(name) / "corpus")
            print(f"{times:3d} x {len(pages) / 2**20:.1f} MiB: peak {peak_mib:.0f} MiB")


def peak_memory_mib(crawl: Path, corpus: Path) -> float:
    """The kernel's own maximum for one process that runs extract alone."""
    command = [str(Path(sys.executable).with_name("m3w")), "build", str(crawl), "--output", str(corpus)]
    command += ["--stages", "extract", "--workers", "1", "--direct-running-mode", "in_memory"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"extract failed with status {status}")
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
