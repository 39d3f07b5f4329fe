"""Decode an image once and measure what the selection rules look at."""

import io
import re
import warnings
from dataclasses import dataclass
from typing import cast

import imagehash
import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from pipeline.images.problem import ImageProblem

# The raster formats of the web. Pillow knows more, some of which call programs (EPS) or are hardly tested.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
# The others hold one picture, or pages (TIFF) and further views (JPEG's MPO) that are no animation.
ANIMATED_FORMATS = ("GIF", "PNG", "WEBP", "AVIF")
# Measures are taken on the image reduced by a power of two to sides of at least this; JPEG decodes faster so.
MEASURED_SIDE_PX = 256
# EXIF 2.32, tag Orientation: 1 to 8; from 5 on, the stored rows are the picture's columns.
ORIENTATIONS = range(1, 9)
FIRST_TRANSPOSED_ORIENTATION = 5

# Pillow warns of large and of damaged images; here they have reasons. As an entry of `warnings.filters`.
NO_PILLOW_WARNINGS = ("ignore", None, Warning, re.compile(r"PIL\."), 0)


@dataclass(frozen=True)
class Measures:
    """What the columns of the same names in `schemas.images` say."""

    format: str
    width_px: int
    height_px: int
    frame_count: int
    colour_range: int
    entropy: float
    blur: float
    perceptual_hash: str


def measure(body: bytes, *, max_pixels: int) -> Measures:
    """Decode the first frame of `body` and measure it; the same bytes give the same measures.

    Raises `ImageProblem`: `empty_body`; `not_an_image` if it is in none of `FORMATS`; `too_many_pixels`, before
    anything is decoded, if the header says more than `max_pixels` (or more than twice Pillow's own limit of
    89,478,485); `corrupt_image` if the body is cut short or damaged.
    Safe to call from several threads at once.
    """
    if not body:
        raise ImageProblem("empty_body")
    if NO_PILLOW_WARNINGS not in warnings.filters:  # for good: `catch_warnings` is not for threads
        warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        image = Image.open(io.BytesIO(body), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise ImageProblem("not_an_image", f"starts with {body[:16]!r}") from error
    except Image.DecompressionBombError as error:
        raise ImageProblem("too_many_pixels", str(error)) from error
    except Exception as error:  # Pillow lets many types out of its parsers; each means that the file is damaged
        raise ImageProblem("corrupt_image", repr(error)) from error
    width_px, height_px = image.size
    if width_px * height_px > max_pixels:
        raise ImageProblem("too_many_pixels", f"{width_px} x {height_px} px")
    try:
        return _measure(image)
    except Exception as error:  # as above
        raise ImageProblem("corrupt_image", repr(error)) from error


def _measure(image: Image.Image) -> Measures:
    width_px, height_px = image.size  # before decoding, which changes it for a JPEG
    format_ = "JPEG" if image.format == "MPO" else str(image.format)
    small = _reduced_rgb(image)
    orientation = _orientation(image)  # after decoding: a PNG's EXIF may follow its pixels
    if orientation >= FIRST_TRANSPOSED_ORIENTATION:
        width_px, height_px = height_px, width_px
    small.getexif()[ExifTags.Base.Orientation] = orientation
    luminance = ImageOps.exif_transpose(small).convert("L")
    bands = cast(tuple[tuple[int, int], ...], small.getextrema())
    return Measures(
        format=format_,
        width_px=width_px,
        height_px=height_px,
        frame_count=getattr(image, "n_frames", 1) if format_ in ANIMATED_FORMATS else 1,
        colour_range=max(high - low for low, high in bands),
        entropy=abs(luminance.entropy()),  # Pillow says -0.0 of a single colour
        blur=_laplacian_variance(luminance),
        perceptual_hash=str(imagehash.phash(luminance)),
    )


def _reduced_rgb(image: Image.Image) -> Image.Image:
    """The image decoded to RGB at 1/1, 1/2, 1/4, ... of its size, see `MEASURED_SIDE_PX`."""
    image.draft(None, (MEASURED_SIDE_PX, MEASURED_SIDE_PX))  # only JPEG can: its share of the reduction, up to 1/8
    rgb = on_white(image)
    factor = min(rgb.size) // MEASURED_SIDE_PX
    return rgb.reduce(1 << (factor.bit_length() - 1)) if factor > 1 else rgb


def on_white(image: Image.Image) -> Image.Image:
    """RGB, transparent parts on white as on most pages."""
    if image.mode.startswith("I;16"):  # Pillow's own conversion would clip 16 bits to 8 instead of scaling them
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    rgb = Image.new("RGB", rgba.size, "white")
    rgb.paste(rgba, mask=rgba)
    return rgb


def _orientation(image: Image.Image) -> int:
    try:
        orientation = int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - EXIF is damaged in many ways; browsers show such an image as it lies
        return 1
    return orientation if orientation in ORIENTATIONS else 1


def _laplacian_variance(luminance: Image.Image) -> float:
    """Variance of the Laplacian, at most 256 px a side, so that large and small copies of a picture compare."""
    luminance = luminance.copy()
    luminance.thumbnail((MEASURED_SIDE_PX, MEASURED_SIDE_PX))
    y = np.pad(np.asarray(luminance, dtype=np.int32), 1, mode="edge")
    laplacian = y[:-2, 1:-1] + y[2:, 1:-1] + y[1:-1, :-2] + y[1:-1, 2:] - 4 * y[1:-1, 1:-1]
    return float(laplacian.var())
