"""The bundled sample crawl: its WARC files are what build.py makes, and truth.json says what is in them.

The fates of truth.json were written down by hand; here they are derived a second time, from the archived bytes and the
rules of the recipe, with nothing of the pipeline.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import numpy as np
import pytest
import yaml
from fastwarc.warc import ArchiveIterator, WarcRecordType
from PIL import Image
from publicsuffixlist import PublicSuffixList
from selectolax.lexbor import LexborHTMLParser, LexborNode
from warcio.archiveiterator import ArchiveIterator as WarcioIterator

from tests.places import SAMPLE

FILES = sorted(SAMPLE.glob("*.warc.gz"))
TRUTH: dict[str, Any] = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
RESPONSES: list[dict[str, Any]] = TRUTH["responses"]
DOCUMENTS = [response for response in RESPONSES if response["images"]]
LEFT_BY_DEDUPE = [document for document in DOCUMENTS if document["stage"] != "dedupe"]

# The recipe `m3w` (Flamingo, arXiv 2204.14198, appendix A.1.1); the pixel limit is Pillow's own.
MIN_SIDE_PX, MAX_ASPECT_RATIO, MAX_COLOUR_RANGE, MAX_DOCUMENTS, MAX_PIXELS = 64, 3.0, 4, 10, 89_478_485
MIN_DATA_URL_BYTES = 4096


class Record(NamedTuple):
    """What two builds must agree on, whatever the versions of the libraries that drew the pictures."""

    type: str
    id: str
    url: str | None
    date: str
    status: str | None
    content_type: str | None
    body: bytes


def read(path: Path) -> list[Record]:
    """All records of a WARC file; bodies without transfer and content encoding."""
    with path.open("rb") as file:
        return [
            Record(
                record.rec_type,
                record.rec_headers["WARC-Record-ID"],
                record.rec_headers["WARC-Target-URI"],
                record.rec_headers["WARC-Date"],
                record.http_headers and record.http_headers.get_statuscode(),
                record.http_headers and record.http_headers["Content-Type"],
                record.content_stream().read(),
            )
            for record in WarcioIterator(file)
        ]


RECORDS = {path.name: read(path) for path in FILES}
PAGES = {(r.url, r.date): r for name in TRUTH["pages_files"] for r in RECORDS[name] if r.type == "response"}
ARCHIVE = {r.url: r for records in RECORDS.values() for r in records if r.type == "response" and r.url}


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample_crawl")
    subprocess.run([sys.executable, SAMPLE / "build.py", folder], check=True)
    return folder


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_what_build_makes(rebuilt: Path, path: Path) -> None:
    again = read(rebuilt / path.name)
    committed = RECORDS[path.name]
    assert [record[:6] for record in again] == [record[:6] for record in committed]
    for new, old in zip(again[1:], committed[1:], strict=True):
        assert new.body == old.body or picture_facts(new.body) == picture_facts(old.body), old.url
    if again[0].body == committed[0].body:  # the warcinfo record names the versions that decide the bytes
        assert (rebuilt / path.name).read_bytes() == path.read_bytes()


def test_file_names_and_sizes() -> None:
    assert [path.name for path in FILES] == sorted(TRUTH["pages_files"] + TRUTH["images_files"])
    files = [path for path in SAMPLE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files) < 8 << 20
    assert max(path.stat().st_size for path in files) <= 1 << 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_readers_find_the_records_of_the_truth(path: Path) -> None:
    assert Counter(record.type for record in RECORDS[path.name]) == TRUTH["records"][path.name]
    with path.open("rb") as file:
        ids = [record.record_id for record in ArchiveIterator(file, WarcRecordType.any_type)]
    assert ids == [record.id for record in RECORDS[path.name]]


def test_variety() -> None:
    entries = yaml.safe_load((SAMPLE / "crawl.yaml").read_text(encoding="utf-8")).values()
    captures = [capture for entry in entries for capture in entry["captures"]]
    pages = [capture for capture in captures if "style" in capture]
    suffixes = PublicSuffixList()
    assert len({page["url"] for page in pages}) >= 34
    assert len({page["style"] for page in pages}) >= 12
    assert len({suffixes.privatesuffix(urlsplit(page["url"]).hostname or "") for page in pages}) >= 12
    formats = {picture_facts(record.body)[0] for record in ARCHIVE.values()}
    assert {"JPEG", "PNG", "GIF", "WEBP", None} <= formats


def test_truth_names_every_response() -> None:
    named = [(response["warc_file"], response["url"], response["crawled_at"]) for response in RESPONSES]
    found = [(name, r.url, r.date) for name in TRUTH["pages_files"] for r in RECORDS[name] if r.type == "response"]
    assert named == found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: f"{document['url']} {document['crawled_at']}")
def test_truth_names_every_image_reference(document: dict[str, Any]) -> None:
    found = [url for url, _ in references(document)]
    assert found == [image["url"] for image in document["images"]]


def test_fates_of_extract() -> None:
    for response in RESPONSES:
        record = PAGES[response["url"], response["crawled_at"]]
        if (record.content_type or "").startswith("image/"):
            fate = "archived"
        elif record.status != "200":
            fate = "http_status"
        elif "html" not in (record.content_type or ""):
            fate = "not_html"
        elif not words(response):
            fate = "no_text"
        elif not references(response):
            fate = "no_image_candidate"
        elif not page(response).css_matches("html[lang=en], html:not([lang])"):
            fate = "language"
        else:
            assert response in DOCUMENTS
            continue
        assert (response["stage"], response["fate"], response["images"]) == ("extract", fate, [])


def test_fates_of_dedupe() -> None:
    long = [document for document in DOCUMENTS if len(words(document)) >= 50]
    newest = {document["url"]: document for document in sorted(long, key=lambda d: d["crawled_at"])}
    best: dict[str, dict[str, Any]] = {}
    for document in sorted(
        sorted(newest.values(), key=lambda d: d["url"], reverse=True), key=lambda d: d["crawled_at"]
    ):
        best[" ".join(words(document))] = document
    for document in DOCUMENTS:
        if document not in long:
            fate = "too_few_words"
        elif document is not newest[document["url"]]:
            fate = "duplicate_url"
        elif document is not best[" ".join(words(document))]:
            fate = "duplicate_text"
        else:
            assert document["stage"] in (None, "pack")
            continue
        assert (document["stage"], document["fate"]) == ("dedupe", fate)
        assert {image["fate"] for image in document["images"]} == {None}


def test_fates_of_image_urls() -> None:
    data = {url: body for document in LEFT_BY_DEDUPE for url, body in references(document) if body}
    wanted = {image["url"] for document in LEFT_BY_DEDUPE for image in document["images"]}
    assert {image["url"]: image["fate"] for image in TRUTH["image_urls"]} == {
        url: "ok" if url in data else fetched(url) for url in wanted
    }


def test_fates_of_image_references() -> None:
    candidates = [rule_fates(document) for document in LEFT_BY_DEDUPE]
    documents_of = Counter(body for fates in candidates for body in {body for fate, body in fates if fate == "kept"})
    for document, fates in zip(LEFT_BY_DEDUPE, candidates, strict=True):
        final = [
            "too_frequent" if fate == "kept" and documents_of[body] > MAX_DOCUMENTS else fate for fate, body in fates
        ]
        assert final == [image["fate"] for image in document["images"]], document["url"]
        assert document["fate"] == ("kept" if "kept" in final else "no_image_left")
    assert MAX_DOCUMENTS in documents_of.values(), "one image stands exactly at the cap"
    kept = [sum(image["fate"] == "kept" for image in document["images"]) for document in LEFT_BY_DEDUPE]
    assert {5, 7, 12} <= set(kept)


def test_page_without_declared_charset_needs_detection() -> None:
    undeclared = [r for r in RESPONSES if "/mill/" in r["url"]]
    for response in undeclared:
        record = PAGES[response["url"], response["crawled_at"]]
        assert record.content_type == "text/html" and b"charset" not in record.body.lower()
        with pytest.raises(UnicodeDecodeError):
            record.body.decode("utf-8")
        assert all(text in record.body.decode("windows-1252") for text in response["text_contains"])
    assert len(undeclared) == 2


def page(response: dict[str, Any]) -> LexborHTMLParser:
    """The page of a response without what frames it."""
    body = PAGES[response["url"], response["crawled_at"]].body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("windows-1252", errors="replace")
    tree = LexborHTMLParser(text)
    for node in tree.css("header, nav, aside, footer, noscript"):
        node.decompose()
    return tree


def words(response: dict[str, Any]) -> list[str]:
    body = page(response).body
    return re.findall(r"\S+", body.text(separator=" ").lower()) if body else []


def references(response: dict[str, Any]) -> list[tuple[str, bytes | None]]:
    """URL (and bytes, for a data: image) of every image of the page, in reading order."""
    tree = page(response)
    base = tree.css_first("base")
    base_url = (base.attributes["href"] if base else None) or response["url"]
    found: list[tuple[str, bytes | None]] = []
    for image in tree.css("img"):
        url = address(image)
        if url and url.startswith("data:"):
            body = base64.b64decode(url.partition(",")[2])
            found.append((f"urn:sha256:{hashlib.sha256(body).hexdigest()}", body))
        elif url:
            found.append((urljoin(base_url, url), None))
    return found


def address(image: LexborNode) -> str | None:
    """Where an `img` of the sample's pages gets its picture from; None for a placeholder."""
    attributes = image.attributes
    if url := attributes.get("data-src"):
        return url
    if url := attributes.get("src"):
        if not url.startswith("data:") or len(base64.b64decode(url.partition(",")[2])) >= MIN_DATA_URL_BYTES:
            return url
        source = image.prev
        while source is not None and source.tag != "source":
            source = source.prev
        return source.attributes.get("data-srcset") if source else None
    return (attributes.get("srcset") or "").split(",")[-1].split()[0]


def picture_facts(body: bytes) -> tuple[str | None, tuple[int, int]]:
    """Format (None if Pillow knows none) and size in pixels; nothing is decoded."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with Image.open(BytesIO(body)) as image:
            return image.format, image.size
    except OSError:
        return None, (0, 0)
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def fetched(url: str) -> str:
    """The end state of an image URL."""
    if url not in ARCHIVE:
        return "not_in_archive"
    record = ARCHIVE[url]
    if record.status != "200":
        return "http_status"
    format_, (width, height) = picture_facts(record.body)
    if format_ is None:
        return "not_an_image"
    if width * height > MAX_PIXELS:
        return "too_many_pixels"
    try:
        with Image.open(BytesIO(record.body)) as image:
            image.load()
    except OSError:
        return "corrupt_image"
    return "ok"


def rule_fates(document: dict[str, Any]) -> list[tuple[str, bytes]]:
    """Fate (before the frequency cap) and body of every reference of a document."""
    fates: list[tuple[str, bytes]] = []
    for url, data in references(document):
        state = "ok" if data else fetched(url)
        body = data or (ARCHIVE[url].body if url in ARCHIVE else b"")
        fates.append((state if state != "ok" else image_fate(body, [b for fate, b in fates if fate == "kept"]), body))
    return fates


def image_fate(body: bytes, kept: list[bytes]) -> str:
    """Why an image that can be decoded is dropped; only the 1 x 1 GIF breaks two rules, of which size comes first."""
    with Image.open(BytesIO(body)) as image:
        width, height = image.size
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    broken = {
        "too_small": min(width, height) < MIN_SIDE_PX,
        "aspect_ratio": max(width, height) > MAX_ASPECT_RATIO * min(width, height),
        "single_colour": (width, height) != (1, 1) and np.ptp(pixels, axis=0).max() <= MAX_COLOUR_RANGE,
        "duplicate_in_document": body in kept,
    }
    reasons = [reason for reason, is_broken in broken.items() if is_broken]
    assert len(reasons) <= 1, reasons
    return reasons[0] if reasons else "kept"
