"""Which images a page has, and where they stand: one page a case."""

import base64
import hashlib

import pytest

from pipeline.documents.page import read_page
from tests.pipeline.documents.pages import URL, check, shown

PNG = b"\x89PNG" + bytes(range(256)) * 20
EMBEDDED = "data:image/png;base64," + base64.b64encode(PNG).decode()
URN = f"urn:sha256:{hashlib.sha256(PNG).hexdigest()}"
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

CASES = {
    # Where it stands
    "between paragraphs": ("<p>One.</p><img src=a.jpg><p>Two.</p>", "One.\n\n⟦a.jpg⟧Two."),
    "inside a sentence": ("<p>One <img src=a.jpg> two.</p>", "One ⟦a.jpg⟧two."),
    "inside a word": ("<p>One<img src=a.jpg>two.</p>", "One⟦a.jpg⟧two."),
    "at the start of a paragraph": ("<p>Zero.</p><p> <img src=a.jpg> One.</p>", "Zero.\n\n⟦a.jpg⟧One."),
    "at the end of a paragraph": ("<p>One. <img src=a.jpg> </p><p>Two.</p>", "One.\n\n⟦a.jpg⟧Two."),
    "at the end of the page": ("<p>One.</p><p><img src=a.jpg></p>", "One.⟦a.jpg⟧"),
    "without any text": ("<img src=a.jpg><img src=b.jpg>", "⟦a.jpg⟧⟦b.jpg⟧"),
    "several in a row": (
        "<p>One.<div><img src=a.jpg><span><img src=b.jpg></span></div><p>Two.",
        "One.\n\n⟦a.jpg⟧⟦b.jpg⟧Two.",
    ),
    "in a link": ("<p>One.</p><a href=/x><img src=a.jpg></a><p>Two.</p>", "One.\n\n⟦a.jpg⟧Two."),
    "in a list": ("<ul><li>One<li><img src=a.jpg>Two<li>Three</ul>", "- One\n- ⟦a.jpg⟧Two\n- Three"),
    "alone in a list item": ("<ul><li>One<li><img src=a.jpg><li>Two</ul>", "- One\n⟦a.jpg⟧- Two"),
    "in a table": (
        "<table><tr><td><img src=a.jpg><td>One<tr><td><img src=b.jpg><td>Two</table>",
        "⟦a.jpg⟧One\n\n⟦b.jpg⟧Two",
    ),
    "in a heading": ("<h1><img src=a.jpg>Head</h1><p>One.", "⟦a.jpg⟧Head\n\nOne."),
    "after characters beyond the BMP": ("<p>🦊🦊 <img src=a.jpg>fox", "🦊🦊 ⟦a.jpg⟧fox"),
    "behind a line break": ("<p>One<br><img src=a.jpg><br>two", "One\n⟦a.jpg⟧two"),
    # figure and picture
    "figure with caption": (
        "<p>One.<figure><img src=a.jpg><figcaption>A <b>fox</b>.</figcaption></figure><p>Two.",
        "One.\n\n⟦a.jpg⟧A fox.\n\nTwo.",
    ),
    "caption before the image": (
        "<figure><figcaption>A fox.</figcaption><img src=a.jpg></figure><p>Two.",
        "A fox.\n\n⟦a.jpg⟧Two.",
    ),
    "picture keeps the img that it falls back to": (
        '<picture><source srcset="s.jpg 320w, l.jpg 1200w" type="image/jpeg"><img src=a.jpg></picture><p>One.',
        "⟦a.jpg⟧One.",
    ),
    "picture of sources alone takes the largest": (
        '<picture><source srcset="s.jpg 320w, l.jpg 1200w" type="image/jpeg"><img></picture><p>One.',
        "⟦l.jpg⟧One.",
    ),
    "picture without width keeps the img": (
        '<picture><source srcset="a.webp" type="image/webp"><img src=a.jpg></picture><p>One.',
        "⟦a.jpg⟧One.",
    ),
    "picture with formats that few decode": (
        '<picture><source srcset="b.avif 2000w" type="image/avif"><source srcset="b.webp 800w" type="image/webp">'
        "<img></picture><p>One.",
        "⟦b.webp⟧One.",
    ),
    "picture with lazy sources": (
        f'<picture><source data-srcset="b.jpg 800w"><img src="{DOT}"></picture><p>One.',
        "⟦b.jpg⟧One.",
    ),
    # srcset
    "srcset by width": ('<img srcset="b.jpg 100w, c.jpg 900w, d.jpg 300w"><p>One.', "⟦c.jpg⟧One."),
    "srcset by density": ('<img srcset="b.jpg 1.5x,c.jpg 3x"><p>One.', "⟦c.jpg⟧One."),
    "src beside srcset": ('<img src=a.jpg srcset="b.jpg 2x"><p>One.', "⟦a.jpg⟧One."),
    "src that its srcset calls narrow": ('<img src=b.jpg srcset="b.jpg 100w, c.jpg 900w"><p>One.', "⟦c.jpg⟧One."),
    "src that is drawn narrow": ('<img src=a.jpg width=88 srcset="b.jpg 2x"><p>One.', "⟦b.jpg⟧One."),
    "srcset with commas in URLs": (
        '<img srcset="/w_200,h_100/a.jpg 200w, /w_400,h_200/a.jpg 400w"><p>One.',
        "⟦http://example.org/w_400,h_200/a.jpg⟧One.",
    ),
    "srcset alone": ('<img srcset=" b.jpg "><p>One.', "⟦b.jpg⟧One."),
    "srcset of placeholders": (f'<img srcset="{DOT} 1w" data-src=a.jpg><p>One.', "⟦a.jpg⟧One."),
    # lazy loading
    "data-src without src": ("<img data-src=a.jpg><p>One.", "⟦a.jpg⟧One."),
    "data-src behind a data placeholder": (f'<img src="{DOT}" data-src=a.jpg><p>One.', "⟦a.jpg⟧One."),
    "data-original behind a named placeholder": (
        "<img src=/img/blank.gif data-original=a.jpg><p>One.",
        "⟦a.jpg⟧One.",
    ),
    "lazy placeholder with a size in its name": (
        "<img src=/i/placeholder-640x480.png?v=2 data-lazy-src=a.jpg><p>One.",
        "⟦a.jpg⟧One.",
    ),
    "data-srcset": (f'<img src="{DOT}" data-srcset="a.jpg 300w, b.jpg 600w"><p>One.', "⟦b.jpg⟧One."),
    "a name like a placeholder without a lazy attribute": ("<img src=blank.gif><p>One.", "⟦blank.gif⟧One."),
    "a real src beside the original": ("<img src=a.jpg data-original=b.jpg><p>One.", "⟦a.jpg⟧One."),
    "a preview beside what a script puts there": ("<img src=a-40x30.jpg data-src=a.jpg><p>One.", "⟦a.jpg⟧One."),
    "a drawing in the place of a photograph": (
        "<img src=/img/missing.svg data-lazy-src=a.jpg><img src=t.gif data-original-mos=b/b.png?x=1><p>One.",
        "⟦a.jpg⟧⟦b/b.png?x=1⟧One.",
    ),
    "an attribute that nobody agreed upon": (
        "<img data-id=7 data-image-name=a.jpg data-dejavu-src=b/a.jpg><p>One.",
        "⟦b/a.jpg⟧One.",
    ),
    "a drawing with no photograph": ("<img src=a.svg data-caption='a.jpg'><p>One.", "⟦a.svg⟧One."),
    "a list of addresses for widths of the screen": (
        "<img src=blank.gif data-interchange='[a.jpg, (default)], [b.jpg, (large)]'><p>One.",
        "⟦a.jpg⟧One.",
    ),
    "a placeholder beside a source set": (
        "<img src=placeholder.png data-srcset='a.jpg 400w, b.jpg 800w'><p>One.",
        "⟦b.jpg⟧One.",
    ),
    "a query that a script fills in": ("<img src=a.jpg data-src='a.jpg?w={width}&amp;h={h}'><p>One.", "⟦a.jpg⟧One."),
    "a formula in a query": (
        "<img src=blank.gif data-src='http://t.example/?\\sqrt{x}'><p>One.",
        "⟦http://t.example/?\\sqrt{x}⟧One.",
    ),
    "an icon of which twice the size is an icon": (
        "<img src=a.png width=24 srcset='b.png 2x'><p>One.",
        "⟦a.png⟧One.",
    ),
    "a thumbnail of which twice the size is none": (
        "<img src=a.png width=100 srcset='b.png 2x'><p>One.",
        "⟦b.png⟧One.",
    ),
    "the same address twice": ("<p>One.<img src=a.jpg class=wide><img src=a.jpg class=narrow>", "One.⟦a.jpg⟧"),
    "a row of stars": (
        "<p>One.<img src=on.gif><img src=on.gif><img src=on.gif><img src=off.gif><img src=off.gif>",
        "One.⟦on.gif⟧⟦on.gif⟧⟦on.gif⟧⟦off.gif⟧⟦off.gif⟧",
    ),
    "an address that a script fills in": ("<img src='a_{width}.jpg' data-src='b-{w}x.jpg'><p>One.", "One."),
    # noscript
    "noscript copy after a placeholder": (
        f'<p>One.<img src="{DOT}"><noscript><img src=a.jpg></noscript><p>Two.',
        "One.\n\n⟦a.jpg⟧Two.",
    ),
    "noscript copy after a lazy image": (
        f'<p>One.<img src="{DOT}" data-src=b.jpg><noscript><img src=a.jpg></noscript><p>Two.',
        "One.\n\n⟦b.jpg⟧Two.",
    ),
    "noscript copy before a lazy image": (
        "<p>One.<noscript><img src=a.jpg></noscript><img class=lazy data-src=a.jpg><p>Two.",
        "One.\n\n⟦a.jpg⟧Two.",
    ),
    "noscript alone": ("<p>One.<noscript><img src=a.jpg>Switch it on!</noscript><p>Two.", "One.\n\n⟦a.jpg⟧Two."),
    "a preview, what a script fills and its copy": (
        "<p>One.<img src=a-60.jpg width=800 height=600><img width=800 height=600>"
        "<noscript><img src=a.jpg width=800 height=600></noscript>",
        "One.⟦a.jpg⟧",
    ),
    "several lazy images with copies": (
        "<img data-src=a.jpg><noscript><img src=a.jpg></noscript><img data-src=b.jpg><noscript><img src=b.jpg>"
        "</noscript><p>One.",
        "⟦a.jpg⟧⟦b.jpg⟧One.",
    ),
    "amp-img with its fallback": (
        "<amp-img src=a.jpg width=300 height=200><noscript><img src=a.jpg></noscript></amp-img><p>One.",
        "⟦a.jpg⟧One.",
    ),
    "the same image twice in a row": ("<img src=a.jpg> <img src=a.jpg><p>One.<img src=a.jpg>", "⟦a.jpg⟧One.⟦a.jpg⟧"),
    # <object>
    "object of an image": ("<p>One.<object data=a.jpg type=Image/JPEG>No.</object><p>Two.", "One.\n\n⟦a.jpg⟧Two."),
    "object of another type": ("<p>One.<object data=a.pdf type=application/pdf><img src=b.jpg></object>", "One."),
    "object with a player of its own": (
        "<p>One.<object data=film.mp4><embed src=//www.youtube.com/v/abcdefghijk></object>",
        "One.⟦film.mp4⟧",
    ),
    "object around a player": (
        "<p>One.<object><param name=x value=y><embed src=//www.youtube.com/v/abcdefghijk></object><p>Two.",
        "One.\n\n⟦https://www.youtube.com/watch?v=abcdefghijk⟧Two.",
    ),
    "object with a movie": (
        "<p>One.<object data=player.swf><param name=Movie value=http://www.youtube.com/v/abcdefghijk&amp;hl=en>"
        "<param name=allowscriptaccess value=always></object>",
        "One.⟦https://www.youtube.com/watch?v=abcdefghijk⟧",
    ),
    "object around an object": (
        "<p>One.<object classid=x><object data=film.mp4 type=video/mp4></object></object>",
        "One.⟦film.mp4⟧",
    ),
    "object around a video": (
        "<p>One.<object data=player.swf><video><source src=film.mp4></video></object>",
        "One.⟦film.mp4⟧",
    ),
    "what a video falls back to": (
        "<p>One.<video><source src=film.mp4><embed src=player.swf></video>",
        "One.⟦film.mp4⟧",
    ),
    "parameters of no film": ("<p>One.<object data=a.swf><param name=flashvars value=a.mp4></object>", "One."),
    # addresses
    "relative": ("<img src=../b/a.jpg><p>One.", "⟦http://example.org/b/a.jpg⟧One."),
    "without scheme": ("<img src=//cdn.example.net/a.jpg><p>One.", "⟦http://cdn.example.net/a.jpg⟧One."),
    "base": ("<base href=https://cdn.example.net/x/><img src=a.jpg><p>One.", "⟦https://cdn.example.net/x/a.jpg⟧One."),
    "relative base, the first counts": (
        "<base href=/x/><base href=/y/><img src=a.jpg><p>One.",
        "⟦http://example.org/x/a.jpg⟧One.",
    ),
    "broken base": ("<base href='http://['><img src=a.jpg><p>One.", "⟦a.jpg⟧One."),
    "spaces and fragment": ("<img src=' a b.jpg#x '><p>One.", "⟦a%20b.jpg⟧One."),
    "commas and query": ("<img src='w_200,h_100/a.jpg?x=1&amp;y=2'><p>One.", "⟦w_200,h_100/a.jpg?x=1&y=2⟧One."),
    "port and userinfo": ("<img src=http://u@h.example:8080/a.jpg><p>One.", "⟦http://u@h.example:8080/a.jpg⟧One."),
    "international": (
        "<img src='http://bücher.example/ä.jpg'><p>One.",
        "⟦http://xn--bcher-kva.example/%C3%A4.jpg⟧One.",
    ),
    "other schemes": ("<img src=ftp://x/a.jpg><img src=javascript:x><img src=blob:x><p>One.", "One."),
    "empty": ("<img><img src><img src=''><img src=' '><img src='#'><p>One.", "One."),
    "a height that a script has still to set": ("<img src=a.jpg width=570 height=0><p>One.", "⟦a.jpg⟧One."),
    "no sides at all": ("<img src=a.gif width=0 height=0><p>One.", "One."),
    "tracking pixel": ("<p>One.<img src=t.gif width=1 height=1><img src=l.gif height=0><p>Two.", "One.\n\nTwo."),
    # data:
    "large data image": (f'<p>One.<img src="{EMBEDDED}"><p>Two.', f"One.\n\n⟦{URN}⟧Two."),
    "small data image": (f'<p>One.<img src="{DOT}"><p>Two.', "One.\n\nTwo."),
    "svg data image": ("<img src='data:image/svg+xml," + "x" * 9000 + "'><p>One.", "One."),
    "broken data image": ("<img src='data:image/png;base64," + "A" * 9001 + "'><p>One.", "One."),
    # not content
    "in navigation": ("<nav><img src=logo.png></nav><p>One.<img src=a.jpg>", "One.⟦a.jpg⟧"),
    "hidden from screen readers but described": ("<p>One <img aria-hidden=true alt=x src=b.jpg>", "One⟦b.jpg⟧"),
    "hidden": ("<p>One.<span hidden><img src=a.jpg></span><img aria-hidden=true src=b.jpg>", "One."),
    "svg": ("<svg><image href=a.jpg /><title>T</title></svg><p>One.", "One."),
}


@pytest.mark.parametrize("name", CASES)
def test_image(name: str) -> None:
    html, expected = CASES[name]
    assert shown(html) == expected


def test_facts_of_an_image() -> None:
    page = read_page(
        "<figure><img src=a.jpg alt=' A\n fox ' width=640 height='480px'><img src=b.jpg alt='' width='50%' height=auto>"
        "<figcaption> Two\n <i>foxes</i><br>at play </figcaption></figure><img src=c.jpg>",
        URL,
    )
    first, second, third = page.images
    assert (first.alt, first.caption, first.width_px, first.height_px) == ("A fox", "Two foxes at play", 640, 480)
    assert (second.alt, second.caption, second.width_px, second.height_px) == (None, "Two foxes at play", None, None)
    assert (third.alt, third.caption) == (None, None)
    assert page.text == "Two foxes\nat play"


def test_nested_figures_keep_their_own_captions() -> None:
    page = read_page(
        "<figure><figure><img src=a.jpg><figcaption>A</figcaption></figure><img src=b.jpg><figcaption>All</figcaption>"
        "</figure>",
        URL,
    )
    assert [image.caption for image in page.images] == ["A", "All"]


def test_a_fallback_brings_address_and_alternative_text_stays() -> None:
    (image,) = read_page(f'<img src="{DOT}" alt=fox width=9><noscript><img src=a.jpg></noscript>', URL).images
    assert (image.url, image.alt, image.width_px) == ("http://example.org/news/a.jpg", "fox", 9)


def test_embedded_bytes_come_with_the_page() -> None:
    page = read_page(f'<img src="{EMBEDDED}"><p>One.</p><img src="{EMBEDDED}"><img src=a.jpg>', URL)
    check(page)
    assert {url: (item.mime, item.data) for url, item in page.embedded.items()} == {URN: ("image/png", PNG)}
    assert [image.url for image in page.images] == [URN, URN, "http://example.org/news/a.jpg"]
