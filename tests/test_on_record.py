"""What was public, and what was taken back, is on record whichever process looked first and whatever is typed next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stationfeed.station.departures import Gone
from stationfeed.station.opened import open_station
from tests.stations import NOON, StationFolder

if TYPE_CHECKING:
    from stationfeed.station.opened import OpenStation

BROKEN = "season: two\n"


def shows(station: OpenStation, slug: str) -> bool:
    return f"The story of {slug}".encode() in station.shelf.documents["/feeds/news.xml"].plain


@pytest.mark.parametrize("taken_back", ["withdrawn", "draft"])
def test_a_story_taken_back_stays_so_when_its_file_is_broken_later(
    folder: StationFolder, taken_back: str
) -> None:
    folder.episode("a")
    station = folder.open()
    assert shows(station, "a")
    folder.episode("a", state=taken_back)
    station.look(NOON)
    folder.episode("a", state="withdrwan")
    station.look(NOON)
    assert not shows(station, "a")
    station.close()
    assert not shows(folder.open(), "a")


def test_what_a_broken_version_took_back_stays_so_when_it_breaks_further(folder: StationFolder) -> None:
    folder.episode("a")
    station = folder.open()
    folder.episode("a", BROKEN, state="withdrawn")
    station.look(NOON)
    assert not shows(station, "a")
    folder.episode("a", BROKEN, state="withdrwan")
    station.look(NOON)
    assert not shows(station, "a")
    folder.episode("a")
    station.look(NOON)
    assert shows(station, "a"), "mended"


def test_a_check_before_the_first_opening_leaves_nothing_unrecorded(folder: StationFolder) -> None:
    folder.episode("a")
    open_station(folder.root, base_url=None, at=NOON, publish=False).close()
    station = folder.open()
    guid = next(iter(station.catalogue.stories(["a"]).values())).episode.guid
    assert station.state.public_slug(guid) == "a"
    folder.episode("a", BROKEN)
    station.look(NOON)
    assert shows(station, "a"), "its last good version"


def test_a_change_that_another_process_took_in_first_is_published(folder: StationFolder) -> None:
    folder.episode("kept")
    gone = folder.episode("gone")
    station = folder.open()
    gone.unlink()
    gone.parent.rmdir()
    open_station(folder.root, base_url=None, at=NOON, publish=False).close()
    station.look(NOON)
    assert shows(station, "kept")
    assert not shows(station, "gone")


def test_an_address_that_was_public_is_gone_and_not_unknown(folder: StationFolder) -> None:
    folder.episode("a", "transcript: a.vtt\n")
    folder.put("a", "a.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello.\n")
    station = folder.open()
    address = "/media/a/transcript.vtt"
    assert station.answer(address, NOON) is not None
    folder.episode("a", "withdrawn: {at: 2026-05-02T08:00Z, reason: Wrong.}\n", state="withdrawn")
    station.look(NOON)
    assert station.answer(address, NOON) == Gone("Wrong.")
    assert station.answer("/media/b/transcript.vtt", NOON) is None


def test_a_transcript_is_judged_by_what_is_read_of_it(folder: StationFolder) -> None:
    folder.episode("loose", "transcript: t.srt\n")
    folder.put("loose", "t.srt", b"1\n0:00:01.5 --> 0:00:02.0\nAda: The library opens at nine.\n")
    folder.episode("bad", "transcript: t.vtt\n")
    folder.put("bad", "t.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nGr\xfc\xdfe\n")
    station = folder.open()
    assert station.answer("/media/loose/transcript.vtt", NOON) is not None
    assert station.answer("/media/bad/transcript.vtt", NOON) is None
    assert shows(station, "bad"), "the article is not affected"
    told = [f"{one.path}:{one.line} {one.message}" for one in station.problems() if one.rule == "transcript"]
    assert told == ["episodes/bad/t.vtt:4 this line holds bytes that are not UTF-8 text"]
