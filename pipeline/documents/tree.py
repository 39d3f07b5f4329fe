"""What one walk over a page finds: blocks of text, the elements that they lie in, media, and declarations."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.documents.facts import Declarations

Attributes = Mapping[str, str | None]


@dataclass(slots=True)
class Block:
    """A stretch of text without a blank line, and its media as (offset in `text`, index of the medium)."""

    text: str
    media: list[tuple[int, int]]
    kind: str  # heading, paragraph, item, row, quote, code or caption
    group: int  # outermost list, or data table, that it belongs to; 0 for none
    link_chars: int
    cell: tuple[int, int] | None = None  # row and column of the innermost table
    level: int = 0  # of a heading, 1 to 6
    unlinked_images: int = 0
    illustrates: bool = False  # holds an image that is part of the text: in a figure, or a picture that is no link


@dataclass(slots=True)
class Element:
    """An element of the block sort. Its blocks are `blocks[first:end]`; a parent stands before its children."""

    parent: int
    tag: str
    names: str  # id and class
    reason: str | None  # why its markup says that it is not content
    first: int
    end: int = 0


@dataclass(slots=True)
class Medium:
    """An image or video element as found; `text_before` counts the texts of the page before it."""

    tag: str
    attributes: Attributes
    sources: list[Attributes]  # of its <picture> or <video>; of an <object>, what it plays
    is_fallback: bool  # inside <noscript>
    text_before: int
    href: str | None = None  # of the link around it
    caption: str | None = None


@dataclass(slots=True)
class PageTree:
    """All that one walk found; `cut` says at which limit it ended, and what came before is here."""

    blocks: list[Block] = field(default_factory=list)
    elements: list[Element] = field(default_factory=lambda: [Element(0, "html", " ", None, 0)])
    media: list[Medium] = field(default_factory=list)
    title: str = ""
    base_href: str | None = None
    declarations: Declarations = field(default_factory=Declarations)
    is_discussion: bool = False  # says that it is a thread
    cut: str | None = None
