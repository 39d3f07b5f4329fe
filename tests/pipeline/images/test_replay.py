"""The way of an image from the network to its measures, over the replay server."""

import asyncio
import gzip
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from PIL import Image

from pipeline.images.client import Access, Failure, FetchLimits, Response, fetch
from pipeline.images.measure import measure
from pipeline.images.problem import ImageProblem
from pipeline.images.responses import read_image_record, resource_record, response_record
from tests.pipeline.images.conftest import SAMPLE_CRAWL
from tests.servers.replay import DATE, ReplayServer

LIMITS = FetchLimits(deadline_s=60.0, max_bytes=20_000_000, max_redirects=5, connections=16, connections_per_host=6)
FETCHED_AT = datetime(2024, 1, 1, tzinfo=UTC)


def access_to(server: ReplayServer) -> Access:
    return Access("m3w-test", allow_private_addresses=True, resolve=server.resolve, ca_file=server.ca_file)


def fetch_all(urls: list[str], server: ReplayServer, limits: FetchLimits = LIMITS) -> dict[str, Response | Failure]:
    async def collect() -> dict[str, Response | Failure]:
        return {url: outcome async for url, outcome in fetch(urls, limits, access_to(server))}

    return asyncio.run(collect())


def archived(url: str, body: bytes, *headers: tuple[str, str], status: int = 200) -> bytes:
    response = Response(url, url, status, "Archived", "HTTP/1.1", (("Content-Type", "image/png"), *headers), body)
    return response_record(response, FETCHED_AT)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReplayServer]:
    """Four responses on three hosts, in one compressed and one plain file."""
    picture = io.BytesIO()
    Image.radial_gradient("L").save(picture, "PNG")
    body = picture.getvalue()
    first = [
        archived("https://one.example/a%20b.png?x=1&y=2", body, ("X-Robots-Tag", "noai")),
        archived("https://one.example/a%20b.png?x=1&y=2", b"a later capture"),
        archived("https://one.example/old.png", b"", ("Location", "http://two.example:8080/new.png"), status=301),
    ]
    second = [
        archived("http://two.example:8080/new.png", gzip.compress(body, mtime=0), ("Content-Encoding", "gzip")),
        archived("https://xn--bcher-kva.example/", b"gone", status=410),
        resource_record(b"no response", "text/plain", FETCHED_AT),
    ]
    (tmp_path / "1.warc.gz").write_bytes(b"".join(gzip.compress(record) for record in first))
    (tmp_path / "2.warc").write_bytes(b"".join(second))
    with ReplayServer([tmp_path / "1.warc.gz", tmp_path / "2.warc"], latency_s=0.05) as running:
        yield running


def test_responses_are_replayed_with_their_headers(server: ReplayServer) -> None:
    outcomes = fetch_all([*server.urls, "https://one.example/unknown.png"], server)
    picture = outcomes["https://one.example/a%20b.png?x=1&y=2"]
    assert isinstance(picture, Response)
    assert (picture.status, picture.reason_phrase) == (200, "Archived")
    assert picture.headers[:2] == (("Content-Type", "image/png"), ("X-Robots-Tag", "noai"))
    assert ("Date", DATE) in picture.headers
    moved = outcomes["https://one.example/old.png"]
    assert isinstance(moved, Response)
    assert moved.final_url == "http://two.example:8080/new.png"
    assert ("Content-Encoding", "gzip") in moved.headers
    assert [outcomes[url].status for url in server.urls[3:]] == [410]  # type: ignore[union-attr]
    assert outcomes["https://one.example/unknown.png"].status == 404  # type: ignore[union-attr]
    assert server.requests["http://two.example/new.png"] == 2
    assert server.requests["http://one.example/unknown.png"] == 1


def test_two_runs_give_the_same_records(server: ReplayServer) -> None:
    def records() -> list[bytes]:
        outcomes = fetch_all(server.urls, server)
        return [response_record(outcomes[url], FETCHED_AT) for url in sorted(outcomes)]  # type: ignore[arg-type]

    assert records() == records()


def test_connections_a_host_are_bounded(server: ReplayServer) -> None:
    urls = [f"https://one.example/{number}.png" for number in range(12)]
    fetch_all(urls, server, replace(LIMITS, connections_per_host=3))
    assert server.most_at_once == 3


def test_connections_in_all_are_bounded(server: ReplayServer) -> None:
    urls = [
        f"{base}{number}.png" for base in ("https://one.example/", "http://two.example:8080/") for number in range(8)
    ]
    fetch_all(urls, server, replace(LIMITS, connections=4, connections_per_host=4))
    assert server.most_at_once == 4


def test_overrides_name_host_port_and_place(server: ReplayServer) -> None:
    assert server.resolve_for("one.example") == f"one.example:443:127.0.0.1:{server.port}"
    assert server.resolve_for("one.example", 80) == f"one.example:80:127.0.0.1:{server.http_port}"
    assert f"two.example:8080:127.0.0.1:{server.http_port}" in server.resolve


def test_real_images_from_network_to_measures() -> None:
    """Every archived image comes back as it lies in the archive, and almost all of them measure."""
    warc = SAMPLE_CRAWL / "datacarpentry-image-processing.images.warc.gz"
    with warc.open("rb") as stream:
        expected = {
            record.headers["WARC-Target-URI"]: record.reader.read()
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True)
        }
    with ReplayServer([warc]) as server:
        outcomes = fetch_all(sorted(expected), server)
    reasons = []
    for url, outcome in outcomes.items():
        assert isinstance(outcome, Response)
        stored = read_image_record(response_record(outcome, FETCHED_AT), max_bytes=LIMITS.max_bytes)
        assert stored.body == expected[url]
        try:
            assert measure(stored.body, max_pixels=89_478_485).colour_range >= 60
        except ImageProblem as problem:
            reasons.append(problem.reason)
    assert len(outcomes) == 96
    assert reasons == ["not_an_image"] * 3  # the SVG files
