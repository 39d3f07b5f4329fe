"""Records a second: `read_records` against bare FastWARC and warcio on the same files, on one core.

    python benchmarks/warc_reading.py FILE.warc.gz...

All parse HTTP headers and read the bodies of responses. Ours also knows URL, id, date, status and type of each capture,
decodes the bodies of pages, and gives exact offsets, lengths and damage; "same work" is FastWARC when it looks up these
facts and decodes those bodies too. Times are of the processor; a file is read as often as fills a twentieth of a
second, the readers take turns, and what is printed are medians, of the ratios those of each turn. Gzip members make a
longer archive when they are put one after another (`cat`), plain records too.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from fastwarc.warc import ArchiveIterator, WarcHeader, WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from pipeline.crawl.parsing import is_page
from pipeline.crawl.records import read_records

MAX_BODY_BYTES = 10 << 20
MIN_SECONDS = 0.05  # of the processor, in which its clock is exact


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="WARC files, plain or gzipped")
    parser.add_argument("--turns", type=int, default=11)
    options = parser.parse_args()
    print("records a second; ours as a share of FastWARC, and of FastWARC doing the same work")
    print(f"{'records':>8}" + "".join(f"{name:>20}" for name in READERS) + f"{'share':>8}{'same work':>11}")
    for path in options.files:
        counts = {name: read(path) for name, read in READERS.items()}
        count = counts["ours"]
        if len(set(counts.values())) > 1:
            raise SystemExit(f"{path}: the readers do not agree on the number of records: {counts}")
        turns = [measure(path) for _ in range(options.turns)]
        rates = "".join(f"{count / median(turn[name] for turn in turns):20,.0f}" for name in READERS)
        shares = (median(turn[peer] / turn["ours"] for turn in turns) for peer in ("fastwarc", "fastwarc, same work"))
        print(f"{count:8d}{rates}{next(shares):8.2f}{next(shares):11.2f}  {path.name}")


def measure(path: Path) -> dict[str, float]:
    """How many seconds one reading of the file takes each reader."""
    seconds = {}
    for name, read in READERS.items():
        times, start = 0, time.process_time()
        while (taken := time.process_time() - start) < MIN_SECONDS:
            read(path)
            times += 1
        seconds[name] = taken / times
    return seconds


def read_ours(path: Path) -> int:
    with path.open("rb") as stream:
        records = read_records(stream, relative_path=path.name, wants_body=is_page, max_body_bytes=MAX_BODY_BYTES)
        return sum(1 for _ in records)


def read_fastwarc(path: Path) -> int:
    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True):
            count += 1
            if record.record_type == WarcRecordType.response:
                record.reader.read()
    return count


def read_fastwarc_with_the_same_work(path: Path) -> int:
    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True, auto_decode="all"):
            count += 1
            if record.record_type == WarcRecordType.response:
                _ = record.headers.get(WarcHeader.WARC_TARGET_URI), record.record_id, record.record_date
                if record.http_headers:
                    _ = record.http_headers.status_code, record.http_content_type
                record.reader.read()
    return count


def read_warcio(path: Path) -> int:
    count = 0
    with path.open("rb") as stream:
        for record in WarcioIterator(stream):
            count += 1
            if record.rec_type == "response":
                record.raw_stream.read()
    return count


READERS: dict[str, Callable[[Path], int]] = {
    "ours": read_ours,
    "fastwarc": read_fastwarc,
    "fastwarc, same work": read_fastwarc_with_the_same_work,
    "warcio": read_warcio,
}

if __name__ == "__main__":
    main()
