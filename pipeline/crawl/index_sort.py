"""Index rows in the order of their places, each place once, with bounded memory: sorted bucket by bucket.

Invariant: all rows of one WARC file fall into one bucket, so equal places meet there, and neighbours stay neighbours.
The order of buckets, and of rows in them, depends on the rows alone.
"""

import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa

from pipeline.crawl.index_rows import PLACE_SCHEMA

BUCKETS = 64  # a whole crawl, three billion rows of 200 bytes, would need 10 GB for one; a hundredth of it 100 MB
ORDER = [("warc_file", "ascending"), ("warc_offset", "ascending")]
SPILLED = PLACE_SCHEMA.append(pa.field("is_known", pa.bool_()))


class IndexSorter:
    """Takes rows of `PLACE_SCHEMA` batch by batch into files in `folder`; gives them back sorted, when all are in."""

    def __init__(self, folder: Path) -> None:
        self._paths = [folder / f"{number:02}.arrows" for number in range(BUCKETS)]
        self._stack = ExitStack()
        self._writers: list[pa.RecordBatchStreamWriter] = []
        self.rows = 0  # that are not known, before equal ones are dropped

    def __enter__(self) -> "IndexSorter":
        self._writers = [self._stack.enter_context(pa.ipc.new_stream(str(path), SPILLED)) for path in self._paths]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add(self, batch: pa.RecordBatch, *, known: bool = False) -> None:
        """Take the rows of `batch`; those that are `known` only keep equal ones out."""
        if not batch.num_rows:
            return
        self.rows += 0 if known else batch.num_rows
        columns = [*(batch[name] for name in PLACE_SCHEMA.names), pa.array(np.full(batch.num_rows, known))]
        rows = pa.RecordBatch.from_arrays(columns, schema=SPILLED)
        files = batch["warc_file"].dictionary_encode()
        bucket_of_file = np.array([zlib.crc32(name.encode()) % BUCKETS for name in files.dictionary.to_pylist()])
        buckets = bucket_of_file[files.indices.to_numpy()]
        for bucket in np.unique(buckets):
            self._writers[bucket].write_batch(rows.filter(pa.array(buckets == bucket)))

    def parts(self, rows_per_part: int) -> Iterator[pa.Table]:
        """The rows that are not known, each place once, as tables of `rows_per_part` rows in `ORDER`."""
        self._stack.close()
        waiting = PLACE_SCHEMA.empty_table()
        for path in self._paths:
            waiting = pa.concat_tables([waiting, _sorted_once(path)])
            while waiting.num_rows >= rows_per_part:
                yield waiting.slice(0, rows_per_part).sort_by(ORDER)
                waiting = waiting.slice(rows_per_part)
        if waiting.num_rows:
            yield waiting.sort_by(ORDER)


def _sorted_once(path: Path) -> pa.Table:
    """The rows of one bucket that are not known, sorted; of several with one place the first by length, then URL."""
    with pa.ipc.open_stream(str(path)) as stream:
        table = stream.read_all()
    others = [("is_known", "descending"), ("warc_length", "ascending"), ("url", "ascending")]
    table = table.sort_by([*ORDER, *others]).combine_chunks()
    if not table.num_rows:
        return table.select(PLACE_SCHEMA.names)
    files = table["warc_file"].combine_chunks().dictionary_encode().indices.to_numpy()
    offsets = table["warc_offset"].to_numpy()
    is_first = np.append(True, (files[1:] != files[:-1]) | (offsets[1:] != offsets[:-1]))
    return table.filter(pa.array(is_first & ~table["is_known"].to_numpy())).select(PLACE_SCHEMA.names)
