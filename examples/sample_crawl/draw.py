"""Every picture of the sample crawl, by the name that `crawl.yaml` uses. `python draw.py FOLDER` writes them all."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from drawing import diagrams, objects, scenes, sketches
from drawing.files import (
    animated_gif,
    blank_png,
    cmyk_jpeg,
    flat,
    jpeg,
    palette_png,
    pixel_gif,
    png,
    resized,
    truncated,
    turned_jpeg,
    webp,
)
from PIL import Image

BLUE, RED, GREEN, OCHRE = (58, 104, 158), (176, 62, 50), (92, 128, 70), (196, 148, 70)
OAK, WALNUT, PINE = (150, 104, 62), (92, 58, 40), (206, 168, 112)
DAY, HAZE = (84, 134, 190), (214, 224, 232)

GLAZES = {
    "celadon": ((150, 186, 160), (206, 220, 196)),
    "tenmoku": ((44, 30, 26), (140, 76, 36)),
    "cobalt": ((30, 52, 120), (150, 176, 214)),
    "shino": ((236, 224, 206), (206, 130, 84)),
    "copper-red": ((130, 26, 30), (206, 160, 150)),
    "ash": ((150, 150, 100), (206, 196, 150)),
    "titanium": ((236, 236, 226), (186, 196, 214)),
}
POTS = {
    "bottle": ((150, 92, 62), (54, 96, 104), 0.22, 0.05),
    "jug": ((168, 118, 84), (206, 190, 150), 0.24, 0.14),
    "bowl": ((120, 84, 66), (180, 196, 190), 0.3, 0.34),
    "vase": ((140, 70, 52), (92, 30, 34), 0.2, 0.1),
    "jar": ((160, 108, 74), (70, 84, 60), 0.32, 0.16),
    "beaker": ((180, 140, 104), (226, 214, 190), 0.12, 0.18),
    "flask": ((110, 80, 70), (40, 50, 96), 0.28, 0.04),
    "crock": ((158, 120, 90), (110, 74, 44), 0.26, 0.24),
    "cup": ((196, 160, 130), (120, 160, 150), 0.14, 0.22),
    "urn": ((130, 76, 56), (30, 34, 36), 0.36, 0.12),
    "pitcher": ((150, 110, 90), (200, 150, 60), 0.2, 0.16),
    "planter": ((186, 104, 70), (216, 206, 196), 0.16, 0.3),
}
APPLES = {
    "russet": ((172, 132, 70), (146, 98, 52)),
    "codlin": ((160, 186, 80), (206, 206, 110)),
    "scarlet": ((186, 40, 40), (120, 16, 28)),
    "pippin": ((196, 176, 74), (206, 90, 50)),
    "greensleeve": ((110, 150, 50), (160, 190, 90)),
}
TIDE = [2.1, 3.4, 4.6, 5.1, 4.7, 3.6, 2.3, 1.2, 0.7, 1.0, 1.9, 3.1, 4.4, 5.0, 4.8, 3.8, 2.5, 1.4]
OVEN = [250, 248, 221, 226, 234, 238, 240, 236, 230, 226, 222, 220]


def drawn_series(
    kind: str, draw: Callable[..., Image.Image], seed: int, members: Mapping[str, tuple[Any, ...]]
) -> dict[str, Callable[[], bytes]]:
    """JPEG files of one kind of object, each member with the next seed and its own arguments."""

    def photograph(*arguments: Any) -> bytes:
        return jpeg(draw(*arguments))

    return {
        f"{kind}-{name}.jpg": partial(photograph, seed + i, *rest) for i, (name, rest) in enumerate(members.items())
    }


def lake(seed: int) -> Image.Image:
    return scenes.water_below(scenes.landscape(seed, DAY, HAZE, (70, 92, 54)), seed)


PICTURES: dict[str, Callable[[], bytes]] = {
    # Harbour notes
    "masthead.png": lambda: png(sketches.masthead()),
    "keeper.png": lambda: png(sketches.keeper()),
    "tide-pool.jpg": lambda: jpeg(scenes.tide_pool(12), 70),
    "limpets.jpg": lambda: jpeg(objects.limpets(9)),
    "lighthouse.png": lambda: png(sketches.lighthouse((250, 240, 180))),
    "rope.png": lambda: png(sketches.rope_work(2)),
    "fog.jpg": lambda: jpeg(scenes.fog(10)),
    "crossings.png": lambda: png(
        diagrams.bar_chart("Crossings a day", ["Spring", "Summer", "Autumn"], [9, 14, 6], BLUE)
    ),
    "gull.png": lambda: png(sketches.bird((236, 238, 240), (252, 252, 252), 0.22, 0.1, (226, 190, 40))),
    "lobster-pot.png": lambda: png(sketches.lobster_pot()),
    "storm.jpg": lambda: jpeg(scenes.storm_sea(9)),
    "tide-curve.png": lambda: palette_png(diagrams.line_chart("Height of tide, metres", TIDE, BLUE)),
    "driftwood.jpg": lambda: jpeg(objects.wood(8, (176, 166, 150))),
    # Slow loaf
    "starter.jpg": lambda: jpeg(objects.dough(4, (206, 182, 140))),
    "dough.jpg": lambda: jpeg(objects.dough(5, (232, 214, 180))),
    "crumb.jpg": lambda: jpeg(objects.crumb(2)),
    "crumb-small.jpg": lambda: jpeg(resized(objects.crumb(2), 300), 55),
    "tight-crumb.jpg": lambda: jpeg(objects.crumb(31)),
    "loaf.jpg": lambda: jpeg(objects.loaf(3)),
    "oven.png": lambda: png(diagrams.line_chart("Oven temperature during one bake", OVEN, RED)),
    "wheat.png": lambda: png(sketches.grain_ear((216, 178, 84), True, 9)),
    "rye.png": lambda: png(sketches.grain_ear((150, 148, 110), True, 12)),
    "spelt.png": lambda: png(sketches.grain_ear((190, 136, 74), False, 7)),
    # Spanfield bridges
    "arch-bridge.png": lambda: png(diagrams.arch_bridge(3)),
    "river.jpg": lambda: jpeg(lake(41)),
    "suspension.jpg": lambda: jpeg(diagrams.suspension_bridge(RED), 85),
    "suspension.webp": lambda: webp(diagrams.suspension_bridge(RED)),
    "suspension-green.webp": lambda: webp(diagrams.suspension_bridge(GREEN)),
    "truss.png": lambda: png(diagrams.truss(6, BLUE)),
    "truss-tall.png": lambda: png(diagrams.truss(4, RED, 480, 300)),
    "viaduct-3.21.png": lambda: png(diagrams.arch_bridge(6, 900, 280)),
    "viaduct-3.00.png": lambda: png(diagrams.arch_bridge(5, 900, 300)),
    "footbridge.jpg": lambda: jpeg(lake(43)),
    # Weather window
    "cumulus-640.jpg": lambda: jpeg(scenes.clouds(1, 0.5, 1.5)),
    "cumulus-320.jpg": lambda: jpeg(resized(scenes.clouds(1, 0.5, 1.5), 320)),
    "cirrus-640.jpg": lambda: jpeg(scenes.clouds(2, 0.5, 8)),
    "cirrus-320.jpg": lambda: jpeg(resized(scenes.clouds(2, 0.5, 8), 320)),
    "stratus-640.jpg": lambda: jpeg(scenes.clouds(3, 0.95, 4)),
    "rain.png": lambda: png(diagrams.bar_chart("Rain, mm", ["Jan", "Apr", "Jul", "Oct"], [71, 42, 38, 88], BLUE)),
    "rain-broken.png": lambda: truncated(png(diagrams.bar_chart("Sun, hours", ["Jan", "Jul"], [48, 201], OCHRE))),
    "barometer.png": lambda: png(diagrams.clock(1.4, OAK)),
    # Hedge and wing
    "robin.png": lambda: png(sketches.bird((126, 104, 78), (206, 92, 44), 0.18, 0.15, (80, 70, 60))),
    "wren.png": lambda: png(sketches.bird((134, 92, 56), (190, 156, 116), 0.08, 0.1, (110, 90, 60))),
    "blackbird.png": lambda: png(sketches.bird((34, 34, 38), (44, 44, 48), 0.24, 0.15, (232, 160, 40))),
    "heron.png": lambda: png(sketches.bird((150, 160, 172), (226, 228, 230), 0.12, 0.2, (226, 180, 60))),
    "curlew.png": lambda: png(sketches.bird((166, 140, 104), (214, 196, 164), 0.14, 0.19, (90, 70, 60))),
    "oystercatcher.png": lambda: png(sketches.bird((28, 28, 32), (248, 248, 248), 0.14, 0.17, (230, 80, 30))),
    "estuary.jpg": lambda: jpeg(scenes.sunset(8)),
    "box-larch.jpg": lambda: jpeg(objects.wood(51, (186, 140, 96))),
    "box-cedar.jpg": lambda: jpeg(objects.wood(52, (168, 104, 74))),
    "box-ply.jpg": lambda: jpeg(objects.wood(53, (216, 190, 150))),
    # Flagfall clocks
    "dial-plain.png": lambda: png(diagrams.clock(4.5, WALNUT)),
    "chess-early.png": lambda: png(diagrams.chess_clock(10.2, 10.1, WALNUT)),
    "chess-late.png": lambda: png(diagrams.chess_clock(11.97, 11.6, PINE)),
    "increment.png": lambda: png(
        diagrams.line_chart("Seconds left, move by move", [90, 74, 70, 52, 56, 31, 35, 12, 16], RED)
    ),
    "movement.jpg": lambda: jpeg(diagrams.clock(8.75, OCHRE), 85),
    "pixel.gif": pixel_gif,
    # Kiln diary
    **drawn_series("glaze", objects.glaze_tile, 60, GLAZES),
    **drawn_series("pot", objects.pot, 80, POTS),
    "kiln-cmyk.jpg": lambda: cmyk_jpeg(objects.pot(99, (170, 100, 60), (60, 40, 90), 0.28, 0.2)),
    "firing.png": lambda: png(
        diagrams.line_chart("Kiln, degrees", [20, 200, 420, 600, 840, 1060, 1220, 1240, 900, 500], RED)
    ),
    "flat-0.png": lambda: png(flat(320, 240, 214, 0)),
    "flat-4.png": lambda: png(flat(320, 240, 120, 4)),
    "flat-5.png": lambda: png(flat(320, 240, 120, 5)),
    # Pages in other languages
    "leuchtturm.png": lambda: png(sketches.lighthouse((255, 250, 220))),
    "pommes.jpg": lambda: jpeg(objects.fruit(7, (196, 60, 44), (216, 176, 90), 4)),
    "tokei.png": lambda: png(diagrams.clock(2.2, (60, 70, 90))),
    # Old mill pages
    "wheel.png": lambda: png(sketches.water_wheel(12)),
    "mill-pond.jpg": lambda: jpeg(lake(45)),
    "floor-plan.png": lambda: palette_png(sketches.fold_plan(3, 2, BLUE)),
    # Paper maps
    "island.png": lambda: palette_png(diagrams.contour_map(3, 8)),
    "north-sheet.png": lambda: palette_png(diagrams.contour_map(5, 6)),
    "south-sheet.png": lambda: palette_png(diagrams.contour_map(6, 10)),
    "fold-plan.png": lambda: png(sketches.fold_plan(4, 2, RED)),
    "survey-turned.jpg": lambda: turned_jpeg(scenes.landscape(47, DAY, HAZE, (96, 92, 60))),
    "plate-7.png": lambda: palette_png(diagrams.contour_map(9, 5)),
    "blank-400-megapixels.png": lambda: blank_png(20_000, 20_000),
    "blank-95-megapixels.png": lambda: blank_png(10_000, 9_500),
    # Orchard ledger
    **drawn_series("apple", objects.fruit, 20, APPLES),
    "pears.jpg": lambda: jpeg(objects.fruit(31, (176, 176, 70), (140, 120, 50), 4)),
    "pears.webp": lambda: webp(objects.fruit(32, (196, 180, 90), (196, 120, 60), 3)),
    "ripening.gif": lambda: animated_gif(
        [objects.fruit(33, (120 + 40 * i, 150 - 30 * i, 50), (160, 60, 40), 3, 240) for i in range(3)]
    ),
    "orchard.jpg": lambda: jpeg(scenes.landscape(49, DAY, HAZE, (84, 120, 52), 3)),
    "graft-broken.jpg": lambda: truncated(jpeg(objects.wood(55, (120, 96, 66)))),
    "graft.jpg": lambda: jpeg(objects.wood(56, (140, 116, 76))),
    "windfall-60x90.jpg": lambda: jpeg(objects.fruit(35, (170, 90, 60), (90, 50, 30), 2).resize((60, 90))),
    "stamp-64x64.png": lambda: png(sketches.keeper().resize((64, 64), Image.Resampling.LANCZOS)),
    "cider.png": lambda: png(
        diagrams.bar_chart("Crates picked", ["Mon", "Tue", "Wed", "Thu"], [31, 44, 27, 52], GREEN)
    ),
    # Night sky desk
    "moon.jpg": lambda: jpeg(objects.moon(10)),
    "stars.jpg": lambda: jpeg(scenes.night_sky(11)),
    "dusk.jpg": lambda: jpeg(scenes.sunset(19)),
}


def main(folder: Path) -> None:
    """Write every picture to `folder`, to look at them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        (folder / name).write_bytes(draw())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
