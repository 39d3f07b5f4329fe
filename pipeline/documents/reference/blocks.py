"""What a page holds, read off its tree: blocks of text, the elements that they lie in, media, and declarations.

Three kinds of things decide what a node means. Its ancestors: `Inside` is all that they say, and every element makes
one for its children. The block that is being gathered: `Draft`. And what the page has told so far: `Reader`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from bs4 import NavigableString, Tag
from bs4.element import PreformattedString

from pipeline.documents import blocks as rules
from pipeline.documents.boilerplate import SKIPPED_TAGS, is_caption, is_hidden, reason_of
from pipeline.documents.reference.tables import fold_table
from pipeline.documents.tree import Attributes, Block, Element, Medium, PageTree
from pipeline.documents.videos import VIDEO_ELEMENTS

WHITE_SPACE = re.compile(r"\s+")
Step = Callable[[], list["Step"]]  # one thing to do; returns what is to be done next, in order


@dataclass(slots=True)
class Items:
    """A list: `number` is the next item's, where items have one."""

    group: int  # shared with the lists that it is in
    number: int | None


@dataclass(slots=True)
class Table:
    first_block: int
    is_layout: bool
    row: int = -1
    column: int = -1


@dataclass(slots=True)
class Figure:
    images_before: int
    waiting_before: int
    named_image: str | None
    caption: str = ""


class Link(NamedTuple):
    href: str | None


@dataclass(frozen=True, slots=True)
class Inside:
    """What the ancestors of a node say about it."""

    element: int = 0  # place of the innermost one of the block sort
    is_title: bool = False
    is_fallback: bool = False  # in <noscript>
    is_preformatted: bool = False
    is_quote: bool = False
    is_caption: bool = False
    is_article: bool = False  # in <main> or <article>
    link: Link | None = None
    items: Items | None = None  # the innermost list
    table: Table | None = None  # the innermost one
    figure: Figure | None = None  # the innermost one
    sources: list[Attributes] | None = None  # of the innermost <picture>, for its next image


@dataclass(slots=True)
class Draft:
    """The block that is being gathered."""

    text: str = ""
    media: list[tuple[int, int]] = field(default_factory=list)
    link_chars: int = 0
    unlinked_images: int = 0
    illustrates: bool = False


def read_tree(soup: Tag) -> PageTree:
    """Read what BeautifulSoup made of a page."""
    reader = Reader()
    steps: list[Step] = [partial(reader.children, soup, Inside())]
    while steps:  # a stack, since pages nest deeper than functions may
        steps.extend(reversed(steps.pop()()))
    reader.end_block(Inside())
    reader.tree.elements[0].end = len(reader.tree.blocks)
    return reader.tree


class Reader:
    def __init__(self) -> None:
        self.tree = PageTree()
        self.draft = Draft()
        # What the next block will be. An element decides it when it starts, and takes it back when it ends.
        self.kind, self.marker, self.level = "paragraph", "", 0
        self.groups = 0  # lists and data tables so far
        self.text_chars = 0  # of the whole page so far
        self.json_ld_chars = 0
        self.waiting: list[Medium] = []  # media that a caption may follow

    # The tree

    def children(self, node: Tag, inside: Inside) -> list[Step]:
        steps: list[Step] = []
        for child in node.contents:
            if isinstance(child, Tag):
                steps.append(partial(self.element, child, inside))
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):  # a comment is one
                steps.append(partial(self.text, str(child), inside))
        return steps

    def element(self, node: Tag, inside: Inside) -> list[Step]:
        tag: str = node.name
        attributes: dict[str, str | None] = {name: str(value) for name, value in node.attrs.items()}
        hidden = is_hidden(tag, attributes.items())
        if tag in rules.BLOCKS:
            self.end_line(tag, inside)
            if hidden:
                return []
            within = self.start_block(tag, attributes, inside)
            return [*self.children(node, within), partial(self.leave_block, tag, within, inside)]
        if tag in VIDEO_ELEMENTS:
            sources = [dict(source.attrs) for source in node.find_all("source", limit=rules.MAX_SOURCES)]
            self.medium(tag, attributes, sources, inside)
            return []
        if tag == "script":
            self.script(node, attributes)
            return []
        if tag in SKIPPED_TAGS or hidden:
            return []
        return self.children(node, self.start_inline(tag, attributes, inside))

    def leave_block(self, tag: str, within: Inside, inside: Inside) -> list[Step]:
        self.end_line(tag, within)
        if within.element == inside.element:
            return []
        element = self.tree.elements[within.element]
        element.end = len(self.tree.blocks)
        if element.tag in rules.HEADINGS or element.tag in ("li", "dt", "dd"):
            self.kind, self.marker, self.level = "paragraph", "", 0
        elif element.tag in rules.PREFORMATTED:
            self.kind = "code" if inside.is_preformatted else "paragraph"
        elif element.tag == "figure" and within.figure:
            self.end_figure(within.figure, element, within)
        elif element.tag in rules.CAPTIONS and not inside.is_caption:
            self.end_caption(element, inside)
        elif element.tag == "table" and within.table and not within.table.is_layout:
            self.groups += 1
            if fold_table(self.tree.blocks, within.table.first_block, self.groups):
                del self.tree.elements[within.element + 1 :]
                element.end = len(self.tree.blocks)
        return []

    # Blocks

    def start_block(self, tag: str, attributes: Attributes, inside: Inside) -> Inside:
        """Note an element of the block sort, and say what it means for what is in it."""
        if inside.is_preformatted and tag not in rules.PREFORMATTED:
            return inside
        names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}"
        reason = reason_of(tag, attributes, names, inside_content=inside.is_article, inside_quote=inside.is_quote)
        if is_caption(tag, names):
            tag = "figcaption"
        elif attributes.get("role") == "main":
            tag = "main"
        elements = self.tree.elements
        elements.append(Element(inside.element, tag, names, reason, len(self.tree.blocks)))
        within = replace(inside, element=len(elements) - 1)
        if tag in rules.HEADINGS:
            self.kind, self.marker, self.level = "heading", "", int(tag[1])
        elif tag in rules.PREFORMATTED:
            self.kind, self.marker = "code", ""
            within = replace(within, is_preformatted=True)
        elif tag in rules.LISTS:
            within = replace(within, items=self.start_list(tag, attributes, inside.items))
        elif tag == "li":
            self.kind, self.marker = "item", "- "
            if inside.items and inside.items.number is not None:
                self.marker = f"{inside.items.number}. "
                inside.items.number += 1
        elif tag in ("dt", "dd"):
            self.kind, self.marker = "item", ""
        elif tag == "blockquote":
            within = replace(within, is_quote=True)
        elif tag in ("main", "article"):
            within = replace(within, is_article=True)
        elif tag == "figure":
            is_image = "ImageObject" in (attributes.get("itemtype") or "")
            named_image = attributes.get("itemid") if is_image else None
            within = replace(within, figure=Figure(len(self.tree.media), len(self.waiting), named_image))
        elif tag in rules.CAPTIONS:
            within = replace(within, is_caption=True)
        elif tag == "table":
            if inside.table:
                inside.table.is_layout = True
            is_layout = inside.items is not None or attributes.get("role") in ("presentation", "none")
            within = replace(within, table=Table(len(self.tree.blocks), is_layout))
        elif tag == "tr" and inside.table:
            inside.table.row += 1
            inside.table.column = -1
        elif tag in ("td", "th") and inside.table:
            inside.table.column += 1
        elif tag == "html":
            self.tree.declarations.language = attributes.get("lang")
        return within

    def start_list(self, tag: str, attributes: Attributes, outer: Items | None) -> Items:
        if outer is None:
            self.groups += 1
        start = attributes.get("start") or ""
        number = int(start) if rules.ITEM_NUMBER.fullmatch(start) else 1
        return Items(outer.group if outer else self.groups, number if tag == "ol" else None)

    def end_line(self, tag: str, inside: Inside) -> None:
        """What the start or end of an element of the block sort does to the text: inside code it ends but the line."""
        if not inside.is_preformatted or tag in rules.PREFORMATTED:
            self.end_block(inside)
        elif self.draft.text and not self.draft.text.endswith("\n"):
            self.append("\n", inside)

    def end_block(self, inside: Inside) -> None:
        """Turn the draft into a block, if it holds anything."""
        draft, kind, marker = self.draft, self.kind, self.marker
        self.draft = Draft()
        text = draft.text.rstrip()
        if kind == "heading":
            text = rules.PERMALINK.sub("", text)
        elif kind == "paragraph" and (inside.is_caption or inside.is_quote):
            kind = "caption" if inside.is_caption else "quote"
        if not text and not draft.media:
            return
        if not text:
            marker = ""
        block = Block(
            text=marker + text,
            media=[(len(marker) + min(offset, len(text)), index) for offset, index in draft.media],
            kind=kind,
            group=inside.items.group if inside.items else 0,
            link_chars=min(draft.link_chars, len(text)),
            cell=(inside.table.row, inside.table.column) if inside.table else None,
            level=self.level,
            unlinked_images=draft.unlinked_images,
            illustrates=draft.illustrates,
        )
        self.tree.blocks.append(block)
        if text and kind == "item":
            self.kind, self.marker = "paragraph", ""  # an item has one marker
        if text and kind != "caption" and not inside.figure:
            self.waiting.clear()

    # Text

    def text(self, text: str, inside: Inside) -> list[Step]:
        text = rules.UNWANTED.sub("", text)
        if inside.is_fallback:
            return []
        if inside.is_preformatted:
            lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
            self.append(lines if self.draft.text else lines.lstrip("\n"), inside)
        elif inside.is_title:
            self.tree.title = self.tree.title or " ".join(text.split())
        else:
            text = WHITE_SPACE.sub(" ", text)
            starts_line = self.draft.text[-1:] in ("", " ", "\n")
            self.append(text.removeprefix(" ") if starts_line else text, inside)
        return []

    def append(self, text: str, inside: Inside) -> None:
        self.draft.text += text
        self.text_chars += len(text)
        if inside.link:
            self.draft.link_chars += len(text)

    def line_break(self, inside: Inside) -> None:
        """A line break; two of them end the paragraph, unless an image stands between them."""
        draft = self.draft
        if not draft.text:
            return
        if inside.is_preformatted or not draft.text.endswith("\n"):
            if not inside.is_preformatted:
                draft.text = draft.text.removesuffix(" ")
            self.append("\n", inside)
        elif not draft.media or draft.media[-1][0] < len(draft.text):
            self.end_block(inside)

    # Inline elements and declarations

    def start_inline(self, tag: str, attributes: dict[str, str | None], inside: Inside) -> Inside:
        declarations = self.tree.declarations
        if tag == "a":
            href = attributes.get("href")
            if "rel" in attributes or "creativecommons.org/" in (href or ""):
                declare(declarations.links, attributes)
            return replace(inside, link=Link(href))
        if tag == "noscript":
            return replace(inside, is_fallback=True)
        if tag == "title":
            return replace(inside, is_title=True)
        if tag == "picture":
            return replace(inside, sources=[])
        if tag == "source" and inside.sources is not None and len(inside.sources) < rules.MAX_SOURCES:
            inside.sources.append(attributes)
        elif tag in rules.IMAGES:
            self.medium(tag, attributes, list(inside.sources or ()), inside)
        elif tag == "br":
            self.line_break(inside)
        elif tag == "meta":
            declare(declarations.metas, attributes)
        elif tag == "link":
            declare(declarations.links, attributes)
        elif tag == "time":
            declare(declarations.times, attributes)
        elif tag == "base" and self.tree.base_href is None:
            self.tree.base_href = attributes.get("href")
        return inside

    def script(self, node: Tag, attributes: Attributes) -> None:
        if (attributes.get("type") or "").strip().lower() == "application/ld+json":
            text = "".join(map(str, node.contents))
            if text and self.json_ld_chars + len(text) <= rules.MAX_JSON_LD_CHARS:
                self.json_ld_chars += len(text)
                self.tree.declarations.json_ld.append(text)

    # Media and captions

    def medium(self, tag: str, attributes: Attributes, sources: list[Attributes], inside: Inside) -> None:
        media = self.tree.media
        if len(media) == rules.MAX_MEDIA:
            self.tree.cut = "too_many_images"
            return
        href = inside.link.href if inside.link else None
        found = Medium(tag, attributes, sources, inside.is_fallback, self.text_chars, href)
        self.draft.media.append((len(self.draft.text), len(media)))
        self.waiting.append(found)
        media.append(found)
        is_described = (attributes.get("alt") or "").count(" ") >= rules.MIN_ALT_SPACES
        self.draft.unlinked_images += inside.link is None
        self.draft.illustrates |= inside.figure is not None or (inside.link is None and is_described)
        if inside.sources:
            inside.sources.clear()

    def end_figure(self, figure: Figure, element: Element, within: Inside) -> None:
        blocks, media = self.tree.blocks, self.tree.media
        if figure.named_image and figure.images_before == len(media):
            # The image that microdata names (schema.org, ImageObject) stands before its caption.
            self.medium("img", {"src": figure.named_image}, [], within)
            if element.first == element.end:
                self.end_block(within)
                element.end = len(blocks)
            else:
                blocks[element.first].media[:0] = self.draft.media
                blocks[element.first].illustrates = True
                self.draft = Draft()
        if figure.caption:
            self.caption(figure.waiting_before, figure.caption)

    def end_caption(self, element: Element, inside: Inside) -> None:
        """A caption is its figure's; outside of figures, that of the images right before it."""
        text = " ".join(" ".join(block.text for block in self.tree.blocks[element.first :]).split())
        if inside.figure is None:
            self.caption(0, text)
        elif not inside.figure.caption:
            inside.figure.caption = text

    def caption(self, first: int, text: str) -> None:
        """Give the media that wait, from the one of place `first` on, this caption."""
        if text:
            for medium in self.waiting[first:]:
                medium.caption = text
        del self.waiting[first:]


def declare(declarations: list[dict[str, str | None]], attributes: dict[str, str | None]) -> None:
    if len(declarations) < rules.MAX_DECLARATIONS:
        declarations.append(attributes)
