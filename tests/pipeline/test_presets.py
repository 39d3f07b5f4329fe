"""The named recipes, each on the bundled sample crawl up to the selection of images: what differs is what they say."""

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.build import STAGES
from pipeline.recipe import presets
from pipeline.report.verify import verify
from pipeline.store import Store
from pipeline.tables import Tally, read_manifest, total
from tests.pipeline.corpora import IN_MEMORY, m3w, rows
from tests.places import SAMPLE

STAGE_NAMES = ("extract", "dedupe", "locate", "fetch", "select")
BAD_FILES = {"not_in_archive": 5, "corrupt_image": 2, "http_status": 2, "not_an_image": 2, "too_many_pixels": 2}


class Built(NamedTuple):
    corpus: Path
    tallies: dict[str, Tally]  # of dedupe and select

    @property
    def documents(self) -> dict[str, int]:
        return self.tallies["documents"].dropped

    @property
    def images(self) -> dict[str, int]:
        """What select dropped by rules, not for what the files are."""
        dropped = self.tallies["image_references"].dropped
        assert {reason: dropped[reason] for reason in BAD_FILES} == BAD_FILES
        return {reason: count for reason, count in dropped.items() if reason not in BAD_FILES}

    def selected(self) -> dict[str, list[dict[str, Any]]]:
        """The kept images of every document that has some."""
        documents: dict[str, list[dict[str, Any]]] = {}
        for row in rows(self.corpus, "image_selection"):
            if row["kept"]:
                documents.setdefault(row["document_id"], []).append(row)
        return documents


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample crawl by the preset of this name."""
    corpus = tmp_path_factory.mktemp(request.param) / "corpus"
    pages = sorted(SAMPLE.glob("*.pages.warc.gz"))
    archive = ("--image-archive", f"{SAMPLE}/*.images.warc.gz")
    stages = ("--stages", ",".join(STAGE_NAMES))
    m3w("build", *pages, *archive, "--output", corpus, "--recipe", request.param, *stages, *IN_MEMORY)
    tallies: dict[str, Tally] = {}
    for stage in STAGE_NAMES:
        tallies |= total((read_manifest(Store(str(corpus)), stage) or {}).values())
    return Built(corpus, tallies)


@pytest.mark.parametrize("built", presets(), indirect=True)
def test_everything_adds_up(built: Built) -> None:
    assert list(verify(Store(str(built.corpus)), tuple(stage for stage in STAGES if stage.name in STAGE_NAMES))) == []
    assert all(tally.adds_up for tally in built.tallies.values())
    selection = rows(built.corpus, "document_selection")
    assert built.tallies["documents"].out["kept"] == sum(row["kept"] for row in selection)
    assert built.tallies["image_references"].out["kept"] == sum(map(len, built.selected().values()))


@pytest.mark.parametrize("built", ["m3w"], indirect=True)
def test_m3w(built: Built) -> None:
    assert built.documents == {"duplicate_url": 4, "duplicate_text": 3, "too_few_words": 1}
    assert built.images == {
        "too_frequent": 12,
        "too_small": 5,
        "duplicate_in_document": 2,
        "single_colour": 2,
        "aspect_ratio": 1,
    }


@pytest.mark.parametrize("built", ["obelics"], indirect=True)
def test_obelics(built: Built) -> None:
    """Paragraphs go, short documents stay; images are larger and squarer, of three formats, of one colour or more."""
    assert "too_few_words" not in built.documents
    assert built.tallies["paragraphs"].dropped["paragraph_words"] > 10
    assert built.tallies["paragraphs"].out["kept"] > 100
    assert {"too_small", "aspect_ratio", "format"} <= built.images.keys()
    assert "single_colour" not in built.images
    for images in built.selected().values():
        for image in images:
            assert min(image["width_px"], image["height_px"]) >= 150
            assert max(image["width_px"], image["height_px"]) <= 2 * min(image["width_px"], image["height_px"])
            assert not image["url"].endswith(".gif")


@pytest.mark.parametrize("built", ["mmc4"], indirect=True)
def test_mmc4(built: Built) -> None:
    """Paragraphs that end in no terminal mark go; of formats, JPEG and PNG stay."""
    assert built.documents["too_few_sentences"] > 0
    assert built.tallies["paragraphs"].dropped.keys() == {"unfinished_paragraph"}
    assert {"too_small", "aspect_ratio", "format"} <= built.images.keys()
    urls = {image["url"] for images in built.selected().values() for image in images}
    assert urls
    assert not any(url.endswith((".webp", ".gif")) for url in urls)


@pytest.mark.parametrize("built", ["kosmos1"], indirect=True)
def test_kosmos1(built: Built) -> None:
    """Texts as M3W's; images of any ratio and frequency, and only half of the documents with one image."""
    assert built.documents == {"duplicate_url": 4, "duplicate_text": 3, "too_few_words": 1}
    assert built.images.keys() == {"too_small", "duplicate_in_document", "single_colour", "single_in_document"}
    for row in rows(built.corpus, "image_selection"):
        is_lower_half = row["document_id"] < "8"
        assert row["reason"] != "single_in_document" or not is_lower_half
    assert all(len(images) > 1 or document < "8" for document, images in built.selected().items())
