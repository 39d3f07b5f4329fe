"""The recipe: every threshold and switch of a build, typed, with its source. `presets/` holds the named ones."""

import difflib
import hashlib
import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import UserError


class RecipeError(UserError):
    """A recipe that does not exist, or a key or value that it cannot have."""


def _read_by(*stages: str, default: Any = ..., **limits: Any) -> Any:
    """A recipe key that `stages` read: a change of it redoes these, and no others; limits of loss redo nothing."""
    return Field(default=default, json_schema_extra={"stages": list(stages)}, **limits)


class Recipe(BaseModel):
    """All keys with the values that M3W (Flamingo, arXiv 2204.14198, A.3.1) used, or where it is silent, Gopher's."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    # extract. FineWeb keeps pages of which fastText is 0.65 sure; M3W says only that it drops what is not English.
    languages: tuple[str, ...] = _read_by("extract", default=("en",))  # "any" keeps all
    min_language_score: float = _read_by("extract", default=0.65, ge=0, le=1)
    require_image_candidate: bool = _read_by("extract", default=True)
    max_record_bytes: int = _read_by("extract", default=16 * 2**20, gt=0)  # a page; Common Crawl itself cuts at 1-5 MiB
    max_lost_share: float = _read_by(default=0.05, ge=0, le=1)  # bytes of the crawl that could not be read

    # dedupe. MassiveText's quality and repetition rules (Gopher, arXiv 2112.11446, A.1.1).
    min_words: int = _read_by("dedupe", default=50, ge=0)
    max_words: int = _read_by("dedupe", default=100_000, ge=0)
    min_mean_word_length: float = _read_by("dedupe", default=3, ge=0)
    max_mean_word_length: float = _read_by("dedupe", default=10, ge=0)
    max_symbol_word_ratio: float = _read_by("dedupe", default=0.1, ge=0)
    max_bullet_line_share: float = _read_by("dedupe", default=0.9, ge=0, le=1)
    max_ellipsis_line_share: float = _read_by("dedupe", default=0.3, ge=0, le=1)
    min_alphabetic_word_share: float = _read_by("dedupe", default=0.8, ge=0, le=1)
    min_stop_words: int = _read_by("dedupe", default=2, ge=0, le=8)  # English documents only
    max_duplicate_line_share: float = _read_by("dedupe", default=0.30, ge=0, le=1)
    max_duplicate_line_character_share: float = _read_by("dedupe", default=0.20, ge=0, le=1)
    max_duplicate_paragraph_share: float = _read_by("dedupe", default=0.30, ge=0, le=1)
    max_duplicate_paragraph_character_share: float = _read_by("dedupe", default=0.20, ge=0, le=1)
    max_top_2gram_character_share: float = _read_by("dedupe", default=0.20, ge=0, le=1)
    max_top_3gram_character_share: float = _read_by("dedupe", default=0.18, ge=0, le=1)
    max_top_4gram_character_share: float = _read_by("dedupe", default=0.16, ge=0, le=1)

    # locate: how many URLs make a fetch unit; a unit is what a restart loses.
    urls_per_fetch_unit: int = _read_by("locate", default=4000, gt=0)

    # fetch
    fetch_deadline_s: float = _read_by("fetch", default=30, gt=0)  # over all redirects and the body
    max_image_bytes: int = _read_by("fetch", default=20 * 2**20, gt=0)
    max_image_pixels: int = _read_by("fetch", default=89_478_485, gt=0)  # Pillow's own limit against bombs
    max_redirects: int = _read_by("fetch", default=5, ge=0)
    fetch_connections: int = _read_by("fetch", default=64, gt=0)
    fetch_connections_per_host: int = _read_by("fetch", default=4, gt=0)
    user_agent: str = _read_by("fetch", default="m3w/0.1 (image fetcher of the m3w corpus builder)")

    # select. M3W: a side of at least 64 px, aspect ratio at most 3, not a single colour.
    min_side_px: int = _read_by("select", default=64, ge=0)
    max_aspect_ratio: float = _read_by("select", default=3, ge=1)
    min_colour_range: int = _read_by("select", default=5, ge=0, le=255)  # below it an image is a single colour
    max_documents_per_image: int = _read_by("select", default=10, ge=1)  # MMC4 and OBELICS drop what is seen > 10 times

    # pack. M3W: at most 5 images an example.
    images_per_row: int = _read_by("pack", default=5, ge=1)
    overflow: Literal["split", "truncate"] = _read_by("pack", default="split")
    validation_share: float = _read_by("pack", default=0.01, ge=0, lt=1)  # of the sites
    document_parts_per_shard: int = _read_by("pack", default=8, ge=1)  # on average; see shards/groups.py
    max_shard_bytes: int = _read_by("pack", default=2**30, gt=0)
    row_group_bytes: int = _read_by("pack", "encode", default=16 * 2**20, gt=0)
    max_unreadable_share: float = _read_by(default=0.01, ge=0, le=1)  # images that cannot be read again

    # encode. Flamingo: NFNet-F6, 320 px.
    encoder: str = _read_by("encode", default="dm_nfnet_f6")
    encoder_weights: str = _read_by("encode", default="hub")  # hub, random, or a file
    encoder_seed: int = _read_by("encode", default=0)
    image_size_px: int = _read_by("encode", default=320, gt=0)
    feature_dtype: Literal["float16", "bfloat16"] = _read_by("encode", default="float16")

    def keys_of(self, stage: str) -> dict[str, Any]:
        """The keys that `stage` reads, with their values."""
        return {name: getattr(self, name) for name, info in type(self).model_fields.items() if stage in _stages(info)}

    def key_hash(self, stage: str, version: int, extra: dict[str, str]) -> str:
        """What a receipt of `stage` was made with: its recipe keys, the stage's output `version`, and `extra`."""
        made_with = {"recipe": self.keys_of(stage), "version": version, "extra": extra}
        return hashlib.sha256(json.dumps(made_with, sort_keys=True, default=list).encode()).hexdigest()


def _stages(info: Any) -> list[str]:
    stages: list[str] = info.json_schema_extra["stages"]
    return stages


def presets() -> list[str]:
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in resources.files("pipeline.presets").iterdir()
        if entry.name.endswith(".yaml")
    )


def load_recipe(name: str, settings: Iterable[str] = ()) -> Recipe:
    """The preset `name`, or the YAML file of that path, with `settings` ("key=value", the value as YAML) over it.

    Raises:
        RecipeError: unknown preset or file, unknown key, or a value that the key cannot have.
    """
    values = _read_preset(name)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise RecipeError(f"--set takes KEY=VALUE, not '{setting}'.")
        values[key.strip()] = _parse_yaml(value, f"--set {setting}")
    if isinstance(values.get("languages"), str):
        values["languages"] = tuple(values["languages"].split(","))
    try:
        return Recipe(**values)
    except ValidationError as error:
        problems = "; ".join(map(_problem, error.errors()))
        raise RecipeError(f"Recipe '{name}' is not valid: {problems}.") from error


def _problem(error: Any) -> str:
    key = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(key, Recipe.model_fields, n=1) or sorted(Recipe.model_fields)
        return f"there is no key '{key}' (there is: {', '.join(close)})"
    return f"{key}: {error['msg']}, not {error['input']!r}"


def _parse_yaml(text: str, where: str) -> Any:
    """YAML with all scalars as strings, since the key's type says what they are: `no` is also a language."""
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise RecipeError(f"{where} is not YAML: {error}") from error


def _read_preset(name: str) -> dict[str, Any]:
    if name in presets():
        text = resources.files("pipeline.presets").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    elif Path(name).is_file():
        text = Path(name).read_text(encoding="utf-8")
    else:
        raise RecipeError(f"There is no recipe '{name}'. Name a YAML file or a preset: {', '.join(presets())}.")
    values = _parse_yaml(text, f"Recipe '{name}'") or {}
    if not isinstance(values, dict):
        raise RecipeError(f"Recipe '{name}' must be a mapping of keys to values, as in 'min_side_px: 64'.")
    return values
