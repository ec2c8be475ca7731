"""A client of server-sent events, as browsers are: what it has heard, in order."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.serving import PATIENCE_SECONDS, eventually


@dataclass(frozen=True, slots=True)
class Heard:
    number: int | None
    kind: str
    data: Any


@dataclass
class Listener:
    """Listens to one server's events in a thread until it is closed or the server ends."""

    port: int
    last_heard: int | None = None
    heard: list[Heard] = field(default_factory=list)
    status: int | None = None
    headers: str = ""
    is_open: bool = True

    def __post_init__(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        resumed = "" if self.last_heard is None else f"Last-Event-ID: {self.last_heard}\r\n"
        asked = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n{resumed}\r\n"
        self._socket.sendall(asked.encode())
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()
        eventually(lambda: self.status)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_SECONDS)
        self._socket.close()

    @property
    def numbers(self) -> list[int]:
        return [one.number for one in self.heard if one.number is not None]

    def wait_for(self, count: int) -> list[Heard]:
        eventually(lambda: len(self.heard) >= count)
        return self.heard

    def _listen(self) -> None:
        with suppress(OSError), self._socket.makefile("rb") as stream:
            self.status = int(stream.readline().split()[1])
            self.headers = b"".join(iter(stream.readline, b"\r\n")).decode().lower()
            block: dict[str, str] = {}
            for line in _lines(stream):
                if line:
                    name, _, value = line.partition(":")
                    block[name] = value.removeprefix(" ")
                    continue
                self._take(block)
                block = {}
        self.is_open = False

    def _take(self, block: dict[str, str]) -> None:
        if "id" in block:
            self.last_heard = int(block["id"])
        if "data" in block:
            number = int(block["id"]) if "id" in block else None
            self.heard.append(Heard(number, block["event"], json.loads(block["data"])))


def _lines(stream: Any) -> Any:
    """The lines of a chunked body."""
    left = b""
    while size := int(stream.readline().strip() or b"0", 16):
        left += stream.read(size)
        stream.readline()
        *whole, left = left.split(b"\n")
        for line in whole:
            yield line.decode()
