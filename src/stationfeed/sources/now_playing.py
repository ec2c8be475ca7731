"""Asking what is playing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stationfeed.sources.fetch import FetchLimits
from stationfeed.sources.heard import Heard, as_heard
from stationfeed.sources.icecast import read_status
from stationfeed.sources.icy import ASKING, read_stream_title

if TYPE_CHECKING:
    from stationfeed.model.station import NowPlayingSource
    from stationfeed.sources.fetch import Fetcher

__all__ = ["Heard", "ask"]

_PAGE = FetchLimits(size_bytes=256 * 1024, whole_s=5, wait_s=5)
_STREAM = FetchLimits(size_bytes=512 * 1024, whole_s=10, wait_s=5)


def ask(source: NowPlayingSource, fetcher: Fetcher) -> Heard | None:
    """What the source says is playing, None where it says nothing; raises SourceError."""
    match source.source:
        case "icecast":
            page = fetcher.get(source.url, limits=_PAGE, allow_private=source.allow_private)
            return read_status(page.body, source)
        case "icy":
            with fetcher.open_stream(
                source.url, limits=_STREAM, allow_private=source.allow_private, headers=ASKING
            ) as stream:
                title = read_stream_title(stream)
            return as_heard(source.url, title) if title else None
