"""The feeds' ready bytes, kept up to date by difference: what did not change is not made again."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import Wanted, entries_of, newest, next_due
from stationfeed.catalogue.state import Offer
from stationfeed.feeds.corrections import FEED_ID as CORRECTIONS
from stationfeed.feeds.stitch import gzip_parts, plain_bytes, stitch_gzip
from stationfeed.model.addresses import NOW, OPML, feed_path, now_path
from stationfeed.site import FORMATS, NOTHING_ON_AIR, Document, Format, Older, OnAirPart, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from stationfeed.catalogue.rows import Entry
    from stationfeed.catalogue.state import Served
    from stationfeed.model.words import Slug
    from stationfeed.site import Site

    Record = Callable[[Sequence[Offer]], Mapping[str, Served]]


WHOLE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Ready:
    """A document as it is served; `since` is when these bytes were first served at this address.

    `gzip` is its compressed form, in parts to be sent one after the other.
    """

    document: Document
    etag: str
    since: datetime
    gzip: tuple[bytes, ...]

    @cached_property
    def plain(self) -> bytes:
        return plain_bytes(self.document.segments)


def make_ready(document: Document, etag: str, since: datetime) -> Ready:
    """A document with its gzip form, in one piece unless the copy would cost more than it saves."""
    segments = document.segments
    small = sum(len(segment.deflated) for segment in segments) <= WHOLE_BYTES
    return Ready(document, etag, since, (stitch_gzip(segments),) if small else tuple(gzip_parts(segments)))


@dataclass(frozen=True, slots=True)
class Front:
    """What a feed's first document shows, and what its head says of older stories and of what is on air."""

    shown: tuple[Entry, ...]
    older: Older
    on_air: OnAirPart = NOTHING_ON_AIR

    def told_in(self, kind: Format) -> Front:
        """What of it is in a format: only RSS says what is on air."""
        return self if kind == "xml" else replace(self, on_air=NOTHING_ON_AIR)


@dataclass(frozen=True, slots=True)
class Shelf:
    """All ready documents of one instant, by address; `due` is when the next of them changes by itself.

    A story appears or expires, a programme begins or ends. `edition` is the same as before where nothing changed but
    what is on air, so that pages which do not tell of it are the same, too.
    """

    documents: Mapping[str, Ready]
    due: datetime | None
    fronts: Mapping[Slug, Front] = field(default_factory=dict)
    made_of: Mapping[str, object] = field(default_factory=dict)
    edition: object = None


EMPTY = Shelf({}, None)


def restock(
    shelf: Shelf, site: Site, record: Record, at: datetime, *, touched: Collection[str] | None
) -> Shelf:
    """The shelf after stories changed, appeared or expired; `touched` None: nobody can say which.

    `record` notes what is new before it is returned to be served, and tells since when it is.
    """
    with site.catalogue.together():
        return _restocked(shelf, site, record, at, touched)


def _restocked(
    shelf: Shelf, site: Site, record: Record, at: datetime, touched: Collection[str] | None
) -> Shelf:
    fronts = {
        feed_id: front_of(feed_id, shelf.fronts.get(feed_id), site, touched, at)
        for feed_id in site.around.config.feeds
    }
    fresh: dict[str, Document] = {}
    made_of: dict[str, object] = {}
    for feed_id, front in fronts.items():
        _make_feed(shelf, site, feed_id, front, fresh, made_of)
    _make_lists(shelf, site, at, fresh, made_of)
    _make_now(shelf, site, at, fresh, made_of)
    kept = {address: one for address, one in shelf.documents.items() if address in made_of}
    return Shelf(
        documents={**kept, **_make_ready(list(fresh.values()), record)},
        due=min(
            (one for one in (next_due(site.catalogue, at), site.broadcast.next_change(at)) if one),
            default=None,
        ),
        fronts=fronts,
        made_of=made_of,
        edition=object() if touched is None or touched or shelf is EMPTY else shelf.edition,
    )


def _make_feed(
    known: Shelf,
    site: Site,
    feed_id: Slug,
    front: Front,
    fresh: dict[str, Document],
    made_of: dict[str, object],
) -> None:
    feed = site.around.config.feeds[feed_id]
    for kind in FORMATS:
        if kind == "xml" and feed.redirect:
            continue
        address = feed_path(feed_id, kind)
        made_of[address] = told = front.told_in(kind)
        if known.made_of.get(address) != told:
            fresh[address] = site.document(feed_id, kind, told.shown, told.older, told.on_air)


def _make_lists(
    known: Shelf, site: Site, at: datetime, fresh: dict[str, Document], made_of: dict[str, object]
) -> None:
    corrected = newest(site.catalogue, Wanted(corrected_only=True), at, limit=None)
    address = feed_path(CORRECTIONS)
    made_of[address] = corrected
    if known.made_of.get(address) != corrected:
        fresh[address] = site.corrections(at)
    made_of[OPML] = True
    if OPML not in known.made_of:
        answer = site.answer(OPML, at)
        if isinstance(answer, Document):
            fresh[OPML] = answer


def _make_now(
    known: Shelf, site: Site, at: datetime, fresh: dict[str, Document], made_of: dict[str, object]
) -> None:
    """What is on air, one service at a time and all together."""
    broadcast = site.broadcast
    found = {
        one: (broadcast.on_air(one, at), broadcast.story_url(one, at)) for one in broadcast.live.timelines
    }
    if not found:
        return
    for service_id, state in found.items():
        address = now_path(service_id)
        made_of[address] = state
        if known.made_of.get(address) != state:
            fresh[address] = broadcast.now_and_next(service_id, at)
    made_of[NOW] = tuple(found.items())
    if known.made_of.get(NOW) != made_of[NOW]:
        fresh[NOW] = broadcast.now_everywhere(at)


def _make_ready(documents: Sequence[Document], record: Record) -> dict[str, Ready]:
    tags = {one.address: one.etag for one in documents}
    offers = [Offer(address, etag) for address, etag in tags.items()]
    since = record(offers)
    return {one.address: make_ready(one, tags[one.address], since[one.address].since) for one in documents}


def front_of(
    feed_id: Slug, before: Front | None, site: Site, touched: Collection[str] | None, at: datetime
) -> Front:
    """What a feed's first document shows now, from what it showed `before` where that tells it."""
    on_air = site.on_air(feed_id, at)
    if before is None or touched is None:
        return Front(site.window(feed_id, at), site.older(feed_id, at), on_air)
    if not touched:
        return replace(before, on_air=on_air)
    feed = site.around.config.feeds[feed_id]
    present = entries_of(site.catalogue, wanted(feed), at, list(touched))
    revised = revise(before.shown, touched, list(present.values()), feed.limit)
    return Front(
        shown=site.window(feed_id, at) if revised is None else revised,
        older=before.older if _keeps_older(before, touched, present) else site.older(feed_id, at),
        on_air=on_air,
    )


def _keeps_older(before: Front, touched: Collection[str], present: Mapping[Slug, Entry]) -> bool:
    """Whether a head still says the same of older stories after some stories were touched.

    It does where each of them keeps its place in the list, so that the archive has as many places, and none is or
    was one of the trailers.
    """
    names = frozenset(touched)
    places = {entry.slug: entry.place for entry in before.shown if entry.slug in names}
    kept = [one for one in present.values() if places.get(one.slug) == one.place and not one.trailer]
    return len(kept) == len(names) and not any(one.slug in names for one in before.older.trailers)


def revise(
    before: tuple[Entry, ...], touched: Collection[str], present: Sequence[Entry], limit: int
) -> tuple[Entry, ...] | None:
    """A list of the newest `limit` entries after some stories were touched; `present` are those it may show now.

    None where the list alone cannot tell, because an older story may have to move up into it.
    """
    names = frozenset(touched)
    after = [entry for entry in before if entry.slug not in names]
    was_full, left = len(before) >= limit, len(before) - len(after)
    arrived = [entry for entry in present if not was_full or entry.place <= before[-1].place]
    if was_full and left > len(arrived):
        return None
    for entry in arrived:
        insort(after, entry, key=lambda one: one.place)
    return tuple(after[:limit])
