"""Which blocks of a page are its content, by the rules that `pipeline.documents.content.steps` explains, step by step.

Every step takes the places of the blocks that are still kept, and returns those that it keeps.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from itertools import pairwise

from pipeline.documents.boilerplate import NUMBER, telling_name
from pipeline.documents.content.inside import (
    CELLS,
    HEADING_LINK_SHARE,
    ITEMS,
    LABEL_CHARS,
    LINK_SHARE,
    LISTS,
    MAX_TEASER_BYTES,
    NAVIGATING,
    TEASER_SHARE,
    WORD,
)
from pipeline.documents.content.measured import MIN_PROSE_BYTES, SENTENCE_END, SENTENCE_WORDS
from pipeline.documents.content.named import BESIDE, FORM_SHARE, MIN_ARTICLE_BYTES, THREAD_SHARE, WRAPPER_SHARE
from pipeline.documents.content.root import (
    ARTICLE_SHARE,
    ARTICLES,
    FLOW,
    LONG_TEXT_BYTES,
    MAIN_SHARE,
    MAX_WRAPPERS,
    MIN_POSTS,
    MIN_ROOT_BYTES,
    MIN_TWIN_BYTES,
    SECTION_HEADINGS,
    SIBLING_LINK_SHARE,
    SIBLING_SHARE,
    TWIN_PARAGRAPHS,
)
from pipeline.documents.tree import Block, Element, PageTree

Kept = Set[int]


def content_blocks(tree: PageTree) -> list[Block]:
    """The blocks of a page that are its content, in order. `tree.elements[0]` is the page's root element."""
    page = Page(tree.blocks, tree.elements)
    kept = without_named(page, set(range(len(tree.blocks))), is_discussion=tree.is_discussion)
    way = way_to_root(page, kept)
    kept = around_root(page, way, kept)
    kept = without_navigation(page, way[-1], kept)
    kept = without_teasers(page, kept)
    kept = without_empty_headings(page, kept)
    return [tree.blocks[place] for place in sorted(kept)]


class Page:
    """The blocks and elements of a page, and what can be counted in them."""

    def __init__(self, blocks: Sequence[Block], elements: Sequence[Element]) -> None:
        self.blocks, self.elements = blocks, elements
        self.prose_of_block = [prose_bytes(block) for block in blocks]

    def prose(self, element: Element, kept: Kept) -> int:
        return sum(self.prose_of_block[place] for place in kept & places([element]))

    def chars(self, element: Element, kept: Kept) -> int:
        return sum(len(self.blocks[place].text) for place in kept & places([element]))

    def link_chars(self, element: Element, kept: Kept) -> int:
        return sum(self.blocks[place].link_chars for place in kept & places([element]))

    def link_share(self, element: Element, kept: Kept) -> float:
        return self.link_chars(element, kept) / max(self.chars(element, kept), 1)

    def children(self, parent: int) -> list[int]:
        """The indices of the elements right below one that hold anything."""
        below = enumerate(self.elements[1:], start=1)
        return [index for index, element in below if element.parent == parent and element.first < element.end]


def places(elements: Iterable[Element]) -> set[int]:
    """The places of all blocks in some elements."""
    return {place for element in elements for place in range(element.first, element.end)}


def prose_bytes(block: Block) -> int:
    """How much running text a block holds: none in headings and in what is mostly links."""
    own_chars = len(block.text) - block.link_chars
    if block.kind == "heading" or own_chars < len(block.text) / 2:
        return 0
    own_bytes = len(block.text.encode()) * own_chars // max(len(block.text), 1)
    return own_bytes if block.kind in ("row", "code") else max(own_bytes - MIN_PROSE_BYTES, 0)


def is_sentence(text: str) -> bool:
    return bool(SENTENCE_END.search(text)) and len(text.split()) >= SENTENCE_WORDS


def classes(element: Element) -> str:
    return element.names.split(" ", 1)[1]


# Step 1


def without_named(page: Page, kept: Kept, *, is_discussion: bool) -> Kept:
    """Drop what the markup names as something else, unless that is half of the page or more."""
    html = page.elements[0]
    measure = page.prose if page.prose(html, kept) else page.chars
    limit = int(WRAPPER_SHARE * measure(html, kept))
    said = {element.reason for element in page.elements} - {None}
    if is_discussion or is_thread(page, kept):
        said -= {"comments"}
    named = [element for element in page.elements if element.reason in said]
    # What has no link leads to nothing related: the lead of an article is called a teaser too.
    named = [element for element in named if element.reason != "related" or page.link_chars(element, kept)]
    # What is said of who wrote a post is no prose: what users wrote is named after them too.
    named = [element for element in named if element.reason != "poster" or not page.prose(element, kept)]

    # What every paragraph of an article is called says nothing: elements with the same telling name count together.
    alike: defaultdict[tuple[str | None, str], list[Element]] = defaultdict(list)
    for element in named:
        if measure(element, kept) <= limit:
            alike[element.reason, telling_name(element.names)].append(element)
    dropped = [group for group in alike.values() if sum(measure(element, kept) for element in group) <= limit]
    # <nav> is no name that somebody chose, but a statement. And a page may lie in a form, but not without its headings
    # and lists, or an article; so may the posts of a page, each in one.
    navs = [element for element in named if element.tag == "nav"]
    forms = [element for element in named if element.reason == "form"]
    prose_in_forms: defaultdict[str, int] = defaultdict(int)
    for form in forms:
        prose_in_forms[telling_name(form.names)] += page.prose(form, kept)
    max_chars = FORM_SHARE * page.chars(html, kept)
    small_forms = [
        form
        for form in forms
        if page.chars(form, kept) <= max_chars and prose_in_forms[telling_name(form.names)] < MIN_ARTICLE_BYTES
    ]
    # What is beside all articles is what its name says, and so are comments that hold none, however large.
    articles = [
        element
        for element in page.elements
        if element.tag in ARTICLES and element.reason is None and page.prose(element, kept) >= MIN_ARTICLE_BYTES
    ]
    large = [
        element
        for element in named
        if not any(element.first <= article.first < element.end for article in articles)
        and (element.reason == "comments" or (element.reason in BESIDE and is_beside(element, articles)))
    ]
    gone = [*navs, *small_forms, *large, *(element for group in dropped for element in group)]
    return kept - places(gone)


def is_beside(element: Element, articles: Sequence[Element]) -> bool:
    """Whether there are articles and an element is in none of them."""
    return bool(articles) and element.first not in places(articles)


def is_thread(page: Page, kept: Kept) -> bool:
    """Whether the comments are what the page is about: they hold most of its prose, and there is no article beside
    them, or they hold nearly all of it, or what stands above them is marked up as they are."""
    comments = [element for element in page.elements if element.reason == "comments"]
    in_comments = places(comments)
    prose_of_page = page.prose(page.elements[0], kept)
    prose_of_comments = sum(page.prose_of_block[place] for place in kept & in_comments)
    prose_of_others = prose_of_page - prose_of_comments
    if prose_of_comments <= WRAPPER_SHARE * prose_of_page:
        return False
    hold_nearly_all = prose_of_comments > THREAD_SHARE * prose_of_page
    if prose_of_others < (LONG_TEXT_BYTES if hold_nearly_all else MIN_ARTICLE_BYTES):
        return True
    marked_up = [element for element in page.elements if classes(element) and page.prose(element, kept)]
    inside = [element for element in marked_up if element.first in in_comments]
    outside = [
        element
        for element in marked_up
        if element.first not in in_comments
        and not any(element.first <= comment.first < element.end for comment in comments)
        and page.prose(element, kept) >= MAIN_SHARE * prose_of_others
    ]
    looks = [{(element.tag, classes(element)) for element in elements} for elements in (inside, outside)]
    return bool(looks[0] & looks[1])


# Step 2


def way_to_root(page: Page, kept: Kept) -> list[int]:
    """The indices of the elements from <html> down to the one that holds the content."""
    way = [0]
    while (below := way_down(page, way[-1], kept)) is not None:
        way.append(below)
    return way


def way_down(page: Page, parent: int, kept: Kept) -> int | None:
    """The child that leads from an element to the root; None where the element is the root."""
    children = {index: page.elements[index] for index in page.children(parent)}
    prose = {index: page.prose(child, kept) for index, child in children.items()}
    whole = page.prose(page.elements[parent], kept)

    # Only one of the children says that it is the content.
    large = [index for index in children if prose[index] > ARTICLE_SHARE * whole]
    articles = [index for index in large if children[index].tag in ARTICLES]
    in_articles = sum(prose[index] for index, child in children.items() if child.tag in ARTICLES)
    if len(articles) == 1 and prose[articles[0]] > MAIN_SHARE * in_articles:
        return articles[0]

    # One child holds most of the prose, and the children are no parts of one text.
    largest = next((index for index in large if prose[index] > MAIN_SHARE * whole), None)
    if largest is None or whole < MIN_ROOT_BYTES:
        return None
    main = children[largest]
    paragraphs = [index for index, child in children.items() if child.tag in FLOW and prose[index]]
    look = markup(page, largest)
    twins = [index for index in children if markup(page, index) == look]
    # Of a row, the column that is an article.
    is_column = main.tag == "td" and prose[largest] == sum(prose.values()) >= LONG_TEXT_BYTES
    are_parts = (
        any(children[index].reason == "comments" for index in large)
        or any(child.tag in SECTION_HEADINGS for child in children.values())
        or (main.tag in FLOW and not is_column)
        or len(paragraphs) >= TWIN_PARAGRAPHS
        or (look and len(twins) >= MIN_POSTS)
    )
    is_data = main.tag == "table" and not page.children(largest)
    return None if are_parts or is_data else largest


def markup(page: Page, index: int, wrappers: int = MAX_WRAPPERS) -> list[str]:
    """The tag of an element and its classes, or its id without numbers. Where it has neither, its tag and the same of
    the first element in it, if that holds its beginning; nothing where no name is found within so many wrappers."""
    element = page.elements[index]
    if name := classes(element) or NUMBER.sub("", element.names.strip()):
        return [element.tag, name]
    first_inside = next((child for child in page.children(index) if page.elements[child].first == element.first), None)
    if wrappers == 1 or first_inside is None:
        return []
    inner = markup(page, first_inside, wrappers - 1)
    return inner and [element.tag, *inner]


def around_root(page: Page, way: Sequence[int], kept: Kept) -> Kept:
    """Of what is outside the root, keep what belongs to it, what introduces it, and images between these.

    What introduces it stands in its article, or below the main heading.
    """
    root = page.elements[way[-1]]
    beside = [
        (page.elements[child], page.elements[step])
        for parent, step in pairwise(way)
        for child in page.children(parent)
        if child != step
    ]
    content = places([root, *(other for other, step in beside if belongs(page, other, step, root, kept))])
    articles = [page.elements[step].first for step in way[1:] if page.elements[step].tag in ARTICLES]
    lead = min([main_heading(page, root), *articles])
    apart = places(other for other, _ in beside if not lead <= other.first < root.first)
    introduction = {place for place in kept - apart if introduces(page, place)}
    introduction |= standfirst(page, set(range(max([main_heading(page, root), *articles[:1]]), root.first)) & kept)
    images = {place for place in kept if page.blocks[place].illustrates}
    between = set(range(root.end, max(content, default=0)))
    return kept & (content | introduction | (images & between))


def main_heading(page: Page, root: Element) -> int:
    """The last main heading before the root; where there is none, the root's first block."""
    main_headings = [place for place in range(root.first) if page.blocks[place].level == 1]
    return main_headings[-1] if main_headings else root.first


def standfirst(page: Page, above: Kept) -> Kept:
    """The paragraph that sums up the text: the first prose `above` it, inside its article and below its main heading,
    if that has no link."""
    first = [place for place in sorted(above) if page.prose_of_block[place]][:1]
    return {place for place in first if page.blocks[place].kind == "paragraph" and not page.blocks[place].link_chars}


def belongs(page: Page, element: Element, step: Element, root: Element, kept: Kept) -> bool:
    """Whether an element beside `step` of the way to the root is content too."""
    prose = page.prose(element, kept)
    looks_alike = (element.tag, element.names) == (step.tag, step.names)
    is_named = step.names != " " or step.tag == "article"
    is_text = page.link_share(element, kept) < SIBLING_LINK_SHARE
    is_large = prose >= SIBLING_SHARE * page.prose(root, kept) and step.tag not in ARTICLES
    is_content = (looks_alike and is_named) or (is_text and (is_large or holds_twin(page, element, root, kept)))
    return prose > 0 and is_content


def holds_twin(page: Page, element: Element, root: Element, kept: Kept) -> bool:
    """Whether an element starts with, or holds, one that is marked up as one of the root is, as a question is above its
    answers."""
    inside, outside = set(), set()
    for other in page.elements:
        prose = page.prose(other, kept)
        if other.tag != "div" or not classes(other):
            continue
        if root.first <= other.first and other.end <= root.end and prose > 2 * MIN_TWIN_BYTES:
            inside.add(classes(other))
        if element.first <= other.first < element.end and prose > MIN_TWIN_BYTES:
            outside.add(classes(other))
    return bool(inside & outside)


def introduces(page: Page, place: int) -> bool:
    """Whether a block is an image of the text, or a sentence."""
    block = page.blocks[place]
    if block.kind == "heading":
        is_text = not block.link_chars and is_sentence(block.text)
    else:
        is_text = page.prose_of_block[place] > 0 and bool(SENTENCE_END.search(block.text))
    return block.illustrates or is_text


# Steps 3, 4 and 5


def without_navigation(page: Page, root: int, kept: Kept) -> Kept:
    """Drop what leads elsewhere inside the root."""
    root_end = page.elements[root].end
    inside = [element for element in page.elements[root + 1 :] if element.first < root_end]
    paragraphs = [element for element in inside if element.tag in FLOW and page.prose(element, kept)]
    dropped = []
    for element in inside:
        is_linked = page.link_share(element, kept) > LINK_SHARE and not page.prose(element, kept)
        if element.tag not in NAVIGATING or not is_linked:
            continue
        beside = [other for other in paragraphs if other.parent == element.parent]
        is_between = any(other.first < element.first for other in paragraphs) and any(
            element.first < other.first for other in paragraphs
        )
        is_in_flow = len(beside) >= TWIN_PARAGRAPHS and is_between
        is_in_item = page.elements[element.parent].tag in ITEMS
        if (is_in_flow or is_in_item) and (element.tag == "p" or element.tag in LISTS):
            continue
        cell = page.elements[element.parent]
        row = page.elements[cell.parent]
        own_chars, own_chars_of_row = (page.chars(one, kept) - page.link_chars(one, kept) for one in (element, row))
        if cell.tag in CELLS and not page.prose(row, kept) and own_chars_of_row > own_chars:
            continue  # data, of which one column is links
        blocks = page.blocks[element.first : element.end]
        is_captioned = page.chars(element, kept) <= LABEL_CHARS * sum(block.unlinked_images for block in blocks)
        if not is_captioned and not any(is_sentence(block.text) for block in blocks):
            dropped.append(element)
    return kept - places(dropped)


def without_teasers(page: Page, kept: Kept) -> Kept:
    """Drop the linked headings at the end, with what stands below them and the heading above them."""
    headings: list[int] = []
    below = 0  # bytes between a heading and what comes before it
    for place in sorted(kept, reverse=True):
        block = page.blocks[place]
        is_heading = block.kind == "heading"
        if is_heading and block.link_chars >= HEADING_LINK_SHARE * len(block.text):
            headings.append(place)
            below = 0
        elif is_heading:
            if len(headings) > 1 and below == 0:
                headings.append(place)  # "Related posts"
            break
        else:
            below += len(block.text.encode())
            if below > MAX_TEASER_BYTES:
                break
    if len(headings) < 2:
        return kept
    teasers = {place for place in kept if place >= headings[-1]}
    prose = sum(page.prose_of_block[place] for place in kept)
    prose_of_teasers = sum(page.prose_of_block[place] for place in teasers)
    return kept - teasers if prose_of_teasers <= TEASER_SHARE * prose else kept


def without_empty_headings(page: Page, kept: Kept) -> Kept:
    """Drop headings without a word, or that are followed by one of their level or above, or by nothing; not those that
    are sentences."""
    left: list[int] = []
    for place in sorted(kept, reverse=True):
        says_something = bool(WORD.search(page.blocks[place].text))
        if not is_title(page.blocks[place]) or (says_something and leads_on(page, place, left)):
            left.append(place)
    return set(left)


def is_title(block: Block) -> bool:
    return block.kind == "heading" and not block.media and not is_sentence(block.text)


def leads_on(page: Page, place: int, left: Sequence[int]) -> bool:
    """Whether a heading has something below it; `left` are the blocks that follow, the last one first."""
    if not left:
        return False
    following = page.blocks[left[-1]]
    return not is_title(following) or following.level > page.blocks[place].level
