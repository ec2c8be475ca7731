"""The index over the folder: what was seen of it, and the questions asked of it.

A cache on SQLite: deleted or damaged, it is made anew from the files.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from threading import local
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    union,
    update,
)

from stationfeed.catalogue.database import Database, Statement, among, named
from stationfeed.catalogue.rows import (
    Indexed,
    Probed,
    article_row,
    dump,
    load,
    rendition_rows,
    story_row,
    text_row,
)
from stationfeed.catalogue.searchable import put_in_words, take_out_words
from stationfeed.catalogue.tables import (
    articles,
    assets,
    folders,
    former_slugs,
    index_schema,
    meta,
    people,
    problems,
    renditions,
    searched,
    stories,
    texts,
    topics,
)
from stationfeed.errors import FolderError, Problem
from stationfeed.model.episode import Article, Story
from stationfeed.storage.local import failures_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Table

    from stationfeed.model.transcript import Transcript
    from stationfeed.model.words import Slug

INDEX_VERSION = "8"
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
            # A table of FTS5 that is damaged cannot be used at all, and is found out when it is.
            connection.execute(select(searched.c.rowid).limit(1))
    except FolderError:
        database.close()
        raise
    return Catalogue(database)


class Catalogue:
    """One open index. Each method is one transaction, unless it runs inside `together()`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._own = local()

    @contextmanager
    def together(self) -> Iterator[Connection]:
        """One transaction for everything that this thread calls inside."""
        joined: Connection | None = getattr(self._own, "joined", None)
        if joined is not None:
            yield joined
            return
        with self._database.transaction() as connection:
            self._own.joined = connection
            try:
                yield connection
            finally:
                self._own.joined = None

    def close(self) -> None:
        self._database.close()

    def stamps(self, slugs: Iterable[str] | None = None) -> dict[str, str]:
        """The stamps of all folders as they were last seen, or of some."""
        with self.together() as connection:
            if slugs is None:
                return dict(map(tuple, _STAMPS.run(connection, {})))
            rows = connection.execute(_FOLDERS, named(list(slugs)))
            return {row.slug: row.stamp for row in rows}

    def good_hashes(self, slugs: Sequence[str]) -> dict[Slug, tuple[str, str]]:
        """The guid and the text's hash of those stories whose file is not broken."""
        with self.together() as connection:
            rows = connection.execute(_GOOD_HASHES, named(slugs))
            return {row.slug: (row.guid, row.sha256) for row in rows}

    def restrictions(self, slugs: Sequence[str]) -> dict[Slug, str]:
        """What the broken versions of stories have restricted since their last good ones."""
        with self.together() as connection:
            rows = connection.execute(_FOLDERS, named(slugs))
            return {row.slug: row.restrictions for row in rows if row.restrictions is not None}

    def replace(self, found: Sequence[Indexed], gone: Sequence[str]) -> None:
        """Take in what a look found."""
        slugs = [one.slug for one in found] + list(gone)
        with self.together() as connection:
            take_out_words(connection, slugs)
            for forget in _FORGET:
                connection.execute(forget, named(slugs))
            _insert(connection, folders, [_folder_row(one) for one in found])
            connection.execute(_COUNT_CHANGE)
            _insert(connection, stories, [story_row(one, one.story) for one in found if one.story])
            _insert(connection, texts, [text_row(one) for one in found if one.story])
            put_in_words(connection, slugs)
            _insert(connection, topics, list(_tags(found, "topics", "topic")))
            _insert(connection, people, list(_tags(found, "byline", "person")))
            _insert(connection, former_slugs, list(_tags(found, "former_slugs", "former")))
            _insert(
                connection, problems, [row for one in found for row in _problem_rows(one.slug, one.problems)]
            )
            _insert(
                connection,
                renditions,
                [row for one in found for row in rendition_rows(one.slug, one.renditions)],
            )

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
            connection.execute(_MARK_RECORDED, named(slugs))

    def settle_guids(self, already_public: Callable[[str], str | None]) -> list[str]:
        """Decide which story holds a guid that several have; the slugs for which that changed.

        The one already public stays, else the earlier publication, else the first slug.
        """
        query = (
            select(stories.c.slug, stories.c.guid, stories.c.published_at, stories.c.holds_guid)
            .where(among(stories.c.guid))
            .order_by(stories.c.guid)
        )
        changed: list[str] = []
        with self.together() as connection:
            disputed = connection.scalars(_DISPUTED).all()
            found = connection.execute(query, named(disputed)).all()
            for guid, rows in groupby(found, key=lambda row: row.guid):
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
            text = _ASSET.run(connection, {"path": path, "stamp": stamp}).scalar()
        return None if text is None else load(Probed, text)

    def transcript(self, path: str) -> Transcript | None:
        """The words of a transcript as it was last read."""
        with self.together() as connection:
            text = connection.scalar(select(assets.c.facts).where(assets.c.path == path))
        probed: Probed | None = None if text is None else load(Probed, text)
        return probed.transcript if probed else None

    def asset_stamp(self, path: str) -> str | None:
        with self.together() as connection:
            return connection.scalar(select(assets.c.stamp).where(assets.c.path == path))

    def keep_asset(self, path: str, stamp: str, probed: Probed) -> None:
        with self.together() as connection:
            _KEEP_ASSET.run(connection, {"path": path, "stamp": stamp, "facts": dump(probed)})

    def stories(self, slugs: Sequence[str]) -> dict[str, Story]:
        with self.together() as connection:
            rows = _STORIES.run(connection, named(slugs))
            return {row.slug: load(Story, row.record) for row in rows}

    def stories_with_articles(self, slugs: Sequence[str], maker: str) -> list[tuple[Story, Article | str]]:
        """Stories, each with its article: the HTML that `maker` made of it where that was kept, else Markdown."""
        with self.together() as connection:
            rows = _STORIES_WITH_ARTICLES.run(connection, {"maker": maker, **named(slugs)}).all()
        return [(load(Story, row.record), _article_of(row)) for row in rows]

    def keep_articles(self, maker: str, made: Sequence[tuple[Slug, str, Article]]) -> None:
        """Keep what `maker` made of the stories' Markdown in place of what was kept for them before."""
        with self.together() as connection:
            connection.execute(
                _KEEP_ARTICLES, [article_row(slug, maker, text, article) for slug, text, article in made]
            )


_STAMPS = Statement(select(folders.c.slug, folders.c.stamp))
_DISPUTED = union(
    select(stories.c.guid).group_by(stories.c.guid).having(func.count() > 1),
    select(stories.c.guid).where(~stories.c.holds_guid),
)
_ASSET = Statement(
    select(assets.c.facts).where(
        assets.c.path == bindparam("path", type_=Text), assets.c.stamp == bindparam("stamp", type_=Text)
    )
)
_KEEP_ASSET = Statement(insert(assets).prefix_with("OR REPLACE"))
_STORIES = Statement(select(stories.c.slug, stories.c.record).where(among(stories.c.slug)))
_MARKDOWN = select(texts.c.markdown).where(texts.c.slug == stories.c.slug).scalar_subquery()
_STORIES_WITH_ARTICLES = Statement(
    select(
        stories.c.record,
        articles.c.html,
        articles.c.lead,
        case((articles.c.html.is_(None), _MARKDOWN)).label("markdown"),
    )
    .outerjoin(
        articles,
        and_(
            articles.c.slug == stories.c.slug,
            articles.c.article_sha256 == stories.c.article_sha256,
            articles.c.maker == bindparam("maker", type_=Text),
        ),
    )
    .where(among(stories.c.slug))
)
_KEEP_ARTICLES = insert(articles).prefix_with("OR REPLACE")
_FOLDERS = select(folders).where(among(folders.c.slug))
_MARK_RECORDED = update(folders).where(among(folders.c.slug)).values(recorded=True)
_FORGET = [
    delete(stories).where(among(stories.c.slug)),
    delete(folders).where(among(folders.c.slug)),
    delete(problems).where(among(problems.c.owner)),
    delete(renditions).where(among(renditions.c.slug)),
]
_GOOD_HASHES = (
    select(stories.c.slug, stories.c.guid, folders.c.sha256)
    .join(folders, folders.c.slug == stories.c.slug)
    .where(among(stories.c.slug), ~stories.c.stale)
)


def _article_of(row: Any) -> Article | str:
    markdown: str | None = row.markdown
    return Article(html=row.html, lead=row.lead) if markdown is None else markdown


def _holder(claims: Sequence[Any], public_slug: str | None) -> str:
    """The slug of the story that keeps a guid."""

    def rank(row: Any) -> tuple[bool, bool, int, str]:
        return (row.slug != public_slug, row.published_at is None, row.published_at or 0, row.slug)

    holder: str = min(claims, key=rank).slug
    return holder


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
