"""schema.org facts in JSON-LD: the date that a page was published, and its licence.

JSON-LD is read as plain JSON, as search engines do: contexts are not resolved, and types and properties are known by
their schema.org names. What is broken or too large is as if it were not there.
"""

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

MAX_CHARS = 200_000  # of one script that is read; the longest of 80 seen has 6,000
MAX_DEPTH = 50  # of brackets; json.loads gives up at a depth that depends on its caller's, so the limit is ours
MAX_NODES = 10_000  # objects and lists of one page

# A string (closed or not, so that no start is tried twice), or a bracket.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
# schema.org's types of what a page is about, most telling first: articles and posts of all sorts, then pages (a blog's
# plug-in declares both).
ARTICLE = re.compile(r"(?:Article|Posting|^Report)$")
PAGE = re.compile(r"(?:Page|^Recipe|^HowTo|^CreativeWork|^Book|^Course|^LearningResource)$")
MEDIA = re.compile(r"(?:Object|^Photograph|^Clip)$")  # their licence is not the page's


class Described(NamedTuple):
    """What the JSON-LD of a page says about the page."""

    dates: tuple[str, ...] = ()  # datePublished as declared, best first
    licenses: tuple[str, ...] = ()  # URLs as declared


def describe_page(scripts: list[str]) -> Described:
    """Publication dates and licences that JSON-LD `scripts` declare.

    A date counts where the outermost nodes of its sort agree on it: the articles that a front page lists differ, and
    then it has none. Articles go before pages.
    """
    dates: tuple[dict[int, list[str]], dict[int, list[str]]] = {}, {}
    licenses: list[str] = []
    for depth, node in _nodes(scripts):
        types = _types(node)
        published = node.get("datePublished")
        if isinstance(published, str):
            for found, pattern in zip(dates, (ARTICLE, PAGE), strict=True):
                if any(pattern.search(name) for name in types):
                    found.setdefault(depth, []).append(published)
        if "license" in node and not any(MEDIA.search(name) for name in types):
            licenses += _urls(node["license"])
    outermost = (found[min(found)] for found in dates if found)
    return Described(tuple(values[0] for values in outermost if len(set(values)) == 1), tuple(licenses))


def _nodes(scripts: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of all scripts, outermost first, each with its depth; neither a list nor `@graph` counts as depth."""
    waiting: deque[tuple[int, Any]] = deque((0, value) for text in scripts if (value := _parse(text)) is not None)
    visited = 0
    while waiting and visited < MAX_NODES:
        visited += 1
        depth, value = waiting.popleft()
        if isinstance(value, dict):
            yield depth, value
        for key, child in value.items() if isinstance(value, dict) else ((None, child) for child in value):
            if isinstance(child, dict | list):
                is_inside = key is not None and key != "@graph"
                waiting.append((depth + is_inside, child))


def _parse(text: str) -> dict[str, Any] | list[Any] | None:
    if len(text) > MAX_CHARS or ('"datePublished"' not in text and '"license"' not in text):
        return None  # most of it is breadcrumbs and organisations
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return None
    try:
        value = json.loads(text, strict=False)  # line breaks in strings are common
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _depth(text: str) -> int:
    """How deep brackets nest."""
    depth = deepest = 0
    for token in TOKEN.findall(text):
        if token in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif token in "}]":
            depth -= 1
    return deepest


def _types(node: dict[str, Any]) -> list[str]:
    declared = node.get("@type")
    names = declared if isinstance(declared, list) else [declared]
    return [name.rpartition("/")[2].rpartition(":")[2] for name in names[:10] if isinstance(name, str)]


def _urls(value: Any) -> Iterator[str]:
    """The URLs that a property names: as a string, as an object with `@id` or `url`, or a list of these."""
    for item in (value if isinstance(value, list) else [value])[:10]:
        url = item.get("@id") or item.get("url") if isinstance(item, dict) else item
        if isinstance(url, str):
            yield url
