"""How often n-grams come back in a sequence of numbers (of words, or of characters). Time n log n in its length.

N-grams are told apart by 64-bit hashes alone: of a million different ones, two have the same once in 40 million texts.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

MULTIPLIER = 0x9E3779B97F4A7C15  # odd, bits well mixed: 2**64 over the golden ratio

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


class Hashed:
    """A sequence of numbers of which every part has a hash, at the cost of three look-ups (Karp and Rabin, 1987).

    The hash of a part is its values, each plus 1, as the digits of a number in base `MULTIPLIER`, modulo 2**64: a
    difference of sums over the whole sequence, divided by the power that the part starts with.
    """

    def __init__(self, values: NDArray[Any]) -> None:
        powers, self._inverses = _powers(values.size.bit_length())
        self._sums = np.zeros(values.size + 1, np.uint64)
        digits = np.add(values, 1, out=self._sums[1:])
        digits *= powers[: values.size]
        digits.cumsum(out=digits)

    def parts(self, starts: Places, ends: Places) -> Hashes:
        """The hashes of the parts from each of `starts` up to each of `ends`."""
        return (self._sums[ends] - self._sums[starts]) * self._inverses[starts]

    def ngrams(self, n: int) -> Hashes:
        """The hashes of all n-grams, in order; none where the sequence is shorter."""
        size = max(self._sums.size - n, 0)
        hashes = self._sums[n:] - self._sums[:size]
        hashes *= self._inverses[:size]
        return hashes


def counted(hashes: Hashes) -> tuple[Hashes, NDArray[np.int64]]:
    """The different ones, sorted, and how often each occurs; `np.unique` takes 15 us longer."""
    ordered = np.sort(hashes)
    edges = _edges(ordered)
    return ordered[edges[:-1]], edges[1:] - edges[:-1]


def repeat_counts(hashes: Hashes) -> tuple[NDArray[np.int64], int]:
    """How often each hash occurs that occurs more than once, in no order; and how many different ones there are."""
    ordered = np.sort(hashes)
    repeats = (ordered[1:] == ordered[:-1]).nonzero()[0]
    edges = _edges(repeats - np.arange(repeats.size))
    return edges[1:] - edges[:-1] + 1, ordered.size - repeats.size


def repeated_ngrams(words: Hashes, most: int) -> Iterator[tuple[int, Places, Places]]:
    """For n from 2 up to `most`: (n, positions, edges) of the n-grams of `words` that occur more than once.

    The places of the first of them are `positions[edges[0] : edges[1]]`, in no order, and so on. Ends before the first
    n for which there is none. An n-gram repeats only where its first n - 1 do, so every round looks only at what the
    last one left.
    """
    padded = np.append(words, np.zeros(most, np.uint64))  # what reaches beyond the end is unique
    positions, keys = np.arange(words.size), words
    for n in range(2, most + 1):
        keys = keys * np.uint64(MULTIPLIER) + padded[positions + (n - 1)]
        order = keys.argsort()
        ordered = keys[order]
        is_same = ordered[1:] == ordered[:-1]
        repeats = np.zeros(keys.size, bool)
        repeats[1:] = is_same
        repeats[:-1] |= is_same
        positions, keys = positions[order[repeats]], ordered[repeats]
        if not keys.size:
            return
        yield n, positions, _edges(keys)


def covered(positions: Places, n: int, sums: NDArray[np.int64]) -> int:
    """Length of all members of the n-grams at `positions`, each counted once; `sums[i]`: of the first i values."""
    starts = np.sort(positions)
    ends = starts + n
    np.minimum(ends[:-1], starts[1:], out=ends[:-1])
    return int((sums[ends] - sums[starts]).sum())


@cache
def _powers(bits: int) -> tuple[Hashes, Hashes]:
    """The powers of `MULTIPLIER` and those of its inverse, exponents from 0 to 2**bits - 1: 16 MiB for a million."""
    bases = np.full((2, 2**bits), np.array([[MULTIPLIER], [pow(MULTIPLIER, -1, 2**64)]], np.uint64))
    bases[:, 0] = 1
    powers, inverses = np.multiply.accumulate(bases, axis=1, out=bases)
    return powers, inverses


def _edges(ordered: NDArray[Any]) -> Places:
    """Where runs of equal values start, and the end of the last one."""
    is_edge = np.ones(ordered.size + 1, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_edge[1:-1])
    return is_edge.nonzero()[0]
