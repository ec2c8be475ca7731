"""The rules of `feeds.md` that a machine can check, on every feed of the demo and of the golden stations.

The ids are the conformance table's: R RSS 2.0, B best practices, C content, AT Atom, A Apple, PSP the Podcast
Standards Project, P Podcasting 2.0, MR Media RSS, WS WebSub, PG paged feeds, JF JSON Feed, K what breaks apps.
"""

from __future__ import annotations

import re
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lxml import etree, html

from stationfeed.feeds.tags import NAMESPACES
from tests.feed_documents import ATOM, DEMO_INSTANT, name_of, names_in, parse_xml, public_bytes, texts
from tests.rule_documents import (
    all_items,
    channels,
    is_absolute,
    made_atom,  # noqa: F401 - a fixture
    made_documents,  # noqa: F401 - a fixture
    made_rss,  # noqa: F401 - a fixture
)
from tests.stations import CONFIG, NOON, StationFolder

if TYPE_CHECKING:
    from tests.rule_documents import Documents

CORE = {"title", "link", "description", "language", "copyright", "managingEditor", "docs", "generator"}
CORE |= {"lastBuildDate", "image", "item", "guid", "category", "enclosure", "pubDate", "source", "url"}
BASIC_HTML = re.compile(r"<(script|style|iframe|object|form)\b|\son\w+=|javascript:", re.IGNORECASE)


def test_r1_a_document_begins_with_its_declaration_and_is_utf_8(rss: Documents, atom: Documents) -> None:
    for data in (rss | atom).values():
        assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n")
        parse_xml(data.decode("utf-8").encode())


def test_r2_r3_there_is_one_channel_with_each_required_element_once(rss: Documents) -> None:
    for data in rss.values():
        root = parse_xml(data)
        assert (root.tag, root.get("version"), names_in(root)) == ("rss", "2.0", ["channel"])
        names = names_in(root[0])
        for name in ("title", "link", "description", "language", "generator"):
            assert names.count(name) == 1, name
        once = [
            name for name in names if name not in ("item", "atom:link") and not name.startswith("podcast:")
        ]
        assert len([name for name in once if name != "itunes:category"]) == len(
            {name for name in once if name != "itunes:category"}
        )


def test_r4_b8_every_item_has_a_title_a_link_a_guid_and_a_date_once(rss: Documents) -> None:
    for item in all_items(rss):
        names = names_in(item)
        for name in ("title", "link", "description", "guid", "pubDate"):
            assert names.count(name) == 1, name
        assert all((one.text or "").strip() for one in item.iterfind("title"))


def test_r5_a3_a14_b2_an_item_has_at_most_one_enclosure_and_nothing_that_looks_like_a_second(
    rss: Documents,
) -> None:
    for item in all_items(rss):
        enclosures = item.findall("enclosure")
        assert len(enclosures) <= 1
        assert "media:content" not in [name_of(one) for one in item.iter()]
        for one in enclosures:
            assert is_absolute(one.get("url"))
            assert re.fullmatch(r"[1-9]\d*", one.get("length", ""))
            assert (one.get("type"), str(one.get("url"))[-4:]) in {
                ("audio/mpeg", ".mp3"),
                ("audio/x-m4a", ".m4a"),
            }
    for channel in channels(rss):
        urls = [one.get("url") for one in channel.iterfind("item/enclosure")]
        assert len(urls) == len(set(urls))


def test_r6_a4_guids_are_unique_and_say_that_they_are_no_links(rss: Documents) -> None:
    for channel in channels(rss):
        guids = list(channel.iterfind("item/guid"))
        assert len({one.text for one in guids}) == len(guids)
        assert {one.get("isPermaLink") for one in guids} <= {"false"}


def test_r7_r8_a7_dates_are_right_and_in_the_past(rss: Documents) -> None:
    for channel in channels(rss):
        dates = [*texts(channel, "lastBuildDate"), *texts(channel, "item/pubDate")]
        for text in dates:
            assert format_datetime(parsedate_to_datetime(text)) == text
            assert parsedate_to_datetime(text) <= DEMO_INSTANT
        assert texts(channel, "lastBuildDate") or not texts(channel, "item/pubDate")


def test_r9_every_link_is_absolute(rss: Documents, atom: Documents) -> None:
    for data in (rss | atom).values():
        root = parse_xml(data)
        found: list[str | None] = [one.text for one in root.iter("link", "docs", "url") if one.text]
        found += [one.get("href") for one in root.iter(f"{ATOM}link", f"{{{NAMESPACES['itunes']}}}image")]
        found += [
            one.get(name) for one in root.iter() for name in ("url", "uri", "img", "feedUrl") if one.get(name)
        ]
        assert [one for one in found if not is_absolute(one)] == []
        assert found


def test_r10_the_language_is_a_code(rss: Documents) -> None:
    for channel in channels(rss):
        assert re.fullmatch(r"[a-z]{2,3}(-[a-z]{2})?", texts(channel, "language")[0])


def test_r11_the_image_says_what_the_channel_says(rss: Documents) -> None:
    for channel in channels(rss):
        for image in channel.iterfind("image"):
            assert names_in(image) == ["url", "title", "link"]
            assert texts(image, "title") == texts(channel, "title")
            assert texts(image, "link") == texts(channel, "link")


def test_r12_r15_only_known_elements_stand_outside_a_namespace(rss: Documents) -> None:
    for channel in channels(rss):
        assert {name_of(one) for one in channel.iter() if ":" not in name_of(one)} <= CORE | {"channel"}
        assert None not in {etree.QName(one).namespace for one in channel.iter() if ":" in name_of(one)}


def test_r13_an_editor_has_an_address_and_a_name(rss: Documents) -> None:
    for channel in channels(rss):
        for text in texts(channel, "managingEditor"):
            assert re.fullmatch(r"\S+@\S+ \(.+\)", text)


def test_r14_a_source_has_its_address(rss: Documents) -> None:
    sources = [one for item in all_items(rss) for one in item.iterfind("source")]
    assert [one for one in sources if not is_absolute(one.get("url")) or not one.text] == []


def test_b1_ws7_psp2_self_comes_first_of_the_links_and_is_the_fetched_address(rss: Documents) -> None:
    for address, data in rss.items():
        channel = parse_xml(data)[0]
        base = "http://127.0.0.1:8000" if b"qjvr" in data.lower() else "https://news.kxmp.example"
        links = channel.findall(f"{ATOM}link")
        assert {str(key): value for key, value in links[0].attrib.items()} == {
            "href": base + address,
            "rel": "self",
            "type": "application/rss+xml",
        }
        rels = [one.get("rel") for one in links]
        assert rels.count("self") == 1
        assert set(rels) <= {"self", "hub", "current", "prev-archive"}


def test_b3_titles_are_not_escaped_twice(rss: Documents) -> None:
    for channel in channels(rss):
        titles = [
            *texts(channel, "title"),
            *texts(channel, "item/title"),
            *texts(channel, "item/itunes:title"),
        ]
        assert [one for one in titles if re.search(r"&(amp|lt|gt|quot|#\d+);", one)] == []


def test_b4_html_has_no_relative_address_and_nothing_that_runs(rss: Documents, atom: Documents) -> None:
    bodies = [text for item in all_items(rss) for text in texts(item, "content:encoded")]
    for data in atom.values():
        bodies += [one.text or "" for one in parse_xml(data).iter(f"{ATOM}content")]
    for body in bodies:
        assert not BASIC_HTML.search(body)
        for _element, _attribute, link, _position in html.iterlinks(f"<div>{body}</div>"):
            assert urlsplit(link).scheme in ("http", "https", "mailto", "tel"), link


def test_b5_c2_the_description_comes_before_the_only_content(rss: Documents) -> None:
    for item in all_items(rss):
        names = names_in(item)
        if "content:encoded" in names:
            assert names.count("content:encoded") == 1
            assert names.index("description") < names.index("content:encoded")


def test_b6_an_author_and_a_date_are_said_in_one_way(rss: Documents) -> None:
    for item in all_items(rss):
        assert {"author", "dc:date"}.isdisjoint(names_in(item))


def test_c1_a1_psp1_the_namespaces_are_spelled_as_their_owners_spell_them(rss: Documents) -> None:
    for data in rss.values():
        declared = parse_xml(data).nsmap
        assert declared["content"] == "http://purl.org/rss/1.0/modules/content/"
        assert declared["itunes"] == "http://www.itunes.com/dtds/podcast-1.0.dtd"
        assert declared["podcast"] == "https://podcastindex.org/namespace/1.0"
        assert declared["media"] == "http://search.yahoo.com/mrss/"
        assert declared["atom"] == "http://www.w3.org/2005/Atom"
        assert declared["fh"] == "http://purl.org/syndication/history/1.0"


def test_c3_the_description_is_short_plain_text_and_the_content_is_complete(rss: Documents) -> None:
    for item in all_items(rss):
        (description,) = texts(item, "description")
        assert 0 < len(description.encode()) <= 4000
        assert "\n" not in description
        for content in texts(item, "content:encoded"):
            assert content.startswith("<")


def test_a10_a_long_summary_is_cut_at_a_word_and_leaves_room_for_whose_story_it_is(
    folder: StationFolder,
) -> None:
    folder.config(CONFIG.replace("guid: 917393e3", "content: summary, guid: 917393e3"))
    front = "origin: {organization: WXMP 89.5, url: 'https://www.wxmp.example/story', year: 2026}\n"
    folder.episode("partner", front, summary="wörter " * 1000)
    folder.episode("own", summary="wörter " * 1000)
    station = folder.open()
    own, partner = texts(
        parse_xml(public_bytes(station, "/feeds/news.xml", NOON)), "channel/item/description"
    )
    station.close()
    ending = "wörter… Copyright 2026 WXMP 89.5. To see more, visit https://www.wxmp.example/story"
    assert partner.endswith(ending)
    assert own.endswith("wörter…")
    assert {3990 < len(one.encode()) <= 4000 for one in (own, partner)} == {True}


def test_a8_psp2_a_channel_has_what_apple_asks_for(rss: Documents) -> None:
    for address, data in rss.items():
        if address == "/feeds/corrections.xml":
            continue
        channel = parse_xml(data)[0]
        assert texts(channel, "itunes:explicit")[0] in ("true", "false")
        assert texts(channel, "itunes:type")[0] in ("episodic", "serial")
        assert len(texts(channel, "itunes:author")[0]) <= 255
        assert len(texts(channel, "description")[0].encode()) <= 4000
        assert all(one.get("text") for one in channel.iter(f"{{{NAMESPACES['itunes']}}}category"))
        for owner in channel.iterfind("itunes:owner", NAMESPACES):
            assert names_in(owner) == ["itunes:name", "itunes:email"]


def test_a10_a12_psp5_the_values_of_an_item_are_those_apple_knows(rss: Documents) -> None:
    patterns = {
        "itunes:duration": r"\d+",
        "itunes:explicit": r"true|false",
        "itunes:season": r"[1-9]\d*",
        "itunes:episode": r"[1-9]\d*",
        "itunes:episodeType": r"full|trailer|bonus",
        "itunes:author": r"\S(.*\S)?",
    }
    for item in all_items(rss):
        for name, pattern in patterns.items():
            values = texts(item, name)
            assert len(values) <= 1
            assert all(re.fullmatch(pattern, value) for value in values), name
        assert ("itunes:duration" in names_in(item)) == ("enclosure" in names_in(item))


def test_a11_psp7_yes_is_spelled_as_apple_spells_it(rss: Documents) -> None:
    for channel in channels(rss):
        for name in ("itunes:block", "itunes:complete"):
            assert set(texts(channel, name)) <= {"Yes"}


def test_a13_single_values_have_no_space_around_them(rss: Documents) -> None:
    for channel in channels(rss):
        for one in channel.iter():
            if one.text and len(one) == 0 and name_of(one) != "content:encoded":
                assert one.text == one.text.strip(), name_of(one)
