"""WebVTT → cues, as browsers read it (https://www.w3.org/TR/webvtt1/#file-parsing), with an eye for slips.

Who speaks is what voice tags say, for the words that stand in them. `Ada: ...` is left among the words, for it may
be something said, and a cue without a voice is nobody's: it is not known to be the last speaker's.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from stationfeed.folder.transcript_cues import (
    ARROW,
    Fault,
    NotATranscriptError,
    Spoken,
    numbered_lines,
    one_line,
    read_times,
    stray,
)
from stationfeed.model.transcript import Cue
from stationfeed.model.words import LanguageTag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stationfeed.folder.transcript_cues import Found, Times

    Block = list[tuple[int, str]]

_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
_LANGUAGE = re.compile(r"Language:[ \t]*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)[ \t]*")
_NOT_SPOKEN = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_TAG = re.compile(r"<(/?[A-Za-z][^<>]*|\d\d[\d:.]*|/?)>")


def read_vtt(text: str) -> Iterator[Found]:
    """Raises NotATranscriptError where the first line is not WebVTT's."""
    lines = numbered_lines(text)
    if not _HEADER.fullmatch(lines[0][1]):
        raise NotATranscriptError(
            Fault(1, "does not begin with WEBVTT", "Export it as WebVTT, or name it after what it is.")
        )
    for block in _blocks(lines[_header_length(lines) :]):
        yield from _read_block(block)


def language_of(text: str) -> LanguageTag | None:
    """The `Language:` that some programs write below the first line."""
    lines = numbered_lines(text[:1000])
    found = (_LANGUAGE.fullmatch(line) for _, line in lines[1 : _header_length(lines)])
    return next((LanguageTag(match[1]) for match in found if match), None)


def _header_length(lines: Block) -> int:
    ends = (at for at, (_, line) in enumerate(lines) if not line.strip() or ARROW in line)
    return next(ends, len(lines))


def _blocks(lines: Iterable[tuple[int, str]]) -> Iterator[Block]:
    """Lines between empty lines; a line of times below a cue's words begins the next block too."""
    block: Block = []
    for number, line in lines:
        begins = ARROW in line and (len(block) > 1 or any(ARROW in above for _, above in block))
        if begins or not line.strip():
            yield block
            block = []
        if line.strip():
            block.append((number, line))
    yield block


def _read_block(block: Block) -> Iterator[Found]:
    """A cue, with its id or without; comments and styles are nothing, other words are a fault."""
    at = next((at for at, (_, line) in enumerate(block) if ARROW in line), None)
    if at is None:
        if block and not _NOT_SPOKEN.fullmatch(block[0][1]):
            yield stray(block[0][0])
        return
    number, line = block[at]
    times = read_times(number, line)
    if isinstance(times, Fault):
        yield times
        return
    yield from _cues(number, times, "\n".join(line for _, line in block[at + 1 :]))


def _cues(line: int, times: Times, payload: str) -> Iterator[Spoken]:
    """One for each voice in it, all of the same times; one without text where nobody says anything."""
    voices = [(speaker, one_line(html.unescape(words))) for speaker, words in _voices(payload)]
    for speaker, text in [voice for voice in voices if voice[1]] or voices[:1]:
        yield Spoken(line, Cue(start=times.start, end=times.end, text=text, speaker=speaker))


def _voices(payload: str) -> Iterator[tuple[str | None, str]]:
    """Words without tags, and whose they are (https://www.w3.org/TR/webvtt1/#webvtt-cue-voice-span)."""
    speaker: str | None = None
    words: list[str] = []
    for at, piece in enumerate(_TAG.split(payload)):
        is_tag = at % 2
        if not is_tag:
            words.append(piece)
        elif _kind(piece) in ("v", "/v"):
            yield speaker, "".join(words)
            speaker, words = _voice(piece), []
    yield speaker, "".join(words)


def _kind(tag: str) -> str:
    """`v` of `v.loud Ada`."""
    return re.split(r"[\s.]", tag, maxsplit=1)[0].lower()


def _voice(tag: str) -> str | None:
    annotation = tag.split(maxsplit=1)[1:]
    return one_line(html.unescape(annotation[0])) or None if annotation and tag[0] != "/" else None
