"""The tables of the index and of the state database, in SQLAlchemy Core.

Instants are whole microseconds since 1970 in UTC, so that they sort and compare as numbers on every database.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    column,
    event,
    table,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

index_schema = MetaData()

folders = Table(
    "folders",
    index_schema,
    Column("slug", String(255), primary_key=True),
    Column("stamp", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("recorded", Boolean, nullable=False),
    Column("restrictions", Text, nullable=True),
)
# The few rows that are asked for at every look; an index of all would be taken for other questions, too.
Index("folders_unrecorded", folders.c.slug, sqlite_where=~folders.c.recorded)

assets = Table(
    "assets",
    index_schema,
    Column("path", Text, primary_key=True),
    Column("stamp", Text, nullable=False),
    Column("facts", Text, nullable=False),
)

stories = Table(
    "stories",
    index_schema,
    Column("id", Integer, primary_key=True),
    Column("slug", String(80), nullable=False, unique=True),
    Column("guid", Text, nullable=False, index=True),
    Column("guid_line", Integer, nullable=True),
    Column("show", String(80), nullable=False),
    Column("station", String(80), nullable=False),
    Column("state", String(10), nullable=False),
    Column("published_at", BigInteger, nullable=True),
    Column("expires_at", BigInteger, nullable=True),
    Column("updated_at", BigInteger, nullable=True),
    Column("episode_type", String(10), nullable=False),
    Column("has_audio", Boolean, nullable=False),
    Column("corrected_at", BigInteger, nullable=True, index=True),
    Column("holds_guid", Boolean, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("version", String(32), nullable=False),
    Column("record", Text, nullable=False),
    Column("article_sha256", String(64), nullable=False),
    Index("stories_by_date", "published_at", "slug"),
    Index("stories_by_show", "show", "published_at"),
    Index("stories_by_expiry", "expires_at"),
    Index("stories_by_type", "episode_type", "published_at"),
)
Index("stories_without_guid", stories.c.guid, sqlite_where=~stories.c.holds_guid)


def _story_key() -> Column[str]:
    return Column("slug", String(80), ForeignKey("stories.slug", ondelete="CASCADE"), primary_key=True)


topics = Table(
    "topics", index_schema, _story_key(), Column("topic", String(80), primary_key=True, index=True)
)
# The stories' words have a table of their own, so that their rows stay small: they are as much as all the rest.
# Markdown is read only where its HTML was not kept, and both where a story's words go into or out of the search.
texts = Table(
    "texts",
    index_schema,
    _story_key(),
    Column("markdown", Text, nullable=False),
    Column("transcript", Text, nullable=True),
)
people = Table("people", index_schema, _story_key(), Column("person", Text, primary_key=True, index=True))
former_slugs = Table(
    "former_slugs", index_schema, _story_key(), Column("former", String(80), primary_key=True, index=True)
)

problems = Table(
    "problems",
    index_schema,
    Column("owner", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("severity", String(10), nullable=False),
    Column("payload", Text, nullable=False),
)

articles = Table(
    "articles",
    index_schema,
    Column("slug", String(80), primary_key=True),
    Column("article_sha256", String(64), nullable=False),
    Column("maker", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("lead", Text, nullable=True),
)

renditions = Table(
    "renditions",
    index_schema,
    Column("slug", String(255), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("made_name", String(80), nullable=True),
    Column("missing", Boolean, nullable=False, index=True),
    Column("payload", Text, nullable=False),
)

# Where each word stands, in the row that has the number of the story's own. FTS5 keeps no copy of the texts, which
# would be twice as much as the rest of it: to take a story out it is told its words again. Marks are part of a
# word, as vowels are in Hindi, but for those that give an emoji its color; on Latin letters they make no difference.
SEARCHED = ("title", "summary", "article", "transcript")
EMOJI_STYLES = "\ufe0e\ufe0f"
searched = table(
    "searched",
    column("searched", Text),
    column("rowid", Integer),
    column("rank", Float),
    *(column(name, Text) for name in SEARCHED),
)
_WORDS = f"unicode61 remove_diacritics 2 categories 'L* N* Mn Mc' separators '{EMOJI_STYLES}'"
_CREATE_SEARCHED = (
    f"CREATE VIRTUAL TABLE searched USING fts5({', '.join(SEARCHED)}, content='', tokenize=\"{_WORDS}\")"
)


@event.listens_for(index_schema, "after_create")
def _create_searched(_schema: MetaData, connection: Connection, **_: Any) -> None:
    connection.exec_driver_sql(_CREATE_SEARCHED)


@event.listens_for(index_schema, "before_drop")
def _drop_searched(_schema: MetaData, connection: Connection, **_: Any) -> None:
    connection.exec_driver_sql("DROP TABLE IF EXISTS searched")


meta = Table(
    "meta", index_schema, Column("key", String(40), primary_key=True), Column("value", Text, nullable=False)
)

state_schema = MetaData()

publications = Table(
    "publications",
    state_schema,
    Column("guid", Text, primary_key=True),
    Column("slug", String(80), nullable=False, index=True),
    Column("first_public_at", BigInteger, nullable=False),
)

last_good = Table(
    "last_good",
    state_schema,
    Column("slug", String(80), primary_key=True),
    Column("guid", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("deflated", LargeBinary, nullable=False),
    Column("restrictions", Text, nullable=True),
)

addresses = Table(
    "addresses",
    state_schema,
    Column("address", Text, primary_key=True),
    Column("etag", String(64), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("slug", String(80), nullable=True, index=True),
)

ticks = Table(
    "ticks",
    state_schema,
    Column("name", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

heard = Table(
    "heard",
    state_schema,
    Column("service", String(80), primary_key=True),
    Column("item", Text, nullable=False),
)

airings = Table(
    "airings",
    state_schema,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("service", String(80), nullable=False, index=True),
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
)

tokens = Table(
    "tokens",
    state_schema,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("purpose", String(20), nullable=False),
    Column("service", String(80), nullable=False),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    state_schema,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(20), nullable=False),
    Column("topic", String(80), nullable=False),
    Column("version", String(64), nullable=True),
    Column("text", Text, nullable=False),
    sqlite_autoincrement=True,
)

announced = Table(
    "announced",
    state_schema,
    Column("slug", String(80), primary_key=True),
    Column("version", String(32), nullable=False),
)


def to_microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // _MICROSECOND


def to_instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
