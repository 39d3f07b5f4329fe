"""Paragraphs to cut: those that a site repeats, counted over all parts, and those that break a rule of their own.

As in OBELICS (its build script `09`: more than 2 times), all occurrences go, the first too. Only hashes of site and
paragraph cross the shuffle, with the part that holds them and how often.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

import apache_beam as beam

from pipeline.documents.judge import REPEATED, TextJudge
from pipeline.documents.paragraphs import Span, paragraph_hash, paragraph_spans
from pipeline.job import Job
from pipeline.stages.duplicates import DocumentKey
from pipeline.stages.stage import Outcome
from pipeline.tables import Unit, iterate_part
from schemas.documents import DOCUMENTS

AFTER_CUT = "after_cut_"  # stands before the text rule that what is left of a document breaks
MAX_COUNTED = 100_000  # different paragraphs that a worker counts before it hands the counts on: some 15 MB


def repeated_paragraphs(parts: dict[str, beam.PCollection], max_repeats: int, job: Job) -> beam.PCollection:
    """(part, hash) of every paragraph that the standing documents of its site hold more than `max_repeats` times.

    `parts` are the "units" and the "documents", both by part.
    """
    return (
        parts
        | "Parts to count" >> beam.CoGroupByKey()
        | "Count paragraphs" >> beam.FlatMap(count_paragraphs, job=job).with_output_types(tuple[bytes, tuple[str, int]])
        | "Group paragraphs" >> beam.GroupByKey()
        | "Repeated" >> beam.FlatMap(repeated_in_parts, max_repeats=max_repeats).with_output_types(tuple[str, bytes])
    )


def count_paragraphs(joined: tuple[str, dict[str, Iterable[Any]]], job: Job) -> Iterator[tuple[bytes, tuple[str, int]]]:
    """(hash, (part, how often)) of the paragraphs in one part; a hash may come more than once."""
    part, sides = joined
    (line,) = sides["units"]
    counts: Counter[bytes] = Counter()
    for _, row in _standing(line, sorted(sides["documents"], key=lambda key: key.row), job):
        text = row["text"]
        hashes = (paragraph_hash(row["site"], text[start:end]) for start, end in paragraph_spans(text))
        counts.update(hashed for hashed in hashes if hashed)
        if len(counts) > MAX_COUNTED:
            yield from ((hashed, (part, count)) for hashed, count in counts.items())
            counts.clear()
    yield from ((hashed, (part, count)) for hashed, count in counts.items())


def repeated_in_parts(group: tuple[bytes, Iterable[tuple[str, int]]], max_repeats: int) -> Iterator[tuple[str, bytes]]:
    """The parts that hold a paragraph, if it occurs more than `max_repeats` times in all of them."""
    hashed, counts = group
    if sum(count for _, count in counts) > max_repeats:
        for part, _ in counts:
            yield part, hashed


def cut_part(
    line: str, documents: Sequence[DocumentKey], repeated: Set[bytes], job: Job, outcome: Outcome
) -> dict[int, tuple[list[Span], str]]:
    """By row, the spans that are cut in one part, and why the document is dropped for it; empty while it stays.

    `documents` are all of the part, in row order, `repeated` the hashes to cut. Paragraphs are counted in `outcome`.
    """
    judge = TextJudge(job.recipe)
    cuts = {}
    for key, row in _standing(line, documents, job):
        cut = judge.cut(row["text"], row["language"], row["site"], repeated)
        outcome.keep("paragraphs", "kept", cut.paragraphs - len(cut.reasons))
        for reason in cut.reasons.values():
            outcome.drop("paragraphs", reason, url=key.url)
        # What is left after the paragraph rules alone was judged before the duplicates were dropped.
        broken = judge.broken_rule(cut.left, row["language"]) if REPEATED in cut.reasons.values() else ""
        if cut.spans:
            cuts[key.row] = (cut.spans, AFTER_CUT + broken if broken else "")
    return cuts


def _standing(line: str, documents: Sequence[DocumentKey], job: Job) -> Iterator[tuple[DocumentKey, dict[str, Any]]]:
    """The documents of one part that stand, with what is needed of their rows."""
    columns = ["site", "language", "text"]
    rows = iterate_part(job.corpus, Unit.from_json(line).parameters["documents"], DOCUMENTS, columns)
    for key, row in zip(documents, rows, strict=True):
        if not key.reason:
            yield key, row
