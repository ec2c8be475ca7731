"""Server-sent events: each listener is written to directly, without a queue or a task that wakes for it.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from stationfeed.web.responses import CORS, NO_SNIFF, NO_STORE, send_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from stationfeed.catalogue.events import Event
    from stationfeed.web.responses import Message, Receive, Scope, Send

RECENT = 1_000
HEARTBEAT_S = 15
"""Proxies give up a connection on which nothing comes; each second some of the listeners have theirs."""
RETRY_MS = range(2_000, 6_000)
"""Not all come back at the same moment."""

_HEARTBEAT = b":\n\n"
_RESET = b"event: reset\ndata: {}\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),
    NO_STORE,
    NO_SNIFF,
    *CORS,
]


class EventStreams:
    """Everybody who listens. `read_after` reads what was told after an event, by its number."""

    def __init__(self, limit: int, read_after: Callable[[int], Awaitable[list[Event]]]) -> None:
        self._limit, self._read_after = limit, read_after
        self._listeners: dict[Send, None] = {}
        self._recent: deque[tuple[int, bytes]] = deque(maxlen=RECENT)
        self._last = self._first_on_record = 0
        self._turn = 0

    @property
    def last(self) -> int:
        """The number of the last event that was told."""
        return self._last

    @property
    def count(self) -> int:
        return len(self._listeners)

    def remember(self, events: Sequence[Event], numbers: tuple[int, int]) -> None:
        """What was told before this process began, and the numbers of the first and last event on record."""
        self._recent.extend((event.number, _encoded(event)) for event in events)
        self._first_on_record, self._last = numbers

    def tell(self, events: Sequence[Event]) -> None:
        """Write to every listener what was not told yet: two that published may have asked for the same news."""
        told = [(event.number, _encoded(event)) for event in events if event.number > self._last]
        if not told:
            return
        self._recent.extend(told)
        self._last = told[-1][0]
        self._write_all(list(self._listeners), b"".join(text for _, text in told))

    async def keep_alive(self) -> None:
        """Let proxies and listeners know, for ever, that this is still open."""
        while True:
            await asyncio.sleep(1)
            self._turn = (self._turn + 1) % HEARTBEAT_S
            self._write_all(list(self._listeners)[self._turn :: HEARTBEAT_S], _HEARTBEAT)

    def close(self) -> None:
        """End every stream, so that listeners come back to whoever serves next."""
        for send in list(self._listeners):
            _try_to_write(send, b"", more=False)
        self._listeners.clear()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream to one listener until it leaves."""
        with suppress(ConnectionResetError):  # the client left, which is no fault to be told
            if scope["method"] == "GET" and self.count >= self._limit:
                wait = (b"retry-after", str(random.randrange(20, 60)).encode())
                await send_text(send, 503, "Everybody who may listen does; ask /api/v1/now.\n", [wait, *CORS])
            elif await self._begin(scope, send):
                await self._until_gone(receive, send)

    async def _until_gone(self, receive: Receive, send: Send) -> None:
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._listeners.pop(send, None)

    async def _begin(self, scope: Scope, send: Send) -> bool:
        """Whether there is a listener now: not for HEAD, nor for one that is slow from the start."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return False
        early = await self._long_ago(_last_heard(scope))
        # Nothing is awaited between this and the listener being one: what is told meanwhile would be lost on it.
        if not _try_to_write(send, self._beginning(scope, early)):
            return False
        self._listeners[send] = None
        return True

    async def _long_ago(self, heard: int | None) -> list[Event]:
        """What a listener has missed that is not at hand."""
        first = self._recent[0][0] if self._recent else self._last + 1
        if heard is None or not self._first_on_record - 1 <= heard < first - 1:
            return []
        return [event for event in await self._read_after(heard) if event.number < first]

    def _beginning(self, scope: Scope, early: Sequence[Event]) -> bytes:
        """How long to wait before coming back, and what was missed; a listener that is new hears from now on."""
        heard = _last_heard(scope)
        parts = [b"retry: %d\n" % random.choice(RETRY_MS)]
        if heard is None:
            parts.append(b"id: %d\n\n" % self._last)
        elif not self._first_on_record - 1 <= heard <= self._last:
            parts.append(b"id: %d\n" % self._last + _RESET)
        else:
            parts.append(b"\n")
            parts += [_encoded(event) for event in early]
            parts += [text for number, text in self._recent if number > heard]
        return b"".join(parts)

    def _write_all(self, listeners: Sequence[Send], text: bytes) -> None:
        message: Message = {"type": "http.response.body", "body": text, "more_body": True}
        for send in listeners:
            if not _step(send, message):
                self._listeners.pop(send, None)


def _encoded(event: Event) -> bytes:
    return f"id: {event.number}\nevent: {event.kind}\ndata: {event.text}\n\n".encode()


def _last_heard(scope: Scope) -> int | None:
    """The number of the event that a listener heard last, as it says; from its address where a header cannot be."""
    given = next((value for name, value in scope["headers"] if name == b"last-event-id"), None)
    if given is None:
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("last_event_id", [""])
        given = asked[0].encode("latin-1", "replace")
    return int(given) if given.isdigit() and len(given) < 19 else None


def _try_to_write(send: Send, text: bytes, *, more: bool = True) -> bool:
    return _step(send, {"type": "http.response.body", "body": text, "more_body": more})


def _step(send: Send, message: Message) -> bool:
    """Write without waiting; False for a listener that has left, or does not read what it has been sent.

    One step of a send that need not wait is all of it. A task for each listener would take longer than the writing.
    """
    sending = send(message).__await__()
    try:
        next(sending)
    except StopIteration:
        return True
    except ConnectionResetError:
        return False
    sending.close()  # it waits for a reader that does not read
    return False
