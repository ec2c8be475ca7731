"""SubRip → cues. Names among the words are read as `model.subrip` has them, in files that begin with one.

Where the first words have no name before them, `Remember: ...` further down is something said: a name that is not
one would make all that follows that speaker's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
from stationfeed.model.subrip import label_of, unescaped, without_markup
from stationfeed.model.transcript import Cue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stationfeed.folder.transcript_cues import Found

    _Voice = tuple[str | None, Sequence[str]]

_COUNTER = re.compile(r"\s*\d+\s*", re.ASCII)
_NOT_SPOKEN = re.compile(r"\[[^\]]*\]|\([^)]*\)|[♪♫].*")


@dataclass(frozen=True, slots=True)
class _Card:
    """A line of times and the words up to the next one, line by line; entities are still in them."""

    line: int
    times: str
    words: tuple[str, ...]


def read_srt(text: str) -> Iterator[Found]:
    """Raises NotATranscriptError where no line has times."""
    lines = numbered_lines(text)
    starts = [at for at, (_, line) in enumerate(lines) if ARROW in line]
    if not starts:
        raise NotATranscriptError(
            Fault(
                None,
                "has no line like 00:00:01,000 --> 00:00:04,000",
                "Export it as SubRip, or name it after what it is.",
            )
        )
    above = [number for number, line in _without_counter(lines[: starts[0]]) if line.strip()]
    yield from (stray(number) for number in above[:1])
    yield from _read_cards(list(_cards(lines, starts)))


def _cards(lines: Sequence[tuple[int, str]], starts: Sequence[int]) -> Iterator[_Card]:
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        below = lines[start + 1 : end]
        spoken = below if end is None else _without_counter(below)
        words = (without_markup(line).strip() for _, line in spoken)
        yield _Card(*lines[start], tuple(line for line in words if line))


def _without_counter(lines: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
    """Lines above one of times; the last of them may count the cues."""
    return lines[:-1] if lines and _COUNTER.fullmatch(lines[-1][1]) else lines


def _read_cards(cards: Sequence[_Card]) -> Iterator[Found]:
    """A speaker is named once and goes on until the next, also over cues whose times are wrong."""
    has_names = _begins_with_a_name(cards)
    speaker: str | None = None
    for card in cards:
        voices = _voices(card, speaker) if has_names else [(None, card.words)]
        speaker = voices[-1][0]
        yield from _read_card(card, voices)


def _begins_with_a_name(cards: Sequence[_Card]) -> bool:
    first_lines = (card.words[0] for card in cards if card.words)
    first = next((line for line in first_lines if not _NOT_SPOKEN.fullmatch(line)), "")
    return label_of(first) is not None


def _voices(card: _Card, speaker: str | None) -> list[_Voice]:
    """Who says which lines of it; the first goes on from the card above."""
    lines: list[str] = []
    voices: list[_Voice] = [(speaker, lines)]
    for line in card.words:
        if label := label_of(line):
            lines = []
            voices.append((one_line(unescaped(label.speaker or "")) or None, lines))
        lines.append(line[label.end :] if label else line)
    return voices


def _read_card(card: _Card, voices: Sequence[_Voice]) -> Iterator[Found]:
    times = read_times(card.line, card.times)
    if isinstance(times, Fault):
        yield times
        return
    heard = [(speaker, one_line(unescaped(" ".join(lines)))) for speaker, lines in voices]
    for speaker, text in [voice for voice in heard if voice[1]] or heard[:1]:
        yield Spoken(card.line, Cue(start=times.start, end=times.end, text=text, speaker=speaker))
