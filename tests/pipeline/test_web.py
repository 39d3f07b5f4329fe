"""Reads over HTTP from servers that are busy, break off, or answer something else."""

from pathlib import Path

import pytest

from pipeline import web
from pipeline.ranges import Range, read_ranges
from pipeline.store import Store, filesystem_of
from pipeline.web import BusyError, counted_retries
from tests.pipeline.range_server import Fault, RangeServer, every, first

DATA = b"".join(b"%06d " % number for number in range(20_000))  # 140 kB


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "file").write_bytes(DATA)
    (tmp_path / "empty").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("fault", "cause"), [("busy", "503"), ("busy_until", "429"), ("cut", "incomplete"), ("short_range", "incomplete")]
)
def test_every_second_request_goes_wrong(folder: Path, fault: Fault, cause: str) -> None:
    """Of whole reads, ranges and files that are read block by block; retries are counted by their cause."""
    with RangeServer(folder, faults=every(2, fault)) as server, counted_retries() as retries:
        store = Store(server.url())
        for _ in range(2):
            assert store.read_range("file", 70_001, 50_000) == DATA[70_001:120_001]
        with filesystem_of(server.url("file"))[0].open(server.url("file"), block_size=30_000) as file:
            assert b"".join(iter(lambda: file.read(7_000), b"")) == DATA
        assert set(retries) == {cause}
        assert retries.total() >= 3


def test_a_storm_passes(folder: Path) -> None:
    """Nine refusals in a row, one less than ends it; also of a whole file, and of its description."""
    with RangeServer(folder, faults=first(web.ATTEMPTS - 1, "busy")) as server:
        assert Store(server.url()).read("file") == DATA
        assert server.requests["file"] == web.ATTEMPTS
    with RangeServer(folder, faults=first(3, "busy")) as server, counted_retries() as retries:
        assert filesystem_of(server.url())[0].info(server.url("file"))["size"] == len(DATA)
        assert (retries, server.requests) == ({"503": 3}, {})


def test_a_storm_that_does_not_pass_is_an_error(folder: Path) -> None:
    with RangeServer(folder, faults=every(1, "busy")) as server:
        with pytest.raises(BusyError, match=r"file answered with status 503 Slow Down"):
            Store(server.url()).read("file")
        assert server.requests["file"] == web.ATTEMPTS


def test_a_connection_that_is_closed_is_made_again(folder: Path) -> None:
    with RangeServer(folder, faults=first(3, "hang_up")) as server, counted_retries() as retries:
        assert Store(server.url()).read("file") == DATA
        assert set(retries) == {"connection"}


def test_what_broke_off_goes_on_where_it_did(folder: Path) -> None:
    with RangeServer(folder, faults=first(2, "cut")) as server:
        assert Store(server.url()).read_range("file", 1000, 80_000) == DATA[1000:81_000]
        starts = [int(text.removeprefix("bytes=").split("-")[0]) for text in server.ranges]
    assert starts == [1000, 41_000, 61_000]


def test_what_is_refused_or_missing_is_not_asked_for_again(folder: Path) -> None:
    with RangeServer(folder, faults=every(1, "refused")) as server:
        with pytest.raises(PermissionError, match="status 403"):
            Store(server.url()).read_range("file", 0, 10)
        with pytest.raises(FileNotFoundError, match="status 404"):
            Store(server.url()).read_range("gone", 0, 10)
        assert server.requests == {"file": 1, "gone": 1}


def test_other_bytes_than_asked_for_are_an_error(folder: Path) -> None:
    with RangeServer(folder, faults=every(1, "other_range")) as server:
        with pytest.raises(OSError, match=r"other bytes .*, which start at 100"):
            Store(server.url()).read_range("file", 100, 50)
        assert server.requests["file"] == 1


def test_a_server_without_ranges_serves_the_beginning(folder: Path) -> None:
    with RangeServer(folder, faults=every(1, "ignores_range")) as server:
        store = Store(server.url())
        assert store.read("file") == DATA
        assert store.read_range("file", 0, 100) == DATA[:100]
        with pytest.raises(OSError, match=r"ignores ranges\. Copy the file"):
            store.read_range("file", 100, 100)


def test_a_whole_answer_takes_the_place_of_a_part(folder: Path) -> None:
    """Where the first answer broke off, and the second is the whole file though only the rest was asked for."""
    faults: dict[int, Fault] = {1: "cut", 2: "ignores_range"}
    with RangeServer(folder, faults=faults.get) as server:
        assert Store(server.url()).read_range("file", 0, 100_000) == DATA[:100_000]


def test_ends_of_files(folder: Path) -> None:
    with RangeServer(folder) as server:
        store = Store(server.url())
        assert store.read("empty") == b""
        assert store.read_range("empty", 0, 10) == b""
        assert store.read_range("file", len(DATA) - 5, 10) == DATA[-5:]
        assert store.read_range("file", len(DATA), 10) == b""
        assert (store.exists("file"), store.exists("gone")) == (True, False)
        assert filesystem_of(server.url("file"))[0].info(server.url("empty"))["size"] == 0


def test_retries_in_the_threads_of_range_reads_are_counted(folder: Path) -> None:
    wanted = [Range("crawl", "file", 140_000 - 1000 * number, 10) for number in range(1, 31)]
    with RangeServer(folder, faults=every(3, "busy")) as server, counted_retries() as retries:
        found = list(read_ranges(wanted, lambda _: Store(server.url())))
        assert found == [DATA[part.offset :][:10] for part in wanted]
        assert retries["503"] == server.requests["file"] - len(wanted)
        assert retries["503"] > 0


@pytest.mark.parametrize(
    ("header", "wait_s"), [("7", 7.0), ("0", 0.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("soon", None), ("", None)]
)
def test_retry_after(header: str, wait_s: float | None) -> None:
    assert web._retry_after_s(header) == wait_s
