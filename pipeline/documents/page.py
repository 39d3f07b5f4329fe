"""A page as a document: its text, and the images at the places where they stand in it.

1. `blocks.read_tree` walks the tree once and gathers blocks of text, regions and images.
2. `boilerplate.content_blocks` keeps the blocks that are the page's content.
3. The blocks are joined, and every image of theirs gets its place and its address (`candidates.choose`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.documents.blocks import FoundImage, PageTree, read_tree
from pipeline.documents.boilerplate import Block, content_blocks
from pipeline.documents.candidates import Choice, Embedded, choose
from pipeline.documents.facts import Facts, read_facts
from pipeline.documents.urls import resolve

__all__ = ["Embedded", "Page", "PageImage", "read_page"]

# Common Crawl cuts bodies at 1 MiB (5 MiB since 2025); what is longer is rarely a page for readers.
MAX_HTML_CHARS = 5 << 20
MAX_DOT_PX = 2  # trackers and spacers declare 0 or 1, rules 2
PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d*)?\s*(?:px)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageImage:
    """An image of a page; `position` is the offset in `Page.text`, in code points, of the first character after it."""

    kind: str  # image or video
    position: int
    url: str  # absolute http(s) URL, or urn:sha256:<hex> for one that the page itself holds
    alt: str | None
    title: str | None
    caption: str | None  # of its <figure>; also part of the text
    link_url: str | None
    width_px: int | None  # as its attributes say
    height_px: int | None
    rendered_width_px: int | None  # as its own style says
    rendered_height_px: int | None
    poster_url: str | None  # of a video


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A block of the text, `text[start:end]`; blocks follow one another without overlap."""

    start: int
    end: int
    kind: str  # heading, paragraph, item, row, quote, code or caption


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a page.

    `text` is plain text: a blank line between blocks, a line for each list item and table row. `images` are in reading
    order, so positions never decrease; 0 <= position <= len(text). An image between two blocks has the position at
    which the second one starts; one after the last block has len(text). `embedded` holds the bytes of images whose URL
    is a hash. `cut` says which limit the page broke (too_long, too_many_nodes, too_many_images); what came before it
    is there.
    """

    title: str | None
    text: str
    blocks: tuple[PageBlock, ...]
    images: tuple[PageImage, ...]
    facts: Facts
    embedded: dict[str, Embedded]
    cut: str | None


@dataclass(slots=True)
class _Placed:
    position: int
    found: FoundImage
    choice: Choice


def read_page(html: str, url: str, headers: Iterable[tuple[str, str]] = ()) -> Page:
    """Read the page `html`, crawled from `url` with HTTP `headers`.

    Never raises on any HTML; time grows linearly with its length.
    """
    tree = read_tree(html[:MAX_HTML_CHARS])
    base = (resolve(tree.base_href, url) if tree.base_href else None) or url
    text, spans, places = _join(content_blocks(tree.blocks, tree.regions))
    found = ((position, tree.images[index]) for position, index in places)
    images = _without_copies(
        [_Placed(at, image, choose(image.attributes, image.sources, base)) for at, image in found if not _is_dot(image)]
    )
    return Page(
        title=_title(tree),
        text=text,
        blocks=tuple(spans),
        facts=read_facts(tree.declarations, base, headers),
        images=tuple(_page_image(image, image.choice.url) for image in images if image.choice.url),
        embedded={
            image.choice.url: image.choice.embedded for image in images if image.choice.url and image.choice.embedded
        },
        cut="too_long" if len(html) > MAX_HTML_CHARS else tree.cut,
    )


def _join(blocks: Iterable[Block]) -> tuple[str, list[PageBlock], list[tuple[int, int]]]:
    """The text of the blocks, where each stands in it, and (position, index) of their images.

    An image behind the last character of its block stands before the next one.
    """
    parts: list[str] = []
    spans: list[PageBlock] = []
    places: list[tuple[int, int]] = []
    waiting: list[int] = []
    length, group = 0, 0
    for block in blocks:
        if block.text:
            is_tight = block.kind in ("item", "row") and block.group == group
            separator = ("\n" if is_tight and group else "\n\n") if parts else ""
            parts += separator, block.text
            start = length + len(separator)
            length, group = start + len(block.text), block.group
            spans.append(PageBlock(start, length, block.kind))
            places += ((start, index) for index in waiting)
            waiting = []
            places += ((start + offset, index) for offset, index in block.images if offset < len(block.text))
        waiting += (index for offset, index in block.images if offset >= len(block.text))
    places += ((length, index) for index in waiting)
    return "".join(parts), spans, places


def _without_copies(placed: Sequence[_Placed]) -> list[_Placed]:
    """Fold an image and its copy, with no text between them, to one.

    Copies are the <noscript> form of an image that a script loads, before or behind it, and the same address twice.
    """
    kept: list[_Placed] = []
    for image in placed:
        if not kept or kept[-1].found.text_before != image.found.text_before or not _are_copies(kept[-1], image):
            kept.append(image)
            continue
        last = kept[-1]
        real, copy = (image, last) if last.found.is_fallback else (last, image)
        real.position = last.position
        real.found.caption = real.found.caption or copy.found.caption
        if real.choice.url is None:
            real.choice = copy.choice
        kept[-1] = real
    return kept


def _are_copies(one: _Placed, other: _Placed) -> bool:
    if one.choice.url == other.choice.url and one.choice.url is not None:
        return True
    if one.found.is_fallback == other.found.is_fallback:
        return False
    real = other if one.found.is_fallback else one
    return real.choice.url is None or real.choice.is_lazy


def _page_image(image: _Placed, url: str) -> PageImage:
    attributes = image.found.attributes
    return PageImage(
        kind="image",
        position=image.position,
        url=url,
        alt=" ".join((attributes.get("alt") or "").split()) or None,
        title=" ".join((attributes.get("title") or "").split()) or None,
        caption=image.found.caption,
        link_url=None,
        width_px=_pixels(attributes.get("width")),
        height_px=_pixels(attributes.get("height")),
        rendered_width_px=None,
        rendered_height_px=None,
        poster_url=None,
    )


def _is_dot(image: FoundImage) -> bool:
    """Whether the page declares a side so small that the image counts visits or draws a line."""
    sides = _pixels(image.attributes.get("width")), _pixels(image.attributes.get("height"))
    return any(side is not None and side <= MAX_DOT_PX for side in sides)


def _pixels(value: str | None) -> int | None:
    found = PIXELS.fullmatch(value or "")
    return int(found[1]) if found else None


def _title(tree: PageTree) -> str | None:
    heading = next((" ".join(block.text.split()) for block in tree.blocks if block.kind == "heading"), "")
    return tree.title or " ".join(tree.open_graph_title.split()) or heading or None
