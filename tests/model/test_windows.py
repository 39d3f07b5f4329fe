"""Markup, media indices and windows: the paper's worked example, independent oracles, and properties."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.idefics.processing_idefics import image_attention_mask_for_packed_input_ids

from model.data.markup import MarkedText, mark_up
from model.data.windows import cut_window, media_indices
from model.language_model import Vocabulary
from model.loss import IGNORED

BOS, EOS, EOC = 1_000_000, 1_000_001, 1_000_002
CODE_POINTS = Vocabulary(lambda text: [ord(character) for character in text], BOS, EOS, EOC)
NAMES = {BOS: "<BOS>", EOS: "<EOS>", EOC: "<EOC>"}


def text_of(tokens: list[int]) -> str:
    return "".join(NAMES.get(token) or chr(token) for token in tokens)


def test_the_papers_worked_example() -> None:
    text = "Cute pics of my pets!\n\nMy puppy sitting in the grass.\n\nMy cat looking very dignified.\n"
    positions = [text.index("\n\nMy puppy") + 1, text.index("\n\nMy cat") + 1]
    marked = mark_up(text, positions, [False, True], CODE_POINTS)
    assert text_of(marked.tokens) == (
        "<BOS>Cute pics of my pets!<EOC><image>My puppy sitting in the grass."
        "<EOC><image> My cat looking very dignified.<EOC><EOS>"
    )
    window = cut_window(marked, 0, 256, 5, next_image=False)
    assert window.images == [0, 1]
    seen = {
        number: text_of([t for t, phi in zip(window.tokens, window.phi, strict=True) if phi == number])
        for number in (0, 1, 2)
    }
    assert seen == {
        0: "<BOS>Cute pics of my pets!<EOC>",
        1: "<image>My puppy sitting in the grass.<EOC>",
        2: "<image> My cat looking very dignified.<EOC><EOS>",
    }
    window = cut_window(marked, 0, 256, 5, next_image=True)
    seen = {
        number: text_of([t for t, phi in zip(window.tokens, window.phi, strict=True) if phi == number])
        for number in (0, 1, 2)
    }
    assert seen == {
        1: "<BOS>Cute pics of my pets!<EOC><image>",
        2: "My puppy sitting in the grass.<EOC><image>",
        0: " My cat looking very dignified.<EOC><EOS>",
    }


def test_loss_is_on_all_text_but_the_image_tags() -> None:
    marked = mark_up("before after", [7], [False], CODE_POINTS)
    labels = cut_window(marked, 0, 256, 5, next_image=False).labels
    assert text_of([label for label in labels if label != IGNORED]) == "<BOS>before<EOC>after<EOC><EOS>"
    assert labels.count(IGNORED) == len("<image>")


def test_images_at_the_same_place_and_at_both_ends() -> None:
    marked = mark_up("text", [0, 4, 4], [True, True, True], CODE_POINTS)
    assert text_of(marked.tokens) == "<BOS><EOC><image> text<EOC><image><EOC><image><EOC><EOS>"


def test_text_without_images() -> None:
    marked = mark_up(" only text ", [], [], CODE_POINTS)
    assert text_of(marked.tokens) == "<BOS>only text<EOC><EOS>"
    assert set(cut_window(marked, 0, 256, 5, next_image=True).phi) == {0}


def test_positions_count_code_points() -> None:
    marked = mark_up("\U0001f600ab", [2], [False], CODE_POINTS)
    assert text_of(marked.tokens) == "<BOS>\U0001f600a<EOC><image>b<EOC><EOS>"


def test_literal_media_indices() -> None:
    """Images at 2 and 6 of 10 tokens, as two published loaders number them."""
    tags = [(2, 3), (6, 7)]
    assert media_indices(tags, 10, next_image=False) == [0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    assert media_indices(tags, 10, next_image=True) == [1, 1, 1, 2, 2, 2, 2, 0, 0, 0]


class OneImageToken:
    """As much of a tokenizer as the oracle asks for."""

    eos_token_id = -7

    def convert_tokens_to_ids(self, _token: str) -> int:
        return 99


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_media_indices_agree_with_idefics(is_image: list[bool]) -> None:
    ids = torch.tensor([[99 if image else 5 for image in is_image]])
    previous, following = image_attention_mask_for_packed_input_ids(ids, OneImageToken(), "pt")
    tags = [(at, at + 1) for at, image in enumerate(is_image) if image]
    assert media_indices(tags, len(is_image), next_image=False) == (previous[0] + 1).tolist()
    assert media_indices(tags, len(is_image), next_image=True) == (following[0] + 1).tolist()


@st.composite
def rows(draw: st.DrawFn) -> MarkedText:
    text = draw(st.text(st.characters(codec="utf-8"), max_size=60))
    positions = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return mark_up(text, positions, [draw(st.booleans()) for _ in positions], CODE_POINTS)


@given(rows(), st.data(), st.integers(1, 40), st.integers(1, 5), st.booleans())
def test_windows(marked: MarkedText, data: st.DataObject, length: int, max_images: int, next_image: bool) -> None:
    start = data.draw(st.integers(0, len(marked.tokens) - 1))
    window = cut_window(marked, start, length, max_images, next_image=next_image)
    assert window.tokens == marked.tokens[start : start + length]
    assert len(window.phi) == len(window.labels) == len(window.tokens) <= length
    begins = [begin - start for begin, _ in marked.tags]
    inside = [number for number, begin in enumerate(begins) if 0 <= begin < len(window.tokens)]
    assert window.images == inside[:max_images]
    assert all(0 <= phi <= len(window.images) for phi in window.phi)
    for at, phi in enumerate(window.phi):
        before = [number for number in inside if begins[number] <= at]
        after = [number for number in inside if marked.tags[number][1] - start > at]
        image = (after[:1] if next_image else before[-1:]) or [None]
        expected = window.images.index(image[0]) + 1 if image[0] in window.images else 0
        assert phi == expected
    for token, label in zip(window.tokens, window.labels, strict=True):
        assert label in (token, IGNORED)


@given(rows())
def test_markup_keeps_the_text_and_closes_every_image(marked: MarkedText) -> None:
    assert marked.tokens[0] == BOS
    assert marked.tokens[-2:] == [EOC, EOS]
    assert marked.tokens.count(EOC) == len(marked.tags) + 1
    for begin, end in marked.tags:
        assert marked.tokens[begin - 1] == EOC
        assert text_of(marked.tokens[begin:end]) == "<image>"
