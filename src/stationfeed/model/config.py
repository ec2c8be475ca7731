"""config.yaml as one frozen value, defaults included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from stationfeed.model.channel import Feed, Show
from stationfeed.model.rendition import LoudnessTarget
from stationfeed.model.station import Organization, Service, Site, Station
from stationfeed.model.words import Ordinal, Slug, Url

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternate:
    """A further rendition, offered as podcast:alternateEnclosure."""

    codec: Literal["aac", "opus"]
    bitrate_kbps: Ordinal


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioRecipe:
    """How on-air audio becomes a podcast's audio; without `renditions`, mp3 and m4a are published as they are."""

    renditions: bool = True
    loudness_lufs: float = -16.0
    true_peak_dbtp: float = -1.0
    bitrate_kbps: Ordinal = Ordinal(128)
    alternates: tuple[Alternate, ...] = ()
    ident_before: PurePosixPath | None = None
    ident_after: PurePosixPath | None = None
    transcribe: str | None = None

    @property
    def target(self) -> LoudnessTarget:
        return LoudnessTarget(loudness_lufs=self.loudness_lufs, true_peak_dbtp=self.true_peak_dbtp)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Where we stop reading or serving; sizes in bytes unless named otherwise."""

    front_matter_bytes: Ordinal = Ordinal(64 * 1024)
    config_bytes: Ordinal = Ordinal(512 * 1024)
    article_bytes: Ordinal = Ordinal(512 * 1024)
    article_depth: Ordinal = Ordinal(200)
    image_bytes: Ordinal = Ordinal(10 * MEBIBYTE)
    image_megapixels: Ordinal = Ordinal(40)
    audio_bytes: Ordinal = Ordinal(2048 * MEBIBYTE)
    audio_hours: Ordinal = Ordinal(12)
    tag_bytes: Ordinal = Ordinal(MEBIBYTE)
    transcript_bytes: Ordinal = Ordinal(5 * MEBIBYTE)
    request_header_bytes: Ordinal = Ordinal(32 * 1024)
    request_headers: Ordinal = Ordinal(100)
    ranges: Ordinal = Ordinal(5)
    event_clients: Ordinal = Ordinal(5000)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    site: Site
    organization: Organization
    stations: Mapping[Slug, Station]
    shows: Mapping[Slug, Show]
    feeds: Mapping[Slug, Feed]
    hubs: tuple[Url, ...] = ()
    audio: AudioRecipe = field(default_factory=AudioRecipe)
    limits: Limits = field(default_factory=Limits)

    def station_of(self, show_id: Slug) -> Station:
        return self.stations[self.shows[show_id].station]

    @property
    def services(self) -> dict[Slug, tuple[Slug, Service]]:
        """Every on-air service by its id, with its station's; in the order listeners see them."""
        return {
            service_id: (station_id, service)
            for station_id, station in self.stations.items()
            for service_id, service in station.services.items()
        }

    def live_service(self, feed_id: Slug) -> Slug | None:
        """The service whose programmes a feed carries as live items."""
        feed = self.feeds[feed_id]
        if feed.live is True:
            return next(iter(self.stations[feed.station].services), None)
        return feed.live or None
