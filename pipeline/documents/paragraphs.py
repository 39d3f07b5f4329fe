"""Paragraphs of a text: where they are, what makes two of them equal, and the spans that cut some of them out."""

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from pipeline.documents.normal_form import normalized
from pipeline.documents.scores import BLANK_LINE

Span = tuple[int, int]  # (start, end) in code points

# Shorter ones repeat because they are structure. Of what 10 real sites repeat, all under five words were headings
# ("Key Points", "Provenance"), numbers and letters of tables; almost all of the rest were notices and teasers.
MIN_REPEATED_WORDS = 5


def paragraph_spans(text: str) -> list[Span]:
    """Where the paragraphs lie: the stretches between blank lines that hold more than white space."""
    borders = [0, *(border for match in BLANK_LINE.finditer(text) for border in match.span()), len(text)]
    spans = zip(borders[::2], borders[1::2], strict=True)
    return [(start, end) for start, end in spans if text[start:end].strip()]


def paragraph_hash(site: str, paragraph: str) -> bytes | None:
    """16 bytes, equal for paragraphs of one site that differ in case and white space alone.

    None for a paragraph that is too short to say something by its repetition.
    """
    words = normalized(paragraph).lower().split()
    if len(words) < MIN_REPEATED_WORDS:
        return None
    return hashlib.sha256(f"{site}\n{' '.join(words)}".encode()).digest()[:16]


def spans_of(text: str, paragraphs: Sequence[Span], dropped: Collection[int]) -> Iterator[Span]:
    """The spans of `text` that hold just the paragraphs number `dropped`, in order, not overlapping.

    Each takes one blank line with it: what is left has one between any two paragraphs, and none at its ends.
    """
    for is_dropped, run in groupby(range(len(paragraphs)), key=lambda number: number in dropped):
        if not is_dropped:
            continue
        numbers = list(run)
        first, following = numbers[0], numbers[-1] + 1
        if following < len(paragraphs):
            yield paragraphs[first][0] if first else 0, paragraphs[following][0]
        else:
            yield paragraphs[first - 1][1] if first else 0, len(text)


def cut(text: str, positions: Sequence[int], spans: Sequence[Span]) -> tuple[str, list[int]]:
    """`text` without `spans` (start, end; ordered, not overlapping), and `positions` moved to match.

    An image inside a span moves to where the span was.
    """
    kept = []
    removed = [0]  # code points before each span
    last = 0
    for start, end in spans:
        kept.append(text[last:start])
        removed.append(removed[-1] + end - start)
        last = end
    starts = [start for start, _ in spans]
    moved = []
    for position in positions:
        before = bisect_left(starts, position)  # spans that start before the image
        inside = max(0, spans[before - 1][1] - position) if before else 0
        moved.append(position - removed[before] + inside)
    return "".join([*kept, text[last:]]), moved
