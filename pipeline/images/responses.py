"""Images as WARC records: what was fetched is written, and any image record read (WARC 1.1, ISO 28500:2017)."""

import hashlib
import io
import uuid
from datetime import UTC, datetime
from typing import NamedTuple

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType
from warcio.bufferedreaders import ChunkedDataReader

from pipeline.images.client import Response
from pipeline.images.content_encoding import decode_body
from pipeline.images.problem import ImageProblem


class StoredImage(NamedTuple):
    """An image as its record holds it."""

    http_status: int | None  # None for a `resource` record
    headers: tuple[tuple[str, str], ...]  # HTTP headers in order, bytes as Latin-1; of a resource its Content-Type
    body: bytes  # without transfer and content encoding


def response_record(response: Response, fetched_at: datetime) -> bytes:
    """One uncompressed `response` record; the same arguments give the same bytes.

    The record says `final_url` as its target, for that is what answered; its id derives from the URL asked for and
    the body. Transfer-Encoding is left out of the headers, as the body is stored without it.
    """
    head = [f"{response.http_version} {response.status} {response.reason_phrase}"]
    head += [f"{name}: {value}" for name, value in response.headers if name.lower() != "transfer-encoding"]
    return _record(
        "response",
        identity=response.url,
        target=response.final_url,
        date=fetched_at,
        content_type="application/http; msgtype=response",
        head="\r\n".join([*head, "", ""]).encode("latin-1"),
        body=response.body,
    )


def resource_record(body: bytes, content_type: str, crawled_at: datetime) -> bytes:
    """One uncompressed `resource` record for bytes that no URL leads to (`data:` images), named by their hash."""
    urn = f"urn:sha256:{hashlib.sha256(body).hexdigest()}"
    return _record(
        "resource", identity=urn, target=urn, date=crawled_at, content_type=content_type, head=b"", body=body
    )


def _record(
    type_: str, *, identity: str, target: str, date: datetime, content_type: str, head: bytes, body: bytes
) -> bytes:
    if date.tzinfo is None:
        raise ValueError("WARC-Date needs a time with a zone")
    digest = hashlib.sha256(body).hexdigest()
    record = WarcRecord()
    record.headers.status_line = "WARC/1.1"
    for name, value in (
        ("WARC-Type", type_),
        ("WARC-Record-ID", f"<{uuid.uuid5(uuid.NAMESPACE_URL, f'{digest} {identity}').urn}>"),
        ("WARC-Date", date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("WARC-Target-URI", target),
        ("WARC-Payload-Digest", f"sha256:{digest}"),
        ("Content-Type", content_type),
    ):
        record.headers.append(name, value)
    record.set_bytes_content(head + body)
    written = io.BytesIO()
    record.write(written)
    return written.getvalue()


def read_image_record(record: bytes, *, max_bytes: int) -> StoredImage:
    """Read one WARC record, a gzip member or uncompressed, of type `response` or `resource`.

    Raises `ImageProblem`: `bad_record` if it is none of these, or cut short; `too_large` if the record's block or the
    decoded body has more than `max_bytes`; `content_encoding` as `decode_body` does.
    """
    try:
        found = next(ArchiveIterator(io.BytesIO(record), parse_http=False), None)
        if found is None:
            raise ImageProblem("bad_record", "no WARC record")
        is_response = found.record_type == WarcRecordType.response and found.is_http
        if not is_response and found.record_type != WarcRecordType.resource:
            raise ImageProblem("bad_record", f"a record of type {found.record_type}")
        if is_response:
            found.parse_http(auto_decode="none", quirks_mode=True)  # some servers end header lines with LF alone
        length = found.content_length
        if length > max_bytes:
            raise ImageProblem("too_large", f"{length} bytes")
        body = found.reader.read(length)
    except OSError as error:
        raise ImageProblem("bad_record", str(error)) from error
    if len(body) < length:
        raise ImageProblem("bad_record", f"cut short: {len(body)} of {length} bytes")
    if not is_response:
        return StoredImage(None, (("Content-Type", found.headers.get("Content-Type") or ""),), body)
    if found.http_headers.status_code is None:
        raise ImageProblem("bad_record", "no HTTP status line")
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in found.http_headers.items_bytes()
    )
    if any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        # Some crawlers keep the chunks, some take them out and keep the header: this reader takes both.
        body = ChunkedDataReader(io.BytesIO(body)).read()
    return StoredImage(found.http_headers.status_code, headers, decode_body(headers, body, max_bytes))
