"""Stories and problems ⇄ rows of the index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from stationfeed.catalogue.tables import to_instant, to_microseconds
from stationfeed.model.episode import AudioFile, PictureFile, Story, TranscriptFile, UpdateKind

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.errors import Problem
    from stationfeed.model.words import Slug

CORRECTING = frozenset({UpdateKind.CORRECTION, UpdateKind.RETRACTION})

AssetFacts = AudioFile | PictureFile | TranscriptFile


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexed:
    """What a look at one episode folder found; `story` is None where nothing of it can be published.

    `stale` says that the story is its last good version and the file is broken now; `restrictions` are then
    what the broken versions since have said, as text to be kept.
    """

    slug: Slug
    stamp: str
    sha256: str
    story: Story | None
    station: Slug | None = None
    guid_line: int | None = None
    stale: bool = False
    restrictions: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A story's place in a list: enough to order it and to tell one version from another."""

    published_at: int
    slug: Slug
    version: str
    updated_at: datetime
    visible: bool = True

    @property
    def place(self) -> tuple[int, str]:
        """Newest first; stories of one instant stand in order of slug."""
        return (-self.published_at, self.slug)


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """What is known of one asset: its facts, or why it cannot be published as it is."""

    facts: AssetFacts | None = None
    reason: str | None = None
    remedy: str | None = None
    waits: bool = False


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(value: Any) -> str:
    kind: Any = type(value)
    return adapter(kind).dump_json(value).decode()


def load(kind: Any, text: str) -> Any:
    return adapter(kind).validate_json(text)


def story_row(found: Indexed, story: Story) -> dict[str, Any]:
    episode = story.episode
    record = dump(story)
    corrected = [update.at for update in episode.updates if update.kind in CORRECTING]
    return {
        "slug": story.slug,
        "guid": episode.guid,
        "guid_line": found.guid_line,
        "show": episode.show,
        "station": found.station,
        "state": episode.state.value,
        "published_at": _micro(episode.published_at),
        "expires_at": _micro(episode.expires_at),
        "updated_at": _micro(episode.updated_at),
        "episode_type": episode.episode_type,
        "has_audio": story.audio is not None,
        "corrected_at": _micro(max(corrected, default=None)),
        "holds_guid": True,
        "stale": found.stale,
        "version": sha256(record.encode()).hexdigest()[:32],
        "record": record,
    }


def _micro(instant: datetime | None) -> int | None:
    return None if instant is None else to_microseconds(instant)


def entry_of(row: Any) -> Entry:
    return Entry(row.published_at, row.slug, row.version, to_instant(row.updated_at), bool(row.visible))
