"""One SQLite file as the catalogue uses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from stationfeed.catalogue.database import Database, Statement, among, named
from stationfeed.catalogue.tables import index_schema, meta

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from tests.stations import StationFolder

VALUES = Statement(select(meta.c.key, meta.c.value).where(among(meta.c.key)).order_by(meta.c.key))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "index.sqlite", synchronous="OFF")
    with opened.transaction() as connection:
        index_schema.create_all(connection)
        connection.execute(meta.insert(), [{"key": f"k{one}", "value": str(one)} for one in range(3)])
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], []),
        (["k1"], ["1"]),
        (["k2", "k0", "it's", '"', "\u00e4"], ["0", "2"]),
        ([f"k{one}" for one in range(50_000)], ["0", "1", "2"]),
    ],
)
def test_a_statement_takes_any_number_of_names(
    database: Database, names: list[str], found: list[str]
) -> None:
    with database.transaction() as connection:
        assert [row.value for row in VALUES.run(connection, named(names))] == found


def test_two_threads_are_inside_a_transaction_at_once(database: Database) -> None:
    def read() -> list[str]:
        with database.transaction() as connection:
            return [row.value for row in VALUES.run(connection, named(["k1"]))]

    with database.transaction() as connection, ThreadPoolExecutor(1) as other:
        connection.execute(meta.insert().values(key="k9", value="9"))
        assert other.submit(read).result() == ["1"]


def test_what_is_called_together_by_one_thread_is_no_other_thread_s(folder: StationFolder) -> None:
    station = folder.open()
    catalogue = station.catalogue

    def is_mine(mine: Connection) -> bool:
        with catalogue.together() as theirs:
            return theirs is mine

    with catalogue.together() as mine, ThreadPoolExecutor(1) as other:
        assert is_mine(mine)
        assert not other.submit(is_mine, mine).result()
    station.close()


def test_what_failed_half_way_is_undone_and_the_next_transaction_begins(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as connection:
            connection.execute(meta.delete())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.transaction() as connection:
        assert len(VALUES.run(connection, named(["k0", "k1", "k2"])).all()) == 3
