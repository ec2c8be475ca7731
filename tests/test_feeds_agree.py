"""What other people's parsers read from the feeds is what the station folder says.

The folder is read here once more, by a small reader of its own; ffmpeg measures the audio.
"""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import feedparser
import podcastparser
import pytest
import yaml

from stationfeed.site import PublicFile
from tests.audio_files import (
    AudioFiles,
    decoded_seconds,
    made_audio_files,  # noqa: F401 - a fixture
)
from tests.feed_documents import DEMO_INSTANT, copy_demo, parse_xml, public_bytes, texts
from tests.generated_station import HIDDEN, generate_station
from tests.stations import make_station
from tests.told import (
    AUDIO_TYPES,
    NOTE_WORDS,
    Fields,
    Source,
    Told,
    instant_of,
    split_front_matter,
    words_in_html,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    root = copy_demo(tmp_path_factory.mktemp("demo") / "station").root
    hidden = frozenset(
        {"reservoir-camping-fee", "school-garden-lunch", "time-capsule", "brass-band-rehearsal"}
    )
    yield from _opened(root, DEMO_INSTANT, hidden)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory, audio_files: AudioFiles) -> Iterator[Source]:
    root = tmp_path_factory.mktemp("generated") / "station"
    hidden = generate_station(root, audio_files)
    yield from _opened(root, datetime(2026, 6, 1, tzinfo=UTC), hidden)


def _opened(root: Path, at: datetime, hidden: frozenset[str]) -> Iterator[Source]:
    folder = make_station(root, (root / "config.yaml").read_text(encoding="utf-8"))
    station = folder.open(at)
    config = yaml.load((root / "config.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    yield Source(root, at, station, config, hidden)
    station.close()


@pytest.fixture(params=["demo", "generated"])
def source(request: pytest.FixtureRequest) -> Source:
    found: Source = request.getfixturevalue(request.param)
    return found


def test_feedparser_reads_from_rss_what_the_folder_says(source: Source) -> None:
    for feed_id in source.config["feeds"]:
        read = feedparser.parse(source.read(feed_id), sanitize_html=False, resolve_relative_uris=False)
        told = source.told(feed_id)
        assert not read.bozo, read.get("bozo_exception")
        assert [one.title for one in read.entries] == [one.title for one in told]
        assert [one.id for one in read.entries] == [one.front["guid"] for one in told]
        assert [_stamp(one.published_parsed) for one in read.entries] == [
            one.published_at.replace(microsecond=0) for one in told
        ]
        for entry, one in zip(read.entries, told, strict=True):
            assert _distinct(entry.authors) in (
                _distinct_names(one.authors),
                [*one.authors, ", ".join(one.authors)],
            )
            assert len(entry.enclosures) == (one.audio is not None)
            _assert_text(source, feed_id, [body.value for body in entry.get("content", [])], one)
            if one.audio:
                sound = entry.enclosures[0]
                _assert_sound(source, one, sound.href, int(sound.length), sound.type)
                _assert_duration(one.audio, int(entry.itunes_duration))


def test_podcastparser_reads_from_rss_what_the_folder_says(source: Source) -> None:
    for feed_id in source.config["feeds"]:
        read = podcastparser.parse("https://news.kxmp.example/", io.BytesIO(source.read(feed_id)))
        told = source.told(feed_id)
        assert read["title"] == source.config["feeds"][feed_id]["title"]
        by_guid = {one["guid"]: one for one in read["episodes"]}  # it sorts serials anew
        assert len(read["episodes"]) == len(told)
        for one in told:
            episode = by_guid[one.front["guid"]]
            assert episode["title"] == one.title
            assert episode["published"] == int(one.published_at.timestamp())
            assert episode["itunes_author"] == ", ".join(one.authors)
            assert len(episode["enclosures"]) == (one.audio is not None)
            if source.is_full(feed_id):
                assert words_in_html(episode["description_html"]) == one.words
            if one.summary:
                assert episode["description"] == one.text_of(full=source.is_full(feed_id))
            if one.audio:
                sound = episode["enclosures"][0]
                _assert_sound(source, one, sound["url"], sound["file_size"], sound["mime_type"])
                _assert_duration(one.audio, episode["total_time"])


def test_feedparser_reads_from_atom_what_the_folder_says(source: Source) -> None:
    for feed_id in source.config["feeds"]:
        data = source.read(feed_id, "atom")
        read = feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False)
        told = source.told(feed_id)
        assert not read.bozo, read.get("bozo_exception")
        assert [one.title for one in read.entries] == [one.title for one in told]
        assert len({one.id for one in read.entries}) == len(told)
        assert [_stamp(one.published_parsed) for one in read.entries] == [
            one.published_at.replace(microsecond=0) for one in told
        ]
        assert [_stamp(one.updated_parsed) for one in read.entries] == [one.updated_at for one in told]
        for entry, one in zip(read.entries, told, strict=True):
            assert [author.name for author in entry.authors] == one.authors
            assert len(entry.enclosures) == (one.audio is not None)
            _assert_text(source, feed_id, [body.value for body in entry.get("content", [])], one)
            if one.summary:
                assert entry.summary == one.text_of(full=source.is_full(feed_id))
            if one.audio:
                sound = entry.enclosures[0]
                _assert_sound(source, one, sound.href, int(sound.length), sound.type)


def test_json_feeds_say_what_the_folder_says(source: Source) -> None:
    for feed_id in source.config["feeds"]:
        read = json.loads(source.read(feed_id, "json"))
        told = source.told(feed_id)
        assert [one["title"] for one in read["items"]] == [one.title for one in told]
        assert [one["id"] for one in read["items"]] == [one.front["guid"] for one in told]
        for item, one in zip(read["items"], told, strict=True):
            assert datetime.fromisoformat(item["date_published"]) == one.published_at
            assert datetime.fromisoformat(item["date_modified"]) == one.updated_at
            assert [author["name"] for author in item["authors"]] == one.authors
            assert item.get("tags", []) == one.front.get("topics", [])
            assert item.get("external_url") == one.front.get("origin", {}).get("url")
            _assert_text(source, feed_id, [item["content_html"]] if "content_html" in item else [], one)
            assert len(item.get("attachments", [])) == (one.audio is not None)
            if one.audio:
                sound = item["attachments"][0]
                _assert_sound(source, one, sound["url"], sound["size_in_bytes"], sound["mime_type"])
                _assert_duration(one.audio, sound["duration_in_seconds"])


def test_a_summary_feed_gives_the_summary_and_not_the_article(source: Source) -> None:
    shortened = [one for one in source.config["feeds"] if not source.is_full(one)]
    assert shortened
    for feed_id in shortened:
        assert b"content:encoded>" not in source.read(feed_id)
        assert b"<content" not in source.read(feed_id, "atom")
        items = json.loads(source.read(feed_id, "json"))["items"]
        told = source.told(feed_id)
        told = source.told(feed_id)
        for item, one in zip(items, told, strict=True):
            if one.summary:
                assert item["summary"] == one.summary
                assert item["content_text"] == one.text_of(full=False)
            assert ("Copyright" in item["content_text"]) == ("origin" in one.front)
        assert [one["content_text"] for one in items] == texts(
            parse_xml(source.read(feed_id)), "channel/item/description"
        )


def test_the_corrections_feed_has_every_correction_and_retraction_newest_first(source: Source) -> None:
    read = feedparser.parse(source.read("corrections"))
    expected = sorted(
        (
            (instant_of(note["at"], ZoneInfo("America/Chicago")), one.slug, note, one)
            for one, note in _corrections(source)
        ),
        key=lambda found: found[:2],
        reverse=True,
    )
    assert expected
    assert [one.title for one in read.entries] == [
        f"{NOTE_WORDS[note['kind']]}: {one.title}" for _, _, note, one in expected
    ]
    assert [one.summary for one in read.entries] == [note["note"] for _, _, note, _ in expected]
    assert len({one.id for one in read.entries}) == len(expected)


def _corrections(source: Source) -> Iterator[tuple[Told, Fields]]:
    for one in source.public():
        for note in one.front.get("updates", []):
            if note["kind"] in ("correction", "retraction"):
                yield one, note


def test_the_opml_list_names_every_feed_once(source: Source) -> None:
    outlines = parse_xml(public_bytes(source.station, "/feeds.opml", source.at)).findall("body/outline")
    base = source.config["site"]["base_url"]
    assert [(one.get("title"), one.get("text"), one.get("xmlUrl")) for one in outlines] == [
        (feed["title"], feed["title"], f"{base}/feeds/{feed_id}.xml")
        for feed_id, feed in source.config["feeds"].items()
    ]


def test_what_is_not_public_stands_at_no_address(source: Source) -> None:
    needles = [HIDDEN.encode()]
    for slug in source.hidden:
        needles += [
            slug.encode(),
            split_front_matter(source.root / "episodes" / slug / "episode.md")[0]["guid"].encode(),
        ]
    addresses = list(source.station.site.addresses(source.at))
    assert len(addresses) > 12
    for address in addresses:
        data = public_bytes(source.station, address, source.at)
        found = [one for one in needles if re.search(re.escape(one) + rb"(?![\w-])", data + address.encode())]
        assert found == [], address


def test_the_reader_of_these_tests_finds_every_story_public_or_hidden(source: Source) -> None:
    told = {one.slug for one in source.public()}
    assert told | source.hidden == {path.name for path in source.root.glob("episodes/*")}
    assert told.isdisjoint(source.hidden)


def _assert_text(source: Source, feed_id: str, bodies: list[str], one: Told) -> None:
    assert [words_in_html(body) for body in bodies if source.is_full(feed_id)] == (
        [one.words] if source.is_full(feed_id) else []
    )


def _assert_sound(source: Source, one: Told, url: str, size_bytes: int, media_type: str) -> None:
    assert one.audio is not None
    base = source.config["site"]["base_url"]
    answer = source.station.answer(url.removeprefix(base), source.at)
    assert isinstance(answer, PublicFile)
    assert source.root / answer.path == one.audio
    assert size_bytes == one.audio.stat().st_size
    assert media_type == AUDIO_TYPES[one.audio.suffix]


_SECONDS: dict[tuple[str, int], float] = {}


def _assert_duration(path: Path, seconds: int) -> None:
    key = path.name, path.stat().st_size
    if key not in _SECONDS:
        _SECONDS[key] = decoded_seconds(path)
    assert abs(_SECONDS[key] - seconds) <= 0.6, path


def _stamp(parsed: Any) -> datetime:
    year, month, day, hour, minute, second = parsed[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _distinct(authors: list[Any]) -> list[str]:
    return list(dict.fromkeys(one["name"] for one in authors))


def _distinct_names(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))
