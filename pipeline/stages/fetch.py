"""fetch: the bytes of every wanted image, and what they measure, into `images/`.

From an archive the bytes stay where they are and are only measured. From the network they become WARC records beside
the part. When a unit has grown, what it fetched before is copied, never fetched again.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, NamedTuple

from pipeline.images.client import Failure, FetchLimits, fetch
from pipeline.images.measure import measure
from pipeline.images.problem import ImageProblem
from pipeline.images.responses import StoredImage, read_image_record, response_record
from pipeline.job import CORPUS_ROOT, Job
from pipeline.opt_outs import header_opt_outs
from pipeline.parts import PartWriter
from pipeline.ranges import Range, read_ranges
from pipeline.stages.locate import NETWORK
from pipeline.stages.stage import Outcome, UnitStage
from pipeline.tables import Receipt, Unit, iterate_part, present_files, publish, read_receipts
from schemas.image_requests import IMAGE_REQUESTS
from schemas.images import IMAGES

Row = dict[str, Any]


class Fetch(UnitStage):
    name = "fetch"
    tables = ("images",)
    version = 2
    reads = ("locate",)

    def units(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        requests = {name: receipt.file("image_requests") for name, receipt in manifests["locate"].items()}
        present, key = present_files(job.corpus, self.tables), self.key(job)
        fetched = {
            name: (receipt.file("images").path, receipt.key == key)
            for name, receipt in read_receipts(job.corpus, self.name).items()
            if name.startswith(NETWORK) and all(output.path in present for output in receipt.outputs)
        }
        return [
            Unit(name, {"image_requests": part.sha256}, {"requests": part.path, "fetched": _overlapping(name, fetched)})
            for name, part in requests.items()
        ]

    def run_unit(self, unit: Unit, job: Job) -> Outcome:
        requests = {row["url"]: row for row in iterate_part(job.corpus, unit.parameters["requests"], IMAGE_REQUESTS)}
        outcome = Outcome()
        with job.corpus.scratch() as folder:
            rows = dict(_archived(requests.values(), job))
            rows |= {url: _failed(url, "none", "not_in_archive") for url in _urls(requests.values(), "none")}
            if network := _urls(requests.values(), "network"):
                captures, places = _from_network(network, unit.parameters["fetched"], folder / "images.warc", job)
                rows |= captures
                published = publish(job.corpus, folder / "images.warc", "images", unit.name)
                outcome.outputs.append(published)
                for url, (offset, length) in places.items():
                    rows[url] |= _place(CORPUS_ROOT, published.path, offset, length)
            with PartWriter(folder / "part.parquet", IMAGES) as part:
                for url in sorted(rows):
                    part.add({name: rows[url].get(name) for name in IMAGES.names}, size_bytes=len(url) + 400)
                    if rows[url]["status"] == "ok":
                        outcome.keep("images", "ok")
                    else:
                        outcome.drop("images", rows[url]["reason"], url=url)
            outcome.outputs.append(publish(job.corpus, part.path, "images", unit.name, expected=IMAGES))
        return outcome


def _overlapping(unit: str, fetched: dict[str, tuple[str, bool]]) -> dict[str, bool]:
    """The earlier parts that may hold URLs of the network unit `unit`: one's prefix of bits begins the other's.

    With each, whether it was made by the present recipe.
    """
    if not unit.startswith(NETWORK):
        return {}
    return dict(part for name, part in sorted(fetched.items()) if name.startswith(unit) or unit.startswith(name))


def _urls(requests: Iterable[Row], source: str) -> list[str]:
    return sorted(request["url"] for request in requests if request["source"] == source)


def _failed(url: str, source: str, reason: str) -> Row:
    return {"url": url, "source": source, "status": "failed", "reason": reason}


def _place(root: str, file: str, offset: int, length: int) -> Row:
    return {"root": root, "warc_file": file, "warc_offset": offset, "warc_length": length}


def _archived(requests: Iterable[Row], job: Job) -> Iterator[tuple[str, Row]]:
    """Rows of the images that archives hold."""
    wanted = sorted(
        (request for request in requests if request["source"] == "archive"),
        key=lambda request: (request["root"], request["warc_file"], request["warc_offset"], request["url"]),
    )
    ranges = [Range.of(request) for request in wanted]
    for request, place, data in zip(wanted, ranges, read_ranges(ranges, job.root), strict=True):
        row = _judge(request["url"], "archive", data, job)
        yield request["url"], row | _place(place.root, place.file, place.offset, place.length)


def _judge(url: str, source: str, record: bytes | OSError, job: Job) -> Row:
    """The row of one image from its WARC record: HTTP facts and measures, or the reason why it is of no use."""
    row: Row = {"url": url, "source": source, "status": "ok", "reason": None}
    try:
        if isinstance(record, OSError):
            raise ImageProblem("unreadable")
        image = read_image_record(record, max_bytes=job.recipe.max_image_bytes)
        row |= _http_facts(image)
        if image.http_status != 200:
            raise ImageProblem("http_status")
        row |= {"image_id": hashlib.sha256(image.body).hexdigest(), "size_bytes": len(image.body)}
        row |= asdict(measure(image.body, max_pixels=job.recipe.max_image_pixels))
    except ImageProblem as problem:
        row |= {"status": "failed", "reason": problem.reason}
    return row


def _http_facts(image: StoredImage) -> Row:
    return {
        "http_status": image.http_status,
        "content_type": ", ".join(value for name, value in image.headers if name.lower() == "content-type") or None,
        "opt_outs": sorted(header_opt_outs(image.headers)),
    }


def _from_network(
    urls: list[str], fetched: dict[str, bool], warc: Path, job: Job
) -> tuple[dict[str, Row], dict[str, tuple[int, int]]]:
    """Rows of `urls` and where in the file `warc`, written here in the order of the URLs, each one's record lies.

    `fetched` are earlier parts, and whether the present recipe made them. What another one made is judged anew from
    its record, and asked for again where there is none.
    """
    earlier: dict[str, Row] = {}
    to_judge: set[str] = set()
    for path, is_current in fetched.items():
        for row in iterate_part(job.corpus, path, IMAGES):
            if row["source"] == "network" and (is_current or row["warc_file"]):
                earlier[row["url"]] = row
                if not is_current:
                    to_judge.add(row["url"])
    rows: dict[str, Row] = {}
    places: dict[str, tuple[int, int]] = {}
    with (warc.parent / "spool").open("w+b") as spool, warc.open("wb") as file:
        spooled, failures = _download([url for url in urls if url not in earlier], spool, job)
        copies = _copies([earlier[url] for url in urls if url in earlier], job)
        for url in urls:
            record = b""
            if url in failures:
                rows[url] = _failed(url, "network", failures[url])
            elif url in spooled:
                record = spooled[url].read(spool)
                rows[url] = _judge(url, "network", record, job) | {"final_url": spooled[url].final_url}
            else:
                rows[url] = earlier[url]
                record = next(copies) if earlier[url]["warc_file"] else b""
                if url in to_judge:
                    rows[url] = _judge(url, "network", record, job) | {"final_url": earlier[url]["final_url"]}
            if record:
                places[url] = (file.tell(), len(record))
                file.write(record)
    return rows, places


def _copies(rows: list[Row], job: Job) -> Iterator[bytes]:
    """The WARC records of rows that were fetched before, in their order. Raises `OSError` if one cannot be read."""
    ranges = [Range.of(row) for row in rows if row["warc_file"]]
    for data in read_ranges(ranges, job.root):
        if isinstance(data, OSError):
            raise data
        yield data


class _Spooled(NamedTuple):
    """A fetched record in the order of completion, until the file of all records is written in the order of URLs."""

    offset: int
    length: int
    final_url: str | None  # where it differs

    def read(self, spool: IO[bytes]) -> bytes:
        spool.seek(self.offset)
        return spool.read(self.length)


def _download(urls: list[str], spool: IO[bytes], job: Job) -> tuple[dict[str, _Spooled], dict[str, str]]:
    """Fetch `urls`: where in `spool` the record of each response lies, and the reason of each failure."""
    recipe = job.recipe
    limits = FetchLimits(
        deadline_s=recipe.fetch_deadline_s,
        max_bytes=recipe.max_image_bytes,
        max_redirects=recipe.max_redirects,
        connections=recipe.fetch_connections,
        connections_per_host=recipe.fetch_connections_per_host,
    )
    spooled: dict[str, _Spooled] = {}
    failures: dict[str, str] = {}

    async def download() -> None:
        async for url, result in fetch(urls, limits, job.access):
            if isinstance(result, Failure):
                failures[url] = result.reason
            else:
                record = response_record(result, job.started_at)
                final_url = result.final_url if result.final_url != url else None
                spooled[url] = _Spooled(spool.tell(), len(record), final_url)
                spool.write(record)

    if urls:
        asyncio.run(download())
    return spooled, failures
