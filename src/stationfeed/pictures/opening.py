"""Opening a photo that somebody sent: what is refused, and how it becomes upright, averageable and opaque."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from stationfeed.errors import UnreadableMediaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from stationfeed.model.config import Limits

SWAPPING = frozenset(
    (
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
    )
)
"""The turns after which a picture is as wide as it was high."""

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


@contextmanager
def refusing_damage(path: PurePosixPath, reason: str) -> Iterator[None]:
    """Whatever a picture is to blame for inside becomes an UnreadableMediaError with this reason."""
    try:
        yield
    except UnreadableMediaError:
        raise
    # Pillow raises OSError, SyntaxError, ValueError, struct.error and more, documented or not
    except Exception as error:
        raise UnreadableMediaError(path, reason, _SAVE_AGAIN) from error


def open_picture(picture: BinaryIO) -> Image.Image:
    """By its first bytes and with its reader alone: Pillow knows formats that nobody should send us."""
    picture.seek(0)
    head = picture.read(12)
    picture.seek(0)
    if head.startswith(b"\xff\xd8"):
        return JpegImageFile(picture)
    return PngImageFile(picture) if head.startswith(b"\x89PNG") else WebPImageFile(picture)


def check_pixels(image: Image.Image, path: PurePosixPath, limits: Limits) -> None:
    """Raises UnreadableMediaError where there are too many; nothing is decoded for it."""
    if image.width * image.height > limits.image_megapixels * 1_000_000:
        raise UnreadableMediaError(
            path,
            f"has {image.width} x {image.height} pixels; {limits.image_megapixels} megapixels are allowed",
            _SAVE_SMALLER,
        )


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """What puts it upright; a PNG is decoded to know, for its Exif may come last."""
    return _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))


def averageable(image: Image.Image) -> Image.Image:
    """Palettes cannot be averaged, and 16 bits of grey would all be white as 8."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey / 256).convert("L")
    if image.mode in ("1", "P", "PA") or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def on_white(image: Image.Image) -> Image.Image:
    """Opaque and in colour; whatever else the file said is left behind."""
    canvas = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        canvas.paste(image, mask=image.getchannel("A"))
    else:
        canvas.paste(image.convert("RGB"))
    return canvas
