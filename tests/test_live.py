"""What is on air, from the schedule's file to every public form of it, on a real station at chosen instants."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import feedparser
import podcastparser
import pytest
from lxml import etree

from stationfeed.catalogue.events import events_after
from stationfeed.feeds.tags import NAMESPACES
from stationfeed.model.on_air import AsRun, PlayingItem
from stationfeed.model.words import Slug
from stationfeed.station.opened import open_station
from tests.feed_documents import copy_demo, parse_xml, public_bytes
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stationfeed.catalogue.events import Event
    from stationfeed.station.opened import OpenStation

FM = Slug("kxmp-fm")
HD = Slug("kxmp-hd")
CONFIG_LIVE = CONFIG.replace(
    "shows:\n",
    "      kxmp-hd: {name: KXMP HD, kind: hd}\n"
    '      kxmp-hls: {name: KXMP HLS, kind: stream, streams: [{url: "https://stream.kxmp.example/x.m3u8",'
    " media_type: application/vnd.apple.mpegurl}]}\nshows:\n",
    1,
).replace("title: KXMP News, station", "title: KXMP News, live: true, station")
SCHEDULE = """\
grid:
  - {show: newsroom, days: mon-fri, start: "05:00", end: "09:00"}
  - {title: Midday Concert, producer: WXMP, days: mon-fri, start: "09:00", end: "12:00"}
  - {title: Jazz, days: mon-fri, start: "13:00", end: "15:00"}
"""
MORNING = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
"""A Monday, 6 a.m. in Chicago; the newsroom is on until 14:00 UTC."""
NOON_GAP = datetime(2026, 6, 1, 17, 30, tzinfo=UTC)
LIVE = f"{{{NAMESPACES['podcast']}}}liveItem"


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    found = make_station(tmp_path, CONFIG_LIVE)
    found.episode("a")
    found.episode("b", published_at="2026-05-02T08:00Z")
    write_schedule(found, SCHEDULE)
    return found


@pytest.fixture
def station(folder: StationFolder) -> Iterator[OpenStation]:
    opened = folder.open(MORNING)
    yield opened
    opened.close()


def write_schedule(folder: StationFolder, text: str, service: str = FM) -> None:
    (folder.root / "schedules").mkdir(exist_ok=True)
    (folder.root / "schedules" / f"{service}.yaml").write_text(text, encoding="utf-8")


def ready(station: OpenStation, address: str) -> bytes:
    """What lies ready to be served."""
    return station.shelf.documents[address].plain


def now_of(station: OpenStation, service: str = FM) -> Any:
    return json.loads(ready(station, f"/api/v1/now/{service}"))


def item(title: str = "Suite in G", *, at: datetime = MORNING, **fields: Any) -> PlayingItem:
    return PlayingItem(title=title, source="push", starts_at=at, as_of=at, **fields)


def told(station: OpenStation, kind: str, after: int = 0) -> list[Any]:
    return [json.loads(event.text) for event in news(station, after) if event.kind == kind]


def news(station: OpenStation, after: int = 0) -> list[Event]:
    return events_after(station.state, after)


def titles(station: OpenStation, feed: str = "/feeds/news.xml") -> list[tuple[str | None, str | None]]:
    channel = parse_xml(ready(station, feed))[0]
    return [(live.get("status"), live.findtext("title")) for live in channel.findall(LIVE)]


def test_now_and_next_are_what_the_contract_says(station: OpenStation) -> None:
    assert now_of(station) == {
        "service": {
            "id": "kxmp-fm",
            "name": "KXMP 91.3 FM",
            "station": "kxmp",
            "timezone": "America/Chicago",
        },
        "as_of": "2026-06-01T10:00:00Z",
        "expires_at": "2026-06-01T14:00:00Z",
        "now_playing": {
            "title": "KXMP Newsroom",
            "show": "newsroom",
            "producer": None,
            "hosts": [],
            "starts_at": "2026-06-01T10:00:00Z",
            "ends_at": "2026-06-01T14:00:00Z",
            "source": "schedule",
            "item": None,
        },
        "next_up": [
            {
                "title": title,
                "show": show,
                "producer": producer,
                "hosts": [],
                "starts_at": f"2026-06-0{start}:00:00Z",
                "ends_at": f"2026-06-0{end}:00:00Z",
                "source": "schedule",
            }
            for title, show, producer, start, end in [
                ("Midday Concert", None, "WXMP", "1T14", "1T17"),
                ("Jazz", None, None, "1T18", "1T20"),
                ("KXMP Newsroom", "newsroom", None, "2T10", "2T14"),
            ]
        ],
        "streams": [
            {"url": "https://stream.kxmp.example/fm.mp3", "media_type": "audio/mpeg", "bitrate_kbps": None}
        ],
    }


def test_what_is_not_known_is_null(station: OpenStation) -> None:
    unknown = now_of(station, HD)
    assert (unknown["now_playing"], unknown["next_up"], unknown["as_of"], unknown["expires_at"]) == (
        None, [], None, None,
    )  # fmt: skip
    station.tick(NOON_GAP)
    gap = now_of(station)
    assert gap["now_playing"] is None
    assert (gap["as_of"], gap["expires_at"]) == ("2026-06-01T17:00:00Z", "2026-06-01T18:00:00Z")
    assert gap["next_up"][0]["title"] == "Jazz"


def test_all_services_are_answered_together(station: OpenStation) -> None:
    everywhere = json.loads(ready(station, "/api/v1/now"))
    assert everywhere == {"services": [now_of(station, one) for one in (FM, HD, "kxmp-hls")]}


def test_the_shelf_is_due_at_the_next_change_and_not_before(station: OpenStation) -> None:
    assert station.shelf.due == datetime(2026, 6, 1, 14, tzinfo=UTC)
    before = station.shelf.documents
    station.tick(datetime(2026, 6, 1, 13, 59, 59, 999999, tzinfo=UTC))
    assert station.shelf.documents == before
    station.tick(datetime(2026, 6, 1, 14, tzinfo=UTC))
    assert now_of(station)["now_playing"]["title"] == "Midday Concert"


def test_an_override_is_true_for_exactly_its_window(folder: StationFolder, station: OpenStation) -> None:
    line = "  - {start: 2026-06-01T07:00, end: 2026-06-01T07:30, title: Council hearing}\n"
    write_schedule(folder, f"{SCHEDULE}overrides:\n{line}")
    station.look(MORNING, [])
    assert now_of(station)["next_up"][0]["title"] == "Council hearing"
    seen = []
    for minutes in (59, 60, 89, 90):
        station.tick(MORNING + timedelta(minutes=minutes))
        playing = now_of(station)["now_playing"]
        seen.append((playing["title"], playing["source"]))
    news_ = ("KXMP Newsroom", "schedule")
    assert seen == [news_, ("Council hearing", "override"), ("Council hearing", "override"), news_]


def test_a_broken_schedule_is_a_problem_and_stays_as_it_was(
    folder: StationFolder, station: OpenStation
) -> None:
    before = ready(station, "/api/v1/now/kxmp-fm")
    write_schedule(folder, "grid: [{show: nobody, days: mon-fri, start: '05:00', end: '09:00'}]\n")
    station.look(MORNING, [])
    assert ready(station, "/api/v1/now/kxmp-fm") == before
    (problem,) = station.problems()
    assert str(problem) == 'schedules/kxmp-fm.yaml:1 grid[1].show: config.yaml has no show "nobody"'
    assert not station.health(MORNING).ok
    station.close()
    again = folder.open(MORNING)
    assert now_of(again)["now_playing"] is None, "nothing good of it is known any more"
    again.close()


def test_a_feed_with_live_carries_the_programme_on_air_and_the_next_three(station: OpenStation) -> None:
    pending = [("pending", one) for one in ("Midday Concert", "Jazz", "KXMP Newsroom")]
    assert titles(station) == [("live", "KXMP Newsroom"), *pending]
    assert titles(station, "/feeds/everything.xml") == []
    channel = parse_xml(ready(station, "/feeds/news.xml"))[0]
    live = channel[0]
    assert live.tag == LIVE, "it stands before everything else"
    assert (live.get("start"), live.get("end")) == ("2026-06-01T05:00:00-05:00", "2026-06-01T09:00:00-05:00")
    assert {child.tag.rpartition("}")[2] for child in live} == {
        "title", "description", "guid", "enclosure", "alternateEnclosure", "contentLink",
    }  # fmt: skip
    enclosure = live.find("enclosure")
    assert enclosure is not None
    assert {str(name): str(value) for name, value in enclosure.items()} == {
        "url": "https://stream.kxmp.example/fm.mp3", "length": "0", "type": "audio/mpeg",
    }  # fmt: skip
    link = live.find(f"{{{NAMESPACES['podcast']}}}contentLink")
    assert link is not None
    assert link.get("href") == "https://news.kxmp.example/live/kxmp-fm"
    station.tick(NOON_GAP)
    assert [status for status, _ in titles(station)] == ["pending"] * 3


def test_only_feeds_with_live_items_change_at_a_boundary_and_only_there(station: OpenStation) -> None:
    before = {address: one.plain for address, one in station.shelf.documents.items()}
    station.hear(FM, item(), MORNING)
    station.tick(MORNING + timedelta(hours=1))
    feeds = {address for address in before if address.startswith("/feeds")}
    assert {one for one in feeds if ready(station, one) != before[one]} == set()
    station.tick(datetime(2026, 6, 1, 14, tzinfo=UTC))
    assert {one for one in feeds if ready(station, one) != before[one]} == {"/feeds/news.xml"}


def test_the_guid_of_an_airing_stays_and_that_of_another_is_another(
    folder: StationFolder, station: OpenStation
) -> None:
    def guids() -> list[str | None]:
        channel = parse_xml(ready(station, "/feeds/news.xml"))[0]
        return [live.findtext("guid") for live in channel.findall(LIVE)]

    first = guids()
    assert len(set(first)) == 4
    write_schedule(folder, SCHEDULE.replace('end: "09:00"', 'end: "08:30"'))
    station.look(MORNING, [])
    assert guids() == first, "an airing that ends earlier is the same"
    station.tick(datetime(2026, 6, 1, 14, tzinfo=UTC))
    assert guids()[:3] == first[1:]


def test_a_stream_that_apps_cannot_play_carries_no_live_item(folder: StationFolder) -> None:
    folder.config(CONFIG_LIVE.replace("live: true", "live: kxmp-hls"))
    write_schedule(folder, SCHEDULE, "kxmp-hls")
    station = folder.open(MORNING)
    assert now_of(station, "kxmp-hls")["now_playing"] is not None
    assert titles(station) == []
    station.close()


def test_readers_that_know_no_live_items_see_the_same_feed(tmp_path: Path) -> None:
    """Feedparser's known leak of id, image and enclosure into the feed is excepted."""
    folder = copy_demo(tmp_path / "demo")
    at = datetime(2026, 11, 25, 18, tzinfo=UTC)
    station = open_station(folder.root, base_url=None, at=at, publish=False)
    document = public_bytes(station, "/feeds/news.xml", at)
    root = parse_xml(document)
    assert len(root[0].findall(LIVE)) == 4
    for live in root[0].findall(LIVE):
        root[0].remove(live)
    with_live, without = feedparser.parse(document), feedparser.parse(etree.tostring(root))
    for name in ("title", "link", "subtitle"):
        assert with_live.feed[name] == without.feed[name]
    assert with_live.entries == without.entries
    assert podcastparser.parse("x", io.BytesIO(document)) == podcastparser.parse(
        "x", io.BytesIO(etree.tostring(root))
    )
    station.close()


def test_what_is_heard_is_told_inside_the_programme_until_it_is_old(station: OpenStation) -> None:
    station.hear(FM, item(artist="Ada"), MORNING)
    playing = now_of(station)["now_playing"]
    assert playing["title"] == "KXMP Newsroom"
    assert playing["item"] == {
        "title": "Suite in G", "artist": "Ada", "story_url": None, "source": "push",
        "starts_at": "2026-06-01T11:00:00Z", "ends_at": None, "as_of": "2026-06-01T11:00:00Z",
    }  # fmt: skip
    old = MORNING + timedelta(seconds=600)
    assert station.shelf.due == old
    station.tick(old)
    assert now_of(station)["now_playing"]["item"] is None


def test_nothing_is_heard_in_a_gap(station: OpenStation) -> None:
    station.tick(NOON_GAP)
    station.hear(FM, item(at=NOON_GAP), NOON_GAP)
    assert now_of(station)["now_playing"] is None


def test_a_story_that_is_heard_has_its_address_once_it_is_public(
    folder: StationFolder, station: OpenStation
) -> None:
    folder.episode("later", guid="later-guid", published_at="2026-06-01T11:30Z")
    station.look(MORNING, ["later"])
    ends = MORNING + timedelta(hours=2)
    station.hear(FM, item(story_guid="later-guid", ends_at=ends), MORNING)
    assert now_of(station)["now_playing"]["item"]["story_url"] is None
    station.tick(MORNING + timedelta(minutes=30))
    assert now_of(station)["now_playing"]["item"]["story_url"] == "https://news.kxmp.example/stories/later"


def test_what_was_heard_and_aired_outlives_a_restart(folder: StationFolder, station: OpenStation) -> None:
    station.hear(FM, item(), MORNING)
    aired = AsRun(starts_at=MORNING, ends_at=MORNING + timedelta(minutes=5), title="Special report")
    station.hear_aired(FM, [aired], MORNING)
    before = ready(station, "/api/v1/now/kxmp-fm")
    assert now_of(station)["now_playing"]["title"] == "Special report"
    assert now_of(station)["now_playing"]["source"] == "as_run"
    station.close()
    again = folder.open(MORNING + timedelta(seconds=1))
    assert ready(again, "/api/v1/now/kxmp-fm") == before
    again.tick(MORNING + timedelta(minutes=5))
    assert now_of(again)["now_playing"]["title"] == "KXMP Newsroom"
    again.close()


@pytest.mark.parametrize(
    "jump", [timedelta(hours=-1), timedelta(days=-10), timedelta(hours=1), timedelta(days=10)]
)
def test_a_clock_that_jumps_shows_nothing_early_and_nothing_for_ever(
    folder: StationFolder, station: OpenStation, jump: timedelta
) -> None:
    station.hear(FM, item(), MORNING)
    fresh = StationFolder(folder.root).open(MORNING)
    at = MORNING + jump
    station.tick(at)
    fresh.ears.items = {}
    fresh.tick(at)
    for known in ("now_playing", "next_up", "expires_at"):
        assert now_of(station)[known] == now_of(fresh)[known]
    assert ready(station, "/feeds/news.xml") == ready(fresh, "/feeds/news.xml")
    assert station.shelf.due == fresh.shelf.due
    station.tick(MORNING + timedelta(seconds=1))
    assert now_of(station)["now_playing"]["title"] == "KXMP Newsroom", "the clock came back"
    fresh.close()


def test_the_stream_link_opens_in_any_player(station: OpenStation) -> None:
    m3u = public_bytes(station, "/live/kxmp-fm.m3u", MORNING)
    assert m3u == b"#EXTM3U\n#EXTINF:-1,KXMP 91.3 FM\nhttps://stream.kxmp.example/fm.mp3\n"
    assert public_bytes(station, "/live/kxmp-fm.pls", MORNING).decode().splitlines() == [
        "[playlist]", "File1=https://stream.kxmp.example/fm.mp3", "Title1=KXMP 91.3 FM", "Length1=-1",
        "NumberOfEntries=1", "Version=2",
    ]  # fmt: skip
    xspf = parse_xml(public_bytes(station, "/live/kxmp-fm.xspf", MORNING))
    places = {"x": "http://xspf.org/ns/0/"}
    assert (
        xspf.findtext("x:trackList/x:track/x:location", None, places) == "https://stream.kxmp.example/fm.mp3"
    )
    for address in ("/live/kxmp-hd.m3u", "/live/nobody.m3u", "/live/kxmp-fm.mp3", "/schedule/kxmp-fm.m3u"):
        assert station.answer(address, MORNING) is None


def test_the_schedule_is_a_week_of_slots(station: OpenStation) -> None:
    found = json.loads(public_bytes(station, "/api/v1/schedule/kxmp-fm", MORNING))
    assert (found["from"], found["to"]) == ("2026-06-01T05:00:00Z", "2026-06-08T05:00:00Z")
    assert found["timezone"] == "America/Chicago"
    assert len(found["slots"]) == 15
    assert station.answer("/api/v1/schedule/nobody", MORNING) is None


def test_a_station_served_for_the_first_time_has_no_news_of_episodes(station: OpenStation) -> None:
    assert told(station, "episode") == []
    assert [one["service"]["id"] for one in told(station, "now")] == ["kxmp-fm", "kxmp-hd", "kxmp-hls"]


def test_what_becomes_public_changes_and_goes_is_told_once(
    folder: StationFolder, station: OpenStation
) -> None:
    last = news(station)[-1].number
    folder.episode("c", published_at="2026-06-01T11:30Z")
    station.look(MORNING, ["c"])
    assert news(station, last) == [], "it is not public yet"
    station.tick(MORNING + timedelta(minutes=30))
    folder.episode("c", published_at="2026-06-01T11:30Z", title="Another title")
    station.look(MORNING + timedelta(minutes=31), ["c"])
    station.look(MORNING + timedelta(minutes=32), ["c"])
    folder.episode("c", state="draft")
    station.look(MORNING + timedelta(minutes=33), ["c"])
    found = told(station, "episode", last)
    assert [(one["change"], one["slug"]) for one in found] == [
        ("published", "c"), ("changed", "c"), ("gone", "c"),
    ]  # fmt: skip
    assert found[1]["title"] == "Another title"
    assert found[0]["url"] == "https://news.kxmp.example/stories/c"


def test_what_changed_while_nobody_served_is_told_at_the_next_start(
    folder: StationFolder, station: OpenStation
) -> None:
    last = news(station)[-1].number
    station.close()
    folder.episode("c")
    folder.episode("a", state="draft")
    later = datetime(2026, 6, 1, 15, tzinfo=UTC)
    again = folder.open(later)
    assert sorted((one["change"], one["slug"]) for one in told(again, "episode", last)) == [
        ("gone", "a"), ("published", "c"),
    ]  # fmt: skip
    (now,) = told(again, "now", last)
    assert now["now_playing"]["title"] == "Midday Concert"
    last = news(again)[-1].number
    again.close()
    once_more = folder.open(later + timedelta(seconds=1))
    assert news(once_more, last) == []
    once_more.close()


def test_now_is_told_whenever_it_changes(station: OpenStation) -> None:
    last = news(station)[-1].number
    station.hear(FM, item("One"), MORNING)
    station.hear(FM, item("One"), MORNING)
    station.hear(FM, None, MORNING + timedelta(seconds=5))
    found = [one["now_playing"]["item"] for one in told(station, "now", last)]
    assert [one and one["title"] for one in found] == ["One", None]


def test_a_service_that_is_taken_away_is_gone_everywhere(folder: StationFolder, station: OpenStation) -> None:
    folder.config(CONFIG)
    station.look(MORNING, [])
    assert "/api/v1/now/kxmp-hd" not in station.shelf.documents
    assert station.site.answer("/live/kxmp-hls.m3u", MORNING) is None
