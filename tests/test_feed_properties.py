"""What holds for every text, every folder and every history."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationfeed.feeds.stitch import plain_bytes
from tests.audio_files import silent_frames
from tests.feed_documents import ATOM, Stage, parse_xml, png, public_bytes, texts
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
    for path in (
        "dc:creator",
        "itunes:author",
        "media:group/media:credit",
        "media:group/media:description",
        "podcast:location",
    ):
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
