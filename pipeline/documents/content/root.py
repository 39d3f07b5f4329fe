"""Step 2: the element that holds the content, and what beside the way to it belongs to it or introduces it."""

from collections.abc import Sequence

from pipeline.documents.boilerplate import NUMBER
from pipeline.documents.content.measured import (
    SENTENCE_END,
    MeasuredPage,
    class_names,
    is_sentence,
)
from pipeline.documents.tree import Element

MAIN_SHARE = 0.5  # of an element's prose that one child must hold to lead to the root
ARTICLE_SHARE = 0.25  # the same of the only <article> or <main> among the children, which says that it is the content
LONG_TEXT_BYTES = 1500  # of prose in a text of its own: a cell that is a column of the page, what comments are about
MIN_ROOT_BYTES = 50  # of prose, below which there is nothing to choose a root by
TWIN_PARAGRAPHS = 2  # paragraphs with prose from which on an element is a flow of them
MIN_TWIN_BYTES = 60  # of prose in an element with a twin in the root, which has twice as much
MIN_POSTS = 3  # children that are marked up alike, from which on they are posts of one thread
MAX_WRAPPERS = 5  # around a post, without a name; vBulletin has four
SIBLING_SHARE = 0.2  # of the root's prose that an element beside the way must hold to stay (Readability's share)
SIBLING_LINK_SHARE = 0.25  # of its text that may be links

FLOW = frozenset(("p", "li", "td", "blockquote", "pre", "ul", "ol"))  # paragraphs, and what paragraphs stand in
ARTICLES = frozenset(("article", "main"))  # they say that they are the content
SECTION_HEADINGS = frozenset(("h2", "h3", "h4"))


def choose_root(page: MeasuredPage) -> int:
    """Step 2: the index of the root. What is beside the way to it is dropped."""
    root, beside = _find_root(page)
    element = page.elements[root]
    heading, article = _main_heading(page, element.first), _first_of_article(page, root)
    # From here on what stands before the root may introduce it.
    lead = heading if article is None else min(heading, article)
    standfirst = _standfirst(page, max(heading, article or 0), element.first)
    with_prose = [(other, way) for other, way in beside if page.prose(other)]
    twins = _twins(page, element) if with_prose else []
    stays = page.held_by([element, *(other for other, way in with_prose if _belongs(page, other, way, element, twins))])
    apart = page.held_by(other for other, _ in beside if not lead <= other.first < element.first)
    last = max((index for index, is_inside in enumerate(stays) if is_inside), default=0)
    for index, (is_inside, is_apart) in enumerate(zip(stays, apart, strict=True)):
        is_between = element.end <= index < last and page.blocks[index].illustrates
        if not (is_inside or is_between or index == standfirst) and (is_apart or not _introduces(page, index)):
            page.kept[index] = False
    page.measure()
    return root


def _find_root(page: MeasuredPage) -> tuple[int, list[tuple[Element, Element]]]:
    """The index of the root, and all elements beside the way down to it, each with the sibling that is on the way."""
    elements = page.elements
    children: list[list[int]] = [[] for _ in elements]
    for index, element in enumerate(elements):
        if element.end > element.first and index:
            children[element.parent].append(index)
    root = 0
    beside: list[tuple[Element, Element]] = []
    while children[root]:
        best = _way_down(page, children, root)
        if best is None or (elements[best].tag == "table" and not children[best]):
            break
        beside += ((elements[index], elements[best]) for index in children[root] if index != best)
        root = best
    return root, beside


def _way_down(page: MeasuredPage, children: Sequence[Sequence[int]], parent: int) -> int | None:
    """Which child leads to the root: the only article among them, or the one with most of the prose; None at the root.

    An element that holds paragraphs or sections itself is one text, whatever its largest child; so is one whose
    children are marked up alike, as the posts of a thread are. A cell is a column of the page where it holds an
    article, and the others none of the prose.
    """
    total = page.prose(page.elements[parent])
    below = [page.elements[index] for index in children[parent]]
    prose = list(map(page.prose, below))
    large = [place for place, own in enumerate(prose) if own > ARTICLE_SHARE * total]
    articles = [place for place in large if below[place].tag in ARTICLES]
    in_articles = sum(own for element, own in zip(below, prose, strict=True) if element.tag in ARTICLES)
    if len(articles) == 1 and prose[articles[0]] > MAIN_SHARE * in_articles:
        return children[parent][articles[0]]
    if any(below[place].reason == "comments" for place in large):
        return None  # in a thread, what is commented on stands beside them
    main = next((place for place in large if prose[place] > MAIN_SHARE * total >= MAIN_SHARE * MIN_ROOT_BYTES), None)
    if main is None or any(child.tag in SECTION_HEADINGS for child in below):
        return None
    is_column = below[main].tag == "td" and prose[main] == sum(prose) >= LONG_TEXT_BYTES
    if below[main].tag in FLOW and not is_column:
        return None
    markup = _markup(page.elements, children, children[parent][main])
    if markup and sum(_markup(page.elements, children, index) == markup for index in children[parent]) >= MIN_POSTS:
        return None
    paragraphs = sum(child.tag in FLOW and bool(own) for child, own in zip(below, prose, strict=True))
    return children[parent][main] if paragraphs < TWIN_PARAGRAPHS else None


def _markup(elements: Sequence[Element], children: Sequence[Sequence[int]], index: int) -> str | None:
    """What an element has in common with others of its sort: its tag and classes, or its id without numbers. A bare
    wrapper has that of what it begins with."""
    tags, first = "", elements[index].first
    for _ in range(MAX_WRAPPERS):
        element = elements[index]
        tags += f"{element.tag} "
        if names := class_names(element) or NUMBER.sub("", element.names.strip()):
            return tags + names
        if not children[index] or elements[children[index][0]].first != first:
            return None
        index = children[index][0]
    return None


def _main_heading(page: MeasuredPage, first: int) -> int:
    """The last main heading before the block `first`; `first` where there is none."""
    return next((index for index in range(first - 1, -1, -1) if page.blocks[index].level == 1), first)


def _first_of_article(page: MeasuredPage, root: int) -> int | None:
    """The first block of the outermost article around the root, or that the root is."""
    first = None
    while root:
        if page.elements[root].tag in ARTICLES:
            first = page.elements[root].first
        root = page.elements[root].parent
    return first


def _standfirst(page: MeasuredPage, start: int, first: int) -> int | None:
    """The paragraph that follows the main heading above the root and sums up the text, often without a full stop: the
    first prose from `start` on."""
    following = next((index for index in range(start, first) if page.kept[index] and page.block_prose[index]), None)
    if following is None or page.blocks[following].kind != "paragraph" or page.blocks[following].link_chars:
        return None
    return following


def _belongs(page: MeasuredPage, element: Element, way: Element, root: Element, twins: Sequence[int]) -> bool:
    """Whether an element with prose beside the way to the root is content too: a twin of what is on the way, or large,
    or with a twin of what is in the root: the question above its answers."""
    if (element.tag, element.names) == (way.tag, way.names) and (way.names != " " or way.tag == "article"):
        return True
    if page.link_share(element) >= SIBLING_LINK_SHARE:
        return False
    is_large = page.prose(element) >= SIBLING_SHARE * page.prose(root) and way.tag not in ARTICLES
    return is_large or twins[element.end] > twins[element.first]


def _twins(page: MeasuredPage, root: Element) -> list[int]:
    """For each block, how many elements start before it that are outside the root and of one class with some inside."""
    inside: set[str] = set()
    outside: list[tuple[int, str]] = []
    for element in page.elements:
        if element.tag != "div":
            continue
        classes, prose = class_names(element), page.prose(element)
        if classes and prose > MIN_TWIN_BYTES:
            if not root.first <= element.first < root.end:
                outside.append((element.first, classes))
            elif prose > 2 * MIN_TWIN_BYTES and element.end <= root.end:
                inside.add(classes)
    return page.starts((first for first, classes in outside if classes in inside))


def _introduces(page: MeasuredPage, index: int) -> bool:
    """Whether a block beside the root belongs to the text: a sentence, or an image; a byline or a menu is neither."""
    block = page.blocks[index]
    if block.kind == "heading":
        return block.illustrates or (not block.link_chars and is_sentence(block.text))
    return block.illustrates or (page.block_prose[index] > 0 and SENTENCE_END.search(block.text) is not None)
