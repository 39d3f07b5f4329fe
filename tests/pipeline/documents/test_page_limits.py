"""Pages that are large, deep or hostile: read in linear time or cut with a reason, never an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.crawl.charset import decode_html
from pipeline.documents.blocks import MAX_MEDIA, MAX_NODES
from pipeline.documents.document import describe, language_of
from pipeline.documents.page import MAX_HTML_CHARS, MAX_TEXT_CHARS, read_page
from pipeline.recipe import load_recipe
from tests.pipeline.documents.hostile import HOSTILE, body_of
from tests.pipeline.documents.pages import URL, check

# Each of these took minutes, or gigabytes, before a limit of its own; the suite's timeout would tell.
MENDED = [
    *("formatting that differs before paragraphs", "a link of megabytes before paragraphs", "roots", "bodies"),
    *("combining marks", "marks of three classes", "lines", "IP addresses", "paragraphs of a sentence"),
]


@pytest.mark.parametrize(
    "name", [*MENDED, *(pytest.param(name, marks=pytest.mark.slow) for name in HOSTILE if name not in MENDED)]
)
def test_hostile_pages_become_documents_and_say_why_they_are_cut(name: str) -> None:
    html, _ = decode_html(body_of(name), None)
    page = read_page(html, URL)
    check(page)
    assert page.cut == HOSTILE[name][0]
    assert len(page.text) <= MAX_TEXT_CHARS
    describe(page, *language_of(page), load_recipe("m3w"))


def test_too_long() -> None:
    page = read_page("<p>word " * (MAX_HTML_CHARS // 8 + 1), URL)
    assert page.cut in ("too_long", "too_many_nodes")
    page = read_page("<p>First." + " " * MAX_HTML_CHARS + "<p>Last.", URL)
    assert (page.text, page.cut) == ("First.", "too_long")


def test_too_much_text() -> None:
    line = "<p><img src=a.jpg>" + "x" * 99
    page = read_page("<p>First." + line * 200 + "<p>" + "word " * MAX_TEXT_CHARS + "<img src=b.jpg><p>Last.", URL)
    assert page.cut == "too_much_text"
    assert MAX_TEXT_CHARS - 1_000 < sum(block.end - block.start for block in page.blocks) <= MAX_TEXT_CHARS
    assert page.text.startswith("First.")
    assert page.text.split()[-2] == "word"  # the last one may be cut
    assert {image.url for image in page.images} == {"http://example.org/news/a.jpg"}
    check(page)


def test_attributes_are_nodes() -> None:
    page = read_page("<p>First." + "<p a b c d e f g h i>x" * (MAX_NODES // 10), URL)
    assert page.cut == "too_many_nodes"
    assert page.text.startswith("First.\n\nx")


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
