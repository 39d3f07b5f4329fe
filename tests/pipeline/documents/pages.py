"""Pages for tests, written and read as one line: the text with `⟦url⟧` where an image stands."""

from collections.abc import Iterator

from pipeline.crawl.charset import decode_html
from pipeline.crawl.records import Capture, Record, read_records
from pipeline.documents.page import Page, read_page
from tests.places import SHARED

URL = "http://example.org/news/page.html"


def marked(page: Page) -> str:
    """A page's text with `⟦url⟧` at the position of every image; URLs below example.org/news/ are shortened."""
    parts, start = [], 0
    for image in page.images:
        parts += [page.text[start : image.position], f"⟦{image.url.removeprefix('http://example.org/news/')}⟧"]
        start = image.position
    return "".join([*parts, page.text[start:]])


def shown(html: str, url: str = URL) -> str:
    page = read_page(html, url)
    check(page)
    return marked(page)


def check(page: Page) -> None:
    """What holds for every page."""
    positions = [image.position for image in page.images]
    assert positions == sorted(positions)
    assert all(0 <= position <= len(page.text) for position in positions)
    assert page.text == page.text.rstrip()
    assert not page.text.startswith("\n")
    assert all(character == "\n" or character >= " " for character in page.text)
    page.text.encode()  # no surrogates
    for image in page.images:
        assert image.url.startswith(("http://", "https://", "urn:sha256:"))
        assert image.url.isascii()
        assert " " not in image.url
        assert (image.url in page.embedded) == image.url.startswith("urn:")


def captures(name: str) -> Iterator[tuple[Capture, str]]:
    """The HTML pages of an archive of the shared data folder, and their text."""
    with (SHARED / name).open("rb") as stream:
        for item in read_records(
            stream,
            relative_path=name,
            wants_body=lambda head: head.status == 200 and head.content_type == "text/html",
            max_body_bytes=10 << 20,
        ):
            if isinstance(item, Record) and item.capture and item.capture.body:
                yield item.capture, decode_html(item.capture.body, item.capture.http_content_type_header)[0]
