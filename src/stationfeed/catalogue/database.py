"""One SQLite file and its transactions; what goes wrong with it is a FolderError with the file's name."""

from __future__ import annotations

import json
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from sqlalchemy import Text, bindparam, create_engine, event, func, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DatabaseError

from stationfeed.errors import FolderError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, CursorResult, Insert, Select

_WAIT_SECONDS = 30


class Database:
    """An open SQLite file in WAL mode; `synchronous` is SQLite's word for how safe a commit is."""

    def __init__(self, path: Path, *, synchronous: str) -> None:
        self.path = path
        self._own = local()
        self._opened: WeakSet[Connection] = WeakSet()
        self._engine = create_engine(
            f"sqlite:///{path}", connect_args={"timeout": _WAIT_SECONDS, "check_same_thread": False}
        )

        @event.listens_for(self._engine, "connect")
        def _configure(connection: Any, _record: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute(f"PRAGMA synchronous={synchronous}")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.execute("PRAGMA cache_size=-32000")
            cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All of what is done inside, or nothing; raises FolderError (a full disk, a damaged file)."""
        try:
            connection = self._connection()
            with connection.begin():
                yield connection
        except DatabaseError as error:
            raise FolderError(self.path, f"the database cannot be used ({error.orig})") from error

    def _connection(self) -> Connection:
        """This thread's own: to take one from the pool for each transaction costs as much as a small query."""
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._engine.connect()
            self._opened.add(connection)
        return connection

    def close(self) -> None:
        for connection in list(self._opened):
            connection.close()
        self._engine.dispose()


class Statement:
    """A statement whose words are found once: SQLAlchemy's own way to them costs more than SQLite's answer.

    It has no `in_` with a list, whose words depend on the list. Rows hold what SQLite has: true and false are 1 and 0.
    """

    def __init__(self, words: Select[Any] | Insert) -> None:
        compiled = words.compile(dialect=sqlite.dialect(paramstyle="named"))
        self._text, self._constants = str(compiled), compiled.params

    def run(self, connection: Connection, values: Mapping[str, object]) -> CursorResult[Any]:
        return connection.exec_driver_sql(self._text, {**self._constants, **values})


def among(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a column holds one of the names that are given as `named(names)` when the query runs.

    The query keeps its text for any number of names. Those of SQLAlchemy's `in_` become part of it: it is then
    written anew each time, which costs more than to run it, and may not hold more than SQLite's limit.
    """
    given = func.json_each(bindparam("names", type_=Text)).table_valued("value")
    return column.in_(select(given.c.value))


def named(names: Collection[str]) -> dict[str, str]:
    return {"names": json.dumps(list(names))}
