"""What goes on record before it is served: what is public, since when, and what listeners are told of it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from stationfeed.catalogue.events import News, add_news, announce, announced_versions, told_versions
from stationfeed.catalogue.queries import Wanted, entries_of
from stationfeed.catalogue.state import GoodText, Offer, served_from
from stationfeed.errors import FolderError, NotFoundError
from stationfeed.feeds.stitch import plain_bytes
from stationfeed.model.addresses import absolute, now_path, story_path
from stationfeed.station.intake import episode_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from stationfeed.catalogue.rows import Entry
    from stationfeed.catalogue.state import Served, State
    from stationfeed.model.episode import Story
    from stationfeed.model.words import Slug
    from stationfeed.publish.shelf import Shelf
    from stationfeed.site import Site
    from stationfeed.station.intake import Intake

LOG = logging.getLogger("stationfeed")
_BATCH = 500


@dataclass(slots=True)
class Register:
    """Writes the state database for one open station; a full disk is told and does not hold up what is served.

    `clock` dates what is served from the moment it is; without it everything is dated with the instant of the look.
    """

    state: State
    clock: Callable[[], datetime] | None
    _is_new: bool = field(init=False)
    _told: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._is_new = self.state.last_tick() is None
        self._told = told_versions(self.state, "now")

    def note_public(self, touched: Iterable[str], site: Site, intake: Intake, at: datetime) -> None:
        """Note what is public now: its guid and slug, its last good text, its files' addresses.

        What was read and never noted, by a `check` say, is a difference to be made good like any other.
        """
        slugs = sorted({*touched, *site.catalogue.unrecorded()})
        for start in range(0, len(slugs), _BATCH):
            self._on_record(partial(self._note_batch, slugs[start : start + _BATCH], site, intake, at))

    def note_brand(self, site: Site, at: datetime) -> None:
        brand = [Offer(one.address, one.etag) for one in site.brand_files().values()]
        self._on_record(lambda: self.state.record_served(brand, at))

    def note_served(self, offers: Sequence[Offer], at: datetime) -> Mapping[str, Served]:
        """Since when bytes are served; what ends rights or takes a story back must not wait for a full disk."""
        moment = self.clock() if self.clock else at  # to render them took its time
        found: dict[str, Served] = {offer.address: served_from(offer, None, moment) for offer in offers}
        self._on_record(lambda: found.update(self.state.record_served(offers, moment)))
        return found

    def note_tick(self, at: datetime) -> None:
        self._on_record(lambda: self.state.keep_tick(at))
        self._is_new = False

    def tell_now(self, shelf: Shelf, services: Iterable[Slug]) -> None:
        """News of every service of which something else is true than was told last."""
        news = []
        for service_id in services:
            ready = shelf.documents[now_path(service_id)]
            if self._told.get(service_id) != ready.etag:
                text = plain_bytes(ready.document.segments).decode().strip()
                news.append(News(kind="now", topic=service_id, version=ready.etag, text=text))
        if news:
            self._on_record(lambda: add_news(self.state, news))
            self._told |= {one.topic: one.version or "" for one in news}

    def _on_record(self, note: Callable[[], object]) -> None:
        try:
            note()
        except FolderError as error:
            LOG.error("what is public now could not be put on record: %s", error)  # noqa: TRY400 - said to staff

    def _note_batch(self, slugs: Sequence[str], site: Site, intake: Intake, at: datetime) -> None:
        catalogue = site.catalogue
        public = entries_of(catalogue, Wanted(), at, slugs)
        stories = catalogue.stories(list(public))
        offers = [
            Offer(file.address, file.etag, story.slug)
            for story in stories.values()
            for file in site.media_of(story)
        ]
        self.state.record_public([(story.episode.guid, story.slug) for story in stories.values()], at)
        self.state.record_served(offers, at)
        # What was public keeps its newest good text, also when that is the one that takes it back.
        self.state.keep_good(
            self._good_texts([*public, *(self.state.has_good(slugs) - public.keys())], intake)
        )
        self.state.keep_restrictions(catalogue.restrictions(slugs))
        self._announce(slugs, public, stories, site.around.base_url)
        catalogue.mark_recorded(slugs)

    def _announce(
        self, slugs: Sequence[str], public: Mapping[Slug, Entry], stories: Mapping[str, Story], base_url: str
    ) -> None:
        """Tell what appeared, changed or is gone; of a station that is served for the first time nothing is news."""
        before = announced_versions(self.state, slugs)
        versions = {
            slug: entry.version for slug, entry in public.items() if before.get(slug) != entry.version
        }
        gone = [slug for slug in before if slug not in public]
        news = [
            _news_of(stories[slug], version, base_url, was_public=slug in before)
            for slug, version in versions.items()
        ]
        news += [_farewell(slug) for slug in gone]
        announce(self.state, [] if self._is_new else news, versions, gone)

    def _good_texts(self, slugs: Sequence[Slug], intake: Intake) -> list[GoodText]:
        """The texts of those stories whose files are not broken."""
        texts = []
        for slug, (guid, sha256) in intake.catalogue.good_hashes(slugs).items():
            try:
                data = intake.read_text(episode_path(slug))
            except (FolderError, NotFoundError):
                continue
            texts.append(GoodText(slug, guid, sha256, data))
        return [one for one in texts if one.is_whole]


def _news_of(story: Story, version: str, base_url: str, *, was_public: bool) -> News:
    told = {
        "change": "changed" if was_public else "published",
        "slug": story.slug,
        "guid": story.episode.guid,
        "title": story.episode.title,
        "url": absolute(base_url, story_path(story.slug)),
    }
    return News(kind="episode", topic=story.slug, version=version, text=_dumps(told))


def _farewell(slug: str) -> News:
    return News(kind="episode", topic=slug, version=None, text=_dumps({"change": "gone", "slug": slug}))


def _dumps(value: Mapping[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
