"""A schedule → a calendar (RFC 5545) that any calendar program shows as it is heard.

The grid is weekly events in the station's clock time. Where that would show something else - an override hides it,
the clock is set that night - an occurrence is taken out, and what is heard of it is written in UTC.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Event
from icalendar.prop import vRecur, vText

from stationfeed.schedule.ical_changes import changes, first_of, is_shown
from stationfeed.schedule.ical_week import weekly_of
from stationfeed.schedule.ical_zone_out import zone_component

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

    from stationfeed.model.on_air import Programme
    from stationfeed.model.schedule import Schedule
    from stationfeed.schedule.ical_week import Weekly
    from stationfeed.schedule.layers import Plan

_PRODUCT = "-//stationfeed//schedule//EN"
_DAY_NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK = timedelta(days=7)
_ZONE_YEARS = 15


@dataclass(frozen=True, slots=True)
class _Writing:
    service_id: str
    titles: Callable[[Programme], str]
    zone: ZoneInfo
    anchor: date

    def event(self, programme: Programme, note: str | None, *identity: object) -> Event:
        """An event without times; the same `identity` has the same UID for ever."""
        event = Event()
        facts = (programme.show, programme.title, programme.producer, *identity)
        digest = hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
        event.add("uid", f"{digest}@{self.service_id}")
        event.add("dtstamp", datetime.combine(self.anchor, time(), UTC))
        summary = self.titles(programme)
        event.add("summary", summary)
        if note:
            event.add("description", note)
        is_retold = programme.title and (programme.show or programme.title != summary)
        own = {
            "show": programme.show,
            "title": programme.title if is_retold else None,
            "producer": programme.producer,
        }
        for key, value in own.items():
            if value:
                event.add(f"x-stationfeed-{key}", vText(value))
        return event

    def single(self, piece: Plan) -> Event:
        event = self.event(
            piece.programme, piece.note, piece.starts_at.isoformat(), piece.ends_at.isoformat()
        )
        return _lasting(event, piece.starts_at, piece.ends_at)

    def weekly(self, one: Weekly) -> Event:
        return self.event(one.programme, one.note, one.days, one.start, one.length)


def render_calendar(
    schedule: Schedule,
    zone: ZoneInfo,
    *,
    service_id: str,
    name: str,
    titles: Callable[[Programme], str],
    at: datetime,
) -> bytes:
    """The calendar of a service; the same bytes all through a year of ISO 8601, unless the schedule changes.

    Nights in which the clock is set are written out for that year and the next.
    """
    anchor = date.fromisocalendar(at.astimezone(zone).isocalendar().year, 1, 1)
    writing = _Writing(service_id, titles, zone, anchor)
    weekly = weekly_of(schedule)
    changed, singles = changes(schedule, weekly, anchor, zone)
    calendar = _calendar(name, zone, anchor)
    for one, own in zip(weekly, changed, strict=True):
        for event in _weekly_events(one, own, writing):
            calendar.add_component(event)
    for piece in singles:
        calendar.add_component(writing.single(piece))
    return bytes(calendar.to_ical())


def _calendar(name: str, zone: ZoneInfo, anchor: date) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(name))
    calendar.add("x-wr-timezone", zone.key)
    last = anchor.replace(year=anchor.year + _ZONE_YEARS, month=1, day=1)
    calendar.add_component(zone_component(zone, anchor - _WEEK, last))
    return calendar


def _weekly_events(one: Weekly, changed: dict[datetime, list[Plan]], writing: _Writing) -> Iterator[Event]:
    """The event of the grid, and what is heard of those of its occurrences that are not as its rule says."""
    zone, uid = writing.zone, writing.weekly(one)["uid"]
    first = first_of(one, writing.anchor).replace(tzinfo=zone)
    event = _lasting(writing.weekly(one), first, first + timedelta(minutes=one.length))
    event.add("rrule", vRecur(freq="WEEKLY", byday=[_DAY_NAMES[day] for day in one.days]))
    moved = {local: pieces[0] for local, pieces in changed.items() if pieces and is_shown(local, zone)}
    removed = [local.replace(tzinfo=zone) for local in sorted(changed) if local not in moved]
    if removed:
        event.add("exdate", removed)
    yield event
    for local, pieces in sorted(changed.items()):
        for piece in pieces:
            single = writing.single(piece)
            if piece is moved.get(local):
                single["uid"] = uid
                single.add("recurrence-id", local.replace(tzinfo=zone))
            yield single


def _lasting(event: Event, start: datetime, end: datetime) -> Event:
    event.add("dtstart", start)
    event.add("dtend", end)
    return event
