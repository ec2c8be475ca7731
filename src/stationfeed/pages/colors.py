"""A station's colours, dark or light enough to be read (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

READABLE = 4.5
PRIMARY, ACCENT = "#1d3f5e", "#b3261e"
"""For a station that names no colours."""

_STEPS = 40


def contrast(first: str, second: str) -> float:
    """From 1 for the same colour to 21 for black on white."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(color: str, ground: str) -> str:
    """The colour, as little darker or lighter as it takes to be read on that ground."""
    towards = "#000000" if _luminance(ground) > 0.18 else "#ffffff"
    mixed = (_mixed(color, towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(one for one in mixed if contrast(one, ground) >= READABLE)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(int(color[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _mixed(color: str, towards: str, share: float) -> str:
    pairs = ((int(color[at : at + 2], 16), int(towards[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in pairs)
