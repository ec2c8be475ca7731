"""A public file of the station folder over HTTP: whole, in ranges, or not at all where it is not the same file.

Where the server can, it sends the file's bytes without reading them (ASGI's Zero Copy Send). Elsewhere reads are
positioned and stay in the event loop: a hop to a thread for each block costs five sixths of the speed.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

from stationfeed.errors import FolderError, NotFoundError
from stationfeed.web.file_answers import answer_file
from stationfeed.web.responses import (
    NO_STORE,
    ZERO_COPY,
    ReadyAnswer,
    header_lines,
    send_text,
    send_whole,
)
from stationfeed.web.sockets import BLOCK_BYTES

if TYPE_CHECKING:
    from stationfeed.web.file_answers import FileAnswer
    from stationfeed.web.open_files import FileOffer, OpenFiles
    from stationfeed.web.responses import Headers, Scope, Send


def ready_file(
    files: OpenFiles, offer: FileOffer, headers: Headers, cache_control: bytes
) -> ReadyAnswer | None:
    """The answer to GET where it is short: that nothing changed, or one block at most."""
    answer = answer_file(
        offer, dict(headers), cache_control=cache_control, now_s=time.time(), head_only=False
    )
    lines = header_lines(answer.headers) + b"\r\n"
    if not answer.parts:
        return ReadyAnswer(answer.status, lines)
    text, span = answer.parts[0]
    if len(answer.parts) > 1 or text or len(span) > BLOCK_BYTES:
        return None
    try:
        descriptor = files.borrow(offer)
    except (FolderError, NotFoundError):
        return None
    return None if descriptor is None else ReadyAnswer(answer.status, lines, (), descriptor, span)


async def send_file(
    files: OpenFiles, offer: FileOffer, scope: Scope, send: Send, *, cache_control: bytes
) -> None:
    """Answer GET or HEAD for a file; 503 while the file on disk is not the one that was looked at."""
    answer = answer_file(
        offer,
        dict(scope["headers"]),
        cache_control=cache_control,
        now_s=time.time(),
        head_only=scope["method"] == "HEAD",
    )
    if answer.status == 304:
        await send_whole(send, answer.status, answer.headers, b"")
        return
    descriptor = _open(files, offer)
    if descriptor is None:
        await _come_back(send)
        return
    try:
        await _send(descriptor, answer, scope, send)
    except asyncio.CancelledError:
        return  # the server ends, and a slow listener is no fault to be told
    finally:
        os.close(descriptor)


def _open(files: OpenFiles, offer: FileOffer) -> int | None:
    try:
        return files.open(offer)
    except (FolderError, NotFoundError):
        return None


async def _come_back(send: Send) -> None:
    """The folder changed under us; the next look at it, in a second, tells what is public now."""
    await send_text(
        send, 503, "This file is being replaced. Try again.\n", [(b"retry-after", b"1"), NO_STORE]
    )


async def _send(descriptor: int, answer: FileAnswer, scope: Scope, send: Send) -> None:
    """The answer's texts and bytes; a file that ends early breaks the connection, never the truth."""
    send_span = _send_uncopied if ZERO_COPY in scope.get("extensions", ()) else _send_blocks
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    for text, span in answer.parts:
        if text:
            await send({"type": "http.response.body", "body": text, "more_body": True})
        if not await send_span(descriptor, span, send):
            return
    await send({"type": "http.response.body", "body": b""})


async def _send_uncopied(descriptor: int, span: range, send: Send) -> bool:
    if span:
        where = {"file": descriptor, "offset": span.start, "count": len(span)}
        await send({"type": ZERO_COPY, **where, "more_body": True})
    return True


async def _send_blocks(descriptor: int, span: range, send: Send) -> bool:
    """Whether all of it was there."""
    for start in range(span.start, span.stop, BLOCK_BYTES):
        wanted = min(BLOCK_BYTES, span.stop - start)
        block = os.pread(descriptor, wanted, start)
        if len(block) != wanted:
            return False
        await send({"type": "http.response.body", "body": block, "more_body": True})
    return True
