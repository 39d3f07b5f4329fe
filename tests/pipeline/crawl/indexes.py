"""Columnar indexes as Common Crawl writes them, of archives at hand."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.crawl.records import Record, read_records

# The columns that are used, with the types that Common Crawl's tables have.
COLUMNS = pa.schema(
    [
        ("url", pa.string()),
        ("url_host_name", pa.string()),
        ("url_host_registered_domain", pa.string()),
        ("fetch_time", pa.timestamp("ms")),
        ("fetch_status", pa.int16()),
        ("content_mime_type", pa.string()),
        ("content_mime_detected", pa.string()),
        ("content_languages", pa.string()),
        ("content_truncated", pa.string()),
        ("warc_filename", pa.string()),
        ("warc_record_offset", pa.int32()),
        ("warc_record_length", pa.int32()),
    ]
)


def index_rows(base: Path, files: Iterable[Path]) -> list[dict[str, Any]]:
    """One row for every capture in `files`, which lie below `base`."""
    return [row for file in files for row in _rows_of(file, str(file.relative_to(base)))]


def _rows_of(file: Path, name: str) -> Iterable[dict[str, Any]]:
    with file.open("rb") as stream:
        for record in read_records(stream, relative_path=name, wants_body=lambda _: False, max_body_bytes=1):
            if isinstance(record, Record) and record.capture:
                yield place(record.capture.url, name, record.offset, record.length) | {
                    "fetch_status": record.capture.status,
                    "content_mime_type": record.capture.content_type,
                    "content_mime_detected": record.capture.content_type,
                }


def place(url: str, file: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {
        "url": url,
        "warc_filename": file,
        "warc_record_offset": offset,
        "warc_record_length": length,
        "url_host_name": url.split("/")[2] if "//" in url else None,
        **more,
    }


def write_index(
    path: Path, rows: list[dict[str, Any]], columns: Iterable[str] = COLUMNS.names, *, rows_per_group: int = 50
) -> Path:
    """`rows` as the Parquet file `path`; those of their columns that are not in `columns` are left out."""
    schema = pa.schema([COLUMNS.field(name) for name in columns])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path, row_group_size=rows_per_group)
    return path
