"""The status page of an Icecast server, `status-json.xsl` of version 2.4 and later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from stationfeed.errors import SourceError
from stationfeed.sources.heard import Heard, as_heard

if TYPE_CHECKING:
    from stationfeed.model.station import NowPlayingSource

_ONCE = {"icestats", "source", "listenurl", "title", "artist"}


class _UntrueError(ValueError):
    """The page is JSON by its letters, but does not say one thing."""


def read_status(body: bytes, source: NowPlayingSource) -> Heard | None:
    """What is heard at the source's mount, or at the only one there is; None where no title is said.

    Raises SourceError where the mount is off air, and where the page cannot be trusted: Icecast 2.4 writes titles
    into it without minding their quotes and backslashes.
    """
    found = _chosen(_sources(_read_page(body, source.url), source.url), source)
    title, artist = _text(found.get("title")), _text(found.get("artist"))
    return as_heard(source.url, title, artist) if title else None


def _read_page(body: bytes, url: str) -> Any:
    try:
        return json.loads(
            body.decode(),
            # Titles made of digits stand there as numbers; as text they keep each of them.
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_once,
        )
    except UnicodeDecodeError as error:
        raise SourceError(url, "sent a status page that is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(url, "sent a status page that is not valid JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs if key in _ONCE]
    if len(keys) != len(set(keys)):
        raise _UntrueError("a key stands there twice")
    return dict(pairs)


def _refuse_constant(word: str) -> NoReturn:
    raise _UntrueError(f"{word} is no JSON")


def _sources(page: Any, url: str) -> list[dict[str, Any]]:
    stats = page.get("icestats") if isinstance(page, dict) else None
    if not isinstance(stats, dict):
        raise SourceError(url, "sent a page that is no Icecast status")
    sources = stats.get("source", [])
    listed = sources if isinstance(sources, list) else [sources]
    return [one for one in listed if isinstance(one, dict)]


def _chosen(sources: list[dict[str, Any]], source: NowPlayingSource) -> dict[str, Any]:
    if source.mount:
        sources = [one for one in sources if _mount(one) == "/" + source.mount.lstrip("/")]
    at = f" at {source.mount}" if source.mount else ""
    if not sources:
        raise SourceError(source.url, f"has no source{at}")
    if len(sources) > 1:
        raise SourceError(source.url, f"has {len(sources)} sources{at}; say which mount is meant")
    return sources[0]


def _mount(source: dict[str, Any]) -> str | None:
    try:
        return urlsplit(_text(source.get("listenurl")) or "").path
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    """A title that reads `true` stands there without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None
