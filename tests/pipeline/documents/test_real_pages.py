"""Genuine pages: what must be in a document, and what must not."""

import re

import pytest

from pipeline.documents.page import Page, read_page
from tests.pipeline.documents.pages import captures, check
from tests.places import SHARED

SOURCES = sorted(path.relative_to(SHARED).as_posix() for path in SHARED.glob("sample_crawl/*.pages.warc.gz")) + [
    f"archives/{name}.warc.gz" for name in ("aut-example", "dolma-sample-0000", "dolma-sample-0001", "whirlwind")
]


def pages(name: str) -> dict[str, Page]:
    return {capture.url: read_page(html, capture.url) for capture, html in captures(name)}


@pytest.mark.parametrize("name", SOURCES)
def test_every_page_is_read_whole(name: str) -> None:
    found = pages(name)
    assert found
    for page in found.values():
        check(page)
        assert page.cut is None


def test_blog_posts_keep_the_article_and_lose_the_menus() -> None:
    found = pages("sample_crawl/18f-gsa-gov.pages.warc.gz").items()
    posts = {url: page for url, page in found if re.search(r"/20\d\d/\d\d/", url) and page.title != "Redirecting…"}
    assert len(posts) > 100
    for url, page in posts.items():
        assert len(page.text) > 300, url
        assert page.title, url
        assert page.title.rpartition("| ")[2] not in page.text.split("\n\n"), url
        assert "An official website of the United States government" not in page.text, url


def test_books_keep_all_their_pictures_in_order() -> None:
    (page,) = pages("sample_crawl/gutenberg-30621.pages.warc.gz").values()
    assert len(page.images) == 365
    assert len(set(re.findall(r"^Fig\. (\d+)\.", page.text, re.MULTILINE))) > 280
    beside = []
    for image in page.images:
        if figure := re.search(r"/fig(\d+)\.png$", image.url):
            caption = re.search(r"Fig\. (\d+)\.", page.text[image.position :])
            beside.append(caption is not None and caption[1] == figure[1])
    assert len(beside) > 200
    assert sum(beside) > 0.85 * len(beside)  # the others stand in pairs above two captions


def test_lessons_keep_code_and_figures_at_their_places() -> None:
    page = pages("sample_crawl/datacarpentry-image-processing.pages.warc.gz")[
        "https://datacarpentry.github.io/image-processing/05-creating-histograms.html"
    ]
    assert "import imageio.v3 as iio\nimport ipympl\n" in page.text
    first = page.images[0]
    assert first.url.endswith("/plant-seedling.jpg")
    assert page.text[: first.position].endswith("plant seedling as an example:\n\n")
    assert page.text[first.position :].startswith("Here we load the image in grayscale")
