"""The end of a connection whose whole time is over, however slowly it still sends."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from threading import Lock, Timer
from typing import Self


class Deadline:
    """A context; the connection watched last is shut when its time is over, which its reader sees as an end."""

    def __init__(self, whole_s: float) -> None:
        self._ends_at = time.monotonic() + whole_s
        self._timer = Timer(whole_s, self._cut)
        self._lock = Lock()
        self._watched: socket.socket | None = None
        self._connections: list[socket.socket] = []

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends_at

    @property
    def rest_s(self) -> float:
        return max(0.001, self._ends_at - time.monotonic())

    def watch(self, connection: socket.socket) -> None:
        """A handle of our own is kept: that of the connection may be closed, and its number given to another."""
        with self._lock:
            self._forget()
            self._connections.append(connection)
            self._watched = socket.fromfd(connection.fileno(), connection.family, connection.type)
            if self.is_over:
                self._shut()

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._forget()
        for connection in self._connections:
            _close(connection)

    def _cut(self) -> None:
        with self._lock:
            self._shut()

    def _shut(self) -> None:
        if self._watched:
            with suppress(OSError):  # the other end was quicker
                self._watched.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._watched:
            self._watched.close()
            self._watched = None


def _close(connection: socket.socket) -> None:
    """Of an answer whose headers cannot be read the libraries close all but the file underneath."""
    if (handle := connection.detach()) >= 0:
        os.close(handle)
