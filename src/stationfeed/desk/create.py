"""Starts with an identity assigned by a person's act: a station, a feed, an episode, a new guid."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count
from typing import TYPE_CHECKING

from stationfeed.errors import EditRejectedError, NotFoundError, UsageError
from stationfeed.folder.config import RESERVED_FEEDS
from stationfeed.folder.edit import set_value
from stationfeed.folder.paths import read_bounded
from stationfeed.folder.reader import CONFIG, EPISODES
from stationfeed.folder.scalars import nearest, slug_from
from stationfeed.folder.writer import create_text, replace_text
from stationfeed.folder.yaml_flow import flow
from stationfeed.model.addresses import absolute, feed_path
from stationfeed.model.config import Limits
from stationfeed.storage.local import LocalStore, failures_at

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path, PurePosixPath

    from stationfeed.folder.yaml_text import FieldPath, Value
    from stationfeed.model.config import Config
    from stationfeed.model.words import Slug, Title

PODCAST_NAMESPACE = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/guid.md"""

_EPISODE = """\
---
{notes}guid: {guid}
title: {title}
show: {show}
state: draft                  # draft, then ready; withdrawn takes it off every surface
published_at: {published_at}  # such as 2026-04-22T17:05, in the station's zone; later than now: embargoed
summary: null                 # one plain sentence; left out: the first paragraph
byline: []                    # ids from people/, or names
{audio}topics: []
---

"""
_AUDIO = """\
audio:
  file: {file}
transcript: null              # a .vtt, .srt or .json file in this folder
"""


def podcast_guid(feed_url: str) -> str:
    """The podcast:guid of a feed's first address: a UUIDv5 of it without scheme and trailing slashes."""
    bare = re.sub(r"^[a-z]+://", "", feed_url).rstrip("/")
    return str(uuid.uuid5(PODCAST_NAMESPACE, bare))


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What is known of a story before anybody has written it; `notes` are lines for those who will.

    `published_at` is a clock's, in the station's zone.
    """

    title: Title
    audio: Path | None = None
    published_at: datetime | None = None
    notes: tuple[str, ...] = ()


def new_episode(root: Path, config: Config, show: str, draft: Draft) -> PurePosixPath:
    """A new draft in its own folder, with a guid of its own; the path of its episode.md.

    The audio is copied first: a disk that is full leaves no story that names a file which is not there.
    """
    title, audio = draft.title, draft.audio
    if show not in config.shows:
        meant = nearest(show, config.shows)
        hint = f"Did you mean {meant}?" if meant else f"config.yaml has: {', '.join(config.shows)}"
        raise UsageError(f'there is no show "{show}". {hint}')
    wanted = slug_from(title)
    if wanted is None:
        raise UsageError(
            "the title has no letter from a to z to name a folder after; make the folder by hand"
        )
    folder = EPISODES / _free_slug(root, wanted)
    file = None if audio is None else f"{folder.name}{audio.suffix.lower()}"
    if audio is not None and file is not None:
        LocalStore(root).put_file(folder / file, audio.resolve())
    text = _EPISODE.format(
        guid=uuid.uuid4(),
        title=flow(title),
        show=flow(show),
        audio=_AUDIO.format(file=flow(file)) if file else "",
        published_at=(
            draft.published_at.isoformat(timespec="minutes") if draft.published_at else "null"
        ).ljust(14),
        notes="".join(f"# {note}\n" for note in draft.notes),
    )
    create_text(root, folder / "episode.md", text)
    return folder / "episode.md"


def new_guid(root: Path, slug: Slug, *, is_public: bool) -> str:
    """Give the copy of a folder an identity of its own; the new guid.

    Refused for a story that is public under its guid: apps would show it a second time.
    """
    if is_public:
        raise UsageError(f"{slug} is public under its guid; with another one, apps would show it twice")
    path = EPISODES / slug / "episode.md"
    limits = Limits()
    try:
        data = read_bounded(root, path, limits.front_matter_bytes + limits.article_bytes)[0]
    except NotFoundError as error:
        raise NotFoundError("episode", slug) from error
    guid = str(uuid.uuid4())
    rewrite_value(root, path, data, ("guid",), guid)
    return guid


def new_feed(root: Path, config: Config, feed_id: Slug, *, title: Title, shows: list[str]) -> str:
    """Add a feed to config.yaml with a podcast:guid of its own; the guid."""
    if feed_id in config.feeds:
        raise UsageError(f"config.yaml has a feed {feed_id} already")
    if feed_id in RESERVED_FEEDS:
        raise UsageError(f"{feed_id} is a feed we make ourselves; choose another id")
    unknown = [show for show in shows if show not in config.shows]
    if unknown:
        raise UsageError(f"config.yaml has no show {', '.join(unknown)}. It has: {', '.join(config.shows)}")
    stations = [show.station for show_id, show in config.shows.items() if show_id in shows]
    station = next(iter(stations or config.stations), None)
    if station is None:
        raise UsageError("config.yaml has no station to make a feed of; add one to it first")
    guid = podcast_guid(absolute(config.site.base_url, feed_path(feed_id)))
    data = read_bounded(root, CONFIG, Limits().config_bytes)[0]
    entry: Value = {"title": title, "station": station, "select": {"shows": list(shows)}, "guid": guid}
    rewrite_value(root, CONFIG, data, ("feeds", feed_id), entry)
    return guid


def rewrite_value(root: Path, path: PurePosixPath, data: bytes, field: FieldPath, value: Value) -> None:
    """Change one value in a file that holds `data`; raises EditConflictError where it does not any more."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EditRejectedError(path, "is not UTF-8 text") from error
    edited = set_value(text, field, value, file=path)
    replace_text(root, path, expected_sha256=sha256(data).hexdigest(), text=edited)


def _free_slug(root: Path, wanted: Slug) -> str:
    episodes = root / EPISODES
    with failures_at(EPISODES):
        taken = {entry.name.lower() for entry in episodes.iterdir()} if episodes.exists() else set()
    numbered = (f"{wanted[:70].rstrip('-')}-{number}" for number in count(2))
    return next(slug for slug in chain((wanted,), numbered) if slug not in taken)
