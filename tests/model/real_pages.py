"""Pages of the sample crawl as feature rows: a plain reading of HTML, enough to have real text beside real images."""

import hashlib
import io
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

from fastwarc.warc import ArchiveIterator, WarcRecordType
from PIL import Image

from model.encoder import Encoder
from model.grids import grid_to_bytes
from tests.model.corpora import Page
from tests.places import SHARED

SAMPLE_CRAWL = SHARED / "sample_crawl"
MIN_IMAGE_PX = 64


class Reader(HTMLParser):
    """Text of the page's body, and (position, src) of its images."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.images, self.hidden = "", list[tuple[int, str]](), 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "head", "nav", "footer"):
            self.hidden += 1
        elif tag == "img" and (src := dict(attributes).get("src")):
            self.images.append((len(self.text), src))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head", "nav", "footer"):
            self.hidden = max(0, self.hidden - 1)
        elif tag in ("p", "h1", "h2", "h3", "li", "figcaption"):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        if not self.hidden and data.strip():
            self.text += " ".join(data.split()) + " "


def bodies(name: str) -> Iterator[tuple[str, bytes]]:
    with (SAMPLE_CRAWL / name).open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
            yield record.headers["WARC-Target-URI"], record.reader.read()


def encoded_pages(source: str, encoder: Encoder, max_pages: int) -> list[Page]:
    """The first pages of `source` that show an image of at least 64 px, as rows of at most five images."""
    images = dict(bodies(f"{source}.images.warc.gz"))
    grids: dict[bytes, bytes] = {}
    pages: list[Page] = []
    for url, html in bodies(f"{source}.pages.warc.gz"):
        reader = Reader()
        reader.feed(html.decode("utf-8", errors="replace"))
        found = [
            (position, grids.setdefault(body, b"") or _encode(body, encoder, grids))
            for position, src in reader.images
            if (body := images.get(urldefrag(urljoin(url, src)).url))
        ]
        shown = [(position, grid) for position, grid in found if grid]
        document_id = hashlib.sha256(url.encode()).hexdigest()
        for part, at in enumerate(range(0, len(shown), 5)):
            start = shown[at][0] if part else 0
            end = shown[at + 5][0] if at + 5 < len(shown) else len(reader.text)
            images_of_row = shown[at : at + 5]
            pages.append(
                Page(
                    document_id,
                    reader.text[start:end],
                    [position - start for position, _ in images_of_row],
                    [grid for _, grid in images_of_row],
                    part,
                )
            )
        if len(pages) >= max_pages:
            break
    return pages[:max_pages]


def _encode(body: bytes, encoder: Encoder, grids: dict[bytes, bytes]) -> bytes:
    try:
        with Image.open(io.BytesIO(body)) as image:
            if min(image.size) >= MIN_IMAGE_PX:
                features = encoder.encode(encoder.preprocess(image)[None])
                grids[body] = grid_to_bytes(features.reshape(1, *features.shape[1:]), encoder.facts.dtype)
    except OSError:  # not an image that Pillow reads (SVG)
        return b""
    return grids[body]
