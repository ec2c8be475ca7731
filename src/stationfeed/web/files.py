"""A public file of the station folder over HTTP: whole, in ranges, or not at all where it is not the same file.

Reads are positioned and stay in the event loop: a hop to a thread for each block costs five sixths of the speed.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.errors import FolderError, NotFoundError
from stationfeed.folder.paths import open_inside
from stationfeed.folder.reader import stat_stamp
from stationfeed.web.conditions import has_come, is_current, matches, parse_ranges
from stationfeed.web.responses import CORS, NO_SNIFF, NO_STORE, http_date, send_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from stationfeed.site import PublicFile
    from stationfeed.web.responses import Headers, Scope, Send

BLOCK_BYTES = 256 * 1024
_SANDBOX = (b"content-security-policy", b"default-src 'none'; sandbox")


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A public file, when it was first served, and the stamp it had when its facts were found out."""

    file: PublicFile
    since: datetime
    stamp: str | None


async def send_file(root: Path, offer: FileOffer, scope: Scope, send: Send, *, cache_control: bytes) -> None:
    """Answer GET or HEAD for a file; 503 while the file on disk is not the one that was looked at."""
    asked = dict(scope["headers"])
    etag = f'"{offer.file.etag}"'.encode()
    headers: Headers = [
        (b"etag", etag),
        (b"cache-control", cache_control),
        (b"accept-ranges", b"bytes"),
        NO_SNIFF,
        _SANDBOX,
        *CORS,
    ]
    dated = has_come(offer.since, time.time())
    if dated:
        headers.append((b"last-modified", http_date(offer.since)))
    if _is_unchanged(asked, etag, offer.since if dated else None):
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    try:
        with open_inside(root, offer.file.path) as file:
            if not _is_the_same(file, offer):
                await _come_back(send)
                return
            await _send(file.fileno(), offer, asked, headers, scope["method"] == "HEAD", send)
    except (FolderError, NotFoundError):
        await _come_back(send)
    except asyncio.CancelledError:
        return  # the server ends, and a slow listener is no fault to be told


async def _come_back(send: Send) -> None:
    """The folder changed under us; the next look at it, in a second, tells what is public now."""
    await send_text(
        send, 503, "This file is being replaced. Try again.\n", [(b"retry-after", b"1"), NO_STORE]
    )


def _is_unchanged(asked: dict[bytes, bytes], etag: bytes, since: datetime | None) -> bool:
    if b"if-none-match" in asked:
        return matches(asked[b"if-none-match"], etag)
    if since is None or b"if-modified-since" not in asked:
        return False
    return is_current(since, asked[b"if-modified-since"])


def _is_the_same(file: BinaryIO, offer: FileOffer) -> bool:
    if offer.stamp is not None:
        return stat_stamp(os.fstat(file.fileno())) == offer.stamp
    return hashlib.sha256(file.read()).hexdigest().startswith(offer.file.etag)


async def _send(
    descriptor: int,
    offer: FileOffer,
    asked: dict[bytes, bytes],
    headers: Headers,
    head_only: bool,
    send: Send,
) -> None:
    size, media_type = offer.file.size_bytes, offer.file.media_type.encode()
    ranges = None if head_only else _ranges(asked, offer, size)
    if ranges is None:
        whole = [(b"content-type", media_type), (b"content-length", b"%d" % size)]
        await send({"type": "http.response.start", "status": 200, "headers": whole + headers})
        await _send_bytes(descriptor, [(b"", range(0 if head_only else size))], send)
    elif not ranges:
        refusal = [(b"content-range", b"bytes */%d" % size), NO_STORE, *CORS]
        await send_text(send, 416, "There are no such bytes.\n", refusal)
    elif len(ranges) == 1:
        one = ranges[0]
        part = [
            (b"content-type", media_type),
            (b"content-length", b"%d" % len(one)),
            (b"content-range", b"bytes %d-%d/%d" % (one[0], one[-1], size)),
        ]
        await send({"type": "http.response.start", "status": 206, "headers": part + headers})
        await _send_bytes(descriptor, [(b"", one)], send)
    else:
        await _send_multipart(descriptor, ranges, offer, headers, send)


def _ranges(asked: dict[bytes, bytes], offer: FileOffer, size: int) -> Sequence[range] | None:
    """The ranges to answer GET with; None for the whole file (RFC 9110, 13.1.5 and 14.2)."""
    if b"range" not in asked:
        return None
    condition = asked.get(b"if-range")
    if condition is not None and condition not in (
        f'"{offer.file.etag}"'.encode(),
        http_date(offer.since),
    ):
        return None
    return parse_ranges(asked[b"range"], size)


async def _send_multipart(
    descriptor: int,
    ranges: Sequence[range],
    offer: FileOffer,
    headers: Headers,
    send: Send,
) -> None:
    boundary = secrets.token_hex(12).encode()
    size, media_type = offer.file.size_bytes, offer.file.media_type.encode()
    parts = [
        (
            b"--%b\r\ncontent-type: %b\r\ncontent-range: bytes %d-%d/%d\r\n\r\n"
            % (boundary, media_type, one[0], one[-1], size),
            one,
        )
        for one in ranges
    ]
    ending = b"\r\n--%b--\r\n" % boundary
    spaced = [(b"\r\n" + text if index else text, one) for index, (text, one) in enumerate(parts)]
    length = sum(len(text) + len(one) for text, one in spaced) + len(ending)
    multipart = [
        (b"content-type", b"multipart/byteranges; boundary=" + boundary),
        (b"content-length", b"%d" % length),
    ]
    await send({"type": "http.response.start", "status": 206, "headers": multipart + headers})
    await _send_bytes(descriptor, [*spaced, (ending, range(0))], send)


async def _send_bytes(descriptor: int, parts: Sequence[tuple[bytes, range]], send: Send) -> None:
    """Each text and the bytes of its range; a file that ends early breaks the connection, never the truth."""
    for text, span in parts:
        if text:
            await send({"type": "http.response.body", "body": text, "more_body": True})
        for start in range(span.start, span.stop, BLOCK_BYTES):
            wanted = min(BLOCK_BYTES, span.stop - start)
            block = os.pread(descriptor, wanted, start)
            if len(block) != wanted:
                return
            await send({"type": "http.response.body", "body": block, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
