"""A flattened week as what repeats: the same programme at the same clock times on some of the days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from stationfeed.model.on_air import Programme
from stationfeed.model.schedule import DAY_MINUTES, WEEK_MINUTES
from stationfeed.schedule.clock import instant_of
from stationfeed.schedule.layers import Plan
from stationfeed.schedule.week import week_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

    from stationfeed.model.schedule import Schedule
    from stationfeed.schedule.week import Tile


@dataclass(frozen=True, slots=True)
class Weekly:
    """On each of `days`, counted from Monday, for `length` minutes from minute `start`."""

    programme: Programme
    note: str | None
    start: int
    length: int
    days: tuple[int, ...]

    @property
    def is_on_over_sunday(self) -> bool:
        return 6 in self.days and self.start + self.length > DAY_MINUTES


class Occurrence(NamedTuple):
    """One time that something weekly is on: its place among what is, and its start by the clock."""

    place: int
    local: datetime


def weekly_of(schedule: Schedule) -> tuple[Weekly, ...]:
    """What is on in a week, in the order in which it first comes; none overlap."""
    found: dict[tuple[Programme, str | None, int, int], list[int]] = {}
    for row_index, minutes in _whole_tiles(schedule):
        row = schedule.grid[row_index]
        programme = Programme(row.show, row.title, row.producer)
        key = (programme, row.note, minutes.start % DAY_MINUTES, len(minutes))
        found.setdefault(key, []).append(minutes.start // DAY_MINUTES)
    return tuple(Weekly(*key, tuple(sorted(days))) for key, days in found.items())


def _whole_tiles(schedule: Schedule) -> Iterator[tuple[int, range]]:
    """The rows of the tiles and their minutes; what goes on over Sunday midnight is one."""
    week = list(week_of(schedule))
    if len(week) > 1 and _goes_on(week[-1], week[0]):
        rest = week.pop(0)
        last = week.pop()
        week.append(replace(last, minutes=range(last.minutes.start, WEEK_MINUTES + rest.minutes.stop)))
    return ((tile.row, tile.minutes) for tile in week)


def _goes_on(last: Tile, first: Tile) -> bool:
    is_same = first.began_last_week and (last.row, last.day) == (first.row, first.day)
    return is_same and last.minutes.stop == WEEK_MINUTES and first.minutes.start == 0


def plans_of_week(
    weekly: Sequence[Weekly], monday: date, zone: ZoneInfo
) -> Iterator[tuple[Occurrence, Plan]]:
    """When they are on in a week; where the clock is set one may be left without length."""
    for place, one in enumerate(weekly):
        for day in one.days:
            begin = day * DAY_MINUTES + one.start
            occurrence = Occurrence(place, datetime.combine(monday, time()) + timedelta(minutes=begin))
            starts_at, ends_at = (instant_of(monday, at, zone) for at in (begin, begin + one.length))
            yield occurrence, Plan(starts_at, ends_at, one.programme, "schedule", occurrence, one.note)
