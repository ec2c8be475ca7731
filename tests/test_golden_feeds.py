"""Feeds as they were last read and found right, byte for byte.

Each folder of `golden/` has a small station and what it publishes; `make golden` writes that anew, for the diff.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from stationfeed.model.channel import Feed, Show
from stationfeed.model.episode import Episode
from tests.feed_documents import name_of, parse_xml, public_bytes
from tests.stations import NOON, StationFolder

GOLDEN = Path(__file__).parent / "golden"
FEEDS_ROOM = Path(__file__).parent.parent / "src" / "stationfeed" / "feeds"
REFRESH = os.environ.get("STATIONFEED_REFRESH_GOLDEN") == "1"

DOCUMENTS = (
    ("rss", "/feeds/news.xml"),
    ("rss", "/feeds/inherited.xml"),
    ("rss", "/feeds/empty.xml"),
    ("atom", "/feeds/news.atom"),
    ("atom", "/feeds/short.atom"),
    ("atom", "/feeds/empty.atom"),
    ("json", "/feeds/news.json"),
    ("json", "/feeds/short.json"),
    ("json", "/feeds/empty.json"),
    ("opml", "/feeds.opml"),
    ("corrections", "/feeds/corrections.xml"),
    ("archive", "/feeds/news.xml"),
    ("archive", "/feeds/news/archive/1.xml"),
    ("archive", "/feeds/news/archive/2.xml"),
)


def expected_file(kind: str, address: str) -> Path:
    return GOLDEN / kind / address.strip("/").replace("/", "-")


@pytest.mark.parametrize(("kind", "address"), DOCUMENTS)
def test_a_golden_station_publishes_these_very_bytes(tmp_path: Path, kind: str, address: str) -> None:
    shutil.copytree(GOLDEN / kind / "station", tmp_path / "station")
    station = StationFolder(tmp_path / "station").open()
    data = public_bytes(station, address, NOON)
    station.close()
    expected = expected_file(kind, address)
    if REFRESH:
        expected.write_bytes(data)
    assert data.decode() == expected.read_text(encoding="utf-8"), "read the difference, then: make golden"
    assert data == expected.read_bytes()


def test_every_golden_file_is_compared() -> None:
    there = {path for path in GOLDEN.glob("*/*") if path.is_file()}
    assert there == {expected_file(kind, address) for kind, address in DOCUMENTS}


def test_the_golden_rss_has_every_tag_that_the_program_can_write() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in FEEDS_ROOM.glob("*.py"))
    ours = set(re.findall(r'Tag\(\s*"([a-z]+:[A-Za-z-]+)"', source))
    core = {"channel", "title", "link", "description", "copyright", "docs", "generator", "image", "language"}
    core |= {"lastBuildDate", "managingEditor", "item", "guid", "category", "enclosure", "pubDate", "source"}
    written = {
        name_of(element)
        for kind, address in DOCUMENTS
        if kind in ("rss", "archive")
        for element in parse_xml(expected_file(kind, address).read_bytes()).iter()
    }
    assert len(ours) > 40
    assert (ours | core | {"content:encoded"}) - written == set()


def test_the_golden_rss_station_uses_every_field_of_shows_feeds_and_episodes() -> None:
    station = GOLDEN / "rss" / "station"
    config = yaml.load((station / "config.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    used: set[str] = set()
    for path in station.glob("episodes/*/episode.md"):
        front = path.read_text(encoding="utf-8").split("---\n")[1]
        used |= yaml.load(front, Loader=yaml.BaseLoader).keys()
    assert {one.name for one in fields(Show)} - config["shows"]["newsroom"].keys() == set()
    assert {one.name for one in fields(Feed)} - config["feeds"]["news"].keys() == set()
    assert {one.name for one in fields(Episode)} - used == set()
