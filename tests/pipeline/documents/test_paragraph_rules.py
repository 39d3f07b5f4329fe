"""OBELICS' and C4's rules on single paragraphs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.paragraph_rules import ParagraphThresholds, broken_rule
from pipeline.recipe import Recipe, load_recipe, presets

OBELICS = ParagraphThresholds.of(load_recipe("obelics"))
MMC4 = ParagraphThresholds.of(load_recipe("mmc4"))
GOOD = "The ferry leaves from the old pier at seven, and it is back in the harbour before the sun goes down."


@pytest.mark.parametrize(
    ("paragraph", "rule"),
    [
        (GOOD, None),
        ("It is by the sea", None),  # short ones need no punctuation
        ("By the sea", "paragraph_words"),
        ("and so " * 501, "paragraph_words"),
        ("it is || 12 || 34 || 56 || 78 || and we are", "paragraph_special_characters"),
        (GOOD.replace(",", "").replace(".", ""), "paragraph_punctuation"),
        ("Ferry harbour pier lighthouse, seagull rope anchor.", "paragraph_stop_words"),
        ("now the ferry comes back again, " * 3, "paragraph_word_repetition"),
        ("we are in " + "wasserwasserwasserwasserwasser " * 2 + "for the day, and", "paragraph_character_repetition"),
    ],
)
def test_rules_of_obelics(paragraph: str, rule: str | None) -> None:
    assert broken_rule(paragraph, "en", OBELICS) == rule


@pytest.mark.parametrize(
    ("paragraph", "rule"),
    [
        (GOOD, None),
        ("We waited for the ferry", "unfinished_paragraph"),
        ("We waited for the ferry...", "unfinished_paragraph"),
        ("Then it came.", "paragraph_words"),
        ("Please turn on JavaScript to see the timetable of the ferry.", "banned_phrase"),
        ("Read our Privacy Policy before you come on board.", "banned_phrase"),
    ],
)
def test_rules_of_mmc4(paragraph: str, rule: str | None) -> None:
    assert broken_rule(paragraph, "en", MMC4) == rule


def test_flagged_words() -> None:
    thresholds = ParagraphThresholds.of(load_recipe("obelics", ["flagged_words=Ferry,rope"]))
    assert broken_rule(GOOD, "en", thresholds) == "paragraph_flagged_words"
    assert broken_rule(GOOD.replace("ferry", "boat"), "en", thresholds) is None


def test_languages_without_spaces_or_stop_words() -> None:
    assert broken_rule("今天天气很好，我们去公园散步。", "zh", OBELICS) is None
    assert broken_rule("Sayna lapwi, kotam senna.", "tlh", OBELICS) is None
    assert broken_rule("Der Hafen und die Fähre, das ist es.", "de", OBELICS) is None


def test_which_recipes_have_rules_on_paragraphs() -> None:
    on = {name for name in presets() if not ParagraphThresholds.of(load_recipe(name)).is_off}
    assert on == {"obelics", "mmc4"}
    assert ParagraphThresholds.of(Recipe(flagged_words=("x",))).is_off  # words alone are no bound


OTHER_VALUES: dict[type, Any] = {bool: True, int: 7, float: 0.5, tuple: ("x",)}


@pytest.mark.parametrize("key", sorted(set(ParagraphThresholds.__dataclass_fields__) - {"flagged_words"}))
def test_any_bound_turns_them_on(key: str) -> None:
    value = OTHER_VALUES[type(getattr(Recipe(), key))]
    assert not ParagraphThresholds.of(Recipe(**{key: value})).is_off


@given(st.text(max_size=100))
def test_with_no_rules_every_paragraph_is_good(paragraph: str) -> None:
    assert broken_rule(paragraph, "en", ParagraphThresholds.of(Recipe())) is None
    broken_rule(paragraph, "en", OBELICS)
