"""Pages that depend on what is asked for: search, and what oEmbed says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Response
from fastapi.responses import PlainTextResponse

from stationfeed.errors import NotFoundError
from stationfeed.feeds.stitch import plain_bytes
from stationfeed.model.addresses import OEMBED, SEARCH
from stationfeed.web.responses import page_headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stationfeed.site import Document

LARGEST_PIXELS = 10_000
JSON_OEMBED = "application/json+oembed"


def add_page_routes(
    application: FastAPI,
    search: Callable[[str], Awaitable[tuple[int, Document]]],
    describe_embed: Callable[[str, int, int], Awaitable[bytes | None]],
) -> None:
    @application.get(SEARCH, include_in_schema=False)
    async def search_page(q: str = "") -> Response:
        status, page = await search(q)
        headers = {name.decode(): value.decode() for name, value in page_headers(page)}
        return Response(plain_bytes(page.segments), status, media_type=page.media_type, headers=headers)

    @application.get(OEMBED, responses={200: {"content": {JSON_OEMBED: {}}}, 404: {}, 501: {}})
    async def oembed(
        url: str,
        maxwidth: Annotated[int, Query(ge=1, le=LARGEST_PIXELS)] = LARGEST_PIXELS,
        maxheight: Annotated[int, Query(ge=1, le=LARGEST_PIXELS)] = LARGEST_PIXELS,
        form: Annotated[str, Query(alias="format")] = "json",
    ) -> Response:
        """How a story's player is embedded (https://oembed.com); sizes in pixels."""
        if form != "json":
            return PlainTextResponse("Only format=json is made here.\n", 501)
        told = await describe_embed(url, maxwidth, maxheight)
        if told is None:
            raise NotFoundError("story with sound", url)
        headers = {"Access-Control-Allow-Origin": "*"}
        return Response(told, media_type=JSON_OEMBED, headers=headers)
