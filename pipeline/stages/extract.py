"""extract: one WARC file, or the records that some thousand index rows name, to `documents/` (what can become a
document) and `archive/` (where the images lie)."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.corpus import ARCHIVE, CRAWL, CrawlFile, read_index_parts, read_inputs
from pipeline.crawl.charset import decode_html
from pipeline.crawl.index_records import LostRow, read_index_records
from pipeline.crawl.parsing import PAGE_TYPES, is_page
from pipeline.crawl.records import Capture, CaptureHead, Damage, Record, read_records
from pipeline.documents.document import describe, is_wanted, language_of, refusal
from pipeline.documents.page import Page
from pipeline.documents.readers import reader_of
from pipeline.documents.site import site_of
from pipeline.documents.urls import resolve
from pipeline.images.responses import resource_record
from pipeline.job import CORPUS_ROOT, Job
from pipeline.parts import PartWriter
from pipeline.stages.stage import Outcome, UnitStage
from pipeline.store import Store, stem_of
from pipeline.tables import OutputFile, Receipt, Tally, Unit, iterate_part, publish, total
from schemas import archive, documents
from schemas.index_rows import INDEX_ROWS


class Extract(UnitStage):
    name = "extract"
    tables = ("documents", "archive")
    version = 4

    def units(self, job: Job, manifests: dict[str, dict[str, Receipt]]) -> list[Unit]:
        del manifests
        files = [unit_of_file(file) for file in read_inputs(job.corpus)]
        return files + [unit_of_rows(part) for part in read_index_parts(job.corpus)]

    def prepare(self, job: Job) -> None:
        reader_of(job.recipe)

    def run_unit(self, unit: Unit, job: Job) -> Outcome:
        outcome = Outcome()
        root = unit.parameters["root"]
        with job.corpus.scratch() as folder:
            parts = _Parts(folder, root)
            with parts:
                for record in _records(unit, job, outcome):
                    _extract_record(record, root, job, parts, outcome)
            outcome.outputs = parts.publish(job.corpus, unit.name)
        return outcome

    def check(self, job: Job, receipts: Iterable[Receipt]) -> str | None:
        tallies = total(receipts)
        records, file_bytes, rows = (tallies.get(name, Tally()) for name in ("records", "bytes", "index_rows"))
        failed_share = records.dropped.get("extract_error", 0) / max(records.taken, 1)
        lost = max(file_bytes.dropped_share, rows.dropped_share, failed_share)
        if lost <= job.recipe.max_lost_share:
            return None
        return (
            f"{lost:.1%} of the crawl could not be read ({_losses(tallies)}), more than the recipe's "
            f"max_lost_share of {job.recipe.max_lost_share:.1%}. `m3w status` names the files; fetch them again, or "
            "allow the loss with --set max_lost_share=SHARE."
        )


def unit_of_file(file: CrawlFile) -> Unit:
    place = hashlib.sha256(f"{file.root}:{file.path}".encode()).hexdigest()
    return Unit(
        name=f"{stem_of(file.path)}-{place[:8]}",
        inputs={"size_bytes": str(file.size_bytes), "version": file.version},
        parameters={"root": file.root, "path": file.path},
    )


def unit_of_rows(part: OutputFile) -> Unit:
    return Unit(
        name=stem_of(part.path) + "-" + part.sha256[:16],
        inputs={"index_rows": part.sha256},
        parameters={"root": CRAWL, "index_rows": part.path},
    )


def _records(unit: Unit, job: Job, outcome: Outcome) -> Iterator[Record]:
    """The records of a unit; the bytes of its file, or its index rows, that lead to none are counted."""
    root, limit = unit.parameters["root"], job.recipe.max_record_bytes
    wants_body = partial(_is_page, root)
    if "index_rows" in unit.parameters:
        rows = iterate_part(job.corpus, unit.parameters["index_rows"], INDEX_ROWS)
        for found in read_index_records(rows, job.root(root), wants_body=wants_body, max_body_bytes=limit):
            if isinstance(found, LostRow):
                outcome.drop("index_rows", found.reason, url=found.url, file=found.file, offset=found.offset)
            else:
                outcome.keep("index_rows", "records")
                yield found
        return
    path = unit.parameters["path"]
    with job.root(root).open(path) as stream:
        for item in read_records(stream, relative_path=path, wants_body=wants_body, max_body_bytes=limit):
            if isinstance(item, Damage):
                outcome.drop("bytes", item.reason, item.length, file=path, offset=item.offset)
            else:
                outcome.keep("bytes", "records", item.length)
                yield item


def _losses(tallies: dict[str, Tally]) -> str:
    kinds = {"bytes": "bytes", "index_rows": "index rows"}
    return ", ".join(f"{kinds[name]}: {tallies[name].dropped}" for name in kinds if name in tallies)


def _is_page(root: str, head: CaptureHead) -> bool:
    return root == CRAWL and is_page(head)


def _extract_record(record: Record, root: str, job: Job, parts: "_Parts", outcome: Outcome) -> None:
    """Put one record where it belongs and count it, once."""
    capture = record.capture
    if capture is None or record.problem:
        outcome.drop("records", record.problem or "unreadable", offset=record.offset)
    elif root == ARCHIVE or (capture.status == 200 and capture.content_type.startswith("image/")):
        parts.add_archive(capture, record)
        outcome.keep("records", "archive")
    elif reason := _refusal(capture) or _extract_page(capture, record, job, parts):
        outcome.drop("records", reason, url=capture.url, offset=record.offset)
    else:
        outcome.keep("records", "documents")


def _refusal(capture: Capture) -> str | None:
    if capture.status != 200:
        return "http_status"
    return None if capture.content_type in PAGE_TYPES else "not_html"


def _extract_page(capture: Capture, record: Record, job: Job, parts: "_Parts") -> str | None:
    """Write the capture's page as a document, or say why it can never be one."""
    recipe = job.recipe
    if job.take_down.covers_document(capture.url, site_of(capture.url)):
        return "taken_down"
    read_page = reader_of(recipe)
    try:
        html, _ = decode_html(capture.body or b"", capture.http_content_type_header)
        page = read_page(html, capture.url, capture.headers)
        if reason := refusal(page, recipe):
            return reason
        language, language_score = language_of(page)
        if not is_wanted(language, language_score, recipe):
            return "language"  # before anything is measured: of a crawl, this is most pages
        document = describe(page, language, language_score, recipe)
    except Exception:  # noqa: BLE001  (whatever a hostile page triggers costs this page alone, and has a limit)
        return "extract_error"
    parts.add_document(capture, record, page, document)
    return None


class _Parts:
    """The files of one unit while they are being made. Memory is bounded by one record and one row group."""

    def __init__(self, folder: Path, root: str) -> None:
        self._root = root
        self._stack = ExitStack()
        self._documents = PartWriter(folder / "documents.parquet", documents.DOCUMENTS)
        self._archive = PartWriter(folder / "archive.parquet", archive.ARCHIVE)
        self._embedded_path = folder / "embedded.warc"
        # Images that pages held themselves, by urn: the capture that had it first, and where its record lies.
        self._embedded: dict[str, tuple[Capture, int, int]] = {}

    def __enter__(self) -> "_Parts":
        self._stack.enter_context(self._documents)
        self._embedded_file = self._stack.enter_context(self._embedded_path.open("wb"))
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def add_archive(self, capture: Capture, record: Record) -> None:
        url = resolve(capture.url, capture.url) or capture.url  # spelt as the references in documents are
        self._add_place(url, capture, self._root, record.file, record.offset, record.length)

    def _add_place(self, url: str, capture: Capture, root: str, file: str, offset: int, length: int) -> None:
        row = {
            "url": url,
            "crawled_at": capture.crawled_at,
            "http_status": capture.status,
            "root": root,
            "warc_file": file,
            "warc_offset": offset,
            "warc_length": length,
        }
        self._archive.add(row, size_bytes=len(url) + 100)

    def add_document(self, capture: Capture, record: Record, page: Page, document: dict[str, Any]) -> None:
        origin = capture.record_id or f"{record.file}:{record.offset}"  # ARC has no record ids
        row = {
            "document_id": hashlib.sha256(origin.encode()).hexdigest(),
            "url": capture.url,
            "site": site_of(capture.url),
            "crawled_at": capture.crawled_at,
            "warc_file": record.file,
            "warc_offset": record.offset,
            "warc_length": record.length,
            **document,
        }
        self._documents.add(row, size_bytes=len(page.text) + 200 * len(page.images) + 30 * len(page.blocks) + 700)
        for urn, image in page.embedded.items():
            if urn not in self._embedded:
                data = resource_record(image.data, image.mime, capture.crawled_at)
                self._embedded[urn] = (capture, self._embedded_file.tell(), len(data))
                self._embedded_file.write(data)

    def publish(self, corpus: Store, unit: str) -> list[OutputFile]:
        """Publish what was written; the embedded images' places are known only now that their file has a name."""
        outputs = [publish(corpus, self._documents.path, "documents", unit, expected=documents.DOCUMENTS)]
        with self._archive:
            if self._embedded:
                outputs.append(publish(corpus, self._embedded_path, "documents", unit))
                for urn, (capture, offset, length) in self._embedded.items():
                    self._add_place(urn, capture, CORPUS_ROOT, outputs[-1].path, offset, length)
        return [*outputs, publish(corpus, self._archive.path, "archive", unit, expected=archive.ARCHIVE)]
