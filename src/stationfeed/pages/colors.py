"""A station's colours, dark or light enough to be read (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls

READABLE = 4.5
PRIMARY, ACCENT = "#1d3f5e", "#b3261e"
"""For a station that names no colours."""

_STEPS = 40


def contrast(first: str, second: str) -> float:
    """From 1 for the same colour to 21 for black on white."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(color: str, ground: str) -> str:
    """The colour, as little darker or lighter as it takes to be read on that ground; its hue stays."""
    hue, lightness, saturation = rgb_to_hls(*_channels(color))
    end = 0.0 if _luminance(ground) > 0.18 else 1.0
    levels = (lightness + (end - lightness) * step / _STEPS for step in range(_STEPS + 1))
    tried = (_hexadecimal(hls_to_rgb(hue, level, saturation)) for level in levels)
    return next(one for one in tried if contrast(one, ground) >= READABLE)


def _luminance(color: str) -> float:
    red, green, blue = map(_linear, _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _channels(color: str) -> tuple[float, float, float]:
    """Red, green and blue, from 0 to 1."""
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def _hexadecimal(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(one * 255):02x}" for one in channels)
