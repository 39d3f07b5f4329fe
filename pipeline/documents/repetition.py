"""How often n-grams come back in a sequence of numbers (of words, or of characters). Time n log n in its length."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

MULTIPLIER = 0x9E3779B97F4A7C15  # odd, bits well mixed: 2**64 over the golden ratio


def repeat_counts(values: NDArray[np.uint32], n: int) -> tuple[NDArray[np.int64], int]:
    """How often each n-gram occurs that occurs more than once, in no order; and how many different n-grams there are.

    N-grams are told apart by a 64-bit hash of them.
    """
    if values.size < n:
        return np.empty(0, np.int64), 0
    hashes = _hashes(values.astype(np.uint64), n)
    hashes.sort()
    counts = _run_lengths(hashes)
    return counts[counts > 1], counts.size


def repeated_ngrams(ids: NDArray[np.int64], most: int) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """For n from 2 up to `most`: (n, positions, counts) of the n-grams of `ids` that occur more than once.

    `positions` holds the places of the first of these n-grams, in no order, then those of the second, and so on;
    `counts` how many places each has. Ends before the first n for which there is none. An n-gram repeats only where its
    first n - 1 do, so every round looks only at what the last one left.
    """
    vocabulary = int(ids.max(initial=0)) + 1 + most
    padded = np.append(ids, np.arange(vocabulary - most, vocabulary))  # what reaches beyond the end is unique
    positions, groups = np.arange(ids.size), ids
    for n in range(2, most + 1):
        keys = groups * vocabulary + padded[positions + (n - 1)]  # about ids.size ** 2 at most, far below 2 ** 63
        order = keys.argsort()
        counts = _run_lengths(keys[order])
        repeats = counts > 1
        positions, counts = positions[order[repeats.repeat(counts)]], counts[repeats]
        if not counts.size:
            return
        yield n, positions, counts
        groups = np.arange(counts.size).repeat(counts)


def covered(positions: NDArray[np.int64], n: int, lengths: NDArray[np.int64]) -> int:
    """Sum of `lengths` over all members of the n-grams at `positions`, each counted once."""
    inside = np.zeros(lengths.size, bool)
    inside[positions[:, None] + np.arange(n)] = True
    return int(lengths[inside].sum())


def _hashes(values: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """A hash of every n-gram: the n values as the digits of a number, modulo 2**64."""
    if n == 1:
        return values
    half = _hashes(values, n // 2)
    factor = np.uint64(pow(MULTIPLIER, n // 2, 2**64))
    size = values.size - n // 2 * 2 + 1
    whole = half[:size] * factor + half[n // 2 : n // 2 + size]
    return whole[:-1] * np.uint64(MULTIPLIER) + values[n - 1 :] if n % 2 else whole


def _run_lengths(ordered: NDArray[Any]) -> NDArray[np.int64]:
    """How many equal values follow one another."""
    is_edge = np.ones(ordered.size + 1, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_edge[1:-1])
    edges = np.flatnonzero(is_edge)
    return edges[1:] - edges[:-1]
