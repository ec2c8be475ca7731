"""What the first frame of an mp3 says about the rest: Xing and Info headers (with LAME's part), VBRI headers.

That frame is silent and no sound; only the headers behind it tell how long the file really plays.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_LAME_PART = (b"LAME", b"Lavf", b"Lavc")
_LONGEST_BYTES = 160
_VBRI_AT = 36


@dataclass(frozen=True, slots=True)
class Promise:
    """What should follow; None is not stated.

    `stream_bytes` counts from the frame that says it; the samples are run-in and run-out that players leave out.
    """

    frames: int | None
    stream_bytes: int | None
    delay_samples: int = 0
    padding_samples: int = 0

    @property
    def trimmed_samples(self) -> int:
        return self.delay_samples + self.padding_samples


def read_promise(frame: bytes, *, mpeg_1: bool) -> Promise | None:
    """The promise in a first frame; None where it is a frame of sound."""
    mono = frame[3] >> 6 == 3
    at = 4 + ((17 if mono else 32) if mpeg_1 else (9 if mono else 17))
    if frame[at : at + 4] in (b"Xing", b"Info"):
        return _read_xing(frame[at : at + _LONGEST_BYTES].ljust(_LONGEST_BYTES, b"\0"))
    if frame[_VBRI_AT : _VBRI_AT + 4] == b"VBRI":
        stream_bytes, frames = struct.unpack_from(">II", frame[_VBRI_AT:].ljust(18, b"\0"), 10)
        return Promise(frames or None, stream_bytes or None)
    return None


def _read_xing(header: bytes) -> Promise:
    (flags,) = struct.unpack_from(">I", header, 4)
    numbers: list[int | None] = []
    at = 8
    for bit in (1, 2):
        numbers.append(struct.unpack_from(">I", header, at)[0] or None if flags & bit else None)
        at += 4 if flags & bit else 0
    at += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
    return Promise(numbers[0], numbers[1], *_delay_and_padding(header[at:]))


def _delay_and_padding(lame: bytes) -> tuple[int, int]:
    """Of the encoder, twelve bits each (gabriel.mp3-tech.org/mp3infotag.html)."""
    if lame[:4] not in _LAME_PART:
        return 0, 0
    return divmod(int.from_bytes(lame[21:24], "big"), 1 << 12)
