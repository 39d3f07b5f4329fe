"""`index.json` and `index/shards.parquet`: what a corpus holds, written last, for its readers."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.recipe import Recipe
from pipeline.store import Store
from pipeline.tables import OutputFile, Receipt
from schemas.features import FEATURES, EncoderFacts
from schemas.index import SHARD_INDEX
from schemas.shards import SHARDS
from schemas.version import VERSION_KEY

INDEX = "index.json"
SHARD_TABLE = "index/shards.parquet"
SPLITS = ("train", "validation")


def write_index(corpus: Store, recipe: Recipe, packed: dict[str, Receipt], encoded: dict[str, Receipt] | None) -> None:
    """Write the index of the complete stages pack and, where it has run, encode; an index that is right stays."""
    # By the shard that they were made of: after a new pack, features of the old shards stand until encode has run.
    features = {receipt.inputs["shard"]: receipt.file("features") for receipt in (encoded or {}).values()}
    rows = sorted(_rows(packed, features), key=lambda row: (row["split"], row["shard_file"]))
    with corpus.scratch() as folder:
        path = folder / "shards.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=SHARD_INDEX), path, compression="zstd")
        index = _index(corpus, recipe, rows, features, hashlib.sha256(path.read_bytes()).hexdigest())
        content = json.dumps(index, indent=1, sort_keys=True).encode()
        if not _stands(corpus, SHARD_TABLE, path.read_bytes()) or not _stands(corpus, INDEX, content):
            corpus.put(path, SHARD_TABLE)
            corpus.write(INDEX, content)


def _stands(corpus: Store, path: str, content: bytes) -> bool:
    return corpus.exists(path) and corpus.read(path) == content


def _index(
    corpus: Store, recipe: Recipe, rows: list[dict[str, Any]], features: dict[str, OutputFile], sha256: str
) -> dict[str, Any]:
    counted = ("rows", "documents", "images", "shard_bytes")
    splits = {
        split: {"shards": sum(row["split"] == split for row in rows)}
        | {name: sum(row[name] for row in rows if row["split"] == split) for name in counted}
        for split in SPLITS
    }
    return {
        "schema_versions": {
            "shards": SHARDS.metadata[VERSION_KEY].decode(),
            "features": FEATURES.metadata[VERSION_KEY].decode(),
            "shard_index": SHARD_INDEX.metadata[VERSION_KEY].decode(),
        },
        "recipe": json.loads(recipe.model_dump_json()),
        "encoder": _encoder(corpus, features),
        "splits": splits,
        "totals": {name: sum(totals[name] for totals in splits.values()) for name in ("shards", *counted)},
        "shards": {"file": SHARD_TABLE, "sha256": sha256},
    }


def _rows(packed: dict[str, Receipt], features: dict[str, OutputFile]) -> Iterator[dict[str, Any]]:
    for receipt in packed.values():
        for shard in receipt.outputs:
            feature = features.get(shard.sha256)
            yield {
                "split": shard.facts["split"],
                "shard_file": shard.path,
                "feature_file": feature and feature.path,
                "rows": shard.rows,
                "documents": shard.facts["documents"],
                "images": shard.facts["images"],
                "shard_bytes": shard.size_bytes,
                "shard_sha256": shard.sha256,
                "feature_bytes": feature and feature.size_bytes,
                "feature_sha256": feature and feature.sha256,
                "row_group_rows": (feature or shard).facts["row_group_rows"],
            }


def _encoder(corpus: Store, features: dict[str, OutputFile]) -> dict[str, Any] | None:
    """What the features were made with, from the first file; the trainer checks that all agree."""
    for part in features.values():
        with corpus.open(part.path) as data:
            metadata = pq.ParquetFile(data).schema_arrow.metadata
        return vars(EncoderFacts.from_metadata(metadata, part.path))
    return None
