"""A transcript in the four forms that podcast apps read, each with its speakers.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/transcripts/transcripts.md
"""

from __future__ import annotations

import json
from datetime import timedelta
from html import escape
from itertools import count, pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from stationfeed.model.subrip import escaped, label_for, without_label
from stationfeed.model.transcript import is_word_by_word, paragraphs

if TYPE_CHECKING:
    from stationfeed.model.transcript import Cue, Paragraph, Transcript


_VTT_LINE = 65
_SRT_LINE = 32
_MILLISECOND = timedelta(milliseconds=1)


def render_vtt(transcript: Transcript) -> bytes:
    """WebVTT (https://www.w3.org/TR/webvtt1/): every cue says whose it is in a voice tag."""
    return "\n".join(["WEBVTT\n", *(_vtt_cue(cue) for cue in transcript.cues)]).encode()


def _vtt_cue(cue: Cue) -> str:
    voice = f"<v {_vtt_name(cue.speaker)}>" if cue.speaker else ""
    words = "\n".join(_wrap(escape(cue.text, quote=False), _VTT_LINE))
    return f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{voice}{words}\n"


def _vtt_name(name: str) -> str:
    """A name that may end in hyphens: with the tag's end they would be an arrow, and the line one of times."""
    return escape(name, quote=False).replace("--", "-&#45;")


def render_srt(transcript: Transcript) -> bytes:
    """SubRip with a name before the words wherever the speaker changes; the first cue has one if any has."""
    speakers = [cue.speaker for cue in transcript.cues]
    changes = [any(speakers), *(before != after for before, after in pairwise(speakers))]
    labels = [label_for(who) if new else "" for who, new in zip(speakers, changes, strict=False)]
    cards = (_srt_cue(*card) for card in zip(count(1), transcript.cues, labels, strict=False))
    return "\n".join(cards).encode()


def _srt_cue(number: int, cue: Cue, label: str) -> str:
    words = "\n".join(_wrap(escaped(cue.text), _SRT_LINE, label)).removeprefix(label)
    lines = "\n".join(without_label(line) for line in words.split("\n"))
    return f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{label}{lines}\n"


def render_json(transcript: Transcript) -> bytes:
    """Podcasting 2.0, version 1.0.0. Cues of single words end their line: they are not parts of a longer one."""
    line_end = "\n" if is_word_by_word(transcript.cues) else ""
    segments = [_segment(cue, line_end) for cue in transcript.cues]
    document = {"version": "1.0.0", "segments": segments}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _segment(cue: Cue, line_end: str) -> dict[str, Any]:
    speaker = {"speaker": cue.speaker} if cue.speaker else {}
    start, end = (time // _MILLISECOND / 1000 for time in (cue.start, cue.end))
    return {**speaker, "startTime": start, "endTime": end, "body": cue.text + line_end}


def render_html(transcript: Transcript, title: str) -> bytes:
    """A page of paragraphs with their speakers and times, in the language of the transcript where it is known."""
    lang = f' lang="{escape(transcript.language)}"' if transcript.language else ""
    head = (
        f"<!doctype html>\n<html{lang}>\n<head>\n"
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n"
    )
    body = "".join(_html_paragraph(one) for one in paragraphs(transcript))
    return f"{head}{body}</body>\n</html>\n".encode()


def _html_paragraph(paragraph: Paragraph) -> str:
    """`dir` keeps writing from right to left, and marks that turn it round, inside its own element."""
    seconds = paragraph.start // timedelta(seconds=1)
    cite = f'<cite dir="auto">{escape(paragraph.speaker)}:</cite>\n' if paragraph.speaker else ""
    time = f'<time datetime="PT{seconds}S">{short_clock(seconds)}</time>\n'
    return f'{cite}{time}<p dir="auto">{escape(paragraph.text)}</p>\n'


def _wrap(text: str, width: int, label: str = "") -> list[str]:
    """Lines of whole words, the first with room for a label."""
    return wrap(text, width, initial_indent=label, break_long_words=False, break_on_hyphens=False)


def _clock(time: timedelta, point: str) -> str:
    """`00:01:02.500`, cut to milliseconds."""
    seconds, milliseconds = divmod(time // _MILLISECOND, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{milliseconds:03}"


def short_clock(seconds: int) -> str:
    """`1:02` or `1:01:02`."""
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
