"""A photo made in the sizes that pages show: upright, in sRGB, and with nothing beside its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Literal

from PIL import Image, ImageCms

from stationfeed.pictures.opening import (
    SWAPPING,
    averageable,
    check_pixels,
    on_white,
    open_picture,
    refusing_damage,
    turn_of,
)
from stationfeed.pictures.sizes import height_at, widths_of

if TYPE_CHECKING:
    from stationfeed.model.config import Limits
    from stationfeed.model.episode import PictureFile

RECIPE = 1
"""Raised when the same photo would be made otherwise: prints of another recipe are made anew."""

_FALLBACK_WIDTH = 960
_WEBP_QUALITY = 78
_WEBP_METHOD = 2
_JPEG_QUALITY = 80
"""The WebP looks like the JPEG and has a sixth less; method 4 saves 3 % more of it, and takes twice as long."""
_GAP = 2.0
"""How much larger than wanted a picture is after the fast step of its reduction."""
_DAMAGED = "cannot be shown on pages: it is damaged"


@dataclass(frozen=True, kw_only=True, slots=True)
class Print:
    """A photo in one size, as a file; width and height in pixels."""

    content: bytes
    media_type: Literal["image/webp", "image/jpeg"]
    width: int
    height: int


def make_prints(picture: BinaryIO, file: PictureFile, limits: Limits) -> tuple[Print, ...]:
    """A JPEG, PNG or WebP in every width as WebP, the narrowest first, then one JPEG for old readers.

    The same bytes every time. Raises UnreadableMediaError where it cannot be decoded or has too many pixels.
    """
    with refusing_damage(file.path, _DAMAGED), open_picture(picture) as image:
        check_pixels(image, file.path, limits)
        widths, largest = _developed(image)
    sized = {width: _at_width(largest, width) for width in widths}
    fallback = max(width for width in widths if width <= _FALLBACK_WIDTH)
    return (*(_webp(one) for one in sized.values()), _jpeg(sized[fallback]))


def _developed(image: Image.Image) -> tuple[tuple[int, ...], Image.Image]:
    """The widths it is wanted in, and it in the largest of them; what is reduced first is cheap to work on."""
    turn = turn_of(image)
    whole = image.size[::-1] if turn in SWAPPING else image.size
    widths = widths_of(*whole)
    size = (widths[-1], height_at(widths[-1], whole))
    lying = size[::-1] if turn in SWAPPING else size
    image.draft(None, lying)
    reduced = averageable(image).resize(lying, Image.Resampling.LANCZOS, reducing_gap=_GAP)
    shown = _in_srgb(_colours(reduced), image.info.get("icc_profile"))
    return widths, shown if turn is None else shown.transpose(turn)


def _colours(image: Image.Image) -> Image.Image:
    """Print colours and greys stay as they are, for their profile to explain."""
    return image.convert("RGBA") if image.has_transparency_data else image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """What browsers take colours for where no profile tells; a profile that makes no sense counts for none."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile is None:
        return image.convert(mode)
    try:
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(BytesIO(profile), srgb, image.mode, mode).apply(image)
    except (ImageCms.PyCMSError, ImportError):  # Pillow can be built without Little CMS
        return image.convert(mode)


def _at_width(image: Image.Image, width: int) -> Image.Image:
    size = (width, height_at(width, image.size))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=_GAP)


def _webp(image: Image.Image) -> Print:
    file = BytesIO()
    image.save(file, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_METHOD)
    return Print(content=file.getvalue(), media_type="image/webp", width=image.width, height=image.height)


def _jpeg(image: Image.Image) -> Print:
    file = BytesIO()
    on_white(image).save(file, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
    return Print(content=file.getvalue(), media_type="image/jpeg", width=image.width, height=image.height)
