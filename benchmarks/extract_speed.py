"""Milliseconds of one core from WARC bytes to the scored document, beside what the peers take for the text alone.

    python ../shared/tools/fidelity.py make-warc ../shared/data/readability_dev pages.warc.gz
    python benchmarks/extract_speed.py pages.warc.gz ../shared/data/sample_crawl/*.pages.warc.gz [--profile]

Ours is what `m3w extract` does: text, images, languages, facts, privacy and 32 scores. The peers read the WARC with
FastWARC, decode as resiliparse does, and give the text with images (trafilatura, turbohtml) or without them
(resiliparse); none scores. They take turns in one process; each number is the processor time of the best round.
`--profile` adds where our time goes, by part and by function.
"""

import argparse
import cProfile
import pstats
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import trafilatura
import turbohtml
from fastwarc.warc import ArchiveIterator, WarcRecordType
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding

from pipeline.crawl.charset import decode_html
from pipeline.crawl.inputs import resolve_inputs
from pipeline.crawl.parsing import PAGE_TYPES, is_page
from pipeline.crawl.records import Capture, Record, read_records
from pipeline.documents.blocks import read_tree
from pipeline.documents.content.steps import content_blocks
from pipeline.documents.document import describe, language_of
from pipeline.documents.language import identify_block, identify_document
from pipeline.documents.page import page_of
from pipeline.documents.privacy import find_personal_data
from pipeline.documents.scores import score, text_hash
from pipeline.recipe import load_recipe
from pipeline.report.pages import Loss, PageReader


def with_trafilatura(html: str, url: str) -> None:
    trafilatura.extract(html, include_images=True, include_comments=False, output_format="markdown", url=url)


def with_resiliparse(html: str, _: str) -> None:
    extract_plain_text(html, main_content=True, alt_texts=True)


def with_turbohtml(html: str, _: str) -> None:
    content = turbohtml.parse(html).main_content()
    if content:
        content.to_markdown()


PEERS: dict[str, Callable[[str, str], None]] = {
    "trafilatura": with_trafilatura,
    "resiliparse": with_resiliparse,
    "turbohtml": with_turbohtml,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="WARC files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    print(f"pages, and ms a page: m3w, {', '.join(PEERS)}; trafilatura/m3w")
    for path in options.files:
        pages, ms = measure(path, options.rounds)
        columns = " ".join(f"{value:8.2f}" for value in ms.values())
        print(f"{pages:6d} {columns} {ms['trafilatura'] / ms['m3w']:8.2f}  {path.name}")
    if options.profile:
        for path in options.files:
            print(f"\n{path.name}")
            show_parts(path, options.rounds)
            show_functions(path)


def measure(path: Path, rounds: int) -> tuple[int, dict[str, float]]:
    """How many pages there are, and the milliseconds a page that each way takes."""
    ways: dict[str, Callable[[], int]] = {"m3w": partial(read_ours, path, PageReader(load_recipe("m3w")))}
    ways |= {name: partial(read_peer, path, extract) for name, extract in PEERS.items()}
    pages, seconds = {}, dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, read in ways.items():
            started = time.process_time()
            pages[name] = read()
            seconds[name] = min(seconds[name], time.process_time() - started)
    if len(set(pages.values())) > 1:
        raise SystemExit(f"{path}: the readers do not agree on the number of pages: {pages}")
    return pages["m3w"], {name: value / pages["m3w"] * 1000 for name, value in seconds.items()}


def read_ours(path: Path, reader: PageReader) -> int:
    (file,) = resolve_inputs([str(path)])
    return sum(not isinstance(item, Loss) for item in reader.read_file(file))


def read_peer(path: Path, extract: Callable[[str, str], None]) -> int:
    count = 0
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            http = record.http_headers
            if http and http.status_code == 200 and record.http_content_type in PAGE_TYPES:
                body = record.reader.read()
                extract(bytes_to_str(body, detect_encoding(body) or "utf-8"), record.headers["WARC-Target-URI"])
                count += 1
    return count


def show_parts(path: Path, rounds: int) -> None:
    """Print the milliseconds a page of each step, every step on what the one before it made."""
    recipe = load_recipe("m3w")
    pages = [capture for capture in read_captures(path) if capture.body is not None]
    htmls = [decode_html(page.body or b"", page.http_content_type_header)[0] for page in pages]
    trees = [read_tree(html) for html in htmls]
    contents = [content_blocks(tree) for tree in trees]
    heads = [(page.url, page.headers) for page in pages]
    found = [page_of(tree, content, *head) for tree, content, head in zip(trees, contents, heads, strict=True)]
    blocks = [[page.text[block.start : block.end] for block in page.blocks] for page in found]
    steps: dict[str, Callable[[], object]] = {
        "read WARC": lambda: list(read_captures(path)),
        "decode": lambda: [decode_html(page.body or b"", page.http_content_type_header) for page in pages],
        "parse and walk": lambda: [read_tree(html) for html in htmls],
        "  of it parse (turbohtml)": lambda: [turbohtml.parse(html) for html in htmls],
        "choose content": lambda: [content_blocks(tree) for tree in trees],
        "join, place media, facts": lambda: [
            page_of(tree, content, *head) for tree, content, head in zip(trees, contents, heads, strict=True)
        ],
        "describe": lambda: [describe(page, *language_of(page), recipe) for page in found],
        "  of it languages": lambda: [
            (identify_document(texts), *map(identify_block, texts)) for texts in blocks if texts
        ],
        "  of it scores": lambda: [score(page.text, "en") for page in found],
        "  of it privacy": lambda: [find_personal_data(page.text, "en") for page in found],
        "  of it hash": lambda: [text_hash(page.text) for page in found],
    }
    for name, step in steps.items():
        print(f"{name:28} {min(processor_time(step) for _ in range(rounds)) / len(pages) * 1000:7.3f} ms a page")


def read_captures(path: Path) -> Iterator[Capture]:
    with path.open("rb") as stream:
        for item in read_records(stream, relative_path=path.name, wants_body=is_page, max_body_bytes=10 << 20):
            if isinstance(item, Record) and item.capture:
                yield item.capture


def processor_time(step: Callable[[], object]) -> float:
    started = time.process_time()
    step()
    return time.process_time() - started


def show_functions(path: Path) -> None:
    """Print the functions in which most time is spent."""
    reader = PageReader(load_recipe("m3w"))
    with cProfile.Profile() as profile:
        read_ours(path, reader)
    pstats.Stats(profile).sort_stats("tottime").print_stats(20)


if __name__ == "__main__":
    main()
