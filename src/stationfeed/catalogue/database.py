"""One SQLite file and its transactions; what goes wrong with it is a FolderError with the file's name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DatabaseError

from stationfeed.errors import FolderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

_WAIT_SECONDS = 30


class Database:
    """An open SQLite file in WAL mode; `synchronous` is SQLite's word for how safe a commit is."""

    def __init__(self, path: Path, *, synchronous: str) -> None:
        self.path = path
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
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as error:
            raise FolderError(self.path, f"the database cannot be used ({error.orig})") from error

    def close(self) -> None:
        self._engine.dispose()
