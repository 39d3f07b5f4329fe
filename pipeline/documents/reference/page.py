"""A page, read by BeautifulSoup: see the package."""

import warnings
from collections.abc import Iterable
from typing import Any

from bs4 import BeautifulSoup, UnusualUsageWarning
from bs4.builder._html5lib import Element, HTML5TreeBuilder, TreeBuilderForHtml5lib

from pipeline.documents.blocks import DISCUSSION, MAX_NODES, PageLimitError
from pipeline.documents.page import MAX_HTML_CHARS, Page, page_of
from pipeline.documents.reference.blocks import read_tree
from pipeline.documents.reference.content import content_blocks

# Open elements: html5lib looks through all of them at every tag, and one function calls itself for every level of the
# tree, which misnested markup makes at most twice as deep. The deepest of the 850 pages looked at has 37.
MAX_DEPTH = 256


def read_page(
    html: str,
    url: str,
    headers: Iterable[tuple[str, str]] = (),
    *,
    css_backgrounds: bool = False,
    og_image: bool = False,
) -> Page:
    """What `pipeline.documents.page.read_page` returns; `cut` may also be too_deep or parser_error."""
    builder = _BoundedBuilder(multi_valued_attributes={})  # a class stays one string
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualUsageWarning)  # of pages that look like XML, or like an address
        tree = read_tree(BeautifulSoup(html[:MAX_HTML_CHARS], builder=builder), css_backgrounds=css_backgrounds)
    tree.is_discussion = DISCUSSION in html[:MAX_HTML_CHARS]
    tree.cut = "too_long" if len(html) > MAX_HTML_CHARS else tree.cut or builder.cut
    return page_of(tree, content_blocks(tree), url, headers, og_image=og_image)


class _BoundedBuilder(HTML5TreeBuilder):
    """Builds the tree that the HTML standard prescribes; `cut` says at which limit it ended."""

    cut: str | None = None

    def feed(self, markup: Any) -> None:
        try:
            super().feed(markup)
        except PageLimitError as error:
            self.cut = str(error)
        except AssertionError:  # html5lib's own, as on <table><svg><html>
            self.cut = "parser_error"

    def create_treebuilder(self, namespaceHTMLElements: bool) -> TreeBuilderForHtml5lib:
        self.underlying_builder = _BoundedTree(namespaceHTMLElements, self.soup, store_line_numbers=False)
        return self.underlying_builder


class _BoundedTree(TreeBuilderForHtml5lib):
    """Counts elements and texts, which end a page a little later than what the fast reader counts, and their depth."""

    nodes = 0

    def elementClass(self, name: str, namespace: str) -> Element:
        self._count()
        if len(self.openElements) > MAX_DEPTH:
            raise PageLimitError("too_deep")
        return super().elementClass(name, namespace)

    def insertText(self, data: str, parent: Element | None = None) -> None:
        self._count()
        super().insertText(data, parent)

    def _count(self) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise PageLimitError("too_many_nodes")
