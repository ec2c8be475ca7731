"""The scripts that pages use, ours and the libraries', and the icon: files as they come with the program."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDERS = ("player", "vendor")
STYLE_OF_TURBO = "'sha256-WAyOw4V+FqDc35lQPyRADLBWbuNK8ahvYEaQIYF1+Ps='"
"""The style of Turbo's progress bar, the one inline style there is, as a Content-Security-Policy names it."""
ENTRY = "player/main.js"
ICON = "player/icon.svg"
MEDIA_TYPES = {".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
EMBED_ENTRY = "player/embed.js"
_ON_DEMAND = "vendor/hls"
_ENTRIES = (ENTRY, EMBED_ENTRY)


@cache
def static_files() -> Mapping[str, bytes]:
    """The content of every file by its name, `player/main.js` say."""
    root = files("stationfeed.pages") / "static"
    found = ((f"{folder}/{one.name}", one) for folder in FOLDERS for one in (root / folder).iterdir())
    return {name: file.read_bytes() for name, file in sorted(found) if name.endswith(tuple(MEDIA_TYPES))}


@cache
def static_sha256() -> str:
    whole = sha256()
    for name, text in static_files().items():
        whole.update(f"{name} {len(text)}\n".encode() + text)
    return whole.hexdigest()


def preloaded() -> list[str]:
    """The modules that every page needs, to be fetched at once and not one after the other."""
    modules = (one for one in static_files() if one.endswith(".js"))
    return [one for one in modules if one not in _ENTRIES and not one.startswith(_ON_DEMAND)]
