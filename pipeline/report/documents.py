"""`m3w show`: documents of a corpus joined back from their shard rows, as one offline HTML file and in a terminal.

1. Find: ids (and URLs) alone are read from all shards, and name the rows of the documents to show.
2. Read: these rows' row groups, one at a time; every image at once becomes a small JPEG.
3. Lay out: blocks of text and images in reading order, the same for both media.

All of it comes from the web. The HTML holds nothing unescaped, links only to http(s), and no byte of an image as it
came; a terminal gets no control character.
"""

import base64
import hashlib
import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, NamedTuple

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from pipeline.errors import UserError
from pipeline.images.problem import ImageProblem
from pipeline.report.thumbnail import Thumbnail, make_thumbnail
from pipeline.store import Store
from pipeline.tables import OutputFile, iterate_part, read_manifest
from schemas.shards import SHARDS
from schemas.version import check

IDS_IN_ERROR = 5

# Control characters but tab and line feed (Unicode category Cc), and whole sequences that ESC starts (ECMA-48, 5.4,
# 5.6). One without an end, or one that a C1 character starts, is more likely misread text: only the control is lost.
TERMINAL_SEQUENCE = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b[PX\\]^_][^\x07\x1b]*(?:\x07|\x1b\\\\)")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Explicit directions (UAX #9, 2.1 to 2.3): without isolation, in a terminal, they turn around what follows.
DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")

LIST_ITEM = re.compile(r"(?:-|\d{1,6}\.) ")  # the markers that pipeline.documents gives to list items
CELL_SEPARATOR = " | "  # and between the cells of a table's row


class ShowError(UserError):
    """There is nothing to show, or more than one document is meant; the message says what to do."""


@dataclass(frozen=True)
class ShownImage:
    """An image in its row, as in `schemas.shards`."""

    position: int
    url: str
    image_id: str
    alt: str | None
    caption: str | None
    width_px: int
    height_px: int
    document_count: int
    thumbnail: Thumbnail | None
    problem: str | None  # why there is no thumbnail


@dataclass(frozen=True)
class ShownRow:
    part_index: int
    text: str
    images: list[ShownImage]


@dataclass(frozen=True)
class ShownDocument:
    document_id: str
    url: str
    title: str | None
    language: str
    part_count: int
    rows: list[ShownRow]

    @property
    def text(self) -> str:
        return "".join(row.text for row in self.rows)

    @property
    def images(self) -> list[ShownImage]:
        return [image for row in self.rows for image in row.images]


class Block(NamedTuple):
    """Lines of text between two blank lines or images."""

    kind: Literal["text", "list", "table"]
    lines: list[str]


# Find


class _Place(NamedTuple):
    """The rows of one document, which follow each other in one shard."""

    document_id: str
    url: str | None
    path: str
    first_row: int
    row_count: int


def read_documents(corpus: Store, *, document_id: str | None, sample: int, seed: int = 0) -> list[ShownDocument]:
    """The document that `document_id` names (an id, the beginning of one, or the page's URL), else `sample` documents.

    The sample is of all shards, every document as likely as any other: the smallest SHA-256 of seed and id. The same
    seed gives the same documents, and a larger sample begins with the smaller one.

    Raises:
        ShowError: nothing is packed, no document or more than one is so named, or a shard cannot be read.
        SchemaError: a shard of a major version that we do not know.
    """
    packed = read_manifest(corpus, "pack")
    if packed is None:
        raise ShowError(
            f"The shards of {corpus.url} are not complete (there is no manifest of the stage 'pack'). "
            "Run `m3w build` with this corpus as its output until it ends, then show it."
        )
    shards = [file for receipt in packed.values() for file in receipt.files("shards")]
    try:
        if document_id is not None:
            places = [_find(corpus, shards, document_id)]
        else:
            places = _draw(corpus, shards, sample, seed)
        return [_read(corpus, place) for place in places]
    except (OSError, pa.ArrowException) as error:
        raise ShowError(
            f"A shard of {corpus.url} cannot be read: {error}. `m3w verify` names every file that is missing or "
            "damaged, and `m3w build` makes it again."
        ) from error


def _find(corpus: Store, shards: list[OutputFile], named: str) -> _Place:
    if not named:
        raise ShowError("The document's name is empty. Give its id, the beginning of its id, or the URL of its page.")
    prefix = named.lower()
    found = [
        place
        for place in _places(corpus, shards, ["document_id", "url"])
        if place.url == named or place.document_id.startswith(prefix)
    ]
    if not found:
        raise ShowError(
            f"No document in the shards of {corpus.url} has the URL '{named}' or an id that begins so. Ids are "
            "hexadecimal, URLs are as crawled. The document may have been dropped: `m3w status` counts the reasons."
        )
    if len(found) > 1:
        ids = ", ".join(place.document_id for place in found[:IDS_IN_ERROR])
        more = f", and {len(found) - IDS_IN_ERROR:,} more" if len(found) > IDS_IN_ERROR else ""
        raise ShowError(f"'{named}' names {len(found):,} documents: {ids}{more}. Give one of these ids.")
    return found[0]


def _draw(corpus: Store, shards: list[OutputFile], sample: int, seed: int) -> list[_Place]:
    if sample < 1:
        raise ShowError(f"A sample of {sample} documents shows nothing. Ask for 1 or more.")
    drawn = heapq.nsmallest(
        sample,
        _places(corpus, shards, ["document_id"]),
        key=lambda place: hashlib.sha256(f"{seed} {place.document_id}".encode()).digest(),
    )
    if not drawn:
        raise ShowError(
            f"The shards of {corpus.url} hold no document. `m3w status` shows at which stage all were dropped, and why."
        )
    return drawn


def _places(corpus: Store, shards: list[OutputFile], columns: list[str]) -> Iterator[_Place]:
    for shard in shards:
        rows = enumerate(iterate_part(corpus, shard.path, SHARDS, columns))
        for names, numbered in groupby(rows, key=lambda row: (row[1]["document_id"], row[1].get("url"))):
            numbers = [number for number, _ in numbered]
            yield _Place(*names, shard.path, numbers[0], len(numbers))


# Read


def _read(corpus: Store, place: _Place) -> ShownDocument:
    with corpus.open(place.path) as data:
        parquet = pq.ParquetFile(data)
        check(parquet.schema_arrow, SHARDS, place.path)
        first: dict[str, Any] = {}
        shown = []
        for row in _rows(parquet, place.first_row, place.row_count):
            first = first or row
            images = [_shown_image(*image) for image in zip(row["images"], row["image_bytes"], strict=True)]
            shown.append(ShownRow(row["part_index"], row["text"], images))
    return ShownDocument(
        first["document_id"], first["url"], first["title"], first["language"], first["part_count"], shown
    )


def _rows(parquet: pq.ParquetFile, first_row: int, row_count: int) -> Iterator[dict[str, Any]]:
    """Some rows of a shard, with one row group in memory at a time."""
    start = 0
    for group in range(parquet.num_row_groups):
        end = start + parquet.metadata.row_group(group).num_rows
        lower, upper = max(first_row, start), min(first_row + row_count, end)
        if lower < upper:
            rows = parquet.read_row_group(group, use_threads=False).slice(lower - start, upper - lower)
            for row in range(rows.num_rows):
                yield from rows.slice(row, 1).to_pylist()
        start = end


def _shown_image(facts: dict[str, Any], data: bytes) -> ShownImage:
    try:
        return ShownImage(**facts, thumbnail=make_thumbnail(data), problem=None)
    except ImageProblem as problem:
        return ShownImage(**facts, thumbnail=None, problem=problem.reason)


# Lay out


def lay_out(row: ShownRow) -> Iterator[Block | ShownImage]:
    """The blocks and images of a row in reading order; an image inside a block divides it."""
    start = 0
    for image in row.images:
        yield from _blocks(row.text[start : image.position])
        yield image
        start = image.position
    yield from _blocks(row.text[start:])


def _blocks(text: str) -> Iterator[Block]:
    """Blocks as the text shows them: blank lines between them, list markers and cell separators in them."""
    for block in re.split(r"\n\s*\n", _without_controls(text)):
        if not block.strip():
            continue
        lines = block.strip("\n").split("\n")
        cell_counts = {line.count(CELL_SEPARATOR) for line in lines}
        if LIST_ITEM.match(lines[0]):
            yield Block("list", lines)
        elif len(lines) > 1 and len(cell_counts) == 1 and 0 not in cell_counts:
            yield Block("table", lines)
        else:
            yield Block("text", lines)


def _without_controls(text: str) -> str:
    return CONTROL.sub("", TERMINAL_SEQUENCE.sub("", text))


# Show


def to_html(documents: list[ShownDocument]) -> str:
    """One HTML file that asks the network for nothing: images are in it, and its policy forbids all else."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pipeline", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: _without_controls(value) if type(value) is str else value,
    )
    environment.filters["csp_hash"] = lambda content: base64.b64encode(
        hashlib.sha256(content.encode()).digest()
    ).decode()
    environment.tests["image"] = lambda piece: isinstance(piece, ShownImage)
    environment.tests["web_url"] = lambda url: url.lower().startswith(("http://", "https://"))
    counts = {
        "images": f"{sum(len(document.images) for document in documents):,}",
        "rows": f"{sum(len(document.rows) for document in documents):,}",
        "words": f"{sum(len(document.text.split()) for document in documents):,}",
        "languages": ", ".join(sorted({document.language for document in documents})),
    }
    return environment.get_template("page.html").render(
        documents=documents, counts=counts, lay_out=lay_out, cell_separator=CELL_SEPARATOR
    )


def to_terminal(documents: list[ShownDocument], console: Console) -> None:
    """Print the documents, an image as a box with its size, alternative text and URL."""
    for document in documents:
        console.print(Rule(_plain(document.title or document.url, "bold"), align="left", characters="━"))
        console.print(_plain(document.url, "cyan"))
        facts = [document.language, _count(len(document.images), "image"), f"document {document.document_id}"]
        console.print(_plain(" · ".join(facts), "dim"))
        for row in document.rows:
            if row.part_index:
                console.print()
                console.print(Rule(f"part {row.part_index + 1} of {document.part_count}", style="dim"))
            for piece in lay_out(row):
                console.print()
                console.print(_image_box(piece) if isinstance(piece, ShownImage) else _plain("\n".join(piece.lines)))
        console.print()


def _image_box(image: ShownImage) -> Panel:
    first = f"image {image.width_px}x{image.height_px}"
    if image.problem:
        first += f" ({image.problem})"
    if image.alt:
        first += f" {image.alt}"
    return Panel(_plain(f"{first}\n{image.url}", "yellow"), box=box.SQUARE, expand=False, border_style="dim")


def _plain(text: str, style: str = "") -> Text:
    """Text from the web for a terminal: no markup is read in it, and nothing in it moves the cursor."""
    return Text(DIRECTION.sub("", _without_controls(text)), style)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
