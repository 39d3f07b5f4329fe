"""The words of a text: as they stand, numbered, and plain, as lists of words have them."""

import string
from collections import defaultdict
from collections.abc import Sequence, Set
from itertools import count

import numpy as np
from numpy.typing import NDArray

from pipeline.documents.characters import is_letter
from pipeline.documents.repetition import repeat_counts

REPETITION_LENGTH = 5  # words; OBELICS' configuration, word_repetition_length
COMMON_EDGES = string.punctuation + string.digits + "“”‘’…–—«»"  # what mostly stands around words


def number(words: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different words in order of first appearance, and for every word its index among them."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    ids = np.fromiter(map(numbers.__getitem__, words), np.int64, len(words))
    return list(numbers), ids


def plain_words(words: Sequence[str]) -> list[str]:
    """Each word in lower case without what is no letter around it; empty if it has none (OBELICS, `get_words`)."""
    lowered = " ".join(words).lower().split(" ")  # once for all: words hold no white space
    return [word if word.isalpha() else _without_edges(word.strip(COMMON_EDGES)) for word in lowered]


def _without_edges(word: str) -> str:
    if word.isalpha():
        return word
    start, end = 0, len(word)
    while start < end and not is_letter(word[start]):
        start += 1
    while start < end and not is_letter(word[end - 1]):
        end -= 1
    return word[start:end]


def word_repetition_ratio(ids: NDArray[np.int64]) -> float:
    """Share of 5-grams of plain words that occur more than once (OBELICS, arXiv 2306.16527, appendix A.2.2)."""
    total = ids.size - REPETITION_LENGTH + 1
    counts, _ = repeat_counts(ids.astype(np.uint32), REPETITION_LENGTH)
    return float(counts.sum() / total) if total > 0 else 0.0


def listed_share(words: list[str], occurrences: NDArray[np.int64], listed: Set[str]) -> float:
    """Share of the occurrences of `words` that are words of the list."""
    total = int(occurrences.sum())
    if not listed or not total:
        return 0.0
    return int(occurrences[[index for index, word in enumerate(words) if word in listed]].sum()) / total
