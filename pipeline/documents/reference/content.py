"""Which blocks of a page are its content, by the rules that `pipeline.documents.content` explains, step by step.

Every step takes the blocks that are still kept, as a set of places in the page's list, and returns those that it keeps.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set

from pipeline.documents import content as rules
from pipeline.documents.tree import Block, Element

Kept = Set[int]


def content_blocks(blocks: Sequence[Block], elements: Sequence[Element]) -> list[Block]:
    """The blocks of a page that are its content, in order. `elements[0]` is the page's root element."""
    page = _Page(blocks, elements)
    kept = without_named(page, frozenset(range(len(blocks))))
    root = find_root(page, kept)
    kept = around_root(page, root, kept)
    kept = without_navigation(page, root, kept)
    kept = without_teasers(page, kept)
    kept = without_empty_headings(page, kept)
    return [blocks[place] for place in sorted(kept)]


class _Page:
    """The blocks and elements of a page, and what can be counted in them."""

    def __init__(self, blocks: Sequence[Block], elements: Sequence[Element]) -> None:
        self.blocks, self.elements = blocks, elements
        self.prose_of_block = [prose_bytes(block) for block in blocks]

    def inside(self, element: Element, kept: Kept) -> list[int]:
        """The places of the kept blocks in an element."""
        return [place for place in range(element.first, element.end) if place in kept]

    def prose(self, element: Element, kept: Kept) -> int:
        return sum(self.prose_of_block[place] for place in self.inside(element, kept))

    def chars(self, element: Element, kept: Kept) -> int:
        return sum(len(self.blocks[place].text) for place in self.inside(element, kept))

    def link_share(self, element: Element, kept: Kept) -> float:
        links = sum(self.blocks[place].link_chars for place in self.inside(element, kept))
        return links / max(self.chars(element, kept), 1)

    def children(self, parent: int) -> list[int]:
        """The elements right below one, without those that hold nothing."""
        return [
            index
            for index, element in enumerate(self.elements)
            if index > 0 and element.parent == parent and element.end > element.first
        ]


def prose_bytes(block: Block) -> int:
    """How much running text a block holds: none in headings and in what is mostly links."""
    own_chars = len(block.text) - block.link_chars
    if block.kind == "heading" or own_chars < len(block.text) / 2:
        return 0
    own_bytes = len(block.text.encode()) * own_chars // max(len(block.text), 1)
    if block.kind in ("row", "code"):
        return own_bytes
    return max(own_bytes - rules.MIN_PROSE_BYTES, 0)


def without_named(page: _Page, kept: Kept) -> Kept:
    """Step 1: drop what the markup names as something else, unless it holds most of the page.

    Elements with one reason and the same names count as one. Those that alone are too large to go do not count.
    """
    html = page.elements[0]
    measure = page.prose if page.prose(html, kept) else page.chars
    whole = measure(html, kept)
    of_name: defaultdict[tuple[str, str], list[Element]] = defaultdict(list)
    for element in page.elements:
        if element.reason:
            share = rules.THREAD_SHARE if element.reason == "comments" else rules.WRAPPER_SHARE
            if measure(element, kept) <= int(share * whole):
                of_name[element.reason, element.names].append(element)
    dropped: set[int] = set()
    for (reason, _), elements in of_name.items():
        share = rules.THREAD_SHARE if reason == "comments" else rules.WRAPPER_SHARE
        if sum(measure(element, kept) for element in elements) <= int(share * whole):
            dropped |= places(elements)
    return kept - dropped


def find_root(page: _Page, kept: Kept) -> int:
    """Step 2: the index of the innermost element that holds the content."""
    root = 0
    while (below := way_down(page, root, kept)) is not None:
        root = below
    return root


def way_down(page: _Page, parent: int, kept: Kept) -> int | None:
    """The child that leads from an element to the root; None where the element is the root."""
    children = page.children(parent)
    prose = {child: page.prose(page.elements[child], kept) for child in children}
    tags = {child: page.elements[child].tag for child in children}
    whole = page.prose(page.elements[parent], kept)
    large = [child for child in children if prose[child] > rules.ARTICLE_SHARE * whole]
    articles = [child for child in large if tags[child] in rules.ARTICLES]
    best = articles[0] if len(articles) == 1 else None
    if best is None and whole >= rules.MIN_ROOT_BYTES:
        best = next((child for child in large if prose[child] > rules.MAIN_SHARE * whole), None)
        has_sections = not rules.SECTION_HEADINGS.isdisjoint(tags.values())
        paragraphs = [child for child in children if tags[child] in rules.FLOW and prose[child]]
        if best is not None and (
            tags[best] in rules.FLOW or has_sections or len(paragraphs) >= rules.TWIN_PARAGRAPHS
        ):
            return None  # a flow of paragraphs, or of sections, is one text
    if best is not None and tags[best] == "table" and not page.children(best):
        return None  # a data table is content, and has no parts
    return best


def around_root(page: _Page, root: int, kept: Kept) -> Kept:
    """Step 2: of what is outside the root, keep what belongs to it and what introduces it."""
    root_element = page.elements[root]
    way = [root]
    while way[0]:
        way.insert(0, page.elements[way[0]].parent)
    beside = [
        (page.elements[child], page.elements[step])
        for parent, step in zip(way, way[1:], strict=False)
        for child in page.children(parent)
        if child != step
    ]
    content = places([root_element, *(other for other, step in beside if belongs(page, other, step, root_element, kept))])
    lead = first_of_lead(page, way)
    apart = places(other for other, _ in beside if not lead <= other.first < root_element.first)
    return {place for place in kept if place in content or (place not in apart and introduces(page, place))}


def first_of_lead(page: _Page, way: Sequence[int]) -> int:
    """The first block that may introduce the root: of the article around it, or the main heading before it."""
    first = page.elements[way[-1]].first
    main_headings = [place for place in range(first) if page.blocks[place].level == 1]
    articles = [page.elements[step] for step in way[1:-1] if page.elements[step].tag in rules.ARTICLES]
    return min([first, *main_headings[-1:], *(article.first for article in articles)])


def belongs(page: _Page, element: Element, step: Element, root: Element, kept: Kept) -> bool:
    """Whether an element beside `step` of the way to the root is content too: its twin, or large."""
    prose = page.prose(element, kept)
    looks_alike = element.tag == step.tag and element.names == step.names
    is_named = step.names != " " or step.tag == "article"
    is_large = prose >= rules.SIBLING_SHARE * page.prose(root, kept)
    is_text = page.link_share(element, kept) < rules.SIBLING_LINK_SHARE
    return prose > 0 and ((looks_alike and is_named) or (is_large and is_text and step.tag not in rules.ARTICLES))


def introduces(page: _Page, place: int) -> bool:
    """Whether a block is an image of the text, or prose that ends as sentences do."""
    block = page.blocks[place]
    return block.illustrates or (page.prose_of_block[place] > 0 and bool(rules.SENTENCE_END.search(block.text)))


def without_navigation(page: _Page, root: int, kept: Kept) -> Kept:
    """Step 3: drop what leads elsewhere inside the root."""
    root_end = page.elements[root].end
    inside = [element for element in page.elements[root + 1 :] if element.first < root_end]
    flow = [element for element in inside if element.tag in rules.FLOW and page.prose(element, kept)]
    dropped: set[int] = set()
    for element in inside:
        is_linked = page.link_share(element, kept) > rules.LINK_SHARE
        if element.tag not in rules.NAVIGATING or not is_linked or page.prose(element, kept):
            continue
        paragraphs_beside = [other for other in flow if other.parent == element.parent]
        is_between = bool(flow) and flow[0].first < element.first < max(other.first for other in flow)
        is_in_flow = len(paragraphs_beside) >= rules.TWIN_PARAGRAPHS and is_between
        is_in_item = page.elements[element.parent].tag in rules.ITEMS
        if (is_in_flow or is_in_item) and (element.tag == "p" or element.tag in rules.LISTS):
            continue
        blocks = page.blocks[element.first : element.end]
        labels = rules.LABEL_CHARS * sum(block.unlinked_images for block in blocks)
        if page.chars(element, kept) > labels and not any(is_sentence(block.text) for block in blocks):
            dropped |= places([element])
    return kept - dropped


def is_sentence(text: str) -> bool:
    return bool(rules.SENTENCE_END.search(text)) and len(text.split()) >= rules.SENTENCE_WORDS


def without_teasers(page: _Page, kept: Kept) -> Kept:
    """Step 4: drop the linked headings at the end, with what stands below them and the heading above them."""
    first, count = None, 0
    below = 0  # bytes between a heading and the one before
    for place in sorted(kept, reverse=True):
        block = page.blocks[place]
        if block.kind != "heading":
            below += len(block.text.encode())
            if below > rules.MAX_TEASER_BYTES:
                break
        elif block.link_chars >= rules.HEADING_LINK_SHARE * len(block.text):
            first, count, below = place, count + 1, 0
        else:
            if count > 1 and below == 0:
                first = place  # "Related posts"
            break
    if first is None or count < 2:
        return kept
    teasers = {place for place in kept if place >= first}
    prose = sum(page.prose_of_block[place] for place in kept)
    of_teasers = sum(page.prose_of_block[place] for place in teasers)
    return kept - teasers if of_teasers <= rules.TEASER_SHARE * prose else kept


def without_empty_headings(page: _Page, kept: Kept) -> Kept:
    """Step 5: drop headings that are followed by one of their level or above, or by nothing."""
    left: list[int] = []
    for place in sorted(kept, reverse=True):
        block, following = page.blocks[place], page.blocks[left[-1]] if left else None
        if block.kind == "heading" and not block.media:
            leads_on = following and (following.kind != "heading" or following.media or following.level > block.level)
            if not leads_on:
                continue
        left.append(place)
    return frozenset(left)


def places(elements: Iterable[Element]) -> set[int]:
    """The places of all blocks in some elements."""
    return {place for element in elements for place in range(element.first, element.end)}
