"""A story on other people's sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stationfeed.model.addresses import absolute, embed_path, story_path

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.station.opened import OpenStation


def describe_embed(station: OpenStation, url: str, width: int, height: int, at: datetime) -> bytes | None:
    """What oEmbed says of the story at a whole address, in at most that many pixels; None where there is none.

    A former address of a story counts for none: whoever has it is sent to the new one first.
    """
    bare = url.partition("#")[0].partition("?")[0].rstrip("/")
    for make in (story_path, embed_path):
        start = absolute(station.config.site.base_url, make(""))
        if bare.startswith(start):
            return station.site.pages.describe_embed(bare.removeprefix(start), at, width, height)
    return None
