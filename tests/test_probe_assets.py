"""The facts of pictures and transcripts: true for good ones, a plain refusal for all others."""

from __future__ import annotations

import hashlib
import io
import struct
import subprocess
import sys
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from stationfeed.errors import UnreadableMediaError
from stationfeed.folder.assets import probe_picture, probe_transcript
from stationfeed.model.config import Limits
from stationfeed.model.words import Ordinal

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.model.episode import PictureFile, TranscriptFile

FOLDER = PurePosixPath("episodes/tool-library")
PICTURES: list[tuple[str, Literal["JPEG", "PNG", "WEBP"]]] = [
    ("shelves.jpg", "JPEG"),
    ("shelves.png", "PNG"),
    ("shelves.webp", "WEBP"),
]
_PICTURE = Image.effect_noise((60, 40), 90).convert("RGB")


def picture(kind: str, *, orientation: int | None = None, **options: Any) -> bytes:
    """Noise of 60 by 40 pixels."""
    file = io.BytesIO()
    if orientation:
        options["exif"] = Image.Exif()
        options["exif"][0x0112] = orientation
    _PICTURE.save(file, kind, **options)
    return file.getvalue()


def animated(kind: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (60, 40), color) for color in ("red", "green", "blue")]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def facts_of(content: bytes, name: str, limits: Limits | None = None) -> PictureFile:
    return probe_picture(io.BytesIO(content), FOLDER / name, limits or Limits())


def refusal_of(content: bytes, name: str = "shelves.jpg", limits: Limits | None = None) -> tuple[str, str]:
    with pytest.raises(UnreadableMediaError) as caught:
        facts_of(content, name, limits)
    assert caught.value.path == FOLDER / name
    return caught.value.reason, caught.value.remedy


@pytest.mark.parametrize(("name", "kind"), PICTURES)
def test_a_picture_is_what_it_is(name: str, kind: str) -> None:
    content = picture(kind)
    facts = facts_of(content, name)
    assert (facts.path, facts.media_type) == (FOLDER / name, f"image/{kind.lower()}")
    assert (facts.width, facts.height, facts.size_bytes) == (60, 40, len(content))
    assert facts.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["a.jpeg", "a.JPG", "a.Jpeg"])
def test_every_spelling_of_an_extension_is_read(name: str) -> None:
    assert facts_of(picture("JPEG"), name).media_type == "image/jpeg"


@pytest.mark.parametrize(("name", "kind"), PICTURES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_those_that_are_shown(name: str, kind: str, orientation: int) -> None:
    facts = facts_of(picture(kind, orientation=orientation), name)
    assert (facts.width, facts.height) == ((60, 40) if orientation < 5 else (40, 60))


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"optimize": True}, {"quality": 5}, {"restart_marker_rows": 1}]
)
def test_every_kind_of_jpeg_is_read(options: dict[str, Any]) -> None:
    assert facts_of(picture("JPEG", **options), "a.jpg").width == 60


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("orientation", [None, 1])
def test_every_kind_of_webp_is_read(lossless: bool, orientation: int | None) -> None:
    facts = facts_of(picture("WEBP", lossless=lossless, orientation=orientation), "a.webp")
    assert (facts.width, facts.height) == (60, 40)


def test_a_photo_with_a_second_picture_in_it_is_a_jpeg() -> None:
    file = io.BytesIO()
    _PICTURE.save(file, "MPO", save_all=True, append_images=[_PICTURE])
    assert facts_of(file.getvalue(), "phone.jpg").media_type == "image/jpeg"


def test_a_jpeg_with_something_behind_its_end_is_read() -> None:
    assert facts_of(picture("JPEG") + bytes(500), "a.jpg").width == 60


@pytest.mark.parametrize(
    ("name", "kind", "reason", "remedy"),
    [
        ("a.png", "JPEG", 'is a JPEG picture, but is called "a.png"', "Rename it to end in .jpg."),
        ("a.jpg", "PNG", 'is a PNG picture, but is called "a.jpg"', "Rename it to end in .png."),
        ("a.jpg", "WEBP", 'is a WebP picture, but is called "a.jpg"', "Rename it to end in .webp."),
        ("a.php", "JPEG", 'is a JPEG picture, but is called "a.php"', "Rename it to end in .jpg."),
        ("a", "PNG", 'is a PNG picture, but is called "a"', "Rename it to end in .png."),
    ],
)
def test_a_name_that_lies_about_the_type_is_refused(name: str, kind: str, reason: str, remedy: str) -> None:
    assert refusal_of(picture(kind), name) == (reason, remedy)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "an SVG drawing"),
        (b"<html><body>404", "a web page or XML"),
        (b"Rows of drills on a shelf\n", "text"),
        (picture("GIF"), "a GIF picture"),
        (picture("TIFF"), "a TIFF picture"),
        (picture("BMP"), "a BMP picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF picture"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "audio or video"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04", "a zip archive"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a PostScript file"),
        (bytes(100), "no kind of file that we know"),
    ],
)
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.svg"])
def test_what_is_no_picture_of_ours_is_named(name: str, content: bytes, what: str) -> None:
    assert refusal_of(content, name) == (
        f"is {what}, not a JPEG, PNG or WebP picture",
        "Save it as JPEG, PNG or WebP.",
    )


def test_an_empty_picture_is_refused() -> None:
    assert refusal_of(b"")[0] == "is empty"


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.webp", "WEBP")])
def test_an_animated_picture_is_refused(name: str, kind: str) -> None:
    assert refusal_of(animated(kind), name) == ("is animated", "Save a still picture.")


@pytest.mark.parametrize(("name", "kind"), PICTURES)
def test_a_picture_cut_at_any_of_fifty_points_is_refused(name: str, kind: str) -> None:
    content = picture(kind)
    for point in [*range(20, len(content), len(content) // 50), len(content) - 1]:
        reason, remedy = refusal_of(content[:point], name)
        assert reason == "is cut short: its end is not there"
        assert remedy == "Save it again from the photo program, or copy it here once more."


def test_a_cut_jpeg_with_a_whole_small_picture_in_its_header_is_refused() -> None:
    thumbnail = b"\xff\xe2" + struct.pack(">H", 2 + len(picture("JPEG"))) + picture("JPEG")
    content = picture("JPEG")
    assert facts_of(content[:2] + thumbnail + content[2:], "a.jpg").width == 60
    assert refusal_of(content[:2] + thumbnail + content[2:-100])[0] == "is cut short: its end is not there"


def test_a_picture_that_pillow_warns_of_is_refused() -> None:
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x05\x01\x12\0\x03"
    assert refusal_of(picture("JPEG", exif=exif))[0] == "is damaged or cut short"


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    content = bytearray(picture("PNG"))
    content[len(content) // 2] ^= 1
    assert refusal_of(bytes(content), "a.png")[0] == "is damaged or cut short"


@pytest.mark.parametrize(("name", "kind", "at"), [("a.png", "PNG", 16), ("a.jpg", "JPEG", None)])
def test_a_picture_of_no_height_is_refused(name: str, kind: str, at: int | None) -> None:
    content = bytearray(picture(kind))
    at = content.index(b"\xff\xc0") + 5 if at is None else at
    content[at : at + 4] = bytes(4)
    assert refusal_of(bytes(content), name)[0] == "is damaged: it does not say how large it is"


def test_a_webp_without_a_picture_in_it_is_refused() -> None:
    content = b"RIFF\x0c\0\0\0WEBPXMP \0\0\0\0"
    assert refusal_of(content, "a.webp")[0] == "is damaged: it does not say how large it is"


def test_more_bytes_than_allowed_are_refused() -> None:
    content = picture("PNG")
    limits = Limits(image_bytes=Ordinal(len(content)))
    assert facts_of(content, "a.png", limits).size_bytes == len(content)
    assert refusal_of(content + b"\0", "a.png", limits)[0].startswith("has more than the ")


# Pictures that would cost too much.


def huge_png() -> bytes:
    """13,000 by 13,000 pixels of black in some 20 KB."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1626)) for _ in range(13_000)) + packer.flush()
    header = struct.pack(">IIBBBBB", 13_000, 13_000, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def huge_webp() -> bytes:
    """A canvas of 16,384 by 16,384 pixels, two copies of which WebP's decoder makes room for."""
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff\x3f\0\xff\x3f\0" + picture("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def huge_jpeg() -> bytes:
    content = bytearray(picture("JPEG"))
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "size"),
    [
        ("a.png", huge_png(), "13000 x 13000 pixels, 169 megapixels"),
        ("a.webp", huge_webp(), "16384 x 16384 pixels, 268 megapixels"),
        ("a.jpg", huge_jpeg(), "65000 x 65000 pixels, 4225 megapixels"),
    ],
    ids=["png", "webp", "jpeg"],
)
def test_a_picture_of_too_many_pixels_is_refused(name: str, content: bytes, size: str) -> None:
    assert len(content) < 30_000
    assert refusal_of(content, name) == (
        f"has {size}; 40 are allowed",
        "Save it smaller; 3000 pixels on the longer side are plenty.",
    )


_MEASURE = """
import re, sys
from pathlib import Path, PurePosixPath
from stationfeed.errors import UnreadableMediaError
from stationfeed.folder.assets import probe_picture
from stationfeed.model.config import Limits

def probe(name, limits):
    try:
        with open(name, "rb") as file:
            probe_picture(file, PurePosixPath(name), limits)
    except UnreadableMediaError as error:
        return error.reason
    return "is good"

def peak_kb():  # getrusage would give that of the process which started this one
    return int(re.search("VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

probe(sys.argv[1], Limits())
before_kb = peak_kb()
reason = probe(sys.argv[2], Limits(image_megapixels=int(sys.argv[3])))
print(peak_kb() - before_kb, reason)
"""


def measured(path: Path, megapixels: int, folder: Path) -> tuple[int, str]:
    """Kilobytes by which a process grows that probes the picture, after a small one, and what it says."""
    small = folder / f"small{path.suffix}"
    small.write_bytes(picture({".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG"}[path.suffix]))
    command = [sys.executable, "-c", _MEASURE, str(small), str(path), str(megapixels)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    kilobytes, reason = answer.strip().split(" ", 1)
    return int(kilobytes), reason


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", huge_png()), ("a.webp", huge_webp()), ("a.jpg", huge_jpeg())],
    ids=["png", "webp", "jpeg"],
)
def test_a_picture_of_too_many_pixels_costs_no_memory(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    kilobytes, reason = measured(path, 40, tmp_path)
    assert "megapixels" in reason
    assert kilobytes < 4_000


def test_a_picture_is_never_decoded(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("L", (9_000, 9_000)).save(path)
    kilobytes, reason = measured(path, 85, tmp_path)
    assert reason == "is good"
    assert kilobytes < 4_000


@pytest.mark.parametrize(
    ("name", "kind", "at", "piece"),
    [("a.jpg", "JPEG", 2, b"\xff\xe2\0\2"), ("a.png", "PNG", 33, b"\0\0\0\0abCdx\x06\xe9\xb3")],
)
def test_a_picture_of_very_many_pieces_is_refused(name: str, kind: str, at: int, piece: bytes) -> None:
    content = picture(kind)
    assert refusal_of(content[:at] + piece * 30_000 + content[at:], name)[0] == (
        "is cut short: its end is not there"
    )


def test_a_jpeg_that_states_a_second_size_is_refused() -> None:
    content = picture("JPEG")
    start = content.index(b"\xff\xc0")
    frame = bytearray(content[start : start + 19])
    frame[5:9] = struct.pack(">HH", 65_000, 65_000)
    twice = content[: start + 19] + bytes(frame) + content[start + 19 :]
    assert refusal_of(twice)[0] == "is damaged: it states two sizes"


# Transcripts, whose words tests/test_transcripts.py judges.

VTT = b"WEBVTT\n\n00:00.000 --> 00:04.000\nThis is the newsroom.\n"


def transcript_of(content: bytes, limits: Limits | None = None) -> TranscriptFile:
    return probe_transcript(io.BytesIO(content), FOLDER / "t.vtt", limits or Limits())


def test_a_transcript_has_a_size_and_a_hash() -> None:
    facts = transcript_of(VTT)
    assert (facts.path, facts.size_bytes) == (FOLDER / "t.vtt", len(VTT))
    assert facts.sha256 == hashlib.sha256(VTT).hexdigest()


def test_a_transcript_without_bytes_or_with_more_than_allowed_is_refused() -> None:
    with pytest.raises(UnreadableMediaError, match="is empty"):
        transcript_of(b"")
    limits = Limits(transcript_bytes=Ordinal(1024 * 1024))
    with pytest.raises(UnreadableMediaError, match="has more than the 1 MB allowed") as caught:
        transcript_of(VTT + bytes(1024 * 1024), limits)
    assert caught.value.path == FOLDER / "t.vtt"
    assert caught.value.remedy


# Whatever the bytes, the answer is a fact or a refusal.

anything = settings(deadline=None)
HEADS = [
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"<svg",
]


def answer_picture(content: bytes, name: str) -> None:
    try:
        facts = facts_of(content, name)
    except UnreadableMediaError:
        return
    assert facts.width * facts.height > 0


@anything
@given(
    head=st.sampled_from(HEADS),
    content=st.binary(max_size=500),
    name=st.sampled_from([name for name, _ in PICTURES]),
)
def test_random_bytes_are_a_picture_or_refused(head: bytes, content: bytes, name: str) -> None:
    answer_picture(head + content, name)


@anything
@given(
    which=st.sampled_from(PICTURES),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    near_start=st.booleans(),
    kept=st.floats(0.9, 1),
)
def test_a_mutated_picture_is_answered_or_refused(
    which: tuple[str, str], changes: list[tuple[float, int]], near_start: bool, kept: float
) -> None:
    name, kind = which
    content = bytearray(picture(kind, orientation=6))
    reach = 200 if near_start else len(content)
    for place, value in changes:
        content[int(place * reach)] = value
    answer_picture(bytes(content[: int(len(content) * kept)]), name)
