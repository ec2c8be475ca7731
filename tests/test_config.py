"""config.yaml, people and schedules: every fault with its line, and what a feed says when it says nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from stationfeed.errors import ContentError, Problem, Severity
from stationfeed.feeds.channel import resolve_channel
from stationfeed.folder.config import read_config
from stationfeed.folder.instants import MisreadError, parse_duration, parse_instant
from stationfeed.folder.person import read_person
from stationfeed.folder.schedule import read_schedule
from stationfeed.model.config import AudioRecipe, Limits
from stationfeed.model.station import Organization, Site
from stationfeed.model.words import Ordinal, Slug
from tests.stations import NOON, StationFolder

if TYPE_CHECKING:
    from stationfeed.model.config import Config
    from stationfeed.model.schedule import Schedule

PATH = PurePosixPath("config.yaml")
GOOD = """\
site: {title: KXMP Public Media, base_url: "https://news.kxmp.example"}
organization: {name: University of Example, copyright: University of Example}
stations:
  kxmp:
    name: KXMP
    timezone: America/Chicago
    services:
      kxmp-fm: {name: KXMP 91.3 FM, kind: fm}
  wxmp:
    name: WXMP
    timezone: America/New_York
    services:
      wxmp-fm: {name: WXMP 89.5, kind: fm}
shows:
  newsroom: {title: Newsroom, station: kxmp}
  music: {title: Music, station: wxmp}
feeds:
  news: {title: News, station: kxmp, select: {shows: [newsroom]}, guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810}
  all: {title: All, station: kxmp, guid: 9b024349-ccf0-5f69-a609-6b82873eab3c}
"""


def read(text: str | bytes) -> tuple[Config | None, tuple[Problem, ...]]:
    return read_config(text if isinstance(text, bytes) else text.encode(), PATH)


def read_good(text: str = GOOD) -> Config:
    config, problems = read(text)
    assert config is not None, problems
    return config


def test_a_good_config_has_no_problem() -> None:
    assert read(GOOD)[1] == ()


# Faults: what is replaced by what, and what staff are told

FAULTS: dict[str, tuple[str, str, str, str]] = {
    "a show of an unknown station": (
        "{title: Music, station: wxmp}",
        "{title: Music, station: wxmpp}",
        'config.yaml:16 shows.music.station: there is no station "wxmpp"',
        "Did you mean wxmp?",
    ),
    "a show of a strange station": (
        "{title: Music, station: wxmp}",
        "{title: Music, station: zzz}",
        'config.yaml:16 shows.music.station: there is no station "zzz"',
        "There is: kxmp, wxmp.",
    ),
    "a feed of an unknown station": (
        "{title: All, station: kxmp,",
        "{title: All, station: kxpm,",
        'config.yaml:19 feeds.all.station: there is no station "kxpm"',
        "Did you mean kxmp?",
    ),
    "a feed of an unknown show": (
        "shows: [newsroom]",
        "shows: [newsroom, newsrom]",
        'config.yaml:18 feeds.news.select.shows[2]: there is no show "newsrom"',
        "Did you mean newsroom?",
    ),
    "a selection of an unknown station": (
        "{shows: [newsroom]}",
        "{stations: [wxmq]}",
        'config.yaml:18 feeds.news.select.stations[1]: there is no station "wxmq"',
        "Did you mean wxmp?",
    ),
    "a live feed of an unknown service": (
        "{title: All,",
        "{title: All, live: kxmp-am,",
        'config.yaml:19 feeds.all.live: there is no service "kxmp-am"',
        "Did you mean kxmp-fm?",
    ),
    "one id for two services": (
        "wxmp-fm:",
        "kxmp-fm:",
        "config.yaml:13 stations.wxmp.services.kxmp-fm: is the id of two services",
        "Give each service its own id.",
    ),
    "a reserved feed": (
        "  all:",
        "  corrections:",
        "config.yaml:19 feeds.corrections: is a feed we make ourselves",
        "Choose another id.",
    ),
    "one guid for two feeds": (
        "9b024349-ccf0-5f69-a609-6b82873eab3c",
        "917393e3-1b1e-5cef-ace4-edaa54e1f810",
        "config.yaml:19 feeds.all.guid: is also the guid of news",
        "Type: stationfeed new feed ID, and take the guid it prints.",
    ),
    "a redirect to nowhere": (
        "{title: All,",
        "{title: All, redirect: true,",
        "config.yaml:19 feeds.all.redirect: would send apps in a circle",
        "Set moved_to to the feed's new address first.",
    ),
    "a redirect to itself": (
        "{title: All,",
        '{title: All, redirect: true, moved_to: "https://news.kxmp.example/feeds/all.xml",',
        "config.yaml:19 feeds.all.redirect: would send apps in a circle",
        "Set moved_to to the feed's new address first.",
    ),
    "no guid": (
        ", guid: 9b024349-ccf0-5f69-a609-6b82873eab3c",
        "",
        "config.yaml:19 feeds.all.guid: is missing",
        "Add the line `guid: …`.",
    ),
    "no title": (
        "title: Music, ",
        "",
        "config.yaml:16 shows.music.title: is missing",
        "Add the line `title: …`.",
    ),
    "a guid that is none": (
        "9b024349-ccf0-5f69-a609-6b82873eab3c",
        "42",
        'config.yaml:19 feeds.all.guid: "42" is not a podcast:guid',
        "Type: stationfeed new feed ID, which makes one.",
    ),
    "an id with a capital": (
        "  music:",
        "  Music Hour:",
        'config.yaml:16 shows.Music Hour: "Music Hour" is not an id',
        "Use small letters a-z, digits and hyphens, at most 80. For example: music-hour",
    ),
    "a zone that is none": (
        "America/New_York",
        "America/NewYork",
        'config.yaml:11 stations.wxmp.timezone: "America/NewYork" is not a time zone',
        "Did you mean America/New_York?",
    ),
    "an address without a scheme": (
        "https://news.kxmp.example",
        "news.kxmp.example",
        'config.yaml:1 site.base_url: "news.kxmp.example" is no full web address',
        "Begin it with https://.",
    ),
    "an address with a password": (
        "https://news.kxmp.example",
        "https://me:secret@news.kxmp.example",
        "config.yaml:1 site.base_url: an address here must not hold a user name",
        "Remove the part before the @.",
    ),
    "a choice that is none": (
        "kind: fm}\n  wxmp",
        "kind: stram}\n  wxmp",
        'config.yaml:8 stations.kxmp.services.kxmp-fm.kind: "stram" is not one of: fm, am, hd, stream',
        "Did you mean stream?",
    ),
    "a list in place of a mapping": (
        "shows:\n  newsroom: {title: Newsroom, station: kxmp}\n  music: {title: Music, station: wxmp}\n",
        "shows: []\n",
        "config.yaml:14 shows: should hold `key: value` lines",
        "Write its keys below it, indented.",
    ),
    "a word in place of a flag": (
        "{title: Music,",
        "{title: Music, explicit: no,",
        'config.yaml:16 shows.music.explicit: "no" is neither true nor false',
        "Write true or false.",
    ),
    "a limit of nothing": (
        "{title: All,",
        "{title: All, limit: 0,",
        'config.yaml:19 feeds.all.limit: "0" is not a whole number from 1',
        "Write a number such as 2.",
    ),
    "a language that is none": (
        "{title: All,",
        "{title: All, language: english!,",
        'config.yaml:19 feeds.all.language: "english!" is not a language code',
        "Write a code such as en-us.",
    ),
    "artwork outside": (
        "{title: All,",
        "{title: All, artwork: ../x.png,",
        'config.yaml:19 feeds.all.artwork: "../x.png" leaves the folder',
        "Name a file inside the folder, such as segment.mp3.",
    ),
    "a colour without quotes": (
        "name: WXMP\n",
        "name: WXMP\n    colors: {primary: 0b3d5c, accent: '#d9483b'}\n",
        'config.yaml:11 stations.wxmp.colors.primary: "0b3d5c" is not a colour',
        'Write a colour such as "#0b3d5c", in quotes.',
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_told_with_its_line_and_its_remedy(kind: str) -> None:
    old, new, message, remedy = FAULTS[kind]
    assert GOOD.count(old) == 1
    config, problems = read(GOOD.replace(old, new))
    assert config is None
    (problem,) = problems
    assert str(problem) == message
    assert problem.remedy == remedy
    assert problem.severity is Severity.ERROR


def test_all_faults_are_told_together() -> None:
    text = GOOD
    for kind in ("a zone that is none", "an address without a scheme", "a limit of nothing", "no title"):
        old, new, *_ = FAULTS[kind]
        text = text.replace(old, new)
    assert sorted(problem.line or 0 for problem in read(text)[1]) == [1, 11, 16, 19]


WARNINGS: dict[str, tuple[str, str, str, str]] = {
    "an unknown key": (
        "title: Music,",
        "title: Music, descripton: x,",
        "config.yaml:16 shows.music.descripton: is not a key known here",
        "Did you mean description?",
    ),
    "an unknown section": (
        "feeds:",
        "webhooks: x\nfeeds:",
        "config.yaml:17 webhooks: is not a key known here",
        "Known here: site, organization, stations, shows, feeds, hubs, audio, limits.",
    ),
    "a category of nobody": (
        "title: Music,",
        "title: Music, category: [Musik],",
        'config.yaml:16 shows.music.category[1]: "Musik" is not one of Apple\'s categories',
        "Did you mean Music?",
    ),
    "a move that is only announced": (
        "{title: All,",
        '{title: All, moved_to: "https://new.example/f.xml",',
        "config.yaml:19 feeds.all.moved_to: is announced, but the old address still answers",
        "Set `redirect: true` once the new address works.",
    ),
}


@pytest.mark.parametrize("kind", WARNINGS)
def test_what_only_deserves_a_look_is_a_warning(kind: str) -> None:
    old, new, message, remedy = WARNINGS[kind]
    config, problems = read(GOOD.replace(old, new))
    assert config is not None
    (problem,) = problems
    assert str(problem) == message
    assert problem.remedy == remedy
    assert problem.severity is Severity.WARNING


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "config.yaml:1 this is empty, not `key: value` lines"),
    "a list": (b"- a\n", "config.yaml:1 this is a list, not `key: value` lines"),
    "a key twice": (
        GOOD.encode() + b"site: {}\n",
        'config.yaml:20 "site" stands here twice (first in line 1)',
    ),
    "Latin-1": (
        GOOD.encode() + b"# caf\xe9\n",
        "config.yaml:20 this line holds bytes that are not UTF-8 text",
    ),
    "an alias": (b"a: &a 1\nb: *a\n", "config.yaml:1 anchors and aliases (& and *) are not allowed"),
    "brackets": (
        b"a: " + b"[" * 60_000,
        "config.yaml:1 this line cannot be read: exceeded maximum nesting depth",
    ),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_config_that_is_no_yaml_is_told_with_its_line(kind: str) -> None:
    data, message = UNREADABLE[kind]
    config, problems = read(data)
    assert config is None
    assert [str(problem) for problem in problems] == [message]


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    assert read(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == read(GOOD)


# Defaults


def test_what_is_not_said_has_its_default() -> None:
    config = read_good()
    assert config.audio == AudioRecipe()
    assert config.limits == Limits()
    assert config.site.language == "en-us"
    feed = config.feeds[Slug("all")]
    assert (feed.limit, feed.content, feed.live, feed.audio_only, feed.locked) == (
        300,
        "full",
        False,
        False,
        False,
    )
    assert config.shows[Slug("music")].rights.podcast is True


def test_the_defaults_are_those_of_the_contract() -> None:
    assert Limits().event_clients == 5000
    assert Limits().front_matter_bytes == 65_536
    assert (Limits().image_bytes, Limits().image_megapixels) == (10_485_760, 40)
    assert (AudioRecipe().loudness_lufs, AudioRecipe().true_peak_dbtp, AudioRecipe().bitrate_kbps) == (
        -16,
        -1,
        128,
    )


@pytest.mark.parametrize("name", [one.name for one in fields(Limits)])
def test_every_limit_is_a_key(name: str) -> None:
    config = read_good(GOOD + f"limits: {{{name}: 7}}\n")
    assert config.limits == replace(Limits(), **{name: Ordinal(7)})


def test_a_limit_works(folder: StationFolder) -> None:
    folder.config(GOOD + "limits: {article_bytes: 20}\n")
    folder.episode("long", body="More than twenty bytes of words.\n")
    station = folder.open()
    (problem,) = [one for one in station.problems() if one.rule == "limit"]
    assert problem.message == "the article has 33 bytes, more than 20"
    station.close()


def test_the_language_service_and_flags_are_text_typed_by_their_field() -> None:
    text = GOOD.replace("{title: All,", "{title: 1.10, live: kxmp-fm, subtitle: no, copyright: 16:30,")
    feed = read_good(text).feeds[Slug("all")]
    assert (feed.title, feed.live, feed.subtitle, feed.copyright) == ("1.10", "kxmp-fm", "no", "16:30")
    assert read_good(GOOD.replace("{title: All,", "{title: All, live: true,")).feeds[Slug("all")].live is True


# Inheritance


def channel_of(folder: StationFolder, config: str, feed: str) -> dict[str, object]:
    folder.config(config)
    station = folder.open()
    try:
        channel = resolve_channel(Slug(feed), station.site.around)
    finally:
        station.close()
    said = channel.said
    return {
        "title": channel.title,
        "description": channel.description,
        "language": channel.language,
        "link": channel.link,
        "copyright": channel.copyright,
        "category": said.category,
        "explicit": said.explicit,
        "type": channel.type,
        "subtitle": said.subtitle,
    }


BRANDED = GOOD.replace("site: {", "site: {language: es, ").replace(
    "newsroom: {title: Newsroom,",
    "newsroom: {title: Newsroom, description: Of the show, language: fr, category: [News], explicit: true,"
    ' type: serial, link: "https://show.example/", subtitle: Show words, copyright: The show,',
)


def test_a_feed_takes_from_its_only_show_what_it_does_not_say(folder: StationFolder) -> None:
    assert channel_of(folder, BRANDED, "news") == {
        "title": "News",
        "description": "Of the show",
        "language": "fr",
        "link": "https://show.example/",
        "copyright": "The show",
        "category": ("News",),
        "explicit": True,
        "type": "serial",
        "subtitle": "Show words",
    }


def test_what_a_feed_says_itself_goes_first(folder: StationFolder) -> None:
    said = "{title: News, description: Of the feed, language: de, explicit: false, type: episodic,"
    channel = channel_of(folder, BRANDED.replace("{title: News,", said), "news")
    assert channel["description"] == "Of the feed"
    assert channel["language"] == "de"
    assert channel["explicit"] is False
    assert channel["type"] == "episodic"
    assert channel["copyright"] == "The show"


def test_a_feed_of_several_shows_takes_from_station_and_site(folder: StationFolder) -> None:
    text = BRANDED.replace(
        "name: KXMP\n", "name: KXMP\n    tagline: Of the valley\n    website: https://www.kxmp.example\n"
    )
    for feed in (text.replace("[newsroom]", "[newsroom, music]"), text):
        channel = channel_of(folder, feed, "news" if "music]" in feed else "all")
        assert channel["description"] == "Of the valley"
        assert channel["language"] == "es"
        assert channel["copyright"] == "University of Example"
        assert channel["category"] == ()
        assert channel["type"] == "episodic"
        assert channel["subtitle"] is None


def test_the_base_url_of_one_run_goes_before_the_configs(folder: StationFolder) -> None:
    folder.episode("story")
    station = folder.open(base_url="https://staging.example/sub")
    news = station.shelf.documents["/feeds/news.xml"].plain.decode()
    station.close()
    assert "https://staging.example/sub/feeds/news.xml" in news
    assert "news.kxmp.example" not in news
    again = folder.open()
    assert "staging" not in again.shelf.documents["/feeds/news.xml"].plain.decode()
    again.close()


# At a start and while open


@pytest.mark.parametrize("text", ["", "site: [", GOOD.replace("station: wxmp}", "station: zzz}")])
def test_a_bad_config_stops_a_first_start(folder: StationFolder, text: str) -> None:
    folder.config(text)
    with pytest.raises(ContentError) as caught:
        folder.open()
    assert str(caught.value).startswith("config.yaml:")
    assert not (folder.root / ".stationfeed").exists()


def test_no_config_at_all_is_told_with_the_command_that_makes_one(folder: StationFolder) -> None:
    (folder.root / "config.yaml").unlink()
    with pytest.raises(ContentError) as caught:
        folder.open()
    (problem,) = caught.value.problems
    assert str(problem) == "config.yaml cannot be read: there is no file 'config.yaml'"
    assert problem.remedy == "A station folder needs one. Type: stationfeed new station"


def test_a_config_that_is_too_large_is_told(folder: StationFolder) -> None:
    folder.config(GOOD + "# " + "x" * 600_000)
    with pytest.raises(ContentError, match="more than the 524288 allowed"):
        folder.open()


@pytest.mark.parametrize("text", ["", "site: [", GOOD.replace("station: wxmp}", "station: zzz}"), None])
def test_a_bad_config_keeps_the_last_good_one_while_open(folder: StationFolder, text: str | None) -> None:
    folder.config(GOOD)
    folder.episode("story")
    station = folder.open()
    before = {address: ready.plain for address, ready in station.shelf.documents.items()}
    if text is None:
        (folder.root / "config.yaml").unlink()
    else:
        folder.config(text)
    folder.episode("another", published_at="2026-04-01T08:00Z")
    station.look(NOON)
    after = {address: ready.plain for address, ready in station.shelf.documents.items()}
    assert after.keys() == before.keys()
    assert b"The story of story" in after["/feeds/news.xml"]
    assert b"The story of another" in after["/feeds/news.xml"]
    assert station.health(NOON).ok is False
    assert [one.path for one in station.problems() if one.severity is Severity.ERROR] == [PATH]
    folder.config(GOOD.replace("title: News,", "title: Mended,"))
    station.look(NOON)
    assert station.health(NOON).ok
    assert b"<title>Mended</title>" in station.shelf.documents["/feeds/news.xml"].plain
    station.close()


# People

PERSON = PurePosixPath("people/ada-okafor.md")
PEOPLE: dict[str, tuple[bytes, str]] = {
    "no name": (b"---\nrole: Host\n---\nBio.\n", "people/ada-okafor.md:2 name: is missing"),
    "no header": (b"Ada\n", "people/ada-okafor.md:1 the first line is not `---`"),
    "no end": (
        b"---\nname: Ada\n",
        "people/ada-okafor.md:1 the front matter that begins here has no closing `---`",
    ),
    "Latin-1": (
        b"---\nname: Ada\nrole: caf\xe9\n---\n",
        "people/ada-okafor.md:3 this line holds bytes that are not UTF-8 text",
    ),
    "a photo outside": (
        b"---\nname: Ada\nphoto:\n  file: ../x.jpg\n---\n",
        'people/ada-okafor.md:4 photo.file: "../x.jpg" leaves the folder',
    ),
    "a link that is none": (
        b"---\nname: Ada\nlinks:\n  - {url: ada, text: Site}\n---\n",
        'people/ada-okafor.md:4 links[1].url: "ada" is no full web address',
    ),
    "a name of three lists": (
        b"---\nname: [a, b]\n---\n",
        "people/ada-okafor.md:2 name: is a list, not a single value",
    ),
}


@pytest.mark.parametrize("kind", PEOPLE)
def test_a_fault_in_a_persons_file_is_told_with_its_line(kind: str) -> None:
    data, message = PEOPLE[kind]
    profile, problems = read_person(data, PERSON)
    assert profile is None
    assert [str(problem) for problem in problems] == [message]
    assert all(problem.remedy for problem in problems)


def test_a_broken_person_leaves_the_feeds_standing(folder: StationFolder) -> None:
    folder.episode("story", "byline: [ada-okafor]\n")
    (folder.root / "people").mkdir()
    (folder.root / "people" / "ada-okafor.md").write_text(
        "---\nname: Ada Okafor\n---\nBio.\n", encoding="utf-8"
    )
    (folder.root / "people" / "Bad Name.md").write_text("---\nname: Bad\n---\n", encoding="utf-8")
    station = folder.open()
    assert b"Ada Okafor" in station.shelf.documents["/feeds/news.xml"].plain
    assert [str(one) for one in station.problems()] == [
        'people/Bad Name.md the name is no id: "Bad Name" is not an id'
    ]
    (folder.root / "people" / "ada-okafor.md").write_bytes(b"\xff")
    station.look(NOON)
    assert b"The story of story" in station.shelf.documents["/feeds/news.xml"].plain
    station.close()


# Schedules

SCHEDULE = PurePosixPath("schedules/kxmp-fm.yaml")


def schedule(text: str, path: PurePosixPath = SCHEDULE) -> tuple[Schedule | None, tuple[Problem, ...]]:
    return read_schedule(text.encode(), path, read_good())


def test_a_good_schedule_is_read_in_the_zone_of_its_station() -> None:
    found, problems = schedule(
        "grid:\n"
        '  - {show: newsroom, days: mon-fri, start: "05:00", end: "09:00"}\n'
        '  - {title: Midday Concert, producer: WXMP, days: [sat, sun], start: "12:00", end: "24:00"}\n'
        "overrides:\n"
        "  - {start: 2026-11-28T10:00, end: 2026-11-28T13:30, title: Hearing}\n"
    )
    assert problems == ()
    assert found is not None
    assert [row.days for row in found.grid] == [("mon-fri",), ("sat", "sun")]
    assert found.overrides[0].start == datetime(2026, 11, 28, 16, 0, tzinfo=UTC)


ROW = "grid:\n  - {show: newsroom, days: mon-fri, start: '05:00', end: '09:00'}\n"
SCHEDULES: dict[str, tuple[str, str, str, str]] = {
    "an end that is its start": (
        "'09:00'",
        "'05:00'",
        "2 grid[1].end: is the same as the start",
        "A whole day is 00:00 to 24:00.",
    ),
    "a day that is none": (
        "mon-fri",
        "mon-fry",
        '2 grid[1].days: "mon-fry" is not a day',
        "Write mon … sun, or mon-fri.",
    ),
    "an hour that is none": (
        "'09:00'",
        "'25:00'",
        '2 grid[1].end: "25:00" is not a time of day',
        'Write a time such as "05:00", in quotes.',
    ),
    "Arabic digits": (
        "'09:00'",
        "'0٩:00'",
        '2 grid[1].end: "0٩:00" is not a time of day',
        'Write a time such as "05:00", in quotes.',
    ),
    "an unknown show": (
        "newsroom",
        "newsrom",
        '2 grid[1].show: config.yaml has no show "newsrom"',
        "Did you mean newsroom?",
    ),
    "another's show": (
        "newsroom",
        "zzz",
        '2 grid[1].show: config.yaml has no show "zzz"',
        "Use `title:` for a programme of others.",
    ),
    "nothing": (
        "show: newsroom, ",
        "",
        "2 grid[1]: names neither a show nor a title",
        "Add `show:` or `title:`.",
    ),
    "no days": ("days: mon-fri, ", "", "2 grid[1].days: is missing", "Add the line `days: …`."),
    "an override backwards": (
        "grid:",
        "overrides: [{start: 2026-11-28T10:00, end: 2026-11-28T09:00, title: x}]\ngrid:",
        "1 overrides[1].end: is not after the start",
        "Check both times.",
    ),
    "an override in the hour that comes twice": (
        "grid:",
        "overrides: [{start: 2026-11-01T01:30, end: 2026-11-01T09:00, title: x}]\ngrid:",
        "1 overrides[1].start: 2026-11-01T01:30:00 comes twice in America/Chicago, where the clocks change then",
        "Write 2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00.",
    ),
}


@pytest.mark.parametrize("kind", SCHEDULES)
def test_a_fault_in_a_schedule_is_told_with_its_line(kind: str) -> None:
    old, new, message, remedy = SCHEDULES[kind]
    found, problems = schedule(ROW.replace(old, new))
    assert found is None
    (problem,) = problems
    assert str(problem) == f"schedules/kxmp-fm.yaml:{message}"
    assert problem.remedy == remedy


def test_a_schedule_of_no_service_is_told() -> None:
    found, (problem,) = schedule(ROW, PurePosixPath("schedules/kxmp-am.yaml"))
    assert found is None
    assert str(problem) == "schedules/kxmp-am.yaml is named after no service of config.yaml"
    assert problem.remedy == "Rename it to kxmp-fm.yaml?"


def test_a_schedule_that_is_no_text_is_told_with_its_line() -> None:
    found, (problem,) = read_schedule(b"grid: []\n# caf\xe9\n", SCHEDULE, read_good())
    assert found is None
    assert str(problem) == "schedules/kxmp-fm.yaml:2 this line holds bytes that are not UTF-8 text"


# Instants

CHICAGO = ZoneInfo("America/Chicago")
INSTANTS = {
    "2026-04-22T17:05": datetime(2026, 4, 22, 22, 5, tzinfo=UTC),
    "2026-01-22T17:05": datetime(2026, 1, 22, 23, 5, tzinfo=UTC),
    "2026-04-22 17:05": datetime(2026, 4, 22, 22, 5, tzinfo=UTC),
    "2026-04-22T17:05:06.5": datetime(2026, 4, 22, 22, 5, 6, 500_000, tzinfo=UTC),
    "2026-04-22T17:05Z": datetime(2026, 4, 22, 17, 5, tzinfo=UTC),
    "2026-04-22T17:05+05:45": datetime(2026, 4, 22, 11, 20, tzinfo=UTC),
    "2026-04-22T17:05-0330": datetime(2026, 4, 22, 20, 35, tzinfo=UTC),
    "2026-11-01T00:59": datetime(2026, 11, 1, 5, 59, tzinfo=UTC),
    "2026-11-01T02:00": datetime(2026, 11, 1, 8, 0, tzinfo=UTC),
    "2026-11-01T01:30-06:00": datetime(2026, 11, 1, 7, 30, tzinfo=UTC),
}


@pytest.mark.parametrize("text", INSTANTS)
def test_an_instant_is_what_it_says_in_the_stations_zone(text: str) -> None:
    assert parse_instant(text, CHICAGO) == INSTANTS[text]


NO_INSTANTS = {
    "2026-11-01T01:30": (
        "comes twice in America/Chicago",
        "2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00",
    ),
    "2026-03-08T02:30": (
        "does not exist in America/Chicago",
        "2026-03-08T01:30:00-06:00 or 2026-03-08T03:30:00-05:00",
    ),
    "2026-02-30T10:00": ("is not on the calendar", "Check the day and the hour."),
    "2026-04-22T25:00": ("is not on the calendar", "Check the day and the hour."),
    "2026-04-22T17:05+25:00": ("is not an offset from UTC", "Offsets look like -05:00."),
    "0000-04-22T17:05Z": ("the year 0 is out of range", "Years go from 1900 to 2299."),
    "9999-12-31T23:59-23:59": ("the year 9999 is out of range", "Years go from 1900 to 2299."),
    "2026-04-22": ("is not a date and time", "Write it like 2026-04-22T17:05."),
    "tomorrow": ("is not a date and time", "Write it like 2026-04-22T17:05."),
    "٢٠٢٦-04-22T17:05": ("is not a date and time", "Write it like 2026-04-22T17:05."),
    "2026-04-22T17:05\n": ("is not a date and time", "Write it like 2026-04-22T17:05."),
}


@pytest.mark.parametrize("text", NO_INSTANTS)
def test_what_is_no_instant_is_told_with_what_to_write(text: str) -> None:
    message, remedy = NO_INSTANTS[text]
    with pytest.raises(MisreadError) as caught:
        parse_instant(text, CHICAGO)
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_without_a_zone_an_offset_is_required() -> None:
    with pytest.raises(MisreadError) as caught:
        parse_instant("2026-04-22T17:05", None)
    assert caught.value.remedy == "Write it like 2026-04-22T17:05Z or 2026-04-22T17:05-05:00."


DST_CASES = [
    ("Europe/Berlin", "2026-10-25T02:30", "comes twice"),
    ("Europe/Berlin", "2027-03-28T02:30", "does not exist"),
    ("America/New_York", "2026-11-01T01:30", "comes twice"),
    ("America/New_York", "2027-03-14T02:30", "does not exist"),
    ("Australia/Lord_Howe", "2027-04-04T01:45", "comes twice"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "does not exist"),
    ("Europe/Dublin", "2026-10-25T01:30", "comes twice"),
    ("America/Nuuk", "2027-03-27T23:30", "does not exist"),
    ("Africa/Cairo", "2026-10-29T23:30", "comes twice"),
    ("Pacific/Apia", "2011-12-30T12:00", "does not exist"),
]


@pytest.mark.parametrize(("zone", "text", "words"), DST_CASES)
def test_a_local_time_that_is_no_single_instant_is_refused_everywhere(
    zone: str, text: str, words: str
) -> None:
    with pytest.raises(MisreadError) as caught:
        parse_instant(text, ZoneInfo(zone))
    assert words in caught.value.message
    candidates = caught.value.remedy.removeprefix("Write ").removesuffix(".").split(" or ")
    assert len({parse_instant(one, None) for one in candidates}) == 2


def test_the_candidates_of_an_instant_that_comes_twice_are_accepted(folder: StationFolder) -> None:
    folder.episode("twice", published_at="2025-11-02T01:30")
    station = folder.open()
    (problem,) = station.problems()
    assert str(problem) == (
        "episodes/twice/episode.md:6 published_at: 2025-11-02T01:30:00 comes twice in America/Chicago,"
        " where the clocks change then"
    )
    first, second = problem.remedy.removeprefix("Write ").removesuffix(".").split(" or ")
    for candidate in (first, second):
        folder.episode("twice", published_at=candidate)
        station.look(NOON)
        assert station.problems() == []
    station.close()


@pytest.mark.parametrize("text", ["2:61", "90", "1:2:3:4", "-1:00", "1:00:00:00", "1.30", "٢:10"])
def test_what_is_no_time_inside_audio_is_refused(text: str) -> None:
    with pytest.raises(MisreadError, match="is not a time inside the audio"):
        parse_duration(text)


def test_site_and_organization_are_as_they_stand_there() -> None:
    config = read_good()
    assert config.site == Site(title=config.site.title, base_url=config.site.base_url)
    assert config.organization == Organization(
        name="University of Example", copyright="University of Example"
    )
