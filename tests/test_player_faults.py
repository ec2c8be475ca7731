"""The listeners' player where something is amiss: pages that are shown again, stations that say little, slow streams."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.audio_files import run_ffmpeg
from tests.browser import chromium, visiting, wait_until
from tests.outside import PATIENCE_S, speaker
from tests.serving import serving
from tests.stations import CONFIG, make_station
from tests.test_player import (
    BITRATE_BYTES,
    MINUTE,
    PLAY_LIVE,
    STREAM,
    on_air,
    segment,
    shows,
    text,
    tone,
    visit,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Route

    from tests.browser import Visit
    from tests.test_player import OnAir

__all__ = ["chromium", "on_air", "segment", "tone", "visit"]

_STATUS = "station-player [role=status]"
_NOTE_WHAT_IS_SAID = f"""() => {{
  const status = document.querySelector("{_STATUS}");
  window.said = [];
  new MutationObserver(() => window.said.push(status.textContent)).observe(status, {{ childList: true }});
}}"""
_HIDE = """() => {
  Object.defineProperty(document, "hidden", { get: () => true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A station whose service has no stream, with a segment of three seconds."""
    config = CONFIG.replace(f'streams: [{{url: "{STREAM}", media_type: audio/mpeg}}]', "streams: []")
    assert config != CONFIG
    folder = make_station(tmp_path_factory.mktemp("quiet") / "station", config)
    run_ffmpeg("-f", "lavfi", "-i", "sine=f=440:d=3", "-b:a", "64k", str(folder.put("short", "x.mp3", b"")))
    folder.episode("short", "audio: {file: x.mp3}\n", title='"קצר ומתוק: כותרת"')
    with serving(folder.root) as server:
        yield f"http://127.0.0.1:{server.port}"


def test_a_story_that_is_shown_again_is_as_good_as_the_first_time(visit: Visit) -> None:
    visit.open("/stories/heard")
    for summary in visit.page.locator("summary").all():
        summary.click()
    visit.page.get_by_role("slider", name="Position in The story of heard").fill("50")
    visit.deck_is("deck.state === 'playing' && deck.position >= 50")
    shows(visit, ".transcript [aria-current]", "Words from second 48.")
    visit.follow("a.brand")
    visit.page.evaluate("deckOfTests.seek(70)")
    visit.page.go_back()
    shows(visit, ".transcript [aria-current]", "Words from second 66.")
    assert visit.page.evaluate("!!window.deckOfTests"), "the page was loaded anew, not shown again"
    assert visit.page.locator(".transcript [aria-current]").count() == 1
    visit.page.get_by_role("button", name="The idea").click()
    visit.deck_is("deck.position < 10")
    shows(visit, ".chapters [aria-current=true]", "The idea")
    visit.page.get_by_role("button", name="Who may borrow").click()
    visit.deck_is("deck.position >= 40 && deck.position < 50")
    assert visit.complaints == []


def test_the_line_that_is_heard_is_within_the_box_and_the_page_stays(
    chromium: Browser, on_air: OnAir
) -> None:
    with visiting(chromium, on_air.base, viewport={"width": 360, "height": 400}) as visit:
        visit.open("/stories/heard")
        visit.page.get_by_role("slider", name="Position in The story of heard").fill("75")
        visit.deck_is("deck.state === 'playing'")
        visit.page.locator("summary", has_text="Transcript").click()
        is_seen = """() => {
          const [line, box] = [".lines [aria-current]", ".lines"].map((one) => document.querySelector(one).getBoundingClientRect());
          return line.top >= box.top && line.bottom <= box.bottom;
        }"""
        visit.until(is_seen)
        scrolled = visit.page.evaluate("scrollY")
        visit.page.evaluate("deckOfTests.seek(10)")
        shows(visit, ".transcript [aria-current]", "Words from second 6.")
        visit.until(is_seen)
        assert visit.page.evaluate("scrollY") == scrolled


def test_the_sound_goes_on_where_nothing_is_found(visit: Visit) -> None:
    visit.open("/stories/heard")
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.state === 'playing'")
    visit.page.evaluate("Turbo.visit('/stories/nobody-wrote-it')")
    shows(visit, "main", "latest stories")
    assert visit.page.evaluate("deckOfTests.state") == "playing"
    assert text(visit, ".bar-title") == "The story of heard"
    visit.page.get_by_role("button", name="Available On Air Stations").click()
    assert visit.page.locator(".bar-list button").count() == 2


def test_a_segment_can_be_stopped_in_the_player_of_a_station_without_streams(
    chromium: Browser, quiet: str
) -> None:
    with visiting(chromium, quiet) as visit:
        visit.open("/stories/short")
        shows(visit, ".bar-title", "KXMP 91.3 FM")
        assert visit.page.locator(PLAY_LIVE).is_disabled()
        visit.page.locator(".sound-play").click()
        visit.deck_is("deck.state === 'playing'")
        assert visit.page.locator(PLAY_LIVE).is_enabled()
        assert visit.page.locator(".bar-title").get_attribute("dir") == "auto"
        visit.deck_is("deck.state === 'idle'")
        visit.page.locator(".bar-seek").fill("2")
        assert visit.page.evaluate("[deckOfTests.position, deckOfTests.state]") == [2, "paused"]
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.position > 2 && deck.position < 3")
        assert visit.complaints == []


def test_a_slider_without_a_waveform_is_seen(chromium: Browser, quiet: str) -> None:
    with visiting(chromium, quiet) as visit:
        visit.open("/stories/short")
        slider = visit.page.locator(".wave input")
        assert slider.evaluate("one => getComputedStyle(one).opacity") == "1"
        slider.fill("2")
        visit.deck_is("deck.position >= 2")
        assert slider.input_value() in ("2", "3")


def test_live_radio_plays_while_nothing_is_told_of_it(visit: Visit, on_air: OnAir, tone: bytes) -> None:
    visit.page.route("**/api/v1/**", lambda route: route.abort())
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/live")
        visit.page.locator(".play-live").first.click()
        visit.deck_is("deck.state === 'playing'")
        assert text(visit, ".bar-title") == "KXMP 91.3 FM"
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.state === 'paused'")
    assert [one for one in visit.complaints if "Failed to load" not in one] == []


def test_files_that_nobody_renews_are_not_asked_for_again_and_again(visit: Visit) -> None:
    service = {"id": "kxmp-fm", "name": "KXMP", "timezone": "America/Chicago"}
    old = {"as_of": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T01:00:00Z"}
    told: dict[str, object] = {
        "services": [{"service": service, **old, "now_playing": None, "next_up": [], "streams": []}]
    }
    asked = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="application/json", body=json.dumps(told))

    visit.page.route("**/api/v1/now", answer)
    visit.page.route("**/api/v1/events", lambda route: route.fulfill(status=503))
    visit.open("/browse")
    shows(visit, ".bar-title", "KXMP")
    visit.page.wait_for_timeout(4_000)
    assert len(asked) == 1


def test_a_service_that_is_no_more_is_no_longer_offered(visit: Visit) -> None:
    visit.open("/browse")
    visit.until("() => document.querySelectorAll('.bar-list li').length === 2")
    left = visit.page.evaluate("fetch('/api/v1/now').then((answer) => answer.json())")
    left["services"] = left["services"][:1]
    visit.page.route("**/api/v1/now", lambda route: route.fulfill(json=left))
    module = next(one for one in visit.assets if one.endswith("/player/on-air.js"))
    visit.page.evaluate("url => import(url).then(({ onAir }) => onAir.start())", module)
    visit.until("() => document.querySelectorAll('.bar-list li').length === 1")


def test_jumps_are_not_talked_of(visit: Visit) -> None:
    visit.open("/stories/heard")
    visit.page.locator(".sound-play").click()
    shows(visit, _STATUS, "Playing The story of heard")
    visit.page.evaluate(_NOTE_WHAT_IS_SAID)
    for _ in range(4):
        visit.page.get_by_role("button", name="Ahead 30 seconds").click()
        visit.page.get_by_role("button", name="Back 15 seconds").click()
        visit.page.wait_for_timeout(200)
    visit.page.wait_for_timeout(1_000)
    assert visit.page.evaluate("window.said") == []


def test_a_lock_screen_is_told_what_is_on_while_nobody_sees_the_page(
    visit: Visit, on_air: OnAir, tone: bytes
) -> None:
    on_air.plan(("Morning Music", -10 * MINUTE, 50 * MINUTE))
    with on_air.stream.sending(tone, BITRATE_BYTES):
        visit.open("/")
        shows(visit, ".bar-title", "Morning Music")
        visit.page.locator(PLAY_LIVE).click()
        visit.deck_is("deck.state === 'playing'")
        visit.page.evaluate(_HIDE)
        on_air.plan(("Breaking", -10 * MINUTE, 50 * MINUTE))
        visit.until("() => navigator.mediaSession.metadata.title === 'Breaking'")


def test_a_slow_stream_that_sends_no_burst_is_waited_for(
    chromium: Browser, tmp_path: Path, tone: bytes
) -> None:
    """Chromium takes some seconds of sound in before it plays."""

    def speak(connection: socket.socket) -> None:
        time.sleep(2.5)
        with suppress(OSError):
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n")
            for at in range(int(PATIENCE_S * 10)):
                connection.sendall(sound[at * 600 : (at + 1) * 600])
                time.sleep(0.1)

    slow = tmp_path / "slow.mp3"
    run_ffmpeg("-f", "lavfi", "-i", "sine=f=330:d=30", "-b:a", "48k", "-ac", "1", "-write_xing", "0",
               "-id3v2_version", "0", str(slow))  # fmt: skip
    sound = slow.read_bytes()
    with speaker(speak) as url:
        folder = make_station(tmp_path / "station", CONFIG.replace(STREAM, url))
        with (
            serving(folder.root) as server,
            visiting(chromium, f"http://127.0.0.1:{server.port}") as visit,
        ):
            visit.open("/live")
            visit.page.locator(".play-live").click()
            visit.deck_is("deck.state !== 'idle'")
            visit.page.evaluate(
                "() => { window.states = []; deckOfTests.addEventListener('change', () => window.states.push(deckOfTests.state)) }"
            )
            wait_until(visit.page, lambda: visit.page.evaluate("window.states") != [])
            assert visit.page.evaluate("window.states") == ["playing"]
            visit.page.locator(PLAY_LIVE).click()


def test_a_stream_that_a_browser_cannot_play_is_not_said_to_be_off_air(visit: Visit) -> None:
    visit.page.add_init_script("HTMLMediaElement.prototype.canPlayType = () => ''; delete window.MediaSource")
    visit.open("/live")
    visit.page.locator(".play-live").first.click()
    shows(visit, ".bar-detail", "This cannot be played right now")


def test_a_playlist_is_saved_and_the_page_stays(visit: Visit) -> None:
    visit.open("/live")
    with visit.page.expect_download() as download:
        visit.page.locator("a[href$='.m3u']").first.click()
    assert download.value.suggested_filename.endswith(".m3u")
    assert visit.page.url == f"{visit.base}/live"


def test_a_page_that_takes_anothers_place_is_asked_for_once_and_its_title_is_said(visit: Visit) -> None:
    visit.open("/browse")
    said = visit.page.locator("html > [role=status]")
    said.wait_for(state="attached")
    assert said.text_content() == ""
    visit.page.wait_for_timeout(1_800)  # what the station tells at first is looked up on the page
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.follow("nav a[href='/live']")
    shows(visit, "html > [role=status]", visit.page.title())
    visit.page.wait_for_timeout(500)
    assert asked.count(f"{visit.base}/live") == 1


def test_who_is_on_a_link_stays_on_it_when_what_is_on_changes(visit: Visit, on_air: OnAir) -> None:
    on_air.plan(("News, show: newsroom", -10 * MINUTE, 50 * MINUTE))
    visit.open("/live/kxmp-fm")
    shows(visit, ".bar-title", "News")
    visit.page.locator("#live-kxmp-fm .now a").focus()
    on_air.plan(("News, show: newsroom", -10 * MINUTE, 50 * MINUTE), ("Jazz", 50 * MINUTE, 70 * MINUTE))
    shows(visit, "#live-kxmp-fm", "Jazz")
    assert visit.page.evaluate("document.activeElement.textContent") == "News"


def test_what_is_copied_twice_says_so_and_then_offers_it_again(visit: Visit) -> None:
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.open("/subscribe")
    button = visit.page.locator("[data-copy]").first
    for _ in range(2):
        button.click()
        shows(visit, "[data-copy]", "Copied")
    visit.page.wait_for_timeout(2_200)
    assert button.text_content() == "Copy"


def test_a_link_without_a_connection_leaves_the_sound_and_says_so(visit: Visit) -> None:
    visit.open("/stories/heard")
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.state === 'playing' && deck.duration > 80")
    visit.page.context.set_offline(True)
    visit.page.locator("nav a", has_text="Browse").click()
    shows(visit, ".notice", "This page cannot be reached right now.")
    assert visit.page.evaluate("deckOfTests.state") == "playing"
    assert visit.page.locator("h1").text_content() == "The story of heard"
    visit.page.context.set_offline(False)
    visit.follow("nav a[href='/browse']")
    assert visit.page.locator("h1").text_content() == "Browse"
    visit.deck_is("deck.state === 'playing'")


def test_a_feed_opens_beside_the_page_while_something_plays(visit: Visit) -> None:
    visit.open("/stories/heard")
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.state === 'playing'")
    with visit.page.expect_popup():
        visit.page.locator("footer a[href='/feeds/news.xml']").click()
    assert visit.page.evaluate("deckOfTests.state") == "playing"
    assert visit.page.url.endswith("/stories/heard")
