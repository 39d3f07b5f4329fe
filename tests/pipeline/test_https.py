"""The sample's images over HTTPS in place of archives: the same fates, the same bytes however a build went."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pipeline.build import STAGES, run_stage
from pipeline.engine import Engine
from pipeline.images.client import Access
from pipeline.images.responses import read_image_record
from pipeline.job import Job
from pipeline.progress import Reporter
from pipeline.recipe import Recipe
from pipeline.report.verify import verify
from pipeline.stages.fetch import Fetch
from pipeline.stages.locate import NETWORK, Locate, Request
from pipeline.stages.stage import commit_outcome
from pipeline.tables import Receipt, finish, read_manifest, read_receipts, write_manifest
from tests.pipeline.corpora import IN_MEMORY, SPLIT, assert_same_tables, m3w, rows, tables
from tests.pipeline.in_process import NO_FEATURES, succeed
from tests.places import ROOT, SAMPLE
from tests.servers.adversarial import AdversarialServer
from tests.servers.replay import ReplayServer

EPOCH = {"SOURCE_DATE_EPOCH": "1704067200"}


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer(sorted(SAMPLE.glob("*.images.warc.gz"))) as running:
        yield running


def arguments(server: ReplayServer, corpus: Path, *more: object, only: str = "*") -> list[object]:
    """Of `m3w build` for the sample's pages, with images from `server`."""
    pages = sorted(SAMPLE.glob(f"{only}.pages.warc.gz"))
    resolve = [word for one in server.resolve for word in ("--resolve", one)]
    access = ("--ca-file", server.ca_file, "--allow-private-addresses")
    return ["build", *pages, "--output", corpus, *resolve, *access, *SPLIT, *NO_FEATURES, *more]


def build(server: ReplayServer, corpus: Path, *more: object, only: str = "*") -> str:
    return succeed(*arguments(server, corpus, *IN_MEMORY, *more, only=only), environment=EPOCH)


@pytest.fixture(scope="module")
def fetched(server: ReplayServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built in one process, undisturbed. Tests must not change it."""
    corpus = tmp_path_factory.mktemp("fetched") / "corpus"
    build(server, corpus)
    return corpus


def test_fates_are_those_of_the_archive(fetched: Path, sample_corpus: Path) -> None:
    """But what no archive holds, the server answers with status 404; and bytes lie in the corpus's own records."""
    by_network, by_archive = (
        {row["url"]: row for row in rows(corpus, "images")} for corpus in (fetched, sample_corpus)
    )
    assert by_network.keys() == by_archive.keys()
    as_network = {"not_in_archive": "http_status"}
    facts = ("image_id", "format", "width_px", "height_px", "colour_range", "entropy", "blur", "perceptual_hash")
    for url, row in by_network.items():
        other = by_archive[url]
        assert row["reason"] == as_network.get(other["reason"], other["reason"]), url
        assert [row[name] for name in facts] == [other[name] for name in facts], url
    missing = {url for url, row in by_archive.items() if row["reason"] == "not_in_archive"}
    assert missing
    assert {by_network[url]["http_status"] for url in missing} == {404}
    assert Counter(row["source"] for row in by_network.values())["archive"] == 6  # the crawl holds five, a page one

    def content(corpus: Path) -> list[tuple[Any, ...]]:
        return [
            (
                row["url"],
                row["part_index"],
                row["text"],
                [image["position"] for image in row["images"]],
                row["image_bytes"],
            )
            for row in rows(corpus, "shards")
        ]

    assert sorted(content(fetched)) == sorted(content(sample_corpus))
    assert succeed("verify", fetched).endswith("sound\n")


def test_records_hold_what_the_rows_say(fetched: Path) -> None:
    for row in rows(fetched, "images"):
        if row["source"] == "network" and row["image_id"]:
            assert_row_is_of_its_record(fetched, row)


def assert_row_is_of_its_record(corpus: Path, row: dict[str, Any]) -> None:
    with (corpus / row["warc_file"]).open("rb") as file:
        file.seek(row["warc_offset"])
        record = file.read(row["warc_length"])
    assert hashlib.sha256(read_image_record(record, max_bytes=10**7).body).hexdigest() == row["image_id"]


@pytest.mark.slow
def test_two_worker_processes(server: ReplayServer, fetched: Path, tmp_path: Path) -> None:
    workers = ("--workers", 2, "--direct-running-mode", "multi_processing")
    m3w(*arguments(server, tmp_path / "corpus", *workers), SOURCE_DATE_EPOCH=EPOCH["SOURCE_DATE_EPOCH"])
    assert_same_tables(fetched, tmp_path / "corpus")


def test_killed_three_times(server: ReplayServer, fetched: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    for prefix in ("receipts/fetch/", "images/", "receipts/select/"):
        command = [sys.executable, "-m", "tests.pipeline.killed", prefix, "1", "--"]
        command += map(str, arguments(server, corpus, *IN_MEMORY))
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | EPOCH)
        assert ended.returncode == -signal.SIGKILL, (prefix, ended.stdout, ended.stderr)
    build(server, corpus)
    assert_same_tables(fetched, corpus)


@pytest.mark.slow
def test_half_of_the_pages_first(server: ReplayServer, tmp_path: Path) -> None:
    """No URL is asked for twice, though units split as the corpus grows; the tables are those of one build."""
    corpus, small_units = tmp_path / "corpus", ("--set", "urls_per_fetch_unit=20")
    server.requests.clear()
    build(server, corpus, *small_units, only="crawl-[13]")
    first, units = set(server.requests), network_units(corpus)
    assert first
    build(server, corpus, *small_units, only="crawl-[24]")
    assert set(server.requests) > first
    assert set(server.requests.values()) == {1}
    assert not units <= network_units(corpus)
    build(server, tmp_path / "whole", *small_units)
    assert_same_tables(tmp_path / "whole", corpus)


def network_units(corpus: Path) -> set[str]:
    return {path.stem for path in (corpus / "receipts" / "fetch").glob(f"{NETWORK}*")}


def test_what_was_fetched_is_judged_anew_without_a_request(server: ReplayServer, fetched: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    build(server, corpus, "--set", "max_image_pixels=50000")
    assert "too_many_pixels" in {row["reason"] for row in rows(corpus, "images")}
    server.requests.clear()
    build(server, corpus, "--set", f"max_image_pixels={Recipe().max_image_pixels}", "--accept-changes")
    assert_same_tables(fetched, corpus)
    assert server.requests == {}


@pytest.mark.parametrize("suffix", ["warc", "parquet"])
def test_a_lost_file_is_made_again(suffix: str, server: ReplayServer, fetched: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(fetched, tmp_path / "corpus"))
    next((corpus / "images").glob(f"{NETWORK}*.{suffix}")).unlink()
    build(server, corpus)
    assert_same_tables(fetched, corpus)


def test_what_was_taken_down_is_not_asked_for(server: ReplayServer, fetched: Path, tmp_path: Path) -> None:
    url = next(row["url"] for row in rows(fetched, "images") if row["source"] == "network" and row["status"] == "ok")
    (tmp_path / "list.txt").write_text(url)
    server.requests.clear()
    build(server, tmp_path / "corpus", "--take-down", tmp_path / "list.txt")
    assert url.replace("https://", "http://") not in server.requests
    assert len(server.requests) > 50


class Attempts:
    """One fetch unit of a few URLs that answer differently each time, and the contract's steps one by one."""

    stage = Fetch()

    def __init__(self, corpus: Path, server: AdversarialServer) -> None:
        access = Access("test", allow_private_addresses=True, resolve=server.resolve)
        self.job = Job(str(corpus), Recipe(), {}, datetime(2024, 1, 1, tzinfo=UTC), access=access)
        self.corpus = corpus
        self.store = self.job.corpus
        wanted = [
            Request(server.url(path), "network", NETWORK, "", "", 0, 0, 1)
            for path in ("changing/1", "changing/2", "status/404", "hang-up")
        ]
        for unit, outcome in Locate().write(NETWORK, wanted, self.job):
            commit_outcome(Locate(), self.job, unit, {}, outcome)
        finish(self.store, "locate", Locate.tables, read_receipts(self.store, "locate"))
        located = read_manifest(self.store, "locate")
        assert located
        (self.unit,) = self.stage.units(self.job, {"locate": located})

    def attempt(self, outcomes: list[Any], barrier: threading.Barrier) -> None:
        barrier.wait()
        outcome = self.stage.run_unit(self.unit, self.job)
        barrier.wait()
        commit_outcome(self.stage, self.job, self.unit.name, self.unit.inputs, outcome)
        outcomes.append(outcome)

    def race(self) -> list[Any]:
        """Two attempts at once; their outcomes."""
        outcomes: list[Any] = []
        barrier = threading.Barrier(2)
        threads = [threading.Thread(target=self.attempt, args=(outcomes, barrier)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 2
        return outcomes

    def receipt(self) -> Receipt:
        (found,) = read_receipts(self.store, "fetch").values()
        return found

    def strays(self) -> list[str]:
        """Files of images/ that the receipt does not name."""
        named = {output.path for output in self.receipt().outputs}
        found = {str(path.relative_to(self.corpus)) for path in (self.corpus / "images").iterdir()}
        assert named <= found
        return sorted(found - named)

    def finish(self) -> int:
        return run_stage(self.stage, self.job, Engine(), Reporter(Console(quiet=True)))

    def assert_sound(self) -> None:
        assert list(verify(self.store, STAGES)) == []
        assert self.strays() == []
        held = [row for row in rows(self.corpus, "images") if row["image_id"]]
        assert len(held) == 2
        for row in held:
            assert_row_is_of_its_record(self.corpus, row)


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    with AdversarialServer() as running:
        yield Attempts(tmp_path / "corpus", running)


def test_of_two_attempts_at_once_one_stands_whole(attempts: Attempts) -> None:
    one, other = attempts.race()
    standing = {output.path for output in attempts.receipt().outputs}
    assert standing in ({o.path for o in one.outputs}, {o.path for o in other.outputs})
    strays = attempts.strays()
    assert len(strays) == 2  # a table and its records
    # As a run leaves it that is killed when the stage has ended but before it sweeps.
    write_manifest(attempts.store, "fetch", [attempts.receipt()])
    problems = list(verify(attempts.store, STAGES))
    assert [problem.split(" ")[0] for problem in problems] == strays
    assert attempts.finish() == 0
    attempts.assert_sound()


def test_an_attempt_that_ends_after_its_stage_does_no_harm(attempts: Attempts) -> None:
    """As of a worker that its engine had given up; the next run heals what it left."""
    attempts.finish()
    before = tables(attempts.corpus)
    late = attempts.stage.run_unit(attempts.unit, attempts.job)
    commit_outcome(attempts.stage, attempts.job, attempts.unit.name, attempts.unit.inputs, late)
    assert list(verify(attempts.store, STAGES))
    assert attempts.finish() == 0
    attempts.assert_sound()
    assert tables(attempts.corpus) == before
