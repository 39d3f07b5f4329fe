"""The HTML file and the terminal's text: nothing of the web's gets out of its place."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from pipeline.report.documents import (
    CONTROL,
    Block,
    ShownDocument,
    ShownImage,
    ShownRow,
    lay_out,
    read_documents,
    to_html,
    to_terminal,
)
from pipeline.report.thumbnail import make_thumbnail
from tests.pipeline.report.corpora import Page, Picture, picture_bytes, write_corpus
from tests.pipeline.report.hostile import ADDRESSES, BEACON, PROOF, QUOTES, SECTIONS, hostile_page

ATTRIBUTES = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset", "http-equiv", "content", "name"},
    "title": set(),
    "style": set(),
    "body": set(),
    "header": {"class"},
    "h1": set(),
    "dl": {"class"},
    "dt": set(),
    "dd": set(),
    "div": {"class", "dir", "lang"},
    "nav": {"id", "aria-label"},
    "ol": {"class"},
    "li": {"dir"},
    "a": {"href", "rel", "dir", "title"},
    "span": {"class", "lang"},
    "bdi": {"class", "dir", "title"},
    "main": set(),
    "article": {"id"},
    "h2": {"dir"},
    "p": {"class", "dir", "lang"},
    "code": {"title"},
    "figure": set(),
    "img": {"src", "width", "height", "alt"},
    "figcaption": set(),
    "ul": set(),
    "table": set(),
    "tr": set(),
    "td": set(),
}
THUMBNAIL = make_thumbnail(picture_bytes())


class Elements(HTMLParser):
    """All elements with their attributes, and the text of the documents' bodies."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self._open.append(f"{tag}.{dict(attrs).get('class')}")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().split(".")[0] == tag

    def handle_data(self, data: str) -> None:
        if "div.body" in self._open and not {"figure.None", "div.part"} & set(self._open):
            self.words += data.split()


def image(position: int, text: str = "", thumbnail: bool = True) -> ShownImage:
    shown = THUMBNAIL if thumbnail else None
    return ShownImage(position, text, text, text, text, 96, 64, 1, shown, None if thumbnail else "corrupt_image")


def document(text: str, *positions: int, other: str = "other") -> ShownDocument:
    return ShownDocument(other, other, other, other, 1, [ShownRow(0, text, [image(p, other) for p in positions])])


def terminal(documents: list[ShownDocument], width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    to_terminal(documents, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


# Characters that mean something to HTML, to a terminal or to this page's layout, and then any others.
TEXTS = st.text(
    st.sampled_from("<>&\"'`=/ \n|-1.a\x1b[]\x07\x9b\x00\r\t\u202e\u2066א{}%#") | st.characters(), max_size=80
)


@given(text=TEXTS, other=TEXTS, position=st.integers(0, 80))
@settings(max_examples=150, deadline=None)
def test_no_text_becomes_markup(text: str, other: str, position: int) -> None:
    html = to_html([document(text, min(position, len(text)), other=other), document(other)])
    for tag, attributes in Elements(html).elements:
        assert attributes.keys() <= ATTRIBUTES[tag]
        if tag == "a":
            assert re.match("#|https?://", attributes["href"] or "", re.IGNORECASE)
        if tag == "img":
            assert (attributes["src"] or "").startswith("data:image/jpeg;base64,")


@given(text=st.text(st.characters(exclude_characters="\x1b") | st.sampled_from(" \n|-1.<&\x9b\x9d"), max_size=80))
@settings(max_examples=150, deadline=None)
def test_all_text_is_there(text: str) -> None:
    seen = Elements(to_html([document(text)])).words
    assert "".join(seen).replace("|", "") == "".join(CONTROL.sub("", text).split()).replace("|", "")


@given(text=TEXTS, other=TEXTS)
@settings(max_examples=150, deadline=None)
def test_a_terminal_gets_no_control_character(text: str, other: str) -> None:
    printed = terminal([document(text, 0, other=other)])
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed)


def test_terminal_text_is_as_it_was_without_the_sequences() -> None:
    text = (
        "\x1b[31mred\x1b[0m \x1b]8;;http://beacon.example\x1b\\link\x1b]8;;\x07 \x1b_hidden\x1b\\[bold]rich[/bold] :+1:"
    )
    assert "red link [bold]rich[/bold] :+1:\n" in terminal([document(text)])


def test_a_sequence_without_an_end_hides_no_text() -> None:
    text = "He said \x93yes\x94 and \x1b]0;went \x9daway\x1b["
    assert "He said yes and ]0;went away[" in terminal([document(text)])


def test_terminal_shows_images_in_their_place() -> None:
    lines = terminal([document("before\n\nafter", 8, other="https://example.org/a.png")], width=120).splitlines()
    before, after = lines.index("before"), lines.index("after")
    between = "\n".join(lines[before:after])
    assert "│ image 96x64 https://example.org/a.png │" in between
    assert "┌" in between
    assert "└" in between


def test_terminal_says_parts_and_what_cannot_be_shown() -> None:
    rows = [ShownRow(0, "one", [image(0, "x", thumbnail=False)]), ShownRow(1, "two", [])]
    printed = terminal([ShownDocument("id", "url", None, "en", 2, rows)])
    assert "image 96x64 (corrupt_image) x" in printed
    assert re.search("one\n\n.*part 2 of 2.*\n\ntwo", printed)


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        (" \n\n \n", []),
        ("one\n\ntwo\n \nthree", [("text", "one"), ("text", "two"), ("text", "three")]),
        ("two\n  lines", [("text", "two\n  lines")]),
        ("- one\n- two", [("list", "- one\n- two")]),
        ("12. one\ncontinued\n13. two", [("list", "12. one\ncontinued\n13. two")]),
        ("-no list", [("text", "-no list")]),
        ("a | b\nc | d", [("table", "a | b\nc | d")]),
        ("a | b\nno table", [("text", "a | b\nno table")]),
        ("home | about", [("text", "home | about")]),
    ],
)
def test_blocks(text: str, blocks: list[tuple[str, str]]) -> None:
    found = [piece for piece in lay_out(ShownRow(0, text, [])) if isinstance(piece, Block)]
    assert [(block.kind, "\n".join(block.lines)) for block in found] == blocks


def test_images_divide_blocks() -> None:
    first, second, third = image(0, "first"), image(3, "second"), image(3, "third")
    pieces = list(lay_out(ShownRow(0, "onetwo", [first, second, third])))
    assert pieces == [first, Block("text", ["one"]), second, third, Block("text", ["two"])]


def test_hostile_page_as_html(tmp_path: Path) -> None:
    html = to_html(read_documents(write_corpus(tmp_path, [hostile_page()]), document_id=None, sample=1))
    parsed = Elements(html)
    assert PROOF not in {name for _, attributes in parsed.elements for name in attributes}
    links = [attributes for tag, attributes in parsed.elements if tag == "a" and "rel" in attributes]
    assert [link["href"] for link in links] == [ADDRESSES[2], ADDRESSES[4], ADDRESSES[9]]
    assert {link["rel"] for link in links} == {"noopener noreferrer nofollow"}
    assert [a["alt"] for tag, a in parsed.elements if tag == "img"] == [
        f"alt {number} {QUOTES}" for number in range(10) if number not in (3, 7)
    ]
    assert html.count("This image cannot be shown: corrupt_image") == 2
    assert "49" not in parsed.words  # {{ 7 * 7 }} is text


def test_hostile_page_in_a_terminal(tmp_path: Path) -> None:
    printed = terminal(read_documents(write_corpus(tmp_path, [hostile_page()]), document_id=None, sample=1), width=400)
    for section in (SECTIONS[0], SECTIONS[1], *SECTIONS[5:]):
        assert section in printed
    assert "Section three. red link 1mbold [bold]rich[/bold]" in printed
    assert f"{BEACON}/image.png" in printed
    assert f"{BEACON}/osc" not in printed


def test_page_asks_for_nothing_from_outside() -> None:
    html = to_html([document("text", 0, other="https://example.org/x")])
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    sources = [a[name] for _, a in Elements(html).elements for name in ("src", "srcset", "data", "action") if name in a]
    assert all(source and source.startswith("data:image/jpeg;base64,") for source in sources)


def test_counts_and_contents() -> None:
    html = to_html([document("one two", 0, 3), document("three")])
    for name, count in {"images": 2, "rows": 2, "words": 3}.items():
        assert f"<dt>{name}</dt><dd>{count}</dd>" in html
    targets = re.findall('<a href="#(document-[0-9]+)">', html)
    assert targets == ["document-1", "document-2"]
    assert all(f'<article id="{target}">' in html for target in targets)


def test_no_documents_is_a_page_too() -> None:
    assert "<h1>0 documents</h1>" in to_html([])


def test_same_documents_same_bytes(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, [Page("text", [Picture(0, picture_bytes())])])
    first, second = (to_html(read_documents(corpus, document_id=None, sample=1)) for _ in range(2))
    assert first == second
