"""Archive files for tests: small ones written by warcio, and the genuine ones of the shared data folder."""

import io

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.crawl.records import Damage, Record, read_records
from tests.places import SHARED

ARCHIVES = sorted((SHARED / "archives").glob("*arc.gz")) + sorted((SHARED / "sample_crawl").glob("*.pages.warc.gz"))

HTML = b"<html><body><p>Hello</p></body></html>"
ARC_FILE = b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain 10\n1 0 Inter\n\n"
DATE = "2024-05-18T01:58:10Z"


def response(
    body: bytes = HTML,
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),),
    *,
    url: str = "http://example.org/page",
    status: str = "200 OK",
    warc_type: str = "response",
    warc_headers: dict[str, str] | None = None,
    gzip: bool = True,
) -> bytes:
    """One record as a crawler would write it."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzip)
    http = (
        StatusAndHeaders(status, list(headers), protocol="HTTP/1.1") if warc_type in ("response", "revisit") else None
    )
    record = writer.create_warc_record(
        url,
        warc_type,
        payload=io.BytesIO(body),
        http_headers=http,
        warc_headers_dict={"WARC-Date": DATE, "WARC-Record-ID": "<urn:uuid:1>", **(warc_headers or {})},
    )
    writer.write_record(record)
    return out.getvalue()


def plain(head: str, block: bytes) -> bytes:
    """An uncompressed record with a header of one's own; `Content-Length` is added."""
    return f"WARC/1.0\r\n{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def read(data: bytes, *, max_body_bytes: int = 1 << 20, start: int = 0) -> list[Record | Damage]:
    """Every item of an archive, after checking that the items cover it without gap or overlap."""
    stream = io.BytesIO(data)
    items = list(
        read_records(
            stream, relative_path="x.warc.gz", wants_body=lambda _: True, max_body_bytes=max_body_bytes, start=start
        )
    )
    position = start
    for item in items:
        assert item.offset == position
        assert item.length > 0
        position += item.length
    assert position == len(data)
    return items
