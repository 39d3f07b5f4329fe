"""The corpus on disk or in an object store: its index, and its feature files read one row group at a time."""

import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import fsspec
import pyarrow.parquet as pq

from model.errors import CorpusError
from schemas.features import FEATURES, EncoderFacts
from schemas.index import SHARD_INDEX
from schemas.version import check

COLUMNS = ["document_id", "part_index", "text", "images.list.element.position", "image_features"]
FOOTER_THREADS = 16  # footers are small: opening many files is waiting for an object store, not work


@dataclass(frozen=True)
class Row:
    """A row with the images that could be decoded: their positions in `text` and their grids' bytes."""

    document_id: str
    part_index: int
    text: str
    positions: list[int]
    features: list[bytes]


@dataclass(frozen=True)
class RowGroup:
    """The unit of reading: row group `number` of the feature file `file` (relative to the corpus)."""

    file: str
    number: int
    rows: int


@dataclass(frozen=True)
class Corpus:
    """An encoded corpus; `index_sha256` identifies its content, `splits` its row groups in the index's order."""

    filesystem: Any
    root: str
    index_sha256: str
    encoder: EncoderFacts
    splits: dict[str, list[RowGroup]]
    footers: dict[str, pq.FileMetaData]

    def read(self, group: RowGroup) -> list[Row]:
        """The rows of `group` by one read; raises `CorpusError` where the file is damaged."""
        try:
            with _open(self.filesystem, f"{self.root}/{group.file}") as file:
                parquet = pq.ParquetFile(
                    file, metadata=self.footers[group.file], pre_buffer=True, page_checksum_verification=True
                )
                columns = parquet.read_row_group(group.number, columns=COLUMNS, use_threads=False).to_pylist()
        except Exception as error:  # file systems have no common error
            raise CorpusError(f"{group.file}, row group {group.number}, cannot be read: {error}") from error
        return [_row(values) for values in columns]


def open_corpus(path: str) -> Corpus:
    """Open the corpus at `path` (folder or fsspec URL) and check the footer of every feature file.

    Raises `CorpusError` where there is no index, no features, a schema version that we do not know, or where feature
    files come from different encoders.
    """
    try:
        filesystem, root = fsspec.core.url_to_fs(path)
        root = root.rstrip("/")
        index = json.loads(filesystem.cat_file(f"{root}/index.json"))
        name, sha256 = index["shards"]["file"], index["shards"]["sha256"]
        content = filesystem.cat_file(f"{root}/{name}")
    except FileNotFoundError as error:
        raise CorpusError(f"'{path}' holds no corpus ({error}); `m3w build` writes its index at the end.") from error
    except Exception as error:  # file systems have no common error
        raise CorpusError(f"The index of the corpus '{path}' cannot be read ({error!r}).") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CorpusError(f"'{path}': index.json and {name} do not belong together. Run `m3w build` to its end.")
    try:
        # Without threads: one that still holds a Python file when the interpreter ends aborts it.
        shards = pq.ParquetFile(io.BytesIO(content)).read(use_threads=False)
        check(shards.schema, SHARD_INDEX, name)
        rows = shards.select(["split", "feature_file", "rows"]).to_pylist()
        if any(row["feature_file"] is None for row in rows):
            raise CorpusError(f"The corpus '{path}' has no features yet: run `m3w build --stages encode`.")
        if not rows:
            raise CorpusError(f"The corpus '{path}' is empty: its index lists no shard.")
        with ThreadPoolExecutor(FOOTER_THREADS) as threads:
            footers = list(threads.map(lambda row: _footer(filesystem, root, row["feature_file"], row["rows"]), rows))
    except CorpusError:
        raise
    except Exception as error:  # of the schemas, of Parquet, of the file system
        raise CorpusError(f"The corpus '{path}' cannot be read: {error}") from error
    encoder = footers[0][1]
    splits: dict[str, list[RowGroup]] = {"train": [], "validation": []}
    for row, (footer, facts) in zip(rows, footers, strict=True):
        if facts != encoder:
            raise CorpusError(
                f"{row['feature_file']} was encoded by {facts}, {rows[0]['feature_file']} by {encoder}. Features of "
                "different encoders cannot be mixed: run `m3w build --stages encode --accept-changes`."
            )
        splits[row["split"]] += [
            RowGroup(row["feature_file"], number, footer.row_group(number).num_rows)
            for number in range(footer.num_row_groups)
        ]
    by_file = {row["feature_file"]: footer for row, (footer, _) in zip(rows, footers, strict=True)}
    return Corpus(filesystem, root, sha256, encoder, splits, by_file)


def _footer(filesystem: Any, root: str, name: str, rows: int) -> tuple[pq.FileMetaData, EncoderFacts]:
    with _open(filesystem, f"{root}/{name}") as file:
        parquet = pq.ParquetFile(file)
    check(parquet.schema_arrow, FEATURES, name)
    if parquet.metadata.num_rows != rows:
        raise CorpusError(f"{name} has {parquet.metadata.num_rows} rows, the index says {rows}.")
    return parquet.metadata, EncoderFacts.from_metadata(parquet.schema_arrow.metadata, name)


def _open(filesystem: Any, path: str) -> Any:
    """Without a read-ahead cache: Parquet knows which ranges it needs."""
    return filesystem.open(path, "rb", cache_type="none")


def _row(values: dict[str, Any]) -> Row:
    images = [
        (image["position"], features)
        for image, features in zip(values["images"], values["image_features"], strict=True)
        if features is not None  # could not be decoded: as if it were not on the page
    ]
    return Row(
        values["document_id"],
        values["part_index"],
        values["text"],
        [position for position, _ in images],
        [features for _, features in images],
    )
