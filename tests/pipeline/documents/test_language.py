"""Language identification with the bundled fastText model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.language import identify
from pipeline.documents.page import read_page
from tests.pipeline.documents.pages import captures


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


def test_pages_of_the_handbook_are_in_the_language_of_their_folder() -> None:
    """A few pages of each language; some of the handbook is not translated, so not all agree."""
    agreed = []
    for capture, html in captures("sample_crawl/debian-handbook-multilingual.pages.warc.gz"):
        folder = capture.url.split("/browse/")[1].split("-")[0]
        if folder in ("de", "fr", "ja", "ru"):
            agreed.append(identify(read_page(html, capture.url).text)[0] == folder)
    assert len(agreed) >= 10
    assert sum(agreed) >= 0.8 * len(agreed)
