"""Which of duplicates stays: the newest, whatever the order, however long a chain, however large a group."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from random import Random

import apache_beam as beam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.near_duplicates import PERMUTATIONS, bands, similarity
from pipeline.engine import Engine
from pipeline.stages.duplicates import (
    MAX_LEADERS,
    DocumentKey,
    drop_near_duplicates,
    near_pairs,
    newest_stays,
    order,
    place,
)

documents = st.lists(
    st.builds(
        DocumentKey,
        part=st.sampled_from(["p", "q"]),
        row=st.integers(0, 9),
        document_id=st.sampled_from(["1", "2", "3"]),  # a file that was given twice has the same ids
        url=st.sampled_from(["https://a.example/", "https://b.example/"]),
        crawled_at_us=st.integers(0, 3),
        text_hash=st.just("text"),
        image_set_hash=st.just(""),
        sketch=st.just(b""),
        reason=st.just(""),
        duplicate_of=st.just(""),
    ),
    min_size=1,
    max_size=8,
    unique_by=place,
)


def key(number: int, sketch: bytes, *, crawled_at_us: int = 0) -> DocumentKey:
    url = f"https://a.example/{number:06}"
    return DocumentKey("part", number, f"id-{number}", url, crawled_at_us, str(number), "", sketch)


@given(documents, st.randoms())
def test_of_equal_documents_the_newest_stays(keys: list[DocumentKey], random: Random) -> None:
    settled = list(newest_stays(("text", keys), "duplicate_text"))
    (winner,) = (key for key in settled if not key.reason)
    assert [key._replace(reason="", duplicate_of="") for key in settled] == keys
    assert {(key.reason, key.duplicate_of) for key in settled if key != winner} <= {
        ("duplicate_text", winner.document_id)
    }
    assert winner.crawled_at_us == max(key.crawled_at_us for key in keys)
    equally_new = [key for key in keys if key.crawled_at_us == winner.crawled_at_us]
    assert winner.url == min(key.url for key in equally_new)
    random.shuffle(keys)
    assert winner in newest_stays(("text", keys), "duplicate_text")


@given(documents, st.integers(0, 8))
def test_all_stay_of_a_group_that_is_too_large_to_mean_something(keys: list[DocumentKey], most: int) -> None:
    dropped = sum(bool(key.reason) for key in newest_stays(("images", keys), "duplicate_images", most))
    assert dropped == (len(keys) - 1 if len(keys) <= most else 0)


class Group:
    """A group as Beam gives it: to be read as often as one likes, never to be held."""

    def __init__(self, size: int, kinds: int) -> None:
        self.size, self.kinds, self.reads = size, kinds, 0

    def __iter__(self) -> Iterator[DocumentKey]:
        self.reads += 1
        sketches = [Random(kind).randbytes(PERMUTATIONS) for kind in range(self.kinds)]
        return (key(n, sketches[n % self.kinds], crawled_at_us=n) for n in range(self.size))


@pytest.mark.parametrize(("size", "kinds", "found"), [(100_000, 1, 1), (20_000, 4, 4), (20_000, 50, MAX_LEADERS)])
def test_a_hot_bucket_is_never_compared_pair_by_pair(size: int, kinds: int, found: int) -> None:
    """Many documents in one bucket of a band, of one kind, or of several that are not alike."""
    group = Group(size, kinds)
    pairs = dict(near_pairs((b"band", group), 0.7))
    assert group.reads <= MAX_LEADERS + 2
    assert len(pairs) == found * (size // kinds - 1)  # beyond the leaders, a bucket is left to the other bands
    for (_, row), newer in list(pairs.items())[:1000]:
        assert -newer[0] > row
        assert -newer[0] % kinds == row % kinds


SETTLED: list[DocumentKey] = []


def note(key: DocumentKey) -> None:
    SETTLED.append(DocumentKey(*key))


def settle(keys: Iterable[DocumentKey]) -> list[DocumentKey]:
    """What `drop_near_duplicates` makes of `keys` in Beam's runner, in this process."""

    def expand(root: beam.Pipeline) -> None:
        created = root | beam.Create(list(keys)).with_output_types(DocumentKey)
        _ = drop_near_duplicates(created, 0.7) | beam.Map(note)

    SETTLED.clear()
    Engine().run(expand)
    return sorted(SETTLED, key=place)


def drifting(count: int, step: int, random: Random) -> list[bytes]:
    """Sketches of which each differs from the one before in `step` bytes: likenesses fade along the chain."""
    sketches = [bytearray(random.randbytes(PERMUTATIONS))]
    for _ in range(count - 1):
        sketches.append(sketches[-1][:])
        for position in random.sample(range(PERMUTATIONS), step):
            sketches[-1][position] = random.randrange(256)
    return [bytes(sketch) for sketch in sketches]


@pytest.mark.parametrize("order_of_time", ["along", "against", "mixed"])
def test_a_long_chain_of_versions(order_of_time: str) -> None:
    """Of a near pair never both stay, and what is dropped is near to something newer; no ends meet, 300 links apart."""
    random = Random(3)
    times = list(range(300))
    if order_of_time == "mixed":
        random.shuffle(times)
    if order_of_time == "against":
        times.reverse()
    keys = [key(n, s, crawled_at_us=times[n]) for n, s in enumerate(drifting(300, 8, random))]
    by_id = {key.document_id: key for key in keys}
    settled = settle(keys)
    assert [key.document_id for key in settled] == list(by_id)
    kept = {key.document_id for key in settled if not key.reason}
    for found in settled:
        assert found.sketch == b""
        if found.reason:
            newer = by_id[found.duplicate_of]
            assert found.reason == "near_duplicate"
            assert order(newer) < order(found)
            assert similarity(by_id[found.document_id].sketch, newer.sketch) >= 0.7
    for one, other in pairwise(keys):
        if similarity(one.sketch, other.sketch) >= 0.7 and set(bands(one.sketch)) & set(bands(other.sketch)):
            assert not {one.document_id, other.document_id} <= kept
    if order_of_time != "mixed":
        assert len(kept) == 1  # each version has a newer one beside it


def test_a_document_between_two_that_are_not_alike_goes_alone() -> None:
    """Connected components would drop one of the outer two as well, though nothing near to it is newer."""
    one, between, other = drifting(3, 30, Random(4))
    assert similarity(one, between) >= 0.7 <= similarity(between, other)
    assert similarity(one, other) < 0.7
    settled = settle([key(0, one, crawled_at_us=2), key(1, between, crawled_at_us=1), key(2, other, crawled_at_us=3)])
    assert [found.reason for found in settled] == ["", "near_duplicate", ""]
    assert settled[1].duplicate_of == "id-2"  # the newest of the two


def test_documents_that_were_dropped_before_or_have_no_words_take_no_part() -> None:
    sketch = Random(5).randbytes(PERMUTATIONS)
    gone = key(0, sketch, crawled_at_us=9)._replace(reason="too_few_words")
    settled = settle([gone, key(1, sketch), key(2, b""), key(3, b"")])
    assert [found.reason for found in settled] == ["too_few_words", "", "", ""]


def test_a_thousand_documents_in_every_bucket() -> None:
    sketch = Random(6).randbytes(PERMUTATIONS)
    settled = settle(key(n, sketch, crawled_at_us=n) for n in range(1000))
    assert [found.reason for found in settled] == ["near_duplicate"] * 999 + [""]
    assert {found.duplicate_of for found in settled} == {"id-999", ""}
