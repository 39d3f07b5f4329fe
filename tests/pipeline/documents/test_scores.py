"""Measures on texts small enough to count by hand, against slow ones that count as the papers say, and the rules."""

import dataclasses
import hashlib
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.documents.characters import (
    character_repetition_ratio,
    code_points,
    kinds_of,
    punctuation_ratio,
    sentence_count,
)
from pipeline.documents.repetition import Hashed, Hashes, repeat_counts
from pipeline.documents.rules import TextThresholds, decide
from pipeline.documents.scores import NGRAM_SHARES, TextScores, score, text_hash
from pipeline.documents.words import is_listed, plain_words, word_bounds, word_hashes
from pipeline.recipe import Recipe
from schemas.documents import SCORES

M3W = TextThresholds.of(Recipe())

PROSE = " ".join(f"The w{n}a of x{n}b and y{n}c have z{n}d with u{n}e that v{n}f." for n in range(20))


def test_columns_are_those_of_the_schema() -> None:
    assert list(TextScores._fields) == [field.name for field in SCORES]


def test_words() -> None:
    scores = score("The quick # fox... 42\nwith…  THE 7", "en")
    assert scores.word_count == 8
    assert scores.mean_word_length == pytest.approx((3 + 5 + 1 + 6 + 2 + 5 + 3 + 1) / 8)
    assert scores.symbol_word_ratio == pytest.approx(3 / 8)
    assert scores.alphabetic_word_share == pytest.approx(5 / 8)
    assert scores.stop_word_count == 2  # the, with


def test_lines() -> None:
    scores = score("- one\n\n• two\nthree...\nfour…\nfive", "en")
    assert scores.bullet_line_share == pytest.approx(2 / 5)
    assert scores.ellipsis_line_share == pytest.approx(2 / 5)


def test_duplicates() -> None:
    scores = score("aa\nbbbb\n\naa\nbbbb\n\n aa \ncc", "en")
    assert scores.duplicate_line_share == pytest.approx(3 / 6)
    assert scores.duplicate_line_character_share == pytest.approx((2 + 4 + 2) / 16)
    assert scores.duplicate_paragraph_share == pytest.approx(1 / 3)
    assert scores.duplicate_paragraph_character_share == pytest.approx(7 / 20)  # the line end inside counts


def test_ngrams() -> None:
    scores = score("a bb a bb c", "en")
    assert scores.top_2gram_character_share == pytest.approx(6 / 7)
    assert scores.top_3gram_character_share == 0
    assert score("x x x x", "en").top_2gram_character_share == 1  # overlapping occurrences count once
    assert score("x y z", "en").top_2gram_character_share == 0  # nothing repeats


def slow_ngram_shares(words: list[str]) -> dict[str, float]:
    """Gopher's shares, by looking at every n-gram."""
    shares = {}
    for n, name in enumerate(NGRAM_SHARES, start=2):
        places: dict[tuple[str, ...], list[int]] = {}
        for start in range(len(words) - n + 1):
            places.setdefault(tuple(words[start : start + n]), []).append(start)
        if name.startswith("top"):
            top = max(places.values(), key=len, default=[])  # of equals the first
            starts = top if len(top) > 1 else []
        else:
            starts = [start for found in places.values() for start in found[1:]]
        inside = {place for start in starts for place in range(start, start + n)}
        shares[name] = sum(len(words[place]) for place in inside) / sum(map(len, words))
    return shares


@given(st.lists(st.sampled_from(["a", "bb", "ccc", "dddd"]), min_size=1, max_size=60))
@example(["a"] * 30)
@example(["a", "bb", "ccc", "dddd", "e", "f", "g", "h", "i", "j"] * 3)
def test_repeated_ngrams_are_all_found(words: list[str]) -> None:
    scores = score(" ".join(words), "en")._asdict()
    assert {name: scores[name] for name in NGRAM_SHARES} == pytest.approx(slow_ngram_shares(words))


def test_duplicate_ngrams() -> None:
    """The second time that five words come, they count; of ten, the second half."""
    five = "one two three four five"
    scores = score(f"{five} x {five} y", "en")
    assert scores.duplicate_5gram_character_share == pytest.approx(19 / 40)
    assert scores.duplicate_6gram_character_share == 0


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 11))
def test_counts_of_ngrams(values: list[int], n: int) -> None:
    expected = Counter(tuple(values[start : start + n]) for start in range(len(values) - n + 1))
    counts, distinct = repeat_counts(Hashed(np.array(values, np.uint32)).ngrams(n))
    assert sorted(counts.tolist()) == sorted(count for count in expected.values() if count > 1)
    assert distinct == len(expected)


@given(st.text(alphabet="ab \n", max_size=80))
def test_repeated_characters_as_obelics_counts_them(text: str) -> None:
    counts = sorted(Counter(text[start : start + 10] for start in range(len(text) - 9)).values(), reverse=True)
    top = min(int(len(counts) ** 0.5), sum(count > 1 for count in counts))
    expected = sum(counts[:top]) / sum(counts) if counts else 0
    assert character_repetition_ratio(Hashed(code_points(text))) == pytest.approx(expected)


def test_measures_of_obelics() -> None:
    scores = score("The cat, the DOG! 12 (so) darn-it", "en", frozenset({"darn-it", "cat"}))
    assert scores.stop_word_ratio == pytest.approx(3 / 6)  # the, the, so; not the number
    assert scores.flagged_word_ratio == pytest.approx(2 / 6)
    assert scores.special_character_ratio == pytest.approx(1 - 20 / 33)
    assert scores.punctuation_ratio == pytest.approx(2 / 10)  # , and ! beside eight words: 12 is one, darn-it two
    assert score("a b c d e x a b c d e", "en").word_repetition_ratio == pytest.approx(2 / 7)
    assert score("Der Hund und die Katze", "de").stop_word_ratio == pytest.approx(3 / 5)
    assert score("sa yna", "tlh").stop_word_ratio == 0  # no list of Klingon


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *(("(Word),", "word"), ("don't", "don't"), ("42", ""), ("№5", ""), ("हिन्दी।", "हिन्दी"), ("★Straße★", "straße")),
        *(("\U000f0001a𠀀\U000e0041", "a𠀀"), ("\U000f0001", "")),  # icons of a font, and a tag
    ],
)
def test_plain_words(word: str, expected: str) -> None:
    assert plain_words(word.lower()).tolist() == hashes_of(expected).tolist()


def hashes_of(text: str) -> Hashes:
    codes = code_points(text)
    return word_hashes(Hashed(codes), *word_bounds(kinds_of(codes)))


# White space of all sorts, letters that change their length in lower case or are written in two ways, and no letters.
ODD_TEXTS = st.text(alphabet="abAB \n\t\x1c\x85\u00a0\u2003\u2028\u3000\u200bİΣßé\u0301中.'1\0\U000f0001", max_size=60)


@given(st.one_of(st.text(), ODD_TEXTS))
@example("a a\0")
def test_words_are_those_of_python(text: str) -> None:
    words = text.split()
    starts, ends = word_bounds(kinds_of(code_points(text)))
    assert [text[start:end] for start, end in zip(starts, ends, strict=True)] == words
    assert dict(zip(words, hashes_of(text).tolist(), strict=True)) == dict(
        zip(words, hashes_of(" ".join(words)).tolist(), strict=True)
    )
    assert len(set(hashes_of(text).tolist())) == len(set(words))


@given(st.one_of(st.text(), ODD_TEXTS))
def test_plain_words_begin_and_end_with_letters(text: str) -> None:
    expected = []
    for word in text.lower().split():
        letters = [place for place, one in enumerate(word) if unicodedata.category(one)[0] in "LM"]
        expected += [word[letters[0] : letters[-1] + 1]] if letters else []
    assert plain_words(text.lower()).tolist() == hashes_of(" ".join(expected)).tolist()


def test_word_lists() -> None:
    words = hashes_of("the cat por qué")
    assert is_listed(words, frozenset({"the", "por qué", "dog", "'tis"})).tolist() == [True, False, False, False]
    assert not is_listed(words, frozenset()).any()


def test_a_sequence_of_words_is_no_word() -> None:
    """Without mixing, the sums of both pairs are the same: of "b" and, times the base, of "c" and "a", or of "Å"."""
    assert len(set(Hashed(hashes_of("bc a b Å")).ngrams(2)[[0, 2]].tolist())) == 2


def test_punctuation_of_other_scripts() -> None:
    assert punctuation_ratio(kinds_of(code_points("今天，天气很好。"))) == (0.5, 4)
    assert punctuation_ratio(kinds_of(code_points(""))) == (0, 0)


def test_lines_as_c4_sees_them() -> None:
    scores = score(
        'This line has five words.\nToo short!\n"Said he, and then no more..."\nEnable JavaScript\n{ a }', "en"
    )
    assert scores.terminal_mark_line_share == pytest.approx(3 / 5)
    assert scores.short_line_share == pytest.approx(3 / 5)
    assert scores.javascript_line_share == pytest.approx(1 / 5)
    assert scores.curly_bracket_line_share == pytest.approx(1 / 5)
    assert scores.lorem_ipsum_line_share == 0
    assert score("Lorem IPSUM dolor.", "en").lorem_ipsum_line_share == 1
    assert score("This goes on...", "en").terminal_mark_line_share == 0


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("Version 1.2 of it.", 1),
        ('He said "yes." Then he left.', 2),
        ("今天天气很好。我们去公园！", 2),
        ("no end", 0),
        ("a.", 1),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert sentence_count(kinds_of(code_points(text))) == count


@given(st.text(alphabet="ab# .…-\n", max_size=60))
def test_shares_lie_between_0_and_1(text: str) -> None:
    scores = score(text, "en")
    for name, value in scores._asdict().items():
        assert value >= 0
        assert value <= 1 or not name.endswith("share")
    decide(scores, M3W, "en")


def test_an_empty_text() -> None:
    assert set(score(" \n", "en")) == {0}
    assert decide(score("", "en"), M3W, "en") == "too_few_words"


@given(ODD_TEXTS)
def test_text_hash_folds_what_python_splits(text: str) -> None:
    folded = " ".join(unicodedata.normalize("NFC", text).lower().split())
    assert text_hash(text) == hashlib.sha256(folded.encode()).hexdigest()


def test_text_hash_folds_case_space_and_composition() -> None:
    assert text_hash("Caf\u00e9  au\nlait ") == text_hash("cafe\u0301 AU LAIT")
    assert text_hash("a b") != text_hash("ab")
    assert text_hash("a\n\nb\u3000\x85 c") == text_hash("a b c")
    assert text_hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_prose_keeps_every_rule() -> None:
    assert decide(score(PROSE, "en"), M3W, "en") is None


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
    assert decide(score(text, "en"), M3W, "en") == reason


def test_duplicate_paragraphs() -> None:
    scores = score(PROSE, "en")._replace(duplicate_paragraph_share=0.31)
    assert decide(scores, M3W, "en") == "duplicate_paragraphs"
    assert decide(scores, dataclasses.replace(M3W, max_duplicate_paragraph_share=0.31), "en") is None


OFF = TextThresholds(
    **{name: {"min": 0, "max": 1e9}[name.split("_")[0]] for name in TextThresholds.__dataclass_fields__}
)


@pytest.mark.parametrize(
    ("text", "bound", "reason"),
    [
        ("ab ab ab ab ab ab ab ab ab ab", {"max_character_repetition_ratio": 0.1}, "repeated_characters"),
        ("a b c d e f " * 2, {"max_word_repetition_ratio": 0.1}, "repeated_words"),
        ("1 + 1 = 2", {"max_special_character_ratio": 0.3}, "special_characters"),
        ("Cats eat mice", {"min_stop_word_ratio": 0.1}, "too_few_stop_words"),
        ("A darn cat", {"max_flagged_word_ratio": 0.1}, "flagged_words"),
        ("no marks at all", {"min_punctuation_ratio": 0.01}, "too_little_punctuation"),
        ("no marks at all", {"min_terminal_mark_line_share": 0.5}, "unfinished_lines"),
        ("Short.", {"max_short_line_share": 0.5}, "short_lines"),
        ("Use Javascript.", {"max_javascript_line_share": 0}, "javascript"),
        ("Lorem ipsum.", {"max_lorem_ipsum_line_share": 0}, "lorem_ipsum"),
        ("if (x) {", {"max_curly_bracket_line_share": 0}, "curly_brackets"),
        ("One. Two.", {"min_sentences": 3}, "too_few_sentences"),
        ("a b c d e f g h i j " * 3, {"max_duplicate_10gram_character_share": 0.1}, "repeated_ngrams"),
    ],
)
def test_rules_of_other_corpora(text: str, bound: dict[str, float], reason: str) -> None:
    scores = score(text, "en", frozenset({"darn"}))
    assert decide(scores, OFF, "en") is None
    assert decide(scores, dataclasses.replace(OFF, **bound), "en") == reason


def test_rules_on_words_are_for_languages_that_have_them() -> None:
    chinese = "今天天气很好，我们去公园散步。" * 10
    assert decide(score(chinese, "zh"), dataclasses.replace(M3W, max_top_2gram_character_share=1), "zh") is None
    assert decide(score(chinese, "en"), M3W, "en") == "too_few_words"


def test_rules_on_stop_words_are_for_languages_of_which_there_is_a_list() -> None:
    strict = dataclasses.replace(OFF, min_stop_words=2)
    nouns = "Hund Katze Maus"
    assert decide(score(nouns, "de"), strict, "de") == "too_few_stop_words"
    assert decide(score(f"der {nouns} und", "de"), strict, "de") is None
    assert decide(score(nouns, "tlh"), strict, "tlh") is None
