"""A VEVENT → the programme that it is about."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from icalendar.parser import unescape_backslash

from stationfeed.model.on_air import Programme
from stationfeed.model.words import Slug
from stationfeed.schedule.ical_text import CalendarFaultError

if TYPE_CHECKING:
    from collections.abc import Collection

    from stationfeed.schedule.ical_text import Block

TITLE_LIMIT = 500
NOTE_LIMIT = 2_000


def programme_of(block: Block, shows: Collection[str]) -> Programme:
    show = text_of(block, "X-STATIONFEED-SHOW")
    title = _shortened(text_of(block, "X-STATIONFEED-TITLE"), TITLE_LIMIT)
    producer = _shortened(text_of(block, "X-STATIONFEED-PRODUCER"), TITLE_LIMIT)
    if show and show in shows:
        return Programme(Slug(show), title, producer)
    title = title or _shortened(text_of(block, "SUMMARY"), TITLE_LIMIT)
    if title is None:
        raise CalendarFaultError("has no SUMMARY to call it by", "Give it a title in the calendar.")
    return Programme(None, title, producer)


def note_of(block: Block) -> str | None:
    return _shortened(text_of(block, "DESCRIPTION"), NOTE_LIMIT)


def text_of(block: Block, name: str) -> str | None:
    """On one line, without what no page or feed can carry."""
    line = block.first(name)
    text = unescape_backslash(line.value) if line else ""
    printable = "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Cn") else one for one in text)
    return " ".join(printable.split()) or None


def _shortened(text: str | None, limit: int) -> str | None:
    return text if text is None or len(text) <= limit else text[: limit - 1] + "…"
