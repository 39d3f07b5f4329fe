"""Every key of the recipe belongs to the stages that read it; presets and settings are read as people write them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import pipeline
from pipeline.build import STAGE_NAMES, STAGES
from pipeline.documents.paragraph_rules import ParagraphThresholds
from pipeline.documents.rules import TextThresholds
from pipeline.images.rules import ImageThresholds, ReferenceThresholds
from pipeline.recipe import Recipe, RecipeError, load_recipe, presets

PACKAGE = Path(pipeline.__file__).parent
# What a stage is made of beside its own file.
HELPERS = {"extract": "documents/*.py", "fetch": "request.py", "pack": "shards/*.py", "encode": "encode/*.py"}
# Keys that a stage takes as one.
THRESHOLDS = {
    "dedupe": (TextThresholds, ParagraphThresholds),
    "locate": (ReferenceThresholds,),
    "select": (ImageThresholds, ReferenceThresholds),
}
# They judge a result and change no byte of it.
LIMITS_OF_LOSS = {"max_lost_share", "max_removed_share", "max_unreadable_share"}

OTHER: dict[str, Any] = {
    "languages": ("de",),
    "near_duplicate_jaccard": 0.6,
    "overflow": "truncate",
    "html_parser": "bs4",
    "feature_dtype": "bfloat16",
}


def other_value(key: str, value: Any) -> Any:
    """A valid value that is not `value`."""
    if key in OTHER:
        return OTHER[key]
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value}-other"
    if isinstance(value, tuple):
        return ("other",)
    if isinstance(value, int):
        return value - 1 if value else 1
    return value / 2 or 0.5 if value <= 1 else value + 1


def stages_changed_by(key: str) -> set[str]:
    before = Recipe()
    after = Recipe(**{key: other_value(key, getattr(before, key))})
    return {stage for stage in STAGE_NAMES if before.key_hash(stage, 1, {}) != after.key_hash(stage, 1, {})}


def keys_in_code(stage: str) -> set[str]:
    """The keys that the code of `stage` names."""
    files = [PACKAGE / "stages" / f"{stage}.py", *(PACKAGE.glob(HELPERS[stage]) if stage in HELPERS else ())]
    named = {key for file in files for key in re.findall(r"recipe\.(\w+)", file.read_text())}
    for thresholds in THRESHOLDS.get(stage, ()):
        named |= set(thresholds.__dataclass_fields__)
    return named & set(Recipe.model_fields)


@pytest.mark.parametrize("key", Recipe.model_fields)
def test_a_key_belongs_to_the_stages_whose_code_names_it(key: str) -> None:
    """Or to one before them, whose change reaches them through what they read."""
    changed = stages_changed_by(key)
    if key in LIMITS_OF_LOSS:
        assert changed == set()
        return
    named = {stage for stage in STAGE_NAMES if key in keys_in_code(stage)}
    assert named, f"nothing reads {key}"
    assert changed
    assert changed <= named
    assert min(map(STAGE_NAMES.index, changed)) == min(map(STAGE_NAMES.index, named))


def test_examples_of_what_a_change_redoes() -> None:
    assert stages_changed_by("min_language_score") == {"extract"}
    assert stages_changed_by("min_words") == {"dedupe"}
    assert stages_changed_by("min_side_px") == {"select"}
    assert stages_changed_by("images_per_row") == {"pack"}
    assert stages_changed_by("row_group_bytes") == {"pack", "encode"}
    assert stages_changed_by("encoder") == {"encode"}


def test_version_and_other_settings_are_part_of_the_key() -> None:
    recipe = Recipe()
    keys = {recipe.key_hash("dedupe", version, extra) for version in (1, 2) for extra in ({}, {"take_down": "x"})}
    assert len(keys) == 4
    assert {stage.name for stage in STAGES} == set(STAGE_NAMES)


def test_presets_load() -> None:
    assert "m3w" in presets()
    for name in presets():
        assert isinstance(load_recipe(name), Recipe)


def test_the_preset_m3w_is_what_the_defaults_are() -> None:
    assert load_recipe("m3w") == Recipe()


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("languages=any", "languages", ("any",)),
        ("languages=en,de", "languages", ("en", "de")),
        ("languages=[en, de]", "languages", ("en", "de")),
        ("min_side_px=1", "min_side_px", 1),
        ("max_lost_share=1", "max_lost_share", 1.0),
        ("require_image_candidate=false", "require_image_candidate", False),
        ("flagged_words=Some,more", "flagged_words", ("some", "more")),
        ("banned_url_words=[]", "banned_url_words", ()),
        ("overflow=truncate", "overflow", "truncate"),
        ("user_agent=bot=1", "user_agent", "bot=1"),
        (" min_words = 7", "min_words", 7),
    ],
)
def test_settings_are_read(setting: str, key: str, value: object) -> None:
    assert getattr(load_recipe("m3w", [setting]), key) == value


def test_languages_that_yaml_takes_for_something_else() -> None:
    """Bare `no`, Norwegian, is false in YAML 1.1."""
    assert load_recipe("m3w", ["languages=no"]).languages == ("no",)
    assert load_recipe("m3w", ["languages=[no, sv]"]).languages == ("no", "sv")


def test_the_last_of_equal_settings_counts_and_a_file_is_a_recipe(tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump({"min_words": 9, "languages": ["fr"]}))
    recipe = load_recipe(str(file), ["min_words=10", "min_words=11"])
    assert (recipe.min_words, recipe.languages) == (11, ("fr",))


@pytest.mark.parametrize(
    ("name", "setting", "says"),
    [
        ("m3w", "min_side=3", "min_side_px"),
        ("m3w", "min_side_px=wide", "min_side_px"),
        ("m3w", "min_side_px=-1", "min_side_px"),
        ("m3w", "overflow=drop", "overflow"),
        ("m3w", "min_side_px", "KEY=VALUE"),
        ("m3w", "min_side_px=[1", "min_side_px"),
        ("m4w", "min_side_px=1", "m3w"),
    ],
)
def test_what_is_wrong_is_named(name: str, setting: str, says: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(says)):
        load_recipe(name, [setting])


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [", "just words"])
def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(text)
    with pytest.raises(RecipeError, match=re.escape(str(file))):
        load_recipe(str(file))
