"""The site beyond its words: what it says to machines, what is found and refused, what other sites show, what lasts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import html5lib  # type: ignore[import-untyped] # it ships no types
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from PIL import Image

from stationfeed.catalogue.state import Offer
from stationfeed.desk.make_prints import make_prints
from stationfeed.feeds.stitch import plain_bytes
from stationfeed.folder.article import render_article
from stationfeed.folder.scalars import without_unprintable
from stationfeed.model.addresses import day_path, topic_path
from stationfeed.pages.article import fit_for_page
from stationfeed.pages.static import MEDIA_TYPES, static_files
from stationfeed.publish.build import build_site
from stationfeed.site import Document, Moved, PublicFile, search_engines, structured_data
from stationfeed.site.subscribe_page import apps_for
from tests.audio_files import silent_frames
from tests.feed_documents import copy_demo, parse_xml, png, public_bytes
from tests.serving import SOON_SECONDS, eventually, serving
from tests.stations import CONFIG, NOON, StationFolder, make_station
from tests.test_live import SCHEDULE as WEEKDAYS
from tests.test_live import write_schedule
from tests.test_pages import BASE, DEMO_AT, HOSTILE, page, words
from tests.test_push import ALL_DAY, CONFIG_PUSHED, Pushed, make_token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from xml.etree.ElementTree import Element

    from stationfeed.station.opened import OpenStation
    from tests.serving import Answer, Server

QUOTED = json.dumps(HOSTILE)
SOUND = silent_frames(100)
MINUTE_OF_SOUND = silent_frames(900)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
MORNING = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TRANSCRIPT = b"""WEBVTT

00:00.000 --> 00:02.000
<v Ada>The mayor said 3 &lt; 4 &amp; left.

00:02.000 --> 00:04.000
<v Sam>Nobody minded.

00:06.500 --> 00:07.000
It was late.
"""
SPOKEN = "Ada: The mayor said 3 < 4 & left.\n\nSam: Nobody minded.\n\nIt was late."
WITHDRAWN = f"withdrawn: {{at: 2026-05-02T08:00Z, reason: {QUOTED}}}\n"
PARTNER = "origin: {organization: WXMP 89.5, url: 'https://www.wxmp.example/story', year: 2026}\n"
WITH_SOUND = "audio: {file: segment.mp3}\n"


def add_sound(folder: StationFolder, slug: str, front_matter: str = "", **fields: str) -> None:
    folder.put(slug, "segment.mp3", SOUND)
    folder.episode(slug, WITH_SOUND + front_matter, **fields)


def photo(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "JPEG")
    return file.getvalue()


def parse_strictly(html: bytes) -> None:
    """Raises where a page is not what HTML's own rules call free of errors."""
    html5lib.HTMLParser(strict=True).parse(html.decode())


def meta(found: lxml_html.HtmlElement, name: str) -> str:
    (content,) = found.xpath(f"//meta[@property='{name}']/@content")
    return str(content)


def html_of(answer: Answer) -> lxml_html.HtmlElement:
    assert answer.said("content-type") == "text/html; charset=utf-8"
    return lxml_html.document_fromstring(answer.body.decode())


@pytest.fixture
def opened(folder: StationFolder) -> Iterator[OpenStation]:
    """The station of `folder` as it is when a test first asks: without stories."""
    station = folder.open()
    yield station
    station.close()


# Maps for search engines


def located(station: OpenStation, address: str, at: datetime = NOON) -> list[str]:
    """The addresses that a map names."""
    return [one.text or "" for one in parse_xml(public_bytes(station, address, at)).iter(f"{SITEMAP}loc")]


def parts_of_map(station: OpenStation, at: datetime = NOON) -> dict[str, list[str]]:
    """What each part of the site's map names of our stories, by the address of the part."""
    parts = [one.removeprefix(BASE) for one in located(station, "/sitemap.xml", at)]
    start = f"{BASE}/stories/"
    return {
        part: [one.removeprefix(start) for one in located(station, part, at) if one.startswith(start)]
        for part in parts
    }


def fill(folder: StationFolder) -> None:
    """Seven stories of ours that anybody may see, and one of every kind that is on no map."""
    for number in range(7):
        folder.episode(f"ours-{number}", published_at=f"2026-04-0{number + 1}T08:00Z")
    folder.episode("partner", PARTNER, published_at="2026-04-03T09:00Z")
    folder.episode("draft", state="draft", published_at="2026-04-03T10:00Z")
    folder.episode("later", published_at="2026-06-01T12:00:01Z")
    folder.episode("over", expires_at="2026-06-01T12:00Z", published_at="2026-04-04T09:00Z")
    folder.episode("back", WITHDRAWN, state="withdrawn", published_at="2026-04-05T09:00Z")


def test_every_public_story_of_ours_is_in_exactly_one_part_of_the_map(
    folder: StationFolder, opened: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder)
    opened.look(NOON)
    assert len(parts_of_map(opened)) == 2, "one for stories, one for other pages"
    monkeypatch.setattr(search_engines, "PART_STORIES", 3)
    parts = parts_of_map(opened)
    assert list(parts) == [f"/sitemap-{number}.xml" for number in range(5)]
    everything = [slug for part in parts.values() for slug in part]
    assert sorted(everything) == [f"ours-{number}" for number in range(7)]
    assert parts["/sitemap-0.xml"] == []
    assert set(parts) <= set(opened.site.addresses(NOON))
    for beyond in ("/sitemap-5.xml", "/sitemap-01.xml", "/sitemap--1.xml", "/sitemap-.xml"):
        assert opened.answer(beyond, NOON) is None


def test_a_story_that_is_taken_back_leaves_the_other_parts_of_the_map_as_they_were(
    folder: StationFolder, opened: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_engines, "PART_STORIES", 3)
    fill(folder)
    opened.look(NOON)
    before = parts_of_map(opened)
    folder.episode("ours-1", WITHDRAWN, state="withdrawn", published_at="2026-04-02T08:00Z")
    opened.look(NOON)
    assert parts_of_map(opened) == {
        part: [slug for slug in slugs if slug != "ours-1"] for part, slugs in before.items()
    }


def test_a_map_says_when_a_story_was_changed_last(folder: StationFolder, opened: OpenStation) -> None:
    folder.episode("a", published_at="2026-05-01T08:00-05:00")
    folder.episode("b", "updates: [{at: 2026-05-20T08:00Z, kind: update, note: Adds a reply.}]\n")
    opened.look(NOON)
    root = parse_xml(public_bytes(opened, "/sitemap-1.xml", NOON))
    found = {one.findtext(f"{SITEMAP}loc"): one.findtext(f"{SITEMAP}lastmod") or "" for one in root}
    assert {url: datetime.fromisoformat(when) for url, when in found.items()} == {
        f"{BASE}/stories/a": datetime(2026, 5, 1, 13, tzinfo=UTC),
        f"{BASE}/stories/b": datetime(2026, 5, 20, 8, tzinfo=UTC),
    }


def test_a_story_is_on_the_map_from_its_instant_on_and_not_after_its_end(
    folder: StationFolder, opened: OpenStation
) -> None:
    fill(folder)
    opened.look(NOON - timedelta(hours=1))
    before, after = NOON - timedelta(microseconds=1), NOON + timedelta(seconds=1)
    found = [parts_of_map(opened, at)["/sitemap-1.xml"] for at in (before, NOON, after)]
    assert ["over" in one for one in found] == [True, False, False]
    assert ["later" in one for one in found] == [False, False, True]


def test_every_page_that_the_map_names_is_there(tmp_path: Path) -> None:
    station = copy_demo(tmp_path / "demo").open(DEMO_AT)
    base = station.config.site.base_url
    parts = [one.removeprefix(base) for one in located(station, "/sitemap.xml", DEMO_AT)]
    named = [one.removeprefix(base) for part in parts for one in located(station, part, DEMO_AT)]
    assert len(named) > 20
    assert len(named) == len(set(named))
    for one in named:
        answer = station.answer(one, DEMO_AT)
        assert isinstance(answer, Document), one
        assert "noindex" not in plain_bytes(answer.segments).decode(), one
    station.close()


def test_the_news_map_has_what_is_ours_and_of_the_last_two_days(
    folder: StationFolder, opened: OpenStation
) -> None:
    title = "</news:title>]]> & <b>\u2028\U0001f3a4 \"x'"
    folder.episode("new", title=json.dumps(title, ensure_ascii=False), published_at="2026-06-01T12:00Z")
    folder.episode("just", published_at="2026-05-30T12:00Z")
    folder.episode("old", published_at="2026-05-30T11:59:59Z")
    folder.episode("partner", PARTNER, published_at="2026-06-01T08:00Z")
    folder.episode("draft", state="draft", published_at="2026-06-01T08:00Z")
    folder.episode("later", published_at="2026-06-01T12:00:01Z")
    opened.look(NOON)
    root = parse_xml(public_bytes(opened, "/news-sitemap.xml", NOON))
    assert [one.text for one in root.iter(f"{SITEMAP}loc")] == [
        f"{BASE}/stories/new",
        f"{BASE}/stories/just",
    ]
    (first, _) = root.iter(f"{NEWS}news")
    assert first.findtext(f"{NEWS}title") == " ".join(title.split())
    assert first.findtext(f"{NEWS}publication/{NEWS}name") == "KXMP Public Media"
    assert first.findtext(f"{NEWS}publication/{NEWS}language") == "en"
    assert datetime.fromisoformat(first.findtext(f"{NEWS}publication_date") or "") == NOON
    assert located(opened, "/news-sitemap.xml", NOON + 3 * DAY) == []


def test_maps_of_a_site_with_an_ampersand_in_its_name_and_address_are_sound(folder: StationFolder) -> None:
    folder.config(CONFIG.replace("title: KXMP Public Media", 'title: "A & B <i>"'))
    folder.episode("new", published_at="2026-06-01T12:00Z")
    station = folder.open(base_url="https://other.example/a&b")
    for address in ("/sitemap.xml", "/sitemap-0.xml", "/sitemap-1.xml", "/news-sitemap.xml"):
        found = located(station, address)
        assert found
        assert all(one.startswith("https://other.example/a&b/") for one in found)
    root = parse_xml(public_bytes(station, "/news-sitemap.xml", NOON))
    assert [one.text for one in root.iter(f"{NEWS}name")] == ["A & B <i>"]
    station.close()


@pytest.mark.parametrize("base_url", [None, "https://other.example/radio"])
def test_robots_are_told_where_both_maps_are(folder: StationFolder, base_url: str | None) -> None:
    station = folder.open(base_url=base_url)
    lines = public_bytes(station, "/robots.txt", NOON).decode().splitlines()
    base = base_url or BASE
    assert [line for line in lines if line.startswith("Sitemap: ")] == [
        f"Sitemap: {base}/sitemap.xml",
        f"Sitemap: {base}/news-sitemap.xml",
    ]
    assert lines[0] == "User-agent: *"
    assert "Disallow: /" not in lines
    station.close()


# What pages say to machines


def told(station: OpenStation, address: str, at: datetime = NOON) -> Any:
    """The JSON-LD of a page."""
    (script,) = page(station, address, at).xpath("//script[@type='application/ld+json']")
    found = json.loads(script.text)
    assert found["@context"] == "https://schema.org"
    return found


def all_told(station: OpenStation, address: str, at: datetime = NOON) -> list[Any]:
    found = told(station, address, at)
    graph = found.get("@graph", [found])
    assert isinstance(graph, list)
    return graph


def add_everything(folder: StationFolder) -> None:
    folder.put("a", "talk.vtt", TRANSCRIPT)
    folder.put("a", "photo.png", png(40, 30))
    add_sound(
        folder,
        "a",
        "transcript: talk.vtt\nimage: {file: photo.png, alt: A drill}\nbyline: [Ada Okafor, Sam Reyes]\n"
        "topics: [city-hall]\nepisode_number: 7\nupdates:\n"
        "  - {at: 2026-05-02T08:00Z, kind: update, note: Adds a response.}\n"
        "  - {at: 2026-05-03T08:00Z, kind: correction, note: The vote was 4 to 3.}\n",
    )


def test_a_story_tells_machines_what_it_shows_people(folder: StationFolder, opened: OpenStation) -> None:
    add_everything(folder)
    opened.look(NOON)
    data, shown = told(opened, "/stories/a"), page(opened, "/stories/a")
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == words(shown.find(".//h1")) == "The story of a"
    assert data["url"] == data["mainEntityOfPage"] == f"{BASE}/stories/a"
    assert data["author"] == [{"@type": "Person", "name": one} for one in ("Ada Okafor", "Sam Reyes")]
    assert data["publisher"]["name"] == "University of Example"
    assert data["keywords"] == ["city-hall"]
    assert "isBasedOn" not in data
    (published,) = shown.xpath("//p[@class='byline']//time/@datetime")
    assert datetime.fromisoformat(data["datePublished"]) == datetime.fromisoformat(str(published))
    assert datetime.fromisoformat(data["dateModified"]) == datetime(2026, 5, 3, 8, tzinfo=UTC)
    assert data["correction"] == [
        {"@type": "CorrectionComment", "text": "The vote was 4 to 3.", "datePublished": "2026-05-03T08:00:00+00:00"}
    ]  # fmt: skip
    assert data["correction"][0]["text"] in words(shown.find(".//main"))
    assert isinstance(opened.answer(data["image"].removeprefix(BASE), NOON), PublicFile)


def test_what_is_heard_in_a_story_is_told_with_its_words(folder: StationFolder, opened: OpenStation) -> None:
    add_everything(folder)
    opened.look(NOON)
    data, shown = told(opened, "/stories/a"), page(opened, "/stories/a")
    sound = data["audio"]
    assert (sound["@type"], sound["encodingFormat"], sound["duration"]) == (
        "AudioObject",
        "audio/mpeg",
        "PT7S",
    )
    answer = opened.answer(sound["contentUrl"].removeprefix(BASE), NOON)
    assert isinstance(answer, PublicFile)
    assert answer.size_bytes == len(SOUND)
    assert shown.xpath("//audio/@src") == [sound["contentUrl"].removeprefix(BASE)]
    assert sound["transcript"] == SPOKEN == words_spoken(shown)
    assert data["associatedMedia"]["@type"] == "RadioEpisode"
    assert data["associatedMedia"]["episodeNumber"] == 7
    series = data["associatedMedia"]["partOfSeries"]
    assert (series["@type"], series["name"]) == ("RadioSeries", "KXMP Newsroom")
    assert opened.answer(series["url"].removeprefix(BASE), NOON) is not None


def words_spoken(shown: lxml_html.HtmlElement) -> str:
    """A page's transcript without its clocks."""
    spoken = []
    for line in shown.xpath("//*[@class='lines']/p"):
        clock, speaker = words(line.find("span")), line.find("b")
        text = words(line).removeprefix(clock).strip()
        name = "" if speaker is None else words(speaker)
        spoken.append(f"{name}: {text.removeprefix(name).strip()}" if name else text)
    return "\n\n".join(spoken)


@pytest.mark.parametrize(("limit", "is_told"), [(len(SPOKEN), True), (len(SPOKEN) - 1, False)])
def test_a_long_transcript_is_told_once_only(
    folder: StationFolder, opened: OpenStation, monkeypatch: pytest.MonkeyPatch, limit: int, *, is_told: bool
) -> None:
    monkeypatch.setattr(structured_data, "TRANSCRIPT_CHARACTERS", limit)
    add_everything(folder)
    opened.look(NOON)
    assert ("transcript" in told(opened, "/stories/a")["audio"]) == is_told
    assert words_spoken(page(opened, "/stories/a")) == SPOKEN


def test_a_partner_s_story_is_no_episode_of_ours(folder: StationFolder, opened: OpenStation) -> None:
    add_sound(folder, "theirs", PARTNER)
    folder.episode("silent")
    opened.look(NOON)
    theirs, silent = told(opened, "/stories/theirs"), told(opened, "/stories/silent")
    assert theirs["isBasedOn"] == "https://www.wxmp.example/story"
    assert theirs["author"] == [{"@type": "Organization", "name": "WXMP 89.5"}]
    assert theirs["audio"]["@type"] == "AudioObject"
    assert "associatedMedia" not in theirs
    assert not {"audio", "associatedMedia", "correction", "image", "keywords", "isBasedOn"} & silent.keys()


def test_the_home_page_tells_of_each_station(folder: StationFolder) -> None:
    more = "  wxmp: {name: WXMP, timezone: America/New_York, call_sign: WXMP-FM, website: 'https://w.example/', services: {}}\n"
    folder.config(CONFIG.replace("shows:\n", f"{more}shows:\n", 1))
    station = folder.open()
    first, second = all_told(station, "/")
    assert first == {
        "@type": "RadioStation", "name": "KXMP", "slogan": "Public radio for the valley", "url": f"{BASE}/",
    }  # fmt: skip
    assert (second["alternateName"], second["url"]) == ("WXMP-FM", "https://w.example/")
    station.close()


def slots_told(station: OpenStation, address: str) -> list[tuple[str, datetime, datetime]]:
    found = all_told(station, address, MORNING)
    assert {one["@type"] for one in found} == {"BroadcastEvent"}
    assert {one["publishedOn"]["url"] for one in found} == {f"{BASE}/live/kxmp-fm"}
    return [
        (one["name"], datetime.fromisoformat(one["startDate"]), datetime.fromisoformat(one["endDate"]))
        for one in found
    ]


def test_what_is_on_air_and_planned_is_told_with_its_times(
    folder: StationFolder, opened: OpenStation
) -> None:
    write_schedule(folder, WEEKDAYS)
    opened.look(MORNING)
    assert slots_told(opened, "/live/kxmp-fm") == [
        ("KXMP Newsroom", MORNING.replace(hour=10), MORNING.replace(hour=14)),
        ("Midday Concert", MORNING.replace(hour=14), MORNING.replace(hour=17)),
        ("Jazz", MORNING.replace(hour=18), MORNING.replace(hour=20)),
        ("KXMP Newsroom", MORNING.replace(hour=10) + DAY, MORNING.replace(hour=14) + DAY),
    ]
    planned = slots_told(opened, "/schedule/kxmp-fm")
    shown = page(opened, "/schedule/kxmp-fm", MORNING).xpath("//ol[@class='slots']/li")
    assert len(planned) == 15
    assert [start for _, start, _ in planned] == [
        datetime.fromisoformat(line.find("time").get("datetime")) for line in shown
    ]
    assert all(name in words(line) for (name, _, _), line in zip(planned, shown, strict=True))


def test_of_a_service_without_a_plan_nothing_is_told(opened: OpenStation) -> None:
    for address in ("/live/kxmp-fm", "/schedule/kxmp-fm", "/live"):
        assert page(opened, address).xpath("//script[@type='application/ld+json']") == []


def hostile_config() -> str:
    """Every text of the configuration that a page shows is markup."""
    return (
        CONFIG.replace("title: KXMP Public Media", f"title: {QUOTED}")
        .replace("name: University of Example, copyright: University of Example", f"name: {QUOTED}, copyright: {QUOTED}")
        .replace("    name: KXMP\n", f"    name: {QUOTED}\n    call_sign: {QUOTED}\n")
        .replace("tagline: Public radio for the valley", f"tagline: {QUOTED}")
        .replace("name: KXMP 91.3 FM,", f"name: {QUOTED}, frequency: {QUOTED}, area: {QUOTED},")
        .replace("title: KXMP Newsroom", f"title: {QUOTED}")
        .replace("description: News from the valley.", f"description: {QUOTED}")
        .replace("title: KXMP News,", f"title: {QUOTED}, description: {QUOTED},")
    )  # fmt: skip


def add_hostile_story(folder: StationFolder, slug: str) -> None:
    folder.put(
        slug, "talk.vtt", b"WEBVTT\n\n00:00.000 --> 00:02.000\n&lt;/script&gt;&lt;b onclick=x&gt;&lt;!--\n"
    )
    folder.put(slug, "photo.png", png(40, 30))
    folder.put(slug, "segment.mp3", SOUND)
    folder.episode(
        slug,
        f'audio: {{file: segment.mp3, chapters: [{{at: "0:01", title: {QUOTED}}}]}}\ntranscript: talk.vtt\n'
        f"image: {{file: photo.png, alt: {QUOTED}, caption: {QUOTED}, credit: {QUOTED}}}\n"
        f"summary: {QUOTED}\nbyline: [{QUOTED}, ada]\ntopics: [city-hall]\n"
        f"updates: [{{at: 2026-05-03T08:00Z, kind: correction, note: {QUOTED}}}]\n",
        title=QUOTED,
        body=HOSTILE,
    )  # fmt: skip


@pytest.fixture
def hostile(folder: StationFolder) -> Iterator[OpenStation]:
    """A station in which every text is markup."""
    folder.config(hostile_config())
    (folder.root / "people").mkdir()
    (folder.root / "people" / "ada.md").write_text(f"---\nname: {QUOTED}\nrole: {QUOTED}\n---\n{HOSTILE}\n")
    write_schedule(
        folder,
        f'grid:\n  - {{title: {QUOTED}, producer: {QUOTED}, days: mon-sun, start: "00:00", end: "24:00"}}\n',
    )
    add_hostile_story(folder, "a")
    folder.episode(
        "b", f"origin: {{organization: {QUOTED}, url: 'https://x.example/'}}\n", title=QUOTED, body=HOSTILE
    )
    station = folder.open()
    yield station
    station.close()


def test_no_text_of_a_station_gets_out_of_its_place(hostile: OpenStation) -> None:
    addresses = pages_of(hostile, NOON)
    assert {"/", "/live/kxmp-fm", "/embed/a", "/people/ada", "/subscribe"} <= set(addresses)
    for address in addresses:
        found = page(hostile, address)
        inline = found.xpath("//script[not(@src)]")
        assert [one.get("type") for one in inline] in ([], ["application/ld+json"]), address
        assert found.xpath("//@onclick") == [], address
        assert "<b onclick=x>" in words(found.find(".//body")), address
        for one in inline:
            assert HOSTILE in texts_in(json.loads(one.text)), address


def texts_in(value: object) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in texts_in(one)]


def test_every_text_of_a_story_is_told_as_it_is(hostile: OpenStation) -> None:
    data = told(hostile, "/stories/a")
    told_texts = (
        data["headline"],
        data["description"],
        data["author"][0]["name"],
        data["publisher"]["name"],
        data["correction"][0]["text"],
        data["associatedMedia"]["name"],
        data["associatedMedia"]["partOfSeries"]["name"],
        told(hostile, "/")["name"],
        told(hostile, "/")["slogan"],
        all_told(hostile, "/live/kxmp-fm")[0]["name"],
        all_told(hostile, "/schedule/kxmp-fm")[0]["publishedOn"]["name"],
    )
    assert set(told_texts) == {HOSTILE}
    assert data["audio"]["transcript"] == "</script><b onclick=x><!--"


# Over HTTP: one station with a story of every kind


@dataclass
class Running:
    """A server and its folder; `back` was public and has been withdrawn."""

    folder: StationFolder
    server: Server

    def page(self, address: str) -> lxml_html.HtmlElement:
        answer = self.server.ask(address)
        assert answer.status == 200, address
        return html_of(answer)

    def search(self, query: str) -> Answer:
        return self.server.ask(f"/search?q={quote(query, safe='')}")

    def describe(self, address: str, **more: object) -> Answer:
        """What oEmbed says of a whole address."""
        asked = "".join(f"&{name}={value}" for name, value in more.items())
        return self.server.ask(f"/oembed?url={quote(address, safe='')}{asked}")


def add_every_kind(folder: StationFolder) -> None:
    add_everything(folder)
    folder.put("wide", "photo.jpg", photo(1000, 700))
    folder.episode("wide", "image: {file: photo.jpg, alt: A view}\n", body="Nothing about zucchini.\n")
    folder.episode("plain", title="Zucchini, by the pound")
    folder.episode("lost", "image: {file: gone.jpg, alt: Not there}\n")
    folder.episode("draft", state="draft", title="Canary")
    folder.episode("later", published_at="2126-01-01T08:00Z", title="Canary", topics="[secret-topic]")
    folder.episode("bare", title="Bare")
    add_sound(folder, "quoted", title=QUOTED)
    add_sound(folder, "theirs", PARTNER)
    add_sound(folder, "back", title="Canary")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = make_station(tmp_path_factory.mktemp("site") / "station")
    add_every_kind(folder)
    with serving(folder.root) as server:
        for address in ("/stories/back", "/embed/back", "/media/back/card.png"):
            assert server.ask(address).status == 200
        add_sound(folder, "back", WITHDRAWN, title="Canary", state="withdrawn")
        eventually(lambda: server.ask("/stories/back").status == 410)
        for slug in ("a", "wide"):
            eventually(lambda slug=slug: b"srcset" in server.ask(f"/stories/{slug}").body)  # type: ignore[misc]
        yield Running(folder, server)


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-0.xml", "/sitemap-1.xml", "/news-sitemap.xml"])
def test_a_map_is_served_as_xml(running: Running, address: str) -> None:
    answer = running.server.ask(address)
    assert (answer.status, answer.said("content-type")) == (200, "application/xml; charset=utf-8")
    parse_xml(answer.body)
    assert b"Canary" not in answer.body
    assert running.server.ask("/robots.txt").said("content-type") == "text/plain; charset=utf-8"


# What other sites show of a story


def test_a_photo_is_what_other_sites_show(running: Running) -> None:
    found = running.page("/stories/a")
    picture = meta(found, "og:image")
    assert picture.startswith(f"{BASE}/media/a/photo-")
    answer = running.server.ask(picture.removeprefix(BASE))
    assert (answer.status, answer.said("content-type")) == (200, "image/png")
    size = Image.open(BytesIO(answer.body)).size
    assert size == (int(meta(found, "og:image:width")), int(meta(found, "og:image:height"))) == (40, 30)
    assert meta(found, "og:image:alt") == "A drill"
    assert meta(found, "og:url") == f"{BASE}/stories/a"
    assert (meta(found, "og:type"), meta(found, "og:site_name")) == ("article", "KXMP Public Media")


@pytest.mark.parametrize("slug", ["plain", "lost", "quoted", "theirs"])
def test_without_a_photo_other_sites_show_a_card(running: Running, slug: str) -> None:
    found = running.page(f"/stories/{slug}")
    card = meta(found, "og:image")
    assert card == f"{BASE}/media/{slug}/card.png"
    answer = running.server.ask(card.removeprefix(BASE))
    assert (answer.status, answer.said("content-type")) == (200, "image/png")
    drawn = Image.open(BytesIO(answer.body), formats=["PNG"])
    assert (
        drawn.size == (int(meta(found, "og:image:width")), int(meta(found, "og:image:height"))) == (1200, 630)
    )
    assert meta(found, "og:image:alt") == words(found.find(".//h1"))


@pytest.mark.parametrize("slug", ["a", "draft", "later", "back", "nothing", ""])
def test_there_is_no_card_of_a_story_with_a_photo_nor_of_one_that_is_not_public(
    running: Running, slug: str
) -> None:
    answer = running.server.ask(f"/media/{slug}/card.png")
    assert answer.status == (410 if slug == "back" else 404)
    assert answer.said("content-type").startswith("text/plain")
    assert b"Canary" not in answer.body


# Search

STRANGE = ('"', "*", "NEAR(", "NEAR(a b, 5)", '"><script>alert(1)</script>', "' OR 1=1 --", "title:x", "-", "\u202eabc", "👩\u200d👧", "&quot;", "x" * 10_000)  # fmt: skip


def test_what_is_searched_for_is_found(running: Running) -> None:
    answer = running.search("zucchini")
    assert answer.status == 200
    found = html_of(answer)
    assert found.xpath("//article//h2/a/@href") == ["/stories/plain", "/stories/wide"]
    assert found.xpath("//input[@name='q']/@value") == ["zucchini"]
    assert "2 stories" in words(found.find(".//main"))
    assert found.xpath("//meta[@name='robots']/@content") == ["noindex"]


@pytest.mark.parametrize("query", STRANGE, ids=lambda query: query[:12])
def test_any_text_may_be_searched_for_and_stays_text(running: Running, query: str) -> None:
    answer = running.search(query)
    assert answer.status == 200
    found = html_of(answer)
    assert found.xpath("//input[@name='q']/@value") == [query]
    assert found.xpath("//script[not(@src)]") == []
    parse_strictly(answer.body)


@pytest.mark.parametrize("query", ["%00", "%ff", "a%00b", "%ed%a0%80", "%07%1b%7f", "%c2%80", "%ef%bf%bf", "%", "%0d%0aX-Y:%20z"])  # fmt: skip
def test_a_search_for_bytes_that_are_no_text_is_answered_with_a_sound_page(
    running: Running, query: str
) -> None:
    answer = running.server.ask(f"/search?q={query}")
    assert answer.status == 200
    assert answer["x-y"] is None
    parse_strictly(answer.body)


@pytest.mark.parametrize("query", ["q=zucchini", "q=", "q=%00", "x=1", "q=a&q=zucchini", "q=" + "%20" * 100])
def test_what_a_search_finds_is_kept_by_nobody_and_may_load_nothing(running: Running, query: str) -> None:
    answer = running.server.ask(f"/search?{query}")
    assert (answer.status, answer.said("cache-control")) == (200, "no-store")
    assert answer.said("content-security-policy") == running.server.ask("/").said("content-security-policy")
    assert answer.said("x-content-type-options") == "nosniff"
    assert answer.said("referrer-policy") == "strict-origin-when-cross-origin"


def test_the_page_that_asks_is_ready(running: Running) -> None:
    answer = running.server.ask("/search")
    assert answer.status == 200
    assert answer.said("cache-control").startswith("public, ")
    assert running.server.ask("/search", {"If-None-Match": answer.said("etag")}).status == 304
    assert html_of(answer).xpath("//input[@name='q']/@value") == [""]
    assert html_of(running.server.ask("/search?q=")).xpath("//p[@role='status']") == []


@pytest.mark.parametrize("query", ["canary", "secret-topic", "draft"])
def test_nothing_that_is_not_public_is_found(running: Running, query: str) -> None:
    found = html_of(running.search(query))
    assert found.xpath("//article") == []
    assert "No story has all of these words." in words(found.find(".//main"))


@pytest.mark.parametrize("address", ["/search", "/search?q=zucchini"])
def test_a_search_is_answered_to_get_and_head_only(running: Running, address: str) -> None:
    whole, head = running.server.ask(address), running.server.ask(address, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.said("content-length") == str(len(whole.body))
    assert head["content-security-policy"] == whole["content-security-policy"]
    for method in ("POST", "PUT", "DELETE"):
        refused = running.server.ask(address, method=method)
        assert refused.status == 405, method
        assert {"GET", "HEAD"} <= set(refused.said("allow").split(", "))


# oEmbed


def described(answer: Answer) -> Any:
    assert answer.status == 200
    assert answer.said("content-type") == "application/json+oembed"
    assert answer["access-control-allow-origin"] == "*"
    return json.loads(answer.body)


def frame_of(found: Any) -> lxml_html.HtmlElement:
    """The iframe, which is all that there is."""
    root = lxml_html.fragment_fromstring(found["html"], create_parent="div")
    (frame,) = root
    assert frame.tag == "iframe"
    assert root.text_content() == ""
    return frame


def test_a_story_s_page_leads_to_how_it_is_embedded(running: Running) -> None:
    (link,) = running.page("/stories/a").xpath("//link[@type='application/json+oembed']/@href")
    assert str(link).startswith(f"{BASE}/oembed?url=")
    found = described(running.server.ask(str(link).removeprefix(BASE)))
    assert (found["version"], found["type"], found["title"]) == ("1.0", "rich", "The story of a")
    assert (found["provider_name"], found["provider_url"]) == ("KXMP Public Media", f"{BASE}/")
    frame = frame_of(found)
    assert frame.get("src") == f"{BASE}/embed/a"
    assert (frame.get("width"), frame.get("height")) == (str(found["width"]), str(found["height"]))
    player = running.page("/embed/a")
    assert player.xpath("//audio/@src") == running.page("/stories/a").xpath("//audio/@src")
    for silent in ("/stories/plain", "/", "/embed/a"):
        assert running.page(silent).xpath("//link[@type='application/json+oembed']") == []


@pytest.mark.parametrize(
    "address", ["/stories/a", "/stories/a/", "/stories/a?utm=1", "/stories/a#top", "/embed/a", "/embed/a?x#y"]
)
def test_a_story_is_known_by_every_address_that_people_paste(running: Running, address: str) -> None:
    assert frame_of(described(running.describe(BASE + address))).get("src") == f"{BASE}/embed/a"


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (640, 220)),
        ({"maxwidth": 300}, (300, 220)),
        ({"maxheight": 100}, (640, 100)),
        ({"maxwidth": 1, "maxheight": 1}, (1, 1)),
        ({"maxwidth": 10_000, "maxheight": 10_000, "format": "json"}, (640, 220)),
    ],
)
def test_an_embedded_story_is_no_larger_than_was_asked(
    running: Running, asked: Mapping[str, object], size: tuple[int, int]
) -> None:
    found = described(running.describe(f"{BASE}/stories/a", **asked))
    assert (found["width"], found["height"]) == size
    frame = frame_of(found)
    assert (frame.get("width"), frame.get("height")) == tuple(map(str, size))


@pytest.mark.parametrize(
    "asked", ["maxwidth=0", "maxwidth=-1", "maxheight=10001", "maxwidth=x", "maxheight=", "maxwidth=1.5", "maxwidth=" + "9" * 5000]
)  # fmt: skip
def test_a_size_that_is_none_is_refused(running: Running, asked: str) -> None:
    url = quote(f"{BASE}/stories/a", safe="")
    assert running.server.ask(f"/oembed?url={url}&{asked}").status == 422


def test_other_forms_of_oembed_are_not_made(running: Running) -> None:
    assert running.server.ask("/oembed").status == 422
    assert running.describe(f"{BASE}/stories/a", format="xml").status == 501
    assert running.server.ask("/oembed?url=x", method="POST").status == 405
    head = running.server.ask(f"/oembed?url={quote(BASE, safe='')}/stories/a", method="HEAD")
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/stories/a",
        f"{BASE}.evil.example/stories/a",
        "/stories/a",
        "",
        "x",
        f"{BASE}/stories/nothing",
        f"{BASE}/stories/",
        f"{BASE}/stories/back",
        f"{BASE}/embed/back",
        f"{BASE}/stories/plain",
        f"{BASE}/stories/draft",
        f"{BASE}/stories/later",
        f"{BASE}/stories/a/b",
        f"{BASE}/stories/../stories/a",
        f"{BASE}/stories/A",
        f"{BASE}/shows/newsroom",
        f"{BASE}/stories/\0",
        f"{BASE}/stories/" + "a" * 5000,
        f'{BASE}/stories/a"><script>',
    ],
    ids=range(19),
)
def test_what_cannot_be_embedded_is_not_found(running: Running, address: str) -> None:
    answer = running.describe(address)
    assert answer.status == 404
    assert answer.said("cache-control") == "no-store"
    assert b"Canary" not in answer.body


def test_the_player_of_a_story_that_was_renamed_is_found(folder: StationFolder, opened: OpenStation) -> None:
    add_sound(folder, "now-here", "former_slugs: [was-here]\n")
    opened.look(NOON)
    assert opened.answer("/embed/was-here", NOON) == Moved(f"{BASE}/embed/now-here")


def test_a_title_that_is_markup_stays_in_the_frame_s_title(running: Running) -> None:
    found = described(running.describe(f"{BASE}/stories/quoted"))
    assert found["title"] == HOSTILE
    frame = frame_of(found)
    assert frame.get("title") == HOSTILE
    assert set(frame.attrib) == {"src", "title", "width", "height", "loading", "allow"}


def test_only_the_player_may_stand_in_other_sites(running: Running) -> None:
    def ancestors(address: str) -> str:
        policy = running.server.ask(address).said("content-security-policy")
        assert policy.count("frame-ancestors") == 1
        return policy.rpartition("frame-ancestors ")[2]

    assert ancestors("/embed/a") == "*"
    for address in (
        "/",
        "/stories/a",
        "/search",
        "/search?q=a",
        "/live",
        "/subscribe",
        "/nothing",
        "/stories/back",
    ):
        assert ancestors(address) == "'self'", address


@pytest.mark.parametrize("slug", ["back", "plain", "draft", "later", "nothing"])
def test_there_is_no_player_of_a_story_that_is_silent_or_not_public(running: Running, slug: str) -> None:
    answer = running.server.ask(f"/embed/{slug}")
    assert answer.status == (410 if slug == "back" else 404)
    assert html_of(answer).xpath("//audio | //story-audio") == []
    assert b"Canary" not in answer.body


# Refusals


@pytest.mark.parametrize(
    "address",
    ["/nothing", "/stories/nothing", "/stories/draft", "/stories/later", "/topics/secret-topic", "/stories/",
     "/days/2026-13-45", "/days/x", "//", "/STORIES/a", "/stories/a/", "/%3Cscript%3Ealert(1)%3C/script%3E", "/%00",
     "/%ff", "/live/nothing", "/.hidden/x"],
)  # fmt: skip
def test_where_people_go_the_refusal_is_a_page(running: Running, address: str) -> None:
    answer = running.server.ask(address)
    assert (answer.status, answer.said("cache-control")) == (404, "no-store")
    assert "default-src 'none'" in answer.said("content-security-policy")
    found = html_of(answer)
    assert words(found.find(".//h1")) == "There is nothing here"
    assert found.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert len(found.xpath("//script[not(@src)]")) == 0
    assert b"secret" not in answer.body
    assert b"Canary" not in answer.body
    parse_strictly(answer.body)


@pytest.mark.parametrize(
    "address", ["/nothing.html", "/media/a/x.mp3", "/feeds/nothing.xml", "/wp-login.php", "/.env", "/favicon.ico", "/sitemap-9.xml"]
)  # fmt: skip
def test_where_programs_go_the_refusal_is_a_line(running: Running, address: str) -> None:
    answer = running.server.ask(address)
    assert (answer.status, answer.said("cache-control")) == (404, "no-store")
    assert answer.said("content-type") == "text/plain; charset=utf-8"
    assert answer.body == b"There is nothing here.\n"


def test_a_withdrawn_story_says_why_in_words_only(running: Running) -> None:
    answer = running.server.ask("/stories/back")
    assert (answer.status, answer.said("cache-control")) == (410, "no-store")
    assert "default-src 'none'" in answer.said("content-security-policy")
    found = html_of(answer)
    assert words(found.find(".//h1")) == "This was withdrawn"
    assert words(found.find(".//p[@class='intro']")) == HOSTILE
    assert found.xpath("//script[not(@src)] | //main//b") == []
    parse_strictly(answer.body)
    card = running.server.ask("/media/back/card.png")
    assert card.body.decode() == f"This was withdrawn. {HOSTILE}\n"
    assert card.said("x-content-type-options") == "nosniff"


@pytest.mark.parametrize("address", ["/nothing", "/nothing.html", "/stories/back", "/stories/a", "/embed/a"])
def test_a_refusal_and_a_page_have_the_same_head_for_head(running: Running, address: str) -> None:
    whole, head = running.server.ask(address), running.server.ask(address, method="HEAD")
    assert head.body == b""
    assert (head.status, head["content-length"]) == (whole.status, str(len(whole.body)))
    assert head["content-type"] == whole["content-type"]
    assert head["content-security-policy"] == whole["content-security-policy"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_may_be_done_to_a_page(running: Running, method: str) -> None:
    for address in ("/", "/stories/a", "/embed/a", "/sitemap.xml", "/live/kxmp-fm"):
        answer = running.server.ask(address, method=method)
        assert (answer.status, answer.said("cache-control")) == (405, "no-store"), address
        assert answer.said("allow") == "GET, HEAD, OPTIONS"
    assert running.server.ask("/nothing", method=method).status == 404
    assert running.server.ask("/stories/back", method=method).status == 410


# Days

DAYS = {
    "2025-11-01": ["2025-11-02T04:30Z"],  # 23:30 on summer time
    "2025-11-02": ["2025-11-02T05:30Z", "2025-11-03T05:30Z"],  # 00:30 still on it, 23:30 not any more
    "2025-11-03": ["2025-11-03T06:30Z"],  # 00:30
    "2026-03-07": ["2026-03-08T05:30Z"],  # 23:30 on winter time
    "2026-03-08": ["2026-03-08T06:30Z", "2026-03-09T04:30Z"],  # 00:30 still on it, 23:30 not any more
    "2026-03-09": ["2026-03-09T05:30Z"],  # 00:30
    "2026-05-31": ["2026-06-01T04:59:59Z"],
    "2026-06-01": ["2026-06-01T05:00Z", "2026-06-01T12:00Z"],
}
"""When stories are published on days in Chicago, around both changes of the clock."""


@pytest.fixture
def dated(folder: StationFolder) -> Iterator[OpenStation]:
    for day, instants in DAYS.items():
        for number, instant in enumerate(instants):
            folder.episode(f"on-{day}-{number}", published_at=instant)
    folder.episode("later", published_at="2026-06-03T12:00Z")
    folder.episode("over", published_at="2026-04-10T12:00Z", expires_at="2026-06-01T12:00Z")
    folder.episode("draft", published_at="2026-04-11T12:00Z", state="draft")
    folder.episode("back", WITHDRAWN, published_at="2026-04-12T12:00Z", state="withdrawn")
    station = folder.open()
    yield station
    station.close()


def listed(station: OpenStation, address: str) -> list[str]:
    """The slugs in a list of stories."""
    links = page(station, address).xpath("//article[@class='teaser']//h2/a/@href")
    return [str(one).removeprefix("/stories/") for one in links]


def test_a_story_is_on_the_day_that_its_station_s_clock_showed(dated: OpenStation) -> None:
    for day, instants in DAYS.items():
        expected = [f"on-{day}-{number}" for number in range(len(instants))]
        assert sorted(listed(dated, f"/days/{day}")) == expected
        for slug in expected:
            (link,) = page(dated, f"/stories/{slug}").xpath("//p[@class='byline']/a[time]/@href")
            assert link == f"/days/{day}"


def test_days_lead_to_each_other_over_those_without_stories(dated: OpenStation) -> None:
    (newest,) = page(dated, "/browse").xpath("//h2[.='Day by day']/following-sibling::ul//a/@href")
    seen, link = [], str(newest)
    while link:
        seen.append(link.removeprefix("/days/"))
        found = page(dated, link)
        (link,) = found.xpath("//a[@rel='prev']/@href") or [""]
        if len(seen) > 1:
            assert found.xpath("//a[@rel='next']/@href") == [f"/days/{seen[-2]}"]
    assert seen == sorted(DAYS, reverse=True)
    assert page(dated, str(newest)).xpath("//a[@rel='next']") == []
    assert {day_path(date.fromisoformat(one)) for one in DAYS} == {
        one for one in dated.site.addresses(NOON) if one.startswith("/days/")
    }


def test_no_day_tells_of_a_story_that_is_not_public(dated: OpenStation) -> None:
    for day in ("2026-06-03", "2026-04-10", "2026-04-11", "2026-04-12", "2026-06-02", "2026-01-01"):
        assert dated.answer(f"/days/{day}", NOON) is None, day
    named = [one for one in dated.site.addresses(NOON) if isinstance(dated.site.answer(one, NOON), Document)]
    for address in named:
        text = public_bytes(dated, address, NOON)
        assert b"2026-06-03" not in text, address
        assert b"days/2026-04" not in text, address
    dated.tick(later := NOON + 3 * DAY)
    assert page(dated, "/days/2026-06-01", later).xpath("//a[@rel='next']/@href") == ["/days/2026-06-03"]


@pytest.mark.parametrize(
    "day", ["2026-13-45", "x", "20260601", "2026-6-1", "2026-w23-1", "0000-01-01", "0001-01-01", "9999-12-31", "-", "2026-06-01-", "1" * 80]
)  # fmt: skip
@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo"])
def test_what_is_no_day_is_nothing(folder: StationFolder, zone: str, day: str) -> None:
    folder.config(CONFIG.replace("America/Chicago", zone))
    folder.episode("a", published_at="2026-06-01T11:00Z")
    station = folder.open()
    assert station.answer(f"/days/{day}", NOON) is None
    station.close()


def test_a_story_of_another_station_in_another_zone_leads_to_a_day_that_has_it(folder: StationFolder) -> None:
    more = "  wxmp: {name: WXMP, timezone: America/New_York, services: {}}\n"
    folder.config(
        CONFIG.replace("shows:\n", f"{more}shows:\n", 1).replace(
            "title: From the Archive, station: kxmp", "title: From the Archive, station: wxmp"
        )
    )
    folder.episode("east", show="archive", published_at="2026-05-02T04:30Z")
    station = folder.open()
    (link,) = page(station, "/stories/east").xpath("//p[@class='byline']/a[time]/@href")
    assert station.answer(str(link), NOON) is not None, link
    assert listed(station, str(link)) == ["east"]
    station.close()


def test_only_topics_of_public_stories_can_be_browsed(folder: StationFolder, opened: OpenStation) -> None:
    folder.episode("a", topics="[water-rates, city-hall]")
    folder.episode("later", topics="[secret]", published_at="2026-06-01T12:00:01Z")
    folder.episode("draft", topics="[hidden]", state="draft")
    folder.episode("over", topics="[past]", expires_at="2026-06-01T12:00Z")
    opened.look(NOON)
    found = page(opened, "/browse").xpath("//h2[.='Topics']/following-sibling::ul//a")
    assert [(words(one), one.get("href")) for one in found] == [
        (one.replace("-", " "), topic_path(one)) for one in ("city-hall", "water-rates")
    ]
    for topic in ("secret", "hidden", "past"):
        assert opened.answer(f"/topics/{topic}", NOON) is None
    opened.tick(NOON + timedelta(seconds=1))
    assert "secret" in words(page(opened, "/browse", NOON + timedelta(seconds=1)).find(".//main"))


def test_a_station_without_anything_can_be_browsed(opened: OpenStation) -> None:
    headings = [words(one) for one in page(opened, "/browse").iter("h2")]
    assert headings == ["Shows", "On air", "Schedules", "Subscribe"]


# Subscribe


def test_each_feed_is_offered_once_and_one_that_moved_is_not(folder: StationFolder) -> None:
    moved = "title: Everything, moved_to: 'https://new.example/f.xml', redirect: true,"
    folder.config(CONFIG.replace("title: Everything,", moved))
    station = folder.open()
    found = page(station, "/subscribe")
    assert [words(one) for one in found.xpath("//section[@class='offer']//h2")] == ["KXMP News"]
    assert found.xpath("//p[@class='address']/a/@href") == [f"{BASE}/feeds/news.xml"]
    assert found.xpath("//button/@data-copy") == [f"{BASE}/feeds/news.xml"]
    station.close()
    folder.config(CONFIG)
    station = folder.open()
    found = page(station, "/subscribe")
    assert found.xpath("//p[@class='address']/a/@href") == [
        f"{BASE}/feeds/{one}.xml" for one in station.config.feeds
    ]
    station.close()


@pytest.mark.parametrize("feed_id", ["player", "content", "title-news"])
def test_a_feed_may_have_any_name(folder: StationFolder, feed_id: str) -> None:
    folder.config(CONFIG.replace("  everything: {", f"  {feed_id}: {{"))
    station = folder.open()
    ids = page(station, "/subscribe").xpath("//@id")
    assert len(ids) == len(set(ids))
    station.close()


def test_apps_are_opened_with_the_whole_address() -> None:
    url = "https://radio.example:8443/a%20b/feeds/news.xml?x=1&y=2#z"
    found = {one.text: one.url for one in apps_for(url)}
    bare = "radio.example:8443/a%20b/feeds/news.xml?x=1&y=2#z"
    assert found["Apple Podcasts"] == f"podcast://{bare}"
    assert found["Pocket Casts"] == f"pktc://subscribe/{bare}"
    assert found["AntennaPod"] == f"antennapod-subscribe://{bare}"
    start, asked = found["Overcast"].split("?", 1)
    assert start == "overcast://x-callback-url/add"
    name, value = asked.split("=", 1)
    assert (name, unquote(value)) == ("url", url)
    assert not set("&=#?/: ") & set(value)


def svg_path(text: str) -> list[str]:
    return re.findall(r' d="([^"]+)"', text)


def test_the_code_is_of_the_feed_s_address(opened: OpenStation) -> None:
    root = page(opened, "/subscribe")
    for feed_id in opened.config.feeds:
        (drawn,) = root.xpath(f"//section[.//a[@href='{BASE}/feeds/{feed_id}.xml']]//svg")
        made = segno.make(f"{BASE}/feeds/{feed_id}.xml", error="m", micro=False).svg_inline(scale=4, border=4, light="white", dark="black")  # fmt: skip
        shown = lxml_html.tostring(drawn, encoding="unicode")
        assert svg_path(shown)
        assert svg_path(shown) == svg_path(made)


def test_an_address_too_long_for_a_code_has_none_and_is_offered_all_the_same(folder: StationFolder) -> None:
    limit = 600 - len("/feeds/news.xml")
    for length, count in ((limit, 1), (limit + 1, 0)):
        base = "https://radio.example/".ljust(length, "x")
        station = folder.open(base_url=base)
        (offer,) = page(station, "/subscribe").xpath(f"//section[.//a[@href='{base}/feeds/news.xml']]")
        assert len(offer.xpath(".//svg")) == count
        assert len(offer.xpath(".//*[@role='img']")) == count
        assert len(offer.xpath(".//ul//a")) == 4
        station.close()


# Scripts and the stylesheet

IMPORT = re.compile(r"""\b(?:import|export)\b[^;'"()]*?(?:\bfrom\s*|\(\s*)?["']([^"']+)["']""")
LASTING = "public, max-age=31536000, immutable"
MODULES = [name for name in static_files() if name.endswith(".js")]


def test_every_script_and_the_icon_last(running: Running) -> None:
    sources = [
        str(one) for one in running.page("/").xpath("//script/@src | //link[@rel='modulepreload']/@href")
    ]
    folder = sources[0].removesuffix("player/main.js")
    assert re.fullmatch(r"/assets/[0-9a-f]{16}/", folder)
    for name, content in static_files().items():
        answer = running.server.ask(folder + name)
        assert (answer.status, answer.body) == (200, content)
        assert answer.said("content-type") == MEDIA_TYPES[PurePosixPath(name).suffix]
        assert answer.said("cache-control") == LASTING
    assert set(sources) <= {folder + name for name in MODULES}
    embedded = [str(one) for one in running.page("/embed/a").xpath("//script/@src")]
    assert embedded == [f"{folder}player/embed.js"]


@pytest.mark.parametrize(
    "name",
    ["0123456789abcdef/player/main.js", "player/main.js", "", "site-0123456789abcdef.css", "{}/player/none.js",
     "{}/vendor/README.md", "{}/player/../player/main.js", "{}/player/", "{}"],
)  # fmt: skip
def test_there_is_no_script_but_ours(running: Running, name: str) -> None:
    (entry,) = running.page("/").xpath("//script[@src]/@src")
    answer = running.server.ask(f"/assets/{name.format(str(entry).split('/')[2])}")
    assert answer.status == 404
    assert answer.said("cache-control") == "no-store"


@pytest.mark.parametrize("name", [one for one in MODULES if not one.startswith("vendor/")])
def test_a_module_imports_only_what_is_there(name: str) -> None:
    text = re.sub(r"^\s*(//|\*|/\*).*$", "", static_files()[name].decode(), flags=re.MULTILINE)
    for target in IMPORT.findall(text):
        assert target.startswith(("./", "../")), target
        assert urljoin(f"https://x.example/{name}", target).removeprefix("https://x.example/") in MODULES


def test_something_is_imported() -> None:
    assert IMPORT.findall('import "./a.js";\nimport { b } from "./b.js";\nexport * from "./c.js"; import("./d.js")') == [
        "./a.js", "./b.js", "./c.js", "./d.js",
    ]  # fmt: skip
    assert "../vendor/turbo" in "".join(IMPORT.findall(static_files()["player/start.js"].decode()))


def test_libraries_are_the_ones_that_are_named() -> None:
    vendor = Path(str(files("stationfeed.pages"))) / "static" / "vendor"
    sums = dict(re.findall(r"^([0-9a-f]{64})  (\S+)$", (vendor / "README.md").read_text(), re.MULTILINE))
    found = {sha256(one.read_bytes()).hexdigest(): one.name for one in vendor.glob("*.js")}
    assert sums == found


def test_scripts_and_stylesheets_of_before_lead_to_those_of_now(tmp_path: Path) -> None:
    folder = make_station(tmp_path / "station")
    past = {
        "/assets/0123456789abcdef/player/main.js": "player/main.js",
        "/assets/0123456789abcdef/player/bar.js": "player/bar.js",
        "/assets/0123456789abcdef/vendor/turbo-8.0.23.js": "vendor/turbo-8.0.23.js",
    }
    forgotten = "/assets/0123456789abcdef/player/forgotten.js"
    station = folder.open()
    station.state.record_served([Offer(one, "tag") for one in (*past, forgotten)], NOON)
    station.close()
    with serving(folder.root) as server:
        (entry,) = html_of(server.ask("/")).xpath("//script[@src]/@src")
        for address, name in past.items():
            answer = server.ask(address)
            assert (answer.status, answer["location"]) == (
                301,
                BASE + str(entry).replace("player/main.js", name),
            )
            assert server.ask(answer.said("location").removeprefix(BASE)).status == 200
        assert server.ask(forgotten).status == 410
        old = stylesheet_of(server)
        assert server.ask(old).said("cache-control") == LASTING
        folder.config(
            CONFIG.replace(
                "    tagline:", '    colors: {primary: "#123456", accent: "#654321"}\n    tagline:'
            )
        )
        eventually(lambda: stylesheet_of(server) != old)
        answer = server.ask(old)
        assert (answer.status, answer["location"]) == (301, BASE + stylesheet_of(server))


def stylesheet_of(server: Server) -> str:
    (found,) = html_of(server.ask("/")).xpath("//link[@rel='stylesheet']/@href")
    return str(found)


# What is kept and what is made anew


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushed]:
    folder = make_station(tmp_path_factory.mktemp("kept") / "station", CONFIG_PUSHED)
    folder.episode("a")
    write_schedule(folder, ALL_DAY)
    tokens = {"kxmp-fm": make_token(folder, "kxmp-fm")}
    with serving(folder.root) as server:
        yield Pushed(folder, server, tokens)


def test_what_is_heard_on_air_changes_the_pages_that_tell_of_it_and_no_other(pushed: Pushed) -> None:
    server = pushed.server
    assert pushed.post({}).status == 204
    live = ("/", "/live", "/live/kxmp-fm")
    still = ("/stories/a", "/shows/newsroom", "/browse", "/subscribe", "/search", "/sitemap.xml")
    before = {one: server.ask(one) for one in (*live, *still)}
    assert pushed.post({"title": "Suite in G & so on", "artist": "Ada"}).status == 204
    for address in live:
        answer = server.ask(address)
        assert "Suite in G & so on by Ada" in words(html_of(answer).find(".//main")) or address == "/live"
        assert answer.said("etag") != before[address].said("etag"), address
        assert server.ask(address, {"If-None-Match": before[address].said("etag")}).status == 200
    for address in still:
        answer = server.ask(address)
        assert answer.body == before[address].body, address
        assert answer.said("etag") == before[address].said("etag")
        assert server.ask(address, {"If-None-Match": answer.said("etag")}).status == 304
    assert pushed.post({}).status == 204
    for address in live:
        assert server.ask(address).body == before[address].body


def test_an_edit_changes_the_story_s_pages(pushed: Pushed) -> None:
    server = pushed.server
    pushed.folder.episode("edited", title="Before")
    pages = ("/stories/edited", "/", "/shows/newsroom", "/search?q=before")
    eventually(lambda: server.ask("/stories/edited").status == 200)
    assert all("Before" in server.text(one) for one in pages)
    etag = server.ask("/stories/edited").said("etag")
    pushed.folder.episode("edited", title="Afterwards")
    eventually(lambda: "Afterwards" in server.text("/stories/edited"))
    assert all("Before<" not in server.text(one) for one in pages)
    assert server.ask("/stories/edited", {"If-None-Match": etag}).status == 200
    assert pushed.post({"title": "Suite"}).status == 204
    assert "Afterwards" in server.text("/stories/edited"), "what is heard brings nothing back"


def test_a_story_is_gone_at_its_instant(pushed: Pushed) -> None:
    server = pushed.server
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2 + round(SOON_SECONDS))
    pushed.folder.episode("short", expires_at=end.isoformat(), topics="[brief]")
    eventually(lambda: server.ask("/stories/short").status == 200)
    addresses = ("/stories/short", "/topics/brief", "/media/short/card.png")

    def are_gone() -> bool:
        found = [server.ask(one) for one in addresses]
        assert not [one.dated for one in found if one.status == 200 and one.dated >= end]
        return all(one.status in (404, 410) for one in found)

    eventually(are_gone)
    assert datetime.now(UTC) >= end
    assert "story of short" not in server.text("/")
    assert server.ask("/search?q=short").body.count(b"/stories/short") == 0


# Articles

ARTICLE_AT = f"{BASE}/stories/a"


@pytest.mark.parametrize(
    "html", ["", "<p>Words &amp; <em>words</em></p>", "<p>&lt;img src=x&gt; and &lt;pre&gt;</p>", "<p>\U0001f3a4 <a href=\"https://x.example/?a=1&amp;b=é\">x</a></p>"]
)  # fmt: skip
def test_an_article_without_pictures_and_tables_is_the_same_object(html: str) -> None:
    assert fit_for_page(html) is html


def test_a_picture_of_another_site_becomes_a_link_to_it() -> None:
    html = render_article(
        "Before ![A <b> & drill](https://x.example/a.png?b=1&c=2) after.\n", ARTICLE_AT
    ).html
    assert "<img" in html
    (link,) = lxml_html.fragment_fromstring(fit_for_page(html), create_parent="div").iter("a")
    assert link.get("href") == "https://x.example/a.png?b=1&c=2"
    assert words(link) == "Picture: A <b> & drill"
    assert words(link.getparent()) == "Before Picture: A <b> & drill after."
    unnamed = fit_for_page(render_article("![](https://x.example/a.png)", ARTICLE_AT).html)
    assert words(lxml_html.fragment_fromstring(unnamed)) == "Picture: on another site"


def test_a_picture_in_a_link_becomes_words_in_that_link() -> None:
    html = render_article(
        "[*x ![One](https://x.example/1.png) y* z](https://x.example/go) end", ARTICLE_AT
    ).html
    found = lxml_html.fragment_fromstring(fit_for_page(html), create_parent="div")
    (link,) = found.iter("a")
    assert link.get("href") == "https://x.example/go"
    assert words(link) == "x Picture: One y z"
    assert words(found) == "x Picture: One y z end"


def test_a_picture_in_what_a_person_says_of_themselves_becomes_a_link_too(
    folder: StationFolder, opened: OpenStation
) -> None:
    (folder.root / "people").mkdir()
    bio = "Ada ![at work](https://x.example/a.png).\n\n| a |\n| - |\n| b |\n"
    (folder.root / "people" / "ada.md").write_text(f"---\nname: Ada\n---\n{bio}")
    folder.episode("a", "byline: [ada]\n")
    opened.look(NOON)
    for address in ("/people/ada", "/stories/a"):
        found = page(opened, address)
        assert found.xpath("//img") == []
        assert found.xpath("//a[@class='elsewhere']/@href") == ["https://x.example/a.png"]
        assert len(found.xpath("//table[@tabindex='0']")) == 1


def test_what_is_wide_can_be_scrolled_by_key() -> None:
    text = "    code <b>\n\n| a | b |\n| - | :-: |\n| 1 | `2` |\n\nwords\n"
    found = lxml_html.fragment_fromstring(
        fit_for_page(render_article(text, ARTICLE_AT).html), create_parent="div"
    )
    assert [one.tag for one in found.xpath(".//*[@tabindex='0']")] == ["pre", "table"]
    assert "code <b>" in found.text_content()
    assert [words(one) for one in found.iter("th", "td")] == ["a", "b", "1", "2"]


MARKDOWN = st.lists(
    st.one_of(
        st.sampled_from(
            ["![](https://x.example/a.png)", "![alt](https://x.example/b.png 'title')", "[![in](https://x.example/c.png)](https://x.example/)",
             "![local](photo.png)", "    code\n", "```\nfenced <b>\n```\n", "| a | b |\n| - | - |\n| ![t](https://x.example/d.png) | 2 |\n",
             "- ", "> ", "1. ", "# ", "\n", "\n\n", "*", "**", "~~", "`", "[", "](", ")", "<b>", "&amp;", "&lt;img&gt;", "&#0;", "<!-- x -->",
             "</div>", "\t", "<img src=x onerror=y>", "https://x.example/ü?a=b&c=d", "---\n", "\\", "\u2028", "\u05e9\u05dc\u05d5\u05dd 🎙️"]
        ),
        st.text(max_size=20),
    ),
    max_size=12,
).map(lambda pieces: without_unprintable("".join(pieces)))  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(markdown=MARKDOWN)
def test_of_any_article_no_word_is_lost_and_no_picture_is_fetched(markdown: str) -> None:
    html = render_article(markdown, ARTICLE_AT).html
    fit = fit_for_page(html)
    assert "<img" not in fit
    before, after = (parsed(one) for one in (html, fit))
    for picture in list(before.iter("img")):
        picture.tag = "span"
        picture.text = f"Picture: {picture.get('alt') or 'on another site'}"
    assert "".join(after.itertext()) == "".join(before.itertext())
    assert [one.tag for one in wide_in(after)] == [one.tag for one in wide_in(before)]
    assert all(one.get("tabindex") == "0" for one in wide_in(after))
    assert not [one for link in after.iter("a") for one in link.iter("a") if one is not link]


@pytest.mark.parametrize(
    "body", ["a&#12;b", "![x](https://x.example/a.png)&#12;tail", "![x&#12;y](https://x.example/a.png)"]
)
def test_a_form_feed_that_is_spelt_out_in_an_article_stops_nothing(folder: StationFolder, body: str) -> None:
    """Markdown lets this one through of all that XML cannot carry."""
    folder.episode("a", body=f"{body}\n")
    station = folder.open()
    assert b"\x0c" not in public_bytes(station, "/stories/a", NOON)
    parse_xml(public_bytes(station, "/feeds/news.xml", NOON))
    station.close()


def wide_in(root: Element) -> list[Element]:
    return [one for one in root.iter() if one.tag in ("pre", "table")]


def parsed(html: str) -> Element:
    """As a browser reads it, by a parser that is not the one under test."""
    root: Element = html5lib.parseFragment(html, treebuilder="etree", namespaceHTMLElements=False)
    return root


# Building


def build(folder: StationFolder, out: Path, at: datetime) -> frozenset[str]:
    """Every address that a build has written."""
    station = folder.open(at)
    built = build_site(station.site, station.root, out, at)
    station.close()
    return built.addresses


def read_page(path: Path) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(path.read_text(encoding="utf-8"))


def content_of(out: Path) -> dict[PurePosixPath, bytes]:
    return {PurePosixPath(one.relative_to(out)): one.read_bytes() for one in out.rglob("*") if one.is_file()}


def test_every_link_and_picture_of_a_built_site_is_among_its_files(tmp_path: Path) -> None:
    folder = copy_demo(tmp_path / "demo")
    out = tmp_path / "out"
    addresses = build(folder, out, DEMO_AT)
    base = "http://127.0.0.1:8000"
    seen: dict[str, str] = {}
    built = sorted(out.rglob("*.html"))
    assert len(built) > 40
    for file in built:
        shown = read_page(file)
        where = f"{base}/{file.relative_to(out).as_posix().removesuffix('index.html').rstrip('/')}"
        links = [link for _, _, link, _ in shown.iterlinks()]
        for link in (*links, *sources_of(shown)):
            target = urlsplit(urljoin(where, link))
            if f"{target.scheme}://{target.netloc}" == base:
                seen.setdefault(target.path, str(file))
    assert seen.pop("/oembed"), "which only a server answers"
    assert {path: where for path, where in seen.items() if path not in addresses} == {}


def sources_of(shown: lxml_html.HtmlElement) -> list[str]:
    """The addresses in every `srcset`."""
    return [one.split()[0] for choice in shown.xpath("//@srcset") for one in str(choice).split(", ")]


def test_a_site_that_is_built_twice_is_the_same(tmp_path: Path) -> None:
    folder = make_station(tmp_path / "station")
    add_every_kind(folder)
    first, second = tmp_path / "first", tmp_path / "second"
    assert build(folder, first, NOON) == build(folder, second, NOON)
    assert content_of(first) == content_of(second)
    texts = [*first.rglob("*.html"), *first.rglob("*.xml"), *first.rglob("*.css"), *first.rglob("*.js")]
    times = [one.stat().st_mtime_ns for one in texts]
    build(folder, first, NOON)
    assert [one.stat().st_mtime_ns for one in texts] == times, "a text that is the same is left alone"


def test_photos_are_built_in_the_sizes_that_pages_name(tmp_path: Path) -> None:
    folder = make_station(tmp_path / "station")
    folder.put("wide", "photo.jpg", photo(1000, 700))
    folder.episode("wide", "image: {file: photo.jpg, alt: A view}\n")
    station = folder.open()
    make_prints(station, NOON, lambda _done, _whole: None)
    addresses = build_site(station.site, station.root, tmp_path / "out", NOON).addresses
    shown = read_page(tmp_path / "out/stories/wide/index.html")
    (choice,) = shown.xpath("//figure/img/@srcset")
    named = dict(one.split() for one in str(choice).split(", "))
    assert sorted(named.values()) == ["1000w", "320w", "640w", "960w"]
    for address, width in named.items():
        assert address in addresses
        with Image.open(tmp_path / "out" / address.lstrip("/"), formats=["WEBP"]) as picture:
            assert f"{picture.width}w" == width
        answer = station.answer(address, NOON)
        assert isinstance(answer, PublicFile)
        assert answer.media_type == "image/webp"
    (plain,) = shown.xpath("//figure/img/@src")
    with Image.open(tmp_path / "out" / str(plain).lstrip("/"), formats=["JPEG"]) as picture:
        assert picture.width == 960
    assert sources_of(shown)
    station.close()


def test_a_server_makes_the_sizes_by_itself(running: Running) -> None:
    def choice() -> Sequence[str]:
        return sources_of(running.page("/stories/wide"))

    for address in eventually(choice):
        answer = running.server.ask(address)
        assert (answer.status, answer.said("content-type")) == (200, "image/webp")


# Sound HTML


def pages_of(station: OpenStation, at: datetime) -> list[str]:
    """The addresses of everything that is a page."""
    found = ((one, station.site.answer(one, at)) for one in station.site.pages.addresses(at))
    return [one for one, it in found if isinstance(it, Document) and it.media_type.startswith("text/html")]


def assert_sound(station: OpenStation, at: datetime) -> None:
    addresses = pages_of(station, at)
    kinds = {one.split("/")[1] for one in addresses}
    assert {
        "",
        "live",
        "schedule",
        "browse",
        "corrections",
        "subscribe",
        "search",
        "shows",
        "stories",
        "days",
    } <= kinds
    for address in addresses:
        parse_strictly(public_bytes(station, address, at))
    pages = station.site.pages
    for refusal in (
        pages.not_found,
        pages.gone(None),
        pages.gone(HOSTILE),
        pages.search("the", at),
        pages.search(HOSTILE, at),
    ):
        parse_strictly(plain_bytes(refusal.segments))


def test_every_page_of_the_demo_is_sound_html(tmp_path: Path) -> None:
    station = copy_demo(tmp_path / "demo").open(DEMO_AT)
    assert_sound(station, DEMO_AT)
    station.close()


def test_every_page_of_a_hostile_station_is_sound_html(hostile: OpenStation) -> None:
    assert_sound(hostile, NOON)


def long_transcript() -> bytes:
    cues = (
        f"{one // 3600:02}:{one // 60 % 60:02}:{one % 60:02}.000 --> {one // 3600:02}:{one // 60 % 60:02}:{one % 60:02}.900\n"
        f"<v {'Ada' if one % 2 else 'Sam'}>Line {one} &lt;b&gt;.\n"
        for one in range(10_000)
    )
    return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def long_article() -> str:
    block = (
        "Words *and* **words** and `code <b>`, see [this](https://x.example/?a=1&b=2).\n\n```\nfenced & <pre>\n```\n\n"
        "| a | b |\n| --- | ---: |\n| 1 < 2 | ![p](https://x.example/p.png) |\n\n> - quoted\n>   1. deep\n\n# Heading\n\n"
    )
    return block * (500_000 // len(block))


def add_edges(folder: StationFolder) -> None:
    """What is as long, as narrow, as empty or as foreign as it may be."""
    folder.episode("long-title", title="Word " * 59 + "end!!")
    folder.episode("one-word", title="W" * 200, summary="S" * 200, topics="[" + "t" * 80 + "]")
    folder.episode(
        "foreign",
        title='"\u202b\u05e9\u05dc\u05d5\u05dd\u202c مرحبا 👩‍👧‍👦 🎙️ \u200f&\u0301"',
        body="\u202e\u05e9\u05dc\u05d5\u05dd 🎙️\n",
    )
    folder.episode("bare", body="")
    folder.put("narrow", "photo.jpg", photo(40, 4000))
    folder.episode("narrow", "image: {file: photo.jpg}\n", body="")
    folder.episode(
        "lost", "image: {file: gone.jpg, alt: Not there}\naudio: {file: gone.mp3}\ntranscript: gone.vtt\n"
    )
    folder.put("talk", "talk.vtt", long_transcript())
    folder.put("talk", "segment.mp3", MINUTE_OF_SOUND)
    chapters = ", ".join(
        f'{{at: "{one // 60}:{one % 60:02}", title: Chapter {one} <b>}}' for one in range(60)
    )
    folder.episode("talk", f"transcript: talk.vtt\naudio: {{file: segment.mp3, chapters: [{chapters}]}}\n")
    folder.episode("article", body=long_article())


def test_every_page_of_stories_at_the_limits_is_sound_html(folder: StationFolder) -> None:
    add_edges(folder)
    station = folder.open()
    make_prints(station, NOON, lambda _done, _whole: None)
    assert_sound(station, NOON)
    assert station.health(NOON).public == 8
    talk = page(station, "/stories/talk")
    assert len(talk.xpath("//ol[@class='chapters']/li")) == 60
    assert len(talk.xpath("//*[@class='lines']/p")) == 10_000
    assert "transcript" not in told(station, "/stories/talk")["audio"]
    article = page(station, "/stories/article")
    assert len(article.xpath("//*[@class='text']//pre[@tabindex]")) == long_article().count("fenced")
    assert article.xpath("//*[@class='text']//img") == []
    (narrow,) = page(station, "/stories/narrow").xpath("//figure/img")
    assert (narrow.get("alt"), narrow.get("width"), narrow.get("height")) == ("", "40", "4000")
    assert sources_of(page(station, "/stories/narrow"))
    assert words(page(station, "/stories/bare").find(".//h1")) == "The story of bare"
    station.close()
