"""Resolving the links of real pages: `resolve` against the standard library's urljoin and yarl, in the same run.

    python benchmarks/urls.py PAGES.warc.gz...

Prints microseconds a link, best of three, and how many of the http(s) links each peer makes another URL of.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin

from selectolax.lexbor import LexborHTMLParser
from yarl import URL

from pipeline.crawl.charset import decode_html
from pipeline.crawl.records import Record, read_records
from pipeline.documents.urls import resolve


def links(path: Path) -> Iterator[tuple[str, str]]:
    """Every link and image address of the HTML pages of an archive, with its page's URL."""
    with path.open("rb") as stream:
        for item in read_records(
            stream,
            relative_path=path.name,
            wants_body=lambda head: head.status == 200 and head.content_type == "text/html",
            max_body_bytes=10 << 20,
        ):
            if isinstance(item, Record) and item.capture and item.capture.body:
                html, *_ = decode_html(item.capture.body, item.capture.http_content_type_header)
                for node in LexborHTMLParser(html).css("a[href], img[src], link[href], iframe[src]"):
                    if raw := node.attributes.get("href") or node.attributes.get("src"):
                        yield raw, item.capture.url


def by_urljoin(raw: str, base: str) -> str | None:
    try:
        return urldefrag(urljoin(base, raw.strip())).url
    except ValueError:
        return None


def by_yarl(raw: str, base: str) -> str | None:
    try:
        return str(URL(base).join(URL(raw.strip())).with_fragment(None))
    except ValueError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="+", help="WARC files with pages")
    found = [link for path in parser.parse_args().pages for link in links(path)]
    ours = microseconds(resolve, found)
    print(f"{len(found)} links")
    print(f"resolve  {ours:5.2f} us")
    for name, peer in (("urljoin", by_urljoin), ("yarl", by_yarl)):
        theirs = microseconds(peer, found)
        differing = sum((url := resolve(*link)) is not None and peer(*link) != url for link in found)
        print(f"{name:8} {theirs:5.2f} us, {theirs / ours:.2f} times ours; another URL for {differing}")


def microseconds(resolver: Callable[[str, str], str | None], found: list[tuple[str, str]]) -> float:
    """Of one link, best of three."""
    best_s = float("inf")
    for _ in range(3):
        start_s = time.perf_counter()
        for raw, base in found:
            resolver(raw, base)
        best_s = min(best_s, time.perf_counter() - start_s)
    return best_s / len(found) * 1e6


if __name__ == "__main__":
    main()
