"""M3W's rules on single images."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.images.rules import decide


def m3w(width_px: int, height_px: int, colour_range: int) -> str | None:
    return decide(width_px, height_px, colour_range, min_side_px=64, max_aspect_ratio=3, min_colour_range=8)


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
    assert m3w(width_px, height_px, colour_range) == expected


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(0, 255))
def test_exactly_what_the_paper_says(width_px: int, height_px: int, colour_range: int) -> None:
    kept = min(width_px, height_px) >= 64 and Fraction(1, 3) <= Fraction(width_px, height_px) <= 3 and colour_range >= 8
    assert (m3w(width_px, height_px, colour_range) is None) == kept
    assert m3w(width_px, height_px, colour_range) == m3w(height_px, width_px, colour_range)
