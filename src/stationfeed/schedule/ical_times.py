"""Times as they stand in a calendar → local times and instants."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from icalendar.prop import vDDDTypes, vDuration

from stationfeed.schedule.clock import instant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stationfeed.schedule.ical_text import Line

UTC = ZoneInfo("UTC")


def zone_of(line: Line, zones: Mapping[str | None, ZoneInfo]) -> ZoneInfo:
    """The zone of the times in a line; `zones` has one for None, which is the station's."""
    return UTC if line.value.strip().upper().endswith("Z") else zones[line.zone_id]


def time_in(text: str) -> date:
    """A day, or a local time without its zone. Raises ValueError."""
    found = vDDDTypes.from_ical(text.strip().upper())  # type: ignore[no-untyped-call] # icalendar says none
    if isinstance(found, datetime):
        return found.replace(tzinfo=None)
    if isinstance(found, date):
        return found
    raise ValueError(f"{text} is no time")


def duration_in(text: str) -> timedelta:
    found: timedelta = vDuration.from_ical(text.strip().upper())  # type: ignore[no-untyped-call] # as above
    return found


def instant_at(local: datetime, zone: ZoneInfo) -> datetime:
    """When the clock shows a local time, by the rule for the grid."""
    return instant_of(local.date(), local.hour * 60 + local.minute, zone) + timedelta(seconds=local.second)


def clock_at(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows at an instant."""
    return instant.astimezone(zone).replace(tzinfo=None)


def carried(local: datetime, own: ZoneInfo, zone: ZoneInfo) -> datetime:
    """What the clock of a zone shows when that of its own shows a local time."""
    return local if own.key == zone.key else clock_at(instant_at(local, own), zone)
