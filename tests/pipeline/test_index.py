"""A corpus from rows of an index: the same documents as from whole files, each record once, and every row counted."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.build import STAGES
from pipeline.report.verify import verify
from pipeline.store import Store
from pipeline.tables import Receipt, Tally, read_manifest, total
from tests.pipeline.corpora import IN_MEMORY, assert_same_tables, rows
from tests.pipeline.crawl.indexes import index_rows, place, write_index
from tests.pipeline.in_process import fail, succeed
from tests.pipeline.range_server import RangeServer, every
from tests.places import ROOT, SAMPLE, SHARED

ARCHIVES = SHARED / "archives"
EXTRACT = (*IN_MEMORY, "--stages", "extract,dedupe")
ANY = ("--set", "languages=any", "--set", "max_lost_share=1")


@pytest.fixture(scope="module")
def sample_rows() -> list[dict[str, Any]]:
    return index_rows(SAMPLE, sorted(SAMPLE.glob("*.pages.warc.gz")))


@pytest.fixture
def index(sample_rows: list[dict[str, Any]], tmp_path: Path) -> Path:
    return write_index(tmp_path / "index.parquet", sample_rows)


def build(corpus: Path, *words: object) -> str:
    return succeed("build", *words, "--output", corpus, *EXTRACT, *ANY)


def records(corpus: Path, table: str) -> list[dict[str, Any]]:
    return sorted(rows(corpus, table), key=lambda row: (row["warc_file"], row["warc_offset"], row["url"]))


def receipts(corpus: Path) -> list[Receipt]:
    return list((read_manifest(Store(str(corpus)), "extract") or {}).values())


def tally(corpus: Path) -> Tally:
    return total(receipts(corpus))["index_rows"]


def test_documents_are_those_of_the_files(index: Path, sample_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    build(tmp_path / "files", *sorted(SAMPLE.glob("*.pages.warc.gz")))
    printed = build(tmp_path / "rows", "--index", index, "--crawl-base-url", SAMPLE)
    assert f"{len(sample_rows)} rows are asked for, {len(sample_rows)} of them new" in printed
    assert records(tmp_path / "rows", "documents")
    assert records(tmp_path / "rows", "documents") == records(tmp_path / "files", "documents")
    in_the_crawl, others = (
        [row for row in records(tmp_path / corpus, "archive") if row["root"] == "crawl"] for corpus in ("rows", "files")
    )
    assert in_the_crawl == others
    assert tally(tmp_path / "rows") == Tally(len(sample_rows), {"records": len(sample_rows)})
    assert succeed("verify", tmp_path / "rows").endswith("sound\n")
    assert "index_rows" in succeed("status", tmp_path / "rows", environment={"COLUMNS": "200"})


def test_genuine_archives(tmp_path: Path) -> None:
    files = sorted(ARCHIVES.glob("*.gz"))
    index = write_index(tmp_path / "index.parquet", index_rows(ARCHIVES, files))
    build(tmp_path / "files", *files)
    build(tmp_path / "rows", "--index", index, "--crawl-base-url", ARCHIVES)
    assert len(records(tmp_path / "rows", "documents")) > 50
    assert records(tmp_path / "rows", "documents") == records(tmp_path / "files", "documents")
    assert list(verify(Store(str(tmp_path / "rows")), STAGES)) == []


def test_over_http_from_a_busy_server(sample_rows: list[dict[str, Any]], index: Path, tmp_path: Path) -> None:
    build(tmp_path / "quiet", "--index", index, "--crawl-base-url", SAMPLE)
    with RangeServer(SAMPLE, faults=every(2, "busy")) as server:
        build(tmp_path / "busy", "--index", index, "--crawl-base-url", server.url())
    assert_same_tables(tmp_path / "quiet", tmp_path / "busy")
    (receipt,) = receipts(tmp_path / "busy")
    stored = Receipt.from_json(next((tmp_path / "busy" / "receipts" / "extract").iterdir()).read_text())
    assert stored.diagnostics["retries"]["503"] > 0
    assert receipt.outputs == stored.outputs


def test_a_record_that_comes_again_is_read_once(sample_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """Twice in one index, in two, in one that the corpus knows; a corpus that grew has the records of any other."""
    half = len(sample_rows) // 2
    one = write_index(tmp_path / "1.parquet", [*sample_rows[: half + 9], *sample_rows[:20]])
    two = write_index(tmp_path / "2.parquet", sample_rows[half:])
    base = ("--crawl-base-url", SAMPLE)
    build(tmp_path / "once", "--index", one, "--index", two, *base)
    build(tmp_path / "grown", "--index", one, *base)
    first = receipts(tmp_path / "grown")
    printed = build(tmp_path / "grown", "--index", tmp_path / "*.parquet")  # the base is the corpus's own
    assert f"{len(sample_rows) - half - 9} of them new" in printed
    assert len(receipts(tmp_path / "grown")) == len(first) + 1
    assert first[0] in receipts(tmp_path / "grown")
    for corpus in ("once", "grown"):
        assert tally(tmp_path / corpus).taken == len(sample_rows)
    assert records(tmp_path / "once", "documents") == records(tmp_path / "grown", "documents")
    assert "extract: nothing to do" in build(tmp_path / "grown", "--index", one)
    assert "extract: nothing to do" in build(tmp_path / "grown")


@pytest.mark.parametrize("write", ["index_rows/", "index_rows.json", "documents/"])
def test_killed_while_rows_are_taken_in(write: str, sample_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """A killed build that has more rows than before ends, when it is run again, as one that was not disturbed."""
    half = len(sample_rows) // 2
    write_index(tmp_path / "1.parquet", sample_rows[:half])
    write_index(tmp_path / "2.parquet", sample_rows[half:])
    for corpus in ("undisturbed", "killed"):
        build(tmp_path / corpus, "--index", tmp_path / "1.parquet", "--crawl-base-url", SAMPLE)
    grow = ("--index", tmp_path / "2.parquet")
    build(tmp_path / "undisturbed", *grow)
    words = ("build", *grow, "--output", tmp_path / "killed", *EXTRACT, *ANY)
    command = [sys.executable, "-m", "tests.pipeline.killed", write, "1", "--", *map(str, words)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, (ended.stdout, ended.stderr)
    build(tmp_path / "killed", *grow)
    assert_same_tables(tmp_path / "undisturbed", tmp_path / "killed")
    assert list(verify(Store(str(tmp_path / "killed")), STAGES)) == []


@pytest.mark.slow
def test_same_bytes_with_two_workers(sample_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    """And whatever order the rows came in."""
    cut = len(sample_rows) // 3
    for number, piece in enumerate((sample_rows[:cut], sample_rows[cut:])):
        write_index(tmp_path / f"{number}.parquet", piece)
        write_index(tmp_path / f"reversed-{number}.parquet", piece[::-1])
    for corpus, prefix, workers in (("one", "", 1), ("two", "reversed-", 2)):
        for number in range(2):
            words = ("--index", tmp_path / f"{prefix}{number}.parquet", "--crawl-base-url", SAMPLE)
            mode = ("--workers", workers, "--direct-running-mode", "multi_processing" if workers > 1 else "in_memory")
            succeed("build", *words, "--output", tmp_path / corpus, *mode, "--stages", "extract,dedupe", *ANY)
    assert_same_tables(tmp_path / "one", tmp_path / "two")
    assert len(receipts(tmp_path / "two")) == 2


def test_rows_that_lead_nowhere_are_counted_and_limited(sample_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    good = sample_rows[0]
    name, offset, length = (good[f"warc_{what}"] for what in ("filename", "record_offset", "record_length"))
    bad = [
        place("http://other.example/", name, offset, length),
        place("http://gone.example/", "gone.warc.gz", 0, length),
        place("http://cut.example/", name, sample_rows[1]["warc_record_offset"], 20),
    ]
    index = write_index(tmp_path / "index.parquet", [*bad, *sample_rows[2:]])
    words = ("--index", index, "--crawl-base-url", SAMPLE, "--output", tmp_path / "corpus", *EXTRACT)
    message = fail("build", *words, "--set", "max_lost_share=0.001", exit_code=1)
    assert "index rows: {" in message
    succeed("build", *words, "--set", "max_lost_share=1")
    counted = tally(tmp_path / "corpus")
    assert counted.dropped == {"gone": 1, "other_url": 1, "truncated": 1}
    assert counted.taken == len(sample_rows) + 1


def test_where(index: Path, sample_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    host = sample_rows[5]["url_host_name"]
    build(tmp_path / "corpus", "--index", index, "--where", f"domain={host}", "--crawl-base-url", SAMPLE)
    found = [row for path in (tmp_path / "corpus/index_rows").iterdir() for row in pq.read_table(path).to_pylist()]
    assert {row["url"] for row in found} == {row["url"] for row in sample_rows if row["url_host_name"] == host}
    assert found == sorted(found, key=lambda row: (row["warc_file"], row["warc_offset"]))


def test_requests_that_cannot_be(index: Path, sample_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    page = SAMPLE / "crawl-3.pages.warc.gz"
    narrow = write_index(tmp_path / "narrow.parquet", sample_rows, ["url", "warc_filename"])
    for words, says in {
        ("--index", index, "--where", "domain=nowhere.example"): "no row with domain=nowhere.example",
        ("--index", narrow): "narrow.parquet has no column warc_record_offset, warc_record_length",
        ("--index", page): "neither a Parquet file nor a list of paths",
        ("--index", tmp_path / "none"): "none does not exist",
        ("--index", index, "--where", "tongue=eng"): "language, mime, status, domain",
        ("--index", index, page): "Name either",
        (page, "--where", "status=200"): "--where filters the rows of --index",
        (page, "--crawl-base-url", SAMPLE): "there is neither",
    }.items():
        assert says in fail("build", *words, "--output", tmp_path / "corpus", *EXTRACT)
        assert not (tmp_path / "corpus").exists()


def test_whole_files_and_an_index_make_two_corpora(index: Path, tmp_path: Path) -> None:
    page = SAMPLE / "crawl-3.pages.warc.gz"
    build(tmp_path / "files", page)
    build(tmp_path / "rows", "--index", index, "--crawl-base-url", SAMPLE)
    assert "built from whole files" in fail("build", "--index", index, "--output", tmp_path / "files", *EXTRACT)
    assert "built from --index" in fail("build", page, "--output", tmp_path / "rows", *EXTRACT)
    moved = ("build", "--index", index, "--crawl-base-url", tmp_path, "--output", tmp_path / "rows", *EXTRACT)
    assert f"--root crawl={tmp_path}" in fail(*moved)


def test_verify_knows_the_parts_of_rows(index: Path, tmp_path: Path) -> None:
    build(tmp_path / "corpus", "--index", index, "--crawl-base-url", SAMPLE)
    (part,) = (tmp_path / "corpus" / "index_rows").iterdir()
    part.rename(part.with_name("other.parquet"))
    problems = list(verify(Store(str(tmp_path / "corpus")), STAGES))
    assert any("is named by a receipt, but is missing" in problem for problem in problems)
    assert any("named by no receipt" in problem for problem in problems)
