"""What a page holds, read off its tree: blocks of text, the elements that they lie in, media, and declarations.

Three things decide what a node means. Its ancestors: `Inside` is all that they say, and every element makes one for its
children. The block that is being gathered: `Draft`. And what the page has told so far: `Reader`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from pipeline.documents import blocks as rules
from pipeline.documents import tags
from pipeline.documents.backgrounds import WHOLE_PAGE, background_images
from pipeline.documents.boilerplate import SKIPPED_TAGS, is_caption, is_hidden, reason_of
from pipeline.documents.pictures import is_link, is_picture
from pipeline.documents.reference.tables import fold_table
from pipeline.documents.tree import Attributes, Block, Element, Medium, PageTree
from pipeline.documents.videos import VIDEO_ELEMENTS

WHITE_SPACE = re.compile(r"\s+")


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
    first_medium: int
    first_waiting: int
    named_image: str | None  # its address, where the markup names the image that a script will put in
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Link:
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


def read_tree(root: Tag, *, css_backgrounds: bool) -> PageTree:
    """Read what BeautifulSoup made of a page; with `css_backgrounds`, images behind text are images too."""
    reader = Reader(css_backgrounds=css_backgrounds)
    for node in root.contents:
        reader.read(node, Inside())
    reader.end_block(Inside())
    reader.tree.elements[0].end = len(reader.tree.blocks)
    return reader.tree


class Reader:
    def __init__(self, *, css_backgrounds: bool) -> None:
        self.css_backgrounds = css_backgrounds
        self.tree = PageTree()
        self.draft = Draft()
        # What the next block will be. An element decides it when it starts, and takes it back when it ends.
        self.kind, self.marker, self.level = "paragraph", "", 0
        self.groups = 0  # lists and data tables so far
        self.text_chars = 0  # of the whole page so far
        self.json_ld_chars = 0
        self.waiting: list[Medium] = []  # for a caption that may follow

    # The tree. Nothing but `read` calls itself, once for every level of it.

    def read(self, node: PageElement, inside: Inside) -> None:
        """Read a node and all that is in it."""
        if isinstance(node, Tag):
            within = self.start(node, inside)
            if within:
                for child in node.contents:
                    self.read(child, within)
                self.end(node.name, within, inside)
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):  # as comments are
            self.text(str(node), inside)

    def start(self, node: Tag, inside: Inside) -> Inside | None:
        """Read an element without its content. Returns what it says about that; None where that is skipped."""
        tag, attributes = node.name, attributes_of(node)
        if tag in tags.BLOCKS:
            self.end_line(tag, inside)
        if tag == "object" and is_image_type(attributes):
            self.medium("img", {**attributes, "src": attributes.get("data")}, (), inside)
        elif tag in VIDEO_ELEMENTS:
            played = node.find_all(tags.PLAYED if tag == "object" else "source", limit=rules.MAX_SOURCES)
            self.medium(tag, attributes, [attributes_of(source) for source in played], inside)
        elif tag in SKIPPED_TAGS:
            self.declare(node)
        elif is_hidden(tag, attributes):
            for element in (node, *node.find_all(True)):  # licences are often hidden
                self.declare(element)
        else:
            within = (self.start_block if tag in tags.BLOCKS else self.start_inline)(node, attributes, inside)
            if self.css_backgrounds and tag not in WHOLE_PAGE:
                for image in background_images(attributes):
                    self.medium("img", image, (), within)
            return within
        return None

    def end(self, tag: str, within: Inside, inside: Inside) -> None:
        """End the element that said `within` of its content, and is itself `inside`."""
        if tag not in tags.BLOCKS:
            return
        self.end_line(tag, within)
        if within.element == inside.element:  # part of preformatted text
            return
        element = self.tree.elements[within.element]
        element.end = len(self.tree.blocks)
        if element.tag in tags.HEADINGS or element.tag in ("li", "dt", "dd"):
            self.kind, self.marker, self.level = "paragraph", "", 0
        elif element.tag in tags.PREFORMATTED:
            self.kind = "code" if inside.is_preformatted else "paragraph"
        elif element.tag == "figure" and within.figure:
            self.end_figure(within.figure, element, within)
        elif element.tag in tags.CAPTIONS and not inside.is_caption:
            self.end_caption(element, inside)
        elif element.tag == "table" and within.table and not within.table.is_layout:
            self.groups += 1
            if fold_table(self.tree.blocks, within.table.first_block, self.groups):
                del self.tree.elements[within.element + 1 :]
                element.end = len(self.tree.blocks)

    # Blocks

    def start_block(self, node: Tag, attributes: Attributes, inside: Inside) -> Inside:
        """Note an element of the block sort, unless it is in preformatted text, where it ends but lines."""
        tag = node.name
        if inside.is_preformatted and tag not in tags.PREFORMATTED:
            return inside
        names = f"{attributes.get('id') or ''} {attributes.get('class') or ''}"
        if is_caption(tag, names):
            tag = "figcaption"
        elif attributes.get("role") == "main":
            tag = "main"
        reason = reason_of(tag, attributes, names, inside_content=inside.is_article, inside_quote=inside.is_quote)
        elements = self.tree.elements
        elements.append(Element(inside.element, tag, names, reason, len(self.tree.blocks)))
        within = replace(inside, element=len(elements) - 1)
        if tag in tags.HEADINGS:
            self.kind, self.marker, self.level = "heading", "", int(tag[1])
        elif tag in tags.PREFORMATTED:
            self.kind, self.marker = "code", ""
            return replace(within, is_preformatted=True)
        elif tag in tags.LISTS:
            return replace(within, items=self.items(tag, attributes, inside.items))
        elif tag == "li":
            self.kind, self.marker = "item", "- "
            if inside.items and inside.items.number is not None:
                self.marker = f"{inside.items.number}. "
                inside.items.number += 1
        elif tag in ("dt", "dd"):
            self.kind, self.marker = "item", ""
        elif tag == "blockquote":
            return replace(within, is_quote=True)
        elif tag in ("main", "article"):
            return replace(within, is_article=True)
        elif tag == "figure":
            is_image = "ImageObject" in (attributes.get("itemtype") or "")
            named_image = attributes.get("itemid") if is_image else None
            return replace(within, figure=Figure(len(self.tree.media), len(self.waiting), named_image))
        elif tag in tags.CAPTIONS:
            return replace(within, is_caption=True)
        elif tag == "table":
            if inside.table:
                inside.table.is_layout = True
            is_layout = inside.items is not None or attributes.get("role") in ("presentation", "none")
            return replace(within, table=Table(len(self.tree.blocks), is_layout))
        elif tag == "tr" and inside.table:
            inside.table.row += 1
            inside.table.column = -1
        elif tag in ("td", "th") and inside.table:
            inside.table.column += 1
        elif tag == "html":
            self.tree.declarations.language = attributes.get("lang")
        return within

    def items(self, tag: str, attributes: Attributes, outer: Items | None) -> Items:
        """A list that starts."""
        if outer is None:
            self.groups += 1
        start = attributes.get("start") or ""
        number = int(start) if rules.ITEM_NUMBER.fullmatch(start) else 1
        return Items(outer.group if outer else self.groups, number if tag == "ol" else None)

    def end_line(self, tag: str, inside: Inside) -> None:
        """What the start or end of an element of the block sort does to the text: it ends the block, or but the line
        of preformatted text."""
        if not inside.is_preformatted or tag in tags.PREFORMATTED:
            self.end_block(inside)
        elif self.draft.text and not self.draft.text.endswith("\n"):
            self.append("\n", inside)

    def end_block(self, inside: Inside) -> None:
        """Make a block of the draft, if it holds anything."""
        draft, kind, marker = self.draft, self.kind, self.marker
        self.draft = Draft()
        text = draft.text.rstrip()
        if kind == "heading" or text.endswith("¶"):
            text = rules.PERMALINK.sub("", text)
        if kind == "paragraph" and (inside.is_caption or inside.is_quote):
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
            level=self.level if kind == "heading" else 0,
            unlinked_images=draft.unlinked_images,
            illustrates=draft.illustrates,
        )
        self.tree.blocks.append(block)
        if text and kind == "item":
            self.kind, self.marker = "paragraph", ""  # an item has one marker
        if text and kind != "caption" and not inside.figure:
            self.waiting.clear()

    # Text

    def text(self, text: str, inside: Inside) -> None:
        text = rules.UNWANTED.sub("", text)
        if inside.is_fallback:
            return
        if inside.is_preformatted:
            lines = re.sub("\r\n|\r|\f", "\n", text).replace("\t", "    ")
            self.append(lines if self.draft.text else lines.lstrip("\n"), inside)
        elif inside.is_title:
            self.tree.title = self.tree.title or " ".join(text.split())
        else:
            line = WHITE_SPACE.sub(" ", text)
            starts_line = self.draft.text[-1:] in ("", " ", "\n")
            self.append(line.removeprefix(" ") if starts_line else line, inside)

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
        if inside.is_preformatted:
            self.append("\n", inside)
        elif not draft.text.endswith("\n"):
            draft.text = draft.text.removesuffix(" ")
            self.append("\n", inside)
        elif not draft.media or draft.media[-1][0] < len(draft.text):
            self.end_block(inside)

    # Inline elements and declarations

    def start_inline(self, node: Tag, attributes: Attributes, inside: Inside) -> Inside:
        tag = node.name
        self.declare(node)
        if tag == "a":
            return replace(inside, link=Link(attributes.get("href")))
        if tag == "noscript":
            return replace(inside, is_fallback=True)
        if tag == "title":
            return replace(inside, is_title=True)
        if tag == "picture":
            return replace(inside, sources=[])
        if tag == "source" and inside.sources is not None and len(inside.sources) < rules.MAX_SOURCES:
            inside.sources.append(attributes)
        elif tag in tags.IMAGES:
            self.medium(tag, attributes, inside.sources or (), inside)
            if inside.sources:
                inside.sources.clear()
        elif tag == "br":
            self.line_break(inside)
        elif tag == "base" and self.tree.base_href is None:
            self.tree.base_href = attributes.get("href")
        return inside

    def declare(self, node: Tag) -> None:
        """Keep what an element declares of the page."""
        declarations, attributes = self.tree.declarations, attributes_of(node)
        if node.name == "script" and (attributes.get("type") or "").strip().lower() == rules.JSON_LD:
            text = "".join(map(str, node.contents))
            if text and self.json_ld_chars + len(text) <= rules.MAX_JSON_LD_CHARS:
                self.json_ld_chars += len(text)
                declarations.json_ld.append(text)
        links, metas, times = declarations.links, declarations.metas, declarations.times
        declared = {"link": links, "a": links, "meta": metas, "time": times}.get(node.name)
        tells = node.name != "a" or "rel" in attributes or rules.CREATIVE_COMMONS in (attributes.get("href") or "")
        if tells and declared is not None and len(declared) < rules.MAX_DECLARATIONS:
            declared.append(attributes)

    # Media and captions

    def medium(self, tag: str, attributes: Attributes, sources: Sequence[Attributes], inside: Inside) -> None:
        media = self.tree.media
        if len(media) == rules.MAX_MEDIA:
            self.tree.cut = "too_many_images"
            return
        href = inside.link.href if inside.link else None
        found = Medium(tag, attributes, list(sources), inside.is_fallback, self.text_chars, href)
        self.draft.media.append((len(self.draft.text), len(media)))
        self.waiting.append(found)
        media.append(found)
        is_unlinked = not is_link(href)
        self.draft.unlinked_images += is_unlinked
        self.draft.illustrates |= inside.figure is not None or (is_unlinked and is_picture(attributes, sources))

    def end_figure(self, figure: Figure, element: Element, within: Inside) -> None:
        blocks = self.tree.blocks
        if figure.named_image and figure.first_medium == len(self.tree.media):
            # The image that microdata names (schema.org, ImageObject) stands before its caption.
            self.medium("img", {"src": figure.named_image}, (), within)
            if element.first == element.end:
                self.end_block(within)
                element.end = len(blocks)
            else:
                blocks[element.first].media[:0] = self.draft.media
                blocks[element.first].illustrates = True
                self.draft = Draft()
        if figure.caption:
            self.caption(figure.first_waiting, figure.caption)

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


def attributes_of(node: Tag) -> dict[str, str | None]:
    return {name: str(value) for name, value in node.attrs.items()}


def is_image_type(attributes: Attributes) -> bool:
    return (attributes.get("type") or "").strip().lower().startswith("image/")
