"""Sketches tell how alike texts are, bands bring the likely pairs together, and both say so as the mathematics does."""

import hashlib
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.near_duplicates import PERMUTATIONS, bands, similarity, sketch
from tests.pipeline.documents.edited import edited, jaccard, random_text


def test_only_words_count() -> None:
    assert sketch("The quick — brown\n\nFOX, jumps over!") == sketch("the quick brown fox jumps over")
    assert sketch("cafe\u0301 au lait et croissant") == sketch("café au lait et croissant")
    assert sketch("one two three four five six") != sketch("one two three four six five")


def test_texts_of_less_than_five_words_are_one_shingle() -> None:
    assert len(sketch("word")) == PERMUTATIONS
    assert sketch("a word") == sketch("A word.")
    assert similarity(sketch("a word"), sketch("another word")) < 0.1


@pytest.mark.parametrize("text", ["", "  \n\n ", "— … !", "\U0001f600"])
def test_a_text_without_words_has_no_sketch_and_no_band(text: str) -> None:
    assert sketch(text) == b""
    assert bands(b"") == []


@given(st.text(max_size=200))
def test_any_text_has_a_sketch_that_depends_on_it_alone(text: str) -> None:
    assert len(sketch(text)) in (0, PERMUTATIONS)
    assert sketch(text) == sketch(text)


def test_the_library_makes_the_same_hashes_as_ever() -> None:
    """If this fails, corpora change: raise the version of the stage dedupe with the library's."""
    made = hashlib.sha256(
        sketch("In 1843 a lady of London wrote the first program, for a machine that was never built.")
    )
    assert made.hexdigest()[:16] == "33ddc97dde02da14"


def test_the_estimate_has_no_bias_and_the_error_of_128_hashes() -> None:
    random = Random(1)
    errors = []
    for _ in range(300):
        text = random_text(random, 200)
        other = edited(text, random.choice([0.01, 0.03, 0.06, 0.1]), random)
        errors.append(similarity(sketch(text), sketch(other)) - jaccard(text, other))
    mean = sum(errors) / len(errors)
    deviation = (sum(error**2 for error in errors) / len(errors)) ** 0.5
    assert abs(mean) < 0.01
    assert deviation < 0.045  # sqrt(J (1 - J) / 128) is 0.044 at most


def test_pairs_of_similarity_over_08_share_a_band_and_others_rarely_do() -> None:
    random = Random(2)
    shared = {True: [0, 0], False: [0, 0]}
    for _ in range(600):
        text = random_text(random, 200)
        other = edited(text, random.choice([0.01, 0.02, 0.2, 0.3]), random)
        truth = jaccard(text, other)
        if truth >= 0.8 or truth <= 0.3:
            meet = bool(set(bands(sketch(text))) & set(bands(sketch(other))))
            shared[truth >= 0.8][0] += meet
            shared[truth >= 0.8][1] += 1
    found, taken = (meets / pairs for meets, pairs in (shared[True], shared[False]))
    assert min(pairs for _, pairs in shared.values()) > 100
    assert found > 0.98
    assert taken < 0.02
