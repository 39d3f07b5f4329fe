"""Photograph-like scenes: land, sea, sky, fog and stars."""

import numpy as np
from PIL import Image

from drawing.noise import Array, Colour, coordinates, fractal, mix, picture, smooth

WIDTH, HEIGHT = 640, 420


def sky(seed: int, top: Colour, bottom: Colour, cloud: float = 0.5, stretch: float = 3) -> Array:
    """A sky from `top` to `bottom` with clouds over about the share `cloud` of it."""
    rows, _ = coordinates(HEIGHT, WIDTH)
    air = mix(top, bottom, rows / HEIGHT)
    veil = smooth((fractal(seed, HEIGHT, WIDTH, 140, 6, stretch) - (1 - cloud)) * 3)
    shade = fractal(seed + 1, HEIGHT, WIDTH, 60, 5, stretch)
    return mix(air, mix((196, 200, 208), (255, 252, 246), shade), veil * 0.9)


def clouds(seed: int, cloud: float, stretch: float) -> Image.Image:
    """Nothing but sky: heaps (stretch 1.5), streaks (stretch 8) or a layer (cloud near 1)."""
    return picture(sky(seed, (58, 110, 178), (176, 206, 232), cloud, stretch))


def landscape(
    seed: int, top: Colour, bottom: Colour, ground: Colour, ridges: int = 4, cloud: float = 0.4
) -> Image.Image:
    """Hills one behind the other, paler with distance, under a sky."""
    pixels = sky(seed, top, bottom, cloud)
    rows, _ = coordinates(HEIGHT, WIDTH)
    for ridge in range(ridges):
        near = (ridge + 1) / ridges
        line = HEIGHT * (0.42 + 0.42 * near) - 90 * fractal(seed + 10 + ridge, 2, WIDTH, 90, 5)[0]
        texture = fractal(seed + 20 + ridge, HEIGHT, WIDTH, 30, 4, 2)
        hill = mix(bottom, ground, 0.25 + 0.75 * near) * (0.72 + 0.5 * texture[..., None])
        pixels = mix(pixels, hill, smooth((rows - line[None, :]) / 2))
    return picture(pixels)


def water_below(view: Image.Image, seed: int, horizon: float = 0.62) -> Image.Image:
    """The same view with its lower part flooded: the upper part mirrored, broken by ripples, and darker."""
    pixels = np.asarray(view, dtype=np.float64)
    height, width = pixels.shape[:2]
    line = int(height * horizon)
    ripple = fractal(seed, height - line, width, 6, 3, 7)
    depth = np.arange(height - line)[:, None]
    source = np.clip(line - 1 - depth + (ripple - 0.5) * (4 + depth * 0.25), 0, line - 1).astype(int)
    columns = np.broadcast_to(np.arange(width), source.shape)
    flooded = pixels.copy()
    flooded[line:] = mix(pixels[source, columns], (28, 62, 84), 0.35 + 0.2 * ripple)
    return picture(flooded)


def sunset(seed: int) -> Image.Image:
    """A low sun over water."""
    rows, columns = coordinates(HEIGHT, WIDTH)
    pixels = sky(seed, (64, 60, 118), (248, 158, 84), 0.45, 5)
    distance = np.hypot(rows - HEIGHT * 0.5, columns - WIDTH * 0.62)
    pixels = mix(pixels, (255, 214, 140), np.exp(-distance / 90))
    pixels = mix(pixels, (255, 248, 220), smooth((34 - distance) / 3))
    return water_below(picture(pixels), seed + 5, 0.6)


def storm_sea(seed: int) -> Image.Image:
    """Rows of breaking waves under a dark sky."""
    pixels = sky(seed, (46, 54, 66), (132, 142, 150), 0.75, 3)
    rows, _ = coordinates(HEIGHT, WIDTH)
    for wave in range(9):
        base = HEIGHT * (0.45 + 0.065 * wave)
        swell = fractal(seed + wave, 2, WIDTH, 60 + 14 * wave, 4)[0]
        crest = base - (10 + 6 * wave) * swell
        foam = fractal(seed + 30 + wave, HEIGHT, WIDTH, 16, 4, 3)
        body = mix((74, 98, 104), (22, 48, 60), smooth((rows - crest) / 50)) * (0.8 + 0.4 * foam[..., None])
        spray = smooth((foam - 0.45) * 4) * np.exp(-np.abs(rows - crest) / (5 + wave))
        body = mix(body, (236, 240, 240), np.clip(spray * 1.4, 0, 1))
        pixels = mix(pixels, body, smooth((rows - crest) / 2))
    return picture(pixels)


def fog(seed: int) -> Image.Image:
    """Land that can just be made out: everything between two close greys."""
    land = np.asarray(landscape(seed, (150, 156, 160), (190, 194, 196), (60, 70, 72), 3), dtype=np.float64)
    rows, _ = coordinates(HEIGHT, WIDTH)
    bank = 0.62 + 0.3 * fractal(seed + 3, HEIGHT, WIDTH, 120, 4, 4) - 0.2 * (rows / HEIGHT)
    return picture(mix(land, (204, 207, 208), np.clip(bank, 0, 0.95)))


def night_sky(seed: int) -> Image.Image:
    """Stars and a pale band across them."""
    rows, columns = coordinates(HEIGHT, WIDTH)
    band = np.exp(-((((rows - HEIGHT * 0.9) + 0.55 * columns) / 70) ** 2))
    glow = band * fractal(seed, HEIGHT, WIDTH, 70, 6)
    pixels = mix((8, 10, 26), (148, 140, 168), glow * 0.9)
    generator = np.random.default_rng(seed)
    for _ in range(900):
        y, x = int(generator.random() * (HEIGHT - 2)), int(generator.random() * (WIDTH - 2))
        light = 255 * generator.random() ** 3
        pixels[y, x] += light
        if light > 200:
            pixels[y : y + 2, x : x + 2] += light / 2
    return picture(pixels)


def tide_pool(seed: int) -> Image.Image:
    """Wet rock round a pool with pebbles and weed on its floor."""
    rows, columns = coordinates(HEIGHT, WIDTH)
    grain = fractal(seed, HEIGHT, WIDTH, 50, 6)
    rock = mix((54, 50, 48), (142, 130, 116), grain)
    generator = np.random.default_rng(seed)
    centres = generator.random((260, 2)) * (HEIGHT, WIDTH)
    nearest = np.full((HEIGHT, WIDTH), 1e9)
    owner = np.zeros((HEIGHT, WIDTH), dtype=int)
    for index, (y, x) in enumerate(centres):
        distance = np.hypot(rows - y, columns - x)
        owner = np.where(distance < nearest, index, owner)
        nearest = np.minimum(nearest, distance)
    tint = generator.random(260)[owner]
    floor = mix(mix((92, 104, 84), (182, 164, 128), tint), (30, 40, 40), smooth(nearest / 26))
    weed = smooth((fractal(seed + 2, HEIGHT, WIDTH, 70, 5, 0.5) - 0.6) * 8)
    floor = mix(floor, (92, 58, 44), weed * 0.8)
    caustic = np.abs(fractal(seed + 4, HEIGHT, WIDTH, 44, 3) - 0.5)
    floor = mix(floor * 0.85, (206, 232, 226), np.exp(-caustic * 30) * 0.45)
    edge = np.hypot((rows - HEIGHT * 0.52) / 170, (columns - WIDTH * 0.5) / 270) + 0.35 * (grain - 0.5)
    return picture(mix(rock, floor, smooth((1 - edge) * 14)))
