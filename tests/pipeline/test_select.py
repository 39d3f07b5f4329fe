"""Which images stay, decided on plain values."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.stages.select import Fact, Reference, Spot, choose, refer, with_count

GOOD = Fact("", "image", "crawl", "a.warc.gz", 0, 10, 100, 100)


def reference(index: int, image_id: str, count: int = 1, reason: str = "") -> Reference:
    spot = Spot("part", 0, index, "document", f"https://a.example/{index}.png")
    return Reference(spot, GOOD._replace(image_id=image_id, reason=reason), count)


@st.composite
def references(draw: st.DrawFn) -> list[Reference]:
    counts = draw(st.fixed_dictionaries({name: st.integers(1, 6) for name in "abc"}))
    drawn = draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "", "too_small"])), max_size=10))
    return [reference(index, name, counts[name], reason) for index, (name, reason) in enumerate(drawn)]


@given(references(), st.integers(1, 5))
def test_the_first_of_equal_images_stays_unless_too_many_documents_hold_it(
    document: list[Reference], most: int
) -> None:
    chosen = list(choose(document, most))
    assert [one for one, _ in chosen] == document  # in reading order, each once
    kept = [one for one, reason in chosen if reason is None]
    assert all(count == 1 for count in Counter(one.fact.image_id for one in kept).values())
    assert all(one.document_count <= most and not one.fact.reason for one in kept)
    for one, reason in chosen:
        if one.fact.reason:
            assert reason == one.fact.reason
        elif one.document_count > most:
            assert reason == "too_frequent"
        elif reason:
            assert reason == "duplicate_in_document"
            assert any(k.fact.image_id == one.fact.image_id and k.spot < one.spot for k in kept)


def test_the_cap_itself_is_allowed() -> None:
    reasons = [reason for _, reason in choose([reference(0, "a", 10), reference(1, "b", 11)], 10)]
    assert reasons == [None, "too_frequent"]


def test_a_reference_without_facts_is_one_that_was_taken_down() -> None:
    spot = Spot("part", 0, 0, "document", "https://a.example/0.png")
    (found,) = refer((spot.url, {"spots": [spot], "facts": []}))
    assert found.fact.reason == "taken_down"


def test_every_reference_of_an_image_gets_its_count() -> None:
    both = [reference(0, "a", 0), reference(1, "a", 0)]
    assert [one.document_count for one in with_count(("a", {"references": both, "counts": [7]}))] == [7, 7]
