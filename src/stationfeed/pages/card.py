"""The card that social sites show for a story without a photo: its title and its station in the station's colours.

The font knows Latin, Greek and Cyrillic. A text with a letter that it lacks is left out as a whole: no boxes, ever.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageColor, ImageDraw, ImageFont

from stationfeed.pages.colors import READABLE, contrast, readable

if TYPE_CHECKING:
    from collections.abc import Sequence

CARD_SIZE = (1200, 630)
"""Width and height in pixels, as Open Graph readers like them."""

_FONT = "source-sans-3-bold.ttf"
_MARGIN = 80
_ROOM = CARD_SIZE[0] - 2 * _MARGIN
_HEADING_BASELINE = 420
_HEADING_HEIGHT = 352
_HEADING_SIZES = (124, 112, 100, 90, 80, 72, 64, 56, 50, 44)
_RULE = (_MARGIN, 468, _MARGIN + 119, 475)
_BELOW_BASELINE = 550
_BELOW_HEIGHT = 70
_BELOW_SIZES = (40, 35, 30)
_LEADING = 1.12
"""From line to line, in sizes of the font; all else that places text is in pixels."""
_BALANCE_PIXELS = 20

_WHITE, _BLACK = "#ffffff", "#000000"
_WAVES = ((1110, 90), (150, 260, 370, 480, 590), 44)
"""Rings like those of a radio wave: their centre, radii and width in pixels."""
_NEARER, _AWAY = 3, -2
"""How many levels waves differ from the ground; of those away from the ink there are fewer."""
_FAR_APART = 7.0
"""The contrast of ink and ground from which on waves may come nearer to the ink, and it is read all the same."""

_GROUND, _INK, _ACCENT = 16, 62, 63
"""Levels that a card is drawn in; those between are mixed, and those below the ground go away from the ink."""

_NOWHERE_DRAWN = "\U0010ffff"
_NO_END = " ,;:.-\u2013\u2014"
"""What does not stand before an ellipsis."""


def draw_card(title: str, station: str, primary: str, accent: str) -> bytes:
    """A PNG of `CARD_SIZE` with a ground of the primary colour, the same bytes every time; colours are `#rrggbb`.

    A title that the font cannot draw is left out, and the station's name takes its place.
    """
    ink = _WHITE if contrast(_WHITE, primary) >= READABLE else _BLACK
    card = _waves(_NEARER if contrast(ink, primary) >= _FAR_APART else _AWAY).copy()
    draw = ImageDraw.Draw(card)
    draw.rectangle(_RULE, fill=_ACCENT)
    heading, below = _words(title), _words(station)
    if not heading:
        heading, below = below, []
    font, lines = _fitted(heading, _HEADING_SIZES, _HEADING_HEIGHT)
    _write(draw, lines, font, _HEADING_BASELINE)
    font, lines = _fitted(below, _BELOW_SIZES, _BELOW_HEIGHT)
    _write(draw, lines, font, _BELOW_BASELINE)
    card.putpalette(_palette(primary, ink, readable(accent, primary)))
    file = BytesIO()
    card.save(file, "PNG")
    return file.getvalue()


@cache
def _waves(levels: int) -> Image.Image:
    """The ground with waves so many levels from it; drawn twice as large, for Pillow's rings have hard edges."""
    (x, y), radii, width = _WAVES
    card = Image.new("L", (2 * CARD_SIZE[0], 2 * CARD_SIZE[1]), _GROUND)
    draw = ImageDraw.Draw(card)
    for radius in radii:
        box = (2 * (x - radius), 2 * (y - radius), 2 * (x + radius), 2 * (y + radius))
        draw.ellipse(box, outline=_GROUND + levels, width=2 * width)
    return card.reduce(2)


def _palette(ground: str, ink: str, accent: str) -> list[int]:
    """Red, green and blue of each level."""
    away = _BLACK if ink == _WHITE else _WHITE
    before = (_mixed(away, ground, level / _GROUND) for level in range(_GROUND))
    after = (_mixed(ground, ink, level / (_INK - _GROUND)) for level in range(_INK - _GROUND + 1))
    return [part for color in (*before, *after, ImageColor.getrgb(accent)) for part in color]


def _mixed(one: str, other: str, share: float) -> tuple[int, ...]:
    pairs = zip(ImageColor.getrgb(one), ImageColor.getrgb(other), strict=True)
    return tuple(round(a + (b - a) * share) for a, b in pairs)


def _words(text: str) -> list[str]:
    """What is drawn of a text, nothing where a letter cannot be; signs that only steer its setting are no letters."""
    composed = unicodedata.normalize("NFC", text)
    words = "".join(one for one in composed if unicodedata.category(one) != "Cf").split()
    return words if all(_is_drawable(one) for one in set("".join(words))) else []


@cache
def _is_drawable(character: str) -> bool:
    """Whether the font has it, and it stands by itself: a mark over any letter would have to be placed."""
    font = _font(_BELOW_SIZES[-1])
    is_known = bytes(font.getmask(character)) != bytes(font.getmask(_NOWHERE_DRAWN))
    return is_known and not unicodedata.category(character).startswith("M")


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Laid out letter by letter on every machine, also where Pillow could do more and would draw another card."""
    font = (files("stationfeed.pages") / "fonts" / _FONT).read_bytes()
    return ImageFont.truetype(BytesIO(font), size, layout_engine=ImageFont.Layout.BASIC)


def _fitted(
    words: Sequence[str], sizes: Sequence[int], height: int
) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The lines in the largest of the sizes in which they fit; else in the smallest, with words broken and cut off."""
    for size in sizes:
        font, most = _font(size), int(height / (_LEADING * size))
        lines = _wrapped(words, font, _ROOM)
        if len(lines) <= most and all(font.getlength(line) <= _ROOM for line in lines):
            return font, _balanced(words, font, lines)
    pieces = [piece for word in words for piece in _broken(word, font)]
    return font, _cut(_wrapped(pieces, font, _ROOM), font, most)


def _wrapped(words: Sequence[str], font: ImageFont.FreeTypeFont, room: int) -> list[str]:
    """Lines no wider than the room, but for a word that is wider by itself."""
    lines: list[str] = []
    space, left = font.getlength(" "), 0.0
    for word in words:
        width = font.getlength(word)
        if lines and space + width <= left:
            lines[-1] += f" {word}"
            left -= space + width
        else:
            lines.append(word)
            left = room - width
    return lines


def _balanced(words: Sequence[str], font: ImageFont.FreeTypeFont, lines: list[str]) -> list[str]:
    """As many lines, but of much the same length, so that none has a word alone."""
    narrow, wide = 0, _ROOM
    while wide - narrow > _BALANCE_PIXELS:
        room = (narrow + wide) // 2
        narrower = _wrapped(words, font, room)
        if len(narrower) > len(lines):
            narrow = room
        else:
            wide, lines = room, narrower
    return lines


def _broken(word: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """The word in pieces that fit into a line."""
    pieces = [""]
    for letter in word:
        if font.getlength(pieces[-1] + letter) <= _ROOM:
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _cut(lines: list[str], font: ImageFont.FreeTypeFont, most: int) -> list[str]:
    """At most so many lines, with an ellipsis where there were more."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while font.getlength(f"{last}…") > _ROOM:
        last = last.rpartition(" ")[0] or last[:-1]
    return [*lines[: most - 1], f"{last.rstrip(_NO_END)}…"]


def _write(
    draw: ImageDraw.ImageDraw, lines: Sequence[str], font: ImageFont.FreeTypeFont, baseline: int
) -> None:
    """The last line on the baseline, the others above it, each flush with the rule."""
    for number, line in enumerate(reversed(lines)):
        left, *_ = font.getmask(line[0]).getbbox()
        at = (_MARGIN - left, baseline - number * _LEADING * font.size)
        draw.text(at, line, fill=_INK, font=font, anchor="ls")
