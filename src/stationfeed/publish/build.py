"""The whole public site as plain files, the same bytes that `serve` sends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.errors import FolderError, NotFoundError, PublishError
from stationfeed.feeds.stitch import plain_bytes
from stationfeed.folder.paths import resolve_inside
from stationfeed.site import LASTING, Document, Moved, PublicFile
from stationfeed.storage.local import LocalStore, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from stationfeed.site import Site
    from stationfeed.site.page_parts import PageParts


_INDEXES = {"application/json": "index.json", "text/html": "index.html"}
"""The file of an address that has no extension, in a folder of the address's name, by what it is."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote, took away, and left to the web server's settings."""

    written: tuple[PurePosixPath, ...]
    removed: tuple[PurePosixPath, ...]
    moved: tuple[tuple[str, str], ...]

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that has an answer."""
        written = (_address_of(key) for key in self.written)
        return frozenset([*written, *(address for address, _ in self.moved)])


def build_site(
    site: Site, root: Path, out: Path, at: datetime, progress: Callable[[int, int], None] | None = None
) -> Built:
    """Write every public address below `out` and take away what an earlier build wrote and is not public now.

    Files come before the feeds that name them. Raises PublishError where something cannot be written.
    """
    manifest = manifest_of(out)
    remove_leftovers(out)
    before = _earlier(out, manifest)
    store = LocalStore(out)
    addresses = sorted(site.addresses(at), key=lambda address: (not address.startswith("/media/"), address))
    keys: list[PurePosixPath] = []
    moved: list[tuple[str, str]] = []
    for number, address in enumerate(addresses, start=1):
        answer = site.answer(address, at)
        if isinstance(answer, Moved):
            moved.append((address, answer.location))
        elif answer is not None:
            keys.append(_write(store, root, answer))
        if progress:
            progress(number, len(addresses))
    removed = sorted(before - set(keys))
    for key in removed:
        store.delete(key)
    _write_text(manifest, "".join(f"{key}\n" for key in sorted(keys)))
    return Built(tuple(keys), tuple(removed), tuple(moved))


def _address_of(key: PurePosixPath) -> str:
    is_index = key.name in _INDEXES.values()
    return f"/{key.parent}".replace("/.", "/") if is_index else f"/{key}"


def manifest_of(out: Path) -> Path:
    """The list of files that a build wrote, beside them."""
    if not out.name:
        raise PublishError(out, "is no folder of its own to write to")
    return out.with_name(out.name + ".files")


def write_server_settings(out: Path, built: Built, gone: Sequence[str], site: Site) -> tuple[Path, Path]:
    """The lines of Caddy and nginx that set types, 301, 410 and what pages may load, beside the built files."""
    caddy, nginx = (out.with_name(out.name + suffix) for suffix in (".caddy", ".nginx"))
    _write_text(caddy, _caddy(out, built, gone, site.parts))
    _write_text(nginx, _nginx(out, built, gone, site.parts))
    return caddy, nginx


def _earlier(out: Path, manifest: Path) -> set[PurePosixPath]:
    """What an earlier build wrote. A folder with other people's files is refused."""
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        if out.exists() and any(out.iterdir()):
            raise PublishError(out, "the folder is not empty and was not built by stationfeed") from None
        return set()
    except OSError as error:
        raise PublishError(manifest, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise PublishError(manifest, "is not a list that stationfeed wrote") from error
    return {PurePosixPath(line) for line in lines}


def _write(store: LocalStore, root: Path, answer: Document | PublicFile) -> PurePosixPath:
    key = PurePosixPath(answer.address.lstrip("/"))
    if not key.suffix:
        key /= _INDEXES[answer.media_type.partition(";")[0]]
    try:
        if isinstance(answer, PublicFile):
            store.put_file(key, resolve_inside(root, answer.path))
            return key
        text = plain_bytes(answer.segments)
        if store.get(key) != text:  # web servers tell a file's version by its time
            store.put(key, text)
    except (FolderError, NotFoundError) as error:
        raise PublishError(key, str(error)) from error
    return key


def _write_text(path: Path, text: str) -> None:
    try:
        LocalStore(path.parent).put(PurePosixPath(path.name), text.encode())
    except FolderError as error:
        raise PublishError(path, error.reason) from error


_TYPES = {
    r"^/feeds/.*\.xml$": "application/rss+xml; charset=utf-8",
    r"^/feeds/.*\.atom$": "application/atom+xml; charset=utf-8",
    r"^/feeds/.*\.json$": "application/feed+json; charset=utf-8",
    r"^/feeds\.opml$": "text/x-opml; charset=utf-8",
    r"^/media/.*/chapters\.json$": "application/json+chapters",
    r"^/media/.*\.vtt$": "text/vtt",
    r"^/media/.*\.srt$": "application/x-subrip",
    r"^/media/.*\.m4a$": "audio/x-m4a",
    r"^/media/.*\.opus$": "audio/ogg",
    r"^/schedule/.*\.ics$": "text/calendar; charset=utf-8",
    r"^/live/.*\.m3u$": "audio/x-mpegurl",
    r"^/live/.*\.pls$": "audio/x-scpls",
    r"^/live/.*\.xspf$": "application/xspf+xml",
}


def _caddy(out: Path, built: Built, gone: Sequence[str], parts: PageParts) -> str:
    lines = [f"root * {out.resolve()}", 'header Access-Control-Allow-Origin "*"']
    lines.append('header X-Content-Type-Options "nosniff"')
    # Each header has one line that sets it: of two that match, it is not the narrower that counts.
    lines += ["@framed path /embed/*", f'header @framed Content-Security-Policy "{parts.embed_policy}"']
    lines += ["@own not path /embed/*", f'header @own Content-Security-Policy "{parts.policy}"']
    lines.append(f'header /assets/* Cache-Control "{LASTING}"')
    for number, (pattern, media_type) in enumerate(_TYPES.items()):
        lines += [f"@type{number} path_regexp {pattern}", f'header @type{number} Content-Type "{media_type}"']
    lines.extend(f"redir {address} {location} permanent" for address, location in built.moved)
    lines.extend(f'respond {address} "This was withdrawn." 410' for address in gone)
    lines += ["try_files {path} {path}/index.html {path}/index.json", "encode gzip", "file_server"]
    return "\n".join(lines) + "\n"


def _nginx(out: Path, built: Built, gone: Sequence[str], parts: PageParts) -> str:
    lines = [f"root {out.resolve()};", "charset utf-8;", "gzip on;"]
    lines.append(
        "gzip_types application/rss+xml application/atom+xml application/feed+json application/json text/x-opml text/vtt text/calendar;"
    )
    always = ['add_header Access-Control-Allow-Origin "*" always;']
    always.append('add_header X-Content-Type-Options "nosniff" always;')
    framed = f'add_header Content-Security-Policy "{parts.embed_policy}";'
    lasting = f'add_header Cache-Control "{LASTING}";'
    lines += [*always, f'add_header Content-Security-Policy "{parts.policy}";']
    # Asked for as plain files: try_files finds the folder of an address otherwise, and redirects to it.
    lines.append("location /api/ { default_type application/json; try_files $uri/index.json =404; }")
    lines.append("location / { try_files $uri/index.html $uri =404; }")
    # Headers of a location take the place of those around it.
    lines.append(f"location /embed/ {{ {' '.join([*always, framed])} try_files $uri/index.html =404; }}")
    lines.append(f"location /assets/ {{ {' '.join([*always, lasting])} }}")
    for pattern, media_type in _TYPES.items():
        lines.append(f'location ~ {pattern} {{ types {{ }} default_type "{media_type.partition(";")[0]}"; }}')
    lines.extend(f"location = {address} {{ return 301 {location}; }}" for address, location in built.moved)
    lines.extend(f"location = {address} {{ return 410; }}" for address in gone)
    return "\n".join(lines) + "\n"
