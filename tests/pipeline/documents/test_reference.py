"""The fast reader against the one that is written for reading: equal pages, except where their parsers disagree."""

import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents.blocks import MAX_MEDIA, MAX_NODES
from pipeline.documents.page import MAX_HTML_CHARS, read_page
from pipeline.documents.readers import reader_of
from pipeline.documents.reference.page import MAX_DEPTH
from pipeline.documents.reference.page import read_page as read_page_for_reference
from pipeline.errors import UserError
from pipeline.recipe import Recipe
from tests.pipeline.corpora import IN_MEMORY, rows
from tests.pipeline.documents.markup import pages, soups
from tests.pipeline.documents.pages import URL, captures, marked, shown
from tests.pipeline.documents.parsers import DIFFERENCES, explained, parse_differently
from tests.pipeline.in_process import fail, succeed
from tests.places import ROOT, SAMPLE, SHARED

ARCHIVES = [
    *sorted(SAMPLE.glob("*.pages.warc.gz")),
    *sorted(SHARED.glob("sample_crawl/*.pages.warc.gz")),
    *sorted(SHARED.glob("archives/*arc.gz")),
]
EVERY = 10  # of so many real pages, the quick test reads one


def fixtures() -> Iterator[tuple[str, str, str]]:
    """The place, URL and text of every page that was written for a test."""
    for path in sorted(ROOT.glob("tests/fixtures/*/*.html")):
        yield str(path), URL, path.read_text()


def real_pages() -> Iterator[tuple[str, str, str]]:
    """The same of every real page, and of the sample crawl's."""
    for path in sorted(SHARED.glob("readability_dev/*/source.html")):
        yield str(path), URL, path.read_text(encoding="utf-8", errors="replace")
    for path in ARCHIVES:
        for capture, html in captures(str(path)):
            yield f"{path} {capture.url}", capture.url, html


def differ(html: str, url: str = URL, **options: bool) -> bool:
    """Whether the two readers differ, but for what is known of their parsers."""
    if read_page(html, url, **options) == read_page_for_reference(html, url, **options):
        return False
    return not (explained(html) and parse_differently(html))


def test_pages_are_read_alike() -> None:
    found = [*fixtures(), *islice(real_pages(), 0, None, EVERY)]
    assert len(found) > 150
    assert [place for place, url, html in found if differ(html, url)] == []


@pytest.mark.slow
def test_all_pages_are_read_alike() -> None:
    """Without any exception."""
    different = []
    for place, url, html in real_pages():
        if read_page(html, url) != read_page_for_reference(html, url):
            different.append(place)
    assert different == []


@settings(max_examples=250, deadline=None)
@given(pages())
def test_pages_made_at_random_are_read_alike(html: str) -> None:
    assert not differ(html)


@settings(max_examples=250, deadline=None)
@given(soups(), st.booleans())
def test_tags_in_any_order_are_read_alike(html: str, css_backgrounds: bool) -> None:
    assert not differ(html, css_backgrounds=css_backgrounds)


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text(max_size=50))
def test_any_text_and_any_url_are_read_alike(html: str, url: str) -> None:
    assert not differ(html, url)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_listed_differences_of_the_parsers_are_there(name: str) -> None:
    """And only they let the readers differ."""
    known = DIFFERENCES[name]
    assert name in explained(known.example)
    assert parse_differently(known.example)
    assert read_page(known.example, URL) != read_page_for_reference(known.example, URL)
    assert shown(known.example) == known.right


def opened(tag: str, count: int) -> str:
    """Start tags that are not the same to the parser."""
    return "".join(f"<{tag} id={number}>" for number in range(count))


# The page, why it is cut, and what its text matches.
LIMITS = {
    "depth": ("x" + "<div>" * MAX_DEPTH + "y", "too_deep", "x"),
    "no depth": ("x" + "<div>" * (MAX_DEPTH - 10) + "y", None, "x\n\ny"),
    # Every </b> moves what the <div> holds into another element, though few are open.
    "depth by misnesting": (
        f"{opened('b', 120)}<div>{opened('i', 120)}x{'</i>' * 120}{'</b>' * 120}y",
        None,
        "xy",
    ),
    # Every <p> opens all of the <b> again.
    "nodes": (f"<p>{opened('b', 200)}{'<p>x' * (MAX_NODES // 200)}", "too_many_nodes", "[x\n]+"),
    "media": ("<p>x<img src=a.jpg>" * (MAX_MEDIA + 1), "too_many_images", "[x\n]+"),
    "length": ("<p>First." + " " * MAX_HTML_CHARS + "<p>Last.", "too_long", "First."),
    "a failure of html5lib": ("<p>a<table><svg><html>", "parser_error", "a"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_of_the_reference(name: str) -> None:
    html, cut, text = LIMITS[name]
    page = read_page_for_reference(html, URL)
    assert page.cut == cut
    assert re.fullmatch(text, page.text)
    assert len(page.images) <= MAX_MEDIA


def test_a_build_with_the_reference_has_the_same_documents(tmp_path: Path) -> None:
    documents = {}
    for html_parser in ("turbohtml", "bs4"):
        corpus = tmp_path / html_parser
        chosen = ("--stages", "extract", "--set", f"html_parser={html_parser}")
        succeed("build", SAMPLE / "crawl-3.pages.warc.gz", "--output", corpus, *IN_MEMORY, *chosen)
        documents[html_parser] = rows(corpus, "documents")
    assert documents["bs4"]
    assert documents["bs4"] == documents["turbohtml"]


def test_the_command_reads_with_the_reference(tmp_path: Path) -> None:
    """Seen by a page on which the parsers disagree."""
    known = DIFFERENCES["dialog after a paragraph"]
    page = tmp_path / "page.html"
    page.write_text(known.example)
    extract = ("extract", page, "--url", URL, "--set", "require_image_candidate=false")
    assert f"\n\n{known.right}\n" in succeed(*extract)
    text = marked(read_page_for_reference(known.example, URL))
    assert f"\n\n{text}\n" in succeed(*extract, "--html-parser", "bs4")
    assert "turbohtml" in fail(*extract, "--html-parser", "lxml")


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "bs4", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "pipeline.documents.reference.page")
    with pytest.raises(UserError, match=r"pip install 'm3w\[bs4\]'"):
        reader_of(Recipe(html_parser="bs4"))
    build = ("build", SAMPLE / "crawl-3.pages.warc.gz", "--output", tmp_path, *IN_MEMORY)
    assert "m3w[bs4]" in fail(*build, "--stages", "extract", "--set", "html_parser=bs4")
