"""pack: kept documents and kept images to `shards/`, the images read by range from where they lie."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from pipeline.images.problem import ImageProblem
from pipeline.images.responses import read_image_record
from pipeline.job import Job
from pipeline.ranges import Range, read_ranges
from pipeline.shards.groups import group_parts
from pipeline.shards.rows import document_rows
from pipeline.shards.split import split_of
from pipeline.shards.writer import ShardWriter
from pipeline.stages.stage import Outcome, UnitStage, lost_images
from pipeline.store import Store
from pipeline.tables import Receipt, Unit, iterate_part
from schemas.document_selection import DOCUMENT_SELECTION
from schemas.documents import DOCUMENTS
from schemas.image_selection import IMAGE_SELECTION


@dataclass
class Document:
    """A kept document with the images that it keeps."""

    row: dict[str, Any]  # of documents/
    spans: list[tuple[int, int]]
    images: list[dict[str, Any]]  # rows of image_selection/


class Pack(UnitStage):
    name = "pack"
    tables = ("shards",)
    version = 1
    reads = ("extract", "dedupe", "select")

    def units(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        units = []
        for parts in group_parts(manifests["extract"], job.recipe.document_parts_per_shard):
            files = [
                {
                    "documents": manifests["extract"][part].file("documents"),
                    "document_selection": manifests["dedupe"][part].file("document_selection"),
                    "image_selection": manifests["select"][part].file("image_selection"),
                }
                for part in parts
            ]
            units.append(
                Unit(
                    name=f"{parts[0]}-{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:8]}",
                    inputs={file.path: file.sha256 for part in files for file in part.values()},
                    parameters={"parts": [{table: file.path for table, file in part.items()} for part in files]},
                )
            )
        return units

    def run_unit(self, unit: Unit, job: Job) -> Outcome:
        outcome = Outcome()
        with job.corpus.scratch() as folder, ShardWriter(folder, unit.name, job.recipe) as shards:
            parts = unit.parameters["parts"]
            documents = chain.from_iterable(_kept_documents(part, job.corpus, outcome) for part in parts)
            for document, records in _with_records(documents, job):
                _pack(document, records, job, shards, outcome)
            outcome.outputs = shards.publish(job.corpus)
        return outcome

    def check(self, job: Job, receipts: Iterable[Receipt]) -> str | None:
        return lost_images(job, receipts, "could not be read again")


def _kept_documents(part: dict[str, str], corpus: Store, outcome: Outcome) -> Iterator[Document]:
    """The documents of one part that have an image left, in row order; the three tables are read side by side."""
    selected_images: dict[int, list[dict[str, Any]]] = {}
    for image in iterate_part(corpus, part["image_selection"], IMAGE_SELECTION):
        if image["kept"]:
            selected_images.setdefault(image["document_row"], []).append(image)
    selection = iterate_part(corpus, part["document_selection"], DOCUMENT_SELECTION)
    documents = iterate_part(corpus, part["documents"], DOCUMENTS)
    for number, (row, selected) in enumerate(zip(documents, selection, strict=True)):
        if not selected["kept"]:
            continue
        if number not in selected_images:
            outcome.drop("documents", "no_image_left", url=row["url"])
            continue
        spans = [(span["start"], span["end"]) for span in selected["cut_spans"]]
        yield Document(row, spans, selected_images[number])


def _with_records(documents: Iterable[Document], job: Job) -> Iterator[tuple[Document, list[bytes | OSError]]]:
    """Every document with the records of its images; the reads of the documents behind it are under way."""
    ahead: deque[Document] = deque()

    def ranges() -> Iterator[Range]:
        for document in documents:
            ahead.append(document)
            yield from map(Range.of, document.images)

    records = read_ranges(ranges(), job.root)
    for first in records:
        document = ahead.popleft()
        yield document, [first, *islice(records, len(document.images) - 1)]


def _pack(document: Document, records: list[bytes | OSError], job: Job, shards: ShardWriter, outcome: Outcome) -> None:
    """Write the rows of `document`. An image that cannot be read any more is counted and left out."""
    read = []
    for image, record in zip(document.images, records, strict=True):
        try:
            read.append((image, _image_bytes(record, image["image_id"], job)))
        except ImageProblem as problem:
            outcome.drop("images", problem.reason, url=image["url"])
    if not read:
        outcome.drop("documents", "no_image_left", url=document.row["url"])
        return
    split = split_of(document.row["site"], job.recipe.validation_share)
    rows = document_rows(document.row, document.spans, read, job.recipe)
    packed = sum(len(row["images"]) for row in rows)
    shards.add(split, rows)
    outcome.keep("documents", split)
    outcome.keep("rows", split, len(rows))
    outcome.keep("images", split, packed)
    if packed < len(read):
        outcome.drop("images", "truncated", len(read) - packed, url=document.row["url"])


def _image_bytes(record: bytes | OSError, image_id: str, job: Job) -> bytes:
    """The image's bytes out of its WARC record. Raises `ImageProblem` if they are not those that fetch measured."""
    if isinstance(record, OSError):
        raise ImageProblem("unreadable")
    body = read_image_record(record, max_bytes=job.recipe.max_image_bytes).body
    if hashlib.sha256(body).hexdigest() != image_id:
        raise ImageProblem("bytes_changed")
    return body
