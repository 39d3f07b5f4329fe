"""A corpus and its crawl can lie anywhere, move, and be named in any way: the tables are the same."""

import gzip
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pytest
from rich.console import Console

from pipeline.build import STAGES
from pipeline.engine import Engine
from pipeline.report.verify import verify
from pipeline.request import BuildRequest, run_build
from pipeline.store import Store
from tests.pipeline.corpora import assert_same_tables, rows, tables
from tests.pipeline.in_process import NO_FEATURES, QUICK_BUILD, build_sample, succeed
from tests.pipeline.range_server import RangeServer
from tests.places import SAMPLE

NUMBERS = (2, 3)  # of the sample's file pairs: enough for several parts of every table


def copy_crawl(folder: Path) -> Path:
    """Part of the sample as a crawl of its own, with its modification times."""
    folder.mkdir(parents=True)
    for number in NUMBERS:
        for kind in ("pages", "images"):
            shutil.copy2(SAMPLE / f"crawl-{number}.{kind}.warc.gz", folder)
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`crawl` and the `corpus` that was built from it. Tests must not change them."""
    made = tmp_path_factory.mktemp("home")
    copy_crawl(made / "crawl")
    build_sample(made / "crawl", made / "corpus")
    return made


def test_corpus_and_crawl_move(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "old")
    state = tmp_path / "old" / "corpus" / "corpus.json"  # so that nothing can be read from the first place
    state.write_text(state.read_text().replace(str(home), str(tmp_path / "old")))
    corpus = tmp_path / "elsewhere" / "corpus"
    corpus.parent.mkdir()
    (tmp_path / "old" / "corpus").rename(corpus)
    (tmp_path / "old" / "crawl").rename(tmp_path / "files")
    before = tables(corpus)
    roots = [word for name in ("crawl", "archive") for word in ("--root", f"{name}={tmp_path / 'files'}")]
    assert "Nothing to do" in succeed("build", "--output", corpus, *QUICK_BUILD, *roots)
    assert tables(corpus) == before
    # The new place is remembered: packing again reads the images from there.
    shutil.rmtree(corpus / "shards")
    shutil.rmtree(corpus / "receipts" / "pack")
    (corpus / "manifests" / "pack.parquet").unlink()
    printed = succeed("build", "--output", corpus, *QUICK_BUILD)
    assert "select: nothing to do" in printed
    assert_same_tables(home / "corpus", corpus)
    # And naming the files at their new place adds nothing.
    assert "Nothing to do" in build_sample(tmp_path / "files", corpus)


def listed(folder: Path, name: str, *, zipped: bool) -> Path:
    """A list of the pages beside the crawl files, with paths relative to itself."""
    text = "# pages\n" + "".join(f"{path.name}\n" for path in sorted(folder.glob("*.pages.warc.gz")))
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if zipped else text.encode())
    return path


WAYS: dict[str, Callable[[Path], Sequence[object]]] = {
    "list": lambda folder: [listed(folder, "warc.paths", zipped=False)],
    "gzipped list": lambda folder: [listed(folder, "warc.paths.gz", zipped=True)],
    "glob": lambda folder: [f"{folder}/*.pages.warc.gz"],
    "relative to the working folder": lambda folder: sorted(path.name for path in folder.glob("*.pages.warc.gz")),
    "folder": lambda folder: [apart(folder)],
}


def apart(folder: Path) -> Path:
    """A folder that holds the pages and nothing else."""
    pages = folder / "pages"
    pages.mkdir()
    for path in folder.glob("*.pages.warc.gz"):
        shutil.copy2(path, pages)
    return pages


@pytest.mark.parametrize("way", WAYS)
def test_the_crawl_may_be_named_in_any_way(
    way: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl = copy_crawl(tmp_path / "crawl")
    monkeypatch.chdir(crawl)
    archive = ("--image-archive", f"{crawl}/*.images.warc.gz", "--set", "validation_share=0.3")
    encoder = ("--encoder", "test_nfnet", "--encoder-weights", "random", "--set", "image_size_px=64")
    succeed("build", *WAYS[way](crawl), *archive, *encoder, "--output", tmp_path / "corpus", *QUICK_BUILD)
    assert_same_tables(home / "corpus", tmp_path / "corpus")


# The versions of the input files stand in these; they differ by nature, as do a web server's from a disk's.
WITH_VERSIONS = ("inputs.json", "manifests/extract.parquet")


def test_a_crawl_over_http(home: Path, tmp_path: Path) -> None:
    with RangeServer(home / "crawl") as server:
        pages = [server.url(f"crawl-{number}.pages.warc.gz") for number in NUMBERS]
        archives = [
            word for number in NUMBERS for word in ("--image-archive", server.url(f"crawl-{number}.images.warc.gz"))
        ]
        encoder = ("--encoder", "test_nfnet", "--encoder-weights", "random", "--set", "image_size_px=64")
        split = ("--set", "validation_share=0.3")
        words = ("build", *pages, *archives, *encoder, *split, "--output", tmp_path / "corpus", *QUICK_BUILD)
        succeed(*words)
        assert "Nothing to do" in succeed(*words)
    found, wanted = tables(tmp_path / "corpus"), tables(home / "corpus")
    assert found.keys() == wanted.keys()
    assert {name for name in wanted if found[name] != wanted[name]} == set(WITH_VERSIONS)


@pytest.fixture
def memory_url() -> Iterator[str]:
    url = f"memory://{uuid.uuid4().hex}/corpus"
    yield url
    filesystem, path = fsspec.core.url_to_fs(url)
    filesystem.rm(path, recursive=True)


def request(output: str, crawl: Path, numbers: tuple[int, ...] = NUMBERS, **more: Any) -> BuildRequest:
    return BuildRequest(
        output=output,
        crawl=tuple(str(crawl / f"crawl-{number}.pages.warc.gz") for number in numbers),
        image_archives=tuple(str(crawl / f"crawl-{number}.images.warc.gz") for number in numbers),
        settings=("encoder=test_nfnet", "encoder_weights=random", "image_size_px=64", "validation_share=0.3"),
        stages=tuple(NO_FEATURES[1].split(",")),
        now=datetime(2024, 1, 1, tzinfo=UTC),
        **more,
    )


def downloaded(url: str, folder: Path) -> Path:
    filesystem, path = fsspec.core.url_to_fs(url)
    for found in filesystem.find(path):
        target = folder / Path(found).relative_to(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(filesystem.cat_file(found))
    return folder


def test_a_corpus_in_an_object_store(
    home: Path, memory_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory stands for any: no renames, no folders, no locks. It grows, sweeps, is verified, and leaves no files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    quiet = Console(quiet=True)
    run_build(request(memory_url, home / "crawl", NUMBERS[:1]), Engine(), quiet)
    run_build(request(memory_url, home / "crawl"), Engine(), quiet)
    store = Store(memory_url)
    assert list(verify(store, STAGES)) == []
    stray = f"{memory_url}/images/stray.0123456789abcdef.parquet"
    with fsspec.open(stray, "wb") as file:
        file.write(b"leaving")
    assert list(verify(store, STAGES)) == [
        f"{stray.removeprefix(memory_url + '/')} is named by no receipt; the next build sweeps it."
    ]
    run_build(request(memory_url, home / "crawl"), Engine(), quiet)
    assert_same_tables(home / "corpus", downloaded(memory_url, tmp_path / "downloaded"))
    assert rows(tmp_path / "downloaded", "shards")
    assert list((tmp_path / "scratch").glob("m3w-*")) == []
