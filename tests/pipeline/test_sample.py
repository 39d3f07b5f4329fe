"""The bundled sample crawl: what was planted is what comes out, to the record."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.build import STAGES
from pipeline.report.verify import verify
from pipeline.store import Store
from pipeline.tables import Tally, read_manifest, total
from tests.pipeline.corpora import IN_MEMORY, build, m3w, rows, tables
from tests.places import SAMPLE

TRUTH: dict[str, Any] = json.loads((SAMPLE / "truth.json").read_text())


def dropped(stage: str) -> Counter[str]:
    return Counter(response["fate"] for response in TRUTH["responses"] if response["stage"] == stage)


def tallies(corpus: Path, stage: str) -> dict[str, Tally]:
    manifest = read_manifest(Store(str(corpus)), stage)
    assert manifest is not None
    return total(manifest.values())


def test_every_record_has_the_fate_that_was_planted(sample_corpus: Path) -> None:
    kinds: Counter[str] = Counter()
    for counts in TRUTH["records"].values():
        kinds.update(counts)
    records = tallies(sample_corpus, "extract")["records"]
    expected = dropped("extract")
    archived = expected.pop("archived") + sum(TRUTH["records"][name]["response"] for name in TRUTH["images_files"])
    expected.update({"not_a_response": kinds["request"] + kinds["warcinfo"], "revisit": kinds["revisit"]})
    assert records.dropped == expected
    assert records.out["archive"] == archived
    assert records.taken == sum(kinds.values())


def test_every_document_has_the_fate_that_was_planted(sample_corpus: Path) -> None:
    documents = rows(sample_corpus, "documents")
    selection = {row["document_id"]: row["reason"] for row in rows(sample_corpus, "document_selection")}
    packed = {row["document_id"] for row in rows(sample_corpus, "shards")}

    def fate(document_id: str) -> str:
        return selection[document_id] or ("kept" if document_id in packed else "no_image_left")

    found = {
        (row["url"], row["crawled_at"].strftime("%Y-%m-%dT%H:%M:%SZ")): fate(row["document_id"]) for row in documents
    }
    planted = {
        (response["url"], response["crawled_at"]): response["fate"]
        for response in TRUTH["responses"]
        if response["stage"] != "extract"
    }
    assert found == planted
    assert tallies(sample_corpus, "dedupe")["documents"].dropped == dropped("dedupe")
    assert tallies(sample_corpus, "pack")["documents"].dropped == dropped("pack")


def test_every_image_reference_has_the_fate_that_was_planted(sample_corpus: Path) -> None:
    urls = {row["document_id"]: row["url"] for row in rows(sample_corpus, "documents")}
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows(sample_corpus, "image_selection"):
        found.setdefault(urls[row["document_id"]], []).append((row["url"], row["reason"] or "kept"))
    planted = {
        response["url"]: [(image["url"], image["fate"]) for image in response["images"]]
        for response in TRUTH["responses"]
        if response["stage"] in (None, "pack")
    }
    assert found == planted


def test_every_image_url_has_the_fate_that_was_planted(sample_corpus: Path) -> None:
    found = {row["url"]: row["reason"] or "ok" for row in rows(sample_corpus, "images")}
    assert found == {image["url"]: image["fate"] for image in TRUTH["image_urls"]}


def test_long_documents_become_rows_of_five_images_without_loss(sample_corpus: Path) -> None:
    documents = {row["document_id"]: row for row in rows(sample_corpus, "documents")}
    shards = rows(sample_corpus, "shards")
    joined: dict[str, str] = {}
    for row in sorted(shards, key=lambda row: row["part_index"]):
        joined[row["document_id"]] = joined.get(row["document_id"], "") + row["text"]
        assert 1 <= len(row["images"]) == len(row["image_bytes"]) <= 5
    assert joined == {document_id: documents[document_id]["text"] for document_id in joined}
    planted = Counter(
        response["url"]
        for response in TRUTH["responses"]
        if response["fate"] == "kept"
        for image in response["images"]
        if image["fate"] == "kept"
    )
    assert Counter(row["url"] for row in shards) == Counter({url: -(-count // 5) for url, count in planted.items()})


def test_texts_hold_what_their_pages_say_whatever_the_charset(sample_corpus: Path) -> None:
    texts = {row["url"]: row["text"] for row in rows(sample_corpus, "documents")}
    planted = [response for response in TRUTH["responses"] if "text_contains" in response]
    assert len(planted) >= 4
    for response in planted:
        for phrase in response["text_contains"]:
            assert phrase in texts[response["url"]]


def test_no_site_is_on_both_sides_of_the_split(sample_corpus: Path) -> None:
    sites = {row["document_id"]: row["site"] for row in rows(sample_corpus, "documents")}
    found = {
        split: {
            sites[row["document_id"]] for path in (sample_corpus / "shards").glob(f"{split}-*") for row in _rows(path)
        }
        for split in ("train", "validation")
    }
    assert found["train"]
    assert found["validation"]
    assert not found["train"] & found["validation"]


def _rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    table = pq.read_table(path, columns=["document_id"])
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_features_are_the_shards_rows_in_their_order(sample_corpus: Path) -> None:
    keys = ("document_id", "part_index", "text", "images")
    shards = [{key: row[key] for key in keys} for row in rows(sample_corpus, "shards")]
    features = rows(sample_corpus, "features")
    assert [{key: row[key] for key in keys} for row in features] == shards
    index = json.loads((sample_corpus / "index.json").read_text())
    encoder = index["encoder"]
    size = 2 * encoder["grid_height"] * encoder["grid_width"] * encoder["channels"]
    assert encoder["weights"] == "random:0"
    assert {len(grid) for row in features for grid in row["image_features"]} == {size}
    assert index["totals"]["images"] == sum(len(row["images"]) for row in shards)


def test_the_corpus_is_sound_and_a_second_run_does_nothing(sample_corpus: Path) -> None:
    before = tables(sample_corpus)
    assert list(verify(Store(str(sample_corpus)), STAGES)) == []
    again = build(SAMPLE, sample_corpus, *IN_MEMORY)
    assert "Nothing to do: all is built" in again.stdout
    assert tables(sample_corpus) == before
    status = m3w("status", sample_corpus, COLUMNS="200").stdout
    assert f"{dropped('dedupe')['duplicate_url']} duplicate_url" in status


@pytest.mark.parametrize("damage", ["flip", "lose", "add", "recount"])
def test_verify_finds_what_is_off(sample_corpus: Path, tmp_path: Path, damage: str) -> None:
    import shutil

    corpus = tmp_path / "corpus"
    shutil.copytree(sample_corpus, corpus)
    part = next((corpus / "images").glob("archive-*.parquet"))
    if damage == "flip":
        data = bytearray(part.read_bytes())
        data[len(data) // 2] ^= 1
        part.write_bytes(data)
    elif damage == "lose":
        part.unlink()
    elif damage == "add":
        (corpus / "images" / "stray.parquet").write_bytes(b"")
    else:
        receipt = next((corpus / "receipts" / "select").glob("*.json"))
        content = json.loads(receipt.read_text())
        content["tallies"]["image_references"]["taken"] += 1
        receipt.write_text(json.dumps(content))
    ended = m3w("verify", corpus, check=False)
    assert ended.returncode == 1
    name = {"add": "stray.parquet", "recount": "do not add up"}.get(damage, part.name)
    assert name in ended.stdout.replace("\n", "")
