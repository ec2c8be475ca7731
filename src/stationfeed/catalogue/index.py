"""The index over the folder: what was seen of it, and the questions asked of it.

A cache on SQLite: deleted or damaged, it is made anew from the files.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, bindparam, cast, delete, func, insert, select, update

from stationfeed.catalogue.database import Database
from stationfeed.catalogue.rows import Indexed, Probed, dump, load, story_row
from stationfeed.catalogue.tables import (
    articles,
    assets,
    folders,
    former_slugs,
    index_schema,
    meta,
    people,
    problems,
    stories,
    topics,
)
from stationfeed.errors import FolderError, Problem
from stationfeed.model.episode import Story
from stationfeed.storage.local import failures_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import BindParameter, Connection, Select, Table

    from stationfeed.model.words import Slug

INDEX_VERSION = "3"
_BATCH = 500
_COUNT_CHANGE = (
    update(meta)
    .where(meta.c.key == "generation")
    .values(value=cast(cast(meta.c.value, BigInteger) + 1, Text))
)


def open_index(path: Path, context: str) -> Catalogue:
    """The index at `path`, empty where it was made by another version or under another configuration.

    `context` names everything outside an episode's own folder that decides how the folder is read. An index
    that is damaged is made anew. Raises FolderError where none can be made.
    """
    try:
        return _open(path, context)
    except FolderError:
        for suffix in ("", "-wal", "-shm"):
            with failures_at(path):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _open(path, context)


def _open(path: Path, context: str) -> Catalogue:
    database = Database(path, synchronous="OFF")
    wanted = f"{INDEX_VERSION}/{context}"
    try:
        with database.transaction() as connection:
            meta.create(connection, checkfirst=True)
            if connection.scalar(select(meta.c.value).where(meta.c.key == "context")) != wanted:
                index_schema.drop_all(connection)
                index_schema.create_all(connection)
                connection.execute(insert(meta).values(key="context", value=wanted))
                connection.execute(insert(meta).values(key="generation", value="1"))
    except FolderError:
        database.close()
        raise
    return Catalogue(database)


class Catalogue:
    """One open index. Each method is one transaction, unless it runs inside `together()`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._joined: Connection | None = None

    @contextmanager
    def together(self) -> Iterator[Connection]:
        """One transaction for everything called inside."""
        if self._joined is not None:
            yield self._joined
            return
        with self._database.transaction() as connection:
            self._joined = connection
            try:
                yield connection
            finally:
                self._joined = None

    def close(self) -> None:
        self._database.close()

    def stamps(self, slugs: Iterable[str] | None = None) -> dict[str, str]:
        """The stamps of all folders as they were last seen, or of some."""
        with self.together() as connection:
            if slugs is None:
                return {
                    row.slug: row.stamp for row in connection.execute(select(folders.c.slug, folders.c.stamp))
                }
            rows = _in_batches(connection, list(slugs), _FOLDERS)
            return {row.slug: row.stamp for row in rows}

    def good_hashes(self, slugs: Sequence[str]) -> dict[Slug, tuple[str, str]]:
        """The guid and the text's hash of those stories whose file is not broken."""
        with self.together() as connection:
            return {row.slug: (row.guid, row.sha256) for row in _in_batches(connection, slugs, _GOOD_HASHES)}

    def restrictions(self, slugs: Sequence[str]) -> dict[Slug, str]:
        """What the broken versions of stories have restricted since their last good ones."""
        with self.together() as connection:
            rows = _in_batches(connection, slugs, _FOLDERS)
            return {row.slug: row.restrictions for row in rows if row.restrictions is not None}

    def replace(self, found: Sequence[Indexed], gone: Sequence[str]) -> None:
        """Take in what a look found."""
        slugs = [one.slug for one in found] + list(gone)
        with self.together() as connection:
            for table in (stories, folders):
                _delete(connection, table, table.c.slug, slugs)
            _delete(connection, problems, problems.c.owner, slugs)
            _insert(connection, folders, [_folder_row(one) for one in found])
            connection.execute(_COUNT_CHANGE)
            _insert(connection, stories, [story_row(one, one.story) for one in found if one.story])
            _insert(connection, topics, list(_tags(found, "topics", "topic")))
            _insert(connection, people, list(_tags(found, "byline", "person")))
            _insert(connection, former_slugs, list(_tags(found, "former_slugs", "former")))
            for one in found:
                _insert(connection, problems, _problem_rows(one.slug, one.problems))

    def generation(self) -> int:
        """How often the index was written, by this process or another."""
        with self.together() as connection:
            return int(connection.scalar(select(meta.c.value).where(meta.c.key == "generation")) or 0)

    def unrecorded(self) -> list[Slug]:
        """The episodes read since the state database last heard of them, by whichever process."""
        with self.together() as connection:
            return list(connection.scalars(select(folders.c.slug).where(~folders.c.recorded)))

    def mark_recorded(self, slugs: Sequence[str]) -> None:
        with self.together() as connection:
            for start in range(0, len(slugs), _BATCH):
                some = folders.c.slug.in_(slugs[start : start + _BATCH])
                connection.execute(update(folders).where(some).values(recorded=True))

    def settle_guids(self, already_public: Callable[[str], str | None]) -> list[str]:
        """Decide which story holds a guid that several have; the slugs for which that changed.

        The one already public stays, else the earlier publication, else the first slug.
        """
        several = select(stories.c.guid).group_by(stories.c.guid).having(func.count() > 1)
        query = (
            select(stories.c.slug, stories.c.guid, stories.c.published_at, stories.c.holds_guid)
            .where(stories.c.guid.in_(several) | ~stories.c.holds_guid)
            .order_by(stories.c.guid)
        )
        changed: list[str] = []
        with self.together() as connection:
            for guid, rows in groupby(connection.execute(query).all(), key=lambda row: row.guid):
                claims = list(rows)
                holder = _holder(claims, already_public(guid))
                for row in claims:
                    if bool(row.holds_guid) != (row.slug == holder):
                        changed.append(row.slug)
                        holds = update(stories).where(stories.c.slug == row.slug)
                        connection.execute(holds.values(holds_guid=row.slug == holder))
        return changed

    def problems(self) -> list[Problem]:
        """Every problem known, in order of file and line."""
        with self.together() as connection:
            found = [load(Problem, text) for text in connection.scalars(select(problems.c.payload))]
        return sorted(found, key=lambda one: (str(one.path), one.line or 0, one.field or ""))

    def problem_counts(self) -> dict[str, int]:
        """How many problems of each severity there are."""
        with self.together() as connection:
            query = select(problems.c.severity, func.count()).group_by(problems.c.severity)
            return {row[0]: row[1] for row in connection.execute(query)}

    def asset(self, path: str, stamp: str) -> Probed | None:
        """What was found out about a file, if it is still the same file."""
        with self.together() as connection:
            query = select(assets.c.facts).where(assets.c.path == path, assets.c.stamp == stamp)
            text = connection.scalar(query)
        return None if text is None else load(Probed, text)

    def asset_stamp(self, path: str) -> str | None:
        with self.together() as connection:
            return connection.scalar(select(assets.c.stamp).where(assets.c.path == path))

    def keep_asset(self, path: str, stamp: str, probed: Probed) -> None:
        with self.together() as connection:
            _delete(connection, assets, assets.c.path, [path])
            connection.execute(insert(assets).values(path=path, stamp=stamp, facts=dump(probed)))

    def articles(self, keys: Sequence[str]) -> dict[str, tuple[str, str | None]]:
        """The kept HTML and first paragraph of articles, by key."""
        with self.together() as connection:
            rows = _in_batches(connection, keys, _ARTICLES)
            return {row.key: (row.html, row.lead) for row in rows}

    def keep_articles(self, kept: Sequence[tuple[str, str, str, str | None]]) -> None:
        """Keep articles' HTML: key, slug, HTML, first paragraph. A slug keeps its newest only."""
        with self.together() as connection:
            _delete(connection, articles, articles.c.slug, [slug for _, slug, _, _ in kept])
            _insert(
                connection,
                articles,
                [{"key": key, "slug": slug, "html": html, "lead": lead} for key, slug, html, lead in kept],
            )

    def stories(self, slugs: Sequence[str]) -> dict[str, Story]:
        with self.together() as connection:
            rows = _in_batches(connection, slugs, _RECORDS)
            found = [load(Story, row.record) for row in rows]
        return {story.slug: story for story in found}


_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_RECORDS = select(stories.c.record).where(stories.c.slug.in_(_KEYS))
_ARTICLES = select(articles).where(articles.c.key.in_(_KEYS))
_FOLDERS = select(folders).where(folders.c.slug.in_(_KEYS))
_GOOD_HASHES = (
    select(stories.c.slug, stories.c.guid, folders.c.sha256)
    .join(folders, folders.c.slug == stories.c.slug)
    .where(stories.c.slug.in_(_KEYS), ~stories.c.stale)
)


def _in_batches(connection: Connection, keys: Sequence[str], query: Select[Any]) -> list[Any]:
    """The rows of a query with `keys` in it; it is built once, which costs more than to run it."""
    rows: list[Any] = []
    for start in range(0, len(keys), _BATCH):
        rows += connection.execute(query, {"keys": keys[start : start + _BATCH]}).all()
    return rows


def _holder(claims: Sequence[Any], public_slug: str | None) -> str:
    """The slug of the story that keeps a guid."""

    def rank(row: Any) -> tuple[bool, bool, int, str]:
        return (row.slug != public_slug, row.published_at is None, row.published_at or 0, row.slug)

    holder: str = min(claims, key=rank).slug
    return holder


def _delete(connection: Connection, table: Table, column: Any, keys: Sequence[str]) -> None:
    for start in range(0, len(keys), _BATCH):
        connection.execute(delete(table).where(column.in_(keys[start : start + _BATCH])))


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _tags(found: Sequence[Indexed], attribute: str, column: str) -> Iterator[dict[str, Any]]:
    for one in found:
        if one.story:
            for value in dict.fromkeys(getattr(one.story.episode, attribute)):
                yield {"slug": one.slug, column: value}


def _folder_row(one: Indexed) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "stamp": one.stamp,
        "sha256": one.sha256,
        "recorded": False,
        "restrictions": one.restrictions,
    }


def _problem_rows(owner: str, found: Sequence[Problem]) -> list[dict[str, Any]]:
    return [
        {"owner": owner, "position": position, "severity": one.severity.value, "payload": dump(one)}
        for position, one in enumerate(found)
    ]
