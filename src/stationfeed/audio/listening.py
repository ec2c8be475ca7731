"""A sound as ffmpeg sees it at first sight, and all of it through a meter, in as many parts at a time as there are cores."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from stationfeed.audio.at_once import SharedProgress, can_read_at_once, core_count, run_at_once
from stationfeed.audio.ffmpeg import MEBIBYTE, Task, run_ffmpeg
from stationfeed.audio.frames import Frames, Landing
from stationfeed.audio.meter import Meter, metering, put_together
from stationfeed.audio.opened import EXPORT_AGAIN
from stationfeed.errors import AudioError, UnreadableMediaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from stationfeed.audio.ffmpeg import Input, Stop
    from stationfeed.audio.ffmpeg_log import Log

FROM_ZERO = "asetpts=round(N/SR/TB)"
"""Times that count the samples; without rounding some come out one too low."""

RUN_IN_S = 4
"""So much is played before a part: the meter looks back three seconds, and a limiter lets go in less."""

_LEAST_PATIENCE = timedelta(minutes=2)
_LONGEST = timedelta(days=1)
_SHORTEST_PART_S = 30
_FRAMES_A_SECOND = 10
_DURATION = re.compile(r"  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?),")
_STREAM = re.compile(r"  Stream #0:\d+.*?: Audio: .*?, (\d+) Hz, ([^,]+)")
_LAYOUTS = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4, "hexagonal": 6, "octagonal": 8, "cube": 8}


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """What the headers say; `claimed` is None where they say nothing, or ffmpeg only guesses."""

    sample_rate_hz: int
    channels: int
    claimed: timedelta | None


@dataclass(frozen=True, slots=True)
class Part:
    """From one second up to another; None is the end."""

    begin_s: int
    end_s: int | None

    def run_into(self, rate_hz: int) -> int:
        """The sample with which its run-in begins."""
        return max(0, self.begin_s - RUN_IN_S) * rate_hz

    def cut(self, rate_hz: int, landing: Landing) -> str:
        """The filters that leave this part and its run-in, with times that count from zero."""
        begin = self.run_into(rate_hz) - landing.sample
        end = landing.end if self.end_s is None else self.end_s * rate_hz
        until = "" if end is None else f":end_sample={end - landing.sample}"
        return f"atrim=start_sample={begin}{until},{FROM_ZERO}"


def patience(source: Input, span: timedelta | None = None) -> timedelta:
    """How long a run over a sound of that length may take: many times what a busy machine needs."""
    by_size = timedelta(seconds=os.fstat(source.file.fileno()).st_size / MEBIBYTE)
    return _LEAST_PATIENCE + by_size + min(span or timedelta(), _LONGEST) / 4


def look_at(source: Input, stop: Stop | None) -> Looks:
    task = Task(
        path=source.path, inputs=(source,), graph="[0:a:0]atrim=end_sample=1[out]", timeout=patience(source)
    )
    log = run_ffmpeg(task, stop=stop)
    stream = _first_match(_STREAM, log)
    if stream is None:
        raise UnreadableMediaError(source.path, "has no sound in it", EXPORT_AGAIN)
    channels = _channel_count(stream[2])
    if not channels:
        raise UnreadableMediaError(
            source.path, "has its channels in an order that is not known", EXPORT_AGAIN
        )
    return Looks(sample_rate_hz=int(stream[1]), channels=channels, claimed=_claimed(log))


def _first_match(pattern: re.Pattern[str], log: Log) -> re.Match[str] | None:
    return next((found for note in log.notes if (found := pattern.match(note))), None)


def _claimed(log: Log) -> timedelta | None:
    found = _first_match(_DURATION, log)
    if found is None or any("Estimating" in note for note in log.notes):
        return None
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=float(found[3]))


def _channel_count(layout: str) -> int:
    """`stereo`, `5.1(side)`, `7.1.4`, `3 channels (FL+FR+LFE)`; 0 where that is unknown."""
    if found := re.match(r"(\d+) channels", layout):
        return int(found[1])
    if found := re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", layout):
        return sum(int(number or 0) for number in found.groups())
    return _LAYOUTS.get(layout.strip().partition(" (")[0], 0)


@dataclass(frozen=True, slots=True)
class Metered:
    meter: Meter
    duration: timedelta


def meter_all(
    source: Input,
    looks: Looks,
    filters: str,
    *,
    peaks: bool = False,
    stop: Stop | None = None,
    on_progress: Callable[[timedelta], None] | None = None,
) -> Metered:
    """The whole of a sound, through some filters, on the meter; the duration is counted in samples.

    `peaks` are looked for only behind filters that keep the sample rate.
    """
    parts = parts_of(looks.claimed)
    progress = SharedProgress(on_progress, len(parts))
    frames = Frames.of(source.file) if len(parts) > 1 else None
    metered = f"{filters},{metering(looks.sample_rate_hz if peaks else None)}"

    def job(number: int, part: Part) -> Callable[[Stop], Metered]:
        run_into = part.run_into(looks.sample_rate_hz)
        landing = frames.land(source, run_into) if frames else Landing(source)
        return partial(_meter_part, landing, looks, part, metered, progress.of(number))

    found = run_at_once([job(*one) for one in enumerate(parts)], stop)
    meter = put_together(one.meter for one in found)
    if peaks and meter.momentary and meter.true_peak is None:
        raise AudioError(source.path, "ffmpeg did not say how high its peaks are")
    return Metered(meter, found[-1].duration)


def meter_excerpts(source: Input, excerpts: list[Input], filters: str, stop: Stop | None) -> Meter:
    """Excerpts of one sound, one behind the other through some filters, on the meter."""
    count = min(core_count(), len(excerpts)) if can_read_at_once() else 1
    jobs = [
        partial(_meter_inputs, source, tuple(excerpts[number::count]), filters) for number in range(count)
    ]
    return put_together(run_at_once(jobs, stop))


def _meter_inputs(source: Input, inputs: tuple[Input, ...], filters: str, stop: Stop) -> Meter:
    meter = Meter()
    labels = "".join(f"[{number}:a:0]" for number in range(len(inputs)))
    joined = f"{labels}concat=n={len(inputs)}:v=0:a=1,{FROM_ZERO}"
    graph = f"{joined},{filters},{metering(None)}"
    task = Task(path=source.path, inputs=inputs, graph=graph, timeout=patience(source))
    run_ffmpeg(task, stop=stop, on_output=meter.feed)
    return meter.end()


def parts_of(span: timedelta | None) -> list[Part]:
    """As many parts as there are cores, or one for what is short or of unknown length."""
    seconds = int(span.total_seconds()) if span and can_read_at_once() else 0
    count = max(1, min(core_count(), seconds // _SHORTEST_PART_S))
    cuts = [seconds * number // count for number in range(1, count)]
    return [Part(begin, end) for begin, end in zip([0, *cuts], [*cuts, None], strict=True)]


def _meter_part(
    landing: Landing,
    looks: Looks,
    part: Part,
    metered: str,
    on_progress: Callable[[timedelta], None],
    stop: Stop,
) -> Metered:
    """The meter looks at whole tenths of a second only, so a tenth is put behind the end for the peaks' sake."""
    run_in_s = min(RUN_IN_S, part.begin_s)
    run_out = looks.sample_rate_hz // _FRAMES_A_SECOND if part.end_s is None else 0
    meter = Meter(run_in_s * _FRAMES_A_SECOND)
    cut = part.cut(looks.sample_rate_hz, landing)
    task = Task(
        path=landing.source.path,
        inputs=(landing.source,),
        graph=f"[0:a:0]{FROM_ZERO},{cut},apad=pad_len={run_out},{metered}",
        timeout=patience(landing.source, looks.claimed),
    )
    log = run_ffmpeg(task, stop=stop, on_progress=on_progress, on_output=meter.feed)
    meter.take_true_peak(log.last_lines)
    begin_s = part.begin_s - run_in_s - run_out / looks.sample_rate_hz
    return Metered(meter.end(1 if run_out else 0), timedelta(seconds=begin_s) + log.out_time)
