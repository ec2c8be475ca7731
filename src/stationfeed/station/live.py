"""What is live on every service: its schedule, what aired over it, and what was heard last."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.catalogue.live import aired, heard_items, keep_airings, keep_item
from stationfeed.model.schedule import Schedule
from stationfeed.schedule.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stationfeed.catalogue.state import State
    from stationfeed.model.on_air import AsRun, PlayingItem
    from stationfeed.model.words import Slug
    from stationfeed.site import Live
    from stationfeed.station.surroundings import Loaded

AHEAD = timedelta(minutes=10)
"""A source's clock may be that much ahead of ours; what begins later than that nobody can have heard."""


@dataclass(slots=True)
class Ears:
    """What sources told, as it is on record; the record is read once, and written whenever they tell more."""

    state: State
    items: Mapping[Slug, PlayingItem] = field(init=False)
    airings: Mapping[Slug, tuple[AsRun, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.items, self.airings = heard_items(self.state), aired(self.state)

    def hear(self, service_id: Slug, item: PlayingItem | None) -> None:
        """This is what is heard now; None: nothing that should be told."""
        keep_item(self.state, service_id, item)
        others = {one: kept for one, kept in self.items.items() if one != service_id}
        self.items = others if item is None else {**others, service_id: item}

    def hear_aired(self, service_id: Slug, told: Sequence[AsRun], at: datetime) -> None:
        keep_airings(self.state, service_id, told, at)
        self.airings = aired(self.state)


def live_of(loaded: Loaded, ears: Ears, before: Live, at: datetime) -> Live:
    """What is live; `before` itself where nothing changed, and its timelines where they did not."""
    timelines = {
        service_id: _timeline(
            before.timelines.get(service_id),
            Timeline(
                loaded.schedules.get(service_id, Schedule()),
                loaded.around.zones[station_id],
                ears.airings.get(service_id, ()),
            ),
        )
        for service_id, (station_id, _service) in loaded.config.services.items()
    }
    # A clock that was set back must not bring an item again days later.
    items = {one: item for one, item in ears.items.items() if one in timelines and item.as_of <= at + AHEAD}
    same = all(before.timelines.get(one) is timeline for one, timeline in timelines.items())
    if same and len(before.timelines) == len(timelines) and before.items == items:
        return before
    return replace(before, timelines=timelines, items=items)


def _timeline(before: Timeline | None, now: Timeline) -> Timeline:
    """The one from before where it says the same: it has worked out its weeks already."""
    if before and (before.schedule, before.zone, before.aired) == (now.schedule, now.zone, now.aired):
        return before
    return now
