"""The public plane while the station has not caught up: something is due, and its shelf does not show it yet."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from stationfeed.publish.shelf import Shelf, make_ready
from stationfeed.web.events import EventStreams
from stationfeed.web.plane import PublicPlane, Refusal

if TYPE_CHECKING:
    from tests.stations import StationFolder

PAST = datetime.now(UTC) - timedelta(seconds=1)


async def answer_to(plane: PublicPlane, path: str) -> tuple[int, bytes]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "method": "GET", "headers": [], "query_string": b""}
    await plane(scope, receive, send)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent[1:])


def test_while_something_is_due_every_page_is_asked_for_and_none_is_kept(folder: StationFolder) -> None:
    folder.episode("a")
    station = folder.open()
    asked: list[str] = []

    async def ask(path: str) -> Any:
        asked.append(path)
        found = station.site.pages.answer(path, PAST)
        return make_ready(found, found.etag, PAST) if found else Refusal(404, "Nothing.\n", None)

    async def read_after(_number: int) -> list[Any]:
        return []

    plane = PublicPlane(folder.root, nothing_behind, ask, EventStreams(1, read_after))
    plane.show(Shelf({}, due=PAST))
    for _ in range(2):
        status, body = asyncio.run(answer_to(plane, "/stories/a"))
        assert (status, b"The story of a" in body) == (200, True)
    assert asyncio.run(answer_to(plane, "/stories/b"))[0] == 404
    assert asked == ["/stories/a", "/stories/a", "/stories/b"]
    assert plane.at_once(b"/stories/a", []) is None
    plane.show(Shelf({}, due=None))
    assert asyncio.run(answer_to(plane, "/stories/a"))[0] == 200
    assert plane.at_once(b"/stories/a", []), "it is at hand now"
    station.close()


async def nothing_behind(_scope: Any, _receive: Any, _send: Any) -> None:
    raise AssertionError("nothing of this is for the application")
