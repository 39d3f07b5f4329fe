"""The srcset parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.candidates import SourceSetItem, parse_srcset


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("", []),
        (" , ,", []),
        ("a.jpg", [("a.jpg", 0, 0)]),
        ("a.jpg, b.jpg 2x", [("a.jpg", 0, 0), ("b.jpg", 0, 2)]),
        ("a.jpg 1x,b.jpg 1.5x", [("a.jpg", 0, 1), ("b.jpg", 0, 1.5)]),
        ("a,b.jpg 100w, c.jpg 200w", [("a,b.jpg", 100, 0), ("c.jpg", 200, 0)]),
        ("a.jpg,, b.jpg 2x", [("a.jpg", 0, 0), ("b.jpg", 0, 2)]),
        ("a.jpg 100w 50h, b.jpg", [("a.jpg", 100, 0), ("b.jpg", 0, 0)]),
        ("a.jpg x(1,2) 3x, b.jpg", [("a.jpg", 0, 3), ("b.jpg", 0, 0)]),
        ("a.jpg (never closed, b.jpg 2x", [("a.jpg", 0, 0)]),
        ("data:image/gif;base64,R0lG 1x, b.jpg 2x", [("data:image/gif;base64,R0lG", 0, 1), ("b.jpg", 0, 2)]),
    ],
)
def test_srcset(value: str, items: list[tuple[str, float, float]]) -> None:
    assert list(parse_srcset(value)) == [SourceSetItem(*item) for item in items]


URLS = st.text(alphabet="ab/:,.?=", min_size=1).filter(lambda url: url[0] != "," and url[-1] != ",")


@given(st.lists(st.tuples(URLS, st.integers(1, 9999))))
def test_srcset_gives_back_what_was_written(items: list[tuple[str, int]]) -> None:
    value = ", ".join(f"{url} {width}w" for url, width in items)
    assert [(item.url, item.width_px) for item in parse_srcset(value)] == items
