"""Step 1: what the markup names as something else than content goes."""

from collections import defaultdict

from pipeline.documents.boilerplate import telling_name
from pipeline.documents.content.measured import MeasuredPage, class_names
from pipeline.documents.content.root import ARTICLES, LONG_TEXT_BYTES, MAIN_SHARE
from pipeline.documents.tree import Element

WRAPPER_SHARE = 0.5  # of the page's prose: a named element that holds more wraps the content
FORM_SHARE = 0.85  # of all characters that a form with little prose must hold to be the one around the page
THREAD_SHARE = 0.85  # the same for comments that look unlike the rest: with more, the page is there for them
MIN_ARTICLE_BYTES = 300  # of prose, from which on an <article>, a form or what stands above comments is an article
BESIDE = frozenset(("aside", "sidebar", "related", "newsletter", "advertisement", "consent", "dialog"))  # an article


def drop_named(page: MeasuredPage, *, is_discussion: bool) -> None:
    """Step 1. Elements with the same telling name are judged as one: what every paragraph of an article is called says
    nothing. What has no link leads to nothing related: the lead of an article is called a teaser too. And what is said
    of who wrote a post is no prose: what users wrote is named after them too."""
    html = page.elements[0]
    size = page.prose if page.prose(html) else page.chars
    limit = int(WRAPPER_SHARE * size(html))
    content_reason = "comments" if is_discussion or _is_thread(page) else None
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
    in_article = [*page.held_by(articles), False]
    starts = page.starts(article.first for article in articles)
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


def _is_thread(page: MeasuredPage) -> bool:
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
    if others < MIN_ARTICLE_BYTES or (inside > THREAD_SHARE * total and others < LONG_TEXT_BYTES):
        return True
    is_comment = page.held_by(comments)
    starts = page.starts(comment.first for comment in comments)
    markup: tuple[set[str], set[str]] = set(), set()
    for element in page.elements:
        if class_names(element) and page.prose(element):
            is_inside, is_apart = is_comment[element.first], starts[element.end] == starts[element.first]
            if is_inside or (is_apart and page.prose(element) >= MAIN_SHARE * others):
                markup[is_inside].add(f"{element.tag} {class_names(element)}")
    return not markup[0].isdisjoint(markup[1])
