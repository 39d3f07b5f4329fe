"""The records of index rows: those of their files, or a reason for every row that leads to none."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl.index_records import LostRow, read_index_records
from pipeline.crawl.records import MAX_ENCODING_OVERHEAD_BYTES, Record, read_records
from pipeline.store import Store
from tests.pipeline.crawl.archives import ARC_FILE, response
from tests.pipeline.range_server import RangeServer, every

LIMIT = 1 << 20


def row(url: str, file: str, offset: int, length: int) -> dict[str, Any]:
    return {"url": url, "warc_file": file, "warc_offset": offset, "warc_length": length}


def found(rows: list[dict[str, Any]], store: Store) -> list[Record | LostRow]:
    return list(read_index_records(rows, store, wants_body=lambda _: True, max_body_bytes=LIMIT))


@pytest.mark.parametrize("compressed", [True, False])
def test_records_are_those_of_the_file(tmp_path: Path, compressed: bool) -> None:
    urls = [f"http://example.org/{number}" for number in range(200)]
    pages = [response(url.encode() * 50, url=url, gzip=compressed) for url in urls]
    (tmp_path / "a.warc").write_bytes(b"".join(pages))
    (tmp_path / "b.arc").write_bytes(gzip.compress(ARC_FILE) if compressed else ARC_FILE)
    expected: list[Any] = []
    for name in ("a.warc", "b.arc"):
        with (tmp_path / name).open("rb") as stream:
            expected += read_records(stream, relative_path=name, wants_body=lambda _: True, max_body_bytes=LIMIT)
    expected = [record for record in expected if isinstance(record, Record) and record.capture]
    assert [record.capture.url for record in expected[: len(urls)]] == urls
    rows = [row(record.capture.url, record.file, record.offset, record.length) for record in expected]
    assert found(rows, Store(str(tmp_path))) == expected
    with RangeServer(tmp_path, faults=every(3, "busy")) as server:
        some = slice(None, None, 40)
        assert found(rows[some], Store(server.url())) == expected[some]


def test_a_row_that_leads_to_no_record_has_a_reason(tmp_path: Path) -> None:
    page, url = response(), "http://example.org/page"
    (tmp_path / "a").write_bytes(page + page)
    size = len(page)
    wanted = {
        "gone": [row(url, "none", 0, size), row(url, "a", size, size + 1), row(url, "a", 5 * size, size)],
        "too_large": [row(url, "a", 0, LIMIT + MAX_ENCODING_OVERHEAD_BYTES + 1)],
        "truncated": [row(url, "a", 0, size - 1)],
        "corrupt": [row(url, "a", 1, size - 1)],
        "other_url": [row("http://example.org/other", "a", 0, size)],
    }
    for reason, rows in wanted.items():
        for item in found(rows, Store(str(tmp_path))):
            assert isinstance(item, LostRow)
            assert item.reason == reason
    items = found([row("HTTP://EXAMPLE.org:80/page", "a", size, size)], Store(str(tmp_path)))
    assert [type(item) for item in items] == [Record]  # one spelling of the URL or another
    assert items[0].offset == size


def test_what_may_pass_is_no_loss(tmp_path: Path) -> None:
    """A unit of rows that are refused now fails; another run may read them."""
    (tmp_path / "a").write_bytes(response())
    with (
        RangeServer(tmp_path, faults=every(1, "refused")) as server,
        pytest.raises(OSError, match=r"a at byte 0 cannot be read .*status 403"),
    ):
        found([row("http://example.org/page", "a", 0, 10)], Store(server.url()))
