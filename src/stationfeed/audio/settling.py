"""The gain with which a master comes out of the limiter as loud as it should be; found before anything is encoded.

A limiter takes loudness away, on peaky speech more than a loudness unit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.audio.listening import Looks, meter_all, meter_excerpts
from stationfeed.audio.loudness import TOLERANCE_LU, decide_gain, mixed_down
from stationfeed.audio.meter import integrated_lufs, loudness_of
from stationfeed.audio.programme import treatment
from stationfeed.model.rendition import Loudness, LoudnessTarget

if TYPE_CHECKING:
    from stationfeed.audio.ffmpeg import Input, Stop
    from stationfeed.audio.loudness import Gain
    from stationfeed.audio.programme import Form, Master

_CLOSE_ENOUGH_LU = 0.3
_NEAR_LU = 1.2
"""From two gains with results so near the third is known well enough not to be tried."""
_WHAT_IS_LEFT = 1.2
"""Of what is added the limiter takes a part away again."""
_LEAST_SLOPE = 0.25
_ROUNDS = 4
_LONG = timedelta(minutes=4)
_EXCERPTS = 12
_EXCERPT_S = 15
"""Of long masters twelve excerpts stand for all; the rendition is metered from end to end in any case."""
_MARGIN_DB = 0.5
_WHAT_ARRIVES = 1.3
"""Of what the ceiling is lowered, peaks behind an encoder may follow by half only (noise, measured)."""


def settle_gain(
    master: Master, target: LoudnessTarget, form: Form, overshoot_db: float, stop: Stop | None
) -> Gain:
    """What brings the master to its target, limiter included."""
    gain = decide_gain(master.heard.loudness, target, overshoot_db)
    if gain.limiter_ceiling_dbtp is None or master.heard.loudness.loudness_lufs is None:
        return gain
    wanted_lufs = _lufs_through(master, treatment(form, _unlimited(gain)), stop)
    before: tuple[float, float] | None = None
    for _ in range(_ROUNDS):
        lufs = _lufs_through(master, treatment(form, gain), stop)
        if wanted_lufs is None or lufs is None:
            break
        missing_lu = wanted_lufs - lufs
        here = gain.gain_db, lufs
        gain = replace(gain, gain_db=gain.gain_db + missing_lu * _db_for_a_unit(before, here))
        if abs(missing_lu) < (_NEAR_LU if before else _CLOSE_ENOUGH_LU):
            break
        before = here
    return gain


def _db_for_a_unit(before: tuple[float, float] | None, here: tuple[float, float]) -> float:
    """How much gain a loudness unit takes, by the last two gains and what they led to."""
    if before is None or before[0] == here[0]:
        return _WHAT_IS_LEFT
    slope = (here[1] - before[1]) / (here[0] - before[0])
    return 1 / max(_LEAST_SLOPE, slope)


def _unlimited(gain: Gain) -> Gain:
    return replace(gain, limiter_ceiling_dbtp=None)


def _lufs_through(master: Master, filters: str, stop: Stop | None) -> float | None:
    if master.heard.duration <= _LONG:
        meter = meter_all(master.source(), _looks(master), filters, stop=stop).meter
    else:
        meter = meter_excerpts(master.source(), _excerpts(master), filters, stop)
    return integrated_lufs(meter.momentary)


def _excerpts(master: Master) -> list[Input]:
    """Spread evenly, none at the very beginning, where a programme has its music."""
    every_s = master.heard.duration.total_seconds() / _EXCERPTS
    begins = (int(every_s * (number + 0.5)) for number in range(_EXCERPTS))
    return [master.source().excerpt(begin, _EXCERPT_S) for begin in begins]


def _looks(master: Master) -> Looks:
    heard = master.heard
    return Looks(sample_rate_hz=heard.sample_rate_hz, channels=heard.channels, claimed=heard.duration)


def fitted(ident: Master, form: Form, stop: Stop | None) -> Master:
    """An ident as loud as it is once it has the channels of the programme; mixed to one, wide stereo gets softer."""
    if form.channels == min(2, ident.heard.channels):
        return ident
    metered = meter_all(ident.source(), _looks(ident), mixed_down(form.channels), peaks=True, stop=stop)
    return replace(ident, heard=replace(ident.heard, loudness=loudness_of(metered.meter)))


def is_on_target(after: Loudness, target: LoudnessTarget) -> bool:
    return abs(_missing_lu(after, target)) <= TOLERANCE_LU and _excess_db(after, target) <= 0


def aim_again(
    aim: LoudnessTarget, target: LoudnessTarget, after: Loudness, peak_dbtp: float, overshoot_db: float
) -> LoudnessTarget:
    """What to aim at next, when this came out of the encoder with that aim, and peaks of that height went in."""
    over_db = _excess_db(after, target)
    lower_dbtp = peak_dbtp + overshoot_db - _WHAT_ARRIVES * over_db - _MARGIN_DB
    return LoudnessTarget(
        loudness_lufs=aim.loudness_lufs + _missing_lu(after, target),
        true_peak_dbtp=min(aim.true_peak_dbtp, lower_dbtp) if over_db > 0 else aim.true_peak_dbtp,
    )


def _missing_lu(after: Loudness, target: LoudnessTarget) -> float:
    """Silence lacks nothing."""
    return 0.0 if after.loudness_lufs is None else target.loudness_lufs - after.loudness_lufs


def _excess_db(after: Loudness, target: LoudnessTarget) -> float:
    return 0.0 if after.true_peak_dbtp is None else after.true_peak_dbtp - target.true_peak_dbtp
