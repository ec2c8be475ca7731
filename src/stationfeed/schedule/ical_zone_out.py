"""A zone → VTIMEZONE (RFC 5545, section 3.6.5).

icalendar's own says a clock is set on an hour later than it is, for RFC 5545 counts an onset by the clock of before.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def zone_component(zone: ZoneInfo, first: date, last: date) -> Timezone:
    """How a zone's clock is set between two days."""
    begins = datetime.combine(first, time(), UTC)
    onsets: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for before, after in [(begins, begins), *_changes(zone, begins, datetime.combine(last, time(), UTC))]:
        there = after.astimezone(zone)
        from_, to = (one.astimezone(zone).utcoffset() or timedelta() for one in (before, after))
        key = (from_, to, there.tzname() or zone.key, bool(there.dst()))
        onsets.setdefault(key, []).append((after + from_).replace(tzinfo=None))
    component = Timezone()
    component.add("tzid", zone.key)
    for (from_, to, name, is_daylight), times in onsets.items():
        part = TimezoneDaylight() if is_daylight else TimezoneStandard()
        part.add("dtstart", times[0])
        part.add("tzoffsetfrom", from_)
        part.add("tzoffsetto", to)
        part.add("tzname", name)
        if times[1:]:
            part.add("rdate", times[1:])
        component.add_component(part)
    return component


def _changes(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The last second before the clock is set, and the first after."""
    at = begins
    while at < ends:
        following = at + _DAY
        low, high = at, following
        while high - low > _SECOND and _offset(low, zone) != _offset(high, zone):
            middle = low + (high - low) // 2 // _SECOND * _SECOND
            low, high = (low, middle) if _offset(middle, zone) != _offset(low, zone) else (middle, high)
        if _offset(low, zone) != _offset(high, zone):
            yield low, high
        at = following


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()
