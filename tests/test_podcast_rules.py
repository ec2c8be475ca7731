"""The rules of Podcasting 2.0, Media RSS and RFC 5005 that a machine can check; the ids are those of `feeds.md`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from stationfeed.feeds.tags import NAMESPACES
from stationfeed.model.addresses import TRANSCRIPT_TYPES
from tests.feed_documents import ATOM, name_of, names_in, parse_xml
from tests.rule_documents import (
    UUID,
    all_items,
    channels,
    made_documents,  # noqa: F401 - a fixture
    made_rss,  # noqa: F401 - a fixture
)

if TYPE_CHECKING:
    from lxml import etree

    from tests.rule_documents import Documents

GEO = re.compile(r"geo:-?\d+(\.\d+)?,-?\d+(\.\d+)?(;.*)?")

ATTRIBUTES = {
    "podcast:locked": {"owner"},
    "podcast:transcript": {"url", "type", "language", "rel"},
    "podcast:funding": {"url"},
    "podcast:chapters": {"url", "type"},
    "podcast:soundbite": {"startTime", "duration"},
    "podcast:person": {"role", "group", "img", "href"},
    "podcast:location": {"rel", "geo", "osm", "country"},
    "podcast:season": {"name"},
    "podcast:episode": {"display"},
    "podcast:trailer": {"url", "pubdate", "length", "type", "season"},
    "podcast:license": {"url"},
    "podcast:guid": set(),
    "podcast:medium": set(),
    "podcast:contentLink": {"href"},
    "podcast:socialInteract": {"protocol", "uri", "accountId", "accountUrl", "priority"},
    "podcast:liveItem": {"status", "start", "end"},
    "podcast:alternateEnclosure": {
        "type",
        "length",
        "bitrate",
        "height",
        "lang",
        "title",
        "rel",
        "codecs",
        "default",
    },
    "podcast:source": {"uri", "contentType"},
    "podcast:block": {"id"},
    "podcast:txt": {"purpose"},
    "podcast:remoteItem": {"feedGuid", "feedUrl", "itemGuid", "medium", "title"},
    "podcast:podroll": set(),
    "podcast:updateFrequency": {"complete", "dtstart", "rrule"},
    "podcast:podping": {"usesPodping"},
    "podcast:publisher": set(),
    "podcast:chat": {"server", "protocol", "accountId", "space"},
    "podcast:image": {"href", "alt", "aspect-ratio", "width", "height", "type", "purpose"},
}
REQUIRED = {
    "podcast:transcript": {"url", "type"},
    "podcast:funding": {"url"},
    "podcast:chapters": {"url", "type"},
    "podcast:soundbite": {"startTime", "duration"},
    "podcast:trailer": {"url", "pubdate"},
    "podcast:contentLink": {"href"},
    "podcast:socialInteract": {"protocol"},
    "podcast:remoteItem": {"feedGuid"},
    "podcast:podping": {"usesPodping"},
    "podcast:chat": {"server", "protocol"},
    "podcast:image": {"href"},
}
ONCE_A_CHANNEL = {
    "locked",
    "license",
    "guid",
    "medium",
    "podroll",
    "updateFrequency",
    "podping",
    "publisher",
    "chat",
}
ONCE_AN_ITEM = {"chapters", "season", "episode", "license", "chat"}


def test_p0_podcast_tags_have_only_the_attributes_of_their_specification(rss: Documents) -> None:
    for channel in channels(rss):
        for one in channel.iter():
            if name_of(one).startswith("podcast:"):
                given = set(one.attrib)
                assert given <= ATTRIBUTES[name_of(one)], name_of(one)
                assert given >= REQUIRED.get(name_of(one), set()), name_of(one)
                assert "" not in one.attrib.values()


def test_p0_podcast_tags_stand_as_often_as_they_may(rss: Documents) -> None:
    for channel in channels(rss):
        _assert_once(channel, ONCE_A_CHANNEL)
        assert {"podcast:transcript", "podcast:chapters"}.isdisjoint(names_in(channel))  # K1
        for item in channel.iterfind("item"):
            _assert_once(item, ONCE_AN_ITEM)


def _assert_once(parent: etree._Element, names: set[str]) -> None:
    found = names_in(parent)
    assert [name for name in names if found.count(f"podcast:{name}") > 1] == []


def test_p_the_values_of_podcast_tags_are_of_their_kind(rss: Documents) -> None:
    kinds = {
        "podcast:guid": UUID,
        "podcast:locked": re.compile("yes|no"),
        "podcast:block": re.compile("yes|no"),
        "podcast:funding": re.compile(".{1,128}"),
        "podcast:person": re.compile(".+"),
        "podcast:location": re.compile(".{1,128}"),
        "podcast:season": re.compile(r"\d+"),
        "podcast:episode": re.compile(r"\d+(\.\d+)?"),
        "podcast:trailer": re.compile(".+"),
        "podcast:updateFrequency": re.compile(".{1,128}"),
        "podcast:medium": re.compile("[a-z]+L?"),
    }
    attributes = {
        "startTime": re.compile(r"\d+(\.\d+)?"),
        "duration": re.compile(r"\d+(\.\d+)?"),
        "geo": GEO,
        "osm": re.compile(r"[NWR]\d+(#\d+)?"),
        "country": re.compile("[A-Z]{2}"),
        "feedGuid": UUID,
        "usesPodping": re.compile("true|false"),
        "aspect-ratio": re.compile(r"\d+/\d+"),
        "dtstart": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    }
    for channel in channels(rss):
        for one in channel.iter():
            pattern = kinds.get(name_of(one))
            assert pattern is None or pattern.fullmatch(one.text or ""), name_of(one)
            for name, expected in attributes.items():
                assert one.get(name) is None or expected.fullmatch(one.get(name, "")), (name_of(one), name)


def test_p_person_names_its_group_so_that_an_editor_is_told_from_another(rss: Documents) -> None:
    for channel in channels(rss):
        for one in channel.iter(f"{{{NAMESPACES['podcast']}}}person"):
            assert one.get("role")
            assert one.get("group")


def test_p_chapters_and_transcripts_have_types_that_apps_know(rss: Documents) -> None:
    for item in all_items(rss):
        for one in item.iterfind("podcast:chapters", NAMESPACES):
            assert one.get("type") == "application/json+chapters"
        for one in item.iterfind("podcast:transcript", NAMESPACES):
            assert one.get("type") in TRANSCRIPT_TYPES.values()


def test_ch1_chapters_are_in_order_and_end_where_the_next_begins(documents: Documents) -> None:
    for address, data in documents.items():
        if address.endswith("/chapters.json"):
            document = json.loads(data)
            starts = [one["startTime"] for one in document["chapters"]]
            assert document["version"] == "1.2.0"
            assert starts == sorted(set(starts))
            assert [one["endTime"] for one in document["chapters"]][:-1] == starts[1:]


def test_mr4_a_thumbnail_has_its_size(rss: Documents) -> None:
    for item in all_items(rss):
        for one in item.iterfind("media:group/media:thumbnail", NAMESPACES):
            assert set(one.attrib) == {"url", "width", "height"}


def test_pg2_an_archive_page_names_the_current_document_and_no_hub(rss: Documents) -> None:
    for address, data in rss.items():
        channel = parse_xml(data)[0]
        rels = [one.get("rel") for one in channel.iterfind(f"{ATOM}link")]
        assert ("current" in rels) == ("fh:archive" in names_in(channel)) == ("/archive/" in address)
        assert "fh:complete" not in names_in(channel)
        assert not ("hub" in rels and "/archive/" in address)
