"""Which images may be part of a text: photographs and drawings, but not icons, logos and what links to other pages.

Judged by the markup alone, before any image is fetched. Of the photographs above an article's text many are neither in
a <figure> nor described.
"""

import re
from collections.abc import Sequence

from pipeline.documents.sides import declared_width_px
from pipeline.documents.tree import Attributes

MIN_ALT_SPACES = 2  # of an alternative text that describes: names of logos and authors have fewer
MIN_PICTURE_PX = 200  # wide; portraits of authors have up to 150
PHOTOGRAPH = re.compile(r"\.(?:jpe?g|webp|avif)\b", re.IGNORECASE)  # icons, logos and buttons are PNG, GIF and SVG
IMAGE_FILE = re.compile(r"\.(?:jpe?g|webp|avif|png|gif)(?:[?#]|$)", re.IGNORECASE)


def is_link(href: str | None) -> bool:
    """Whether what links to `href` leads somewhere else; an image file is the same image, larger."""
    return href is not None and not IMAGE_FILE.search(href)


def is_picture(image: Attributes, sources: Sequence[Attributes]) -> bool:
    """Whether an image, with the <source> elements of its <picture>, is described or large: by its width, else by what
    there is to choose from, else by the kind of its file."""
    if (image.get("alt") or "").count(" ") >= MIN_ALT_SPACES:
        return True
    width_px = declared_width_px(image)
    if width_px is not None:
        return width_px >= MIN_PICTURE_PX
    return bool(sources) or any(
        name == "srcset" or (name != "alt" and PHOTOGRAPH.search(value)) for name, value in image.items() if value
    )
