"""Rows of an index: which pass, what is read of the file for it, and what is no index."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.crawl.index_rows import PLACE_SCHEMA, IndexFilter, read_index
from pipeline.crawl.inputs import PARQUET_FILES, InputError, resolve_inputs
from tests.pipeline.crawl.indexes import place, write_index
from tests.pipeline.range_server import RangeServer, every

ROWS: list[dict[str, Any]] = [
    place("http://a.example.org/", "w/1", 10, 5, content_languages="eng", fetch_status=200),
    place("http://example.org/", "w/1", 0, 10, content_languages="deu,eng", fetch_status=404),
    place("http://notexample.org/", "w/2", 7, 5, content_languages=None, fetch_status=200),
    place("http://x.example.net/", "w/2", 99, 5, content_languages="engx,fra", fetch_status=301),
]
for row, domain in zip(ROWS, ("example.org", "example.org", "notexample.org", "example.net"), strict=True):
    row["url_host_registered_domain"] = domain
for row, detected, sent in zip(
    ROWS,
    ("text/html", "application/pdf", None, "image/png"),
    ("text/plain", "text/html", "text/html", None),
    strict=True,
):
    row |= {"content_mime_detected": detected, "content_mime_type": sent}


def passing(path: Path | str, where: Sequence[str] = ()) -> list[str]:
    files = resolve_inputs([str(path)], PARQUET_FILES)
    batches = list(read_index(files, [IndexFilter.parse(text) for text in where]))
    assert all(batch.schema.equals(PLACE_SCHEMA) for batch in batches)
    return [url for batch in batches for url in batch["url"].to_pylist()]


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ([], [0, 1, 2, 3]),
        (["language=eng"], [0, 1]),
        (["language=fra,deu"], [1, 3]),
        (["mime=text/html"], [0, 1, 2]),
        (["mime=application/pdf,image/png"], [1, 3]),
        (["status=200"], [0, 2]),
        (["status=301,404"], [1, 3]),
        (["domain=example.org"], [0, 1]),
        (["domain=x.example.net"], [3]),
        (["domain=example.org", "status=200", "language=eng"], [0]),
        (["domain=ample.org"], []),
    ],
)
@pytest.mark.parametrize("rows_per_group", [1, 100])
def test_filters(tmp_path: Path, where: list[str], numbers: list[int], rows_per_group: int) -> None:
    path = write_index(tmp_path / "index.parquet", ROWS, rows_per_group=rows_per_group)
    assert passing(path, where) == [ROWS[number]["url"] for number in numbers]


def test_four_columns_are_an_index_and_what_a_filter_lacks_is_named(tmp_path: Path) -> None:
    few = ["url", "warc_filename", "warc_record_offset", "warc_record_length"]
    path = write_index(tmp_path / "index.parquet", ROWS, few)
    assert len(passing(path)) == 4
    with pytest.raises(InputError, match="no column content_mime_detected or content_mime_type, fetch_status"):
        passing(path, ["mime=text/html", "status=200"])
    write_index(path, ROWS, ["url", "url_host_name"])
    with pytest.raises(InputError, match="no column warc_filename, warc_record_offset, warc_record_length"):
        passing(path)


def test_columns_that_pyarrow_encoded_as_dictionaries(tmp_path: Path) -> None:
    table = pq.read_table(write_index(tmp_path / "plain.parquet", ROWS))
    for name in ("warc_filename", "content_languages", "content_mime_detected", "url_host_registered_domain"):
        table = table.set_column(table.schema.names.index(name), name, table[name].dictionary_encode())
    pq.write_table(table, tmp_path / "index.parquet")
    where = ["language=eng", "mime=text/html", "domain=example.org"]
    assert passing(tmp_path / "index.parquet", where) == [ROWS[0]["url"], ROWS[1]["url"]]


def test_rows_that_name_no_place_below_the_root_are_left_out(tmp_path: Path) -> None:
    bad = [
        place("http://a/", "/etc/passwd", 0, 5),
        place("http://a/", "../up", 0, 5),
        place("http://a/", "w/../../up", 0, 5),
        place("http://a/", "http://b/w", 0, 5),
        place("http://a/", "w/1", -1, 5),
        place("http://a/", "w/1", 0, 0),
        {**place("http://a/", "w/1", 0, 5), "url": None},
        {**place("http://a/", "w/1", 0, 5), "warc_filename": None},
        {**place("http://a/", "w/1", 0, 5), "warc_record_length": None},
    ]
    assert passing(write_index(tmp_path / "index.parquet", [*bad, ROWS[0]])) == [ROWS[0]["url"]]


def test_only_row_groups_and_columns_that_are_needed_are_read(tmp_path: Path) -> None:
    rows = [
        place(f"http://host{number:05}.example/{'x' * 50}", f"w/{number % 7}", number, 5, fetch_status=200)
        | {
            "url_host_registered_domain": f"host{number:05}.example",
            "content_truncated": f"{number * 7919 % 10**8:0200}",
        }
        for number in range(20_000)
    ]
    path = write_index(tmp_path / "index.parquet", rows, rows_per_group=1000)
    with RangeServer(tmp_path, faults=every(5, "busy")) as server:
        found = passing(server.url("index.parquet"), ["domain=host12345.example"])
        asked = [list(map(int, text.removeprefix("bytes=").split("-"))) for text in server.ranges]
    assert found == [rows[12345]["url"]]
    assert sum(end + 1 - start for start, end in asked) < path.stat().st_size / 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("language", "NAME=VALUE"),
        ("language=", "NAME=VALUE"),
        ("lang=eng", "language, mime, status, domain"),
        ("language=en", "ISO 639-3"),
        ("status=ok", "a number"),
    ],
)
def test_filters_that_are_none(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        IndexFilter.parse(text)


def test_files_that_are_no_index(tmp_path: Path) -> None:
    path = write_index(tmp_path / "index.parquet", ROWS)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"index\.parquet cannot be read"):
        passing(path)
    path.write_bytes(b"\x89PNG")
    with pytest.raises(InputError, match="neither a Parquet file nor a list of paths"):
        passing(path)
    table = pa.table(
        {**{name: ["x"] for name in ("url", "warc_filename", "warc_record_length")}, "warc_record_offset": ["y"]}
    )
    pq.write_table(table, path)
    with pytest.raises(InputError, match=r"index\.parquet cannot be read"):
        passing(path)


def test_folders_and_lists_of_index_files(tmp_path: Path) -> None:
    (tmp_path / "subset=warc").mkdir()
    write_index(tmp_path / "subset=warc" / "2.parquet", ROWS[2:])
    write_index(tmp_path / "subset=warc" / "1.parquet", ROWS[:2])
    (tmp_path / "subset=warc" / "_SUCCESS").write_text("")
    (tmp_path / "paths").write_text("subset=warc/1.parquet\n")
    assert passing(tmp_path) == [row["url"] for row in ROWS]
    assert passing(tmp_path / "paths") == [row["url"] for row in ROWS[:2]]
    assert passing(tmp_path / "subset=warc" / "*.parquet") == [row["url"] for row in ROWS]
