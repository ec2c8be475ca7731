"""What a transport cannot do with its socket: send from a file (sendfile), tell what its reader has not taken."""

from __future__ import annotations

import asyncio
import fcntl
import mmap
import os
import socket
import sys
import termios
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uvicorn.protocols.http.flow_control import FlowControl

    from stationfeed.web.responses import ReadyAnswer

BLOCK_BYTES = 256 * 1024
_PAGE_BYTES = mmap.PAGESIZE
_MORE = getattr(socket, "MSG_MORE", 0)  # only Linux has it


def write_whole(transport: asyncio.Transport, head: bytes, ready: ReadyAnswer) -> None:
    """Give a whole answer away at once: what the socket takes goes there, the rest waits in the transport.

    A file that ends early breaks the connection.
    """
    if not ready.span:
        transport.write(head)
        for part in ready.body:
            transport.write(part)
        return
    lead = ready.span[: -ready.span.start % _PAGE_BYTES]
    if lead:  # from within a page the system sends half as fast
        head += os.pread(ready.descriptor, len(lead), lead.start)
    aligned = ready.span[len(lead) :]
    sent = _write_now(transport, head, ready.descriptor, aligned)
    if sent < len(head):
        transport.write(head[sent:])
    left = aligned[max(sent - len(head), 0) :]
    rest = _rest(ready, left) if left else b""
    if rest:
        transport.write(rest)
    if len(rest) < len(left):
        transport.abort()


def _rest(ready: ReadyAnswer, left: range) -> bytes | memoryview:
    """What is in memory is not copied for each reader that is slow."""
    if ready.body:
        return memoryview(ready.body[0])[left.start :]
    return os.pread(ready.descriptor, len(left), left.start)


def _write_now(transport: asyncio.Transport, head: bytes, file: int, span: range) -> int:
    """How many bytes of head and body the socket took; a broken connection is for the transport to find."""
    if transport.get_write_buffer_size():
        return 0
    sent, descriptor = 0, _socket(transport)
    try:
        sent = _send_head(descriptor, head, _MORE if span else 0)
        if sent == len(head) and span:
            sent += os.sendfile(descriptor, file, span.start, len(span))
    except (BlockingIOError, ConnectionError):
        pass
    return sent


def _send_head(descriptor: int, head: bytes, flags: int) -> int:
    """How much of a head was taken; it leaves together with the body: a packet of its own costs a third more."""
    borrowed = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, descriptor)
    try:
        return borrowed.send(head, flags)
    finally:
        borrowed.detach()


async def send_from_file(
    transport: asyncio.Transport, flow: FlowControl, descriptor: int, span: range
) -> None:
    """Send the bytes of a span behind what the transport has been given so far.

    Raises ConnectionResetError where the client has left. A file that ends early breaks the connection: fewer bytes
    than were promised must not look like all of them.
    """
    await asyncio.sleep(0)  # uvloop sends what it was given at the end of a turn, and the head must be first
    position = span.start
    while position < span.stop:
        if flow.write_paused:
            await flow.drain()
        if transport.is_closing():
            raise ConnectionResetError("the client has left")
        sent = _send_some(transport, descriptor, position, span.stop - position)
        if sent == 0:
            transport.abort()
            raise ConnectionResetError("the file ended early")
        position += sent


def _send_some(transport: asyncio.Transport, descriptor: int, position: int, count: int) -> int:
    """How many bytes are on their way; 0 where the file has no more.

    A full socket is the transport's business: only it may wait for a socket, so it is given a block to send.
    """
    if transport.get_write_buffer_size() == 0:
        try:
            return os.sendfile(_socket(transport), descriptor, position, count)
        except (BlockingIOError, ConnectionError):
            pass
    block = os.pread(descriptor, min(count, BLOCK_BYTES), position)
    transport.write(block)
    return len(block)


def untaken_bytes(transport: asyncio.Transport) -> int:
    """What the reader has not taken yet of what waits in the transport, the socket's own buffer included.

    A socket with room for megabytes asks for more only now and then, however steadily its reader takes them.
    """
    waiting = transport.get_write_buffer_size()
    if not waiting:
        return 0
    buffer = bytearray(4)
    try:
        fcntl.ioctl(_socket(transport), termios.TIOCOUTQ, buffer)
    except OSError:
        return waiting
    return waiting + int.from_bytes(buffer, sys.byteorder)


def _socket(transport: asyncio.Transport) -> int:
    descriptor: int = transport.get_extra_info("socket").fileno()
    return descriptor
