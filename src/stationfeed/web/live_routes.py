"""What is on air, as developers ask for it and automation tells it."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Header, Query, Request, Response
from pydantic import BaseModel

from stationfeed.errors import NotFoundError, TooLargeError
from stationfeed.model.addresses import EVENTS, NOW, now_path, schedule_path
from stationfeed.sources.pushed import PUSH_LIMIT_BYTES, PushedItem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_ITEM = PushedItem.model_json_schema()
_PUSH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        _ITEM,
                        {"type": "array", "items": _ITEM},
                        {"type": "object", "maxProperties": 0},
                    ]
                }
            }
        },
    }
}


class Faults(BaseModel):
    """What is wrong, in words."""

    errors: list[str]


_REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Faults, "description": "No token, or none that we made"},
    403: {"model": Faults, "description": "A token for another service"},
    404: {"model": Faults, "description": "An unknown service"},
    413: {"model": Faults, "description": "More than 64 KB"},
    422: {"model": Faults, "description": "Something that cannot be used"},
}
_READY: dict[int | str, dict[str, Any]] = {
    200: {"description": "Served as it lies ready, with ETag and 304", "content": {"application/json": {}}}
}


def add_live_routes(
    application: FastAPI,
    hear: Callable[[str, str | None, bytes], Awaitable[None]],
    schedule: Callable[[str, str | None, str | None], Awaitable[bytes]],
) -> None:
    """What is ready is answered before it comes here, and documented here."""

    @application.get(now_path("{service}"), responses=_READY)
    async def now(service: str) -> None:
        """What is on air on a service, and up to three programmes that follow; what is not known is null.

        `as_of` is since when exactly this has been true, `expires_at` when something is known to change.
        """
        raise NotFoundError("service", service)

    @application.get(NOW, responses=_READY)
    async def now_everywhere() -> None:
        """Now and next of every service."""
        raise NotFoundError("service", "")

    @application.get(schedule_path("{service}"))
    async def slots(
        service: str,
        start: Annotated[
            str | None, Query(alias="from", description="2026-11-26T05:00, or with an offset")
        ] = None,
        end: Annotated[str | None, Query(alias="to", description="62 days later at most")] = None,
    ) -> Response:
        """The slots of a service between two times; from last midnight a week where nothing is asked for."""
        body = await schedule(service, start, end)
        return Response(body, media_type="application/json", headers={"Access-Control-Allow-Origin": "*"})

    @application.get(EVENTS, responses={200: {"content": {"text/event-stream": {}}}})
    async def events() -> None:
        """Server-sent events.

        `now` whenever what is on air changes, `episode` whenever a story becomes public or changes, `reset` where
        more was missed than is on record. Last-Event-ID brings what came since.
        """
        raise NotFoundError("events", "")

    @application.post(now_path("{service}"), status_code=204, openapi_extra=_PUSH_BODY, responses=_REFUSALS)
    async def push(service: str, request: Request, authorization: Annotated[str, Header()] = "") -> None:
        """Say what is playing: an item, `{}` for nothing, or a list of items of kind `as_run` that really aired."""
        scheme, _, token = authorization.partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else None
        await hear(service, given or None, await _bounded_body(request))


async def _bounded_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > PUSH_LIMIT_BYTES:
            raise TooLargeError(PurePath("the request"), len(body), PUSH_LIMIT_BYTES)
    return bytes(body)
