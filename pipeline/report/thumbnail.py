"""A picture of the web's, made small and new: nothing of its file but the pixels is kept."""

import base64
import io
from typing import NamedTuple

from PIL import Image, ImageOps

from pipeline.images.measure import FORMATS, on_white
from pipeline.images.problem import ImageProblem

THUMBNAIL_SIDE_PX = 640  # as wide as the page's column of text
THUMBNAIL_QUALITY = 85  # above Pillow's default of 75, at which the lettering of screenshots frays
MAX_IMAGE_PIXELS = 89_478_485  # Pillow's own limit against bombs


class Thumbnail(NamedTuple):
    """A JPEG of at most `THUMBNAIL_SIDE_PX` a side, without metadata."""

    width_px: int
    height_px: int
    jpeg: bytes

    @property
    def data_uri(self) -> str:
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}"


def make_thumbnail(data: bytes) -> Thumbnail:
    """The picture in `data`, upright, transparent parts on white.

    Raises `ImageProblem`: `too_many_pixels`, before anything is decoded; `corrupt_image` if it cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                raise ImageProblem("too_many_pixels", f"{image.width} x {image.height} px")
            image.draft(None, (THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX))
            small = on_white(image)
            small.info = image.info  # where the orientation is
            small.thumbnail((THUMBNAIL_SIDE_PX, THUMBNAIL_SIDE_PX))
            small = _upright(small)
            small.info.clear()  # Pillow would carry comments and colour profiles over
            jpeg = io.BytesIO()
            small.save(jpeg, "JPEG", quality=THUMBNAIL_QUALITY)
    except ImageProblem:
        raise
    except Exception as error:  # Pillow lets many types out of its parsers; each means that the file is damaged
        raise ImageProblem("corrupt_image", repr(error)) from error
    return Thumbnail(*small.size, jpeg.getvalue())


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - EXIF is damaged in many ways; browsers show such an image as it lies
        return image
