"""A story's picture as podcast artwork: a square JPEG that says nothing but its pixels (Apple: artwork requirements)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from stationfeed.errors import UnreadableMediaError

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from stationfeed.model.config import Limits

COVER_PIXELS = 1400

_QUALITY = 85
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is turned that lies the way its Exif orientation says (Exif 2.32, 4.6.4)."""
_SAVE_AGAIN = "Save it again from the photo program, as JPEG, PNG or WebP."
_SAVE_SMALLER = "Save it smaller; 3000 pixels on the longer side are plenty."


def make_cover(picture: BinaryIO, path: PurePosixPath, limits: Limits) -> bytes:
    """The middle of a JPEG, PNG or WebP as a JPEG of `COVER_PIXELS` squared, the same bytes every time.

    Raises UnreadableMediaError where it cannot be decoded or has too many pixels.
    """
    try:
        with _opened(picture) as image:
            _check_pixels(image, path, limits)
            return _jpeg(_square(image))
    except UnreadableMediaError:
        raise
    # Pillow raises OSError, SyntaxError, ValueError, struct.error and more, documented or not
    except Exception as error:
        raise UnreadableMediaError(path, "cannot be made into artwork: it is damaged", _SAVE_AGAIN) from error


def _opened(picture: BinaryIO) -> Image.Image:
    """By its first bytes and with its reader alone: Pillow knows formats that nobody should send us."""
    picture.seek(0)
    head = picture.read(12)
    picture.seek(0)
    if head.startswith(b"\xff\xd8"):
        return JpegImageFile(picture)
    return PngImageFile(picture) if head.startswith(b"\x89PNG") else WebPImageFile(picture)


def _check_pixels(image: Image.Image, path: PurePosixPath, limits: Limits) -> None:
    if image.width * image.height > limits.image_megapixels * 1_000_000:
        raise UnreadableMediaError(
            path,
            f"has {image.width} x {image.height} pixels; {limits.image_megapixels} megapixels are allowed",
            _SAVE_SMALLER,
        )


def _square(image: Image.Image) -> Image.Image:
    """Opaque, in colour, upright, cut to its middle; whatever else the file said is left behind."""
    image.draft(None, (COVER_PIXELS, COVER_PIXELS))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = _resizable(image).resize(
        (COVER_PIXELS, COVER_PIXELS),
        Image.Resampling.LANCZOS,
        box=(left, top, left + side, top + side),
        reducing_gap=2.0,
    )
    turn = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
    return _on_white(square if turn is None else square.transpose(turn))


def _resizable(image: Image.Image) -> Image.Image:
    """Palettes cannot be averaged, and 16 bits of grey would all be white as 8."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey / 256).convert("L")
    if image.mode in ("1", "P", "PA") or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _on_white(image: Image.Image) -> Image.Image:
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        canvas.paste(image, mask=image.getchannel("A"))
    else:
        canvas.paste(image.convert("RGB"))
    return canvas


def _jpeg(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
