"""The open station: look at the folder, let time pass, answer for a public address, say what is wrong."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from stationfeed.audio.at_once import core_count
from stationfeed.audio.derive import Workshop
from stationfeed.audio.shelf import RenditionShelf
from stationfeed.catalogue.events import event_numbers, events_after
from stationfeed.catalogue.index import open_index
from stationfeed.catalogue.queries import due_between, guid_problems
from stationfeed.catalogue.renditions import (
    keep_refusal,
    lost_renditions,
    missing_renditions,
    renditions_of,
    used_renditions,
)
from stationfeed.catalogue.state import Offer, open_state
from stationfeed.errors import FolderError, Problem, Severity
from stationfeed.feeds.check import check_channel, check_item, check_size
from stationfeed.folder.paths import open_inside
from stationfeed.folder.reader import EPISODES, STATE, list_episode_folders
from stationfeed.publish.shelf import EMPTY, restock
from stationfeed.site import Document, PublicFile, Site
from stationfeed.station.departures import Gone, departed_story, moved_media, withdrawal_reason
from stationfeed.station.derivation import Derivation
from stationfeed.station.health import Health, health_of
from stationfeed.station.intake import Intake
from stationfeed.station.live import Ears, live_of
from stationfeed.station.prints import UNUSED_FOR, Prints
from stationfeed.station.register import Register
from stationfeed.station.surroundings import load_surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from stationfeed.catalogue.events import Event
    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import WantedRendition
    from stationfeed.catalogue.state import State
    from stationfeed.folder.reader import FolderStamp
    from stationfeed.model.config import Config
    from stationfeed.model.episode import Story
    from stationfeed.model.on_air import AsRun, PlayingItem
    from stationfeed.model.words import Slug, Url
    from stationfeed.publish.shelf import Shelf
    from stationfeed.site import Answer
    from stationfeed.station.derivation import Outcome
    from stationfeed.station.surroundings import Loaded

    Progress = Callable[[int, int], None]

LOG = logging.getLogger("stationfeed")
_BATCH = 500
_LEVELS = {
    Severity.ERROR: logging.ERROR,
    Severity.WARNING: logging.WARNING,
    Severity.NOTE: logging.DEBUG,
}


@dataclass
class OpenStation:
    """One station folder, open. Its methods are called by one thread at a time."""

    root: Path
    base_url: Url | None
    loaded: Loaded
    catalogue: Catalogue
    state: State
    site: Site
    register: Register
    ears: Ears
    prints: Prints
    publishes: bool = True
    shelf: Shelf = field(default=EMPTY)
    _anew: bool = True
    _unreadable: frozenset[str] = frozenset()
    _ticked_at: datetime | None = None
    _generation: int | None = None

    @property
    def config(self) -> Config:
        return self.loaded.config

    @property
    def intake(self) -> Intake:
        return Intake(self.root, self.loaded, self.catalogue, self.state, self.renditions)

    @property
    def renditions(self) -> RenditionShelf:
        return RenditionShelf(self.root)

    def close(self) -> None:
        self.catalogue.close()
        self.state.close()

    def look(
        self, at: datetime, only: Collection[str] | None = None, progress: Progress | None = None
    ) -> frozenset[str]:
        """Take in what changed in the folder, everywhere or in some episodes; the slugs that are not as before.

        Raises FolderError where the folder cannot be read; then everything stays as it was.
        """
        self._anew |= self._reload_surroundings()
        seen = self.catalogue.generation()
        touched, writes = self._take_in(None if self._anew else only, progress)
        # Another process wrote, or we did and could not publish it: then nobody can say what changed.
        is_ours = self._generation in (seen, None) and self.catalogue.generation() == seen + writes
        touched |= self._due(at)
        if self._go_live(at) or touched or self._anew or not is_ours:
            self._publish(touched if is_ours else None, at)
        self._anew, self._ticked_at = False, at
        self._generation = self.catalogue.generation()
        return touched

    def tick(self, at: datetime) -> frozenset[str]:
        """Let time pass: what appears or expires up to `at`, and which programme is on."""
        due = self._due(at)
        went_back = self._ticked_at is not None and at < self._ticked_at
        is_past = self.shelf.due is not None and self.shelf.due <= at
        if self._go_live(at) or due or went_back or is_past:
            self._publish(due, at)
        self._ticked_at = at
        return due

    def hear(self, service_id: Slug, item: PlayingItem | None, at: datetime) -> None:
        """This is heard on a service now; None: nothing that should be told."""
        self.ears.hear(service_id, item)
        self.tick(at)

    def hear_aired(self, service_id: Slug, told: Sequence[AsRun], at: datetime) -> None:
        """This really aired on a service, whatever was planned."""
        self.ears.hear_aired(service_id, told, at)
        self.tick(at)

    def answer(self, address: str, at: datetime) -> Answer | Gone | None:
        """What is at a public address, beyond the ready documents: pages, media, archives, what is gone."""
        found = self.site.answer(address, at) or departed_story(self.site, self.state, address, at)
        if found is not None:
            return found
        served = self.state.served([address]).get(address)
        if served is None:
            return None
        moved = moved_media(self.site, address, served.slug, at)
        return moved or Gone(withdrawal_reason(self.catalogue, served.slug))

    def stamp_of(self, file: PublicFile) -> str | None:
        """The stamp of a file as it was when it was looked at; None where that is not on record."""
        return self.catalogue.asset_stamp(str(file.path))

    def since(self, answer: Document | PublicFile, at: datetime) -> datetime:
        """When an answer's bytes were first served at its address."""
        offer = Offer(answer.address, answer.etag, answer.slug)
        return self.state.record_served([offer], at)[answer.address].since

    def events_after(self, number: int) -> list[Event]:
        """What listeners were told after an event."""
        return events_after(self.state, number)

    def recent_events(self, count: int) -> tuple[list[Event], tuple[int, int]]:
        """The last that listeners were told, and the numbers of the first and the last event on record."""
        first, last = event_numbers(self.state)
        return events_after(self.state, max(first - 1, last - count)), (first, last)

    def missing_renditions(self, at: datetime) -> list[WantedRendition]:
        """What is to be made for stories that are public or will be."""
        return missing_renditions(self.catalogue, at)

    def renditions_of(self, slug: str) -> list[WantedRendition]:
        """What a story should have, whether or not it may be public."""
        return renditions_of(self.catalogue, slug)

    def story(self, slug: str) -> Story | None:
        """A story as it was last read, whether or not it may be public."""
        return self.catalogue.stories([slug]).get(slug)

    def take_rendition(self, outcome: Outcome, at: datetime) -> frozenset[str]:
        """Publish what was made, or note that it cannot be as long as what it is made of stays the same."""
        if outcome.failure is not None:
            return frozenset()
        if outcome.refusal is not None:
            keep_refusal(self.catalogue, outcome.slug, outcome.name, outcome.refusal)
        return self.look(at, [outcome.slug])

    def open_derivation(self) -> Derivation:
        """What makes renditions of this folder, on half of the cores: each takes two where it can."""
        workshop = Workshop(self.renditions, partial(open_inside, self.root), self.config.limits)
        return Derivation(workshop, max(1, core_count() // 2))

    def show_prints(self) -> None:
        """Have pages made anew: there are more prints than before."""
        self.shelf = replace(self.shelf, edition=object())

    def sweep_renditions(self, at: datetime) -> int:
        """Delete renditions that no story has had for a day; how many files that were."""
        used = used_renditions(self.catalogue)
        return self.renditions.sweep(used, (at - UNUSED_FOR).timestamp())

    def problems(self) -> list[Problem]:
        """Every problem of the folder, in order of file and line."""
        unreadable = (_unreadable(name) for name in self._unreadable)
        everything = [
            *self.loaded.all_problems,
            *unreadable,
            *self.catalogue.problems(),
            *guid_problems(self.catalogue),
        ]
        return sorted(everything, key=lambda one: (str(one.path), one.line or 0, one.field or ""))

    def check(self, at: datetime) -> list[Problem]:
        """The folder's problems, and the rules of directories and apps that a feed would break, each once."""
        found = dict.fromkeys(self.problems())
        for feed_id in self.config.feeds:
            shown = self.site.window(feed_id, at)
            channel = self.site.channel(feed_id)
            items = list(zip((entry.slug for entry in shown), self.site.views(shown), strict=True))
            found.update(dict.fromkeys(check_channel(channel, items)))
            for slug, item in items:
                found.update(dict.fromkeys(check_item(slug, item, channel)))
            document = self.site.document(feed_id, "xml", shown, self.site.older(feed_id, at))
            found.update(dict.fromkeys(check_size(feed_id, document.size_bytes)))
        return list(found)

    def holds_public_guid(self, slug: str) -> bool:
        """Whether a story is public under its guid, or was."""
        story = self.catalogue.stories([slug]).get(slug)
        return story is not None and self.state.public_slug(story.episode.guid) == slug

    def gone_addresses(self, public: Collection[str], at: datetime) -> list[str]:
        """What was public once and is not any more, beside what is `public` now."""
        past = (address for address in self.state.addresses() if address not in public)
        return [address for address in past if isinstance(self.answer(address, at), Gone)]

    def health(self, at: datetime) -> Health:
        return health_of(self.catalogue, self.loaded.all_problems, len(self._unreadable), at)

    def _reload_surroundings(self) -> bool:
        """Read the rest of the folder again; whether anything of it that is public changed."""
        loaded = load_surroundings(self.root, self.base_url, self.loaded)
        _log_problems(one for one in loaded.all_problems if one not in self.loaded.all_problems)
        if loaded.context != self.loaded.context:
            self.catalogue.close()
            self.catalogue = open_index(_cache(self.root) / "index.sqlite", loaded.context)
        changed = loaded.around != self.loaded.around or self.site.catalogue is not self.catalogue
        self.loaded = loaded
        if changed:
            live = self.site.broadcast.live
            self.site = Site(loaded.around, self.catalogue, self.prints.find)
            self.site.go_live(live)
        return changed

    def _take_in(self, only: Collection[str] | None, progress: Progress | None) -> tuple[frozenset[str], int]:
        """Read what changed among the episodes; the slugs that are not as before, and how often we wrote."""
        known = self.catalogue.stamps(only)
        listed = list(list_episode_folders(self.root, only))
        unreadable = frozenset(one.name for one in listed if one.stamp is None)
        self._unreadable = unreadable | (self._unreadable - set(only) if only is not None else frozenset())
        lost = lost_renditions(self.catalogue, self.renditions.names()) if only is None else frozenset()
        changed = [
            one
            for one in listed
            if one.stamp and (only is not None or known.get(one.name) != one.stamp or one.name in lost)
        ]
        gone = [slug for slug in known.keys() - {one.name for one in listed} if slug not in unreadable]
        if gone:
            self.catalogue.replace([], gone)
        self.state.forget_good([*gone, *(set(only or ()) - {one.name for one in listed})])
        intake = self.intake
        batches = range(0, len(changed), _BATCH)
        for start in batches:
            self._take_in_batch(intake, changed[start : start + _BATCH])
            if progress:
                progress(min(start + _BATCH, len(changed)), len(changed))
        flipped = self.catalogue.settle_guids(self.state.public_slug)
        _log_problems(one for one in guid_problems(self.catalogue) if one.path.parent.name in flipped)
        touched = frozenset([*(one.name for one in changed), *gone, *flipped])
        return touched, len(batches) + bool(gone)

    def _take_in_batch(self, intake: Intake, batch: Sequence[FolderStamp]) -> None:
        with self.catalogue.together():
            found = [one for one in map(intake.read, batch) if one is not None]
            self.catalogue.replace(found, [])
        _log_problems(problem for one in found for problem in one.problems)

    def _due(self, at: datetime) -> frozenset[str]:
        """What became due since the last time, also when the clock was set back in between."""
        last = self._ticked_at or self.state.last_tick() or at
        return frozenset(due_between(self.catalogue, min(last, at), max(last, at)))

    def _go_live(self, at: datetime) -> bool:
        """Bring what is on air and planned up to date; whether anything of it changed."""
        live = live_of(self.loaded, self.ears, self.site.broadcast.live, at)
        changed = live is not self.site.broadcast.live
        if changed:
            self.site.go_live(live)
        return changed

    def _publish(self, touched: frozenset[str] | None, at: datetime) -> None:
        """Bring the shelf up to date; `touched` None asks the index for everything."""
        if not self.publishes:
            return
        register, site = self.register, self.site
        register.note_public(touched or (), site, self.intake, at)
        if self._anew:
            register.note_brand(site, at)
        known = EMPTY if self._anew else self.shelf
        self.shelf = restock(
            known, site, lambda offers: register.note_served(offers, at), at, touched=touched
        )
        register.tell_now(self.shelf, site.broadcast.live.timelines)
        register.note_tick(at)


def open_station(
    root: Path,
    *,
    base_url: Url | None,
    at: datetime,
    progress: Progress | None = None,
    publish: bool = True,
    clock: Callable[[], datetime] | None = None,
) -> OpenStation:
    """The station in a folder, with everything up to date at an instant.

    Without `publish` it is only looked at: nothing goes on record as public. `clock` dates what is served from
    the moment it is; without it everything is dated with the instant of the look. Raises ContentError where
    config.yaml cannot be used, FolderError where the folder cannot.
    """
    loaded = load_surroundings(root, base_url, None)
    cache = _cache(root)
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(cache, f"cannot be made ({error.strerror})") from error
    catalogue = open_index(cache / "index.sqlite", loaded.context)
    state = open_state(state_file(root))
    prints = Prints(root)
    site = Site(loaded.around, catalogue, prints.find)
    station = OpenStation(
        root=root,
        base_url=base_url,
        loaded=loaded,
        catalogue=catalogue,
        state=state,
        site=site,
        register=Register(state, clock),
        ears=Ears(state),
        prints=prints,
        publishes=publish,
    )
    _log_problems(loaded.all_problems)
    station.look(at, progress=progress)
    return station


def _unreadable(name: str) -> Problem:
    return Problem(
        path=EPISODES / name,
        message="the folder cannot be read; what is public of it stays as it was",
        remedy="Check the folder's permissions.",
        rule="file",
    )


def state_file(root: Path) -> Path:
    """The database of what files do not hold."""
    return root / STATE / "state.sqlite"


def _cache(root: Path) -> Path:
    return root / STATE / "cache"


def _log_problems(found: Iterable[Problem]) -> None:
    for problem in found:
        LOG.log(_LEVELS[problem.severity], "%s. %s", problem, problem.remedy)
