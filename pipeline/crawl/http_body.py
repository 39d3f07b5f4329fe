"""The body of an HTTP response without its transfer and content encodings, bounded against bombs."""

import io
import zlib
from collections.abc import Callable

import brotli
import zstandard
from fastwarc.warc import HeaderMap
from warcio.bufferedreaders import ChunkedDataReader

# HTML, and the signatures of JPEG, PNG, GIF and WebP.
PLAIN_STARTS = (b"<", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")
MAX_ENCODINGS = 3  # stacked content encodings; browsers send one
MAX_ZSTD_WINDOW_BYTES = 8 << 20  # RFC 8878 section 3.1.1.1.2: what a decoder of web content should support
MAX_ZSTD_FRAMES = 100  # servers send one; what follows a frame is copied for each


class BodyError(Exception):
    """The body cannot be had; the argument is the reason code: `content_encoding` or `body_too_large`."""


def decode_body(raw: bytes, headers: HeaderMap, max_body_bytes: int) -> bytes:
    """Undo `Transfer-Encoding: chunked`, then every `Content-Encoding`.

    Many crawlers keep the headers of a body that they have already decoded: a body that does not decode but starts
    like HTML or an image is taken as it is. Raises `BodyError`.
    """
    body = raw
    names = set(map(bytes.lower, headers.keys_bytes()))  # in half the time of looking up one that is not there
    if b"transfer-encoding" in names and "chunked" in (headers.get("transfer-encoding") or "").lower():
        # warcio's reader hands a body that is not chunked through unchanged.
        body = bytes(ChunkedDataReader(io.BytesIO(raw), raise_exceptions=False).read())
    if b"content-encoding" in names:
        body = _decode(body, headers.get("content-encoding") or "", max_body_bytes)
    if len(body) > max_body_bytes:
        raise BodyError("body_too_large")
    return body


def _decode(raw: bytes, content_encoding: str, max_body_bytes: int) -> bytes:
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity", "none")]
    if len(names) > MAX_ENCODINGS:
        raise BodyError("content_encoding")
    body = raw
    for name in reversed(names):
        if name not in DECODERS:
            return _as_it_is(raw)
        try:
            body = DECODERS[name](body, max_body_bytes + 1)
        except (zlib.error, brotli.error, zstandard.ZstdError, EOFError):
            return _as_it_is(raw)
        if len(body) > max_body_bytes:
            raise BodyError("body_too_large")
    return body


def _as_it_is(raw: bytes) -> bytes:
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(PLAIN_STARTS):
        return raw
    raise BodyError("content_encoding")


def _inflate(data: bytes, max_bytes: int, wbits: int) -> bytes:
    inflater = zlib.decompressobj(wbits)
    body = inflater.decompress(data, max_bytes)
    if not inflater.eof and len(body) < max_bytes:
        raise EOFError
    return body


def _gzip(data: bytes, max_bytes: int) -> bytes:
    return _inflate(data, max_bytes, 31)


def _deflate(data: bytes, max_bytes: int) -> bytes:
    """`deflate` means zlib's format (RFC 9110 section 8.4.1.2), but some servers send the bare stream."""
    try:
        return _inflate(data, max_bytes, 15)
    except zlib.error:
        return _inflate(data, max_bytes, -15)


def _brotli(data: bytes, max_bytes: int) -> bytes:
    decompressor = brotli.Decompressor()
    body = decompressor.process(data, output_buffer_limit=max_bytes)
    while len(body) < max_bytes and not decompressor.is_finished():
        more = decompressor.process(b"", output_buffer_limit=max_bytes - len(body))
        if not more:
            raise EOFError
        body += more
    return bytes(body)


def _zstd(data: bytes, max_bytes: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW_BYTES)
    with decompressor.stream_reader(io.BytesIO(data), read_across_frames=True) as reader:
        body = bytes(reader.read(max_bytes))
    if len(body) == max_bytes:
        return body
    # The reader does not tell a cut frame from a whole one. Decoding again is safe now that the length is known.
    rest = data
    for _ in range(MAX_ZSTD_FRAMES):
        frame = decompressor.decompressobj()
        frame.decompress(rest)
        rest = frame.unused_data
        if frame.eof and not rest:
            return body
    raise EOFError


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
