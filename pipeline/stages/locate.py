"""locate: where to get every image that a kept document wants: from an archive file, or from which host.

Writes `image_requests/`, one part a fetch unit. A unit is either the wanted images of one archive part, or some
thousand URLs of few hosts. The units are a function of the set of URLs alone, so a corpus that grew by and by has the
same units as one built at once: URLs are placed by a bit string, 16 bits of their host's hash and then the URL's, and
a unit is the shortest prefix that holds no more than the recipe's `urls_per_fetch_unit`. Whole hosts stay together
until one host alone is too many.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import apache_beam as beam

from pipeline.images.rules import ReferenceThresholds, refuse_reference
from pipeline.job import Job
from pipeline.parts import PartWriter
from pipeline.stages.stage import CommitGroups, GroupingStage, Outcome, spread_units
from pipeline.tables import Receipt, Unit, iterate_part, publish
from schemas.archive import ARCHIVE
from schemas.document_selection import DOCUMENT_SELECTION
from schemas.documents import DOCUMENTS
from schemas.image_requests import IMAGE_REQUESTS

NETWORK = "network-x"  # the name of a unit that asks hosts: this and its prefix of bits
HOST_BITS = 16  # as many counts, at most, as one side input holds


class Place(NamedTuple):
    """An archived response of an image URL."""

    unit: str  # of the archive part that lists it
    root: str
    warc_file: str
    warc_offset: int
    warc_length: int
    http_status: int
    crawled_at_us: int


class Request(NamedTuple):
    """One wanted URL. Fields of the place are empty unless `source` is archive."""

    url: str
    source: str
    unit: str
    root: str
    warc_file: str
    warc_offset: int
    warc_length: int
    references: int


beam.coders.registry.register_row(Place)
beam.coders.registry.register_row(Request)


class Locate(GroupingStage):
    name = "locate"
    tables = ("image_requests",)
    version = 2
    reads = ("extract", "dedupe")

    def extra_key(self, job: Job) -> dict[str, str]:
        return {"use_network": str(job.use_network), "take_down": job.take_down.hash}

    def parts(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        del job
        return [
            Unit(
                name,
                {},
                {
                    "documents": receipt.file("documents").path,
                    "archive": receipt.file("archive").path,
                    "document_selection": manifests["dedupe"][name].file("document_selection").path,
                },
            )
            for name, receipt in manifests["extract"].items()
        ]

    def expand(self, root: beam.Pipeline, job: Job, work_file: str, inputs: dict[str, str]) -> None:
        parts = spread_units(root, job, work_file)
        wanted = (
            parts
            | "Wanted" >> beam.FlatMap(wanted_urls, job=job).with_output_types(tuple[str, int])
            | "Count references" >> beam.CombinePerKey(sum)
        )
        archived = parts | "Archived" >> beam.FlatMap(archived_urls, job=job).with_output_types(tuple[str, Place])
        requests = (
            {"wanted": wanted, "archived": archived}
            | "Join on URL" >> beam.CoGroupByKey()
            | "Request" >> beam.FlatMap(request, use_network=job.use_network).with_output_types(Request)
        )
        units = (
            requests
            | "Not archived" >> beam.Filter(lambda wanted: wanted.source != "archive")
            | "Host bits" >> beam.Map(lambda wanted: placement(wanted.url)[:HOST_BITS])
            | "Count hosts" >> beam.combiners.Count.PerElement()
            | "All hosts" >> beam.combiners.ToList()
            | "Network units" >> beam.Map(network_prefixes, limit=job.recipe.urls_per_fetch_unit)
        )
        _ = (
            requests
            | "By unit" >> beam.Map(unit_of, beam.pvalue.AsSingleton(units)).with_output_types(tuple[str, Request])
            | "Group units" >> beam.GroupByKey()
            | "Write" >> beam.ParDo(CommitGroups(self, job, inputs))
        )

    def write(self, group: str, elements: Iterable[Request], job: Job) -> Iterator[tuple[str, Outcome]]:
        for unit, requests in split(group, list(elements), job.recipe.urls_per_fetch_unit):
            outcome = Outcome()
            with job.corpus.scratch() as folder:
                with PartWriter(folder / "part.parquet", IMAGE_REQUESTS) as part:
                    for wanted in sorted(requests):
                        place = wanted._asdict() if wanted.source == "archive" else {}
                        row = {name: place.get(name) for name in IMAGE_REQUESTS.names}
                        part.add(row | {"url": wanted.url, "source": wanted.source}, size_bytes=len(wanted.url) + 100)
                        outcome.keep("image_references", "image_requests")
                        if wanted.references > 1:
                            outcome.keep("image_references", "same_url_again", wanted.references - 1)
                outcome.outputs = [publish(job.corpus, part.path, self.tables[0], unit, expected=IMAGE_REQUESTS)]
            yield unit, outcome


def wanted_urls(line: str, job: Job) -> Iterator[tuple[str, int]]:
    """(image URL, references to it) in one documents part; what select would refuse unseen is not asked for."""
    parameters = Unit.from_json(line).parameters
    selection = iterate_part(job.corpus, parameters["document_selection"], DOCUMENT_SELECTION, ["kept"])
    documents = iterate_part(job.corpus, parameters["documents"], DOCUMENTS, ["images"])
    thresholds = ReferenceThresholds.of(job.recipe)
    counts: Counter[str] = Counter()
    for row, selected in zip(documents, selection, strict=True):
        if selected["kept"]:
            images = (image for image in row["images"] if image["kind"] == "image")
            urls = (image["url"] for image in images if not refuse_reference(image, thresholds))
            counts.update(url for url in urls if not job.take_down.covers_image(url, None))
    yield from counts.items()


def archived_urls(line: str, job: Job) -> Iterator[tuple[str, Place]]:
    """(image URL, where a response to it lies) of one archive part."""
    unit = Unit.from_json(line)
    for row in iterate_part(job.corpus, unit.parameters["archive"], ARCHIVE):
        yield (
            row["url"],
            Place(
                unit.name,
                row["root"],
                row["warc_file"],
                row["warc_offset"],
                row["warc_length"],
                row["http_status"],
                int(row["crawled_at"].timestamp() * 1_000_000),
            ),
        )


def request(joined: tuple[str, dict[str, Iterable[Any]]], use_network: bool) -> Iterator[Request]:
    """What to ask for: the newest good response that an archive holds, else the newest of any status, else the host."""
    url, sides = joined
    references = sum(sides["wanted"])
    if not references:
        return
    best = min(
        sides["archived"],
        key=lambda place: (
            place.http_status != 200,
            -place.crawled_at_us,
            place.root,
            place.warc_file,
            place.warc_offset,
        ),
        default=None,
    )
    if best is None:
        yield Request(url, "network" if use_network else "none", "", "", "", 0, 0, references)
    else:
        place = (best.root, best.warc_file, best.warc_offset, best.warc_length)
        yield Request(url, "archive", f"archive-{best.unit}", *place, references)


def placement(url: str) -> str:
    """The bit string that places `url`: 16 bits of its host's hash, then 64 of its own."""
    host = hashlib.sha256((urlsplit(url).hostname or "").encode()).digest()
    own = hashlib.sha256(url.encode()).digest()
    return f"{int.from_bytes(host[:2]):016b}{int.from_bytes(own[:8]):064b}"


def network_prefixes(host_counts: list[tuple[str, int]], limit: int) -> set[str]:
    """The shortest prefixes of the host bits that hold no more than `limit` URLs each, or are all of a host's bits."""
    below: Counter[str] = Counter()
    for bits, count in host_counts:
        for depth in range(HOST_BITS + 1):
            below[bits[:depth]] += count
    return {
        prefix
        for prefix, count in below.items()
        if (count <= limit or len(prefix) == HOST_BITS) and (not prefix or below[prefix[:-1]] > limit)
    }


def unit_of(wanted: Request, prefixes: set[str]) -> tuple[str, Request]:
    """The request under the name of its unit."""
    if wanted.source == "archive":
        return wanted.unit, wanted
    bits = placement(wanted.url)[:HOST_BITS]
    return next(f"{NETWORK}{bits[:depth]}" for depth in range(HOST_BITS + 1) if bits[:depth] in prefixes), wanted


def split(unit: str, requests: list[Request], limit: int) -> Iterator[tuple[str, list[Request]]]:
    """A unit of one archive part as it is; a network unit of too many URLs by the further bits of their placement."""
    if not unit.startswith(NETWORK) or len(requests) <= limit:
        yield unit, requests
        return
    depth = len(unit.removeprefix(NETWORK))
    for bit in "01":
        half = [wanted for wanted in requests if placement(wanted.url)[depth] == bit]
        if half:
            yield from split(unit + bit, half, limit)
