"""select: which images stay in which documents. Joins references with facts, applies the recipe's image rules.

Only keys cross the shuffles: URLs, image ids, and places (part, row, index; file, offset, length).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import apache_beam as beam

from pipeline.images.rules import ImageThresholds, ReferenceThresholds, decide, refuse_reference
from pipeline.job import Job
from pipeline.parts import PartWriter
from pipeline.recipe import Recipe
from pipeline.stages.stage import CommitGroups, GroupingStage, Outcome, spread_units
from pipeline.tables import Receipt, Unit, iterate_part, publish
from schemas.document_selection import DOCUMENT_SELECTION
from schemas.documents import DOCUMENTS
from schemas.image_selection import IMAGE_SELECTION
from schemas.images import IMAGES


class Spot(NamedTuple):
    """Where a document refers to an image."""

    part: str
    document_row: int  # -1 stands for the part itself, so that an empty part gets its selection too
    image_index: int
    document_id: str
    url: str
    refusal: str = ""  # why this document cannot have the image; empty if it can


class Fact(NamedTuple):
    """What select needs to know of an image URL."""

    reason: str  # why no document can have it; empty if it is fine
    image_id: str
    root: str
    warc_file: str
    warc_offset: int
    warc_length: int
    width_px: int
    height_px: int


class Reference(NamedTuple):
    """One image at one spot."""

    spot: Spot
    fact: Fact
    document_count: int


beam.coders.registry.register_row(Spot)
beam.coders.registry.register_row(Fact)
beam.coders.registry.register_row(Reference)

# locate asks for every wanted URL but those on the take-down list, and those that every document refuses.
NO_FACT = Fact("taken_down", "", "", "", 0, 0, 0, 0)


class Select(GroupingStage):
    name = "select"
    tables = ("image_selection",)
    version = 2
    reads = ("extract", "dedupe", "fetch")

    def extra_key(self, job: Job) -> dict[str, str]:
        return {"take_down": job.take_down.hash}

    def parts(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        del job
        documents = [
            Unit(
                name,
                {},
                {
                    "documents": receipt.file("documents").path,
                    "document_selection": manifests["dedupe"][name].file("document_selection").path,
                },
            )
            for name, receipt in manifests["extract"].items()
        ]
        images = [Unit(name, {}, {"images": r.file("images").path}) for name, r in manifests["fetch"].items()]
        return documents + images

    def expand(self, root: beam.Pipeline, job: Job, work_file: str, inputs: dict[str, str]) -> None:
        parts = spread_units(root, job, work_file)
        spots = parts | "Spots" >> beam.FlatMap(read_spots, job=job).with_output_types(tuple[str, Spot])
        facts = parts | "Facts" >> beam.FlatMap(read_facts, job=job).with_output_types(tuple[str, Fact])
        references = (
            {"spots": spots, "facts": facts}
            | "Join on URL" >> beam.CoGroupByKey()
            | "Refer" >> beam.FlatMap(refer).with_output_types(Reference)
        )
        unusable = references | "Unusable" >> beam.Filter(lambda reference: bool(reference.fact.reason))
        usable = references | "Usable" >> beam.Filter(lambda reference: not reference.fact.reason)
        by_image = usable | "By image" >> beam.Map(lambda r: (r.fact.image_id, r)).with_output_types(
            tuple[str, Reference]
        )
        counts = (
            usable
            | "Image and document" >> beam.Map(image_and_document).with_output_types(tuple[str, str])
            | "Once a document" >> beam.Distinct()
            | "Count documents" >> beam.combiners.Count.PerKey()
        )
        counted = (
            {"references": by_image, "counts": counts}
            | "Join on image" >> beam.CoGroupByKey()
            | "Counted" >> beam.FlatMap(with_count).with_output_types(Reference)
        )
        markers = parts | "Part markers" >> beam.FlatMap(part_marker).with_output_types(Reference)
        _ = (
            (unusable, counted, markers)
            | "All references" >> beam.Flatten()
            | "By part" >> beam.Map(lambda r: (r.spot.part, r)).with_output_types(tuple[str, Reference])
            | "Group parts" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(CommitGroups(self, job, inputs))
        )

    def write(self, group: str, elements: Iterable[Reference], job: Job) -> Iterator[tuple[str, Outcome]]:
        references = sorted(reference for reference in elements if reference.spot.document_row >= 0)
        outcome = Outcome()
        with job.corpus.scratch() as folder:
            with PartWriter(folder / "part.parquet", IMAGE_SELECTION) as part:
                for _, document in groupby(references, key=lambda reference: reference.spot.document_row):
                    for reference, reason in choose(list(document), job.recipe):
                        part.add(_row(reference, reason), size_bytes=300)
                        if reason:
                            outcome.drop("image_references", reason, url=reference.spot.url)
                        else:
                            outcome.keep("image_references", "kept")
            outcome.outputs = [publish(job.corpus, part.path, self.tables[0], group, expected=IMAGE_SELECTION)]
        yield group, outcome


def read_spots(line: str, job: Job) -> Iterator[tuple[str, Spot]]:
    """(image URL, spot) for every reference of the kept documents of one documents part."""
    unit = Unit.from_json(line)
    if "documents" not in unit.parameters:
        return
    selection = iterate_part(job.corpus, unit.parameters["document_selection"], DOCUMENT_SELECTION, ["kept"])
    documents = iterate_part(job.corpus, unit.parameters["documents"], DOCUMENTS, ["document_id", "images"])
    thresholds = ReferenceThresholds.of(job.recipe)
    for number, (document, selected) in enumerate(zip(documents, selection, strict=True)):
        if selected["kept"]:
            for index, image in enumerate(document["images"]):
                if image["kind"] == "image":
                    place = unit.name, number, index, document["document_id"], image["url"]
                    yield image["url"], Spot(*place, refuse_reference(image, thresholds) or "")


def read_facts(line: str, job: Job) -> Iterator[tuple[str, Fact]]:
    """(image URL, its fact) for every row of one images part, judged by the recipe's rules on single images."""
    unit = Unit.from_json(line)
    if "images" not in unit.parameters:
        return
    thresholds = ImageThresholds.of(job.recipe)
    for row in iterate_part(job.corpus, unit.parameters["images"], IMAGES):
        if row["status"] != "ok":
            yield row["url"], NO_FACT._replace(reason=row["reason"])
            continue
        reason = decide(row["width_px"], row["height_px"], row["colour_range"], row["format"], thresholds)
        if job.take_down.covers_image(row["url"], row["image_id"]):
            reason = "taken_down"
        yield row["url"], Fact(reason or "", *(row[name] for name in Fact._fields[1:]))


def part_marker(line: str) -> Iterator[Reference]:
    unit = Unit.from_json(line)
    if "documents" in unit.parameters:
        yield Reference(Spot(unit.name, -1, -1, "", ""), NO_FACT, 0)


def refer(joined: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[Reference]:
    """Every spot of one URL with the URL's fact; a URL that locate left out (taken down or refused) has none.

    What the spot's own document refuses is unusable there, whatever the fact is.
    """
    _, sides = joined
    fact = next(iter(sides["facts"]), NO_FACT)
    for spot in sides["spots"]:
        yield Reference(spot, fact._replace(reason=spot.refusal or fact.reason), 0)


def image_and_document(reference: Reference) -> tuple[str, str]:
    return reference.fact.image_id, reference.spot.document_id


def with_count(joined: tuple[str, dict[str, Iterable[Any]]]) -> Iterator[Reference]:
    _, sides = joined
    count = next(iter(sides["counts"]))
    for reference in sides["references"]:
        yield reference._replace(document_count=count)


def choose(document: Sequence[Reference], recipe: Recipe) -> list[tuple[Reference, str | None]]:
    """The references of one document in reading order, each with the reason why it is dropped, or None.

    An image that too many documents hold is dropped everywhere; of equal images inside the document the first stays.
    Where too many are left, or one alone in a document that chance leaves out, they go too: the document has none.
    """
    chosen: list[tuple[Reference, str | None]] = []
    seen: set[str] = set()
    for reference in document:
        reason = reference.fact.reason or None
        if not reason and reference.document_count > recipe.max_documents_per_image:
            reason = "too_frequent"
        if not reason and reference.fact.image_id in seen:
            reason = "duplicate_in_document"
        if not reason:
            seen.add(reference.fact.image_id)
        chosen.append((reference, reason))
    if refusal := _refuse_document(document[0].spot.document_id, len(seen), recipe):
        return [(reference, reason or refusal) for reference, reason in chosen]
    return chosen


def _refuse_document(document_id: str, image_count: int, recipe: Recipe) -> str | None:
    """Why a document with so many images left has none; its id, a SHA-256, is the chance."""
    if image_count > recipe.max_images_per_document:
        return "too_many_in_document"
    if image_count == 1 and int(document_id[:8], 16) >= recipe.single_image_document_share * 2**32:
        return "single_in_document"
    return None


def _row(reference: Reference, reason: str | None) -> dict[str, Any]:
    row = {**reference.spot._asdict(), **reference.fact._asdict()}
    row |= {"kept": reason is None, "reason": reason, "document_count": reference.document_count}
    if not row["image_id"]:
        row |= dict.fromkeys(("image_id", "width_px", "height_px"))
    if reason:
        row |= dict.fromkeys(("root", "warc_file", "warc_offset", "warc_length"))
    return {name: row[name] for name in IMAGE_SELECTION.names}
