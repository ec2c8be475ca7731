"""A long MP3 encoded in several segments at the same time, one for each core, and put together frame by frame.

Each segment but the first begins a little early, so that its encoder has heard the same as the one before it by the time
it takes over. The result has as many frames and samples as if it had been encoded in one go.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.at_once import SharedProgress, can_read_at_once, core_count, run_at_once
from stationfeed.audio.ffmpeg import run_ffmpeg
from stationfeed.audio.frames import FARTHEST_FRAMES, frame_offsets
from stationfeed.audio.info_frame import FRAME_SAMPLES, write_with_info_frame
from stationfeed.audio.joint import bridge, find_joint
from stationfeed.audio.opened import BLOCK_BYTES
from stationfeed.audio.programme import stretch_task

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable

    from stationfeed.audio.ffmpeg import Stop
    from stationfeed.audio.programme import Programme
    from stationfeed.model.rendition import Encoding

LONG = timedelta(seconds=60)

_RUN_IN_FRAMES = 100
_SEARCHED_FRAMES = 40
_RUN_OUT_FRAMES = 4
_FRAMES_ONLY = ("-f", "mp3", "-id3v2_version", "0", "-write_xing", "0")


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames of the whole, counted from 0: those encoded; the places where it may take over and give way lie inside."""

    begin: int
    end: int | None

    def stretch(self, samples: int) -> range:
        end = samples if self.end is None else self.end * FRAME_SAMPLES
        return range(self.begin * FRAME_SAMPLES, end)


def plan_segments(programme: Programme, count: int) -> list[Segment]:
    """As many segments as are asked for, fewer where a cut would fall into an ident."""
    frames = programme.samples // FRAME_SAMPLES
    middle = programme.middle
    first = middle.start // FRAME_SAMPLES + _RUN_IN_FRAMES + _SEARCHED_FRAMES + 1
    last = middle.stop // FRAME_SAMPLES - _RUN_OUT_FRAMES - 1
    cuts = [frames * number // count for number in range(1, count)]
    cuts = [cut for cut in cuts if first <= cut <= last]
    begins = [0, *(cut - _SEARCHED_FRAMES - _RUN_IN_FRAMES for cut in cuts)]
    ends = [*(cut + _RUN_OUT_FRAMES for cut in cuts), None]
    return [Segment(begin, end) for begin, end in zip(begins, ends, strict=True)]


def encode_in_segments(
    programme: Programme,
    encoding: Encoding,
    out: BinaryIO,
    stop: Stop | None,
    on_progress: Callable[[timedelta], None] | None,
) -> bool:
    """Write the mp3 into `out`; False, and nothing of worth in `out`, where the programme cannot be cut well."""
    if programme.take.form.span(programme.samples) < LONG or not can_read_at_once():
        return False
    segments = plan_segments(programme, core_count())
    if len(segments) < 2:
        return False
    with ExitStack() as opened:
        files = [opened.enter_context(tempfile.TemporaryFile()) for _ in segments]
        progress = SharedProgress(on_progress, len(segments))
        jobs = [
            partial(_encode_segment, programme, encoding, segment, file, progress.of(number))
            for number, (segment, file) in enumerate(zip(segments, files, strict=True))
        ]
        run_at_once(jobs, stop)
        joined = opened.enter_context(tempfile.TemporaryFile())
        if not _join([Run.of(*one) for one in zip(segments, files, strict=True)], joined):
            return False
        write_with_info_frame(programme, joined, out, stop)
    return True


def _encode_segment(
    programme: Programme,
    encoding: Encoding,
    segment: Segment,
    file: BinaryIO,
    on_progress: Callable[[timedelta], None],
    stop: Stop,
) -> None:
    encoder = ("-c:a", "libmp3lame", "-b:a", f"{encoding.bitrate_kbps}k", *_FRAMES_ONLY)
    with stretch_task(programme, segment.stretch(programme.samples), encoding, encoder, file) as task:
        run_ffmpeg(task, stop=stop, on_progress=on_progress)


@dataclass(frozen=True, slots=True)
class Run:
    """What was encoded of a segment: where each frame begins, and at last where the file ends."""

    segment: Segment
    file: BinaryIO
    offsets: array[int]

    @classmethod
    def of(cls, segment: Segment, file: BinaryIO) -> Run:
        return cls(segment, file, frame_offsets(file))

    def offset(self, frame: int) -> int:
        """By the number of a frame of the whole."""
        return self.offsets[frame - self.segment.begin]

    def frames(self, numbers: range) -> list[bytes]:
        return [
            os.pread(self.file.fileno(), self.offset(one + 1) - self.offset(one), self.offset(one))
            for one in numbers
        ]


def _join(runs: list[Run], joined: BinaryIO) -> bool:
    """Write one run behind the other; False where two of them cannot be joined."""
    takes_over = 0
    for first, second in pairwise(runs):
        searched = range(
            second.segment.begin + _RUN_IN_FRAMES, second.segment.begin + _RUN_IN_FRAMES + _SEARCHED_FRAMES
        )
        ours, theirs = first.frames(searched), second.frames(searched)
        joint = find_joint(ours, theirs)
        if joint is None:
            return False
        gives_way = searched[joint] - FARTHEST_FRAMES
        _copy(first, takes_over, first.offset(gives_way), joined)
        joined.write(b"".join(bridge(ours, theirs, joint)))
        takes_over = second.offset(searched[joint])
    _copy(runs[-1], takes_over, runs[-1].offsets[-1], joined)
    joined.flush()
    return True


def _copy(run: Run, begin: int, end: int, joined: BinaryIO) -> None:
    while begin < end:
        block = os.pread(run.file.fileno(), min(BLOCK_BYTES, end - begin), begin)
        joined.write(block)
        begin += len(block)
