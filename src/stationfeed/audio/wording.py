"""The texts of tags: made fit to be written into one, and read out of the bytes of one."""

from __future__ import annotations

import re

LYRICS_LIMIT_BYTES = 64 * 1024

_ENDS_OF_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NO_LETTERS = re.compile(r"[\ud800-\udfff\ufeff\ufffe\uffff]")


def one_line(text: str) -> str:
    """The text without control characters, halves of letters and doubled spaces."""
    return " ".join(_NO_LETTERS.sub("", _ENDS_OF_LINES.sub(" ", text)).split())


def short_lyrics(transcript: str | None) -> str | None:
    """The transcript's lines; None where there are none, or too many to be carried along in every file."""
    lyrics = "\n".join(one_line(line) for line in (transcript or "").splitlines()).strip()
    return lyrics if 0 < len(lyrics.encode()) <= LYRICS_LIMIT_BYTES else None


def text_of(field: bytes) -> str | None:
    """The text in a field up to its first zero byte, UTF-8 or else that of Windows; None where there is none."""
    content = field.partition(b"\0")[0]
    return one_line(_decoded(content)) or None


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        start = content[: error.start]
        if error.reason == "unexpected end of data" and not start.isascii():
            return start.decode()  # a field of fixed length ends inside a letter
        return content.decode("cp1252", "replace")
