"""The promises of the stage contract on the shared sample crawl: 409 real pages, 858 images."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.build import STAGES
from pipeline.report.verify import verify
from pipeline.store import Store
from tests.pipeline.corpora import IN_MEMORY, QUICK, SPLIT, arguments, assert_same_tables, build, m3w, rows
from tests.pipeline.test_same_tables import KILLS
from tests.places import ROOT, SHARED
from tests.servers.replay import ReplayServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

CRAWL = SHARED / "sample_crawl"
# Fixes the dates of records that are fetched.
EPOCH = {"SOURCE_DATE_EPOCH": "1704067200"}


@pytest.fixture(scope="module")
def from_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("archive") / "corpus"
    build(CRAWL, corpus, *IN_MEMORY)
    return corpus


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer(sorted(CRAWL.glob("*.images.warc.gz"))) as server:
        yield server


@pytest.fixture(scope="module")
def from_network(tmp_path_factory: pytest.TempPathFactory, server: ReplayServer) -> Path:
    corpus = tmp_path_factory.mktemp("network") / "corpus"
    m3w(*fetching(corpus, server), *IN_MEMORY, **EPOCH)
    return corpus


def fetching(corpus: Path, server: ReplayServer, only: str = "*") -> list[object]:
    """The arguments of a build whose images come from `server`, under their own hosts, over HTTPS."""
    # Hosts that the pages name and no archive holds: the server answers 404 for them, so nothing leaves loopback.
    hosts = {entry.split(":")[0] for entry in server.resolve} | {f"lh{n}.googleusercontent.com" for n in (3, 5)}
    resolve = [part for host in sorted(hosts) for part in ("--resolve", server.resolve_for(host))]
    reach = ["--ca-file", server.ca_file, "--allow-private-addresses", *resolve]
    pages = sorted(CRAWL.glob(f"{only}.pages.warc.gz"))
    # Small units, so that there are several of them, and other ones in a half of the crawl than in the whole.
    return ["build", *pages, "--output", corpus, *QUICK, *SPLIT, *reach, "--set", "urls_per_fetch_unit=150"]


def killed(command: list[object], prefix: str, number: int, **environment: str) -> None:
    program = [sys.executable, "-m", "tests.pipeline.killed", prefix, str(number), "--", *map(str, command)]
    ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | environment)
    assert ended.returncode == -signal.SIGKILL, (prefix, ended.stdout, ended.stderr)


def test_enough_reaches_the_shards(from_archive: Path) -> None:
    shards = rows(from_archive, "shards")
    assert len({row["document_id"] for row in shards}) >= 80
    assert len(shards) >= 120
    assert sum(len(row["images"]) for row in shards) >= 250
    assert list(verify(Store(str(from_archive)), STAGES)) == []
    assert "Nothing to do: all is built" in build(CRAWL, from_archive, *IN_MEMORY).stdout


def test_killed_in_every_stage(from_archive: Path, tmp_path: Path) -> None:
    for prefix, number in KILLS:
        killed([*arguments(CRAWL, tmp_path / "corpus"), *IN_MEMORY], prefix, number)
    build(CRAWL, tmp_path / "corpus", *IN_MEMORY)
    assert_same_tables(from_archive, tmp_path / "corpus")


def test_two_worker_processes(from_archive: Path, tmp_path: Path) -> None:
    build(CRAWL, tmp_path / "corpus", "--workers", 2, "--direct-running-mode", "multi_processing")
    assert_same_tables(from_archive, tmp_path / "corpus")


def test_half_of_the_files_first(from_archive: Path, tmp_path: Path) -> None:
    build(CRAWL, tmp_path / "corpus", *IN_MEMORY, only="[1d]*")
    build(CRAWL, tmp_path / "corpus", *IN_MEMORY, only="g*")
    assert_same_tables(from_archive, tmp_path / "corpus")


def test_over_https_killed_in_every_stage(from_network: Path, server: ReplayServer, tmp_path: Path) -> None:
    for prefix, number in KILLS:
        killed([*fetching(tmp_path / "corpus", server), *IN_MEMORY], prefix, number, **EPOCH)
    m3w(*fetching(tmp_path / "corpus", server), *IN_MEMORY, **EPOCH)
    assert_same_tables(from_network, tmp_path / "corpus")


def test_over_https_two_worker_processes(from_network: Path, server: ReplayServer, tmp_path: Path) -> None:
    more = ["--workers", 2, "--direct-running-mode", "multi_processing"]
    m3w(*fetching(tmp_path / "corpus", server), *more, **EPOCH)
    assert_same_tables(from_network, tmp_path / "corpus")


def test_over_https_half_of_the_files_first(from_network: Path, server: ReplayServer, tmp_path: Path) -> None:
    server.requests.clear()
    m3w(*fetching(tmp_path / "corpus", server, only="[1d]*"), *IN_MEMORY, **EPOCH)
    asked = set(server.requests)
    server.requests.clear()
    m3w(*fetching(tmp_path / "corpus", server, only="g*"), *IN_MEMORY, **EPOCH)
    assert_same_tables(from_network, tmp_path / "corpus")
    assert asked
    assert server.requests
    assert not asked & set(server.requests)  # what has an end state is not asked for again


def test_over_https_the_same_images_reach_the_shards(from_archive: Path, from_network: Path) -> None:
    found = [
        {(row["document_id"], row["part_index"]): row["image_bytes"] for row in rows(corpus, "shards")}
        for corpus in (from_archive, from_network)
    ]
    assert found[0] == found[1]
