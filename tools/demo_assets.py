#!/usr/bin/env python3
"""Draw and speak the assets of the demo station: pictures, voices, transcripts and idents.

The demo station at the root of this repository is made up, so nobody could photograph or record it. This
program makes its small pictures with Pillow and its voices with espeak-ng and ffmpeg. The results are
committed; it is needed again only when somebody changes a picture or a script. The same inputs give the
same files.

    pip install pillow imageio-ffmpeg mutagen        # and espeak-ng from the system
    python tools/demo_assets.py                      # everything
    python tools/demo_assets.py draw snowplow-names  # one picture
    python tools/demo_assets.py speak                # all voices, and where each sentence starts
"""

from __future__ import annotations

import argparse
import array
import json
import math
import random
import re
import subprocess
import tempfile
import textwrap
import wave
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Point = tuple[float, float]
Colour = str

# --- A small drawing kit --------------------------------------------------------------------------------

NIGHT, INDIGO, TEAL, JUNIPER, SAGE = "#14213d", "#26365f", "#1f6f78", "#23483f", "#8fae8b"
SAND, CREAM, GOLD, SUNSET, RUST = "#ecd9b0", "#fbf3e0", "#f0b940", "#f2a65a", "#c8553d"
PLUM, SNOW, INK, SKY = "#5b3758", "#f4f8fb", "#20262b", "#a9d3e0"
FONTS = {"sans": "DejaVuSans-Bold.ttf", "serif": "DejaVuSerif-Bold.ttf", "mono": "DejaVuSansMono-Bold.ttf"}


def rgb(colour: Colour, alpha: float = 1.0) -> tuple[int, int, int, int]:
    """`#rrggbb` and an opacity as the tuple that Pillow takes."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue, round(255 * alpha)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The colour that lies `share` of the way from the first to the second."""
    pairs = zip(rgb(first)[:3], rgb(second)[:3], strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def smooth(points: Sequence[Point], steps: int = 14) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append((_spline(p0[0], p1[0], p2[0], p3[0], t), _spline(p0[1], p1[1], p2[1], p3[1], t)))
    return [*curve, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


class Canvas:
    """A picture drawn at twice its size and shrunk at the end, so that edges are smooth."""

    scale = 2

    def __init__(self, width: int, height: int, top: Colour, bottom: Colour | None = None) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width * self.scale, height * self.scale), top)
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        if bottom:
            self.gradient(0, 0, width, height, top, bottom)

    def _at(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self.scale, y * self.scale) for x, y in points]

    def gradient(self, x: float, y: float, w: float, h: float, top: Colour, bottom: Colour) -> None:
        """A rectangle that runs from one colour to the other."""
        rows = round(h * self.scale)
        for row in range(rows):
            level = y * self.scale + row
            self.pen.line([(x * self.scale, level), ((x + w) * self.scale, level)], fill=mix(top, bottom, row / max(1, rows - 1)))

    def poly(self, points: Sequence[Point], fill: Colour, alpha: float = 1.0) -> None:
        """A filled polygon."""
        self.pen.polygon(self._at(points), fill=rgb(fill, alpha))

    def rect(self, x: float, y: float, w: float, h: float, fill: Colour, r: float = 0, alpha: float = 1.0) -> None:
        """A rectangle with corners of radius `r`."""
        box = self._at([(x, y), (x + w, y + h)])
        self.pen.rounded_rectangle(box, radius=r * self.scale, fill=rgb(fill, alpha))

    def oval(self, x: float, y: float, rx: float, ry: float | None = None, fill: Colour = INK, alpha: float = 1.0) -> None:
        """An ellipse around a centre."""
        ry = rx if ry is None else ry
        self.pen.ellipse(self._at([(x - rx, y - ry), (x + rx, y + ry)]), fill=rgb(fill, alpha))

    def ring(self, x: float, y: float, r: float, fill: Colour, width: float, start: float = 0, end: float = 360) -> None:
        """A circle's outline, or a piece of it."""
        box = self._at([(x - r, y - r), (x + r, y + r)])
        self.pen.arc(box, start, end, fill=rgb(fill), width=round(width * self.scale))

    def line(self, points: Sequence[Point], fill: Colour, width: float, alpha: float = 1.0) -> None:
        """A stroke with round ends (square ones where it is see-through)."""
        self.pen.line(self._at(points), fill=rgb(fill, alpha), width=round(width * self.scale), joint="curve")
        if alpha == 1.0:
            for x, y in (points[0], points[-1]):
                self.oval(x, y, width / 2, fill=fill)

    def glow(self, x: float, y: float, r: float, fill: Colour, alpha: float = 0.6) -> None:
        """Light that fades away from a centre."""
        size = round(2 * r * self.scale)
        mask = Image.radial_gradient("L").resize((size, size)).point(lambda v: round(max(0, 255 - v * 1.41) * alpha))
        spot = Image.new("RGB", (size, size), fill)
        self.image.paste(spot, (round((x - r) * self.scale), round((y - r) * self.scale)), mask)

    def blur_behind(self, radius: float) -> None:
        """Put what is drawn so far out of focus."""
        self.image.paste(self.image.filter(ImageFilter.GaussianBlur(radius * self.scale)))

    def text(self, x: float, y: float, words: str, size: float, fill: Colour, font: str = "sans", anchor: str = "mm") -> None:
        """Words in one of the fonts."""
        face = load_font(font, round(size * self.scale))
        self.pen.text((x * self.scale, y * self.scale), words, font=face, fill=fill, anchor=anchor)

    def save(self, path: Path, most_bytes: int = 195_000) -> None:
        """Shrink and write, as the ending of the name says; a JPEG as good as its allowance lets it be."""
        path.parent.mkdir(parents=True, exist_ok=True)
        final = self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)
        if path.suffix == ".png":
            final.quantize(128, dither=Image.Dither.NONE).convert("RGB").save(path, optimize=True, dpi=(72, 72))
            return
        for quality in (88, 84, 80, 75, 70, 65, 60):
            final.save(path, quality=quality, optimize=True, progressive=True, dpi=(72, 72))
            if path.stat().st_size <= most_bytes:
                return


def load_font(name: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu where the machine has it, else the font inside Pillow."""
    try:
        return ImageFont.truetype(FONTS[name], size)
    except OSError:
        return ImageFont.load_default(size)


# --- Things that several pictures share -----------------------------------------------------------------


def hills(c: Canvas, base: float, height: float, fill: Colour, seed: int) -> None:
    """A rolling ridge from edge to edge, filled to the bottom."""
    rng = random.Random(seed)
    waves = [(rng.uniform(0.003, 0.011), rng.uniform(0, 6.3), rng.uniform(0.3, 1)) for _ in range(4)]
    total = sum(weight for _, _, weight in waves)
    ridge = [(x, base - height * sum(w * math.sin(x * f + p) for f, p, w in waves) / total) for x in range(0, c.width + 12, 12)]
    c.poly([(0, c.height), *ridge, (c.width + 12, c.height)], fill)


def peak(c: Canvas, x: float, top: float, base: float, half: float, fill: Colour, snow: float = 0.3) -> None:
    """A mountain with a lit left side, a shaded right side and some snow."""
    dark = mix(fill, NIGHT, 0.28)
    c.poly([(x - half, base), (x, top), (x + half * 0.12, base)], fill)
    c.poly([(x, top), (x + half, base), (x + half * 0.1, base)], dark)
    if not snow:
        return
    drop, reach = (base - top) * snow, half * snow
    zigzag = [(x + reach, top + drop), (x + reach * 0.62, top + drop * 0.8), (x + reach * 0.35, top + drop * 1.2)]
    zigzag += [(x, top + drop * 0.82), (x - reach * 0.3, top + drop * 1.12), (x - reach * 0.6, top + drop * 0.78)]
    c.poly([(x, top), *zigzag, (x - reach, top + drop)], SNOW)
    c.poly([(x, top), *zigzag[:4]], "#cddbe8")


def conifer(c: Canvas, x: float, ground: float, height: float, fill: Colour) -> None:
    """A fir of four skirts."""
    c.rect(x - height * 0.03, ground - height * 0.14, height * 0.06, height * 0.14, "#4a3728")
    for tier in range(4):
        y = ground - height * (0.1 + 0.21 * tier)
        half = height * (0.24 - 0.045 * tier)
        c.poly([(x - half, y), (x, y - height * 0.34), (x + half, y)], mix(fill, SNOW, 0.05 * tier))


def leafy(c: Canvas, x: float, ground: float, height: float, fill: Colour, seed: int = 1) -> None:
    """A round-headed tree, such as a cottonwood."""
    rng = random.Random(seed)
    c.poly(
        [
            (x - height * 0.045, ground),
            (x - height * 0.015, ground - height * 0.6),
            (x + height * 0.015, ground - height * 0.6),
            (x + height * 0.045, ground),
        ],
        "#5a4231",
    )
    for shade, drop in ((0.16, 0.05), (0.0, 0.0), (-0.14, -0.05)):
        tone = mix(fill, NIGHT, shade) if shade > 0 else mix(fill, CREAM, -shade)
        for _ in range(7):
            away, spread = rng.uniform(-0.22, 0.22), rng.uniform(0.1, 0.17)
            level = ground - height * (0.68 - drop * 2 + rng.uniform(-0.16, 0.18))
            c.oval(x + height * (away - (0.04 if shade < 0 else 0)), level, height * spread * (0.6 if shade < 0 else 1), fill=tone)


def juniper(c: Canvas, x: float, ground: float, size: float, fill: Colour = JUNIPER) -> None:
    """A squat, wind-bent juniper."""
    c.line([(x, ground), (x - size * 0.06, ground - size * 0.35)], "#5a4231", size * 0.08)
    for dx, dy, r in ((-0.26, 0.36, 0.2), (0.24, 0.34, 0.2), (0, 0.44, 0.27), (-0.12, 0.62, 0.2), (0.13, 0.66, 0.17)):
        c.oval(x + dx * size, ground - dy * size, r * size, fill=fill)
    for dx, dy, r in ((-0.16, 0.52, 0.1), (0.04, 0.72, 0.09), (0.16, 0.42, 0.09)):
        c.oval(x + dx * size, ground - dy * size, r * size, r * size * 0.7, fill=mix(fill, SAGE, 0.35))


def stars(c: Canvas, count: int, bottom: float, seed: int, biggest: float = 2.2) -> None:
    """A field of stars above a level."""
    rng = random.Random(seed)
    for _ in range(count):
        size = biggest * rng.random() ** 3 + 0.5
        c.oval(rng.uniform(0, c.width), rng.uniform(0, bottom), size, fill=mix(CREAM, SKY, rng.random()), alpha=rng.uniform(0.5, 1))


def cloud(c: Canvas, x: float, y: float, size: float, fill: Colour = SNOW, alpha: float = 1.0) -> None:
    """A flat-bottomed cloud."""
    c.rect(x - size, y - size * 0.22, 2 * size, size * 0.34, fill, size * 0.17, alpha)
    for dx, r in ((-0.45, 0.3), (0.02, 0.43), (0.5, 0.27)):
        c.pen.pieslice(c._at([(x + size * (dx - r), y - size * r * 1.1), (x + size * (dx + r), y + size * r * 0.9)]), 180, 360, fill=rgb(fill, alpha))


@dataclass(frozen=True)
class Look:
    """How a small figure is dressed."""

    coat: Colour
    legs: Colour = INDIGO
    skin: Colour = "#c98f6b"
    hair: Colour = "#2e211c"
    hat: Colour | None = None


def figure(c: Canvas, x: float, ground: float, h: float, look: Look, stride: float = 0.08, reach: Point | None = None) -> None:
    """A standing or walking person, `h` tall; `reach` is where one hand goes, from the shoulder."""
    hip, shoulder = ground - h * 0.45, ground - h * 0.78
    for side in (-1, 1):
        foot = x + side * h * stride
        c.line([(x + side * h * 0.04, hip), (foot, ground - h * 0.03)], look.legs, h * 0.09)
        c.line([(foot - h * 0.01, ground - h * 0.02), (foot + h * 0.05, ground - h * 0.02)], INK, h * 0.05)
    c.rect(x - h * 0.115, shoulder, h * 0.23, h * 0.4, look.coat, h * 0.09)
    hand = reach or (0.09, 0.3)
    sleeve = mix(look.coat, NIGHT, 0.2)
    c.line([(x + h * 0.06, shoulder + h * 0.08), (x + h * hand[0], shoulder + h * hand[1])], sleeve, h * 0.075)
    c.oval(x + h * hand[0], shoulder + h * hand[1], h * 0.038, fill=look.skin)
    c.rect(x - h * 0.03, shoulder - h * 0.05, h * 0.06, h * 0.09, mix(look.skin, NIGHT, 0.15))
    c.oval(x, ground - h * 0.89, h * 0.085, h * 0.095, fill=look.skin)
    box = c._at([(x - h * 0.095, ground - h * 1.0), (x + h * 0.095, ground - h * 0.8)])
    c.pen.pieslice(box, 170, 350, fill=rgb(look.hat or look.hair))
    if look.hat:
        c.oval(x, ground - h * 1.0, h * 0.03, fill=CREAM)


def wheel(c: Canvas, x: float, y: float, r: float) -> None:
    """A vehicle's wheel."""
    c.oval(x, y, r, fill="#1d2226")
    c.oval(x, y, r * 0.55, fill="#9aa6ad")
    c.oval(x, y, r * 0.2, fill="#4f5a61")


def photo(top: Colour, bottom: Colour) -> Canvas:
    """An empty story picture."""
    return Canvas(1200, 800, top, bottom)


# --- Story pictures -------------------------------------------------------------------------------------


def footbridge_reopens() -> Canvas:
    """People cross the footbridge over the Little Heron on a gold October-like day."""
    c = photo("#8cc4d6", "#fbe6c0")
    cloud(c, 260, 130, 90, alpha=0.8)
    cloud(c, 930, 90, 70, alpha=0.7)
    for x, top, half in ((120, 210, 330), (520, 130, 360), (890, 190, 340), (1160, 150, 300)):
        peak(c, x, top, 520, half, "#7d8fb0", 0.24)
    hills(c, 470, 36, "#8a9a6b", 4)
    for i, x in enumerate((40, 130, 215, 985, 1075, 1160)):
        leafy(c, x, 545, 150 + 30 * (i % 3), (GOLD, "#e39a34", "#d9b13c")[i % 3], i)
    c.gradient(0, 530, 1200, 270, "#4d9aa8", "#1c5a6c")
    rng = random.Random(8)
    for _ in range(60):
        y = rng.uniform(560, 790)
        x, w = rng.uniform(0, 1200), rng.uniform(20, 90) * (y - 500) / 250
        c.line([(x, y), (x + w, y)], "#a9dbe0", 2.5, 0.5)
    _banks(c)
    _suspension(c)
    _walkers(c)
    return c


def _banks(c: Canvas) -> None:
    left = smooth([(0, 505), (120, 515), (215, 560), (170, 640), (250, 720), (210, 800)])
    right = smooth([(1200, 500), (1080, 512), (990, 560), (1035, 650), (960, 730), (1000, 800)])
    c.poly([(0, 800), *left], "#6f7f4d")
    c.poly([(1200, 800), *right], "#66774a")
    for x, y, r in ((215, 600, 24), (240, 706, 34), (985, 590, 22), (985, 716, 36), (190, 665, 16)):
        c.oval(x, y, r, r * 0.6, fill="#8b8577")
        c.oval(x - 4, y - 5, r * 0.7, r * 0.35, fill="#a9a292")


def _suspension(c: Canvas) -> None:
    deck = [(x, 520 - 34 * math.cos((x - 600) / 350 * math.pi / 2)) for x in range(250, 951, 10)]
    for x in range(275, 950, 25):
        top = 250 + 215 * (1 - ((x - 600) / 350) ** 2)
        level = 520 - 34 * math.cos((x - 600) / 350 * math.pi / 2)
        c.line([(x, top), (x, level)], "#3b4a52", 2.2)
    cable = [(x, 250 + 215 * (1 - ((x - 600) / 350) ** 2)) for x in range(250, 951, 10)]
    c.line([(60, 545), *cable, (1140, 545)], "#2c383f", 6)
    c.line(deck, "#8a4b2f", 18)
    c.line([(x, y - 7) for x, y in deck], "#c97b4a", 6)
    c.line([(0, 540), (250, 520)], "#8a4b2f", 18)
    c.line([(950, 520), (1200, 540)], "#8a4b2f", 18)
    for x in (250, 950):
        c.poly([(x - 34, 640), (x - 18, 232), (x + 18, 232), (x + 34, 640)], RUST)
        c.poly([(x, 640), (x, 232), (x + 18, 232), (x + 34, 640)], "#a5422d")
        c.rect(x - 28, 222, 56, 20, "#8f3826", 4)
        c.rect(x - 52, 628, 104, 60, "#b7ab97", 6)
        c.rect(x - 52, 662, 104, 26, "#978b79", 6)


def _walkers(c: Canvas) -> None:
    figure(c, 430, 496, 104, Look("#2a6f9e", "#2f2b3a", "#8d5b3f"), 0.1)
    figure(c, 492, 491, 72, Look(GOLD, "#3d5a40", "#8d5b3f", hat="#c8553d"), 0.1)
    figure(c, 745, 494, 106, Look("#7a3b5c", "#30394a", "#e0ae8a", "#b9b2a8"), 0.08, (-0.2, 0.26))
    for x in (640, 702):
        c.ring(x, 470, 22, INK, 3.5)
    c.line([(640, 470), (664, 438), (692, 438), (702, 470), (668, 470), (664, 438)], "#e4572e", 4)
    c.line([(692, 438), (688, 424), (700, 420)], INK, 4)
    c.line([(664, 438), (661, 428)], INK, 4)
    c.line([(652, 426), (670, 426)], INK, 5)


def school_buses_electric() -> Canvas:
    """A yellow bus charges at dawn, under the peaks."""
    c = photo("#2f4a78", "#f7b56c")
    c.glow(820, 430, 420, "#ffe2a1", 0.9)
    for x, top, half in ((150, 170, 330), (470, 230, 280), (800, 190, 300), (1080, 120, 330)):
        peak(c, x, top, 560, half, "#6c6f9c", 0.26)
    hills(c, 500, 30, "#3f5a5c", 3)
    for x, h in ((40, 150), (95, 190), (150, 130), (1050, 140), (1105, 200), (1165, 160)):
        conifer(c, x, 560, h, "#244845")
    c.gradient(0, 548, 1200, 252, "#c9d3da", "#8f9ba6")
    c.poly([(0, 610), (1200, 590), (1200, 800), (0, 800)], "#4b525b")
    c.line([(0, 730), (1200, 712)], "#f1c84c", 6)
    _bus(c)
    _charger(c)
    figure(c, 1100, 716, 170, Look("#1f6f78", "#2b2f3a", "#a56a45", hat=RUST), 0.06)
    return c


def _bus(c: Canvas) -> None:
    c.oval(530, 700, 420, 20, fill=INK, alpha=0.35)
    c.rect(130, 330, 670, 330, "#f6b51e", 34)
    c.rect(770, 480, 150, 180, "#f6b51e", 26)
    c.rect(130, 600, 790, 62, "#d99510", 18)
    c.rect(122, 338, 690, 26, "#fbe9b2", 13)
    for i in range(6):
        c.rect(165 + i * 92, 390, 78, 92, "#2c4256", 10)
        c.poly([(170 + i * 92, 478), (205 + i * 92, 394), (230 + i * 92, 394), (195 + i * 92, 478)], "#4d6c87")
        if i in (0, 2, 3):
            c.oval(206 + i * 92, 458, 18, 20, fill=("#b97a56", "#6d4630", "#e2b48f")[i % 3])
            c.rect(184 + i * 92, 470, 44, 12, (RUST, TEAL, PLUM)[i % 3], 5)
    c.poly([(728, 388), (792, 388), (816, 482), (728, 482)], "#2c4256")
    c.poly([(742, 478), (758, 392), (776, 392), (762, 478)], "#4d6c87")
    for y in (506, 546):
        c.rect(130, y, 640, 8, INK)
    c.text(430, 582, "HERON COUNTY SCHOOLS", 34, INK)
    c.oval(900, 590, 20, fill="#fff3c4")
    c.rect(906, 630, 40, 20, "#3a424a", 8)
    for x in (265, 800):
        c.oval(x, 664, 72, fill="#b97f0c")
        wheel(c, x, 668, 58)


def _charger(c: Canvas) -> None:
    c.rect(1000, 440, 84, 270, "#e8eef2", 18)
    c.rect(1056, 440, 28, 270, "#c3ced6", 14)
    c.rect(1014, 462, 56, 70, "#16333a", 8)
    c.poly([(1046, 468), (1024, 502), (1040, 502), (1036, 526), (1060, 490), (1043, 490)], "#7ff0b0")
    cable = smooth([(1000, 610), (968, 668), (930, 650), (905, 560), (880, 540)])
    c.line(cable, "#1c2227", 11)
    c.rect(860, 522, 36, 34, "#2b343b", 8)


def snowplow_names() -> Canvas:
    """An orange plow throws up a wave of snow while children wave."""
    c = photo("#5f86ad", "#dfeaf3")
    for x, top, half in ((200, 150, 320), (560, 210, 280), (960, 130, 340)):
        peak(c, x, top, 520, half, "#7f95b5", 0.45)
    hills(c, 480, 24, "#c4d5e2", 12)
    for x, h in ((60, 180), (130, 230), (210, 170), (1010, 150), (1085, 220), (1150, 170)):
        conifer(c, x, 545, h, "#2f5560")
    hills(c, 560, 16, "#eef5fa", 5)
    c.poly([(0, 640), (1200, 610), (1200, 740), (0, 770)], "#59646e")
    c.line([(0, 705), (1200, 676)], "#f1c84c", 6)
    _plow(c)
    _spray(c)
    looks = (Look(GOLD, PLUM, "#e2b48f", hat=RUST), Look(TEAL, INK, "#7b4b31", hat=GOLD), Look("#b23a6b", INDIGO, "#c98f6b", hat=TEAL))
    for i, look in enumerate(looks):
        figure(c, 70 + 78 * i, 790 - 8 * (i % 2), 150 - 16 * (i % 2), look, 0.05, (0.2, -0.2))
    rng = random.Random(3)
    for _ in range(150):
        c.oval(rng.uniform(0, 1200), rng.uniform(0, 800), rng.uniform(1.5, 4), fill=SNOW, alpha=0.85)
    return c


def _plow(c: Canvas) -> None:
    c.oval(600, 715, 330, 18, fill=INK, alpha=0.35)
    c.poly([(300, 420), (610, 420), (590, 600), (330, 600)], "#b9471b")
    c.poly([(300, 420), (610, 420), (606, 452), (305, 452)], "#d35a25")
    c.poly([(318, 420), (380, 372), (470, 356), (560, 380), (596, 420)], "#8a7a66")
    c.rect(600, 350, 190, 270, "#ef7d22", 20)
    c.rect(770, 460, 130, 160, "#ef7d22", 22)
    c.rect(600, 560, 300, 60, "#cf6312", 12)
    c.poly([(640, 378), (766, 378), (784, 466), (640, 466)], "#2b4257")
    c.poly([(668, 462), (690, 382), (720, 382), (700, 462)], "#527190")
    c.rect(660, 318, 60, 32, "#3d464e", 8)
    c.oval(690, 322, 20, 16, fill="#ffce3a")
    c.glow(690, 318, 90, "#ffdf70", 0.55)
    c.rect(280, 600, 630, 40, "#2c343b", 8)
    c.text(462, 526, "BRRTHA", 54, CREAM)
    for x in (370, 470, 800):
        wheel(c, x, 660, 54)
    c.oval(888, 540, 16, fill="#fff6cf")
    c.line([(905, 620), (965, 640)], "#2c343b", 20)
    blade = smooth([(1010, 470), (965, 540), (962, 620), (1000, 706)])
    c.poly([*blade, (1040, 710), (1000, 620), (1004, 545), (1050, 470)], "#f2c230")
    c.poly([*blade, (1016, 708), (980, 620), (983, 543), (1026, 470)], "#c99a14")


def _spray(c: Canvas) -> None:
    rng = random.Random(11)
    for shade in ("#cfe0ec", "#e6f0f7", SNOW):
        for _ in range(34):
            along = rng.random()
            x = 1015 + along * 190 + rng.uniform(-24, 24)
            y = 720 - 250 * math.sin(min(1.0, along * 1.25) * math.pi * 0.55) + rng.uniform(-10, 130)
            c.oval(x, y, rng.uniform(14, 44), fill=shade)


def night_clinic() -> Canvas:
    """A small clinic with its lights on, long after dark."""
    c = photo("#0d1a38", "#3d4f7d")
    stars(c, 150, 420, 21)
    c.oval(980, 130, 46, fill="#f6efd6")
    c.oval(962, 120, 42, fill="#12204a")
    hills(c, 440, 46, "#1d2c50", 6)
    hills(c, 500, 22, "#18243f", 9)
    c.gradient(0, 540, 1200, 260, "#2a3550", "#161d30")
    c.glow(560, 520, 520, "#ffcf7d", 0.5)
    c.poly([(150, 330), (560, 236), (980, 330), (980, 346), (150, 346)], "#3b2a35")
    c.rect(180, 344, 770, 246, "#c9a27c")
    c.rect(180, 344, 770, 20, "#9c7859")
    for x in (220, 350, 760):
        c.rect(x, 396, 104, 112, "#5b3a2c", 6)
        c.rect(x + 8, 404, 88, 96, "#ffdf94", 4)
        c.line([(x + 52, 404), (x + 52, 500)], "#5b3a2c", 5)
    _clinic_people(c)
    c.rect(470, 384, 210, 206, "#5b3a2c", 6)
    c.rect(482, 396, 90, 194, "#fff0bf")
    c.rect(580, 396, 90, 194, "#fff0bf")
    c.oval(564, 500, 5, fill=INK)
    c.oval(588, 500, 5, fill=INK)
    c.rect(424, 300, 304, 56, TEAL, 10)
    c.text(576, 328, "CLINIC · OPEN", 33, CREAM)
    c.poly([(482, 590), (670, 590), (800, 800), (352, 800)], "#ffe2a0", 0.34)
    figure(c, 700, 690, 168, Look(RUST, INDIGO, "#c98f6b"), 0.09)
    figure(c, 762, 694, 98, Look(GOLD, "#3d3550", "#c98f6b", hat=TEAL), 0.09)
    _parked_car(c)
    juniper(c, 90, 610, 150, "#1d3a3a")
    juniper(c, 1130, 600, 130, "#1d3a3a")
    return c


def _clinic_people(c: Canvas) -> None:
    c.oval(400, 446, 16, fill="#8d5b3f")
    c.rect(378, 462, 46, 40, "#5fb0a8", 12)
    c.oval(790, 450, 14, fill="#c98f6b")
    c.rect(772, 464, 36, 36, "#7a3b5c", 10)


def _parked_car(c: Canvas) -> None:
    c.oval(190, 742, 180, 16, fill=NIGHT, alpha=0.6)
    c.poly([(20, 690), (20, 622), (130, 618), (160, 560), (258, 560), (290, 622), (352, 634), (356, 700), (20, 704)], "#4f7a8a")
    c.poly([(166, 570), (206, 570), (206, 618), (142, 618)], "#1b2a3e")
    c.poly([(216, 570), (252, 570), (276, 618), (216, 618)], "#1b2a3e")
    c.oval(350, 656, 9, 12, fill="#ffeeb0")
    for x in (92, 292):
        wheel(c, x, 704, 36)


def water_rates() -> Canvas:
    """The town's water tower over its roofs."""
    c = photo("#6fb3cf", "#f5ecd2")
    cloud(c, 210, 150, 110, alpha=0.85)
    cloud(c, 1010, 210, 90, alpha=0.8)
    for x, top, half in ((140, 330, 320), (980, 300, 340), (1180, 350, 260)):
        peak(c, x, top, 640, half, "#93a7bd", 0.22)
    hills(c, 600, 24, "#8aa176", 7)
    _tower(c)
    roofs = ((30, 640, 220, RUST), (250, 670, 200, "#7c6a8e"), (760, 664, 220, "#4f7f86"), (985, 640, 230, "#b6703f"))
    for x, y, w, roof in roofs:
        _house(c, x, y, w, roof)
    for x, h in ((238, 170), (735, 150), (972, 190)):
        leafy(c, x, 800, h, "#6e8f54", round(x))
    c.rect(0, 786, 1200, 14, "#5f7d4a")
    return c


def _tower(c: Canvas) -> None:
    for x0, x1 in ((500, 460), (700, 740)):
        c.line([(x0, 470), (x1, 790)], "#7d8d97", 18)
    for (xa, ya), (xb, yb) in (((490, 545), (722, 640)), ((710, 545), (478, 640)), ((478, 650), (738, 760)), ((722, 650), (462, 760))):
        c.line([(xa, ya), (xb, yb)], "#9dadb6", 6)
    c.line([(600, 480), (600, 790)], "#8b9aa4", 34)
    c.oval(600, 452, 210, 70, fill="#b9c8d0")
    c.rect(390, 250, 420, 206, "#d8e4ea")
    c.rect(660, 250, 150, 206, "#c3d2da")
    c.rect(740, 250, 70, 206, "#adbfc9")
    c.poly([(380, 254), (600, 140), (820, 254)], "#c8553d")
    c.poly([(600, 140), (820, 254), (690, 254)], "#a5422d")
    c.rect(590, 116, 20, 34, "#a5422d", 6)
    c.rect(376, 448, 448, 16, "#6d7e88", 6)
    drop = smooth([(600, 268), (632, 316), (634, 348), (600, 366), (566, 348), (568, 316), (600, 268)])
    c.poly(drop, "#2d8bb4")
    c.oval(588, 338, 7, 13, fill="#a9dcef")
    c.text(590, 410, "ALDER FERRY", 50, "#23483f")


def _house(c: Canvas, x: float, y: float, w: float, roof: Colour) -> None:
    c.rect(x, y, w, 140, CREAM)
    c.poly([(x - 18, y + 8), (x + w / 2, y - 78), (x + w + 18, y + 8)], roof)
    c.poly([(x + w / 2, y - 78), (x + w + 18, y + 8), (x + w * 0.72, y + 8)], mix(roof, NIGHT, 0.22))
    for dx in (0.18, 0.62):
        c.rect(x + w * dx, y + 40, w * 0.2, 46, "#4a6a80", 4)
        c.rect(x + w * (dx + 0.09), y + 40, 4, 46, CREAM)


def whose_water() -> Canvas:
    """A map-like view: the river, the ditch that leaves it, and the fields it waters."""
    c = photo("#d9c48f", "#c9ae74")
    rng = random.Random(5)
    tones = ("#8fae6b", "#6f9458", "#c9b458", "#a7bd74", "#d8bf6a", "#7fa063", "#b58f4e")
    ditch = smooth([(165, 205), (300, 235), (430, 330), (640, 370), (800, 480), (1010, 540), (1200, 690)])
    for row in range(7):
        for col in range(9):
            x, y = 60 + col * 130 + row * 22, -10 + row * 124 - col * 8
            _field(c, x, y, rng.choice(tones), rng)
    river = smooth([(120, -20), (210, 90), (150, 230), (250, 380), (180, 520), (330, 650), (290, 820)])
    c.line(river, "#d9c48f", 110)
    c.line(river, "#2b7f95", 74)
    c.line([(x - 8, y) for x, y in river], "#5fb3c2", 20)
    c.line(ditch, "#6b5a36", 34)
    c.line(ditch, "#3f9db0", 20)
    for i in (30, 44, 58, 70):
        x, y = ditch[i]
        c.line([(x, y), (x - 70, y + 150)], "#3f9db0", 7)
        c.rect(x - 14, y - 14, 28, 28, "#7a3b2a", 5)
    for i, (x, y) in enumerate(((300, 40), (90, 420), (390, 700), (330, 480), (60, 650), (1120, 120), (980, 380))):
        for dx, dy in ((0, 0), (26, 12), (-10, 26)):
            c.oval(x + dx + 6, y + dy + 8, 22, fill="#4a5d33", alpha=0.5)
            c.oval(x + dx, y + dy, 21, fill=("#4f7a47", "#648c4f")[i % 2])
    _pin(c, 206, 208)
    return c


def _field(c: Canvas, x: float, y: float, tone: Colour, rng: random.Random) -> None:
    corners = [(x, y), (x + 122, y - 8), (x + 144, y + 108), (x + 22, y + 116)]
    c.poly(corners, tone)
    stripe = mix(tone, NIGHT, 0.12)
    if rng.random() < 0.5:
        for i in range(1, 7):
            c.line([(x + i * 17, y - i), (x + 22 + i * 17, y + 116 - i)], stripe, 3)
    else:
        for i in range(1, 6):
            c.line([(x + i * 4, y + i * 19), (x + 122 + i * 4, y - 8 + i * 19)], stripe, 3)


def _pin(c: Canvas, x: float, y: float) -> None:
    c.oval(x + 14, y + 6, 22, 9, fill=NIGHT, alpha=0.35)
    c.poly([(x, y), (x - 36, y - 62), (x + 36, y - 62)], RUST)
    c.oval(x, y - 76, 40, fill=RUST)
    c.oval(x, y - 76, 17, fill=CREAM)


def gate_at_mile_nine() -> Canvas:
    """The iron headgate with water running under it."""
    c = photo("#e9b872", "#f9e6b9")
    c.glow(930, 250, 320, "#fff2c8", 0.9)
    for x, top, half in ((160, 230, 330), (560, 260, 300), (1000, 220, 340)):
        peak(c, x, top, 500, half, "#a0788a", 0.0)
    hills(c, 430, 26, "#8b8a55", 2)
    for x, h in ((70, 190), (170, 150), (1020, 170), (1130, 210)):
        leafy(c, x, 480, h, "#7c8f45", round(x))
    hills(c, 480, 10, "#79763f", 10)
    c.poly([(330, 470), (870, 470), (1150, 800), (50, 800)], "#2f8396")
    c.poly([(430, 560), (770, 560), (960, 800), (240, 800)], "#4ba4b2")
    _gate(c)
    rng = random.Random(2)
    for _ in range(70):
        y = 590 + 200 * rng.random() ** 1.3
        half = 150 + (y - 560) * 1.1
        x = 600 + rng.uniform(-half, half)
        c.line([(x, y), (x + rng.uniform(-8, 8), y + 10 + (y - 560) * 0.12)], SNOW, 3.5, 0.75)
    for i in range(26):
        c.oval(438 + i * 13, 592 + 7 * math.sin(i * 1.9), 17, 13, fill=SNOW, alpha=0.95)
    _willows(c)
    return c


def _gate(c: Canvas) -> None:
    for x in (300, 780):
        c.poly([(x, 400), (x + 120, 400), (x + 134, 640), (x - 14, 640)], "#b8ad98")
        c.poly([(x + 84, 400), (x + 120, 400), (x + 134, 640), (x + 92, 640)], "#948974")
        c.rect(x - 12, 386, 144, 22, "#cabfaa", 4)
    c.rect(420, 300, 18, 300, "#4a4038")
    c.rect(762, 300, 18, 300, "#4a4038")
    c.rect(404, 288, 392, 26, "#5d4f43", 5)
    c.rect(436, 420, 328, 158, "#8f4a30")
    for x in (470, 550, 632, 714):
        c.rect(x, 420, 10, 158, "#6f3620")
    for y in (444, 534):
        c.rect(436, y, 328, 14, "#a95c3d")
        for x in range(452, 764, 36):
            c.oval(x, y + 7, 4, fill="#5c2c1a")
    c.line([(600, 180), (600, 430)], "#3c4348", 14)
    for y in range(200, 420, 14):
        c.line([(592, y), (608, y + 6)], "#7b868d", 3)
    c.ring(600, 190, 92, "#2e3539", 16)
    c.ring(600, 190, 92, "#c8553d", 8)
    for turn in range(6):
        angle = math.radians(60 * turn + 12)
        c.line([(600, 190), (600 + 84 * math.cos(angle), 190 + 84 * math.sin(angle))], "#2e3539", 9)
    c.oval(600, 190, 20, fill="#c8553d")
    c.rect(828, 436, 62, 42, CREAM, 4)
    c.text(859, 457, "MI 9", 20, INK, "mono")


def _willows(c: Canvas) -> None:
    rng = random.Random(19)
    for base in (40, 110, 180, 1030, 1100, 1170):
        for _ in range(16):
            lean, tall = rng.uniform(-60, 60), rng.uniform(90, 200)
            tone = rng.choice(("#c46f3b", "#a8552f", "#d99449", "#8f8a44"))
            c.line(smooth([(base, 800), (base + lean * 0.3, 800 - tall * 0.6), (base + lean, 800 - tall)]), tone, 4)


def ditch_riders_book() -> Canvas:
    """An old notebook on the dashboard of a truck, fields beyond the windshield."""
    c = photo("#f3c27b", "#fbe7bd")
    c.glow(300, 230, 300, "#fff4cf", 0.9)
    for x, top, half in ((180, 180, 260), (520, 140, 300), (900, 190, 320)):
        peak(c, x, top, 380, half, "#9c7f95", 0.18)
    c.gradient(0, 370, 1200, 160, "#9fb068", "#6e8a4c")
    for i in range(-8, 18):
        c.line([(600 + (i - 5) * 26, 372), (600 + (i - 5) * 150, 540)], "#587440", 4)
    c.poly([(690, 372), (706, 372), (960, 540), (800, 540)], "#58a9b8")
    c.blur_behind(1.5)
    for corner in ([(0, 0), (110, 0), (28, 520), (0, 540)], [(1200, 0), (1090, 0), (1172, 520), (1200, 540)]):
        c.poly(corner, "#3a2f35")
    c.rect(0, 0, 1200, 52, "#3a2f35")
    c.rect(520, 40, 190, 62, "#2b2328", 18)
    c.rect(532, 48, 166, 44, "#8da3b5", 12)
    dash = smooth([(0, 500), (300, 468), (700, 462), (1200, 496)])
    c.poly([*dash, (1200, 800), (0, 800)], "#54423d")
    c.poly([*[(x, y + 26) for x, y in dash], (1200, 800), (0, 800)], "#463631")
    _notebook(c)
    _thermos(c)
    return c


def _notebook(c: Canvas) -> None:
    c.poly([(222, 734), (338, 500), (920, 500), (1016, 734), (620, 762)], NIGHT, 0.4)
    c.poly([(210, 716), (330, 486), (626, 500), (620, 744)], "#7a3b2a")
    c.poly([(626, 500), (922, 486), (1020, 716), (620, 744)], "#6a3122")
    c.poly([(232, 702), (344, 482), (622, 496), (618, 728)], "#f6e9c8")
    c.poly([(622, 496), (908, 482), (998, 702), (618, 728)], "#efdfb8")
    rng = random.Random(4)
    for row in range(9):
        t = 0.1 + row * 0.095
        y_edge, y_mid = 482 + 220 * t, 496 + 232 * t
        left, right = 344 - 112 * t, 908 + 90 * t
        c.line([(left + 16, y_edge + 4), (610, y_mid)], "#b9a678", 1.6)
        c.line([(634, y_mid), (right - 16, y_edge + 4)], "#b9a678", 1.6)
        _scribble(c, left + 34, 560 - 14 * t, y_edge + 2, y_mid - 4, rng)
        if row not in (4, 5, 6):
            _scribble(c, 650, right - 60, y_mid - 4, y_edge + 2, rng)
    bars = ((690, 40), (730, 64), (770, 52), (810, 86), (850, 70))
    for x, h in bars:
        c.rect(x, 660 - h, 26, h, "#3f8fa3", 2)
    c.line([(676, 662), (896, 656)], INK, 3)
    c.line([(560, 770), (860, 640)], "#e8b23a", 14)
    c.line([(560, 770), (540, 779)], "#2c2622", 7)
    c.line([(846, 646), (866, 637)], "#d97a7a", 14)


def _scribble(c: Canvas, x0: float, x1: float, y0: float, y1: float, rng: random.Random) -> None:
    x = x0
    while x < x1 - 30:
        end = min(x1, x + rng.uniform(24, 74))
        points = []
        while x < end:
            share = (x - x0) / (x1 - x0)
            points.append((x, y0 + (y1 - y0) * share - rng.uniform(0, 8)))
            x += 5
        if len(points) > 1:
            c.line(points, "#3b4a6b", 2.4)
        x += rng.uniform(12, 22)


def _thermos(c: Canvas) -> None:
    c.rect(1068, 420, 86, 260, "#3f6b5c", 16)
    c.rect(1126, 420, 28, 260, "#2e5145", 14)
    c.rect(1068, 470, 86, 12, CREAM)
    c.rect(1078, 378, 66, 52, "#c8ced2", 10)
    c.rect(62, 560, 104, 110, "#c8553d", 14)
    c.ring(66, 612, 32, "#c8553d", 14, 80, 280)
    c.oval(114, 562, 52, 13, fill="#8f3826")
    c.oval(114, 564, 42, 9, fill="#3b2318")
    for x in (96, 128):
        c.line(smooth([(x, 544), (x + 12, 516), (x - 6, 488), (x + 8, 458)]), SNOW, 5, 0.5)


def beaver_count() -> Canvas:
    """A survey plane over a beaver pond with its dam and lodge."""
    c = photo("#8fc9d9", "#f3ead0")
    for x, top, half in ((100, 200, 300), (430, 150, 330), (820, 210, 300), (1120, 160, 320)):
        peak(c, x, top, 460, half, "#8597a8", 0.28)
    hills(c, 410, 22, "#6d8f63", 14)
    for i in range(15):
        conifer(c, 20 + i * 84, 452 + 10 * (i % 3), 110 + 34 * ((i * 7) % 4), ("#2c5b4a", "#376b52")[i % 2])
    c.gradient(0, 446, 1200, 354, "#7fbfc6", "#245f70")
    c.poly([(0, 446), (1200, 446), *smooth([(1200, 470), (900, 490), (500, 478), (200, 494), (0, 476)])], "#3b7a72", 0.45)
    for y in range(500, 790, 34):
        c.line([(140 + (y * 7) % 330, y), (300 + (y * 7) % 330, y)], "#d5eef0", 2.5, 0.5)
        c.line([(700 + (y * 5) % 300, y + 14), (820 + (y * 5) % 300, y + 14)], "#d5eef0", 2.5, 0.5)
    _lodge(c)
    _dam(c)
    _beaver(c)
    _plane(c)
    return c


def _lodge(c: Canvas) -> None:
    rng = random.Random(6)
    c.poly(smooth([(640, 590), (700, 505), (800, 448), (910, 502), (985, 590)]), "#6a4c34")
    for _ in range(120):
        angle = rng.uniform(0, math.pi)
        r = rng.random() ** 0.6
        x, y = 812 + 160 * r * math.cos(angle), 586 - 122 * r * math.sin(angle)
        tilt, size = rng.uniform(-0.9, 0.9), rng.uniform(18, 50)
        c.line(
            [(x - size * math.cos(tilt), y - size * math.sin(tilt) * 0.5), (x + size * math.cos(tilt), y + size * math.sin(tilt) * 0.5)],
            rng.choice(("#8b6846", "#a78358", "#553b28", "#c2a074")),
            5,
        )
    c.poly(smooth([(636, 582), (812, 596), (988, 582), (996, 604), (812, 616), (628, 604), (636, 582)]), "#4a8f9c")
    c.line(smooth([(620, 604), (812, 616), (1004, 604)]), "#cfe9ea", 3.5, 0.7)


def _dam(c: Canvas) -> None:
    rng = random.Random(16)
    crest = smooth([(0, 668), (200, 690), (420, 724), (640, 742), (880, 734), (1200, 700)])
    c.poly([*crest, (1200, 800), (0, 800)], "#5a4029")
    for x, y in crest:
        for _ in range(9):
            drop, tilt, size = rng.uniform(-8, 110), rng.uniform(-0.7, 0.7), rng.uniform(24, 66)
            px = x + rng.uniform(-14, 14)
            c.line(
                [
                    (px - size * math.cos(tilt), y + drop - size * math.sin(tilt) * 0.6),
                    (px + size * math.cos(tilt), y + drop + size * math.sin(tilt) * 0.6),
                ],
                rng.choice(("#8b6846", "#a78358", "#6b4d33", "#c2a074", "#7a8a4a")),
                rng.uniform(5, 9),
            )


def _beaver(c: Canvas) -> None:
    for i in range(3):
        c.line([(250 + 90 * i, 630 + 4 * i), (420 + 110 * i, 668 + 10 * i)], "#d5eef0", 3, 0.55)
    c.poly(smooth([(300, 618), (316, 578), (372, 566), (440, 586), (500, 620)]), "#6b4226")
    c.poly(smooth([(240, 622), (246, 576), (290, 548), (336, 568), (350, 622)]), "#7d4f2e")
    c.oval(304, 556, 13, fill="#5c3820")
    c.oval(272, 580, 7, fill=INK)
    c.oval(270, 578, 2.4, fill=SNOW)
    c.oval(240, 598, 12, 9, fill="#3a2417")
    c.poly(smooth([(500, 620), (560, 596), (606, 606), (566, 628), (500, 622)]), "#3d2a1f")
    c.line([(150, 606), (250, 612)], "#8b6846", 9)
    for x, y in ((160, 590), (190, 588), (140, 612), (178, 622)):
        c.oval(x, y, 15, 8, fill="#7fae58")
    c.line([(228, 622), (512, 622)], "#e2f3f4", 4, 0.8)


def _plane(c: Canvas) -> None:
    x, y = 300, 150
    c.poly([(x - 150, y - 4), (x - 178, y - 62), (x - 140, y - 58), (x - 106, y - 8)], RUST)
    c.poly(smooth([(x - 164, y), (x - 40, y - 26), (x + 80, y - 30), (x + 132, y + 2), (x + 80, y + 26), (x - 40, y + 18), (x - 164, y)]), CREAM)
    c.poly([(x - 160, y + 4), (x + 128, y + 6), (x + 92, y + 22), (x - 40, y + 17)], RUST)
    c.poly([(x + 20, y - 28), (x + 40, y - 52), (x + 82, y - 48), (x + 100, y - 24)], "#38566b")
    c.rect(x - 66, y - 66, 236, 15, "#d9c9a5", 7)
    c.line([(x + 22, y + 16), (x + 12, y - 56)], "#8a7a66", 4)
    c.line([(x + 132, y - 36), (x + 132, y + 40)], INK, 5)
    c.line([(x + 50, y + 24), (x + 62, y + 46)], INK, 5)
    c.oval(x + 64, y + 50, 12, fill=INK)


def darker_on_purpose() -> Canvas:
    """The Milky Way over the valley; a telescope, two people, and one shielded lamp."""
    c = photo("#070d22", "#24365f")
    _milky_way(c)
    stars(c, 420, 620, 33)
    c.line([(880, 90), (1010, 150)], CREAM, 2, 0.9)
    c.glow(600, 640, 420, "#3f5d86", 0.4)
    hills(c, 600, 40, "#101a33", 17)
    for x, y in ((120, 640), (188, 652), (260, 636), (336, 660), (420, 644), (500, 655)):
        c.glow(x, y, 18, "#ffc56b", 0.7)
        c.oval(x, y, 2.6, fill="#ffe2ae")
    hills(c, 690, 18, "#0a1124", 20)
    _telescope(c)
    figure(c, 720, 712, 168, Look("#26365f", "#101828", "#5e4334"), 0.05)
    figure(c, 560, 712, 118, Look("#5b3758", "#101828", "#5e4334", hat="#8a4a3a"), 0.05, (0.16, -0.14))
    c.line([(1070, 720), (1070, 430), (1010, 424)], "#2d374f", 10)
    c.poly([(960, 436), (1020, 416), (1036, 430), (1030, 440)], "#3d4864")
    c.poly([(964, 438), (1028, 440), (1110, 730), (880, 730)], "#ffcf86", 0.3)
    c.oval(995, 728, 116, 14, fill="#ffcf86", alpha=0.45)
    return c


def _milky_way(c: Canvas) -> None:
    rng = random.Random(12)
    for _ in range(70):
        t = rng.random()
        x, y = 180 + 760 * t + rng.gauss(0, 26), 600 - 640 * t + rng.gauss(0, 30)
        c.glow(x, y, rng.uniform(60, 130), rng.choice(("#5f6fae", "#8a6ea6", "#6fa0c2", "#c7a6b8")), 0.12)
    for _ in range(900):
        t = rng.random()
        x, y = 180 + 760 * t + rng.gauss(0, 52), 600 - 640 * t + rng.gauss(0, 52)
        c.oval(x, y, rng.uniform(0.4, 1.3), fill=CREAM, alpha=rng.uniform(0.3, 0.9))


def _telescope(c: Canvas) -> None:
    for foot in (592, 646, 694):
        c.line([(644, 596), (foot, 712)], "#8a93a8", 6)
    c.line([(600, 636), (744, 512)], "#d7dce6", 34)
    c.line([(612, 626), (640, 602)], "#9aa3b8", 35)
    c.line([(724, 530), (748, 509)], RUST, 38)
    c.line([(592, 644), (584, 651)], "#49536b", 16)


def time_capsule() -> Canvas:
    """The old depot, and a copper box on a table before it."""
    c = photo("#f0c48a", "#fdf0d2")
    c.glow(960, 200, 260, "#fff6d8", 0.9)
    hills(c, 330, 40, "#c39a86", 22)
    hills(c, 390, 24, "#9c9a72", 23)
    c.rect(120, 300, 960, 250, "#b5583c")
    for y in range(312, 550, 17):
        c.line([(120, y), (1080, y)], "#a34c33", 2)
    c.poly([(60, 312), (200, 206), (1000, 206), (1140, 312)], "#4d5a52")
    c.poly([(60, 312), (1140, 312), (1130, 328), (70, 328)], "#3c4741")
    c.rect(510, 120, 180, 190, "#b5583c")
    c.poly([(490, 126), (600, 54), (710, 126)], "#4d5a52")
    _clock(c, 600, 196)
    c.rect(420, 262, 360, 42, JUNIPER, 6)
    c.text(600, 284, "ALDER FERRY", 30, CREAM, "serif")
    for x in (170, 300, 800, 930):
        c.rect(x, 366, 96, 150, "#f3e3c0", 6)
        c.rect(x + 9, 375, 78, 132, "#4a6a80", 4)
        c.line([(x + 48, 375), (x + 48, 507)], "#f3e3c0", 6)
        c.line([(x + 9, 436), (x + 87, 436)], "#f3e3c0", 6)
    c.rect(510, 366, 180, 184, "#f3e3c0", 6)
    c.rect(524, 380, 152, 170, "#3f5c52", 4)
    c.gradient(0, 548, 1200, 252, "#cbb890", "#a48d66")
    for x in range(-200, 1400, 110):
        c.line([(x * 0.7 + 180, 548), (x, 800)], "#94805c", 3)
    _crowd(c)
    _capsule(c)
    return c


def _clock(c: Canvas, x: float, y: float) -> None:
    c.oval(x, y, 50, fill=INK)
    c.oval(x, y, 44, fill=CREAM)
    for hour in range(12):
        angle = math.radians(hour * 30)
        c.oval(x + 36 * math.sin(angle), y - 36 * math.cos(angle), 3, fill=INK)
    c.line([(x, y), (x + 3, y - 30)], INK, 4)
    c.line([(x, y), (x + 20, y + 8)], INK, 5)


def _crowd(c: Canvas) -> None:
    looks = (
        Look(TEAL, INK, "#8d5b3f"),
        Look("#d9b13c", INDIGO, "#e0ae8a", "#8a4a2a"),
        Look(PLUM, INK, "#c98f6b", "#cfc8bd"),
        Look("#3f6fa0", "#3c3a38", "#6d4630"),
    )
    for x, h, look in zip((190, 300, 915, 1020), (200, 176, 190, 210), looks, strict=True):
        c.oval(x, 652, h * 0.2, 8, fill=INK, alpha=0.25)
        figure(c, x, 650, h, look, 0.05)


def _capsule(c: Canvas) -> None:
    c.oval(600, 772, 310, 20, fill=INK, alpha=0.3)
    for x in (370, 800):
        c.rect(x, 672, 26, 104, "#6b4a30")
    c.rect(330, 650, 540, 30, "#8a6140", 6)
    c.rect(330, 650, 540, 12, "#a97a50", 6)
    c.rect(450, 520, 300, 132, "#b8703a", 8)
    c.rect(650, 520, 100, 132, "#97572a", 8)
    c.rect(450, 520, 300, 14, "#d99257", 6)
    for x in (470, 730):
        for y in (548, 590, 632):
            c.oval(x, y, 5, fill="#6f3d1c")
    c.rect(500, 556, 180, 62, "#e8c48c", 4)
    c.text(590, 575, "OPEN IN", 21, "#5a3216", "serif")
    c.text(590, 601, "2031", 27, "#5a3216", "serif")
    c.poly([(700, 640), (790, 622), (812, 646), (722, 662)], "#f4ead0")
    c.poly([(380, 648), (392, 616), (430, 610), (428, 648)], "#d8e0e6")
    c.line([(352, 646), (440, 638)], "#c8553d", 6)


def brass_band() -> Canvas:
    """A band rehearses in the park's bandstand at dusk."""
    c = photo("#3b2a5e", "#f29a6b")
    stars(c, 60, 200, 41)
    hills(c, 470, 34, "#5a3c63", 25)
    for x, h in ((70, 300), (180, 230), (1040, 250), (1140, 310)):
        leafy(c, x, 620, h, "#3f3558", round(x))
    c.gradient(0, 600, 1200, 200, "#5d5a53", "#3a3a44")
    c.glow(600, 420, 430, "#ffd48a", 0.75)
    c.rect(250, 610, 700, 76, "#b99a78", 8)
    c.rect(250, 610, 700, 18, "#dcc09a", 8)
    for x in (280, 440, 745, 905):
        c.rect(x, 300, 18, 312, CREAM, 4)
    c.poly([(200, 304), (600, 130), (1000, 304)], "#7a3048")
    c.poly([(600, 130), (1000, 304), (760, 304)], "#5f2338")
    c.rect(200, 298, 800, 20, CREAM, 8)
    c.line([(600, 130), (600, 86)], "#5f2338", 7)
    c.poly([(603, 88), (660, 102), (603, 118)], GOLD)
    for i in range(17):
        x = 225 + i * 47
        c.oval(x, 334 + 10 * math.sin(i * math.pi / 2) ** 2, 7, fill="#ffe9a8")
    _players(c)
    return c


def _players(c: Canvas) -> None:
    looks = (
        Look("#27406b", "#1e2433", "#8d5b3f"),
        Look("#27406b", "#1e2433", "#e0ae8a", "#b06a32"),
        Look("#27406b", "#1e2433", "#c98f6b"),
        Look("#27406b", "#1e2433", "#6d4630"),
    )
    for x, look in zip((350, 500, 660, 850), looks, strict=True):
        figure(c, x, 616, 196, look, 0.06, (0.2, -0.03))
    brass, shade = "#f2c14e", "#b98420"
    for x in (350, 500):
        c.line([(x + 12, 442), (x + 84, 442)], brass, 7)
        c.poly([(x + 74, 438), (x + 108, 418), (x + 108, 470), (x + 74, 447)], brass)
        c.ring(x + 48, 456, 15, shade, 6)
    c.line([(672, 446), (720, 446), (790, 470)], shade, 6)
    c.line([(672, 458), (714, 458), (784, 484), (790, 470)], shade, 6)
    c.line([(674, 430), (724, 428)], brass, 7)
    c.ring(676, 440, 10, brass, 6, 90, 270)
    c.poly([(716, 425), (758, 400), (758, 458), (716, 432)], brass)
    c.ring(850, 498, 46, brass, 16)
    c.line([(894, 500), (898, 410)], brass, 18)
    c.poly([(882, 414), (850, 352), (958, 352), (916, 414)], brass)
    c.oval(904, 352, 54, 13, fill=shade)
    c.line([(812, 480), (846, 446)], shade, 8)


def accordion_repair() -> Canvas:
    """A red accordion open on the workbench under a lamp."""
    c = photo("#4a3a35", "#6b5145")
    c.rect(760, 70, 340, 290, "#8a6a4e", 6)
    c.gradient(776, 86, 308, 258, "#7fb2c8", "#f4dcae")
    c.poly([(776, 344), (860, 240), (940, 300), (1010, 220), (1084, 330), (1084, 344)], "#7b8a8d")
    c.rect(924, 86, 12, 258, "#8a6a4e")
    c.rect(776, 208, 308, 12, "#8a6a4e")
    _tool_board(c)
    c.glow(480, 470, 420, "#ffd78f", 0.55)
    c.rect(0, 640, 1200, 160, "#9c6b41")
    c.rect(0, 640, 1200, 20, "#bd8856")
    for y in (700, 748):
        c.line([(0, y), (1200, y - 6)], "#87582f", 3)
    _accordion(c)
    c.line([(150, 640), (120, 420), (300, 240)], "#394047", 12)
    c.poly([(252, 214), (352, 232), (372, 330), (214, 280)], "#3f7a6c")
    c.oval(292, 306, 26, 14, fill="#fff2c2")
    for i in range(5):
        c.rect(930 + i * 46, 600 - 6 * (i % 2), 34, 44, "#d7c39a", 5)
        c.rect(938 + i * 46, 610 - 6 * (i % 2), 18, 26, "#8c6f49", 3)
    c.line([(90, 700), (260, 722)], "#c8553d", 16)
    c.line([(260, 722), (340, 732)], "#c7ced3", 8)
    return c


def _tool_board(c: Canvas) -> None:
    c.rect(90, 70, 560, 230, "#7d5b43", 8)
    for i, x in enumerate((140, 210, 280)):
        c.line([(x, 110), (x, 165)], (RUST, TEAL, GOLD)[i], 18)
        c.line([(x, 170), (x, 250)], "#c7ced3", 7)
    c.line([(420, 110), (420, 250)], "#c9a36e", 14)
    c.rect(382, 96, 84, 38, "#9aa6ad", 8)
    for x in (540, 600):
        c.ring(x, 130, 26, "#c7ced3", 9)
        c.line([(x, 158), (x, 256)], "#c7ced3", 12)


def _accordion(c: Canvas) -> None:
    c.oval(560, 662, 350, 18, fill=INK, alpha=0.4)
    folds = 13
    for i in range(folds):
        x = 420 + i * 21
        top = 392 - 26 * math.sin(i / (folds - 1) * math.pi)
        c.poly([(x, top + 8), (x + 10.5, top), (x + 10.5, 650), (x, 644)], "#efe0c2")
        c.poly([(x + 10.5, top), (x + 21, top + 8), (x + 21, 644), (x + 10.5, 650)], "#8f2f2a")
    c.rect(236, 372, 190, 282, "#b32d2d", 26)
    c.rect(236, 372, 60, 282, "#8d2020", 26)
    c.rect(312, 396, 96, 120, "#e9c97e", 10)
    for row in range(5):
        for col in range(4):
            c.rect(320 + col * 22, 404 + row * 22, 15, 12, "#7a1c1c", 3)
    c.rect(244, 388, 34, 252, CREAM, 4)
    for i in range(12):
        c.line([(246, 400 + i * 20), (276, 400 + i * 20)], "#b9ad96", 1.6)
        if i % 7 not in (2, 6):
            c.rect(244, 404 + i * 20, 20, 11, INK, 2)
    c.rect(692, 372, 150, 282, "#b32d2d", 26)
    c.rect(786, 372, 56, 282, "#8d2020", 26)
    for row in range(8):
        for col in range(3):
            c.oval(726 + col * 30, 410 + row * 30, 8, fill=CREAM)
            c.oval(727 + col * 30, 412 + row * 30, 6, fill="#d8cbb0")


def choir_recording() -> Canvas:
    """A school choir before a microphone, in a grange hall."""
    c = photo("#c98f55", "#e8c48c")
    for x in range(0, 1200, 80):
        c.line([(x, 0), (x, 620)], "#b97f48", 3)
    for x in (90, 940):
        c.rect(x, 70, 170, 250, "#8a5a30", 8)
        c.gradient(x + 14, 84, 142, 222, "#9fd0df", "#f7efd8")
        c.line([(x + 85, 84), (x + 85, 306)], "#8a5a30", 8)
        c.line([(x + 14, 196), (x + 156, 196)], "#8a5a30", 8)
    c.rect(360, 60, 480, 74, JUNIPER, 10)
    c.text(600, 98, "SEGO FLAT GRANGE HALL", 27, CREAM, "serif")
    c.gradient(0, 610, 1200, 190, "#8a5a35", "#6b4327")
    for i, (y, count) in enumerate(((600, 9), (660, 8), (724, 7))):
        c.rect(140 - 30 * i, y - 26, 920 + 60 * i, 70, ("#7a4c2a", "#86552f", "#925e35")[i], 6)
        for k in range(count):
            _singer(c, 200 - 8 * i + k * (800 + 16 * i) / (count - 1), y - 20, 210, i * 11 + k)
    c.line([(600, 800), (600, 560)], "#22282d", 12)
    c.rect(566, 380, 68, 176, "#2b3238", 34)
    c.rect(572, 386, 56, 96, "#aab4bb", 28)
    for y in range(396, 476, 11):
        c.line([(576, y), (624, y)], "#6f7c85", 3)
    c.ring(600, 470, 62, "#444e55", 8, 20, 160)
    return c


def _singer(c: Canvas, x: float, ground: float, h: float, seed: int) -> None:
    rng = random.Random(seed * 7 + 3)
    skin = rng.choice(("#e2b48f", "#c98f6b", "#8d5b3f", "#6d4630", "#edc6a5"))
    hair = rng.choice(("#2e211c", "#5a3722", "#8a4a2a", "#1d1a1a", "#c59a52"))
    top = ground - h * 0.62
    c.poly([(x - h * 0.2, ground), (x - h * 0.14, top), (x + h * 0.14, top), (x + h * 0.2, ground)], "#2f5d6b")
    c.poly([(x - h * 0.07, top), (x + h * 0.07, top), (x, top + h * 0.2)], "#f0c95c")
    if rng.random() < 0.5:
        c.oval(x, top - h * 0.1, h * 0.15, h * 0.18, fill=hair)
    c.rect(x - h * 0.04, top - h * 0.06, h * 0.08, h * 0.1, mix(skin, NIGHT, 0.15))
    c.oval(x, top - h * 0.13, h * 0.11, h * 0.125, fill=skin)
    c.pen.pieslice(c._at([(x - h * 0.12, top - h * 0.28), (x + h * 0.12, top - h * 0.02)]), 185, 355, fill=rgb(hair))
    for side in (-1, 1):
        c.oval(x + side * h * 0.042, top - h * 0.135, h * 0.012, fill=INK)
    c.oval(x, top - h * 0.07, h * 0.026, h * 0.034, fill="#6e2a2a")


# --- Show artwork, the logo, portraits ------------------------------------------------------------------


def poster(top: Colour, bottom: Colour) -> Canvas:
    """An empty square of the size that podcast apps want."""
    return Canvas(1400, 1400, top, bottom)


def credit_line(c: Canvas, fill: Colour) -> None:
    """The station's name along the lower edge."""
    c.text(700, 1330, "JUNIPER VALLEY PUBLIC RADIO", 40, fill)


def newsroom_art() -> Canvas:
    """Sunrise over the valley and the station's tower."""
    c = poster("#1d4a6b", "#f6b26b")
    c.glow(920, 760, 560, "#ffe6a8", 0.95)
    c.oval(920, 770, 165, fill="#fff1c4")
    for x, top, half in ((120, 640, 420), (520, 700, 380), (1290, 620, 460)):
        peak(c, x, top, 1080, half, "#5f7396", 0.2)
    hills(c, 960, 60, "#3f6a66", 31)
    hills(c, 1060, 50, "#2b5049", 32)
    hills(c, 1190, 36, "#1b3831", 33)
    for x, size in ((90, 170), (250, 120), (1290, 190), (1130, 130)):
        juniper(c, x, 1220, size, "#122a25")
    _mast(c, 420, 1110, 520)
    c.text(80, 200, "Juniper Valley", 128, CREAM, "sans", "lm")
    c.text(80, 360, "Newsroom", 186, GOLD, "sans", "lm")
    credit_line(c, CREAM)
    return c


def _mast(c: Canvas, x: float, ground: float, height: float) -> None:
    top = ground - height
    for side in (-1, 1):
        c.line([(x + side * 70, ground), (x, top)], CREAM, 8)
    for step in range(9):
        share, after = step / 9, (step + 1) / 9
        low, high = 70 * (1 - share), 70 * (1 - after)
        y0, y1 = ground - height * share, ground - height * after
        c.line([(x - low, y0), (x + high, y1)], CREAM, 4)
        c.line([(x + low, y0), (x - high, y1)], CREAM, 4)
    c.oval(x, top, 16, fill=RUST)
    for r in (60, 105, 150):
        c.ring(x, top, r, RUST, 14, 300, 60)
        c.ring(x, top, r, RUST, 14, 120, 240)


def long_ditch_art() -> Canvas:
    """A ditch that runs through striped fields to the mountains."""
    c = poster("#f2c879", "#fae7b8")
    c.oval(1080, 560, 120, fill="#e2703f")
    for x, top, half in ((180, 560, 420), (640, 500, 460), (1180, 590, 420)):
        peak(c, x, top, 840, half, "#8c5a6d", 0.16)
    _furrows(c)
    stream = [(700, 820), (640, 880), (800, 960), (560, 1080), (860, 1210), (520, 1400)]
    edge = [(712, 820), (668, 880), (862, 960), (690, 1080), (1080, 1210), (900, 1400)]
    bank_l, bank_r = (
        smooth([(x - 26 * i / 2, y) for i, (x, y) in enumerate(stream)]),
        smooth([(x + 26 * i / 2, y) for i, (x, y) in enumerate(edge)]),
    )
    c.poly([*bank_l, *reversed(bank_r)], "#6b4a30")
    c.poly([*smooth(stream), *reversed(smooth(edge))], "#2f8ea1")
    inner = smooth([(x + (e - x) * 0.25, y) for (x, y), (e, _) in zip(stream, edge, strict=True)])
    outer = smooth([(x + (e - x) * 0.45, y) for (x, y), (e, _) in zip(stream, edge, strict=True)])
    c.poly([*inner, *reversed(outer)], "#7cc9cf")
    c.text(700, 170, "The Long", 190, "#5a2a2f", "serif")
    c.text(700, 370, "Ditch", 250, "#8a3a2c", "serif")
    c.rect(0, 1270, 1400, 130, "#3b2a22")
    credit_line(c, "#fae7b8")
    return c


def _furrows(c: Canvas) -> None:
    c.rect(0, 820, 1400, 580, "#7d9a4f")
    tones = ("#9bb45c", "#d8b24a", "#6e8c46", "#c79a3d")
    for i in range(-14, 30):
        near0, near1 = 700 + (i - 8) * 190, 700 + (i - 7) * 190
        far0, far1 = 700 + (i - 8) * 44, 700 + (i - 7) * 44
        c.poly([(far0, 820), (far1, 820), (near1, 1400), (near0, 1400)], tones[i % 4])


def porchlight_art() -> Canvas:
    """A porch at night: a lamp, a chair, a guitar, moths."""
    c = poster("#101c3a", "#2c3c6b")
    stars(c, 150, 700, 52, 4)
    hills(c, 900, 50, "#162447", 53)
    c.glow(980, 560, 760, "#ffc765", 0.75)
    c.rect(0, 1120, 1400, 280, "#5b3b2c")
    for x in range(-400, 1900, 150):
        c.line([(x * 0.8 + 140, 1120), (x, 1400)], "#472c20", 6)
    c.rect(0, 1120, 1400, 16, "#7d5540")
    c.rect(120, 480, 60, 650, "#d8c6a4")
    c.rect(156, 480, 24, 650, "#b39f7d")
    c.line([(980, 0), (980, 470)], "#20180f", 9)
    c.poly([(900, 520), (940, 468), (1020, 468), (1060, 520)], "#c8553d")
    c.oval(980, 556, 52, 58, fill="#fff3c9")
    for x, y in ((870, 610), (1100, 640), (1080, 470), (850, 490)):
        c.poly([(x, y), (x - 20, y - 18), (x - 13, y + 8)], CREAM)
        c.poly([(x, y), (x + 20, y - 18), (x + 13, y + 8)], SAND)
    _rocking_chair(c)
    _guitar(c)
    c.text(80, 170, "Porchlight", 190, "#ffd98a", "serif", "lm")
    c.text(86, 350, "Sessions", 150, CREAM, "serif", "lm")
    credit_line(c, "#ffd98a")
    return c


def _rocking_chair(c: Canvas) -> None:
    wood, dark = "#b9763f", "#8f5527"
    c.line([(330, 690), (380, 1010)], dark, 24)
    c.line([(560, 690), (560, 1010)], wood, 24)
    for x in (388, 440, 492):
        c.line([(x - 8, 715), (x + 10, 1000)], wood, 14)
    c.line([(318, 690), (574, 690)], wood, 32)
    c.rect(350, 990, 310, 38, wood, 16)
    c.line([(565, 870), (680, 870), (664, 1000)], wood, 20)
    for x0, x1 in ((372, 352), (640, 652)):
        c.line([(x0, 1020), (x1, 1190)], dark, 24)
    c.line(smooth([(250, 1170), (400, 1214), (560, 1216), (740, 1166)]), wood, 22)


def _guitar(c: Canvas) -> None:
    c.line([(985, 950), (1130, 650)], "#4a2c1c", 30)
    c.line([(1126, 660), (1156, 596)], "#2f1b11", 44)
    for x, y, r in ((930, 1060, 128), (990, 930, 96)):
        c.oval(x, y, r, fill="#8f4a22")
    for x, y, r in ((930, 1060, 114), (990, 930, 83)):
        c.oval(x, y, r, fill="#e0a256")
    c.line([(958, 1000), (1130, 650)], "#4a2c1c", 28)
    c.oval(966, 985, 44, fill="#3a2114")
    c.line([(880, 1090), (950, 1124)], "#4a2c1c", 18)
    for shift in (-9, -3, 3, 9):
        c.line([(915 + shift, 1104), (1140 + shift, 626)], CREAM, 2)


def rabbitbrush_art() -> Canvas:
    """Rabbitbrush in bloom, and a jackrabbit that listens."""
    c = poster("#186a74", "#8fd0c0")
    c.oval(1030, 560, 200, fill="#f7e7b0")
    for x, top, half in ((200, 700, 420), (760, 760, 420), (1260, 690, 380)):
        peak(c, x, top, 1080, half, "#3d8a8c", 0.0)
    hills(c, 1010, 34, "#5e9f7c", 61)
    hills(c, 1110, 26, "#d9b26a", 62)
    _jackrabbit(c)
    for x, size, seed in ((220, 330, 1), (1190, 360, 2), (560, 230, 3), (900, 210, 4), (30, 240, 5)):
        _rabbitbrush(c, x, 1250, size, seed)
    c.rect(0, 1245, 1400, 155, "#5a3d2b")
    c.text(700, 190, "Rabbitbrush", 190, "#fff3cf")
    c.text(700, 330, "science in the high desert", 68, "#ffd75e")
    credit_line(c, "#ffd75e")
    return c


def _rabbitbrush(c: Canvas, x: float, ground: float, size: float, seed: int) -> None:
    rng = random.Random(seed + 70)
    tips = []
    for _ in range(34):
        angle = math.radians(rng.uniform(20, 160))
        reach = size * rng.uniform(0.6, 1.0)
        tip = (x + 0.75 * reach * math.cos(angle), ground - reach * math.sin(angle))
        c.line(smooth([(x, ground), ((x + tip[0]) / 2, ground - reach * 0.45), tip]), rng.choice(("#6f9a6a", "#8fb38a", "#557f5c")), size * 0.02)
        tips.append(tip)
    for tx, ty in tips:
        for _ in range(6):
            c.oval(
                tx + rng.uniform(-0.07, 0.07) * size,
                ty + rng.uniform(-0.06, 0.06) * size,
                size * rng.uniform(0.022, 0.042),
                fill=rng.choice(("#ffcf33", "#f7b718", "#ffe17a", "#e89f12")),
            )


def _jackrabbit(c: Canvas) -> None:
    coat, shade, ear = "#7a5238", "#5d3c27", "#d99a83"
    c.poly(smooth([(560, 1180), (520, 1040), (590, 930), (720, 900), (800, 960), (830, 1180)]), coat)
    c.poly(smooth([(560, 1180), (540, 1080), (620, 1010), (710, 1060), (716, 1180)]), shade)
    c.oval(540, 1130, 40, fill=CREAM)
    c.poly(smooth([(760, 1190), (750, 1000), (800, 960), (826, 1190)]), coat)
    c.poly(smooth([(726, 760), (640, 600), (640, 470), (700, 560), (768, 740)]), shade)
    c.poly(smooth([(770, 750), (740, 580), (770, 440), (820, 560), (822, 740)]), coat)
    c.poly(smooth([(782, 720), (764, 590), (774, 490), (802, 590), (806, 720)]), ear)
    c.poly(smooth([(700, 940), (696, 800), (770, 720), (860, 760), (912, 840), (860, 890), (780, 960)]), coat)
    c.oval(826, 800, 18, fill=INK)
    c.oval(831, 794, 6, fill=SNOW)
    c.oval(905, 838, 12, 10, fill="#3a2417")
    for dy in (-8, 6, 20):
        c.line([(880, 850), (978, 846 + dy * 2)], CREAM, 2.5)


def station_logo() -> Canvas:
    """Call letters under a valley that sends."""
    c = Canvas(1400, 1400, JUNIPER)
    c.oval(700, 540, 440, fill=CREAM)
    c.oval(700, 540, 410, fill="#f6cf86")
    ground = Image.new("L", c.image.size, 0)
    ImageDraw.Draw(ground).ellipse(c._at([(290, 130), (1110, 950)]), fill=255)
    backdrop = c.image.copy()
    for x, top, half in ((400, 470, 330), (1000, 450, 340)):
        peak(c, x, top, 960, half, TEAL, 0.22)
    c.poly([(290, 780), (700, 880), (1110, 770), (1110, 960), (290, 960)], "#2f6b57")
    c.poly([(640, 960), (690, 800), (712, 800), (800, 960)], "#9fd6dc")
    c.image = Image.composite(c.image, backdrop, ground)
    c.pen = ImageDraw.Draw(c.image, "RGBA")
    for r in (120, 200, 280):
        c.ring(700, 640, r, RUST, 36, 232, 308)
    c.oval(700, 640, 46, fill=RUST)
    c.text(700, 1165, "QJVR", 330, CREAM)
    return c


@dataclass(frozen=True)
class Face:
    """What makes one drawn portrait differ from another."""

    back: Colour
    shirt: Colour
    skin: Colour
    hair: Colour
    style: str
    extras: tuple[str, ...] = ()


FACES = {
    "marisol-tveit": Face("#f2c879", TEAL, "#c98f6b", "#2b1c18", "long", ("headphones",)),
    "desmond-achterberg": Face("#8fb8c9", "#7a3b2a", "#6d4630", "#1d1a1a", "short", ("beard", "glasses")),
    "wren-okonjo-hale": Face("#b7cfa0", "#c8553d", "#8a5a3c", "#241a16", "curls", ("scarf",)),
    "theo-lindqvist-bray": Face("#d9b3a1", "#33507a", "#edc6a5", "#8a4a2a", "short", ("cap", "stubble")),
    "odalys-fennimore": Face("#7a6a9c", "#f0b940", "#e2b48f", "#cfc8c0", "bob", ("glasses", "earrings")),
}


def portrait(face: Face) -> Canvas:
    """Head and shoulders before a coloured disc."""
    c = Canvas(600, 600, face.back, mix(face.back, NIGHT, 0.18))
    c.oval(300, 290, 240, fill=mix(face.back, CREAM, 0.35))
    _hair_behind(c, face)
    c.poly(smooth([(70, 600), (110, 490), (220, 446), (300, 440), (380, 446), (490, 490), (530, 600)]), face.shirt)
    c.poly([(248, 444), (352, 444), (300, 512)], mix(face.skin, NIGHT, 0.12))
    c.rect(258, 360, 84, 100, mix(face.skin, NIGHT, 0.16), 30)
    c.oval(196, 284, 22, 30, fill=mix(face.skin, NIGHT, 0.1))
    c.oval(404, 284, 22, 30, fill=mix(face.skin, NIGHT, 0.1))
    c.poly(
        smooth([(200, 250), (206, 330), (250, 398), (300, 414), (350, 398), (394, 330), (400, 250), (360, 180), (300, 164), (240, 180), (200, 250)]),
        face.skin,
    )
    _features(c, face)
    _hair_front(c, face)
    for extra in face.extras:
        EXTRAS[extra](c, face)
    return c


def _features(c: Canvas, face: Face) -> None:
    if "beard" in face.extras:
        _beard(c, face)
    for side in (-1, 1):
        x = 300 + side * 48
        c.oval(x, 282, 13, 15, fill=SNOW)
        c.oval(x + 1, 284, 8.5, fill="#2d1f1a")
        c.oval(x + 4, 280, 2.6, fill=SNOW)
        c.line(smooth([(x - 22, 254), (x, 246), (x + 22, 252)]), mix(face.hair, INK, 0.3), 7)
    c.line(smooth([(300, 284), (290, 322), (306, 328)]), mix(face.skin, NIGHT, 0.3), 5)
    c.poly(smooth([(262, 352), (300, 360), (338, 352), (322, 374), (300, 380), (278, 374), (262, 352)]), "#8f3d3a")
    c.poly(smooth([(270, 354), (300, 361), (330, 354), (300, 367), (270, 354)]), SNOW)
    for side in (-1, 1):
        c.oval(300 + side * 72, 326, 22, 14, fill=RUST, alpha=0.16)


def _hair_behind(c: Canvas, face: Face) -> None:
    if face.style == "long":
        c.poly(smooth([(176, 500), (160, 330), (190, 190), (300, 128), (410, 190), (440, 330), (424, 500), (300, 520), (176, 500)]), face.hair)
    elif face.style == "bob":
        c.poly(
            smooth(
                [
                    (230, 410),
                    (184, 400),
                    (168, 350),
                    (166, 260),
                    (210, 166),
                    (300, 132),
                    (390, 166),
                    (434, 260),
                    (432, 350),
                    (416, 400),
                    (370, 410),
                    (230, 410),
                ]
            ),
            face.hair,
        )
    elif face.style == "curls":
        for i in range(26):
            angle = math.radians(-205 + i * 9.2)
            c.oval(300 + 142 * math.cos(angle), 252 + 132 * math.sin(angle), 46, fill=mix(face.hair, "#6b4a38", 0.18 * (i % 2)))


def _hair_front(c: Canvas, face: Face) -> None:
    if face.style == "curls":
        for i in range(13):
            angle = math.radians(-170 + i * 13.2)
            c.oval(300 + 100 * math.cos(angle), 232 + 76 * math.sin(angle), 27, fill=mix(face.hair, "#6b4a38", 0.18 * (i % 2)))
    elif face.style == "short":
        c.poly(
            smooth(
                [
                    (196, 276),
                    (194, 200),
                    (240, 150),
                    (310, 138),
                    (376, 160),
                    (408, 220),
                    (404, 276),
                    (384, 226),
                    (330, 204),
                    (260, 208),
                    (214, 232),
                    (196, 276),
                ]
            ),
            face.hair,
        )
    else:
        c.poly(
            smooth(
                [
                    (192, 290),
                    (192, 210),
                    (240, 150),
                    (310, 140),
                    (380, 170),
                    (410, 230),
                    (408, 290),
                    (392, 240),
                    (340, 206),
                    (280, 214),
                    (226, 230),
                    (192, 290),
                ]
            ),
            face.hair,
        )


def _beard(c: Canvas, face: Face) -> None:
    c.poly(
        smooth(
            [
                (202, 300),
                (210, 348),
                (250, 404),
                (300, 424),
                (350, 404),
                (390, 348),
                (398, 300),
                (372, 344),
                (334, 338),
                (300, 342),
                (266, 338),
                (228, 344),
                (202, 300),
            ]
        ),
        face.hair,
    )


def _glasses(c: Canvas, face: Face) -> None:
    frame = "#2b2b33" if face.style == "short" else RUST
    for side in (-1, 1):
        c.ring(300 + side * 49, 284, 38, frame, 7)
        c.line([(300 + side * 86, 280), (300 + side * 108, 272)], frame, 7)
    c.line([(289, 278), (311, 278)], frame, 7)


def _headphones(c: Canvas, _: Face) -> None:
    c.ring(300, 270, 150, "#2b343b", 20, 184, 356)
    for x in (148, 410):
        c.rect(x, 244, 44, 96, "#2b343b", 20)
        c.rect(x + 8, 256, 28, 72, RUST, 14)


def _scarf(c: Canvas, _: Face) -> None:
    c.poly(smooth([(196, 452), (250, 430), (350, 430), (404, 452), (390, 506), (300, 522), (210, 506), (196, 452)]), GOLD)
    c.poly(smooth([(330, 490), (386, 496), (402, 600), (340, 600)]), "#d99a26")


def _cap(c: Canvas, _: Face) -> None:
    c.poly(smooth([(188, 224), (196, 150), (250, 112), (300, 106), (360, 114), (408, 152), (414, 224)]), JUNIPER)
    c.poly(smooth([(180, 222), (300, 196), (420, 222), (452, 246), (300, 226), (170, 244), (180, 222)]), "#183129")
    c.oval(300, 158, 28, fill=GOLD)
    c.text(300, 158, "Q", 34, JUNIPER)


def _stubble(c: Canvas, _: Face) -> None:
    c.poly(smooth([(212, 340), (250, 396), (300, 412), (350, 396), (388, 340), (350, 390), (300, 398), (250, 390), (212, 340)]), "#8a4a2a", 0.4)


def _earrings(c: Canvas, _: Face) -> None:
    for x in (190, 410):
        c.oval(x, 334, 10, 16, fill=TEAL)


EXTRAS: dict[str, Callable[[Canvas, Face], None]] = {
    "beard": lambda _c, _f: None,
    "glasses": _glasses,
    "headphones": _headphones,
    "scarf": _scarf,
    "cap": _cap,
    "stubble": _stubble,
    "earrings": _earrings,
}

PICTURES: dict[str, tuple[str, Callable[[], Canvas]]] = {
    "logo": ("brand/qjvr.png", station_logo),
    "newsroom": ("brand/newsroom.jpg", newsroom_art),
    "long-ditch": ("brand/long-ditch.jpg", long_ditch_art),
    "porchlight": ("brand/porchlight.jpg", porchlight_art),
    "rabbitbrush": ("brand/rabbitbrush.jpg", rabbitbrush_art),
    "footbridge-reopens": ("episodes/footbridge-reopens/footbridge.jpg", footbridge_reopens),
    "first-electric-school-bus": ("episodes/first-electric-school-bus/bus.jpg", school_buses_electric),
    "snowplow-names": ("episodes/snowplow-names/snowplow.jpg", snowplow_names),
    "night-clinic": ("episodes/night-clinic/clinic.jpg", night_clinic),
    "water-rates": ("episodes/water-rates/water-tower.jpg", water_rates),
    "long-ditch-s1e1": ("episodes/long-ditch-s1e1/map.jpg", whose_water),
    "long-ditch-s2e1": ("episodes/long-ditch-s2e1/headgate.jpg", gate_at_mile_nine),
    "long-ditch-s2e2": ("episodes/long-ditch-s2e2/notebook.jpg", ditch_riders_book),
    "beaver-count": ("episodes/beaver-count/beavers.jpg", beaver_count),
    "darker-on-purpose": ("episodes/darker-on-purpose/night-sky.jpg", darker_on_purpose),
    "time-capsule": ("episodes/time-capsule/depot.jpg", time_capsule),
    "brass-band-rehearsal": ("episodes/brass-band-rehearsal/bandstand.jpg", brass_band),
    "accordion-repair": ("episodes/accordion-repair/accordion.jpg", accordion_repair),
    "choir-recording": ("episodes/choir-recording/choir.jpg", choir_recording),
}
PICTURES |= {who: (f"people/{who}.jpg", lambda face=face: portrait(face)) for who, face in FACES.items()}


def draw(root: Path, names: Sequence[str]) -> None:
    """Draw the named pictures into the station folder."""
    for name in names:
        where, make = PICTURES[name]
        make().save(root / where, 86_000 if where.startswith("episodes/") else 195_000)
        print(f"{where}: {(root / where).stat().st_size} bytes")


# --- Voices ---------------------------------------------------------------------------------------------

RATE = 22_050
LOUDNESS, PEAK = -16.0, -1.8
SENTENCE_GAP, TURN_GAP = 0.22, 0.42
SOUNDS = ("~water", "~choir", "~accordion")


@dataclass(frozen=True)
class Voice:
    """How espeak-ng speaks for somebody."""

    name: str
    speed: int = 158
    pitch: int = 45


VOICES = {
    "Marisol Tveit": Voice("en-us+f3", 160, 48),
    "Desmond Achterberg": Voice("en-us+m3", 155, 34),
    "Ines Calloway": Voice("en-us+f2", 162, 58),
    "Wren Okonjo-Hale": Voice("en-us+f4", 158, 46),
    "Theo Lindqvist-Bray": Voice("en-gb+m7", 152, 40),
    "Odalys Fennimore": Voice("en-gb+f5", 148, 34),
    "Guest one": Voice("en-us+m1", 148, 50),
    "Guest two": Voice("en-gb+f1", 152, 55),
    "Guest three": Voice("en-us+m5", 146, 28),
}

# What the voices would otherwise say wrong; the transcripts keep the right spelling.
SPOKEN = {
    "QJVR": "Q J V R",
    "QTMR": "Q T M R",
    "Tveit": "Tvate",
    "Okonjo-Hale": "O-conjo Hale",
    "Odalys": "Oh dah leese",
    "Lindqvist": "Lind quist",
    "Piñon": "Pin yone",
    "Sego": "Seego",
    "Achterberg": "Ahk ter berg",
    "Brrtha": "Burr tha",
    "Achim": "Ah kim",
    "headgate": "head gate",
    "Xochi": "So chee",
}


@dataclass(frozen=True)
class Script:
    """What is said in one episode: turns of a speaker and words, or of a sound and its seconds."""

    slug: str
    audio: str
    title: str
    artist: str
    turns: tuple[tuple[str, str], ...]
    transcript: str | None = None
    guests: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spoken:
    """A sentence and where it lies in the sound."""

    speaker: str
    words: str
    start: float
    end: float


# --- What is said ---------------------------------------------------------------------------------------

_SCRIPTS = (
    Script(
        "footbridge-reopens",
        "footbridge.mp3",
        "Footbridge over the Little Heron reopens",
        "Desmond Achterberg",
        (
            (
                "Marisol Tveit",
                "From QJVR in Alder Ferry, I'm Marisol Tveit. After two winters, you can walk across the Little Heron River again. Desmond Achterberg was there.",
            ),
            (
                "Desmond Achterberg",
                "The first across was a second grader on a scooter. The county closed the bridge in February of last year, when an engineer found a crack in the east footing. For six hundred people a day, a nine minute walk became a four mile drive.",
            ),
            ("Renata Oyelaran", "We could have built something wider. What people asked for, over and over, was the same bridge, with better feet."),
            (
                "Desmond Achterberg",
                "County engineer Renata Oyelaran says the new footing reaches eleven feet deeper, down to rock. The bridge cost one point four two million dollars.",
            ),
            ("Marisol Tveit", "There is more at our web site, where you can also read how the repair was done."),
        ),
        "footbridge.vtt",
        {"Renata Oyelaran": "Guest two"},
    ),
    Script(
        "first-electric-school-bus",
        "bus.mp3",
        "First electric school bus takes the mountain route",
        "Ines Calloway",
        (
            (
                "Ines Calloway",
                "At ten to six this morning, bus fourteen left the yard in Alder Ferry, and nobody on Cedar Street woke up. It is the first electric school bus in Heron County, and it has drawn the hardest route: Lantern Pass.",
            ),
            (
                "Gil Sandoval-Pryor",
                "Going up, it pulls like a mule. Coming down, it gives some of that back. I finished with more than a third of the battery.",
            ),
            (
                "Ines Calloway",
                "Driver Gil Sandoval-Pryor has made that climb for nineteen years. The district will test the bus until March, in the cold, before it decides on two more. For QJVR, I'm Ines Calloway.",
            ),
        ),
        "bus.srt",
        {"Gil Sandoval-Pryor": "Guest three"},
    ),
    Script(
        "water-rates",
        "water-rates.mp3",
        "What the new water rates mean for a household",
        "Desmond Achterberg",
        (
            (
                "Desmond Achterberg",
                "Water in Alder Ferry will cost more in January, but not for everybody. The town council voted four to one last night for rates that rise with use.",
            ),
            (
                "Desmond Achterberg",
                "A household that uses three thousand gallons a month will pay about a dollar less. One that uses twelve thousand will pay eleven dollars more.",
            ),
            (
                "Lucia Brandvold",
                "The pipes under Second Street are older than anyone in this room. We can pay for them slowly now, or all at once some night in January.",
            ),
            (
                "Desmond Achterberg",
                "That was council member Lucia Brandvold. The town expects the new rates to raise two hundred and ten thousand dollars a year. Desmond Achterberg, QJVR News.",
            ),
        ),
        "water-rates.json",
        {"Lucia Brandvold": "Guest two"},
    ),
    Script(
        "night-clinic",
        "clinic.mp3",
        "Tri-Mesa clinic stays open at night",
        "QTMR 90.3",
        (
            (
                "Marisol Tveit",
                "Until this month, a sprained wrist after supper meant a drive of seventy minutes for people in Tri-Mesa. Now the lights at the clinic stay on until eleven.",
            ),
            (
                "Marisol Tveit",
                "Our partners at QTMR report that forty one patients came in the first week. The clinic's nurses had guessed fifteen. The county pays for the longer hours until the end of June, and then the clinic has to find the money by itself. This is QJVR.",
            ),
        ),
        "clinic.vtt",
    ),
    Script(
        "choir-recording",
        "choir.mp3",
        "Sego Flat choir records the valley's lost song",
        "Marisol Tveit",
        (
            (
                "Marisol Tveit",
                "For sixty years, the only copy of the Sego Flat harvest song was in a biscuit tin. On Saturday, twenty four students stood in the grange hall and sang it.",
            ),
            ("~choir", "6"),
            ("Xochi Barrington", "My great aunt hummed it. I did not know that it had words. I did not know that it was about us."),
            (
                "Marisol Tveit",
                "Senior Xochi Barrington found the tin while she cleaned out a closet. The recording is the first that anybody knows of. I'm Marisol Tveit.",
            ),
        ),
        "choir.vtt",
        {"Xochi Barrington": "Guest two"},
    ),
    Script(
        "long-ditch-s1e1",
        "whose-water.mp3",
        "Whose water is it?",
        "Theo Lindqvist-Bray",
        (
            (
                "Theo Lindqvist-Bray",
                "In the spring of eighteen eighty one, eleven families with four shovels started to dig. They had a river, and they had dry ground, nine miles apart.",
            ),
            (
                "Theo Lindqvist-Bray",
                "What they dug is still there. It still runs. And a hundred and forty five years later, their great grandchildren are still arguing about it.",
            ),
            ("Harriet Solano", "Everybody here will tell you that the water is theirs. What they mean is, it is theirs after somebody else is done."),
            ("Theo Lindqvist-Bray", "I'm Theo Lindqvist-Bray. From QJVR, this is The Long Ditch. Episode one: whose water is it?"),
        ),
        "whose-water.vtt",
        {"Harriet Solano": "Guest two"},
    ),
    Script(
        "long-ditch-s2-trailer",
        "trailer.mp3",
        "Season two of The Long Ditch",
        "Theo Lindqvist-Bray",
        (
            ("~water", "3"),
            ("Theo Lindqvist-Bray", "Last season, we asked who owns the water. This season, we follow the person who turns the wheel."),
            ("Bern Castellan", "You want to know who runs this valley? It isn't the mayor. It's whoever has the key to mile nine."),
            (
                "Theo Lindqvist-Bray",
                "One gate, one notebook, and one very dry year. The Long Ditch, season two, from QJVR. It starts on September the fifteenth.",
            ),
        ),
        "trailer.vtt",
        {"Bern Castellan": "Guest three"},
    ),
    Script(
        "long-ditch-s2e1",
        "mile-nine.mp3",
        "The gate at mile nine",
        "Theo Lindqvist-Bray",
        (
            (
                "Theo Lindqvist-Bray",
                "It is a quarter past four in the morning, and Bern Castellan is looking for a key. It is on a nail, where it has been since his grandfather put it there.",
            ),
            ("~water", "5"),
            (
                "Theo Lindqvist-Bray",
                "This is the gate at mile nine. An iron wheel, four feet across. A full turn lifts the gate by three quarters of an inch.",
            ),
            ("Bern Castellan", "Three quarters of an inch is the difference between a hay crop and a lawsuit."),
            (
                "Theo Lindqvist-Bray",
                "Bern is the ditch rider. He decides, every morning, who gets how much. This June, for the first time in his life, there was not enough to decide about. So he did something that no ditch rider had done since nineteen thirty four. He closed it.",
            ),
        ),
        "mile-nine.vtt",
        {"Bern Castellan": "Guest three"},
    ),
    Script(
        "long-ditch-s2e2",
        "riders-book.m4a",
        "The ditch rider's book",
        "Theo Lindqvist-Bray",
        (
            (
                "Theo Lindqvist-Bray",
                "The book is the size of a hymnal, and it smells of diesel. Four ditch riders have written in it. None of them wrote much.",
            ),
            ("Bern Castellan", "June ninth, nineteen fifty two. Hailed. Gate at six. Told Ferris to go to hell."),
            ("Theo Lindqvist-Bray", "Professor Achim Delacroix-Wood thinks that those few words may be the best record of flow in the whole basin."),
            (
                "Achim Delacroix-Wood",
                "A gauge tells you how much water went by. The book tells you who thought that it was theirs. You need the two together.",
            ),
            (
                "Theo Lindqvist-Bray",
                "When he laid the pages beside the growth rings of old junipers, they agreed in fifty eight years out of sixty three.",
            ),
        ),
        "riders-book.json",
        {"Bern Castellan": "Guest three", "Achim Delacroix-Wood": "Guest one"},
    ),
    Script(
        "long-ditch-s2-bonus",
        "headgate-sound.mp3",
        "Bonus: half a minute at the headgate",
        "Theo Lindqvist-Bray",
        (("Theo Lindqvist-Bray", "Many of you asked for it, so here it is. No story this time. Just water at mile nine."), ("~water", "22")),
    ),
    Script(
        "beaver-count",
        "beavers.mp3",
        "Counting beavers, one dam at a time",
        "Wren Okonjo-Hale",
        (
            (
                "Wren Okonjo-Hale",
                "How do you count an animal that works at night and lives in a heap of sticks? You count the heaps. I'm Wren Okonjo-Hale, and this is Rabbitbrush.",
            ),
            (
                "Wren Okonjo-Hale",
                "Every October, ecologist Tamsin Quiroga flies up the Little Heron at ninety miles an hour, with a clicker in each hand. Left is a dam. Right is a lodge with a fresh pile of food.",
            ),
            ("Tamsin Quiroga", "In twenty sixteen I clicked thirty one times. This year my thumb got tired at a hundred and twelve."),
            (
                "Wren Okonjo-Hale",
                "Those ponds now hold enough water to keep the upper creek wet into September. In three of the last five years, it would have been dust.",
            ),
        ),
        "beavers.vtt",
        {"Tamsin Quiroga": "Guest two"},
    ),
    Script(
        "darker-on-purpose",
        "night-sky.mp3",
        "The valley gets darker, on purpose",
        "Wren Okonjo-Hale",
        (
            (
                "Wren Okonjo-Hale",
                "Piñon Bend has swapped two hundred and six street lamps. The new ones point down, they are the color of candles, and after eleven they dim by half.",
            ),
            (
                "Wren Okonjo-Hale",
                "Jonah Whitlock-Reyes runs the college observatory. On the first clear night, he measured the sky, and then he measured it again, because he did not believe it.",
            ),
            (
                "Jonah Whitlock-Reyes",
                "Twenty one point four. That is the number you get in the middle of nowhere. I was standing behind the hardware store.",
            ),
            ("Wren Okonjo-Hale", "The town saves nineteen thousand dollars a year. The Milky Way is free. For Rabbitbrush, I'm Wren Okonjo-Hale."),
        ),
        "night-sky.srt",
        {"Jonah Whitlock-Reyes": "Guest one"},
    ),
    Script(
        "accordion-repair",
        "accordion.mp3",
        "The man who keeps the accordions breathing",
        "Odalys Fennimore",
        (
            ("~accordion", "5"),
            (
                "Odalys Fennimore",
                "Every accordion has a leak, says Lubomir Haas. The art is to know which one. He has fixed them for forty one years, at a bench beside his kitchen in Alder Ferry.",
            ),
            ("Lubomir Haas", "It is a lung with buttons. When it is sick, you put your ear on it, and it tells you."),
            ("Odalys Fennimore", "I'm Odalys Fennimore. This is Porchlight Sessions, on QJVR."),
        ),
        "accordion.vtt",
        {"Lubomir Haas": "Guest three"},
    ),
)
SCRIPTS = {script.slug: script for script in _SCRIPTS}


# --- Making the sound ------------------------------------------------------------------------------------


def ffmpeg(*arguments: str) -> str:
    """Run ffmpeg and return what it wrote to its log."""
    from imageio_ffmpeg import get_ffmpeg_exe  # here, since drawing works without it

    command = [get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def read_wave(path: Path) -> array.array[int]:
    """The samples of a 16-bit mono file."""
    with wave.open(str(path), "rb") as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path}: not {RATE} Hz mono 16-bit")
        return array.array("h", sound.readframes(sound.getnframes()))


def write_wave(path: Path, samples: Iterable[float]) -> None:
    """Samples between -1 and 1 as a 16-bit mono file."""
    frames = array.array("h", (round(max(-1.0, min(1.0, s)) * 32767) for s in samples))
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(frames.tobytes())


def say(words: str, voice: Voice, scratch: Path) -> list[float]:
    """One sentence in one voice, without the silence at its ends, at a common level."""
    for written, spoken in SPOKEN.items():
        words = words.replace(written, spoken)
    command = ["espeak-ng", "-v", voice.name, "-s", str(voice.speed), "-p", str(voice.pitch), "-w", str(scratch), words]
    subprocess.run(command, check=True, capture_output=True)
    samples = [value / 32768 for value in read_wave(scratch)]
    loud = [i for i, value in enumerate(samples) if abs(value) > 0.008]
    samples = samples[max(0, loud[0] - 300) : loud[-1] + 900]
    level = math.sqrt(sum(v * v for v in samples) / len(samples))
    return [v * 0.11 / level for v in samples]


def tone(frequency: float, seconds: float, partials: Sequence[float], attack: float = 0.08) -> list[float]:
    """A steady note with the given strengths of its partials."""
    count = int(seconds * RATE)
    wavetable = [sum(p * math.sin(2 * math.pi * (n + 1) * i / 2048) for n, p in enumerate(partials)) for i in range(2048)]
    step, ramp = frequency * 2048 / RATE, attack * RATE
    return [wavetable[int(i * step) % 2048] * min(1.0, i / ramp, (count - i) / (2 * ramp)) for i in range(count)]


def blend(notes: Sequence[Sequence[float]], peak: float) -> list[float]:
    """Several sounds at once, the loudest sample at `peak`."""
    mixed = [sum(values) for values in zip(*notes, strict=True)]
    loudest = max(abs(v) for v in mixed)
    return [v * peak / loudest for v in mixed]


def sound(kind: str, seconds: float) -> list[float]:
    """Running water, a wordless choir, or an accordion."""
    if kind == "~water":
        return _water(seconds)
    chords = ((262, 330, 392), (294, 349, 440), (247, 330, 392), (262, 330, 523))
    partials = (1, 0.35, 0.16, 0.05) if kind == "~choir" else (1, 0.7, 0.55, 0.4, 0.3, 0.2)
    attack = 0.2 if kind == "~choir" else 0.05
    music: list[float] = []
    for chord in chords:
        voices = [tone(f * beat, seconds / 4, partials, attack) for f in chord for beat in (0.997, 1.004)]
        music += blend(voices, 0.3)
    return music


def _water(seconds: float) -> list[float]:
    rng = random.Random(9)
    low = high = swell = 0.0
    samples = []
    for i in range(int(seconds * RATE)):
        noise = rng.uniform(-1, 1)
        low += 0.09 * (noise - low)
        high += 0.5 * (noise - high)
        swell = 0.75 + 0.25 * math.sin(i / RATE * 1.7) * math.sin(i / RATE * 0.6)
        fade = min(1.0, i / (0.6 * RATE), (seconds * RATE - i) / (0.8 * RATE))
        samples.append((low * 0.8 + (high - low) * 0.16) * swell * fade)
    return blend([samples], 0.45)


def perform(script: Script, scratch: Path) -> tuple[list[float], list[Spoken]]:
    """Everything in a script, one after the other, and where each sentence lies."""
    samples = [0.0] * int(0.15 * RATE)
    sentences: list[Spoken] = []
    for speaker, words in script.turns:
        start = len(samples) / RATE
        if speaker in SOUNDS:
            samples += sound(speaker, float(words))
            sentences.append(Spoken(speaker, "", start, len(samples) / RATE))
        else:
            voice = VOICES[script.guests.get(speaker, speaker)]
            for sentence in re.split(r"(?<=[.?!])\s+", words):
                start = len(samples) / RATE
                samples += say(sentence, voice, scratch)
                sentences.append(Spoken(speaker, sentence, start, len(samples) / RATE))
                samples += [0.0] * int(SENTENCE_GAP * RATE)
        samples += [0.0] * int(TURN_GAP * RATE)
    return samples, sentences


def measure(path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak of a file."""
    log = ffmpeg("-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-")
    summary = log[log.rindex("Summary:") :]
    loudness = re.search(r"I:\s+(-?[\d.]+) LUFS", summary)
    peak = re.search(r"Peak:\s+(-?[\d.]+) dBFS", summary)
    if not loudness or not peak:
        raise ValueError(f"{path}: ffmpeg did not say how loud it is")
    return float(loudness[1]), float(peak[1])


def encode(raw: Path, target: Path, title: str, artist: str) -> tuple[float, float]:
    """Encode at the station's loudness; try again until the encoded file measures right."""
    codec = ["-c:a", "aac", "-b:a", "56k", "-movflags", "+faststart"]
    if target.suffix == ".mp3":
        codec = ["-c:a", "libmp3lame", "-b:a", "48k", "-id3v2_version", "3", "-write_xing", "1"]
    gain, ceiling, loudness, peak = 0.0, PEAK - 0.4, 0.0, 0.0
    for _ in range(12):
        chain = (
            "highpass=f=70,acompressor=threshold=0.16:ratio=2.5:attack=8:release=120,"
            f"volume={gain:.2f}dB,aresample=176400,alimiter=limit={10 ** (ceiling / 20):.4f}:level=false,aresample=44100"
        )
        ffmpeg(
            "-i",
            str(raw),
            "-af",
            chain,
            "-ac",
            "1",
            "-ar",
            "44100",
            *codec,
            "-map_metadata",
            "-1",
            "-metadata",
            f"title={title}",
            "-metadata",
            f"artist={artist}",
            "-metadata",
            "album=QJVR",
            "-fflags",
            "+bitexact",
            "-flags:a",
            "+bitexact",
            str(target),
        )
        loudness, peak = measure(target)
        if abs(loudness - LOUDNESS) <= 0.6 and peak <= PEAK + 0.2:
            break
        gain += LOUDNESS - loudness
        ceiling -= max(0.0, peak - PEAK)
    return loudness, peak


def clock(seconds: float, comma: bool = False) -> str:
    """Seconds as a transcript writes them."""
    millis = round(seconds * 1000)
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{',' if comma else '.'}{rest % 1000:03}"


def cards(sentence: Spoken, width: int, prefix: str = "") -> list[Spoken]:
    """A sentence in cards of at most two lines, each for its share of the time."""
    lines = textwrap.wrap(prefix + sentence.words, width, break_on_hyphens=False)
    chunks = ["\n".join(lines[i : i + 2]) for i in range(0, len(lines), 2)]
    total, start, result = sum(map(len, chunks)), sentence.start, []
    for chunk in chunks:
        end = start + (sentence.end - sentence.start) * len(chunk) / total
        result.append(Spoken(sentence.speaker, chunk, start, end))
        start = end
    return result


def as_vtt(sentences: Sequence[Spoken]) -> str:
    """WebVTT with a voice tag on every cue."""
    blocks = ["WEBVTT"]
    for sentence in sentences:
        for card in cards(sentence, 60):
            times = f"{clock(card.start)} --> {clock(card.end)}"
            blocks.append(f"{times}\n<v {card.speaker}>{card.words}</v>")
    return "\n\n".join(blocks) + "\n"


def as_srt(sentences: Sequence[Spoken]) -> str:
    """SubRip; the name stands where the speaker changes."""
    blocks, last = [], ""
    for sentence in sentences:
        prefix = f"{sentence.speaker}: " if sentence.speaker != last else ""
        last = sentence.speaker
        for card in cards(sentence, 32, prefix):
            times = f"{clock(card.start, True)} --> {clock(card.end, True)}"
            blocks.append(f"{len(blocks) + 1}\n{times}\n{card.words}")
    return "\n\n".join(blocks) + "\n"


def as_json(sentences: Sequence[Spoken]) -> str:
    """The transcript format of Podcasting 2.0."""
    segments = [{"speaker": s.speaker, "startTime": round(s.start, 3), "endTime": round(s.end, 3), "body": s.words} for s in sentences]
    return json.dumps({"version": "1.0.0", "segments": segments}, indent=1, ensure_ascii=False) + "\n"


WRITERS = {".vtt": as_vtt, ".srt": as_srt, ".json": as_json}


def speak(root: Path, names: Sequence[str]) -> None:
    """Speak the named scripts into the station folder, each with its transcript."""
    for name in names:
        script = SCRIPTS[name]
        folder = root / "episodes" / script.slug
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            samples, sentences = perform(script, Path(scratch) / "say.wav")
            raw = Path(scratch) / "raw.wav"
            write_wave(raw, samples)
            loudness, peak = encode(raw, folder / script.audio, script.title, script.artist)
        size = (folder / script.audio).stat().st_size
        print(f"\n{script.slug}: {len(samples) / RATE:.1f} s, {loudness} LUFS, {peak} dBTP, {size} bytes")
        for sentence in sentences:
            print(f"  {sentence.start:6.2f}  {sentence.speaker}: {sentence.words[:70]}")
        if script.transcript:
            text = WRITERS[Path(script.transcript).suffix]([s for s in sentences if s.words])
            (folder / script.transcript).write_text(text, encoding="utf-8", newline="\n")


def idents(root: Path) -> None:
    """Two short chords: one opens, one closes."""
    for name, notes in (("ident-open.wav", (262, 330, 392, 523)), ("ident-close.wav", (523, 392, 330, 262))):
        length = int(2.4 * RATE)
        layers = []
        for i, frequency in enumerate(notes):
            delay = int(0.17 * i * RATE)
            ring = [v * math.exp(-n / RATE * 1.5) for n, v in enumerate(tone(frequency, 2.4, (1, 0.3, 0.1, 0.04), 0.012))]
            layers.append(([0.0] * delay + ring)[:length])
        fade = int(0.25 * RATE)
        chord = blend(layers, 0.5)
        chord = [v * min(1.0, (length - n) / fade) for n, v in enumerate(chord)]
        write_wave(root / "brand" / name, chord)
        print(f"brand/{name}: {(root / 'brand' / name).stat().st_size} bytes")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("all", "draw", "speak", "idents"), default="all")
    parser.add_argument("names", nargs="*", help="pictures or episodes; left out: all of them")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent, help="the station folder")
    options = parser.parse_args()
    known = {"draw": set(PICTURES), "speak": set(SCRIPTS)}.get(options.what, set())
    if unknown := set(options.names) - known:
        parser.error(f"not known: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known)) or 'no names here'}")
    return options


def main() -> None:
    """Do what the command line asks."""
    options = arguments()
    if options.what in ("all", "draw"):
        draw(options.root, options.names or list(PICTURES))
    if options.what in ("all", "idents"):
        idents(options.root)
    if options.what in ("all", "speak"):
        speak(options.root, options.names or list(SCRIPTS))


if __name__ == "__main__":
    main()
