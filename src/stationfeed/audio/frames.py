"""A file of MP3 frames and nothing else: where each of them begins, and from where on it can be decoded midway."""

from __future__ import annotations

import os
from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.mpeg import LAYER_III, MPEG_1, FrameFormat, format_at
from stationfeed.audio.opened import BLOCK_BYTES
from stationfeed.audio.xing import Promise, read_promise

if TYPE_CHECKING:
    from stationfeed.audio.ffmpeg import Input

FARTHEST_FRAMES = 8
"""A frame's sound may begin 511 bytes back; a frame of 32 kbit/s has room for 75."""

_DECODER_DELAY = 529
_LEAD_FRAMES = FARTHEST_FRAMES + 2
"""Before a frame comes out as it should: those with bytes of its own, and one that it overlaps with."""


def frame_offsets(file: BinaryIO) -> array[int]:
    """Where each frame begins and where the last one ends, which is the file's end if there is nothing else in it."""
    lengths = None
    offsets, at, base = array("Q"), 0, 0
    size_bytes = os.fstat(file.fileno()).st_size
    while at + 3 < size_bytes:
        base = at
        block = os.pread(file.fileno(), BLOCK_BYTES, base)
        if lengths is None and (form := format_at(block)):
            lengths = form.lengths()
        while lengths is not None and at - base + 3 < len(block):
            length = lengths[block[at - base + 1] << 8 | block[at - base + 2]]
            if not length:
                break
            offsets.append(at)
            at += length
        if at == base:
            break
    offsets.append(at)
    return offsets


@dataclass(frozen=True, slots=True)
class Landing:
    """A sound from some place on: what comes out first is that sample of the whole; where the whole ends, if known."""

    source: Input
    sample: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of a file, the first of which tells what its encoder added at both ends."""

    form: FrameFormat
    promise: Promise
    offsets: array[int]

    @classmethod
    def of(cls, file: BinaryIO) -> Frames | None:
        """None for all that is not exactly so, our renditions being what this is for."""
        size_bytes = os.fstat(file.fileno()).st_size
        head = os.pread(file.fileno(), BLOCK_BYTES, 0)
        form = format_at(head)
        if form is None or form.layer != LAYER_III:
            return None
        promise = read_promise(head[: form.length_at(head, 0)], mpeg_1=form.version == MPEG_1)
        if promise is None or not promise.delay_samples:
            return None
        offsets = frame_offsets(file)
        return cls(form, promise, offsets) if offsets[-1] == size_bytes else None

    def land(self, source: Input, sample: int) -> Landing:
        """As near before that sample as its decoding can begin; `source` is the whole file."""
        from_frame = (sample + self._delay) // self.form.samples - _LEAD_FRAMES
        if from_frame <= 0:
            return Landing(source)
        options = (*source.options, "-skip_initial_bytes", str(self.offsets[1 + from_frame]))
        frames = len(self.offsets) - 2
        return Landing(
            replace(source, options=options),
            from_frame * self.form.samples - self._delay,
            frames * self.form.samples - self.promise.trimmed_samples,
        )

    @property
    def _delay(self) -> int:
        return self.promise.delay_samples + _DECODER_DELAY
