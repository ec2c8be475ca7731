"""A ready document as it is answered: heads that are right for a second, bodies that need no copy."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from stationfeed.site import LASTING
from stationfeed.web.conditions import accepts_gzip, has_come, is_current, matches
from stationfeed.web.responses import (
    ASK_AGAIN,
    CORS,
    NO_SNIFF,
    ReadyAnswer,
    header_lines,
    http_date,
    page_headers,
)

if TYPE_CHECKING:
    from typing import BinaryIO

    from stationfeed.publish.shelf import Ready
    from stationfeed.site import Document
    from stationfeed.web.responses import Headers, Message

SPOOLED_BYTES = range(64 * 1024, 4 * 1024 * 1024)
"""Shorter bodies are copied as fast, longer ones are sent in parts."""


class Prepared:
    """A ready document with its answers' heads, made once a second: what they say of time is right for that long."""

    __slots__ = (
        "_answers",
        "_common",
        "_dated",
        "_etags",
        "_may_spool",
        "_ready",
        "_spooled",
        "second",
    )

    def __init__(self, ready: Ready, *, may_spool: bool = False) -> None:
        self._ready, self._may_spool = ready, may_spool
        self._spooled: dict[bool, BinaryIO | None] = {}
        self._etags = {False: f'"{ready.etag}"'.encode(), True: f'"{ready.etag}-gz"'.encode()}
        self.second = 0

    @property
    def etag(self) -> str:
        return self._ready.etag

    @property
    def is_live(self) -> bool:
        """Whether it tells of what is on air."""
        return self._ready.document.live

    def close(self) -> None:
        for file in self._spooled.values():
            if file is not None:
                file.close()

    def renew(self, second: int, cache_control: bytes) -> None:
        """Make the heads of the answers of one second since 1970."""
        self.second = second
        self._dated = has_come(self._ready.since, second)
        date = [(b"last-modified", http_date(self._ready.since))] if self._dated else []
        kept = _kept_for(self._ready.document) or (b"cache-control", cache_control)
        self._common = [kept, *date, (b"vary", b"accept-encoding"), *CORS]
        self._answers: dict[tuple[bool, bool], tuple[Message, ReadyAnswer]] = {}

    def answer(self, asked: Headers) -> tuple[Message, ReadyAnswer]:
        """The head for an ASGI server, and the whole for one that can write it at once."""
        kind = self._kind(asked)
        if kind not in self._answers:
            self._answers[kind] = self._make_answer(*kind)
        return self._answers[kind]

    def _kind(self, asked: Headers) -> tuple[bool, bool]:
        """Whether a request wants gzip, and whether it has these very bytes already."""
        none_match = modified_since = None
        gzip = False
        for name, value in asked:
            if name == b"if-none-match":
                none_match = value
            elif name == b"accept-encoding":
                gzip = accepts_gzip(value)
            elif name == b"if-modified-since":
                modified_since = value
        if none_match is not None:
            return gzip, matches(none_match, self._etags[gzip])
        if modified_since is None or not self._dated:
            return gzip, False
        return gzip, is_current(self._ready.since, modified_since)

    def _body(self, *, gzip: bool) -> tuple[bytes, ...]:
        return self._ready.gzip if gzip else (self._ready.plain,)

    def _make_answer(self, gzip: bool, unchanged: bool) -> tuple[Message, ReadyAnswer]:
        status, headers = (304, []) if unchanged else (200, self._headers(gzip=gzip))
        headers += [(b"etag", self._etags[gzip]), *self._common]
        body = () if unchanged else self._body(gzip=gzip)
        start = {"type": "http.response.start", "status": status, "headers": headers}
        lines = header_lines(headers) + b"\r\n"
        return start, ReadyAnswer(status, lines, body, *self._spool(body, gzip=gzip))

    def _spool(self, body: tuple[bytes, ...], *, gzip: bool) -> tuple[int, range]:
        """The body in a file without a name, which the system sends without copying it; nowhere if it is short."""
        if not self._may_spool or len(body) != 1 or len(body[0]) not in SPOOLED_BYTES:
            return -1, range(0)
        if gzip not in self._spooled:
            self._spooled[gzip] = _spooled(body[0])
        file = self._spooled[gzip]
        return (-1, range(0)) if file is None else (file.fileno(), range(len(body[0])))

    def _headers(self, *, gzip: bool) -> Headers:
        return [
            (b"content-type", self._ready.document.media_type.encode()),
            (b"content-length", b"%d" % sum(map(len, self._body(gzip=gzip)))),
            *([(b"content-encoding", b"gzip")] if gzip else []),
            *page_headers(self._ready.document),
            NO_SNIFF,
        ]


def _kept_for(document: Document) -> tuple[bytes, bytes] | None:
    """How long a document may be kept whatever is due: what tells of the air is asked for anew, in case a song changed."""
    if document.lasting:
        return (b"cache-control", LASTING.encode())
    return ASK_AGAIN if document.live else None


def _spooled(data: bytes) -> BinaryIO | None:
    """The bytes in a file; None where there is no room for one, and memory must do."""
    with suppress(OSError), ExitStack() as opened:
        file = opened.enter_context(TemporaryFile(buffering=0))
        if file.write(data) == len(data):
            opened.pop_all()
            return file
    return None
