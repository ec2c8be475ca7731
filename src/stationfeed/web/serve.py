"""The main job: one process that watches the folder, keeps the public things up to date and serves them."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from uvicorn.loops.auto import auto_loop_factory

from stationfeed.desk.embed import describe_embed
from stationfeed.desk.hear import hear_push
from stationfeed.desk.look_up import slots_between
from stationfeed.errors import StationfeedError
from stationfeed.model.addresses import HOME
from stationfeed.publish.shelf import make_ready
from stationfeed.site import Document, PublicFile
from stationfeed.station.departures import Gone
from stationfeed.station.polling import Polling
from stationfeed.station.prints import public_slugs
from stationfeed.web.application import Questions, make_application
from stationfeed.web.events import RECENT, EventStreams
from stationfeed.web.open_files import FileOffer
from stationfeed.web.plane import PublicPlane, Refusal
from stationfeed.web.protocol import ConnectionLimits
from stationfeed.web.server import serve
from stationfeed.web.watch import watch_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from stationfeed.catalogue.events import Event
    from stationfeed.model.config import Limits
    from stationfeed.model.on_air import PlayingItem
    from stationfeed.model.words import Slug
    from stationfeed.station.derivation import Outcome
    from stationfeed.station.health import Health
    from stationfeed.station.opened import OpenStation

T = TypeVar("T")

LOG = logging.getLogger("stationfeed")
LONGEST_SLEEP_S = 30.0
RETRY_S = 5.0
PRINTED_TOGETHER = 50
SEARCHES_AT_ONCE = 4
PRINT_ALL_EVERY_S = 3600.0
HEARING_S = 60.0
"""How long a source waits for the station to take in what it heard; then it tells it again the next time."""


def run_service(
    station: OpenStation,
    operator_token: str | None,
    *,
    host: str,
    port: int,
    on_ready: Callable[[str], None],
) -> None:
    """Serve an open station until SIGINT or SIGTERM."""

    async def run() -> None:
        await Service(station, operator_token).run(host, port, on_ready)

    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(run())


class Service:
    """An open station with its public plane. All work on the station is done by one thread, in order."""

    def __init__(self, station: OpenStation, operator_token: str | None) -> None:
        self.station = station
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="station")
        self._wake = asyncio.Event()
        self._derivation = station.open_derivation()
        self._done: asyncio.Queue[Outcome] = asyncio.Queue()
        self._darkroom = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
        self._unprinted: asyncio.Queue[Collection[str]] = asyncio.Queue()
        self._stop = threading.Event()
        self._searching = 0
        self._polling = Polling(_now, self._hear_from_source)
        self._loop: asyncio.AbstractEventLoop | None = None
        questions = Questions(
            health=self._health,
            jobs=lambda: self._derivation.jobs,
            sources=lambda: self._polling.states,
            listeners=lambda: self.plane.events.count,
            hear=self._hear_push,
            schedule=self._schedule,
            search=self._search,
            describe_embed=self._describe_embed,
        )
        application = make_application(questions, operator_token)
        events = EventStreams(station.config.limits.event_clients, self._events_after)
        events.remember(*station.recent_events(RECENT))
        self.plane = PublicPlane(station.root, application, self._ask, events)
        self._fails = False
        self._shown = station.shelf
        self.plane.show(self._shown)

    async def run(self, host: str, port: int, on_ready: Callable[[str], None]) -> None:
        """Serve until told to stop."""
        self._loop = asyncio.get_running_loop()
        works = (self._watch, self._keep_time, self._take_back, self._print, self.plane.events.keep_alive)
        tasks = [asyncio.create_task(_for_ever(work)) for work in works]
        self._worker.submit(self._warm_up)
        self._follow_sources()
        try:
            limits = _connection_limits(self.station.config.limits)
            await serve(
                self.plane,
                host=host,
                port=port,
                limits=limits,
                on_ready=on_ready,
                at_once=self.plane.at_once,
                on_stop=self.plane.events.close,
            )
        finally:
            self._polling.close()
            self._stop.set()
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)
            self._derivation.close()
            self._darkroom.shutdown()
            self._worker.shutdown()

    def _warm_up(self) -> None:
        """Templates and statements are made ready by their first use: not by a listener's."""
        pages = self.station.site.pages
        pages.answer(HOME, _now())
        pages.search("a", _now())

    async def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, *arguments)

    async def _watch(self) -> None:
        """Look again when something in the folder changed, and now and then without being told."""
        async with aclosing(watch_folder(self.station.root.absolute())) as changes:
            async for changed in changes:
                await self._look(changed)

    async def _look(self, only: Collection[str] | None) -> None:
        touched = await self._bring_up_to_date(self.station.look, only)
        if touched:
            LOG.info("changed: %s", ", ".join(sorted(touched)[:10]))
        self._follow_sources()
        self._wake.set()
        self._unprinted.put_nowait(touched)
        await self._derive(swept=only is None)

    def _follow_sources(self) -> None:
        services = self.station.config.services
        sources = {one: it.now_playing for one, (_, it) in services.items() if it.now_playing}
        self._polling.follow(sources, self.station.ears.items)

    def _hear_from_source(self, service_id: Slug, item: PlayingItem | None) -> None:
        """Called in a source's own thread."""
        if self._loop is not None:
            work = self._hear(self.station.hear, service_id, item)
            asyncio.run_coroutine_threadsafe(work, self._loop).result(HEARING_S)

    async def _hear_push(self, service_id: str, token: str | None, data: bytes) -> None:
        await self._hear(partial(hear_push, self.station), service_id, token, data)

    async def _hear(self, work: Callable[..., None], *arguments: Any) -> None:
        """Have the station hear what is on air, and show what came of it."""
        await self._do(lambda: work(*arguments, _now()))
        await self._show()
        self._wake.set()

    async def _schedule(self, service_id: str, start: str | None, end: str | None) -> bytes:
        return await self._do(lambda: slots_between(self.station, service_id, start, end, _now()))

    async def _search(self, query: str) -> tuple[int, Document]:
        """The status and the page; many searches at a time must not keep the station from its work."""
        if self._searching >= SEARCHES_AT_ONCE:
            return 503, self.station.site.pages.busy
        self._searching += 1
        try:
            return 200, await self._do(lambda: self.station.site.pages.search(query, _now()))
        finally:
            self._searching -= 1

    async def _describe_embed(self, url: str, width: int, height: int) -> bytes | None:
        return await self._do(lambda: describe_embed(self.station, url, width, height, _now()))

    async def _events_after(self, number: int) -> list[Event]:
        return await self._do(self.station.events_after, number)

    async def _derive(self, *, swept: bool) -> None:
        """Begin with the renditions that are missing."""
        loop = asyncio.get_running_loop()

        def on_done(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(self._done.put_nowait, outcome)

        self._derivation.take(await self._do(lambda: self.station.missing_renditions(_now())), on_done)
        if swept:
            await self._do(lambda: self.station.sweep_renditions(_now()))

    async def _print(self) -> None:
        """Make photos in the sizes of pages, the newest stories' first; pages have them as they are made.

        All are looked at when this begins and now and then, what changed or became public at once.
        """
        while True:
            slugs = await self._do(self._public_slugs)
            for start in range(0, len(slugs), PRINTED_TOGETHER):
                await self._print_some(slugs[start : start + PRINTED_TOGETHER])
            await self._do(lambda: self.station.prints.sweep(self.station.catalogue, _now()))
            with suppress(TimeoutError):
                async with asyncio.timeout(PRINT_ALL_EVERY_S):
                    while True:
                        await self._print_some(await self._unprinted.get())

    def _public_slugs(self) -> list[Slug]:
        return public_slugs(self.station.catalogue, _now())

    async def _print_some(self, slugs: Collection[str]) -> None:
        if not slugs:
            return
        station = self.station
        wanted = await self._do(lambda: station.prints.missing(station.catalogue, slugs, _now()))
        if not wanted:
            return
        darkroom = station.prints.open_darkroom(station.config.limits)
        work = partial(darkroom.print_all, wanted, self._stop)
        outcome = await asyncio.get_running_loop().run_in_executor(self._darkroom, work)
        for refused in outcome.refused:
            LOG.warning("%s is shown as it is: %s", refused.path, refused.reason)
        if outcome.made:
            await self._do(station.show_prints)
            await self._show()

    async def _take_back(self) -> None:
        """Publish renditions as they are made; say what could not be."""
        while True:
            outcome = await self._done.get()
            if outcome.failure is not None:
                LOG.error(
                    "the audio of %s was not made, and is tried again: %s", outcome.slug, outcome.failure
                )
                continue
            if outcome.refusal is None:
                LOG.info("made the audio of %s, %s waiting", outcome.slug, len(self._derivation.jobs))
            await self._bring_up_to_date(self._take_rendition, outcome)

    def _take_rendition(self, at: datetime, outcome: Outcome) -> frozenset[str]:
        return self.station.take_rendition(outcome, at)

    async def _bring_up_to_date(self, work: Callable[..., frozenset[str]], *arguments: Any) -> frozenset[str]:
        """Have the station look, or let time pass, until it could, and show what came of it."""
        while True:
            try:
                # The time is that of the work, not of its being asked for: others may have been before it.
                touched = await self._do(lambda: work(_now(), *arguments))
                break
            except StationfeedError as error:
                self._fails = True
                LOG.error("nothing was published, everything stays as it was: %s", error)  # noqa: TRY400 - said to staff
                await asyncio.sleep(RETRY_S)
        self._fails = False
        await self._show()
        return touched

    async def _show(self) -> None:
        """Serve what the station has published, and tell those who listen."""
        if self.station.shelf is not self._shown:
            self._shown = self.station.shelf
            self.plane.show(self._shown)
            events = self.plane.events
            events.tell(await self._events_after(events.last))

    async def _keep_time(self) -> None:
        """Publish what is due when it is due; a clock that is set anew is noticed within half a minute."""
        while True:
            due = self.station.shelf.due
            seconds = (due - _now()).total_seconds() if due else LONGEST_SLEEP_S
            with suppress(TimeoutError):
                async with asyncio.timeout(min(max(seconds, 0.0), LONGEST_SLEEP_S)):
                    await self._wake.wait()
            self._wake.clear()
            self._unprinted.put_nowait(await self._bring_up_to_date(self.station.tick))

    async def _ask(self, path: str) -> Any:
        return await self._do(self._answer, path)

    def _answer(self, path: str) -> Any:
        at = _now()
        found = self.station.answer(path, at)
        if isinstance(found, PublicFile):
            return FileOffer(found, self.station.since(found, at), self.station.stamp_of(found))
        if isinstance(found, Document):
            return make_ready(found, found.etag, self.station.since(found, at))
        return self._refusal(path, found) if found is None or isinstance(found, Gone) else found

    def _refusal(self, path: str, gone: Gone | None) -> Refusal:
        """In HTML where people go: that is, at addresses that do not end like a file's."""
        pages = self.station.site.pages
        has_page = "." not in path.rpartition("/")[2]
        if gone is None:
            return Refusal(404, "There is nothing here.\n", pages.not_found if has_page else None)
        words = f"This was withdrawn.{f' {gone.reason}' if gone.reason else ''}\n"
        return Refusal(410, words, pages.gone(gone.reason) if has_page else None)

    async def _health(self) -> Health:
        health = await self._do(lambda: self.station.health(_now()))
        return replace(health, ok=health.ok and not self._fails)


def _connection_limits(limits: Limits) -> ConnectionLimits:
    return ConnectionLimits(head_bytes=limits.request_header_bytes, head_fields=limits.request_headers)


async def _for_ever(work: Callable[[], Awaitable[None]]) -> None:
    """Work that must never end: a full disk, say, is told and tried again, while what is public stays."""
    while True:
        try:
            await work()
        except Exception:
            LOG.exception("what is public stays as it is; trying again every %s s", RETRY_S)
            await asyncio.sleep(RETRY_S)


def _now() -> datetime:
    return datetime.now(UTC)
