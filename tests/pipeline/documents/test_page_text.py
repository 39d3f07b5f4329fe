"""The text of a page: blocks, lines, boilerplate, title."""

import pytest

from pipeline.documents.page import read_page
from tests.pipeline.documents.pages import URL, shown

SENTENCE = "This is a sentence that tells the reader something about foxes and how they live."
LINKS = "".join(f"<li><a href=/{n}>Entry {n}</a>" for n in range(8))

LAYOUT = {
    "blocks": ("<h1>Head</h1><p>One.</p><div>Two<p>Three</div>four", "Head\n\nOne.\n\nTwo\n\nThree\n\nfour"),
    "white space": ("<p> One \n two\t<b> three</b> &nbsp; four </p>", "One two three four"),
    "inline markup joins": ("<p>un<b>believ</b>able <a href=/x>link</a>s.</p>", "unbelievable links."),
    "line breaks": ("<p>One<BR>two <br/> three<br><br>Four</p>", "One\ntwo\nthree\n\nFour"),
    "lists": ("<p>See:<ul><li>One<li>Two</ul><p>End", "See:\n\n- One\n- Two\n\nEnd"),
    "numbered": ("<ol start=3><li>One<li>Two</ol><ol><li>A</ol>", "3. One\n4. Two\n\n1. A"),
    "nested lists": ("<ul><li>One<ol><li>A<li>B</ol><li>Two</ul>", "- One\n1. A\n2. B\n- Two"),
    "paragraphs in an item": ("<ul><li><p>One<p>More<li><p>Two</ul>", "- One\n\nMore\n- Two"),
    "definitions": ("<dl><dt>Fox<dd>An animal<dt>Box<dd>A thing</dl>", "Fox\nAn animal\nBox\nA thing"),
    "data table": (
        "<table><caption>Foxes</caption><tr><th>Name<th>Age<tr><td>Ada<td><p>3</table><p>End",
        "Foxes\n\nName | Age\nAda | 3\n\nEnd",
    ),
    "layout table": (f"<table><tr><td>Left<td><p>{SENTENCE}<p>More</table>", f"Left\n\n{SENTENCE}\n\nMore"),
    "table in a table": (
        "<table><tr><td>Left<td><table><tr><td>a<td>b<tr><td>c<td>d</table><tr><td>x<td>y</table>",
        "Left\n\na | b\nc | d\n\nx\n\ny",
    ),
    "preformatted": ("<p>See<pre>\n  a = 1\n\tb = 2\n\n c\n</pre>", "See\n\n  a = 1\n    b = 2\n\n c"),
    "preformatted lines as blocks": ("<pre><div>a</div><div> b</div></pre><p>End", "a\n b\n\nEnd"),
    "quotation": ("<blockquote>One<footer>Ada</footer></blockquote><p>Two", "One\n\nAda\n\nTwo"),
    "control characters": ("<p>a&#1;b&#8203;c&shy;d&#xE001;e\ufeff", "abcde"),
    "permanent links": ("<h2>Head <a href=#head>¶</a></h2><p>One", "Head\n\nOne"),
    "permanent links of definitions": ("<dl><dt>word<a href=#w>¶</a><dd>Sense</dl><p>One", "word\nSense\n\nOne"),
    "ruby": ("<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字", "漢字"),
    "unclosed everything": ("<div><p>One<b><i>two<ul><li>three", "Onetwo\n\n- three"),
    "nothing": ("", ""),
}

MAIN_TEXT = "<h1>Foxes</h1>" + f"<p>{SENTENCE}</p>" * 3
EXPECTED = "Foxes" + f"\n\n{SENTENCE}" * 3

BOILERPLATE = {
    "script and style": "<script>x()</script><style>p{}</style><template><p>T</template><noscript>Sorry</noscript>",
    "nav": "<nav><p>Home and away with a full sentence in it, which still navigates.</nav>",
    "header and footer of the page": "<header><p>My site</header><footer><p>Imprint</footer>",
    "aside": "<aside><p>Did you know?</aside>",
    "roles": "<div role=navigation>Home</div><div role=banner>Site</div><div role=contentinfo>Imprint</div>",
    "controls": "<button>Press</button><select><option>A</select><textarea>b</textarea><input value=c>",
    "form": "<form><label>Your name</label><input></form>",
    "hidden": "<p hidden>a</p><p style='color:red; DISPLAY : none'>b</p><p aria-hidden=true>c</p>",
    "for screen readers": "<span class=sr-only>Skip</span><a class='skip-link' href=#x>Skip to content</a>",
    "menu by name": "<div id=mainMenu>Home</div><ul class='nav navbar-nav'><li>Home</ul><div class=site-nav>x</div>",
    "consent": "<div class=cookie-banner>We use cookies. Do you agree to all of them, now and for ever?</div>",
    "advertisement": "<div class='ad ad-top'>Buy!</div><div id=advertisement>Buy!</div>",
    "share": "<ul class=share-buttons><li>Share on X</ul><div class=social>Follow us</div>",
    "comments": "<div id=comments><p>I like foxes too, said somebody under the article.</div>",
    "breadcrumb": "<div class=breadcrumbs>Home &gt; Animals</div>",
    "related": "<div class=related-posts><p><a href=/b>Boxes</a>: all that you ever wanted to know.</div>",
    "list of links": f"<ul>{LINKS}</ul>",
    "line of links": "<p><a href=/a>Previous</a> | <a href=/b>Next</a></p>",
}


@pytest.mark.parametrize("name", LAYOUT)
def test_layout(name: str) -> None:
    html, expected = LAYOUT[name]
    assert shown(html) == expected


@pytest.mark.parametrize("place", ["{rest}{text}", "{text}{rest}", "<div>{rest}<section>{text}</section>{rest}</div>"])
@pytest.mark.parametrize("name", BOILERPLATE)
def test_boilerplate_goes(name: str, place: str) -> None:
    assert shown("<body>" + place.format(rest=BOILERPLATE[name], text=MAIN_TEXT)) == EXPECTED


@pytest.mark.parametrize(
    "wrapper",
    [
        "<form id=aspnetForm>{}</form>",
        "<div class=has-sidebar>{}</div>",
        "<div id=comments-page>{}</div>",
        "<div class='content-sidebar-wrap'>{}</div>",
        "<div class=menu>{}</div>",
        "<div role=dialog>{}</div>",
        "<body class='cookie-bar nav-open' style='visibility:hidden'>{}",
    ],
)
def test_what_wraps_the_content_is_kept_whatever_its_name(wrapper: str) -> None:
    assert shown(wrapper.format(MAIN_TEXT)) == EXPECTED


@pytest.mark.parametrize("root", ["<main>{}</main>", "<article>{}</article>", "<div role=main>{}</div>"])
def test_one_main_or_article_is_the_page(root: str) -> None:
    assert shown(f"<p>{SENTENCE}</p>" + root.format(MAIN_TEXT) + "<p>Something else.</p>") == EXPECTED


def test_a_main_without_the_text_is_not_the_page() -> None:
    assert shown("<main><p>Loading</main>" + MAIN_TEXT) == "Loading\n\n" + EXPECTED


def test_several_articles_are_all_kept() -> None:
    assert shown(f"<article><p>{SENTENCE}</article>" * 2 + "<p>End.") == f"{SENTENCE}\n\n{SENTENCE}\n\nEnd."


def test_an_article_keeps_its_header() -> None:
    page = f"<header>Site</header><article><header><h1>Foxes</h1></header><p>{SENTENCE}</article>"
    assert shown(page) == f"Foxes\n\n{SENTENCE}"


def test_lists_with_sentences_are_kept() -> None:
    items = "".join(f"<li><a href=/{n}>{SENTENCE}</a>" for n in range(3))
    assert shown(f"<ul>{items}</ul>").count(SENTENCE) == 3


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title> A\n title </title><meta property=og:title content=other><h1>H</h1>", "A title"),
        ("<meta property=og:title content=' An  OG title '><h1>H</h1>", "An OG title"),
        ("<h1>A <i>heading</i></h1>", "A heading"),
        ("<title></title><p>x", None),
        ("<svg><title>S</title></svg><p>x", None),
    ],
)
def test_title(head: str, title: str | None) -> None:
    assert read_page(head, URL).title == title
