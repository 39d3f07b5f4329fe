"""The stage dedupe as a whole: planted duplicates of every kind, in Beam's runner, from WARC files to the selection."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.documents.paragraphs import cut
from pipeline.store import Store
from pipeline.tables import Tally, read_manifest, total
from tests.pipeline.corpora import IN_MEMORY, assert_same_tables, m3w, rows
from tests.pipeline.documents.edited import edited, jaccard, random_text
from tests.pipeline.in_process import build_sample, fail, succeed
from tests.pipeline.pages import Page, write_crawl
from tests.places import SAMPLE

STAGES = ("--stages", "extract,dedupe")
# The texts of these pages are of no language and of random words.
ANY_TEXT = ("languages=any", "require_image_candidate=false", "min_words=1", "min_stop_words=0")
Row = dict[str, Any]


def arguments(crawl: list[Path], corpus: Path, *settings: str, text: tuple[str, ...] = ANY_TEXT) -> list[object]:
    chosen = [part for setting in (*text, *settings) for part in ("--set", setting)]
    return ["build", *crawl, "--output", corpus, *STAGES, *chosen]


def dedupe(crawl: list[Path], corpus: Path, *settings: str) -> dict[str, Row]:
    """By URL, what became of every document of `crawl`, with its row of documents/."""
    succeed(*arguments(crawl, corpus, *settings), *IN_MEMORY)
    return selection(corpus)


def selection(corpus: Path) -> dict[str, Row]:
    documents = {row["document_id"]: row for row in rows(corpus, "documents")}
    chosen = rows(corpus, "document_selection")
    found = {documents[row["document_id"]]["url"]: documents[row["document_id"]] | row for row in chosen}
    tally = documents_tally(corpus)
    assert tally.taken == len(documents) == len(chosen)
    assert sum(tally.dropped.values()) == sum(not row["kept"] for row in chosen)
    assert all(row["kept"] == (row["reason"] is None) for row in chosen)
    return found


def documents_tally(corpus: Path, population: str = "documents") -> Tally:
    manifest = read_manifest(Store(str(corpus)), "dedupe")
    assert manifest is not None
    return total(manifest.values())[population]


# Word edits that take texts from equal down to hardly alike; 0.2 leaves a Jaccard similarity of about 0.2.
SHARES = (0.0, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """300 texts, each with one copy that is edited by one of the shares, newer than its original or older."""
    random = Random(7)
    pages = []
    for number in range(300):
        text = random_text(random, random.randrange(80, 400))
        copy = edited(text, SHARES[number % len(SHARES)], random)
        pages.append(Page(f"https://site-{number}.example/original", text, day=100))
        pages.append(Page(f"https://site-{number}.example/copy", copy, day=random.randrange(200)))
    random.shuffle(pages)
    return write_crawl(tmp_path_factory.mktemp("planted"), pages, files=3)


@pytest.fixture(scope="module")
def planted_corpus(planted: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("corpus") / "corpus"
    succeed(*arguments(planted, corpus), *IN_MEMORY)
    return corpus


def test_near_duplicates_are_found_and_nothing_else_is(planted_corpus: Path) -> None:
    found = selection(planted_corpus)
    by_id = {row["document_id"]: row for row in found.values()}
    assert {row["reason"] for row in found.values()} == {None, "duplicate_text", "near_duplicate"}

    false = [row for row in found.values() if row["reason"] and similarity_to_newer(row, by_id) < 0.5]
    assert false == []

    pairs = [[found[f"https://site-{number}.example/{name}"] for name in ("original", "copy")] for number in range(300)]
    alike = [pair for pair in pairs if jaccard(pair[0]["text"], pair[1]["text"]) >= 0.8]
    merged = [pair for pair in alike if sum(row["kept"] for row in pair) == 1]
    assert len(alike) > 120
    assert len(merged) / len(alike) >= 0.95


def similarity_to_newer(row: Row, by_id: dict[str, Row]) -> float:
    """How alike the document truly is to the one that it duplicates, which is newer, as is what that duplicates."""
    newer = by_id[row["duplicate_of"]]
    assert newer["crawled_at"] >= row["crawled_at"]
    return jaccard(row["text"], newer["text"])


@pytest.mark.parametrize(
    ("workers", "mode"), [(2, "multi_threading"), pytest.param(2, "multi_processing", marks=pytest.mark.slow)]
)
def test_any_number_of_workers_writes_the_same_bytes(
    planted: list[Path], planted_corpus: Path, tmp_path: Path, workers: int, mode: str
) -> None:
    more = ["--workers", workers, "--direct-running-mode", mode]
    m3w(*arguments(planted, tmp_path / "corpus"), *more)
    assert_same_tables(planted_corpus, tmp_path / "corpus")


def test_the_newest_of_each_kind_of_duplicate_stays(tmp_path: Path) -> None:
    random = Random(8)
    one, other, third = (random_text(random, 120) for _ in range(3))
    pages = [
        Page("https://a.example/", one, day=1),
        Page("https://a.example/", other, day=2),  # the same URL, another text
        Page("https://b.example/", other.upper(), day=1),  # the same text
        Page("https://c.example/", edited(other, 0.03, random), day=3),  # nearly
        Page("https://d.example/", third, day=1),
    ]
    corpus = tmp_path / "corpus"
    succeed(*arguments(write_crawl(tmp_path, pages), corpus), *IN_MEMORY)
    ids = {row["document_id"]: (row["url"], row["crawled_at"].day) for row in rows(corpus, "documents")}
    found = {
        ids[row["document_id"]]: (row["reason"], ids.get(row["duplicate_of"]))
        for row in rows(corpus, "document_selection")
    }
    assert found == {
        ("https://a.example/", 2): ("duplicate_url", ("https://a.example/", 3)),
        ("https://a.example/", 3): ("near_duplicate", ("https://c.example/", 4)),
        ("https://b.example/", 2): ("duplicate_text", ("https://a.example/", 3)),
        ("https://c.example/", 4): (None, None),
        ("https://d.example/", 2): (None, None),
    }


def test_near_duplicates_stay_where_the_recipe_says_so(tmp_path: Path) -> None:
    random = Random(9)
    text = random_text(random, 120)
    pages = [Page("https://a.example/", text), Page("https://b.example/", edited(text, 0.03, random))]
    found = dedupe(write_crawl(tmp_path, pages), tmp_path / "corpus", "near_duplicate_jaccard=1")
    assert all(row["kept"] for row in found.values())


def image_set_pages(documents_of_logo: int) -> list[Page]:
    random = Random(10)
    text = [random_text(random, 100) for _ in range(3 + documents_of_logo)]
    one, other = "https://i.example/1.jpg", "https://i.example/2.jpg"
    logos = [
        Page(f"https://logo.example/{number}", text[3 + number], images=((0, "https://logo.example/logo.png"),))
        for number in range(documents_of_logo)
    ]
    return [
        Page("https://a.example/", text[0], day=1, images=((0, one), (1, other))),
        Page("https://b.example/", text[1], day=2, images=((0, other), (0, one), (1, one))),  # the set counts
        Page("https://c.example/", text[2], day=3, images=((0, one),)),
        Page("https://d.example/", random_text(random, 100)),
        Page("https://e.example/", random_text(random, 100)),  # no image is no set
        *logos,
    ]


@pytest.mark.parametrize(("logos", "stay"), [(10, 1), (11, 11)])
def test_documents_with_the_same_images(tmp_path: Path, logos: int, stay: int) -> None:
    """What more than `max_documents_per_image` documents have in common is furniture: select drops the images."""
    crawl = write_crawl(tmp_path, image_set_pages(logos), files=2)
    found = dedupe(crawl, tmp_path / "corpus", "drop_same_image_sets=true", "max_documents_per_image=10")
    dropped = {url: row["reason"] for url, row in found.items() if not row["kept"]}
    of_logo = {url for url in dropped if "logo" in url}
    assert dropped == dict.fromkeys({"https://a.example/", *of_logo}, "duplicate_images")
    assert len(of_logo) == logos - stay
    assert found["https://a.example/"]["duplicate_of"] == found["https://b.example/"]["document_id"]


NOTICE = "This site uses cookies, and so do you."


def cut_pages() -> list[Page]:
    """The same notice on three pages of a site, of which one is nothing else, and on two of another."""
    random = Random(11)
    pages = []
    for number, site in enumerate(["a", "a", "b", "b"]):
        before, after = random_text(random, 40), random_text(random, 40)
        image = ((1, f"https://{site}.example/{number}.png"), (2, f"https://{site}.example/{number}-2.png"))
        pages.append(Page(f"https://{site}.example/{number}", f"{before}\n\n{NOTICE}\n\n{after}", images=image))
    return [*pages, Page("https://a.example/nothing", f"{NOTICE.upper()}\n\n{NOTICE}")]


@pytest.mark.parametrize(("most", "is_cut"), [(0, False), (3, True), (4, False)])
def test_paragraphs_that_a_site_repeats_are_cut(tmp_path: Path, most: int, is_cut: bool) -> None:
    """The notice stands four times on one site, in three pages of two files, and twice on the other."""
    pages = cut_pages()
    found = dedupe(write_crawl(tmp_path, pages, files=2), tmp_path / "corpus", f"max_paragraph_repeats={most}")
    for row in found.values():
        cuts = [row["text"][span["start"] : span["end"]] for span in row["cut_spans"]]
        if row["url"].endswith("/nothing"):
            assert row["reason"] == ("after_cut_no_text" if is_cut else None)
        else:
            assert row["kept"]
            assert cuts == ([f"{NOTICE}\n\n"] if is_cut and row["site"] == "a.example" else [])
    if most:
        tally = documents_tally(tmp_path / "corpus", "paragraphs")
        assert tally.dropped == ({"repeated_in_site": 4} if is_cut else {})
        assert tally.out == {"kept": 10 if is_cut else 14}


def test_the_text_rules_judge_what_the_cuts_leave(tmp_path: Path) -> None:
    long = Page("https://a.example/long", random_text(Random(13), 90))
    crawl = write_crawl(tmp_path, [*cut_pages(), long])
    # 88 words with the notice, 80 without. The page that is nothing else is dropped before paragraphs are counted.
    found = dedupe(crawl, tmp_path / "corpus", "max_paragraph_repeats=1", "min_words=85")
    cut = ["https://a.example/0", "https://a.example/1", "https://b.example/2", "https://b.example/3"]
    assert {url: row["reason"] for url, row in found.items()} == {
        **dict.fromkeys(cut, "after_cut_too_few_words"),
        "https://a.example/nothing": "too_few_words",
        "https://a.example/long": None,
    }


def test_paragraphs_that_break_their_own_rules_are_cut_before_the_text_is_judged(tmp_path: Path) -> None:
    crawl = write_crawl(tmp_path, cut_pages())
    found = dedupe(crawl, tmp_path / "corpus", "min_paragraph_words=9")
    assert {row["reason"] for row in found.values() if row["url"].endswith("/nothing")} == {"no_text"}
    kept = [row for row in found.values() if row["kept"]]
    assert len(kept) == 4
    for row in kept:
        assert [row["text"][span["start"] : span["end"]] for span in row["cut_spans"]] == [f"{NOTICE}\n\n"]
    assert documents_tally(tmp_path / "corpus", "paragraphs").dropped == {"paragraph_words": 4}


def test_a_removal_of_more_than_the_recipe_allows_stops_the_run(tmp_path: Path) -> None:
    text = random_text(Random(12), 100)
    pages = [Page(f"https://site-{number}.example/", text, day=number) for number in range(11)]
    crawl, corpus = write_crawl(tmp_path, pages), tmp_path / "corpus"
    said = fail(*arguments(crawl, corpus), *IN_MEMORY, exit_code=1)
    assert "10 of 11 documents as duplicate_text (90.9%)" in said
    assert "max_removed_share of 90.0%" in said
    assert fail(*arguments(crawl, corpus), *IN_MEMORY, exit_code=1) == said  # it stays so until somebody decides
    succeed(*arguments(crawl, corpus, "max_removed_share=0.95"), *IN_MEMORY)
    assert documents_tally(corpus).dropped == {"duplicate_text": 10}


def test_ten_documents_cannot_remove_too_much_by_chance(tmp_path: Path) -> None:
    text = random_text(Random(12), 100)
    pages = [Page(f"https://site-{number}.example/", text, day=number) for number in range(10)]
    found = dedupe(write_crawl(tmp_path, pages), tmp_path / "corpus")
    assert sum(row["kept"] for row in found.values()) == 1


def test_shards_hold_what_the_cuts_leave_with_the_images_in_place(tmp_path: Path) -> None:
    """The sample crawl, with the cuts carried through to the shards."""
    corpus = tmp_path / "corpus"
    build_sample(SAMPLE, corpus, "--set", "max_paragraph_repeats=1", "--set", "min_paragraph_words=4")
    documents = {row["document_id"]: row for row in rows(corpus, "documents")}
    chosen = {row["document_id"]: row for row in rows(corpus, "document_selection")}
    shards = sorted(rows(corpus, "shards"), key=lambda row: row["part_index"])
    packed: dict[str, tuple[str, list[tuple[str, int]]]] = {}
    for row in shards:
        text, images = packed.setdefault(row["document_id"], ("", []))
        images += [(image["url"], len(text) + image["position"]) for image in row["images"]]
        packed[row["document_id"]] = (text + row["text"], images)
    assert sum(bool(chosen[document_id]["cut_spans"]) for document_id in packed) > 5
    for document_id, (text, images) in packed.items():
        spans = [(span["start"], span["end"]) for span in chosen[document_id]["cut_spans"]]
        candidates = documents[document_id]["images"]
        left, positions = cut(documents[document_id]["text"], [image["position"] for image in candidates], spans)
        assert text == left
        places = list(zip((image["url"] for image in candidates), positions, strict=True))
        assert all(place in places for place in images)
