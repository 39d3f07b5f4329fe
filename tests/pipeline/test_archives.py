"""Genuine archive files, whole and damaged, from the crawl to the shards: every byte and record is accounted for."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from pipeline.build import STAGES
from pipeline.report.verify import verify
from pipeline.store import Store
from pipeline.tables import Receipt, read_manifest, total
from tests.pipeline.corpora import rows
from tests.pipeline.in_process import QUICK_BUILD, succeed
from tests.places import SHARED

ARCHIVES = SHARED / "archives"
AUT, DOLMA = "aut-example.warc.gz", "dolma-sample-0000.warc.gz"
OTHERS = (DOLMA, "dolma-sample-0001.warc.gz", "jwarc-cc.warc.gz", "whirlwind.warc.gz", "resiliparse-warcfile.warc.gz")
FLIPPED_BYTES = 64
GARBAGE = bytes(range(256)) * 20


def build(corpus: Path, crawl: Sequence[Path]) -> dict[str, Receipt]:
    """Build `crawl` with the images that it holds itself; returns the receipts of extract by file name.

    Checks that the corpus is sound and that counts of bytes and records add up.
    """
    own = [word for path in crawl for word in ("--image-archive", path)]
    more = ("--set", "languages=any", "--set", "max_lost_share=1")
    succeed("build", *crawl, *own, "--output", corpus, *QUICK_BUILD, *more)
    store = Store(str(corpus))
    assert list(verify(store, STAGES)) == []
    manifests = {stage.name: read_manifest(store, stage.name) or {} for stage in STAGES}
    tallies = [tally for manifest in manifests.values() for tally in total(manifest.values()).values()]
    assert all(tally.adds_up for tally in tallies)
    extracted = manifests["extract"]
    receipts = {path.name: extracted[unit] for path in crawl for unit in extracted if unit.startswith(stem(path) + "-")}
    assert {path.name: receipts[path.name].tallies["bytes"].taken for path in crawl} == {
        path.name: path.stat().st_size for path in crawl
    }
    return receipts


def stem(path: Path) -> str:
    return path.name.split(".")[0]


def documents(corpus: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Rows of documents/ by WARC file and id."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows(corpus, "documents"):
        found.setdefault(row["warc_file"], {})[row["document_id"]] = row
    return found


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A corpus of each of the two files that tests damage."""
    corpora = {name: tmp_path_factory.mktemp("whole") / "corpus" for name in (AUT, DOLMA)}
    for name, corpus in corpora.items():
        build(corpus, [ARCHIVES / name])
    return corpora


def test_every_record_is_counted_as_another_reader_counts(tmp_path: Path) -> None:
    receipts = build(tmp_path / "corpus", [ARCHIVES / name for name in OTHERS])
    found = documents(tmp_path / "corpus")
    for name, receipt in receipts.items():
        with (ARCHIVES / name).open("rb") as stream:
            assert receipt.tallies["records"].taken == sum(1 for _ in ArchiveIterator(stream, check_digests=False))
        assert receipt.tallies["bytes"].dropped == {}
        assert found[name]
        assert any(row["images"] for row in found[name].values())


def test_the_same_crawl_as_arc(whole: dict[str, Path], tmp_path: Path) -> None:
    arc = ARCHIVES / "aut-example.arc.gz"
    build(tmp_path / "corpus", [arc])

    def content(corpus: Path, table: str, *columns: str) -> list[tuple[str, ...]]:
        return sorted(tuple(str(row[column]) for column in columns) for row in rows(corpus, table))

    for table, columns in {
        "documents": ("url", "crawled_at", "text"),
        "images": ("url", "status", "image_id"),
        "shards": ("url", "text"),
    }.items():
        as_warc = content(whole[AUT], table, *columns)
        assert as_warc
        assert content(tmp_path / "corpus", table, *columns) == as_warc


Damage = Callable[[bytes], tuple[bytes, range]]


def cut_at(share: float) -> Damage:
    """The file's beginning, and which bytes of the whole are gone."""

    def damage(data: bytes) -> tuple[bytes, range]:
        end = int(len(data) * share)
        return data[:end], range(end, len(data))

    return damage


def flipped_at(share: float) -> Damage:
    def damage(data: bytes) -> tuple[bytes, range]:
        start = int(len(data) * share)
        touched = range(start, start + FLIPPED_BYTES)
        return data[:start] + bytes(data[at] ^ 0xFF for at in touched) + data[touched.stop :], touched

    return damage


DAMAGES: dict[str, Damage] = {
    **{f"cut-{share}": cut_at(share) for share in (0.1, 0.5, 0.99)},
    **{f"flipped-{share}": flipped_at(share) for share in (0.1, 0.5, 0.9)},
}


@pytest.mark.parametrize("name", [AUT, DOLMA])
def test_intact_records_of_damaged_files_become_documents(name: str, whole: dict[str, Path], tmp_path: Path) -> None:
    """Ids come from the records, so equal ids are equal records."""
    data = (ARCHIVES / name).read_bytes()
    (before,) = documents(whole[name]).values()
    intact = {}
    for number, damage in enumerate(DAMAGES.values()):
        damaged, gone = damage(data)
        file = tmp_path / f"damaged{number}.warc.gz"
        file.write_bytes(damaged)
        intact[file.name] = {
            document_id
            for document_id, row in before.items()
            if row["warc_offset"] + row["warc_length"] <= gone.start or row["warc_offset"] >= gone.stop
        }
    receipts = build(tmp_path / "corpus", sorted(tmp_path.glob("*.warc.gz")))
    after = documents(tmp_path / "corpus")
    for number, kind in enumerate(DAMAGES):
        file_name = f"damaged{number}.warc.gz"
        assert intact[file_name] <= after[file_name].keys() <= before.keys(), kind
        for document_id in intact[file_name]:
            assert after[file_name][document_id]["text"] == before[document_id]["text"]
        lost = receipts[file_name].tallies["bytes"].dropped
        assert set(lost) == ({"truncated"} if kind.startswith("cut") else {"corrupt"}), kind
        longest = max(row["warc_length"] for row in before.values())
        assert sum(lost.values()) < len(data) / 10 + longest, kind


def test_files_with_garbage_between(whole: dict[str, Path], tmp_path: Path) -> None:
    joined = tmp_path / "joined.warc.gz"
    joined.write_bytes((ARCHIVES / AUT).read_bytes() + GARBAGE + (ARCHIVES / DOLMA).read_bytes())
    receipts = build(tmp_path / "corpus", [joined])
    (found,) = documents(tmp_path / "corpus").values()
    wanted = {
        key: row["text"] for name in (AUT, DOLMA) for key, row in next(iter(documents(whole[name]).values())).items()
    }
    assert {key: row["text"] for key, row in found.items()} == wanted
    (lost,) = receipts["joined.warc.gz"].tallies["bytes"].dropped.values()
    assert lost == len(GARBAGE) - 1  # its first byte, a zero, counts as padding of the record before
