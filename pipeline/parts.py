"""Writing one Parquet part with bounded memory: row groups by bytes, zstd on text, no codec on encoded pixels."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

# For tables that stages scan whole. Larger groups bought nothing there, and extract's peak memory is one such group as
# Python rows (benchmarks/extract_memory.py: 8 MiB cost 40 MiB more than this). Shards have larger ones, by the recipe.
DEFAULT_ROW_GROUP_BYTES = 2 * 2**20


class PartWriter:
    """Writes rows to the local file `path` in row groups of about `row_group_bytes`; closes only what is whole.

    Binary columns hold compressed pixels or features, which a codec only slows down (5 to 7 times on reading), so only
    the others are compressed. Page index and page checksums are on.
    """

    def __init__(
        self,
        path: Path,
        schema: pa.Schema,
        *,
        metadata: dict[bytes, bytes] | None = None,
        row_group_bytes: int = DEFAULT_ROW_GROUP_BYTES,
    ) -> None:
        self.path = path
        self.rows = 0
        self.row_group_rows: list[int] = []
        self._schema = schema.with_metadata({**schema.metadata, **(metadata or {})})
        self._row_group_bytes = row_group_bytes
        self._pending: list[dict[str, Any]] = []
        self._pending_bytes = 0
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            compression=dict(_codecs(schema)),
            write_page_index=True,
            write_page_checksum=True,
        )

    def add(self, row: dict[str, Any], size_bytes: int) -> None:
        """Add a row of about `size_bytes`."""
        self._pending.append(row)
        self._pending_bytes += size_bytes
        if self._pending_bytes >= self._row_group_bytes:
            self._flush()

    def _flush(self) -> None:
        if self._pending:
            self._writer.write_table(pa.Table.from_pylist(self._pending, schema=self._schema))
            self.row_group_rows.append(len(self._pending))
            self.rows += len(self._pending)
        self._pending, self._pending_bytes = [], 0

    def close(self) -> None:
        """Write what is left and end the file."""
        self._flush()
        self._writer.close()

    def __enter__(self) -> "PartWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self._writer.close()


def _codecs(schema: pa.Schema) -> Iterator[tuple[str, str]]:
    """The codec of every leaf column, by its path in the Parquet schema."""
    for column in schema:
        yield from _leaf_codecs(column.type, column.name)


def _leaf_codecs(type_: pa.DataType, path: str) -> Iterator[tuple[str, str]]:
    if pa.types.is_list(type_):
        yield from _leaf_codecs(type_.value_type, f"{path}.list.element")
    elif pa.types.is_struct(type_):
        for column in type_:
            yield from _leaf_codecs(column.type, f"{path}.{column.name}")
    else:
        yield path, "none" if pa.types.is_binary(type_) else "zstd"
