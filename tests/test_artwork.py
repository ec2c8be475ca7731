"""A story's picture becomes square artwork: what is seen, what is refused, what is left out."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from io import BytesIO
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from stationfeed.audio.artwork import COVER_PIXELS, make_cover
from stationfeed.errors import UnreadableMediaError
from stationfeed.model.config import Limits
from stationfeed.model.words import Ordinal

PHOTO = PurePosixPath("episodes/tool-library/photo.jpg")
RED, GREEN, BLUE, WHITE, BLACK = (254, 0, 0), (0, 128, 0), (0, 0, 254), (255, 255, 255), (0, 0, 0)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def cover_of(content: bytes, limits: Limits | None = None) -> Image.Image:
    cover = make_cover(BytesIO(content), PHOTO, limits or Limits())
    image = Image.open(BytesIO(cover), formats=["JPEG"])
    assert (image.mode, image.size) == ("RGB", (COVER_PIXELS, COVER_PIXELS))
    return image


def quarters(width: int = 400, height: int = 400) -> Image.Image:
    """Red above left, green above right, blue below left, black below right."""
    image = Image.new("RGB", (width, height), BLACK)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), RED)
    draw.rectangle((width // 2, 0, width, height // 2 - 1), GREEN)
    draw.rectangle((0, height // 2, width // 2 - 1, height), BLUE)
    return image


def seen(cover: Image.Image) -> list[tuple[int, ...]]:
    """The nearest of our colours in the middle of each quarter, line by line."""
    first, second = COVER_PIXELS // 4, COVER_PIXELS * 3 // 4
    return [colour_at(cover, x, y) for y in (first, second) for x in (first, second)]


def colour_at(cover: Image.Image, x: int, y: int) -> tuple[int, ...]:
    pixel = cover.getpixel((x, y))
    assert isinstance(pixel, tuple)
    return min(
        (RED, GREEN, BLUE, WHITE, BLACK),
        key=lambda colour: sum((a - b) ** 2 for a, b in zip(colour, pixel, strict=True)),
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(400, 400), (3000, 3000), (1400, 1400), (64, 64)])
def test_a_picture_of_any_size_and_kind_becomes_artwork(kind: str, size: tuple[int, int]) -> None:
    assert seen(cover_of(saved(quarters(*size), kind))) == [RED, GREEN, BLUE, BLACK]


@pytest.mark.parametrize(("width", "height"), [(1200, 400), (400, 1200)])
def test_a_long_picture_is_cut_to_its_middle(width: int, height: int) -> None:
    image = Image.new("RGB", (width, height), BLACK)
    image.paste(quarters(), ((width - 400) // 2, (height - 400) // 2))
    assert seen(cover_of(saved(image, "PNG"))) == [RED, GREEN, BLUE, BLACK]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_lies_on_its_side_is_put_upright(orientation: int) -> None:
    lying = {
        1: lambda image: image,
        2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda image: image.rotate(180),
        4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda image: image.rotate(90, expand=True),
        7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda image: image.rotate(-90, expand=True),
    }[orientation](quarters(400, 400))
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert seen(cover_of(saved(lying, "JPEG", exif=exif))) == [RED, GREEN, BLUE, BLACK]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_a_picture_says_beside_its_pixels_is_left_behind(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "where she lives")
    options = {"pnginfo": notes} if kind == "PNG" else {"comment": b"where she lives"}
    cover = cover_of(saved(quarters(), kind, exif=exif, icc_profile=profile, **options))
    assert set(cover.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    if mode == "P":
        image = Image.new("P", (400, 400), 0)
        image.putpalette([0, 0, 0, 255, 255, 255])
        content = saved(image, "PNG", transparency=0)
    elif mode == "RGB":
        content = saved(Image.new("RGB", (400, 400)), "PNG", transparency=(0, 0, 0))
    else:
        content = saved(Image.new(mode, (400, 400)), "PNG")
    assert seen(cover_of(content)) == [WHITE] * 4


def test_a_palette_of_half_transparent_colours_is_no_warning() -> None:
    image = quarters().quantize(8)
    assert seen(cover_of(saved(image, "PNG", transparency=bytes([255] * 8)))) == [RED, GREEN, BLUE, BLACK]


def test_print_colours_become_screen_colours() -> None:
    assert seen(cover_of(saved(quarters().convert("CMYK"), "JPEG"))) == [RED, GREEN, BLUE, BLACK]


@pytest.mark.parametrize("mode", ["1", "L", "I;16"])
def test_grey_pictures_stay_what_they_were(mode: str) -> None:
    image = Image.new("L", (400, 400), 0)
    image.paste(255, (0, 0, 200, 400))
    if mode == "I;16":
        image = sixteen_bits(image)
    content = saved(image.convert(mode), "PNG")
    assert seen(cover_of(content)) == [WHITE, BLACK, WHITE, BLACK]


def sixteen_bits(grey: Image.Image) -> Image.Image:
    return grey.convert("I").point(lambda level: level * 256).convert("I;16")


def test_sixteen_bits_of_grey_are_not_all_white() -> None:
    cover = cover_of(saved(sixteen_bits(Image.new("L", (400, 400), 100)), "PNG"))
    assert cover.getpixel((700, 700)) == pytest.approx((100, 100, 100), abs=2)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_fine_patterns_are_averaged_in_every_kind_of_picture(mode: str) -> None:
    line = b"\0\xff" * 1400 + b"\xff\0" * 1400
    board = Image.frombytes("L", (2800, 2800), line * 1400)
    content = saved(board.convert(mode, dither=Image.Dither.NONE), "PNG")
    assert cover_of(content).getpixel((700, 700)) == pytest.approx((127, 127, 127), abs=4)


def test_a_large_photo_keeps_all_the_detail_that_artwork_can_show() -> None:
    stripes = Image.frombytes("L", (5600, 16), (bytes(4) + b"\xff" * 4) * 700 * 16).resize((5600, 5600))
    levels = cover_of(saved(stripes, "JPEG", quality=95)).convert("L").tobytes()
    assert (min(levels), max(levels)) == pytest.approx((0, 255), abs=40)


def test_the_same_picture_gives_the_same_bytes() -> None:
    photo = saved(quarters(1500, 1600), "JPEG")
    assert make_cover(BytesIO(photo), PHOTO, Limits()) == make_cover(BytesIO(photo), PHOTO, Limits())


def test_artwork_is_a_baseline_jpeg_that_every_player_draws() -> None:
    content = make_cover(BytesIO(saved(quarters(), "JPEG", progressive=True)), PHOTO, Limits())
    assert b"\xff\xc0" in content
    assert b"\xff\xc2" not in content


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    photo = saved(Image.new("1", (7000, 7000)), "PNG")
    tracemalloc.start()
    with pytest.raises(UnreadableMediaError) as caught:
        make_cover(BytesIO(photo), PHOTO, Limits())
    assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    tracemalloc.stop()
    assert caught.value.reason == "has 7000 x 7000 pixels; 40 megapixels are allowed"


def test_the_limit_on_pixels_is_the_stations() -> None:
    photo = saved(quarters(1100, 1000), "PNG")
    with pytest.raises(UnreadableMediaError):
        cover_of(photo, Limits(image_megapixels=Ordinal(1)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_cut_picture_is_refused_in_plain_words(kind: str) -> None:
    photo = saved(Image.effect_noise((300, 300), 90), kind)
    for part in (0, 1, 5, 9):
        with pytest.raises(UnreadableMediaError) as caught:
            make_cover(BytesIO(photo[: len(photo) * part // 10]), PHOTO, Limits())
        assert caught.value.reason == "cannot be made into artwork: it is damaged"
        assert caught.value.remedy == "Save it again from the photo program, as JPEG, PNG or WebP."


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]),
    damages=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_damaged_picture_is_artwork_or_refused(kind: str, damages: list[tuple[int, int]]) -> None:
    photo = bytearray(saved(quarters(16, 16), kind))
    for at, byte in damages:
        photo[at % len(photo)] = byte
    with suppress(UnreadableMediaError):
        cover_of(bytes(photo), Limits(image_megapixels=Ordinal(1)))
