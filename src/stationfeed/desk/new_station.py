"""A station folder from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.desk.create import podcast_guid
from stationfeed.errors import UsageError
from stationfeed.folder.reader import CONFIG, EPISODES, PEOPLE, SCHEDULES
from stationfeed.folder.writer import create_text
from stationfeed.folder.yaml_flow import flow
from stationfeed.model.addresses import absolute, feed_path
from stationfeed.storage.local import failures_at

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.model.words import Slug, Title, Url, ZoneName

_CONFIG = """\
# Who you are and what you publish. `stationfeed check` says what is missing or wrong.
site:
  title: {name}
  base_url: {base_url}   # the public address; every link is built from it
  language: {language}
organization:
  name: {licensee}
  copyright: {licensee}   # the holder only: no sign, no year
stations:
  {station}:
    name: {name}
    timezone: {timezone}
    services: {{}}   # your on-air outlets, such as {station}-fm: {{name: …, kind: fm, streams: [{{url: …, media_type: audio/mpeg}}]}}
shows:
  news:
    title: {title}
    station: {station}
    description: {description}
    category: [News > Daily News]   # Apple's exact names
    explicit: false
    # artwork: brand/news.jpg       # a square JPEG or PNG, 1400 to 3000 pixels
feeds:
  news:
    station: {station}
    select: {{shows: [news]}}
    title: {title}
    owner_email: {email}
    guid: {guid}   # the feed's identity, given once; never change it
"""
_IGNORE = "# made by stationfeed; state.sqlite in it is worth a backup\n.stationfeed/\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewStation:
    """What a person is asked for."""

    name: Title
    station: Slug
    licensee: str
    base_url: Url
    timezone: ZoneName
    email: str
    language: str = "en-us"


def new_station(root: Path, answers: NewStation) -> PurePosixPath:
    """Write a station folder with one show and its feed into an empty folder; the path of config.yaml."""
    with failures_at(root):
        if root.exists() and any(root.iterdir()):
            raise UsageError(f"{root} is not empty; name an empty folder with -C")
        for folder in (EPISODES, PEOPLE, SCHEDULES, PurePosixPath("brand")):
            (root / folder).mkdir(parents=True)
    text = _CONFIG.format(
        name=flow(answers.name),
        station=flow(answers.station),
        licensee=flow(answers.licensee),
        base_url=flow(answers.base_url),
        timezone=answers.timezone,
        language=answers.language,
        title=flow(f"{answers.name} News"),
        description=flow(f"News from {answers.name}."),
        email=flow(answers.email),
        guid=podcast_guid(absolute(answers.base_url, feed_path("news"))),
    )
    create_text(root, CONFIG, text)
    create_text(root, PurePosixPath(".gitignore"), _IGNORE)
    return CONFIG
