"""Podcasting 2.0 transcripts in JSON → cues; single words become cues that can be read.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/transcripts/transcripts.md
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from stationfeed.folder.shape import field_name
from stationfeed.folder.transcript_cues import (
    LATEST,
    Fault,
    NotATranscriptError,
    Spoken,
    check_order,
    one_line,
)
from stationfeed.model.transcript import Cue, is_word_by_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stationfeed.folder.transcript_cues import Found

CUE_LENGTH = 65
CUE_PAUSE = timedelta(seconds=1)

_REMEDY = 'Export it as a podcast transcript in JSON: {"version": "1.0.0", "segments": [...]}.'
_NO_SPACE_BEFORE = tuple(",.;:!?%)]}…")
_SENTENCE_END = re.compile(r"[.!?…][)\]}\"'\u2019\u201d]*$")
_BETWEEN = re.compile(r"[ \t\n\r,:]*")
_DECODER = json.JSONDecoder(parse_int=float)  # float takes a number of any length


@dataclass(frozen=True, slots=True)
class _Segment:
    """One that can be read; `end` is None where it does not say, `closes` where its text ends a line."""

    line: int
    start: timedelta
    end: timedelta | None
    speaker: str | None
    text: str
    closes: bool


def read_json(text: str) -> Iterator[Found]:
    """Raises NotATranscriptError where the text is not JSON or has no segments."""
    segments = []
    for number, (line, value) in enumerate(_values(text)):
        segment = _read_segment(number, line, value)
        if isinstance(segment, Fault):
            yield segment
        else:
            segments.append(segment)
    yield from _spoken(segments)


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """What stands in the list of segments, each with its line."""
    _check_json(text)
    at = _segments_start(text)
    line, counted = 1, 0
    while text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        value, at = _DECODER.raw_decode(text, at)
        yield line, value
        at = _skip(text, at)


def _check_json(text: str) -> None:
    try:
        _DECODER.decode(text)
    except json.JSONDecodeError as error:
        fault = Fault(error.lineno, f"is not JSON: {error.msg[0].lower()}{error.msg[1:]}", _REMEDY)
        raise NotATranscriptError(fault) from error
    except RecursionError as error:
        raise NotATranscriptError(Fault(None, "is not JSON that can be read", _REMEDY)) from error


def _segments_start(text: str) -> int:
    """Where the list begins in a text that is JSON."""
    at = _skip(text, 0)
    if text[at] == "{":
        at = _skip(text, at + 1)
        while text[at] != "}":
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, at)
            if key == "segments" and text[at] == "[":
                return _skip(text, at + 1)
            _, at = _DECODER.raw_decode(text, at)
            at = _skip(text, at)
    raise NotATranscriptError(Fault(None, 'has no list of "segments"', _REMEDY))


def _skip(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def _read_segment(number: int, line: int, value: Any) -> _Segment | Fault:
    place = field_name(("segments", number))
    if not isinstance(value, dict):
        return Fault(
            line, "is not a segment", 'Write {"startTime": 0.5, "endTime": 2, "body": "..."}.', place
        )
    start, end = _seconds(value.get("startTime")), _seconds(value.get("endTime"))
    if start is None:
        return _no_time(line, f"{place}.startTime")
    if end is None and value.get("endTime") is not None:
        return _no_time(line, f"{place}.endTime")
    times = check_order(line, start, start if end is None else end, place)
    if isinstance(times, Fault):
        return times
    body, speaker = (_text(value.get(name)) for name in ("body", "speaker"))
    closes = body.rstrip(" ").endswith("\n")
    return _Segment(line, start, end, one_line(speaker) or None, one_line(body), closes)


def _no_time(line: int, place: str) -> Fault:
    return Fault(line, "is not a number of seconds", "Write seconds like 62.5, without quotes.", place)


def _seconds(value: Any) -> timedelta | None:
    """None also for a number that is no time inside any audio."""
    if not isinstance(value, float) or not 0 <= value < LATEST.total_seconds():
        return None
    return timedelta(seconds=value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _spoken(segments: Sequence[_Segment]) -> Iterator[Spoken]:
    cues = list(_cues(segments))
    if is_word_by_word([spoken.cue for _, spoken in cues if spoken.cue.text]):
        yield from _joined(cues)
        return
    yield from (spoken for _, spoken in cues)


def _cues(segments: Sequence[_Segment]) -> Iterator[tuple[_Segment, Spoken]]:
    """A segment that does not say when it ends ends where the next one begins; the last has no length."""
    for segment, after in zip_longest(segments, segments[1:]):
        next_start = after.start if after else segment.start
        end = segment.end if segment.end is not None else max(segment.start, next_start)
        cue = Cue(start=segment.start, end=end, text=segment.text, speaker=segment.speaker)
        yield segment, Spoken(segment.line, cue)


def _joined(cues: Sequence[tuple[_Segment, Spoken]]) -> Iterator[Spoken]:
    """Words of one speaker as one cue, up to the end of a sentence or line, a pause, or a length."""
    open_: Spoken | None = None
    for segment, word in cues:
        if open_ and _goes_on(open_.cue, word.cue):
            open_ = replace(open_, cue=_join(open_.cue, word.cue))
        else:
            if open_:
                yield open_
            open_ = word
        if segment.closes:
            yield open_
            open_ = None
    if open_:
        yield open_


def _goes_on(cue: Cue, word: Cue) -> bool:
    return (
        word.speaker == cue.speaker
        and abs(word.start - cue.end) <= CUE_PAUSE
        and len(cue.text) + len(word.text) < CUE_LENGTH
        and (not _SENTENCE_END.search(cue.text) or word.text.startswith(_NO_SPACE_BEFORE))
    )


def _join(cue: Cue, word: Cue) -> Cue:
    space = "" if word.text.startswith(_NO_SPACE_BEFORE) else " "
    text = f"{cue.text}{space}{word.text}".strip()
    return replace(cue, end=max(cue.end, word.end), text=text)
