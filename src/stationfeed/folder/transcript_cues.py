"""What is found in a transcript: cues and faults, each with its line, whatever the format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.folder.scalars import visible, without_unprintable

if TYPE_CHECKING:
    from stationfeed.model.transcript import Cue

ARROW = "-->"
LINES_LIMIT = 500_000
LATEST = timedelta(hours=100)

_TIME = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)(?:[.,](\d{1,6}))?", re.ASCII)
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A cue as a file has it; its text may be empty, and its start before that of the one above."""

    line: int
    cue: Cue


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one cue or some lines."""

    line: int | None
    message: str
    remedy: str
    field: str | None = None


class NotATranscriptError(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Times:
    start: timedelta
    end: timedelta


def numbered_lines(text: str) -> list[tuple[int, str]]:
    """The lines of a text as people count them. Raises NotATranscriptError for very many."""
    if text.count("\n") + text.count("\r") - text.count("\r\n") >= LINES_LIMIT:
        remedy = "Export sentences instead of single words."
        raise NotATranscriptError(Fault(None, f"has more than {LINES_LIMIT} lines", remedy))
    return list(enumerate(_LINE_END.split(text), 1))


def one_line(text: str) -> str:
    """Words as a listener reads them: nothing unprintable, single spaces."""
    return " ".join(without_unprintable(text).split())


def read_times(line: int, text: str) -> Times | Fault:
    """Both times of a line with an arrow; what follows them is about where words stand on a screen."""
    left, _, right = text.partition(ARROW)
    words = [left.strip(), *(right.split(maxsplit=1)[:1] or [""])]
    start, end = (_read_time(word) for word in words)
    if start is None or end is None:
        wrong = words[0] if start is None else words[1]
        message = f'"{visible(wrong[:40])}" is not a time' if wrong else "a time is missing"
        return Fault(line, message, "Write both times like 00:01:02.500.")
    return check_order(line, start, end)


def _read_time(text: str) -> timedelta | None:
    match = _TIME.fullmatch(text)
    if match is None or int(match[2]) > 59:
        return None
    hours, minutes, seconds, fraction = (part or "0" for part in match.groups())
    return timedelta(
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(6, "0")),
    )


def check_order(line: int, start: timedelta, end: timedelta, field: str | None = None) -> Times | Fault:
    if end < start:
        message = f"ends at {shown_time(end)}, before it begins at {shown_time(start)}"
        return Fault(line, message, "Correct one of the two times.", field)
    return Times(start, end)


def shown_time(time: timedelta) -> str:
    """`00:01:02.500`, for people."""
    minutes, milliseconds = divmod(time // timedelta(milliseconds=1), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def stray(line: int) -> Fault:
    return Fault(line, "these words belong to no cue", "Give them a line with their times, or remove them.")


Found = Spoken | Fault
