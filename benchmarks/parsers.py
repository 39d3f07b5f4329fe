"""Which HTML parser carries a walk over every element, attribute and text of a page in Python, and at what price.

    python benchmarks/parsers.py ../shared/data/readability_dev

For each parser: milliseconds of one core a page to build its tree, and to build it and see every start tag with its
attributes, every text and every end tag, in order; whether the tree is the standard's, on markup that takes the tree
construction of the HTML standard (section 13.2.6) to read; and seconds for 100,000 nested <div>.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
from lxml import etree
from lxml import html as lxml_html
from resiliparse.parse.html import HTMLTree, NodeType, traverse_dom
from selectolax.lexbor import LexborHTMLParser
from turbohtml import parse as turbohtml_parse
from turbohtml.saxparse import SaxHandler, sax_parse

DEEP = "<div>" * 100_000
MAX_DEEP_S = 20
# Markup and the elements below <body> that it stands for, as the standard says.
CONSTRUCTION = {
    "<table><p>a<tr><td>b": "p table tbody tr td",  # foster parenting
    "<p>a<div>b<p>c": "p div p",  # implied end tags
    "<b><p>a</b>b": "b p b",  # adoption agency
    "<ul><li>a<li>b<dl><dt>c<dd>d": "ul li li dl dt dd",
    "<select><div>a</div></select>": "select div",  # since 2025, when <select> became a container
    "<svg><p>a": "svg p",  # leaves foreign content
}


class _Events(SaxHandler):
    def __init__(self) -> None:
        self.tags: list[str] = []

    def start_element(self, tag: str, attrs: tuple[tuple[str, str | None], ...]) -> None:
        del attrs
        self.tags.append(tag)

    def end_element(self, tag: str) -> None: ...

    def characters(self, data: str) -> None: ...


def walk_turbohtml(html: str) -> list[str]:
    events = _Events()
    sax_parse(html, events)
    return events.tags


def walk_lexbor(html: str) -> list[str]:
    tags: list[str] = []
    root = LexborHTMLParser(html).root
    for node in root.traverse(include_text=True) if root else ():
        if node.tag == "-text":
            _ = node.text_content
        else:
            _ = node.attributes
            tags.append(node.tag or "")
    return tags


def walk_resiliparse(html: str) -> list[str]:
    tags: list[str] = []

    def start(context: Any) -> None:
        node = context.node
        if node.type == NodeType.TEXT:
            _ = node.value
        elif node.type == NodeType.ELEMENT:
            _ = [(name, node.getattr(name)) for name in node.attrs or ()]
            tags.append(node.tag)

    def end(context: Any) -> None: ...

    document = HTMLTree.parse(html).document
    if document:
        traverse_dom(document, start, end)
    return tags


def walk_lxml(html: str) -> list[str]:
    tags: list[str] = []
    for event, node in etree.iterwalk(_lxml(html), events=("start", "end")):
        if event == "start" and isinstance(node.tag, str):
            _ = dict(node.attrib), node.text, node.tail
            tags.append(node.tag)
    return tags


def walk_html5lib(html: str) -> list[str]:
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    return [node.tag.rpartition("}")[2] for node in tree.iter() if isinstance(node.tag, str)]


def _lxml(html: str) -> Any:
    return lxml_html.document_fromstring(html, parser=lxml_html.HTMLParser(huge_tree=True))


PARSERS: dict[str, tuple[Callable[[str], Any], Callable[[str], list[str]]]] = {
    "turbohtml": (turbohtml_parse, walk_turbohtml),
    "lexbor": (LexborHTMLParser, walk_lexbor),
    "resiliparse": (HTMLTree.parse, walk_resiliparse),
    "lxml": (_lxml, walk_lxml),
    "html5lib": (html5lib.parse, walk_html5lib),
}


def cpu_ms(read: Callable[[str], Any], pages: list[str], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for page in pages:
            read(page)
        best = min(best, time.process_time() - started)
    return best / len(pages) * 1000


def constructed(walk: Callable[[str], list[str]]) -> int:
    """How many of `CONSTRUCTION` come out as the standard says."""
    right = 0
    for markup, expected in CONSTRUCTION.items():
        tags = walk(f"<!DOCTYPE html><title></title><body>{markup}")
        right += " ".join(tags[tags.index("body") + 1 :]) == expected
    return right


def deep_s(name: str) -> str:
    """Seconds for deep markup, in a process of its own: it may crash or never end."""
    code = f"import time; from parsers import *; t = time.process_time(); PARSERS[{name!r}][1](DEEP); "
    code += "print(f'{time.process_time() - t:.2f} s')"
    try:
        ended = subprocess.run(
            [sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True, timeout=MAX_DEEP_S
        )
    except subprocess.TimeoutExpired:
        return f"over {MAX_DEEP_S} s"
    return ended.stdout.strip() if ended.returncode == 0 else "crashes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, help="folder with a source.html of every page")
    pages = [path.read_text(encoding="utf-8") for path in sorted(parser.parse_args().pages.glob("*/source.html"))]
    print(f"{len(pages)} pages; ms to parse, ms to parse and walk, trees as the standard says, 100,000 nested <div>")
    for name, (parse, walk) in PARSERS.items():
        rounds = 1 if name == "html5lib" else 5
        print(
            f"{name:12} {cpu_ms(parse, pages, rounds):8.2f} {cpu_ms(walk, pages, rounds):8.2f}"
            f"   {constructed(walk)} of {len(CONSTRUCTION)}   {deep_s(name)}"
        )


if __name__ == "__main__":
    main()
