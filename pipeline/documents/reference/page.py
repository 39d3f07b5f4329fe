"""Read a page by BeautifulSoup: see the package."""

import warnings
from collections.abc import Iterable

from bs4 import BeautifulSoup, UnusualUsageWarning
from bs4.builder._html5lib import Element, HTML5TreeBuilder, TreeBuilderForHtml5lib

from pipeline.documents.blocks import MAX_NODES, PageLimitError
from pipeline.documents.page import MAX_HTML_CHARS, Page, page_of
from pipeline.documents.reference.blocks import read_tree
from pipeline.documents.reference.content import content_blocks

# Open elements: html5lib looks through all of them at every tag. Chromium stops to nest at the same depth
# (kMaximumHTMLParserDOMTreeDepth).
MAX_DEPTH = 512


def read_page(html: str, url: str, headers: Iterable[tuple[str, str]] = ()) -> Page:
    """What `pipeline.documents.page.read_page` returns; `cut` may also be `too_deep`."""
    soup, cut = _parse(html[:MAX_HTML_CHARS])
    tree = read_tree(soup)
    tree.cut = "too_long" if len(html) > MAX_HTML_CHARS else cut or tree.cut
    return page_of(tree, content_blocks(tree.blocks, tree.elements), url, headers)


def _parse(html: str) -> tuple[BeautifulSoup, str | None]:
    """The tree that the HTML standard prescribes, and the limit at which it ends."""
    builder = _BoundedBuilder(multi_valued_attributes=None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualUsageWarning)  # pages that look like XML, or like an address
        try:
            return BeautifulSoup(html, builder=builder), None
        except PageLimitError as error:
            return builder.soup, str(error)


class _BoundedBuilder(HTML5TreeBuilder):
    def create_treebuilder(self, namespaceHTMLElements: bool) -> TreeBuilderForHtml5lib:
        self.underlying_builder = _BoundedTree(
            namespaceHTMLElements, self.soup, store_line_numbers=self.store_line_numbers
        )
        return self.underlying_builder


class _BoundedTree(TreeBuilderForHtml5lib):
    """Counts elements and texts, and how deep they nest."""

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
