"""Many byte ranges of many files, read ahead side by side, neighbours joined, given back in the order asked for."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.store import Store

READS_IN_FLIGHT = 64  # what hides an object store's latency of tens of milliseconds
JOIN_GAP_BYTES = 64 * 2**10  # a gap that costs less than one more request
JOIN_MAX_BYTES = 8 * 2**20  # so that the reads in flight hold at most 512 MiB


class GoneError(OSError):
    """The file is not there, or ends before the range does: to read again would not help."""


@dataclass(frozen=True)
class Range:
    root: str
    file: str
    offset: int
    length: int

    @staticmethod
    def of(row: Mapping[str, Any]) -> "Range":
        """Where the record lies that a row of a table names in `root`, `warc_file`, `warc_offset`, `warc_length`."""
        return Range(row["root"], row["warc_file"], row["warc_offset"], row["warc_length"])


def read_ranges(ranges: Iterable[Range], root: Callable[[str], Store]) -> Iterator[bytes | OSError]:
    """The bytes of every range, in order; an `OSError` in place of those that cannot be read, `GoneError` for good.

    Ranges that follow one another in a file with small gaps are one read. `READS_IN_FLIGHT` reads run at a time.
    """
    stores: dict[str, Store] = {}
    with ThreadPoolExecutor(READS_IN_FLIGHT) as pool:
        flying: deque[tuple[list[Range], Future[bytes]]] = deque()
        for group in _joined(ranges):
            name = group[0].root
            stores[name] = stores.get(name) or root(name)
            start, end = group[0].offset, max(part.offset + part.length for part in group)
            read = partial(stores[name].read_range, group[0].file, start, end - start)
            # In the caller's context, in which retries are counted.
            flying.append((group, pool.submit(copy_context().run, read)))
            if len(flying) >= READS_IN_FLIGHT:
                yield from _cut(*flying.popleft())
        while flying:
            yield from _cut(*flying.popleft())


def _joined(ranges: Iterable[Range]) -> Iterator[list[Range]]:
    group: list[Range] = []
    end = 0
    for part in ranges:
        fits = (
            group
            and (part.root, part.file) == (group[0].root, group[0].file)
            and group[-1].offset <= part.offset <= end + JOIN_GAP_BYTES
            and part.offset + part.length - group[0].offset <= JOIN_MAX_BYTES
        )
        if group and not fits:
            yield group
            group, end = [], 0
        group.append(part)
        end = max(end, part.offset + part.length)
    if group:
        yield group


def _cut(group: list[Range], future: "Future[bytes]") -> Iterator[bytes | OSError]:
    try:
        data = future.result()
    except Exception as error:  # noqa: BLE001  (every file system and cloud client has error classes of its own)
        kind = GoneError if isinstance(error, FileNotFoundError) else OSError
        place = f"{group[0].file} at byte {group[0].offset}"
        yield from (kind(f"{place} cannot be read ({type(error).__name__}: {error})") for _ in group)
        return
    for part in group:
        start = part.offset - group[0].offset
        piece = data[start : start + part.length]
        end = part.offset + part.length
        yield piece if len(piece) == part.length else GoneError(f"{part.file} ends before byte {end}")
