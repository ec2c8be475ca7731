"""Stories and problems ⇄ rows of the index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from stationfeed.catalogue.tables import to_instant, to_microseconds
from stationfeed.errors import Problem
from stationfeed.model.episode import PictureFile, TranscriptFile, UpdateKind
from stationfeed.model.rendition import AudioFile, MasterFile, Rendition
from stationfeed.model.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stationfeed.model.episode import Article, Story
    from stationfeed.model.words import Slug

CORRECTING = frozenset({UpdateKind.CORRECTION, UpdateKind.RETRACTION})

AssetFacts = AudioFile | MasterFile | PictureFile | TranscriptFile


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why something cannot be made of a file, in words that follow its name."""

    reason: str
    remedy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedRendition:
    """A rendition that a story should have, by the name of its order, and the one that it has.

    `made` may be of an older order, which stands in until this one is made or mended; `refusal` says that this one
    never can be.
    """

    name: str
    order: str
    made: Rendition | None = None
    refusal: Refusal | None = None

    @property
    def is_missing(self) -> bool:
        return self.refusal is None and (self.made is None or self.made.name != self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Indexed:
    """What a look at one episode folder found; `story` is None where nothing of it can be published.

    `stale` says that the story is its last good version and the file is broken now; `restrictions` are then
    what the broken versions since have said, as text to be kept. `article` is the story's text in Markdown,
    `transcript` the words of the story's transcript.
    """

    slug: Slug
    stamp: str
    sha256: str
    story: Story | None
    article: str = ""
    transcript: Transcript | None = None
    station: Slug | None = None
    guid_line: int | None = None
    stale: bool = False
    restrictions: str | None = None
    renditions: tuple[WantedRendition, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A story's place in a list: enough to order it and to tell one version from another.

    `version` names the story, all that it says and its files: no other story has it, nor this one after an edit.
    """

    published_at: int
    slug: Slug
    version: str
    updated_at: datetime
    visible: bool = True
    trailer: bool = False

    @property
    def place(self) -> tuple[int, str]:
        """Newest first; stories of one instant stand in order of slug."""
        return (-self.published_at, self.slug)


@dataclass(frozen=True, kw_only=True, slots=True)
class Probed:
    """What is known of one asset: its facts, or why it cannot be published as it is.

    A transcript has its words here, and what is wrong with it line by line.
    """

    facts: AssetFacts | None = None
    reason: str | None = None
    remedy: str | None = None
    waits: bool = False
    transcript: Transcript | None = None
    problems: tuple[Problem, ...] = ()


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(value: Any) -> str:
    kind: Any = type(value)
    return adapter(kind).dump_json(value).decode()


def load(kind: Any, text: str) -> Any:
    return adapter(kind).validate_json(text, strict=True)


def story_row(found: Indexed, story: Story) -> dict[str, Any]:
    episode = story.episode
    record, article_sha256 = dump(story), sha256_of(found.article)
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
        "version": sha256_of(f"{record}\0{article_sha256}")[:32],
        "record": record,
        "article_sha256": article_sha256,
    }


def text_row(found: Indexed) -> dict[str, Any]:
    transcript = found.transcript
    said = " ".join(cue.text for cue in transcript.cues) if transcript else None
    return {"slug": found.slug, "markdown": found.article, "transcript": said}


def article_row(slug: Slug, maker: str, markdown: str, made: Article) -> dict[str, Any]:
    return {
        "slug": slug,
        "article_sha256": sha256_of(markdown),
        "maker": maker,
        "html": made.html,
        "lead": made.lead,
    }


def rendition_rows(slug: Slug, wanted: Sequence[WantedRendition]) -> list[dict[str, Any]]:
    return [
        {
            "slug": slug,
            "position": position,
            "name": one.name,
            "made_name": one.made.name if one.made else None,
            "missing": one.is_missing,
            "payload": dump(one),
        }
        for position, one in enumerate(wanted)
    ]


def sha256_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _micro(instant: datetime | None) -> int | None:
    return None if instant is None else to_microseconds(instant)


def entry_of(row: Any) -> Entry:
    return Entry(
        row.published_at,
        row.slug,
        row.version,
        to_instant(row.updated_at),
        visible=bool(row.visible),
        trailer=bool(row.trailer),
    )
