"""Which URL an image element stands for: `srcset`, `<source>`, lazy-loading attributes, placeholders, `data:`."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from pipeline.documents.sides import declared_width_px
from pipeline.documents.tree import Attributes
from pipeline.documents.urls import resolve

# A data: image below this is a placeholder (blurred previews are 200 to 2,000 bytes), one above it is content.
MIN_EMBEDDED_BYTES = 4096
MIN_WIDTH_PX = 150  # the shortest side that OBELICS and MMC4 keep
MAX_SRCSET_ITEMS = 100  # of one attribute; sites that offer every width offer 20
MAX_EMBEDDED_BYTES = 16 << 20

# Where scripts that load images late keep the address: lazysizes, jQuery lazyload, WordPress plugins and the like,
# and OBELICS' list (obelics/utils/tags_attributes.py).
LAZY_SRCSETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
SRCSETS = ("srcset", *LAZY_SRCSETS)
LAZY_SOURCES = (
    "data-src",
    "data-original",
    "data-lazy-src",
    "data-lazy",
    "data-original-src",
    "data-actualsrc",
    "data-hi-res-src",
    "data-img-src",
    "data-image-src",
    "data-src-fg",
    "data-scroll-image",
    "data-lateloadsrc",
    "data-gt-lazy-src",
    "data-echo",
    "data-interchange",
    "data-url",
    "data-defer-src",
    "src2",
)
PLACEHOLDER_NAME = re.compile(
    r"(?:^|[^a-z])(?:blank|placeholder|spacer|transparent|trans|pixel|1x1|loading|loader|lazy|lazyload|dummy|empty|"
    r"grey|gray|clear)(?:[^a-z][^/]*)?$"
)
# What every decoder of ours reads; a <source> of another type is taken only where nothing else is offered.
COMMON_TYPES = ("", "image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp")
IN_LIST = re.compile(r"\A\[\s*([^\s,\]]+).*", re.DOTALL)  # Foundation Interchange: "[URL, (default)], [URL, (large)]"
DATA_URL = re.compile(r"\s*data:([^,;]*)([^,]*),", re.IGNORECASE)
SRCSET_URL = re.compile(r"[\s,]*([^\s,]\S*)")
SRCSET_DESCRIPTORS = re.compile(r"[^,(]*(?:\([^)]*\)?[^,(]*)*")
IN_BRACKETS = re.compile(r"\([^)]*\)?")
DESCRIPTOR = re.compile(r"(\d{1,7}(?:\.\d{1,4})?)([wx])")
# What a script still has to fill in: anywhere in the path; queries hold formulas in TeX.
TEMPLATE = re.compile(r"^[^?]*?(?:\{[^{}]*\}|\$\{|%7B)|=\{\w+\}")
DRAWING = re.compile(r"\.(?:gif|svg)(?:[?#]|$)", re.IGNORECASE)
PHOTOGRAPH = re.compile(r"\.(?:jpe?g|png|webp|avif)(?:[?#]|$)", re.IGNORECASE)
NO_ADDRESS = re.compile(r"[\s{}\"<>]")


class Embedded(NamedTuple):
    """An image that the page itself holds as a `data:` URL."""

    mime: str
    data: bytes


class SourceSetItem(NamedTuple):
    """One candidate of a `srcset`: zero where it has no such descriptor."""

    url: str
    width_px: float
    density: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The address of an image: `url` is None where the element has none (yet)."""

    url: str | None
    is_lazy: bool  # a script would have filled it in, so a <noscript> copy may follow or stand before it
    embedded: Embedded | None = None


def choose(image: Attributes, sources: Sequence[Attributes], base: str) -> Choice:
    """The best address of an `<img>` with its attributes and those of the `<source>` elements of its `<picture>`.

    1. `src`, or a lazy-loading attribute where `src` only holds its place: what the page shows where it has no choice,
       and what other tools know the image by. Before it, where it is known to be narrower than `MIN_WIDTH_PX`, the
       largest of all source sets that is not.
    2. The largest candidate of all source sets: by width, then by density; of equals the `<img>`'s own, then the first.
    3. Where `src` is a placeholder or missing, the first other attribute that holds the address of a photograph.
    """
    lazy = [IN_LIST.sub(r"\1", value) for value in map(image.get, LAZY_SOURCES) if value]
    is_lazy = bool(lazy) or any(map(image.get, LAZY_SRCSETS))
    for raw in _best_first(image, sources, lazy, is_lazy=is_lazy):
        if data_url := DATA_URL.match(raw):
            if embedded := _decode(data_url, raw):
                digest = hashlib.sha256(embedded.data).hexdigest()
                return Choice(f"urn:sha256:{digest}", is_lazy, embedded)
        elif not TEMPLATE.search(raw) and (url := resolve(raw, base)) and url != base.partition("#")[0]:
            return Choice(url, is_lazy)
    return Choice(None, is_lazy)


def _best_first(
    image: Attributes, sources: Sequence[Attributes], lazy: Sequence[str], *, is_lazy: bool
) -> Iterator[str]:
    src = (image.get("src") or "").strip()
    own = [src] if src else []
    is_placeholder = _is_placeholder(image, src, is_lazy=is_lazy)
    single = [*lazy, *own] if is_placeholder else [*own, *lazy]
    width_px = _shown_width_px(image, single[0]) if single else 0.0
    if 0 < width_px < MIN_WIDTH_PX:
        for item in _by_size(image, sources):
            if (item.width_px or width_px * (item.density or 1.0)) >= MIN_WIDTH_PX:
                yield item.url
    yield from lazy if is_placeholder else single
    yield from (item.url for item in _by_size(image, sources))
    if is_placeholder:
        yield from islice(_other_addresses(image), 1)
        yield from own


def _is_placeholder(image: Attributes, src: str, *, is_lazy: bool) -> bool:
    """Whether `src` only holds the place of another address of the image.

    What has a `data-src` as well was written for a script that puts it there. Elsewhere the name tells, and the kind of
    file: scripts put photographs in the place of a GIF or an SVG.
    """
    if not src or src.startswith("data:") or image.get("data-src") or PLACEHOLDER_NAME.search(_file_stem(src)):
        return True
    return DRAWING.search(src) is not None and (is_lazy or any(_other_addresses(image)))


def _other_addresses(image: Attributes) -> Iterator[str]:
    """Addresses of photographs in attributes that nobody agreed upon."""
    for name, value in image.items():
        if name.startswith("data-") and value and _is_photograph(value):
            yield value


def _is_photograph(value: str) -> bool:
    return "/" in value and PHOTOGRAPH.search(value) is not None and NO_ADDRESS.search(value) is None


def parse_srcset(value: str) -> Iterator[SourceSetItem]:
    """The candidates of a `srcset` attribute (HTML standard, "parsing a srcset attribute"): URLs may hold commas."""
    position = 0
    while found := SRCSET_URL.match(value, position):
        url, position, descriptors = found[1], found.end(), ""
        if url.endswith(","):
            url = url.rstrip(",")
        elif rest := SRCSET_DESCRIPTORS.match(value, position):
            descriptors, position = rest[0], rest.end()
        if url:
            width_px = density = 0.0
            if "(" in descriptors:
                descriptors = IN_BRACKETS.sub("", descriptors)
            for descriptor in descriptors.split():
                if found := DESCRIPTOR.fullmatch(descriptor):
                    width_px, density = (float(found[1]), density) if found[2] == "w" else (width_px, float(found[1]))
            yield SourceSetItem(url, width_px, density)


def _by_size(image: Attributes, sources: Sequence[Attributes]) -> list[SourceSetItem]:
    """The candidates of all source sets, best first."""
    found: list[tuple[tuple[bool, float, float, bool], SourceSetItem]] = []
    for attributes in (image, *sources):
        is_own = attributes is image
        is_common = (attributes.get("type") or "").strip().lower() in COMMON_TYPES
        for value in filter(None, map(attributes.get, SRCSETS)):
            for item in islice(parse_srcset(value), MAX_SRCSET_ITEMS):
                found.append(((is_common, item.width_px, item.density or 1.0, is_own), item))
    if found and not any(item.width_px for _, item in found) and (src := image.get("src")):
        # Beside densities alone, src is the candidate of density 1.
        found.append(((True, 0.0, 1.0, True), SourceSetItem(src, 0.0, 1.0)))
    found.sort(key=lambda ranked: ranked[0], reverse=True)
    return [item for _, item in found]


def _shown_width_px(image: Attributes, url: str) -> float:
    """How wide the page says that the image of this address is; 0 where it does not."""
    for value in filter(None, map(image.get, SRCSETS)):
        for item in islice(parse_srcset(value), MAX_SRCSET_ITEMS):
            if item.url == url and item.width_px:
                return item.width_px
    return declared_width_px(image) or 0.0


def _file_stem(url: str) -> str:
    name = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2].lower()
    return name.rpartition(".")[0] or name


def _decode(data_url: re.Match[str], raw: str) -> Embedded | None:
    """The bytes of a `data:` URL if they are an image large enough to be content, and not SVG."""
    mime, content = data_url[1].strip().lower(), raw[data_url.end() :]
    if not mime.startswith("image/") or "svg" in mime:
        return None
    if not MIN_EMBEDDED_BYTES <= len(content) <= 2 * MAX_EMBEDDED_BYTES:  # base64 never makes it shorter
        return None
    data = unquote_to_bytes(content)
    if "base64" in data_url[2].lower():
        try:
            data = base64.b64decode(re.sub(rb"\s+", b"", data))
        except (binascii.Error, ValueError):
            return None
    return Embedded(mime, data) if MIN_EMBEDDED_BYTES <= len(data) <= MAX_EMBEDDED_BYTES else None
