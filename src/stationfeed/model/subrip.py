"""How SubRip spells words and speakers: a format without a standard, in which names stand among the words.

Names as in https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/examples/transcripts/transcripts.md
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_NAME = re.compile(r"[^\W\d_][\w.'\u2019-]*(?: [\w.'\u2019-]+){0,4}")
_NAME_LENGTH = 40
_SMALL_WORD = re.compile(r"and|bin|da|de|del|den|der|di|du|la|le|of|the|van|von")
_MARK = re.compile(r"(?:>>+|-)\s+")
_SPEAKER = re.compile(r"\[(.+?)\]:\s+|([^:\[\]<>&{}]{1,40}):\s+")

_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|\{\\[^{}]*\}")
_SPELT = {"<": "&lt;", ">": "&gt;", "{": "&#123;"}
_TAKEN_FOR_MARKUP = re.compile(r"<(?=[/!?A-Za-z])|\{(?=\\)|(?<=--)>")


@dataclass(frozen=True, slots=True)
class Label:
    """Who speaks from `end` of a line on; None is somebody else without a name."""

    speaker: str | None
    end: int


def label_of(line: str) -> Label | None:
    """The speaker a line begins with: `Ada:`, `[any name]:`, or the marks `>>` and `-` for a change of speaker.

    A label has a space and words behind it: a line that is only `Remember:` is something said. The line has no space
    at its ends.
    """
    mark = _MARK.match(line)
    start = mark.end() if mark else 0
    named = _SPEAKER.match(line, start)
    if named and (named[1] or is_name(named[2].strip())):
        return Label(named[1] or named[2], named.end())
    return Label(None, start) if mark else None


def is_name(text: str) -> bool:
    """Whether it is written like a name: `Ada Okafor`, `ADA`, `Speaker 2`, `Vincent van Dam`."""
    if len(text) > _NAME_LENGTH or not _NAME.fullmatch(text):
        return False
    first, *others = text.split(" ")
    return first[0].isupper() and all(
        word[0].isupper() or word[0].isdigit() or _SMALL_WORD.fullmatch(word) for word in others
    )


def label_for(speaker: str | None) -> str:
    """What stands before the words of a new speaker."""
    if speaker is None:
        return ">> "
    if is_name(speaker):
        return f"{speaker}: "
    inside = escaped(speaker).replace("]:", "&#93;:")
    return f"[{inside}]: "


def without_label(line: str) -> str:
    """The same words, broken into lines so that none of them begins with a label."""
    lines = []
    while label := label_of(line):
        mark = _MARK.match(line)
        cut = mark.end() if mark else label.end
        lines.append(line[:cut].rstrip())
        line = line[cut:]
    return "\n".join([*lines, line])


def escaped(text: str) -> str:
    """Words in which nothing is taken for markup; `Q&A` and `a < b` stay as they are, for apps that decode nothing."""
    text = _ENTITY.sub(lambda entity: "&amp;" + entity[0][1:], text)
    return _TAKEN_FOR_MARKUP.sub(lambda one: _SPELT[one[0]], text)


def without_markup(line: str) -> str:
    """A line of a file without its tags; entities are still in it."""
    return _MARKUP.sub("", line)


def unescaped(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
