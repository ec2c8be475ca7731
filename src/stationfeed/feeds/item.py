"""A story → what every format says of it, in one place: text, addresses, people, files."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from stationfeed.feeds.channel import faces_of
from stationfeed.model.addresses import (
    TRANSCRIPT_TYPES,
    absolute,
    audio_path,
    chapters_path,
    picture_path,
    story_path,
    transcript_path,
)
from stationfeed.model.episode import UpdateKind
from stationfeed.model.podcast import Credit

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    from stationfeed.feeds.channel import Face, Surroundings
    from stationfeed.model.episode import Article, Episode, Origin, PictureFile, Story, Update
    from stationfeed.model.rendition import AlternateAudio, AudioFile
    from stationfeed.model.words import Url

DESCRIPTION_LIMIT_BYTES = 4000
"""Apple and PSP-1 cut a description there (A10, PSP5)."""

# A scheme, and then nothing that an IRI cannot hold (RFC 3987); brackets only stand in hosts that we never make.
_ABSOLUTE_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`\[\]]+""")
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UPDATE_WORDS = {
    UpdateKind.UPDATE: "Updated",
    UpdateKind.CORRECTION: "Correction",
    UpdateKind.CLARIFICATION: "Clarification",
    UpdateKind.RETRACTION: "Retraction",
}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The audio an app downloads."""

    url: Url
    size_bytes: int
    media_type: str
    duration: timedelta


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same audio in another codec."""

    url: Url
    audio: AlternateAudio


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A story's photo with its words."""

    url: Url
    picture: PictureFile
    alt: str | None
    caption: str | None
    credit: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One story in a feed.

    `html` is the full article with update notes and attribution; `attribution` says in plain words whose story
    it is, for where the article is not given. `opening` is how much later everything is heard in the enclosure than
    the episode says. `transcript_urls` have their media types.
    """

    episode: Episode
    title: str
    url: Url
    description: str
    attribution: str | None
    html: str
    authors: tuple[str, ...]
    published_at: datetime
    updated_at: datetime
    explicit: bool | None
    enclosure: Enclosure | None
    thumbnail: Thumbnail | None
    faces: tuple[Face, ...]
    alternates: tuple[Alternative, ...]
    opening: timedelta
    transcript_urls: tuple[tuple[Url, str], ...]
    chapters_url: Url | None

    @property
    def atom_id(self) -> str:
        return atom_id(self.episode.guid)


def view_story(story: Story, article: Article, around: Surroundings) -> Item:
    """What feeds say of a public story."""
    episode = story.episode
    published_at, updated_at = episode.published_at, episode.updated_at
    if published_at is None or updated_at is None:
        raise ValueError(f"{story.slug} has no published_at and cannot be in a feed")
    show = around.config.shows[episode.show]
    base = around.base_url
    return Item(
        episode=episode,
        title=episode.title,
        url=absolute(base, story_path(story.slug)),
        description=describe(episode, article.lead),
        attribution=_plain_attribution(episode.origin) if episode.origin else None,
        html=_full_text(episode, article.html, around.zones[show.station]),
        authors=authors_of(episode, around),
        published_at=published_at,
        updated_at=updated_at,
        explicit=episode.explicit if episode.explicit is not None else show.explicit,
        enclosure=_enclosure(story.slug, story.audio, base),
        thumbnail=_thumbnail(story, base),
        faces=faces_of(_credits(episode), around),
        alternates=tuple(
            Alternative(absolute(base, audio_path(story.slug, one.file)), one) for one in story.alternates
        ),
        opening=story.opening,
        transcript_urls=_transcripts(story, base),
        chapters_url=absolute(base, chapters_path(story.slug)) if has_chapters(story) else None,
    )


def describe(episode: Episode, lead: str | None) -> str:
    """A story in a few words: its summary, else its first paragraph, else its title."""
    return _shorten(episode.summary or lead or episode.title)


def summary_of(item: Item) -> str:
    """What a feed without articles says of a story, ending with whose it is."""
    if item.attribution is None:
        return item.description
    room = DESCRIPTION_LIMIT_BYTES - len(f" {item.attribution}".encode())
    return f"{_shorten(item.description, room)} {item.attribution}"


def has_chapters(story: Story) -> bool:
    return bool(story.audio and story.episode.audio and story.episode.audio.chapters)


def atom_id(guid: str) -> str:
    """The guid itself where it is an absolute IRI, else a urn:uuid of it (RFC 4287, 4.2.6)."""
    if _ABSOLUTE_IRI.fullmatch(guid):
        return guid
    try:
        return f"urn:uuid:{uuid.UUID(guid)}"
    except ValueError:
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, guid)}"


def authors_of(episode: Episode, around: Surroundings) -> tuple[str, ...]:
    if episode.origin:
        return (episode.origin.organization,)
    names = tuple(around.people[one].person.name if one in around.people else one for one in episode.byline)
    return names or (around.config.station_of(episode.show).name,)


def _credits(episode: Episode) -> tuple[Credit, ...]:
    reporters = (Credit(person=one, role="reporter") for one in episode.byline)
    return (*reporters, *episode.people)


def _enclosure(slug: str, audio: AudioFile | None, base: str) -> Enclosure | None:
    if audio is None:
        return None
    url = absolute(base, audio_path(slug, audio))
    return Enclosure(url, audio.size_bytes, audio.media_type, audio.duration)


def _transcripts(story: Story, base: str) -> tuple[tuple[Url, str], ...]:
    """Addresses and media types."""
    if story.transcript is None:
        return ()
    return tuple(
        (absolute(base, transcript_path(story.slug, form)), media_type)
        for form, media_type in TRANSCRIPT_TYPES.items()
    )


def _thumbnail(story: Story, base: str) -> Thumbnail | None:
    image, picture = story.episode.image, story.picture
    if image is None or picture is None:
        return None
    credit = ", ".join(one for one in (image.credit, image.provider) if one) or None
    return Thumbnail(
        absolute(base, picture_path(story.slug, picture)), picture, image.alt, image.caption, credit
    )


def _full_text(episode: Episode, html: str, zone: ZoneInfo) -> str:
    newest_first = sorted(episode.updates, key=lambda update: update.at, reverse=True)
    notes = [_note(update, zone) for update in newest_first]
    ending = [_attribution(episode.origin)] if episode.origin else []
    return "\n".join([*notes, html, *ending])


def _note(update: Update, zone: ZoneInfo) -> str:
    return f"<p><strong>{UPDATE_WORDS[update.kind]}, {spoken_date(update.at, zone)}:</strong> {escape(update.note)}</p>"


def spoken_date(at: datetime, zone: ZoneInfo) -> str:
    """`April 22, 2026, 8:45 p.m. CDT`: a date as a station prints it, whatever the machine's language."""
    local = at.astimezone(zone)
    month = _MONTHS[local.month - 1]
    return f"{month} {local.day}, {local.year}, {spoken_time(at, zone)} {local.tzname()}"


def spoken_day(at: datetime, zone: ZoneInfo) -> str:
    """`Wednesday, April 22`."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]}, {_MONTHS[local.month - 1]} {local.day}"


def spoken_time(at: datetime, zone: ZoneInfo) -> str:
    """`8:45 p.m.`."""
    local = at.astimezone(zone)
    hour, half = local.hour % 12 or 12, "a.m." if local.hour < 12 else "p.m."
    return f"{hour}:{local.minute:02} {half}"


def _plain_attribution(origin: Origin) -> str:
    year = f"{origin.year} " if origin.year else ""
    return f"Copyright {year}{origin.organization}. To see more, visit {origin.url}"


def _attribution(origin: Origin) -> str:
    name = escape(origin.organization)
    year = f"{origin.year} " if origin.year else ""
    return f'<p>Copyright {year}{name}. To see more, visit <a href="{escape(origin.url)}">{name}</a>.</p>'


def _shorten(text: str, limit_bytes: int = DESCRIPTION_LIMIT_BYTES) -> str:
    """The text in one line, cut at a word where it is longer than directories read."""
    line = " ".join(text.split())
    if len(line.encode()) <= limit_bytes:
        return line
    cut = line.encode()[: max(limit_bytes - 3, 0)].decode(errors="ignore")
    return cut.rsplit(" ", 1)[0] + "…"
