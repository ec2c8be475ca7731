"""A real server, and clients that are slow, greedy or odd."""

from __future__ import annotations

import asyncio
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from queue import Queue
from subprocess import PIPE
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pytest
from uvicorn.loops.asyncio import asyncio_loop_factory
from uvicorn.loops.uvloop import uvloop_loop_factory

from stationfeed.errors import ListenError
from stationfeed.web.protocol import ConnectionLimits
from stationfeed.web.responses import ZERO_COPY, ReadyAnswer
from stationfeed.web.server import run_server, serve

PATIENCE_SECONDS = 10  # of the tests; only a failing one waits so long
SHORT = timedelta(seconds=0.3)
GET = b"GET / HTTP/1.1\r\nHost: station\r\n\r\n"
GO = b"GET /go HTTP/1.1\r\nHost: station\r\nConnection: close\r\n\r\n"
PUT = b"PUT /body HTTP/1.1\r\nHost: station\r\nContent-Length: 1000000\r\n\r\n"
BIG_BYTES = 50_000_000
BIG = [b"/big", b"/big?pieces", b"/file", b"/ready", b"/spooled"]


class App:
    """Answers `/` shortly, `/big` with 50 MB, `/endless` without an end, `/headers` with the names it got.

    `/body` answers with the length of what was sent; so does `/late`, but reads it only after a request to `/go`.
    `/file` answers with 50 MB of a file, `/ready` and `/spooled` at once with 50 MB of memory and of a file.
    """

    def __init__(self) -> None:
        self.client_is_gone = threading.Event()
        self.may_read = asyncio.Event()
        self.descriptor = -1
        self.ready: dict[bytes, ReadyAnswer] = {}

    def have_file(self, file: BinaryIO) -> None:
        file.truncate(BIG_BYTES)
        self.descriptor = file.fileno()
        big, lines = bytes(BIG_BYTES), b"content-length: %d\r\n\r\n" % BIG_BYTES
        self.ready = {
            b"/ready": ReadyAnswer(200, lines, (big[: BIG_BYTES // 2], big[BIG_BYTES // 2 :])),
            b"/spooled": ReadyAnswer(200, lines, (big,), self.descriptor, range(BIG_BYTES)),
        }

    def at_once(self, target: bytes, _headers: Any) -> ReadyAnswer | None:
        return self.ready.get(target)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/file":
            await self._send_file(scope, send)
        else:
            await self._send_body(scope, receive, send)

    async def _send_body(self, scope: Any, receive: Any, send: Any) -> None:
        body = b"ok"
        if scope["path"] == "/body":
            body = await self._length_of_body(receive)
        elif scope["path"] == "/late":
            await self.may_read.wait()
            body = await self._length_of_body(receive)
        elif scope["path"] == "/go":
            self.may_read.set()
        elif scope["path"] == "/headers":
            await self._length_of_body(receive)
            body = b" ".join(name for name, _ in scope["headers"])
        elif scope["path"] == "/big":
            body = bytes(BIG_BYTES)
        pieces = 50 if scope["query_string"] == b"pieces" else 1
        length = [(b"content-length", str(len(body)).encode())]
        headers = length if scope["path"] != "/endless" else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(pieces - 1):
            await send({"type": "http.response.body", "body": body[: BIG_BYTES // 50], "more_body": True})
        is_endless = scope["path"] == "/endless"
        await send(
            {"type": "http.response.body", "body": body[: len(body) // pieces], "more_body": is_endless}
        )
        while is_endless and (await receive())["type"] != "http.disconnect":
            pass

    async def _send_file(self, scope: Any, send: Any) -> None:
        assert ZERO_COPY in scope["extensions"]
        length = [(b"content-length", b"%d" % BIG_BYTES)]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        where = {"file": self.descriptor, "offset": 0, "count": BIG_BYTES}
        await send({"type": ZERO_COPY, **where, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _length_of_body(self, receive: Any) -> bytes:
        length = 0
        while True:
            message = await receive()
            length += len(message.get("body", b""))
            if message["type"] == "http.disconnect":
                self.client_is_gone.set()
                return b"gone"
            if not message["more_body"]:
                return str(length).encode()


class Station:
    def __init__(self, port: int, app: App) -> None:
        self.port = port
        self.app = app

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as connection:
            yield connection

    def answer(self, *pieces: bytes) -> bytes:
        """All that comes back until the server closes."""
        with self.connection() as connection:
            for piece in pieces:
                connection.sendall(piece)
            return read_to_end(connection)


def read_to_end(connection: socket.socket) -> bytes:
    chunks = []
    while chunk := connection.recv(1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def read_until(connection: socket.socket, ending: bytes) -> bytes:
    received = b""
    while not received.endswith(ending):
        chunk = connection.recv(65536)
        assert chunk, f"closed after {received[-100:]!r}"
        received += chunk
    return received


def read_slowly(connection: socket.socket, span: timedelta) -> int:
    """The number of bytes taken: a megabyte, again and again, with a breath between."""
    taken_bytes = 0
    ends = time.monotonic() + span.total_seconds()
    breath = threading.Event()
    while time.monotonic() < ends:
        taken_bytes += len(connection.recv(1 << 20))
        breath.wait(0.05)
    return taken_bytes


def send_until_cut(connection: socket.socket, piece: bytes) -> float:
    """After how many seconds the system says that nobody listens any more."""
    started = time.monotonic()
    while time.monotonic() < started + PATIENCE_SECONDS:
        try:
            connection.sendall(piece)
        except OSError:
            return time.monotonic() - started
        select.select([], [], [], 0.005)
    pytest.fail("somebody still listens")


def is_silent(connection: socket.socket, span: timedelta) -> bool:
    return not select.select([connection], [], [], span.total_seconds())[0]


def status(answer: bytes) -> str:
    return answer.partition(b"\r\n")[0].decode().removeprefix("HTTP/1.1 ")


def seconds_until_refused(connection: socket.socket, piece: bytes) -> tuple[bytes, float]:
    """What a client that sends one more piece every few milliseconds is told at last, and when."""
    started = time.monotonic()
    while not select.select([connection], [], [], 0.005)[0]:
        connection.sendall(piece)
        assert time.monotonic() < started + PATIENCE_SECONDS, "nobody minds"
    return connection.recv(65536), time.monotonic() - started


@contextmanager
def serving(
    limits: ConnectionLimits, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> Iterator[Station]:
    app = App()
    ready: Queue[tuple[str, asyncio.AbstractEventLoop, asyncio.Task[None]]] = Queue()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(
            serve(
                app,
                host="127.0.0.1",
                port=0,
                limits=limits,
                on_ready=lambda address: ready.put((address, loop, task)),
                at_once=app.at_once,
            )
        )
        with suppress(asyncio.CancelledError):
            await task

    def run_loop() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(run())

    thread = threading.Thread(target=run_loop)
    with TemporaryFile() as file:
        app.have_file(file)
        thread.start()
        address, loop, task = ready.get(timeout=PATIENCE_SECONDS)
        try:
            yield Station(int(address.rpartition(":")[2]), app)
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


Start = Callable[[ConnectionLimits], Station]


@pytest.fixture(scope="module", params=[uvloop_loop_factory, asyncio_loop_factory], ids=["uvloop", "asyncio"])
def new_loop(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    factory: Callable[[], asyncio.AbstractEventLoop] = request.param()
    return factory


@pytest.fixture
def start(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[Start]:
    """A station with limits of its own."""
    with ExitStack() as running:
        yield lambda limits: running.enter_context(serving(limits, new_loop))


@pytest.fixture(scope="module")
def station(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[Station]:
    """One with the usual limits, for all tests."""
    with serving(ConnectionLimits(), new_loop) as running:
        yield running


def test_a_request_gets_its_answer_with_a_date_and_no_server_name(station: Station) -> None:
    answer = station.answer(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert status(answer) == "200 OK"
    assert b"\r\ndate: " in answer
    assert b"\r\nserver:" not in answer
    assert answer.endswith(b"ok")


@pytest.mark.parametrize("sent", [b"G", b"GET / HT", b"GET / HTTP/1.1\r\nHost: sta", GET[:-2]])
def test_a_half_sent_request_is_timed_out(start: Start, sent: bytes) -> None:
    station = start(ConnectionLimits(head=SHORT))
    assert status(station.answer(sent)) == "408 Request Timeout"


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n"])
def test_a_connection_without_a_request_is_closed_in_silence(start: Start, sent: bytes) -> None:
    station = start(ConnectionLimits(head=SHORT))
    assert station.answer(sent) == b""


def test_headers_that_dribble_are_timed_out(start: Start) -> None:
    station = start(ConnectionLimits(head=SHORT))
    with station.connection() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: station\r\nX-Slow: ")
        answer, after_seconds = seconds_until_refused(connection, b"a")
    assert status(answer) == "408 Request Timeout"
    assert after_seconds > SHORT.total_seconds() / 2


def test_a_half_sent_second_request_is_timed_out_too(start: Start) -> None:
    station = start(ConnectionLimits(head=SHORT))
    answer = station.answer(GET, GET[:-2])
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.count(b"HTTP/1.1 ") == 1 or b"HTTP/1.1 408 Request Timeout" in answer


def test_a_half_sent_request_after_an_answer_is_timed_out(start: Start) -> None:
    station = start(ConnectionLimits(head=SHORT))
    with station.connection() as connection:
        connection.sendall(GET)
        assert read_until(connection, b"ok")
        assert is_silent(connection, SHORT * 2)
        sent = time.monotonic()
        connection.sendall(GET[:-2])
        assert status(read_to_end(connection)) == "408 Request Timeout"
        assert time.monotonic() > sent + SHORT.total_seconds()


@pytest.mark.parametrize("path", BIG)
def test_a_half_sent_request_does_not_cut_the_answer_before_it(start: Start, path: bytes) -> None:
    station = start(ConnectionLimits(head=SHORT, linger=SHORT))
    with station.connection() as connection:
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: station\r\n\r\n" + GET[:-2])
        taken_bytes = read_slowly(connection, SHORT * 4)
        assert taken_bytes + len(read_to_end(connection)) > BIG_BYTES


def test_a_body_that_dribbles_is_timed_out(start: Start) -> None:
    station = start(ConnectionLimits(body=SHORT))
    with station.connection() as connection:
        connection.sendall(PUT)
        answer, after_seconds = seconds_until_refused(connection, b"a")
        assert status(answer) == "408 Request Timeout"
        assert after_seconds > SHORT.total_seconds() / 2
        assert station.app.client_is_gone.wait(SHORT.total_seconds() * 3)  # though it lingers for seconds yet


def test_a_body_that_keeps_pace_may_take_long(start: Start) -> None:
    station = start(ConnectionLimits(body=timedelta(seconds=1)))
    with station.connection() as connection:
        connection.sendall(PUT)
        for _ in range(20):  # 2.4 s
            assert is_silent(connection, timedelta(seconds=0.12))
            connection.sendall(bytes(50_000))
        assert read_until(connection, b"1000000")


def test_a_client_that_waits_to_be_asked_for_the_body_is_not_slow(start: Start) -> None:
    station = start(ConnectionLimits(body=SHORT * 2, keep_alive=timedelta(seconds=1)))
    with station.connection() as connection:
        late = PUT.replace(b"/body", b"/late")
        connection.sendall(late[:-2] + b"Expect: 100-continue\r\n\r\n")
        assert is_silent(connection, SHORT * 6)
        assert b"ok" in station.answer(GO)
        assert read_until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(bytes(1_000_000))
        assert read_until(connection, b"1000000")


def test_a_client_whose_body_the_app_leaves_waiting_is_not_slow(start: Start) -> None:
    station = start(ConnectionLimits(body=SHORT * 2, keep_alive=timedelta(seconds=1)))
    with station.connection() as connection:
        late = PUT.replace(b"/body", b"/late")
        connection.sendall(late + bytes(500_000))
        assert is_silent(connection, SHORT * 6)
        assert b"ok" in station.answer(GO)
        connection.sendall(bytes(500_000))
        assert read_until(connection, b"1000000")


def test_an_idle_limit_does_not_end_a_request_that_has_begun(start: Start) -> None:
    station = start(ConnectionLimits(keep_alive=timedelta(seconds=1)))
    with station.connection() as connection:
        connection.sendall(GET)
        assert read_until(connection, b"ok")
        connection.sendall(GET[:-2])
        assert is_silent(connection, timedelta(seconds=1.2))
        connection.sendall(GET[-2:])
        assert read_until(connection, b"ok")


def test_an_idle_limit_does_not_end_a_request_begun_before_the_last_answer(start: Start) -> None:
    station = start(ConnectionLimits(keep_alive=timedelta(seconds=1)))
    with station.connection() as connection:
        connection.sendall(GET + PUT[:-2])
        assert read_until(connection, b"ok")
        connection.sendall(PUT[-2:])
        assert is_silent(connection, timedelta(seconds=1.2))
        connection.sendall(bytes(1_000_000))
        assert read_until(connection, b"1000000")


@pytest.mark.parametrize("path", BIG)
def test_a_reader_that_takes_nothing_is_cut_off(start: Start, path: bytes) -> None:
    station = start(ConnectionLimits(reader=SHORT))
    with station.connection() as connection:
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: station\r\n\r\n")
        assert send_until_cut(connection, b"\r\n") > SHORT.total_seconds() / 2


@pytest.mark.parametrize("path", BIG)
def test_a_reader_that_takes_a_little_at_a_time_gets_all_of_it(start: Start, path: bytes) -> None:
    station = start(ConnectionLimits(reader=SHORT * 2, keep_alive=timedelta(seconds=1)))
    with station.connection() as connection:
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: station\r\n\r\n")
        taken_bytes = read_slowly(connection, SHORT * 6)
        assert taken_bytes + len(read_to_end(connection)) > BIG_BYTES


def test_three_hundred_half_sent_requests_hold_nobody_up(start: Start) -> None:
    station = start(ConnectionLimits(head=SHORT * 3))
    with ExitStack() as connections:
        slow = [connections.enter_context(station.connection()) for _ in range(300)]
        for connection in slow:
            connection.sendall(GET[:-2])
        with station.connection() as connection:
            connection.sendall(GET)
            assert read_until(connection, b"ok")
        assert {status(read_to_end(connection)) for connection in slow} == {"408 Request Timeout"}


def test_an_idle_connection_is_closed_after_its_answer(start: Start) -> None:
    station = start(ConnectionLimits(keep_alive=timedelta(seconds=1)))
    answer = station.answer(GET)
    assert answer.count(b"HTTP/1.1 200 OK") == 1


def test_empty_lines_do_not_keep_an_idle_connection_open(start: Start) -> None:
    station = start(ConnectionLimits(keep_alive=timedelta(seconds=1)))
    with station.connection() as connection:
        connection.sendall(GET)
        assert read_until(connection, b"ok")
        assert send_until_cut(connection, b"\r\n") > SHORT.total_seconds() / 2


def test_an_answer_longer_than_the_limits_is_not_cut(start: Start) -> None:
    station = start(ConnectionLimits(head=SHORT, body=SHORT, reader=SHORT, linger=SHORT))
    with station.connection() as connection:
        connection.sendall(b"GET /endless HTTP/1.1\r\nHost: station\r\n\r\n")
        assert read_until(connection, b"ok\r\n")
        assert is_silent(connection, SHORT * 4)


def test_pipelined_requests_are_answered_in_order(station: Station) -> None:
    put = b"PUT /body HTTP/1.1\r\nHost: station\r\nContent-Length: 3\r\n\r\nabc"
    last = b"GET /none HTTP/1.1\r\nHost: station\r\nConnection: close\r\n\r\n"
    answer = station.answer(GET + put + GET + put[:20], put[20:] + last)
    assert [part[-2:] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"ok", b"\n3", b"ok", b"\n3", b"ok"]


def test_a_fault_in_a_pipelined_request_spares_the_answers_before_it(station: Station) -> None:
    answer = station.answer(GET + GET + b"GET / HTTP/1.1\r\n\r\n" + GET)
    assert [part[-2:] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"ok", b"ok"]


def test_endless_pipelining_is_ended(station: Station) -> None:
    assert station.answer(GET * 1000).count(b"HTTP/1.1 200 OK") == 101


def fields(count: int) -> bytes:
    return b"".join(b"X-%d: a\r\n" % number for number in range(count))


HEAD = b"GET / HTTP/1.1\r\n"
HOST = b"Host: station\r\n"
END = b"\r\n"
CHUNKED = b"POST /body HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"

REFUSED = {
    "no host": (HEAD + END, "400 Bad Request"),
    "two hosts": (HEAD + HOST + HOST + END, "400 Bad Request"),
    "two hosts in 1.0": (b"GET / HTTP/1.0\r\n" + HOST + HOST + END, "400 Bad Request"),
    "length and chunks": (CHUNKED[:-2] + b"Content-Length: 3\r\n\r\n0\r\n\r\n", "400 Bad Request"),
    "two lengths": (PUT[:-2] + b"Content-Length: 3\r\n\r\n", "400 Bad Request"),
    "bad chunk": (CHUNKED + b"zz\r\n", "400 Bad Request"),
    "control character": (HEAD + HOST + b"X: a\x01b\r\n\r\n", "400 Bad Request"),
    "garbage": (bytes(range(256)), "400 Bad Request"),
    "TLS": (bytes.fromhex("16030100a5010000a10303"), "400 Bad Request"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 Bad Request"),
    "101 headers": (HEAD + HOST + fields(100) + END, "431 Request Header Fields Too Large"),
    "a header of 33 KB": (
        HEAD + HOST + b"X: " + b"a" * 33_000 + END * 2,
        "431 Request Header Fields Too Large",
    ),
    "a header without end": (HEAD + HOST + b"X: " + b"a" * 900_000, "431 Request Header Fields Too Large"),
    "a path without end": (b"GET /" + b"a" * 900_000, "431 Request Header Fields Too Large"),
    "a trailer without end": (CHUNKED + b"0\r\nX: " + b"a" * 900_000, "431 Request Header Fields Too Large"),
    "a chunk extension without end": (
        CHUNKED + b"3;" + b"a" * 900_000,
        "431 Request Header Fields Too Large",
    ),
    "upgrade with a body": (
        PUT[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + b"a" * 9,
        "501 Not Implemented",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_odd_request_is_refused_by_name_and_closed(station: Station, name: str) -> None:
    sent, expected = REFUSED[name]
    assert status(station.answer(sent)) == expected


ACCEPTED = {
    "1.0 without host": b"GET / HTTP/1.0\r\n\r\n",
    "100 headers": HEAD + HOST + b"Connection: close\r\n" + fields(98) + END,
    "a header of 32 KB": HEAD + HOST + b"Connection: close\r\nX: " + b"a" * 32_600 + END * 2,
    "upgrade to HTTP/2": HEAD + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_unusual_but_sound_request_is_answered(station: Station, name: str) -> None:
    answer = station.answer(ACCEPTED[name])
    assert status(answer) == "200 OK"
    assert answer.endswith(b"ok")


def test_a_refused_client_that_sends_on_is_closed_after_a_while(start: Start) -> None:
    station = start(ConnectionLimits(linger=SHORT))
    with station.connection() as connection:
        connection.sendall(HEAD + END)
        assert status(read_to_end(connection)) == "400 Bad Request"
        assert send_until_cut(connection, b"a") < PATIENCE_SECONDS


def test_a_fault_in_a_body_does_not_tear_the_answer_that_has_begun(station: Station) -> None:
    with station.connection() as connection:
        connection.sendall(CHUNKED.replace(b"/body", b"/endless"))
        assert read_until(connection, b"ok\r\n")
        connection.sendall(b"zz\r\n")
        assert read_to_end(connection) == b""


def test_an_app_that_reads_a_refused_body_hears_that_the_client_is_gone(start: Start) -> None:
    station = start(ConnectionLimits())
    head = CHUNKED.replace(b"/body", b"/late")[:-2] + b"Expect: 100-continue\r\n\r\n"
    with station.connection() as connection:
        connection.sendall(head + b"zz\r\n")
        assert status(read_to_end(connection)) == "400 Bad Request"
        assert b"ok" in station.answer(GO)
        assert station.app.client_is_gone.wait(PATIENCE_SECONDS)


def test_a_long_head_in_two_parts_is_still_too_long(station: Station) -> None:
    with station.connection() as connection:
        connection.sendall(HEAD + HOST + b"X: " + b"a" * 20_000)
        assert is_silent(connection, timedelta(seconds=0.05))
        connection.sendall(b"a" * 20_000 + END * 2)
        assert status(read_to_end(connection)) == "431 Request Header Fields Too Large"


def test_many_requests_in_two_parts_do_not_add_up_to_a_long_one(station: Station) -> None:
    head = HEAD + HOST + b"X: " + b"a" * 2000
    with station.connection() as connection:
        for _ in range(20):
            connection.sendall(head)
            assert is_silent(connection, timedelta(seconds=0.02))
            connection.sendall(END * 2)
            assert read_until(connection, b"ok")


def test_trailers_do_not_become_headers(station: Station) -> None:
    request = CHUNKED.replace(b"/body", b"/headers").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answer = station.answer(request + b"3\r\nabc\r\n0\r\nAuthorization: forged\r\n\r\n")
    assert answer.endswith(b"host transfer-encoding connection")


NEVER_ENDING = """
from datetime import timedelta
from stationfeed.web.protocol import ConnectionLimits
from stationfeed.web.responses import ZERO_COPY, ReadyAnswer
from stationfeed.web.server import run_server
from test_slow_connections import App
limits = ConnectionLimits(stop=timedelta(seconds=1))
run_server(App(), host="127.0.0.1", port=0, limits=limits, on_ready=lambda address: print(address, flush=True))
print("the station is closed", flush=True)
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_in_time_though_an_answer_never_ends(sign: signal.Signals) -> None:
    command = [sys.executable, "-c", NEVER_ENDING]
    with subprocess.Popen(command, cwd=Path(__file__).parent, text=True, stdout=PIPE, stderr=PIPE) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline().rpartition(":")[2])
        with Station(port, App()).connection() as connection:
            connection.sendall(b"GET /endless HTTP/1.1\r\nHost: station\r\n\r\n")
            assert read_until(connection, b"ok\r\n")
            server.send_signal(sign)
            words, _ = server.communicate(timeout=PATIENCE_SECONDS)
    assert words == "the station is closed\n"
    assert server.returncode == 0


def test_a_taken_port_is_named_with_a_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            run_server(App(), host="127.0.0.1", port=port)
    assert str(caught.value) == (
        f"port {port} on 127.0.0.1 is taken by another program; stop that program or choose another port"
    )


def test_an_address_of_another_machine_is_named_with_a_remedy() -> None:
    with pytest.raises(
        ListenError, match=r"cannot listen on 192\.0\.2\.1, port 0: .*; choose an address of this machine"
    ):
        run_server(App(), host="192.0.2.1", port=0)
