"""The facts of a story's picture and transcript, read from their bytes.

A picture is never decoded: its headers tell its size, its markers and checksums whether it is all there.
"""

from __future__ import annotations

import re
import struct
import warnings
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO, Literal

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from stationfeed.errors import UnreadableMediaError
from stationfeed.model.episode import PictureFile, TranscriptFile

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from stationfeed.model.config import Limits

PictureKind = Literal["JPEG", "PNG", "WEBP"]

_READERS: dict[PictureKind, type[JpegImageFile | PngImageFile | WebPImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
}
_SUFFIXES: dict[PictureKind, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "WEBP": (".webp",),
}
_SAVE_AS = "Save it as JPEG, PNG or WebP."
_SAVE_SMALLER = "Save it smaller; 3000 pixels on the longer side are plenty."
_SAVE_AGAIN = "Save it again from the photo program, or copy it here once more."
_OTHER_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop file"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"ID3", "audio"),
    (b"%!PS", "a PostScript file"),
)
_ISO_PICTURES = {
    b"heic": "a HEIC picture",
    b"heix": "a HEIC picture",
    b"mif1": "a HEIC picture",
    b"avif": "an AVIF picture",
}
_ORIENTATION = 0x0112
_TURNED = (5, 6, 7, 8)  # Exif 2.32, 4.6.4: the picture is shown lying on its side
_PILLOW = Lock()  # warning filters belong to the whole process

_PIECES_LIMIT = 20_000
"""Segments or chunks; a good picture has some hundreds, and Pillow keeps each of them."""
_JPEG_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])", re.DOTALL)
_JPEG_END = 0xD9
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, 0xD8})


@dataclass(frozen=True, slots=True)
class _Look:
    """What Pillow sees in a picture's headers."""

    width: int
    height: int
    animated: bool
    turned: bool


def probe_picture(file: BinaryIO, path: PurePosixPath, limits: Limits) -> PictureFile:
    """The facts of a JPEG, PNG or WebP; width and height are those a reader sees, EXIF rotation included.

    Raises UnreadableMediaError for everything else.
    """
    content = _read_whole(file, path, limits.image_bytes)
    kind = _picture_kind(content, path)
    _check_suffix(kind, path)
    size = _stated_size(kind, content, path)
    _check_pixels(size, path, limits)
    look = _look_at(kind, content, path)
    if (look.width, look.height) != size:
        raise UnreadableMediaError(path, "is damaged: it states two sizes", _SAVE_AGAIN)
    if look.animated:
        raise UnreadableMediaError(path, "is animated", "Save a still picture.")
    width, height = (look.height, look.width) if look.turned else (look.width, look.height)
    return PictureFile(
        path=path,
        media_type=f"image/{kind.lower()}",
        size_bytes=len(content),
        width=width,
        height=height,
        sha256=sha256(content).hexdigest(),
    )


def _read_whole(file: BinaryIO, path: PurePosixPath, limit_bytes: int) -> bytes:
    file.seek(0)
    content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        megabytes = limit_bytes / 1024 / 1024
        raise UnreadableMediaError(path, f"has more than the {megabytes:g} MB allowed", "Save it smaller.")
    if not content:
        raise UnreadableMediaError(path, "is empty", "Copy it here once more.")
    return content


def _picture_kind(content: bytes, path: PurePosixPath) -> PictureKind:
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    raise UnreadableMediaError(path, f"is {_what_else(content)}, not a JPEG, PNG or WebP picture", _SAVE_AS)


def _what_else(content: bytes) -> str:
    if known := next((words for magic, words in _OTHER_STARTS if content.startswith(magic)), None):
        return known
    if content[4:8] == b"ftyp":
        return _ISO_PICTURES.get(content[8:12], "audio or video")
    start = content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "an SVG drawing" if b"<svg" in start else "a web page or XML"
    return "text" if start.isascii() and b"\0" not in start else "no kind of file that we know"


def _check_suffix(kind: PictureKind, path: PurePosixPath) -> None:
    suffixes = _SUFFIXES[kind]
    if path.suffix.lower() not in suffixes:
        name = "WebP" if kind == "WEBP" else kind
        raise UnreadableMediaError(
            path, f'is a {name} picture, but is called "{path.name}"', f"Rename it to end in {suffixes[0]}."
        )


def _stated_size(kind: PictureKind, content: bytes, path: PurePosixPath) -> tuple[int, int]:
    """Width and height by the header alone, before anything makes room for them."""
    try:
        match kind:
            case "JPEG":
                size = _jpeg_size(content)
            case "PNG":
                size = _png_size(content)
            case "WEBP":
                size = _webp_size(content)
    except (struct.error, EOFError) as error:
        raise UnreadableMediaError(path, "is cut short: its end is not there", _SAVE_AGAIN) from error
    if 0 in size:
        raise UnreadableMediaError(path, "is damaged: it does not say how large it is", _SAVE_AGAIN)
    return size


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Go from segment to segment up to the end marker (ITU T.81, B.1.1); EOFError where there is none."""
    size = (0, 0)
    at = 2
    for _ in range(_PIECES_LIMIT):
        marker = _JPEG_MARKER.search(content, at)
        if marker is None:
            break
        at = marker.end()
        code = marker[1][0]
        if code == _JPEG_END:
            return size
        if code in _JPEG_SIZES and size == (0, 0):
            height, width = struct.unpack_from(">HH", content, at + 3)
            size = (width, height)
        if code not in _JPEG_ALONE:
            at += struct.unpack_from(">H", content, at)[0]
    raise EOFError


def _png_size(content: bytes) -> tuple[int, int]:
    """Go from chunk to chunk up to the end chunk (PNG, 5.3); the size is in the first one."""
    at = 8
    for _ in range(_PIECES_LIMIT):
        length, name = struct.unpack_from(">I4s", content, at)
        at += 12 + length
        if name == b"IEND" and at <= len(content):
            width, height = struct.unpack_from(">II", content, 16)
            return width, height
    raise EOFError


def _webp_size(content: bytes) -> tuple[int, int]:
    """RFC 9649, 2.5 to 2.7; (0, 0) for a first chunk of another kind."""
    if len(content) < 8 + struct.unpack_from("<I", content, 4)[0]:
        raise EOFError
    match content[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            low, middle, high = struct.unpack_from("<HHH", content, 24)
            return (low | (middle & 0xFF) << 16) + 1, (middle >> 8 | high << 8) + 1
    return 0, 0


def _check_pixels(size: tuple[int, int], path: PurePosixPath, limits: Limits) -> None:
    megapixels = size[0] * size[1] / 1_000_000
    if megapixels > limits.image_megapixels:
        raise UnreadableMediaError(
            path,
            f"has {size[0]} x {size[1]} pixels, {megapixels:.0f} megapixels;"
            f" {limits.image_megapixels} are allowed",
            _SAVE_SMALLER,
        )


def _look_at(kind: PictureKind, content: bytes, path: PurePosixPath) -> _Look:
    """What Pillow reads in the headers, and its check of what follows them; its warnings are refusals."""
    try:
        with _PILLOW, warnings.catch_warnings():
            warnings.filterwarnings("error", module=r"PIL\b")
            return _open_and_verify(kind, content)
    # Pillow raises OSError, SyntaxError, ValueError, struct.error and more, documented or not
    except Exception as error:
        raise UnreadableMediaError(path, "is damaged or cut short", _SAVE_AGAIN) from error


def _open_and_verify(kind: PictureKind, content: bytes) -> _Look:
    with _READERS[kind](BytesIO(content)) as picture:
        exif = Image.Exif()
        exif.load(picture.info.get("exif", b""))  # picture.getexif() may decode the whole picture
        look = _Look(
            width=picture.width,
            height=picture.height,
            animated=bool(getattr(picture, "is_animated", False)),
            turned=exif.get(_ORIENTATION) in _TURNED,
        )
        picture.verify()
    return look


def probe_transcript(file: BinaryIO, path: PurePosixPath, limits: Limits) -> TranscriptFile:
    """The size and hash of a transcript; what it says is judged where it is read.

    Raises UnreadableMediaError where it is empty or too large.
    """
    content = _read_whole(file, path, limits.transcript_bytes)
    return TranscriptFile(path=path, size_bytes=len(content), sha256=sha256(content).hexdigest())
