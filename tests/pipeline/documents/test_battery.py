"""Pages beside the documents that they are: what extractors differ on, and layouts of all kinds.

`tests/fixtures` holds each page as `NAME.html` and its text as `NAME.txt`, as `pages.marked` writes it:

- `battery`: elements, one a page, in whatever surroundings and spelling.
- `pages`: whole pages. `NAME.images.json` lists facts of their images, in order.
- `threads`: pages of posts, of which the texts of all posts must be there, and little else.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.documents.page import read_page
from tests.pipeline.documents.pages import URL, shown
from tests.places import ROOT

FIXTURES = ROOT / "tests" / "fixtures"
BATTERY = sorted((FIXTURES / "battery").glob("*.html"))
PAGES = sorted((FIXTURES / "pages").glob("*.html"))
THREADS = sorted((FIXTURES / "threads").glob("*.html"))

BEFORE = "Foxes are most often seen in the early morning, when the streets are empty."
AFTER = "By noon they sleep below a shed, and nobody would guess that they were there."
LONG = "".join(
    f"<p>Chapter {number} tells, at some length, how the fox came to the town and what it has lived on since.</p>"
    for number in range(12)
)
LONG_TEXT = "\n\n".join(re.findall("<p>(.*?)</p>", LONG))
SURROUNDINGS = {
    "sentences": (f"{BEFORE}<div>{{}}</div>{AFTER}", BEFORE, AFTER),
    "paragraphs": (f"<p>{BEFORE}</p>{{}}<p>{AFTER}</p>", BEFORE, AFTER),
    "one paragraph": (f"<p>{BEFORE}</p><div>{{}}</div>", BEFORE, ""),
    "a long page": (
        "<!DOCTYPE html><html><head><title>The Daily Fox</title></head><body><nav><a href=/>Home</a></nav>"
        f"<div class=page><h1>The Daily Fox</h1><div class=text>{LONG}{{}}<p>{AFTER}</p></div></div>"
        "<footer>Imprint</footer></body></html>",
        LONG_TEXT,
        AFTER,
    ),
}
TAG = re.compile(r"<(/?)([\w-]+)([^<>]*)>")
ATTRIBUTE = re.compile(r"""\s([\w-]+)="([^"]*)\"""")


def _text(page: Path) -> str:
    return page.with_suffix(".txt").read_text().rstrip("\n")


def _in_upper_case(html: str) -> str:
    def tag(found: re.Match[str]) -> str:
        attributes = ATTRIBUTE.sub(lambda a: f' {a[1].upper()}="{a[2]}"', found[3])
        return f"<{found[1]}{found[2].upper()}{attributes}>"

    return TAG.sub(tag, html)


def _with_attributes_turned(html: str) -> str:
    def tag(found: re.Match[str]) -> str:
        return f"<{found[1]}{found[2]}{''.join(a[0] for a in reversed(list(ATTRIBUTE.finditer(found[3]))))}>"

    return TAG.sub(tag, html)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda html: html,
    "upper case": _in_upper_case,
    "single quotes": lambda html: html.replace('"', "'"),
    "no quotes": lambda html: re.sub(r"""="([^\s"'=<>`]+)\"""", r"=\1", html),
    "attributes turned": _with_attributes_turned,
    "self-closing": lambda html: re.sub(r"<((?:img|source|br|meta|base|input)\b[^>]*)>", r"<\1 />", html),
    "lines": lambda html: TAG.sub(lambda found: re.sub(r"\s(?=[\w-]+=)", "\n\t", found[0]), html),
}


def test_the_battery_is_whole() -> None:
    images = [page for page in BATTERY if "⟦" in _text(page)]
    assert (len(BATTERY), len(images)) == (21, 14)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.parametrize("path", BATTERY, ids=lambda path: path.stem)
def test_battery(path: Path, surroundings: str, spelling: str) -> None:
    frame, before, after = SURROUNDINGS[surroundings]
    text = _text(path)
    if text.endswith("⟧"):  # an image stands before what follows
        before, after = (before, text + after) if after else (before + text, "")
        text = ""
    expected = "\n\n".join(part for part in (before, text, after) if part)
    assert shown(frame.format(SPELLINGS[spelling](path.read_text().rstrip()))) == expected


@pytest.mark.parametrize("frame", ["{}", "<main><article>{}</article></main>", "<div><div><p><span>{}</span></div>"])
@pytest.mark.parametrize("path", [page for page in BATTERY if "⟦" in _text(page)], ids=lambda path: path.stem)
def test_an_image_survives_alone(path: Path, frame: str) -> None:
    assert shown(frame.format(path.read_text())) == _text(path)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(path: Path) -> None:
    html = path.read_text()
    assert shown(html) == _text(path)
    facts = path.with_suffix(".images.json")
    if facts.exists():
        images = read_page(html, URL).images
        for image, expected in zip(images, json.loads(facts.read_text()), strict=True):
            assert {name: getattr(image, name) for name in expected} == expected


@pytest.mark.parametrize("path", THREADS, ids=lambda path: path.stem)
def test_thread(path: Path) -> None:
    """Every paragraph of every post is there, in order."""
    text, end = shown(path.read_text()), 0
    for paragraph in _text(path).split("\n\n"):
        start = text.find(paragraph, end)
        assert start >= 0, paragraph
        end = start + len(paragraph)


def test_threads_hold_little_but_posts() -> None:
    """Of the words that are left of all threads, the share that posts hold: a figure that was reached, and only goes
    up."""
    words = sum(len(shown(path.read_text()).split()) for path in THREADS)
    assert sum(len(_text(path).split()) for path in THREADS) / words >= 0.8
