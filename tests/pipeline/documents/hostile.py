"""Pages that were written to break a reader: each costs minutes, or gigabytes, where one of its steps is quadratic.

Most are as long as `read_page` reads; `benchmarks/hostile_pages.py` measures them beside the field's extractors.
"""

from collections.abc import Callable

MILLION = 1_000_000
CAPTIONED = "<figure><img src=a.jpg>x<figcaption>c"
PHONES = "415 555 2671, "


def _attributes(count: int) -> str:
    return " ".join(f"a{number}=1" for number in range(count))


def _cells(count: int, cell: str) -> str:
    return "<table><tr><td>a<td>b<tr>" + f"<td>{cell}" * count + "</table>"


# Why each is cut, and the page; None for one that is read whole.
HOSTILE: dict[str, tuple[str | None, Callable[[], str]]] = {
    # Depth
    "nested divs": (None, lambda: "<div>" * 100_000 + "x"),
    "nested regions": (None, lambda: "<div class=nav>" * 100_000 + "x"),
    "nested regions around paragraphs": (None, lambda: "<div class=nav>" * 40_000 + "<p>x" * 40_000),
    "nested lists of links around links": (
        None,
        lambda: "<ul>" * 40_000 + "<li><a href=x>word</a></li>" * 30_000,
    ),
    "nested articles": (None, lambda: "<article>" * 100_000 + "x"),
    "nested lists": (None, lambda: "<ul><li>" * 100_000 + "x"),
    "nested tables": (None, lambda: "<table><tr><td>x" * 30_000),
    "nested tables, closed": (None, lambda: "<table><tr><td>x" * 20_000 + "</table>" * 20_000),
    "nested figures": ("too_many_images", lambda: CAPTIONED * 40_000),
    "nested figures without images": (None, lambda: "<figure>" * 100_000 + "x"),
    "nested captions": (None, lambda: "<figcaption>" * 100_000 + "x"),
    "nested quotations": (None, lambda: "<blockquote>" * 100_000 + "x"),
    "nested links": ("too_many_nodes", lambda: "<a href=x>y" * 100_000),
    "nested noscripts": (None, lambda: "<noscript>" * 100_000 + "x"),
    "nested pictures": (None, lambda: "<picture>" * 100_000 + "<img src=a.jpg>x"),
    "nested preformatted": (None, lambda: "<pre>" * 100_000 + "x"),
    "nested templates": (None, lambda: "<template>" * 100_000 + "x"),
    "nested svg": (None, lambda: "<svg>" * 100_000 + "x"),
    "nested forms and buttons": (None, lambda: "<form><button>" * 100_000 + "x"),
    "nested hidden": (None, lambda: "<div hidden>" * 100_000 + "x"),
    "nested headings": (None, lambda: "<div><h2>" * 90_000 + "x"),
    # Breadth
    "options": ("too_many_nodes", lambda: "<select>" + "<option>a" * 200_000),
    "line breaks": ("too_many_nodes", lambda: "x" + "<br>" * MILLION),
    "line breaks between letters": ("too_many_nodes", lambda: "x<br>" * MILLION),
    "headings": ("too_many_nodes", lambda: "<h2>x" * 300_000),
    "headings below a long title": (None, lambda: f"<title>{'title ' * 300_000}</title>" + "<h2>x" * 90_000),
    "paragraphs": ("too_many_nodes", lambda: "<p>word" * 700_000),
    "paragraphs of a sentence": (None, lambda: "<p>A sentence that is long enough to have a language." * 90_000),
    "links": ("too_many_nodes", lambda: "<a href=x>y</a>" * 200_000),
    "images": ("too_many_images", lambda: "<p>x<img src=a.jpg>" * 60_000),
    "images below one long caption": (
        None,
        lambda: f"<figure>{'<img src=a.jpg>' * 900}<figcaption>{'caption ' * 600_000}</figcaption></figure>",
    ),
    "cells of a row": (None, lambda: _cells(60_000, "a")),
    "long cells of a row": (None, lambda: _cells(11_000, "word " * 90)),
    "rows": ("too_many_nodes", lambda: "<table>" + "<tr><td>a<td>b" * 100_000),
    "cells without a table": (None, lambda: "<td>a" * 90_000),
    "text in a table": (None, lambda: "<table>" + "<tr>a" * 60_000),
    "declarations": (
        "too_many_nodes",
        lambda: "<meta name=robots content=noai>" * 150_000 + "<link rel=license>" * MILLION,
    ),
    "sources": (None, lambda: "<picture>" + "<source srcset=a.jpg>" * 190_000 + "<img src=a.jpg>x"),
    "frames": ("too_many_images", lambda: "<iframe src=//www.youtube.com/embed/dQw4w9WgXcQ></iframe>x" * 60_000),
    # Misnesting
    "formatting": (None, lambda: "<b><i>" * 20_000 + "x"),
    "formatting in paragraphs": (None, lambda: "<p><font color=red>" * 5_000 + "x"),
    "formatting that changes in paragraphs": (None, lambda: "".join(f"<p><font color={n}>x" for n in range(20_000))),
    "adoption": (None, lambda: "<b><div>x</b>" * 30_000),
    "adoption of many": (None, lambda: "<a><b><i><u><s><div></a></b></i></u></s>x" * 8_000),
    "unclosed everything": (
        None,
        lambda: "<div><p>One<b><i>two<ul><li>three<table><tr><td>four<a href=x><h1>five<pre>six" * 4_000,
    ),
    "end tags": (None, lambda: "x" + "</div></p></b></table>" * 200_000),
    "end tags behind depth": (None, lambda: "<div>" * 50_000 + "x" + "</span>" * 500_000),
    # Length
    "attributes": (None, lambda: f"<p {_attributes(20_000)}>x"),
    "megabytes of attributes": ("too_long", lambda: f"<p {_attributes(6 * MILLION)}>x"),
    "attributes of many": (None, lambda: f"<p {_attributes(50)}>x" * 12_000),
    "an attribute of megabytes": ("too_long", lambda: f'<p title="{"word " * 10 * MILLION}">x'),
    "class": (None, lambda: f'<p class="{"aB" * 2 * MILLION}">x'),
    "classes": (None, lambda: f'<p class="{"a " * 2 * MILLION}">x'),
    "classes that differ": (None, lambda: "".join(f"<p class='{'x' * 90}{n}'>x" for n in range(40_000))),
    "style": (None, lambda: '<p style="' + "display " * 600_000 + '">x'),
    "style of spaces": (None, lambda: '<p style="' + "display" + " " * 4 * MILLION + '">x'),
    "width of spaces": (None, lambda: '<img src=a.jpg width="1' + " " * 4 * MILLION + 'x">x'),
    "brackets in an address": (None, lambda: '<img src="' + "{" * 4 * MILLION + '">x'),
    "addresses of megabytes": (None, lambda: "".join(f'<img src="/{"a" * 4_000}{n}.jpg">x' for n in range(900))),
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
    "markup characters": (None, lambda: "<" * 5 * MILLION),
    "scripts": (None, lambda: "x<script><!--<script>" * 200_000),
    "JSON-LD of brackets": (
        None,
        lambda: '<script type=application/ld+json>{"license":' + "[" * 180_000 + "</script>x",
    ),
    "many JSON-LD of brackets": (
        None,
        lambda: ('<script type=application/ld+json>{"license":' + "[" * 1_000 + "</script>x") * 4_000,
    ),
    # Characters
    "entities": (None, lambda: "<p>" + "&amp;" * MILLION),
    "entities of numbers": (None, lambda: "<p>" + "&#65;" * MILLION),
    "entities that are none": (None, lambda: "<p>" + "&notit" * 800_000),
    "an endless entity": (None, lambda: "<p>&#" + "1" * 5 * MILLION),
    "NULs": (None, lambda: "<p>" + "a\0" * 2 * MILLION),
    "NULs in tags": (None, lambda: "<p\0>x" * 90_000),
    "one word": (None, lambda: "<p>" + "x" * 5 * MILLION),
    "white space": (None, lambda: "<p>" + " " * 5 * MILLION + "x"),
    "white space between elements": (None, lambda: "<p>x</p>" + "\n <b></b>" * 90_000),
    "preformatted white space": (None, lambda: "<pre>x" + "\n" * 5 * MILLION),
    "combining marks": (None, lambda: "<p>e" + "\u0301\u0323" * 2 * MILLION),
    "surrogates": (None, lambda: "<p>" + "\ud800x" * 2 * MILLION),
    "private use": (None, lambda: "<p>" + "\ue000x" * 2 * MILLION),
    "words": (None, lambda: "<p>" + "word " * MILLION),
    "letters": (None, lambda: "<p>" + "a " * 2 * MILLION),
    "lines": (None, lambda: "<pre>" + "a\n" * 2 * MILLION),
    "different words": (None, lambda: "<p>" + " ".join(map(str, range(700_000)))),
    "quotation marks": (None, lambda: "<p>" + ".\"'”’»)" * 700_000),
    "e-mail addresses": (None, lambda: "<p>" + "a@b.com " * 600_000),
    "almost an e-mail address": (None, lambda: "<p>" + "a@" + "b." * 2 * MILLION),
    "telephone numbers": (None, lambda: "<p>" + PHONES * 350_000),
    "almost a telephone number": (None, lambda: "<p>" + "1  " * MILLION),
    "IP addresses": (None, lambda: "<p>" + "212.58.244.70 " * 350_000),
    "IP addresses of version 6": (None, lambda: "<p>" + "2001:db8::1 " * 400_000),
    "colons": (None, lambda: "<p>" + "a:" * 2 * MILLION),
}  # fmt: skip
