"""Rows of a columnar index of archives, as Common Crawl's (cc-index/table/cc-main/warc/), filtered while they are read.

Only the columns that are needed are read, and no row group whose statistics rule it out. Memory holds one row group's
columns as stored, and one batch of rows.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.crawl.common_crawl import OUTSIDE
from pipeline.crawl.inputs import InputError, InputFile
from pipeline.store import filesystem_of

# What the index calls the columns of `index_rows/`, and their types.
PLACES = {
    "url": ("url", pa.string()),
    "warc_filename": ("warc_file", pa.string()),
    "warc_record_offset": ("warc_offset", pa.int64()),
    "warc_record_length": ("warc_length", pa.int64()),
}
PLACE_SCHEMA = pa.schema(list(PLACES.values()))
# What can be filtered on, and the columns that tell. Where there are several, a row passes if one of them has a value
# that is asked for: `_detected` comes from the bytes, the other from the header.
FILTERS = {
    "language": ("content_languages",),
    "mime": ("content_mime_detected", "content_mime_type"),
    "status": ("fetch_status",),
    "domain": ("url_host_registered_domain", "url_host_name"),
}
BATCH_ROWS = 1 << 16


@dataclass(frozen=True)
class IndexFilter:
    """Rows pass whose `name` (a key of `FILTERS`) is one of `values`."""

    name: str
    values: tuple[str, ...]

    @staticmethod
    def parse(text: str) -> "IndexFilter":
        """Read "NAME=VALUE,VALUE". Raises `InputError`."""
        name, equals, values = text.partition("=")
        wanted = tuple(value.strip() for value in values.split(",") if value.strip())
        if not equals or name not in FILTERS or not wanted:
            raise InputError(f"--where takes NAME=VALUE,VALUE, not '{text}'. The names are {', '.join(FILTERS)}.")
        if name == "language" and any(not re.fullmatch("[a-z]{3}", value) for value in wanted):
            raise InputError(f"--where {text}: an index has languages as ISO 639-3, three letters, such as eng,deu.")
        if name == "status" and any(not value.isdecimal() for value in wanted):
            raise InputError(f"--where {text}: a status is a number, such as 200.")
        return IndexFilter(name, wanted)

    def columns(self, present: Sequence[str]) -> list[str]:
        return [column for column in FILTERS[self.name] if column in present]

    def mask(self, batch: pa.RecordBatch) -> pa.Array:
        """Which rows of `batch` pass."""
        masks = [self._matches(batch[column]) for column in self.columns(batch.schema.names)]
        return reduce(pc.or_, masks)

    def _matches(self, column: pa.Array) -> pa.Array:
        text = column.cast(pa.string())
        if self.name == "language":  # up to three, as in "deu,eng"
            pattern = rf"(^|,)({'|'.join(self.values)})(,|$)"
            return pc.fill_null(pc.match_substring_regex(text, pattern), False)
        return pc.is_in(text, pa.array(self.values))

    def may_match(self, group: pq.RowGroupMetaData) -> bool:
        """Whether a row group's statistics leave it open that a row passes."""
        if self.name == "language":  # a list in a string has no order that would help
            return True
        found = {group.column(number).path_in_schema: group.column(number) for number in range(group.num_columns)}
        return any(self._within(found[column].statistics) for column in self.columns(list(found)))

    def _within(self, statistics: pq.Statistics | None) -> bool:
        if statistics is None or not statistics.has_min_max:
            return True
        kind: Any = type(statistics.min)
        if kind not in (int, str):  # bytes that no one calls text
            return True
        return any(statistics.min <= kind(value) <= statistics.max for value in self.values)


def read_index(files: Iterable[InputFile], filters: Sequence[IndexFilter]) -> Iterator[pa.RecordBatch]:
    """The rows of `files` that pass all `filters`, as columns url, warc_file, warc_offset and warc_length.

    Rows that name no place in a file below the root are left out. Raises `InputError` naming the file that is no such
    index, or cannot be read.
    """
    for file in files:
        try:
            yield from _read_file(file.url, filters)
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"The index {file.url} cannot be read ({type(error).__name__}: {error}).") from error


def _read_file(url: str, filters: Sequence[IndexFilter]) -> Iterator[pa.RecordBatch]:
    filesystem, path = filesystem_of(url)
    # No cache of the file: Arrow asks for a column of a row group in one read, and for no byte twice.
    with filesystem.open(path, "rb", cache_type="none") as opened:
        parquet = pq.ParquetFile(opened)
        present = parquet.schema_arrow.names
        _check_columns(present, url, filters)
        groups = range(parquet.metadata.num_row_groups)
        wanted = [n for n in groups if all(one.may_match(parquet.metadata.row_group(n)) for one in filters)]
        columns = list(dict.fromkeys([*PLACES, *(name for one in filters for name in one.columns(present))]))
        for batch in parquet.iter_batches(BATCH_ROWS, wanted, columns, use_threads=False):
            for one in filters:
                batch = batch.filter(one.mask(batch))
            yield _places(batch)


def _check_columns(present: Sequence[str], url: str, filters: Sequence[IndexFilter]) -> None:
    missing = [column for column in PLACES if column not in present]
    missing += [" or ".join(FILTERS[one.name]) for one in filters if not one.columns(present)]
    if missing:
        raise InputError(
            f"The index {url} has no column {', '.join(missing)}. It takes {', '.join(PLACES)}, and the columns that "
            "--where filters on, named as in Common Crawl's columnar index."
        )


def _places(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [batch[name].cast(type_) for name, (_, type_) in PLACES.items()]
    places = pa.RecordBatch.from_arrays(columns, schema=PLACE_SCHEMA)
    inside = pc.invert(pc.match_substring_regex(places["warc_file"], OUTSIDE))
    sensible = pc.and_(pc.greater_equal(places["warc_offset"], 0), pc.greater(places["warc_length"], 0))
    return places.filter(pc.and_(pc.and_(inside, sensible), pc.is_valid(places["url"])))
