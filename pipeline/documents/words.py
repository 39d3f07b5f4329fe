"""The words of a text, as they stand and plain, as lists of words have them.

They are 64-bit hashes, since a string for every word would cost several times as much, and told apart by these alone:
of 100,000 different words, two have the same hash once in 4 billion texts.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.documents.characters import SPACE, Kinds, code_points, kinds_of, letters_and_spaces
from pipeline.documents.repetition import MULTIPLIER, Hashed, Hashes, Places, repeat_counts

REPETITION_LENGTH = 5  # words; OBELICS' configuration, word_repetition_length


def word_bounds(kinds: Kinds) -> tuple[Places, Places]:
    """Where the words of a text start and end: runs of characters that are not white space."""
    is_space = np.ones(kinds.size + 2, bool)
    np.not_equal(kinds & SPACE, 0, out=is_space[1:-1])
    edges = (is_space[1:] != is_space[:-1]).nonzero()[0]
    return edges[::2], edges[1::2]


def word_hashes(codes: Hashed, starts: Places, ends: Places) -> Hashes:
    """A hash of each word; its bits are mixed, so that sequences of words can be hashed in their turn."""
    words = codes.parts(starts, ends)
    words ^= words >> np.uint64(32)
    words *= np.uint64(MULTIPLIER)
    return words


def plain_words(lowered: str) -> Hashes:
    """Hashes of the words of a text in lower case, each from its first letter to its last (OBELICS, `get_words`).

    Those without a letter are left out.
    """
    codes = code_points(lowered)
    kinds = kinds_of(codes)
    places = letters_and_spaces(codes, kinds)
    starts, ends = word_bounds(kinds[places])
    return word_hashes(Hashed(codes), places[starts], places[ends - 1] + 1)


def word_repetition_ratio(words: Hashes) -> float:
    """Share of 5-grams of plain words that occur more than once (OBELICS, arXiv 2306.16527, appendix A.2.2)."""
    ngrams = Hashed(words).ngrams(REPETITION_LENGTH)
    counts, _ = repeat_counts(ngrams)
    return float(counts.sum() / ngrams.size) if ngrams.size else 0.0


def is_listed(words: Hashes, listed: frozenset[str]) -> NDArray[np.bool_]:
    """Which of the words are on the list. Faster where they are sorted."""
    known = _hashes_of(listed)
    return known.take(known.searchsorted(words), mode="clip") == words if known.size else np.zeros(words.size, bool)


def listed_share(words: Hashes, occurrences: NDArray[np.int64], listed: frozenset[str]) -> float:
    """Share of the occurrences of `words` that are words of the list."""
    total = int(occurrences.sum())
    return int(occurrences[is_listed(words, listed)].sum()) / total if listed and total else 0.0


@cache
def _hashes_of(listed: frozenset[str]) -> Hashes:
    """Sorted. What is more than one word, as some lists have it, is no word of a text."""
    codes = code_points(" ".join(word for word in listed if word.split() == [word]))
    return np.sort(word_hashes(Hashed(codes), *word_bounds(kinds_of(codes))))
