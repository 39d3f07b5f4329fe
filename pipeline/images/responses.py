"""Images as WARC records: what was fetched is written, and any image record read (WARC 1.1, ISO 28500:2017)."""

import hashlib
import io
import uuid
from datetime import UTC, datetime
from typing import NamedTuple

from fastwarc.warc import WarcRecord

from pipeline.crawl.records import CaptureHead, Record, read_records
from pipeline.images.client import Response
from pipeline.images.problem import ImageProblem


class StoredImage(NamedTuple):
    """An image as its record holds it."""

    http_status: int  # 200 for a `resource` record
    headers: tuple[tuple[str, str], ...]  # HTTP headers in order; none of a `resource` record
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
    """Read one WARC or ARC record that holds an image, plain or as a gzip member.

    Raises `ImageProblem`: `bad_record` if it is none, or cut short; `too_large` if its body, encoded or decoded, has
    more than `max_bytes`; `content_encoding` if the body is not what its headers say.
    """
    found = next(read_records(io.BytesIO(record), relative_path="", wants_body=_any, max_body_bytes=max_bytes), None)
    if not isinstance(found, Record) or found.capture is None:
        raise ImageProblem("bad_record", found.problem or "" if isinstance(found, Record) else "no whole record")
    if found.capture.body is None:
        problem = found.problem or "bad_record"
        raise ImageProblem("too_large" if problem == "body_too_large" else problem)
    return StoredImage(found.capture.status, found.capture.headers, found.capture.body)


def _any(_: CaptureHead) -> bool:
    return True
