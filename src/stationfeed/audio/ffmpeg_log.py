"""What ffmpeg says while it works: how far it is, what it noticed about its input, and why it failed, in plain words."""

from __future__ import annotations

import re
import signal
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.audio.opened import EXPORT_AGAIN
from stationfeed.errors import AudioError, StationfeedError, UnreadableMediaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePath

_LINE_BYTES = 400
_LAST_LINES = 40
_NOTES_LIMIT = 20
_NOTED = re.compile(rb"  Duration: |  Stream #0:|\[in#0.*Estimating duration")
_OUT_TIME = re.compile(rb"out_time_us=(\d+)\n")

_FAULTS_OF_THE_INPUT = (
    ("Rematrix is needed", "has more channels than can be mixed down to two"),
    ("Changing audio frame properties", "changes its sample rate or its number of channels midway"),
    ("matches no streams", "has no sound in it"),
    ("Decoder not found", "is coded in a way that is not known here"),
    ("Decoding requested, but no decoder", "is coded in a way that is not known here"),
    ("Error opening input", "cannot be decoded: it is damaged, or no audio at all"),
)
_FAULTS_OF_OURS = (
    ("No space left on device", "the disk is full"),
    ("Disk quota exceeded", "the disk is full"),
    ("File too large", "its rendition grew larger than is allowed"),
    ("Cannot allocate memory", "needs more memory than is allowed"),
    ("Resource temporarily unavailable", "needs more memory than is allowed"),
)
_OBEYED = re.compile(r"^Exiting normally, received signal (\d+)", re.MULTILINE)
_SIGNALS: dict[int, str] = {signal.SIGXFSZ: "its rendition grew larger than is allowed"}


class ProgressReader:
    """How long the sound is that came out so far; read from what `-progress` writes."""

    def __init__(self, on_progress: Callable[[timedelta], None] | None) -> None:
        self.out_time = timedelta()
        self._on_progress = on_progress
        self._rest = b""

    def feed(self, block: bytes) -> None:
        self._rest += block
        times = _OUT_TIME.findall(self._rest)
        self._rest = self._rest[self._rest.rfind(b"\n") + 1 :]
        if times:
            self.out_time = timedelta(microseconds=int(times[-1]))
            if self._on_progress:
                self._on_progress(self.out_time)


class Log:
    """The last lines, and those about the input wherever they stood."""

    def __init__(self, progress: ProgressReader) -> None:
        self.progress = progress
        self.notes: list[str] = []
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._rest = b""

    @property
    def out_time(self) -> timedelta:
        return self.progress.out_time

    def feed(self, block: bytes) -> None:
        *lines, rest = (self._rest + block).split(b"\n")
        for line in lines:
            self._take(line)
        self._rest = rest[:_LINE_BYTES]

    def _take(self, line: bytes) -> None:
        text = line[:_LINE_BYTES].decode("utf-8", "replace")
        self._last.append(text)
        if len(self.notes) < _NOTES_LIMIT and _NOTED.match(line):
            self.notes.append(text)

    @property
    def last_lines(self) -> tuple[str, ...]:
        return tuple(self._last)

    def failure(self, path: PurePath, status: int, *, is_decoding: bool) -> StationfeedError:
        """Why it ended so; where nothing else is known, the input is to blame if there was only that."""
        text = "\n".join(self._last)
        if status < 0:
            return AudioError(path, _SIGNALS.get(-status) or f"ffmpeg was ended by signal {-status}")
        if obeyed := _OBEYED.search(text):
            return AudioError(path, f"ffmpeg was ended by signal {obeyed[1]}")
        if ours := _first(_FAULTS_OF_OURS, text):
            return AudioError(path, ours)
        theirs = _first(_FAULTS_OF_THE_INPUT, text)
        if theirs or is_decoding:
            return UnreadableMediaError(path, theirs or "cannot be decoded", EXPORT_AGAIN)
        return AudioError(path, f"ffmpeg failed: {self._told()}")

    def _told(self) -> str:
        said = [line for line in self._last if "rror" in line] or list(self._last) or ["it said nothing"]
        return "".join(letter for letter in said[0] if letter.isprintable())


def _first(table: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((words for sign, words in table if sign in text), None)
