"""What holds for every text, every folder and every history."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
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
from tests.audio_files import silent_frames
from tests.feed_documents import ATOM, parse_xml, png, public_bytes, texts
from tests.stations import CONFIG, NOON, StationFolder, make_station
from tests.test_golden_feeds import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.station.opened import OpenStation

RSS, ATOM_FEED, JSON = "/feeds/news.xml", "/feeds/news.atom", "/feeds/news.json"
SOURCE = Path(__file__).parent.parent

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
"""Everything a file can hold, control characters included."""


def quoted(text: str) -> str:
    """The text as a YAML scalar, every character but letters and digits escaped."""
    escaped = (one if one.isascii() and one.isalnum() else "\\U" + f"{ord(one):08x}" for one in text)
    return '"' + "".join(escaped) + '"'


def cleaned(text: str) -> str:
    """What XML 1.0 and readers can carry of a text."""
    return "".join(one for one in text if _is_printable(ord(one))).strip()


def _is_printable(code: int) -> bool:
    if code < 0xA0:
        return code in (0x09, 0x0A, 0x0D, 0x85) or 0x20 <= code < 0x7F
    return code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def in_one_line(text: str) -> str:
    return " ".join(cleaned(text).split())


class Stage:
    """A folder and its open station, in an object that Hypothesis prints as one word."""

    def __init__(self, folder: StationFolder, station: OpenStation) -> None:
        self.folder, self.station = folder, station


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A station with one story, which each example writes anew."""
    folder = make_station(tmp_path_factory.mktemp("texts") / "station")
    folder.episode("one")
    folder.put("one", "p.png", png(4, 3))
    folder.put("one", "a.mp3", silent_frames(100))
    station = folder.open()
    yield Stage(folder, station)
    station.close()


@settings(max_examples=60, deadline=None)
@given(text=any_text)
def test_any_text_in_any_field_of_a_story_comes_back_from_every_format(shared: Stage, text: str) -> None:
    folder, station = shared.folder, shared.station
    said, word = f"a{text}z", quoted(f"a{text}z")
    front = (
        f"byline: [{word}]\nimage: {{file: p.png, alt: {word}, caption: {word}, credit: {word}}}\n"
        f"audio: {{file: a.mp3, chapters: [{{at: '0:01', title: {word}}}]}}\n"
        f"updates: [{{at: 2026-05-02T09:00Z, kind: correction, note: {word}}}]\n"
        f"people: [{{person: {word}, role: guest}}]\nlocation: [{{name: {word}}}]\n"
        f"soundbites: [{{at: '0:01', duration: '0:02', title: {word}}}]\ntxt: [{{text: {word}}}]\n"
        f"links: [{{url: 'https://x.example/', text: {word}}}]\n"
    )
    folder.episode("one", front, title=word, summary=word)
    station.look(NOON, only=["one"])
    item = parse_xml(public_bytes(station, RSS, NOON))[0].find("item")
    assert item is not None
    line, value = in_one_line(said), cleaned(said)
    assert texts(item, "title") == texts(item, "itunes:title") == [line]
    assert texts(item, "description") == [line]
    for path in ("dc:creator", "itunes:author", "media:credit", "media:description", "podcast:location"):
        assert texts(item, path) == [value], path
    assert texts(item, "podcast:person") == [value, value]
    for path in ("podcast:soundbite", "podcast:txt", "podcast:contentLink"):
        assert texts(item, path) == [value], path
    entry = parse_xml(public_bytes(station, ATOM_FEED, NOON)).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == entry.findtext(f"{ATOM}summary") == line
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == value
    (read,) = json.loads(public_bytes(station, JSON, NOON))["items"]
    assert (read["title"], read["summary"], read["authors"]) == (line, line, [{"name": value}])
    correction = parse_xml(public_bytes(station, "/feeds/corrections.xml", NOON))
    assert texts(correction, "channel/item/description") == [value]
    chapters = json.loads(public_bytes(station, "/media/one/chapters.json", NOON))
    assert [one["title"] for one in chapters["chapters"]] == [value]


@settings(max_examples=120, deadline=None)
@given(
    body=st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
    | st.text("<>&]![](){}*_`#\"'-|:/\\ \n ax", max_size=80)
)
def test_any_article_gives_the_same_html_in_every_format(shared: Stage, body: str) -> None:
    folder, station = shared.folder, shared.station
    folder.episode("one", body=body)
    station.look(NOON, only=["one"])
    (content,) = texts(parse_xml(public_bytes(station, RSS, NOON)), "channel/item/content:encoded")
    entry = parse_xml(public_bytes(station, ATOM_FEED, NOON)).find(f"{ATOM}entry")
    (read,) = json.loads(public_bytes(station, JSON, NOON))["items"]
    assert entry is not None
    assert content == (entry.findtext(f"{ATOM}content") or "") == read["content_html"]
    assert "<script" not in content


@settings(max_examples=25, deadline=None)
@given(text=any_text)
def test_any_text_in_the_configuration_comes_back_from_every_format(shared: Stage, text: str) -> None:
    folder, station = shared.folder, shared.station
    said, word = f"a{text}z", quoted(f"a{text}z")
    config = CONFIG.replace("name: KXMP\n", f"name: {word}\n").replace("title: KXMP News,", f"title: {word},")
    config = config.replace("title: KXMP Public Media", f"title: {word}")
    folder.config(
        config.replace(
            "guid: 917393e3", f"description: {word}, subtitle: {word}, copyright: {word}, guid: 917393e3"
        )
    )
    station.look(NOON)
    line, value = in_one_line(said), cleaned(said)
    channel = parse_xml(plain_bytes(station.shelf.documents[RSS].document.segments))[0]
    assert texts(channel, "title") == [line]
    for path in ("description", "copyright", "itunes:author", "itunes:subtitle"):
        assert texts(channel, path) == [value], path
    feed = parse_xml(public_bytes(station, ATOM_FEED, NOON))
    assert (feed.findtext(f"{ATOM}title"), feed.findtext(f"{ATOM}subtitle")) == (line, value)
    read = json.loads(public_bytes(station, JSON, NOON))
    assert (read["title"], read["description"]) == (line, value)
    opml = parse_xml(public_bytes(station, "/feeds.opml", NOON))
    assert opml.findtext("head/title") == line
    outline = opml.find("body/outline")
    assert outline is not None
    assert (outline.get("title"), outline.get("description")) == (line, value)


def everything(station: OpenStation) -> dict[str, bytes]:
    return {address: public_bytes(station, address, NOON) for address in station.site.addresses(NOON)}


def test_the_same_folder_and_instant_give_the_same_bytes_in_another_place(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "rss" / "station", tmp_path / "first")
    second = tmp_path / "second" / "other name"
    (second / "episodes").mkdir(parents=True)
    for path in sorted((tmp_path / "first").rglob("*"), reverse=True):
        target = second / path.relative_to(tmp_path / "first")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            shutil.copyfile(path, target)
    stations = [StationFolder(root).open() for root in (tmp_path / "first", second)]
    first, other = (everything(station) for station in stations)
    for station in stations:
        station.close()
    assert len(first) > 10
    assert first == other


PRINT_ALL = """\
import hashlib, sys
from pathlib import Path
from tests.stations import NOON, StationFolder
from tests.test_feed_properties import everything
station = StationFolder(Path(sys.argv[1])).open()
for address, data in everything(station).items():
    print(address, hashlib.sha256(data).hexdigest())
station.close()
"""


@pytest.mark.parametrize("seed", ["1", "2026"])
def test_a_process_with_other_hash_seeds_and_another_zone_and_language_writes_the_same_bytes(
    tmp_path: Path, seed: str
) -> None:
    shutil.copytree(GOLDEN / "rss" / "station", tmp_path / "station")
    foreign = {
        "PYTHONHASHSEED": seed,
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "C",
        "PYTHONPATH": f"{SOURCE}{os.pathsep}{SOURCE / 'src'}",
    }
    child = subprocess.run(
        [sys.executable, "-c", PRINT_ALL, str(tmp_path / "station")],
        env={**os.environ, **foreign},
        capture_output=True,
        text=True,
        check=True,
    )
    station = StationFolder(tmp_path / "station").open()
    ours = [f"{one} {hashlib.sha256(data).hexdigest()}" for one, data in everything(station).items()]
    station.close()
    assert child.stdout.splitlines() == ours


def identities(station: OpenStation) -> tuple[list[str], list[str], list[str], list[str]]:
    """The ids of all stories and corrections, format by format."""
    atom = parse_xml(public_bytes(station, ATOM_FEED, NOON))
    return (
        texts(parse_xml(public_bytes(station, RSS, NOON)), "channel/item/guid"),
        [one.text or "" for one in atom.iterfind(f"{ATOM}entry/{ATOM}id")],
        [one["id"] for one in json.loads(public_bytes(station, JSON, NOON))["items"]],
        texts(parse_xml(public_bytes(station, "/feeds/corrections.xml", NOON)), "channel/item/guid"),
    )


GUIDS = ("019a2f6e-7d1c-7b52-9d0e-5a1c3f0b6a77", "https://old.example/?p=1", "prx-17")
NOTE = "updates: [{at: 2026-05-02T09:00Z, kind: correction, note: It was Tuesday.}]\n"


@pytest.mark.parametrize("guid", GUIDS)
def test_an_identity_survives_a_new_name_a_new_title_an_edit_and_a_lost_cache(
    folder: StationFolder, guid: str
) -> None:
    folder.episode("before", NOTE, guid=guid)
    station = folder.open()
    first = identities(station)
    assert [len(ids) for ids in first] == [1, 1, 1, 1]
    (folder.root / "episodes" / "before").rename(folder.root / "episodes" / "after")
    folder.episode("after", f"former_slugs: [before]\n{NOTE}", guid=guid)
    station.look(NOON)
    assert identities(station) == first
    folder.episode("after", NOTE, body="Rewritten.\n", guid=guid, title="Another title")
    station.look(NOON)
    assert identities(station) == first
    station.close()
    shutil.rmtree(folder.root / ".stationfeed")
    anew = folder.open(base_url="https://elsewhere.example")
    assert identities(anew) == first
    anew.close()


@pytest.mark.parametrize(
    ("guid", "expected"),
    [
        ("019a2f6e-7d1c-7b52-9d0e-5a1c3f0b6a77", "urn:uuid:019a2f6e-7d1c-7b52-9d0e-5a1c3f0b6a77"),
        ("https://old.example/?p=1&x=2", "https://old.example/?p=1&x=2"),
        ("tag:kxmp.example,2026:1", "tag:kxmp.example,2026:1"),
        ("prx-17", "urn:uuid:4bddffbb-fea8-5f83-aba3-d4285bbe028c"),
        ('"http://[half"', "urn:uuid:"),
        ('"tag:a<b>"', "urn:uuid:"),
        ('"12:34"', "urn:uuid:"),
        ('"http:"', "urn:uuid:"),
    ],
)
def test_atom_carries_an_absolute_iri_and_a_uuid_of_anything_else(
    folder: StationFolder, guid: str, expected: str
) -> None:
    folder.episode("one", guid=guid)
    station = folder.open()
    rss, (atom_id,), _, _ = identities(station)
    station.close()
    assert rss == [guid.strip('"')]
    assert atom_id.startswith(expected)
    assert len(atom_id) == 45 or atom_id == guid


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
            assert station.shelf.shown[feed_id] == station.site.window(feed_id, at)
    kept = {address: plain_bytes(one.document.segments) for address, one in station.shelf.documents.items()}
    anew = Site(station.site.around, station.catalogue)
    for address, data in kept.items():
        answer = anew.answer(address, at)
        assert isinstance(answer, Document)
        assert data == plain_bytes(answer.segments), address


def _apply(folder: StationFolder, change: Change) -> str:
    slug = f"story-{change.story}"
    if change.published is None:
        shutil.rmtree(folder.root / "episodes" / slug, ignore_errors=True)
        return slug
    expires = None if change.expires is None else (NOON + timedelta(hours=change.expires)).isoformat()
    folder.episode(
        slug,
        f"topics: [{change.topic}]\n{NOTE if change.corrected else ''}",
        guid=f"guid-{change.guid if change.guid < 2 else change.story + 2}",
        state=change.state,
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
    assert [entry.slug for entry in anew.shelf.shown[Slug("three")]] == ["s7", "s4", "s2"]
    anew.close()
    assert kept == made
