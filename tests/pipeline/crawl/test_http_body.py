"""Transfer and content encodings, honest and hostile."""

import gzip
import zlib

import brotli
import pytest
import zstandard
from fastwarc.warc import HeaderMap
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crawl.http_body import BodyError, decode_body
from pipeline.crawl.records import Record
from tests.pipeline.crawl.archives import HTML, read, response

ENCODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
}


def decoded(raw: bytes, headers: list[tuple[str, str]], max_body_bytes: int) -> bytes:
    head = HeaderMap()
    for name, value in headers:
        head.append(name, value)
    return decode_body(raw, head, max_body_bytes)


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def chunked(data: bytes, size: int = 7) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("name", ENCODERS)
@given(body=st.binary(max_size=2000))
def test_what_was_encoded_is_decoded(name: str, body: bytes) -> None:
    assert decoded(ENCODERS[name](body), [("Content-Encoding", name)], 2000) == body


def test_bare_deflate() -> None:
    assert decoded(raw_deflate(HTML), [("content-encoding", "deflate")], 1000) == HTML


def test_chunked_and_stacked() -> None:
    raw = chunked(brotli.compress(gzip.compress(HTML)))
    headers = [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip, br")]
    assert decoded(raw, headers, 1000) == HTML


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("transfer", ["chunked", "Chunked", "identity", "gzip, chunked"])
def test_a_record_in_every_transfer_and_content_encoding(name: str, transfer: str) -> None:
    body = ENCODERS[name](HTML)
    headers = (("content-ENCODING", name), ("Transfer-encoding", transfer))
    (record,) = read(response(chunked(body) if "unked" in transfer else body, headers))
    assert isinstance(record, Record)
    assert record.problem is None
    assert record.capture is not None
    assert record.capture.body == HTML


def test_frames_of_zstandard_are_joined_but_not_without_end() -> None:
    frame = zstandard.compress(b"text")
    assert decoded(frame * 3, [("Content-Encoding", "zstd")], 1000) == b"text" * 3
    with pytest.raises(BodyError, match="content_encoding"):
        decoded(zstandard.compress(b"") * 1_000_000, [("Content-Encoding", "zstd")], 1000)


def test_headers_of_a_body_that_the_crawler_already_decoded() -> None:
    assert decoded(HTML, [("Transfer-Encoding", "chunked")], 1000) == HTML
    for name in ("gzip", "deflate", "br", "zstd", "sdch"):
        assert decoded(b"\n " + HTML, [("Content-Encoding", name)], 1000) == b"\n " + HTML


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_not_inflated(name: str) -> None:
    bomb = ENCODERS[name](bytes(50_000_000))
    with pytest.raises(BodyError, match="body_too_large"):
        decoded(bomb, [("Content-Encoding", name)], 1_000_000)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_cut_body_is_a_problem(name: str) -> None:
    cut = ENCODERS[name](bytes(range(256)) * 100)[:-20]
    with pytest.raises(BodyError, match="content_encoding"):
        decoded(cut, [("Content-Encoding", name)], 1_000_000)


def test_too_many_encodings() -> None:
    with pytest.raises(BodyError, match="content_encoding"):
        decoded(HTML, [("Content-Encoding", "gzip, gzip, gzip, gzip")], 1000)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "gzip, br", "unknown"])
@given(raw=st.binary(max_size=300))
def test_any_bytes_decode_or_are_a_problem(name: str, raw: bytes) -> None:
    try:
        body = decoded(raw, [("Content-Encoding", name), ("Transfer-Encoding", "chunked")], 1000)
    except BodyError as error:
        assert str(error) in ("content_encoding", "body_too_large")
    else:
        assert len(body) <= 1000


def test_a_record_reports_the_problem_and_keeps_the_capture() -> None:
    (record,) = read(response(b"\x1f\x8b garbage", (("Content-Encoding", "gzip"),)))
    assert isinstance(record, Record)
    assert record.problem == "content_encoding"
    assert record.capture is not None
    assert record.capture.body is None
