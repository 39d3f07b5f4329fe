"""Which images a build asks for, and what it notes of their responses: a few pages, and the images beside them."""

from pathlib import Path
from typing import Any

from pipeline.build import STAGES
from pipeline.report.verify import verify
from pipeline.store import Store
from pipeline.tables import read_manifest, total
from tests.pipeline.corpora import IN_MEMORY, rows
from tests.pipeline.crawl.archives import response
from tests.pipeline.in_process import succeed
from tests.pipeline.report.corpora import picture_bytes

SITE = "http://example.org/"
STAGE_NAMES = ("extract", "dedupe", "locate", "fetch", "select")
ANY_TEXT = ("languages=any", "min_words=1", "min_stop_words=0", "min_colour_range=0")
Headers = tuple[tuple[str, str], ...]
Row = dict[str, Any]


def build(folder: Path, pages: dict[str, str], images: dict[str, Headers], *settings: str) -> Path:
    """A corpus of these pages, by name, up to the choice of images; each image is served with these headers."""
    crawl, archive = folder / "pages.warc.gz", folder / "images.warc.gz"
    crawl.write_bytes(
        b"".join(
            response(page.encode(), url=SITE + name, warc_headers={"WARC-Record-ID": f"<urn:x:{name}>"})
            for name, page in pages.items()
        )
    )
    archive.write_bytes(
        b"".join(
            response(picture_bytes((30 * number, 90, 90)), (("Content-Type", "image/png"), *headers), url=SITE + name)
            for number, (name, headers) in enumerate(images.items())
        )
    )
    chosen = [part for setting in (*ANY_TEXT, *settings) for part in ("--set", setting)]
    corpus = folder / "corpus"
    succeed(
        *("build", crawl, "--image-archive", archive, "--output", corpus),
        *("--stages", ",".join(STAGE_NAMES), *IN_MEMORY, *chosen),
    )
    assert list(verify(Store(str(corpus)), tuple(stage for stage in STAGES if stage.name in STAGE_NAMES))) == []
    return corpus


def by_name(corpus: Path, table: str) -> dict[str, Row]:
    """The rows of a table by the name of their image."""
    return {row["url"].removeprefix(SITE): row for row in rows(corpus, table)}


def test_what_servers_say_against_use(tmp_path: Path) -> None:
    """Every header is for everybody until it names a robot: `googlebot` ends with its header."""
    images: dict[str, Headers] = {
        "free.png": (),
        "two.png": (("X-Robots-Tag", "googlebot: noindex"), ("x-robots-tag", "noimageindex, noarchive")),
        "google.png": (("X-Robots-Tag", "googlebot: noindex"),),
        "both.png": (("X-Robots-Tag", "NoAI"), ("TDM-Reservation", "1")),
    }
    page = "".join(f"<p>Image {name}.<img src={name}>" for name in [*images, "lost.png"])
    corpus = build(tmp_path, {"page": page}, images)
    said = {name: row["opt_outs"] for name, row in by_name(corpus, "images").items()}
    assert said == {
        "free.png": [],
        "two.png": ["noimageindex"],
        "google.png": [],
        "both.png": ["noai", "tdm_reservation"],
        "lost.png": None,
    }


def test_what_the_page_rules_out_is_not_asked_for(tmp_path: Path) -> None:
    """But an image that one document refuses and another has is."""
    pages = {
        "one": "<p>A pier.<img src=pier.png width=300 height=200><img src=logo.png><img src=dot.png width=40>",
        "two": "<p>Another text.<img src=pier.png width=40><img src=icons/logo.png>",
    }
    images: dict[str, Headers] = dict.fromkeys(("pier.png", "logo.png", "dot.png", "icons/logo.png"), ())
    corpus = build(tmp_path, pages, images, "banned_url_words=logo", "min_declared_side_px=100")
    assert by_name(corpus, "image_requests").keys() == by_name(corpus, "images").keys() == {"pier.png"}
    chosen = sorted((row["url"].removeprefix(SITE), row["reason"] or "") for row in rows(corpus, "image_selection"))
    assert chosen == [
        ("dot.png", "declared_too_small"),
        ("icons/logo.png", "url_word"),
        ("logo.png", "url_word"),
        ("pier.png", ""),
        ("pier.png", "declared_too_small"),
    ]
    selected = total((read_manifest(Store(str(corpus)), "select") or {}).values())["image_references"]
    assert selected.taken == 5
    assert selected.dropped == {"url_word": 2, "declared_too_small": 2}
