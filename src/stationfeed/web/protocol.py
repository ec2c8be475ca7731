"""The limits of one HTTP connection: how slow, how large and how odd a request may be before it is closed.

uvicorn waits for ever for the rest of a request and takes a header of any size. Here no request costs a timer: states
are plain attributes, and one sweep a second looks at every open connection.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from stationfeed.web.responses import ZERO_COPY, header_lines
from stationfeed.web.sockets import send_from_file, untaken_bytes, write_whole

if TYPE_CHECKING:
    import asyncio

    from uvicorn._types import ASGI3Application
    from uvicorn.server import ServerState

    from stationfeed.web.responses import AtOnce, Headers, Message, ReadyAnswer

_EXTENSIONS: dict[str, dict[object, object]] = {ZERO_COPY: {}}
_BODY_FIELDS = frozenset((b"content-length", b"transfer-encoding"))


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionLimits:
    """What a client may take. The sweep notices up to two seconds late, so every slow client is gone after 35 s."""

    head: timedelta = timedelta(seconds=10)  # from the connection, or the first byte of a further request
    body: timedelta = timedelta(seconds=10)  # over which the rate of a body is judged
    body_rate_bytes: int = 1024  # a second
    reader: timedelta = timedelta(seconds=30)  # without taking anything of what waits to be sent
    keep_alive: timedelta = timedelta(seconds=15)  # whole seconds, as uvicorn has it
    linger: timedelta = timedelta(
        seconds=2
    )  # for the refused to read why, before unread bytes reset the connection
    stop: timedelta = timedelta(seconds=5)  # for open answers once the server ends; whole seconds
    head_bytes: int = 32 * 1024  # request target, names and values
    head_fields: int = 100
    pipelined_requests: int = 100  # waiting behind the one being answered


class _Phase(Enum):
    QUIET = auto()  # before the first request, or after the last byte of one
    HEAD = auto()
    BODY = auto()
    REFUSED = auto()


class _StopParsing(Exception):  # noqa: N818 # no error: the parser stops for nothing else
    pass


class _Sweep:
    """Looks at every open connection of one server, again and again while there are any."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: ConnectionLimits) -> None:
        self._loop = loop
        shortest = min(limits.head, limits.body, limits.reader, limits.linger)
        self._interval_seconds = min(1.0, shortest.total_seconds() / 4)
        self._timer: asyncio.TimerHandle | None = None
        self.connections: set[LimitedProtocol] = set()
        self._default_headers: Headers = []
        self._date_lines = b""

    def date_lines(self, default_headers: Headers) -> bytes:
        """The lines that every answer has; uvicorn makes their list anew each second."""
        if default_headers is not self._default_headers:
            self._default_headers, self._date_lines = default_headers, header_lines(default_headers)
        return self._date_lines

    def ensure_running(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(self._interval_seconds, self._run)

    def _run(self) -> None:
        self._timer = None
        for connection in tuple(self.connections):
            self.ensure_running()
            connection.close_if_slow(self._loop.time())


_sweeps: WeakKeyDictionary[ServerState, _Sweep] = WeakKeyDictionary()


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, without WebSockets, within limits.

    What is refused is told its status, unless that would tear another answer; requests before it are still answered.
    An answer that is ready is written without the app: a task for it would cost more than all the rest.
    """

    limits: ClassVar[ConnectionLimits] = ConnectionLimits()

    _phase = _Phase.QUIET
    _is_deaf = False
    _newest: RequestResponseCycle | None = None  # the last request given to the app
    _was_asked = False  # a whole head has come
    _since_seconds: float | None = None  # None until the sweep has seen the phase: no request asks the clock
    _read_bytes = 0  # in the read being parsed
    _unfinished_bytes = 0  # read after the read in which a head began or a piece of body was found
    _body_bytes = 0  # since _since_seconds
    _unsent_bytes = math.inf  # when the sweep last looked
    _taken_at_seconds = 0.0  # when the reader was last seen to take something

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._sweep = _sweeps.setdefault(self.server_state, _Sweep(self.loop, self.limits))
        self._sweep.connections.add(self)
        self._sweep.ensure_running()

    def connection_lost(self, exc: Exception | None) -> None:
        self._sweep.connections.discard(self)
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Have an app hear that its client has left, and let it send from files: both as ASGI asks.

        uvicorn would let it read a file to its end.
        """
        send = cycle.send

        async def send_to_client(message: Any) -> None:
            if cycle.disconnected:
                raise ConnectionResetError("the client has left")
            if message["type"] == ZERO_COPY:
                await self._send_from_file(cycle, message)
            else:
                await send(message)

        cycle.send = send_to_client  # type: ignore[method-assign]
        cycle.scope["extensions"] = _EXTENSIONS
        super()._start_asgi_task(cycle, app)

    async def _send_from_file(self, cycle: RequestResponseCycle, message: Message) -> None:
        span = range(message["offset"], message["offset"] + message["count"])
        if len(span) > cycle.expected_content_length:
            raise RuntimeError("more bytes than the content-length that was told")
        cycle.expected_content_length -= len(span)
        try:
            await send_from_file(self.transport, self.flow, message["file"], span)
        except ConnectionResetError:
            cycle.disconnected = True  # uvicorn hears of it later, and would miss the rest of the answer
            raise

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self._read_bytes = len(data)
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(HTTPStatus.BAD_REQUEST)  # a request that offered an upgrade still has its answer
        else:
            if self._phase is not _Phase.QUIET:
                self._count_unfinished()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._unset_keepalive_if_required()  # uvicorn does this for any byte, but empty lines begin no request
        self._phase = _Phase.HEAD
        self._unfinished_bytes = -self._read_bytes
        if self._was_asked:
            self._since_seconds = None

    def on_headers_complete(self) -> None:
        status = self._head_fault()
        if status is not None:
            self._refuse(status)
            raise _StopParsing
        self._was_asked = True
        ready = self._ready_answer()
        if ready is not None:
            self._write_at_once(ready)
            return
        super().on_headers_complete()
        self._unset_keepalive_if_required()  # set anew by an answer that ended amid this head
        self.headers = []  # for trailers: they must not join the headers the app already has
        self._newest = self.cycle
        self._phase = _Phase.BODY
        self._since_seconds = None

    def _ready_answer(self) -> ReadyAnswer | None:
        """The answer to a plain GET that need not wait for another one or for its reader."""
        parser, newest = self.parser, self._newest
        if parser.get_method() != b"GET" or self.flow.write_paused or self.transport.is_closing():
            return None
        if newest is not None and not newest.response_complete:
            return None
        if any(name in _BODY_FIELDS for name, _ in self.headers):
            return None
        if parser.get_http_version() != "1.1" or not parser.should_keep_alive() or parser.should_upgrade():
            return None
        return self.at_once(self.url, self.headers)

    def at_once(self, _target: bytes, _headers: Headers) -> ReadyAnswer | None:
        """What `protocol_with` puts here answers what is ready."""
        return None

    def _write_at_once(self, ready: ReadyAnswer) -> None:
        date = self._sweep.date_lines(self.server_state.default_headers)
        write_whole(self.transport, STATUS_LINE[ready.status] + date + ready.header_lines, ready)
        self._phase = _Phase.BODY
        self._since_seconds = None
        self.on_response_complete()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._unfinished_bytes = -self._read_bytes

    def on_message_complete(self) -> None:
        if self._newest is not None:  # None: nothing has been given to the app yet
            super().on_message_complete()
        self._phase = _Phase.QUIET

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unsent_bytes = math.inf

    def close_if_slow(self, now_seconds: float) -> None:
        if self._reader_waits(now_seconds) > self.limits.reader.total_seconds():
            self.transport.abort()
        elif self._since_seconds is None or self._waits_for_others():
            self._since_seconds, self._body_bytes = now_seconds, 0
        else:
            self._close_if_request_is_slow(now_seconds, now_seconds - self._since_seconds)

    def _close_if_request_is_slow(self, now_seconds: float, waited_seconds: float) -> None:
        limits, waited = self.limits, timedelta(seconds=waited_seconds)
        if self._phase is _Phase.QUIET and not self._was_asked and waited > limits.head:
            self.transport.close()
        elif self._phase is _Phase.HEAD and waited > limits.head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        elif self._phase is _Phase.REFUSED and waited > limits.linger:
            self.transport.abort()
        elif self._phase is _Phase.BODY and waited > limits.body:
            if self._body_bytes < limits.body_rate_bytes * waited_seconds:
                self._refuse(HTTPStatus.REQUEST_TIMEOUT)
            self._since_seconds, self._body_bytes = now_seconds, 0

    def _reader_waits(self, now_seconds: float) -> float:
        """For how many seconds the client has taken nothing of what waits to be sent."""
        unsent_bytes = untaken_bytes(self.transport)
        if unsent_bytes == 0 or unsent_bytes < self._unsent_bytes:
            self._taken_at_seconds = now_seconds
        self._unsent_bytes = unsent_bytes
        return now_seconds - self._taken_at_seconds

    def _waits_for_others(self) -> bool:
        """Whether the request cannot move: the app has not asked for more, or the refusal is not yet sent."""
        if self._phase is _Phase.REFUSED:
            return self._unsent_bytes > 0
        return self.flow.read_paused or (self._newest is not None and self._newest.waiting_for_100_continue)

    def _count_unfinished(self) -> None:
        self._body_bytes += self._read_bytes
        self._unfinished_bytes += self._read_bytes
        if self._unfinished_bytes > self.limits.head_bytes:  # an endless head, chunk extension or trailer
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _head_fault(self) -> HTTPStatus | None:
        """The status that refuses this request, None if its head is sound (RFC 9112, section 3.2)."""
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        if len(names) > self.limits.head_fields or self._is_head_too_long():
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            return HTTPStatus.BAD_REQUEST
        if len(self.pipeline) >= self.limits.pipelined_requests:
            return HTTPStatus.TOO_MANY_REQUESTS
        if self.parser.should_upgrade() and not _BODY_FIELDS.isdisjoint(names):
            return HTTPStatus.NOT_IMPLEMENTED  # the parser would hide the body from the app
        return None

    def _is_head_too_long(self) -> bool:
        has_begun_in_this_read = self._unfinished_bytes < 0
        if has_begun_in_this_read and self._read_bytes <= self.limits.head_bytes:
            return False
        size_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        return size_bytes > self.limits.head_bytes

    def _refuse(self, status: HTTPStatus) -> None:
        newest = self._newest
        if self._is_deaf or self.transport.is_closing():
            return
        if self._phase is _Phase.BODY and newest is not None:
            if newest.response_started or self.pipeline:
                self.transport.close()
                return
            newest.disconnected, newest.waiting_for_100_continue = True, False
            newest.message_event.set()
        elif newest is not None and not newest.response_complete:
            self._close_after(newest)
            return
        self._answer_refused(status)

    def _close_after(self, cycle: RequestResponseCycle) -> None:
        cycle.keep_alive = False
        self._is_deaf = True
        self._phase = _Phase.QUIET

    def _answer_refused(self, status: HTTPStatus) -> None:
        date = self._sweep.date_lines(self.server_state.default_headers)
        self.transport.write(STATUS_LINE[status] + date + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.write_eof()
        self._is_deaf = True
        self._phase, self._since_seconds = _Phase.REFUSED, None


def protocol_with(limits: ConnectionLimits, at_once: AtOnce) -> type[HttpToolsProtocol]:
    """The protocol class that uvicorn's Config takes as `http`."""
    return type("LimitedProtocol", (LimitedProtocol,), {"limits": limits, "at_once": staticmethod(at_once)})
