"""A corpus of which a disk lost something: verify names it in words, and a build makes it again."""

import shutil
from pathlib import Path

import pytest

from tests.pipeline.corpora import assert_same_tables
from tests.pipeline.in_process import QUICK_BUILD, build_sample, fail, invoke, succeed
from tests.places import SAMPLE


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("small") / "corpus"
    build_sample(SAMPLE, corpus, only="crawl-3")
    return corpus


@pytest.fixture
def corpus(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "corpus"))


def lose_the_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def verified(corpus: Path) -> str:
    result = invoke("verify", corpus)
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1
    return result.stdout


@pytest.mark.parametrize(
    "name",
    [
        "index.json",
        "index/shards.parquet",
        "receipts/pack/*.json",
        "documents/*.parquet",
        "image_selection/*.parquet",
        "shards/*.parquet",
    ],
)
@pytest.mark.parametrize("lost", ["all", "its end"])
def test_what_is_lost_is_named_and_made_again(name: str, lost: str, small: Path, corpus: Path) -> None:
    path = min(corpus.glob(name))
    if lost == "all":
        path.unlink()
    else:
        lose_the_end(path)
    assert str(path.relative_to(corpus)) in verified(corpus)
    if lost == "its end" and path.suffix == ".parquet" and path.parent.name != "index":
        path.unlink()  # a build looks at names, not into files: what verify names must go first
    succeed("build", "--output", corpus, *QUICK_BUILD)
    assert_same_tables(small, corpus)
    assert succeed("verify", corpus).endswith("sound\n")


@pytest.mark.parametrize("stage", ["extract", "select", "pack"])
def test_a_damaged_manifest_is_named_and_can_be_deleted(stage: str, small: Path, corpus: Path) -> None:
    manifest = corpus / "manifests" / f"{stage}.parquet"
    lose_the_end(manifest)
    assert f"manifests/{stage}.parquet" in verified(corpus)
    for words in (("status", corpus), ("build", "--output", corpus, *QUICK_BUILD)):
        message = fail(*words)
        assert f"manifests/{stage}.parquet" in message
        assert "Delete it" in message
    manifest.unlink()
    succeed("build", "--output", corpus, *QUICK_BUILD)
    assert_same_tables(small, corpus)
