"""Pages that were written to break a reader: each costs minutes, or gigabytes, where one of its steps is quadratic.

Most are as long as `read_page` reads; `benchmarks/hostile_pages.py` measures them beside the field's extractors.
"""

import random
from collections.abc import Callable

from pipeline.documents.copied import FORMATTING

MILLION = 1_000_000
CAPTIONED = "<figure><img src=a.jpg>x<figcaption>c"
JSON_LD = "<script type=application/ld+json>"
PHONES = "415 555 2671, "


def _attributes(count: int) -> str:
    return " ".join(f"a{number}=1" for number in range(count))


def _cells(count: int, cell: str) -> str:
    return "<table><tr><td>a<td>b<tr>" + f"<td>{cell}" * count + "</table>"


def body_of(name: str) -> bytes:
    """The page as a server would send it."""
    page = HOSTILE[name][1]()
    return page if isinstance(page, bytes) else page.encode("utf-8", "surrogatepass")


def _noise(count: int) -> bytes:
    return random.Random(1).randbytes(count)


# Why each is cut, and the page; None for one that is read whole.
HOSTILE: dict[str, tuple[str | None, Callable[[], str | bytes]]] = {
    # Depth
    "nested divs": ("too_many_nodes", lambda: "<div>" * 100_000 + "x"),
    "nested regions": ("too_many_nodes", lambda: "<div class=nav>" * 100_000 + "x"),
    "nested regions around paragraphs": ("too_many_nodes", lambda: "<div class=nav>" * 40_000 + "<p>x" * 40_000),
    "nested lists of links around links": (
        "too_many_nodes",
        lambda: "<ul>" * 40_000 + "<li><a href=x>word</a></li>" * 30_000,
    ),
    "nested articles": ("too_many_nodes", lambda: "<article>" * 100_000 + "x"),
    "nested lists": ("too_many_nodes", lambda: "<ul><li>" * 100_000 + "x"),
    "nested tables": ("too_many_nodes", lambda: "<table><tr><td>x" * 30_000),
    "nested tables, closed": ("too_many_nodes", lambda: "<table><tr><td>x" * 20_000 + "</table>" * 20_000),
    "nested figures": ("too_many_nodes", lambda: CAPTIONED * 40_000),
    "nested figures without images": ("too_many_nodes", lambda: "<figure>" * 100_000 + "x"),
    "nested captions": ("too_many_nodes", lambda: "<figcaption>" * 100_000 + "x"),
    "nested quotations": ("too_many_nodes", lambda: "<blockquote>" * 100_000 + "x"),
    "nested links": ("too_many_nodes", lambda: "<a href=x>y" * 100_000),
    "nested noscripts": (None, lambda: "<noscript>" * 100_000 + "x"),
    "nested pictures": ("too_many_nodes", lambda: "<picture>" * 100_000 + "<img src=a.jpg>x"),
    "nested preformatted": ("too_many_nodes", lambda: "<pre>" * 100_000 + "x"),
    "nested templates": ("too_many_nodes", lambda: "<template>" * 100_000 + "x"),
    "nested svg": ("too_many_nodes", lambda: "<svg>" * 100_000 + "x"),
    "nested forms and buttons": ("too_many_nodes", lambda: "<form><button>" * 100_000 + "x"),
    "nested hidden": ("too_many_nodes", lambda: "<div hidden>" * 100_000 + "x"),
    "nested headings": ("too_many_nodes", lambda: "<div><h2>" * 90_000 + "x"),
    # Breadth
    "options": ("too_many_nodes", lambda: "<select>" + "<option>a" * 200_000),
    "line breaks": ("too_many_nodes", lambda: "x" + "<br>" * MILLION),
    "line breaks between letters": ("too_many_nodes", lambda: "x<br>" * MILLION),
    "headings": ("too_many_nodes", lambda: "<h2>x" * 300_000),
    "headings below a long title": (
        "too_many_nodes",
        lambda: f"<title>{'title ' * 300_000}</title>" + "<h2>x" * 90_000,
    ),
    "paragraphs": ("too_many_nodes", lambda: "<p>word" * 700_000),
    "paragraphs of a sentence": (
        "too_many_nodes",
        lambda: "<p>A sentence that is long enough to have a language." * 90_000,
    ),
    "links": ("too_many_nodes", lambda: "<a href=x>y</a>" * 200_000),
    "images": ("too_many_nodes", lambda: "<p>x<img src=a.jpg>" * 60_000),
    "images below one long caption": (
        "too_much_text",
        lambda: f"<figure>{'<img src=a.jpg>' * 900}<figcaption>{'caption ' * 600_000}</figcaption></figure>",
    ),
    "cells of a row": ("too_many_nodes", lambda: _cells(60_000, "a")),
    "long cells of a row": ("too_much_text", lambda: _cells(11_000, "word " * 90)),
    "rows": ("too_many_nodes", lambda: "<table>" + "<tr><td>a<td>b" * 100_000),
    "cells without a table": (None, lambda: "<td>a" * 90_000),
    "text in a table": (None, lambda: "<table>" + "<tr>a" * 60_000),
    "declarations": (
        "too_long",
        lambda: "<meta name=robots content=noai>" * 150_000 + "<link rel=license>" * MILLION,
    ),
    "sources": ("too_many_nodes", lambda: "<picture>" + "<source srcset=a.jpg>" * 190_000 + "<img src=a.jpg>x"),
    "frames": ("too_many_nodes", lambda: "<iframe src=//www.youtube.com/embed/dQw4w9WgXcQ></iframe>x" * 60_000),
    # Misnesting
    "formatting": (None, lambda: "<b><i>" * 20_000 + "x"),
    "formatting in paragraphs": (None, lambda: "<p><font color=red>" * 5_000 + "x"),
    "formatting that changes in paragraphs": (None, lambda: "".join(f"<p><font color={n}>x" for n in range(20_000))),
    "formatting that differs before paragraphs": (
        "too_many_nodes",
        lambda: "<p>" + "".join(f"<font color={number}>" for number in range(512)) + "<p>x" * MILLION,
    ),
    "formatting of every name before paragraphs": (
        "too_many_nodes",
        lambda: "<p>" + "".join(f"<{name}>" * 3 for name in FORMATTING) + "<p>x" * MILLION,
    ),
    "a link of megabytes before paragraphs": (
        "too_many_nodes",
        lambda: f"<p><a href='{'a' * 4 * MILLION}'>" + "<p>x" * 200_000,
    ),
    "a link of many attributes before paragraphs": (None, lambda: f"<p><a {_attributes(11_000)}>" + "<p>x" * 1_000),
    "bodies": ("too_many_nodes", lambda: "".join(f"<body a{number}=1>" for number in range(200_000))),
    "roots": ("too_many_nodes", lambda: "".join(f"<html a{number}=1>" for number in range(200_000))),
    "adoption": (None, lambda: "<b><div>x</b>" * 30_000),
    "adoption of many": (None, lambda: "<a><b><i><u><s><div></a></b></i></u></s>x" * 8_000),
    "unclosed everything": (
        None,
        lambda: "<div><p>One<b><i>two<ul><li>three<table><tr><td>four<a href=x><h1>five<pre>six" * 4_000,
    ),
    "end tags": ("too_many_nodes", lambda: "x" + "</div></p></b></table>" * 200_000),
    "end tags behind depth": (None, lambda: "<div>" * 50_000 + "x" + "</span>" * 500_000),
    # Length
    "attributes": (None, lambda: f"<p {_attributes(20_000)}>x"),
    "megabytes of attributes": ("too_long", lambda: f"<p {_attributes(6 * MILLION)}>x"),
    "attributes of many": ("too_many_nodes", lambda: f"<p {_attributes(50)}>x" * 12_000),
    "an attribute of megabytes": ("too_long", lambda: f'<p title="{"word " * 10 * MILLION}">x'),
    "class": (None, lambda: f'<p class="{"aB" * 2 * MILLION}">x'),
    "classes": (None, lambda: f'<p class="{"a " * 2 * MILLION}">x'),
    "classes that differ": ("too_many_nodes", lambda: "".join(f"<p class='{'x' * 90}{n}'>x" for n in range(40_000))),
    "style": (None, lambda: '<p style="' + "display " * 600_000 + '">x'),
    "style of spaces": (None, lambda: '<p style="' + "display" + " " * 4 * MILLION + '">x'),
    "width of spaces": (None, lambda: '<img src=a.jpg width="1' + " " * 4 * MILLION + 'x">x'),
    "brackets in an address": (None, lambda: '<img src="' + "{" * 4 * MILLION + '">x'),
    "addresses of megabytes": (None, lambda: "".join(f'<img src="/{"a" * 4_000}{n}.jpg">x' for n in range(900))),
    "slashes that may be an address": (None, lambda: f'<img src=a.gif data-x="{"/." * 2 * MILLION}">x'),
    "file names that may be addresses": (
        None,
        lambda: f"<img src=a.gif {_attributes(90)} data-y='{'/a.jpg' * 700}{{'>x" * 900,
    ),
    "templates in an address": (None, lambda: '<img src="' + "={a" * MILLION + '">x'),
    "base of megabytes": (None, lambda: f"<base href='/{'a' * 4 * MILLION}/'>" + "<img src=b.jpg>x" * 900),
    "srcset": (None, lambda: '<img srcset="' + "a 1w," * 900_000 + '">x'),
    "srcset brackets": (None, lambda: '<img srcset="' + "a (,b" * 900_000 + '">x'),
    "srcset descriptors": (None, lambda: '<img srcset="a ' + "1w " * MILLION + '">x'),
    "srcset commas": (None, lambda: '<img srcset="' + "," * 4 * MILLION + '">x'),
    "data": (None, lambda: '<img src="data:image/png;base64,' + "A" * 4 * MILLION + '">x'),
    "data of percent signs": (None, lambda: '<img src="data:image/png,' + "%41" * MILLION + '">x'),
    "alternative texts of numbers": (None, lambda: f'<img src=a.jpg alt="{PHONES * 350}">x' * 900),
    "title of megabytes": (None, lambda: "<title>" + "word " * 900_000 + "</title><h1>word</h1>x"),
    "comment": (None, lambda: "x<!--" + "x" * 5 * MILLION),
    "comments": (None, lambda: "x" + "<!--" * MILLION),
    "comments, closed": (None, lambda: "x" + "<!---->" * 700_000),
    "declarations of type": (None, lambda: "<!DOCTYPE html>" * 300_000 + "x"),
    "processing instructions": (None, lambda: "x" + "<?a" * MILLION),
    "CDATA": (None, lambda: "x<svg>" + "<![CDATA[" * 500_000),
    "markup characters": ("too_much_text", lambda: "<" * 5 * MILLION),
    "scripts": (None, lambda: "x<script><!--<script>" * 200_000),
    "JSON-LD of brackets": (
        None,
        lambda: JSON_LD + '{"license":' + "[" * 180_000 + "</script>x",
    ),
    "many JSON-LD of brackets": (
        None,
        lambda: (JSON_LD + '{"license":' + "[" * 1_000 + "</script>x") * 4_000,
    ),
    # Characters
    "entities": (None, lambda: "<p>" + "&amp;" * MILLION),
    "entities of numbers": (None, lambda: "<p>" + "&#65;" * MILLION),
    "entities that are none": ("too_much_text", lambda: "<p>" + "&notit" * 800_000),
    "an endless entity": (None, lambda: "<p>&#" + "1" * 5 * MILLION),
    "NULs": ("too_much_text", lambda: "<p>" + "a\0" * 2 * MILLION),
    "NULs in tags": ("too_many_nodes", lambda: "<p\0>x" * 90_000),
    "one word": ("too_much_text", lambda: "<p>" + "x" * 5 * MILLION),
    "white space": (None, lambda: "<p>" + " " * 5 * MILLION + "x"),
    "white space between elements": (None, lambda: "<p>x</p>" + "\n <b></b>" * 90_000),
    "preformatted white space": (None, lambda: "<pre>x" + "\n" * 5 * MILLION),
    "combining marks": ("too_much_text", lambda: "<p>e" + "\u0301\u0323" * 2 * MILLION),
    "surrogates": ("too_long", lambda: "<p>" + "\ud800x" * 2 * MILLION),
    "private use": ("too_much_text", lambda: "<p>" + "\ue000x" * 2 * MILLION),
    "words": ("too_much_text", lambda: "<p>" + "word " * MILLION),
    "letters": ("too_much_text", lambda: "<p>" + "a " * 2 * MILLION),
    "lines": ("too_much_text", lambda: "<pre>" + "a\n" * 2 * MILLION),
    "different words": ("too_much_text", lambda: "<p>" + " ".join(map(str, range(700_000)))),
    "quotation marks": ("too_much_text", lambda: "<p>" + ".\"'”’»)" * 700_000),
    "e-mail addresses": ("too_much_text", lambda: "<p>" + "a@b.com " * 600_000),
    "almost an e-mail address": ("too_much_text", lambda: "<p>" + "a@" + "b." * 2 * MILLION),
    "telephone numbers": ("too_much_text", lambda: "<p>" + PHONES * 350_000),
    "almost a telephone number": ("too_much_text", lambda: "<p>" + "1  " * MILLION),
    "IP addresses": ("too_much_text", lambda: "<p>" + "212.58.244.70 " * 350_000),
    "IP addresses of version 6": ("too_much_text", lambda: "<p>" + "2001:db8::1 " * 400_000),
    "colons": ("too_much_text", lambda: "<p>" + "a:" * 2 * MILLION),
    "digits": ("too_much_text", lambda: "<p>" + "1" * 5 * MILLION),
    "digits and hyphens": ("too_much_text", lambda: "<p>" + "1-" * 2 * MILLION),
    "digits and dots": ("too_much_text", lambda: "<p>" + "1." * 2 * MILLION),
    "different telephone numbers": (
        "too_much_text",
        lambda: "<p>" + "".join(f"tel. 030 {n} {n}, " for n in range(100_000, 300_000)),
    ),
    "telephone numbers with a country": ("too_much_text", lambda: "<p>" + "+49 30 1234567, " * 300_000),
    "e-mail addresses of subdomains": ("too_much_text", lambda: "<p>" + ("x@" + "a." * 8 + "org ") * 200_000),
    "different e-mail addresses": (
        "too_much_text",
        lambda: "<p>" + " ".join(f"a{n}@b{n}.co.uk" for n in range(200_000)),
    ),
    "at signs": ("too_much_text", lambda: "<p>" + "@" * 5 * MILLION),
    "words and at signs": ("too_much_text", lambda: "<p>" + "abc.def@" * 600_000),
    "punctuation": ("too_much_text", lambda: "<p>" + ".,;:!?" * 800_000),
    "sentences of a mark": ("too_much_text", lambda: "<p>" + ". " * 2 * MILLION),
    "hyphens": ("too_much_text", lambda: "<p>" + "-" * 5 * MILLION),
    "ellipses": ("too_much_text", lambda: "<p>" + "… " * MILLION),
    "bullets": ("too_much_text", lambda: "<pre>" + "• a\n" * MILLION),
    "blank lines": ("too_much_text", lambda: "<pre>" + "a\n\n" * MILLION),
    "lines of blanks": ("too_much_text", lambda: "<pre>a" + "\n \t" * MILLION + "b"),
    "different lines": ("too_much_text", lambda: "<pre>" + "\n".join(map(str, range(700_000)))),
    "right to left": ("too_much_text", lambda: "<p>" + "\u202eאב " * 700_000),
    "joined emoji": ("too_much_text", lambda: "<p>" + "\U0001f469\u200d" * 700_000),
    "Han characters": ("too_much_text", lambda: "<p>" + "漢字" * 800_000),
    "Hangul in parts": ("too_much_text", lambda: "<p>" + "\u1112\u1161\u11ab" * 550_000),
    "marks of three classes": ("too_much_text", lambda: "<p>e" + "\u0315\u0301\u0323" * 800_000),
    "letters that grow in lower case": ("too_much_text", lambda: "<p>" + "\u0130" * 2 * MILLION),
    "letters that have no case": ("too_much_text", lambda: "<p>" + "ªº " * MILLION),
    "no-break spaces": (None, lambda: "<p>x" + "\xa0" * 2 * MILLION + "x"),
    "quotation marks of apostrophes": ("too_much_text", lambda: "<p>" + "'" * 5 * MILLION),
    "code": ("too_much_text", lambda: "<p>" + "javascript { lorem ipsum " * 200_000),
    # More of everything
    "unclosed links in paragraphs": ("too_many_nodes", lambda: "<p><a href=x>y" * 70_000),
    "unclosed links around divs": ("too_many_nodes", lambda: "<a href=x><div>" * 60_000 + "x"),
    "unclosed bold in paragraphs": ("too_many_nodes", lambda: "<p><b>x" * 60_000),
    "formatting of every sort": (None, lambda: "<p><b><i><u><s><em><strong><small><code><tt>x" * 9_000),
    "formatting closed in the wrong order": ("too_many_nodes", lambda: "<b><i><u>x</b></i></u>" * 40_000),
    "formatting around many divs": (None, lambda: "<b>" * 3_000 + "<div>x</b>" * 40_000),
    "formatting in tables": ("too_many_nodes", lambda: "<table><b><tr><i>x" * 40_000),
    "text that is moved before a table": ("too_many_nodes", lambda: "<table>" + "x<tr><td>y" * 40_000),
    "definitions": ("too_many_nodes", lambda: "<dl>" + "<dt>a<dd>b" * 45_000),
    "numbered lists": ("too_many_nodes", lambda: "<ol start=999999><li>x</ol>" * 45_000),
    "closed nested lists": (None, lambda: "<ul><li>x" * 30_000 + "</ul>" * 30_000),
    "closed nested divs": (None, lambda: "<div>x" * 45_000 + "</div>" * 45_000),
    "figures": (None, lambda: "<figure><img src=a.jpg><figcaption>c</figcaption></figure>" * 900),
    "figures without images": ("too_many_nodes", lambda: "<figure>x<figcaption>c</figcaption></figure>" * 40_000),
    "captions of one figure": (
        "too_many_nodes",
        lambda: "<figure><img src=a.jpg>" + "<figcaption>c</figcaption>" * 60_000,
    ),
    "caption by class": (None, lambda: "<div class=wp-caption><img src=a.jpg><p class=caption-text>c</div>" * 900),
    "pictures": (None, lambda: "<picture><source srcset='a 1x, b 2x'><img src=a.jpg>x</picture>" * 900),
    "tables": ("too_many_nodes", lambda: "<table><tr><td>a<td>b<tr><td>c<td>d</table>" * 9_000),
    "colspan": ("too_many_nodes", lambda: "<table>" + "<tr><td colspan=1000000 rowspan=1000000>a<td>b" * 20_000),
    "headings of all levels": (
        "too_many_nodes",
        lambda: "".join(f"<h{n % 6 + 1}>x{n}</h{n % 6 + 1}>" for n in range(60_000)),
    ),
    "navigation": ("too_many_nodes", lambda: "<nav><ul><li><a href=x>y</a></ul></nav>x" * 18_000),
    "articles": ("too_many_nodes", lambda: "<article><h2>x</h2><p>A sentence of it.</article>" * 28_000),
    "sections and asides": ("too_many_nodes", lambda: "<section><aside>x</aside><p>y</section>" * 24_000),
    "comments of a thread": ("too_many_nodes", lambda: "<div class=comment id=c><p>A reply.</div>" * 45_000),
    "teasers": ("too_many_nodes", lambda: "<div class=teaser><a href=x><h3>x</h3></a><p>y</div>" * 18_000),
    "hidden": ("too_many_nodes", lambda: "<p style='display:none'>x</p><p>y" * 45_000),
    "text fields": (None, lambda: "<textarea>" + "word " * MILLION),
    "plain text": ("too_much_text", lambda: "<plaintext>" + "<p>word " * 600_000),
    "framesets": ("too_many_nodes", lambda: "<frameset><frame src=x>" * 90_000),
    "title without an end": (None, lambda: "<title>" + "word " * MILLION),
    "headings that repeat the title": (
        "too_many_nodes",
        lambda: f"<title>{'a b ' * 9_000}</title>" + "<h1>a b</h1>" * 60_000,
    ),
    "an endless heading": (None, lambda: "<title>x</title><h1>" + "word " * MILLION),
    "times": ("too_many_nodes", lambda: "<time datetime=2024-05-18T01:58:10Z>x</time>" * 60_000),
    "an endless date": (None, lambda: f"<meta property=article:published_time content='{'2020-01-' * 600_000}'>x"),
    "an endless licence": (None, lambda: f"<a rel='{'license ' * 600_000}' href=x>y</a>"),
    "endless robots": (None, lambda: f"<meta name=robots content='{'noai, a: ' * 500_000}'>x"),
    "titles for Open Graph": ("too_many_nodes", lambda: "<meta property=og:title content=' '>" * 130_000 + "x"),
    "JSON-LD in depth": (
        None,
        lambda: JSON_LD + '{"a":' * 40_000 + "1" + "}" * 40_000 + "</script>x",
    ),
    "JSON-LD in breadth": (
        None,
        lambda: JSON_LD + "[" + '{"@type":"Article","license":"x"},' * 7_000 + "1]</script>x",
    ),
    "JSON-LD of a number": (
        None,
        lambda: JSON_LD + "1" * 250_000 + "</script>x",
    ),
    "links of megabytes": (None, lambda: f"<a href='/{'a' * 4 * MILLION}'><img src=a.jpg>x</a>"),
    "links of dots": (None, lambda: f"<a href='/{'../a/' * 900_000}'><img src=a.jpg>x</a>"),
    "a host of megabytes": (None, lambda: f"<img src='//{'ä.' * 900_000}org/a.jpg'>x"),
    "data of many images": (None, lambda: f"<img src='data:image/png;base64,{'A' * 5_000}'>x" * 900),
    "an alternative text of megabytes": (None, lambda: f"<img src=a.jpg alt='{'word ' * MILLION}'>x"),
    "sizes": (None, lambda: "<img srcset='a 1w, b 2w' sizes='" + "(min-width: 1px) 1px, " * 200_000 + "'>x"),
    "videos": (None, lambda: "<video src=a.mp4 poster=a.jpg><source src=b.mp4></video>x" * 900),
    "sources of a video": ("too_many_nodes", lambda: "<video>" + "<source src=a.mp4>" * 190_000 + "</video>x"),
    "long names": (None, lambda: f"<div class='{'comment-nav-' * 300_000}' id='{'side-bar ' * 100_000}'>x"),
    "data attributes": ("too_many_nodes", lambda: "".join(f"<p data-a{n}='{n}'>x" for n in range(60_000))),
    # Bytes
    "noise": ("too_much_text", lambda: _noise(5 * MILLION)),
    "noise of high bytes": ("too_much_text", lambda: bytes(byte | 128 for byte in _noise(5 * MILLION))),
    "undeclared Japanese": ("too_many_nodes", lambda: "<p>日本語の文章です。".encode("euc-jp") * 250_000),
    "escapes of Japanese": ("too_much_text", lambda: b"<p>" + b"\x1b$B$\x22\x1b(B" * 500_000),
    "declared wrongly": ("too_long", lambda: b"<meta charset=utf-8>" + b"\xe4\xf6\xfc a " * 900_000),
    "UTF-16": ("too_many_nodes", lambda: ("\ufeff" + "<p>word " * 300_000).encode("utf-16le")),
    "half of UTF-16": ("too_much_text", lambda: b"\xff\xfe" + b"\xd8" * 5 * MILLION),
    "almost a charset": (None, lambda: b"\xe4" + b"<meta " * 800_000),
    "charsets": ("too_many_nodes", lambda: b"\xe4" + b"<meta charset=x>" * 300_000),
    "a charset behind spaces": (None, lambda: b"\xe4<meta charset" + b" " * 5 * MILLION + b"=utf-8>x"),
    "almost UTF-8": ("too_much_text", lambda: b"<p>" + "ä ".encode() * 1_600_000 + b"\xff"),
    "binary": ("too_much_text", lambda: bytes(range(256)) * 20_000),
}  # fmt: skip
