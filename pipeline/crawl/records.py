"""The records of a WARC or ARC file, one after another, as plain data.

1. FastWARC walks the file and parses on the way as long as nothing is wrong (`_intact_records`). It says where each
   record begins, but of damage only that there is some, and of a file's cut end not even that. So a record counts only
   once the two after it are known to begin where they should; it is shown two more behind the end of the file.
2. From the first record that is not sure on, `framing` walks the file: it finds every record that can be read and
   accounts for the bytes between them. ARC files are read in this way from their first byte.

To frame every record and inflate its member by libdeflate was measured too: 0.6 to 0.9 of FastWARC's speed where this
has 0.8 to 0.95 (benchmarks/warc_reading.py), for it has to look for members' ends.

`parsing` says what a record holds; `http_body` undoes its encodings. Memory is bounded by three records, each cut at
the largest body that is asked for.
"""

import gzip
import io
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from fastwarc.warc import ArchiveIterator, WarcHeader, WarcRecordType

from pipeline.crawl.framing import GZIP_MAGIC, MAX_HEAD_BYTES, Damage, frames
from pipeline.crawl.http_body import BodyError, decode_body
from pipeline.crawl.parsing import Capture, CaptureHead, Readable, parse_arc_bytes, parse_warc, parse_warc_bytes

__all__ = ["Capture", "CaptureHead", "Damage", "Record", "read_records"]

# Chunked and content encodings may make a body longer than it is decoded, by little; more is no honest page.
MAX_ENCODING_OVERHEAD_BYTES = 1 << 16

# How FastWARC's numbers are written in a record. A type that it does not know may be a header read wrongly.
WARC_TYPES = {
    int(getattr(WarcRecordType, name)): name
    for name in (
        "warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"
    )
}  # fmt: skip

# An empty record that every file of the sort is followed by, by the first bytes of the sort.
PLAIN_MARK = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
END_MARKS = {b"WAR": PLAIN_MARK, GZIP_MAGIC: gzip.compress(PLAIN_MARK, mtime=0)}


@dataclass(slots=True)
class Record:
    """One record: `file[offset:offset + length]` alone is a readable WARC or ARC record.

    `capture` is None where the record describes none; then `problem` says why. A capture may have a problem too: its
    body cannot be had. Codes: not_a_response, revisit, no_target_uri, bad_date, bad_warc_header, bad_http_header,
    content_encoding, body_too_large.
    """

    file: str  # relative path
    offset: int
    length: int
    warc_type: str
    capture: Capture | None
    problem: str | None


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
        position = yield from _intact_records(stream, start, relative_path, wants_body, max_body_bytes)
        for item in _framed_records(stream, position, relative_path, wants_body, max_body_bytes):
            yield item
            position = item.offset + item.length
    except OSError as error:
        raise OSError(f"{relative_path} could not be read after byte {position}: {error}") from error


def _framed_records(
    stream: BinaryIO, start: int, file: str, wants_body: Callable[[CaptureHead], bool], max_body_bytes: int
) -> Iterator[Record | Damage]:
    """Every record from `start` on, and the damage between them."""
    # Header blocks have a limit of their own, so that a record is cut in its body only.
    for item in frames(stream, start, MAX_HEAD_BYTES + max_body_bytes + MAX_ENCODING_OVERHEAD_BYTES):
        if isinstance(item, Damage):
            yield item
        else:
            parse = parse_arc_bytes if item.is_arc else parse_warc_bytes
            warc_type, capture, problem, body_bytes, body = parse(item.data)
            if capture and wants_body(capture):
                problem = _read_body(capture, body_bytes, body, max_body_bytes)
            yield Record(file, item.offset, item.length, warc_type, capture, problem)


def _intact_records(
    stream: BinaryIO, start: int, file: str, wants_body: Callable[[CaptureHead], bool], max_body_bytes: int
) -> Generator[Record, None, int]:
    """The records from `start` on up to two before the first that is not sure; all of them if nothing is wrong.

    Returns where they end.

    Two, because FastWARC says that the second record of a gzip member begins where the next member does: such a
    member is found out by the third record, which begins there too.
    """
    stream.seek(start)
    end_mark = END_MARKS.get(stream.read(len(GZIP_MAGIC)))
    if not end_mark:
        return start
    stream.seek(start)
    last_but_one, last = None, None
    try:
        for found in ArchiveIterator(_Continued(stream, end_mark * 2), parse_http=False):
            offset, warc_type = found.stream_pos, WARC_TYPES.get(int(found.record_type))
            if offset <= last.offset if last else offset != start:
                break
            if warc_type is None or not (found.content_length or WarcHeader.CONTENT_LENGTH in found.headers):
                break
            capture, problem = parse_warc(found, warc_type)
            if capture and wants_body(capture):
                problem = _read_body(capture, found.content_length, found.reader, max_body_bytes)
            if last_but_one:
                yield last_but_one
            if last:
                last.length = offset - last.offset
            last_but_one, last = last, Record(file, offset, 0, warc_type, capture, problem)
    except OSError:
        pass  # FastWARC's, about damage; where the stream itself fails, it does so again for `frames`
    first_unsure = last_but_one or last
    return first_unsure.offset if first_unsure else start


class _Continued(io.RawIOBase):
    """A stream, as FastWARC reads one, with `more` behind its end."""

    def __init__(self, stream: BinaryIO, more: bytes) -> None:
        self._stream, self._more = stream, io.BytesIO(more)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size) or self._more.read(size)


def _read_body(capture: Capture, body_bytes: int, body: Readable, max_body_bytes: int) -> str | None:
    """Put the decoded body into the capture; returns the problem if it cannot be had."""
    if body_bytes > max_body_bytes + MAX_ENCODING_OVERHEAD_BYTES:
        return "body_too_large"
    try:
        capture.body = decode_body(body.read(), capture.http_headers, max_body_bytes)
    except BodyError as error:
        return str(error)
    return None
