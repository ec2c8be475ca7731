"""A calendar being read: its events, each that cannot be used named, and how much work they may make."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stationfeed.errors import Problem, Severity
from stationfeed.schedule.clock import instant_of
from stationfeed.schedule.ical_events import read_event
from stationfeed.schedule.ical_programme import text_of
from stationfeed.schedule.ical_text import CalendarFaultError
from stationfeed.schedule.ical_times import UTC, carried, clock_at
from stationfeed.schedule.ical_zones import zones_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date
    from pathlib import PurePosixPath
    from zoneinfo import ZoneInfo

    from stationfeed.schedule.ical_events import Event, Span, Zones
    from stationfeed.schedule.ical_text import Block

DAYS_LIMIT = 500_000
DATES_LIMIT = 20_000
_WEEKS = 105


@dataclass(slots=True)
class Reading:
    """`window` is the two years that are asked of the calendar; days looked at are counted."""

    path: PurePosixPath
    zone: ZoneInfo
    window: Span
    problems: list[Problem] = field(default_factory=list)
    _days_looked_at: int = 0

    def spend(self, days: int) -> None:
        """Raises CalendarFaultError where there is no end to it."""
        self._days_looked_at += days
        if self._days_looked_at > DAYS_LIMIT:
            remedy = "Delete events that are long over, and those that repeat without need."
            raise CalendarFaultError("repeats its events oftener than can be worked out", remedy)

    def add(self, fault: CalendarFaultError, severity: Severity) -> None:
        problem = Problem(
            severity=severity,
            path=self.path,
            line=fault.line,
            message=fault.message,
            remedy=fault.remedy,
            rule="calendar",
        )
        self.problems.append(problem)

    def warn(self, message: str, remedy: str, line: int | None = None) -> None:
        self.add(CalendarFaultError(message, remedy, line), Severity.WARNING)


def window_at(at: datetime, zone: ZoneInfo) -> Span:
    """Two years from the Monday of an instant's week."""
    day = at.astimezone(zone).date()
    monday = day - timedelta(days=day.weekday())
    return instant_of(monday, 0, zone), instant_of(monday + timedelta(weeks=_WEEKS), 0, zone)


def read_events(calendar: Block, shows: Collection[str], reading: Reading) -> list[Event]:
    """The events in the order of the file. Raises CalendarFaultError where the file as a whole cannot be used."""
    _refuse_many_dates(calendar)
    zones = _zones(calendar, reading)
    _warn_of_strange_shows(calendar, shows, reading)
    found = []
    for block in calendar.named("VEVENT"):
        try:
            found.append(read_event(block, zones, shows))
        except CalendarFaultError as fault:
            name = (text_of(block, "SUMMARY") or "An event without a name")[:60]
            reading.warn(f'"{name}" {fault.message}; it was left out', fault.remedy, block.number)
    return [event for event in _with_replacements(found) if not event.is_cancelled]


def _refuse_many_dates(calendar: Block) -> None:
    lines = (line for event in calendar.named("VEVENT") for line in event.lines)
    count = sum(line.value.count(",") + 1 for line in lines if line.name in ("RDATE", "EXDATE"))
    if count > DATES_LIMIT:
        message = f"has {count} single dates (RDATE, EXDATE); {DATES_LIMIT} are allowed"
        raise CalendarFaultError(message, "Export a shorter span, or delete what is long over.")


def _zones(calendar: Block, reading: Reading) -> Zones:
    begin, end = reading.window
    named, guessed = zones_of(calendar, (clock_at(begin, UTC), clock_at(end, UTC)), reading.spend)
    for name in guessed:
        usual = named[name].key
        message = f'has times in "{name[:60]}", which nobody knows; they were read as {usual} (X-WR-TIMEZONE)'
        reading.warn(message, "Compare the slots with the calendar.")
    return {None: reading.zone, **named}


def _warn_of_strange_shows(calendar: Block, shows: Collection[str], reading: Reading) -> None:
    found = {
        text_of(block, "X-STATIONFEED-SHOW"): block.number for block in reversed(calendar.named("VEVENT"))
    }
    for show, number in sorted(found.items(), key=lambda item: item[1]):
        if show is not None and show not in shows:
            message = f'has a show "{show[:60]}", which config.yaml does not; its events have a title only'
            reading.warn(message, "Add the show to config.yaml and import again, or leave it so.", number)


def _with_replacements(events: list[Event]) -> Iterator[Event]:
    """Events without the occurrences for which others stand; of several that stand for the same the newest."""
    newest = _newest(event for event in events if event.replaces)
    gone: dict[tuple[str, str], frozenset[date]] = {}
    for event in events:
        key = (event.uid, event.zone.key)
        if event.replaces:
            if newest[event.uid][event.replaces] is event:
                yield event
        else:
            if key not in gone:
                gone[key] = frozenset(_start_in(event.zone, *one) for one in newest.get(event.uid, ()))
            yield replace(event, not_on=event.not_on | gone[key])


def _newest(replacements: Iterable[Event]) -> dict[str, dict[tuple[date, ZoneInfo], Event]]:
    """By the event that they belong to, and by the start that they stand for."""
    found: dict[str, dict[tuple[date, ZoneInfo], Event]] = {}
    for event in replacements:
        if event.replaces:
            own = found.setdefault(event.uid, {})
            own[event.replaces] = max(event, own.get(event.replaces, event), key=lambda one: one.version)
    return found


def _start_in(zone: ZoneInfo, start: date, own: ZoneInfo) -> date:
    return carried(start, own, zone) if isinstance(start, datetime) else start
