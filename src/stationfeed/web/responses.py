"""The headers and short texts that answers of the public plane share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from stationfeed.feeds.stitch import plain_bytes

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.site import Document

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """An answer that only has to be written; `header_lines` end with the empty line.

    The body is in memory, in parts, or in a span of an open file; or the same bytes are in both, in one part.
    """

    status: int
    header_lines: bytes
    body: Sequence[bytes] = ()
    descriptor: int = -1
    span: range = range(0)


AtOnce = Callable[[bytes, Headers], ReadyAnswer | None]
"""The answer to GET for a request target with these headers, where it is ready."""

CORS = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"etag, last-modified, content-length, content-range"),
]
ZERO_COPY = "http.response.zerocopysend"
"""An ASGI extension: a message with `file`, an open descriptor, `offset`, `count` and `more_body`.

https://asgi.readthedocs.io/en/latest/extensions.html#zero-copy-send
"""
REFERRER = (b"referrer-policy", b"strict-origin-when-cross-origin")
NO_SNIFF = (b"x-content-type-options", b"nosniff")
NO_STORE = (b"cache-control", b"no-store")
ASK_AGAIN = (b"cache-control", b"no-cache")


def http_date(instant: datetime) -> bytes:
    return format_datetime(instant.astimezone(UTC), usegmt=True).encode()


def nothing_at_once(_target: bytes, _headers: Headers) -> ReadyAnswer | None:
    """Everything is for the application."""
    return None


def header_lines(headers: Headers) -> bytes:
    """Headers as they stand in an answer."""
    return b"".join([b"%b: %b\r\n" % field for field in headers])


async def send_text(send: Send, status: int, text: str, headers: Headers) -> None:
    body = text.encode()
    basics = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send_whole(send, status, [*basics, NO_SNIFF, *headers], body)


async def send_page(send: Send, status: int, page: Document) -> None:
    """A page that nobody may keep."""
    body = plain_bytes(page.segments)
    headers = [
        (b"content-type", page.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *page_headers(page),
        NO_SNIFF,
        NO_STORE,
    ]
    await send_whole(send, status, headers, body)


def page_headers(page: Document) -> Headers:
    """What a page may do, and whom its readers tell that they were here."""
    return [(b"content-security-policy", page.policy.encode()), REFERRER] if page.policy else []


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
