"""How much of what people marked on pages is in the text, and how much of what they crossed out, beside the peers.

    python benchmarks/labelled_pages.py FOLDER

FOLDER is the source of the Go module `go-trafilatura` (1.12: `go mod download` fetches it), which holds 983 pages of
the evaluation of trafilatura: for each some phrases that its text must hold, and some of menus, teasers and footers
that it must not. Nobody of ours labelled them; trafilatura is developed on them. Captions are crossed out on some
pages, and kept by us.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import trafilatura
import turbohtml
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import bytes_to_str, detect_encoding

from pipeline.crawl.charset import decode_html
from pipeline.documents.page import read_page

STRING = r'"(?:[^"\\]|\\.)*"|`[^`]*`'
PAGE = re.compile(rf"^\t({STRING}): \{{(.*?)^\t\}},", re.DOTALL | re.MULTILINE)


class LabelledPage(NamedTuple):
    url: str
    body: bytes
    wanted: list[str]
    unwanted: list[str]


def load(folder: Path) -> Iterator[LabelledPage]:
    for url, fields in PAGE.findall((folder / "scripts" / "comparison" / "data.go").read_text()):
        (name,) = _strings("File", fields)
        path = folder / "test-files" / "comparison" / name
        if not path.exists():
            path = folder / "test-files" / "mock" / name
        if path.exists():
            yield LabelledPage(_value(url), path.read_bytes(), _strings("With", fields), _strings("Without", fields))


def _strings(field: str, fields: str) -> list[str]:
    found = re.search(rf"\t{field}:\s*(.*)$", fields, re.MULTILINE)
    return [_value(literal) for literal in re.findall(STRING, found[1])] if found else []


def _value(literal: str) -> str:
    return literal[1:-1] if literal.startswith("`") else str(json.loads(literal))


def with_m3w(body: bytes, url: str) -> str:
    return read_page(decode_html(body, None)[0], url).text


def with_trafilatura(body: bytes, url: str) -> str:
    return trafilatura.extract(body, include_comments=False, url=url) or ""


def with_resiliparse(body: bytes, _: str) -> str:
    html = bytes_to_str(body, detect_encoding(body) or "utf-8")
    return str(extract_plain_text(html, main_content=True))


def with_turbohtml(body: bytes, _: str) -> str:
    content = turbohtml.parse(body).main_content()
    return content.to_text() if content else ""


def show(name: str, extract: Callable[[bytes, str], str], pages: list[LabelledPage]) -> None:
    wanted = unwanted = missed = 0
    started = time.process_time()
    for page in pages:
        text = _folded(extract(page.body, page.url))
        found = sum(_folded(phrase) in text for phrase in page.wanted)
        wanted, missed = wanted + found, missed + len(page.wanted) - found
        unwanted += sum(_folded(phrase) in text for phrase in page.unwanted)
    cpu_ms = (time.process_time() - started) / len(pages) * 1000
    precision, recall = wanted / (wanted + unwanted), wanted / (wanted + missed)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"{name:12} precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  {cpu_ms:6.2f} ms a page")


def _folded(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    pages = list(load(parser.parse_args().folder))
    print(f"{len(pages)} pages, {sum(len(page.wanted) for page in pages)} phrases to find, ", end="")
    print(f"{sum(len(page.unwanted) for page in pages)} to leave out")
    ways = {"m3w": with_m3w, "trafilatura": with_trafilatura, "resiliparse": with_resiliparse}
    for name, extract in (ways | {"turbohtml": with_turbohtml}).items():
        show(name, extract, pages)


if __name__ == "__main__":
    main()
