"""Rules on single images, of M3W (Flamingo, arXiv 2204.14198, appendix A.3.1), OBELICS and mmc4."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from pipeline.recipe import Recipe

# A word of a URL: "siteLogo-2x" holds site, Logo and x.
URL_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class ImageThresholds:
    """Bounds that an image must keep; all are inclusive. The recipe has their sources."""

    min_side_px: int
    max_side_px: int
    max_aspect_ratio: float
    min_colour_range: int
    image_formats: tuple[str, ...]

    @classmethod
    def of(cls, recipe: Recipe) -> "ImageThresholds":
        return cls(**{key.name: getattr(recipe, key.name) for key in fields(cls)})


def decide(
    width_px: int, height_px: int, colour_range: int, image_format: str, thresholds: ImageThresholds
) -> str | None:
    """Why an image is dropped, None if it stays; the first rule that it breaks counts.

    `too_small`, `too_large`: a side is shorter or longer than the bounds. `aspect_ratio`: the long side is more than
    `max_aspect_ratio` times the short one. `single_colour`: `colour_range` (see `measure`) is less than
    `min_colour_range`; M3W drops single-coloured images without saying how it finds them. `format`: what the decoder
    found (JPEG, PNG, ...) is none of `image_formats`, in any case.
    """
    short_px, long_px = sorted((width_px, height_px))
    if short_px < thresholds.min_side_px:
        return "too_small"
    if long_px > thresholds.max_side_px:
        return "too_large"
    if long_px > thresholds.max_aspect_ratio * short_px:
        return "aspect_ratio"
    if colour_range < thresholds.min_colour_range:
        return "single_colour"
    if "any" not in thresholds.image_formats and image_format.lower() not in thresholds.image_formats:
        return "format"
    return None


@dataclass(frozen=True, slots=True)
class ReferenceThresholds:
    """What the page may say of an image; the recipe has the sources."""

    banned_url_words: tuple[str, ...]
    min_declared_side_px: int

    @classmethod
    def of(cls, recipe: Recipe) -> "ReferenceThresholds":
        return cls(**{key.name: getattr(recipe, key.name) for key in fields(cls)})


def refuse_reference(image: Mapping[str, Any], thresholds: ReferenceThresholds) -> str | None:
    """Why a document's reference to an image, one of its `images`, is dropped by what the page says; None if it stays.

    `url_word`: the path or query holds a banned word, alone or in the plural, in any case. mmc4 and OBELICS look for
    the letters anywhere in the URL, which takes `essex` for `sex` and drops every image of a host with such a name.
    `declared_too_small`: the page gives a width or height that is less than the bound.
    """
    if thresholds.banned_url_words:
        parts = urlsplit(image["url"])
        words = {word.lower() for word in URL_WORD.findall(f"{parts.path} {parts.query}")}
        if any(word in words or f"{word}s" in words for word in thresholds.banned_url_words):
            return "url_word"
    sides_px = (image["width_px"], image["height_px"])
    if any(side_px is not None and side_px < thresholds.min_declared_side_px for side_px in sides_px):
        return "declared_too_small"
    return None
