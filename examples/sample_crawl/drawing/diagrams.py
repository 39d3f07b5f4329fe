"""Drawn pictures: charts, clock faces, bridges and maps, at twice the size and scaled down for smooth edges."""

from collections.abc import Callable, Sequence
from math import cos, pi, sin

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawing.noise import Colour, fractal

INK: Colour = (38, 42, 50)
PAPER: Colour = (250, 247, 238)


def drawn(
    width: int, height: int, draw: Callable[[ImageDraw.ImageDraw, int, int], None], paper: Colour = PAPER
) -> Image.Image:
    """A picture of width x height px; `draw` gets a canvas and its size, twice as wide and high."""
    canvas = Image.new("RGB", (width * 2, height * 2), paper)
    draw(ImageDraw.Draw(canvas), width * 2, height * 2)
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def label(draw: ImageDraw.ImageDraw, x: float, y: float, text: str, size: int = 26, fill: Colour = INK) -> None:
    """Text centred on (x, y)."""
    draw.text((x, y), text, fill=fill, font=ImageFont.load_default(size), anchor="mm")


def bar_chart(title: str, names: Sequence[str], values: Sequence[float], colour: Colour) -> Image.Image:
    """Upright bars with a title, names below and values above."""

    def draw(d: ImageDraw.ImageDraw, width: int, height: int) -> None:
        label(d, width / 2, 36, title, 34)
        step, floor = (width - 120) / len(values), height - 80
        for index, (name, value) in enumerate(zip(names, values, strict=True)):
            left, top = 60 + step * (index + 0.15), floor - (height - 200) * value / max(values)
            d.rectangle((left, top, left + step * 0.7, floor), fill=colour, outline=INK, width=3)
            label(d, left + step * 0.35, floor + 32, name)
            label(d, left + step * 0.35, top - 22, f"{value:g}")
        d.line((50, floor, width - 50, floor), fill=INK, width=5)

    return drawn(480, 320, draw)


def line_chart(title: str, values: Sequence[float], colour: Colour) -> Image.Image:
    """One curve over a grid."""

    def draw(d: ImageDraw.ImageDraw, width: int, height: int) -> None:
        label(d, width / 2, 36, title, 34)
        for line in range(6):
            y = 90 + (height - 160) * line / 5
            d.line((60, y, width - 40, y), fill=(208, 206, 196), width=2)
        low, high = min(values), max(values)
        points = [
            (60 + (width - 100) * i / (len(values) - 1), height - 70 - (height - 160) * (v - low) / (high - low))
            for i, v in enumerate(values)
        ]
        d.line(points, fill=colour, width=7, joint="curve")
        d.line((60, 80, 60, height - 60, width - 40, height - 60), fill=INK, width=4)

    return drawn(480, 320, draw)


def dial(d: ImageDraw.ImageDraw, x: float, y: float, radius: float, hours: float, ticks: int = 12) -> None:
    """A round face at (x, y) with `ticks` marks and two hands that show `hours`."""
    d.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 255, 250), outline=INK, width=10)
    for tick in range(ticks * 5):
        angle, inner = 2 * pi * tick / (ticks * 5), 0.82 if tick % 5 == 0 else 0.9
        across, up = sin(angle), -cos(angle)
        line = (
            x + across * radius * inner,
            y + up * radius * inner,
            x + across * radius * 0.94,
            y + up * radius * 0.94,
        )
        d.line(line, fill=INK, width=6 if tick % 5 == 0 else 2)
    for turn, length, width in ((hours / 12, 0.5, 12), (hours % 1, 0.78, 7)):
        tip = (x + sin(2 * pi * turn) * radius * length, y - cos(2 * pi * turn) * radius * length)
        d.line((x, y, *tip), fill=INK, width=width)
    d.ellipse((x - 12, y - 12, x + 12, y + 12), fill=(176, 44, 40))


def clock(hours: float, case: Colour) -> Image.Image:
    """A single wall clock or dial."""

    def draw(d: ImageDraw.ImageDraw, width: int, height: int) -> None:
        d.rounded_rectangle((60, 60, width - 60, height - 60), 60, fill=case, outline=INK, width=8)
        dial(d, width / 2, height / 2, height * 0.36, hours)

    return drawn(320, 320, draw)


def chess_clock(left: float, right: float, case: Colour) -> Image.Image:
    """Two dials in one case, a button on each side, the left one pressed."""

    def draw(d: ImageDraw.ImageDraw, width: int, height: int) -> None:
        d.rectangle((width * 0.2, height * 0.10, width * 0.28, height * 0.2), fill=(190, 160, 70), outline=INK, width=4)
        d.rectangle((width * 0.72, height * 0.04, width * 0.8, height * 0.2), fill=(190, 160, 70), outline=INK, width=4)
        d.rounded_rectangle((30, height * 0.16, width - 30, height - 40), 40, fill=case, outline=INK, width=8)
        for x, hours in ((width * 0.27, left), (width * 0.73, right)):
            dial(d, x, height * 0.56, height * 0.3, hours)
            d.polygon(((x + 20, height * 0.26), (x + 80, height * 0.3), (x + 20, height * 0.33)), fill=(196, 40, 36))

    return drawn(520, 300, draw)


def arch_bridge(arches: int, width: int = 560, height: int = 300) -> Image.Image:
    """A stone bridge over water with `arches` round openings."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        d.rectangle((0, 0, w, h), fill=(206, 226, 240))
        d.rectangle((0, h * 0.72, w, h), fill=(92, 140, 168))
        d.rectangle((0, h * 0.34, w, h * 0.8), fill=(182, 170, 150), outline=INK, width=5)
        for row in range(6):
            y, shift = h * (0.34 + 0.075 * row), 30 * (row % 2)
            d.line((0, y, w, y), fill=(140, 128, 112), width=3)
            for x in range(shift, w, 60):
                d.line((x, y, x, y + h * 0.075), fill=(140, 128, 112), width=3)
        span = w / arches
        for arch in range(arches):
            box = (span * (arch + 0.12), h * 0.44, span * (arch + 0.88), h * 1.2)
            d.pieslice(box, 180, 360, fill=(206, 226, 240), outline=INK, width=6)
            d.rectangle((box[0] + 3, h * 0.74, box[2] - 3, h * 0.83), fill=(92, 140, 168))
        for x in range(20, w, 70):
            d.line((x, h * 0.88, x + 40, h * 0.88), fill=(170, 204, 220), width=4)

    return drawn(width, height, draw)


def suspension_bridge(deck: Colour) -> Image.Image:
    """Two towers, a hanging cable and its hangers."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        d.rectangle((0, 0, w, h), fill=(226, 232, 238))
        d.rectangle((0, h * 0.78, w, h), fill=(120, 160, 176))
        cable = []
        for x in range(0, w + 1, 20):
            t = (x / w - 0.5) / 0.25
            sag = t * t if abs(t) <= 1 else max(0.0, 1 - (abs(t) - 1))
            cable.append((x, h * (0.6 - 0.42 * sag)))
            d.line((x, cable[-1][1], x, h * 0.64), fill=(110, 112, 118), width=3)
        d.line(cable, fill=INK, width=8, joint="curve")
        d.rectangle((0, h * 0.63, w, h * 0.68), fill=deck, outline=INK, width=3)
        for tower in (w * 0.25, w * 0.75):
            d.rectangle((tower - 16, h * 0.14, tower + 16, h * 0.88), fill=deck, outline=INK, width=4)

    return drawn(560, 300, draw)


def truss(panels: int, colour: Colour, width: int = 560, height: int = 220) -> Image.Image:
    """A girder of triangles on two supports, with the load's arrow."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        left, right, top, bottom = w * 0.08, w * 0.92, h * 0.32, h * 0.72
        step = (right - left) / panels
        d.line((left, bottom, right, bottom), fill=colour, width=12)
        d.line((left + step / 2, top, right - step / 2, top), fill=colour, width=12)
        for panel in range(panels):
            x = left + step * panel
            d.line((x, bottom, x + step / 2, top, x + step, bottom), fill=colour, width=9)
        for x in (left, right):
            d.polygon(((x, bottom), (x - 30, h * 0.9), (x + 30, h * 0.9)), outline=INK, width=5)
        d.line((w / 2, h * 0.04, w / 2, top - 14), fill=(190, 40, 36), width=8)
        d.polygon(((w / 2, top - 4), (w / 2 - 18, top - 40), (w / 2 + 18, top - 40)), fill=(190, 40, 36))

    return drawn(width, height, draw)


def contour_map(seed: int, levels: int, width: int = 480, height: int = 360, grid: bool = True) -> Image.Image:
    """An island: height in tints, a contour at every level, sea round it and grid lines over it."""
    rows, columns = np.mgrid[0:height, 0:width]
    rim = np.hypot((rows - height / 2) / (height * 0.55), (columns - width / 2) / (width * 0.55))
    relief = np.clip(fractal(seed, height, width, 120, 5) + 0.35 - rim, 0, None)
    step = (relief / relief.max() * levels).astype(int)
    tints = np.array([(188, 216, 232)] + [(206 + 4 * i, 222 - 10 * i, 168 - 6 * i) for i in range(levels + 1)])
    pixels = np.clip(tints[np.where(relief > 0, step + 1, 0)], 0, 255).astype(np.uint8)
    edge = np.zeros((height, width), dtype=bool)
    for axis in (0, 1):
        edge |= np.roll(step + (relief > 0), 1, axis) != step + (relief > 0)
    pixels[edge] = (126, 84, 52)
    chart = Image.fromarray(pixels)
    if grid:
        draw = ImageDraw.Draw(chart)
        for x in range(0, width, 60):
            draw.line((x, 0, x, height), fill=(120, 150, 170))
        for y in range(0, height, 60):
            draw.line((0, y, width, y), fill=(120, 150, 170))
    return chart
