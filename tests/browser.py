"""Debian's Chromium on pages of a real server, and what it says of them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

PATIENCE_MS = 20_000
_ARGUMENTS = ["--no-sandbox", "--mute-audio", "--autoplay-policy=document-user-activation-required"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Skips, aloud, where there is none."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed (apt-get install chromium): the browser tests did NOT run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page that is looked at: what its console complains of, and whom it asks beside our server."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    assets: list[str] = field(default_factory=list)

    def open(self, address: str) -> Response:
        answer = self.page.goto(self.base + address)
        assert answer is not None
        return answer

    def follow(self, selector: str) -> None:
        """Click a link that leads to another page of ours, and wait until that is shown."""
        before = self.page.url
        self.page.locator(selector).first.click()
        self.page.wait_for_function("before => location.href !== before", arg=before)
        self.page.wait_for_function("() => !document.documentElement.hasAttribute('aria-busy')")

    def deck(self, what: str) -> Any:
        """A fact of the page's one sound, `position` say, from the very module that plays it."""
        (module,) = {one for one in self.assets if one.endswith("/player/deck.js")}
        return self.page.evaluate(
            f"async url => {{ const {{deck}} = await import(url); return deck.{what} }}", module
        )

    def until(self, script: str, argument: object = None) -> None:
        """Wait until something is true in the page."""
        self.page.wait_for_function(script, arg=argument)

    def deck_is(self, what: str) -> None:
        """Wait until something is true of the sound: `deck.position > 1`."""
        (module,) = {one for one in self.assets if one.endswith("/player/deck.js")}
        script = f"url => window.deckOfTests ? ((deck) => {what})(window.deckOfTests) : (import(url).then((m) => {{ window.deckOfTests = m.deck }}), false)"
        self.page.wait_for_function(script, arg=module)


@contextmanager
def visiting(browser: Browser, base: str, **options: Any) -> Iterator[Visit]:
    """A browser without a past; at its end nothing was complained of, and nobody else was asked but `allowed`."""
    context: BrowserContext = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    visit = Visit(context.new_page(), base)
    listen(visit, visit.page)
    try:
        yield visit
    finally:
        context.close()


def listen(visit: Visit, page: Page) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            visit.complaints.append(f"{message.text} ({message.location['url']})")

    def on_request(request: Request) -> None:
        if urlsplit(request.url).path.startswith("/assets/"):
            visit.assets.append(request.url)
        if not request.url.startswith((visit.base + "/", "blob:", "data:")):
            visit.elsewhere.add(urlsplit(request.url).netloc)

    page.on("console", on_console)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", on_request)


def wait_until(page: Page, question: Callable[[], bool], seconds: float = PATIENCE_MS / 1000) -> None:
    """Ask again and again while the page lives on."""
    for _ in range(int(seconds * 10)):
        if question():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not within {seconds} seconds")
