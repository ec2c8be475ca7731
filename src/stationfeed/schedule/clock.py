"""Times on a station's clock → instants. The clock skips an hour once a year, and shows another one twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def instant_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When the clock shows that many minutes after that day's midnight.

    A time that is skipped means the first instant after the gap, one that comes twice the first of the two.
    """
    shown = datetime.fromordinal(day.toordinal()) + timedelta(minutes=minutes)
    found = shown.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == shown:
        return found
    return _end_of_gap(shown, zone)


def _end_of_gap(shown: datetime, zone: ZoneInfo) -> datetime:
    """When the clock was moved on across a time that it never showed; zones move at whole seconds."""
    before, after = (shown.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if before is None or after is None:
        raise ValueError(f"{zone.key} has no offset from UTC")
    low, high = ((shown - offset).replace(tzinfo=UTC) for offset in (after, before))
    while high - low > _SECOND:
        middle = low + ((high - low) // 2 // _SECOND) * _SECOND
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == after else (middle, high)
    return high
