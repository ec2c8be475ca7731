"""The public plane: ready bytes by address, in front of everything else, as a plain ASGI callable.

It asks no database for what is ready. What is not (media, archive pages, what is gone) it asks the station once,
and keeps the answer until something public changes or falls due.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stationfeed.model.addresses import EVENTS, NOW, OEMBED, SEARCH, schedule_path
from stationfeed.publish.shelf import Ready
from stationfeed.site import Moved
from stationfeed.web.files import ready_file, send_file
from stationfeed.web.open_files import FileOffer, OpenFiles
from stationfeed.web.prepared import Prepared
from stationfeed.web.responses import (
    CORS,
    NO_STORE,
    ReadyAnswer,
    send_page,
    send_text,
    send_whole,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from stationfeed.publish.shelf import Shelf
    from stationfeed.site import Document
    from stationfeed.web.events import EventStreams
    from stationfeed.web.responses import ASGIApp, Headers, Message, Receive, Scope, Send

FRESH_SECONDS = 60
FILES_KEPT = 4096
PAGES_KEPT = 256
_BEHIND = ("/api/", "/healthz", "/metrics", OEMBED)
_FOR_BROWSERS = (NOW, schedule_path(""))
"""What pages elsewhere may ask for, and browsers ask whether they may."""
_NO_BODY: Message = {"type": "http.response.body", "body": b""}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no answer: in words, and as a page where people go and not programs."""

    status: int
    words: str
    page: Document | None


class PublicPlane:
    """Answers for public addresses; everything else is for the application behind it."""

    def __init__(
        self, root: Path, behind: ASGIApp, ask: Callable[[str], Awaitable[Any]], events: EventStreams
    ) -> None:
        self._behind, self._ask = behind, ask
        self.events = events
        self._open_files = OpenFiles(root)
        self._prepared: dict[str, Prepared] = {}
        self._by_target: dict[bytes, Prepared] = {}
        self._pages: dict[str, Prepared] = {}
        self._files: dict[str, FileOffer] = {}
        self._edition: object = None
        self._due: float | None = None
        self._second = 0
        self._cache_control = b"no-cache"

    def show(self, shelf: Shelf) -> None:
        """Serve this shelf from now on."""
        before = self._prepared
        self._prepared = {
            address: _kept(before.get(address), ready) or Prepared(ready, may_spool=True)
            for address, ready in shelf.documents.items()
        }
        for address, prepared in before.items():
            if self._prepared.get(address) is not prepared:
                prepared.close()
        self._by_target = {address.encode(): one for address, one in self._prepared.items()}
        self._keep_pages(shelf.edition)
        self._due = shelf.due.timestamp() if shelf.due else None
        self._second = 0
        for prepared in self._prepared.values():
            prepared.second = 0  # its heads tell how long it may be kept

    def _keep_pages(self, edition: object) -> None:
        """Where only what is on air changed, the other pages are what they were."""
        is_same = edition is not None and edition is self._edition
        self._edition = edition
        self._pages = {path: one for path, one in self._pages.items() if is_same and not one.is_live}
        for page in self._pages.values():
            page.second = 0
        if not is_same:
            self._files = {}
            self._open_files.let_go()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Listeners are many and stay: there is no frame of ours around theirs."""
        if scope["type"] != "http":
            return self._behind(scope, receive, send)
        if scope["path"] == EVENTS and scope["method"] in ("GET", "HEAD"):
            return self.events.answer(scope, receive, send)
        return self._answer_http(scope, receive, send)

    async def _answer_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._respond(scope, receive, send)
        except ConnectionResetError:
            return  # the client left, which is no fault to be told

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        prepared = self._prepared.get(path)
        if prepared is not None and method in ("GET", "HEAD"):
            await self._send_document(prepared, scope, send)
        elif _is_behind(scope):
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
            await send_file(self._open_files, found, scope, send, cache_control=self.cache_control())
        elif isinstance(found, Moved):
            headers = [
                (b"location", found.location.encode()),
                (b"cache-control", self.cache_control()),
                *CORS,
            ]
            await send_text(send, 301, f"Moved to {found.location}\n", headers)
        elif isinstance(found, Refusal):
            await _refuse(found, send)
        else:
            await self._send_document(found, scope, send)

    async def _look_up(self, path: str) -> Any:
        """The station's answer; what was found is kept until something public changes or falls due."""
        is_due = self._is_due()
        pages, files = self._pages, self._files
        if not is_due and (path in pages or path in files):
            return pages.get(path) or files[path]
        found = await self._ask(path)
        if isinstance(found, Ready):
            found = Prepared(found)
        if is_due:
            return found
        if isinstance(found, Prepared):
            _keep(pages, path, found, PAGES_KEPT)
        elif isinstance(found, FileOffer):
            _keep(files, path, found, FILES_KEPT)
        return found

    async def _send_document(self, prepared: Prepared, scope: Scope, send: Send) -> None:
        start, ready = self._choose(prepared, scope["headers"])
        await send(start)
        if scope["method"] == "HEAD" or not ready.body:
            await send(_NO_BODY)
            return
        *parts, last = ready.body
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": last})

    def at_once(self, target: bytes, headers: Headers) -> ReadyAnswer | None:
        """The answer to GET where it is ready, for a server that can write it without a task."""
        prepared = self._by_target.get(target)
        if prepared is not None:
            return self._choose(prepared, headers)[1]
        if self._is_due():
            return None
        path = target.decode("latin-1")
        if path in self._pages:
            return self._choose(self._pages[path], headers)[1]
        offer = self._files.get(path)
        return ready_file(self._open_files, offer, headers, self.cache_control()) if offer else None

    def _is_due(self) -> bool:
        """Whether something may have appeared or expired since the shelf was made."""
        return self._due is not None and time.time() >= self._due

    def _choose(self, prepared: Prepared, headers: Headers) -> tuple[Message, ReadyAnswer]:
        second = int(time.time())
        if prepared.second != second:
            prepared.renew(second, self.cache_control())
        return prepared.answer(headers)

    def cache_control(self) -> bytes:
        """How long an answer may be kept: never past the next due change."""
        second = int(time.time())
        if second != self._second:
            # It is said until the end of this second.
            left = FRESH_SECONDS if self._due is None else min(FRESH_SECONDS, int(self._due) - second - 1)
            self._cache_control = b"public, max-age=%d" % left if left > 0 else b"no-cache"
            self._second = second
        return self._cache_control


def _is_behind(scope: Scope) -> bool:
    """Whether only the application can tell: because of what is asked, or of who asks."""
    path = scope["path"]
    if path == SEARCH:
        return bool(scope["query_string"])
    return path.startswith(_BEHIND) and not (scope["method"] == "OPTIONS" and path.startswith(_FOR_BROWSERS))


def _keep(answers: dict[str, Any], path: str, answer: Any, limit: int) -> None:
    if len(answers) >= limit:
        answers.pop(next(iter(answers)))
    answers[path] = answer


def _kept(prepared: Prepared | None, ready: Ready) -> Prepared | None:
    return prepared if prepared is not None and prepared.etag == ready.etag else None


async def _refuse(refusal: Refusal, send: Send) -> None:
    if refusal.page is None:
        await send_text(send, refusal.status, refusal.words, [NO_STORE])
    else:
        await send_page(send, refusal.status, refusal.page)


async def _refuse_method(found: Any, method: str, send: Send) -> None:
    allow = (b"allow", b"GET, HEAD, OPTIONS")
    if isinstance(found, Refusal):
        await send_text(send, found.status, found.words, [NO_STORE])
    elif method == "OPTIONS":
        methods = (b"access-control-allow-methods", b"GET, HEAD")
        headers = [allow, methods, (b"access-control-allow-headers", b"*"), *CORS]
        await send_whole(send, 204, headers, b"")
    else:
        await send_text(send, 405, "Only GET and HEAD are answered here.\n", [allow, NO_STORE])
