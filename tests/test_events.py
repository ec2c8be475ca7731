"""Server-sent events over HTTP: told in time, heard once, resumed across restarts, bounded, and ended politely."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stationfeed.catalogue.events import EVENTS_KEPT, Event, News, add_news
from stationfeed.catalogue.state import open_state
from stationfeed.web.events import RETRY_MS, EventStreams
from tests.commands import run_command
from tests.listening import Listener
from tests.serving import PATIENCE_SECONDS, SOON_SECONDS, Server, eventually, serving
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.web.responses import Message

WEEK = 'grid: [{show: newsroom, days: mon-sun, start: "00:00", end: "24:00"}]\n'


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    found = make_station(tmp_path / "station")
    found.episode("a")
    schedules = found.root / "schedules"
    schedules.mkdir()
    (schedules / "kxmp-fm.yaml").write_text(WEEK, encoding="utf-8")
    return found


@contextmanager
def listening(server: Server, last_heard: int | None = None) -> Iterator[Listener]:
    with closing(Listener(server.port, last_heard)) as listener:
        yield listener


def push(server: Server, token: str, title: str) -> None:
    body = f'{{"title": "{title}"}}'.encode()
    head = f"POST /api/v1/now/kxmp-fm HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    sent = f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
    assert server.raw(sent).startswith(b"HTTP/1.1 204")


def token_of(folder: StationFolder) -> str:
    return run_command("-C", folder.root, "staff", "token", "now", "--service", "kxmp-fm").out.strip()


def playing(listener: Listener) -> list[str | None]:
    items = [one.data["now_playing"]["item"] for one in listener.heard if one.kind == "now"]
    return [item and item["title"] for item in items]


def test_what_changes_is_told_to_all_at_once_and_each_hears_it_once(folder: StationFolder) -> None:
    token = token_of(folder)
    with serving(folder.root) as server, ExitStack() as stack:
        listeners = [stack.enter_context(listening(server)) for _ in range(20)]
        assert "content-type: text/event-stream" in listeners[0].headers
        assert "cache-control: no-store" in listeners[0].headers
        assert "access-control-allow-origin: *" in listeners[0].headers
        push(server, token, "One")
        folder.episode("b")
        for listener in listeners:
            found = listener.wait_for(2)
            assert playing(listener) == ["One"]
            assert [one.data["change"] for one in found if one.kind == "episode"] == ["published"]
        numbers = listeners[0].numbers
        assert all(each.numbers == numbers for each in listeners)
        push(server, token, "Two")
        listeners[0].wait_for(3)
        assert listeners[0].numbers[2] > max(numbers)


def test_who_was_away_hears_what_came_meanwhile_and_nothing_twice(folder: StationFolder) -> None:
    token = token_of(folder)
    with serving(folder.root) as server:
        with listening(server) as first:
            push(server, token, "One")
            first.wait_for(1)
        push(server, token, "Two")
        push(server, token, "Three")
        with listening(server, first.last_heard) as again:
            again.wait_for(2)
            push(server, token, "Four")
            again.wait_for(3)
            assert playing(again) == ["Two", "Three", "Four"]


def test_events_go_on_across_a_restart(folder: StationFolder) -> None:
    token = token_of(folder)
    with serving(folder.root) as server, listening(server) as first:
        push(server, token, "One")
        first.wait_for(1)
        server.stop()
        eventually(lambda: not first.is_open)
        folder.episode("b")
    with serving(folder.root) as server, listening(server, first.last_heard) as again:
        again.wait_for(1)
        push(server, token, "Two")
        heard = again.wait_for(2)
        assert [(one.kind, one.data.get("change")) for one in heard] == [
            ("episode", "published"),
            ("now", None),
        ]


def test_streams_end_at_once_when_the_server_is_told_to_stop(folder: StationFolder) -> None:
    with serving(folder.root) as server, ExitStack() as stack:
        listeners = [stack.enter_context(listening(server)) for _ in range(5)]
        assert server.stop() < 3.0, "nobody waits for streams to time out"
        assert server.process.returncode == 0
        eventually(lambda: not any(one.is_open for one in listeners))


def test_one_more_than_may_listen_is_told_so(folder: StationFolder) -> None:
    folder.config(f"{CONFIG}limits: {{event_clients: 2}}\n")
    with serving(folder.root) as server, listening(server) as first, listening(server):
        refused = server.ask("/api/v1/events")
        assert refused.status == 503
        assert int(refused.said("retry-after")) > 0
        first.close()
        with_room = eventually(lambda: _one_who_may(server))
        with_room.close()


def _one_who_may(server: Server) -> Listener | None:
    listener = Listener(server.port)
    if listener.status == 200:
        return listener
    listener.close()
    return None


def test_a_head_is_answered_and_other_methods_are_not(folder: StationFolder) -> None:
    with serving(folder.root) as server:
        assert (
            server.ask("/api/v1/events", method="HEAD").said("content-type").startswith("text/event-stream")
        )
        assert server.ask("/api/v1/events", method="POST").status == 405


@pytest.mark.parametrize("given", ["-1", "99999999999999999999", "x", "٣", "1e3"])
def test_a_last_event_id_that_is_none_is_somebody_new(folder: StationFolder, given: str) -> None:
    token = token_of(folder)
    with serving(folder.root) as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, timeout=PATIENCE_SECONDS) as connection:
            head = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: {given}\r\n\r\n"
            connection.sendall(head.encode())
            assert b"200 OK" in connection.recv(4096)
            push(server, token, "One")
            received = b""
            while b"One" not in received:
                received += connection.recv(65536)
            assert received.count(b"event: now") == 1


def test_who_was_away_for_too_long_is_told_to_ask_anew(folder: StationFolder) -> None:
    folder.open().close()
    state = open_state(folder.root / ".stationfeed" / "state.sqlite")
    add_news(state, [News(kind="episode", topic="x", version=None, text="{}")] * (EVENTS_KEPT + 50))
    state.close()
    with serving(folder.root) as server:
        with listening(server, 3) as listener:
            assert [one.kind for one in listener.wait_for(1)] == ["reset"]
        last = listener.last_heard
        assert last is not None
        with listening(server, last - 5_000) as long_away:
            long_away.wait_for(5_000)
            assert long_away.numbers == list(range(last - 4_999, last + 1))
        with listening(server, last + 7) as from_elsewhere:
            assert [one.kind for one in from_elsewhere.wait_for(1)] == ["reset"]
            assert from_elsewhere.last_heard == last


def test_a_listener_that_never_reads_is_dropped_and_the_others_hear_everything(folder: StationFolder) -> None:
    token = token_of(folder)
    with serving(folder.root) as server, listening(server) as good:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
        began, count = time.monotonic(), 0
        while time.monotonic() - began < 5 and count < 400:
            push(server, token, f"{count} " + "x" * 480)
            count += 1
        assert len(good.wait_for(count)) == count
        assert good.numbers == sorted(set(good.numbers))
        deaf.close()


def test_a_program_that_begins_is_told_when_it_begins(folder: StationFolder) -> None:
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=8)
    start, end = (f"{one:%Y-%m-%dT%H:%M:%SZ}" for one in (soon, soon + timedelta(hours=1)))
    override = f"overrides: [{{start: {start}, end: {end}, title: Special}}]\n"
    (folder.root / "schedules" / "kxmp-fm.yaml").write_text(WEEK + override, encoding="utf-8")
    with serving(folder.root) as server, listening(server) as listener:
        (heard,) = listener.wait_for(1)
        late = datetime.now(UTC) - soon
        assert heard.data["now_playing"]["title"] == "Special"
        assert timedelta() <= late < timedelta(seconds=3)
        feed = server.text("/feeds/everything.xml")
        assert "Special" not in feed, "that feed carries no live items"


def test_a_line_added_to_the_schedule_is_true_within_two_seconds(folder: StationFolder) -> None:
    with serving(folder.root) as server, listening(server) as listener:
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
        window = f"start: {start:%Y-%m-%dT%H:%M:%SZ}, end: {start + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        schedule = folder.root / "schedules" / "kxmp-fm.yaml"
        schedule.write_text(f"{WEEK}overrides: [{{{window}, title: Council hearing}}]\n", encoding="utf-8")
        eventually(
            lambda: "Council hearing" in server.text("/api/v1/now/kxmp-fm"), within_seconds=SOON_SECONDS
        )
        (heard,) = listener.wait_for(1)
        assert heard.data["now_playing"]["source"] == "override"


def test_an_open_stream_has_a_heartbeat_and_its_own_time_to_come_back(folder: StationFolder) -> None:
    with serving(folder.root) as server:
        streams = []
        for _ in range(8):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS)
            connection.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n")
            streams.append(connection)
        received = [b""] * len(streams)
        for number, connection in enumerate(streams):
            while b"\n:\n\n" not in received[number]:
                received[number] += connection.recv(4096)
            connection.close()
        waits = [int(text.partition(b"retry: ")[2].split()[0]) for text in received]
        assert all(wait in RETRY_MS for wait in waits)
        assert len(set(waits)) > 1


def test_a_hundred_listeners_come_through_restarts_and_kills() -> None:
    """The soak in small; `make soak` has a thousand through twenty."""
    few = {"STATIONFEED_SOAK_LISTENERS": "100", "STATIONFEED_SOAK_RESTARTS": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak_events"],
        env={**os.environ, **few},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "nothing missed, nothing twice" in done.stdout


def test_a_listener_whose_connection_takes_nothing_more_is_let_go_without_waiting() -> None:
    """At the ASGI seam, where a server makes the sender wait once its buffers are full."""
    taken: list[bytes] = []
    is_full = asyncio.Event()
    gone = asyncio.Event()

    async def read_after(_number: int) -> list[Event]:
        return []

    async def slow(message: Message) -> None:
        if is_full.is_set():
            await asyncio.Event().wait()
        taken.append(message.get("body", b""))

    async def quick(message: Message) -> None:
        taken.append(message.get("body", b""))

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def tell() -> tuple[int, int]:
        """Of two listeners that are told two things, the second twice, one is slow."""
        streams = EventStreams(10, read_after)
        scope = {"method": "GET", "headers": [], "query_string": b""}
        tasks = [asyncio.create_task(streams.answer(scope, receive, send)) for send in (slow, quick)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        before = streams.count
        is_full.set()
        streams.tell([Event(1, "now", "{}")])
        streams.tell([Event(1, "now", "{}"), Event(2, "now", "{}")])
        after = streams.count
        gone.set()
        await asyncio.gather(*tasks)
        return before, after

    assert asyncio.run(tell()) == (2, 1)
    assert taken[-2:] == [b"id: %d\nevent: now\ndata: {}\n\n" % number for number in (1, 2)]
