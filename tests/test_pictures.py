"""A photo as pages show it: in which sizes, what is seen, what is left out, and what is in the cache of it."""

from __future__ import annotations

import errno
import os
import struct
import subprocess
import sys
import tracemalloc
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from threading import Event
from typing import Literal
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from stationfeed.errors import FolderError, UnreadableMediaError
from stationfeed.folder.assets import probe_picture
from stationfeed.folder.paths import open_inside
from stationfeed.model.config import Limits
from stationfeed.model.episode import PictureFile
from stationfeed.model.words import Ordinal
from stationfeed.pictures.darkroom import Darkroom, Outcome
from stationfeed.pictures.prints import RECIPE, Print, make_prints
from stationfeed.pictures.shelf import FOLDER, PrintShelf, name_of
from stationfeed.pictures.sizes import TALLEST, height_at, widths_of

PHOTO = PurePosixPath("episodes/tool-library/photo.jpg")
RED, GREEN, BLUE, WHITE, BLACK = (254, 0, 0), (0, 128, 0), (0, 0, 254), (255, 255, 255), (0, 0, 0)
QUARTERS = [RED, GREEN, BLUE, BLACK]
JPEG_INFO = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
WEBP_INFO = {"loop", "background"}
LONG_AGO, LATER_S = 1_000_000.0, 2_000_000.0


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def quarters(width: int = 400, height: int = 400) -> Image.Image:
    """Red above left, green above right, blue below left, black below right."""
    image = Image.new("RGB", (width, height), BLACK)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), RED)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), GREEN)
    draw.rectangle((0, height // 2, width // 2 - 1, height), BLUE)
    return image


def facts(content: bytes, path: PurePosixPath = PHOTO) -> PictureFile:
    return PictureFile(
        path=path,
        media_type="image/jpeg",
        size_bytes=len(content),
        width=1,
        height=1,
        sha256=sha256(content).hexdigest(),
    )


def prints_of(content: bytes, limits: Limits | None = None) -> tuple[Print, ...]:
    return make_prints(BytesIO(content), facts(content), limits or Limits())


def decoded(made: Print) -> Image.Image:
    kind = {"image/webp": "WEBP", "image/jpeg": "JPEG"}[made.media_type]
    image = Image.open(BytesIO(made.content), formats=[kind])
    assert image.size == (made.width, made.height)
    return image


def seen(image: Image.Image) -> list[tuple[int, ...]]:
    """The nearest of our colours in the middle of each quarter, line by line."""
    first, second = (image.width // 4, image.height // 4), (image.width * 3 // 4, image.height * 3 // 4)
    return [color_at(image, x, y) for y in (first[1], second[1]) for x in (first[0], second[0])]


def color_at(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    pixel = image.convert("RGB").getpixel((x, y))
    assert isinstance(pixel, tuple)
    return min(
        (RED, GREEN, BLUE, WHITE, BLACK),
        key=lambda color: sum((a - b) ** 2 for a, b in zip(color, pixel, strict=True)),
    )


@pytest.mark.parametrize(
    ("whole", "widths"),
    [
        ((3000, 2000), (320, 640, 960, 1440)),
        ((1440, 960), (320, 640, 960, 1440)),
        ((1000, 700), (320, 640, 960, 1000)),
        ((960, 700), (320, 640, 960)),
        ((320, 320), (320,)),
        ((100, 50), (100,)),
        ((1, 1), (1,)),
        ((4000, 40), (320, 640, 960, 1440)),
        ((3000, 6000), (320, 640, 960, 1080)),
        ((1000, 3000), (320, 640, 720)),
        ((40, 4000), (21,)),
        ((1, 30_000), (1,)),
    ],
)
def test_a_picture_is_made_in_the_widths_that_pages_show(
    whole: tuple[int, int], widths: tuple[int, ...]
) -> None:
    assert widths_of(*whole) == widths


@given(width=st.integers(1, 40_000), height=st.integers(1, 40_000))
def test_no_size_is_larger_than_the_picture_or_too_tall_or_nothing(width: int, height: int) -> None:
    widths = widths_of(width, height)
    assert list(widths) == sorted(set(widths))
    for one in widths:
        assert 1 <= one <= min(width, 1440)
        assert 1 <= height_at(one, (width, height)) <= TALLEST


def test_a_photo_becomes_four_webp_and_one_jpeg() -> None:
    made = prints_of(saved(quarters(3000, 2000), "JPEG"))
    assert [(one.media_type, one.width, one.height) for one in made] == [
        ("image/webp", 320, 213),
        ("image/webp", 640, 427),
        ("image/webp", 960, 640),
        ("image/webp", 1440, 960),
        ("image/jpeg", 960, 640),
    ]
    assert [seen(decoded(one)) for one in made] == [QUARTERS] * 5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_kind_of_picture_is_shown(kind: str) -> None:
    made = prints_of(saved(quarters(700, 500), kind))
    assert [one.width for one in made] == [320, 640, 700, 700]
    assert [seen(decoded(one)) for one in made] == [QUARTERS] * 4


@pytest.mark.parametrize("size", [(40, 4000), (4000, 40), (1, 1), (1, 9000), (9000, 1)])
def test_absurd_shapes_have_prints_all_the_same(size: tuple[int, int]) -> None:
    for one in prints_of(saved(Image.new("RGB", size, RED), "PNG")):
        assert color_at(decoded(one), one.width // 2, one.height // 2) == RED
        assert one.height <= TALLEST


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "lie"),
    [
        (3, lambda image: image.rotate(180)),
        (5, lambda image: image.transpose(Image.Transpose.TRANSPOSE)),
        (6, lambda image: image.rotate(90, expand=True)),
        (8, lambda image: image.rotate(-90, expand=True)),
    ],
)
def test_a_picture_that_lies_on_its_side_is_put_upright(kind: str, orientation: int, lie: object) -> None:
    assert callable(lie)
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = prints_of(saved(lie(quarters(1500, 3000)), kind, exif=exif))
    assert [(one.width, one.height) for one in made] == [
        (320, 640),
        (640, 1280),
        (960, 1920),
        (1080, 2160),
        (960, 1920),
    ]
    assert [seen(decoded(one)) for one in made] == [QUARTERS] * 5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_a_picture_says_beside_its_pixels_is_left_behind(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "where she lives")
    packet = b"<x>where she lives</x>"
    said: dict[str, dict[str, object]] = {
        "JPEG": {"comment": packet, "xmp": packet},
        "PNG": {"pnginfo": notes},
        "WEBP": {"xmp": packet},
    }
    photo = saved(quarters(), kind, exif=exif, icc_profile=profile("sRGB"), **said[kind])
    for one in prints_of(photo):
        image = decoded(one)
        assert set(image.info) <= JPEG_INFO | WEBP_INFO
        assert not image.getexif()
        assert b"she lives" not in one.content
        assert b"camera" not in one.content
        assert b"ICC_PROFILE" not in one.content
        assert b"ICCP" not in one.content


def profile(space: Literal["LAB", "sRGB"]) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


def swapped_profile() -> bytes:
    """An sRGB profile whose red is blue and whose blue is red."""
    content = profile("sRGB")
    return content.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_are_those_that_the_profile_of_the_photo_means(kind: str) -> None:
    photo = saved(Image.new("RGB", (500, 500), RED), kind, icc_profile=swapped_profile())
    assert [seen(decoded(one)) for one in prints_of(photo)] == [[BLUE] * 4] * len(prints_of(photo))


def test_a_profile_keeps_what_is_transparent() -> None:
    photo = saved(Image.new("RGBA", (200, 200), (254, 0, 0, 90)), "PNG", icc_profile=swapped_profile())
    webp, jpeg = prints_of(photo)
    assert decoded(webp).getpixel((50, 50)) == pytest.approx((0, 0, 254, 90), abs=8)
    assert jpeg.media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("mode", "content"),
    [
        *((mode, b"") for mode in ("RGB", "L", "CMYK")),
        *((mode, b"no profile at all") for mode in ("RGB", "L", "CMYK")),
        *((mode, profile("LAB")) for mode in ("RGB", "L", "CMYK")),
        *((mode, profile("sRGB")[:200]) for mode in ("RGB", "L", "CMYK")),
        *((mode, profile("sRGB")) for mode in ("L", "CMYK")),
    ],
)
def test_a_profile_that_makes_no_sense_counts_for_none(mode: str, content: bytes) -> None:
    image = quarters().convert(mode)
    assert prints_of(saved(image, "JPEG", icc_profile=content)) == prints_of(saved(image, "JPEG"))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_is_transparent_stays_so_in_webp_and_is_white_in_jpeg(mode: str) -> None:
    if mode == "P":
        image = Image.new("P", (400, 400), 0)
        image.putpalette([0, 0, 0, 255, 255, 255])
        photo = saved(image, "PNG", transparency=0)
    elif mode == "RGB":
        photo = saved(Image.new("RGB", (400, 400)), "PNG", transparency=(0, 0, 0))
    else:
        photo = saved(Image.new(mode, (400, 400)), "PNG")
    *webp, jpeg = prints_of(photo)
    assert [decoded(one).getchannel("A").getextrema() for one in webp] == [(0, 0)] * 2
    assert seen(decoded(jpeg)) == [WHITE] * 4


def test_half_of_a_picture_can_be_seen_through() -> None:
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 400, 200))
    *webp, jpeg = prints_of(saved(image, "PNG"))
    alphas = [decoded(webp[0]).getpixel((160, y)) for y in (80, 240)]
    assert [one[3] for one in alphas if isinstance(one, tuple)] == [0, 255]
    assert seen(decoded(jpeg)) == [WHITE, WHITE, BLUE, BLACK]


def test_a_palette_of_half_transparent_colours_is_no_warning() -> None:
    made = prints_of(saved(quarters().quantize(8), "PNG", transparency=bytes([255] * 8)))
    assert [seen(decoded(one)) for one in made] == [QUARTERS] * 3


def test_print_colours_become_screen_colours() -> None:
    made = prints_of(saved(quarters().convert("CMYK"), "JPEG"))
    assert [seen(decoded(one)) for one in made] == [QUARTERS] * 3


@pytest.mark.parametrize("mode", ["1", "L", "I;16"])
def test_grey_pictures_stay_what_they_were(mode: str) -> None:
    image = Image.new("L", (400, 400), 0)
    image.paste(255, (0, 0, 200, 400))
    if mode == "I;16":
        image = image.convert("I").point(lambda level: level * 256)
    made = prints_of(saved(image.convert(mode), "PNG"))
    assert [seen(decoded(one)) for one in made] == [[WHITE, BLACK, WHITE, BLACK]] * 3


def test_sixteen_bits_of_grey_are_not_all_white() -> None:
    image = Image.new("I", (400, 400), 100 * 256).convert("I;16")
    made = prints_of(saved(image, "PNG"))
    assert decoded(made[0]).getpixel((9, 9)) == pytest.approx((100, 100, 100), abs=2)


def test_a_large_photo_keeps_all_the_detail_that_a_page_can_show() -> None:
    stripes = Image.frombytes("L", (5760, 16), (bytes(4) + b"\xff" * 4) * 720 * 16).resize((5760, 4000))
    largest = prints_of(saved(stripes, "JPEG", quality=95))[3]
    levels = decoded(largest).convert("L").tobytes()
    assert (largest.width, min(levels), max(levels)) == pytest.approx((1440, 0, 255), abs=45)


def test_the_same_photo_gives_the_same_bytes() -> None:
    photo = saved(Image.effect_noise((1500, 1600), 60).convert("RGBA"), "PNG", icc_profile=profile("sRGB"))
    assert prints_of(photo) == prints_of(photo)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    photo = saved(Image.new("1", (7000, 7000)), "PNG")
    tracemalloc.start()
    with pytest.raises(UnreadableMediaError) as caught:
        prints_of(photo)
    assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    tracemalloc.stop()
    assert caught.value.reason == "has 7000 x 7000 pixels; 40 megapixels are allowed"
    assert caught.value.remedy == "Save it smaller; 3000 pixels on the longer side are plenty."


def test_the_limit_on_pixels_is_the_stations() -> None:
    with pytest.raises(UnreadableMediaError):
        prints_of(saved(quarters(1100, 1000), "PNG"), Limits(image_megapixels=Ordinal(1)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_cut_picture_is_refused_in_plain_words(kind: str) -> None:
    photo = saved(Image.effect_noise((300, 300), 90), kind)
    for part in (0, 1, 5, 9):
        with pytest.raises(UnreadableMediaError) as caught:
            prints_of(photo[: len(photo) * part // 10])
        assert caught.value.reason == "cannot be shown on pages: it is damaged"
        assert caught.value.remedy == "Save it again from the photo program, as JPEG, PNG or WebP."
        assert caught.value.path == PHOTO


@settings(max_examples=100, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    damages=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_damaged_picture_has_prints_or_is_refused(kind: str, damages: list[tuple[int, int]]) -> None:
    photo = bytearray(saved(quarters(16, 16), kind, icc_profile=profile("sRGB")))
    for at, byte in damages:
        photo[at % len(photo)] = byte
    with suppress(UnreadableMediaError):
        prints_of(bytes(photo), Limits(image_megapixels=Ordinal(1)))


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc32(name + content))


@dataclass
class Place:
    """A station folder with pictures in it, and the darkroom for them."""

    root: Path

    @property
    def shelf(self) -> PrintShelf:
        return PrintShelf(self.root)

    def add(self, name: str, content: bytes) -> PictureFile:
        path = PurePosixPath("episodes") / name
        (self.root / path).parent.mkdir(exist_ok=True)
        (self.root / path).write_bytes(content)
        return probe_picture(BytesIO(content), path, Limits())

    def add_damaged(self, name: str) -> PictureFile:
        """Its headers and checksums are right, but its pixels make no sense."""
        header = saved(quarters(), "PNG")[:33]
        return self.add(name, header + png_chunk(b"IDAT", b"no pixels") + png_chunk(b"IEND", b""))

    def print_all(self, *wanted: PictureFile, stop: Event | None = None) -> Outcome:
        open_file = partial(open_inside, self.root)
        return Darkroom(open_file, self.shelf, Limits()).print_all(wanted, stop or Event())

    def cached(self) -> list[str]:
        folder = self.root / FOLDER
        return sorted(one.name for one in folder.iterdir()) if folder.exists() else []

    def age(self) -> None:
        for name in self.cached():
            os.utime(self.root / FOLDER / name, (LONG_AGO, LONG_AGO))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_prints_are_files_of_the_station_folder_with_their_facts(place: Place) -> None:
    photo = place.add("a.jpg", saved(quarters(700, 500), "JPEG"))
    assert place.shelf.get(photo.sha256) is None
    assert place.print_all(photo) == Outcome(made=1, refused=())
    prints = place.shelf.get(photo.sha256)
    assert prints is not None
    start = f"{photo.sha256[:32]}-1"
    assert [one.path.name for one in prints] == [
        f"{start}-320.webp",
        f"{start}-640.webp",
        f"{start}-700.webp",
        f"{start}-700.jpg",
    ]
    for one in prints:
        content = (place.root / one.path).read_bytes()
        assert probe_picture(BytesIO(content), one.path, Limits()) == one
    assert place.shelf.names() == {name_of(photo.sha256)}


def test_what_is_there_is_not_made_again(place: Place) -> None:
    photo = place.add("a.jpg", saved(quarters(), "JPEG"))
    twin = place.add("b.jpg", saved(quarters(), "JPEG"))
    assert place.print_all(photo, twin).made == 1
    assert place.print_all(photo, twin).made == 0


def test_a_refused_picture_is_remembered_and_stops_no_other(place: Place) -> None:
    damaged, photo = place.add_damaged("a.png"), place.add("b.jpg", saved(quarters(), "JPEG"))
    outcome = place.print_all(damaged, photo)
    assert outcome.made == 1
    assert [(one.path, one.reason) for one in outcome.refused] == [
        (damaged.path, "cannot be shown on pages: it is damaged")
    ]
    assert place.shelf.get(damaged.sha256) == ()
    assert place.print_all(damaged, photo) == Outcome(made=0, refused=())


def test_a_picture_that_was_replaced_or_has_gone_is_left_to_the_next_look(place: Place) -> None:
    replaced = place.add("a.jpg", saved(quarters(), "JPEG"))
    gone = place.add("b.png", saved(quarters(), "PNG"))
    newer = place.add("a.jpg", saved(quarters(500, 500), "JPEG"))
    (place.root / gone.path).unlink()
    linked = place.add("c.webp", saved(quarters(), "WEBP"))
    (place.root / linked.path).unlink()
    (place.root / linked.path).symlink_to(place.root / newer.path)
    assert place.print_all(replaced, gone, linked) == Outcome(made=0, refused=())
    assert place.shelf.names() == frozenset()
    assert place.print_all(newer).made == 1


def test_a_folder_that_cannot_be_written_is_no_fault_of_the_picture(place: Place) -> None:
    photo = place.add("a.jpg", saved(quarters(), "JPEG"))
    (place.root / ".stationfeed").write_text("in the way")
    with pytest.raises(FolderError):
        place.print_all(photo)
    (place.root / ".stationfeed").unlink()
    assert place.print_all(photo).made == 1


def test_a_disk_that_cannot_be_read_is_no_fault_of_the_picture(place: Place) -> None:
    class Worn(BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "worn out")

    photo = facts(saved(quarters(), "JPEG"))
    with pytest.raises(FolderError) as caught:
        Darkroom(lambda _path: Worn(), place.shelf, Limits()).print_all([photo], Event())
    assert caught.value.reason == "the disk has a fault"
    assert place.shelf.get(photo.sha256) is None


def test_whoever_stops_waits_for_one_picture_at_most(place: Place) -> None:
    class AfterOne(Event):
        def is_set(self) -> bool:
            return bool(place.cached())

    photos = [place.add(f"{side}.jpg", saved(quarters(side, side), "JPEG")) for side in (100, 110, 120)]
    assert place.print_all(*photos, stop=AfterOne()).made == 1
    assert place.print_all(*photos).made == 2


def test_another_recipe_makes_all_anew(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = place.add("a.jpg", saved(quarters(), "JPEG"))
    place.print_all(photo)
    monkeypatch.setattr("stationfeed.pictures.shelf.RECIPE", RECIPE + 1)
    assert place.shelf.get(photo.sha256) is None
    assert place.print_all(photo).made == 1


def test_a_record_that_cannot_be_read_is_none(place: Place) -> None:
    photo = place.add("a.jpg", saved(quarters(), "JPEG"))
    place.print_all(photo)
    record = place.root / FOLDER / f"{name_of(photo.sha256)}.json"
    for text in ('{"a": 1}', '[{"path": 3}]', "[", ""):
        record.write_text(text)
        assert place.shelf.get(photo.sha256) is None


DYING = """
import os, signal, sys
from functools import partial
from pathlib import Path
from threading import Event
from stationfeed.folder.assets import probe_picture
from stationfeed.folder.paths import open_inside
from stationfeed.model.config import Limits
from stationfeed.pictures.darkroom import Darkroom
from stationfeed.pictures.shelf import PrintShelf
from pathlib import PurePosixPath

root, last = Path(sys.argv[1]), int(sys.argv[2])
path = PurePosixPath("episodes/a.jpg")
with open_inside(root, path) as file:
    photo = probe_picture(file, path, Limits())
deeds = 0

def hear(event, arguments):
    global deeds
    if event in ("os.rename", "os.mkdir", "os.remove", "fcntl.flock"):
        deeds += 1
        if deeds == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hear)
Darkroom(partial(open_inside, root), PrintShelf(root), Limits()).print_all([photo], Event())
"""


def test_killed_at_any_moment_it_leaves_nothing_that_counts_and_is_not_whole(place: Place) -> None:
    photo = place.add("a.jpg", saved(quarters(), "JPEG"))
    without = 0
    for last in range(1, 100):
        ended = subprocess.run([sys.executable, "-c", DYING, str(place.root), str(last)], check=False)
        prints = place.shelf.get(photo.sha256)
        if prints is not None:
            break
        assert ended.returncode == -9
        assert place.shelf.names() == frozenset()
        without += 1
    assert without > 8
    place.shelf.sweep({name_of(photo.sha256)}, LATER_S)
    assert len(place.cached()) == 4
    for one in prints or ():
        assert sha256((place.root / one.path).read_bytes()).hexdigest() == one.sha256


def test_a_picture_whose_last_print_fails_has_no_record(place: Place) -> None:
    photo = saved(quarters(), "JPEG")
    in_the_way = place.root / FOLDER / f"{name_of(facts(photo).sha256)}-400.jpg"
    in_the_way.mkdir(parents=True)
    with pytest.raises(FolderError):
        place.shelf.put(facts(photo).sha256, prints_of(photo))
    assert place.shelf.names() == frozenset()


def test_sweeping_takes_what_no_story_shows_any_more_and_is_old(place: Place) -> None:
    used = place.add("a.jpg", saved(quarters(), "JPEG"))
    unused = place.add("b.jpg", saved(quarters(300, 300), "JPEG"))
    refused = place.add_damaged("c.png")
    place.print_all(used, unused, refused)
    names = {name_of(used.sha256)}
    assert place.shelf.sweep(names, LATER_S) == 0
    place.age()
    assert place.shelf.sweep(names, LATER_S) == 4
    assert place.shelf.names() == names
    assert len(place.cached()) == 4


def test_sweeping_takes_prints_of_an_old_recipe_and_what_killed_writers_left(place: Place) -> None:
    photo = place.add("a.jpg", saved(quarters(), "JPEG"))
    place.print_all(photo)
    (place.root / FOLDER / f"{photo.sha256[:32]}-0-320.webp").write_bytes(b"old")
    (place.root / FOLDER / ".stationfeed-0123456789abcdef.tmp").write_bytes(b"half")
    place.age()
    assert place.shelf.sweep({name_of(photo.sha256)}, LATER_S) == 1
    assert len(place.cached()) == 4


def test_nothing_is_swept_where_nothing_was_made(place: Place) -> None:
    assert place.shelf.sweep((), LATER_S) == 0
    assert place.shelf.names() == frozenset()
