"""A page as a document: its text, and the images and videos at the places where they stand in it.

1. `blocks.read_tree` walks the page once and gathers blocks of text, elements, media and declarations.
2. `content.steps.content_blocks` keeps the blocks that are the page's content.
3. The blocks are joined, and every medium of theirs gets its place (`_join`) and its address (`candidates`, `videos`).
4. `facts.read_facts` reads what the page declares about itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline.documents.blocks import read_tree
from pipeline.documents.candidates import Choice, Embedded, choose
from pipeline.documents.content.steps import content_blocks
from pipeline.documents.facts import Facts, read_facts
from pipeline.documents.shared_image import shared_image
from pipeline.documents.sides import is_dot, sides_px
from pipeline.documents.tags import IMAGES
from pipeline.documents.tree import Block, Medium, PageTree
from pipeline.documents.urls import resolve
from pipeline.documents.videos import video_of

__all__ = ["Embedded", "Page", "PageBlock", "PageImage", "page_of", "read_page"]

# Common Crawl cuts bodies at 1 MiB (5 MiB since 2025); what is longer is rarely a page for readers.
MAX_HTML_CHARS = 5 << 20
MAX_TEXT_CHARS = 1_000_000  # as many as Gopher's 100,000 words of 10 letters have; the longest of 558 pages: 360,000
MIN_TITLE_SHARE = 1 / 3  # of the page's title that a heading must repeat to be it: the rest is the site's name
MAX_LEAD_CHARS = 200  # a paragraph longer than this is text, and no heading after it is the page's title
MAX_LABEL_CHARS = 2_000  # of a title, alternative text or caption; the longest of an image of 539 pages has 1,006
STYLE_PIXELS = re.compile(r"(?:^|;)\s*(width|height)\s*:\s*(\d{1,5})(?:\.\d*)?px", re.IGNORECASE)
WORD = re.compile(r"\w+")


@dataclass(slots=True)  # frozen ones take three times as long to make
class PageImage:
    """An image or a video; `position` is the offset in `Page.text`, in code points, of the first character after it."""

    kind: str  # image or video
    position: int
    url: str  # absolute http(s) URL, or urn:sha256:<hex> for an image that the page itself holds
    alt: str | None
    title: str | None
    caption: str | None  # also part of the text
    link_url: str | None
    width_px: int | None  # as its attributes say
    height_px: int | None
    rendered_width_px: int | None  # as its own style says
    rendered_height_px: int | None
    poster_url: str | None  # of a video


@dataclass(slots=True)
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
    is a hash. `cut` says which limit the page broke (too_long, too_many_nodes, too_many_images, too_much_text);
    what came before it is there.
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
    medium: Medium
    choice: Choice
    poster_url: str | None = None


def read_page(
    html: str,
    url: str,
    headers: Iterable[tuple[str, str]] = (),
    *,
    css_backgrounds: bool = False,
    og_image: bool = False,
) -> Page:
    """Read the page `html`, crawled from `url` with HTTP `headers`.

    With `css_backgrounds`, images behind the elements of the content are images of the page; with `og_image`, so is the
    one that the page names for links to it, at position 0 unless the content has it.
    Never raises on any HTML; time grows linearly with its length.
    """
    tree = read_tree(html[:MAX_HTML_CHARS], css_backgrounds=css_backgrounds)
    if len(html) > MAX_HTML_CHARS:
        tree.cut = "too_long"
    return page_of(tree, content_blocks(tree), url, headers, og_image=og_image)


def page_of(
    tree: PageTree, content: list[Block], url: str, headers: Iterable[tuple[str, str]], *, og_image: bool = False
) -> Page:
    """The page that a walk found, and the blocks that are its content."""
    base = (resolve(tree.base_href, url) if tree.base_href else None) or url
    title = _title(tree)
    blocks = _without_title(content, title)
    text, spans, places = _join(blocks)
    if len(text) > MAX_TEXT_CHARS:
        tree.cut = tree.cut or "too_much_text"
        text, spans, places = _join(_beginning(blocks))
    if title is None:  # then the first heading is the title and stays in the text
        title = next((" ".join(block.text.split()) for block in tree.blocks if block.kind == "heading"), None)
    placed = _without_copies([_place(position, tree.media[index], base) for position, index in places])
    if og_image and (shared := shared_image(tree.declarations.metas)):
        first = _place(0, Medium("img", shared, [], is_fallback=False, text_before=0), base)
        if all(item.choice.url != first.choice.url for item in placed):
            placed.insert(0, first)
    return Page(
        title=title and title[:MAX_LABEL_CHARS],
        text=text,
        blocks=tuple(spans),
        images=tuple(_page_image(item, item.choice.url, base) for item in placed if item.choice.url),
        facts=read_facts(tree.declarations, base, headers),
        embedded={item.choice.url: item.choice.embedded for item in placed if item.choice.url and item.choice.embedded},
        cut=tree.cut,
    )


def _title(tree: PageTree) -> str | None:
    """The page's <title>, else what it tells Open Graph."""
    shared = (meta.get("content") or "" for meta in tree.declarations.metas if meta.get("property") == "og:title")
    titles = (" ".join(title.split()) for title in (tree.title, *shared))
    return next((title for title in titles if title), None)


def _without_title(blocks: list[Block], title: str | None) -> list[Block]:
    """Leave out a first heading that repeats the page's title, which is a column of its own."""
    for index, block in enumerate(blocks):
        if block.kind == "heading" and not block.media and title and _repeats(block.text, title):
            return [*blocks[:index], *blocks[index + 1 :]]
        if len(block.text) > MAX_LEAD_CHARS:
            break
    return blocks


def _repeats(heading: str, title: str) -> bool:
    heading, title = (" ".join(WORD.findall(text.lower())) for text in (heading, title))
    return bool(heading) and heading in title and len(heading) >= MIN_TITLE_SHARE * len(title)


def _join(blocks: Iterable[Block]) -> tuple[str, list[PageBlock], list[tuple[int, int]]]:
    """The text of the blocks, where each stands in it, and (position, index) of their media.

    A medium behind the last character of its block stands before the next one.
    """
    parts: list[str] = []
    spans: list[PageBlock] = []
    places: list[tuple[int, int]] = []
    waiting: list[int] = []
    start, length, group = 0, 0, 0
    for block in blocks:
        if text := block.text:
            is_tight = group and block.group == group and block.kind in ("item", "row")
            separator = ("\n" if is_tight else "\n\n") if parts else ""
            parts += separator, text
            start = length + len(separator)
            length, group = start + len(text), block.group
            spans.append(PageBlock(start, length, block.kind))
            if waiting:
                places += ((start, index) for index in waiting)
                waiting = []
        for offset, index in block.media:
            if offset < len(text):
                places.append((start + offset, index))
            else:
                waiting.append(index)
    places += ((length, index) for index in waiting)
    return "".join(parts), spans, places


def _beginning(blocks: Sequence[Block]) -> Iterator[Block]:
    """The first blocks, with `MAX_TEXT_CHARS` of text together; the last one is cut."""
    left = MAX_TEXT_CHARS
    for block in blocks:
        if len(block.text) > left:
            left = max(left, 0)
            media = [(offset, index) for offset, index in block.media if offset < left]
            yield replace(block, text=block.text[:left].rstrip(), media=media)
            return
        left -= len(block.text) + len("\n\n")
        yield block


def _place(position: int, medium: Medium, base: str) -> _Placed:
    """A medium with its address; without one where it is a dot, or no video."""
    if is_dot(medium.attributes):
        return _Placed(position, medium, Choice(None, is_lazy=False))
    if medium.tag in IMAGES:
        return _Placed(position, medium, choose(medium.attributes, medium.sources, base))
    video = video_of(medium.tag, medium.attributes, medium.sources, base)
    choice = Choice(video.url if video else None, is_lazy=False)
    return _Placed(position, medium, choice, video.poster_url if video else None)


def _without_copies(placed: Sequence[_Placed]) -> list[_Placed]:
    """Fold an image and its copy, with no text between them, to one.

    Copies are the <noscript> form of an image that a script loads, before or behind it; the small preview of such an
    image before it; and the same address twice, as for narrow and wide screens. More than twice is meant so: the stars
    of a rating, the check marks of a table.
    """
    together = groupby(placed, lambda item: item.medium.text_before)
    return [item for _, run in together for item in _folded(list(run))]


def _folded(placed: Sequence[_Placed]) -> list[_Placed]:
    shown: list[_Placed] = []
    for item in placed:
        if not shown or not _are_forms(shown[-1], item):
            shown.append(item)
            continue
        last = shown[-1]
        real, copy = (item, last) if last.medium.is_fallback else (last, item)
        real.position = last.position
        real.medium.caption = real.medium.caption or copy.medium.caption
        if copy.choice.url and not (real.choice.url and real.choice.is_lazy):
            real.choice = copy.choice
        shown[-1] = real
    times = Counter(item.choice.url for item in shown if item.choice.url)
    if max(times.values(), default=0) > 2:
        return shown
    kept: list[_Placed] = []
    for item in shown:
        if kept and kept[-1].choice.url and kept[-1].choice.url == item.choice.url:
            kept[-1].medium.caption = kept[-1].medium.caption or item.medium.caption
        else:
            kept.append(item)
    return kept


def _are_forms(one: _Placed, other: _Placed) -> bool:
    """Whether two images that follow one another are one with and without a script, or a preview and what a script
    puts over it."""
    if one.medium.is_fallback != other.medium.is_fallback:
        return one.medium.tag in IMAGES and other.medium.tag in IMAGES
    if other.choice.url is not None:
        return False
    return sides_px(one.medium.attributes) == sides_px(other.medium.attributes) != (None, None)


def _page_image(item: _Placed, url: str, base: str) -> PageImage:
    attributes, href = item.medium.attributes, item.medium.href
    width_px, height_px = sides_px(attributes)
    style = {name.lower(): int(value) for name, value in STYLE_PIXELS.findall(attributes.get("style") or "")}
    return PageImage(
        kind="image" if item.medium.tag in IMAGES else "video",
        position=item.position,
        url=url,
        alt=_text(attributes.get("alt")),
        title=_text(attributes.get("title")),
        caption=_text(item.medium.caption),
        link_url=resolve(href, base) if href and not href.startswith("#") else None,
        width_px=width_px,
        height_px=height_px,
        rendered_width_px=style.get("width"),
        rendered_height_px=style.get("height"),
        poster_url=item.poster_url,
    )


def _text(value: str | None) -> str | None:
    return " ".join((value or "")[:MAX_LABEL_CHARS].split()) or None
