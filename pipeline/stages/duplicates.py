"""Dropping duplicates: of all documents that are equal in some way the newest stays. Pieces of the graph of `dedupe`.

Only keys and hashes cross the shuffles, and no group is ever held: groups are read as often as need be, since a text,
an image set or a band of sketches that a whole site repeats makes a large one.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import apache_beam as beam

from pipeline.documents.near_duplicates import bands, similarity

Place = tuple[str, int]  # documents part, row
Order = tuple[int, str, str, str, int]  # see `order`

# Documents of one band bucket that the others are compared with. A bucket is mixed where documents share a template;
# beyond so many unlike documents it finds no more, and pairs are left to their other bands.
MAX_LEADERS = 8


class DocumentKey(NamedTuple):
    """What dedupe needs to know of a document."""

    part: str
    row: int
    document_id: str
    url: str
    crawled_at_us: int
    text_hash: str
    image_set_hash: str  # empty for a document without images
    sketch: bytes  # of the text; empty where it is of no use (any more)
    reason: str = ""  # why it is dropped; empty while it stays
    duplicate_of: str = ""  # id of the document that it duplicates


beam.coders.registry.register_row(DocumentKey)


# Functions, since Beam makes rows of a class of its own in another process.
def place(key: DocumentKey) -> Place:
    return key.part, key.row


def order(key: DocumentKey) -> Order:
    """The newest first, then the smallest URL and id; the place decides where a file was given twice."""
    return -key.crawled_at_us, key.url, key.document_id, key.part, key.row


def keep_newest(
    documents: beam.PCollection, attribute: str, reason: str, max_group: int | None = None
) -> beam.PCollection:
    """Of all standing documents with equal `attribute` the newest stays; the others are dropped for `reason`.

    Documents where it is empty stay, and so do all of a group of more than `max_group`.
    """
    settled, open_ = _split(documents, reason, lambda key: bool(getattr(key, attribute)))
    judged = (
        open_
        | f"By {attribute}"
        >> beam.Map(lambda key: (getattr(key, attribute), key)).with_output_types(tuple[str, DocumentKey])
        | f"Group {attribute}" >> beam.GroupByKey()
        | f"Newest of {attribute}"
        >> beam.FlatMap(newest_stays, reason=reason, max_group=max_group).with_output_types(DocumentKey)
    )
    return (settled, judged) | f"After {reason}" >> beam.Flatten()


def newest_stays(
    group: tuple[str, Iterable[DocumentKey]], reason: str, max_group: int | None = None
) -> Iterator[DocumentKey]:
    """All documents of the group, all but the newest dropped; of equally new ones the smallest URL, then id, stays."""
    _, documents = group
    winner = min(documents, key=order)
    is_too_large = max_group is not None and next(islice(documents, max_group, None), None) is not None
    for key in documents:
        stays = is_too_large or key == winner
        yield key if stays else key._replace(reason=reason, duplicate_of=winner.document_id)


def drop_near_duplicates(documents: beam.PCollection, min_jaccard: float) -> beam.PCollection:
    """Every standing document that is near to a newer one is dropped; the sketches end here.

    Near means that two documents share a band, and that their sketches tell a similarity of at least `min_jaccard`.

    There are no clusters to compute. In a chain where A is near B, B near C, but A not near C, connected components
    would drop all but the newest, also where nothing near to a dropped document had ever been newer. Here exactly
    those go that have a newer near one, which `duplicate_of` names; since it is newer, following these names ends, at
    a document that stays. Of any near pair that a band finds, at most one stays, as with components; and no rounds are
    needed, however long a chain is.

    What crosses the shuffles for a document: 16 bands of 7 bytes with its place, its key (of which the sketch is 128
    bytes) for the two joins, and its key once more for every band that it shares.
    """
    settled, open_ = _split(documents, "near_duplicate", lambda key: bool(key.sketch))
    by_place = open_ | "By place" >> beam.Map(lambda key: (place(key), key)).with_output_types(
        tuple[Place, DocumentKey]
    )
    shared_bands = (
        open_
        | "Bands" >> beam.FlatMap(places_by_band).with_output_types(tuple[bytes, Place])
        | "Group bands" >> beam.GroupByKey()
        | "Shared bands" >> beam.FlatMap(bands_by_place).with_output_types(tuple[Place, bytes])
    )
    newer = (
        {"documents": by_place, "bands": shared_bands}
        | "Join bands" >> beam.CoGroupByKey()
        | "Candidates" >> beam.FlatMap(candidates).with_output_types(tuple[bytes, DocumentKey])
        | "Group candidates" >> beam.GroupByKey()
        | "Near" >> beam.FlatMap(near_pairs, min_jaccard=min_jaccard).with_output_types(tuple[Place, Order])
        | "Newest near" >> beam.CombinePerKey(min)
    )
    judged = (
        {"documents": by_place, "newer": newer}
        | "Join newer" >> beam.CoGroupByKey()
        | "Judge near" >> beam.FlatMap(newer_drops).with_output_types(DocumentKey)
    )
    return (
        (settled, judged)
        | "After near_duplicate" >> beam.Flatten()
        | "Without sketches" >> beam.Map(lambda key: key._replace(sketch=b"")).with_output_types(DocumentKey)
    )


def places_by_band(key: DocumentKey) -> Iterator[tuple[bytes, Place]]:
    for band in bands(key.sketch):
        yield band, place(key)


def bands_by_place(bucket: tuple[bytes, Iterable[Place]]) -> Iterator[tuple[Place, bytes]]:
    """The places in one band's bucket, if there are several."""
    band, places = bucket
    if next(islice(places, 1, None), None) is not None:
        for place in places:
            yield place, band


def candidates(joined: tuple[Place, dict[str, Iterable[Any]]]) -> Iterator[tuple[bytes, DocumentKey]]:
    """The document under each band that it shares with another one."""
    _, sides = joined
    for key in sides["documents"]:
        for band in sides["bands"]:
            yield band, key


def near_pairs(bucket: tuple[bytes, Iterable[DocumentKey]], min_jaccard: float) -> Iterator[tuple[Place, Order]]:
    """Of one band's bucket, which documents are near to which newer one.

    Never all pairs: the newest leads, those near to it follow it; of the rest again the newest leads, and so on.
    """
    _, documents = bucket
    leaders: list[DocumentKey] = []

    def leader_of(key: DocumentKey) -> DocumentKey | None:
        return next((one for one in leaders if similarity(one.sketch, key.sketch) >= min_jaccard), None)

    while len(leaders) < MAX_LEADERS:
        rest = (key for key in documents if leader_of(key) is None)
        newest = min(rest, key=order, default=None)
        if newest is None:
            break
        leaders.append(newest)
    for key in documents:
        leader = leader_of(key)
        if leader is not None and leader != key:
            yield place(key), order(leader)


def newer_drops(joined: tuple[Place, dict[str, Iterable[Any]]]) -> Iterator[DocumentKey]:
    """The document, dropped if there is a newer one near it."""
    _, sides = joined
    newer = next(iter(sides["newer"]), None)
    for key in sides["documents"]:
        yield key if newer is None else key._replace(reason="near_duplicate", duplicate_of=newer[2])


def _split(
    documents: beam.PCollection, step: str, can_be_judged: Callable[[DocumentKey], bool]
) -> tuple[beam.PCollection, beam.PCollection]:
    """The documents that pass `step` by, and the standing ones that it judges."""
    passing = documents | f"Passing {step}" >> beam.Filter(lambda key: bool(key.reason) or not can_be_judged(key))
    judged = documents | f"Before {step}" >> beam.Filter(lambda key: not key.reason and can_be_judged(key))
    return passing, judged
