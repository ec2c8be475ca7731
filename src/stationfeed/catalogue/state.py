"""What files do not hold: what was public when, the last good texts, since when which bytes were served.

This is the database to back up. It is written before the bytes it speaks of are served.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.util import CommandError
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from stationfeed.catalogue.database import Database, among, named
from stationfeed.catalogue.tables import (
    addresses,
    last_good,
    publications,
    ticks,
    to_instant,
    to_microseconds,
)
from stationfeed.errors import FolderError
from stationfeed.storage.local import failures_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection

    from stationfeed.model.words import Slug

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Served:
    """Bytes at a public address; `since` is when they were first served there, in whole seconds."""

    address: str
    etag: str
    since: datetime
    slug: Slug | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Bytes about to be served at a public address; `slug` names the story they belong to."""

    address: str
    etag: str
    slug: Slug | None = None


@dataclass(frozen=True, slots=True)
class GoodText:
    """An episode.md as it was while the episode was public."""

    slug: Slug
    guid: str
    sha256: str
    data: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the text is still the one that was read: a file may change in between."""
        return hashlib.sha256(self.data).hexdigest() == self.sha256


def open_state(path: Path) -> State:
    """The state database, migrated to this version's tables. Raises FolderError where that cannot be."""
    with failures_at(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    database = Database(path, synchronous="FULL")
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with database.transaction() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    except CommandError as error:
        database.close()
        raise FolderError(
            path, "was written by a later version of stationfeed; install that version"
        ) from error
    except FolderError:
        database.close()
        raise
    return State(database)


class State:
    """The open state database; each method is one durable transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        self._database.close()

    def transaction(self) -> AbstractContextManager[Connection]:
        """All of what is done inside, durably, or nothing; raises FolderError."""
        return self._database.transaction()

    def public_slug(self, guid: str) -> str | None:
        """The slug under which a guid was last public, or None if it never was."""
        with self._database.transaction() as connection:
            return connection.scalar(select(publications.c.slug).where(publications.c.guid == guid))

    def was_public(self, slug: str) -> bool:
        """Whether a story was ever public under a slug, and under no other since."""
        query = select(publications.c.guid).where(publications.c.slug == slug).limit(1)
        with self._database.transaction() as connection:
            return connection.scalar(query) is not None

    def record_public(self, published: Sequence[tuple[str, Slug]], at: datetime) -> None:
        """Note that stories, by guid and slug, are public; the first time is kept."""
        rows = [
            {"guid": guid, "slug": slug, "first_public_at": to_microseconds(at)} for guid, slug in published
        ]
        query = insert(publications)
        query = query.on_conflict_do_update(
            index_elements=[publications.c.guid], set_={"slug": query.excluded.slug}
        )
        self._execute(query, rows)

    def keep_good(self, texts: Iterable[GoodText]) -> None:
        rows = [
            {
                "slug": one.slug,
                "guid": one.guid,
                "sha256": one.sha256,
                "deflated": zlib.compress(one.data),
                "restrictions": None,
            }
            for one in texts
        ]
        query = insert(last_good)
        changes = {name: query.excluded[name] for name in ("guid", "sha256", "deflated", "restrictions")}
        self._execute(query.on_conflict_do_update(index_elements=[last_good.c.slug], set_=changes), rows)

    def good_text(self, slug: str) -> tuple[bytes, str | None] | None:
        """The last good text of an episode.md that was public, and what broken versions restricted since."""
        query = select(last_good.c.deflated, last_good.c.restrictions).where(last_good.c.slug == slug)
        with self._database.transaction() as connection:
            found = connection.execute(query).one_or_none()
        return None if found is None else (zlib.decompress(found.deflated), found.restrictions)

    def has_good(self, slugs: Sequence[str]) -> set[Slug]:
        """Those of the slugs that have a last good text."""
        query = select(last_good.c.slug).where(among(last_good.c.slug))
        with self._database.transaction() as connection:
            return set(connection.scalars(query, named(slugs)))

    def keep_restrictions(self, restrictions: Mapping[Slug, str]) -> None:
        """Keep what broken versions of stories restrict, beside their last good texts."""
        with self._database.transaction() as connection:
            for slug, text in restrictions.items():
                changed = update(last_good).where(last_good.c.slug == slug)
                connection.execute(changed.values(restrictions=text))

    def forget_good(self, slugs: Sequence[str]) -> None:
        with self._database.transaction() as connection:
            connection.execute(delete(last_good).where(among(last_good.c.slug)), named(slugs))

    def served(self, names: Sequence[str]) -> dict[str, Served]:
        """What was last served at public addresses."""
        query = select(addresses).where(among(addresses.c.address))
        with self._database.transaction() as connection:
            return {
                row.address: Served(row.address, row.etag, to_instant(row.since), row.slug)
                for row in connection.execute(query, named(names))
            }

    def record_served(self, offers: Sequence[Offer], at: datetime) -> dict[str, Served]:
        """Note what is served from now on, and since when these very bytes are.

        A date moves only when the bytes change, never backwards, and is rounded up to a full second, so
        that a client that asks by date alone never takes new bytes for those it has.
        """
        before = self.served([offer.address for offer in offers])
        now = {offer.address: served_from(offer, before.get(offer.address), at) for offer in offers}
        rows = [
            {"address": one.address, "etag": one.etag, "since": to_microseconds(one.since), "slug": one.slug}
            for one in now.values()
            if one != before.get(one.address)
        ]
        query = insert(addresses)
        changes = {name: query.excluded[name] for name in ("etag", "since", "slug")}
        self._execute(query.on_conflict_do_update(index_elements=[addresses.c.address], set_=changes), rows)
        return now

    def addresses(self) -> list[str]:
        """Every address that was ever public, in order."""
        with self._database.transaction() as connection:
            return list(connection.scalars(select(addresses.c.address).order_by(addresses.c.address)))

    def last_tick(self) -> datetime | None:
        """The instant up to which due changes were published."""
        with self._database.transaction() as connection:
            at = connection.scalar(select(ticks.c.at).where(ticks.c.name == "published"))
        return None if at is None else to_instant(at)

    def keep_tick(self, at: datetime) -> None:
        query = insert(ticks)
        query = query.on_conflict_do_update(index_elements=[ticks.c.name], set_={"at": query.excluded.at})
        self._execute(query, [{"name": "published", "at": to_microseconds(at)}])

    def _execute(self, query: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            with self._database.transaction() as connection:
                connection.execute(query, rows)


def served_from(offer: Offer, before: Served | None, at: datetime) -> Served:
    """Since when an offer's bytes are served, if `before` was served at its address until `at`."""
    if before is not None and before.etag == offer.etag:
        return Served(offer.address, offer.etag, before.since, offer.slug)
    since = at.replace(microsecond=0) + (_SECOND if at.microsecond else timedelta())
    if before is not None:
        since = max(since, before.since + _SECOND)
    return Served(offer.address, offer.etag, since, offer.slug)
