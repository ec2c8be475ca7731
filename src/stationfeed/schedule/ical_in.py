"""A calendar (RFC 5545) → a schedule that says the same for two years; what it cannot say is a Problem."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.errors import Severity
from stationfeed.model.schedule import (
    LONGEST_OVERRIDE,
    OVERRIDES_LIMIT,
    WEEK_MINUTES,
    Override,
    Schedule,
)
from stationfeed.schedule.ical_compare import compared, overlapping
from stationfeed.schedule.ical_events import occurrences
from stationfeed.schedule.ical_grid import flat_rows, is_weekly, rows_of
from stationfeed.schedule.ical_reading import Reading, read_events, window_at
from stationfeed.schedule.ical_text import CalendarFaultError, read_blocks
from stationfeed.schedule.ical_times import clock_at
from stationfeed.schedule.ical_week import plans_of_week, weekly_of
from stationfeed.schedule.layers import Plan, heard

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import PurePosixPath
    from zoneinfo import ZoneInfo

    from stationfeed.errors import Problem
    from stationfeed.model.on_air import Programme
    from stationfeed.model.schedule import GridRow
    from stationfeed.schedule.ical_events import Event
    from stationfeed.schedule.ical_text import Block

PROGRAMMES_LIMIT = 50_000
_NAMED = 5


def read_calendar(
    data: bytes, path: PurePosixPath, zone: ZoneInfo, shows: Collection[str], at: datetime
) -> tuple[Schedule | None, tuple[Problem, ...]]:
    """The schedule that is heard as the calendar says for two years from the week of `at`, and every problem.

    None where an error makes it unusable.
    """
    reading = Reading(path, zone, window_at(at, zone))
    try:
        schedule = _schedule(read_blocks(data), shows, reading)
    except CalendarFaultError as fault:
        reading.add(fault, Severity.ERROR)
        return None, tuple(reading.problems)
    return schedule, tuple(reading.problems)


def _schedule(calendar: Block, shows: Collection[str], reading: Reading) -> Schedule:
    """What repeats every week is the grid, and below all else; then the calendar is held against it."""
    events = read_events(calendar, shows, reading)
    weekly = [event for event in events if is_weekly(event, reading.window[1])]
    others = [event for event in events if not is_weekly(event, reading.window[1])]
    below, above = _plans(weekly, reading), _plans(others, reading)
    if not below and not above:
        first, last = (clock_at(moment, reading.zone).date() for moment in reading.window)
        message = f"has no programme from {first} to {last}"
        raise CalendarFaultError(message, "Check that this is the calendar of the service.")
    _warn_of_later(events, reading)
    grid = flat_rows(list(_grid_rows(weekly, below, reading)))
    one_off = [plan for plans in above.values() for plan in plans]
    _warn_of_overlaps(one_off, reading)
    meant = heard([*(plan for plans in below.values() for plan in plans), *one_off])
    different, unsaid = compared(meant, _aired(grid, reading), *reading.window)
    _warn_of_unsaid(unsaid, reading)
    overrides = tuple(one for plan in different for one in _overrides(plan))
    if len(overrides) > OVERRIDES_LIMIT:
        message = f"needs {len(overrides)} overrides; {OVERRIDES_LIMIT} are allowed"
        raise CalendarFaultError(
            message, "Make what comes every week an event that repeats weekly without an end."
        )
    return Schedule(grid=grid, overrides=overrides)


def _plans(events: Sequence[Event], reading: Reading) -> dict[int, list[Plan]]:
    """When events are on in the window, by the line and in the order of the file."""
    begin, end = reading.window
    found: dict[int, list[Plan]] = {}
    count = 0
    for event in events:
        plans = [
            Plan(starts_at, ends_at, event.programme, "calendar", (event.line, starts_at), event.note)
            for starts_at, ends_at in occurrences(event, reading.window, reading.spend)
            if starts_at < end and begin < ends_at
        ]
        if plans:
            found[event.line] = plans
        count += len(plans)
        if count > PROGRAMMES_LIMIT:
            message = f"has over {PROGRAMMES_LIMIT} programmes in two years"
            raise CalendarFaultError(message, "Delete events that repeat without need.")
    return found


def _grid_rows(
    weekly: Sequence[Event], below: Mapping[int, Sequence[Plan]], reading: Reading
) -> Iterator[GridRow]:
    """The rows of each event, with a warning for one that takes time from those above it."""
    owners: dict[int, Event] = {}
    for event in (one for one in weekly if one.line in below):
        rows = list(rows_of(event, below[event.line], reading.zone))
        reading.spend(sum(len(span) for row in rows for span in row.occurrences()) // 10)
        minutes = [minute % WEEK_MINUTES for row in rows for span in row.occurrences() for minute in span]
        above = {_name(owners[minute].programme) for minute in minutes if minute in owners}
        if above:
            reading.warn(
                f"{_name(event.programme)} is on at the same time as {', '.join(sorted(above))}; "
                "what is lower in the file was taken",
                "Correct the times in the calendar, unless it is meant so.",
                event.line,
            )
        owners |= dict.fromkeys(minutes, event)
        yield from rows


def _aired(grid: tuple[GridRow, ...], reading: Reading) -> list[Plan]:
    """When the rows would be on, from a week before the window to its end."""
    weekly = weekly_of(Schedule(grid=grid))
    begin, end = (clock_at(moment, reading.zone).date() for moment in reading.window)
    mondays = (begin + timedelta(days=days) for days in range(-7, (end - begin).days, 7))
    plans = [plan for monday in mondays for _, plan in plans_of_week(weekly, monday, reading.zone)]
    return sorted((one for one in plans if one.starts_at < one.ends_at), key=lambda one: one.starts_at)


def _overrides(plan: Plan) -> Iterator[Override]:
    """One override, or as many as it takes where it is on for longer than one may last."""
    start, programme = plan.starts_at, plan.programme
    while start < plan.ends_at:
        end = min(start + LONGEST_OVERRIDE, plan.ends_at)
        yield Override(
            start=start,
            end=end,
            show=programme.show,
            title=programme.title,
            producer=programme.producer,
            note=plan.note,
        )
        start = end


def _warn_of_overlaps(above: Sequence[Plan], reading: Reading) -> None:
    pairs = overlapping(above)
    if pairs:
        first, second = pairs[0]
        more = f" (and {len(pairs) - 1} more times)" if len(pairs) > 1 else ""
        reading.warn(
            f"{_name(second.programme)} is on at the same time as {_name(first.programme)} "
            f"on {_shown(second, reading)}{more}; what is lower in the file was taken",
            "Correct the times in the calendar, unless it is meant so.",
        )


def _warn_of_later(events: Sequence[Event], reading: Reading) -> None:
    end = reading.window[1]
    later = [event for event in events if event.once[0] >= end]
    if later:
        count = "1 event that begins" if len(later) == 1 else f"{len(later)} events that begin"
        message = f"has {count} after {clock_at(end, reading.zone).date()}, left out for now"
        reading.warn(message, "Import the calendar again in a year.", later[0].line)


def _warn_of_unsaid(unsaid: Sequence[Plan], reading: Reading) -> None:
    """A schedule can put something else over the grid, and cannot put nothing."""
    by_programme: dict[Programme, list[Plan]] = {}
    for plan in unsaid:
        by_programme.setdefault(plan.programme, []).append(plan)
    for programme, plans in by_programme.items():
        times = ", ".join(_shown(plan, reading) for plan in plans[:_NAMED])
        more = f" and {len(plans) - _NAMED} more times" if len(plans) > _NAMED else ""
        reading.warn(
            f"{_name(programme)} airs by the weekly grid where the calendar has nothing: {times}{more}",
            "Write an override for what is on instead.",
        )


def _shown(plan: Plan, reading: Reading) -> str:
    return f"{clock_at(plan.starts_at, reading.zone):%Y-%m-%d %H:%M}"


def _name(programme: Programme) -> str:
    return f'"{(programme.title or programme.show or "")[:60]}"'
