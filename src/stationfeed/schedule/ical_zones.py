"""The zones that a calendar names → zones of the world, or what its VTIMEZONE says (RFC 5545, section 3.6.5)."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.prop import vUTCOffset
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from stationfeed.schedule.ical_rules import read_rule, starts
from stationfeed.schedule.ical_text import CalendarFaultError
from stationfeed.schedule.ical_times import UTC, time_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stationfeed.schedule.ical_text import Block


_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - seconds of a clock that has no zone yet
_BEFORE = timedelta(days=5 * 366)
"""So far before the window a zone must have changed its clock last; else it is what its first lines say."""


def known_zone(name: str) -> ZoneInfo | None:
    """The zone that the world, or Windows, calls so."""
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name).strip("/"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zones_of(
    calendar: Block, window: tuple[datetime, datetime], spend: Callable[[int], None]
) -> tuple[dict[str | None, ZoneInfo], tuple[str, ...]]:
    """The zones of all events by the names they give them, and the names that only X-WR-TIMEZONE explains.

    Raises CalendarFaultError where a name is explained by nothing.
    """
    found: dict[str | None, ZoneInfo] = {}
    guessed: list[str] = []
    defined = {_text(block, "TZID"): block for block in calendar.named("VTIMEZONE")}
    for line in (line for event in calendar.named("VEVENT") for line in event.lines):
        name = line.zone_id
        if name is None or name in found:
            continue
        zone = known_zone(name)
        if zone is None and name in defined:
            zone = _zone_in(defined[name], name, window, spend)
        if zone is None:
            zone = _usual_zone(calendar, name, line.number)
            guessed.append(name)
        found[name] = zone
    return found, tuple(guessed)


def _zone_in(
    block: Block, name: str, window: tuple[datetime, datetime], spend: Callable[[int], None]
) -> ZoneInfo:
    place = _text(block, "X-LIC-LOCATION")
    return (known_zone(place) if place else None) or _defined_zone(name, block, window, spend)


def _usual_zone(calendar: Block, name: str, number: int) -> ZoneInfo:
    usual = _text(calendar, "X-WR-TIMEZONE")
    zone = known_zone(usual) if usual else None
    if zone is None:
        raise CalendarFaultError(
            f'has times in "{name[:60]}", a time zone that neither it nor the world knows',
            "Export the calendar with its time zones (VTIMEZONE), or set X-WR-TIMEZONE.",
            number,
        )
    return zone


def _text(block: Block, name: str) -> str | None:
    line = block.first(name)
    return line.value.strip() if line else None


def _defined_zone(
    name: str, block: Block, window: tuple[datetime, datetime], spend: Callable[[int], None]
) -> ZoneInfo:
    try:
        changes = sorted(change for part in block.blocks for change in _changes(part, window, spend))
    except (ValueError, OverflowError) as error:
        message = f'has a VTIMEZONE "{name[:60]}" that cannot be read'
        raise CalendarFaultError(message, "Export the calendar again.", block.number) from error
    if not changes:
        message = f'has a VTIMEZONE "{name[:60]}" without times'
        raise CalendarFaultError(message, "Export the calendar again.", block.number)
    return ZoneInfo.from_file(BytesIO(_compiled(changes)), key=name)


def _changes(
    part: Block, window: tuple[datetime, datetime], spend: Callable[[int], None]
) -> Iterator[tuple[int, int, int]]:
    """When the clock is set, in seconds of UTC from 1970, and the offsets before and after it."""
    before, after = (_offset(_text(part, key) or "") for key in ("TZOFFSETFROM", "TZOFFSETTO"))
    first = _local(_text(part, "DTSTART") or "")
    found = [first, *(_local(text) for line in part.all("RDATE") for text in line.value.split(","))]
    for line in part.all("RRULE"):
        rule = read_rule(line.value, first, UTC)
        found += starts(rule, first, max(first, window[0] - _BEFORE), window[1], spend)
    for moment in set(found):
        yield int((moment - _EPOCH).total_seconds()) - before, before, after


def _offset(text: str) -> int:
    found = vUTCOffset.from_ical(text)  # type: ignore[no-untyped-call] # icalendar says none
    return int(found.total_seconds())


def _local(text: str) -> datetime:
    found = time_in(text)
    if isinstance(found, datetime):
        return found
    raise ValueError(f"{text} is no time")


def _compiled(changes: list[tuple[int, int, int]]) -> bytes:
    """A zone as its file would be (RFC 8536, version 2): the changes, and no rule for what comes after."""
    offsets = list(dict.fromkeys([changes[0][1], *(after for _, _, after in changes)]))
    empty = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 1) + struct.pack(">lBB", 0, 0, 0) + b"\0"
    header = struct.pack(">4sc15x6l", b"TZif", b"2", 0, 0, 0, len(changes), len(offsets), 1)
    return b"".join(
        (
            empty,
            header,
            *(struct.pack(">q", moment) for moment, _, _ in changes),
            bytes(offsets.index(after) for _, _, after in changes),
            *(struct.pack(">lBB", offset, 0, 0) for offset in offsets),
            b"\0",
            b"\n\n",
        )
    )
