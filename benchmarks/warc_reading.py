"""Records a second: `read_records` against bare FastWARC and warcio on the same files, on one core.

    python benchmarks/warc_reading.py FILE.warc.gz...

All read the bodies of responses. Ours also decodes those of pages, and gives exact offsets, lengths and damage; "with
facts" is FastWARC when URL, date, status and HTTP headers are read too, as ours does. Gzip members make a longer
archive when they are put one after another (`cat`), plain records too. Times are of the processor, the best of several
rounds in which the readers take turns.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcHeader, WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from pipeline.crawl.records import CaptureHead, read_records

MAX_BODY_BYTES = 10 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", help="WARC files, plain or gzipped")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(f"{'records':>8} {'ours/s':>8} {'fastwarc/s':>10} {'with facts':>10} {'warcio/s':>8} {'ours/fastwarc':>13}")
    for path in options.files:
        counts, seconds = measure(path, options.rounds)
        if len(set(counts.values())) > 1:
            raise SystemExit(f"{path}: the readers do not agree on the number of records: {counts}")
        count = counts["ours"]
        ours, fastwarc, with_facts, warcio = (count / seconds[name] for name in READERS)
        print(
            f"{count:8d} {ours:8,.0f} {fastwarc:10,.0f} {with_facts:10,.0f} {warcio:8,.0f} {ours / fastwarc:13.2f}"
            f"  {path.name}"
        )


def measure(path: Path, rounds: int) -> tuple[dict[str, int], dict[str, float]]:
    """How many records each reader sees, and how many seconds that takes it."""
    counts, seconds = {}, dict.fromkeys(READERS, float("inf"))
    for _ in range(rounds):
        for name, read in READERS.items():
            start = time.process_time()
            counts[name] = read(path)
            seconds[name] = min(seconds[name], time.process_time() - start)
    return counts, seconds


def read_ours(path: Path) -> int:
    with path.open("rb") as stream:
        records = read_records(stream, relative_path=path.name, wants_body=is_page, max_body_bytes=MAX_BODY_BYTES)
        return sum(1 for _ in records)


def is_page(head: CaptureHead) -> bool:
    return head.status == 200 and head.content_type in ("text/html", "application/xhtml+xml")


def read_fastwarc(path: Path) -> int:
    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True):
            count += 1
            if record.record_type == WarcRecordType.response:
                record.reader.read()
    return count


def read_fastwarc_with_facts(path: Path) -> int:
    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True):
            count += 1
            if record.record_type == WarcRecordType.response:
                _ = record.headers.get(WarcHeader.WARC_TARGET_URI), record.record_id, record.record_date
                if record.http_headers:
                    _ = record.http_headers.status_code, record.http_headers.to_tuples()
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
    "fastwarc with facts": read_fastwarc_with_facts,
    "warcio": read_warcio,
}

if __name__ == "__main__":
    main()
