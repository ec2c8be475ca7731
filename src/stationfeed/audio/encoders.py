"""How each codec is asked for, and how its bytes are read back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stationfeed.model.rendition import AudioKind, Codec, Encoding

LENGTH_TOLERANCE = timedelta(milliseconds=50)
_AAC_SAMPLES = 1024

KINDS: dict[Codec, AudioKind] = {"mp3": "mp3", "aac": "m4a", "opus": "opus"}
OVERSHOOTS_DB: dict[Codec, float] = {"mp3": 1.5, "aac": 2.0, "opus": 2.0}
"""So much higher the peaks of what was encoded may well be (measured on noise and drums)."""


def encoder_of(encoding: Encoding, samples: int) -> tuple[str, ...]:
    """The options for so many samples of one channel."""
    rate = ("-b:a", f"{encoding.bitrate_kbps}k")
    if encoding.codec == "mp3":
        return ("-c:a", "libmp3lame", *rate, "-f", "mp3", "-id3v2_version", "0", "-write_xing", "1")
    if encoding.codec == "aac":
        return ("-c:a", "aac", *rate, "-f", "ipod", "-moov_size", str(_index_bytes(samples)))
    return ("-c:a", "libopus", *rate, "-vbr", "constrained", "-f", "opus")


def _index_bytes(samples: int) -> int:
    """Room at the front for the index (four bytes a frame and a little), so that players need not seek the end."""
    return 4096 + 5 * (samples // _AAC_SAMPLES)
