"""Kills at the few writes that stand outside the stages: the corpus's own files and the index."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.corpora import arguments, assert_same_tables, tables
from tests.pipeline.in_process import QUICK_BUILD, build_sample, succeed
from tests.places import ROOT, SAMPLE

FIRST, ALL = "crawl-2", "crawl-[23]"


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("undisturbed") / "corpus"
    build_sample(SAMPLE, corpus, only=ALL)
    return corpus


def killed_at(write: str, corpus: Path, *, only: str) -> None:
    command = [sys.executable, "-m", "tests.pipeline.killed", write, "1", "--"]
    command += map(str, [*arguments(SAMPLE, corpus, only=only), *QUICK_BUILD])
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, (ended.stdout, ended.stderr)


@pytest.mark.parametrize("write", ["corpus.json", "inputs.json"])
def test_killed_before_the_first_stage(write: str, undisturbed: Path, tmp_path: Path) -> None:
    """What a killed first build leaves is not taken for a stranger's folder."""
    killed_at(write, tmp_path / "corpus", only=ALL)
    build_sample(SAMPLE, tmp_path / "corpus", only=ALL)
    assert_same_tables(undisturbed, tmp_path / "corpus")


@pytest.mark.slow
@pytest.mark.parametrize("write", ["inputs.json", "index/", "index.json"])
def test_killed_while_a_corpus_grows(write: str, undisturbed: Path, tmp_path: Path) -> None:
    """The index of the smaller corpus does not stay, even though every stage has ended."""
    build_sample(SAMPLE, tmp_path / "corpus", only=FIRST)
    killed_at(write, tmp_path / "corpus", only=ALL)
    build_sample(SAMPLE, tmp_path / "corpus", only=ALL)
    assert_same_tables(undisturbed, tmp_path / "corpus")
    assert succeed("verify", tmp_path / "corpus").endswith("sound\n")


def test_the_index_has_the_recipe_that_made_the_shards(tmp_path: Path) -> None:
    """Also where a change of it changed no shard: no image of this file has a side of 65 px."""
    corpus = tmp_path / "corpus"
    build_sample(SAMPLE, corpus, only="crawl-3")
    before = tables(corpus)
    build_sample(SAMPLE, corpus, "--set", "min_side_px=66", "--accept-changes", only="crawl-3")
    after = tables(corpus)
    assert {name: data for name, data in before.items() if name.startswith("shards/")}.items() <= after.items()
    assert json.loads(after["index.json"])["recipe"]["min_side_px"] == 66
