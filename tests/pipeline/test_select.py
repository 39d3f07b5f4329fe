"""Which images stay, decided on plain values."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from pipeline.recipe import Recipe
from pipeline.stages.select import Fact, Reference, Spot, choose, refer, with_count

DOCUMENT_ID = "7f" + "0" * 62  # just below a half, as a share of all ids
GOOD = Fact("", "image", "crawl", "a.warc.gz", 0, 10, 100, 100)


def reference(index: int, image_id: str, count: int = 1, reason: str = "") -> Reference:
    spot = Spot("part", 0, index, DOCUMENT_ID, f"https://a.example/{index}.png")
    return Reference(spot, GOOD._replace(image_id=image_id, reason=reason), count)


@st.composite
def references(draw: st.DrawFn) -> list[Reference]:
    counts = draw(st.fixed_dictionaries({name: st.integers(1, 6) for name in "abc"}))
    drawn = draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "", "too_small"])), max_size=10))
    return [reference(index, name, counts[name], reason) for index, (name, reason) in enumerate(drawn)]


@given(references().filter(len), st.integers(1, 5))
def test_the_first_of_equal_images_stays_unless_too_many_documents_hold_it(
    document: list[Reference], most: int
) -> None:
    chosen = choose(document, Recipe(max_documents_per_image=most))
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
    assert reasons([reference(0, "a", 10), reference(1, "b", 11)]) == [None, "too_frequent"]


def reasons(document: list[Reference], **settings: float) -> list[str | None]:
    return [reason for _, reason in choose(document, Recipe(**settings))]


def test_a_document_with_too_many_images_has_none() -> None:
    """Those that it loses for other reasons, or holds twice, do not count."""
    document = [reference(0, "a"), reference(1, "a"), reference(2, "b"), reference(3, "c", reason="too_small")]
    assert reasons(document, max_images_per_document=2) == [None, "duplicate_in_document", None, "too_small"]
    many = "too_many_in_document"
    assert reasons(document, max_images_per_document=1) == [many, "duplicate_in_document", many, "too_small"]


def test_a_share_of_the_documents_with_one_image_stays() -> None:
    alone = [reference(0, "a"), reference(1, "b", reason="too_small")]
    assert reasons(alone, single_image_document_share=0.5) == [None, "too_small"]
    assert reasons(alone, single_image_document_share=0.49) == ["single_in_document", "too_small"]
    assert reasons(alone, single_image_document_share=0) == ["single_in_document", "too_small"]
    two = [reference(0, "a"), reference(1, "b")]
    assert reasons(two, single_image_document_share=0) == [None, None]
    none = [reference(0, "a", reason="too_small")]
    assert reasons(none, single_image_document_share=0) == ["too_small"]


def test_what_a_document_refuses_others_may_have() -> None:
    spots = [Spot("part", row, 0, DOCUMENT_ID, "u", refusal) for row, refusal in enumerate(("", "declared_too_small"))]
    found = list(refer(("u", {"spots": spots, "facts": [GOOD]})))
    assert [one.fact.reason for one in found] == ["", "declared_too_small"]


def test_a_reference_without_facts_is_one_that_was_taken_down() -> None:
    spot = Spot("part", 0, 0, "document", "https://a.example/0.png")
    (found,) = refer((spot.url, {"spots": [spot], "facts": []}))
    assert found.fact.reason == "taken_down"


def test_every_reference_of_an_image_gets_its_count() -> None:
    both = [reference(0, "a", 0), reference(1, "a", 0)]
    assert [one.document_count for one in with_count(("a", {"references": both, "counts": [7]}))] == [7, 7]
