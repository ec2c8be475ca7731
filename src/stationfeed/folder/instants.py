"""Times as people write them → exact instants.

A local time that the zone's clock shows twice, or never, is refused with both candidates: a computer's guess
would move an embargo by an hour.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)(?:\.(\d{1,3}))?", re.ASCII)
_YEARS = range(1900, 2300)


class MisreadError(Exception):
    """A text is not what its field needs; says what is wrong and how to mend it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def parse_instant(text: str, zone: ZoneInfo | None) -> datetime:
    """The UTC instant that `2026-04-22T17:05` means in `zone`, or that a time with an offset or Z says itself.

    Without a zone an offset is required. Raises MisreadError.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise MisreadError(f'"{text[:40]}" is not a date and time', "Write it like 2026-04-22T17:05.")
    *parts, fraction, offset = match.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    if year not in _YEARS:
        raise MisreadError(f"the year {year} is out of range", f"Years go from {_YEARS[0]} to {_YEARS[-1]}.")
    try:
        naive = datetime(year, month, day, hour, minute, second, int((fraction or "0").ljust(6, "0")))  # noqa: DTZ001
    except ValueError as error:
        raise MisreadError(
            f'"{text}" is not on the calendar ({error})', "Check the day and the hour."
        ) from error
    if offset is not None:
        return naive.replace(tzinfo=_fixed_zone(offset)).astimezone(UTC)
    if zone is None:
        raise MisreadError(
            f'"{text}" needs its offset from UTC here', f"Write it like {text}Z or {text}-05:00."
        )
    return _local_instant(naive, zone)


def _fixed_zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 23 or minutes > 59:
        raise MisreadError(f'"{offset}" is not an offset from UTC', "Offsets look like -05:00.")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if offset[0] == "-" else span)


def _local_instant(naive: datetime, zone: ZoneInfo) -> datetime:
    first = naive.replace(tzinfo=zone).astimezone(UTC)
    second = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if first == second:
        return first
    exists = first.astimezone(zone).replace(tzinfo=None) == naive
    earlier, later = sorted((first, second))
    how_often = "comes twice" if exists else "does not exist"
    candidates = " or ".join(instant.astimezone(zone).isoformat() for instant in (earlier, later))
    raise MisreadError(
        f"{naive.isoformat()} {how_often} in {zone.key}, where the clocks change then", f"Write {candidates}."
    )


def written_instant(instant: datetime, zone: ZoneInfo) -> str:
    """How a person would write it: in the zone's own time, with the offset where that time comes twice."""
    local = instant.astimezone(zone)
    shown = local.replace(tzinfo=None, fold=0)
    precision = "auto" if local.microsecond else "seconds" if local.second else "minutes"
    try:
        is_plain = _local_instant(shown, zone) == instant
    except MisreadError:
        is_plain = False
    return (shown if is_plain else local).isoformat(timespec=precision)


def parse_duration(text: str) -> timedelta:
    """The span that `2:10` or `1:02:10.5` says. Raises MisreadError."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise MisreadError(
            f'"{text[:40]}" is not a time inside the audio', 'Write minutes and seconds like "2:10".'
        )
    hours, minutes, seconds, fraction = match.groups()
    return timedelta(
        hours=int(hours or 0),
        minutes=int(minutes),
        seconds=int(seconds),
        milliseconds=int((fraction or "0").ljust(3, "0")),
    )
