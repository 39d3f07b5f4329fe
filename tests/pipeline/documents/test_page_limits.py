"""Pages that are large, deep or hostile: read in linear time or cut with a reason, never an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents.blocks import MAX_MEDIA, MAX_NODES
from pipeline.documents.page import MAX_HTML_CHARS, read_page
from tests.pipeline.documents.pages import URL, check

# Each of these takes minutes with an algorithm that is quadratic in one of its parts; the suite's timeout would tell.
HOSTILE = {
    "nested elements": "<div>" * 100_000 + "x",
    "nested regions": "<div class=nav>" * 90_000 + "x",
    "nested articles": "<article>" * 60_000 + "x",
    "nested lists": "<ul><li>" * 50_000 + "x",
    "nested tables": "<table><tr><td>x" * 30_000,
    "nested figures": "<figure><img src=a.jpg>x<figcaption>c" * 30_000,
    "options": "<select>" + "<option>a" * 90_000,
    "attributes": "<p " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x",
    "formatting": "<b><i>" * 20_000 + "x",
    "fonts": "<p><font color=red>" * 5_000 + "x",
    "links": "<a href=x>y" * 60_000,
    "line breaks": "x" + "<br>" * 90_000,
    "cells": "<table>" + "<td>a" * 60_000,
    "markup characters": "<" * 1_000_000,
    "comment": "<!--" + "x" * 1_000_000,
    "srcset": '<img srcset="' + "a 1w," * 200_000 + '">',
    "srcset brackets": '<img srcset="' + "a (,b" * 200_000 + '">',
    "style": '<p style="' + "display " * 100_000 + '">x',
    "class": '<p class="' + "aB" * 300_000 + '">x',
    "classes": '<p class="' + "a " * 300_000 + '">x',
    "spaces": "<p>" + " " * 2_000_000 + "x",
    "NULs": "<p>a\0" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_are_read(name: str) -> None:
    check(read_page(HOSTILE[name], URL))


def test_too_long() -> None:
    page = read_page("<p>word " * (MAX_HTML_CHARS // 8 + 1), URL)
    assert page.cut in ("too_long", "too_many_nodes")
    page = read_page("<p>First." + " " * MAX_HTML_CHARS + "<p>Last.", URL)
    assert (page.text, page.cut) == ("First.", "too_long")


def test_too_many_nodes() -> None:
    page = read_page("<p>First." + "<b>x</b>" * MAX_NODES, URL)
    assert page.cut == "too_many_nodes"
    assert page.text.startswith("First.xxx")


def test_too_many_images() -> None:
    page = read_page("<p>x<img src=a.jpg>" * (MAX_MEDIA + 1), URL)
    assert page.cut == "too_many_images"
    assert len(page.images) == MAX_MEDIA
    assert read_page("<p>x<img src=a.jpg>" * MAX_MEDIA, URL).cut is None


TAGS = [
    *("p", "div", "ul", "ol", "li", "table", "tr", "td", "th", "figure", "figcaption", "picture", "source", "img"),
    *("noscript", "a", "b", "br", "pre", "h1", "nav", "main", "article", "form", "header", "footer", "base", "title"),
    *("svg", "script", "template", "span", "blockquote", "dl", "dt", "dd", "amp-img"),
]
ATTRIBUTES = ["src", "srcset", "data-src", "href", "class", "id", "style", "hidden", "alt", "width", "role", "start"]
VALUES = ["a.jpg", "b.jpg 2x, c,d.jpg 3x", "nav", "//x", "http://[", "data:image/png;base64,AA", "ä ö", "display:none"]
ELEMENTS = st.builds(
    "<{}{} {}='{}'>".format, st.sampled_from(["", "/"]), st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES),
    st.one_of(st.sampled_from(VALUES), st.text(max_size=10)),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.one_of(ELEMENTS, st.text(max_size=20), st.sampled_from(["\n", " ", "\ue000", "\r", "&#0;", "&#xd800;"]))
    )
)
def test_any_markup_gives_a_page(parts: list[str]) -> None:
    page = read_page("".join(parts), URL)
    check(page)
    assert page == read_page("".join(parts), URL)


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(max_size=50))
def test_any_text_and_any_url_give_a_page(html: str, url: str) -> None:
    check(read_page(html, url))


@given(st.lists(st.sampled_from(["w1", "w2 ", " w3", "IMG", "</p><p>", "<br>", "<li>", "<b>", "</b>"])))
def test_images_leave_no_trace_in_the_text(parts: list[str]) -> None:
    """The text is the same with and without the images, but for white space at their places."""
    page = read_page("<p>" + "".join(parts).replace("IMG", "<img src=a.jpg>"), URL)
    without = read_page("<p>" + "".join(parts).replace("IMG", ""), URL)
    assert "".join(page.text.split()) == "".join(without.text.split())
