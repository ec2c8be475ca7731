"""`stationfeed serve` in a process of its own, on a real folder and a free port, and what it answers."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.client import HTTPConnection
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
"""After how long a test gives up; only a failing one, or one on a busy machine, waits for more than a moment."""
SOON_SECONDS = 2.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
"""How soon after a file is saved, or a story is due, the whole world sees it: two seconds, or a busy machine's."""

_READY = re.compile(r"^Serving .* at http://127\.0\.0\.1:(\d+)$", re.MULTILINE)
EVERY_SECONDS = 0.02
"""How often a test that waits for something looks."""


@dataclass(frozen=True)
class Answer:
    """An answer as it came over the wire; names of headers are in small letters."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} stands there twice"
        return values[0] if values else None

    def said(self, name: str) -> str:
        value = self[name]
        assert value is not None, f"{self.status} without {name}"
        return value

    @property
    def but_for_date(self) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
        """All of it that may tell one answer from another."""
        return self.status, tuple(one for one in self.headers if one[0] != "date"), self.body

    @property
    def dated(self) -> datetime:
        return parsedate_to_datetime(self.said("date"))


class Server:
    """A running `stationfeed serve`; `inside` its folder, or told where that is."""

    def __init__(
        self, root: Path, *, inside: bool = False, environment: Mapping[str, str] | None = None
    ) -> None:
        where = [] if inside else ["-C", str(root)]
        self._lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stationfeed", *where, "serve", "--port", "0"],
            cwd=root if inside else None,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read_log)
        self._reader.start()

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            self._lines.extend(stream)

    @property
    def log(self) -> str:
        """What it has said so far."""
        return "".join(self._lines)

    @property
    def port(self) -> int:
        """The port it says it has, once it says so."""
        eventually(lambda: self.process.poll() is not None or _READY.search(self.log))
        found = _READY.search(self.log)
        assert found, f"it never said where it serves:\n{self.log}"
        return int(found[1])

    def ask(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        """One request with exactly these headers and a Host."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            given = {"Host": f"127.0.0.1:{self.port}", **(headers or {})}
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in given.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            found = tuple((name.lower(), value) for name, value in response.getheaders())
            return Answer(response.status, found, response.read())
        finally:
            connection.close()

    def raw(self, sent: bytes) -> bytes:
        """All that comes back for these very bytes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(sent)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))

    def text(self, path: str) -> str:
        """The body of a good answer."""
        answer = self.ask(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        return answer.body.decode()

    def stop(self) -> float:
        """End it as a service manager would, if it has not ended; how many seconds it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)  # nothing to one that has ended
        self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return time.monotonic() - started

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)


@contextmanager
def serving(
    root: Path, *, inside: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that answers; at its end it must stop when told to, and must never have lost its temper."""
    server = Server(root, inside=inside, environment=environment)
    try:
        assert server.port
        yield server
        if server.process.poll() is None:
            server.stop()
            assert server.process.returncode == 0, server.log
    finally:
        if server.process.poll() is None:
            server.kill()
        if "Traceback" in server.log:  # said also where the test has failed already
            sys.stderr.write(server.log)
    assert "Traceback" not in server.log, server.log


def eventually(question: Callable[[], T | None], within_seconds: float = PATIENCE_SECONDS) -> T:
    """The first answer that is true; fails with the last one where none comes in time."""
    deadline = time.monotonic() + within_seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_seconds} seconds: {answer!r}")
        time.sleep(EVERY_SECONDS)


def http_date(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)
