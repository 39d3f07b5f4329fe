"""Measuring images: made for the purpose, damaged at random, and real ones."""

import io
import struct
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from pipeline.images.measure import MEASURED_SIDE_PX, Measures, measure
from pipeline.images.problem import ImageProblem

MAX_PIXELS = 89_478_485


def encode(image: Image.Image, format_: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, format_, **options)
    return written.getvalue()


def picture(width_px: int, height_px: int, seed: int = 0) -> Image.Image:
    """Soft blots of all colours, like a photograph out of focus; the same picture at any size."""
    blots = np.random.default_rng(seed).integers(0, 256, (12, 16, 3)).astype(np.uint8)
    return Image.fromarray(blots).resize((width_px, height_px), Image.Resampling.BICUBIC)


def reason(body: bytes, max_pixels: int = MAX_PIXELS) -> str:
    with pytest.raises(ImageProblem) as problem:
        measure(body, max_pixels=max_pixels)
    return problem.value.reason


def distance(one: Measures, other: Measures) -> int:
    return (int(one.perceptual_hash, 16) ^ int(other.perceptual_hash, 16)).bit_count()


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_every_allowed_format(format_: str) -> None:
    measures = measure(encode(picture(300, 200), format_), max_pixels=MAX_PIXELS)
    assert (measures.format, measures.width_px, measures.height_px, measures.frame_count) == (format_, 300, 200, 1)
    assert measures.colour_range > 230
    assert distance(measures, measure(encode(picture(300, 200), "PNG"), max_pixels=MAX_PIXELS)) <= 4


@pytest.mark.parametrize("format_", ["EPS", "PPM", "TGA", "ICO", "JPEG2000", "PDF", "PCX", "SGI", "ICNS"])
def test_other_formats_are_not_tried(format_: str) -> None:
    assert reason(encode(picture(64, 64), format_)) == "not_an_image"


@pytest.mark.parametrize(
    "body", [b"<html>no</html>", b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"\x00", b"%!PS-Adobe-3.0 EPSF-3.0"]
)
def test_what_is_no_image(body: bytes) -> None:
    assert reason(body) == "not_an_image"


def test_an_empty_body() -> None:
    assert reason(b"") == "empty_body"


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_half_an_image(format_: str) -> None:
    noise = Image.effect_noise((600, 600), 80).convert("RGB")
    body = encode(noise, format_)
    assert reason(body[: len(body) // 2]) in ("corrupt_image", "not_an_image")


def png(width_px: int, height_px: int, pixels: bytes) -> bytes:
    """A grey PNG whose header says any size."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(pixels)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@pytest.mark.parametrize("size_px", [(20_000, 20_000), (100_000, 1_000), (9_460, 9_460), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_by_the_header(size_px: tuple[int, int]) -> None:
    assert reason(png(*size_px, pixels=b"")) == "too_many_pixels"


def test_the_limit_on_pixels_is_the_callers() -> None:
    body = encode(picture(100, 50), "PNG")
    assert measure(body, max_pixels=5_000).width_px == 100
    assert reason(body, max_pixels=4_999) == "too_many_pixels"


def test_a_bomb_is_not_decoded() -> None:
    """A small file of 20,000 x 20,000 px; decoded it would take 400 MB."""
    script = """
import resource, sys
from pipeline.images.measure import measure
from pipeline.images.problem import ImageProblem
body = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    measure(body, max_pixels=89_478_485)
except ImageProblem as problem:
    print(problem.reason)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000)
"""
    body = png(20_000, 20_000, bytes(20_000 * 20_001))
    assert len(body) < 1_000_000
    done = subprocess.run([sys.executable, "-c", script], input=body, capture_output=True, check=True)
    assert done.stdout.split() == [b"too_many_pixels", b"True"]


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(format_: str, orientation: int) -> None:
    """The same picture stored in any of the eight ways measures the same."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = picture(640, 320)
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    measures = measure(encode(stored, format_, exif=exif), max_pixels=MAX_PIXELS)
    assert (measures.width_px, measures.height_px) == (640, 320)
    assert distance(measures, measure(encode(upright, "PNG"), max_pixels=MAX_PIXELS)) <= 4


def test_damaged_exif_is_ignored() -> None:
    body = encode(picture(100, 50), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff broken")
    assert measure(body, max_pixels=MAX_PIXELS).width_px == 100


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP", "AVIF"])
def test_frames_of_animations_are_counted(format_: str) -> None:
    frames = [Image.new("RGB", (40, 40), (60 * index, 0, 0)) for index in range(4)]
    body = encode(frames[0], format_, save_all=True, append_images=frames[1:])
    assert measure(body, max_pixels=MAX_PIXELS).frame_count == 4


def test_pages_and_views_are_no_frames() -> None:
    pages = [picture(40, 40), picture(40, 40)]
    for format_, name in (("TIFF", "TIFF"), ("MPO", "JPEG")):
        measures = measure(encode(pages[0], format_, save_all=True, append_images=pages[1:]), max_pixels=MAX_PIXELS)
        assert (measures.format, measures.frame_count) == (name, 1)


@pytest.mark.parametrize("colour", ["black", "white", "red", (13, 77, 201), (128, 128, 128)])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_single_colour_has_next_to_no_range(colour: str | tuple[int, int, int], format_: str) -> None:
    measures = measure(encode(Image.new("RGB", (300, 300), colour), format_), max_pixels=MAX_PIXELS)
    assert measures.colour_range <= 4  # lossy WebP rounds colours differently at its edges
    assert measures.blur < 1
    assert measures.entropy < 0.1


def test_invisible_images_are_white() -> None:
    for mode in ("RGBA", "LA"):
        transparent = Image.new(mode, (100, 100), (200, 0) if mode == "LA" else (200, 10, 10, 0))
        assert measure(encode(transparent, "PNG"), max_pixels=MAX_PIXELS).colour_range == 0


def test_transparency_is_put_on_white() -> None:
    half = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    half.paste((255, 255, 255, 255), (0, 0, 50, 100))
    assert measure(encode(half, "PNG"), max_pixels=MAX_PIXELS).colour_range == 0
    half.paste((0, 0, 0, 255), (0, 0, 50, 100))
    assert measure(encode(half, "PNG"), max_pixels=MAX_PIXELS).colour_range == 255
    palette = half.quantize(4)
    assert measure(encode(palette, "PNG"), max_pixels=MAX_PIXELS).colour_range == 255


def test_sixteen_bits_are_scaled() -> None:
    deep = Image.fromarray((np.linspace(0, 65535, 10_000).reshape(100, 100)).astype(np.uint16))
    assert deep.mode == "I;16"
    measures = measure(encode(deep, "PNG"), max_pixels=MAX_PIXELS)
    assert measures.colour_range == 255
    assert measures.entropy > 7


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "RGB"])
def test_other_colour_modes(mode: str) -> None:
    body = encode(picture(100, 100).convert(mode), "TIFF")
    assert measure(body, max_pixels=MAX_PIXELS).colour_range > 150


def test_blur_tells_sharp_from_soft() -> None:
    sharp = Image.effect_noise((400, 400), 60).convert("RGB")
    soft = sharp.resize((50, 50)).resize((400, 400))
    measured = [measure(encode(image, "PNG"), max_pixels=MAX_PIXELS).blur for image in (sharp, soft)]
    assert measured[0] > 10 * measured[1]


def test_copies_are_alike_and_others_are_not() -> None:
    large = measure(encode(picture(1600, 1200), "JPEG", quality=95), max_pixels=MAX_PIXELS)
    small = measure(encode(picture(400, 300), "JPEG", quality=40), max_pixels=MAX_PIXELS)
    other = measure(encode(picture(1600, 1200, seed=1), "JPEG"), max_pixels=MAX_PIXELS)
    assert distance(large, small) <= 4
    assert distance(large, other) > 16


def test_reduction_in_the_decoder_measures_as_reduction_after_it() -> None:
    """JPEG is reduced while decoding, PNG afterwards; both by the same power of two."""
    large = picture(MEASURED_SIDE_PX * 5, MEASURED_SIDE_PX * 5)
    lossy = measure(encode(large, "JPEG", quality=95, subsampling=0), max_pixels=MAX_PIXELS)
    exact = measure(encode(large, "PNG"), max_pixels=MAX_PIXELS)
    assert abs(lossy.colour_range - exact.colour_range) <= 4
    assert abs(lossy.entropy - exact.entropy) < 0.1
    assert distance(lossy, exact) <= 4


@pytest.mark.parametrize("size_px", [(1, 1), (1, 5000), (3, 2), (256, 256), (257, 511), (512, 513), (4001, 40)])
@pytest.mark.parametrize("format_", ["JPEG", "PNG"])
def test_any_size(size_px: tuple[int, int], format_: str) -> None:
    measures = measure(encode(picture(*size_px), format_), max_pixels=MAX_PIXELS)
    assert (measures.width_px, measures.height_px) == size_px


OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"exif": b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + bytes(30)},
    "PNG": {},
    "GIF": {"save_all": True, "append_images": [picture(300, 280, seed=1)]},
    "WEBP": {},
    "BMP": {},
    "TIFF": {"compression": "tiff_lzw"},
    "AVIF": {},
}
SEEDS = {format_: encode(picture(300, 280), format_, **options) for format_, options in OPTIONS.items()}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SEEDS)), st.data())
def test_damage_has_a_reason_and_no_warning(format_: str, data: st.DataObject) -> None:
    """Whatever the bytes are: measures, or a reason; never another exception, never a warning."""
    body = bytearray(SEEDS[format_])
    for _ in range(data.draw(st.integers(1, 8))):
        # Half of the damage goes into the headers, which the parsers read.
        end = data.draw(st.sampled_from([min(200, len(body)), len(body)]))
        body[data.draw(st.integers(0, end - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(body)) | st.just(len(body)))
    with warnings.catch_warnings(record=True) as caught:
        try:
            measures = measure(bytes(body[:cut]), max_pixels=1_000_000)
        except ImageProblem as problem:
            assert problem.reason in ("not_an_image", "corrupt_image", "too_many_pixels")
        else:
            assert measures.width_px * measures.height_px <= 1_000_000
            assert measures == measure(bytes(body[:cut]), max_pixels=1_000_000)
    assert caught == []


def test_threads_measure_the_same() -> None:
    bodies = list(SEEDS.values()) * 6
    alone = [measure(body, max_pixels=MAX_PIXELS) for body in bodies]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda body: measure(body, max_pixels=MAX_PIXELS), bodies)) == alone
