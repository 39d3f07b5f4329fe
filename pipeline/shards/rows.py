"""One document to shard rows: cut spans out, then at most N images a row, without loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.documents.paragraphs import cut
from pipeline.recipe import Recipe


@dataclass(frozen=True)
class RowText:
    """One row of a document: its text, and which of the document's images stand in it, where."""

    text: str
    image_indices: tuple[int, ...]  # into the document's images
    positions: tuple[int, ...]  # of these images in `text`, in code points


def split(text: str, positions: Sequence[int], images_per_row: int) -> list[RowText]:
    """Rows of a document whose images stand at `positions` (never decreasing).

    Row k holds images k * `images_per_row` on, and the text from its first image (row 0: from the start) up to the
    next row's first image, so that the joined rows are the document. A document without images is one row.
    """
    starts = list(range(0, max(len(positions), 1), images_per_row))
    rows = []
    for row, first in enumerate(starts):
        begin = positions[first] if row else 0
        following = first + images_per_row
        end = positions[following] if following < len(positions) else len(text)
        indices = tuple(range(first, min(following, len(positions))))
        rows.append(RowText(text[begin:end], indices, tuple(positions[i] - begin for i in indices)))
    return rows


def document_rows(
    document: dict[str, Any],
    spans: Sequence[tuple[int, int]],
    images: Sequence[tuple[dict[str, Any], bytes]],
    recipe: Recipe,
) -> list[dict[str, Any]]:
    """The rows of `schemas.shards` for one row of `documents/` and its kept images (image_selection row, bytes)."""
    candidates = [document["images"][selected["image_index"]] for selected, _ in images]
    text, positions = cut(document["text"], [candidate["position"] for candidate in candidates], spans)
    parts = split(text, positions, recipe.images_per_row)
    if recipe.overflow == "truncate":
        parts = parts[:1]
    rows = []
    for part_index, part in enumerate(parts):
        described = [
            {
                "position": position,
                "url": candidates[i]["url"],
                "image_id": images[i][0]["image_id"],
                "alt": candidates[i]["alt"],
                "caption": candidates[i]["caption"],
                "width_px": images[i][0]["width_px"],
                "height_px": images[i][0]["height_px"],
                "document_count": images[i][0]["document_count"],
            }
            for i, position in zip(part.image_indices, part.positions, strict=True)
        ]
        rows.append(
            {
                "document_id": document["document_id"],
                "part_index": part_index,
                "part_count": len(parts),
                "kind": "interleaved",
                "url": document["url"],
                "language": document["language"],
                "title": document["title"],
                "text": part.text,
                "images": described,
                "image_bytes": [images[i][1] for i in part.image_indices],
            }
        )
    return rows
