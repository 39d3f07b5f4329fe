"""Gopher's measures on texts small enough to count by hand, and the rules over them."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.rules import TextThresholds, decide
from pipeline.documents.scores import TextScores, score, text_hash
from schemas.documents import SCORES

PROSE = " ".join(f"The w{n}a of x{n}b and y{n}c have z{n}d with u{n}e that v{n}f." for n in range(20))


def test_columns_are_those_of_the_schema() -> None:
    assert list(TextScores._fields) == [field.name for field in SCORES]


def test_words() -> None:
    scores = score("The quick # fox... 42\nwith…  THE 7")
    assert scores.word_count == 8
    assert scores.mean_word_length == pytest.approx((3 + 5 + 1 + 6 + 2 + 5 + 3 + 1) / 8)
    assert scores.symbol_word_ratio == pytest.approx(3 / 8)
    assert scores.alphabetic_word_share == pytest.approx(5 / 8)
    assert scores.stop_word_count == 1


def test_lines() -> None:
    scores = score("- one\n\n• two\nthree...\nfour…\nfive")
    assert scores.bullet_line_share == pytest.approx(2 / 5)
    assert scores.ellipsis_line_share == pytest.approx(2 / 5)


def test_duplicates() -> None:
    scores = score("aa\nbbbb\n\naa\nbbbb\n\n aa \ncc")
    assert scores.duplicate_line_share == pytest.approx(3 / 6)
    assert scores.duplicate_line_character_share == pytest.approx((2 + 4 + 2) / 16)
    assert scores.duplicate_paragraph_share == pytest.approx(1 / 3)
    assert scores.duplicate_paragraph_character_share == pytest.approx(7 / 20)  # the line end inside counts


def test_ngrams() -> None:
    scores = score("a bb a bb c")
    assert scores.top_2gram_character_share == pytest.approx(6 / 7)
    assert scores.top_3gram_character_share == 0
    assert score("x x x x").top_2gram_character_share == 1  # overlapping occurrences count once
    assert score("x y z").top_2gram_character_share == 0  # nothing repeats


@given(st.text(alphabet="ab# .…-\n", max_size=60))
def test_shares_lie_between_0_and_1(text: str) -> None:
    scores = score(text)
    for name, value in scores._asdict().items():
        assert value >= 0
        assert value <= 1 or not name.endswith("share")
    decide(scores, TextThresholds())


def test_an_empty_text() -> None:
    assert set(score(" \n")) == {0}
    assert decide(score(""), TextThresholds()) == "too_few_words"


def test_text_hash_folds_case_space_and_composition() -> None:
    assert text_hash("Caf\u00e9  au\nlait ") == text_hash("cafe\u0301 AU LAIT")
    assert text_hash("a b") != text_hash("ab")
    assert text_hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_prose_keeps_every_rule() -> None:
    assert decide(score(PROSE), TextThresholds()) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The end of it.", "too_few_words"),
        (f"{PROSE} " * 500, "too_many_words"),
        ("The end of " + "x" * 2000 + f" {PROSE}", "mean_word_length"),
        (PROSE + " #tag" * 60, "symbols"),
        ("\n".join(f"- {n} {PROSE}" for n in range(10)), "bullets"),
        ("\n".join(f"{n} {PROSE}..." for n in range(10)), "ellipses"),
        (PROSE + " 1234" * 80, "too_few_alphabetic_words"),
        (PROSE.replace("The", "Un").replace("the", "un").replace("of", "di").replace("and", "e").replace("have", "ha")
            .replace("that", "quel").replace("with", "con"), "too_few_stop_words"),
        (PROSE + "\nThis line comes back.\nThis" * 30, "duplicate_lines"),
        (f"{PROSE}\nA\n\n" * 2 + PROSE, "duplicate_lines"),
        (PROSE + " very nice" * 60, "repeated_ngrams"),
    ],
)  # fmt: skip
def test_each_rule_has_its_reason(text: str, reason: str) -> None:
    assert decide(score(text), TextThresholds()) == reason


def test_duplicate_paragraphs() -> None:
    scores = score(PROSE)._replace(duplicate_paragraph_share=0.31)
    assert decide(scores, TextThresholds()) == "duplicate_paragraphs"
    assert decide(scores, dataclasses.replace(TextThresholds(), max_duplicate_paragraph_share=0.31)) is None
