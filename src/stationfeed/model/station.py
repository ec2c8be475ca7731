"""Who broadcasts and where one can listen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Literal

from stationfeed.model.words import Color, LanguageTag, MediaType, Ordinal, Slug, Title, Url, ZoneName

EN_US = LanguageTag("en-us")
SHELF_LIFE_S = Ordinal(600)
"""How long a title is believed of which nobody said when it ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The public site; every absolute address is built from `base_url`."""

    title: Title
    base_url: Url
    language: LanguageTag = EN_US


@dataclass(frozen=True, kw_only=True, slots=True)
class Organization:
    """The licensee, and the holder of copyright (the holder only, no sign and no year)."""

    name: str
    copyright: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    url: Url
    media_type: MediaType
    bitrate_kbps: Ordinal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NowPlayingSource:
    """Where to ask what is playing; a title older than `shelf_life_s` is no longer true."""

    source: Literal["icecast", "icy"]
    url: Url
    mount: str | None = None
    every_s: Ordinal = Ordinal(15)
    shelf_life_s: Ordinal = SHELF_LIFE_S
    ignore: tuple[str, ...] = ()
    allow_private: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One on-air outlet of a station."""

    name: str
    kind: Literal["fm", "am", "hd", "stream"]
    streams: tuple[Stream, ...] = ()
    frequency: str | None = None
    area: str | None = None
    now_playing: NowPlayingSource | None = None

    @property
    def shelf_life(self) -> timedelta:
        return timedelta(seconds=self.now_playing.shelf_life_s if self.now_playing else SHELF_LIFE_S)


@dataclass(frozen=True, kw_only=True, slots=True)
class Colors:
    primary: Color
    accent: Color


@dataclass(frozen=True, kw_only=True, slots=True)
class Station:
    """A broadcaster; `services` are in the order listeners see them."""

    name: str
    timezone: ZoneName
    call_sign: str | None = None
    tagline: str | None = None
    website: Url | None = None
    email: str | None = None
    logo: PurePosixPath | None = None
    colors: Colors | None = None
    services: Mapping[Slug, Service]
