"""Captures, problems and damage of WARC and ARC files."""

import gzip
import io
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from pipeline.crawl.framing import MAX_HEAD_BYTES
from pipeline.crawl.records import Damage, Record, read_records
from tests.pipeline.crawl.archives import ARC_FILE, ARCHIVES, HTML, plain, read, response
from tests.places import SHARED

HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML
HEAD = "WARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\nWARC-Date: 2024-05-18T01:58:10Z\r\n"
ARC_RECORD = b"http://example.org/a 127.0.0.1 20080430204825 text/html %d\n" % len(HTTP) + HTTP + b"\n"


def only(data: bytes, **options: int) -> Record:
    (item,) = read(data, **options)
    assert isinstance(item, Record)
    return item


@pytest.mark.parametrize("compressed", [True, False])
def test_capture_has_what_the_record_says(compressed: bool) -> None:
    record = only(response(url="http://example.org/ä?q=1", status="404 Not Found", gzip=compressed))
    capture = record.capture
    assert capture is not None
    assert record.problem is None
    assert record.warc_type == "response"
    assert capture.url == "http://example.org/ä?q=1"
    assert capture.record_id == "<urn:uuid:1>"
    assert capture.crawled_at == datetime(2024, 5, 18, 1, 58, 10, tzinfo=UTC)
    assert capture.status == 404
    assert capture.headers == (("Content-Type", "text/html; charset=utf-8"),)
    assert capture.content_type == "text/html"
    assert capture.http_content_type_header == "text/html; charset=utf-8"
    assert capture.body == HTML


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (response(warc_type="metadata"), "not_a_response"),
        (response(warc_type="conversion"), "not_a_response"),
        (response(warc_type="revisit"), "revisit"),
        (response(url="dns:example.org"), "not_a_response"),
        (plain("WARC-Type: response\r\nWARC-Date: 2024-05-18T01:58:10Z\r\n", HTTP), "no_target_uri"),
        (plain("WARC-Type: response\r\nWARC-Target-URI: http://a/\r\n", HTTP), "bad_date"),
        (plain(HEAD.replace("2024-05-18T01:58:10Z", "yesterday"), HTTP), "bad_date"),
        (plain(HEAD.replace("2024-05-18T01:58:10Z", "2024-05-18"), HTTP), "bad_date"),
        (plain(HEAD.replace("2024-05-18T01:58:10Z", "0001-01-01T00:00:00+09:00"), HTTP), "bad_date"),
        (plain(HEAD, HTTP.replace(b"\r\n\r\n", b"\r\nX: " + bytes(40_000) + b"\r\n\r\n")), "bad_http_header"),
        (plain(HEAD, b"no HTTP at all"), "bad_http_header"),
        (plain(HEAD, b""), "bad_http_header"),
        (plain("", HTTP), "not_a_response"),
    ],
)
def test_a_record_without_capture_says_why(data: bytes, problem: str) -> None:
    record = only(data)
    assert (record.capture, record.problem) == (None, problem)


@pytest.mark.parametrize("url", ["https://example.org/a.png", "urn:sha256:0a1b"])
def test_resource_is_a_capture_with_status_200(url: str) -> None:
    capture = only(
        response(b"pixels", url=url, warc_type="resource", warc_headers={"Content-Type": "image/png"})
    ).capture
    assert capture is not None
    assert (capture.url, capture.status, capture.content_type, capture.body) == (url, 200, "image/png", b"pixels")


def test_wget_writes_brackets_around_the_url() -> None:
    capture = only(plain(HEAD.replace("http://example.org/", "<http://example.org/>"), HTTP)).capture
    assert capture is not None
    assert capture.url == "http://example.org/"


@pytest.mark.parametrize("version", [b"WARC/0.17", b"WARC/0.18", b"WARC/1.0", b"WARC/1.1"])
@pytest.mark.parametrize("http_line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_old_versions_and_bare_line_feeds_are_read(version: bytes, http_line_end: bytes, line_end: bytes) -> None:
    # The HTTP header's own length is a trap: a reader that misses the bare line feeds before it takes it for WARC's.
    http = HTTP.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(HTML)).replace(b"\r\n", http_line_end)
    head, _, block = plain(HEAD, http).partition(b"\r\n\r\n")
    record = head.replace(b"WARC/1.0", version).replace(b"\r\n", line_end) + line_end * 2 + block
    items = read(record * 5)
    assert [item.length for item in items] == [len(record)] * 5
    for item in items:
        assert isinstance(item, Record)
        assert item.capture is not None
        assert (item.capture.status, item.capture.body) == (200, HTML)


def test_a_body_that_is_not_wanted_is_not_there() -> None:
    stream = io.BytesIO(response() + response(b"x", (("Content-Type", "IMAGE/PNG"),)))
    items = read_records(
        stream, relative_path="x", wants_body=lambda head: head.content_type != "image/png", max_body_bytes=100
    )
    bodies = [item.capture.body for item in items if isinstance(item, Record) and item.capture]
    assert bodies == [HTML, None]


@pytest.mark.parametrize("compressed", [True, False])
def test_a_large_body_is_named_and_the_next_record_read(compressed: bool) -> None:
    large = response(b"x" * (MAX_HEAD_BYTES * 5), gzip=compressed)
    first, second = read(large + response(gzip=compressed), max_body_bytes=1000)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert first.problem == "body_too_large"
    assert first.capture is not None
    assert first.capture.body is None
    assert second.capture is not None
    assert second.capture.body == HTML


def test_reading_starts_at_a_record() -> None:
    first = response()
    items = read(first + response(url="http://example.org/2"), start=len(first))
    assert [item.capture.url for item in items if isinstance(item, Record) and item.capture] == ["http://example.org/2"]


def test_padding_belongs_to_the_record_before() -> None:
    first, second = response(), response(gzip=False)
    items = read(first + b"\0" * 1000 + second + b"\r\n\r\n" * 100)
    assert [item.length for item in items] == [len(first) + 1000, len(second) + 400]


@pytest.mark.parametrize("compressed", [True, False])
def test_arc(compressed: bool) -> None:
    dns = b"dns:example.org 1.2.3.4 20080430204825 text/dns 4\nabcd\n"
    parts = [ARC_FILE, dns, ARC_RECORD]
    items = read(b"".join(gzip.compress(part) if compressed else part for part in parts))
    assert [item.problem for item in items if isinstance(item, Record)] == ["not_a_response", "not_a_response", None]
    last = items[-1]
    assert isinstance(last, Record)
    assert last.capture is not None
    assert last.capture.record_id is None
    assert last.capture.body == HTML
    assert last.capture.crawled_at == datetime(2008, 4, 30, 20, 48, 25, tzinfo=UTC)


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("before", [0, 1, 2, 5])
@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_gzip_member_with_several_records_is_damage(count: int, before: int, after: int) -> None:
    several = gzip.compress(response(gzip=False) * count)
    items = read(response() * before + several + response() * after)
    assert [item for item in items if isinstance(item, Damage)] == [
        Damage(len(response()) * before, len(several), "several_records_in_a_gzip_member")
    ]
    assert len(items) == before + 1 + after


# Each holds one record more and something that FastWARC stumbles over or passes over.
STUMBLING_BLOCKS = {
    "unknown type": response(warc_type="opinion"),
    "no type": plain("", b"text"),
    "no length": b"WARC/1.0\r\nWARC-Type: metadata\r\n\r\n",
    "long header": plain(HEAD + f"X: {'x' * 40_000}\r\n", HTTP),
    "long HTTP header": plain(HEAD, HTTP.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * 40_000 + b"\r\n\r\n")),
    "nothing in a gzip member": gzip.compress(b""),
    "line ends in a gzip member": gzip.compress(b"\r\n\r\n"),
    "text in a gzip member": gzip.compress(b"text"),
    "plain among gzip": response(gzip=False),
    "zeros": bytes(50),
    "line ends": b"\r\n" * 50,
    "no line ends": gzip.compress(response(gzip=False)[:-4]),
    "many line ends": gzip.compress(response(gzip=False) + b"\r\n" * 20),
    "ARC": ARC_RECORD,
}


@pytest.mark.parametrize("name", STUMBLING_BLOCKS)
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("before", [0, 1, 5])
def test_the_records_around_anything_unusual_are_read(name: str, compressed: bool, before: int) -> None:
    record, block = response(gzip=compressed), STUMBLING_BLOCKS[name]
    items = read(record * before + block + record * 5)
    offsets = [number * len(record) + (len(block) if number >= before else 0) for number in range(before + 5)]
    found = {item.offset: item for item in items if isinstance(item, Record)}
    for offset in offsets:
        capture = found[offset].capture
        assert capture is not None
        assert capture.body == HTML


def test_a_record_among_responses_that_does_not_say_its_type_is_none() -> None:
    items = read(
        response() * 3 + gzip.compress(plain(HEAD.replace("WARC-Type: response\r\n", ""), HTTP)) + response() * 3
    )
    assert [item.problem for item in items if isinstance(item, Record)] == [None] * 3 + ["not_a_response"] + [None] * 3


def test_a_record_that_does_not_say_its_length_is_damage() -> None:
    block = STUMBLING_BLOCKS["no length"]
    items = read(response(gzip=False) * 3 + block + response(gzip=False) * 3)
    assert [item.length for item in items if isinstance(item, Damage)] == [len(block)]


@pytest.mark.parametrize(
    "data",
    [
        b"<html>",
        b"\x1f\x8b\x08" * 100,
        b"\0" * 100,
        gzip.compress(b"text"),
        zstandard.compress(response(gzip=False)) * 5,  # FastWARC would read it
    ],
)
def test_what_is_no_archive_is_one_damage(data: bytes) -> None:
    (item,) = read(data)
    assert isinstance(item, Damage)


def test_an_empty_file_holds_nothing() -> None:
    assert read(b"") == []


@pytest.mark.parametrize("compressed", [True, False])
def test_garbage_between_records_is_damage_and_both_are_read(compressed: bool) -> None:
    record = response(gzip=compressed)
    items = read(record + b"garbage" * 50_000 + b"\n" + record)
    assert [type(item) for item in items] == [Record, Damage, Record]
    assert items[2].length == len(record)


def test_a_length_that_leads_to_line_ends_in_another_record_is_wrong() -> None:
    first, second = plain(HEAD, HTTP + b"x" * 1000), response(gzip=False)
    lost = second.index(b"\r\n\r\n") + 4  # as many bytes as the first record's length leads into the second
    items = read(first[: -4 - lost] + b"\r\n\r\n" + second + b"x")
    assert [(type(item), item.length) for item in items[:2]] == [(Damage, len(first) - lost), (Record, len(second))]


def test_a_wrong_length_costs_its_record_only() -> None:
    wrong = plain(HEAD, HTTP).replace(b"Content-Length: ", b"Content-Length: 1")
    items = read(response(gzip=False) + wrong + response(gzip=False))
    assert [type(item) for item in items] == [Record, Damage, Record]


@pytest.mark.parametrize("path", ARCHIVES, ids=lambda path: path.name)
def test_real_archives_are_read_in_full(path: Path) -> None:
    data = path.read_bytes()
    items = read(data, max_body_bytes=10 << 20)
    records = [item for item in items if isinstance(item, Record)]
    assert len(records) == len(items)
    with path.open("rb") as stream:
        assert len(records) == sum(1 for _ in ArchiveIterator(stream))
    assert {record.problem for record in records} <= {None, "not_a_response"}
    # Behind damage, the file is walked in another way. It is put behind the first record, which always is.
    first_bytes, shift = records[0].length, len(b"\ndamage\n")
    _, _, *behind = read(data[:first_bytes] + b"\ndamage\n" + data[first_bytes:], max_body_bytes=10 << 20)
    assert [replace(item, offset=item.offset - shift) for item in behind if isinstance(item, Record)] == records[1:]
    for record in records[:: max(len(records) // 10, 1)]:
        alone = only(data[record.offset : record.offset + record.length], max_body_bytes=10 << 20)
        assert (alone.capture, alone.problem) == (record.capture, record.problem)


def test_warc_and_arc_of_one_crawl_hold_the_same_pages() -> None:
    pages = []
    for name in ("aut-example.arc.gz", "aut-example.warc.gz"):
        items = read((SHARED / "archives" / name).read_bytes(), max_body_bytes=10 << 20)
        captures = [item.capture for item in items if isinstance(item, Record) and item.capture]
        pages.append([(c.url, c.crawled_at, c.status, c.content_type, c.body) for c in captures])
    assert pages[0] == pages[1]
    assert len(pages[0]) == 261


# Damage of every kind, on a small genuine file and on its plain form.

SMALL = (SHARED / "archives" / "whirlwind.warc.gz").read_bytes()
FILES = {"gzip": SMALL, "plain": gzip.decompress(SMALL)}


def intact(items: list[Record | Damage], good: list[Record | Damage], lost: range) -> bool:
    """Whether every record outside the bytes `lost` was read as in the good file."""
    found = {item.offset: item for item in items if isinstance(item, Record)}
    expected = [g for g in good if g.offset + g.length <= lost.start or g.offset >= lost.stop]
    return all(isinstance(g, Record) and g.offset in found and found[g.offset].capture == g.capture for g in expected)


@pytest.mark.parametrize("form", FILES)
def test_a_file_cut_anywhere_gives_every_whole_record(form: str) -> None:
    data = FILES[form]
    good = read(data)
    generator = random.Random(7)
    for cut in [*range(1, 300), *(generator.randrange(1, len(data)) for _ in range(100)), len(data) - 1]:
        items = read(data[:cut])
        assert intact(items, good, range(cut, len(data)))
        assert all(item.reason == "truncated" for item in items[:-1] if isinstance(item, Damage))


@pytest.mark.parametrize("form", FILES)
@settings(max_examples=300, deadline=None)
@given(where=st.floats(0, 1, exclude_max=True), noise=st.binary(min_size=1, max_size=64))
@example(where=800 / len(FILES["plain"]), noise=bytes(7))  # the line ends before a plain record
def test_flipped_bytes_cost_only_the_records_they_hit(form: str, where: float, noise: bytes) -> None:
    data = FILES[form]
    start = int(where * len(data))
    flipped = bytearray(data)
    end = min(start + len(noise), len(data))
    flipped[start:end] = noise[: end - start]
    items = read(bytes(flipped))
    assert intact(items, read(data), range(start, end))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=200), st.sampled_from([response(), plain(HEAD, HTTP), ARC_RECORD]))))
def test_any_mixture_is_covered(parts: list[bytes]) -> None:
    read(b"".join(parts))


class Broken(io.BytesIO):
    """A stream whose medium fails after the first read."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("connection reset")
        return super().read(size)


def test_a_stream_that_fails_names_file_and_place() -> None:
    items = read_records(
        Broken(response() * 3000), relative_path="a/b.warc.gz", wants_body=lambda _: True, max_body_bytes=1000
    )
    with pytest.raises(OSError, match=r"a/b\.warc\.gz could not be read after byte \d+: connection reset"):
        list(items)
