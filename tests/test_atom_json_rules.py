"""The rules of Atom and JSON Feed that a machine can check; the ids are those of `feeds.md`."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.feed_documents import ATOM, parse_xml
from tests.rule_documents import (
    UUID,
    is_absolute,
    made_atom,  # noqa: F401 - a fixture
    made_documents,  # noqa: F401 - a fixture
    made_feeds,  # noqa: F401 - a fixture
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.rule_documents import Documents


def test_at1_at4_at5_an_atom_feed_has_its_id_title_date_author_and_self(atom: Documents) -> None:
    for data in atom.values():
        feed = parse_xml(data)
        for name in ("id", "title", "updated"):
            assert len(feed.findall(ATOM + name)) == 1
        assert re.fullmatch(r"urn:uuid:" + UUID.pattern, feed.findtext(f"{ATOM}id", ""))
        assert feed.findtext(f"{ATOM}author/{ATOM}name")
        assert [one.get("rel") for one in feed.iterfind(f"{ATOM}link")].count("self") == 1
        for one in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
            assert datetime.fromisoformat(one.text or "").tzinfo is not None


def test_at2_at6_an_entry_has_one_id_one_title_one_date_and_one_alternate(atom: Documents) -> None:
    for data in atom.values():
        entries = parse_xml(data).findall(f"{ATOM}entry")
        ids = [entry.findtext(f"{ATOM}id", "") for entry in entries]
        assert len(set(ids)) == len(ids)
        assert [one for one in ids if not re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", one)] == []
        for entry in entries:
            for name in ("id", "title", "updated", "published"):
                assert len(entry.findall(ATOM + name)) == 1
            rels = [one.get("rel", "alternate") for one in entry.iterfind(f"{ATOM}link")]
            assert rels.count("alternate") == 1


def test_at3_an_enclosure_in_atom_has_type_and_length(atom: Documents) -> None:
    for data in atom.values():
        for one in parse_xml(data).iter(f"{ATOM}link"):
            if one.get("rel") == "enclosure":
                assert set(one.attrib) == {"rel", "href", "type", "length"}


def test_jf1_jf3_jf5_jf7_a_json_feed_has_its_version_title_and_authors(feeds: list[Any]) -> None:
    for feed in feeds:
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["title"]
        assert isinstance(feed["items"], list)
        assert all(author["name"] for author in feed["authors"])
        assert is_absolute(feed["feed_url"])
        assert is_absolute(feed["home_page_url"])
        assert "next_url" not in feed


def test_jf2_jf4_jf6_a_json_item_has_a_text_id_a_body_and_whole_attachments(feeds: list[Any]) -> None:
    for feed in feeds:
        ids = [one["id"] for one in feed["items"]]
        assert len(set(ids)) == len(ids)
        for item in feed["items"]:
            assert isinstance(item["id"], str)
            assert ("content_html" in item) != ("content_text" in item)
            assert not re.search(r"<\w+>", item.get("content_text", ""))
            assert datetime.fromisoformat(item["date_published"]).tzinfo is not None
            assert item["authors"]
            for one in item.get("attachments", []):
                assert one.keys() == {"url", "mime_type", "size_in_bytes", "duration_in_seconds"}
                assert isinstance(one["size_in_bytes"], int)
    assert None not in _values(feeds)


def _values(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _values(one)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one)
    else:
        yield value


def test_ws1_ws6_hubs_are_named_in_the_three_formats(documents: Documents) -> None:
    for address, data in documents.items():
        if re.fullmatch(r"/feeds/news\.(xml|atom|json)", address) and b"hub.example" in data:
            assert b"https://hub.example/" in data
            if address.endswith(".json"):
                assert {"type": "WebSub", "url": "https://hub.example/"} in json.loads(data)["hubs"]
