"""Rules on single images, and on what a page says of them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.images.rules import ImageThresholds, ReferenceThresholds, decide, refuse_reference
from pipeline.recipe import Recipe, load_recipe

M3W = ImageThresholds.of(Recipe(min_colour_range=8))
OBELICS = ImageThresholds.of(load_recipe("obelics"))


@pytest.mark.parametrize(
    ("width_px", "height_px", "colour_range", "expected"),
    [
        (64, 64, 255, None),
        (63, 64, 255, "too_small"),
        (1000, 63, 255, "too_small"),
        (192, 64, 255, None),
        (64, 192, 255, None),
        (193, 64, 255, "aspect_ratio"),
        (64, 193, 255, "aspect_ratio"),
        (64, 64, 8, None),
        (64, 64, 7, "single_colour"),
        (1, 1, 0, "too_small"),
        (1000, 100, 0, "aspect_ratio"),
    ],
)
def test_boundaries_and_order(width_px: int, height_px: int, colour_range: int, expected: str | None) -> None:
    assert decide(width_px, height_px, colour_range, "PNG", M3W) == expected


@pytest.mark.parametrize(
    ("width_px", "height_px", "image_format", "expected"),
    [
        (150, 150, "JPEG", None),
        (149, 150, "JPEG", "too_small"),
        (20_000, 10_000, "WEBP", None),
        (20_001, 19_000, "JPEG", "too_large"),
        (301, 150, "JPEG", "aspect_ratio"),
        (300, 150, "GIF", "format"),
        (300, 150, "PNG", None),
    ],
)
def test_bounds_of_obelics(width_px: int, height_px: int, image_format: str, expected: str | None) -> None:
    assert decide(width_px, height_px, 0, image_format, OBELICS) == expected


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(0, 255))
def test_exactly_what_the_paper_says(width_px: int, height_px: int, colour_range: int) -> None:
    kept = min(width_px, height_px) >= 64 and Fraction(1, 3) <= Fraction(width_px, height_px) <= 3 and colour_range >= 8
    assert (decide(width_px, height_px, colour_range, "JPEG", M3W) is None) == kept
    assert decide(width_px, height_px, colour_range, "JPEG", M3W) == decide(
        height_px, width_px, colour_range, "JPEG", M3W
    )


def refused(url: str, width_px: int | None = None, height_px: int | None = None) -> str | None:
    image = {"url": url, "width_px": width_px, "height_px": height_px}
    return refuse_reference(image, ReferenceThresholds(("logo", "icon", "button", "sex"), 150))


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/logo.png",
        "https://a.example/LOGO.PNG",
        "https://a.example/img/siteLogo2x.png",
        "https://a.example/icons/sun.png",
        "https://a.example/i?name=big_button-1.gif",
        "https://a.example/WebButton.gif",
    ],
)
def test_words_of_a_url(url: str) -> None:
    assert refused(url) == "url_word"


@pytest.mark.parametrize(
    "url",
    [
        "https://logo.example/photo.jpg",  # the host names the site, not the image
        "https://a.example/essex/pier.jpg",
        "https://a.example/lexicon/iconic.jpg",
        "https://a.example/buttonhole.jpg",
        "urn:sha256:ab1c0",
        "https://a.example/",
    ],
)
def test_letters_inside_other_words(url: str) -> None:
    assert refused(url) is None


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ((None, None), None),
        ((150, None), None),
        ((149, None), "declared_too_small"),
        ((800, 100), "declared_too_small"),
        ((150, 150), None),
    ],
)
def test_declared_sides(sides: tuple[int | None, int | None], expected: str | None) -> None:
    assert refused("https://a.example/pier.jpg", *sides) == expected


def test_without_rules_every_reference_stays() -> None:
    image = {"url": "https://a.example/logo.png", "width_px": 1, "height_px": 1}
    assert refuse_reference(image, ReferenceThresholds.of(Recipe())) is None
