"""A timeline and what automation said → the truth about one service at an instant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.model.on_air import OnAir

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.model.on_air import PlayingItem, Slot
    from stationfeed.schedule.timeline import Timeline

EARLY = timedelta(seconds=30)
"""So much before its programme automation may begin with what belongs to it."""


def on_air(timeline: Timeline, heard: PlayingItem | None, shelf_life: timedelta, at: datetime) -> OnAir:
    """The slot playing at an instant, what is heard in it, and the slots after it.

    `heard` is the last item that a source told of; it is dropped once it is over, or is older than `shelf_life` where
    nobody said when it ends, or belongs to a programme that has ended.
    """
    found = timeline.at(at)
    slot = found.now_playing
    since = slot.starts_at if slot else found.before
    until = slot.ends_at if slot else next((one.starts_at for one in found.next_up), None)
    if heard is None or slot is None or not _belongs_to(heard, slot):
        return OnAir(now_playing=slot, item=None, next_up=found.next_up, since=since, until=until)
    begins = max(heard.starts_at, heard.as_of)
    ends = heard.ends_at or begins + shelf_life
    turns = [moment for moment in (begins, ends) if moment <= at]
    coming = [moment for moment in (begins, ends, until) if moment is not None and moment > at]
    return OnAir(
        now_playing=slot,
        item=heard if begins <= at < ends else None,
        next_up=found.next_up,
        since=max([slot.starts_at, *turns]),
        until=min(coming, default=None),
    )


def _belongs_to(item: PlayingItem, slot: Slot) -> bool:
    """Whether it began in the slot, or is known to go on in it."""
    if item.ends_at is not None:
        return slot.starts_at < item.ends_at
    return slot.starts_at - EARLY <= item.starts_at
