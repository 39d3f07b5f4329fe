"""Undo HTTP's Content-Encoding without trusting what the body expands to."""

import zlib
from collections.abc import Callable, Iterable

import brotli

from pipeline.images.problem import ImageProblem


def decode_body(headers: Iterable[tuple[str, str]], body: bytes, max_bytes: int) -> bytes:
    """The body without the encodings that `headers` name (RFC 9110 section 8.4: gzip, deflate, br, identity).

    Raises `ImageProblem`: `content_encoding` for an unknown encoding, or a body that is not what it says or is cut
    short; `too_large` as soon as more than `max_bytes` come out. Bytes after the end of the stream are ignored.
    """
    named = ",".join(value for name, value in headers if name.lower() == "content-encoding")
    for encoding in reversed([word.strip().lower() for word in named.split(",")]):
        if encoding in ("", "identity"):
            continue
        decoder = DECODERS.get(encoding)
        if decoder is None:
            raise ImageProblem("content_encoding", f"unknown encoding {encoding!r}")
        try:
            body = decoder(body, max_bytes)
        except (zlib.error, brotli.error) as error:
            raise ImageProblem("content_encoding", f"the body is not {encoding}: {error}") from error
    if len(body) > max_bytes:
        raise ImageProblem("too_large", f"more than {max_bytes} bytes")
    return body


def _gzip(body: bytes, max_bytes: int) -> bytes:
    return _inflate(body, max_bytes, 16 + zlib.MAX_WBITS)


def _deflate(body: bytes, max_bytes: int) -> bytes:
    """RFC 9110 means zlib's format by "deflate"; some servers send the bare stream, and browsers take both."""
    try:
        return _inflate(body, max_bytes, zlib.MAX_WBITS)
    except zlib.error:
        return _inflate(body, max_bytes, -zlib.MAX_WBITS)


def _inflate(body: bytes, max_bytes: int, window_bits: int) -> bytes:
    stream = zlib.decompressobj(window_bits)
    decoded = stream.decompress(body, max_bytes + 1)
    return _complete(decoded, stream.eof, max_bytes)


def _brotli(body: bytes, max_bytes: int) -> bytes:
    stream = brotli.Decompressor()
    decoded = stream.process(body, output_buffer_limit=max_bytes + 1)
    return _complete(decoded, stream.is_finished(), max_bytes)


def _complete(decoded: bytes, at_end: bool, max_bytes: int) -> bytes:
    if len(decoded) > max_bytes:
        raise ImageProblem("too_large", f"more than {max_bytes} bytes after decoding")
    if not at_end:
        raise ImageProblem("content_encoding", "the encoded body is cut short")
    return decoded


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,  # RFC 9110 section 8.4.1.3: to be taken as gzip
    "deflate": _deflate,
    "br": _brotli,
}
