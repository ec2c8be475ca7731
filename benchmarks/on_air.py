"""Now and next of a schedule with a thousand overrides in a year."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from benchmarks.figures import at_most, milliseconds, reported
from stationfeed.model.schedule import GridRow, Override, Schedule
from stationfeed.model.station import SHELF_LIFE_S
from stationfeed.model.words import ClockTime
from stationfeed.schedule.on_air import on_air
from stationfeed.schedule.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure

TITLE = "Now and next, a year with 1,000 overrides"
MICROSECONDS = 50.0
_START = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR_MINUTES = 365 * 24 * 60
_OVERRIDES = 1_000
_ROUNDS = 7


def run(*, quick: bool) -> Iterator[Figure]:
    asked = 1_000 if quick else 20_000
    dice = Random(1)
    schedule = _schedule(dice)
    instants = [_START + timedelta(minutes=dice.randrange(_YEAR_MINUTES)) for _ in range(asked)]
    loading, answering = [], []
    for _ in range(_ROUNDS):
        timeline = Timeline(schedule, ZoneInfo("America/Chicago"))
        loading.append(_seconds(timeline, [_START + timedelta(days=day) for day in range(366)]))
        answering.append(_seconds(timeline, instants) / asked)
    yield at_most("an answer, anywhere in the year", median(answering) * 1e6, MICROSECONDS, "microseconds")
    yield reported("to work out the whole year", milliseconds(median(loading)))


def _seconds(timeline: Timeline, instants: list[datetime]) -> float:
    began = time.perf_counter()
    for at in instants:
        on_air(timeline, None, timedelta(seconds=SHELF_LIFE_S), at)
    return time.perf_counter() - began


def _schedule(dice: Random) -> Schedule:
    hours = [f"{hour:02}:00" for hour in range(0, 25, 2)]
    grid = tuple(
        GridRow(days=(days,), start=ClockTime(start), end=ClockTime(end), title=f"{days} at {start}")
        for days in ("mon-fri", "sat", "sun")
        for start, end in pairwise(hours)
    )
    return Schedule(grid=grid, overrides=tuple(_override(dice, number) for number in range(_OVERRIDES)))


def _override(dice: Random, number: int) -> Override:
    start = _START + timedelta(minutes=dice.randrange(_YEAR_MINUTES))
    return Override(
        start=start, end=start + timedelta(minutes=dice.randrange(15, 240)), title=f"Special {number}"
    )
