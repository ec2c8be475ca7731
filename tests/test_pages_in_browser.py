"""Every kind of page in a real browser: for everybody, in both themes, at four widths, without scripts, whatever is in it."""

from __future__ import annotations

import json
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import chromium, visiting
from tests.commands import run_command
from tests.feed_documents import copy_demo, png
from tests.outside import running
from tests.serving import serving
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser import Visit

__all__ = ["chromium"]

PAGES = (
    "/",
    "/stories/footbridge-reopens",
    "/stories/night-clinic",
    "/stories/long-ditch-s1e1",
    "/shows/newsroom",
    "/topics/water",
    "/people/marisol-tveit",
    "/days/2026-11-20",
    "/corrections",
    "/live",
    "/live/qjvr-music",
    "/schedule/qjvr-fm",
    "/browse",
    "/search",
    "/search?q=water",
    "/subscribe",
    "/embed/footbridge-reopens",
)
WIDTHS = (360, 768, 1280, 1920)
PAYLOADS = (
    "<script>document.title='ran'</script>",
    "</script><script>document.title='ran'</script>",
    "</title><script>document.title='ran'</script>",
    '"><img src=x onerror="document.title=\'ran\'">',
    "'><svg onload=document.title='ran'>",
    "</textarea><iframe srcdoc=\"<script>parent.document.title='ran'</script>\">",
    "<a href=\"javascript:document.title='ran'\">x</a>",
    "[x](javascript:document.title='ran')",
    "![x](x\"onerror=\"document.title='ran')",
    "{{ 7*7 }}${7*7}",
    "<!--<script>document.title='ran'//-->",
    "<details open ontoggle=document.title='ran'>",
    "<math><mtext></table><mglyph><style><img src=x onerror=document.title='ran'>",
    "\u2028\u2029\u202ename\u202c <b onmouseover=document.title='ran'>x</b>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<form action=javascript:alert(1)><button autofocus>x",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "&lt;script&gt;document.title='ran'&lt;/script&gt;",
    "<template><script>document.title='ran'</script></template>",
)
_FRAME = b"\xff\xe3\x18\xc0" + bytes(68)
"""72 ms of silence: MPEG 2.5 layer III, mono, 8 kbit/s at 8,000 Hz."""

# What has no node is inside the browser's own player.
_SHIFTS = """() => { window.shifts = []; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.sources.some((it) => it.node)) window.shifts.push(`${one.value}: ${one.sources.map((it) => it.node?.outerHTML?.slice(0, 90))}`);
}).observe({ type: "layout-shift", buffered: true }); }"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the demo station."""
    folder = copy_demo(tmp_path_factory.mktemp("demo") / "station")
    with serving(folder.root) as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(params=["light", "dark"])
def visit(chromium: Browser, demo: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    with visiting(chromium, demo, color_scheme=request.param) as visit:
        yield visit
        assert visit.elsewhere == set(), "no request to any other host"
        assert visit.complaints == []


def test_no_page_hinders_anybody(visit: Visit) -> None:
    found = {}
    for address in PAGES:
        visit.open(address)
        _settle(visit)
        for summary in visit.page.locator("summary").all():
            summary.click()
        violations = _violations(visit)
        if violations:
            found[address] = violations
    assert found == {}


def test_the_open_player_hinders_nobody(visit: Visit) -> None:
    visit.open("/stories/footbridge-reopens")
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.state === 'playing'")
    visit.page.get_by_role("button", name="Available On Air Stations").click()
    assert _violations(visit) == []


def test_every_page_has_the_same_landmarks_and_one_place_where_things_are_said(
    chromium: Browser, demo: str
) -> None:
    with visiting(chromium, demo) as visit:
        for address in PAGES:
            visit.open(address)
            if address.startswith("/embed/"):
                assert visit.page.get_by_role("main").count() == 1
                continue
            _settle(visit)
            for role in ("banner", "main", "contentinfo"):
                assert visit.page.get_by_role(role).count() == 1, (address, role)
            for name in ("Site", "Subscribe"):
                assert visit.page.get_by_role("navigation", name=name).count() == 1, (address, name)
            assert visit.page.get_by_role("region", name="Player").count() == 1, address
            assert visit.page.locator("station-player [role=status]").text_content() == "", address


def _settle(visit: Visit) -> None:
    """Until the player has said what is on air."""
    if "/embed/" not in visit.page.url:
        visit.page.locator(".bar-title").filter(has_text=" ").wait_for()


def _violations(visit: Visit) -> list[str]:
    report: dict[str, Any] = Axe().run(visit.page, options={"resultTypes": ["violations"]}).response
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in report["violations"]]


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_every_screen_and_nothing_on_them_jumps(chromium: Browser, demo: str, width: int) -> None:
    with visiting(chromium, demo, viewport={"width": width, "height": 800}) as visit:
        visit.page.add_init_script(f"({_SHIFTS})()")
        for address in PAGES:
            visit.open(address)
            _settle(visit)
            visit.page.wait_for_timeout(150)
            wide = visit.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} pixels wide"
            assert visit.page.evaluate("window.shifts") == [], address
            small = visit.page.evaluate(_SMALL_TARGETS)
            assert small == [], address


_SMALL_TARGETS = """() => [...document.querySelectorAll("button, select, summary, nav a")]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 23.5)
  .map((one) => one.outerHTML.slice(0, 120))"""
"""Where a thumb could miss (WCAG 2.2, success criterion 2.5.8)."""


def test_without_scripts_everything_is_there_but_what_needs_them(chromium: Browser, demo: str) -> None:
    with visiting(chromium, demo, java_script_enabled=False) as visit:
        visit.open("/")
        page = visit.page
        assert page.locator("live-service audio").get_attribute("controls") is not None
        assert page.locator("#live-qjvr-fm .now").inner_text().startswith("On air:")
        assert not page.locator("station-player").is_visible()
        page.locator(".teaser h3 a").first.click()
        assert page.locator("h1").count() == 1
        visit.open("/stories/footbridge-reopens")
        assert page.locator("story-audio audio").is_visible()
        page.locator("summary", has_text="Transcript").click()
        assert page.locator(".transcript [data-at]").first.is_visible()
        page.locator("nav a", has_text="Search").click()
        page.locator("#q").fill("footbridge")
        page.locator("form button").click()
        assert page.locator(".teaser").first.is_visible()
        assert "footbridge" in page.locator("h2").first.inner_text().lower()


def test_on_paper_there_is_the_story_and_nothing_to_press(chromium: Browser, demo: str) -> None:
    with visiting(chromium, demo) as visit:
        visit.open("/stories/footbridge-reopens")
        _settle(visit)
        visit.page.emulate_media(media="print")
        for hidden in ("station-player", "story-audio", "header nav", "footer nav", ".related"):
            assert not visit.page.locator(hidden).first.is_visible(), hidden
        for shown in ("h1", ".byline", "figure img", ".text"):
            assert visit.page.locator(shown).first.is_visible(), shown


def _write_hostile_station(folder: StationFolder) -> None:
    """A station in which every text that somebody can write is one of the payloads."""
    for name in ("people", "schedules"):
        (folder.root / name).mkdir()
    quoted = [json.dumps(payload) for payload in PAYLOADS]
    services = "".join(
        f"      f{number}: {{name: {one}, kind: fm, frequency: {one}, area: {one}, streams: "
        "[{url: 'http://127.0.0.1:1/x.mp3', media_type: audio/mpeg}]}\n"
        for number, one in enumerate(quoted)
    )
    shows = "".join(
        f"  w{number}: {{title: {one}, station: kxmp, description: {one}, hosts: [p{number}]}}\n"
        for number, one in enumerate(quoted)
    )
    feeds = "".join(
        f"  n{number}: {{title: {one}, station: kxmp, description: {one}, guid: {uuid4()}}}\n"
        for number, one in enumerate(quoted)
    )
    folder.config(
        f"site: {{title: {quoted[0]}, base_url: 'https://news.kxmp.example'}}\n"
        f"organization: {{name: {quoted[1]}, copyright: {quoted[1]}}}\naudio: {{renditions: false}}\n"
        f"stations:\n  kxmp:\n    name: {quoted[2]}\n    timezone: America/Chicago\n    tagline: {quoted[2]}\n"
        f"    services:\n{services}shows:\n{shows}feeds:\n{feeds}"
    )
    for number, payload in enumerate(PAYLOADS):
        _write_hostile_story(folder, number, payload)


def _write_hostile_story(folder: StationFolder, number: int, payload: str) -> None:
    one = json.dumps(payload)
    (folder.root / "people" / f"p{number}.md").write_text(f"---\nname: {one}\nrole: {one}\n---\n{payload}\n")
    (folder.root / "schedules" / f"f{number}.yaml").write_text(
        f'grid:\n  - {{title: {one}, producer: {one}, days: mon-sun, start: "00:00", end: "12:00"}}\n'
        f'  - {{show: w{number}, days: mon-sun, start: "12:00", end: "24:00"}}\n'
    )
    cue = payload.replace("-->", "--&gt;").replace("\u2028", " ").replace("\u2029", " ")
    folder.put(f"s{number}", "x.vtt", f"WEBVTT\n\n00:00.000 --> 00:02.000\n<v {cue}>{cue}\n".encode())
    folder.put(f"s{number}", "x.mp3", _FRAME * 42)
    folder.put(f"s{number}", "x.png", png(40, 40))
    origin = f"origin: {{organization: {one}, url: 'https://x.example/'}}\n" if number % 2 else ""
    folder.episode(
        f"s{number}",
        f"summary: {one}\nbyline: [p{number}, {one}]\n{origin}"
        f"image: {{file: x.png, alt: {one}, caption: {one}, credit: {one}, provider: {one}}}\n"
        f"updates: [{{at: 2026-05-02T08:00Z, kind: correction, note: {one}}}]\n"
        f"audio: {{file: x.mp3, chapters: [{{at: '0:00', title: {one}}}, {{at: '0:01', title: {one}}}]}}\n"
        "transcript: x.vtt\n",
        title=one, show=f"w{number}", body=f"{payload}\n\n> {payload}\n\n`{payload}`\n",
    )  # fmt: skip


def test_no_script_runs_whatever_staff_or_partners_write(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = make_station(tmp_path_factory.mktemp("hostile") / "station", CONFIG)
    _write_hostile_station(folder)
    every = range(len(PAYLOADS))
    searches = [f"/search?q={quote(payload, safe='')}" for payload in PAYLOADS]
    places = ("stories/s", "people/p", "shows/w", "live/f", "schedule/f", "embed/s")
    addresses = [f"/{place}{number}" for place in places for number in every]
    with serving(folder.root) as server, visiting(chromium, f"http://127.0.0.1:{server.port}") as visit:
        visit.page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
        for address in (*addresses, *searches, "/", "/live", "/corrections", "/browse", "/subscribe"):
            assert visit.open(address).status == 200, address
            assert visit.page.title() != "ran", address
            assert visit.page.url.startswith(visit.base), address
        visit.open("/stories/s0")
        visit.page.locator(".sound-play").click()
        visit.deck_is("deck.state !== 'idle'")
        assert PAYLOADS[0] in (visit.page.locator(".bar-title").text_content() or "")
        visit.page.locator(".bar-choose").click()
        assert visit.page.locator(".bar-list b").all_text_contents() == [
            " ".join(one.split()) for one in PAYLOADS
        ]
        for number in every:
            visit.page.evaluate("address => Turbo.visit(address)", f"/stories/s{number}")
            visit.page.wait_for_url(f"**/stories/s{number}")
            assert visit.page.title() != "ran"
        assert not [one for one in visit.complaints if "Content Security Policy" in one], "nothing even tried"
        assert visit.elsewhere == set()


def test_a_built_site_on_a_plain_file_server_looks_and_plays_the_same(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = copy_demo(tmp_path_factory.mktemp("built") / "station")
    out = folder.root.with_name("out")
    assert run_command("-C", folder.root, "build", out).code == 0
    handler = partial(_Quiet, directory=str(out))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as files, running(files.serve_forever):
        try:
            with visiting(chromium, f"http://127.0.0.1:{files.server_port}") as visit:
                visit.open("/")
                _settle(visit)
                visit.page.wait_for_timeout(300)
                visit.page.locator(".teaser h3 a", has_text="footbridge").click()
                visit.page.locator("story-audio").wait_for()
                visit.page.locator(".sound-play").click()
                visit.deck_is("deck.state === 'playing' && deck.position > 0.5")
                assert visit.page.locator("figure img").evaluate("it => it.naturalWidth") > 0
                assert visit.elsewhere == set()
                assert [one for one in visit.complaints if "/api/v1/" not in one] == [], "it has no events"
        finally:
            files.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_said: object) -> None:
        """Nothing: what it is asked for is not what is looked at."""


_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3


def test_stories_at_the_edges_stay_whole_on_a_phone(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = make_station(tmp_path_factory.mktemp("edges") / "station", CONFIG)
    chapters = ", ".join(f"{{at: '0:{second:02}', title: Chapter {second}}}" for second in range(60))
    cues = "\n".join(
        f"{_stamp(second)} --> {_stamp(second + 1)}\n<v {'Ada' if second % 2 else 'Sam'}>Line {second}\n"
        for second in range(10_000)
    )
    folder.put("long", "x.mp3", _FRAME * 300_000)
    folder.put("long", "x.vtt", f"WEBVTT\n\n{cues}".encode())
    folder.episode(
        "long", f"audio: {{file: x.mp3, chapters: [{chapters}]}}\ntranscript: x.vtt\n",
        title=json.dumps("A title of three hundred letters. " * 8),
    )  # fmt: skip
    folder.put("short", "x.mp3", _FRAME * 42)
    folder.episode("short", "audio: {file: x.mp3}\n", title=_LONG[:200])
    folder.put("tall", "x.png", png(40, 4_000))
    folder.episode("tall", "image: {file: x.png, alt: A tower}\n", title='"مرحبا بالعالم 🎙️ \u202eabc"')
    folder.episode("bare", body="")
    table = "| " + " | ".join(f"column {number}" for number in range(40)) + " |\n" + "|---" * 40 + "|\n"
    folder.episode("wide", body=(table + "| x " * 40 + "|\n\n```\n" + "code " * 200 + "\n```\n\n") * 120)
    folder.episode("gone", "image: {file: nowhere.jpg, alt: Nothing}\n")
    with serving(folder.root) as server:
        base = f"http://127.0.0.1:{server.port}"
        with visiting(chromium, base, viewport={"width": 360, "height": 740}) as visit:
            for slug in ("long", "short", "tall", "bare", "wide", "gone"):
                visit.open(f"/stories/{slug}")
                visit.page.locator(".bar-play").wait_for()
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360, slug
                assert visit.page.locator("h1").bounding_box(), slug
            _ends_are_reached(visit)
            assert visit.complaints == []


def _ends_are_reached(visit: Visit) -> None:
    visit.open("/stories/long")
    slider = visit.page.get_by_role("slider", name="Position in A title of three")
    assert slider.get_attribute("aria-valuetext") == "0 seconds of 6 hours"
    slider.fill("9990")
    visit.deck_is("deck.state === 'playing' && deck.position >= 9989")
    visit.page.locator("summary", has_text="Transcript").click()
    visit.page.locator(".transcript [aria-current]").filter(has_text="Line 999").wait_for()
    assert visit.page.locator(".chapters [data-at]").count() == 60
    visit.open("/stories/short")
    visit.page.locator(".sound-play").click()
    visit.deck_is("deck.isSegment && deck.state === 'idle'")
    assert visit.page.locator(".hint").text_content() == ""


def _stamp(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.000"
