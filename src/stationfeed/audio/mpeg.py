"""The header of an MPEG audio frame, layers II and III: how long the frame is and how long it sounds.

ISO/IEC 11172-3, 2.4.1.3 and ISO/IEC 13818-3, 2.4.2.3; MPEG 2.5 is the usual extension for low rates.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

LAYER_II, LAYER_III = 2, 1
MPEG_1, MPEG_2, MPEG_2_5 = 3, 2, 0
LONGEST_FRAME_BYTES = 1729  # layer II, 384 kbit/s at 32 kHz

_LOW_KBPS = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_KBPS = {
    (MPEG_1, LAYER_II): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (MPEG_1, LAYER_III): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
}
_RATES_HZ = {
    MPEG_1: (44100, 48000, 32000),
    MPEG_2: (22050, 24000, 16000),
    MPEG_2_5: (11025, 12000, 8000),
}


@dataclass(frozen=True, slots=True)
class FrameFormat:
    """What all frames of one recording share; the numbers are those of the header's fields."""

    version: int
    layer: int
    rate_index: int

    @property
    def rate_hz(self) -> int:
        return _RATES_HZ[self.version][self.rate_index]

    @property
    def samples(self) -> int:
        """Samples of one channel in a frame."""
        return 576 if self.layer == LAYER_III and self.version != MPEG_1 else 1152

    def lengths(self) -> array[int]:
        """Frame length in bytes by the second and third header byte; 0 for any other format."""
        return _lengths(self)

    def length_at(self, data: bytes, at: int) -> int:
        """The length of the frame whose header, three bytes at least, starts there; 0 if none does."""
        return _lengths(self)[data[at + 1] << 8 | data[at + 2]] if data[at] == 0xFF else 0


@lru_cache(maxsize=18)
def _lengths(form: FrameFormat) -> array[int]:
    table = array("H", bytes(2 * 65536))
    rates = enumerate(_KBPS.get((form.version, form.layer), _LOW_KBPS), start=1)
    for (index, kbps), padding, unprotected, private in product(rates, (0, 1), (0, 1), (0, 1)):
        second = 0xE0 | form.version << 3 | form.layer << 1 | unprotected
        third = index << 4 | form.rate_index << 2 | padding << 1 | private
        table[second << 8 | third] = form.samples // 8 * kbps * 1000 // form.rate_hz + padding
    return table


def format_at(data: bytes, at: int = 0) -> FrameFormat | None:
    """The format of the frame that starts there, confirmed by the next two as far as `data` reaches."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] < 0xE0:
        return None
    version, layer, rate_index = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3, data[at + 2] >> 2 & 3
    if version not in _RATES_HZ or layer not in (LAYER_II, LAYER_III) or rate_index == 3:
        return None
    form = FrameFormat(version, layer, rate_index)
    return form if _repeats(form, data, at) else None


def _repeats(form: FrameFormat, data: bytes, at: int) -> bool:
    for _ in range(3):
        if not (length := form.length_at(data, at)):
            return False
        at += length
        if at + 3 > len(data):
            return True
    return True
