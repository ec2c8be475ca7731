"""Bytes → the parts of a calendar that say when something is on, each line with its number (RFC 5545, section 3).

The lines are read by icalendar; the tree is built here, for that library expands the rules of time zones while it
reads, keeps zones of one file for the next, and knows no line numbers.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING

from icalendar.parser import Contentline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIZE_LIMIT_BYTES = 2_000_000
EVENTS_LIMIT = 5_000

_KEPT = frozenset(
    [
        "BEGIN",
        "END",
        "X-WR-TIMEZONE",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "EXRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "UID",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "DESCRIPTION",
        "X-STATIONFEED-SHOW",
        "X-STATIONFEED-TITLE",
        "X-STATIONFEED-PRODUCER",
        "TZID",
        "TZOFFSETFROM",
        "TZOFFSETTO",
        "X-LIC-LOCATION",
    ]
)
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")


class CalendarFaultError(Exception):
    """A part of the file cannot be used; `message` follows the name of the file or of the event."""

    def __init__(self, message: str, remedy: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.line = line


@dataclass(frozen=True, slots=True)
class Line:
    """`value` is as it stands in the file, still escaped; `zone_id` and `range` are its TZID and RANGE."""

    number: int
    name: str
    value: str
    zone_id: str | None = None
    range: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between BEGIN and END, as far as it tells of times and names."""

    name: str
    number: int
    lines: list[Line]
    blocks: list[Block]

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)

    def all(self, name: str) -> Iterator[Line]:
        return (line for line in self.lines if line.name == name)

    def named(self, name: str) -> list[Block]:
        return [block for block in self.blocks if block.name == name]


def read_blocks(data: bytes) -> Block:
    """The VCALENDAR. Raises CalendarFaultError where the file is none, is cut off, or asks for too much."""
    if len(data) > SIZE_LIMIT_BYTES:
        raise CalendarFaultError(
            f"has {len(data)} bytes; {SIZE_LIMIT_BYTES} are allowed",
            "Export a shorter span, or only the calendar of this service.",
        )
    data = data.removeprefix(BOM_UTF8)
    if data.lstrip()[:15].upper() != b"BEGIN:VCALENDAR":
        raise CalendarFaultError(
            "is not a calendar: it does not begin with BEGIN:VCALENDAR",
            "Export the calendar as iCalendar (.ics); a web page or a login page is none.",
        )
    calendar = _tree(data)
    count = len(calendar.named("VEVENT"))
    if count > EVENTS_LIMIT:
        message = f"has {count} events; {EVENTS_LIMIT} are allowed"
        raise CalendarFaultError(message, "Export a shorter span, or delete what is long over.")
    return calendar


def _tree(data: bytes) -> Block:
    open_ = [Block("", 0, [], [])]
    for number, octets in _unfolded(data):
        unfolded = _decoded(octets, number)
        name = unfolded[: _name_length(unfolded)].upper()
        if name not in _KEPT:
            continue
        line = _line(number, name, unfolded)
        if name == "BEGIN":
            block = Block(line.value.strip().upper(), number, [], [])
            open_[-1].blocks.append(block)
            open_.append(block)
        elif name != "END":
            open_[-1].lines.append(line)
        elif len(open_) > 1 and open_[-1].name == line.value.strip().upper():
            open_.pop()
        else:
            message = f"ends {line.value.strip()[:40]}, which is not what was begun last"
            raise CalendarFaultError(message, "Export the calendar again.", number)
    if len(open_) > 1:
        message = f"breaks off: {open_[-1].name[:40]} of line {open_[-1].number} has no end"
        raise CalendarFaultError(message, "Export or download the calendar again; part of it is missing.")
    return open_[0].blocks[0]


def _unfolded(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Whole lines with the number of their first; a line that begins with a blank goes on with the one above.

    Before they are decoded, for a line may be folded within a letter.
    """
    begun, parts = 0, [b""]
    for number, line in enumerate(data.replace(b"\r\n", b"\n").split(b"\n"), start=1):
        if line[:1] in (b" ", b"\t"):
            parts.append(line[1:])
            continue
        yield begun, b"".join(parts)
        begun, parts = number, [line]
    yield begun, b"".join(parts)


def _decoded(octets: bytes, number: int) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise CalendarFaultError(
            "is not UTF-8 text", "Export the calendar again as UTF-8.", number
        ) from error


def _name_length(line: str) -> int:
    ends = (at for at in (line.find(":", 0, 60), line.find(";", 0, 60)) if at >= 0)
    return min(ends, default=0)


def _line(number: int, name: str, unfolded: str) -> Line:
    value, parameters = _value_and_parameters(number, unfolded)
    if name in ("RRULE", "EXRULE"):
        _refuse_too_often(value, number)
    words = [str(parameters[key]) if key in parameters else None for key in ("TZID", "RANGE")]
    return Line(number, name, value, *words)


def _value_and_parameters(number: int, unfolded: str) -> tuple[str, Mapping[str, object]]:
    name, colon, rest = unfolded.partition(":")
    if colon and ";" not in name:
        return rest, {}
    try:
        _, parameters, value = Contentline(unfolded).raw_parts()  # type: ignore[no-untyped-call] # icalendar says none
    except ValueError as error:
        message = f"has a line that is none of a calendar: {unfolded[:60]}"
        raise CalendarFaultError(message, "Export the calendar again.", number) from error
    return value, parameters


def _refuse_too_often(rule: str, number: int) -> None:
    found = next((one for one in _TOO_OFTEN if f"FREQ={one}" in rule.upper().replace(" ", "")), None)
    if found:
        raise CalendarFaultError(
            f"has an event that repeats {found}; DAILY is the most that is read",
            "Give a programme its own event for each hour of the day.",
            number,
        )
