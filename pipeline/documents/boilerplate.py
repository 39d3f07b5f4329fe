"""What of a page is not its content: tables of rules, each with its reason, and the choice of the blocks that stay.

Nothing here knows a site. An element is judged by what its markup says about it (tag, role, id and class), a list or a
line by its links. A rule never takes most of the page: an element that wraps the content is kept, whatever its name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

# Elements that never hold the text of a page, with all that is in them.
SKIPPED_TAGS = frozenset(
    [
        # code and data for the browser
        *("script", "style", "template", "svg", "annotation", "annotation-xml"),
        # other documents and players, and what stands in for them
        *("iframe", "frame", "frameset", "noframes", "object", "embed", "applet", "video", "audio", "canvas", "map"),
        # controls
        *("button", "select", "datalist", "textarea", "input", "progress", "meter", "dialog", "menu"),
        # pronunciation beside the text it belongs to
        *("rt", "rp"),
    ]
)

# Elements that say themselves that they are not the content (HTML standard, "sections" and "forms").
BOILERPLATE_TAGS = {
    "nav": "navigation",
    "aside": "aside",
    "form": "form",
    "header": "page_header",  # not inside article or main
    "footer": "page_footer",  # not inside a quotation
}
# WAI-ARIA 1.2 landmark and widget roles.
BOILERPLATE_ROLES = {
    "navigation": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "directory": "navigation",
    "banner": "page_header",
    "contentinfo": "page_footer",
    "complementary": "aside",
    "search": "form",
    "form": "form",
    "toolbar": "controls",
    "dialog": "dialog",
    "alertdialog": "dialog",
}
# Whole words of id and class, the field's usual ones in English markup.
BOILERPLATE_NAMES = {
    "navigation": r"[a-z]{0,8}nav|navbar|navigation|(?:main|sub)?menu|breadcrumbs?|pagination|"
    r"pager|paginator|toc",
    "page_header": r"masthead|topbar",
    "page_footer": r"(?:site|page)?footer|colophon|copyright",
    "consent": r"cookies?|consent|gdpr",
    "advertisement": r"ads?|adverts?|advertisements?|advertising|adsense|sponsored|sponsors?|promo|promos",
    "share": r"share|sharing|sharedaddy|addthis|addtoany|social|socials",
    "comments": r"comments?|commentlist|disqus|respond|livefyre",
    "related": r"related|recommended|recommendations|outbrain|taboola|trending",
    "sidebar": r"sidebar|sidebars|widget|widgets",
    "newsletter": r"newsletter|subscribe|signup|paywall",
    "skip_link": r"skip|skiplink|skiplinks",
    "visually_hidden": r"visuallyhidden|noprint|noscript",
    "dialog": r"popup|modal|lightbox|overlay",
}
# Words beside which the words above mean something else: wrappers, and states of the whole page ("has-sidebar").
WRAPPER_WORDS = frozenset(
    ("body", "column", "columns", "content", "grid", "has", "hentry", "layout", "no", "open", "with", "without", "wrap")
)
# Visually hidden text is for screen readers: labels and skip links, not content.
SCREEN_READER_NAMES = re.compile(
    r"sr-only|visually-?hidden|screen-?reader|skip-?(?:link|to|nav)|offscreen", re.IGNORECASE
)
HIDDEN_STYLE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)

# Tags whose id and class are read. Inline tags are not: their classes name looks and code tokens, not parts of a page.
NAMED_TAGS = frozenset(
    (
        "div",
        "section",
        "nav",
        "aside",
        "header",
        "footer",
        "form",
        "table",
        "td",
        "ul",
        "ol",
        "dl",
        "li",
        "p",
        "details",
    )
)

WRAPPER_SHARE = 0.5  # an element with more of the page's text than this wraps the content and is kept
MIN_ROOT_SHARE = 0.25  # share of the remaining text that a lone main or article must hold to be the content
MAX_LINK_SHARE = 0.6  # of a list's or line's characters, from which on it navigates
MIN_SENTENCE_WORDS = 8  # words from which on a line with a full stop reads as a sentence

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_NAME = re.compile("|".join(f"(?P<{reason}>{pattern})" for reason, pattern in BOILERPLATE_NAMES.items()))
_SENTENCE_END = re.compile(r"[.!?…。！？।؟][\"'”’»)\]]*(?:\s|$)")


@dataclass(slots=True)
class Region:
    """A part of the page; `reason` says what a rule takes it for, None for the page itself, main and article."""

    parent: int
    tag: str
    reason: str | None
    inside_content: bool = False  # inside main or article, or one itself


@dataclass(slots=True)
class Block:
    """A stretch of text without a blank line, and its images as (offset in `text`, index of the image)."""

    text: str
    images: list[tuple[int, int]]
    region: int
    kind: str  # text, heading, item, row or pre
    group: int  # outermost list, or data table, that it belongs to; 0 for none
    link_chars: int
    cell: tuple[int, int] | None = None  # row and column of the innermost table


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Whether the markup hides an element (hidden, aria-hidden, inline style, screen-reader classes)."""
    if attributes.get("hidden", "until-found") != "until-found" or attributes.get("aria-hidden") == "true":
        return True
    if (style := attributes.get("style")) and HIDDEN_STYLE.search(style):
        return True
    return bool((names := attributes.get("class")) and SCREEN_READER_NAMES.search(names))


def reason_of(
    tag: str, attributes: Mapping[str, str | None], *, inside_content: bool, inside_quote: bool
) -> str | None:
    """Why an element is not content, by its tag, role, id and class; None if nothing says so."""
    if tag in BOILERPLATE_TAGS and not (tag == "header" and inside_content) and not (tag == "footer" and inside_quote):
        return BOILERPLATE_TAGS[tag]
    if role := attributes.get("role"):
        reason = BOILERPLATE_ROLES.get(role.strip().lower())
        if reason and not (reason == "page_header" and inside_content):
            return reason
    if tag in NAMED_TAGS:
        return _reason_of_names(attributes.get("id") or "", attributes.get("class") or "")
    return None


@lru_cache(maxsize=4096)
def _reason_of_names(identifier: str, classes: str) -> str | None:
    for name in (identifier, *classes.split()[:20]):
        words = [word.lower() for word in _WORD.findall(name[:100])]
        if not WRAPPER_WORDS.isdisjoint(words):
            continue
        for word in words:
            if found := _NAME.fullmatch(word):
                return found.lastgroup
    return None


def content_blocks(blocks: Sequence[Block], regions: Sequence[Region]) -> list[Block]:
    """The blocks of a page that are its content, in order.

    1. Regions that a rule names go, unless they hold more than `WRAPPER_SHARE` of the page's text.
    2. The one main, or the one article, that holds at least `MIN_ROOT_SHARE` of what is left is all that stays.
    3. Lists and lines that are mostly links, without a sentence, go.
    """
    chars = _chars_of_regions(blocks, regions)
    dropped = [False] * len(regions)
    for index, region in enumerate(regions[1:], 1):
        wraps = chars[index] > WRAPPER_SHARE * chars[0]
        dropped[index] = dropped[region.parent] or (region.reason is not None and not wraps)
    blocks = [block for block in blocks if not dropped[block.region]]
    if (root := _root(blocks, regions)) is not None:
        inside = [False] * len(regions)
        for index, region in enumerate(regions):
            inside[index] = index == root or (index > 0 and inside[region.parent])
        blocks = [block for block in blocks if inside[block.region]]
    return _without_link_lists(blocks)


def _chars_of_regions(blocks: Sequence[Block], regions: Sequence[Region]) -> list[int]:
    """Characters of text in each region, those of the regions inside it included."""
    chars = [0] * len(regions)
    for block in blocks:
        chars[block.region] += len(block.text)
    for index in range(len(regions) - 1, 0, -1):  # a region's parent stands before it
        chars[regions[index].parent] += chars[index]
    return chars


def _root(blocks: Sequence[Block], regions: Sequence[Region]) -> int | None:
    chars = _chars_of_regions(blocks, regions)
    for tag in ("main", "article"):
        inside = [False] * len(regions)
        outermost = []
        for index, region in enumerate(regions[1:], 1):
            inside[index] = inside[region.parent] or region.tag == tag
            if region.tag == tag and not inside[region.parent] and chars[index]:
                outermost.append(index)
        if len(outermost) == 1 and chars[outermost[0]] >= MIN_ROOT_SHARE * chars[0]:
            return outermost[0]
    return None


def _without_link_lists(blocks: Sequence[Block]) -> list[Block]:
    kept: list[Block] = []
    start = 0
    while start < len(blocks):
        end, group = start + 1, blocks[start].group
        while group and end < len(blocks) and blocks[end].group == group:
            end += 1
        run = blocks[start:end]
        if not _navigates(run):
            kept += run
        start = end
    return kept


def _navigates(run: Sequence[Block]) -> bool:
    """Whether a list, or a single line, is mostly links and holds no sentence."""
    chars = sum(len(block.text.removeprefix("- ")) for block in run)
    links = sum(block.link_chars for block in run)
    if not chars or links <= MAX_LINK_SHARE * chars or any(block.kind in ("heading", "pre") for block in run):
        return False
    return not any(_is_sentence(block.text) for block in run)


def _is_sentence(text: str) -> bool:
    return bool(_SENTENCE_END.search(text)) and len(text.split(None, MIN_SENTENCE_WORDS)) >= MIN_SENTENCE_WORDS
