"""What renditions a story should have, and which of them stand in for it now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from stationfeed.audio.plan import Order, Source
from stationfeed.catalogue.rows import WantedRendition, dump
from stationfeed.feeds.item import authors_of
from stationfeed.model.addresses import absolute, story_path
from stationfeed.model.labels import ChapterMark, Labels
from stationfeed.model.rendition import AlternateAudio, Encoding
from stationfeed.model.transcript import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stationfeed.feeds.channel import Surroundings
    from stationfeed.model.episode import Audio, Episode, PictureFile, Story
    from stationfeed.model.rendition import MasterFile, Rendition
    from stationfeed.model.transcript import Transcript
    from stationfeed.model.words import Slug, Url

SAME_TIME = timedelta(milliseconds=10)
"""Codecs have sample rates of their own, in which an ident is not of quite the same length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Idents:
    """The station's idents before and after a segment, as they are on disk."""

    before: MasterFile | None = None
    after: MasterFile | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Studio:
    """What all stories' renditions share; addresses in labels begin with `base_url`."""

    around: Surroundings
    idents: Idents
    base_url: Url


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What of a story's own goes into its renditions."""

    audio: Audio
    master: MasterFile
    picture: PictureFile | None
    transcript: Transcript | None


def orders_of(slug: Slug, episode: Episode, parts: Parts, studio: Studio) -> tuple[Order, ...]:
    """The renditions that a story should have, the enclosure first."""
    around, idents = studio.around, studio.idents
    recipe = around.config.audio
    joins = parts.audio.idents is not False
    enclosure = Encoding(codec="mp3", bitrate_kbps=recipe.bitrate_kbps)
    alternates = (Encoding(codec=one.codec, bitrate_kbps=one.bitrate_kbps) for one in recipe.alternates)
    artwork = around.config.shows[episode.show].artwork
    cover = parts.picture or (around.pictures.get(artwork) if artwork else None)
    return tuple(
        Order(
            slug=slug,
            master=parts.master,
            encoding=encoding,
            target=recipe.target,
            before=idents.before if joins else None,
            after=idents.after if joins else None,
            labels=_labels(slug, episode, parts, studio),
            artwork=Source(path=cover.path, sha256=cover.sha256) if cover else None,
        )
        for encoding in (enclosure, *alternates)
    )


def _labels(slug: Slug, episode: Episode, parts: Parts, studio: Studio) -> Labels:
    around = studio.around
    show = around.config.shows[episode.show]
    station = around.config.station_of(episode.show)
    zone = around.zones[show.station]
    return Labels(
        title=episode.title,
        artist=", ".join(authors_of(episode, around)),
        album=show.title,
        published_on=episode.published_at.astimezone(zone).date() if episode.published_at else None,
        comment=absolute(studio.base_url, story_path(slug)),
        publisher=station.name,
        copyright=show.copyright or around.config.organization.copyright,
        guid=episode.guid,
        season=episode.season,
        episode_number=episode.episode_number,
        chapters=tuple(_marks(parts.audio)),
        lyrics=plain_text(parts.transcript) if parts.transcript else None,
    )


def _marks(audio: Audio) -> Iterator[ChapterMark]:
    """Each chapter ends where the next begins; the last has no end yet."""
    chapters = audio.chapters
    for one, following in pairwise((*chapters, *chapters[-1:])):
        yield ChapterMark(at=one.at, until=following.at, title=one.title)


def wanted(
    orders: Sequence[Order],
    before: Sequence[WantedRendition],
    find: Callable[[str], Rendition | None],
) -> tuple[WantedRendition, ...]:
    """What a story should have, each beside what there is: the rendition itself, else what it had `before`.

    `find` knows the renditions in the cache by name.
    """
    return tuple(
        WantedRendition(
            name=order.name,
            order=dump(order),
            made=find(order.name) or (find(old.made.name) if old and old.made else None),
            refusal=old.refusal if old and old.name == order.name else None,
        )
        for order, old in zip(orders, (*before, *[None] * len(orders)), strict=False)
    )


def with_renditions(story: Story, made: Sequence[Rendition]) -> Story:
    """The story as it can be published with these renditions, of which the first mp3 is the enclosure.

    Only what is heard at the same times is the same audio: the others wait until they are made anew.
    """
    enclosure = next((one for one in made if one.encoding.codec == "mp3"), None)
    if enclosure is None:
        return story
    return replace(
        story,
        audio=enclosure.audio,
        opening=enclosure.opening,
        peaks=enclosure.peaks,
        alternates=tuple(
            AlternateAudio(file=one.audio, bitrate_kbps=one.encoding.bitrate_kbps)
            for one in made
            if one is not enclosure and abs(one.opening - enclosure.opening) < SAME_TIME
        ),
    )
