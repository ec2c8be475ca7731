"""Idle event listeners: what each costs, and when the last of them hears of a change.

Ours is `stationfeed serve` on a station; the change is pushed like automation would, so that the time has the whole
way in it: the token, the databases, the documents. The peers only pass on what is posted.
"""

from __future__ import annotations

import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import at_most, reported
from benchmarks.load import pinned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure

TITLE = "Idle event listeners of one process"
CLIENTS = 5_000
KB, SECONDS = 12.0, 0.15
_ROUNDS = 7
_SETTLE_S = 2.0
_CONFIG = """\
site: {title: Bench, base_url: "https://news.example"}
organization: {name: Bench, copyright: Bench}
limits: {event_clients: 6000}
stations:
  bench: {name: Bench, timezone: America/Chicago, services: {fm: {name: Bench FM, kind: fm}}}
shows: {news: {title: News, station: bench}}
feeds: {all: {title: All, station: bench, guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810}}
"""
_WEEK = 'grid: [{show: news, days: mon-sun, start: "00:00", end: "24:00"}]\n'


@dataclass(frozen=True, slots=True)
class Sender:
    """A running server: how to listen to it, and how to have it tell something."""

    process: subprocess.Popen[str]
    port: int
    listen: bytes
    tell: bytes  # with a place for the length and the text

    def message(self, text: str) -> bytes:
        body = f'{{"title": "{text}"}}'.encode()
        return self.tell + b"Content-Length: %d\r\n\r\n" % len(body) + body

    @property
    def memory_kb(self) -> int:
        said = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(next(line for line in said.splitlines() if line.startswith("VmRSS:")).split()[1])


def run(*, quick: bool) -> Iterator[Figure]:
    count = 500 if quick else CLIENTS
    with _stationfeed() as ours:
        kb, seconds = _measure(ours, count)
        yield at_most(f"{count:,} listeners, memory each", kb, KB, "KB")
        yield at_most("a change reaches the last of them", seconds, SECONDS, "s", "pushed, recorded, told")
    for kind in ("bare", "sse-starlette"):
        with _peer(kind) as peer:
            kb, seconds = _measure(peer, count)
            yield reported(f"{kind}: memory each", f"{kb:.1f} KB")
            yield reported(f"{kind}: a change reaches the last", f"{seconds * 1000:.0f} ms")


def _measure(sender: Sender, count: int) -> tuple[float, float]:
    """KB a listener, and the median of the seconds until the last one has heard."""
    before = sender.memory_kb
    with _listeners(sender, count) as sockets:
        time.sleep(_SETTLE_S)
        kb = (sender.memory_kb - before) / count
        return kb, median(_round(sender, sockets, f"title {number}") for number in range(_ROUNDS))


def _round(sender: Sender, sockets: selectors.BaseSelector, text: str) -> float:
    waiting = {key.fd for key in sockets.get_map().values()}
    needle = text.encode()
    with socket.create_connection(("127.0.0.1", sender.port)) as teller:
        began = time.perf_counter()
        teller.sendall(sender.message(text))
        while waiting:
            for key, _mask in sockets.select(10):
                received = key.fileobj.recv(65536)  # type: ignore[union-attr]
                if not received:
                    raise ConnectionResetError("a listener was dropped")
                if needle in received:
                    waiting.discard(key.fd)
        return time.perf_counter() - began


@contextmanager
def _listeners(sender: Sender, count: int) -> Iterator[selectors.BaseSelector]:
    found = selectors.DefaultSelector()
    opened = []
    try:
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", sender.port), timeout=30)
            opened.append(one)
            one.sendall(sender.listen)
            received = b""
            while not received.partition(b"\r\n\r\n")[2].endswith(b"\n\r\n"):
                received += one.recv(4096)
            one.setblocking(False)
            found.register(one, selectors.EVENT_READ)
        yield found
    finally:
        found.close()
        for one in opened:
            one.close()


@contextmanager
def _stationfeed() -> Iterator[Sender]:
    with tempfile.TemporaryDirectory(prefix="stationfeed-bench-") as folder:
        root = Path(folder)
        for name in ("episodes", "schedules"):
            (root / name).mkdir()
        (root / "config.yaml").write_text(_CONFIG, encoding="utf-8")
        (root / "schedules" / "fm.yaml").write_text(_WEEK, encoding="utf-8")
        program = [sys.executable, "-m", "stationfeed", "-C", folder]
        made = subprocess.run(
            [*program, "staff", "token", "now", "--service", "fm"], check=True, capture_output=True, text=True
        )
        head = f"POST /api/v1/now/fm HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {made.stdout.strip()}\r\n"
        with _running([*program, "serve", "--port", "0"]) as (process, port):
            listen = b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n"
            yield Sender(process, port, listen, head.encode())


@contextmanager
def _peer(kind: str) -> Iterator[Sender]:
    with _running([sys.executable, "-m", "benchmarks.event_servers", kind]) as (process, port):
        yield Sender(process, port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\n")


@contextmanager
def _running(command: list[str]) -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = subprocess.Popen(
        pinned(command, 0),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        if process.stdout is None:
            raise RuntimeError("its output is not read")
        port = next(
            int(found[1]) for line in process.stdout if (found := re.search(r"127\.0\.0\.1:(\d+)", line))
        )
        yield process, port
    finally:
        process.terminate()
        process.wait(20)
