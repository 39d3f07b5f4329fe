"""Elements of which an HTML parser makes copies, and how a large page is kept from having too many made.

Formatting elements and links that are left open are built again, with all their attributes, in every block that follows
(HTML standard, section 13.2.4.3), and the attributes of each further <html> and <body> are merged into the first. So
4 MB of `<p><font color=1>x<p><font color=2>x...` become 12 GB before turbohtml tells its first event, and as many
`<html a1=1><html a2=1>...` never end. Under names that HTML does not know these elements are built once, where they
stand, and nothing that a walk asks for is lost.
"""

import re
from itertools import islice

from turbohtml.saxparse import SaxHandler

# Of tags, times the characters of what may be copied at each. What was written to be worst takes 0.3 GB and 0.3 s just
# below; four in five real pages stay below without a look at their tags, nearly all others with one.
MAX_COPIED_CHARS = 64_000_000
MAX_ROOTS = 10  # pages that were pasted together have two or three
ELEMENT_CHARS = 24  # what an element takes in memory without attributes, beside one attribute
FORMATTING = ("b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
ROOTS = ("html", "body")


def _names(names: tuple[str, ...]) -> str:
    # A class for each letter takes a third of the time of re.IGNORECASE.
    return "|".join("".join(f"[{letter}{letter.upper()}]" for letter in name) for name in names)


COPIED = re.compile(rf"(</?)(?=(?:{_names(('a', *FORMATTING))})[\s/>])")
ROOT = re.compile(rf"<(?=(?:{_names(ROOTS)})[\s/])")
# A tag of one of these, with its end where it is plain to see: no sign that could be part of an attribute or its end.
ATTRIBUTE = r"""\s++[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'<>=`]++))?+"""
TAG = re.compile(
    rf"<(?=[aAbBcCeEfFhHiInNsStTuU])(?:{_names(FORMATTING)}|([aA])|({_names(ROOTS)}))(?=[\s/>])"
    rf"((?:{ATTRIBUTE})*+\s*+/?+>)?+"
)


def without_copies(html: str) -> str:
    """The page as it is, or, where copies could be many, with these elements renamed: <a> to <x-a>, for example."""
    tags = html.count("<")
    if tags * len(html) <= MAX_COPIED_CHARS or tags * _copied_chars(html) <= MAX_COPIED_CHARS:
        return html
    for root in islice(ROOT.finditer(html), MAX_ROOTS, MAX_ROOTS + 1):
        html = html[: root.start()] + ROOT.sub("<x-", html[root.start() :])
    return COPIED.sub(r"\1x-", html)


def _copied_chars(html: str) -> int:
    """How many characters of tags may be copied at one place, at most: all formatting and the longest link, of which
    only one is ever open. Where that cannot be seen, all of the page."""
    formatting = longest_link = roots = 0
    for is_link, is_root, attributes in TAG.findall(html):
        if is_root:
            roots += 1
        elif not attributes:
            return len(html)
        elif is_link:
            longest_link = max(longest_link, len(attributes))
        else:
            formatting += ELEMENT_CHARS + len(attributes)
    return formatting + longest_link if roots <= MAX_ROOTS else len(html)


class LinksNamed(SaxHandler):
    """Tells another handler the events of a page that was changed, but <x-a> as <a>."""

    def __init__(self, handler: SaxHandler) -> None:
        self._handler = handler

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        self._handler.start_element("a" if tag == "x-a" else tag, attrs)

    def end_element(self, tag: str) -> None:
        self._handler.end_element("a" if tag == "x-a" else tag)

    def characters(self, data: str) -> None:
        self._handler.characters(data)
