"""Documents to rows without loss, parts to groups and sites to splits by their names alone."""

from bisect import bisect_left
from random import Random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.documents.paragraphs import cut
from pipeline.recipe import Recipe
from pipeline.shards.groups import group_parts
from pipeline.shards.rows import document_rows, split
from pipeline.shards.split import split_of


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[int], list[tuple[int, int]]]:
    """A text, positions of images in it, and spans to cut out of it."""
    text = draw(st.text("abc é😀\n", max_size=60))
    place = st.integers(0, len(text))
    positions = sorted(draw(st.lists(place, max_size=14)))
    borders = sorted(draw(st.sets(place, max_size=8)))
    return text, positions, list(zip(borders[::2], borders[1::2], strict=False))


@given(documents())
def test_cutting_spans_moves_positions(document: tuple[str, list[int], list[tuple[int, int]]]) -> None:
    text, positions, spans = document
    kept = [index for index in range(len(text)) if not any(start <= index < end for start, end in spans)]
    shorter, moved = cut(text, positions, spans)
    assert shorter == "".join(text[index] for index in kept)
    # An image stands after just those of the kept characters that it stood after before.
    assert moved == [bisect_left(kept, position) for position in positions]


@given(documents(), st.integers(1, 6))
def test_joined_rows_are_the_document(document: tuple[str, list[int], list[tuple[int, int]]], most: int) -> None:
    text, positions, _ = document
    rows = split(text, positions, most)
    assert "".join(row.text for row in rows) == text
    assert [index for row in rows for index in row.image_indices] == list(range(len(positions)))
    begin = 0
    for row in rows:
        assert [begin + position for position in row.positions] == [positions[index] for index in row.image_indices]
        begin += len(row.text)
    assert all(len(row.image_indices) == most for row in rows[:-1])
    assert len(rows[-1].image_indices) <= most
    assert all(row.positions[0] == 0 for row in rows[1:])  # a later row starts at its first image


@pytest.mark.parametrize(("overflow", "texts"), [("split", ["a b c d", " e f"]), ("truncate", ["a b c d"])])
def test_truncate_keeps_the_first_row_alone(overflow: Literal["split", "truncate"], texts: list[str]) -> None:
    candidates = [
        {"position": position, "url": f"https://a.example/{position}", "alt": None, "caption": None}
        for position in (2, 4, 8)
    ]
    document = {
        "document_id": "d",
        "url": "https://a.example/",
        "language": "en",
        "title": None,
        "text": "a b cut c d e f",
        "images": candidates,
    }
    selected = {"image_id": "i", "width_px": 64, "height_px": 64, "document_count": 1}
    images = [({**selected, "image_index": index}, b"bytes %d" % index) for index in (0, 1, 2)]
    recipe = Recipe(images_per_row=2, overflow=overflow)
    candidates[2]["position"] = 11
    rows = document_rows(document, [(4, 8)], images, recipe)
    assert [row["text"] for row in rows] == texts
    assert [(row["part_index"], row["part_count"]) for row in rows] == [(k, len(texts)) for k in range(len(texts))]
    assert [(image["url"], image["position"]) for image in rows[0]["images"]] == [
        ("https://a.example/2", 2),
        ("https://a.example/4", 4),
    ]
    assert rows[0]["image_bytes"] == [b"bytes 0", b"bytes 1"]


names = st.sets(st.text("abcdef", min_size=1, max_size=6), max_size=60)


@given(names, st.integers(1, 8), st.randoms())
def test_groups_are_a_function_of_the_set(parts: set[str], per_group: int, random: Random) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)
    groups = group_parts(shuffled, per_group)
    assert groups == group_parts(sorted(parts), per_group)
    assert [name for group in groups for name in group] == sorted(parts)
    assert all(1 <= len(group) <= 4 * per_group for group in groups)


@given(names, st.text("abcdef", min_size=1, max_size=6), st.integers(1, 4))
def test_a_new_part_disturbs_only_its_stretch(parts: set[str], new: str, per_group: int) -> None:
    """A stretch runs from one name whose hash ends a group to the next; forced ends (groups at their longest) move
    inside it alone."""

    def ends_a_group(name: str) -> bool:
        return len(group_parts([name, name + "z"], per_group)) == 2

    ends = [name for name in sorted(parts - {new}) if ends_a_group(name)]
    place = bisect_left(ends, new)
    after = ends[place - 1] if place else ""
    until = ends[place] if place < len(ends) else "z"
    before = group_parts(parts - {new}, per_group)
    now = group_parts({*parts, new}, per_group)
    changed = [group for group in before if group not in now]
    assert all(after < name <= until for group in changed for name in group)


def test_shares_of_sites_are_nested_and_about_right() -> None:
    sites = [f"site-{number}.example" for number in range(20_000)]
    small, large = ({site for site in sites if split_of(site, share) == "validation"} for share in (0.01, 0.1))
    assert small < large  # a larger share moves no site back to train
    assert len(small) == pytest.approx(200, abs=60)
    assert len(large) == pytest.approx(2000, abs=200)
    assert {split_of(site, 0.0) for site in sites} == {"train"}
