"""How much the blocks and elements of a page hold: prose, characters, links, and which blocks are still kept."""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import mul

from pipeline.documents.tree import Block, Element

MIN_PROSE_BYTES = 60  # what a block says beyond these is prose: menus, labels and bylines are shorter
SENTENCE_WORDS = 8  # from which on a line with a full stop is a sentence, though it is a link
SENTENCE_END = re.compile(r"[.!?…。！？।؟۔][\"'”’»)\]」』]*$")


class MeasuredPage:
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

    def held_by(self, elements: Iterable[Element]) -> list[bool]:
        """For each block, whether one of the elements holds it."""
        held = [False] * len(self.blocks)
        for element in elements:
            held[element.first : element.end] = [True] * (element.end - element.first)
        return held

    def starts(self, firsts: Iterable[int]) -> list[int]:
        """For each block, and the end, how many of the elements with these first blocks start before it."""
        starts = [0] * (len(self.blocks) + 1)
        for first in firsts:
            starts[first] += 1
        return list(accumulate(starts, initial=0))


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


def class_names(element: Element) -> str:
    return element.names.partition(" ")[2]


def is_sentence(text: str) -> bool:
    return SENTENCE_END.search(text) is not None and len(text.split(None, SENTENCE_WORDS)) >= SENTENCE_WORDS
