"""The public plane: ready bytes by address, in front of everything else, as a plain ASGI callable.

It asks no database for what is ready. What is not (media, archive pages, what is gone) it asks the station once,
and keeps the answer until something public changes or falls due.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stationfeed.publish.shelf import Ready
from stationfeed.site import Moved
from stationfeed.station.opened import Gone
from stationfeed.web.conditions import accepts_gzip, has_come, is_current, matches
from stationfeed.web.files import FileOffer, send_file
from stationfeed.web.responses import CORS, NO_SNIFF, NO_STORE, http_date, send_text, send_whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from stationfeed.publish.shelf import Shelf
    from stationfeed.web.responses import ASGIApp, Headers, Message, Receive, Scope, Send

FRESH_SECONDS = 60
FILES_KEPT = 4096
PAGES_KEPT = 64
_BEHIND = ("/api/", "/healthz", "/metrics")


class Prepared:
    """A ready document with its answers' heads, made once a second: what they say of time is right for that long."""

    __slots__ = (
        "_common",
        "_ready",
        "_whole",
        "dated",
        "gzip_etag",
        "plain_etag",
        "second",
        "since",
        "unchanged",
    )

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self.since = ready.since
        self.plain_etag = f'"{ready.etag}"'.encode()
        self.gzip_etag = f'"{ready.etag}-gz"'.encode()
        self.second = 0

    def renew(self, second: int, cache_control: bytes) -> None:
        """Make the heads of the answers of one second since 1970."""
        self.second = second
        self.dated = has_come(self.since, second)
        date = [(b"last-modified", http_date(self.since))] if self.dated else []
        self._common = [(b"cache-control", cache_control), *date, (b"vary", b"accept-encoding"), *CORS]
        self._whole: dict[bool, Message] = {}
        self.unchanged = {
            gzip: _start(304, [(b"etag", self.etag(gzip=gzip)), *self._common]) for gzip in (False, True)
        }

    def etag(self, *, gzip: bool) -> bytes:
        return self.gzip_etag if gzip else self.plain_etag

    def body(self, *, gzip: bool) -> tuple[bytes, ...]:
        """In parts to be sent one after the other."""
        return self._ready.gzip if gzip else (self._ready.plain,)

    def whole(self, *, gzip: bool) -> Message:
        if gzip not in self._whole:
            headers = [
                (b"content-type", self._ready.document.media_type.encode()),
                (b"content-length", b"%d" % sum(map(len, self.body(gzip=gzip)))),
                *([(b"content-encoding", b"gzip")] if gzip else []),
                NO_SNIFF,
                (b"etag", self.etag(gzip=gzip)),
                *self._common,
            ]
            self._whole[gzip] = _start(200, headers)
        return self._whole[gzip]


def _start(status: int, headers: Headers) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


_NO_BODY: Message = {"type": "http.response.body", "body": b""}


class PublicPlane:
    """Answers for public addresses; everything else is for the application behind it."""

    def __init__(self, root: Path, behind: ASGIApp, ask: Callable[[str], Awaitable[Any]]) -> None:
        self._root, self._behind, self._ask = root, behind, ask
        self._prepared: dict[str, Prepared] = {}
        self._pages: dict[str, Prepared] = {}
        self._files: dict[str, FileOffer] = {}
        self._due: float | None = None
        self._second = 0
        self._cache_control = b"no-cache"

    def show(self, shelf: Shelf) -> None:
        """Serve this shelf from now on."""
        kept = self._prepared
        self._prepared = {
            address: kept[address] if _is_same(kept.get(address), ready) else Prepared(ready)
            for address, ready in shelf.documents.items()
        }
        self._pages, self._files = {}, {}
        self._due = shelf.due.timestamp() if shelf.due else None
        self._second = 0
        for prepared in self._prepared.values():
            prepared.second = 0  # its heads tell how long it may be kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._behind(scope, receive, send)
            return
        try:
            await self._respond(scope, receive, send)
        except ConnectionResetError:
            return  # the client left, which is no fault to be told

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        prepared = self._prepared.get(scope["path"])
        if prepared is not None and scope["method"] == "GET":
            await self._send_document(prepared, scope, send)
        elif scope["path"].startswith(_BEHIND):
            await self._behind(scope, receive, send)
        else:
            await self._answer(scope, send)

    async def _answer(self, scope: Scope, send: Send) -> None:
        path = scope["path"]
        prepared = self._prepared.get(path)
        found: Any = prepared or await self._look_up(path)
        if scope["method"] not in ("GET", "HEAD"):
            await _refuse_method(found, scope["method"], send)
        elif prepared is not None:
            await self._send_document(prepared, scope, send)
        elif isinstance(found, FileOffer):
            await send_file(self._root, found, scope, send, cache_control=self.cache_control())
        elif isinstance(found, Moved):
            headers = [
                (b"location", found.location.encode()),
                (b"cache-control", self.cache_control()),
                *CORS,
            ]
            await send_text(send, 301, f"Moved to {found.location}\n", headers)
        elif isinstance(found, Gone):
            reason = f" {found.reason}" if found.reason else ""
            await send_text(send, 410, f"This was withdrawn.{reason}\n", [NO_STORE])
        elif found is None:
            await send_text(send, 404, "There is nothing here.\n", [NO_STORE])
        else:
            await self._send_document(found, scope, send)

    async def _look_up(self, path: str) -> Any:
        """The station's answer; what was found is kept until something public changes or falls due."""
        if self._due is not None and time.time() >= self._due:
            return await self._ask(path)
        pages, files = self._pages, self._files
        if path in pages or path in files:
            return pages.get(path) or files[path]
        found = await self._ask(path)
        if isinstance(found, Ready):
            found = Prepared(found)
            _keep(pages, path, found, PAGES_KEPT)
        elif isinstance(found, FileOffer):
            _keep(files, path, found, FILES_KEPT)
        return found

    async def _send_document(self, prepared: Prepared, scope: Scope, send: Send) -> None:
        second = int(time.time())
        if prepared.second != second:
            prepared.renew(second, self.cache_control())
        gzip, unchanged = _asked_for(prepared, scope["headers"])
        if unchanged:
            await send(prepared.unchanged[gzip])
            await send(_NO_BODY)
            return
        await send(prepared.whole(gzip=gzip))
        if scope["method"] == "HEAD":
            await send(_NO_BODY)
            return
        *parts, last = prepared.body(gzip=gzip)
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": last})

    def cache_control(self) -> bytes:
        """How long an answer may be kept: never past the next due change."""
        second = int(time.time())
        if second != self._second:
            # It is said until the end of this second.
            left = FRESH_SECONDS if self._due is None else min(FRESH_SECONDS, int(self._due) - second - 1)
            self._cache_control = b"public, max-age=%d" % left if left > 0 else b"no-cache"
            self._second = second
        return self._cache_control


def _keep(answers: dict[str, Any], path: str, answer: Any, limit: int) -> None:
    if len(answers) >= limit:
        answers.pop(next(iter(answers)))
    answers[path] = answer


def _asked_for(prepared: Prepared, headers: Headers) -> tuple[bool, bool]:
    """Whether a request wants gzip, and whether it has these very bytes already."""
    none_match = modified_since = None
    gzip = False
    for name, value in headers:
        if name == b"if-none-match":
            none_match = value
        elif name == b"accept-encoding":
            gzip = accepts_gzip(value)
        elif name == b"if-modified-since":
            modified_since = value
    if none_match is not None:
        return gzip, matches(none_match, prepared.etag(gzip=gzip))
    if modified_since is None or not prepared.dated:
        return gzip, False
    return gzip, is_current(prepared.since, modified_since)


def _is_same(prepared: Prepared | None, ready: Ready) -> bool:
    return prepared is not None and prepared.plain_etag == f'"{ready.etag}"'.encode()


async def _refuse_method(found: Any, method: str, send: Send) -> None:
    allow = (b"allow", b"GET, HEAD, OPTIONS")
    if found is None:
        await send_text(send, 404, "There is nothing here.\n", [NO_STORE])
    elif isinstance(found, Gone):
        await send_text(send, 410, "This was withdrawn.\n", [NO_STORE])
    elif method == "OPTIONS":
        methods = (b"access-control-allow-methods", b"GET, HEAD")
        headers = [allow, methods, (b"access-control-allow-headers", b"*"), *CORS]
        await send_whole(send, 204, headers, b"")
    else:
        await send_text(send, 405, "Only GET and HEAD are answered here.\n", [allow, NO_STORE])
