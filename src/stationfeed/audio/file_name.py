"""What the name of a dropped file suggests: a title and a day, to be shown to a person and never more than that."""

from __future__ import annotations

import re
from datetime import date

from stationfeed.audio.wording import one_line

_SUFFIX = re.compile(r"\.[A-Za-z0-9]{2,4}$")
_DAY = re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d\d)\2(\d\d)(?!\d)")
_VERSION = re.compile(
    r"(?:(?:^|\s)(?:v(?:er(?:sion)?)?\.?\s?\d+(?:\.\d+)*|final|copy(?:\s\d+)?)|\s*\((?:\d+|copy)\))$",
    re.IGNORECASE,
)
_YEARS = range(1900, 2100)
_LONGEST_NAME = 255


def from_file_name(name: str) -> tuple[str | None, date | None]:
    """A title and a day, each None unless the name has exactly one; only year first is a day for certain."""
    stem = _SUFFIX.sub("", name[:_LONGEST_NAME])
    found = [(match, day) for match in _DAY.finditer(stem) if (day := _date(match))]
    if len({day for _, day in found}) != 1:
        return _title(stem), None
    for match, _ in reversed(found):
        stem = f"{stem[: match.start()]} {stem[match.end() :]}"
    return _title(stem), found[0][1]


def _date(match: re.Match[str]) -> date | None:
    year, month, day = (int(match[group]) for group in (1, 3, 4))
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _title(stem: str) -> str | None:
    text = one_line(re.sub(r"[-_]+", " ", stem))
    while (shorter := _VERSION.sub("", text)) != text:
        text = shorter
    return text if any(letter.isalpha() for letter in text) else None
