"""The sound of an mp3: its frames walked one by one, because headers lie about lengths."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from stationfeed.audio.mpeg import LAYER_III, LONGEST_FRAME_BYTES, MPEG_1, FrameFormat, format_at
from stationfeed.audio.tags import trailing_tag_bytes
from stationfeed.audio.xing import Promise, read_promise

if TYPE_CHECKING:
    from stationfeed.audio.opened import OpenAudio

JUNK_BYTES = 4096
"""So much that is neither sound nor a tag is let pass at either end: padding, half a frame of a stream."""

_HEADER_BYTES = 3
_SEARCH_BYTES = JUNK_BYTES + 4 * LONGEST_FRAME_BYTES


def find_mp3_sound(audio: OpenAudio, begin: int) -> Mp3Sound | None:
    """The sound that starts behind the tags, at `begin` or a little later; None where there is none."""
    end = audio.size_bytes - trailing_tag_bytes(audio, begin)
    head = audio.read_at(begin, min(_SEARCH_BYTES, end - begin))
    at = head.find(b"\xff")
    while 0 <= at <= JUNK_BYTES:
        form = format_at(head, at)
        if form and form.layer == LAYER_III:
            return _sound_from(audio, head[at:], form, begin + at, end)
        at = head.find(b"\xff", at + 1)
    return None


def _sound_from(audio: OpenAudio, head: bytes, form: FrameFormat, begin: int, end: int) -> Mp3Sound:
    first = head[: form.length_at(head, 0)]
    promise = read_promise(first, mpeg_1=form.version == MPEG_1)
    skipped = len(first) if promise else 0
    return Mp3Sound(audio, form, begin + skipped, end, promise or Promise(None, None))


class Mp3Sound:
    """The frames between two offsets; feed it every block of the file, in order, then ask."""

    media_type = "audio/mpeg"
    suffix = ".mp3"

    def __init__(self, audio: OpenAudio, form: FrameFormat, begin: int, end: int, promise: Promise) -> None:
        self._audio = audio
        self._form = form
        self._begin = begin
        self._end = end
        self._promise = promise
        self._sound = sha256()
        self._rest = b""  # the first bytes of a header that the block's end cuts
        self._next_frame = begin
        self._frames = 0
        self._stopped = False

    def feed(self, offset: int, block: bytes) -> None:
        if self._stopped or offset >= self._end or offset + len(block) <= self._begin:
            return
        start = max(offset, self._begin)
        data = self._rest + block[start - offset : self._end - offset]
        data_offset = start - len(self._rest)
        position = self._walk(data, self._next_frame - data_offset)
        self._sound.update(memoryview(data)[:position])
        self._rest = data[position:]
        self._next_frame = data_offset + position

    def _walk(self, data: bytes, position: int) -> int:
        """Step over the frames that start in `data`; where the next one starts, maybe behind its end."""
        lengths = self._form.lengths()
        last = len(data) - _HEADER_BYTES
        frames = 0
        while position <= last:
            length = lengths[data[position + 1] << 8 | data[position + 2]]
            if not length or data[position] != 0xFF:
                self._stopped = True
                break
            position += length
            frames += 1
        self._frames += frames
        return position

    def sha256(self) -> str:
        return self._sound.hexdigest()

    def duration(self) -> timedelta:
        """How long it plays; refuses what is cut short or stops being sound."""
        self._check_promise()
        self._check_end()
        return timedelta(seconds=self._seconds(self._frames))

    def _seconds(self, frames: float) -> float:
        samples = frames * self._form.samples - self._promise.trimmed_samples
        return max(0.0, samples / self._form.rate_hz)

    def _check_promise(self) -> None:
        """Some encoders count the first, silent frame too, so one frame less is no fault."""
        frames = self._frames - (1 if self._next_frame > self._end else 0)
        promised = self._promise.frames or self._frames_by_bytes(frames)
        if frames < promised - 1:
            raise self._audio.cut_short(self._seconds(frames), self._seconds(promised))

    def _frames_by_bytes(self, frames: int) -> float:
        there_bytes = max(1, min(self._next_frame, self._end) - self._begin)
        promised_bytes = self._promise.stream_bytes or 0
        return frames * promised_bytes / there_bytes if promised_bytes - there_bytes > JUNK_BYTES else frames

    def _check_end(self) -> None:
        if self._next_frame > self._end:
            seconds = self._seconds(self._frames - 1)
            raise self._audio.refusal(
                f"is cut short: it stops in the middle of a frame after {seconds:.1f} seconds"
            )
        left_bytes = self._end - self._next_frame
        if left_bytes > JUNK_BYTES:
            raise self._audio.refusal(
                f"stops being sound after {self._seconds(self._frames):.1f} seconds:"
                f" the {left_bytes // 1024} KB that follow are no MP3"
            )
