"""The records of a WARC or ARC file, one after another, as plain data.

`framing` finds where a record lies; FastWARC (WARC) or warcio (ARC) parses it; `http_body` undoes its encodings.
Memory is bounded by one record, cut at the largest body that is asked for.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from fastwarc.warc import WarcRecord
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecordLoader

from pipeline.crawl.framing import Damage, Frame, frames
from pipeline.crawl.http_body import BodyError, Headers, decode_body, header

__all__ = ["Capture", "CaptureHead", "Damage", "Record", "read_records"]

# Chunked and content encodings may make a body longer than it is decoded, by little; more is no honest page.
MAX_ENCODING_OVERHEAD_BYTES = 1 << 16

HTTP_URL = re.compile(r"https?://", re.IGNORECASE)
RESOURCE_URL = re.compile(r"https?://|urn:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CaptureHead:
    """What a crawl says about one URL at one time, without the body."""

    url: str
    record_id: str | None  # WARC-Record-ID as written; None for ARC
    crawled_at: datetime  # UTC
    status: int
    headers: tuple[tuple[str, str], ...]  # HTTP headers as sent; none for a `resource` record
    content_type: str  # lower case, without parameters; '' if none
    http_content_type_header: str | None


@dataclass(frozen=True, slots=True)
class Capture(CaptureHead):
    """A capture and its body after transfer and content decoding; None if not wanted or not to be had."""

    body: bytes | None


@dataclass(frozen=True, slots=True)
class Record:
    """One record: `file[offset:offset + length]` alone is a readable WARC or ARC record.

    `capture` is None where the record describes none; then `problem` says why. A capture may have a problem too: its
    body cannot be had. Codes: not_a_response, revisit, no_target_uri, bad_date, bad_warc_header, bad_http_header,
    content_encoding, body_too_large.
    """

    offset: int
    length: int
    warc_type: str
    capture: Capture | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A record as its parser sees it; `read_block` gives the HTTP body, still encoded."""

    warc_type: str
    head: CaptureHead | None
    problem: str | None
    read_block: Callable[[], bytes] = bytes


def read_records(
    stream: BinaryIO,
    *,
    relative_path: str,
    wants_body: Callable[[CaptureHead], bool],
    max_body_bytes: int,
    start: int = 0,
) -> Iterator[Record | Damage]:
    """Every record of a seekable binary stream from byte `start` (a record's offset) on, and the damage between them.

    The lengths of all items add up to the stream's size less `start`. Bodies are read where `wants_body` says so, and
    only up to `max_body_bytes`, before and after decoding. Raises `OSError`, naming `relative_path`, where the stream
    cannot be read; damaged content never raises.
    """
    position = start
    try:
        for item in frames(stream, start, max_body_bytes + MAX_ENCODING_OVERHEAD_BYTES):
            yield item if isinstance(item, Damage) else _record(item, wants_body, max_body_bytes)
            position = item.offset + item.length
    except OSError as error:
        raise OSError(f"{relative_path} could not be read after byte {position}: {error}") from error


def _record(frame: Frame, wants_body: Callable[[CaptureHead], bool], max_body_bytes: int) -> Record:
    parsed = _parse_arc(frame.data) if frame.is_arc else _parse_warc(frame.data)
    capture, problem = None, parsed.problem
    if head := parsed.head:
        body = None
        if wants_body(head):
            try:
                if frame.is_cut:
                    raise BodyError("body_too_large")
                body = decode_body(parsed.read_block(), head.headers, max_body_bytes)
            except BodyError as error:
                problem = str(error)
        capture = Capture(
            head.url,
            head.record_id,
            head.crawled_at,
            head.status,
            head.headers,
            head.content_type,
            head.http_content_type_header,
            body,
        )
    return Record(frame.offset, frame.length, parsed.warc_type, capture, problem)


def _parse_warc(data: bytes) -> _Parsed:
    try:
        # Old writers end header lines with a bare line feed, which FastWARC reads in quirks mode alone.
        record = WarcRecord.from_reader(io.BytesIO(data), quirks_mode=data[: data.index(b"\n") + 1][-2:-1] != b"\r")
    except (OSError, ValueError):
        return _Parsed("unknown", None, "bad_warc_header")
    warc_type = (record.headers.get("WARC-Type") or "unknown").lower()
    url = (record.headers.get("WARC-Target-URI") or "").strip().strip("<>")  # WARC 1.0's grammar has the brackets
    if warc_type == "revisit":
        return _Parsed(warc_type, None, "revisit")
    if warc_type not in ("response", "resource"):
        return _Parsed(warc_type, None, "not_a_response")
    if not url:
        return _Parsed(warc_type, None, "no_target_uri")
    if record.record_date is None:
        return _Parsed(warc_type, None, "bad_date")
    crawled_at = record.record_date.astimezone(UTC)
    if warc_type == "resource":
        if not RESOURCE_URL.match(url):
            return _Parsed(warc_type, None, "not_a_response")
        content_type = record.headers.get("Content-Type")
        head = _head(url, record.record_id, crawled_at, 200, (), content_type)
        return _Parsed(warc_type, head, None, record.reader.read)
    if not HTTP_URL.match(url):
        return _Parsed(warc_type, None, "not_a_response")
    try:
        record.is_http = True  # also where the record's own Content-Type says otherwise
        record.parse_http(quirks_mode=True)
    except (OSError, ValueError):
        return _Parsed(warc_type, None, "bad_http_header")
    headers, status = record.http_headers.to_tuples(), record.http_headers.status_code
    if not status or not (record.http_headers.status_line or "").startswith("HTTP/"):
        return _Parsed(warc_type, None, "bad_http_header")
    head = _head(url, record.record_id, crawled_at, status, headers, header(headers, "Content-Type"))
    return _Parsed(warc_type, head, None, record.reader.read)


def _parse_arc(data: bytes) -> _Parsed:
    """ARC has no record types: what is HTTP is a response."""
    try:
        record = ArcWarcRecordLoader().parse_record_stream(io.BytesIO(data), known_format="arc")
    except (ArchiveLoadFailed, EOFError, ValueError, KeyError, IndexError):
        return _Parsed("unknown", None, "bad_warc_header")
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if record.rec_type != "response" or not HTTP_URL.match(url):
        return _Parsed(record.rec_type, None, "not_a_response")
    try:
        crawled_at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")).astimezone(UTC)
    except (TypeError, ValueError):
        return _Parsed(record.rec_type, None, "bad_date")
    status = record.http_headers.get_statuscode() if record.http_headers else ""
    if not status.isdecimal() or not record.http_headers.protocol.startswith("HTTP/"):
        return _Parsed(record.rec_type, None, "bad_http_header")
    headers = tuple(record.http_headers.headers)
    head = _head(url, None, crawled_at, int(status), headers, header(headers, "Content-Type"))
    return _Parsed(record.rec_type, head, None, record.raw_stream.read)


def _head(
    url: str, record_id: str | None, crawled_at: datetime, status: int, headers: Headers, content_type: str | None
) -> CaptureHead:
    bare_type = (content_type or "").partition(";")[0].strip().lower()
    return CaptureHead(url, record_id, crawled_at, status, tuple(headers), bare_type, content_type)
