"""A transcript's file → what is said when, and what is wrong with it."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

from stationfeed.errors import Problem, Severity
from stationfeed.folder.transcript_cues import Fault, NotATranscriptError, Spoken, shown_time
from stationfeed.folder.transcript_json import read_json
from stationfeed.folder.transcript_srt import read_srt
from stationfeed.folder.transcript_vtt import language_of, read_vtt
from stationfeed.model.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import PurePosixPath

    from stationfeed.folder.transcript_cues import Found

CUES_LIMIT = 200_000
PROBLEMS_LIMIT = 50

_EXPORT_AGAIN = "Export the transcript once more."
_SAVE_AS_UTF_8 = "Save it as UTF-8."


def read_transcript(data: bytes, path: PurePosixPath) -> tuple[Transcript | None, tuple[Problem, ...]]:
    """The cues of a WebVTT, SubRip or JSON transcript, told apart by the file's name, and every problem with it.

    A cue that cannot be read is left out with a warning. Where no cue is left there is no transcript, and an error.
    """
    try:
        text = _decode(data)
        found = list(islice(_find(text, path), CUES_LIMIT + 1))
        _check_count(found)
    except NotATranscriptError as error:
        return None, (_problem(error.fault, path, Severity.ERROR),)
    spoken = [one for one in found if isinstance(one, Spoken)]
    heard = [one for one in spoken if one.cue.text]
    faults = [one for one in found if isinstance(one, Fault)]
    problems = _problems([*faults, *_silent(spoken), *_going_back(heard)], path)
    if not heard:
        nothing = Fault(None, "holds no cue that can be read", _EXPORT_AGAIN)
        return None, (_problem(nothing, path, Severity.ERROR), *problems)
    cues = sorted((one.cue for one in heard), key=lambda cue: cue.start)
    language = language_of(text) if path.suffix.lower() == ".vtt" else None
    return Transcript(cues=tuple(cues), language=language), problems


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotATranscriptError(Fault(None, "is UTF-16 text", _SAVE_AS_UTF_8))
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        fault = Fault(line, "this line holds bytes that are not UTF-8 text", _SAVE_AS_UTF_8)
        raise NotATranscriptError(fault) from error
    if not text.strip():
        raise NotATranscriptError(Fault(None, "is empty", _EXPORT_AGAIN))
    return text


def _find(text: str, path: PurePosixPath) -> Iterator[Found]:
    match path.suffix.lower():
        case ".vtt":
            return read_vtt(text)
        case ".srt":
            return read_srt(text)
        case ".json":
            return read_json(text)
    remedy = "Export it as WebVTT (.vtt), SubRip (.srt) or JSON."
    raise NotATranscriptError(Fault(None, "is no kind of transcript that apps read", remedy))


def _check_count(found: Sequence[Found]) -> None:
    if len(found) > CUES_LIMIT:
        remedy = "Export sentences instead of single words."
        raise NotATranscriptError(Fault(None, f"has more than {CUES_LIMIT} cues", remedy))


def _silent(spoken: Sequence[Spoken]) -> Iterator[Fault]:
    """One fault for all cues in which nothing is said."""
    lines = [one.line for one in spoken if not one.cue.text]
    if lines:
        count = (
            "a cue has no text" if len(lines) == 1 else f"{len(lines)} cues have no text, this is the first"
        )
        yield Fault(lines[0], count, "Write what is said, or remove the times.")


def _going_back(heard: Sequence[Spoken]) -> Iterator[Fault]:
    for above, one in pairwise(heard):
        if one.cue.start < above.cue.start:
            message = (
                f"begins at {shown_time(one.cue.start)}, before the cue above it at"
                f" {shown_time(above.cue.start)}; cues are put in order"
            )
            yield Fault(one.line, message, "Check the two times.")


def _problems(faults: Sequence[Fault], path: PurePosixPath) -> tuple[Problem, ...]:
    """Warnings in the order of the file; of very many only the first, and how many more there are."""
    ordered = sorted(faults, key=lambda fault: fault.line or 0)
    said = ordered[:PROBLEMS_LIMIT]
    if more := len(ordered) - len(said):
        said.append(Fault(None, f"has {more} more problems like these", _EXPORT_AGAIN))
    return tuple(_problem(fault, path, Severity.WARNING) for fault in said)


def _problem(fault: Fault, path: PurePosixPath, severity: Severity) -> Problem:
    return Problem(
        severity=severity,
        path=path,
        line=fault.line,
        field=fault.field,
        message=fault.message,
        remedy=fault.remedy,
        rule="transcript",
    )
