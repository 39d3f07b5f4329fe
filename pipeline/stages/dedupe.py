"""dedupe: which documents stay, and which paragraphs of them go.

1. The take-down list; paragraph rules, and text rules over what they leave, or over what extract scored.
2. One capture a URL, then one document a text.
3. One of near-duplicate texts.
4. One of the documents with the same images.
5. Paragraphs that break a rule or that the site repeats are cut; what is left must keep the text rules too.

Each of 2 to 4 keeps the newest, and judges only what still stands. Only keys cross the shuffles: URLs, hashes, and
places (part and row).
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam

from pipeline.documents.judge import REPEATED, TextJudge
from pipeline.documents.near_duplicates import sketch
from pipeline.documents.paragraphs import Span
from pipeline.documents.scores import TextScores
from pipeline.job import Job
from pipeline.parts import PartWriter
from pipeline.stages.duplicates import DocumentKey, drop_near_duplicates, keep_newest
from pipeline.stages.repeats import AFTER_CUT, cut_part, repeated_paragraphs
from pipeline.stages.stage import CommitGroups, GroupingStage, Outcome, spread_units
from pipeline.tables import Receipt, Tally, Unit, iterate_part, publish, total
from schemas.document_selection import DOCUMENT_SELECTION
from schemas.documents import DOCUMENTS

DUPLICATES = ("duplicate_url", "duplicate_text", "near_duplicate", "duplicate_images")  # reasons, in order of the steps


class Dedupe(GroupingStage):
    name = "dedupe"
    tables = ("document_selection",)
    version = 2
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
        recipe = job.recipe
        units = spread_units(root, job, work_file)
        documents = units | "Judge" >> beam.FlatMap(judge_part, job=job).with_output_types(DocumentKey)
        documents = keep_newest(documents, "url", "duplicate_url")
        documents = keep_newest(documents, "text_hash", "duplicate_text")
        if recipe.near_duplicate_jaccard < 1:
            documents = drop_near_duplicates(documents, recipe.near_duplicate_jaccard)
        if recipe.drop_same_image_sets:
            limit = recipe.max_documents_per_image
            documents = keep_newest(documents, "image_set_hash", "duplicate_images", max_group=limit)
        parts = {
            "units": units
            | "Unit names"
            >> beam.Map(lambda line: (Unit.from_json(line).name, line)).with_output_types(tuple[str, str]),
            "documents": documents
            | "By part" >> beam.Map(lambda key: (key.part, key)).with_output_types(tuple[str, DocumentKey]),
        }
        if recipe.max_paragraph_repeats:
            parts["repeated"] = repeated_paragraphs(parts, recipe.max_paragraph_repeats, job)
        _ = parts | "Group parts" >> beam.CoGroupByKey() | "Write" >> beam.ParDo(CommitGroups(self, job, inputs))

    def write(self, group: str, elements: dict[str, Iterable[Any]], job: Job) -> Iterator[tuple[str, Outcome]]:
        """The selection of one documents part; `elements` are its unit, its documents, and hashes that it repeats."""
        (line,) = elements["units"]
        documents = sorted(elements["documents"], key=lambda key: key.row)
        outcome = Outcome()
        cuts: dict[int, tuple[list[Span], str]] = {}
        if job.recipe.max_paragraph_repeats or TextJudge(job.recipe).cuts_paragraphs:
            cuts = cut_part(line, documents, frozenset(elements.get("repeated", ())), job, outcome)
        with job.corpus.scratch() as folder:
            with PartWriter(folder / "part.parquet", DOCUMENT_SELECTION) as part:
                for key in documents:
                    spans, broken = cuts.get(key.row, ([], ""))
                    reason = key.reason or broken
                    row = {
                        "document_id": key.document_id,
                        "kept": not reason,
                        "reason": reason or None,
                        "duplicate_of": key.duplicate_of or None,
                        "cut_spans": [{"start": start, "end": end} for start, end in spans],
                    }
                    part.add(row, size_bytes=200 + 10 * len(spans))
                    if reason:
                        outcome.drop("documents", reason, url=key.url)
                    else:
                        outcome.keep("documents", "kept")
            outcome.outputs = [publish(job.corpus, part.path, self.tables[0], group, expected=DOCUMENT_SELECTION)]
        yield group, outcome

    def check(self, job: Job, receipts: Iterable[Receipt]) -> str | None:
        for what, removed, population in removals(total(receipts)):
            if removed > job.recipe.max_removed_share * population:
                return (
                    f"dedupe removed {removed} of {population} {what} ({removed / population:.1%}), more than the "
                    f"recipe's max_removed_share of {job.recipe.max_removed_share:.1%} for one step. Was the same "
                    "crawl given twice, or do most pages say the same? `m3w status` shows the counts and samples; "
                    "allow it with --set max_removed_share=SHARE."
                )
        return None


def judge_part(line: str, job: Job) -> Iterator[DocumentKey]:
    """The keys of one documents part, each with the first text rule that it breaks."""
    unit, recipe, judge = Unit.from_json(line), job.recipe, TextJudge(job.recipe)
    columns = ["document_id", "url", "site", "crawled_at", "language", "text_hash", "text", "images"]
    rows = iterate_part(job.corpus, unit.parameters["documents"], DOCUMENTS, [*columns, *TextScores._fields])
    for number, row in enumerate(rows):
        is_taken_down = job.take_down.covers_document(row["url"], row["site"])
        reason = "taken_down" if is_taken_down else _broken_rule(row, judge)
        yield DocumentKey(
            part=unit.name,
            row=number,
            document_id=row["document_id"],
            url=row["url"],
            crawled_at_us=int(row["crawled_at"].timestamp() * 1_000_000),
            text_hash=row["text_hash"],
            image_set_hash=image_set_hash(row["images"]) if recipe.drop_same_image_sets else "",
            sketch=sketch(row["text"]) if recipe.near_duplicate_jaccard < 1 and not reason else b"",
            reason=reason,
        )


def _broken_rule(row: dict[str, Any], judge: TextJudge) -> str:
    """The first text rule that a document breaks once the paragraphs that break theirs are cut; empty if none."""
    scores: TextScores | None = TextScores(*(row[name] for name in TextScores._fields))
    text = row["text"]
    if judge.cuts_paragraphs:
        cut = judge.cut(text, row["language"], row["site"], frozenset())
        if cut.spans:
            text, scores = cut.left, None
    return judge.broken_rule(text, row["language"], scores)


def image_set_hash(images: Iterable[dict[str, Any]]) -> str:
    """SHA-256 (hex) of the set of image URLs; empty if there is none."""
    urls = sorted({image["url"] for image in images if image["kind"] == "image"})
    return hashlib.sha256("\n".join(urls).encode()).hexdigest() if urls else ""


def removals(tallies: dict[str, Tally]) -> Iterator[tuple[str, int, int]]:
    """What each step removed: (of what, how many, of how many that came to it)."""
    documents = tallies.get("documents", Tally())
    dropped = documents.dropped
    left = documents.out.get("kept", 0) + sum(n for reason, n in dropped.items() if reason.startswith(AFTER_CUT))
    for reason in reversed(DUPLICATES):
        removed = dropped.get(reason, 0)
        left += removed
        yield f"documents as {reason}", removed, left
    paragraphs = tallies.get("paragraphs", Tally())
    yield "paragraphs that their site repeats", paragraphs.dropped.get(REPEATED, 0), paragraphs.taken
