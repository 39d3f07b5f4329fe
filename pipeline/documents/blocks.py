"""One walk over a page's tree: its blocks of text, its images among them, and the regions that they lie in.

turbohtml builds the tree that the HTML standard prescribes and tells its events in document order; nothing recurses,
and it stays linear on hostile pages.
"""

import re
from dataclasses import dataclass, field

from turbohtml.saxparse import SaxHandler, sax_parse

from pipeline.documents.boilerplate import SKIPPED_TAGS, Block, Region, is_hidden, reason_of
from pipeline.documents.candidates import Attributes
from pipeline.documents.facts import Declarations
from pipeline.documents.tables import fold_rows

MAX_NODES = 200_000  # elements and texts; the largest of 715 pages looked at, 1.2 MB long, has 81,000
MAX_IMAGES = 1_000  # of one page; OBELICS keeps at most 30
MAX_SOURCES = 50  # <source> elements of one <picture>

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
LISTS = frozenset(("ul", "ol", "dl", "dir"))
BLOCKS = frozenset(
    [
        *HEADINGS,
        *LISTS,
        *("html", "body", "main", "article", "section", "nav", "aside", "header", "footer", "hgroup", "search"),
        *("div", "p", "center", "address", "blockquote", "hr", "pre", "listing", "plaintext", "xmp", "li", "dt", "dd"),
        *("figure", "figcaption", "details", "summary", "form", "fieldset", "legend"),
        *("table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th"),
    ]
)
PREFORMATTED = frozenset(("pre", "listing", "plaintext", "xmp"))

# Not text: control characters, invisible formatting (soft hyphen, zero-width space, word joiner, byte order mark),
# surrogates, and private-use characters, which are the glyphs of icon fonts.
UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ud800-\udfff\ue000-\uf8ff]")
ITEM_NUMBER = re.compile(r"[0-9]{1,6}")
PERMALINK = re.compile(r"\s*[¶§#🔗]$")  # the link to itself that generators put behind a heading


class PageLimitError(Exception):
    """The page is larger than what is read; the argument is the reason code."""


@dataclass(slots=True)
class FoundImage:
    """An image element as found; `text_before` counts the characters of the page before it."""

    attributes: Attributes
    sources: list[Attributes]
    is_fallback: bool  # inside <noscript>
    text_before: int
    caption: str | None = None


@dataclass(slots=True)
class _Table:
    first_block: int
    is_layout: bool
    row: int = -1
    column: int = -1


@dataclass(slots=True)
class _Figure:
    first_uncaptioned: int
    caption: str = ""


@dataclass(slots=True)
class PageTree:
    """What one walk found."""

    blocks: list[Block] = field(default_factory=list)
    regions: list[Region] = field(default_factory=lambda: [Region(0, "html", None)])
    images: list[FoundImage] = field(default_factory=list)
    title: str = ""
    open_graph_title: str = ""
    base_href: str | None = None
    declarations: Declarations = field(default_factory=Declarations)
    cut: str | None = None


def read_tree(html: str) -> PageTree:
    """Walk a page; `cut` of the result says at which limit the walk ended, and what came before it is there."""
    walk = _Walk()
    try:
        sax_parse(html, walk)
    except PageLimitError as error:
        walk.tree.cut = str(error)
    walk.flush()
    return walk.tree


class _Walk(SaxHandler):
    """Receives turbohtml's events. A block is gathered in `parts` until a block's boundary flushes it."""

    def __init__(self) -> None:
        self.tree = PageTree()
        self.outer_regions: list[int] = []  # of every open element, the region that it lies in
        self.region = 0
        self.nodes = 0
        self.text_before = 0
        # The block that is being gathered.
        self.parts: list[str] = []
        self.length = 0
        self.after_space = True
        self.block_images: list[tuple[int, int]] = []
        self.link_chars = 0
        self.kind = "text"
        self.marker = ""
        # How deep the walk is inside elements of these sorts.
        self.skipped = self.titles = self.quotes = self.links = self.preformatted = self.fallbacks = self.captions = 0
        self.item_numbers: list[int | None] = []  # of every open list, the next item's; None where they have none
        self.groups = 0
        self.tables: list[_Table] = []
        self.pictures: list[list[Attributes]] = []
        self.figures: list[_Figure] = []
        self.uncaptioned: list[int] = []
        self.caption_start = 0

    # Events

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        self._count_node()
        if self.skipped:
            self.skipped += 1
            return
        attributes = dict(attrs)
        is_block = self._boundary(tag)
        if tag in SKIPPED_TAGS or (attrs and tag not in ("html", "body") and is_hidden(attributes)):
            self.skipped = 1
            return
        self.outer_regions.append(self.region)
        if is_block:
            self._start_block(tag, attributes)
        elif tag in ("img", "amp-img"):
            self._image(attributes)
        elif tag == "br":
            self._line_break()
        elif tag == "a":
            self.links += 1
        elif tag == "noscript":
            self.fallbacks += 1
        elif tag == "picture":
            self.pictures.append([])
        elif tag == "source" and self.pictures and len(self.pictures[-1]) < MAX_SOURCES:
            self.pictures[-1].append(attributes)
        elif tag == "title":
            self.titles += 1
        elif tag == "base" and self.tree.base_href is None:
            self.tree.base_href = attributes.get("href")
        elif tag == "meta" and attributes.get("property") == "og:title" and not self.tree.open_graph_title:
            self.tree.open_graph_title = attributes.get("content") or ""

    def end_element(self, tag: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        if self._boundary(tag):
            self._end_block(tag)
        elif tag == "a":
            self.links -= 1
        elif tag == "noscript":
            self.fallbacks -= 1
        elif tag == "picture":
            self.pictures.pop()
        elif tag == "title":
            self.titles -= 1
        self.region = self.outer_regions.pop()

    def characters(self, data: str) -> None:
        self._count_node()
        if self.skipped or self.fallbacks:
            return
        if not self.preformatted and data.isspace():
            if not self.after_space:
                self._append(" ")
            return
        if UNWANTED.search(data):
            data = UNWANTED.sub("", data)
        if self.titles:
            self.tree.title = self.tree.title or " ".join(data.split())
        elif self.preformatted:
            data = data.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
            self._append(data if self.length else data.lstrip("\n"))
        elif words := data.split():
            text = " ".join(words)
            if data[0].isspace() and not self.after_space:
                text = " " + text
            self._append(text + " " if data[-1].isspace() else text)

    # Blocks

    def _boundary(self, tag: str) -> bool:
        """End the block before or after a tag of the block sort; inside preformatted text it ends but the line."""
        if tag not in BLOCKS:
            return False
        if self.preformatted and tag not in PREFORMATTED:
            if self.length and not self.parts[-1].endswith("\n"):
                self._append("\n")
            return False
        self.flush()
        return True

    def flush(self) -> None:
        """End the block that is being gathered, if it holds anything."""
        if not self.parts and not self.block_images:
            return
        text = "".join(self.parts).rstrip()
        if self.kind == "heading":
            text = PERMALINK.sub("", text)
        if text or self.block_images:
            marker = self.marker if text else ""
            images = [(len(marker) + min(offset, len(text)), index) for offset, index in self.block_images]
            cell = (self.tables[-1].row, self.tables[-1].column) if self.tables else None
            group = self.groups if self.item_numbers else 0
            self.tree.blocks.append(Block(marker + text, images, self.region, self.kind, group, self.link_chars, cell))
            if text and self.kind == "item":
                self.kind, self.marker = "text", ""  # more of the same item is set off by a blank line
        self.parts, self.block_images = [], []
        self.length = self.link_chars = 0
        self.after_space = True

    def _start_block(self, tag: str, attributes: Attributes) -> None:
        self._enter_region(tag, attributes)
        if tag in HEADINGS:
            self.kind, self.marker = "heading", ""
        elif tag in PREFORMATTED:
            self.preformatted += 1
            self.kind, self.marker = "pre", ""
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
        elif tag == "figure":
            self.figures.append(_Figure(len(self.uncaptioned)))
        elif tag == "figcaption":
            self.captions += 1
            if self.captions == 1:
                self.caption_start = len(self.tree.blocks)
        elif tag == "table":
            for outer in self.tables[-1:]:
                outer.is_layout = True
            is_layout = attributes.get("role") in ("presentation", "none") or bool(self.item_numbers)
            self.tables.append(_Table(len(self.tree.blocks), is_layout))
        elif tag == "tr" and self.tables:
            self.tables[-1].row += 1
            self.tables[-1].column = -1
        elif tag in ("td", "th") and self.tables:
            self.tables[-1].column += 1

    def _end_block(self, tag: str) -> None:
        if tag in HEADINGS or tag in ("li", "dt", "dd"):
            self.kind, self.marker = "text", ""
        elif tag in PREFORMATTED:
            self.preformatted -= 1
            self.kind = "pre" if self.preformatted else "text"
        elif tag in LISTS:
            self.item_numbers.pop()
        elif tag == "blockquote":
            self.quotes -= 1
        elif tag == "figure":
            figure = self.figures.pop()
            if figure.caption:
                for index in self.uncaptioned[figure.first_uncaptioned :]:
                    self.tree.images[index].caption = figure.caption
                del self.uncaptioned[figure.first_uncaptioned :]
        elif tag == "figcaption":
            self.captions -= 1
            if self.figures and not self.captions and not self.figures[-1].caption:
                texts = (block.text for block in self.tree.blocks[self.caption_start :])
                self.figures[-1].caption = " ".join(" ".join(texts).split())
        elif tag == "table":
            table = self.tables.pop()
            if not table.is_layout:
                self.groups += 1
                fold_rows(self.tree.blocks, table.first_block, self.groups)

    def _enter_region(self, tag: str, attributes: Attributes) -> None:
        regions = self.tree.regions
        inside_content = regions[self.region].inside_content
        if tag in ("main", "article") or attributes.get("role") == "main":
            regions.append(Region(self.region, "article" if tag == "article" else "main", None, inside_content=True))
        elif tag in ("html", "body"):
            return
        elif reason := reason_of(tag, attributes, inside_content=inside_content, inside_quote=bool(self.quotes)):
            regions.append(Region(self.region, tag, reason, inside_content))
        else:
            return
        self.region = len(regions) - 1

    # Inside a block

    def _append(self, text: str) -> None:
        if not text:
            return
        self.parts.append(text)
        self.length += len(text)
        self.after_space = text[-1] in " \n"
        self.link_chars += len(text) if self.links else 0
        self.text_before += not text.isspace()

    def _line_break(self) -> None:
        """A line break; two of them end the paragraph."""
        if not self.length:
            return
        if self.preformatted:
            self._append("\n")
        elif self.parts[-1] == "\n":
            if not self.block_images or self.block_images[-1][0] < self.length:
                self.flush()
        else:
            if self.parts[-1].endswith(" "):
                self.parts[-1] = self.parts[-1][:-1]
                self.length -= 1
            self._append("\n")

    def _image(self, attributes: Attributes) -> None:
        index = len(self.tree.images)
        if index == MAX_IMAGES:
            self.tree.cut = "too_many_images"
            return
        sources = self.pictures[-1] if self.pictures else []
        self.tree.images.append(FoundImage(attributes, sources, bool(self.fallbacks), self.text_before))
        self.block_images.append((self.length, index))
        if self.figures:
            self.uncaptioned.append(index)
        if self.pictures:
            self.pictures[-1] = []

    def _count_node(self) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise PageLimitError("too_many_nodes")
