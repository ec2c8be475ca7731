"""The pages that people read, by their addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import Wanted, all_topics, entries_of, newest
from stationfeed.catalogue.tables import to_instant
from stationfeed.feeds.stitch import compress_segment
from stationfeed.model.addresses import (
    BROWSE,
    CORRECTIONS,
    HOME,
    LIVE,
    SEARCH,
    SUBSCRIBE,
    asset_path,
    card_path,
    day_path,
    embed_path,
    live_path,
    person_path,
    schedule_page_path,
    show_path,
    story_path,
    topic_path,
)
from stationfeed.pages import values
from stationfeed.pages.card import draw_card
from stationfeed.pages.render import render_page
from stationfeed.pages.static import MEDIA_TYPES, static_files, static_sha256
from stationfeed.site import search_engines
from stationfeed.site.answers import Document
from stationfeed.site.lists import (
    browse_page,
    corrections_page,
    day_page,
    home_page,
    person_page,
    search_page,
    show_page,
    topic_page,
)
from stationfeed.site.on_air_page import live_page, on_air_box, schedule_page
from stationfeed.site.story_page import describe_embed, embed_page, story_page
from stationfeed.site.subscribe_page import subscribe_page

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from datetime import datetime

    from stationfeed.site.on_air import Broadcast
    from stationfeed.site.page_parts import PageParts

    Make = Callable[[str, datetime], values.Page | None]

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
PNG = "image/png"
_ADDRESS = re.compile(r"/(stories|shows|topics|people|days|live|schedule|embed)/([a-z0-9-]{1,80})")
_CARD = re.compile(r"/media/([a-z0-9-]{1,80})/card\.png")
_CHUNK = 200


@dataclass(frozen=True)
class Pages:
    """Pages over one state of the folder and of what is live."""

    parts: PageParts
    broadcast: Broadcast

    def answer(self, address: str, at: datetime) -> Document | None:
        """What is public at a page's address at an instant, or None."""
        if address.startswith("/assets/"):
            return self._asset(address)
        if found := _CARD.fullmatch(address):
            return self._card(address, found[1], at)
        told = search_engines.answer(self.parts, address, at)
        page = None if told else self._page(address, at)
        return self._document(address, page) if page else told

    def search(self, query: str, at: datetime) -> Document:
        """The stories with some words in them."""
        return self._document(SEARCH, search_page(self.parts, query, at))

    def describe_embed(self, slug: str, at: datetime, width: int, height: int) -> bytes | None:
        """What oEmbed says of a story; None where it cannot be embedded."""
        return describe_embed(self.parts, slug, at, width, height)

    @cached_property
    def not_found(self) -> Document:
        """A page that says that there is none at some address."""
        return self._refusal(
            "There is nothing here", "The address may be mistyped, or what was here has another."
        )

    @cached_property
    def busy(self) -> Document:
        """A page that says that too many ask at the same time."""
        return self._refusal("Many people are searching", "Try again in a moment.")

    def gone(self, reason: str | None) -> Document:
        """A page that says that what was at some address was withdrawn, and why."""
        return self._refusal("This was withdrawn", reason)

    def _refusal(self, heading: str, reason: str | None) -> Document:
        head = self.parts.head(heading, heading, HOME, hidden=True)
        return self._document("", values.RefusalPage(head=head, heading=heading, reason=reason))

    def addresses(self, at: datetime) -> Iterator[str]:
        """Every page there is at an instant, what pages are made of first."""
        yield from self.assets
        yield from (HOME, LIVE, BROWSE, CORRECTIONS, SUBSCRIBE, SEARCH)
        yield from (show_path(one) for one in self.parts.around.config.shows)
        yield from (person_path(one) for one in self.parts.around.people)
        for service_id in self.broadcast.live.timelines:
            yield live_path(service_id)
            yield schedule_page_path(service_id)
        yield from (topic_path(one) for one in all_topics(self.parts.catalogue, at))
        yield from search_engines.addresses(self.parts, at)
        yield from self._story_addresses(at)

    def _story_addresses(self, at: datetime) -> Iterator[str]:
        shown = newest(self.parts.catalogue, Wanted(), at, limit=None)
        zone = self.parts.main_zone
        yield from dict.fromkeys(
            day_path(to_instant(one.published_at).astimezone(zone).date()) for one in shown
        )
        for start in range(0, len(shown), _CHUNK):
            for story in self.parts.catalogue.stories(
                [one.slug for one in shown[start : start + _CHUNK]]
            ).values():
                yield story_path(story.slug)
                if story.audio:
                    yield embed_path(story.slug)
                if story.picture is None:
                    yield card_path(story.slug)

    @cached_property
    def assets(self) -> dict[str, str | None]:
        """The addresses of the stylesheet (None) and of every script and the icon, with their names."""
        named = {asset_path(static_sha256(), name): name for name in static_files()}
        return {self.parts.stylesheet_address: None, **named}

    def _asset(self, address: str) -> Document | None:
        if address not in self.assets:
            return None
        name = self.assets[address]
        if name is None:
            text, kind = self.parts.stylesheet, CSS
        else:
            text, kind = static_files()[name], MEDIA_TYPES[f".{name.rpartition('.')[2]}"]
        return Document(address, kind, (compress_segment(text),), lasting=True)

    def _card(self, address: str, slug: str, at: datetime) -> Document | None:
        """A story that has a photo needs no card."""
        catalogue, site = self.parts.catalogue, self.parts.around.config.site
        public = entries_of(catalogue, Wanted(), at, [slug])
        story = catalogue.stories(list(public)).get(slug)
        if story is None or story.picture:
            return None
        card = draw_card(story.episode.title, site.title, *self.parts.colors)
        return Document(address, PNG, (compress_segment(card),), story.slug)

    def _document(self, address: str, page: values.Page) -> Document:
        html = compress_segment(render_page(page, self.parts.brand))
        policy = self.parts.embed_policy if isinstance(page, values.EmbedPage) else self.parts.policy
        live = isinstance(page, values.LivePage | values.SchedulePage) or address == HOME
        return Document(address, HTML, (html,), policy=policy, live=live)

    def _page(self, address: str, at: datetime) -> values.Page | None:
        whole: dict[str, Callable[[], values.Page]] = {
            HOME: lambda: home_page(self.parts, self._on_air(at), at),
            LIVE: lambda: live_page(self.broadcast, None, at, self.parts),
            BROWSE: lambda: browse_page(self.parts, at),
            CORRECTIONS: lambda: corrections_page(self.parts, at),
            SUBSCRIBE: lambda: subscribe_page(self.parts),
            SEARCH: lambda: search_page(self.parts, "", at),
        }
        if address in whole:
            return whole[address]()
        found = _ADDRESS.fullmatch(address)
        return self._named(found[1], found[2], at) if found else None

    def _on_air(self, at: datetime) -> tuple[values.OnAirBox, ...]:
        return tuple(on_air_box(self.broadcast, one, at) for one in self.broadcast.live.timelines)

    def _named(self, kind: str, name: str, at: datetime) -> values.Page | None:
        parts, services = self.parts, self.broadcast.live.timelines
        makers: dict[str, tuple[Container[str] | None, Make]] = {
            "stories": (None, lambda one, at: story_page(parts, one, at)),
            "embed": (None, lambda one, at: embed_page(parts, one, at)),
            "topics": (None, lambda one, at: topic_page(parts, one, at)),
            "days": (None, lambda one, at: day_page(parts, one, at)),
            "shows": (parts.around.config.shows, lambda one, at: show_page(parts, one, at)),
            "people": (parts.around.people, lambda one, at: person_page(parts, one, at)),
            "live": (services, lambda one, at: live_page(self.broadcast, one, at, parts)),
            "schedule": (services, lambda one, at: schedule_page(self.broadcast, one, at, parts)),
        }
        known, make = makers[kind]
        return make(name, at) if known is None or name in known else None
