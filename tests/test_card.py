"""The card of a story without a photo: what is read on it, in any colour, and what is never drawn."""

from __future__ import annotations

import random
import string
import unicodedata
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFont

from stationfeed.pages.card import CARD_SIZE, draw_card
from stationfeed.pages.colors import READABLE, contrast

BLUE, RED = "#1d3f5e", "#b3261e"
STATION = "Prairie Public Radio"
LONG_STATION = (
    "Society of the Friends of the Regional and Community Broadcasting Corporation of Lower Franconia"
)
SENTENCE = "The county library board voted on Tuesday night to keep all four of its branches open. "
MARGIN = 70
RULE_LEFT, RULE_TOP = 80, 468
FONTS = files("stationfeed.pages") / "fonts"
FONT = FONTS / "source-sans-3-bold.ttf"

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def seen(title: str, station: str = STATION, primary: str = BLUE, accent: str = RED) -> Image.Image:
    card = Image.open(BytesIO(draw_card(title, station, primary, accent)), formats=["PNG"])
    assert card.size == CARD_SIZE
    return card.convert("RGB")


@cache
def nothing_written(primary: str = BLUE, accent: str = RED) -> Image.Image:
    return seen("", "", primary, accent)


def written_box(card: Image.Image) -> tuple[int, int, int, int] | None:
    """Around all pixels that differ from a card with nothing on it: left, top, right, bottom."""
    return ImageChops.difference(card, nothing_written()).getbbox()


def above_rule(card: Image.Image) -> Image.Image:
    return card.crop((0, 0, CARD_SIZE[0], RULE_TOP))


def below_rule(card: Image.Image) -> Image.Image:
    return card.crop((0, RULE_TOP, *CARD_SIZE))


def same(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is None


def dense(length: int) -> str:
    letters = random.Random(7).choices(string.ascii_letters + "@%&#        ", k=length)
    return "".join(letters)


@pytest.mark.parametrize(
    "title",
    [
        "Tool library opens",
        "W",
        SENTENCE * 3,
        SENTENCE * 9,
        "x" * 200,
        "W" * 500,
        "ÅẾÇ " * 99,
        "a " * 250,
        dense(500),
    ],
)
@pytest.mark.parametrize("station", [STATION, LONG_STATION, STATION * 9, "W" * 200])
def test_nothing_is_ever_written_into_the_margin(title: str, station: str) -> None:
    box = written_box(seen(title, station))
    assert box is not None
    left, top, right, bottom = box
    assert min(left, top, CARD_SIZE[0] - right, CARD_SIZE[1] - bottom) >= MARGIN - 10
    assert min(left, CARD_SIZE[0] - right) >= MARGIN


@pytest.mark.parametrize("title", ["Tool library opens", SENTENCE * 3, SENTENCE * 9, "x" * 200])
def test_a_title_stays_above_the_rule_and_the_station_below_it(title: str) -> None:
    card, untitled = seen(title, LONG_STATION), seen("Hm", LONG_STATION)
    assert same(below_rule(card), below_rule(untitled))
    between = (0, RULE_TOP - 14, CARD_SIZE[0], RULE_TOP + 16)
    assert same(card.crop(between), nothing_written().crop(between))


def test_a_short_title_is_larger_than_a_long_one() -> None:
    def letter_height(title: str) -> int:
        written = ImageChops.difference(seen(title), nothing_written())
        found = written.crop((0, 372, CARD_SIZE[0], RULE_TOP)).getbbox()
        assert found is not None
        return found[3] - found[1]

    assert letter_height("Hill") > letter_height("Hill " * 60)


def test_a_title_that_is_far_too_long_ends_in_an_ellipsis_at_a_word() -> None:
    words = SENTENCE * 5
    assert same(seen(words), seen(words + "And so on"))


def test_of_a_title_of_300_characters_the_end_is_still_there() -> None:
    title = (SENTENCE * 4)[:299]
    assert not same(seen(title + "!"), seen(title + "?"))


def test_lines_are_of_much_the_same_length_and_hold_no_word_alone() -> None:
    card = seen("City council votes to keep the night buses running")
    last_line = ImageChops.difference(card, nothing_written()).crop((0, 335, CARD_SIZE[0], 450)).getbbox()
    running_alone = 480
    assert last_line is not None
    assert last_line[2] > running_alone


def test_of_a_station_with_a_name_longer_than_a_line_the_end_is_still_there() -> None:
    one, other = seen("Tool library", LONG_STATION + "!"), seen("Tool library", LONG_STATION + "?")
    assert not same(below_rule(one), below_rule(other))


@pytest.mark.parametrize(
    ("title", "station"), [("Hill", ""), ("", "Till"), ("Hill", "Over the hill"), ("“Oh”", "")]
)
def test_every_line_begins_where_the_rule_does(title: str, station: str) -> None:
    box = written_box(seen(title, station))
    assert box is not None
    assert box[0] == RULE_LEFT


@pytest.mark.parametrize(
    "title",
    [
        "Peña wins",
        "Überlingen wählt",
        "Đổi mới ở Huế",
        "Łódź, Çeşme, Þingvellir",
        "Νέα της ημέρας",
        "Ещё один день",
        "“Who\u2019s next?” she asks…",
        "10 € \u2013 20 £",
    ],
)
def test_accents_greek_cyrillic_and_signs_are_drawn(title: str) -> None:
    card = seen(title)
    assert not same(above_rule(card), above_rule(seen(STATION, "")))
    assert not same(below_rule(card), below_rule(nothing_written()))


@pytest.mark.parametrize(
    "title",
    [
        "مرحبا بكم",
        "שלום לכולם",
        "समाचार",
        "ข่าววันนี้",
        "செய்திகள்",
        "今日のニュース",
        "뉴스",
        "Fire season 🔥",
        "Peña y 今日",
        "Guarani has a g\u0303",
        "  ",
        "",
    ],
)
def test_where_a_title_cannot_be_drawn_the_station_stands_in_its_place(title: str) -> None:
    card = seen(title)
    assert same(card, seen(STATION, ""))
    assert same(below_rule(card), below_rule(nothing_written()))


@pytest.mark.parametrize("station", ["राष्ट्रीय", "ラジオ", ""])
def test_where_nothing_can_be_drawn_the_colours_are_left(station: str) -> None:
    assert same(seen("今日", station), nothing_written())
    assert same(above_rule(seen("Tool library", station)), above_rule(seen("Tool library")))


def test_the_font_has_no_letters_that_are_joined_stacked_or_written_leftwards() -> None:
    font = ImageFont.truetype(BytesIO(FONT.read_bytes()), layout_engine=ImageFont.Layout.BASIC)
    box = bytes(font.getmask("\U0010ffff"))
    scripts = chain(range(0x590, 0x1C80), range(0xFB1D, 0xFE00), range(0xFE70, 0xFF00))
    letters = (chr(one) for one in scripts if unicodedata.category(chr(one)).startswith("L"))
    assert [one for one in letters if bytes(font.getmask(one)) != box] == []


@pytest.mark.parametrize("title", ["Peña wins in Überlingen", "Huế", "Ещё й", "Ημέρα"])
def test_an_accent_written_apart_from_its_letter_is_drawn_the_same(title: str) -> None:
    apart = unicodedata.normalize("NFD", title)
    assert apart != title
    assert same(seen(apart), seen(title))


@pytest.mark.parametrize(
    ("title", "like"),
    [
        ("no\u00a0break\n  here", "no break here"),
        ("soft\u00adly, to the \u200eright\u200b", "softly, to the right"),
    ],
)
def test_signs_that_show_nothing_are_no_reason_to_leave_a_title_out(title: str, like: str) -> None:
    assert same(seen(title), seen(like))
    assert not same(seen(title), seen(""))


def test_the_font_is_the_one_that_is_named() -> None:
    readme = (FONTS / "README.md").read_text(encoding="utf-8")
    assert f"{sha256(FONT.read_bytes()).hexdigest()}  source-sans-3-bold.ttf" in readme
    assert "SIL Open Font License" in (FONTS / "source-sans-3-LICENSE.txt").read_text(encoding="utf-8")


@settings(max_examples=60, deadline=None)
@given(primary=COLORS, accent=COLORS)
def test_every_colour_leaves_title_and_rule_readable(primary: str, accent: str) -> None:
    assert_readable(primary, accent)


@pytest.mark.parametrize(
    "primary", ["#000000", "#ffffff", "#777777", "#767676", "#FFFF00", "#0000ff", "#ff0000"]
)
def test_hard_colours_leave_title_and_rule_readable(primary: str) -> None:
    assert_readable(primary, primary)


def assert_readable(primary: str, accent: str) -> None:
    empty = seen("", "", primary, accent)
    rule = empty.getpixel((140, 472))
    grounds = colors_of(empty) - {rule}
    letter = seen("HHH", STATION, primary, accent).getpixel((RULE_LEFT + 4, 400))
    assert min(contrast(hexed(letter), hexed(ground)) for ground in grounds) >= READABLE
    assert contrast(hexed(rule), primary) >= READABLE
    assert hexed(empty.getpixel((5, 5))) == primary.lower()


def colors_of(card: Image.Image) -> set[object]:
    return {color for _, color in card.getcolors(100_000) or ()}


def hexed(color: object) -> str:
    assert isinstance(color, tuple)
    return "#" + "".join(f"{part:02x}" for part in color)


def test_the_same_story_has_the_same_card() -> None:
    first = draw_card(SENTENCE, STATION, BLUE, RED)
    draw_card("Another", "Elsewhere", RED, BLUE)
    assert draw_card(SENTENCE, STATION, BLUE, RED) == first


@pytest.mark.parametrize("title", ["Tool library opens", SENTENCE * 9, dense(500), "W" * 500, "ẾĢ Щю " * 70])
def test_a_card_is_small(title: str) -> None:
    assert len(draw_card(title, LONG_STATION, BLUE, RED)) < 60_000
