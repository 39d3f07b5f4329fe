"""How close the documents of `m3w extract` are to what Readability expects, against its peers in the same run.

    python benchmarks/fidelity.py TOOL PAGES

TOOL is the scorer (shared/tools/fidelity.py), PAGES the folder with `source.html` and `expected.html` of every page.
Prints the scorer's line for every peer and for us, and one more line for us: the scorer reads `src` of the expected
images alone and so knows nothing of those that have a `srcset` and no `src` (56 of one page), which are counted as
errors of whoever finds them. The last line counts them as what they are. CPU milliseconds a page stand behind each.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from pipeline.documents.candidates import parse_srcset
from pipeline.recipe import load_recipe
from pipeline.report.pages import PageReader


def load_tool(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("fidelity_tool", path)
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def ours(reader: PageReader) -> Callable[[bytes, str], list[dict[str, Any]]]:
    def extract(body: bytes, url: str) -> list[dict[str, Any]]:
        found = reader.read(body, url, (), "text/html; charset=utf-8")
        assert isinstance(found, dict), found
        segments: list[dict[str, Any]] = found["segments"]
        return segments

    return extract


def with_srcset(html: str) -> str:
    """The expected page with the largest candidate as `src` of every image that has none."""
    tree = LexborHTMLParser(html)
    for image in tree.css("img:not([src])"):
        candidates = list(parse_srcset(image.attributes.get("srcset") or image.attributes.get("data-srcset") or ""))
        if candidates:
            image.attrs["src"] = max(candidates, key=lambda item: (item.width_px, item.density)).url
    return tree.html or ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", type=Path)
    parser.add_argument("pages", type=Path)
    arguments = parser.parse_args()
    tool = load_tool(arguments.tool)
    data = tool.load(str(arguments.pages))
    own = ours(PageReader(load_recipe("m3w")))
    for name, extract in [*tool.peers(), ("m3w", own)]:
        started, got = time.process_time(), []
        for page, source, _ in data:
            url = tool.page_url(page)
            try:
                got.append(tool.segment_tokens(extract(source.encode(), url), url))
            except Exception as error:  # noqa: BLE001  (a peer that fails on a page scores nothing there)
                print(f"{name} fails on {page}: {error!r}"[:100])
                got.append([])
        cpu_ms = (time.process_time() - started) / len(data) * 1000
        tool.report(name, list(zip(got, (reference for *_, reference in data), strict=True)), cpu_ms)
    expected = {name: html for name, _, html in tool.pages(str(arguments.pages))}
    references = [tool.reference_tokens(with_srcset(expected[name]), tool.page_url(name)) for name, *_ in data]
    tool.report("m3w, srcset counted", list(zip(got, references, strict=True)))


if __name__ == "__main__":
    main()
