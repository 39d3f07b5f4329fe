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

# Of tags, times the characters of what may be copied at each. What was written to be worst takes 0.3 GB and 0.7 s just
# below; of 983 real pages a third stay below without a look at their tags, all but 6 with one.
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
SPACE = r" \t\n\r\f"  # HTML's
# Attributes as a browser parts them (HTML standard, sections 13.2.5.32 to 13.2.5.40): all up to the end of the tag.
VALUE = rf"""(?:"[^"]*+"?+|'[^']*+'?+|[^{SPACE}>"'][^{SPACE}>]*+)"""
ATTRIBUTES = rf"(?:[{SPACE}/]++|[^{SPACE}/>][^{SPACE}/>=]*+(?:[{SPACE}]*+=[{SPACE}]*+{VALUE}?+)?+)*+"
# They are but looked at: what seems to be a tag in a comment or script may seem to hold true ones.
TAG = re.compile(
    rf"<(?=[aAbBcCeEfFhHiInNsStTuU][{SPACE}/>iIoOmMtT])"  # two characters tell most other tags
    rf"(?:([aA])|({_names(ROOTS)})|{_names(FORMATTING)})(?=[{SPACE}/>])(?=({ATTRIBUTES}))"
)


def without_copies(html: str) -> str:
    """The page as it is, or, where copies could be many, with these elements renamed: <a> to <x-a>, for example."""
    tags = html.count("<")
    if tags * len(html) <= MAX_COPIED_CHARS or not _copies_more(html, MAX_COPIED_CHARS // tags):
        return html
    for root in islice(ROOT.finditer(html), MAX_ROOTS, MAX_ROOTS + 1):
        html = html[: root.start()] + ROOT.sub("<x-", html[root.start() :])
    return COPIED.sub(r"\1x-", html)


def _copies_more(html: str, limit: int) -> bool:
    """Whether more than `limit` characters of tags may be copied at one place: all formatting and the longest link, of
    which only one is ever open."""
    formatting = longest_link = roots = 0
    left = len(html)  # true tags do not overlap; where many seem to, no more are read
    for tag in TAG.finditer(html):
        is_link, is_root, attributes = tag.groups()
        size = len(attributes)
        left -= size
        if is_link:
            longest_link = max(longest_link, size)
        elif is_root:
            roots += 1
        else:
            formatting += ELEMENT_CHARS + size
        if formatting + longest_link > limit or roots > MAX_ROOTS or left < 0:
            return True
    return False


class LinksNamed(SaxHandler):
    """Tells another handler the events of a page that was changed, but <x-a> as <a>: a link in a link ends the outer
    one, as parsers have it."""

    def __init__(self, handler: SaxHandler) -> None:
        self._handler = handler
        self._depth = 0  # of <x-a>
        self._open = 0  # the depth of the link that is open

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        if tag != "x-a":
            self._handler.start_element(tag, attrs)
            return
        if self._open:
            self._handler.end_element("a")
        self._depth += 1
        self._open = self._depth
        self._handler.start_element("a", attrs)

    def end_element(self, tag: str) -> None:
        if tag != "x-a":
            self._handler.end_element(tag)
            return
        if self._open == self._depth:
            self._handler.end_element("a")
            self._open = 0
        self._depth -= 1

    def characters(self, data: str) -> None:
        self._handler.characters(data)
