"""A VEVENT → when it is on, and as which programme."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stationfeed.schedule.ical_programme import note_of, programme_of, text_of
from stationfeed.schedule.ical_rules import read_rule, starts
from stationfeed.schedule.ical_text import CalendarFaultError
from stationfeed.schedule.ical_times import carried, clock_at, duration_in, instant_at, time_in, zone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from stationfeed.model.on_air import Programme
    from stationfeed.schedule.ical_rules import Rule
    from stationfeed.schedule.ical_text import Block, Line

    Span = tuple[datetime, datetime]
    Zones = Mapping[str | None, ZoneInfo]

_LONGEST = timedelta(days=366)
_YEARS = range(1900, 2200)
_CHECK_TIMES = "Correct its times in the calendar, or write the slot by hand."


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Local times are in `zone`; `once` are the instants of one that does not repeat.

    `replaces` is the start, and its zone, of the occurrence of another event that this one stands for.
    """

    line: int
    uid: str
    programme: Programme
    note: str | None
    zone: ZoneInfo
    first: datetime
    length: timedelta
    once: Span
    rules: tuple[Rule, ...]
    not_by: tuple[Rule, ...]
    also_on: tuple[Span, ...]
    not_on: frozenset[date]
    replaces: tuple[date, ZoneInfo] | None
    version: int
    is_cancelled: bool

    @property
    def repeats(self) -> bool:
        return bool(self.rules or self.also_on)


def read_event(block: Block, zones: Zones, shows: Collection[str]) -> Event:
    """Raises CalendarFaultError, its message for after the event's name, where it is of no use as it is."""
    try:
        return _event(block, zones, shows)
    except (ValueError, OverflowError) as error:
        raise CalendarFaultError("has a time that cannot be read", _CHECK_TIMES) from error


def occurrences(event: Event, window: Span, spend: Callable[[int], None]) -> Iterator[Span]:
    """The instants between which it is on in a window, without those that the clock leaves no length.

    Of one that repeats both ends are what the clock shows, as in the grid: in the night that skips an hour, what is
    on up to 04:00 ends at 04:00. RFC 5545 would keep the length, and have two programmes on at once.
    """
    if not event.repeats:
        yield event.once
        return
    begin, end = clock_at(window[0], event.zone) - event.length, clock_at(window[1], event.zone)

    def by(rules: tuple[Rule, ...]) -> set[datetime]:
        return {start for rule in rules for start in starts(rule, event.first, begin, end, spend)}

    without = by(event.not_by) | event.not_on
    found = {start: start + event.length for start in by(event.rules) | {event.first}} | dict(event.also_on)
    for start in sorted(found):
        if begin <= start < end and start not in without and start.date() not in without:
            span = instant_at(start, event.zone), instant_at(found[start], event.zone)
            if span[0] < span[1]:
                yield span


def _event(block: Block, zones: Zones, shows: Collection[str]) -> Event:
    begin, replaced = block.first("DTSTART"), block.first("RECURRENCE-ID")
    if begin is None:
        raise CalendarFaultError("has no start", _CHECK_TIMES)
    if replaced and replaced.range:
        message = "changes all later ones too (RANGE=THISANDFUTURE), which is not read"
        raise CalendarFaultError(message, "Let one event end there and another begin.")
    zone, first = zone_of(begin, zones), _moment(begin)
    length, once = _extent(block, first, zone, zones)
    version = text_of(block, "SEQUENCE") or "0"
    return Event(
        line=block.number,
        uid=text_of(block, "UID") or "",
        programme=programme_of(block, shows),
        note=note_of(block),
        zone=zone,
        first=first,
        length=length,
        once=once,
        rules=tuple(read_rule(line.value, first, zone) for line in block.all("RRULE")),
        not_by=tuple(read_rule(line.value, first, zone) for line in block.all("EXRULE")),
        also_on=tuple(_added(block, first, length, zone, zones)),
        not_on=frozenset(_removed(block, zone, zones)),
        replaces=(time_in(replaced.value), zone_of(replaced, zones)) if replaced else None,
        version=int(version[:9]),
        is_cancelled=text_of(block, "STATUS") == "CANCELLED",
    )


def _moment(line: Line) -> datetime:
    found = time_in(line.value)
    if not isinstance(found, datetime):
        raise CalendarFaultError("is for whole days", "Give it a start and an end if it is a programme.")
    if found.year not in _YEARS:
        raise CalendarFaultError(f"is in the year {found.year}", _CHECK_TIMES)
    return found


def _extent(block: Block, first: datetime, zone: ZoneInfo, zones: Zones) -> tuple[timedelta, Span]:
    """How long it is on by the clock, and from when to when the first time."""
    starts_at = instant_at(first, zone)
    end, duration = block.first("DTEND"), block.first("DURATION")
    if end:
        own, local = zone_of(end, zones), _moment(end)
        length, ends_at = carried(local, own, zone) - first, instant_at(local, own)
    elif duration:
        length = duration_in(duration.value)
        ends_at = starts_at + length
    else:
        raise CalendarFaultError("has neither an end nor a duration", _CHECK_TIMES)
    if ends_at <= starts_at or length <= timedelta():
        how = "before" if length < timedelta() else "when"
        raise CalendarFaultError(f"ends {how} it starts", _CHECK_TIMES)
    if length > _LONGEST:
        raise CalendarFaultError(f"lasts {length.days} days", _CHECK_TIMES)
    return length, (starts_at, ends_at)


def _added(block: Block, first: datetime, length: timedelta, zone: ZoneInfo, zones: Zones) -> Iterator[Span]:
    """The local times of RDATE; a day is meant at the event's own time."""
    for line in block.all("RDATE"):
        own = zone_of(line, zones)
        for text in line.value.upper().split(","):
            begin, _, end = text.partition("/")
            found = time_in(begin)
            start = found if isinstance(found, datetime) else datetime.combine(found, first.time())
            yield carried(start, own, zone), carried(_end(end, start, length), own, zone)


def _end(text: str, start: datetime, length: timedelta) -> datetime:
    """When a period ends that is said by its length or its end, if it is said at all."""
    if not text:
        return start + length
    if text.startswith(("P", "+P")):
        return start + duration_in(text)
    end = time_in(text)
    return end if isinstance(end, datetime) else start + length


def _removed(block: Block, zone: ZoneInfo, zones: Zones) -> Iterator[date]:
    """The local starts of EXDATE, and whole days."""
    for line in block.all("EXDATE"):
        for text in line.value.split(","):
            found = time_in(text)
            own = zone_of(line, zones)
            yield carried(found, own, zone) if isinstance(found, datetime) else found
