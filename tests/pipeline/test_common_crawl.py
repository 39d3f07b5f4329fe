"""A crawl by its id, from a loopback server that is as busy as Common Crawl's."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from pipeline.crawl.common_crawl import is_crawl_id
from tests.pipeline.corpora import IN_MEMORY, assert_same_tables, rows
from tests.pipeline.in_process import fail, succeed
from tests.pipeline.range_server import RangeServer, every
from tests.places import SAMPLE

ID = "CC-MAIN-TEST"
EXTRACT = (*IN_MEMORY, "--stages", "extract,dedupe")
NAMES = [f"crawl-data/{ID}/segments/171{number}.39/warc/{ID}-0000{number}.warc.gz" for number in range(1, 5)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out as Common Crawl's bucket, with the sample's pages as the files of one crawl."""
    folder = tmp_path_factory.mktemp("base")
    for number, name in enumerate(NAMES, start=1):
        (folder / name).parent.mkdir(parents=True)
        shutil.copy2(SAMPLE / f"crawl-{number}.pages.warc.gz", folder / name)
    (folder / "crawl-data" / ID / "warc.paths.gz").write_bytes(gzip.compress("\n".join([*NAMES, ""]).encode()))
    return folder


def test_the_first_files_of_a_crawl(base: Path, tmp_path: Path) -> None:
    """Every third request is refused for the moment; the corpus is the one that a local copy gives."""
    corpus = tmp_path / "corpus"
    with RangeServer(base, faults=every(3, "busy")) as server:
        words = ("build", ID, "--crawl-base-url", f"{server.url()}/", "--output", corpus, *EXTRACT)
        succeed(*words, "--limit", 2)
        assert {row["warc_file"] for row in rows(corpus, "documents")} == set(NAMES[:2])
        assert set(server.requests) == {"warc.paths.gz", *(name.rpartition("/")[2] for name in NAMES[:2])}
        read = server.requests[NAMES[0].rpartition("/")[2]]
        succeed(*words, "--limit", 3)
        assert server.requests[NAMES[0].rpartition("/")[2]] == read
    assert {row["warc_file"] for row in rows(corpus, "documents")} == set(NAMES[:3])
    inputs = json.loads((corpus / "inputs.json").read_text())
    assert [(entry["path"], entry["size_bytes"]) for entry in inputs] == [
        (name, (base / name).stat().st_size) for name in NAMES[:3]
    ]
    retries = [
        json.loads(path.read_text())["diagnostics"]["retries"] for path in (corpus / "receipts/extract").iterdir()
    ]
    assert any(counts.get("503") for counts in retries)
    # The tables are those of a build that named the files.
    named = [base / name for name in NAMES[:3]]
    succeed("build", *named, "--root", f"crawl={base}", "--output", tmp_path / "named", *EXTRACT)
    documents = [sorted(rows(folder, "documents"), key=str) for folder in (corpus, tmp_path / "named")]
    assert documents[0] == documents[1]


def test_a_local_base_and_all_files(base: Path, tmp_path: Path) -> None:
    succeed("build", ID, "--crawl-base-url", base, "--output", tmp_path / "one", *EXTRACT)
    assert {row["warc_file"] for row in rows(tmp_path / "one", "documents")} == set(NAMES)
    succeed("build", ID, "--root", f"crawl={base}", "--output", tmp_path / "two", *EXTRACT)
    assert_same_tables(tmp_path / "one", tmp_path / "two")


def test_crawl_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_crawl_id("CC-MAIN-2024-22")
    assert not is_crawl_id("CC-MAIN-2024-22.warc.gz")
    assert not is_crawl_id("crawls/CC-MAIN-2024-22")
    (tmp_path / "CC-MAIN-2024-22").mkdir()
    assert not is_crawl_id("CC-MAIN-2024-22")  # a folder of that name was meant


def test_requests_that_cannot_be(base: Path, tmp_path: Path) -> None:
    page = SAMPLE / "crawl-3.pages.warc.gz"
    odd = tmp_path / "odd" / "crawl-data"
    for name, text in {
        "CC-MAIN-EMPTY": "\n",
        "CC-MAIN-OUT": "../x.warc.gz\n",
        "CC-MAIN-GONE": "gone.warc.gz\n",
    }.items():
        (odd / name).mkdir(parents=True)
        (odd / name / "warc.paths.gz").write_bytes(gzip.compress(text.encode()))
    with RangeServer(base) as server, RangeServer(base, faults=every(1, "refused")) as blocked:
        for words, says in {
            ("CC-MAIN-1999-01", "--crawl-base-url", server.url()): "There is no crawl CC-MAIN-1999-01 below",
            (ID, "--crawl-base-url", blocked.url()): "status 403",
            (ID, page, "--crawl-base-url", server.url()): "two places",
            (page, "--limit", 3): "--limit takes the first files of a crawl id",
            ("CC-MAIN-EMPTY", "--crawl-base-url", odd.parent): "names no file",
            ("CC-MAIN-OUT", "--crawl-base-url", odd.parent): "names '../x.warc.gz', which is no path below",
            ("CC-MAIN-GONE", "--crawl-base-url", odd.parent): "gone.warc.gz, named in the list",
        }.items():
            assert says in fail("build", *words, "--output", tmp_path / "corpus", *EXTRACT)
            assert not (tmp_path / "corpus").exists()
