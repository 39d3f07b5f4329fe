"""Pages whose parser would copy elements without end: few are built, and nothing that counts is lost."""

import itertools

import pytest
from turbohtml.saxparse import SaxHandler, sax_parse

from pipeline.documents import copied
from pipeline.documents.copied import FORMATTING, MAX_COPIED_CHARS, LinksNamed, without_copies
from pipeline.documents.page import read_page
from tests.pipeline.documents.pages import URL

LARGE = "<p>word" * 1_000  # below the limit
PADDING = " " * (MAX_COPIED_CHARS // 1_000)  # with these, above it where they stand in a tag that is copied
COPIES = f"<i title='>{PADDING}'>"

# Each becomes gigabytes where it is not changed: `count` paragraphs, each with all that is open built again.
OPEN = {
    "that differ": "".join(f"<font color={number}>" for number in range(500)),
    "of every name": "".join(f"<{name}>" * 3 for name in (*FORMATTING, "B", "Font")),
    "with megabytes of attributes": f"<a title='{'x' * 3_000_000}'>",
    "behind a sign in an attribute": f"<a title='>' rel='{'x' * 3_000_000}'>",
    "behind quotation marks that quote nothing": f"""<a "b"c=d" e='>{"x" * 3_000_000}'>""",
    "behind an equals sign without a name": f"""<a ="b=">{"x" * 3_000_000}">""",
    "behind what is no white space": f"""<a \x0b="b=" c=">{"x" * 3_000_000}">""",
    "behind what is no tag": f"""<!-- <a b=" --><a title='">{"x" * 3_000_000}'>""",
    "written otherwise": "".join(f"<FONT/color={number}\n>" for number in range(500)),
}


class Counter(SaxHandler):
    """Counts elements and the characters of their attributes."""

    def __init__(self) -> None:
        self.elements = self.attribute_chars = 0

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        del tag
        self.elements += 1
        self.attribute_chars += sum(len(name) + len(value or "") for name, value in attrs)


@pytest.mark.parametrize("name", OPEN)
def test_nothing_is_built_again(name: str) -> None:
    html = f"<p>{OPEN[name]}" + "<p>x" * 60_000
    counter = Counter()
    sax_parse(without_copies(html), counter)
    assert counter.elements < html.count("<") + 10
    assert counter.attribute_chars < len(html)
    assert read_page(html, URL).text.endswith("x\n\nx")


@pytest.mark.parametrize("name", ["html", "BODY"])
def test_attributes_of_many_roots_are_not_merged(name: str) -> None:
    html = "<html lang=de><p>First." + "".join(f"<{name} a{number}=1>" for number in range(20_000)) + "<p>Last."
    counter = Counter()
    sax_parse(without_copies(html), counter)
    assert counter.elements > 19_000
    page = read_page(html, URL)
    assert (page.text, page.facts.declared_language) == ("First.\n\nLast.", "de")


def test_a_page_below_the_limit_is_not_changed() -> None:
    html = f"<font a='{PADDING}'>x</font>"
    assert without_copies(html) is html
    assert without_copies(html + LARGE) == f"<x-font a='{PADDING}'>x</x-font>" + LARGE


def test_a_large_page_is_not_changed_where_little_can_be_copied() -> None:
    html = LARGE + "<a href='/x' class=\"y>\" hidden>x</a> <b>x</b><br/> <EM id=1 >y</EM> '<i class=\\'z\\'>'" * 100
    html += PADDING
    assert without_copies(html) is html
    assert without_copies(html + COPIES) != html + COPIES
    assert without_copies(html + "<html a=1>" * 20) != html + "<html a=1>" * 20


SIGNS = (*"\"'=/>b \n\x0b", "c='", 'c="', "<i")


@pytest.mark.parametrize("before", ["", '<!-- <a b=" -->', "<title><b c='</title>", "<p title='<i d=\"'>"])
def test_no_signs_hide_what_is_copied(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied, "MAX_COPIED_CHARS", 10_000)
    for signs in itertools.product(SIGNS, repeat=3):
        html = f"{before}<a b{''.join(signs)}>{'x' * 200}\"'>" + "<p>x" * 100
        counter = Counter()
        sax_parse(without_copies(html), counter)
        assert counter.attribute_chars <= 10_000 + len(html), signs


def test_links_and_text_of_a_large_page_are_as_before() -> None:
    part = "<p>A <b>bold</b> word <i>and</i> <a href='/x'><img src=a.jpg>a <code>link</code></a>, <A HREF=y>B</A>.<br>"
    large_html = part + LARGE + COPIES
    assert without_copies(large_html) != large_html
    small, large = read_page(part, URL), read_page(large_html, URL)
    assert large.text.startswith(small.text)
    assert large.images == small.images
    assert large.images[0].link_url == "http://example.org/x"


@pytest.mark.parametrize(
    ("html", "events"),
    [
        ("<x-a>y<x-b>z</x-b></x-a>", "a y x-b z /x-b /a"),
        # A link in a link ends the outer one.
        ("<x-a>one<x-a>two</x-a>three</x-a>four", "a one /a a two /a three four"),
        ("<x-a>one<x-a></x-a><x-a>two</x-a></x-a>", "a one /a a /a a two /a"),
    ],
)
def test_links_have_their_names_again(html: str, events: str) -> None:
    class Names(SaxHandler):
        def __init__(self) -> None:
            self.names: list[str] = []

        def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
            self.names.append(tag)

        def end_element(self, tag: str) -> None:
            self.names.append(f"/{tag}")

        def characters(self, data: str) -> None:
            self.names.append(data)

    names = Names()
    sax_parse(html, LinksNamed(names))
    assert f" {events} " in " ".join(names.names)
