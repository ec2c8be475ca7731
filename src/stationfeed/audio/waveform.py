"""The outline of a sound for a player, in the JSON of BBC audiowaveform, version 2.

github.com/bbc/audiowaveform, doc/DataFormat.md: the lowest and the highest sample of each pixel, in 8 bits.
"""

from __future__ import annotations

import json
import sys
from array import array
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.ffmpeg import Task, run_ffmpeg, sound_file
from stationfeed.audio.listening import patience

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePosixPath

    from stationfeed.audio.ffmpeg import Stop
    from stationfeed.model.rendition import AudioKind

RATE_HZ = 8000
PIXELS_A_SECOND = 20
MOST_PIXELS = 4000

_FILTERS = f"[0:a:0]aresample={RATE_HZ},aformat=sample_fmts=s16:channel_layouts=mono[out]"


def draw_waveform(
    file: BinaryIO,
    path: PurePosixPath,
    kind: AudioKind,
    duration: timedelta,
    *,
    stop: Stop | None = None,
    on_progress: Callable[[timedelta], None] | None = None,
) -> bytes:
    """Twenty pixels a second, or four thousand for what is longer; read as a stream."""
    source = sound_file(file, path, kind)
    outline = Outline(samples_per_pixel(duration))
    task = Task(
        path=path,
        inputs=(source,),
        graph=_FILTERS,
        encoder=("-c:a", "pcm_s16le", "-f", "s16le"),
        timeout=patience(source, duration),
    )
    run_ffmpeg(task, stop=stop, on_progress=on_progress, on_output=outline.feed)
    return outline.as_json()


def samples_per_pixel(duration: timedelta) -> int:
    samples = round(duration / timedelta(seconds=1) * RATE_HZ)
    return max(RATE_HZ // PIXELS_A_SECOND, -(-samples // MOST_PIXELS))


class Outline:
    """The extremes of what it is fed, pixel by pixel: whole numbers of 16 bits, low byte first."""

    def __init__(self, samples_per_pixel: int) -> None:
        self._samples_per_pixel = samples_per_pixel
        self._extremes: list[int] = []
        self._rest = b""

    def feed(self, block: bytes) -> None:
        pcm = self._rest + block
        pixel_bytes = 2 * self._samples_per_pixel
        whole_bytes = len(pcm) - len(pcm) % pixel_bytes
        for at in range(0, whole_bytes, pixel_bytes):
            self._draw(pcm[at : at + pixel_bytes])
        self._rest = pcm[whole_bytes:]

    def _draw(self, pcm: bytes) -> None:
        samples = array("h", pcm)
        if sys.byteorder == "big":
            samples.byteswap()
        self._extremes += (min(samples) >> 8, max(samples) >> 8)

    def as_json(self) -> bytes:
        """All of it; what is left of the last pixel is one too."""
        if rest := self._rest[: len(self._rest) // 2 * 2]:
            self._draw(rest)
            self._rest = b""
        drawn = {
            "version": 2,
            "channels": 1,
            "sample_rate": RATE_HZ,
            "samples_per_pixel": self._samples_per_pixel,
            "bits": 8,
            "length": len(self._extremes) // 2,
            "data": self._extremes,
        }
        return json.dumps(drawn, separators=(",", ":")).encode()
