"""A made-up station of any size: as the texts of its files, as values, or as a folder on disk."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import PurePosixPath
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PIL import Image

from benchmarks.prose import Writer
from stationfeed.catalogue.rows import Indexed
from stationfeed.feeds.channel import Surroundings
from stationfeed.folder.config import read_config
from stationfeed.folder.episode import read_episode
from stationfeed.folder.person import read_person
from stationfeed.model.episode import PictureFile, Story, TranscriptFile
from stationfeed.model.rendition import AudioFile
from stationfeed.model.words import Slug

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stationfeed.model.config import Config

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
"""The instant at which the stations of the benchmarks are looked at."""

FEED = Slug("news")
PEOPLE = ("ada-okafor", "sam-reyes", "lena-ortiz")
FULL_TEXT_BYTES = 7_200
"""Of Markdown; about 7.5 KB of HTML."""

_FRAME = b"\xff\xfb\x90\x64" + bytes(413)
"""A silent frame of MPEG 1 layer III, 128 kbit/s at 44,100 Hz."""

_LINKS_A_FILE = 10_000


def config_text(limit: int, base_url: str = "https://news.kxmp.example") -> str:
    return f"""\
site: {{title: KXMP Public Media, base_url: "{base_url}"}}
organization: {{name: University of Example, copyright: University of Example}}
audio: {{renditions: false}}
stations:
  kxmp:
    name: KXMP
    timezone: America/Chicago
    tagline: Public radio for the valley
    services:
      kxmp-fm: {{name: KXMP 91.3 FM, kind: fm, streams: [{{url: "https://s.kxmp.example/fm", media_type: audio/mpeg}}]}}
shows:
  newsroom: {{title: KXMP Newsroom, station: kxmp, description: News from the valley., category: [News > Daily News], explicit: false}}
feeds:
  {FEED}:
    title: KXMP News
    station: kxmp
    limit: {limit}
    guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810
    owner_email: podcasts@kxmp.example
"""


def episode_text(number: int, size_bytes: int, revision: int = 0) -> str:
    """episode.md of a story: two of three have audio, most a photo, some more than that."""
    write = Writer(Random(f"{number}/{revision}"))
    dice = Random(number)
    fields = {
        "guid": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
        "title": Writer(dice).headline(),
        "show": "newsroom",
        "state": "ready",
        "published_at": (NOON - timedelta(minutes=11 * (number + 1))).isoformat(),
        "summary": Writer(dice).sentence(),
        "byline": [dice.choice(PEOPLE)],
        "topics": dice.sample(["city-hall", "schools", "water", "health", "roads"], dice.randint(1, 3)),
        **_extras(number, dice),
    }
    front_matter = "".join(f"{name}: {json.dumps(value)}\n" for name, value in fields.items())
    return f"---\n{front_matter}---\n{write.article(size_bytes)}"


def _extras(number: int, dice: Random) -> dict[str, object]:
    name = Writer(dice).name()
    extras: dict[str, object] = {}
    if number % 3:
        extras["audio"] = {"file": "segment.mp3", "chapters": [{"at": "0:00", "title": name}]}
        extras["season"], extras["episode_number"] = 1 + number // 100, 1 + number % 100
    if number % 5:
        extras["image"] = {"file": "photo.jpg", "alt": Writer(dice).headline(), "credit": name}
    if number % 4 == 1:
        extras["people"] = [{"person": name, "role": "guest"}]
    if number % 10 == 7:
        at = NOON - timedelta(minutes=11 * (number + 1) - 5)
        extras["updates"] = [{"at": at.isoformat(), "kind": "update", "note": Writer(dice).sentence()}]
    return extras


def slug_of(number: int) -> Slug:
    return Slug(f"story-{number:06}")


def read_surroundings(limit: int) -> Surroundings:
    """The station around the stories, as values."""
    config = read_config(config_text(limit).encode(), PurePosixPath("config.yaml"))[0]
    if config is None:
        raise ValueError("the benchmarks' own configuration is broken")
    people = {
        one: read_person(_person_text(one).encode(), PurePosixPath("people", f"{one}.md"))[0]
        for one in PEOPLE
    }
    zones: dict[str, ZoneInfo] = {one: ZoneInfo(station.timezone) for one, station in config.stations.items()}
    known = {one: profile for one, profile in people.items() if profile}
    return Surroundings(config=config, people=known, pictures={}, zones=zones)


def make_story(number: int, config: Config, revision: int = 0) -> Indexed:
    """What a look at the folder of `episode_text` finds, with the facts of files that are nowhere on disk."""
    slug = slug_of(number)
    folder = PurePosixPath("episodes", slug)
    text = episode_text(number, FULL_TEXT_BYTES, revision)
    reading = read_episode(text.encode(), folder / "episode.md", config)
    if reading.episode is None:
        raise ValueError(f"the benchmarks' own story is broken: {reading.problems}")
    digest = f"{number:064x}"
    audio = AudioFile(
        path=folder / "segment.mp3",
        media_type="audio/mpeg",
        size_bytes=3_000_000 + number,
        duration=timedelta(seconds=180 + number % 60),
        sha256=digest,
        sound_sha256=digest,
    )
    picture = PictureFile(
        path=folder / "photo.jpg",
        media_type="image/jpeg",
        size_bytes=90_000,
        width=1600,
        height=900,
        sha256=digest,
    )
    transcript = TranscriptFile(path=folder / "t.vtt", size_bytes=9_000, sha256=digest)
    story = Story(
        slug=slug,
        episode=reading.episode,
        audio=audio if reading.episode.audio else None,
        picture=picture if reading.episode.image else None,
        transcript=transcript if reading.episode.season else None,
    )
    return Indexed(slug=slug, stamp="", sha256="", story=story, article=reading.article, station=Slug("kxmp"))


def write_station(
    root: Path,
    count: int,
    *,
    size_bytes: int,
    limit: int = 300,
    base_url: str = "https://news.kxmp.example",
    progress: Callable[[int], None] | None = None,
) -> None:
    """A station folder with `count` public episodes; equal pictures and sounds are one file with many names."""
    (root / "people").mkdir(parents=True)
    (root / "config.yaml").write_text(config_text(limit, base_url), encoding="utf-8")
    for one in PEOPLE:
        (root / "people" / f"{one}.md").write_text(_person_text(one), encoding="utf-8")
    for number in range(count):
        write_episode(root, number, size_bytes=size_bytes)
        if progress and number % 1000 == 999:
            progress(number + 1)


def write_episode(root: Path, number: int, *, size_bytes: int, revision: int = 0) -> None:
    folder = root / "episodes" / slug_of(number)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "episode.md").write_text(episode_text(number, size_bytes, revision), encoding="utf-8")
    if revision:
        return
    store = root.with_name(f"{root.name}-files") / str(number // _LINKS_A_FILE)
    if number % 3:
        _link(store / "segment.mp3", folder / "segment.mp3", lambda: silence(20_000))
    if number % 5:
        _link(store / "photo.jpg", folder / "photo.jpg", _photo)


def silence(size_bytes: int) -> bytes:
    """A valid mp3 of constant bit rate and about that size."""
    return _FRAME * (size_bytes // len(_FRAME))


def _photo() -> bytes:
    picture, file = Image.new("RGB", (640, 360), (35, 72, 63)), BytesIO()
    picture.save(file, "JPEG")
    return file.getvalue()


def _link(source: Path, target: Path, make: Callable[[], bytes]) -> None:
    if not source.exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(make())
    try:
        os.link(source, target)
    except OSError:  # a disk without hard links
        shutil.copyfile(source, target)


def _person_text(person_id: str) -> str:
    name = person_id.replace("-", " ").title()
    return f"---\nname: {name}\nrole: Reporter\n---\n{name} reports from the valley.\n"
