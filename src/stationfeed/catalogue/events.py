"""What listeners are told, numbered, so that who was away for a moment hears all of it, and nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import sqlite

from stationfeed.catalogue.database import among, named
from stationfeed.catalogue.tables import announced, events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from stationfeed.catalogue.state import State
    from stationfeed.model.words import Slug

EVENTS_KEPT = 10_000

EventKind = Literal["now", "episode"]


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """Something to tell: about which service or episode, in which version, as JSON text."""

    kind: EventKind
    topic: str
    version: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    """News with its number; later news have larger ones."""

    number: int
    kind: str
    text: str


def add_news(state: State, news: Sequence[News]) -> None:
    with state.transaction() as connection:
        _add(connection, news)


def announce(state: State, news: Sequence[News], public: Mapping[Slug, str], gone: Sequence[str]) -> None:
    """Tell of stories, and remember in which versions they are public now and which are not any more."""
    rows = [{"slug": slug, "version": version} for slug, version in public.items()]
    query = sqlite.insert(announced)
    changes = {"version": query.excluded["version"]}
    with state.transaction() as connection:
        _add(connection, news)
        if rows:
            connection.execute(
                query.on_conflict_do_update(index_elements=[announced.c.slug], set_=changes), rows
            )
        connection.execute(delete(announced).where(among(announced.c.slug)), named(gone))


def announced_versions(state: State, slugs: Sequence[str]) -> dict[str, str]:
    """In which versions stories were public when it was last told."""
    query = select(announced.c.slug, announced.c.version).where(among(announced.c.slug))
    with state.transaction() as connection:
        return {row.slug: row.version for row in connection.execute(query, named(slugs))}


def told_versions(state: State, kind: EventKind) -> dict[str, str]:
    """The version of each topic that was told last."""
    latest = select(func.max(events.c.id)).where(events.c.kind == kind).group_by(events.c.topic)
    query = select(events.c.topic, events.c.version).where(events.c.id.in_(latest))
    with state.transaction() as connection:
        return {row.topic: row.version for row in connection.execute(query)}


def events_after(state: State, number: int, limit: int = EVENTS_KEPT) -> list[Event]:
    """What was told after an event, in order; only of the last EVENTS_KEPT is there a record."""
    query = (
        select(events.c.id, events.c.kind, events.c.text)
        .where(events.c.id > number)
        .order_by(events.c.id)
        .limit(limit)
    )
    with state.transaction() as connection:
        return [Event(row.id, row.kind, row.text) for row in connection.execute(query)]


def event_numbers(state: State) -> tuple[int, int]:
    """The numbers of the first and of the last event on record; (1, 0) where there is none."""
    with state.transaction() as connection:
        first, last = connection.execute(select(func.min(events.c.id), func.max(events.c.id))).one()
    return (1, 0) if last is None else (first, last)


def _add(connection: Connection, news: Sequence[News]) -> None:
    rows: list[dict[str, Any]] = [
        {"kind": one.kind, "topic": one.topic, "version": one.version, "text": one.text} for one in news
    ]
    if rows:
        connection.execute(insert(events), rows)
        last = connection.scalar(select(func.max(events.c.id))) or 0
        connection.execute(delete(events).where(events.c.id <= last - EVENTS_KEPT))
