"""Crawls of pages that say what a test wants them to, as WARC files."""

import html
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from tests.pipeline.crawl.archives import response

FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)


class Page(NamedTuple):
    """A page of paragraphs; images stand before the paragraph of their number."""

    url: str
    text: str  # blank line between paragraphs
    day: int = 0  # of the capture
    images: tuple[tuple[int, str], ...] = ()  # (number of the paragraph, URL)


def write_crawl(folder: Path, pages: Sequence[Page], *, files: int = 1) -> list[Path]:
    """The pages as WARC files `crawl-1.pages.warc.gz` and so on, in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"crawl-{number + 1}.pages.warc.gz" for number in range(files)]
    for file, path in enumerate(paths):
        numbered = list(enumerate(pages))[file::files]
        path.write_bytes(b"".join(_record(page, number) for number, page in numbered))
    return paths


def _record(page: Page, number: int) -> bytes:
    parts = []
    for place, paragraph in enumerate(page.text.split("\n\n")):
        parts += [
            f'<p><img src="{html.escape(url)}" width="400" height="300"></p>' for at, url in page.images if at == place
        ]
        parts.append(f"<p>{html.escape(paragraph)}</p>")
    body = f"<html><head><title>Page</title></head><body><article>{''.join(parts)}</article></body></html>"
    date = (FIRST_DAY + timedelta(days=page.day)).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"WARC-Date": date, "WARC-Record-ID": f"<urn:uuid:{UUID(int=number + 1)}>"}
    return response(body.encode(), url=page.url, warc_headers=headers)
