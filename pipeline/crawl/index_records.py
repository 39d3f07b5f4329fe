"""The records that index rows lead to, read by byte ranges of the WARC files."""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import tee
from typing import Any

from pipeline.corpus import CRAWL
from pipeline.crawl.records import MAX_ENCODING_OVERHEAD_BYTES, CaptureHead, Damage, Record, read_records
from pipeline.documents.urls import resolve
from pipeline.ranges import GoneError, Range, read_ranges
from pipeline.store import Store


@dataclass(frozen=True, slots=True)
class LostRow:
    """A row that leads to no record of its URL."""

    url: str
    file: str
    offset: int
    reason: str  # too_large; gone: no such file, or it ends before; other_url; corrupt, truncated: as in `Damage`


def read_index_records(
    rows: Iterable[dict[str, Any]],
    store: Store,
    *,
    wants_body: Callable[[CaptureHead], bool],
    max_body_bytes: int,
) -> Iterator[Record | LostRow]:
    """For every row of `index_rows/` its record, placed as in its file, or why there is none, in the order of `rows`.

    Raises `OSError` where a file cannot be read now, but perhaps later.
    """
    # What is longer, compressed, than a page may be at all is not worth its bytes.
    max_bytes = max_body_bytes + MAX_ENCODING_OVERHEAD_BYTES
    rows, ahead = tee(rows)
    ranges = (Range.of({**row, "root": CRAWL}) for row in ahead if row["warc_length"] <= max_bytes)
    found = read_ranges(ranges, lambda _: store)
    for row in rows:
        url, file, offset = row["url"], row["warc_file"], row["warc_offset"]
        data = next(found) if row["warc_length"] <= max_bytes else None
        if data is None:
            yield LostRow(url, file, offset, "too_large")
        elif isinstance(data, GoneError):
            yield LostRow(url, file, offset, "gone")
        elif isinstance(data, OSError):
            raise data
        else:
            stream = io.BytesIO(data)
            item = next(read_records(stream, relative_path=file, wants_body=wants_body, max_body_bytes=max_body_bytes))
            if isinstance(item, Damage):
                yield LostRow(url, file, offset, item.reason)
            elif item.capture and _spelling(item.capture.url) != _spelling(url):
                yield LostRow(url, file, offset, "other_url")
            else:
                yield replace(item, offset=offset + item.offset)


def _spelling(url: str) -> str:
    """One spelling for all that name the same: an index may have normalised its URLs."""
    return resolve(url, url) or url
