"""Pages: what a person reads at each address, with nothing but HTML; and that no page lies, leaks or leads nowhere."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from stationfeed.pages.colors import contrast, readable
from stationfeed.site import Document, Moved
from stationfeed.station.departures import Gone
from tests.feed_documents import copy_demo, public_bytes
from tests.serving import serving
from tests.stations import CONFIG, NOON, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stationfeed.station.opened import OpenStation

BASE = "https://news.kxmp.example"
DEMO_AT = datetime(2026, 11, 26, 18, tzinfo=UTC)
HOSTILE = "</script><script>alert(1)</script><b onclick=x>\"'&<!--"


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    return make_station(tmp_path / "station", CONFIG)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[OpenStation]:
    station = copy_demo(tmp_path / "demo").open(DEMO_AT)
    yield station
    station.close()


def page(station: OpenStation, address: str, at: datetime = NOON) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(public_bytes(station, address, at).decode())


def words(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_a_story_s_page_has_everything_in_the_order_of_a_reader(folder: StationFolder) -> None:
    (folder.root / "people").mkdir()
    (folder.root / "people" / "ada.md").write_text(
        "---\nname: Ada Okafor\nrole: Reporter\n---\nAda *reports*.\n"
    )
    folder.episode(
        "a",
        "byline: [ada, Sam Reyes]\ntopics: [city-hall]\nupdates:\n"
        "  - {at: 2026-05-02T08:00Z, kind: update, note: Adds a response.}\n"
        "  - {at: 2026-05-03T08:00Z, kind: correction, note: The vote was 4 to 3.}\n",
        body="The **council** met.\n",
    )
    station = folder.open()
    found = words(page(station, "/stories/a").find(".//main"))
    parts = [
        "KXMP Newsroom", "The story of a", "Ada Okafor", "Sam Reyes", "May 1, 2026, 3:00 a.m. CDT",
        "Correction, May 3, 2026, 3:00 a.m. CDT: The vote was 4 to 3.",
        "Updated, May 2, 2026, 3:00 a.m. CDT: Adds a response.",
        "The council met.", "city hall", "Reporter", "Ada reports.",
    ]  # fmt: skip
    places = [found.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)
    station.close()


def test_a_partner_s_story_says_whose_it_is_everywhere(folder: StationFolder) -> None:
    folder.episode(
        "a", "origin: {organization: WXMP 89.5, url: 'https://www.wxmp.example/story', year: 2026}\n"
    )
    station = folder.open()
    found = page(station, "/stories/a")
    assert found.xpath("//link[@rel='canonical']/@href") == ["https://www.wxmp.example/story"]
    assert "Copyright 2026 WXMP 89.5. To see more, visit WXMP 89.5." in words(found.find(".//main"))
    assert found.xpath("//a[@href='https://www.wxmp.example/story']")
    data = json.loads(found.xpath("//script[@type='application/ld+json']")[0].text)
    assert data["isBasedOn"] == "https://www.wxmp.example/story"
    assert data["author"] == [{"@type": "Organization", "name": "WXMP 89.5"}]
    station.close()


def test_nothing_that_is_not_public_is_on_any_page(folder: StationFolder) -> None:
    folder.episode("open", topics="[a-topic]")
    folder.episode("later", published_at="2026-06-01T13:00Z", topics="[secret-topic]")
    folder.episode("draft", state="draft")
    folder.episode("over", expires_at="2026-05-30T00:00Z")
    station = folder.open()
    hidden = (
        "secret-topic",
        *(f"{word}{slug}" for slug in ("later", "draft", "over") for word in ("story of ", "stories/")),
    )
    for address in station.site.addresses(NOON):
        data = public_bytes(station, address, NOON)
        assert not [name for name in hidden if name.encode() in data], address
    for address in (
        "/stories/later",
        "/stories/draft",
        "/topics/secret-topic",
        "/stories/nothing",
        "/stories/",
    ):
        assert station.answer(address, NOON) is None
    assert station.answer("/stories/over", NOON) is None, "it was never seen public by us"
    at = NOON + timedelta(hours=1)
    station.tick(at)
    assert "The story of later" in words(page(station, "/", at))
    assert "The story of later" in words(page(station, "/topics/secret-topic", at))
    station.close()


def test_a_story_that_was_taken_back_is_gone_with_its_reason_and_one_that_moved_is_found(
    folder: StationFolder,
) -> None:
    folder.episode("a")
    folder.episode("b")
    station = folder.open()
    folder.episode("a", "withdrawn: {at: 2026-05-02T08:00Z, reason: Wrong.}\n", state="withdrawn")
    folder.episode("c", "former_slugs: [old-name]\n")
    station.look(NOON)
    assert station.answer("/stories/a", NOON) == Gone("Wrong.")
    assert station.answer("/stories/old-name", NOON) == Moved(f"{BASE}/stories/c")
    assert "The story of a" not in words(page(station, "/"))
    station.close()


def test_every_link_of_the_demo_leads_somewhere(demo: OpenStation) -> None:
    base = demo.config.site.base_url
    seen: dict[str, str] = {}
    for address in _pages(demo):
        for element, _attribute, link, _ in page(demo, address, DEMO_AT).iterlinks():
            target = urlsplit(urljoin(base + address, link))
            if f"{target.scheme}://{target.netloc}" == base:
                seen.setdefault(target.path, f"{address}: {element.tag}")
    assert len(seen) > 60
    assert seen.pop("/oembed"), "which only a server answers"
    assert {path: where for path, where in seen.items() if demo.answer(path, DEMO_AT) is None} == {}


def test_pages_are_sound_html_with_one_main_heading_and_a_name_for_every_picture(demo: OpenStation) -> None:
    for address in _pages(demo):
        found = page(demo, address, DEMO_AT)
        assert len(found.findall(".//h1")) == 1, address
        assert found.get("lang") == "en-us"
        assert words(found.find(".//title"))
        levels = [int(one.tag[1]) for one in found.find(".//main").iter("h1", "h2", "h3", "h4")]
        assert all(after - before <= 1 for before, after in pairwise(levels)), address
        assert found.xpath("//img[not(@alt) or not(@width) or not(@height)]") == []
        ids = found.xpath("//@id")
        assert len(ids) == len(set(ids)), address
        assert found.xpath("//script[not(@type='application/ld+json') and not(@src)]") == []
        assert found.xpath("//*[@onclick or @style]") == []


def _pages(station: OpenStation, at: datetime = DEMO_AT) -> list[str]:
    """The addresses of everything that is a page."""
    found = ((one, station.site.answer(one, at)) for one in station.site.pages.addresses(at))
    return [one for one, it in found if isinstance(it, Document) and it.media_type.startswith("text/html")]


def test_words_that_are_markup_stay_words(folder: StationFolder) -> None:
    quoted = json.dumps(HOSTILE)
    folder.episode(
        "a", f"summary: {quoted}\nbyline: [{quoted}]\norigin: {{organization: {quoted}, url: 'https://x.example/'}}\n",
        title=quoted, body=HOSTILE,
    )  # fmt: skip
    station = folder.open()
    for address in ("/", "/stories/a", "/shows/newsroom"):
        found = page(station, address)
        assert len(found.xpath("//script[not(@src)]")) == (0 if "shows" in address else 1)
        assert found.xpath("//main//b[@onclick]") == []
        assert "alert(1)" in words(found.find(".//main"))
    data = json.loads(page(station, "/stories/a").xpath("//script[not(@src)]")[0].text)
    assert data["headline"] == HOSTILE
    station.close()


def test_the_home_page_says_what_is_on_air_and_what_is_next(folder: StationFolder) -> None:
    (folder.root / "schedules").mkdir()
    (folder.root / "schedules" / "kxmp-fm.yaml").write_text(
        'grid:\n  - {show: newsroom, days: mon-fri, start: "05:00", end: "09:00"}\n'
        '  - {title: Midday Concert, producer: WXMP, days: mon-fri, start: "09:00", end: "12:00"}\n'
    )
    folder.episode("a")
    station = folder.open()
    found = words(page(station, "/"))
    assert "On air: KXMP Newsroom, until 9:00 a.m." in found
    assert "Next up 9:00 a.m. Midday Concert from WXMP" in found
    assert "Monday, June 1" in words(page(station, "/schedule/kxmp-fm"))
    at = datetime(2026, 6, 1, 18, tzinfo=UTC)
    station.tick(at)
    assert "nothing that we know of" in words(page(station, "/live/kxmp-fm", at))
    station.close()


def test_a_page_may_load_nothing_but_our_files_and_the_streams(folder: StationFolder) -> None:
    folder.episode("a")
    with serving(folder.root) as server:
        for address in ("/", "/stories/a", "/live"):
            answer = server.ask(address)
            assert answer.said("content-type") == "text/html; charset=utf-8"
            policy = answer.said("content-security-policy")
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-")
            assert "unsafe" not in policy
            assert "connect-src 'self'; media-src 'self' https:;" in policy
            kept = "no-cache" if address != "/stories/a" else "public, max-age=60"
            assert answer.said("cache-control") == kept
            assert server.ask(address, {"If-None-Match": answer.said("etag")}).status == 304
        (stylesheet,) = re.findall(r'rel="stylesheet" href="([^"]+)"', server.text("/"))
        assert server.ask(stylesheet).said("content-type") == "text/css; charset=utf-8"
        assert server.ask("/stories/b").status == 404


@settings(max_examples=200, deadline=None)
@given(color=st.from_regex(r"#[0-9a-f]{6}", fullmatch=True), ground=st.sampled_from(["#ffffff", "#15181c"]))
def test_any_colour_of_a_station_is_made_readable(color: str, ground: str) -> None:
    found = readable(color, ground)
    assert contrast(found, ground) >= 4.5
    if contrast(color, ground) >= 4.5:
        assert found == color
