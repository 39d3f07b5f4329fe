"""Paragraphs are found and cut so that what is left reads as if they had never been there, images in their places."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.paragraphs import cut, paragraph_hash, paragraph_spans, spans_of

lines = st.lists(st.text("ab é😀", max_size=8).map(lambda line: f"x{line}x"), min_size=1, max_size=3)
paragraphs = st.lists(lines.map("\n".join), max_size=8)


@st.composite
def cuts(draw: st.DrawFn) -> tuple[list[str], set[int], list[int]]:
    """Paragraphs, numbers of some of them, and positions of images in the text that they make."""
    made = draw(paragraphs)
    dropped = draw(st.sets(st.integers(0, max(len(made) - 1, 0)), max_size=len(made)))
    positions = sorted(draw(st.lists(st.integers(0, len("\n\n".join(made))), max_size=8)))
    return made, dropped, positions


@given(cuts())
def test_what_is_left_are_the_other_paragraphs(drawn: tuple[list[str], set[int], list[int]]) -> None:
    made, dropped, positions = drawn
    text = "\n\n".join(made)
    spans = paragraph_spans(text)
    assert [text[start:end] for start, end in spans] == made
    cut_spans = list(spans_of(text, spans, dropped))
    assert all(0 <= start < end <= len(text) for start, end in cut_spans)
    assert all(one[1] < other[0] for one, other in pairwise(cut_spans))
    left, moved = cut(text, positions, cut_spans)
    assert left == "\n\n".join(made[number] for number in range(len(made)) if number not in dropped)
    assert moved == sorted(moved)
    assert all(0 <= position <= len(left) for position in moved)


@given(cuts())
def test_an_image_keeps_its_place_among_the_paragraphs_that_stay(drawn: tuple[list[str], set[int], list[int]]) -> None:
    made, dropped, positions = drawn
    text = "\n\n".join(made)
    spans = paragraph_spans(text)
    left, moved = cut(text, positions, list(spans_of(text, spans, dropped)))
    kept = [span for number, span in enumerate(spans) if number not in dropped]
    for position, now in zip(positions, moved, strict=True):
        for (start, end), (start_now, _) in zip(kept, paragraph_spans(left), strict=True):
            if start <= position <= end:
                assert now - start_now == position - start  # in the paragraph, or at its ends, where it was
            elif position < start:
                assert now <= start_now
            else:
                assert now >= start_now + end - start


@pytest.mark.parametrize(
    ("dropped", "left", "position"),
    [
        ({0}, "two\n\nthree", 2),
        ({1}, "one\n\nthree", 5),
        ({2}, "one\n\ntwo", 7),
        ({0, 1}, "three", 0),
        ({1, 2}, "one", 3),
        ({0, 1, 2}, "", 0),
        (set(), "one\n\ntwo\n\nthree", 7),
    ],
)
def test_cuts_at_either_end_and_of_everything(dropped: set[int], left: str, position: int) -> None:
    text = "one\n\ntwo\n\nthree"
    image = text.index("o\n\nthree")  # inside "two"
    assert cut(text, [image], list(spans_of(text, paragraph_spans(text), dropped))) == (left, [position])


def test_white_space_of_every_kind_is_no_paragraph() -> None:
    text = " \n\none\n \t\n\n\ntwo\n\n \n"
    assert [text[start:end] for start, end in paragraph_spans(text)] == ["one", "two"]
    left, _ = cut(text, [], list(spans_of(text, paragraph_spans(text), {0, 1})))
    assert left == ""


def test_a_paragraph_is_the_same_in_any_case_and_spacing_but_on_its_own_site_alone() -> None:
    here = paragraph_hash("a.example", "The site is secure, they say.")
    assert here == paragraph_hash("a.example", "the  site is\nSECURE, they say.")
    assert here != paragraph_hash("b.example", "The site is secure, they say.")
    assert paragraph_hash("a.example", "The site is secure.") is None  # too short
