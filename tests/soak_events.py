"""A thousand listeners through twenty restarts: `make soak`, since it takes a minute or two.

Each listener comes back with the number it heard last, as browsers do. Nobody may miss an event or hear one twice.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.commands import run_command
from tests.serving import Server, serving
from tests.stations import make_station

if TYPE_CHECKING:
    from collections.abc import Callable

LISTENERS = int(os.environ.get("STATIONFEED_SOAK_LISTENERS", "1000"))
RESTARTS = int(os.environ.get("STATIONFEED_SOAK_RESTARTS", "20"))
PUSHES = 5
PATIENCE_S = 60.0
WEEK = 'grid: [{show: newsroom, days: mon-sun, start: "00:00", end: "24:00"}]\n'


@dataclass
class Harness:
    """Where the server is just now, None while there is none."""

    port: int | None = None
    done: bool = False


@dataclass
class Listener:
    harness: Harness
    last: int | None = None
    heard: list[int] = field(default_factory=list)
    is_listening: bool = False
    comebacks: int = 0

    async def listen(self) -> None:
        """Listen, and come back whenever the server is there again."""
        while not self.harness.done:
            if self.harness.port is None:
                await asyncio.sleep(0.05)
                continue
            with suppress(OSError, asyncio.IncompleteReadError, ValueError):
                await self._listen_once(self.harness.port)
            self.is_listening = False
            await asyncio.sleep(random.uniform(0.05, 0.5))

    async def _listen_once(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            resumed = "" if self.last is None else f"Last-Event-ID: {self.last}\r\n"
            writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\n{resumed}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head:
                return
            self.comebacks += 1
            await self._read_events(reader)
        finally:
            writer.close()

    async def _read_events(self, reader: asyncio.StreamReader) -> None:
        text = b""
        while size := int(await reader.readline(), 16):
            text += await reader.readexactly(size)
            await reader.readexactly(2)
            self.is_listening = True
            *blocks, text = text.split(b"\n\n")
            for block in blocks:
                self._take(dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line))

    def _take(self, block: dict[bytes, bytes]) -> None:
        if b"id" in block:
            self.last = int(block[b"id"])
            if b"data" in block:
                self.heard.append(self.last)


async def soak(root: Path, token: str) -> None:
    harness = Harness()
    listeners = [Listener(harness) for _ in range(LISTENERS)]
    tasks = [asyncio.create_task(one.listen()) for one in listeners]
    for turn in range(RESTARTS + 1):
        await asyncio.to_thread(_turn, root, token, turn, harness, listeners)
        print(f"restart {turn} of {RESTARTS}: {min(len(one.heard) for one in listeners)} events", flush=True)
    harness.done = True
    await asyncio.gather(*tasks)
    check(listeners)


def _turn(root: Path, token: str, turn: int, harness: Harness, listeners: list[Listener]) -> None:
    with serving(root) as server:
        harness.port = server.port
        _wait(lambda: all(one.is_listening for one in listeners), "all listen")
        for number in range(PUSHES):
            _push(server, token, f"{turn}-{number}")
        last = max(one.last or 0 for one in listeners)
        _wait(lambda: all((one.last or 0) >= last for one in listeners) and _agree(listeners), "all heard")
        harness.port = None
        # Half of the restarts are what a power cut is.
        (server.kill if turn % 2 else server.stop)()
    _wait(lambda: not any(one.is_listening for one in listeners), "all noticed")


def _agree(listeners: list[Listener]) -> bool:
    return len({one.last for one in listeners}) == 1


def _push(server: Server, token: str, title: str) -> None:
    body = f'{{"title": "{title}"}}'.encode()
    head = f"POST /api/v1/now/kxmp-fm HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    sent = f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    assert server.raw(sent).startswith(b"HTTP/1.1 204")


def _wait(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > until:
            sys.exit(f"not within {PATIENCE_S} s: {what}")
        time.sleep(0.05)


def check(listeners: list[Listener]) -> None:
    """Everybody heard the same numbers, each once, and all that were told."""
    expected = listeners[0].heard
    pushes = (RESTARTS + 1) * PUSHES
    assert len(expected) >= pushes, f"{len(expected)} events of at least {pushes}"
    for one in listeners:
        if one.heard != sorted(set(one.heard)):
            sys.exit(f"an event came twice or out of order: {one.heard}")
        if one.heard != expected:
            sys.exit(f"an event was missed: {one.heard} beside {expected}")
    print(f"{len(listeners)} listeners heard {len(expected)} events each, nothing missed, nothing twice")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="stationfeed-soak-") as folder:
        station = make_station(Path(folder) / "station")
        station.episode("a")
        (station.root / "schedules").mkdir()
        (station.root / "schedules" / "kxmp-fm.yaml").write_text(WEEK, encoding="utf-8")
        made = run_command("-C", station.root, "staff", "token", "now", "--service", "kxmp-fm")
        asyncio.run(soak(station.root, made.out.strip()))


if __name__ == "__main__":
    main()
