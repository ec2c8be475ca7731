"""Kept up to date by difference, the shelf is what it would be made anew, after any history."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationfeed.catalogue.rows import Entry
from stationfeed.feeds.stitch import plain_bytes
from stationfeed.model.words import Slug
from stationfeed.publish.shelf import revise
from stationfeed.site import Document, Site
from stationfeed.station.opened import open_station
from tests.feed_documents import Stage
from tests.stations import CONFIG, NOON, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOUND = (b"\xff\xfb\x90\x64" + bytes(413)) * 50
NOTE = "updates: [{at: 2026-05-02T09:00Z, kind: correction, note: It was Tuesday.}]\n"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happens: hours pass, and then one of ten folders is written, or deleted."""

    hours: int
    story: int
    published: int | None
    state: str
    expires: int | None
    guid: int
    topic: str
    corrected: bool = False
    trailer: bool = False


changes = st.builds(
    Change,
    hours=st.sampled_from([0, 0, 0, 1, 2, -1]),
    story=st.integers(0, 9),
    published=st.none() | st.integers(-3, 4),
    state=st.sampled_from(["ready", "ready", "ready", "ready", "draft", "withdrawn"]),
    expires=st.none() | st.none() | st.integers(0, 6),
    guid=st.integers(0, 11),
    topic=st.sampled_from(["a", "b"]),
    corrected=st.booleans(),
    trailer=st.booleans(),
)
HISTORY_CONFIG = (
    CONFIG.partition("feeds:")[0]
    + """\
feeds:
  three: {title: Three, station: kxmp, limit: 3, guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810}
  one: {title: One, station: kxmp, limit: 1, select: {topics: [a]}, guid: 9b024349-ccf0-5f69-a609-6b82873eab3c}
  all: {title: All, station: kxmp, limit: 100, guid: 1b024349-ccf0-5f69-a609-6b82873eab3c}
"""
)


entries = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.integers(0, 3), st.sampled_from(["v1", "v2"])), max_size=8
)


def _entries(stories: dict[str, tuple[int, str]]) -> list[Entry]:
    """The public stories in the order of every list."""
    found = [Entry(at, Slug(slug), version, NOON) for slug, (at, version) in stories.items()]
    return sorted(found, key=lambda one: (-one.published_at, one.slug))


@settings(max_examples=500, deadline=None)
@given(before=entries, after=entries, limit=st.integers(1, 5), idle=st.sets(st.sampled_from("abcdefgh")))
def test_a_revised_list_is_the_newest_of_all_or_says_that_it_cannot_tell(
    before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]], limit: int, idle: set[str]
) -> None:
    changed = {slug for slug in before.keys() | after.keys() if before.get(slug) != after.get(slug)}
    shown, now = tuple(_entries(before)[:limit]), _entries(after)
    touched = changed | idle
    revised = revise(shown, touched, [one for one in now if one.slug in touched], limit)
    assert revised in (tuple(now[:limit]), None)
    if len(shown) < limit or touched.isdisjoint(one.slug for one in shown):
        assert revised is not None


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = make_station(tmp_path_factory.mktemp("history") / "station", HISTORY_CONFIG)
    station = folder.open()
    yield Stage(folder, station)
    station.close()


@settings(max_examples=40, deadline=None)
@given(st.lists(changes, min_size=1, max_size=14))
def test_a_shelf_kept_up_to_date_is_the_shelf_made_anew(lived_in: Stage, history: list[Change]) -> None:
    folder, station = lived_in.folder, lived_in.station
    for path in (folder.root / "episodes").iterdir():
        shutil.rmtree(path)
    for number in range(7):
        _apply(folder, Change(0, number, -(number % 4), "ready", None, number + 2, "ab"[number % 2]))
    at = NOON
    station.look(at)
    for change in history:
        at += timedelta(hours=change.hours)
        station.tick(at)
        station.look(at, only=[_apply(folder, change)])
        for feed_id in station.config.feeds:
            front = station.shelf.fronts[feed_id]
            assert front.shown == station.site.window(feed_id, at)
            assert front.older == station.site.older(feed_id, at)
    kept = {address: plain_bytes(one.document.segments) for address, one in station.shelf.documents.items()}
    anew = Site(station.site.around, station.catalogue)
    anew.go_live(station.site.broadcast.live)
    for address, data in kept.items():
        answer = anew.answer(address, at)
        assert isinstance(answer, Document)
        assert data == plain_bytes(answer.segments), address


def _apply(folder: StationFolder, change: Change) -> str:
    slug = f"story-{change.story}"
    if change.published is None:
        shutil.rmtree(folder.root / "episodes" / slug, ignore_errors=True)
        return slug
    folder.put(slug, "a.mp3", SOUND)
    expires = None if change.expires is None else (NOON + timedelta(hours=change.expires)).isoformat()
    folder.episode(
        slug,
        f"topics: [{change.topic}]\naudio: {{file: a.mp3}}\n{NOTE if change.corrected else ''}",
        guid=f"guid-{change.guid if change.guid < 2 else change.story + 2}",
        state=change.state,
        episode_type="trailer" if change.trailer else "full",
        published_at=(NOON + timedelta(hours=change.published)).isoformat(),
        expires_at=expires,
        withdrawn="{at: 2026-05-02T09:00}" if change.state == "withdrawn" else None,
    )
    return slug


def test_a_shelf_kept_up_to_date_is_that_of_a_restart_without_a_cache(tmp_path: Path) -> None:
    folder = make_station(tmp_path / "station", HISTORY_CONFIG)
    station = folder.open()
    for number in range(8):
        ends = "2026-06-01T15:00Z" if number == 5 else None
        folder.episode(f"s{number}", published_at=f"2026-06-01T{10 + number // 2}:00Z", expires_at=ends)
        station.look(NOON)
    folder.episode(
        "s6", published_at="2026-06-01T12:00Z", state="withdrawn", withdrawn="{at: 2026-06-01T13:00}"
    )
    later = NOON + timedelta(hours=4)
    station.look(later)
    kept = {address: plain_bytes(one.document.segments) for address, one in station.shelf.documents.items()}
    station.close()
    shutil.rmtree(folder.root / ".stationfeed" / "cache")
    anew = open_station(folder.root, base_url=None, at=later)
    made = {address: plain_bytes(one.document.segments) for address, one in anew.shelf.documents.items()}
    assert [entry.slug for entry in anew.shelf.fronts[Slug("three")].shown] == ["s7", "s4", "s2"]
    anew.close()
    assert kept == made


def test_a_story_that_becomes_a_trailer_is_in_the_head_at_once_and_leaves_it_again(tmp_path: Path) -> None:
    folder = make_station(tmp_path / "station", HISTORY_CONFIG)
    folder.put("story", "a.mp3", SOUND)
    folder.episode("story", "audio: {file: a.mp3}\n")
    station = folder.open()
    told = []
    for kind in ("trailer", "full"):
        folder.episode("story", "audio: {file: a.mp3}\n", episode_type=kind)
        station.look(NOON, only=["story"])
        head, _, _ = station.shelf.documents["/feeds/three.xml"].plain.partition(b"<item>")
        told.append(b"podcast:trailer" in head)
    station.close()
    assert told == [True, False]
