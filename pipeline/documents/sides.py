"""The width and height that an image or video element declares."""

import re

from pipeline.documents.tree import Attributes

MAX_DOT_PX = 8  # trackers and spacers declare 0 or 1, rules 2, visit counters up to 6
PIXELS = re.compile(r"\s*(\d{1,5})(?:\.\d*)?\s*(?:px\s*)?", re.IGNORECASE)


def declared_width_px(attributes: Attributes) -> int | None:
    return _pixels(attributes.get("width"))


def sides_px(attributes: Attributes) -> tuple[int | None, int | None]:
    """Width and height in pixels; None where the element declares none, or a share of the page's."""
    return declared_width_px(attributes), _pixels(attributes.get("height"))


def is_dot(attributes: Attributes) -> bool:
    """Whether a side is so small that the element counts visits or draws a line.

    No height beside a width is what images have that a script has still to lay out.
    """
    declared = [side for side in sides_px(attributes) if side is not None]
    return any(0 < side <= MAX_DOT_PX for side in declared) or (bool(declared) and not any(declared))


def _pixels(value: str | None) -> int | None:
    found = PIXELS.fullmatch(value or "")
    return int(found[1]) if found else None
