"""Drawn pictures of things: birds, harbour gear, a lighthouse, mill work, grain, a portrait."""

from math import cos, pi, sin

from PIL import Image, ImageDraw

from drawing.diagrams import INK, PAPER, drawn, label
from drawing.noise import Colour


def lighthouse(beam: Colour) -> Image.Image:
    """A banded tower on a rock, its lamp lit, at dusk."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        for y in range(h):
            d.line((0, y, w, y), fill=(60 + y * 90 // h, 70 + y * 80 // h, 120 + y * 50 // h))
        d.polygon(((w * 0.5, h * 0.2), (w, h * 0.05), (w, h * 0.38)), fill=beam)
        d.ellipse((w * 0.2, h * 0.82, w * 0.8, h * 1.2), fill=(58, 52, 50))
        for band in range(5):
            top, bottom = 0.26 + 0.12 * band, 0.38 + 0.12 * band
            a, b = 0.06 + 0.008 * band, 0.068 + 0.008 * band
            shape = (
                (w * (0.5 - a), h * top),
                (w * (0.5 + a), h * top),
                (w * (0.5 + b), h * bottom),
                (w * (0.5 - b), h * bottom),
            )
            d.polygon(shape, fill=(196, 48, 44) if band % 2 else (244, 240, 232), outline=INK)
        d.rectangle((w * 0.45, h * 0.16, w * 0.55, h * 0.26), fill=(252, 232, 150), outline=INK, width=5)
        d.polygon(((w * 0.43, h * 0.16), (w * 0.57, h * 0.16), (w * 0.5, h * 0.09)), fill=(60, 60, 66))

    return drawn(360, 480, draw)


def rope_work(loops: int) -> Image.Image:
    """A rope laid in `loops` crossing loops, strands marked."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        steps = 420
        line = []
        for i in range(steps + 1):
            t = 2 * pi * i / steps
            line.append((w * (0.5 + 0.4 * sin(t)), h * (0.5 + 0.32 * sin(loops * t + 0.4))))
        for width, colour in ((58, INK), (46, (206, 176, 120))):
            d.line(line, fill=colour, width=width, joint="curve")
        for x, y in line[::4]:
            d.line((x - 12, y - 14, x + 12, y + 14), fill=(132, 100, 56), width=4)

    return drawn(480, 300, draw, (226, 234, 236))


def bird(
    body: Colour, breast: Colour, tail: float = 0.2, legs: float = 0.16, beak: Colour = (214, 160, 60)
) -> Image.Image:
    """A standing bird seen from the side; `tail` and `legs` are lengths as shares of the picture."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        d.rectangle((0, h * 0.86, w, h), fill=(146, 168, 110))
        for x in (0.46, 0.54):
            d.line((w * x, h * 0.6, w * x, h * (0.7 + legs)), fill=INK, width=9)
        d.polygon(
            ((w * 0.3, h * 0.5), (w * (0.3 - tail), h * 0.34), (w * (0.28 - tail), h * 0.44)), fill=body, outline=INK
        )
        d.ellipse((w * 0.26, h * 0.34, w * 0.7, h * 0.7), fill=body, outline=INK, width=5)
        d.chord((w * 0.4, h * 0.36, w * 0.7, h * 0.7), -60, 120, fill=breast)
        d.ellipse((w * 0.56, h * 0.18, w * 0.76, h * 0.42), fill=body, outline=INK, width=5)
        d.polygon(((w * 0.75, h * 0.27), (w * 0.88, h * 0.31), (w * 0.75, h * 0.34)), fill=beak, outline=INK)
        d.ellipse((w * 0.67, h * 0.25, w * 0.70, h * 0.29), fill=(250, 250, 250), outline=INK, width=6)
        d.chord((w * 0.28, h * 0.38, w * 0.58, h * 0.64), 20, 200, fill=tuple(c * 3 // 4 for c in body), outline=INK)

    return drawn(360, 300, draw, (222, 232, 238))


def lobster_pot() -> Image.Image:
    """A half-round pot: base, hoops, netting."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        box = (w * 0.12, h * 0.16, w * 0.88, h * 1.2)
        d.pieslice(box, 180, 360, fill=(232, 220, 190), outline=(120, 78, 40), width=16)
        for x in range(int(w * 0.16), int(w * 0.86), 36):
            d.line((x, h * 0.66, w / 2 + (x - w / 2) * 0.7, h * 0.24), fill=(70, 110, 110), width=4)
        for y in (0.3, 0.4, 0.5, 0.6):
            reach = 0.36 * (1 - ((0.68 - y) / 0.52) ** 2) ** 0.5
            d.line((w * (0.5 - reach), h * y, w * (0.5 + reach), h * y), fill=(70, 110, 110), width=4)
        d.rectangle((w * 0.08, h * 0.66, w * 0.92, h * 0.76), fill=(150, 104, 58), outline=INK, width=5)
        label(d, w / 2, h * 0.88, "base, three hoops, netting", 30)

    return drawn(460, 300, draw)


def water_wheel(paddles: int) -> Image.Image:
    """An undershot wheel beside a wall."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        d.rectangle((0, 0, w * 0.3, h), fill=(176, 120, 96))
        d.rectangle((0, h * 0.84, w, h), fill=(110, 150, 170))
        x, y, r = w * 0.56, h * 0.5, h * 0.36
        for paddle in range(paddles):
            a = 2 * pi * paddle / paddles
            d.line((x, y, x + r * cos(a), y + r * sin(a)), fill=(112, 80, 52), width=10)
            tip = (x + r * 0.94 * cos(a), y + r * 0.94 * sin(a))
            d.line((*tip, x + r * 1.16 * cos(a), y + r * 1.16 * sin(a)), fill=(84, 58, 36), width=22)
        for radius in (r, r * 0.9, r * 0.14):
            d.ellipse((x - radius, y - radius, x + radius, y + radius), outline=(84, 58, 36), width=12)

    return drawn(420, 340, draw, (214, 226, 232))


def grain_ear(colour: Colour, awns: bool, grains: int) -> Image.Image:
    """One ear of a cereal, with or without awns."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        d.line((w / 2, h * 0.2, w / 2, h), fill=(146, 140, 70), width=10)
        for i in range(grains):
            y = h * (0.16 + 0.5 * i / grains)
            for side in (-1, 1):
                x = w / 2 + side * w * 0.1
                if awns:
                    d.line((x, y, x + side * w * 0.22, y - h * 0.22), fill=colour, width=4)
                d.ellipse((x - w * 0.08, y - h * 0.04, x + w * 0.08, y + h * 0.05), fill=colour, outline=INK, width=4)

    return drawn(200, 300, draw)


def keeper() -> Image.Image:
    """The portrait of the person who writes the harbour notes: a cap, a beard, a blue jersey."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        d.chord((w * 0.1, h * 0.66, w * 0.9, h * 1.5), 180, 360, fill=(40, 66, 104), outline=INK, width=6)
        d.ellipse((w * 0.27, h * 0.2, w * 0.73, h * 0.8), fill=(226, 182, 152), outline=INK, width=6)
        d.chord((w * 0.27, h * 0.34, w * 0.73, h * 0.84), 10, 170, fill=(206, 204, 198), outline=INK, width=4)
        d.chord((w * 0.24, h * 0.1, w * 0.76, h * 0.56), 180, 360, fill=(34, 40, 60), outline=INK, width=6)
        d.rounded_rectangle((w * 0.22, h * 0.31, w * 0.82, h * 0.36), 16, fill=(24, 28, 44))
        for x in (0.41, 0.59):
            d.ellipse((w * x - 12, h * 0.44 - 12, w * x + 12, h * 0.44 + 12), fill=INK)
        d.arc((w * 0.42, h * 0.56, w * 0.58, h * 0.68), 20, 160, fill=(150, 60, 56), width=8)

    return drawn(240, 240, draw, (200, 214, 216))


def masthead() -> Image.Image:
    """The banner that the harbour notes show on top of every article."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        for wave in range(4):
            points = [(x, h * (0.62 + 0.09 * wave) + 12 * sin(x / 34 + wave)) for x in range(0, w + 10, 10)]
            d.line(points, fill=(60, 120 - 14 * wave, 150), width=9)
        label(d, w / 2, h * 0.3, "Harbour Notes", 72)

    return drawn(360, 140, draw, PAPER)


def fold_plan(columns: int, rows: int, mountain: Colour) -> Image.Image:
    """A sheet with its folds: mountain folds in colour, valley folds in grey, panels numbered."""

    def draw(d: ImageDraw.ImageDraw, w: int, h: int) -> None:
        left, top, wide, high = w * 0.08, h * 0.1, w * 0.84, h * 0.8
        for row in range(rows):
            for column in range(columns):
                x, y = left + wide * column / columns, top + high * row / rows
                d.rectangle(
                    (x, y, x + wide / columns, y + high / rows), fill=(255, 255, 252), outline=(150, 150, 150), width=3
                )
                label(d, x + wide / columns / 2, y + high / rows / 2, str(row * columns + column + 1), 40)
        for column in range(1, columns):
            x = left + wide * column / columns
            d.line((x, top, x, top + high), fill=mountain if column % 2 else (120, 120, 120), width=8)
        for row in range(1, rows):
            d.line((left, top + high * row / rows, left + wide, top + high * row / rows), fill=mountain, width=8)

    return drawn(420, 300, draw, (226, 222, 212))
