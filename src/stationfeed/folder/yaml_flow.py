"""Values → YAML on one line, in flow style, that every YAML reader understands alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stationfeed.folder.yaml_text import Value

# YAML readers break lines at some of these, refuse others, and hide the rest from whoever edits the file.
_UNWRITABLE = "\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff"
_ESCAPED = re.compile(f'["\\\\{_UNWRITABLE}]')
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

_WORDS = re.compile(
    rf"(?:[A-Za-z0-9/]|[^\x00-\x7f{_UNWRITABLE}])(?:[\w .'()/!+;=&*$@%-]|[^\x00-\x7f{_UNWRITABLE}])*(?<! )"
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
# The spelling every reader gives back: 12 and 0.5, but not 007, 1.10 or 1e3.
_NUMBER = re.compile(r"(0|-?[1-9]\d{0,11})|-?(0|[1-9]\d{0,5})\.\d{0,5}[1-9]", re.ASCII)
# What YAML 1.1 or 1.2 take for something other than text.
_NOT_TEXT = re.compile(
    r"y|n|yes|no|on|off|null"
    r"|[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|([0-9][0-9_]*)?\.?[0-9_]*(e[-+]?[0-9]+)?)",
    re.ASCII | re.IGNORECASE,
)


def flow(value: Value) -> str:
    """`{at: 2026-04-22T20:45, note: "Adds, at last, a response."}`."""
    match value:
        case None:
            return "null"
        case str():
            return value if _is_plain(value) else _quoted(value)
        case list():
            return f"[{', '.join(map(flow, value))}]"
        case dict():
            return f"{{{', '.join(f'{flow(key)}: {flow(item)}' for key, item in value.items())}}}"


def _is_plain(text: str) -> bool:
    """Whether a text without quotes is the same to YAML 1.1 and 1.2, inside brackets as well as outside.

    `true`, `false`, dates and numbers in their shortest spelling come here as text and are written as they are.
    """
    if _INSTANT.fullmatch(text) or _NUMBER.fullmatch(text):
        return True
    if text.lower() in ("true", "false"):
        return text.islower()
    return bool(_WORDS.fullmatch(text)) and not _NOT_TEXT.fullmatch(text)


def _quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    code = ord(character)
    return _SHORT_ESCAPES.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
