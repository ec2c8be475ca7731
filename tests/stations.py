"""Small real station folders for tests."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stationfeed.model.words import Url
from stationfeed.station.opened import OpenStation, open_station

DEMO = Path(__file__).parent.parent
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""The instant at which most tests look at a station."""

CONFIG = """\
site: {title: KXMP Public Media, base_url: "https://news.kxmp.example"}
organization: {name: University of Example, copyright: University of Example}
audio: {renditions: false}
stations:
  kxmp:
    name: KXMP
    timezone: America/Chicago
    tagline: Public radio for the valley
    services:
      kxmp-fm: {name: KXMP 91.3 FM, kind: fm, streams: [{url: "https://stream.kxmp.example/fm.mp3", media_type: audio/mpeg}]}
shows:
  newsroom: {title: KXMP Newsroom, station: kxmp, description: News from the valley., category: [News > Daily News], explicit: false}
  archive: {title: From the Archive, station: kxmp, rights: {podcast: false}}
feeds:
  news: {title: KXMP News, station: kxmp, select: {shows: [newsroom]}, guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810, owner_email: podcasts@kxmp.example}
  everything: {title: Everything, station: kxmp, guid: 9b024349-ccf0-5f69-a609-6b82873eab3c}
"""


@dataclass
class StationFolder:
    """A station folder on disk, written the way staff would."""

    root: Path

    def config(self, text: str) -> None:
        (self.root / "config.yaml").write_text(text, encoding="utf-8")

    def episode(
        self, slug: str, front_matter: str = "", body: str = "An article.\n", **fields: str | None
    ) -> Path:
        """Write an episode that is public unless `fields` say otherwise; a field that is None is left out."""
        lines: dict[str, str | None] = {
            "guid": str(uuid.uuid5(uuid.NAMESPACE_URL, slug)),
            "title": f"The story of {slug}",
            "show": "newsroom",
            "state": "ready",
            "published_at": "2026-05-01T08:00Z",
            **fields,
        }
        text = "".join(f"{key}: {value}\n" for key, value in lines.items() if value is not None)
        return self.raw(slug, f"---\n{text}{front_matter}---\n{body}")

    def raw(self, slug: str, text: str | bytes) -> Path:
        """Write an episode.md as it is given."""
        folder = self.root / "episodes" / slug
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "episode.md"
        data = text if isinstance(text, bytes) else text.encode("utf-8")
        temporary = folder / ".episode.md.tmp"
        temporary.write_bytes(data)
        os.replace(temporary, path)  # noqa: PTH105 - as editors do
        return path

    def put(self, slug: str, name: str, data: bytes) -> Path:
        folder = self.root / "episodes" / slug
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        return folder / name

    def open(self, at: datetime = NOON, base_url: str | None = None) -> OpenStation:
        return open_station(self.root, base_url=None if base_url is None else Url(base_url), at=at)


def make_station(root: Path, config: str = CONFIG) -> StationFolder:
    """A station folder with a configuration and no episode yet."""
    (root / "episodes").mkdir(parents=True, exist_ok=True)
    folder = StationFolder(root)
    folder.config(config)
    return folder
