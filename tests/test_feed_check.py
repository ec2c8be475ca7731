"""`stationfeed check` names each rule of the directories that a feed breaks, and how to keep it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from stationfeed.feeds.channel import resolve_channel
from stationfeed.feeds.check import check_item, check_size
from stationfeed.model.words import Slug
from tests.audio_files import silent_frames
from tests.feed_documents import png
from tests.stations import CONFIG, NOON, StationFolder

if TYPE_CHECKING:
    from stationfeed.errors import Problem

FEED = "guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810, owner_email: podcasts@kxmp.example"
COMPLETE = CONFIG.replace(FEED, f"{FEED}, artwork: brand/show.png").partition("  everything:")[0]
LONG = "ü" * 256
TOO_LARGE = "warning D3 episodes/one/episode.md audio.file: is over 200 MB, which Spotify refuses -> Use a lower bitrate."


@pytest.fixture
def faultless(folder: StationFolder) -> StationFolder:
    """A station whose only feed breaks no rule."""
    folder.config(COMPLETE)
    (folder.root / "brand").mkdir()
    (folder.root / "brand" / "show.png").write_bytes(png(1400, 1400))
    folder.episode("one")
    return folder


def findings(folder: StationFolder) -> list[str]:
    """What check says: severity, rule, place, message and remedy in one line each."""
    station = folder.open()
    found = [said(one) for one in station.check(NOON)]
    station.close()
    return found


def said(one: Problem) -> str:
    return f"{one.severity} {one.rule} {one} -> {one.remedy}"


def test_a_station_that_breaks_no_rule_hears_nothing(faultless: StationFolder) -> None:
    assert findings(faultless) == []


FEED_FAULTS = [
    (
        f"title: {LONG}",
        "error A13 config.yaml feeds.news.title: is longer than 255 characters -> Shorten it.",
    ),
    (
        f"description: {'ü' * 2001}",
        "error A8 config.yaml feeds.news.description: is longer than 4000 bytes -> Shorten it.",
    ),
    (
        "copyright: Copyright KXMP",
        (
            "warning PSP6 config.yaml feeds.news.copyright: says more than the holder's name"
            ' -> Leave out "Copyright", © and the year.'
        ),
    ),
    (
        "copyright: KXMP 2026",
        (
            "warning PSP6 config.yaml feeds.news.copyright: says more than the holder's name"
            ' -> Leave out "Copyright", © and the year.'
        ),
    ),
    (
        f'funding: [{{url: "https://x.example/", text: {"a" * 129}}}]',
        "warning P-funding config.yaml feeds.news.funding: has a text over 128 characters -> Shorten it.",
    ),
    (
        'funding: [{url: "http://x.example/", text: Give}]',
        (
            "warning P0 config.yaml feeds.news.funding: http://x.example/ does not begin with https"
            " -> Use the https address."
        ),
    ),
    (
        'update_frequency: {text: Thrice, rrule: "FREQ=DAILY;COUNT=3"}',
        (
            "warning P-frequency config.yaml feeds.news.update_frequency: counts without saying from when"
            " -> Add `dtstart:`."
        ),
    ),
    (
        f"txt: [{{text: {'a' * 4001}}}]",
        "warning P-txt config.yaml feeds.news.txt: has more text than podcast:txt holds -> Shorten it.",
    ),
    (
        f"txt: [{{text: a, purpose: {'p' * 129}}}]",
        "warning P-txt config.yaml feeds.news.txt: has more text than podcast:txt holds -> Shorten it.",
    ),
    (
        "select: {topics: [nothing]}",
        "warning D1 config.yaml feeds.news.select: shows no story -> Publish one, or widen `select`.",
    ),
]


@pytest.mark.parametrize(("words", "expected"), FEED_FAULTS)
def test_a_feed_that_breaks_a_rule_is_told_which(faultless: StationFolder, words: str, expected: str) -> None:
    key = words.partition(":")[0]
    text = COMPLETE
    for given in ("title: KXMP News", "select: {shows: [newsroom]}"):
        if given.startswith(f"{key}:"):
            text = text.replace(f"{given}, ", "", 1)
    if key == "select":
        text = text.replace("guid: 9", "category: [News], guid: 9")
    faultless.config(text.replace("guid: 917393e3", f"{words}, guid: 917393e3"))
    assert findings(faultless) == [expected]


MISSING = [
    (
        ", category: [News > Daily News]",
        (
            "error A8 config.yaml feeds.news.category: is missing, and Apple requires one"
            " -> Add `category: [News > Daily News]`."
        ),
    ),
    (
        ", owner_email: podcasts@kxmp.example",
        (
            "warning A15 config.yaml feeds.news.owner_email: is missing; directories write there"
            " -> Add a role mailbox."
        ),
    ),
    (
        ", artwork: brand/show.png",
        (
            "error A8 config.yaml feeds.news.artwork: is missing, and Apple requires it"
            " -> Add a square JPEG or PNG of 1400 to 3000 pixels."
        ),
    ),
]


@pytest.mark.parametrize(("words", "expected"), MISSING)
def test_a_feed_without_what_directories_require_is_told_so(
    faultless: StationFolder, words: str, expected: str
) -> None:
    assert words in COMPLETE
    faultless.config(COMPLETE.replace(words, ""))
    assert findings(faultless) == [expected]


@pytest.mark.parametrize("size", [(1399, 1399), (1400, 1401), (3001, 3001)])
def test_artwork_of_a_wrong_size_is_named_with_its_size(
    faultless: StationFolder, size: tuple[int, int]
) -> None:
    (faultless.root / "brand" / "show.png").write_bytes(png(*size))
    assert findings(faultless) == [
        (
            f"error A9 config.yaml feeds.news.artwork: is {size[0]} by {size[1]} pixels"
            " -> Make it square, 1400 to 3000 pixels wide."
        )
    ]


def test_artwork_that_is_neither_jpeg_nor_png_is_refused(faultless: StationFolder) -> None:
    faultless.config(COMPLETE.replace("brand/show.png", "brand/show.webp"))
    _write_webp(faultless.root / "brand" / "show.webp")
    assert findings(faultless) == [
        "error A9 config.yaml feeds.news.artwork: is image/webp -> Save it as JPEG or PNG."
    ]


def _write_webp(path: Path) -> None:
    Image.new("RGB", (1400, 1400)).save(path, "WEBP", lossless=True)


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:8000", "http://localhost", "https://news.kxmp.example"]
)
def test_an_address_on_this_machine_needs_no_https(faultless: StationFolder, base_url: str) -> None:
    faultless.config(COMPLETE.replace("https://news.kxmp.example", base_url))
    assert findings(faultless) == []


def test_a_public_address_needs_https(faultless: StationFolder) -> None:
    faultless.config(COMPLETE.replace("https://news.kxmp.example", "http://news.kxmp.example"))
    assert findings(faultless) == [
        "warning P0 config.yaml feeds.news.base_url: does not begin with https -> Serve the site over https."
    ]


def test_a_title_that_apple_cuts_is_an_error_of_its_story(faultless: StationFolder) -> None:
    faultless.episode("one", title=LONG)
    assert findings(faultless) == [
        "error A13 episodes/one/episode.md title: is longer than 255 characters -> Shorten it."
    ]


def test_a_title_of_255_characters_is_fine(faultless: StationFolder) -> None:
    faultless.episode("one", title=LONG[:255])
    assert findings(faultless) == []


def test_a_story_without_a_number_cannot_be_in_a_serial(faultless: StationFolder) -> None:
    faultless.config(COMPLETE.replace("guid: 917393e3", "type: serial, guid: 917393e3"))
    faultless.episode("two", episode_number="2")
    assert findings(faultless) == [
        (
            "error A11 episodes/one/episode.md episode_number: is missing, but the feed news is serial"
            " -> Add `episode_number:`."
        )
    ]


@pytest.mark.parametrize("duration", ["0:14.9", "2:00.1"])
def test_a_soundbite_is_a_stretch_of_15_to_120_seconds(faultless: StationFolder, duration: str) -> None:
    faultless.episode("one", f'soundbites: [{{at: "0:01", duration: "{duration}"}}]\n')
    assert findings(faultless) == [
        (
            "warning P-soundbite episodes/one/episode.md soundbites: one is shorter than 15 or longer than 120"
            " seconds -> Choose another stretch."
        )
    ]


def test_a_txt_of_a_story_may_be_too_long_as_well(faultless: StationFolder) -> None:
    faultless.episode("one", f"txt: [{{text: {'a' * 4001}}}]\n")
    assert findings(faultless) == [
        "warning P-txt episodes/one/episode.md txt: has more text than podcast:txt holds -> Shorten it."
    ]


def test_audio_over_200_mb_is_too_large_for_spotify(faultless: StationFolder) -> None:
    faultless.episode("one", "audio: {file: a.mp3}\ntranscript: t.vtt\n")
    faultless.put("one", "t.vtt", b"WEBVTT\n\n00:00.000 --> 00:05.000\nHello.\n")
    faultless.put("one", "a.mp3", silent_frames(100))
    station = faultless.open()
    (item,) = station.site.views(station.site.window(Slug("news"), NOON))
    channel = resolve_channel(Slug("news"), station.site.around)
    station.close()
    assert item.enclosure is not None
    for size_bytes, expected in ((200_000_000, []), (200_000_001, [TOO_LARGE])):
        sized = replace(item, enclosure=replace(item.enclosure, size_bytes=size_bytes))
        assert [said(one) for one in check_item(Slug("one"), sized, channel)] == expected


@pytest.mark.parametrize(
    ("size_bytes", "advice"),
    [
        (1_000_001, "makes a document of 1.0 MB -> Consider a lower `limit`"),
        (5_000_001, "makes a document of 5.0 MB -> Lower `limit`"),
    ],
)
def test_a_document_that_slow_apps_give_up_on_is_named_with_its_size(size_bytes: int, advice: str) -> None:
    assert [said(one) for one in check_size(Slug("news"), size_bytes)] == [
        f"warning O4 config.yaml feeds.news.limit: {advice}; older stories move to archive pages."
    ]
    assert list(check_size(Slug("news"), 1_000_000)) == []


def test_a_problem_that_two_feeds_share_is_told_once(faultless: StationFolder) -> None:
    second = COMPLETE.splitlines()[-1].replace("news:", "again:").replace("917393e3", "017393e3")
    faultless.config(f"{COMPLETE}{second}\n")
    faultless.episode("one", title=LONG)
    assert len(findings(faultless)) == 1


def test_every_rule_that_check_can_name_is_provoked_here() -> None:
    source = (Path(__file__).parent.parent / "src" / "stationfeed" / "feeds" / "check.py").read_text()
    named = set(re.findall(r'"((?:A|D|P|O|PSP)-?\d*[a-z]*)",?', source)) - {"P"}
    here = Path(__file__).read_text(encoding="utf-8")
    assert len(named) >= 12
    assert [rule for rule in named if not re.search(rf"(error|warning) {rule} ", here)] == []
