"""A state database that another version left behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

import stationfeed.catalogue
from stationfeed.catalogue.database import Database
from stationfeed.catalogue.events import News, add_news, events_after
from stationfeed.catalogue.live import aired, heard_items, keep_airings, keep_item
from stationfeed.catalogue.state import open_state
from stationfeed.catalogue.tables import state_schema, to_microseconds
from stationfeed.catalogue.tokens import PURPOSE_NOW, find_token, make_token
from stationfeed.errors import FolderError
from stationfeed.model.on_air import AsRun, PlayingItem
from stationfeed.model.words import Slug
from tests.commands import run_command

if TYPE_CHECKING:
    from stationfeed.catalogue.state import State
    from tests.stations import StationFolder

AT = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
FM = Slug("kxmp-fm")
FIRST = {"publications", "last_good", "addresses", "ticks"}
ADDED = {"heard", "airings", "tokens", "events", "announced"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database as the first version made it, with a row in its tables."""
    found = tmp_path / "state.sqlite"
    make_first(found)
    return found


def make_first(path: Path) -> None:
    database = Database(path, synchronous="FULL")
    settings = Config()
    settings.set_main_option(
        "script_location", str(Path(stationfeed.catalogue.__file__).parent / "migrations")
    )
    with closing(database), database.transaction() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
    at = to_microseconds(AT)
    with closing(sqlite3.connect(path)) as first, first:
        first.execute("INSERT INTO publications VALUES ('a-guid', 'a', ?)", [at])
        first.execute("INSERT INTO addresses VALUES ('/media/a/a.mp3', 'tag', ?, 'a')", [at])
        first.execute("INSERT INTO ticks VALUES ('published', ?)", [at])


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as opened:
        rows = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name for (name,) in rows} - {"alembic_version", "sqlite_sequence"}


def version_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as opened:
        (version,) = opened.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(version)


def assert_kept(state: State) -> None:
    assert state.public_slug("a-guid") == "a"
    found = state.served(["/media/a/a.mp3"])["/media/a/a.mp3"]
    assert (found.etag, found.since, found.slug) == ("tag", AT, "a")
    assert state.last_tick() == AT


def test_the_first_versions_database_keeps_its_rows_and_gets_the_new_tables(path: Path) -> None:
    assert tables(path) == FIRST
    with closing(open_state(path)) as state:
        assert_kept(state)
    assert tables(path) == FIRST | ADDED
    with closing(open_state(path)) as again:
        assert_kept(again)


def test_the_new_tables_hold_what_is_put_into_them(path: Path) -> None:
    item = PlayingItem(title="Suite in G", source="push", starts_at=AT, as_of=AT)
    special = AsRun(starts_at=AT, ends_at=AT + timedelta(minutes=5), title="Special")
    with closing(open_state(path)) as state:
        keep_item(state, FM, item)
        keep_airings(state, FM, [special], AT)
        token = make_token(state, PURPOSE_NOW, FM, AT)
        add_news(state, [News(kind="now", topic=FM, version="version", text="{}")])
    with closing(open_state(path)) as state:
        assert heard_items(state) == {FM: item}
        assert aired(state) == {FM: (special,)}
        known = find_token(state, token)
        assert known is not None
        assert known.service == FM
        assert [one.text for one in events_after(state, 0)] == ["{}"]
        assert_kept(state)


def test_a_migrated_database_is_like_a_new_one_and_like_the_tables(path: Path, tmp_path: Path) -> None:
    for file in (path, tmp_path / "new.sqlite"):
        open_state(file).close()
        database = Database(file, synchronous="FULL")
        with closing(database), database.transaction() as connection:
            assert compare_metadata(MigrationContext.configure(connection), state_schema) == []
    assert version_of(path) == version_of(tmp_path / "new.sqlite") != "0001"


def test_a_station_of_the_first_version_is_opened_and_knows_what_was_public(folder: StationFolder) -> None:
    (folder.root / ".stationfeed").mkdir()
    make_first(folder.root / ".stationfeed" / "state.sqlite")
    with closing(folder.open()) as station:
        found = station.gone_addresses(station.shelf.documents, AT + timedelta(days=60))
        assert found == ["/media/a/a.mp3"]


def test_a_database_of_a_later_version_is_refused_in_words_and_stays_as_it_is(folder: StationFolder) -> None:
    """Whoever goes back to the version before must hear why it does not start."""
    path = folder.root / ".stationfeed" / "state.sqlite"
    open_state(path).close()
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    done = run_command("-C", folder.root, "now")
    assert done.code == 3
    assert str(path) in done.err
    with pytest.raises(FolderError):
        open_state(path)
    assert path.read_bytes() == before
