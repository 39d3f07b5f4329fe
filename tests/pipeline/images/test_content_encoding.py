"""Content encodings: what was encoded comes back, bombs and lies do not."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.images.content_encoding import decode_body
from pipeline.images.problem import ImageProblem

ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "identity": bytes,
}


def reason(encoding: str, body: bytes, max_bytes: int = 1000) -> str:
    with pytest.raises(ImageProblem) as problem:
        decode_body([("Content-Encoding", encoding)], body, max_bytes)
    return problem.value.reason


@given(st.binary(max_size=500), st.lists(st.sampled_from(sorted(ENCODERS)), max_size=3), st.booleans())
def test_encodings_are_undone_in_reverse(body: bytes, encodings: list[str], in_one_header: bool) -> None:
    encoded = body
    for encoding in encodings:
        encoded = ENCODERS[encoding](encoded)
    if in_one_header:
        headers = [("content-encoding", ", ".join(encodings).upper())]
    else:
        headers = [("Content-Encoding", encoding) for encoding in encodings]
    assert decode_body(headers, encoded, 2000) == body


def test_no_header_no_change() -> None:
    assert decode_body([("Content-Type", "image/png")], b"\x1f\x8b", 10) == b"\x1f\x8b"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_bombs_stop_at_the_limit(encoding: str) -> None:
    bomb = ENCODERS[encoding](bytes(50_000_000))
    assert len(bomb) < 250_000
    tracemalloc.start()
    try:
        assert reason(encoding, bomb, 1_000_000) == "too_large"
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity"])
def test_the_limit_is_exact(encoding: str) -> None:
    body = ENCODERS[encoding](bytes(range(250)) * 4)
    assert len(decode_body([("Content-Encoding", encoding)], body, 1000)) == 1000
    assert reason(encoding, body, 999) == "too_large"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_cut_and_false_bodies(encoding: str) -> None:
    body = ENCODERS[encoding](bytes(range(250)))
    assert reason(encoding, body[: len(body) // 2]) == "content_encoding"
    assert reason(encoding, b"\x89PNG\r\n\x1a\n not encoded") == "content_encoding"
    assert reason(encoding, b"") == "content_encoding"


def test_unknown_encodings() -> None:
    assert reason("compress", b"x") == "content_encoding"
    assert reason("gzip, zebra", b"x") == "content_encoding"


def test_bytes_after_the_stream_are_ignored() -> None:
    assert decode_body([("Content-Encoding", "gzip")], gzip.compress(b"image") + b"padding", 100) == b"image"
