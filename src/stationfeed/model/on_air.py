"""What is on air: a programme's slot, what is heard inside it, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stationfeed.model.words import Slug

NEXT_UP_COUNT = 3


@dataclass(frozen=True, slots=True)
class Programme:
    """What a listener would call it: a show of ours, somebody else's by its title, or both."""

    show: Slug | None = None
    title: str | None = None
    producer: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A programme on air from `starts_at` up to `ends_at`; `source` is `schedule`, `override` or `as_run`."""

    starts_at: datetime
    ends_at: datetime
    programme: Programme
    source: str
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AsRun:
    """What automation says has really aired, in place of what was planned."""

    starts_at: datetime
    ends_at: datetime
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlayingItem:
    """What is heard inside a programme: a piece of music, a segment.

    `source` is `push`, `icecast` or `icy`; `as_of` is when it was first heard of. `ends_at` is None where nobody said.
    """

    title: str
    source: str
    starts_at: datetime
    as_of: datetime
    ends_at: datetime | None = None
    artist: str | None = None
    category: str | None = None
    story_guid: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OnAir:
    """The truth about one service at an instant.

    `since` is from when on exactly this has been true, None where nothing was ever known; `until` is when something
    is known to change.
    """

    now_playing: Slot | None
    item: PlayingItem | None
    next_up: tuple[Slot, ...]
    since: datetime | None
    until: datetime | None
