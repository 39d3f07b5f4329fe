"""dedupe: which documents stay. Judges what extract scored, then one capture a URL, then one document a text.

Only keys cross the shuffles: URLs, hashes, and places (part and row).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import apache_beam as beam

from pipeline.documents.rules import TextThresholds, decide
from pipeline.documents.scores import TextScores
from pipeline.job import Job
from pipeline.parts import PartWriter
from pipeline.stages.stage import CommitGroups, GroupingStage, Outcome, spread_units
from pipeline.tables import Receipt, Unit, iterate_part, publish
from schemas.document_selection import DOCUMENT_SELECTION
from schemas.documents import DOCUMENTS


class DocumentKey(NamedTuple):
    """What dedupe needs to know of a document."""

    part: str
    row: int
    document_id: str
    url: str
    text_hash: str
    crawled_at_us: int
    reason: str  # why it is dropped; empty while it stays


beam.coders.registry.register_row(DocumentKey)


class Dedupe(GroupingStage):
    name = "dedupe"
    tables = ("document_selection",)
    version = 1
    reads = ("extract",)

    def extra_key(self, job: Job) -> dict[str, str]:
        return {"take_down": job.take_down.hash}

    def parts(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        del job
        return [
            Unit(name, {}, {"documents": receipt.file("documents").path})
            for name, receipt in manifests["extract"].items()
        ]

    def expand(self, root: beam.Pipeline, job: Job, work_file: str, inputs: dict[str, str]) -> None:
        judged = spread_units(root, job, work_file) | "Judge" >> beam.FlatMap(judge_part, job=job)
        one_a_url = _keep_newest(judged, "url", "duplicate_url")
        one_a_text = _keep_newest(one_a_url, "text_hash", "duplicate_text")
        _ = (
            one_a_text
            | "By part" >> beam.Map(lambda key: (key.part, key)).with_output_types(tuple[str, DocumentKey])
            | "Group parts" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(CommitGroups(self, job, inputs))
        )

    def write(self, group: str, elements: Iterable[DocumentKey], job: Job) -> Iterator[tuple[str, Outcome]]:
        outcome = Outcome()
        with job.corpus.scratch() as folder:
            with PartWriter(folder / "part.parquet", DOCUMENT_SELECTION) as part:
                for key in sorted((key for key in elements if key.row >= 0), key=lambda key: key.row):
                    row = {
                        "document_id": key.document_id,
                        "kept": not key.reason,
                        "reason": key.reason or None,
                        "cut_spans": [],
                    }
                    part.add(row, size_bytes=200)
                    if key.reason:
                        outcome.drop("documents", key.reason, url=key.url)
                    else:
                        outcome.keep("documents", "kept")
            outcome.outputs = [publish(job.corpus, part.path, self.tables[0], group, expected=DOCUMENT_SELECTION)]
        yield group, outcome


def judge_part(line: str, job: Job) -> Iterator[DocumentKey]:
    """The keys of one documents part, each with the first text rule that it breaks; one more, of row -1, stands for
    the part itself, so that an empty part gets its selection too."""
    unit = Unit.from_json(line)
    english = TextThresholds.of(job.recipe)
    other = replace(english, min_stop_words=0)  # Gopher's stop words are English ones
    yield DocumentKey(unit.name, -1, "", "", "", 0, "part")
    columns = ["document_id", "url", "site", "crawled_at", "language", "text_hash", *TextScores._fields]
    rows = iterate_part(job.corpus, unit.parameters["documents"], DOCUMENTS, columns)
    for number, row in enumerate(rows):
        scores = TextScores(**{name: row[name] for name in TextScores._fields})
        if job.take_down.covers_document(row["url"], row["site"]):
            reason = "taken_down"
        else:
            reason = decide(scores, english if row["language"] == "en" else other) or ""
        crawled_at_us = int(row["crawled_at"].timestamp() * 1_000_000)
        yield DocumentKey(unit.name, number, row["document_id"], row["url"], row["text_hash"], crawled_at_us, reason)


def _keep_newest(documents: beam.PCollection, attribute: str, reason: str) -> beam.PCollection:
    """Of all standing documents with equal `attribute` the newest stays; the others are dropped for `reason`."""
    dropped = documents | f"Dropped before {reason}" >> beam.Filter(lambda key: bool(key.reason))
    settled = (
        documents
        | f"Standing before {reason}" >> beam.Filter(lambda key: not key.reason)
        | f"By {attribute}"
        >> beam.Map(lambda key: (getattr(key, attribute), key)).with_output_types(tuple[str, DocumentKey])
        | f"Group {attribute}" >> beam.GroupByKey()
        | f"Newest of {attribute}" >> beam.FlatMap(newest_stays, reason=reason).with_output_types(DocumentKey)
    )
    return (dropped, settled) | f"After {reason}" >> beam.Flatten()


def newest_stays(group: tuple[str, Iterable[DocumentKey]], reason: str) -> Iterator[DocumentKey]:
    """All documents of the group, all but the newest dropped; of equally new ones the smallest URL, then id, stays.

    The group is read twice and never held, since a text that a whole site repeats makes a large one.
    """
    _, documents = group
    winner = min(documents, key=lambda key: (-key.crawled_at_us, key.url, key.document_id))
    for key in documents:
        yield key if key == winner else key._replace(reason=reason)
