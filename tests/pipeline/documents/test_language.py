"""Language identification with the bundled fastText model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.language import read_pages, wrong_pages
from pipeline.documents.language import MIN_BLOCK_CHARS, identify, identify_block, identify_document
from tests.places import SHARED


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The quick brown fox jumps over the lazy dog,\nand the dog does not mind at all.", "en"),
        ("Der schnelle braune Fuchs springt über den faulen Hund, und der Hund stört sich nicht daran.", "de"),
        ("Le renard brun saute par-dessus le chien paresseux, qui ne s'en soucie guère.", "fr"),
        ("今天天气很好，我们去公园散步。这是一个中文网页，讲述城市的历史与文化。", "zh"),
        ("تفيدك معرفة العناصر العديدة المذكورة في هذا القسم", "ar"),
    ],
)
def test_languages(text: str, language: str) -> None:
    found, probability = identify(text)
    assert found == language
    assert 0.5 < probability <= 1


def test_nothing_is_undetermined() -> None:
    assert identify(" \n\t") == ("und", 0.0)


@given(st.text(max_size=200))
def test_any_text_has_one_answer(text: str) -> None:
    language, probability = identify(text)
    assert language.isalpha()
    assert 0 <= probability <= 1
    assert identify(text) == (language, probability)


@pytest.mark.parametrize("blocks", [[], [""], [" "]])
def test_no_block_is_undetermined(blocks: list[str]) -> None:
    assert identify_document(blocks) == ("und", 0.0)


@given(st.lists(st.text(max_size=200), max_size=100))
def test_any_blocks_have_one_answer(blocks: list[str]) -> None:
    language, probability = identify_document(blocks)
    assert language.isalpha()
    assert 0 <= probability <= 1


ENGLISH = "The quick brown fox jumps over the lazy dog, and the dog does not mind at all. "
GERMAN = "Der schnelle braune Fuchs springt über den faulen Hund, den das nicht stört. "


def test_a_document_is_judged_by_all_its_blocks() -> None:
    """Wherever they stand, and however long a single one is."""
    assert identify_document([ENGLISH, *[GERMAN] * 50])[0] == "de"
    assert identify_document([*[GERMAN] * 50, ENGLISH])[0] == "de"
    assert identify_document([ENGLISH * 100, *[GERMAN] * 30])[0] == "de"
    assert identify_document([ENGLISH * 100])[0] == "en"
    assert identify_document([GERMAN] * 10_000)[0] == "de"


def test_a_block_that_is_too_short_has_no_language() -> None:
    assert identify_block(GERMAN[:MIN_BLOCK_CHARS])[0] == "de"
    assert identify_block(GERMAN[: MIN_BLOCK_CHARS - 1]) == (None, None)


# How many documents of the sample crawl may be wrong: one page of the handbook of which most is not translated. This
# gate only goes down.
MAX_WRONG = 1


def test_documents_of_the_sample_crawl() -> None:
    pages = list(read_pages(SHARED / "sample_crawl"))
    assert len(pages) > 380
    wrong = wrong_pages(pages)
    assert len(wrong) <= MAX_WRONG, wrong
