"""Small feature corpora, written by the schemas alone: nothing here comes from the code that reads them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from schemas.features import FEATURES, EncoderFacts
from schemas.index import SHARD_INDEX

FACTS = EncoderFacts(
    name="test_nfnet",
    weights="random:0",
    weights_hash="0" * 64,
    input_px=64,
    preprocess_hash="1" * 64,
    frames=1,
    grid_height=2,
    grid_width=2,
    channels=8,
    dtype="float16",
)
WORDS = [
    "red",
    "blue",
    "green",
    "small",
    "large",
    "cat",
    "dog",
    "house",
    "tree",
    "river",
    "stands",
    "near",
    "under",
    "above",
    "the",
    "a",
    "quiet",
    "old",
]


@dataclass(frozen=True)
class Page:
    """One row: text, where its images stand, and their feature values (None: could not be decoded)."""

    document_id: str
    text: str
    positions: list[int]
    features: list[bytes | None]
    part_index: int = 0


def random_pages(count: int, seed: int = 0, facts: EncoderFacts = FACTS, words: int = 60) -> list[Page]:
    """Pages of random words with 1 to 3 random images each."""
    rng = np.random.default_rng(seed)
    pages = []
    for number in range(count):
        text = " ".join(rng.choice(WORDS, words))
        positions = sorted(int(at) for at in rng.integers(0, len(text), rng.integers(1, 4)))
        features: list[bytes | None] = [random_grid(rng, facts) for _ in positions]
        pages.append(Page(hashlib.sha256(f"{seed} {number}".encode()).hexdigest(), text, positions, features))
    return pages


def random_grid(rng: np.random.Generator, facts: EncoderFacts = FACTS) -> bytes:
    shape = (facts.frames, facts.grid_height * facts.grid_width, facts.channels)
    return rng.standard_normal(shape).astype("<f2").tobytes()


def write_corpus(
    folder: Path,
    train: Sequence[Page],
    validation: Sequence[Page] = (),
    *,
    facts: EncoderFacts = FACTS,
    pages_per_file: int = 8,
    rows_per_group: int = 3,
) -> Path:
    """Write index.json, index/shards.parquet and features/; returns `folder`."""
    entries = []
    for split, pages in (("train", train), ("validation", validation)):
        for at in range(0, len(pages), pages_per_file):
            name = f"features/{split}-{at:05d}.parquet"
            write_features(folder / name, pages[at : at + pages_per_file], facts, rows_per_group)
            entries.append(index_entry(folder, split, name))
    write_index(folder, entries, facts)
    return folder


def write_features(path: Path, pages: Sequence[Page], facts: EncoderFacts, rows_per_group: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "document_id": page.document_id,
            "part_index": page.part_index,
            "part_count": page.part_index + 1,
            "kind": "interleaved",
            "url": "https://example.org/",
            "language": "en",
            "title": None,
            "text": page.text,
            "images": [
                {
                    "position": position,
                    "url": "https://example.org/image.png",
                    "image_id": "2" * 64,
                    "alt": None,
                    "caption": None,
                    "width_px": 320,
                    "height_px": 240,
                    "document_count": 1,
                }
                for position in page.positions
            ],
            "image_features": page.features,
        }
        for page in pages
    ]
    schema = FEATURES.with_metadata({**FEATURES.metadata, **facts.to_metadata()})
    table = pa.Table.from_pylist(rows, schema=schema)
    pq.write_table(
        table,
        path,
        row_group_size=rows_per_group,
        compression={"text": "zstd", "image_features.list.element": "none"},
        use_dictionary=False,
        write_statistics=False,
        write_page_checksum=True,
    )


def index_entry(folder: Path, split: str, name: str) -> dict[str, object]:
    content = (folder / name).read_bytes()
    metadata = pq.ParquetFile(folder / name).metadata
    return {
        "split": split,
        "shard_file": name.replace("features/", "shards/"),
        "feature_file": name,
        "rows": metadata.num_rows,
        "documents": metadata.num_rows,
        "images": 0,
        "shard_bytes": 0,
        "shard_sha256": "3" * 64,
        "feature_bytes": len(content),
        "feature_sha256": hashlib.sha256(content).hexdigest(),
        "row_group_rows": [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)],
    }


def write_index(folder: Path, entries: Sequence[dict[str, object]], facts: EncoderFacts) -> None:
    path = folder / "index" / "shards.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(entries), schema=SHARD_INDEX), path)
    index = {
        "schema_versions": {"features": "1.0", "shard_index": "1.0"},
        "recipe": {},
        "encoder": asdict(facts),
        "splits": {"train": {}, "validation": {}},
        "totals": {},
        "shards": {"file": "index/shards.parquet", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()},
    }
    (folder / "index.json").write_text(json.dumps(index))
