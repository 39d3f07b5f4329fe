"""Encoded image files of every kind that a crawl meets, the broken and the hostile included."""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    """`image` as a file of Pillow's `format_`."""
    file = BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def jpeg(image: Image.Image, quality: int = 78, **options: Any) -> bytes:
    return encoded(image, "JPEG", quality=quality, **options)


def png(image: Image.Image) -> bytes:
    return encoded(image, "PNG", optimize=True)


def palette_png(image: Image.Image) -> bytes:
    """PNG of at most 32 colours, stored as indices into a palette."""
    return png(image.quantize(32, dither=Image.Dither.NONE))


def webp(image: Image.Image) -> bytes:
    return encoded(image, "WEBP", quality=75)


def cmyk_jpeg(image: Image.Image) -> bytes:
    """JPEG in the four colours of print."""
    return jpeg(image.convert("CMYK"))


def turned_jpeg(image: Image.Image) -> bytes:
    """JPEG stored lying on its side, with the EXIF orientation (6) that turns it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(image.transpose(Image.Transpose.ROTATE_90), exif=exif)


def animated_gif(frames: Sequence[Image.Image]) -> bytes:
    indexed = [frame.quantize(64, dither=Image.Dither.NONE) for frame in frames]
    return encoded(indexed[0], "GIF", save_all=True, append_images=indexed[1:], duration=400, loop=0)


def pixel_gif() -> bytes:
    """The 1 x 1 GIF of spacers and of counters."""
    return encoded(Image.new("P", (1, 1)), "GIF")


def resized(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)


def truncated(file: bytes, share: float = 0.5) -> bytes:
    """The first `share` of a file, as an interrupted transfer leaves it."""
    return file[: int(len(file) * share)]


def flat(width: int, height: int, level: int, colour_range: int) -> Image.Image:
    """A grey area whose largest minus smallest value is exactly `colour_range` (0: one colour)."""
    columns = np.arange(width) * (colour_range + 1) // width
    return Image.fromarray(np.broadcast_to(level + columns, (height, width)).astype(np.uint8)).convert("RGB")


def blank_png(width: int, height: int) -> bytes:
    """A white one-bit PNG written row by row: many pixels, few bytes, never held in memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\0" + b"\xff" * -(-width // 8)
    pixels = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
