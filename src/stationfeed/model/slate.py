"""What an audio file says about itself, before anyone at the station has said more."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Slate:
    """None is not said. Texts are one line; nothing here is checked against the sound.

    `show` is the album or the program, `software` what wrote the file, `ends_on` the last day of its use, None
    when it has no end. `originated_at` is what a clock at the recorder showed, in no known zone, and
    `time_reference_samples` counts from that clock's midnight; many programs write 0 where they do not know.
    """

    title: str | None = None
    artist: str | None = None
    show: str | None = None
    cut_id: str | None = None
    category: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    out_cue: str | None = None
    originator: str | None = None
    originated_at: datetime | None = None
    time_reference_samples: int | None = None
    description: str | None = None
    comment: str | None = None
    software: str | None = None

    def or_else(self, other: Slate) -> Slate:
        """This one, and the other where this one says nothing."""
        missing = {name: getattr(other, name) for name in SLATE_FIELDS if getattr(self, name) is None}
        return replace(self, **missing)


SLATE_FIELDS = tuple(field.name for field in fields(Slate))
