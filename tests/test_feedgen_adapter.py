"""feedgen 1.0.0 has seventeen known defects (FG1 to FG17); none of those that concern us reaches a feed."""

from __future__ import annotations

import locale
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from feedgen.feed import FeedGenerator

from stationfeed.feeds.channel import resolve_channel
from stationfeed.feeds.extras import Paging
from stationfeed.feeds.feedgen_adapter import rss_frame
from stationfeed.feeds.rss import render_rss_frame, render_rss_item
from stationfeed.feeds.tags import NAMESPACES, Tag
from stationfeed.model.words import Slug, Url
from tests.audio_files import silent_frames
from tests.feed_documents import ATOM, guids_of, items_of, name_of, names_in, parse_xml, public_bytes, texts
from tests.stations import CONFIG, NOON, StationFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from stationfeed.feeds.channel import Channel
    from stationfeed.station.opened import OpenStation

RSS, ATOM_FEED, JSON = "/feeds/news.xml", "/feeds/news.atom", "/feeds/news.json"
HUBS = 'hubs: ["https://hub.example/", "https://hub.two.example/"]\n'
MUSIC = "\U0001d11e"


def read(folder: StationFolder, address: str = RSS, at: datetime = NOON) -> bytes:
    station = folder.open(at)
    data = public_bytes(station, address, at)
    station.close()
    return data


def channel_in(folder: StationFolder, **changes: object) -> Channel:
    station = folder.open()
    channel = resolve_channel(Slug("news"), station.site.around)
    station.close()
    return replace(channel, **changes)  # type: ignore[arg-type] # each test names its own field


def head_of(channel: Channel) -> etree._Element:
    """The channel element of a feed without items."""
    head, tail = render_rss_frame(channel, Paging(channel.self_url), built_at=None)
    return parse_xml(head + tail)[0]


@pytest.fixture
def opened(folder: StationFolder) -> Iterator[OpenStation]:
    folder.episode("one", "audio: {file: a.mp3}\n")
    folder.put("one", "a.mp3", silent_frames(100))
    station = folder.open()
    yield station
    station.close()


def test_fg1_the_locale_is_never_touched_not_even_by_four_threads(
    opened: OpenStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = resolve_channel(Slug("news"), opened.site.around)
    item = opened.site.views(opened.site.window(Slug("news"), NOON))[0]
    before = locale.setlocale(locale.LC_ALL)
    touched: list[object] = []
    monkeypatch.setattr(locale, "setlocale", lambda *wanted: touched.append(wanted))

    def render(_number: int) -> bytes:
        head, tail = render_rss_frame(channel, Paging(channel.self_url), built_at=NOON)
        return head + render_rss_item(channel, item) + tail

    with ThreadPoolExecutor(4) as threads:
        rendered = set(threads.map(render, range(40)))
    monkeypatch.undo()
    assert touched == []
    assert locale.setlocale(locale.LC_ALL) == before
    assert len(rendered) == 1
    assert texts(parse_xml(rendered.pop()), "channel/item/pubDate") == ["Fri, 01 May 2026 08:00:00 +0000"]


def test_fg2_an_enclosure_in_atom_keeps_its_rel_type_and_length(opened: OpenStation) -> None:
    entry = parse_xml(public_bytes(opened, ATOM_FEED, NOON)).find(f"{ATOM}entry")
    assert entry is not None
    enclosures = [dict(one.attrib) for one in entry.iterfind(f"{ATOM}link[@rel='enclosure']")]
    address = next(one for one in opened.site.addresses(NOON) if one.endswith(".mp3"))
    assert enclosures == [
        {
            "rel": "enclosure",
            "href": f"https://news.kxmp.example{address}",
            "type": "audio/mpeg",
            "length": "7200",
        }
    ]


def test_fg3_every_hub_stands_behind_self(folder: StationFolder) -> None:
    folder.config(CONFIG + HUBS)
    for address in (RSS, ATOM_FEED):
        root = parse_xml(read(folder, address))
        links = [one for one in root.iter(f"{ATOM}link") if one.get("rel") in ("self", "hub")]
        assert [(one.get("rel"), one.get("href")) for one in links] == [
            ("self", f"https://news.kxmp.example{address}"),
            ("hub", "https://hub.example/"),
            ("hub", "https://hub.two.example/"),
        ]


@pytest.mark.parametrize(
    ("address", "media_type"), [(RSS, "application/rss+xml"), (ATOM_FEED, "application/atom+xml")]
)
def test_fg4_the_self_link_has_its_type(folder: StationFolder, address: str, media_type: str) -> None:
    links = list(parse_xml(read(folder, address)).iter(f"{ATOM}link"))
    assert [one.get("type") for one in links if one.get("rel") == "self"] == [media_type]


def test_fg5_the_link_of_the_channel_is_the_page_and_not_the_feed(folder: StationFolder) -> None:
    folder.config(
        CONFIG.replace("guid: 917393e3", 'link: "https://www.kxmp.example/?a=1&b=2", guid: 917393e3')
    )
    assert texts(parse_xml(read(folder)), "channel/link") == ["https://www.kxmp.example/?a=1&b=2"]


@pytest.mark.parametrize("word", ["true", "false"])
def test_fg6_explicit_is_true_or_false_in_channel_and_item(folder: StationFolder, word: str) -> None:
    folder.config(CONFIG.replace("explicit: false", f"explicit: {word}"))
    folder.episode("same")
    folder.episode("other", explicit="true" if word == "false" else "false")
    root = parse_xml(read(folder))
    assert texts(root, "channel/itunes:explicit") == [word]
    assert sorted(texts(root, "channel/item/itunes:explicit")) == ["false", "true"]


def test_fg7_artwork_may_have_any_address(folder: StationFolder) -> None:
    url = Url("https://images.kxmp.example/resize?url=art%2Ejpg&width=3000")
    channel = head_of(channel_in(folder, artwork_url=url))
    assert [one.get("href") for one in channel.iterfind("itunes:image", NAMESPACES)] == [url]
    assert texts(channel, "image/url") == [url]


def test_fg8_the_article_in_atom_is_html_and_in_rss_one_cdata_section(folder: StationFolder) -> None:
    folder.episode("one", body="Say *it*.\n")
    content = parse_xml(read(folder, ATOM_FEED)).find(f"{ATOM}entry/{ATOM}content")
    assert content is not None
    assert (content.get("type"), content.text) == ("html", "<p>Say <em>it</em>.</p>")
    assert b"<content:encoded><![CDATA[<p>Say <em>it</em>.</p>]]></content:encoded>" in read(folder)


def test_fg8_the_end_of_a_cdata_section_is_only_text(folder: StationFolder) -> None:
    folder.episode(
        "one",
        'updates: [{at: 2026-05-02T09:00, kind: update, note: "note ]]> note"}]\n',
        body='Text ]]> [link](/x "title ]]> title") `code ]]> code`\n',
        title='"Ends ]]> here"',
        summary='"So ]]> so"',
    )
    root = parse_xml(read(folder))
    assert texts(root, "channel/item/title") == ["Ends ]]> here"]
    assert texts(root, "channel/item/description") == ["So ]]> so"]
    (content,) = texts(root, "channel/item/content:encoded")
    assert content.count("]]&gt;") == 4


def test_fg9_the_build_date_is_the_newest_change_whenever_it_is_built(folder: StationFolder) -> None:
    folder.episode("one", "updates: [{at: 2026-05-02T09:00Z, kind: update, note: Adds a reply.}]\n")
    folder.episode("two", published_at="2026-05-01T10:00Z")
    first, later = read(folder), read(folder, at=NOON + timedelta(days=900))
    assert first == later
    assert texts(parse_xml(first), "channel/lastBuildDate") == ["Sat, 02 May 2026 09:00:00 +0000"]
    atom = parse_xml(read(folder, ATOM_FEED))
    assert atom.findtext(f"{ATOM}updated") == "2026-05-02T09:00:00+00:00"


def test_fg9_an_empty_feed_has_no_build_date(folder: StationFolder) -> None:
    root = parse_xml(read(folder))
    assert "lastBuildDate" not in names_in(root[0])
    assert items_of(read(folder)) == []
    assert parse_xml(read(folder, ATOM_FEED)).findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"


def test_fg10_the_newest_story_is_first_and_one_instant_is_in_order_of_slugs(folder: StationFolder) -> None:
    for slug, published in (("b", "01T08:00Z"), ("z", "03T08:00Z"), ("a", "01T08:00Z"), ("m", "02T08:00Z")):
        folder.episode(slug, published_at=f"2026-05-{published}", guid=f"guid-{slug}")
    expected = ["guid-z", "guid-m", "guid-a", "guid-b"]
    assert guids_of(read(folder)) == expected
    ids = list(parse_xml(read(folder, ATOM_FEED)).iterfind(f"{ATOM}entry/{ATOM}link"))
    assert [str(one.get("href"))[-1] for one in ids] == ["z", "m", "a", "b"]


def test_fg11_a_guid_stands_in_a_feed_once(folder: StationFolder) -> None:
    folder.episode("original", guid="same", published_at="2026-05-01T08:00Z")
    folder.episode("copy", guid="same", published_at="2026-05-02T08:00Z")
    root = parse_xml(read(folder))
    assert guids_of(read(folder)) == ["same"]
    assert texts(root, "channel/item/link") == ["https://news.kxmp.example/stories/original"]


def test_fg12_control_characters_vanish_and_the_feed_stands(folder: StationFolder) -> None:
    folder.episode(
        "one",
        body=f"Bo\x07dy \x1b[31mred\x7f\x9f \ufffeend {MUSIC}\n",
        title='"Ti\\x07tle \\U0001d11e"',
        summary='"Su\\0m\\uffffmary"',
    )
    for address in (RSS, ATOM_FEED):
        parse_xml(read(folder, address))
    root = parse_xml(read(folder))
    assert texts(root, "channel/item/title") == [f"Title {MUSIC}"]
    assert texts(root, "channel/item/description") == ["Summary"]
    assert texts(root, "channel/item/content:encoded") == [f"<p>Body [31mred end {MUSIC}</p>"]
    assert f'"title":"Title {MUSIC}"'.encode() in read(folder, JSON)


def test_fg13_a_date_is_read_as_written_and_never_guessed(folder: StationFolder) -> None:
    folder.episode("one", published_at="2026-01-02T08:00Z")
    folder.episode("two", published_at="01/02/2026")
    assert texts(parse_xml(read(folder)), "channel/item/pubDate") == ["Fri, 02 Jan 2026 08:00:00 +0000"]


def test_fg14_a_duration_is_in_whole_seconds(opened: OpenStation) -> None:
    root = parse_xml(public_bytes(opened, RSS, NOON))
    assert texts(root, "channel/item/itunes:duration") == ["7"]


def test_fg16_every_namespace_is_declared_once_and_on_the_root(opened: OpenStation) -> None:
    data = public_bytes(opened, RSS, NOON)
    assert parse_xml(data).nsmap == NAMESPACES
    assert data.count(b"xmlns") == len(NAMESPACES)
    assert public_bytes(opened, ATOM_FEED, NOON).count(b"xmlns") == 1


def test_fg17_the_length_of_an_enclosure_is_that_of_the_very_file(
    opened: OpenStation, folder: StationFolder
) -> None:
    folder.put("one", "a.mp3", silent_frames(150))
    opened.look(NOON)
    (item,) = items_of(public_bytes(opened, RSS, NOON))
    enclosure = item.find("enclosure")
    assert enclosure is not None
    address = str(enclosure.get("url")).removeprefix("https://news.kxmp.example")
    assert enclosure.get("length") == str(len(public_bytes(opened, address, NOON))) == str(150 * 72)


def test_tags_that_must_be_first_stand_before_everything_of_feedgen(folder: StationFolder) -> None:
    generator = FeedGenerator()
    generator.title("Title")
    generator.link(href="https://news.kxmp.example/", rel="alternate")
    generator.description("Description")
    live = Tag(
        "podcast:liveItem", None, {"status": "live"}, (Tag("podcast:contentLink", "Listen", {"href": "x"}),)
    )
    head, tail = rss_frame(generator, (live,), (Tag("itunes:author", "KXMP"),), built=False)
    channel = parse_xml(head + tail)[0]
    assert names_in(channel)[:2] == ["podcast:liveItem", "title"]
    assert names_in(channel)[-1] == "itunes:author"
    assert [name_of(one) for one in channel[0]] == ["podcast:contentLink"]
