"""Runs an ASGI app on a port of this machine until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import math
import resource
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from stationfeed.errors import ListenError
from stationfeed.web.protocol import ConnectionLimits, protocol_with
from stationfeed.web.responses import nothing_at_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from stationfeed.web.responses import ASGIApp, AtOnce

_BACKLOG = 2048


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, on_started: Callable[[], None], on_stop: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        self._on_started, self._on_stop = on_started, on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._on_stop:
            self._on_stop()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 # as uvicorn's
        """Ends by returning. uvicorn would raise the signal again, and the caller could not close its station."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def run_server(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    limits: ConnectionLimits | None = None,
    on_ready: Callable[[str], None] | None = None,
    at_once: AtOnce = nothing_at_once,
) -> None:
    """`serve` in a new event loop, uvloop's where it is installed."""
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(serve(app, host=host, port=port, limits=limits, on_ready=on_ready, at_once=at_once))


async def serve(  # noqa: PLR0913 - named, and most of them have a default
    app: ASGIApp,
    *,
    host: str,
    port: int,
    limits: ConnectionLimits | None = None,
    on_ready: Callable[[str], None] | None = None,
    at_once: AtOnce = nothing_at_once,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Answer requests until SIGINT or SIGTERM, or until cancelled; either way open answers may end in `limits.stop`.

    Port 0 takes any free port. `at_once` is asked before `app` is. `on_ready` hears the address once requests are
    answered; `on_stop` ends answers that would go on for ever. Raises ListenError when the address cannot be had.
    """
    limits = limits or ConnectionLimits()
    _allow_many_connections()
    with _listen(host, port) as listener:
        address = _address(host, listener)
        server = _Server(
            _config(app, limits, at_once), lambda: on_ready(address) if on_ready else None, on_stop
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
            raise


def _allow_many_connections() -> None:
    """Open as many files as this process may; systems begin with 1,024, and each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _config(app: ASGIApp, limits: ConnectionLimits, at_once: AtOnce) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol_with(limits, at_once),
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=math.ceil(limits.keep_alive.total_seconds()),
        timeout_graceful_shutdown=math.ceil(limits.stop.total_seconds()),
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except UnicodeError as error:
        raise ListenError(f"{host[:60]!r} is no host name; choose an address of this machine") from error
    except OSError as error:
        raise ListenError(_refusal(host, port, error)) from error
    listener.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    )  # inherited; asyncio sets it for its own only
    return listener


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is taken by another program; stop that program or choose another port"
    if error.errno == errno.EACCES:
        return f"port {port} needs an administrator's rights; choose a port from 1024 up"
    return f"cannot listen on {host}, port {port}: {error.strerror}; choose an address of this machine"


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
