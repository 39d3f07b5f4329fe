"""The recipe: every threshold and switch of a build, typed, with its source. `presets/` holds the named ones."""

import difflib
import hashlib
import json
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from pipeline.errors import UserError

NO_LIMIT = 1_000_000_000  # of numbers that have no other greatest value

LowerCase = Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, min_length=1)]


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
    # The fast reader of pages, or the one that is written for reading: documents/reference, with the extra bs4.
    html_parser: Literal["turbohtml", "bs4"] = _read_by("extract", default="turbohtml")
    # Off, for M3W has the images that stand in the page. Of 715 pages, 49 have backgrounds in their content, all behind
    # the page's header. og:image would add an image to 46 of the 82 that name one: 9 of these show it under another
    # address, 16 name a logo or a card of the site.
    css_backgrounds: bool = _read_by("extract", default=False)
    og_image: bool = _read_by("extract", default=False)
    # E-mail addresses, telephone numbers and IP addresses in texts. M3W does not speak of them; FineWeb replaces the
    # first and the last (arXiv 2406.17557).
    replace_personal_data: bool = _read_by("extract", default=True)
    # Words of which `max_flagged_word_ratio` allows few. No corpus publishes a list that it calls right.
    flagged_words: tuple[LowerCase, ...] = _read_by("extract", "dedupe", default=())
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
    min_stop_words: int = _read_by("dedupe", default=2, ge=0, le=8)  # of the eight; elsewhere of the language's list
    max_duplicate_line_share: float = _read_by("dedupe", default=0.30, ge=0, le=1)
    max_duplicate_line_character_share: float = _read_by("dedupe", default=0.20, ge=0, le=1)
    max_duplicate_paragraph_share: float = _read_by("dedupe", default=0.30, ge=0, le=1)
    max_duplicate_paragraph_character_share: float = _read_by("dedupe", default=0.20, ge=0, le=1)
    max_top_2gram_character_share: float = _read_by("dedupe", default=0.20, ge=0, le=1)
    max_top_3gram_character_share: float = _read_by("dedupe", default=0.18, ge=0, le=1)
    max_top_4gram_character_share: float = _read_by("dedupe", default=0.16, ge=0, le=1)
    max_duplicate_5gram_character_share: float = _read_by("dedupe", default=0.15, ge=0, le=1)
    max_duplicate_6gram_character_share: float = _read_by("dedupe", default=0.14, ge=0, le=1)
    max_duplicate_7gram_character_share: float = _read_by("dedupe", default=0.13, ge=0, le=1)
    max_duplicate_8gram_character_share: float = _read_by("dedupe", default=0.12, ge=0, le=1)
    max_duplicate_9gram_character_share: float = _read_by("dedupe", default=0.11, ge=0, le=1)
    max_duplicate_10gram_character_share: float = _read_by("dedupe", default=0.10, ge=0, le=1)

    # dedupe, rules of other corpora than M3W, off: OBELICS on documents (arXiv 2306.16527, table 3) ...
    max_character_repetition_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    max_word_repetition_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    max_special_character_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    min_stop_word_ratio: float = _read_by("dedupe", default=0, ge=0, le=1)
    max_flagged_word_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    min_punctuation_ratio: float = _read_by("dedupe", default=0, ge=0, le=1)
    # ... and on paragraphs, which are cut ...
    min_paragraph_words: int = _read_by("dedupe", default=0, ge=0)
    max_paragraph_words: int = _read_by("dedupe", default=NO_LIMIT, ge=0)
    max_paragraph_character_repetition_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    max_paragraph_word_repetition_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    max_paragraph_special_character_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    min_paragraph_stop_word_ratio: float = _read_by("dedupe", default=0, ge=0, le=1)
    max_paragraph_flagged_word_ratio: float = _read_by("dedupe", default=1, ge=0, le=1)
    min_paragraph_punctuation_ratio: float = _read_by("dedupe", default=0, ge=0, le=1)
    # ... and C4 (arXiv 1910.10683, section 2.2) on documents and on paragraphs.
    min_terminal_mark_line_share: float = _read_by("dedupe", default=0, ge=0, le=1)
    max_short_line_share: float = _read_by("dedupe", default=1, ge=0, le=1)
    max_javascript_line_share: float = _read_by("dedupe", default=1, ge=0, le=1)
    max_lorem_ipsum_line_share: float = _read_by("dedupe", default=1, ge=0, le=1)
    max_curly_bracket_line_share: float = _read_by("dedupe", default=1, ge=0, le=1)
    min_sentences: int = _read_by("dedupe", default=0, ge=0)
    require_paragraph_terminal_mark: bool = _read_by("dedupe", default=False)
    banned_paragraph_phrases: tuple[LowerCase, ...] = _read_by("dedupe", default=())  # in any case, also inside words

    # dedupe, duplicates. Gopher (A.1.1) drops near-duplicates from a Jaccard similarity of 0.8 on. The estimate has a
    # standard error of 0.04: with 0.7, one pair in 400 of similarity 0.8 is missed, 3 in a million of 0.5 are taken.
    near_duplicate_jaccard: float = _read_by("dedupe", default=0.7, ge=0.5, le=1)  # 1: off
    drop_same_image_sets: bool = _read_by("dedupe", default=False)  # OBELICS does; M3W does not say
    max_paragraph_repeats: int = _read_by("dedupe", default=0, ge=0)  # in a site; OBELICS: 2; 0: off, as M3W
    # Of what comes to one step of dedupe. No corpus that we know lost more: OmniCorpus 0.9 as near-duplicates, over all
    # crawls (arXiv 2406.08418). Since one of all duplicates stays, ten documents cannot exceed it.
    max_removed_share: float = _read_by(default=0.9, ge=0, le=1)

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

    # locate and select, by what the page says of an image, so that it is not fetched: M3W has no such rule.
    banned_url_words: tuple[LowerCase, ...] = _read_by("locate", "select", default=())  # whole words of path and query
    min_declared_side_px: int = _read_by("locate", "select", default=0, ge=0)  # of width and height, where given
    # select. M3W: a side of at least 64 px, aspect ratio at most 3, not a single colour.
    min_side_px: int = _read_by("select", default=64, ge=0)
    max_side_px: int = _read_by("select", default=NO_LIMIT, gt=0)
    max_aspect_ratio: float = _read_by("select", default=3, ge=1)
    min_colour_range: int = _read_by("select", default=5, ge=0, le=255)  # below it an image is a single colour
    max_documents_per_image: int = _read_by("dedupe", "select", default=10, ge=1)  # MMC4, OBELICS: > 10 are dropped
    image_formats: tuple[LowerCase, ...] = _read_by("select", default=("any",))  # as Pillow names them: jpeg, png, webp
    # select, of the images that are left in a document. M3W has no such rule, and drops documents with none.
    max_images_per_document: int = _read_by("select", default=NO_LIMIT, ge=1)
    single_image_document_share: float = _read_by("select", default=1, ge=0, le=1)  # of these documents stay

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


def _is_list(info: Any) -> bool:
    return get_origin(info.annotation) is tuple


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
    for key, value in values.items():
        if isinstance(value, str) and key in Recipe.model_fields and _is_list(Recipe.model_fields[key]):
            values[key] = tuple(value.split(","))
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
