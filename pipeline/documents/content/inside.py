"""Steps 3 to 5: what goes of what the root and its company hold: navigation, teasers and empty headings."""

import re

from pipeline.documents.content.measured import MeasuredPage, is_sentence
from pipeline.documents.content.root import FLOW, TWIN_PARAGRAPHS

LINK_SHARE = 0.5  # of an element's text, from which on it navigates (Readability's link density)
HEADING_LINK_SHARE = 0.8  # of a heading's text, from which on it leads to another page
TEASER_SHARE = 0.4  # of the prose that trailing teasers may hold: on an index page they are the content
MAX_TEASER_BYTES = 500  # below one linked heading
LABEL_CHARS = 8  # of an image that is no link: "Play", "Enlarge"

LISTS = frozenset(("ul", "ol", "dl"))
ITEMS = frozenset(("li", "dd"))
CELLS = frozenset(("td", "th"))
NAVIGATING = frozenset(("div", "section", "table", "header", "footer", "aside", "center", "p", *LISTS))
WORD = re.compile(r"\w")


def drop_navigation(page: MeasuredPage, root: int) -> None:
    """Step 3."""
    end = page.elements[root].end
    inside = [element for element in page.elements[root + 1 :] if element.first < end]
    paragraphs: dict[int, int] = {}
    first_prose, last_prose = end, 0
    for element in inside:
        if element.tag in FLOW and page.prose(element):
            paragraphs[element.parent] = paragraphs.get(element.parent, 0) + 1
            first_prose, last_prose = min(first_prose, element.first), max(last_prose, element.first)
    for element in inside:
        if element.tag not in NAVIGATING or page.prose(element) or page.link_share(element) <= LINK_SHARE:
            continue
        parent = page.elements[element.parent]
        in_flow = paragraphs.get(element.parent, 0) >= TWIN_PARAGRAPHS and first_prose < element.first < last_prose
        if (in_flow or parent.tag in ITEMS) and (element.tag == "p" or element.tag in LISTS):
            continue
        row = page.elements[parent.parent]
        if parent.tag in CELLS and not page.prose(row) and page.own_chars(row) > page.own_chars(element):
            continue  # data, of which one column is links
        blocks = page.blocks[element.first : element.end]
        is_captioned = page.chars(element) <= LABEL_CHARS * sum(block.unlinked_images for block in blocks)
        if not is_captioned and not any(is_sentence(block.text) for block in blocks):
            page.drop(element.first, element.end)


def drop_teasers(page: MeasuredPage) -> None:
    """Step 4."""
    headings: list[int] = []
    size = 0
    for index in range(len(page.blocks) - 1, -1, -1):
        block = page.blocks[index]
        if not page.kept[index]:
            continue
        if block.kind != "heading":
            size += len(block.text.encode())
            if size > MAX_TEASER_BYTES:
                break
        elif block.link_chars >= HEADING_LINK_SHARE * len(block.text):
            headings.append(index)
            size = 0
        else:
            if len(headings) > 1 and not size:
                headings.append(index)  # "Related posts"
            break
    if len(headings) < 2:
        return
    prose = [own if kept else 0 for own, kept in zip(page.block_prose, page.kept, strict=True)]
    if sum(prose[headings[-1] :]) <= TEASER_SHARE * sum(prose):
        page.drop(headings[-1], len(page.blocks))


def drop_empty_headings(page: MeasuredPage) -> None:
    """Step 5: no text or image follows before a heading of the same or a higher level, or the end. A heading that is a
    sentence is text itself; one of signs alone is none."""
    level_below = 0  # of the heading that follows with nothing in between; the end of the page is above all
    for index in range(len(page.blocks) - 1, -1, -1):
        block = page.blocks[index]
        if not page.kept[index]:
            continue
        if block.kind != "heading" or block.media or is_sentence(block.text):
            level_below = 7
        elif level_below <= block.level or not WORD.search(block.text):
            page.kept[index] = False
        else:
            level_below = block.level
