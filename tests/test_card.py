"""The card of a story without a photo: what is read on it, in any colour, and what is never drawn."""

from __future__ import annotations

import random
import string
from functools import cache
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from stationfeed.pages.card import CARD_SIZE, draw_card
from stationfeed.pages.colors import READABLE, contrast

BLUE, RED = "#1d3f5e", "#b3261e"
STATION = "Prairie Public Radio"
SENTENCE = "The county library board voted on Tuesday night to keep all four of its branches open. "
MARGIN = 70
RULE_TOP = 486

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
    ["Tool library opens", "W", SENTENCE * 3, SENTENCE * 9, "x" * 200, "W" * 500, "a " * 250, dense(500)],
)
@pytest.mark.parametrize("station", [STATION, STATION * 9, "W" * 200])
def test_nothing_is_ever_written_into_the_margin(title: str, station: str) -> None:
    box = written_box(seen(title, station))
    assert box is not None
    left, top, right, bottom = box
    assert min(left, top, CARD_SIZE[0] - right, CARD_SIZE[1] - bottom) >= MARGIN - 10
    assert min(left, CARD_SIZE[0] - right) >= MARGIN


@pytest.mark.parametrize("title", ["Tool library opens", SENTENCE * 3, SENTENCE * 9, "x" * 200])
def test_a_title_stays_above_the_rule_and_the_station_below_it(title: str) -> None:
    card, untitled = seen(title), seen("Hm")
    assert same(below_rule(card), below_rule(untitled))
    between = (0, RULE_TOP - 14, CARD_SIZE[0], RULE_TOP + 20)
    assert same(card.crop(between), nothing_written().crop(between))


def test_a_short_title_is_larger_than_a_long_one() -> None:
    def letter_height(title: str) -> int:
        last_line = above_rule(seen(title)).crop((0, 390, CARD_SIZE[0], RULE_TOP))
        box = ImageChops.difference(last_line, nothing_written().crop((0, 390, CARD_SIZE[0], RULE_TOP)))
        found = box.getbbox()
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
    last_line = ImageChops.difference(card, nothing_written()).crop((0, 370, CARD_SIZE[0], 440)).getbbox()
    running_alone = 480
    assert last_line is not None
    assert last_line[2] > running_alone


@pytest.mark.parametrize("title", ["مرحبا بكم", "今日のニュース", "Fire season 🔥", "Peña wins", "  ", ""])
def test_where_a_title_cannot_be_drawn_the_station_stands_in_its_place(title: str) -> None:
    card = seen(title)
    assert same(card, seen(STATION, ""))
    assert same(below_rule(card), below_rule(nothing_written()))


@pytest.mark.parametrize("station", ["राष्ट्रीय", "ラジオ", ""])
def test_where_nothing_can_be_drawn_the_colours_are_left(station: str) -> None:
    assert same(seen("今日", station), nothing_written())
    assert same(above_rule(seen("Tool library", station)), above_rule(seen("Tool library")))


@pytest.mark.parametrize(
    ("title", "like"),
    [
        ("2019\u20132020 \u2014 what now", "2019-2020 - what now"),
        ("no\u00a0break\n  here", "no break here"),
        ("soft\u00adly, to the \u200eright\u200b", "softly, to the right"),
    ],
)
def test_dashes_and_signs_that_show_nothing_are_no_reason_to_leave_a_title_out(title: str, like: str) -> None:
    assert same(seen(title), seen(like))
    assert not same(seen(title), seen(""))


def test_quotes_as_editors_write_them_are_drawn() -> None:
    assert not same(seen("\u201cWho\u2019s next?\u201d she asks\u2026"), seen(""))


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
    rule = empty.getpixel((140, 490))
    grounds = colors_of(empty) - {rule}
    letters = colors_of(seen("HHH", STATION, primary, accent)) - colors_of(empty)
    assert any(min(contrast(hexed(one), hexed(ground)) for ground in grounds) >= READABLE for one in letters)
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


@pytest.mark.parametrize("title", ["Tool library opens", SENTENCE * 9, dense(500), "W" * 500])
def test_a_card_is_small(title: str) -> None:
    assert len(draw_card(title, STATION * 3, BLUE, RED)) < 60_000
