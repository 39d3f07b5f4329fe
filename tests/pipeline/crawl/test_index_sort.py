"""Index rows sorted with bounded memory: every place once, in parts of one size, whatever order they came in."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.crawl.index_rows import PLACE_SCHEMA
from pipeline.crawl.index_sort import IndexSorter

Row = tuple[str, str, int, int]
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["http://a/", "http://b/"]), st.sampled_from("pqrstu"), st.integers(0, 5), st.integers(1, 2)
    )
)


def batch(rows: list[Row]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([dict(zip(PLACE_SCHEMA.names, row, strict=True)) for row in rows], PLACE_SCHEMA)


def parts(batches: list[list[Row]], known: list[Row], rows_per_part: int) -> list[list[Row]]:
    with TemporaryDirectory() as folder, IndexSorter(Path(folder)) as sorter:
        for rows in batches:
            sorter.add(batch(rows))
        sorter.add(batch(known), known=True)
        assert sorter.rows == sum(map(len, batches))
        return [[tuple(row.values()) for row in table.to_pylist()] for table in sorter.parts(rows_per_part)]


@settings(deadline=None, max_examples=60)
@given(ROWS, ROWS, st.integers(1, 7), st.randoms())
def test_every_place_once(rows: list[Row], known: list[Row], rows_per_part: int, random: Random) -> None:
    found = parts([rows], known, rows_per_part)
    places = [row[1:3] for part in found for row in part]
    assert len(set(places)) == len(places)
    assert set(places) == {row[1:3] for row in rows} - {row[1:3] for row in known}
    assert {row for part in found for row in part} <= set(rows)
    assert all(len(part) == rows_per_part for part in found[:-1])
    assert all(part == sorted(part, key=lambda row: row[1:3]) for part in found)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert parts([shuffled[:3], [], shuffled[3:]], known, rows_per_part) == found
