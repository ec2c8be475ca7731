"""The peers that send events: a bare ASGI callable, and sse-starlette; `python -m benchmarks.event_servers KIND`.

Each takes GET / as a listener and POST / as something to tell, and says its port once it is ready.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from stationfeed.web.server import run_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from stationfeed.web.responses import ASGIApp, Receive, Scope, Send

_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]


def bare_sender() -> ASGIApp:
    """As little as can be: every listener's send, called one after the other."""
    listeners: dict[Any, None] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            text = (await receive())["body"]
            message = {"type": "http.response.body", "body": b"data: " + text + b"\n\n", "more_body": True}
            for one in list(listeners):
                await one(message)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
        listeners[send] = None
        while (await receive())["type"] != "http.disconnect":
            pass
        del listeners[send]

    return app


def sse_starlette() -> ASGIApp:
    """As its documentation shows it: a queue and a generator for each listener."""
    from sse_starlette import EventSourceResponse
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    queues: set[asyncio.Queue[str]] = set()

    async def listen(_request: Any) -> EventSourceResponse:
        queue: asyncio.Queue[str] = asyncio.Queue()
        queues.add(queue)

        async def events() -> AsyncIterator[dict[str, str]]:
            yield {"comment": ""}
            while True:
                yield {"data": await queue.get()}

        return EventSourceResponse(events())

    async def tell(request: Any) -> Response:
        text = (await request.body()).decode()
        for queue in queues:
            queue.put_nowait(text)
        return Response(status_code=204)

    return Starlette(routes=[Route("/", listen, methods=["GET"]), Route("/", tell, methods=["POST"])])


if __name__ == "__main__":
    made = {"bare": bare_sender, "sse-starlette": sse_starlette}[sys.argv[1]]()
    run_server(made, host="127.0.0.1", port=0, on_ready=lambda address: print(address, flush=True))
