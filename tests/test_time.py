"""Time: zones and both their changes of clock, windows to the microsecond, a clock that jumps and comes back."""

from __future__ import annotations

import os
import re
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stationfeed.site import PublicFile
from stationfeed.station.departures import Gone
from tests.audio_files import silent_frames
from tests.stations import CONFIG, NOON, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stationfeed.station.opened import OpenStation

NEWS = "/feeds/news.xml"
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
ZONES = [
    "America/Chicago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
]


def in_zone(zone: str) -> str:
    return CONFIG.replace("America/Chicago", zone)


def feed(station: OpenStation, address: str = NEWS) -> str:
    return station.shelf.documents[address].plain.decode()


def shown(station: OpenStation) -> set[str]:
    return set(re.findall(r"/stories/([a-z0-9-]+)</link>", feed(station)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# What each zone's clock does there, by the zone database, and the two instants that may be meant.
UNCLEAR = [
    ("Europe/Berlin", "2026-10-25T02:30", "comes twice", "2026-10-25T00:30", "2026-10-25T01:30"),
    ("Europe/Berlin", "2027-03-28T02:30", "does not exist", "2027-03-28T00:30", "2027-03-28T01:30"),
    ("America/New_York", "2026-11-01T01:30", "comes twice", "2026-11-01T05:30", "2026-11-01T06:30"),
    ("America/New_York", "2027-03-14T02:30", "does not exist", "2027-03-14T06:30", "2027-03-14T07:30"),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "comes twice", "2027-04-03T14:45", "2027-04-03T15:15"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "does not exist", "2026-10-03T15:15", "2026-10-03T15:45"),
    ("Africa/Casablanca", "2027-02-07T02:30", "comes twice", "2027-02-07T01:30", "2027-02-07T02:30"),
    ("Europe/Dublin", "2026-10-25T01:30", "comes twice", "2026-10-25T00:30", "2026-10-25T01:30"),
    ("America/Nuuk", "2027-03-27T23:30", "does not exist", "2027-03-28T00:30", "2027-03-28T01:30"),
    ("Africa/Cairo", "2026-10-29T23:30", "comes twice", "2026-10-29T20:30", "2026-10-29T21:30"),
    ("Pacific/Apia", "2011-12-30T12:00", "does not exist", "2011-12-29T22:00", "2011-12-30T22:00"),
]
CLEAR = [
    ("America/Sao_Paulo", "2026-11-01T00:30", "2026-11-01T03:30"),  # no change of clock any more
    ("Asia/Yangon", "2026-06-01T12:00", "2026-06-01T05:30"),
    ("Asia/Kathmandu", "2026-06-01T12:00", "2026-06-01T06:15"),
    ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
    ("Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59"),
    ("America/Chicago", "2026-03-08T01:59:59.999999", "2026-03-08T07:59:59.999999"),
    ("America/Chicago", "2026-03-08T03:00", "2026-03-08T08:00"),
    ("America/Chicago", "2026-11-01T00:59:59.999999", "2026-11-01T05:59:59.999999"),
    ("America/Chicago", "2026-11-01T02:00", "2026-11-01T08:00"),
]


@pytest.mark.parametrize(("zone", "local", "how", "first", "second"), UNCLEAR)
def test_a_time_that_comes_twice_or_never_is_an_error_that_names_both_candidates(
    folder: StationFolder, zone: str, local: str, how: str, first: str, second: str
) -> None:
    folder.config(in_zone(zone))
    folder.episode("council", published_at=local)
    with closing(folder.open(utc("2030-01-01T00:00"))) as station:
        [problem] = station.problems()
        assert (str(problem.path), problem.line, problem.field) == (
            "episodes/council/episode.md",
            6,
            "published_at",
        )
        assert f"{how} in {zone}" in problem.message
        found = re.fullmatch(r"Write (\S+) or (\S+)\.", problem.remedy)
        assert found, problem.remedy
        assert [datetime.fromisoformat(one) for one in found.groups()] == [utc(first), utc(second)]
        assert shown(station) == set(), "no guess of ours makes it public"
        for candidate, meant in zip(found.groups(), (first, second), strict=True):
            folder.episode("council", published_at=candidate)
            station.look(utc("2030-01-01T00:00"))
            assert station.problems() == []
            [published] = re.findall("<item>.*?<pubDate>(.*?)</pubDate>", feed(station), re.DOTALL)
            assert parsedate_to_datetime(published) == utc(meant)


@pytest.mark.parametrize(("zone", "local", "meant"), CLEAR)
def test_a_time_beside_a_change_of_clock_is_to_the_microsecond(
    folder: StationFolder, zone: str, local: str, meant: str
) -> None:
    folder.config(in_zone(zone))
    folder.episode("council", published_at=local)
    with closing(folder.open(utc(meant) - MICROSECOND)) as station:
        assert (station.problems(), shown(station)) == ([], set())
        station.tick(utc(meant))
        assert shown(station) == {"council"}


def test_every_instant_of_the_front_matter_is_held_to_that_rule(folder: StationFolder) -> None:
    never = "2026-03-08T02:30"
    others = f"""\
withdrawn: {{at: {never}}}
audio: {{file: a.mp3, aired: [{{service: kxmp-fm, at: {never}}}]}}
updates: [{{at: {never}, kind: update, note: More.}}]
"""
    folder.episode("council", others, published_at=never, expires_at=never)
    with closing(folder.open()) as station:
        named = {one.field for one in station.problems() if "does not exist" in one.message}
    assert named == {"published_at", "expires_at", "withdrawn.at", "audio.aired[1].at", "updates[1].at"}


NOTES = {
    "America/Chicago": "April 22, 2026, 3:45 p.m. CDT",
    "Asia/Kathmandu": "April 23, 2026, 2:30 a.m. +0545",
    "Australia/Lord_Howe": "April 23, 2026, 7:15 a.m. +1030",
    "America/Sao_Paulo": "April 22, 2026, 5:45 p.m. -03",
    "Pacific/Apia": "April 23, 2026, 9:45 a.m. +13",
}
UPDATED = "updates: [{at: 2026-04-22T20:45Z, kind: update, note: The mayor answers.}]\n"


@pytest.mark.parametrize("zone", ZONES)
def test_an_update_note_is_dated_in_the_station_s_zone(folder: StationFolder, zone: str) -> None:
    folder.config(in_zone(zone))
    folder.episode("council", UPDATED)
    with closing(folder.open()) as station:
        for address in (NEWS, "/feeds/news.atom", "/feeds/news.json"):
            assert f"Updated, {NOTES[zone]}:" in feed(station, address)


def test_the_same_instants_give_the_same_feed_in_every_zone_but_for_the_words_of_notes(
    tmp_path: Path,
) -> None:
    feeds = set()
    for number, zone in enumerate(ZONES):
        folder = make_station(tmp_path / str(number), in_zone(zone))
        folder.episode("council", UPDATED)
        with closing(folder.open()) as station:
            feeds.add(feed(station).replace(NOTES[zone], "then"))
    assert len(feeds) == 1


@pytest.mark.parametrize(
    ("zone", "published"),
    [
        ("America/Chicago", "Wed, 22 Apr 2026 22:05:00 +0000"),
        ("Asia/Kathmandu", "Wed, 22 Apr 2026 11:20:00 +0000"),
        ("Australia/Lord_Howe", "Wed, 22 Apr 2026 06:35:00 +0000"),
        ("America/Sao_Paulo", "Wed, 22 Apr 2026 20:05:00 +0000"),
        ("Pacific/Apia", "Wed, 22 Apr 2026 04:05:00 +0000"),
    ],
)
def test_a_local_time_is_the_station_s(folder: StationFolder, zone: str, published: str) -> None:
    folder.config(in_zone(zone))
    folder.episode("council", published_at="2026-04-22T17:05")
    with closing(folder.open()) as station:
        assert f"<pubDate>{published}</pubDate>" in feed(station)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-03-08T07:59:59Z", "March 8, 2026, 1:59 a.m. CST"),
        ("2026-03-08T08:00:00Z", "March 8, 2026, 3:00 a.m. CDT"),
        ("2026-11-01T06:30:00Z", "November 1, 2026, 1:30 a.m. CDT"),
        ("2026-11-01T07:30:00Z", "November 1, 2026, 1:30 a.m. CST"),
        ("2026-11-01T01:30-05:00", "November 1, 2026, 1:30 a.m. CDT"),
        ("2026-05-05T00:00", "May 5, 2026, 12:00 a.m. CDT"),
        ("2026-05-05T12:00", "May 5, 2026, 12:00 p.m. CDT"),
    ],
)
def test_a_note_is_dated_right_across_both_changes_of_clock(
    folder: StationFolder, at: str, words: str
) -> None:
    folder.episode(
        "council",
        f"updates: [{{at: {at}, kind: correction, note: It was nine.}}]\n",
        published_at="2026-01-01T08:00Z",
    )
    with closing(folder.open(utc("2026-12-01T00:00"))) as station:
        assert f"Correction, {words}:" in feed(station)


@pytest.fixture
def machine_zone() -> Iterator[None]:
    """Afterwards the machine has its own zone again."""
    before = os.environ.get("TZ")
    yield
    os.environ.pop("TZ", None)
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("machine_zone")
def test_the_machine_s_own_zone_changes_no_byte(tmp_path: Path) -> None:
    feeds = set()
    for number, zone in enumerate(["UTC", "Pacific/Apia", "America/St_Johns"]):
        os.environ["TZ"] = zone
        time.tzset()
        folder = make_station(tmp_path / str(number))
        folder.episode("council", UPDATED, published_at="2026-04-22T17:05")
        with closing(folder.open()) as station:
            feeds.add(tuple(one.plain for one in station.shelf.documents.values()))
    assert len(feeds) == 1


def with_audio(folder: StationFolder, slug: str, **fields: str) -> None:
    folder.put(slug, "segment.mp3", silent_frames(40))
    folder.episode(slug, "audio: {file: segment.mp3}\n", "An article.\n", **fields)


def audio_of(station: OpenStation, slug: str) -> str:
    [story] = station.catalogue.stories([slug]).values()
    [file] = station.site.media_of(story)
    return file.address


def instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def test_a_story_is_public_from_its_first_microsecond_to_before_its_last(folder: StationFolder) -> None:
    begin, end = NOON + MICROSECOND, NOON + DAY - MICROSECOND
    with_audio(folder, "council", published_at=instant(begin), expires_at=instant(end))
    folder.episode("others")
    with closing(folder.open(begin - MICROSECOND)) as station:
        audio = audio_of(station, "council")
        assert (shown(station), station.answer(audio, begin - MICROSECOND)) == ({"others"}, None)
        assert audio not in set(station.site.addresses(begin - MICROSECOND))
        assert station.shelf.due == begin
        for at in (begin, end - MICROSECOND):
            station.tick(at)
            assert shown(station) == {"others", "council"}
            assert isinstance(station.answer(audio, at), PublicFile)
            assert audio in set(station.site.addresses(at))
            assert station.shelf.due == end
        station.tick(end)
        assert (shown(station), station.answer(audio, end)) == ({"others"}, Gone(None))
        assert audio not in set(station.site.addresses(end))
        assert station.shelf.due is None


def test_a_window_without_length_shows_nothing_ever(folder: StationFolder) -> None:
    folder.episode("council", published_at=instant(NOON), expires_at=instant(NOON))
    for at in (NOON - MICROSECOND, NOON, NOON + MICROSECOND):
        with closing(folder.open(at)) as station:
            assert shown(station) == set()


def jumping(folder: StationFolder) -> dict[str, str]:
    """An embargo and an expiry, both due in five days; where their audio is."""
    with_audio(folder, "embargoed", published_at=instant(NOON + 5 * DAY))
    with_audio(folder, "expiring", expires_at=instant(NOON + 5 * DAY))
    with_audio(folder, "steady")
    with closing(folder.open()) as station:
        return {slug: audio_of(station, slug) for slug in ("embargoed", "expiring", "steady")}


def assert_as_at_noon(station: OpenStation, audio: dict[str, str]) -> None:
    assert shown(station) == {"expiring", "steady"}
    assert not isinstance(station.answer(audio["embargoed"], NOON), PublicFile)
    assert isinstance(station.answer(audio["expiring"], NOON), PublicFile)
    assert isinstance(station.answer(audio["steady"], NOON), PublicFile)
    assert station.shelf.due == NOON + 5 * DAY


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_that_jumps_ahead_and_back_leaves_nothing_public_early_and_loses_nothing(
    folder: StationFolder, restarted: bool
) -> None:
    audio = jumping(folder)
    station = folder.open()
    before = feed(station)
    assert_as_at_noon(station, audio)
    for at in (NOON + 10 * DAY, NOON, NOON + 10 * DAY, NOON + MICROSECOND):
        if restarted:
            station.close()
            station = folder.open(at)
        else:
            station.tick(at)
        if at > NOON + DAY:
            assert shown(station) == {"embargoed", "steady"}
            assert isinstance(station.answer(audio["embargoed"], at), PublicFile)
            assert station.answer(audio["expiring"], at) == Gone(None)
        else:
            assert_as_at_noon(station, audio)
            assert feed(station) == before
    station.tick(NOON + 5 * DAY)
    assert shown(station) == {"embargoed", "steady"}
    station.close()


def test_a_date_that_was_told_never_goes_back_though_the_clock_does(folder: StationFolder) -> None:
    jumping(folder)
    with closing(folder.open()) as station:
        dates = []
        for at in (NOON, NOON + 10 * DAY, NOON + DAY, NOON + 2 * DAY, NOON + 5 * DAY):
            station.tick(at)
            dates.append(station.shelf.documents[NEWS].since)
        assert dates == sorted(dates)
    with closing(folder.open(NOON)) as station:
        assert station.shelf.documents[NEWS].since > dates[-1], "other bytes again, and a date of their own"


def test_a_good_version_is_kept_through_a_jump_of_the_clock(folder: StationFolder) -> None:
    jumping(folder)
    with closing(folder.open()) as station:
        folder.raw("steady", "---\ntitle: [never closed\n---\n")
        folder.raw("expiring", "---\ntitle: [never closed\n---\n")
        for at in (NOON, NOON + 10 * DAY, NOON):
            station.look(at)
        assert shown(station) == {"expiring", "steady"}
        station.tick(NOON + 5 * DAY)
        assert shown(station) == {"steady", "embargoed"}, "its window still holds"


HOURS = st.integers(min_value=-48, max_value=48)


@given(walk=st.lists(HOURS, min_size=1, max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_the_clock_walks_the_feed_shows_what_is_public_then(
    tmp_path_factory: pytest.TempPathFactory, walk: list[int]
) -> None:
    folder = make_station(tmp_path_factory.mktemp("walk"))
    windows = {f"story-{start}": (start, start + 13) for start in range(-48, 48, 16)}
    hour = timedelta(hours=1)
    for slug, (start, end) in windows.items():
        folder.episode(slug, published_at=instant(NOON + start * hour), expires_at=instant(NOON + end * hour))
    edges = sorted(edge for window in windows.values() for edge in window)
    with closing(folder.open()) as station:
        for now in walk:
            station.tick(NOON + now * hour)
            assert shown(station) == {slug for slug, (start, end) in windows.items() if start <= now < end}
            due = next((edge for edge in edges if edge > now), None)
            assert station.shelf.due == (None if due is None else NOON + due * hour)
