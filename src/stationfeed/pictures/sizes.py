"""Which sizes a picture is shown in."""

from __future__ import annotations

WIDTHS = (320, 640, 960, 1440)
"""In pixels: a telephone's column and a page's, on plain and on fine screens."""

TALLEST = 2160
"""In pixels; a picture that would be taller is made narrower instead."""


def widths_of(width: int, height: int) -> tuple[int, ...]:
    """The widths in pixels that a picture is made in, the narrowest first; none is wider than the picture."""
    fitting = max(1, width * TALLEST // height)
    own = (width,) if width <= WIDTHS[-1] else ()
    smaller = (one for one in WIDTHS if one < width)
    return tuple(sorted({min(one, fitting) for one in (*smaller, *own)}))


def height_at(width: int, whole: tuple[int, int]) -> int:
    """How high a picture of `whole` width and height is when it is made this wide; from 1 to `TALLEST`."""
    return min(TALLEST, max(1, round(whole[1] * width / whole[0])))
