"""How loud a sound is, and what has to be done so that it is as loud as it should be (EBU R 128, ITU-R BS.1770)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.completeness import check_completeness
from stationfeed.audio.ffmpeg import Task, run_ffmpeg, sound_file
from stationfeed.audio.listening import look_at, meter_all, patience
from stationfeed.audio.meter import loudness_of, silence_at_the_ends
from stationfeed.audio.opened import OpenAudio
from stationfeed.model.rendition import Heard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePosixPath

    from stationfeed.audio.ffmpeg import Input, Stop
    from stationfeed.audio.listening import Looks
    from stationfeed.model.rendition import AudioKind, Loudness, LoudnessTarget

TOLERANCE_LU = 0.45  # half a unit is allowed, by anybody's meter
OVERSHOOT_DB = 1.5
"""So much higher than the peaks of what was encoded those of an mp3 may be."""

_MISSING = timedelta(seconds=0.5)
_FULL_SCALE = 0.9995
_CLIPS = (
    "aformat=sample_fmts=s16,astats=measure_perchannel=Max_level+Min_level+Peak_count:measure_overall=none"
)
_CLIPS_FOUND = re.compile(r"(Min level|Max level|Peak count): (-?[\d.]+)$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gain:
    """What is to be added, and from where on a limiter holds the peaks down; None is nowhere."""

    gain_db: float
    limiter_ceiling_dbtp: float | None


def listen(
    file: BinaryIO,
    path: PurePosixPath,
    kind: AudioKind,
    *,
    stop: Stop | None = None,
    on_progress: Callable[[timedelta], None] | None = None,
) -> Heard:
    """Hear all of a sound; one with more than two channels as it sounds mixed down to two.

    `file` is an open file of the disk. Raises UnreadableMediaError where it cannot be decoded to its end.
    """
    source = sound_file(file, path, kind)
    audio = OpenAudio(file, path, os.fstat(file.fileno()).st_size)
    check_completeness(audio, kind)
    looks = look_at(source, stop)
    found = meter_all(
        source, looks, mixed_down(looks.channels), peaks=True, stop=stop, on_progress=on_progress
    )
    _check_length(audio, looks, found.duration)
    before, after = silence_at_the_ends(found.meter, found.duration)
    return Heard(
        loudness=loudness_of(found.meter),
        duration=found.duration,
        sample_rate_hz=looks.sample_rate_hz,
        channels=looks.channels,
        silence_before=before,
        silence_after=after,
        clipped_samples=_count_clips(source, stop) if found.meter.sample_peak >= _FULL_SCALE else 0,
    )


def mixed_down(channels: int) -> str:
    """To one channel, or to two where there are more; reckoned in fractions, which cannot be too loud."""
    return f"aformat=sample_fmts=fltp:channel_layouts={'mono' if channels == 1 else 'stereo'}"


def _check_length(audio: OpenAudio, looks: Looks, duration: timedelta) -> None:
    if not duration:
        raise audio.refusal("has no sound in it")
    if looks.claimed and looks.claimed - duration > _MISSING:
        raise audio.cut_short(duration.total_seconds(), looks.claimed.total_seconds())


def _count_clips(source: Input, stop: Stop | None) -> int:
    """Samples at full scale in 16 bits: those at the highest or lowest level of their channel, where that is it."""
    task = Task(path=source.path, inputs=(source,), graph=f"[0:a:0]{_CLIPS}[out]", timeout=patience(source))
    found = [match for line in run_ffmpeg(task, stop=stop).last_lines if (match := _CLIPS_FOUND.search(line))]
    clips, level = 0, 0.0
    for match in found:
        if match[1] == "Peak count":
            clips += int(float(match[2])) if level >= 32767 else 0
            level = 0.0
        else:
            level = max(level, abs(float(match[2])))
    return clips


def decide_gain(heard: Loudness, target: LoudnessTarget, overshoot_db: float = OVERSHOOT_DB) -> Gain:
    """Just more or less of it where the peaks allow that, else with a limiter; silence is left as it is."""
    ceiling_dbtp = target.true_peak_dbtp - overshoot_db
    gain_db = 0.0 if heard.loudness_lufs is None else target.loudness_lufs - heard.loudness_lufs
    is_low = heard.true_peak_dbtp is None or heard.true_peak_dbtp + gain_db <= ceiling_dbtp
    return Gain(gain_db=gain_db, limiter_ceiling_dbtp=None if is_low else ceiling_dbtp)
