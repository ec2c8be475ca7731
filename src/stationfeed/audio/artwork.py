"""A story's picture as podcast artwork: a square JPEG that says nothing but its pixels (Apple: artwork requirements)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from stationfeed.pictures.opening import (
    averageable,
    check_pixels,
    on_white,
    open_picture,
    refusing_damage,
    turn_of,
)

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from stationfeed.model.config import Limits

COVER_PIXELS = 1400

_QUALITY = 85
_DAMAGED = "cannot be made into artwork: it is damaged"


def make_cover(picture: BinaryIO, path: PurePosixPath, limits: Limits) -> bytes:
    """The middle of a JPEG, PNG or WebP as a JPEG of `COVER_PIXELS` squared, the same bytes every time.

    Raises UnreadableMediaError where it cannot be decoded or has too many pixels.
    """
    with refusing_damage(path, _DAMAGED), open_picture(picture) as image:
        check_pixels(image, path, limits)
        return _jpeg(_square(image))


def _square(image: Image.Image) -> Image.Image:
    """Opaque, in colour, upright, cut to its middle."""
    image.draft(None, (COVER_PIXELS, COVER_PIXELS))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = averageable(image).resize(
        (COVER_PIXELS, COVER_PIXELS),
        Image.Resampling.LANCZOS,
        box=(left, top, left + side, top + side),
        reducing_gap=2.0,
    )
    turn = turn_of(image)
    return on_white(square if turn is None else square.transpose(turn))


def _jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
