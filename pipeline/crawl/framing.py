"""Where the records of a WARC or ARC file lie, and the bytes that hold none.

Invariant: the frames and damages of a file follow one another without gap or overlap, from the start offset to the
end of the file. Padding (zeros, white space) belongs to what stands before it.

A record is either one gzip member that holds exactly one record, or a plain record. Which of the two, and WARC or ARC,
is decided anew at every record by its first bytes, so a file needs no name, and after damage the walk goes on at the
next place where a record starts.

What cannot be seen: bytes cut out of plain records so that the first one's Content-Length, which now reaches into what
follows, ends in the line ends before a later record. It looks whole, and the records between are taken for its end. Of
12,000 random cuts of up to 20 kB in plain WARC files 11 lost a record so. With a gzip member a record none does, for a
member has a checksum. The block's digest would tell, but to compute it takes several times as long as to read a plain
record.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

CHUNK_BYTES = 1 << 18  # one read of the file; a Common Crawl record has 30 kB
MAX_HEAD_BYTES = 1 << 16  # a record's own header; twice what FastWARC reads (32 KiB)
PROBE_BYTES = 1 << 12  # what has to be seen to know that a record starts: one ARC line with a long URL
INFLATE_BYTES = 1 << 20  # most bytes inflated at once, whatever the member claims

MAX_PADDING_BYTES = 64  # after a record inside its gzip member; the specification has 4

GZIP_MAGIC = b"\x1f\x8b\x08"
PADDING = b"\x00 \t\r\n"

WARC_START = re.compile(rb"WARC/\d\.\d{1,2}\r?\n")  # drafts before 1.0 (0.17, 0.18) were in wide use
# ARC 1.0 and 2.0 (Internet Archive, "Arc File Format", 1996): URL, IP, date, type, ..., length, all on one line.
ARC_START = re.compile(
    rb"[a-z][a-z0-9+.-]{0,20}:[^\s]{0,3800} [0-9a-fA-F.:]{1,45} \d{8,14} (?:[^\r\n]{1,200} )?\d{1,12}\r?\n"
)
# A place that may be a record's start. What stands before a WARC header may be damaged; ARC's has no other mark.
CANDIDATE = re.compile(rb"\x1f\x8b\x08|" + WARC_START.pattern + rb"[\w-]+:|(?<=\n)" + ARC_START.pattern)
CONTENT_LENGTH = re.compile(rb"\ncontent-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?\n", re.IGNORECASE)
END_OF_BLOCK = re.compile(rb"\r?\n\r?\n")


class Frame(NamedTuple):
    """One record: `data` is its header, then its content block, cut after the `max_block_bytes` asked for."""

    offset: int
    length: int
    is_arc: bool
    data: bytes
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that hold no readable record."""

    offset: int
    length: int
    reason: str  # truncated: the file ends inside a record; corrupt; several_records_in_a_gzip_member


class _UnreadableError(Exception):
    """No record can be read here; the argument is the reason code."""


class _Window:
    """Random access to a binary stream through one buffer."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.size = stream.seek(0, 2)
        self.start = 0
        self.buffer = b""

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`; fewer only at the end of the file."""
        at = offset - self.start
        if not 0 <= at <= at + count <= len(self.buffer):
            self._move_to(offset, count)
            at = 0
        return self.buffer[at : at + count]

    def _move_to(self, offset: int, count: int) -> None:
        """Read on from what is buffered, so that a stream is read in one direction as long as nothing is damaged."""
        at = offset - self.start
        parts = [self.buffer[at:]] if 0 <= at <= len(self.buffer) else []
        have = len(parts[0]) if parts else 0
        self.stream.seek(offset + have)
        wanted = min(max(count, CHUNK_BYTES), self.size - offset) - have
        while wanted > 0 and (part := self.stream.read(wanted)):
            parts.append(part)
            wanted -= len(part)
        self.start, self.buffer = offset, b"".join(parts)


def frames(stream: BinaryIO, start: int, max_block_bytes: int) -> Iterator[Frame | Damage]:
    """Every record of a seekable stream from byte `start` on, and the damage between them.

    Raises `OSError` where the stream itself cannot be read.
    """
    window = _Window(stream)
    position = start
    while position < window.size:
        try:
            frame = _frame_at(window, position, max_block_bytes)
            position += frame.length
            yield frame
        except _UnreadableError as error:
            end = _next_start(window, position + 1)
            # A record that runs past the end of the file was cut only if no other record follows it.
            reason = str(error) if str(error) != "truncated" or end == window.size else "corrupt"
            yield Damage(position, end - position, reason)
            position = end


def _frame_at(window: _Window, offset: int, max_block_bytes: int) -> Frame:
    keep_bytes = MAX_HEAD_BYTES + max_block_bytes
    first = window.read_at(offset, PROBE_BYTES)
    if first.startswith(GZIP_MAGIC):
        end, data, data_bytes = _inflate(window, offset, keep_bytes)
        is_arc, record_bytes = _measure(data)
        _check_rest(data[record_bytes:], data_bytes - max(record_bytes, len(data)), record_bytes > data_bytes)
    else:
        is_arc, record_bytes = _measure(window.read_at(offset, MAX_HEAD_BYTES))
        end = offset + record_bytes
        if end > window.size:
            raise _UnreadableError("truncated")
        data = window.read_at(offset, min(record_bytes, keep_bytes))
        following = window.read_at(end, PROBE_BYTES)
        line_ends = following.startswith(b"\n") if is_arc else END_OF_BLOCK.match(following)
        rest = following.lstrip(PADDING) if line_ends else following
        # What follows is no record, but the length is right if it leads to line ends and not across another record.
        if rest and not _starts_record(rest) and not (line_ends and _next_start(window, offset + 1) >= end):
            raise _UnreadableError("corrupt")
    length = _skip_padding(window, end) - offset
    return Frame(offset, length, is_arc, data[:record_bytes], record_bytes > len(data))


def _inflate(window: _Window, offset: int, keep_bytes: int) -> tuple[int, bytes, int]:
    """Inflate the gzip member at `offset`: where it ends, its first `keep_bytes` bytes, and its full length."""
    inflater = zlib.decompressobj(wbits=31)
    position, total, kept = offset, 0, bytearray()
    pending = b""
    while not inflater.eof:
        if not pending:
            pending = window.read_at(position, CHUNK_BYTES)
            position += len(pending)
            if not pending:
                raise _UnreadableError("truncated")
        try:
            piece = inflater.decompress(pending, INFLATE_BYTES)
        except zlib.error:
            raise _UnreadableError("corrupt") from None
        pending = inflater.unconsumed_tail
        if total < PROBE_BYTES <= total + len(piece) and not _is_start((bytes(kept) + piece)[:PROBE_BYTES]):
            raise _UnreadableError("corrupt")  # do not inflate what is no record
        total += len(piece)
        kept += piece[: max(keep_bytes - len(kept), 0)]
    return position - len(inflater.unused_data), bytes(kept), total


def _measure(data: bytes) -> tuple[bool, int]:
    """Whether a record is ARC, and its length in bytes: header and content block."""
    if WARC_START.match(data):
        head_bytes = _head_bytes(data)
        if content_length := CONTENT_LENGTH.search(data, 0, head_bytes):
            return False, head_bytes + int(content_length[1])
    elif line := ARC_START.match(data):
        return True, line.end() + int(line[0].split()[-1])
    raise _UnreadableError("corrupt")


def _head_bytes(data: bytes) -> int:
    """The length of a WARC header with the empty line that ends it; 0 if none does."""
    with_return = data.find(b"\n\r\n", 0, MAX_HEAD_BYTES)  # two of these take a tenth of a regular expression's time
    bare = data.find(b"\n\n", 0, with_return + 1 or MAX_HEAD_BYTES)
    return bare + 2 if bare >= 0 else with_return + 3 if with_return >= 0 else 0


def _check_rest(rest: bytes, unseen_bytes: int, is_short: bool) -> None:
    """Check what a gzip member holds after its record: nothing but padding, or the member is unreadable."""
    if is_short:
        raise _UnreadableError("corrupt")
    if unseen_bytes > MAX_PADDING_BYTES or _is_start(rest.lstrip(PADDING)):
        raise _UnreadableError("several_records_in_a_gzip_member")
    if rest.strip(PADDING):
        raise _UnreadableError("corrupt")


def _is_start(data: bytes) -> bool:
    return bool(WARC_START.match(data) or ARC_START.match(data))


def _starts_record(data: bytes) -> bool:
    """Whether `data`, the bytes at some offset, begin a record, plain or as a gzip member."""
    if not data.startswith(GZIP_MAGIC):
        return _is_start(data)
    try:
        return _is_start(zlib.decompressobj(wbits=31).decompress(data, PROBE_BYTES))
    except zlib.error:
        return False


def _skip_padding(window: _Window, position: int) -> int:
    while chunk := window.read_at(position, 64):
        rest = chunk.lstrip(PADDING)
        position += len(chunk) - len(rest)
        if rest:
            break
    return position


def _next_start(window: _Window, position: int) -> int:
    """The next offset from `position` on at which a record starts, or the end of the file."""
    while position < window.size:
        chunk = window.read_at(position - 1, CHUNK_BYTES)  # one byte more on the left, for the look-behind
        for candidate in CANDIDATE.finditer(chunk, 1):
            offset = position - 1 + candidate.start()
            if _starts_record(window.read_at(offset, PROBE_BYTES)):
                return offset
        if position - 1 + len(chunk) >= window.size:
            break
        position += len(chunk) - PROBE_BYTES  # what the chunk's end cut is seen again
    return window.size
