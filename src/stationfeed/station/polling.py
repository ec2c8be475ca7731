"""Asks the sources that the configuration names what is playing, again and again, each in a thread of its own."""

from __future__ import annotations

import logging
import random
import threading
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from stationfeed.errors import SourceError
from stationfeed.model.on_air import PlayingItem
from stationfeed.sources.backoff import wait_s
from stationfeed.sources.fetch import Fetcher
from stationfeed.sources.filtering import is_news
from stationfeed.sources.now_playing import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from stationfeed.model.station import NowPlayingSource
    from stationfeed.model.words import Slug
    from stationfeed.sources.now_playing import Heard

    OnItem = Callable[[Slug, PlayingItem | None], None]

LOG = logging.getLogger("stationfeed")
NOTHING_TOLD: Mapping[Slug, PlayingItem] = MappingProxyType({})
SILENT_AFTER = 2
"""Of one answer that is missing nothing is concluded; after two the last title is not believed any more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceState:
    """How a source does; `since` is from when on it has been so, `reason` why it is silent."""

    service: str
    source: str
    state: Literal["starting", "ok", "silent"] = "starting"
    since: datetime | None = None
    reason: str | None = None


class Polling:
    """The sources of one configuration after another; `on_item` is called in another thread, and only for news."""

    def __init__(self, now: Callable[[], datetime], on_item: OnItem) -> None:
        self._now, self._on_item = now, on_item
        self._rounds: dict[Slug, _Round] = {}

    @property
    def states(self) -> list[SourceState]:
        return [one.state for one in self._rounds.values()]

    def follow(
        self, sources: Mapping[Slug, NowPlayingSource], told: Mapping[Slug, PlayingItem] = NOTHING_TOLD
    ) -> None:
        """Ask these from now on; one that is as before goes on as before.

        `told` is what was heard last on each service: a source must be able to take it back, also after a restart.
        """
        for service_id, one in list(self._rounds.items()):
            if sources.get(service_id) != one.source:
                self._rounds.pop(service_id).stop()
        for service_id, source in sources.items():
            if service_id not in self._rounds:
                self._rounds[service_id] = _Round(
                    service_id, source, self._now, self._on_item, told.get(service_id)
                )

    def close(self) -> None:
        for one in self._rounds.values():
            one.stop()


class _Round:
    """One source, asked until it is stopped. A thread that waits for an answer is left to end by itself."""

    def __init__(
        self,
        service_id: Slug,
        source: NowPlayingSource,
        now: Callable[[], datetime],
        on_item: OnItem,
        told: PlayingItem | None,
    ) -> None:
        self.source = source
        self.state = SourceState(service=service_id, source=source.source)
        self._service_id, self._now, self._on_item = service_id, now, on_item
        self._stopped = threading.Event()
        self._told = told if told and told.source == source.source else None
        threading.Thread(target=self._run, name=f"source-{service_id}", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        fetcher, failures = Fetcher(), 0
        while not self._stopped.is_set():
            try:
                self._note_answer(ask(self.source, fetcher))
                failures = 0
            except SourceError as error:
                failures += 1
                self._note_failure(error.reason, failures)
            except Exception:
                if self._stopped.is_set():
                    return
                failures += 1
                LOG.exception("%s: its %s source", self._service_id, self.source.source)
                self._note_failure("answered what we do not understand", failures)
            # Asked once more as usual: most of what fails once does not fail twice.
            self._stopped.wait(wait_s(max(failures - 1, 0), self.source.every_s, random.random()))

    def _note_answer(self, heard: Heard | None) -> None:
        if self.state.state != "ok":
            if self.state.state == "silent":
                LOG.info("%s: its %s source is back", self._service_id, self.source.source)
            self.state = replace(self.state, state="ok", since=self._now(), reason=None)
        if heard is not None and not is_news(heard.title, None, self.source.ignore):
            heard = None
        self._tell(heard)

    def _note_failure(self, reason: str, failures: int) -> None:
        if failures < SILENT_AFTER:
            return
        if self.state.state != "silent":
            LOG.warning("%s: its %s source is silent: it %s", self._service_id, self.source.source, reason)
            self.state = replace(self.state, state="silent", since=self._now())
        self.state = replace(self.state, reason=reason)
        self._tell(None)

    def _tell(self, heard: Heard | None) -> None:
        """What is new; a title that stays is not told again, so that one that is stuck grows old."""
        told = self._told
        if (told is None) == (heard is None) and (
            heard is None or told is None or (told.title, told.artist) == (heard.title, heard.artist)
        ):
            return
        at = self._now()
        item = None
        if heard is not None:
            item = PlayingItem(
                title=heard.title, artist=heard.artist, source=self.source.source, starts_at=at, as_of=at
            )
        if not self._stopped.is_set():
            self._on_item(self._service_id, item)
        self._told = item
