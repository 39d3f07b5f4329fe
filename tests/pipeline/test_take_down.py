"""What is on the take-down list leaves the shards, is counted, and never comes back."""

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.documents.site import site_of
from pipeline.store import Store
from pipeline.tables import read_receipts, total
from tests.pipeline.corpora import rows, tables
from tests.pipeline.in_process import QUICK_BUILD, build_sample, succeed
from tests.places import SAMPLE

FIRST, LATER = "crawl-[12]", "crawl-[34]"


class Listed(NamedTuple):
    """One entry of each kind, each about something that the shards held."""

    page: str
    site: str
    image_url: str
    image_id: str

    def write(self, folder: Path) -> Path:
        path = folder / "list.txt"
        path.write_text(f"# asked for\n{self.page}\nsite:{self.site}\n\n{self.image_url}\nsha256:{self.image_id}\n")
        return path

    def covers(self, row: dict[str, Any], image: dict[str, Any] | None = None) -> bool:
        if image:
            return bool(image["url"] == self.image_url or image["image_id"] == self.image_id)
        return bool(row["url"] == self.page or site_of(row["url"]) == self.site)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first half of the sample. Tests copy it."""
    corpus = tmp_path_factory.mktemp("built") / "corpus"
    build_sample(SAMPLE, corpus, only=FIRST)
    return corpus


@pytest.fixture(scope="module")
def listed(built: Path) -> Listed:
    shards = rows(built, "shards")
    page = shards[0]["url"]
    site = next(site_of(row["url"]) for row in shards if site_of(row["url"]) != site_of(page))
    left = [row for row in shards if row["url"] != page and site_of(row["url"]) != site]
    by_url, by_hash = max(left, key=lambda row: len(row["images"]))["images"][:2]
    return Listed(page, site, by_url["url"], by_hash["image_id"])


@pytest.fixture
def corpus(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "corpus"))


def found(corpus: Path, listed: Listed) -> list[str]:
    """What the shards hold of what is on the list."""
    shards = rows(corpus, "shards")
    pages = [row["url"] for row in shards if listed.covers(row)]
    return pages + [image["url"] for row in shards for image in row["images"] if listed.covers(row, image)]


def taken_down(corpus: Path, stage: str, population: str) -> int:
    return total(read_receipts(Store(str(corpus)), stage).values())[population].dropped.get("taken_down", 0)


def test_it_leaves_a_built_corpus_and_stays_away(corpus: Path, listed: Listed, tmp_path: Path) -> None:
    before = rows(corpus, "shards")
    assert len(found(corpus, listed)) >= 4
    succeed("build", "--output", corpus, *QUICK_BUILD, "--take-down", listed.write(tmp_path))
    assert found(corpus, listed) == []
    documents = [row["url"] for row in rows(corpus, "documents") if listed.covers(row)]  # older captures too
    assert taken_down(corpus, "dedupe", "documents") == len(documents)
    references = [i for row in before if not listed.covers(row) for i in row["images"] if listed.covers(row, i)]
    assert taken_down(corpus, "select", "image_references") == len(references)
    untouched = {row["url"] for row in before if not listed.covers(row)}
    assert {row["url"] for row in rows(corpus, "shards")} == untouched
    assert succeed("verify", corpus).endswith("sound\n")

    after = tables(corpus)
    assert "Nothing to do" in succeed("build", "--output", corpus, *QUICK_BUILD)
    assert tables(corpus) == after

    build_sample(SAMPLE, corpus, only=LATER)
    assert found(corpus, listed) == []
    assert len(rows(corpus, "shards")) > len(untouched)
    build_sample(SAMPLE, corpus, "--set", "min_language_score=0.6", "--accept-changes")  # every stage anew
    assert found(corpus, listed) == []


def test_the_shards_are_those_of_a_corpus_that_had_the_list_from_the_start(
    corpus: Path, listed: Listed, tmp_path: Path
) -> None:
    path = listed.write(tmp_path)
    succeed("build", "--output", corpus, *QUICK_BUILD, "--take-down", path)
    build_sample(SAMPLE, tmp_path / "fresh", "--take-down", path, only=FIRST)
    names = ("shards/", "index/")
    one, other = (
        {name: data for name, data in tables(folder).items() if name.startswith(names)}
        for folder in (corpus, tmp_path / "fresh")
    )
    assert one == other


def test_an_image_url_on_the_list_is_not_asked_for(listed: Listed, tmp_path: Path) -> None:
    """It has no place in `images/` either; what only the hash of its bytes names has, for they must be read first."""
    corpus = tmp_path / "corpus"
    build_sample(SAMPLE, corpus, "--take-down", listed.write(tmp_path), only=FIRST)
    assert listed.image_url not in {row["url"] for row in rows(corpus, "images")}


def test_the_list_grows(corpus: Path, listed: Listed, tmp_path: Path) -> None:
    for number, entry in enumerate([listed.page, f"site:{listed.site}"]):
        path = tmp_path / f"list-{number}.txt"
        path.write_text(entry)
        succeed("build", "--output", corpus, *QUICK_BUILD, "--take-down", path)
    assert (corpus / "take_down.txt").read_text().split() == sorted([listed.page, f"site:{listed.site}"])
    assert not any(listed.covers(row) for row in rows(corpus, "shards"))
    totals = json.loads((corpus / "index.json").read_text())["totals"]
    assert totals["rows"] == len(rows(corpus, "shards"))
