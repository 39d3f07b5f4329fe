"""Genuine archive files, whole and damaged, from the crawl to the shards: every byte and record is accounted for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.build import STAGES
from pipeline.report.verify import verify
from pipeline.store import Store
from pipeline.tables import Tally, read_manifest, total
from tests.pipeline.corpora import rows
from tests.pipeline.in_process import QUICK_BUILD, succeed
from tests.places import SHARED

ARCHIVES = SHARED / "archives"
ANY = ("--set", "languages=any", "--set", "max_lost_share=1")

# File: documents, and shard rows' images (of those that the file itself holds; no host is asked).
WHOLE = {
    "aut-example.warc.gz": (1, 1),
    "aut-example.arc.gz": (1, 1),
    "dolma-sample-0000.warc.gz": (1, 0),
    "dolma-sample-0001.warc.gz": (1, 0),
    "jwarc-cc.warc.gz": (1, 0),
    "resiliparse-warcfile.warc.gz": (1, 0),
    "whirlwind.warc.gz": (1, 0),
}

Damage = Callable[[bytes], bytes]


def cut(share: float) -> Damage:
    return lambda data: data[: int(len(data) * share)]


def flipped(share: float) -> Damage:
    def damage(data: bytes) -> bytes:
        start = int(len(data) * share)
        return data[:start] + bytes(byte ^ 0xFF for byte in data[start : start + 64]) + data[start + 64 :]

    return damage


def build(corpus: Path, *crawl: Path) -> dict[str, dict[str, Tally]]:
    """Build `crawl` from what it holds itself; returns the tallies by stage and population."""
    own = [word for path in crawl for word in ("--image-archive", path)]
    succeed("build", *crawl, *own, "--output", corpus, *QUICK_BUILD, *ANY)
    store = Store(str(corpus))
    assert list(verify(store, STAGES)) == []
    tallies = {stage.name: total((read_manifest(store, stage.name) or {}).values()) for stage in STAGES}
    assert tallies["extract"]["bytes"].taken == sum(path.stat().st_size for path in crawl)
    assert all(tally.adds_up for stage in tallies.values() for tally in stage.values())
    return tallies


def ids(corpus: Path) -> set[str]:
    return {row["document_id"] for row in rows(corpus, "documents")}


@pytest.mark.parametrize("name", WHOLE)
def test_a_genuine_file(name: str, tmp_path: Path) -> None:
    tallies = build(tmp_path / "corpus", ARCHIVES / name)
    print(name, {s: {p: (t.taken,t.out,t.dropped) for p,t in x.items()} for s,x in tallies.items()})
