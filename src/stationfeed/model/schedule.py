"""A service's week: the grid, and the windows in which something else is on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from stationfeed.model.words import ClockTime, Slug

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
OVERRIDES_LIMIT = 5_000
LONGEST_OVERRIDE = timedelta(days=31, hours=1)
"""A month, in which the clock may be set back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GridRow:
    """A weekly slot in the station's zone; it may cross midnight. `days` are `mon` … `sun` or a span."""

    days: tuple[str, ...]
    start: ClockTime
    end: ClockTime
    show: Slug | None = None
    title: str | None = None
    producer: str | None = None
    note: str | None = None

    def occurrences(self) -> Iterator[range]:
        """When it is on, in minutes of the clock's week from Monday 00:00; a Sunday night goes on behind the end."""
        start, end = minute_of_day(self.start), minute_of_day(self.end)
        length = end - start if end > start else end - start + DAY_MINUTES
        for day in sorted({number for span in self.days for number in days_in(span)}):
            begins = day * DAY_MINUTES + start
            yield range(begins, begins + length)


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """Exactly this window, then the grid again."""

    start: datetime
    end: datetime
    show: Slug | None = None
    title: str | None = None
    producer: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    grid: tuple[GridRow, ...] = ()
    overrides: tuple[Override, ...] = ()


def minute_of_day(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def days_in(span: str) -> Iterator[int]:
    """The days that `fri` or `fri-mon` names, counted from Monday."""
    first, _, last = span.partition("-")
    begin, end = DAYS.index(first), DAYS.index(last or first)
    for day in range(begin, begin + (end - begin) % 7 + 1):
        yield day % 7
