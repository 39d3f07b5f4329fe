"""The rules of M3W on single images (Flamingo, arXiv 2204.14198, appendix A.3.1)."""


def decide(
    width_px: int,
    height_px: int,
    colour_range: int,
    *,
    min_side_px: int,
    max_aspect_ratio: float,
    min_colour_range: int,
) -> str | None:
    """Why an image is dropped, None if it stays; the first rule that it breaks counts.

    `too_small`: a side is shorter than `min_side_px` (M3W: 64). `aspect_ratio`: the long side is more than
    `max_aspect_ratio` times the short one (M3W: 3). `single_colour`: `colour_range` (see `measure`) is less than
    `min_colour_range`; M3W drops single-coloured images without saying how it finds them.
    """
    short_px, long_px = sorted((width_px, height_px))
    if short_px < min_side_px:
        return "too_small"
    if long_px > max_aspect_ratio * short_px:
        return "aspect_ratio"
    if colour_range < min_colour_range:
        return "single_colour"
    return None
