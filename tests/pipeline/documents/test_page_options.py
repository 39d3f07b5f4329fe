"""Backgrounds and og:image, which the recipe can ask for: one page a case, by both readers."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.backgrounds import MAX_LAYERS, background_images
from pipeline.documents.page import PageImage, read_page
from pipeline.documents.readers import ReadPage, reader_of
from pipeline.recipe import Recipe
from tests.pipeline.corpora import IN_MEMORY, rows
from tests.pipeline.crawl.archives import response
from tests.pipeline.documents.pages import URL, check, marked
from tests.pipeline.in_process import succeed
from tests.places import ROOT

PNG = b"\x89PNG" + bytes(range(256)) * 20
EMBEDDED = "data:image/png;base64," + base64.b64encode(PNG).decode()
URN = f"urn:sha256:{hashlib.sha256(PNG).hexdigest()}"
BOTH = pytest.mark.parametrize("html_parser", ["turbohtml", "bs4"])

BACKGROUNDS = {
    "of a block": ("<p>One.<div style='background-image:url(a.jpg)'></div><p>Two.", "One.\n\n⟦a.jpg⟧Two."),
    "of a block with text": ("<p>One.<div style='background:url(a.jpg)'><p>Two.</div>", "One.\n\n⟦a.jpg⟧Two."),
    "of a paragraph": ("<p>One.<p style='background:url(a.jpg)'>Two.", "One.\n\n⟦a.jpg⟧Two."),
    "inside a sentence": ("<p>One <i style='background:url(a.jpg)'></i> two.", "One ⟦a.jpg⟧two."),
    "of a list item": ("<ul><li>One<li style='background:url(a.jpg)'>Two</ul>", "- One\n- ⟦a.jpg⟧Two"),
    "of a figure": (
        "<p>One.<figure style='background:url(a.jpg)'><figcaption>A fox.</figcaption></figure>",
        "One.\n\n⟦a.jpg⟧A fox.",
    ),
    "beside an image": ("<p>One.<img src=b.jpg style='background:url(a.jpg)'>", "One.⟦b.jpg⟧⟦a.jpg⟧"),
    "of a picture": (
        "<p>One.<picture style='background:url(a.jpg)'><source srcset=c.jpg><img></picture>",
        "One.⟦a.jpg⟧⟦c.jpg⟧",
    ),
    # What a style says
    "double quotes": ("""<p>One.<i style='background: url( "a b.jpg" ) no-repeat'></i>""", "One.⟦a%20b.jpg⟧"),
    "single quotes": ("""<p>One.<i style="background: #fff URL('a.jpg')"></i>""", "One.⟦a.jpg⟧"),
    "quotes as references": ("<p>One.<i style='background:url(&quot;a.jpg&quot;)'></i>", "One.⟦a.jpg⟧"),
    "escapes": (r"<p>One.<i style='background:url(a\28 1\29.jpg)'></i>", "One.⟦a(1).jpg⟧"),
    "escaped quote": (r"""<p>One.<i style="background:url('a\'s.jpg')"></i>""", "One.⟦a's.jpg⟧"),
    "escapes of no character": (r"<p>One.<i style='background:url(a\110000.jpg)'></i>", "One.⟦a%EF%BF%BD.jpg⟧"),
    "several layers": ("<p>One.<i style='background:url(a.jpg), url(b.jpg)'></i>", "One.⟦a.jpg⟧⟦b.jpg⟧"),
    "a gradient above": (
        "<p>One.<i style='background-image:linear-gradient(rgba(0,0,0,.5), #fff), url(a.jpg)'></i>",
        "One.⟦a.jpg⟧",
    ),
    "a gradient alone": ("<p>One.<i style='background-image:linear-gradient(red, blue)'></i>", "One."),
    "the last declaration counts": (
        "<p>One.<i style='background-image:url(a.jpg);background-image:url(b.jpg)'></i>",
        "One.⟦b.jpg⟧",
    ),
    "unless one is important": (
        "<p>One.<i style='background-image:url(a.jpg)!important;background-image:url(b.jpg)'></i>",
        "One.⟦a.jpg⟧",
    ),
    "in a comment": ("<p>One.<i style='/* background:url(a.jpg) */ color:red'></i>", "One."),
    "other images": ("<p>One.<i style='list-style-image:url(a.jpg);cursor:url(b.cur)'></i>", "One."),
    "no address": ("<p>One.<i style='background:url()'></i><i style='background:url(#x)'></i>", "One."),
    "an address that does not end": ("<p>One.<i style='background:url(a.jpg'></i>", "One."),
    # data:
    "large data image": (f"<p>One.<i style='background:url({EMBEDDED})'></i>", f"One.⟦{URN}⟧"),
    "small data image": ("<p>One.<i style='background:url(data:image/gif;base64,R0lGODlhAQABAA==)'></i>", "One."),
    # lazy
    "lazy": ("<p>One.<div data-bg=a.jpg></div>", "One.⟦a.jpg⟧"),
    "lazy as CSS": ("<p>One.<div data-background-image='url(\"a.jpg\")'></div>", "One.⟦a.jpg⟧"),
    "lazy before what is there": ("<p>One.<div data-bg=a.jpg style='background:url(low.jpg)'></div>", "One.⟦a.jpg⟧"),
    "lazy with a comma": ("<p>One.<div data-bg=/w_1,h_2/a></div>", "One.⟦http://example.org/w_1,h_2/a⟧"),
    "a colour": ("<p>One.<i data-bg=dark></i><i data-bg='rgb(0 0 0 / 5%)'></i><i data-bg=#fff></i>", "One."),
    # Not content
    "of the page": ("<html style='background:url(a.jpg)'><body style='background:url(b.jpg)' data-bg=c.jpg>A", "A"),
    "in navigation": ("<nav><a style='background:url(a.jpg)' href=/>Home</a></nav><p>One.", "One."),
    "hidden": (
        "<p>One.<i hidden style='background:url(a.jpg)'></i><i style='display:none;background:url(b.jpg)'></i>",
        "One.",
    ),
    "of a control": ("<p>One.<button style='background:url(a.jpg)'>Go</button>", "One."),
}


def reader(html_parser: str = "turbohtml", **options: bool) -> ReadPage:
    return reader_of(Recipe(html_parser=html_parser, **options))


@BOTH
@pytest.mark.parametrize("case", BACKGROUNDS)
def test_backgrounds(case: str, html_parser: str) -> None:
    html, expected = BACKGROUNDS[case]
    page = reader(html_parser, css_backgrounds=True)(html, URL, ())
    check(page)
    assert marked(page) == expected
    assert not [image for image in read_page(html, URL).images if "a.jpg" in image.url]  # off
    assert read_page(html, URL).text == page.text


@BOTH
def test_what_is_known_of_a_background(html_parser: str) -> None:
    html = (
        "<p>One.<figure><a href=/full><div role=img aria-label='A fox.' title=Fox "
        "style='width: 640px; height:480px; background-image: url(a.jpg)'></div></a>"
        "<figcaption>A fox at noon.</figcaption></figure>"
    )
    (image,) = reader(html_parser, css_backgrounds=True)(html, URL, ()).images
    assert image == PageImage(
        kind="image",
        position=6,
        url="http://example.org/news/a.jpg",
        alt="A fox.",
        title="Fox",
        caption="A fox at noon.",
        link_url="http://example.org/full",
        width_px=None,
        height_px=None,
        rendered_width_px=640,
        rendered_height_px=480,
        poster_url=None,
    )


@given(st.text(alphabet="url('\")\\, a/29;:", max_size=40), st.sampled_from(["style", "data-bg"]))
def test_any_background(value: str, name: str) -> None:
    found = background_images({name: f"background:{value}" if name == "style" else value})
    assert len(found) <= MAX_LAYERS
    read_page(f'<p>One.<i {name}="{value.replace(chr(34), "&quot;")}">two</i>', URL, css_backgrounds=True)


OG = '<meta property="og:image{}" content="{}">'.format
SHARED_IMAGES = {
    "named": (OG("", "/a.jpg"), "⟦http://example.org/a.jpg⟧One."),
    "by name": ("<meta name=' OG:Image ' content=a.jpg>", "⟦a.jpg⟧One."),
    "secure": (OG(":secure_url", "https://h.example/a.jpg"), "⟦https://h.example/a.jpg⟧One."),
    "both": (OG(":secure_url", "https://h.example/a.jpg") + OG("", "a.jpg"), "⟦a.jpg⟧One."),
    "the first of several": (OG("", "a.jpg") + OG("", "b.jpg"), "⟦a.jpg⟧One."),
    "Twitter's": ("<meta name=twitter:image content=a.jpg>", "⟦a.jpg⟧One."),
    "Twitter's only without": ("<meta name=twitter:image content=b.jpg>" + OG("", "a.jpg"), "⟦a.jpg⟧One."),
    "in the text": (OG("", "a.jpg") + "<p><img src=b.jpg>", "⟦a.jpg⟧⟦b.jpg⟧One."),
    "already there": (OG("", "b.jpg#x") + "<p>Zero.<img src=b.jpg>", "Zero.\n\n⟦b.jpg⟧One."),
    "empty": (OG("", " ") + OG(":url", ""), "One."),
    "a dot": (OG("", "a.jpg") + OG(":width", "1"), "One."),
    "no address": (OG("", "http://[") + OG(":alt", "x"), "One."),
}


@BOTH
@pytest.mark.parametrize("case", SHARED_IMAGES)
def test_og_image(case: str, html_parser: str) -> None:
    head, expected = SHARED_IMAGES[case]
    page = reader(html_parser, og_image=True)(f"{head}<p>One.", URL, ())
    check(page)
    assert marked(page) == expected
    assert len(read_page(f"{head}<p>One.", URL).images) == head.count("<img")  # off


def test_what_is_known_of_an_og_image() -> None:
    head = OG("", "a.jpg") + OG(":alt", "A fox.") + OG(":width", "1200") + OG(":height", "630")
    (image,) = read_page(f"{head}{OG('', 'b.jpg')}{OG(':alt', 'A hare.')}<p>One.", URL, og_image=True).images
    assert (image.position, image.alt, image.width_px, image.height_px) == (0, "A fox.", 1200, 630)
    (image,) = read_page(f"{OG('', 'a.jpg')}{OG('', 'b.jpg')}{OG(':alt', 'A hare.')}<p>One.", URL, og_image=True).images
    assert image.alt is None


BATTERY = ROOT / "tests" / "fixtures" / "battery"
OPTIONS = {"css_backgrounds": "css_background.html", "og_image": "og_image.html"}


@pytest.mark.parametrize("option", OPTIONS)
def test_the_command(option: str) -> None:
    extract = ("extract", BATTERY / OPTIONS[option], "--url", URL, "--jsonl")
    assert not images_of(json.loads(succeed(*extract)))
    assert len(images_of(json.loads(succeed(*extract, "--set", f"{option}=true")))) == 1


def images_of(document: dict[str, Any]) -> list[str]:
    return [segment["image"] for segment in document["segments"] if "image" in segment]


def test_a_build(tmp_path: Path) -> None:
    """A page without another image becomes a document, with the image that it is asked for."""
    pages = [
        response((BATTERY / name).read_bytes() + b"<p>One.", url=f"http://example.org/{name}")
        for name in OPTIONS.values()
    ]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(pages))
    build = ("build", tmp_path / "a.warc.gz", "--stages", "extract", "--set", "languages=any", *IN_MEMORY)
    for option, name in OPTIONS.items():
        succeed(*build, "--output", tmp_path / option, "--set", f"{option}=true")
        (row,) = rows(tmp_path / option, "documents")
        assert row["url"] == f"http://example.org/{name}"
        assert len(row["images"]) == 1
