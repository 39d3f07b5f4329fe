"""Where the parsers of the two readers disagree: turbohtml, and html5lib below BeautifulSoup."""

import re
from typing import NamedTuple

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag
from turbohtml.saxparse import SaxHandler, sax_parse


class Difference(NamedTuple):
    """A known one: pages that have it match `markup`; `example` is a short one, which says `right` by the standard."""

    markup: str
    example: str
    right: str


# In all of them html5lib 1.1, of 2020, deviates from the HTML standard as it is now, and turbohtml follows it. Sections
# are those of the standard.
DIFFERENCES = {
    # 13.2.4.2 lists the special elements, which bound what an end tag, or the next <li>, closes. These are not special
    # to html5lib; <template> is an element like any other.
    "newer special elements": Difference(
        r"<(?:main|figcaption|hgroup|search|summary|template)\b", "<span>a<main>b</span>c</main>d", "a\n\nbc\n\nd"
    ),
    # The same for elements of SVG and MathML that hold HTML.
    "special elements of svg and math": Difference(
        r"<(?:svg|math)\b.*<(?:title|desc|foreignobject|m[inos]|mtext|annotation-xml)\b", "<svg><title><b></svg>a", ""
    ),
    # 13.2.6.4.7: since July 2025 (whatwg/html, pull request 10548) <select> holds any elements. To html5lib some of
    # them end it, and the tags of others are not there.
    "content of select": Difference(r"<select\b", "<select><textarea></textarea>a</select>b", "b"),
    # 13.2.6.4.7: the start tag of a <dialog> ends a paragraph.
    "dialog after a paragraph": Difference(r"<dialog\b", "<p>a<dialog>b</dialog>c", "a\n\nc"),
    # 13.2.6.5: </p> and </br> end an <svg> or a <math> that is open.
    "end tags in svg and math": Difference(r"<(?:svg|math)\b.*</(?:p|br)\b", "<svg></p>a", "a"),
    # 13.2.6.1: what cannot stand in a table stands before it. html5lib forgets that after an end tag that is implied.
    "implied ends before a table": Difference(
        r"<table\b.*<(?:li|dd|dt|option|button|p)\b",
        "<table><tr><td>a</td></tr><li>b<li>c</table>",
        "- b\n\n- c\n\na",
    ),
    # html5lib fails on it.
    "html in svg and math": Difference(r"<(?:svg|math)\b.*<html\b", "<p>a<table><svg><html>", "a"),
}


def parse_differently(html: str) -> bool:
    """Whether the two parsers make different trees of a page."""
    events = _Events()
    sax_parse(html, events)
    try:
        soup = BeautifulSoup(html, "html5lib", multi_valued_attributes=None)
    except AssertionError:
        return True
    return events.joined() != _events_of(soup).joined()


def explained(html: str) -> list[str]:
    """The names of the differences that a page can have."""
    return [name for name, known in DIFFERENCES.items() if re.search(known.markup, html, re.IGNORECASE | re.DOTALL)]


class _Events(SaxHandler):
    """Start tags with their attributes, texts, and end tags (empty), in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, object]] = []

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        self.events.append((tag, {name: value or "" for name, value in attrs}))

    def end_element(self, tag: str) -> None:
        self.events.append(("", None))

    def characters(self, data: str) -> None:
        self.events.append(("", data))

    def joined(self) -> list[tuple[str, object]]:
        """The events with texts that follow one another as one."""
        joined: list[tuple[str, object]] = []
        for tag, value in self.events:
            if isinstance(value, str) and joined and isinstance(joined[-1][1], str):
                value = joined.pop()[1] + value
            joined.append((tag, value))
        return joined


def _events_of(soup: Tag) -> _Events:
    events = _Events()

    def tell(node: Tag) -> None:
        for child in node.contents:
            if isinstance(child, Tag):
                events.start_element(child.name, tuple((name, str(value)) for name, value in child.attrs.items()))
                tell(child)
                events.end_element(child.name)
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                events.characters(str(child))

    tell(soup)
    return events
