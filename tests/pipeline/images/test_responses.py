"""WARC records: what is written reads back with both libraries, what crawlers wrote is read, damage has a reason."""

import gzip
import hashlib
import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fastwarc.warc import ArchiveIterator
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from pipeline.images.client import Response
from pipeline.images.problem import ImageProblem
from pipeline.images.responses import read_image_record, resource_record, response_record

FETCHED_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
MAX_BYTES = 10_000
RESPONSE = Response(
    url="https://example.org/a.png",
    final_url="https://cdn.example.org/a.png?v=1",
    status=200,
    reason_phrase="OK",
    http_version="HTTP/1.1",
    headers=(
        ("Content-Type", "image/png"),
        ("Transfer-Encoding", "chunked"),
        ("X-Robots-Tag", "noai"),
        ("x-robots-tag", "noimageai"),
        ("X-Name", "\xe9t\xe9"),
    ),
    body=b"not really a picture",
)

# What HTTP allows in names (RFC 9110 section 5.6.2) and values; a client never passes on line ends.
NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=1, max_size=20).filter(
    lambda name: name.lower() not in ("transfer-encoding", "content-encoding")
)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f\x85\xa0"), max_size=40)
RESPONSES = st.builds(
    Response,
    url=st.sampled_from(["http://a.example/", "https://b.example/%C3%BC?x=1"]),
    final_url=st.sampled_from(["http://a.example/", "https://c.example/x"]),
    status=st.integers(100, 599),
    reason_phrase=st.sampled_from(["OK", "", "Not Found", "Tr\xe8s bien"]),
    http_version=st.sampled_from(["HTTP/1.1", "HTTP/1.0"]),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=8).map(tuple),
    body=st.binary(max_size=2000),
)


def reason(record: bytes, max_bytes: int = MAX_BYTES) -> str:
    with pytest.raises(ImageProblem) as problem:
        read_image_record(record, max_bytes=max_bytes)
    return problem.value.reason


def record_of(block: bytes, type_: str = "response", content_type: str = "application/http; msgtype=response") -> bytes:
    """A record as another crawler might have written it."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {type_}\r\nWARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789012>\r\n"
        f"WARC-Date: 2020-01-01T00:00:00Z\r\nWARC-Target-URI: http://example.org/\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def test_the_record_to_the_byte() -> None:
    digest = hashlib.sha256(RESPONSE.body).hexdigest()
    block = (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nX-Robots-Tag: noai\r\nx-robots-tag: noimageai\r\n"
        b"X-Name: \xe9t\xe9\r\n\r\nnot really a picture"
    )
    record = response_record(RESPONSE, FETCHED_AT)
    head, _, rest = record.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "WARC/1.1"
    assert sorted(line for line in lines[1:] if not line.startswith("WARC-Record-ID")) == [
        f"Content-Length: {len(block)}",
        "Content-Type: application/http; msgtype=response",
        "WARC-Date: 2024-05-06T07:08:09Z",
        f"WARC-Payload-Digest: sha256:{digest}",
        "WARC-Target-URI: https://cdn.example.org/a.png?v=1",
        "WARC-Type: response",
    ]
    assert rest == block + b"\r\n\r\n"


def test_the_same_response_is_the_same_bytes_in_any_time_zone() -> None:
    elsewhere = FETCHED_AT.astimezone(timezone(timedelta(hours=5)))
    assert response_record(RESPONSE, FETCHED_AT) == response_record(RESPONSE, elsewhere)
    with pytest.raises(ValueError, match="zone"):
        response_record(RESPONSE, datetime(2024, 5, 6))


def record_id(record: bytes) -> str:
    return str(next(ArchiveIterator(io.BytesIO(record))).record_id)


def test_record_ids_follow_url_and_body() -> None:
    def changed(**fields: object) -> Response:
        return Response(**{**vars(RESPONSE), **fields})

    same = [RESPONSE, changed(headers=()), changed(final_url="http://other.example/")]
    other = [changed(url="https://example.org/b.png"), changed(body=b"another")]
    assert len({record_id(response_record(response, FETCHED_AT)) for response in same}) == 1
    assert len({record_id(response_record(response, FETCHED_AT)) for response in [RESPONSE, *other]}) == 3


@given(st.lists(RESPONSES, min_size=1, max_size=4))
def test_both_libraries_read_what_was_written(responses: list[Response]) -> None:
    records = [response_record(response, FETCHED_AT) for response in responses]
    warc = b"".join(records)

    offset = 0
    for response, record, found in zip(
        responses, records, ArchiveIterator(io.BytesIO(warc), parse_http=False), strict=True
    ):
        assert found.stream_pos == offset
        offset += len(record)
        found.parse_http()
        assert found.verify_payload_digest()
        assert found.headers["WARC-Target-URI"] == response.final_url
        assert found.http_headers.status_code == response.status
        assert found.reader.read() == response.body

    for response, found in zip(responses, WarcioIterator(io.BytesIO(warc), check_digests="raise"), strict=True):
        assert found.rec_headers.protocol == "WARC/1.1"
        assert found.rec_headers.get_header("WARC-Target-URI") == response.final_url
        assert found.http_headers.get_statuscode() == str(response.status)
        assert found.content_stream().read() == response.body


@given(RESPONSES, st.booleans())
def test_a_record_gives_the_response_back(response: Response, compressed: bool) -> None:
    record = response_record(response, FETCHED_AT)
    stored = read_image_record(gzip.compress(record) if compressed else record, max_bytes=MAX_BYTES)
    assert (stored.http_status, stored.body) == (response.status, response.body)
    assert [name for name, _ in stored.headers] == [name for name, _ in response.headers]
    for (_, found), (_, sent) in zip(stored.headers, response.headers, strict=True):
        assert found == sent or not sent.isascii()  # FastWARC guesses the charset of other values


@given(st.binary(max_size=2000), st.sampled_from(["image/png", "", "application/http", "text/html; charset=utf-8"]))
def test_resources_are_named_by_their_hash(body: bytes, content_type: str) -> None:
    record = resource_record(body, content_type, FETCHED_AT)
    assert read_image_record(record, max_bytes=MAX_BYTES) == (200, (), body)
    urn = f"urn:sha256:{hashlib.sha256(body).hexdigest()}"
    assert next(ArchiveIterator(io.BytesIO(record))).headers["WARC-Target-URI"] == urn
    found = next(WarcioIterator(io.BytesIO(record)))
    assert found.rec_headers.get_header("WARC-Target-URI") == urn
    assert found.raw_stream.read() == body


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("block", "body"),
    [
        (CHUNKED + b"3\r\npic\r\n4;name=value\r\nture\r\n0\r\n\r\n", b"picture"),
        (CHUNKED + b"3\r\npic\r\n4\r\nture\r\n", b"picture"),
        (
            CHUNKED + b"\xff\xd8\xff\xe0 chunks taken out, header kept",
            b"\xff\xd8\xff\xe0 chunks taken out, header kept",
        ),
        (b"HTTP/1.1 200 OK\nContent-Type: image/png\n\npicture", b"picture"),
        (b"HTTP/1.1 200\r\n\r\npicture", b"picture"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"picture"), b"picture"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"%x\r\n%b\r\n0\r\n\r\n" % (len(gzip.compress(b"picture")), gzip.compress(b"picture")),
            b"picture",
        ),
    ],
)
def test_what_other_crawlers_leave_in(block: bytes, body: bytes) -> None:
    assert read_image_record(record_of(block), max_bytes=MAX_BYTES).body == body


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"nonsense" * 100,
        gzip.compress(b"nonsense" * 100),
        gzip.compress(response_record(RESPONSE, FETCHED_AT))[:-100],
        response_record(RESPONSE, FETCHED_AT)[:-10],
        record_of(b"HTTP/1.1 200 OK\r\n\r\npicture", type_="revisit"),
        record_of(b"GET / HTTP/1.1\r\n\r\n", type_="request"),
        record_of(b"20200101000000\nexample.org. IN A 1.2.3.4", content_type="text/dns"),
        record_of(b"nothing like HTTP"),
        record_of(b"HTTP/1.1 OK\r\n\r\npicture"),
        record_of(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\npicture"),
    ],
)
def test_bad_records(record: bytes) -> None:
    assert reason(record) == "bad_record"


def test_records_are_bounded() -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\n" + bytes(MAX_BYTES)
    assert len(read_image_record(record_of(block), max_bytes=MAX_BYTES).body) == MAX_BYTES
    assert reason(gzip.compress(record_of(block + b"\0"))) == "too_large"
    bomb = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(1_000_000))
    assert reason(record_of(bomb)) == "too_large"
    assert reason(record_of(b"HTTP/1.1 200 OK\r\nContent-Encoding: zebra\r\n\r\nx")) == "content_encoding"


@given(st.data())
def test_damaged_records_have_a_reason(data: st.DataObject) -> None:
    record = bytearray(response_record(RESPONSE, FETCHED_AT))
    if data.draw(st.booleans()):
        record = bytearray(gzip.compress(record, mtime=0))
    for _ in range(data.draw(st.integers(1, 6))):
        record[data.draw(st.integers(0, len(record) - 1))] = data.draw(st.integers(0, 255))
    try:
        stored = read_image_record(bytes(record), max_bytes=MAX_BYTES)
    except ImageProblem as problem:
        assert problem.reason in ("bad_record", "content_encoding", "too_large")
    else:
        assert len(stored.body) <= MAX_BYTES
