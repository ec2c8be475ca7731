"""Make the renditions that are missing, and wait until they are there."""

from __future__ import annotations

from contextlib import closing
from queue import Empty, Queue
from typing import TYPE_CHECKING

from stationfeed.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from stationfeed.catalogue.rows import WantedRendition
    from stationfeed.station.derivation import Job, Outcome
    from stationfeed.station.opened import OpenStation

WATCH_S = 0.1


def wanted_audio(station: OpenStation, slug: str | None, at: datetime) -> list[WantedRendition]:
    """What is missing of the stories that are public or will be; or of one story, a draft too.

    Raises NotFoundError where there is no such story.
    """
    if slug is None:
        return station.missing_renditions(at)
    if station.story(slug) is None:
        raise NotFoundError("episode", slug)
    return [one for one in station.renditions_of(slug) if one.is_missing]


def make_audio(
    station: OpenStation,
    wanted: Sequence[WantedRendition],
    now: Callable[[], datetime],
    watch: Callable[[list[Job]], None],
) -> list[Outcome]:
    """Make them all; the station has each as soon as it is made. `watch` is shown the work again and again."""
    done: Queue[Outcome] = Queue()
    outcomes: list[Outcome] = []
    with closing(station.open_derivation()) as derivation:
        derivation.take(wanted, done.put)
        while len(outcomes) < len({one.name for one in wanted}):
            watch(derivation.jobs)
            try:
                outcome = done.get(timeout=WATCH_S)
            except Empty:
                continue
            outcomes.append(outcome)
            station.take_rendition(outcome, now())
    return outcomes
