"""Real archives with bytes flipped, cut out and spliced in at random places: what was not touched is read as before."""

import gzip
import random
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipeline.crawl.records import Damage, Record
from tests.pipeline.crawl.archives import ARCHIVES, read

PLACES = 1000
SLICE_RECORDS = 30
SLICE_BYTES = 200_000  # compressed
LONGEST_FLIP = 64
LONGEST_CUT = 20_000
LONGEST_SPLICE = 20_000
MAX_BODY_BYTES = 10 << 20


class Archive(NamedTuple):
    """The first records of a file, and what they are when nothing is wrong."""

    data: bytes
    items: list[Record | Damage]


class Place(NamedTuple):
    """What was done to an archive: `data[start:end]` became `replacement`."""

    kind: str
    start: int
    end: int
    replacement: bytes


@cache
def archive(path: Path, is_plain: bool) -> Archive:
    records = read(path.read_bytes(), max_body_bytes=MAX_BODY_BYTES)[:SLICE_RECORDS]
    ends = [record.offset + record.length for record in records]
    data = path.read_bytes()[: max(ends[0], *(end for end in ends if end <= SLICE_BYTES))]
    if is_plain:
        data = gzip.decompress(data)
    return Archive(data, read(data, max_body_bytes=MAX_BODY_BYTES))


def damage(data: bytes, generator: random.Random) -> Place:
    kind = generator.choice(("flip", "cut", "truncate", "splice noise", "splice own"))
    start = generator.randrange(len(data))
    if kind == "flip":
        end = min(start + generator.randint(1, LONGEST_FLIP), len(data))
        return Place(kind, start, end, bytes(byte ^ generator.randint(1, 255) for byte in data[start:end]))
    if kind == "cut":
        return Place(kind, start, min(start + generator.randint(1, LONGEST_CUT), len(data)), b"")
    if kind == "truncate":
        return Place(kind, start, len(data), b"")
    length = generator.randint(1, LONGEST_SPLICE)
    if kind == "splice noise":
        return Place(kind, start, start, generator.randbytes(length))
    origin = generator.randrange(len(data))
    return Place(kind, start, start, data[origin : origin + length])


def check(whole: Archive, place: Place) -> None:
    data = whole.data[: place.start] + place.replacement + whole.data[place.end :]
    items = read(data, max_body_bytes=MAX_BODY_BYTES)  # checks that the lengths add up to the file's
    found = {item.offset: item for item in items if isinstance(item, Record)}
    shift = len(data) - len(whole.data)
    for good in whole.items:
        assert isinstance(good, Record)
        end = good.offset + good.length
        if end <= place.start or good.offset >= place.end:
            offset = good.offset if end <= place.start else good.offset + shift
            assert (found[offset].warc_type, found[offset].problem) == (good.warc_type, good.problem)
            assert found[offset].capture == good.capture
            alone = read(data[offset : offset + found[offset].length], max_body_bytes=MAX_BODY_BYTES)
            assert [item.capture for item in alone if isinstance(item, Record)] == [good.capture]
    if place.kind == "truncate":
        assert {item.reason for item in items[:-1] if isinstance(item, Damage)} == set()


def test_every_untouched_record_comes_out() -> None:
    generator = random.Random(20240518)
    # ARC records begin with nothing but a line that has a URL: without gzip, bytes before it are part of that line.
    forms = [
        (path, is_plain) for path in ARCHIVES for is_plain in (False, True) if ".warc" in path.name or not is_plain
    ]
    for number in range(PLACES):
        path, is_plain = forms[number % len(forms)]
        whole = archive(path, is_plain)
        place = damage(whole.data, generator)
        try:
            check(whole, place)
        except Exception as error:
            error.add_note(f"{path.name}, {is_plain=}, {place.kind} at {place.start} to {place.end}")
            raise
