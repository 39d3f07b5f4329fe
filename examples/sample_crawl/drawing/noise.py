"""Value noise and colour arithmetic that the photograph-like pictures are made of.

Arrays are float64 so that the last bit, which may differ between processors, practically never reaches a pixel.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.float64]
Colour = tuple[int, int, int]


def fractal(seed: int, height: int, width: int, cell: float = 96, octaves: int = 5, stretch: float = 1) -> Array:
    """Fractal value noise, shape [height, width], from 0 to 1; `cell` is the coarsest blob's height in pixels.

    Blobs are `stretch` times as wide as high. Every octave has half the cell size and half the weight.
    """
    generator = np.random.default_rng(seed)
    total = np.zeros((height, width))
    weight = 1.0
    for _ in range(octaves):
        rows, columns = int(height / cell) + 2, int(width / (cell * stretch)) + 2
        lattice = generator.random((rows, columns))
        y, x = np.arange(height) / cell, np.arange(width) / (cell * stretch)
        top, left = y.astype(int), x.astype(int)
        v, u = smooth(y - top)[:, None], smooth(x - left)[None, :]
        upper = lattice[np.ix_(top, left)] * (1 - u) + lattice[np.ix_(top, left + 1)] * u
        lower = lattice[np.ix_(top + 1, left)] * (1 - u) + lattice[np.ix_(top + 1, left + 1)] * u
        total += weight * (upper * (1 - v) + lower * v)
        weight, cell = weight / 2, max(cell / 2, 2)
    low, high = total.min(), total.max()
    return np.asarray((total - low) / (high - low))


def smooth(t: Array) -> Array:
    """Smoothstep: 0 at 0, 1 at 1, level at both ends; values outside are clipped."""
    t = np.clip(t, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def coordinates(height: int, width: int) -> tuple[Array, Array]:
    """Pixel rows and columns, each of shape [height, width]."""
    rows, columns = np.mgrid[0:height, 0:width]
    return rows.astype(np.float64), columns.astype(np.float64)


def mix(first: Array | Colour, second: Array | Colour, share: Array | float) -> Array:
    """Colours between `first` and `second`, shape [height, width, 3]; `share` [height, width] of the second."""
    weight = np.asarray(share, dtype=np.float64)[..., None]
    return np.asarray(np.asarray(first) * (1 - weight) + np.asarray(second) * weight)


def picture(pixels: Array) -> Image.Image:
    """RGB picture of an array [height, width, 3] with values 0 to 255 (clipped)."""
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
