"""What is said in an episode, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from stationfeed.model.words import LanguageTag

PAUSE = timedelta(seconds=2)
"""A silence after which a new paragraph begins."""

_WORD = timedelta(seconds=1.5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """Some words between two times inside the audio; `text` and `speaker` are one line each and never empty."""

    start: timedelta
    end: timedelta
    text: str
    speaker: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """Cues in the order in which they begin; several may be heard at once."""

    cues: tuple[Cue, ...]
    language: LanguageTag | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """What one speaker says without a long pause."""

    start: timedelta
    text: str
    speaker: str | None = None


def shifted(transcript: Transcript, by: timedelta) -> Transcript:
    """The same words later by what stands before them now; nothing begins before the audio does."""
    return replace(transcript, cues=tuple(_shifted(cue, by) for cue in transcript.cues))


def _shifted(cue: Cue, by: timedelta) -> Cue:
    start, end = (max(time + by, timedelta()) for time in (cue.start, cue.end))
    return Cue(start=start, end=end, text=cue.text, speaker=cue.speaker)


def paragraphs(transcript: Transcript) -> Iterator[Paragraph]:
    """A new one wherever the speaker changes or nobody speaks for long."""
    together: list[Cue] = []
    silent_from = timedelta()
    for cue in transcript.cues:
        if together and (cue.speaker != together[0].speaker or cue.start - silent_from >= PAUSE):
            yield _paragraph(together)
            together = []
        together.append(cue)
        silent_from = max(silent_from, cue.end)
    if together:
        yield _paragraph(together)


def _paragraph(cues: Sequence[Cue]) -> Paragraph:
    text = " ".join(cue.text for cue in cues)
    return Paragraph(start=cues[0].start, text=text, speaker=cues[0].speaker)


def plain_text(transcript: Transcript) -> str:
    """Paragraphs with an empty line between them, each with its speaker in front where that is known."""
    return "\n\n".join(
        f"{one.speaker}: {one.text}" if one.speaker else one.text for one in paragraphs(transcript)
    )


def is_word_by_word(cues: Sequence[Cue]) -> bool:
    """Whether more than four in five are single words, as programs that recognise speech write them."""
    words = sum(" " not in cue.text and cue.end - cue.start <= _WORD for cue in cues)
    return words > 0.8 * len(cues)
