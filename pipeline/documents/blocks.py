"""One walk over a page: its text as blocks, with the media among it and the elements around it.

turbohtml builds the tree that the HTML standard prescribes and tells its events in document order; nothing recurses,
and it stays linear on hostile pages. Of five parsers (`benchmarks/parsers.py`: 65 pages of Readability's tests) it is
the fastest to parse a page and show all of it to Python, 1.1 ms; lexbor takes 1.2 ms and over 20 s for 100,000 nested
<div>, lxml 2.9 ms for trees that are not the standard's, resiliparse 10 ms, html5lib 33 ms. A page has some thousand
events, so what every one of them runs is kept short.
"""

import re
from dataclasses import dataclass, field

from turbohtml.saxparse import SaxHandler, sax_parse

from pipeline.documents.backgrounds import WHOLE_PAGE, background_images
from pipeline.documents.boilerplate import BOILERPLATE_TAGS, is_caption, is_hidden, reason_of
from pipeline.documents.copied import LinksNamed, without_copies
from pipeline.documents.pictures import is_link, is_picture
from pipeline.documents.tables import fold_rows
from pipeline.documents.tags import (
    BLOCK,
    CAPTIONS,
    DECLARATIONS,
    HEADINGS,
    IMAGES,
    LISTS,
    MARK,
    PLAYED,
    PREFORMATTED,
    READ_THOUGH_SKIPPED,
    ROLES,
    SKIP,
)
from pipeline.documents.tree import Attributes, Block, Element, Medium, PageTree
from pipeline.documents.videos import VIDEO_ELEMENTS

MAX_NODES = 100_000  # elements, attributes and texts; the largest of 558 pages, 1.2 MB long, has 74,000
MAX_MEDIA = 1_000  # of one page; OBELICS keeps at most 30 images
MAX_SOURCES = 50  # <source> elements of one <picture> or <video>, and what one <object> plays
MAX_DECLARATIONS = 500  # <meta>, <link> and the like; generators write 50
MAX_JSON_LD_CHARS = 1 << 18  # of all of a page's JSON-LD; articles have 2 to 20 kB

CREATIVE_COMMONS = "creativecommons.org/"
JSON_LD = "application/ld+json"
DISCUSSION = "DiscussionForumPosting"  # schema.org's type, in microdata or JSON-LD, of a page that is a thread
# Not text: control characters, invisible formatting (soft hyphen, zero-width space, word joiner, byte order mark),
# surrogates, and private-use characters, which are the glyphs of icon fonts.
UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ud800-\udfff\ue000-\uf8ff]")
ITEM_NUMBER = re.compile(r"[0-9]{1,6}")
PERMALINK = re.compile(r"\s*[¶§#🔗]$")  # the link to itself that generators put behind a heading


class PageLimitError(Exception):
    """The page is larger than what is read; the argument is the reason code."""


@dataclass(slots=True)
class _Table:
    first_block: int
    first_element: int
    is_layout: bool
    row: int = -1
    column: int = -1


@dataclass(slots=True)
class _Figure:
    first_uncaptioned: int
    first_medium: int
    named_image: str | None  # its address, where the markup names the image that a script will put in
    caption: str = ""


def read_tree(html: str, *, css_backgrounds: bool = False) -> PageTree:
    """Walk a page; with `css_backgrounds`, images behind text are images too."""
    walk = _WalkWithBackgrounds() if css_backgrounds else _Walk()
    walk.tree.is_discussion = DISCUSSION in html
    tamed = without_copies(html)
    try:
        sax_parse(tamed, walk if tamed is html else LinksNamed(walk))
    except PageLimitError as error:
        walk.tree.cut = str(error)
    walk.finish()
    return walk.tree


@dataclass(slots=True)  # which is faster for so many attributes
class _Walk(SaxHandler):
    """Receives turbohtml's events. A block is gathered in `parts` until a block's boundary flushes it."""

    tree: PageTree = field(default_factory=PageTree)
    elements: list[Element] = field(init=False)  # of the tree
    blocks: list[Block] = field(init=False)
    open: list[int] = field(default_factory=lambda: [0])  # elements of the block sort that the walk is in
    nodes_left: int = MAX_NODES
    text_before: int = 0
    # The block that is being gathered.
    parts: list[str] = field(default_factory=list)
    length: int = 0
    after_space: bool = True
    media: list[tuple[int, int]] = field(default_factory=list)
    link_chars: int = 0
    kind: str = "paragraph"
    marker: str = ""
    level: int = 0
    illustrates: bool = False
    unlinked: int = 0
    # How deep the walk is inside elements of these sorts.
    skipped: int = 0
    titles: int = 0
    quotes: int = 0
    preformatted: int = 0
    fallbacks: int = 0
    captions: int = 0
    contents: int = 0  # main and article
    links: list[str | None] = field(default_factory=list)
    item_numbers: list[int | None] = field(default_factory=list)  # of each open list the next one, where it has one
    groups: int = 0
    tables: list[_Table] = field(default_factory=list)
    pictures: list[list[Attributes]] = field(default_factory=list)
    figures: list[_Figure] = field(default_factory=list)
    video: Medium | None = None
    hidden: bool = False
    in_json_ld: bool = False
    json_ld_chars: int = 0
    uncaptioned: list[int] = field(default_factory=list)
    caption_start: int = 0

    def __post_init__(self) -> None:
        self.elements, self.blocks = self.tree.elements, self.tree.blocks

    # Events

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        self.nodes_left -= 1 + len(attrs)
        if self.nodes_left < 0:
            raise PageLimitError("too_many_nodes")
        if self.skipped:
            self.skipped += 1
            if tag in READ_THOUGH_SKIPPED and (self.video or self.hidden):
                self._start_skipped(tag, dict(attrs))
            return
        role = ROLES.get(tag)
        if role == BLOCK and (self.parts or self.media):
            self._end_line(tag)
        if role is None and not attrs:
            return
        attributes = dict(attrs)
        if role == SKIP:
            self.skipped = 1
            self._skip(tag, attributes)
        elif attrs and is_hidden(tag, attributes):
            self.skipped, self.hidden = 1, True
            self._declare(tag, attributes)
        elif role == BLOCK:
            self._start_block(tag, attributes)
        elif role == MARK:
            self._start_mark(tag, attributes)

    def end_element(self, tag: str) -> None:
        if self.skipped:
            self.skipped -= 1
            self.in_json_ld = False
            if not self.skipped:
                self.video, self.hidden = None, False
        elif role := ROLES.get(tag):
            if role == BLOCK:
                if self.parts or self.media:
                    self._end_line(tag)
                self._end_block(tag)
            elif role == MARK:
                self._end_mark(tag)

    def characters(self, data: str) -> None:
        if self.after_space and not self.preformatted and data.isspace():
            return  # most texts of a page
        self.nodes_left -= 1
        if self.nodes_left < 0:
            raise PageLimitError("too_many_nodes")
        if self.skipped or self.fallbacks:
            if self.in_json_ld and self.json_ld_chars + len(data) <= MAX_JSON_LD_CHARS:
                self.json_ld_chars += len(data)
                self.tree.declarations.json_ld.append(data)
            return
        is_plain = data.isprintable()  # which unwanted characters are not, nor is any white space but " "
        if not is_plain:
            data = UNWANTED.sub("", data)
        if self.preformatted:
            data = data.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\t", "    ")
            self._append(data if self.length else data.lstrip("\n"))
        elif self.titles:
            self.tree.title = self.tree.title or " ".join(data.split())
        elif is_plain and "  " not in data:
            self._append(data.lstrip() if self.after_space else data)
        elif data and not data.isspace():
            text = " ".join(data.split())
            if not self.after_space and data[0].isspace():
                text = " " + text
            self._append(text + " " if data[-1].isspace() else text)
        elif data and not self.after_space:
            self._append(" ")

    def finish(self) -> None:
        """End what a limit left open."""
        self._flush()
        for index in self.open:
            self.elements[index].end = len(self.blocks)

    # Blocks

    def _end_line(self, tag: str) -> None:
        """End the block at a tag of the block sort; inside preformatted text that ends but the line."""
        if not self.preformatted or tag in PREFORMATTED:
            self._flush()
        elif self.length and not self.parts[-1].endswith("\n"):
            self._append("\n")

    def _flush(self) -> None:
        """End the block that is being gathered, if it holds anything."""
        text, media, kind = "".join(self.parts).rstrip(), self.media, self.kind
        if kind == "heading" or text.endswith("¶"):  # Sphinx puts it behind captions and definitions too
            text = PERMALINK.sub("", text)
        if kind == "paragraph":
            kind = "caption" if self.captions else "quote" if self.quotes else kind
        if text or media:
            marker = self.marker if text else ""
            if media:
                media = [(len(marker) + min(offset, len(text)), index) for offset, index in media]
            cell = (self.tables[-1].row, self.tables[-1].column) if self.tables else None
            group = self.groups if self.item_numbers else 0
            links = min(self.link_chars, len(text))
            level = self.level if kind == "heading" else 0
            self.blocks.append(
                Block(marker + text, media, kind, group, links, cell, level, self.unlinked, self.illustrates)
            )
            if text and kind == "item":
                self.kind, self.marker = "paragraph", ""  # more of the same item is set off by a blank line
            if text and kind != "caption" and not self.figures:
                self.uncaptioned.clear()
        self.parts, self.media = [], []
        self.length = self.link_chars = 0
        self.after_space, self.illustrates, self.unlinked = True, False, 0

    def _start_block(self, tag: str, attributes: dict[str, str | None]) -> None:
        if self.preformatted and tag not in PREFORMATTED:
            self.open.append(self.open[-1])
            return
        names, reason = " ", None
        if attributes:
            names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}"
            if is_caption(tag, names):
                tag = "figcaption"
            elif attributes.get("role") == "main":
                tag = "main"
        if attributes or tag in BOILERPLATE_TAGS:
            reason = reason_of(tag, attributes, names, inside_content=self.contents > 0, inside_quote=self.quotes > 0)
        elements = self.elements
        elements.append(Element(self.open[-1], tag, names, reason, len(self.blocks)))
        self.open.append(len(elements) - 1)
        if tag in ("div", "p"):
            return
        if tag in HEADINGS:
            self.kind, self.marker, self.level = "heading", "", int(tag[1])
        elif tag in PREFORMATTED:
            self.preformatted += 1
            self.kind, self.marker = "code", ""
        elif tag in LISTS:
            self.groups += not self.item_numbers
            start = attributes.get("start") or "1"
            self.item_numbers.append(None if tag != "ol" else int(start) if ITEM_NUMBER.fullmatch(start) else 1)
        elif tag == "li":
            self.kind, self.marker = "item", "- "
            if self.item_numbers and (number := self.item_numbers[-1]) is not None:
                self.marker, self.item_numbers[-1] = f"{number}. ", number + 1
        elif tag in ("dt", "dd"):
            self.kind, self.marker = "item", ""
        elif tag == "blockquote":
            self.quotes += 1
        elif tag in ("main", "article"):
            self.contents += 1
        elif tag == "figure":
            is_image = "ImageObject" in (attributes.get("itemtype") or "")
            named_image = attributes.get("itemid") if is_image else None
            self.figures.append(_Figure(len(self.uncaptioned), len(self.tree.media), named_image))
        elif tag in CAPTIONS:
            self.captions += 1
            if self.captions == 1:
                self.caption_start = len(self.blocks)
        elif tag == "table":
            for outer in self.tables[-1:]:
                outer.is_layout = True
            is_layout = attributes.get("role") in ("presentation", "none") or bool(self.item_numbers)
            self.tables.append(_Table(len(self.blocks), len(self.elements), is_layout))
        elif tag == "tr" and self.tables:
            self.tables[-1].row += 1
            self.tables[-1].column = -1
        elif tag in ("td", "th") and self.tables:
            self.tables[-1].column += 1
        elif tag == "html":
            self.tree.declarations.language = attributes.get("lang")

    def _end_block(self, tag: str) -> None:
        index = self.open.pop()
        if self.preformatted and tag not in PREFORMATTED:
            return
        element = self.elements[index]
        element.end = len(self.blocks)
        tag = element.tag
        if tag in HEADINGS or tag in ("li", "dt", "dd"):
            self.kind, self.marker, self.level = "paragraph", "", 0
        elif tag in PREFORMATTED:
            self.preformatted -= 1
            self.kind = "code" if self.preformatted else "paragraph"
        elif tag in LISTS:
            self.item_numbers.pop()
        elif tag == "blockquote":
            self.quotes -= 1
        elif tag in ("main", "article"):
            self.contents -= 1
        elif tag == "figure":
            self._end_figure(element)
        elif tag in CAPTIONS:
            self._end_caption()
        elif tag == "table":
            table = self.tables.pop()
            if not table.is_layout:
                self.groups += 1
                if fold_rows(self.blocks, table.first_block, self.groups):
                    del self.elements[table.first_element :]
                    element.end = len(self.blocks)

    # Figures and captions

    def _end_figure(self, element: Element) -> None:
        figure = self.figures[-1]
        if figure.named_image and figure.first_medium == len(self.tree.media):
            # The image that microdata names (schema.org, ImageObject) stands before its caption.
            self._medium("img", {"src": figure.named_image})
            if element.first < element.end:
                self.blocks[element.first].media[:0] = self.media
                self.blocks[element.first].illustrates = True
                self.media, self.illustrates, self.unlinked = [], False, 0
            else:
                self._flush()
                element.end = len(self.blocks)
        self.figures.pop()
        if figure.caption:
            self._caption(figure.first_uncaptioned, figure.caption)

    def _end_caption(self) -> None:
        self.captions -= 1
        if self.captions:
            return
        text = " ".join(" ".join(block.text for block in self.blocks[self.caption_start :]).split())
        if not self.figures:
            self._caption(0, text)
        elif not self.figures[-1].caption:
            self.figures[-1].caption = text

    def _caption(self, first: int, text: str) -> None:
        """Give the images that wait for a caption, from the one of place `first` on, this one."""
        if text:
            for index in self.uncaptioned[first:]:
                self.tree.media[index].caption = text
        del self.uncaptioned[first:]

    # Inside a block

    def _append(self, text: str) -> None:
        if not text:
            return
        self.parts.append(text)
        length = len(text)
        self.length += length
        self.after_space = text[-1] in " \n"
        if self.links:
            self.link_chars += length
        self.text_before += 1

    def _line_break(self) -> None:
        """A line break; two of them end the paragraph."""
        if not self.length:
            return
        if self.preformatted:
            self._append("\n")
        elif self.parts[-1] == "\n":
            if not self.media or self.media[-1][0] < self.length:
                self._flush()
        else:
            if self.parts[-1].endswith(" "):
                self.parts[-1] = self.parts[-1][:-1]
                self.length -= 1
            self._append("\n")

    # Inline elements, media and declarations

    def _start_mark(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "a":
            self.links.append(attributes.get("href"))
            self._declare(tag, attributes)
        elif tag in IMAGES:
            self._medium(tag, attributes)
        elif tag == "br":
            self._line_break()
        elif tag in DECLARATIONS:
            self._declare(tag, attributes)
        elif tag == "noscript":
            self.fallbacks += 1
        elif tag == "picture":
            self.pictures.append([])
        elif tag == "source":
            if self.pictures and len(self.pictures[-1]) < MAX_SOURCES:
                self.pictures[-1].append(attributes)
        elif tag == "title":
            self.titles += 1
        elif tag == "base" and self.tree.base_href is None:
            self.tree.base_href = attributes.get("href")

    def _end_mark(self, tag: str) -> None:
        if tag == "a":
            self.links.pop()
        elif tag == "noscript":
            self.fallbacks -= 1
        elif tag == "picture":
            self.pictures.pop()
        elif tag == "title":
            self.titles -= 1

    def _declare(self, tag: str, attributes: dict[str, str | None]) -> None:
        """Keep what an element declares of the page, if it does."""
        declarations = self.tree.declarations
        if tag == "a":
            if "rel" not in attributes and CREATIVE_COMMONS not in (attributes.get("href") or ""):
                return
            declared = declarations.links
        elif tag == "link":
            declared = declarations.links
        elif tag == "meta":
            declared = declarations.metas
        elif tag == "time":
            declared = declarations.times
        else:
            self.in_json_ld = tag == "script" and (attributes.get("type") or "").strip().lower() == JSON_LD
            return
        if len(declared) < MAX_DECLARATIONS:
            declared.append(attributes)

    def _medium(self, tag: str, attributes: Attributes) -> Medium | None:
        media = self.tree.media
        if len(media) == MAX_MEDIA:
            self.tree.cut = "too_many_images"
            return None
        sources = self.pictures[-1] if self.pictures and tag in IMAGES else []
        href = self.links[-1] if self.links else None
        found = Medium(tag, attributes, sources, bool(self.fallbacks), self.text_before, href)
        self.media.append((self.length, len(media)))
        self.uncaptioned.append(len(media))
        media.append(found)
        is_unlinked = not is_link(href)
        self.unlinked += is_unlinked
        if self.figures or (is_unlinked and is_picture(attributes, sources)):
            self.illustrates = True
        if self.pictures:
            self.pictures[-1] = []
        return found

    def _skip(self, tag: str, attributes: dict[str, str | None]) -> None:
        """What is wanted of an element whose content is skipped."""
        if tag == "object" and (attributes.get("type") or "").strip().lower().startswith("image/"):
            self._medium("img", {**attributes, "src": attributes.get("data")})
        elif tag in VIDEO_ELEMENTS:
            self.video = self._medium(tag, attributes)
        else:
            self._declare(tag, attributes)

    def _start_skipped(self, tag: str, attributes: dict[str, str | None]) -> None:
        """What is wanted of an element inside: what a player plays, and what a hidden part declares, as of licences."""
        if self.video:
            is_source = tag == "source" or (tag in PLAYED and self.video.tag == "object")
            if is_source and len(self.video.sources) < MAX_SOURCES:
                self.video.sources.append(attributes)
        else:
            self._declare(tag, attributes)


class _WalkWithBackgrounds(_Walk):
    """Also takes what stands behind an element as an image at its start; other walks do not pay for that."""

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        super().start_element(tag, attrs)
        if attrs and not self.skipped and tag not in WHOLE_PAGE:
            for image in background_images(dict(attrs)):
                self._medium("img", image)
