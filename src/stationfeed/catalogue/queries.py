"""Which stories a list shows at an instant, and when that changes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, and_, bindparam, func, or_, select

from stationfeed.catalogue.database import Statement, among, named
from stationfeed.catalogue.rows import Entry, entry_of
from stationfeed.catalogue.tables import former_slugs, people, stories, to_instant, to_microseconds, topics
from stationfeed.errors import Problem
from stationfeed.model.channel import Selection
from stationfeed.model.episode import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.model.words import Slug


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which stories a list is about; `person` is a byline as the front matter has it, `published` a half-open span."""

    select: Selection = field(default_factory=Selection)
    audio_only: bool = False
    trailers_only: bool = False
    corrected_only: bool = False
    person: str | None = None
    published: tuple[datetime, datetime] | None = None


_TRAILER = stories.c.episode_type == "trailer"


def _matches(wanted: Wanted) -> list[ColumnElement[bool]]:
    chosen = wanted.select
    conditions: list[ColumnElement[bool]] = [stories.c.holds_guid, stories.c.published_at.is_not(None)]
    if chosen.shows:
        conditions.append(_is_one_of(stories.c.show, chosen.shows))
    if chosen.stations:
        conditions.append(_is_one_of(stories.c.station, chosen.stations))
    if chosen.topics:
        about = select(topics.c.slug).where(_is_one_of(topics.c.topic, chosen.topics))
        conditions.append(stories.c.slug.in_(about))
    if wanted.person:
        by = select(people.c.slug).where(people.c.person == wanted.person)
        conditions.append(stories.c.slug.in_(by))
    if wanted.published:
        first, end = map(to_microseconds, wanted.published)
        conditions += [stories.c.published_at >= first, stories.c.published_at < end]
    narrowed = (
        (wanted.audio_only, stories.c.has_audio),
        (wanted.trailers_only, _TRAILER),
        (wanted.corrected_only, stories.c.corrected_at.is_not(None)),
    )
    conditions += [condition for is_narrowed, condition in narrowed if is_narrowed]
    return conditions


def _is_one_of(column: ColumnElement[str], names: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(column == name for name in names))


_NOW = bindparam("now", type_=BigInteger)
_VISIBLE = and_(
    stories.c.state == State.READY.value,
    stories.c.published_at <= _NOW,
    or_(stories.c.expires_at.is_(None), stories.c.expires_at > _NOW),
)
# What keeps a place in the archive: all that was due, also what was withdrawn or has expired since.
# A hole stays a hole, so that the pages behind it keep their bytes.
_EVER_DUE = and_(stories.c.state != State.DRAFT.value, stories.c.published_at <= _NOW)
_ENTRIES = select(
    stories.c.published_at,
    stories.c.slug,
    stories.c.version,
    stories.c.updated_at,
    _VISIBLE.label("visible"),
    and_(_TRAILER, stories.c.has_audio).label("trailer"),
)


def public_entries() -> Select[Any]:
    """What a question for public stories begins with; `now` is to be given when it is asked."""
    return _ENTRIES.where(stories.c.holds_guid, _VISIBLE)


# Queries are built once for each selection: building one costs several times as much as running it.


@lru_cache(maxsize=512)
def _newest(wanted: Wanted) -> Statement:
    return Statement(
        _ENTRIES.where(*_matches(wanted), _VISIBLE)
        .order_by(stories.c.published_at.desc(), stories.c.slug)
        .limit(bindparam("limit", type_=BigInteger))
    )


@lru_cache(maxsize=512)
def _some(wanted: Wanted) -> Statement:
    return Statement(_ENTRIES.where(*_matches(wanted), _VISIBLE, among(stories.c.slug)))


@lru_cache(maxsize=512)
def _places(wanted: Wanted) -> Statement:
    return Statement(select(func.count()).where(*_matches(wanted), _EVER_DUE))


def newest(catalogue: Catalogue, wanted: Wanted, at: datetime, limit: int | None) -> tuple[Entry, ...]:
    """The newest public stories, newest first; all of them without a limit."""
    values = {"now": to_microseconds(at), "limit": -1 if limit is None else limit}
    with catalogue.together() as connection:
        return tuple(entry_of(row) for row in _newest(wanted).run(connection, values))


def neighbours(
    catalogue: Catalogue, at: datetime, span: tuple[datetime, datetime]
) -> tuple[datetime | None, datetime | None]:
    """When the last public story before a span of time was published, and the first one at its end or later."""
    first, end = map(to_microseconds, span)
    public = (stories.c.holds_guid, _VISIBLE)
    before = select(func.max(stories.c.published_at)).where(*public, stories.c.published_at < first)
    after = select(func.min(stories.c.published_at)).where(*public, stories.c.published_at >= end)
    with catalogue.together() as connection:
        found = [connection.scalar(one, {"now": to_microseconds(at)}) for one in (before, after)]
    earlier, later = (None if one is None else to_instant(one) for one in found)
    return earlier, later


def all_topics(catalogue: Catalogue, at: datetime) -> list[Slug]:
    """The topics of public stories, by name."""
    query = (
        select(topics.c.topic)
        .join(stories, stories.c.slug == topics.c.slug)
        .where(stories.c.holds_guid, _VISIBLE)
        .distinct()
        .order_by(topics.c.topic)
    )
    with catalogue.together() as connection:
        return list(connection.scalars(query, {"now": to_microseconds(at)}))


def photo_hashes(catalogue: Catalogue) -> frozenset[str]:
    """The SHA-256 of the photo of every story, whether or not it may be public."""
    found = func.json_extract(stories.c.record, "$.picture.sha256")
    with catalogue.together() as connection:
        return frozenset(one for one in connection.scalars(select(found)) if one)


def count_places(catalogue: Catalogue, wanted: Wanted, at: datetime) -> int:
    """How many places the archive has."""
    with catalogue.together() as connection:
        count: int = _places(wanted).run(connection, {"now": to_microseconds(at)}).scalar_one()
    return count


def archive_places(
    catalogue: Catalogue, wanted: Wanted, at: datetime, *, start: int, size: int
) -> tuple[Entry, ...]:
    """`size` places of the archive, counted from the oldest, given newest first."""
    query = (
        _ENTRIES.where(*_matches(wanted), _EVER_DUE)
        .order_by(stories.c.published_at, stories.c.slug.desc())
        .offset(start)
        .limit(size)
    )
    with catalogue.together() as connection:
        found = connection.execute(query, {"now": to_microseconds(at)})
        return tuple(entry_of(row) for row in found)[::-1]


def entries_of(catalogue: Catalogue, wanted: Wanted, at: datetime, slugs: Sequence[str]) -> dict[Slug, Entry]:
    """Those of the named stories that are wanted and public."""
    values = {"now": to_microseconds(at), **named(slugs)}
    with catalogue.together() as connection:
        return {row.slug: entry_of(row) for row in _some(wanted).run(connection, values)}


def next_due(catalogue: Catalogue, at: datetime) -> datetime | None:
    """The next instant after `at` at which a story appears or expires."""
    now = to_microseconds(at)
    ready = stories.c.state == State.READY.value
    with catalogue.together() as connection:
        instants = [
            connection.scalar(select(func.min(column)).where(ready, column > now))
            for column in (stories.c.published_at, stories.c.expires_at)
        ]
    return min((to_instant(one) for one in instants if one is not None), default=None)


def due_between(catalogue: Catalogue, after: datetime, until: datetime) -> list[Slug]:
    """The stories that appear or expire after one instant and no later than another."""
    first, last = to_microseconds(after), to_microseconds(until)
    query = select(stories.c.slug).where(
        or_(
            and_(stories.c.published_at > first, stories.c.published_at <= last),
            and_(stories.c.expires_at > first, stories.c.expires_at <= last),
        )
    )
    with catalogue.together() as connection:
        return list(connection.scalars(query))


def holder_of(catalogue: Catalogue, guid: str) -> Slug | None:
    """The story that has a guid, whether or not it may be public."""
    with catalogue.together() as connection:
        return connection.scalar(select(stories.c.slug).where(stories.c.guid == guid, stories.c.holds_guid))


def slug_behind(catalogue: Catalogue, former: str) -> Slug | None:
    """The slug that a former slug leads to now."""
    with catalogue.together() as connection:
        return connection.scalar(select(former_slugs.c.slug).where(former_slugs.c.former == former))


def guid_problems(catalogue: Catalogue) -> list[Problem]:
    """The problem of each story whose guid is held by another."""
    others = stories.alias()
    query = (
        select(stories.c.slug, stories.c.guid_line, others.c.slug.label("holder"))
        .join(others, and_(others.c.guid == stories.c.guid, others.c.holds_guid))
        .where(~stories.c.holds_guid)
        .order_by(stories.c.slug)
    )
    with catalogue.together() as connection:
        rows = connection.execute(query).all()
    return [
        Problem(
            path=PurePosixPath("episodes", row.slug, "episode.md"),
            line=row.guid_line,
            field="guid",
            message=f"is also the guid of {row.holder}",
            remedy=f"If this is a story of its own, type: stationfeed new guid {row.slug}",
            rule="R6",
        )
        for row in rows
    ]


def story_counts(catalogue: Catalogue, at: datetime) -> dict[str, int]:
    """How many stories there are, are public, and are shown in their last good version."""
    query = select(
        func.count().label("stories"),
        func.count().filter(and_(_VISIBLE, stories.c.holds_guid)).label("public"),
        func.count().filter(stories.c.stale).label("stale"),
    ).select_from(stories)
    with catalogue.together() as connection:
        return dict(connection.execute(query, {"now": to_microseconds(at)}).mappings().one())
