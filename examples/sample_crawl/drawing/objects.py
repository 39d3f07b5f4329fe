"""Photograph-like objects: fruit, bread, pots, tiles, wood, shells and the moon, lit from the upper left."""

import numpy as np
from PIL import Image

from drawing.noise import Array, Colour, coordinates, fractal, mix, picture, smooth


def table_top(seed: int, height: int, width: int, colour: Colour = (150, 112, 78)) -> Array:
    """A wooden board seen from above: long grain, and darker away from the light."""
    rows, columns = coordinates(height, width)
    grain = fractal(seed, height, width, 14, 5, 14)
    return mix(colour, (70, 48, 34), grain * 0.6) * (1.1 - 0.4 * (rows / height + columns / width) / 2)[..., None]


def ball(pixels: Array, y: float, x: float, radius: float, colour: Array | Colour, gloss: float = 0) -> Array:
    """`pixels` with a shaded ball on it, its shadow to the lower right; `gloss` is the brightness of its highlight."""
    rows, columns = coordinates(*pixels.shape[:2])
    shadow = np.hypot(rows - y - radius * 0.35, columns - x - radius * 0.4) / radius
    pixels = mix(pixels, (20, 14, 10), smooth(1.25 - shadow) * 0.6)
    v, u = (rows - y) / radius, (columns - x) / radius
    inside = np.clip(1 - v * v - u * u, 0, None)
    light = np.clip(-0.5 * u - 0.6 * v + 0.65 * np.sqrt(inside), 0, 1)
    skin = np.asarray(colour) * (0.28 + 0.85 * light)[..., None]
    skin = skin + gloss * (light**24)[..., None]
    return mix(pixels, skin, smooth((1 - np.hypot(v, u)) * radius / 2))


def fruit(seed: int, colour: Colour, blush: Colour, count: int = 5, size: int = 480) -> Image.Image:
    """Fruit on a board: `count` balls with mottled skin from `colour` to `blush`."""
    height, width = size * 3 // 4, size
    pixels = table_top(seed, height, width)
    generator = np.random.default_rng(seed)
    skin = mix(colour, blush, smooth(fractal(seed + 1, height, width, 60, 5) * 1.6 - 0.3))
    for index in range(count):
        y = height * (0.32 + 0.36 * (index % 2) + 0.06 * generator.random())
        x = width * (index + 0.9 + 0.1 * generator.random()) / (count + 0.9)
        pixels = ball(pixels, y, x, width * (0.125 + 0.03 * generator.random()), skin, gloss=200)
    return picture(pixels)


def crumb(seed: int, size: int = 560) -> Image.Image:
    """A cut slice: crust all round, holes of many sizes inside."""
    height, width = size * 3 // 4, size
    rows, columns = coordinates(height, width)
    base = mix((236, 220, 186), (212, 186, 140), fractal(seed, height, width, 40, 5))
    for cell, cut in ((70, 0.66), (34, 0.68), (16, 0.70)):
        hole = smooth((fractal(seed + cell, height, width, cell, 2, 1.4) - cut) * 12)
        base = mix(base, (150, 116, 78), hole * 0.8)
    edge = np.abs((columns - width / 2) / (width * 0.44)) ** 3 + np.abs((rows - height * 0.55) / (height * 0.38)) ** 2.4
    base = mix(base, (112, 62, 28), smooth((edge - 0.86) * 9))
    board = table_top(seed + 9, height, width, (120, 96, 76))
    return picture(mix(base, board, smooth((edge - 1.03) * 30)))


def loaf(seed: int, size: int = 560) -> Image.Image:
    """A round loaf from above, floured and scored."""
    height, width = size * 3 // 4, size
    rows, columns = coordinates(height, width)
    crust = mix((176, 108, 50), (104, 54, 24), fractal(seed, height, width, 36, 6))
    flour = smooth((fractal(seed + 1, height, width, 26, 5) - 0.45) * 4)
    crust = mix(crust, (226, 208, 180), flour * 0.55)
    for line in range(-2, 3):
        distance = np.abs((columns - width / 2) * 0.35 + rows - height / 2 - line * height * 0.13)
        crust = mix(crust, (216, 164, 98), smooth(1.4 - distance / 7) * 0.9)
    board = table_top(seed + 2, height, width, (96, 92, 88))
    return picture(ball(board, height / 2, width / 2, height * 0.42, crust))


def dough(seed: int, colour: Colour, size: int = 480) -> Image.Image:
    """A jar or bowl's worth of dough from above, with bubbles."""
    height, width = size * 3 // 4, size
    skin = mix(colour, (250, 242, 222), fractal(seed, height, width, 80, 4))
    generator = np.random.default_rng(seed)
    rows, columns = coordinates(height, width)
    for _ in range(46):
        y, x, radius = generator.random() * height, generator.random() * width, 3 + 13 * generator.random() ** 2
        distance = np.hypot(rows - y, columns - x) / radius
        skin = mix(skin, (146, 124, 92), np.exp(-(((distance - 1) * 4) ** 2)) * 0.6)
    bowl = table_top(seed + 3, height, width, (70, 96, 110))
    return picture(ball(bowl, height / 2, width / 2, height * 0.43, skin))


def glaze_tile(seed: int, colour: Colour, run: Colour, size: int = 360) -> Image.Image:
    """A square test tile: a glaze that ran from `colour` into `run`, with specks and a bevelled edge."""
    rows, columns = coordinates(size, size)
    flow = rows / size + 0.5 * (fractal(seed, size, size, 70, 5, 0.5) - 0.5)
    pixels = mix(colour, run, smooth((flow - 0.3) * 1.8))
    specks = smooth((fractal(seed + 1, size, size, 6, 2) - 0.78) * 9)
    pixels = mix(pixels, (60, 44, 34), specks * 0.7)
    edge = np.minimum(np.minimum(rows, size - rows), np.minimum(columns, size - columns))
    pixels = pixels * (0.55 + 0.45 * smooth(edge / 22))[..., None]
    glint = np.exp(-(((rows + columns - size * 0.7) / 40) ** 2))
    return picture(pixels + 50 * glint[..., None] * fractal(seed + 2, size, size, 90, 3)[..., None])


def pot(seed: int, clay: Colour, glaze: Colour, belly: float, neck: float, size: int = 400) -> Image.Image:
    """A thrown pot on a grey ground; `belly` and `neck` are half widths as shares of the height."""
    rows, columns = coordinates(size, size)
    level = np.clip((rows - size * 0.14) / (size * 0.74), 0, 1)
    swell = np.sin(np.pi * np.clip(level * 1.08 - 0.04, 0, 1)) ** 1.4
    half = size * (neck * (1 - level) + 0.13 * level + (belly - 0.1) * swell)
    u = (columns - size / 2) / half
    light = np.clip(0.75 * np.sqrt(np.clip(1 - u * u, 0, None)) - 0.5 * u, 0, 1)
    drip = 0.55 + 0.22 * (fractal(seed, 2, size, 30, 3)[0] - 0.5)
    skin = mix(clay, glaze, smooth((drip[None, :] - level) * 16) * 0.92)
    skin = skin * (0.8 + 0.35 * fractal(seed + 1, size, size, 20, 5, 3))[..., None]
    skin = skin * (0.3 + 0.85 * light)[..., None] + 120 * (light**18)[..., None]
    ground = mix((206, 204, 198), (120, 118, 116), smooth(rows / size * 1.3 - 0.35))
    shadow = np.hypot((rows - size * 0.88) / (size * 0.05), (columns - size * 0.58) / (size * 0.26))
    ground = mix(ground, (40, 38, 38), smooth(1.4 - shadow) * 0.6)
    inside = smooth((1 - np.abs(u)) * 40) * (rows > size * 0.14) * (rows < size * 0.88)
    return picture(mix(ground, skin, inside))


def wood(seed: int, colour: Colour, size: int = 520) -> Image.Image:
    """A weathered plank with one knot."""
    height, width = size * 5 // 8, size
    rows, columns = coordinates(height, width)
    bend = 40 * fractal(seed, height, width, 120, 3, 4)
    distance = np.hypot((rows - height * 0.55) * 1.2, (columns - width * 0.38) * 0.55)
    rings = np.sin((rows + bend + 900 / (12 + distance) * 8) / 5.5)
    pixels = mix(colour, (70, 60, 52), 0.35 + 0.25 * rings)
    pixels = mix(pixels, (44, 32, 26), np.exp(-distance / 12))
    return picture(pixels * (0.7 + 0.5 * fractal(seed + 1, height, width, 8, 4, 12))[..., None])


def limpets(seed: int) -> Image.Image:
    """Cone shells on a rock, ribbed from the tip."""
    height, width = 400, 560
    rows, columns = coordinates(height, width)
    pixels = mix((60, 62, 56), (148, 146, 128), fractal(seed, height, width, 40, 6))
    generator = np.random.default_rng(seed)
    for _ in range(16):
        y, x = height * (0.08 + 0.84 * generator.random()), width * (0.06 + 0.88 * generator.random())
        radius = 24 + 22 * generator.random()
        v, u = (rows - y) / radius, (columns - x) / radius
        distance = np.hypot(v, u)
        ribs = 0.5 + 0.5 * np.sin(np.arctan2(v, u) * 22)
        side = 0.62 - 0.4 * (u + v) / (2 * distance + 0.05)
        shell = mix((112, 98, 70), (222, 208, 170), ribs * 0.7) * side[..., None] * 1.25
        pixels = mix(pixels, (14, 14, 14), smooth(1.3 - np.hypot(v - 0.2, u - 0.22)) * 0.7)
        pixels = mix(pixels, shell, smooth((1 - distance) * 14))
    return picture(pixels)


def moon(seed: int, size: int = 420) -> Image.Image:
    """A gibbous moon with maria and craters."""
    rows, columns = coordinates(size, size)
    face = mix((214, 210, 200), (120, 118, 118), smooth(fractal(seed, size, size, 110, 5) * 2 - 0.7))
    generator = np.random.default_rng(seed)
    for _ in range(70):
        y, x, radius = generator.random() * size, generator.random() * size, 3 + 16 * generator.random() ** 3
        distance = np.hypot(rows - y, columns - x) / radius
        face = mix(face, (240, 238, 230), np.exp(-(((distance - 1) * 3.5) ** 2)) * 0.5)
        face = mix(face, (96, 94, 94), smooth(1 - distance) * 0.5)
    v, u = (rows - size / 2) / (size * 0.4), (columns - size / 2) / (size * 0.4)
    disc = smooth((1 - np.hypot(v, u)) * 60)
    day = smooth((0.75 * np.sqrt(np.clip(1 - v * v - u * u, 0, None)) - 0.8 * u + 0.1) * 2)
    return picture(mix((6, 7, 12), face * day[..., None], disc))
