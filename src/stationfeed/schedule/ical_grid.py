"""Events that repeat every week for ever ⇄ rows of a grid."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from stationfeed.model.schedule import DAY_MINUTES, DAYS, WEEK_MINUTES, GridRow, Schedule
from stationfeed.model.words import ClockTime
from stationfeed.schedule.ical_times import clock_at
from stationfeed.schedule.ical_week import weekly_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from stationfeed.schedule.ical_events import Event
    from stationfeed.schedule.layers import Plan

_MINUTE = timedelta(minutes=1)
_WEEK = timedelta(days=7)


def is_weekly(event: Event, until: datetime) -> bool:
    """Whether it is on in every week up to an instant, at whole minutes, as a row of a grid is."""
    if len(event.rules) != 1 or event.not_by or event.replaces:
        return False
    rule = event.rules[0]
    lasts = rule.until is None or rule.until >= clock_at(until, event.zone)
    is_whole = not event.first.second and not event.length % _MINUTE
    return rule.is_weekly and lasts and is_whole and event.length <= _WEEK


def rows_of(event: Event, plans: Sequence[Plan], zone: ZoneInfo) -> Iterator[GridRow]:
    """A row for each time of the week, by the station's clock; one in another zone is where it most often is."""
    shifts = Counter(clock_at(one.starts_at, zone) - clock_at(one.starts_at, event.zone) for one in plans)
    ahead = shifts.most_common(1)[0][0]
    rule = event.rules[0]
    for day in rule.days_of_week():
        for moment in rule.times:
            begin = day * DAY_MINUTES + moment.hour * 60 + moment.minute + ahead // _MINUTE
            yield from _rows(event, begin, event.length // _MINUTE)


def _rows(event: Event, begin: int, length: int) -> Iterator[GridRow]:
    """One row, or one up to each midnight where it is on for a whole day or more."""
    end = begin + length
    while begin < end:
        midnight = (begin // DAY_MINUTES + 1) * DAY_MINUTES
        stop = end if length < DAY_MINUTES else min(end, midnight)
        yield GridRow(
            days=(DAYS[begin % WEEK_MINUTES // DAY_MINUTES],),
            start=_clock_time(begin % DAY_MINUTES),
            end=_clock_time((stop - 1) % DAY_MINUTES + 1),
            show=event.programme.show,
            title=event.programme.title,
            producer=event.programme.producer,
            note=event.note,
        )
        begin = stop


def flat_rows(rows: Sequence[GridRow]) -> tuple[GridRow, ...]:
    """The same week in rows that do not overlap, sorted by weekday and start."""
    weekly = sorted(weekly_of(Schedule(grid=tuple(rows))), key=lambda one: (one.days[0], one.start))
    return tuple(
        GridRow(
            days=tuple(_spans_of_days(one.days)),
            start=_clock_time(one.start),
            end=_clock_time((one.start + one.length - 1) % DAY_MINUTES + 1),
            show=one.programme.show,
            title=one.programme.title,
            producer=one.programme.producer,
            note=one.note,
        )
        for one in weekly
    )


def _spans_of_days(days: Sequence[int]) -> Iterator[str]:
    """`mon-fri` for three days and more that adjoin, else each by its name."""
    for _, group in groupby(enumerate(days), key=lambda pair: pair[1] - pair[0]):
        run = [DAYS[day] for _, day in group]
        if len(run) > 2:
            yield f"{run[0]}-{run[-1]}"
        else:
            yield from run


def _clock_time(minute: int) -> ClockTime:
    return ClockTime(f"{minute // 60:02}:{minute % 60:02}")
