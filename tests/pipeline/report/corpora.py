"""Small packed corpora, written by the functions that write real ones."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from pipeline.recipe import Recipe
from pipeline.shards.rows import document_rows
from pipeline.shards.writer import ShardWriter
from pipeline.store import Store
from pipeline.tables import Receipt, Tally, commit, write_manifest

# Row groups and shards of a few rows, so that documents lie in several of both.
RECIPE = Recipe(row_group_bytes=3000, max_shard_bytes=12_000)


@dataclass(frozen=True)
class Picture:
    position: int  # in the document's text, in code points
    data: bytes
    url: str = "https://example.org/picture.png"
    alt: str | None = None
    caption: str | None = None

    @property
    def image_id(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Page:
    text: str
    pictures: Sequence[Picture] = ()
    url: str = "https://example.org/page"
    title: str | None = "A page"
    language: str = "en"
    document_id: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        named = f"{self.url} {self.title} {self.text}".encode()
        object.__setattr__(self, "document_id", self.document_id or hashlib.sha256(named).hexdigest())


def write_corpus(folder: Path, *units: Sequence[Page], recipe: Recipe = RECIPE) -> Store:
    """A corpus whose stage pack is complete, one pack unit for each of `units`."""
    corpus = Store(str(folder))
    receipts = []
    for number, pages in enumerate(units):
        unit = f"unit-{number}"
        tally = Tally()
        with corpus.scratch() as scratch, ShardWriter(scratch, unit, recipe) as shards:
            for page in pages:
                shards.add("train", _rows(page, recipe))
                tally.keep("train")
            outputs = shards.publish(corpus)
        receipts.append(Receipt("pack", unit, "key", {}, outputs, {"documents": tally}))
        commit(corpus, receipts[-1])
    write_manifest(corpus, "pack", receipts)
    return corpus


def _rows(page: Page, recipe: Recipe) -> list[dict[str, object]]:
    document = {
        "document_id": page.document_id,
        "url": page.url,
        "language": page.language,
        "title": page.title,
        "text": page.text,
        "images": [
            {"position": picture.position, "url": picture.url, "alt": picture.alt, "caption": picture.caption}
            for picture in page.pictures
        ],
    }
    selected = [
        {"image_index": index, "image_id": picture.image_id, "width_px": 96, "height_px": 64, "document_count": 1}
        for index, picture in enumerate(page.pictures)
    ]
    return document_rows(document, [], [(row, p.data) for row, p in zip(selected, page.pictures, strict=True)], recipe)


def picture_bytes(
    colour: str | tuple[int, ...] = "teal", size: tuple[int, int] = (96, 64), format_: str = "PNG"
) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, colour).save(data, format_)
    return data.getvalue()
