"""Range reads: the bytes that were asked for, in order, however they were joined and however many flew at once."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ranges import JOIN_GAP_BYTES, JOIN_MAX_BYTES, READS_IN_FLIGHT, Range, read_ranges
from pipeline.store import Store
from tests.pipeline.range_server import RangeServer

SIZES = {"empty": 0, "small": 1000, "large": 3 * JOIN_GAP_BYTES, "missing": None}


def content(name: str, size: int) -> bytes:
    return b"".join(b"%s %d " % (name.encode(), number) for number in range(size // 5))[:size]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    for name, size in SIZES.items():
        if size is not None:
            (made / name).write_bytes(content(name, size))
    return made


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    name = draw(st.sampled_from(sorted(SIZES)))
    size = SIZES[name] or 0
    return Range("crawl", name, draw(st.integers(0, size + 10)), draw(st.integers(0, size + 10)))


@settings(max_examples=60, deadline=None)
@given(st.lists(ranges(), max_size=12), st.booleans())
def test_every_range_has_its_bytes_or_an_error(folder: Path, wanted: list[Range], in_order: bool) -> None:
    if in_order:  # as archives are read, which is when neighbours are joined
        wanted = sorted(wanted, key=lambda part: (part.file, part.offset))
    found = list(read_ranges(wanted, lambda name: Store(str(folder))))
    assert len(found) == len(wanted)
    for part, data in zip(wanted, found, strict=True):
        size = SIZES[part.file]
        if size is not None and part.offset + part.length <= size:
            assert data == content(part.file, size)[part.offset :][: part.length]
        elif part.length:
            assert isinstance(data, OSError)
            assert part.file in str(data)


def test_neighbours_are_one_read(folder: Path) -> None:
    size = 3 * JOIN_GAP_BYTES
    near = [Range("crawl", "large", offset, 50) for offset in range(0, 1000, 100)]
    overlapping = [Range("crawl", "large", 950, 500), Range("crawl", "large", 1000, 20)]
    far = [Range("crawl", "large", size - 50, 50)]
    back = [Range("crawl", "large", 0, 10)]
    wanted = [*near, *overlapping, *far, *back]
    with RangeServer(folder) as server:
        found = list(read_ranges(wanted, lambda name: Store(server.url())))
        assert server.requests == {"large": 3}
    data = content("large", size)
    assert found == [data[part.offset :][: part.length] for part in wanted]


def test_no_read_is_longer_than_the_limit(tmp_path: Path) -> None:
    length = JOIN_MAX_BYTES // 2
    (tmp_path / "file").write_bytes(bytes(5 * length))
    wanted = [Range("crawl", "file", number * length, length) for number in range(5)]
    with RangeServer(tmp_path) as server:
        found = list(read_ranges(wanted, lambda name: Store(server.url())))
        assert server.requests == {"file": 3}  # two halves each
    assert found == [bytes(length)] * 5


def test_many_reads_are_in_flight_at_once(folder: Path) -> None:
    """The server answers nothing before that many requests wait for it."""
    order = [1 + 17 * number % 500 for number in range(3 * READS_IN_FLIGHT)]
    wanted = [Range("crawl", "small", offset, 20) for offset in order if offset]
    wanted = [part for pair in zip(wanted, wanted, strict=True) for part in (pair[0], Range("crawl", "large", 0, 9))]
    with RangeServer(folder, hold=READS_IN_FLIGHT) as server:
        found = list(read_ranges(wanted, lambda name: Store(server.url())))
        assert server.most_at_once == READS_IN_FLIGHT
    files = {name: content(name, SIZES[name] or 0) for name in ("small", "large")}
    assert found == [files[part.file][part.offset :][: part.length] for part in wanted]


def test_what_a_server_refuses_is_an_error_in_its_place(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"0123456789")
    wanted = [
        Range("crawl", "good", 0, 4),
        Range("crawl", "gone", 0, 4),
        Range("crawl", "broken", 0, 4),
        Range("crawl", "good", 100, 4),  # beyond the end: status 416
        Range("crawl", "good", 6, 4),
    ]
    with RangeServer(tmp_path) as server:
        found = list(read_ranges(wanted, lambda name: Store(server.url())))
    assert [found[0], found[4]] == [b"0123", b"6789"]
    assert [isinstance(data, OSError) for data in found[1:4]] == [True, True, True]
