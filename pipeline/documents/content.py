"""Which blocks of a page are its content: the choice of a root, and what is cleaned away inside and beside it.

Nothing here knows a site or a language. An element is judged by what its markup says about it (`boilerplate`), by how
much prose it holds, and by how much of its text is links. Prose is counted in bytes of UTF-8: a Chinese character says
about what three Latin letters say.

1. Elements that their markup names as something else go, unless they hold most of the page's prose; comments that hold
   no article go even then, and so do asides, dialogs and the like beside an article.
2. The root is found from <html> down, as long as one child holds most of the prose and the element is not itself a flow
   of paragraphs. Elements beside this way go, but for twins, large pieces of prose, images between these, and what
   leads to the root: sentences, images, the paragraph under its heading. So does what stands on the way itself and is
   no sentence.
3. Inside the root, elements that are mostly links go, unless they stand in the flow of paragraphs.
4. Linked headings with a line or two below each, at the end, go: they lead to other pages.
5. Headings under which nothing is left go.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import mul

from pipeline.documents.boilerplate import NUMBER, telling_name
from pipeline.documents.tree import Block, Element

# Shares were set by reason and kept where the score on Readability's pages (benchmarks/fidelity.py) did not object.
WRAPPER_SHARE = 0.5  # of the page's prose: a named element that holds more wraps the content
FORM_SHARE = 0.85  # of all characters that a form with little prose must hold to be the one around the page
THREAD_SHARE = 0.85  # the same for comments that look unlike the rest: with more, the page is there for them,
TOPIC_BYTES = 1500  # unless the rest is as long as an article; a cell that long may be a column of the page
MAIN_SHARE = 0.5  # of an element's prose that one child must hold to lead to the root
ARTICLE_SHARE = 0.25  # the same of the only <article> or <main> among the children, which says that it is the content
MIN_ARTICLE_BYTES = 300  # of prose, from which on an <article>, a form or what stands above comments is an article
MIN_ROOT_BYTES = 50  # of prose, below which there is nothing to choose a root by
TWIN_PARAGRAPHS = 2  # paragraphs with prose from which on an element is a flow of them
MIN_TWIN_BYTES = 60  # of prose in an element with a twin in the root, which has twice as much
MIN_POSTS = 3  # children that are marked up alike, from which on they are posts of one thread
MAX_WRAPPERS = 5  # around a post, without a name; vBulletin has four
SIBLING_SHARE = 0.2  # of the root's prose that an element beside the way must hold to stay (Readability's share)
SIBLING_LINK_SHARE = 0.25  # of its text that may be links
LINK_SHARE = 0.5  # of an element's text, from which on it navigates (Readability's link density)
HEADING_LINK_SHARE = 0.8  # of a heading's text, from which on it leads to another page
TEASER_SHARE = 0.4  # of the prose that trailing teasers may hold: on an index page they are the content
MAX_TEASER_BYTES = 500  # below one linked heading
LABEL_CHARS = 8  # of an image that is no link: "Play", "Enlarge"
SENTENCE_WORDS = 8  # from which on a line with a full stop is a sentence, though it is a link
MIN_PROSE_BYTES = 60  # what a block says beyond these is prose: menus, labels and bylines are shorter

FLOW = frozenset(("p", "li", "td", "blockquote", "pre", "ul", "ol"))  # paragraphs, and what paragraphs stand in
ARTICLES = frozenset(("article", "main"))  # they say that they are the content
BESIDE = frozenset(("aside", "sidebar", "related", "newsletter", "advertisement", "consent", "dialog"))  # an article
LISTS = frozenset(("ul", "ol", "dl"))
ITEMS = frozenset(("li", "dd"))
CELLS = frozenset(("td", "th"))
SECTION_HEADINGS = frozenset(("h2", "h3", "h4"))
NAVIGATING = frozenset(("div", "section", "table", "header", "footer", "aside", "center", "p", *LISTS))


WORD = re.compile(r"\w")
SENTENCE_END = re.compile(r"[.!?…。！？।؟۔][\"'”’»)\]」』]*$")


class _Page:
    """The blocks of a page, which of them are still kept, and how much the kept ones of an element hold."""

    def __init__(self, blocks: Sequence[Block], elements: Sequence[Element]) -> None:
        self.blocks, self.elements = blocks, elements
        self.kept = [True] * len(blocks)
        self.block_prose = list(map(prose_bytes, blocks))
        self.block_chars = [len(block.text) for block in blocks]
        self.block_links = [block.link_chars for block in blocks]
        self.measure()

    def measure(self) -> None:
        """Sum up what is kept by now; `drop` does not change the sums."""
        self._prose, self._chars, self._links = map(self._sums, (self.block_prose, self.block_chars, self.block_links))

    def _sums(self, sizes: Sequence[int]) -> list[int]:
        """Of what is kept before each block, and at the end of all."""
        return list(accumulate(map(mul, self.kept, sizes), initial=0))

    def prose(self, element: Element) -> int:
        return self._prose[element.end] - self._prose[element.first]

    def chars(self, element: Element) -> int:
        return self._chars[element.end] - self._chars[element.first]

    def links(self, element: Element) -> int:
        return self._links[element.end] - self._links[element.first]

    def own_chars(self, element: Element) -> int:
        """Characters outside links."""
        return self.chars(element) - self.links(element)

    def link_share(self, element: Element) -> float:
        return self.links(element) / max(self.chars(element), 1)

    def drop(self, first: int, end: int) -> None:
        self.kept[first:end] = [False] * (end - first)


def content_blocks(blocks: Sequence[Block], elements: Sequence[Element]) -> list[Block]:
    """The blocks of a page that are its content, in order. `elements[0]` is the page's root element."""
    page = _Page(blocks, elements)
    _drop_named(page)
    root = _choose_root(page)
    _drop_navigation(page, root)
    _drop_teasers(page)
    _drop_empty_headings(page)
    return [block for block, is_kept in zip(blocks, page.kept, strict=True) if is_kept]


def prose_bytes(block: Block) -> int:
    """How much running text a block holds; tables and code are no running text, and no menu either."""
    text, kind = block.text, block.kind
    chars = len(text)
    own_chars = chars - block.link_chars
    if not chars or kind == "heading" or 2 * own_chars < chars:
        return 0
    size = chars if text.isascii() else len(text.encode())
    own_size = size * own_chars // chars
    return own_size if kind in ("row", "code") else max(own_size - MIN_PROSE_BYTES, 0)


def _drop_named(page: _Page) -> None:
    """Step 1. Elements with the same telling name are judged as one: what every paragraph of an article is called says
    nothing. What has no link leads to nothing related: the lead of an article is called a teaser too. And what is said
    of who wrote a post is no prose: what users wrote is named after them too."""
    html = page.elements[0]
    size = page.prose if page.prose(html) else page.chars
    limit = int(WRAPPER_SHARE * size(html))
    content_reason = "comments" if _is_thread(page) else None
    named: list[tuple[Element, int, tuple[str, str]]] = []
    sizes: defaultdict[tuple[str, str], int] = defaultdict(int)
    prose_in_forms: defaultdict[str, int] = defaultdict(int)
    for element in page.elements:
        reason = element.reason
        if reason is None or reason == content_reason or (reason == "related" and not page.links(element)):
            continue
        if reason == "poster" and page.prose(element):
            continue
        own, said_as = size(element), (reason, telling_name(element.names))
        named.append((element, own, said_as))
        if own <= limit:
            sizes[said_as] += own
        if reason == "form":
            prose_in_forms[said_as[1]] += page.prose(element)
    articles = [
        element
        for element in page.elements
        if element.tag in ARTICLES and element.reason is None and page.prose(element) >= MIN_ARTICLE_BYTES
    ]
    in_article = [*_spread(len(page.blocks), articles), False]
    starts = _starts(page, (article.first for article in articles))
    for element, own, said_as in named:
        goes = own <= limit >= sizes[said_as]
        if element.tag == "nav":  # which is no name that somebody chose, but a statement
            goes = True
        elif element.reason == "form":  # a page or its posts may lie in some: then so does nearly all, or an article
            holds_page = page.chars(element) > FORM_SHARE * page.chars(html)
            goes = goes or not (holds_page or prose_in_forms[said_as[1]] >= MIN_ARTICLE_BYTES)
        elif starts[element.end] == starts[element.first]:  # holds no article
            is_beside = element.reason in BESIDE and bool(articles) and not in_article[element.first]
            goes = goes or is_beside or element.reason == "comments"
        if goes:
            page.drop(element.first, element.end)
    page.measure()


def _is_thread(page: _Page) -> bool:
    """Whether the comments are what the page is about, as in a forum: they hold most of its prose, and there is no
    article beside them, or they hold nearly all of it, or what stands above them is marked up as they are."""
    comments: list[Element] = []
    for element in page.elements:
        if element.reason == "comments" and (not comments or element.first >= comments[-1].end):
            comments.append(element)
    total, inside = page.prose(page.elements[0]), sum(map(page.prose, comments))
    if not comments or inside <= WRAPPER_SHARE * total:
        return False
    others = total - inside
    if others < MIN_ARTICLE_BYTES or (inside > THREAD_SHARE * total and others < TOPIC_BYTES):
        return True
    is_comment = _spread(len(page.blocks), comments)
    starts = _starts(page, (comment.first for comment in comments))
    markup: tuple[set[str], set[str]] = set(), set()
    for element in page.elements:
        if _classes(element) and page.prose(element):
            is_inside, is_apart = is_comment[element.first], starts[element.end] == starts[element.first]
            if is_inside or (is_apart and page.prose(element) >= MAIN_SHARE * others):
                markup[is_inside].add(f"{element.tag} {_classes(element)}")
    return not markup[0].isdisjoint(markup[1])


def _choose_root(page: _Page) -> int:
    """Step 2: the index of the root. What is beside the way to it is dropped."""
    root, beside = _find_root(page)
    element = page.elements[root]
    heading, article = _main_heading(page, element.first), _first_of_article(page, root)
    # From here on what stands before the root may introduce it.
    lead = heading if article is None else min(heading, article)
    standfirst = _standfirst(page, max(heading, article or 0), element.first)
    with_prose = [(other, way) for other, way in beside if page.prose(other)]
    twins = _twins(page, element) if with_prose else []
    stays = _spread(
        len(page.blocks), [element, *(other for other, way in with_prose if _belongs(page, other, way, element, twins))]
    )
    apart = _spread(len(page.blocks), [other for other, _ in beside if not lead <= other.first < element.first])
    last = max((index for index, is_inside in enumerate(stays) if is_inside), default=0)
    for index, (is_inside, is_apart) in enumerate(zip(stays, apart, strict=True)):
        is_between = element.end <= index < last and page.blocks[index].illustrates
        if not (is_inside or is_between or index == standfirst) and (is_apart or not _introduces(page, index)):
            page.kept[index] = False
    page.measure()
    return root


def _find_root(page: _Page) -> tuple[int, list[tuple[Element, Element]]]:
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


def _way_down(page: _Page, children: Sequence[Sequence[int]], parent: int) -> int | None:
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
    is_column = below[main].tag == "td" and prose[main] == sum(prose) >= TOPIC_BYTES
    if below[main].tag in FLOW and not is_column:
        return None
    markups = [_markup(page.elements, children, index) for index in children[parent]]
    if markups[main] and markups.count(markups[main]) >= MIN_POSTS:
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
        if names := _classes(element) or NUMBER.sub("", element.names.strip()):
            return tags + names
        if not children[index] or elements[children[index][0]].first != first:
            return None
        index = children[index][0]
    return None


def _main_heading(page: _Page, first: int) -> int:
    """The last main heading before the block `first`; `first` where there is none."""
    return next((index for index in range(first - 1, -1, -1) if page.blocks[index].level == 1), first)


def _first_of_article(page: _Page, root: int) -> int | None:
    """The first block of the outermost article around the root, or that the root is."""
    first = None
    while root:
        if page.elements[root].tag in ARTICLES:
            first = page.elements[root].first
        root = page.elements[root].parent
    return first


def _standfirst(page: _Page, start: int, first: int) -> int | None:
    """The paragraph that follows the main heading above the root and sums up the text, often without a full stop: the
    first prose from `start` on."""
    following = next((index for index in range(start, first) if page.kept[index] and page.block_prose[index]), None)
    if following is None or page.blocks[following].kind != "paragraph" or page.blocks[following].link_chars:
        return None
    return following


def _belongs(page: _Page, element: Element, way: Element, root: Element, twins: Sequence[int]) -> bool:
    """Whether an element with prose beside the way to the root is content too: a twin of what is on the way, or large,
    or with a twin of what is in the root: the question above its answers."""
    if (element.tag, element.names) == (way.tag, way.names) and (way.names != " " or way.tag == "article"):
        return True
    if page.link_share(element) >= SIBLING_LINK_SHARE:
        return False
    is_large = page.prose(element) >= SIBLING_SHARE * page.prose(root) and way.tag not in ARTICLES
    return is_large or twins[element.end] > twins[element.first]


def _twins(page: _Page, root: Element) -> list[int]:
    """For each block, how many elements start before it that are outside the root and of one class with some inside."""
    inside: set[str] = set()
    outside: list[tuple[int, str]] = []
    for element in page.elements:
        if element.tag == "div" and (prose := page.prose(element)) > MIN_TWIN_BYTES and (classes := _classes(element)):
            if not root.first <= element.first < root.end:
                outside.append((element.first, classes))
            elif prose > 2 * MIN_TWIN_BYTES and element.end <= root.end:
                inside.add(classes)
    return _starts(page, (first for first, classes in outside if classes in inside))


def _starts(page: _Page, firsts: Iterable[int]) -> list[int]:
    """For each block, and the end, how many of the elements with these first blocks start before it."""
    starts = [0] * (len(page.blocks) + 1)
    for first in firsts:
        starts[first] += 1
    return list(accumulate(starts, initial=0))


def _spread(count: int, elements: Iterable[Element]) -> list[bool]:
    """For each of `count` blocks, whether one of the elements holds it."""
    held = [False] * count
    for element in elements:
        held[element.first : element.end] = [True] * (element.end - element.first)
    return held


def _classes(element: Element) -> str:
    return element.names.partition(" ")[2]


def _introduces(page: _Page, index: int) -> bool:
    """Whether a block beside the root belongs to the text: a sentence, or an image; a byline or a menu is neither."""
    block = page.blocks[index]
    if block.kind == "heading":
        return block.illustrates or (not block.link_chars and is_sentence(block.text))
    return block.illustrates or (page.block_prose[index] > 0 and SENTENCE_END.search(block.text) is not None)


def _drop_navigation(page: _Page, root: int) -> None:
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


def is_sentence(text: str) -> bool:
    return SENTENCE_END.search(text) is not None and len(text.split(None, SENTENCE_WORDS)) >= SENTENCE_WORDS


def _drop_teasers(page: _Page) -> None:
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


def _drop_empty_headings(page: _Page) -> None:
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
