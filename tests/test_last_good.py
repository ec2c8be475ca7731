"""A story that was public keeps its last good version while its file is broken; what restricts it works at once."""

from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from stationfeed.errors import Severity
from stationfeed.site import Document
from stationfeed.station.departures import Gone
from tests.audio_files import silent_frames
from tests.stations import CONFIG, NOON, StationFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stationfeed.errors import Problem
    from stationfeed.station.opened import OpenStation

STORY = """\
---
guid: 8a1c1c34-6a7e-4d4b-9d2b-8d7d5c3c2f10
title: Council opens a tool library
show: newsroom
state: ready
published_at: 2026-05-01T08:00Z
summary: The first words.
---
The article.
"""
LINES = STORY.split("\n")


def edited(line: str, *more: str) -> str:
    """The story with one line replaced by others; the line is found by how it begins."""
    index = next(number for number, one in enumerate(LINES) if one.startswith(line))
    return "\n".join([*LINES[:index], *more, *LINES[index + 1 :]])


def feed(station: OpenStation, name: str = "news") -> str:
    document = station.shelf.documents[f"/feeds/{name}.xml"].plain
    return document.decode()


def problems(station: OpenStation) -> list[Problem]:
    return [one for one in station.problems() if one.path.parts[0] == "episodes"]


@pytest.fixture
def station(folder: StationFolder) -> Iterator[OpenStation]:
    """A station with one public story, `story`."""
    folder.raw("story", STORY)
    opened = folder.open()
    yield opened
    opened.close()


BREAKING: dict[str, tuple[str | bytes, int]] = {
    "an open quote": (edited("summary", 'summary: "The first words.'), 8),
    "an open quote at the top": (edited("guid", 'guid: "8a1c'), 8),
    "a key twice": (edited("summary", "title: Another title"), 7),
    "no closing line": (STORY.replace("\n---\nThe", "\n\nThe"), 1),
    "no opening line": (STORY.removeprefix("---\n"), 1),
    "Latin-1": (edited("summary", "summary: Zw\xf6lf").encode("latin-1"), 7),
    "nothing": (b"", 1),
    "a season in words": (edited("summary", "season: two"), 7),
    "an unknown show": (edited("show", "show: newsrom"), 4),
    "no title": (edited("title"), 2),
    "half a file": (STORY[:60], 1),
}


@pytest.mark.parametrize("kind", BREAKING)
def test_a_broken_file_keeps_its_last_good_version(
    folder: StationFolder, station: OpenStation, kind: str
) -> None:
    text, line = BREAKING[kind]
    before = feed(station)
    folder.raw("story", text)
    assert station.look(NOON) == {"story"}
    assert feed(station) == before
    (problem,) = problems(station)
    assert problem.severity is Severity.ERROR
    assert problem.line == line
    assert station.health(NOON).stale == 1


@pytest.mark.parametrize("cache", ["kept", "deleted"])
@pytest.mark.parametrize("kind", BREAKING)
def test_the_last_good_version_survives_a_restart(
    folder: StationFolder, station: OpenStation, kind: str, cache: str
) -> None:
    before = feed(station)
    folder.raw("story", BREAKING[kind][0])
    if cache == "kept":
        station.look(NOON)
    station.close()
    if cache == "deleted":
        shutil.rmtree(folder.root / ".stationfeed" / "cache")
    again = folder.open(NOON + timedelta(days=1))
    try:
        assert feed(again) == before
        assert len(problems(again)) == 1
    finally:
        again.close()


def test_mending_shows_the_new_version(folder: StationFolder, station: OpenStation) -> None:
    folder.raw("story", BREAKING["an open quote"][0])
    station.look(NOON)
    folder.raw("story", edited("title", "title: Mended words"))
    station.look(NOON)
    assert "Mended words" in feed(station)
    assert problems(station) == []
    assert station.health(NOON).stale == 0


def test_the_last_good_version_is_the_newest_good_one(folder: StationFolder, station: OpenStation) -> None:
    folder.raw("story", edited("title", "title: Second words"))
    station.look(NOON)
    folder.raw("story", BREAKING["nothing"][0])
    station.look(NOON)
    assert "Second words" in feed(station)


def test_a_draft_is_not_kept_as_a_last_good_version(folder: StationFolder, station: OpenStation) -> None:
    folder.raw("story", edited("state", "state: draft").replace("Council opens", "Secret words"))
    station.look(NOON)
    folder.raw("story", "")
    station.look(NOON)
    assert "Secret words" not in feed(station)


def test_deleting_a_broken_story_withdraws_it_for_good(folder: StationFolder, station: OpenStation) -> None:
    folder.raw("story", "")
    station.look(NOON)
    shutil.rmtree(folder.root / "episodes" / "story")
    station.look(NOON)
    assert "Council opens" not in feed(station)
    folder.raw("story", "")
    station.look(NOON)
    assert "Council opens" not in feed(station)


@pytest.mark.parametrize("kind", BREAKING)
def test_a_broken_story_that_never_was_public_is_nowhere(folder: StationFolder, kind: str) -> None:
    text = BREAKING[kind][0]
    folder.raw("story", text)
    opened = folder.open()
    try:
        documents = [ready.plain for ready in opened.shelf.documents.values()]
        assert not any(b"Council" in one or b"The article" in one for one in documents)
        assert opened.catalogue.stories(["story"]) == {}
        assert len(problems(opened)) == 1
    finally:
        opened.close()


def test_an_embargoed_story_that_breaks_does_not_appear_when_it_is_due(folder: StationFolder) -> None:
    due = NOON + timedelta(hours=1)
    folder.raw("story", STORY.replace("2026-05-01T08:00Z", "2026-06-01T13:00Z"))
    opened = folder.open()
    try:
        folder.raw("story", edited("title", 'title: "Council'))
        opened.look(NOON)
        opened.tick(due)
        assert "Council" not in feed(opened)
    finally:
        opened.close()


# What restricts

FAULTS: dict[str, Callable[[str], str | bytes]] = {
    "an open quote before": lambda text: text.replace("title: Council", 'title: "Council'),
    "an open quote after": lambda text: text.replace("summary: The", 'summary: "The'),
    "a key twice": lambda text: text.replace("summary:", "title:"),
    "no closing line": lambda text: text.replace("\n---\nThe", "\n\nThe"),
    "bytes that are not UTF-8": lambda text: text.replace("The first", "Zw\xf6lf").encode("latin-1"),
    "a season in words": lambda text: text.replace("summary: The first words.", "season: two"),
    "an open bracket after": lambda text: text.replace("summary: The", "topics: [The"),
    "tabs after": lambda text: text.replace("summary: The", "people:\n\t- person: The"),
    "no title": lambda text: text.replace("title: Council opens a tool library\n", ""),
}
RESTRICTING = {
    "a draft again": ("state", "state: draft"),
    "withdrawn": ("state", "state: withdrawn"),
    "embargoed": ("published_at", "published_at: 2026-07-01T08:00Z"),
    "expired": ("published_at", "published_at: 2026-05-01T08:00Z\nexpires_at: 2026-05-20T00:00Z"),
    "expired, in local time": (
        "published_at",
        "published_at: 2026-05-01T03:00\nexpires_at: 2026-05-20T00:00",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", RESTRICTING)
def test_what_restricts_works_beside_other_faults(
    folder: StationFolder, station: OpenStation, kind: str, fault: str
) -> None:
    folder.raw("story", FAULTS[fault](edited(*RESTRICTING[kind])))
    station.look(NOON)
    assert "Council" not in feed(station)
    assert any(one.severity is Severity.ERROR for one in problems(station))
    station.close()
    again = folder.open()
    assert "Council" not in feed(again)
    again.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_same_faults_alone_restrict_nothing(
    folder: StationFolder, station: OpenStation, fault: str
) -> None:
    folder.raw("story", FAULTS[fault](STORY))
    station.look(NOON)
    assert "Council" in feed(station)
    assert any(one.severity is Severity.ERROR for one in problems(station))


def test_the_restriction_goes_when_the_file_is_mended(folder: StationFolder, station: OpenStation) -> None:
    folder.raw("story", FAULTS["a key twice"](edited(*RESTRICTING["a draft again"])))
    station.look(NOON)
    folder.raw("story", STORY)
    station.look(NOON)
    assert "Council" in feed(station)


def test_of_two_states_the_one_that_restricts_counts(folder: StationFolder, station: OpenStation) -> None:
    for text in (
        edited("state", "state: ready", "state: draft"),
        edited("state", "state: draft", "state: ready"),
    ):
        folder.raw("story", text)
        station.look(NOON)
        assert "Council" not in feed(station)


def test_an_embargo_in_a_broken_file_ends_to_the_second(folder: StationFolder, station: OpenStation) -> None:
    due = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
    folder.raw("story", edited("published_at", "published_at: 2026-06-02T08:00Z", 'title: "Open'))
    station.look(NOON)
    assert station.shelf.due == due
    station.tick(due - timedelta(microseconds=1))
    assert "Council" not in feed(station)
    station.tick(due)
    assert "Council" in feed(station)


def test_the_reason_of_a_withdrawal_is_told_though_the_file_is_broken(folder: StationFolder) -> None:
    photograph(folder)
    folder.raw("story", STORY.replace("summary:", "image: {file: photo.jpg, alt: Words}\nsummary:"))
    station = folder.open()
    (address,) = [one for one in station.site.addresses(NOON) if one.startswith("/media/story/")]
    withdrawn = "withdrawn: {at: 2026-05-02T09:00Z, reason: It was wrong.}"
    folder.raw("story", edited("state", "state: withdrawn", withdrawn, 'title: "Open'))
    station.look(NOON)
    assert station.answer(address, NOON) == Gone("It was wrong.")
    station.close()


# Rights

LEVELS: dict[str, str] = {
    "the episode's": "rights: {podcast: false}\naudio: {file: segment.mp3}\n",
    "the audio's": "audio: {file: segment.mp3, rights: {podcast: false}}\n",
    "the audio's, over the episode's": "rights: {podcast: true}\naudio: {file: segment.mp3, rights: {podcast: false}}\n",
    "the episode's, over the audio's": "rights: {podcast: false}\naudio: {file: segment.mp3, rights: {podcast: true}}\n",
}


def enclosures(station: OpenStation) -> int:
    return feed(station, "everything").count("<enclosure")


@pytest.mark.parametrize("kind", LEVELS)
def test_rights_take_the_audio_off_every_surface(folder: StationFolder, kind: str) -> None:
    folder.put("story", "segment.mp3", silent_frames(200))
    folder.episode("story", "audio: {file: segment.mp3}\n")
    station = folder.open()
    assert enclosures(station) == 1
    (address,) = [one for one in station.site.addresses(NOON) if one.startswith("/media/story/audio-")]
    folder.episode("story", LEVELS[kind])
    station.look(NOON)
    assert "The story of story" in feed(station)
    assert enclosures(station) == 0
    assert address not in list(station.site.addresses(NOON))
    assert isinstance(station.answer(address, NOON), Gone)
    station.close()


def test_the_shows_rights_take_the_audio_away_and_a_config_can_do_that_while_open(
    folder: StationFolder,
) -> None:
    folder.put("story", "segment.mp3", silent_frames(200))
    folder.episode("story", "rights: {podcast: true}\naudio: {file: segment.mp3, rights: {podcast: true}}\n")
    station = folder.open()
    assert enclosures(station) == 1
    folder.config(CONFIG.replace("explicit: false}", "explicit: false, rights: {podcast: false}}"))
    station.look(NOON)
    assert "The story of story" in feed(station)
    assert enclosures(station) == 0
    folder.config(CONFIG)
    station.look(NOON)
    assert enclosures(station) == 1
    station.close()


@pytest.mark.parametrize("fault", ["an open quote after", "a key twice", "no closing line"])
@pytest.mark.parametrize("kind", LEVELS)
def test_rights_in_a_broken_file_take_the_audio_away(folder: StationFolder, kind: str, fault: str) -> None:
    folder.put("story", "segment.mp3", silent_frames(200))
    folder.raw("story", STORY.replace("summary:", "audio: {file: segment.mp3}\nsummary:"))
    station = folder.open()
    assert enclosures(station) == 1
    folder.raw("story", FAULTS[fault](STORY.replace("summary:", LEVELS[kind] + "summary:")))
    station.look(NOON)
    assert "Council" in feed(station)
    assert enclosures(station) == 0
    station.close()


def photograph(folder: StationFolder) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 48)).save(file, "JPEG")
    folder.put("story", "photo.jpg", file.getvalue())


@pytest.mark.parametrize("broken", [False, True])
def test_rights_of_a_picture_take_the_picture_away(folder: StationFolder, broken: bool) -> None:
    photograph(folder)
    folder.episode("story", "image: {file: photo.jpg, alt: Words}\n")
    station = folder.open()
    assert "/media/story/" in feed(station)
    fault = "season: two\n" if broken else ""
    folder.episode("story", f"image: {{file: photo.jpg, alt: Words, rights: {{podcast: false}}}}\n{fault}")
    station.look(NOON)
    assert "The story of story" in feed(station)
    assert "/media/story/" not in feed(station)
    station.close()


def test_rights_that_cannot_be_read_keep_the_audio_back(folder: StationFolder) -> None:
    folder.put("story", "segment.mp3", silent_frames(200))
    folder.episode("story", "audio:\n  file: segment.mp3\n  rights: {podcast: maybe}\n")
    station = folder.open()
    assert enclosures(station) == 0
    assert "The story of story" in feed(station)
    (problem,) = problems(station)
    assert (
        str(problem) == 'episodes/story/episode.md:9 audio.rights.podcast: "maybe" is neither true nor false'
    )
    assert problem.remedy == "Write true or false."
    station.close()


# Unknown keys

UNKNOWN = {
    "sumary: Words.\n": ("sumary", "Did you mean summary?"),
    "publish_at: now\n": ("publish_at", "Did you mean published_at?"),
    "zzz: 1\n": ("zzz", "Known here: guid, title, show, state"),
    "audio: {file: segment.mp3, chaptres: []}\n": ("audio.chaptres", "Did you mean chapters?"),
    "updates: [{at: 2026-05-02T08:00Z, kind: update, note: x, by: y}]\n": (
        "updates[1].by",
        "Known here: at, kind, note.",
    ),
}


@pytest.mark.parametrize("line", UNKNOWN)
def test_an_unknown_key_is_a_warning_with_the_nearest_known_one(folder: StationFolder, line: str) -> None:
    field, remedy = UNKNOWN[line]
    folder.put("story", "segment.mp3", silent_frames(200))
    path = folder.episode("story", line)
    before = path.read_bytes()
    station = folder.open()
    (problem,) = [one for one in problems(station) if one.rule == "unknown-key"]
    assert str(problem) == f"episodes/story/episode.md:7 {field}: is not a key known here"
    assert problem.remedy.startswith(remedy)
    assert problem.severity is Severity.WARNING
    assert "The story of story" in feed(station)
    assert path.read_bytes() == before
    station.close()


def test_an_article_page_of_a_stale_story_is_counted(
    folder: StationFolder, station: OpenStation, tmp_path: Path
) -> None:
    folder.raw("story", "")
    station.look(NOON)
    health = station.health(NOON)
    assert (health.ok, health.public, health.stale, health.errors) == (False, 1, 1, 1)
    answer = station.answer("/feeds/news.xml", NOON)
    assert isinstance(answer, Document)
