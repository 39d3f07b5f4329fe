"""NFC of any text, also of texts on which the standard library takes hours."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.normal_form import MAX_MARKS, normalized

MARKS = "\u0315\u0301\u0323"  # of three classes, in the wrong order: each has to be moved


@given(st.text(max_size=3_000))
def test_texts_are_in_nfc(text: str) -> None:
    assert normalized(text) == unicodedata.normalize("NFC", text)


@given(st.lists(st.sampled_from(["e", "か", "\u3099", *MARKS, "漢", "、"]), max_size=2_000).map("".join))
def test_long_words_are_in_nfc(text: str) -> None:
    longest = max(map(len, text.translate(dict.fromkeys(map(ord, "eか漢、"), " ")).split()), default=0)
    if longest <= MAX_MARKS:
        assert normalized(text) == unicodedata.normalize("NFC", text)


def test_of_a_million_marks_the_first_are_put_in_order() -> None:
    text = "word e" + MARKS * 300_000 + " e" + MARKS + " x"
    expected = "word e" + (MARKS * MAX_MARKS)[:MAX_MARKS] + " e" + MARKS + " x"
    assert normalized(text) == unicodedata.normalize("NFC", expected)
