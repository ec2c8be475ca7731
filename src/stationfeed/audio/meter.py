"""What the loudness meter of ffmpeg writes, ten times a second, and what follows from it.

Gating by ITU-R BS.1770-5, annex 1; loudness range by EBU Tech 3342. The parts of a sound that were metered at the same
time are put together here, which the sums that ffmpeg itself makes would not allow.
"""

from __future__ import annotations

import math
import re
from array import array
from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.model.rendition import Loudness

if TYPE_CHECKING:
    from collections.abc import Iterable

FRAME = timedelta(milliseconds=100)
ABSOLUTE_GATE_LUFS = -70.0

_RELATIVE_GATE_LU = 10.0
_RANGE_GATE_LU = 20.0
_MOMENTARY_FRAMES = 4
_AUDIBLE_PEAK = 0.003  # -50 dBFS
_AUDIBLE_LUFS = -55.0
_TRUE_PEAK_RATE_HZ = 176_400
"""Four times that of a CD; what is sampled so often shows how high it is between the samples (BS.1770-5, annex 2)."""
_EBUR128 = "ebur128=peak={peaks}:metadata=1:framelog=quiet,ametadata=mode=print:file=-[out]"
_LOUDNESS = re.compile(rb"\nlavfi\.r128\.M=(\S+)\nlavfi\.r128\.S=(\S+)\n")
_SAMPLE_PEAK = re.compile(rb"\nlavfi\.r128\.sample_peak=(\S+)\n")
_TRUE_PEAK = re.compile(r"\[Parsed_astats_\d+ @ \w+\] Peak level dB: (\S+)$")


def metering(rate_hz: int | None) -> str:
    """The end of a graph that meters loudness, and peaks too of a sound with a rate.

    The true peak is not asked of the filter that meters loudness: there it takes two thirds of the time.
    """
    if rate_hz is None:
        return _EBUR128.format(peaks="none")
    often_hz = rate_hz * max(1, -(-_TRUE_PEAK_RATE_HZ // rate_hz))
    return (
        f"asplit[loud][high];[loud]{_EBUR128.format(peaks='sample')};"
        f"[high]aresample={often_hz}:internal_sample_fmt=fltp:osf=fltp,"
        "astats=measure_perchannel=none:measure_overall=Peak_level,anullsink"
    )


class Meter:
    """One run of the meter: feed it what the filter writes, then `end` it."""

    def __init__(self, skipped_frames: int = 0) -> None:
        self.momentary = array("d")
        self.short_term = array("d")
        self.sample_peak = 0.0
        self.true_peak: float | None = None
        self.quiet_frames = 0
        self._skipped_frames = skipped_frames
        self._rest = b""

    def feed(self, block: bytes) -> None:
        text = self._rest + block
        cut = max(0, text.rfind(b"frame:"))
        self._take(text[:cut])
        self._rest = text[cut:]

    def end(self, run_out_frames: int = 0) -> Meter:
        """Count what came last; the frames of the run-in and the run-out are left out from here on."""
        self._take(self._rest)
        frames = len(self.momentary) - run_out_frames
        for values in (self.momentary, self.short_term):
            del values[max(0, frames) :]
            del values[: self._skipped_frames]
        self.quiet_frames = max(0, min(self.quiet_frames, frames) - self._skipped_frames)
        return self

    def take_true_peak(self, said: Iterable[str]) -> None:
        """From the last lines of the run, where it was asked for; minus infinity decibels is silence."""
        for line in said:
            if found := _TRUE_PEAK.match(line):
                self.true_peak = float(10 ** (float(found[1]) / 20))

    def _take(self, text: bytes) -> None:
        for momentary, short_term in _LOUDNESS.findall(text):
            self.momentary.append(float(momentary))
            self.short_term.append(float(short_term))
        peaks = [float(peak) for peak in _SAMPLE_PEAK.findall(text)]  # each the highest so far
        self.sample_peak = max([self.sample_peak, *peaks[-1:]])
        self.quiet_frames += sum(peak < _AUDIBLE_PEAK for peak in peaks)


def put_together(meters: Iterable[Meter]) -> Meter:
    """The meter of a sound whose parts, one behind the other, had a meter each."""
    whole = Meter()
    for part in meters:
        if whole.quiet_frames == len(whole.momentary):
            whole.quiet_frames += part.quiet_frames
        whole.momentary.extend(part.momentary)
        whole.short_term.extend(part.short_term)
        whole.sample_peak = max(whole.sample_peak, part.sample_peak)
        whole.true_peak = max(
            (one for one in (whole.true_peak, part.true_peak) if one is not None), default=None
        )
    return whole


def loudness_of(meter: Meter) -> Loudness:
    return Loudness(
        loudness_lufs=integrated_lufs(meter.momentary),
        range_lu=range_lu(meter.short_term),
        true_peak_dbtp=20 * math.log10(meter.true_peak) if meter.true_peak else None,
    )


def silence_at_the_ends(meter: Meter, duration: timedelta) -> tuple[timedelta, timedelta]:
    """To a tenth of a second; at the end less than 0.4 seconds counts as none."""
    if meter.quiet_frames == len(meter.momentary):
        return duration, duration
    return meter.quiet_frames * FRAME, _silence_after(meter.momentary, duration)


def _silence_after(momentary: array[float], duration: timedelta) -> timedelta:
    """A value covers 400 milliseconds, so what is loud is last heard three frames after it ended."""
    frames = len(momentary)
    last = next((at for at in range(frames - 1, -1, -1) if momentary[at] >= _AUDIBLE_LUFS), frames - 1)
    if last == frames - 1:
        return timedelta()
    return max(timedelta(), duration - (last + 2 - _MOMENTARY_FRAMES) * FRAME)


def integrated_lufs(momentary: array[float]) -> float | None:
    """None where nothing reaches the absolute gate: silence."""
    powers = [_power(one) for one in momentary if one >= ABSOLUTE_GATE_LUFS]
    if not powers:
        return None
    gate = _mean(powers) / _power_ratio(_RELATIVE_GATE_LU)
    return _lufs(_mean([power for power in powers if power >= gate]))


def range_lu(short_term: array[float]) -> float:
    """From the 10th to the 95th of a hundred parts of all that is not far below the mean."""
    heard = [one for one in short_term if one >= ABSOLUTE_GATE_LUFS]
    if not heard:
        return 0.0
    gate = _lufs(_mean([_power(one) for one in heard])) - _RANGE_GATE_LU
    gated = sorted(one for one in heard if one >= gate)
    return gated[round((len(gated) - 1) * 0.95)] - gated[round((len(gated) - 1) * 0.10)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _power_ratio(difference_lu: float) -> float:
    return float(10 ** (difference_lu / 10))


def _power(lufs: float) -> float:
    return _power_ratio(lufs + 0.691)


def _lufs(power: float) -> float:
    return 10 * math.log10(power) - 0.691
