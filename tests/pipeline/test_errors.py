"""What a person gets who asks for what cannot be: one paragraph with a remedy, and nothing written."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.build import locked
from pipeline.store import Store
from schemas.version import VERSION_KEY
from tests.pipeline.corpora import IN_MEMORY, assert_same_tables, m3w, rows, tables
from tests.pipeline.in_process import QUICK_BUILD, build_sample, fail, succeed
from tests.places import SAMPLE

PAGES = SAMPLE / "crawl-3.pages.warc.gz"
ONE = "crawl-3"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One pair of files of the sample, in a folder of their own, built up to its shards. Tests copy it."""
    home = tmp_path_factory.mktemp("small")
    (home / "crawl").mkdir()
    for kind in ("pages", "images"):
        shutil.copy2(SAMPLE / f"{ONE}.{kind}.warc.gz", home / "crawl")
    build_sample(home / "crawl", home / "corpus")
    return home / "corpus"


@pytest.fixture
def corpus(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "corpus"))


# The arguments after `build`, what the message says, and what its remedy is; FOLDER is the test's own.
REQUESTS: dict[str, tuple[list[object], str, str]] = {
    "crawl file that does not exist": (["FOLDER/none.warc.gz"], "FOLDER/none.warc.gz does not exist", "Check the path"),
    "glob without matches": (["FOLDER/*.warc.gz"], "matches no file", "check the folder"),
    "folder without archives": (["FOLDER/empty"], "holds no WARC or ARC file", "Name the files themselves"),
    "file that is no archive": (["FOLDER/picture"], "neither a WARC or ARC file nor a list", "lists are UTF-8 text"),
    "list that names a file that is gone": (["FOLDER/list.txt"], "named in the list", "relative to the list's folder"),
    "protocol that nobody knows": (["nope://bucket/a.warc.gz"], "nope", "Check the address"),
    "image archive that does not exist": (
        [PAGES, "--image-archive", "FOLDER/none"],
        "does not exist",
        "Check the path",
    ),
    "no crawl": ([], "nothing to build from", "name WARC files"),
    "unknown recipe": ([PAGES, "--recipe", "m4w"], "no recipe 'm4w'", "preset: kosmos1, m3w, mmc4, obelics"),
    "unknown key": ([PAGES, "--set", "min_side=3"], "no key 'min_side'", "there is: min_side_px"),
    "bad value": ([PAGES, "--set", "min_side_px=wide"], "min_side_px", "valid integer"),
    "value out of its range": ([PAGES, "--set", "min_side_px=-1"], "min_side_px", "greater than or equal to 0"),
    "value that is not YAML": ([PAGES, "--set", "min_side_px=[1"], "min_side_px", "[1"),
    "setting without a value": ([PAGES, "--set", "min_side_px"], "'min_side_px'", "KEY=VALUE"),
    "unknown stage": ([PAGES, "--stages", "extract,fech"], "no stage 'fech'", "fetch"),
    "runner that loses data": ([PAGES, "--runner", "DaskRunner"], "loses data", "refused"),
    "runner by its full name": ([PAGES, "--runner", "apache_beam.runners.DaskRunner"], "loses data", "refused"),
    "runner that downloads": ([PAGES, "--runner", "DirectRunner"], "is refused", "--runner local"),
    "unknown mode": ([PAGES, "--direct-running-mode", "fast"], "'fast'", "multi_processing"),
    "malformed --resolve": ([PAGES, "--resolve", "example.org:443"], "example.org:443", "such as example.org:443:192"),
    "--resolve of an address": ([PAGES, "--resolve", "1.2.3.4:443:1.2.3.4"], "1.2.3.4:443", "must be a name"),
    "missing --ca-file": ([PAGES, "--ca-file", "FOLDER/none.pem"], "--ca-file", "No such file"),
    "--ca-file that is none": ([PAGES, "--ca-file", "FOLDER/list.txt"], "--ca-file", "cannot be used"),
    "missing take-down list": ([PAGES, "--take-down", "FOLDER/none.txt"], "none.txt cannot be read", "No such file"),
    "bad take-down list": ([PAGES, "--take-down", "FOLDER/bad.txt"], "bad.txt, line 2: 'example.org'", "site:DOMAIN"),
    "binary take-down list": ([PAGES, "--take-down", "FOLDER/picture"], "picture cannot be read", "utf-8"),
    "root of another name": ([PAGES, "--root", "pages=FOLDER"], "'pages=FOLDER'", "crawl=FOLDER or archive=FOLDER"),
    "root without a folder": ([PAGES, "--root", "crawl"], "'crawl'", "crawl=FOLDER"),
    "root that does not hold the files": ([PAGES, "--root", "crawl=FOLDER"], "is not below", "--root crawl=FOLDER"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_nothing_is_written_for_what_cannot_be(name: str, tmp_path: Path) -> None:
    words, says, remedy = REQUESTS[name]
    (tmp_path / "empty").mkdir()
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    (tmp_path / "list.txt").write_text("gone.warc.gz\n")
    (tmp_path / "bad.txt").write_text("# mine\nexample.org\n")
    placed = [str(word).replace("FOLDER", str(tmp_path)) for word in words]
    runner = () if "--runner" in words or "--direct-running-mode" in words else IN_MEMORY
    message = fail("build", *placed, "--output", tmp_path / "corpus", *runner)
    for part in (says, remedy):
        assert part in message or part.replace("FOLDER", str(tmp_path)) in message
    assert not (tmp_path / "corpus").exists()


def test_outputs_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("mine")
    for output, says in {
        tmp_path / "file": "is a file. Name a folder",
        tmp_path / "file" / "below": "Name",
        tmp_path / "full": "no corpus and not empty. Name a new or an empty folder",
        Path("/proc/m3w/corpus"): "Name another folder",
        "nope://bucket/corpus": "Name a folder that you can write",
    }.items():
        assert says in fail("build", PAGES, "--output", output, *IN_MEMORY)
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["file", "full", "thesis.tex"]


@pytest.mark.parametrize("command", ["status", "show", "verify", "train"])
def test_commands_need_a_corpus(command: str, tmp_path: Path) -> None:
    named = ["--corpus", tmp_path, "--output", tmp_path / "run"] if command == "train" else [tmp_path]
    message = fail(command, *named)
    assert str(tmp_path) in message
    assert "m3w build" in message
    assert list(tmp_path.iterdir()) == []


def test_another_recipe_is_listed_and_redone_only_when_accepted(corpus: Path, tmp_path: Path) -> None:
    before = tables(corpus)
    changed = ("--set", "min_side_px=200", "--set", "min_words=60")
    message = fail("build", "--output", corpus, *QUICK_BUILD, *changed)
    assert "select: 2 parts (recipe: min_side_px 64 -> 200)" in message
    assert "dedupe: 2 parts (recipe: min_words 50 -> 60)" in message
    assert "extract" not in message
    assert "--accept-changes" in message
    assert tables(corpus) == before
    printed = succeed("build", "--output", corpus, *QUICK_BUILD, *changed, "--accept-changes")
    assert "extract: nothing to do" in printed
    fresh = tmp_path / "fresh"
    build_sample(corpus_crawl(corpus), fresh, *changed)
    assert_same_tables(corpus, fresh)
    assert tables(corpus) != before
    # From here on this is the corpus's own recipe, which a build without one keeps.
    assert "Nothing to do" in succeed("build", "--output", corpus, *QUICK_BUILD)


def corpus_crawl(corpus: Path) -> Path:
    return Path(json.loads((corpus / "corpus.json").read_text())["roots"]["crawl"])


def test_a_changed_input_is_listed_and_redone_only_when_accepted(tmp_path: Path) -> None:
    crawl, corpus = tmp_path / "crawl", tmp_path / "corpus"
    crawl.mkdir()
    shutil.copy2(PAGES, crawl / "a.pages.warc.gz")
    shutil.copy2(SAMPLE / f"{ONE}.images.warc.gz", crawl / "a.images.warc.gz")
    extract = (*IN_MEMORY, "--stages", "extract,dedupe")
    build_sample(crawl, corpus, *extract)
    before = tables(corpus)
    shutil.copy2(SAMPLE / "crawl-2.pages.warc.gz", crawl / "a.pages.warc.gz")
    message = fail("build", crawl / "a.pages.warc.gz", "--output", corpus, *extract)
    assert "extract: 1 parts (the file a.pages.warc.gz has changed)" in message
    assert "--accept-changes" in message
    assert tables(corpus) == before
    succeed("build", crawl / "a.pages.warc.gz", "--output", corpus, *extract, "--accept-changes")
    build_sample(crawl, tmp_path / "fresh", *extract)
    assert_same_tables(corpus, tmp_path / "fresh")


def test_a_stage_needs_the_one_before_it(tmp_path: Path) -> None:
    message = fail("build", PAGES, "--output", tmp_path / "corpus", *IN_MEMORY, "--stages", "dedupe")
    assert "'dedupe' reads what 'extract' writes" in message
    assert "Run it first" in message
    succeed("build", "--output", tmp_path / "corpus", *IN_MEMORY, "--stages", "extract,dedupe")


@pytest.mark.parametrize(("share", "kept"), [(0.97, True), (0.5, False)])
def test_a_truncated_file_is_built_from_what_can_be_read(share: float, kept: bool, tmp_path: Path) -> None:
    data = PAGES.read_bytes()
    (tmp_path / "cut.warc.gz").write_bytes(data[: int(len(data) * share)])
    limit = ("--set", "max_lost_share=0.2") if kept else ("--set", "max_lost_share=0.000001")
    corpus = tmp_path / "corpus"
    words = ("build", tmp_path / "cut.warc.gz", "--output", corpus, *IN_MEMORY, "--stages", "extract,dedupe", *limit)
    if kept:
        assert re.search(r"bytes: [\d,]+ records, [\d,]+ dropped", succeed(*words))
    else:
        message = fail(*words, exit_code=1)
        assert "max_lost_share" in message
        assert "--set max_lost_share=SHARE" in message
        # As the message says, with no file read again.
        allowed = succeed("build", "--output", corpus, *IN_MEMORY, "--stages", "extract", "--set", "max_lost_share=1")
        assert "extract: nothing to do" in allowed
    assert rows(corpus, "documents")
    status = succeed("status", corpus, environment={"COLUMNS": "200"})
    assert "truncated" in status
    assert "Damaged: cut.warc.gz at byte" in status


def test_a_file_of_which_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "cut.warc.gz").write_bytes(PAGES.read_bytes()[:300])
    message = fail("build", tmp_path / "cut.warc.gz", "--output", tmp_path / "corpus", *QUICK_BUILD, exit_code=1)
    assert "100.0% of the crawl could not be read" in message
    allowed = succeed("build", "--output", tmp_path / "corpus", *QUICK_BUILD, "--set", "max_lost_share=1")
    assert "No document reached the shards" in allowed


def test_the_hub_without_a_network(corpus: Path) -> None:
    """In a process of its own: the hub's library reads its environment when it is imported."""
    words = ("build", "--output", corpus, *IN_MEMORY, "--encoder", "test_nfnet", "--encoder-weights", "hub")
    before = shards(corpus)
    ended = m3w(*words, check=False, HF_HUB_OFFLINE="1")
    assert ended.returncode == 2
    assert ended.stderr.startswith("Error: ")
    assert "give their file" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert shards(corpus) == before


@pytest.mark.parametrize("weights", ["FOLDER/none.safetensors", "nope://none.safetensors"])
def test_weights_that_cannot_be_had(weights: str, corpus: Path, tmp_path: Path) -> None:
    """What was built before stays, and other weights mend it."""
    named = weights.replace("FOLDER", str(tmp_path))
    before = shards(corpus)
    words = ("build", "--output", corpus, *IN_MEMORY, "--encoder", "test_nfnet", "--set", "image_size_px=64")
    assert named in fail(*words, "--encoder-weights", named)
    assert shards(corpus) == before
    assert not (corpus / "features").exists()
    succeed(*words, "--encoder-weights", "random")


def shards(corpus: Path) -> dict[str, bytes]:
    return {name: data for name, data in tables(corpus).items() if name.startswith("shards/")}


@pytest.mark.parametrize(
    ("part", "command"),
    [
        ("manifests/extract.parquet", "status"),
        ("documents/*.parquet", "build"),
        ("shards/*.parquet", "show"),
        ("index/shards.parquet", "verify"),
    ],
)
def test_a_part_of_a_later_major_version_is_refused(part: str, command: str, corpus: Path) -> None:
    path = min(corpus.glob(part))
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, VERSION_KEY: b"3.0"}), path)
    if command == "verify":  # the hash in index.json would find it first
        index = json.loads((corpus / "index.json").read_text())
        index["shards"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        (corpus / "index.json").write_text(json.dumps(index))
    if command == "build":
        changed = ("--set", "min_words=60", "--accept-changes")
        message = fail("build", "--output", corpus, *QUICK_BUILD, *changed, exit_code=1)
    else:
        more = ["--output", corpus.parent / "shown.html"] if command == "show" else []
        message = fail(command, corpus, *more)
    assert str(path.relative_to(corpus)) in message
    assert "has version 3.0" in message
    assert "Read it with the m3w release that wrote it" in message


def test_a_second_build_of_the_same_corpus_is_refused(corpus: Path) -> None:
    before = tables(corpus)
    with locked(Store(str(corpus))):
        message = fail("build", "--output", corpus, *QUICK_BUILD)
    assert "Another m3w build is writing" in message
    assert "Wait for it" in message
    assert tables(corpus) == before
    succeed("build", "--output", corpus, *QUICK_BUILD)
