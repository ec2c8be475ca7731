"""The live player and a story's segment in a real browser, with a real stream."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.audio_files import run_ffmpeg
from tests.browser import chromium, visiting, wait_until
from tests.outside import PATIENCE_S, Reply, icecast, site, speaker
from tests.serving import serving
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.browser import Visit
    from tests.outside import Icecast
    from tests.serving import Server

__all__ = ["chromium"]

STREAM = "https://stream.kxmp.example/fm.mp3"
BITRATE_BYTES = 24_000
MINUTE = timedelta(minutes=1)
PLAY_LIVE = ".bar-play"
HLS = "application/vnd.apple.mpegurl"
HLS_TYPES = {".m3u8": HLS, ".ts": "video/mp2t"}
CORS = {"Access-Control-Allow-Origin": "*"}
_KNOWS_NO_HLS = """
const canPlayType = HTMLMediaElement.prototype.canPlayType;
HTMLMediaElement.prototype.canPlayType = function (type) {
  return /mpegurl/i.test(type) ? "" : canPlayType.call(this, type);
};
"""
_WATCH = """() => {
  window.breaks = [];
  deckOfTests.addEventListener("change", () => window.breaks.push(deckOfTests.state));
  let before = [performance.now(), deckOfTests.position];
  setInterval(() => {
    const now = [performance.now(), deckOfTests.position];
    if (now[1] <= before[1] && now[0] - before[0] > 400) window.breaks.push(`stood still at ${now[1]}`);
    before = now;
  }, 500);
}"""
"""Notes when the sound is in another state than playing, or its clock stands still."""


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Twenty seconds of sound for a stream, 192 kbit/s."""
    path = tmp_path_factory.mktemp("tone") / "tone.mp3"
    run_ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "sine=f=330:d=20",
        "-b:a",
        "192k",
        "-write_xing",
        "0",
        "-id3v2_version",
        "0",
        str(path),
    )
    return path.read_bytes()


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A minute and a half of sound, as a story has it."""
    path = tmp_path_factory.mktemp("segment") / "segment.mp3"
    run_ffmpeg("-f", "lavfi", "-i", "sine=f=440:d=90", "-b:a", "64k", "-ac", "1", str(path))
    return path.read_bytes()


@dataclass
class OnAir:
    """A station that is on air: its folder, its server, its stream."""

    folder: StationFolder
    server: Server
    stream: Icecast
    base: str

    def plan(self, *programmes: tuple[str, timedelta, timedelta]) -> None:
        """Have these programmes on, each from and to so long after now."""
        now = datetime.now(UTC).replace(microsecond=0)
        lines = [
            f"  - {{start: {(now + start).isoformat()}, end: {(now + end).isoformat()}, title: {title}}}\n"
            for title, start, end in programmes
        ]
        path = self.folder.root / "schedules" / "kxmp-fm.yaml"
        path.write_text("overrides:\n" + "".join(lines))


@pytest.fixture(scope="module")
def on_air(tmp_path_factory: pytest.TempPathFactory, segment: bytes) -> Iterator[OnAir]:
    root = tmp_path_factory.mktemp("on-air")
    with icecast(root) as stream:
        config = CONFIG.replace(
            f'kxmp-fm: {{name: KXMP 91.3 FM, kind: fm, streams: [{{url: "{STREAM}"',
            f'kxmp-fm: {{name: KXMP 91.3 FM, kind: fm, streams: [{{url: "{stream.stream_url}"',
        )
        assert stream.stream_url in config
        second = f'      kxmp-hd: {{name: KXMP Classical, kind: hd, streams: [{{url: "{stream.stream_url}?hd", media_type: audio/mpeg}}]}}\nshows:'
        folder = make_station(root / "station", config.replace("shows:", second, 1))
        (folder.root / "schedules").mkdir()
        for number in range(6):
            folder.episode(f"story-{number}", published_at=f"2026-05-0{number + 1}T08:00Z")
        folder.put("heard", "segment.mp3", segment)
        folder.put("heard", "words.vtt", _words().encode())
        folder.episode(
            "heard",
            "audio: {file: segment.mp3, chapters: [{at: '0:00', title: The idea}, {at: '0:40', title: Who may borrow}]}\n"
            "transcript: words.vtt\n",
        )
        with serving(folder.root) as server:
            yield OnAir(folder, server, stream, f"http://127.0.0.1:{server.port}")


def _words() -> str:
    """A transcript with a line every six seconds."""
    cues = [
        f"00:{second // 60:02}:{second % 60:02}.000 --> 00:{(second + 5) // 60:02}:{(second + 5) % 60:02}.000\n"
        f"<v {'Ada' if second % 12 else 'Sam'}>Words from second {second}.\n"
        for second in range(0, 90, 6)
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


@pytest.fixture
def visit(chromium: Browser, on_air: OnAir) -> Iterator[Visit]:
    with visiting(chromium, on_air.base) as visit:
        yield visit
        stream = on_air.stream.stream_url.split("/")[2]
        assert visit.elsewhere <= {stream}, "only the stream is asked"


def text(visit: Visit, selector: str) -> str:
    return " ".join((visit.page.locator(selector).first.text_content() or "").split())


def shows(visit: Visit, selector: str, words: str) -> None:
    """Wait until words are shown."""
    visit.page.locator(selector).first.filter(has_text=words).wait_for(state="attached")


def test_live_radio_plays_on_through_five_pages(visit: Visit, on_air: OnAir, tone: bytes) -> None:
    on_air.plan(("Morning Music", -10 * MINUTE, 50 * MINUTE))
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/")
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.state === 'playing' && deck.position > 0.5")
        visit.page.evaluate(_WATCH)
        heard = visit.deck("position")
        for selector in ("a[href='/stories/story-5']", "a[href='/shows/newsroom']", "a[href='/live']",
                         "a[href='/schedule/kxmp-fm']", "a.brand"):  # fmt: skip
            visit.follow(selector)
            assert visit.page.evaluate("!!window.deckOfTests"), "the page was loaded anew, not changed"
            now = visit.deck("position")
            assert now >= heard, "the sound's clock went back"
            heard = now
            assert visit.page.locator(PLAY_LIVE).get_attribute("aria-label") == "Stop Live Radio"
        visit.deck_is(f"deck.position > {heard} + 0.5")
        visit.page.go_back()
        visit.page.wait_for_timeout(500)
        assert visit.page.evaluate("window.breaks") == [], "nothing of the sound was let go or waited for"
        assert visit.deck("state") == "playing"
    assert visit.complaints == []


def test_what_is_on_air_and_next_changes_by_itself(visit: Visit, on_air: OnAir) -> None:
    on_air.plan(("Morning Music", -10 * MINUTE, 50 * MINUTE), ("Noon News", 50 * MINUTE, 70 * MINUTE))
    visit.open("/")
    shows(visit, ".bar-title", "Morning Music")
    shows(visit, ".bar-next", "Next Up: Noon News, ")
    shows(visit, ".bar-time", "10:")
    assert text(visit, ".bar-time").endswith("/ 1:00:00")
    soon = timedelta(seconds=4)
    on_air.plan(
        ("Morning Music", -10 * MINUTE, soon),
        ("Breaking", soon, 20 * MINUTE),
        ("Jazz", 20 * MINUTE, 50 * MINUTE),
    )
    shows(visit, ".bar-next", "Next Up: Breaking")
    visit.page.evaluate("window.isTheSamePage = true")
    shows(visit, ".bar-title", "Breaking")
    shows(visit, ".bar-next", "Next Up: Jazz")
    shows(visit, "#live-kxmp-fm", "On air: Breaking")
    assert visit.page.evaluate("window.isTheSamePage")
    assert visit.complaints == []


def test_a_stream_that_drops_is_off_air_and_comes_back(visit: Visit, on_air: OnAir, tone: bytes) -> None:
    on_air.plan()
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/live/kxmp-fm")
        visit.page.locator(".play-live").click()
        visit.deck_is("deck.state === 'playing'")
    shows(visit, ".bar-detail", "Off air")
    shows(visit, ".bar [role=status]", "Off air")
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.page.wait_for_function("() => deckOfTests.state === 'playing'", timeout=10_000)
        shows(visit, ".bar [role=status]", "Playing KXMP 91.3 FM")
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.state === 'paused'")


def test_another_service_is_chosen_in_the_player(visit: Visit, on_air: OnAir, tone: bytes) -> None:
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/stories/story-1")
        choose = visit.page.get_by_role("button", name="Available On Air Stations")
        assert choose.get_attribute("aria-expanded") == "false"
        choose.click()
        assert visit.page.locator(".bar-list button b").all_text_contents() == [
            "KXMP 91.3 FM",
            "KXMP Classical",
        ]
        visit.page.get_by_role("button", name="KXMP Classical").click()
        assert visit.deck("playing.service") == "kxmp-hd"
        assert not visit.page.locator("#stations").is_visible()
        visit.page.reload()
        shows(visit, ".bar-title", "KXMP Classical")


def test_a_segment_plays_and_jumps_by_chapter_and_by_words(visit: Visit, on_air: OnAir, tone: bytes) -> None:
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/stories/heard")
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.state === 'playing' && deck.isLive")
        visit.page.locator(".sound-play").click()
        visit.deck_is("deck.isSegment && deck.state === 'playing' && deck.position > 0.3")
    shows(visit, ".bar-title", "The story of heard")
    visit.page.locator("summary", has_text="Chapters").click()
    visit.page.get_by_role("button", name="Who may borrow").click()
    visit.deck_is("deck.position >= 40 && deck.position < 45")
    assert visit.page.locator(".chapters [data-current]").text_content() != ""
    assert "Who may borrow" in text(visit, ".chapters [data-current]")
    visit.page.locator("summary", has_text="Transcript").click()
    shows(visit, ".transcript [aria-current]", "Words from second 42.")
    visit.page.get_by_text("Words from second 66.").click()
    visit.deck_is("deck.position >= 66 && deck.position < 70")
    shows(visit, ".transcript [aria-current]", "Words from second 66.")
    assert visit.complaints == []


def test_a_segment_is_taken_up_tomorrow_where_it_was_left(visit: Visit) -> None:
    visit.open("/stories/heard")
    visit.page.get_by_role("slider", name="Position in The story of heard").fill("50")
    visit.deck_is("deck.state === 'playing' && deck.position >= 50")
    visit.page.get_by_label("Speed").select_option("1.5")
    assert visit.page.evaluate("deckOfTests.rate") == 1.5
    visit.page.get_by_role("button", name="Back 15 seconds").click()
    visit.deck_is("deck.position >= 35 && deck.position < 45")
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.state === 'paused'")
    stopped = visit.deck("position")
    visit.page.reload()
    shows(visit, ".hint", "Goes on at 0:")
    assert visit.page.get_by_label("Speed").input_value() == "1.5"
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.state === 'playing'")
    assert stopped - 2 <= visit.deck("position") <= stopped + 8
    assert visit.complaints == []


def test_seeking_in_the_waveform_by_key_and_by_click(visit: Visit) -> None:
    visit.open("/stories/heard")
    slider = visit.page.get_by_role("slider", name="Position in The story of heard")
    slider.focus()
    visit.page.keyboard.press("ArrowRight")
    visit.deck_is("deck.isSegment && deck.position >= 4")
    assert "of 1 minute 30 seconds" in (slider.get_attribute("aria-valuetext") or "")
    box = slider.bounding_box()
    assert box
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.deck_is("deck.position >= 40 && deck.position <= 52")


def test_the_lock_screen_knows_what_plays(visit: Visit, on_air: OnAir, tone: bytes) -> None:
    on_air.plan(("Morning Music", -10 * MINUTE, 50 * MINUTE))
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/")
        shows(visit, ".bar-title", "Morning Music")
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.state === 'playing'")
        told = visit.page.evaluate(
            "({title: navigator.mediaSession.metadata.title, album: navigator.mediaSession.metadata.album, state: navigator.mediaSession.playbackState})"
        )
        assert told == {"title": "Morning Music", "album": "KXMP 91.3 FM", "state": "playing"}
    visit.open("/stories/heard")
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.state === 'playing'")
    assert visit.page.evaluate("navigator.mediaSession.metadata.title") == "The story of heard"


def test_everything_is_reached_by_keyboard(visit: Visit, on_air: OnAir, tone: bytes) -> None:
    on_air.plan(("Morning Music", -10 * MINUTE, 50 * MINUTE))
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/stories/heard")
        shows(visit, ".bar-title", "Morning Music")
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.className") == "skip"
        visit.page.keyboard.press("Enter")
        reached: list[str] = []
        for _ in range(60):
            visit.page.keyboard.press("Tab")
            name = visit.page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent.trim()"
            )
            reached.append(name)
        for wanted in ("Play The story of heard", "Back 15 seconds", "Ahead 30 seconds", "Speed",
                       "Position in The story of heard", "Play Live Radio", "Available On Air Stations"):  # fmt: skip
            assert wanted in reached, wanted
        assert reached.index("Play The story of heard") < reached.index("Play Live Radio")
        visit.page.locator(PLAY_LIVE).focus()
        visit.page.keyboard.press("Space")
        visit.deck_is("deck.state === 'playing'")
        visit.page.get_by_role("button", name="Available On Air Stations").press("Enter")
        visit.page.keyboard.press("Escape")
        assert visit.page.evaluate("document.activeElement.className") == "bar-choose"


def test_a_reader_hears_the_player_after_the_headline_and_not_before_it_is_used(
    visit: Visit, on_air: OnAir
) -> None:
    on_air.plan(("Morning Music", -10 * MINUTE, 50 * MINUTE))
    for address in ("/", "/stories/heard", "/live", "/search"):
        visit.open(address)
        shows(visit, ".bar-title", "Morning Music")
        order = visit.page.evaluate(
            "document.querySelector('h1').compareDocumentPosition(document.querySelector('station-player'))"
        )
        assert order & 4, "the player follows the headline"
        spoken = visit.page.locator("station-player [role=status], station-player [aria-live]")
        assert spoken.count() == 1
        assert spoken.text_content() == ""


@pytest.mark.parametrize("knows", [True, False], ids=["by itself", "by the library"])
def test_hls_is_played_by_the_browser_or_by_the_library(
    chromium: Browser, tmp_path: Path, knows: bool
) -> None:
    run_ffmpeg(
        "-f", "lavfi", "-i", "sine=f=330:d=30", "-c:a", "aac", "-b:a", "64k", "-f", "hls", "-hls_time", "2",
        "-hls_list_size", "0", "-hls_flags", "omit_endlist", str(tmp_path / "live.m3u8"),
    )  # fmt: skip
    replies = {
        f"/{path.name}": Reply(200, {"Content-Type": HLS_TYPES[path.suffix], **CORS}, path.read_bytes())
        for path in tmp_path.iterdir()
    }
    with site(replies) as elsewhere:
        config = CONFIG.replace(STREAM, f"{elsewhere.url}/live.m3u8").replace(
            "media_type: audio/mpeg", f"media_type: {HLS}"
        )
        folder = make_station(tmp_path / "station", config)
        with serving(folder.root) as server, visiting(chromium, f"http://127.0.0.1:{server.port}") as visit:
            if not knows:
                visit.page.add_init_script(_KNOWS_NO_HLS)
            visit.open("/live")
            visit.page.locator(".play-live").click()
            visit.deck_is("deck.state === 'playing' && deck.position > 0.5")
            assert any("/vendor/hls" in one for one in visit.assets) is not knows
            assert [one for one in visit.complaints if "Content Security Policy" in one] == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"Content-Type": "audio/mpeg"}, b"This is no sound.\n" * 100),
        Reply(404),
        Reply(200, {"Content-Type": "text/html"}, b"<title>Sorry</title>"),
    ],
    ids=["text", "missing", "page"],
)
def test_a_stream_that_is_none_is_off_air(chromium: Browser, tmp_path: Path, reply: Reply) -> None:
    with site({"/fm.mp3": reply}) as elsewhere:
        _is_off_air(chromium, tmp_path, f"{elsewhere.url}/fm.mp3")


def test_a_stream_on_which_nothing_comes_is_off_air(chromium: Browser, tmp_path: Path) -> None:
    over = threading.Event()

    def say_nothing(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n")
        over.wait(PATIENCE_S)

    with speaker(say_nothing) as url:
        try:
            _is_off_air(chromium, tmp_path, url)
        finally:
            over.set()


def _is_off_air(chromium: Browser, tmp_path: Path, url: str) -> None:
    folder = make_station(tmp_path / "station", CONFIG.replace(STREAM, url))
    with serving(folder.root) as server, visiting(chromium, f"http://127.0.0.1:{server.port}") as visit:
        visit.open("/live")
        visit.page.locator(".play-live").click()
        wait_until(visit.page, lambda: "Off air" in text(visit, ".bar-detail"), seconds=40)
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.state === 'paused'")
