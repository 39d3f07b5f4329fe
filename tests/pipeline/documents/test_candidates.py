"""The srcset parser and URL resolution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.candidates import SourceSetItem, parse_srcset
from pipeline.documents.urls import MAX_URL_CHARS, resolve

BASE = "http://example.org/a/b.html?q#f"


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


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("c.jpg", "http://example.org/a/c.jpg"),
        ("../../c.jpg", "http://example.org/c.jpg"),
        ("?x", "http://example.org/a/b.html?x"),
        ("//h/c.jpg", "http://h/c.jpg"),
        ("HTTPS://H.example/c.jpg", "https://h.example/c.jpg"),
        ("\\\\h\\c.jpg", "http://h/c.jpg"),
        ("c\n.j\tpg", "http://example.org/a/c.jpg"),
        ("c d%20e%.jpg", "http://example.org/a/c%20d%20e%.jpg"),
        ("ä?ö=ü", "http://example.org/a/%C3%A4?%C3%B6=%C3%BC"),
        ("http://10.0.0.1:81/c", "http://10.0.0.1:81/c"),
        ("http://[::1]/c", "http://[::1]/c"),
        ("http://a_b.example/c", "http://a_b.example/c"),
        ("http://例え.テスト/c", "http://xn--r8jz45g.xn--zckzah/c"),
        ("http://h", "http://h/"),
        ("", None),
        ("http://h:port/c", None),
        ("http://[x/c", None),
        ("http://a b/c", None),
        ("http://-–-/c", None),
        ("mailto:a@example.org", None),
        ("about:blank", None),
        ("x" * (MAX_URL_CHARS + 1), None),
    ],
)
def test_resolve(raw: str, url: str | None) -> None:
    assert resolve(raw, BASE) == url


@given(st.text(max_size=60), st.sampled_from([BASE, "", "http://[", "x"]))
def test_resolve_is_stable_and_never_raises(raw: str, base: str) -> None:
    if (url := resolve(raw, base)) is not None:
        assert url.isascii()
        assert resolve(url, BASE) == url
