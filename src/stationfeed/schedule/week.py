"""The grid as a week of clock time in which each minute belongs to one row at most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from stationfeed.model.schedule import DAY_MINUTES, WEEK_MINUTES

if TYPE_CHECKING:
    from stationfeed.model.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Tile:
    """What is left of a row on one day, in minutes from Monday 00:00.

    `day` is the weekday on which the row began; one that began on Sunday may go on in the first hours of Monday.
    """

    row: int
    day: int
    minutes: range

    @property
    def began_last_week(self) -> bool:
        return self.minutes.start < self.day * DAY_MINUTES


def week_of(schedule: Schedule) -> tuple[Tile, ...]:
    """The week in order; of rows that overlap the lower one has the time, what it cut off goes on behind it."""
    owners: list[tuple[int, int] | None] = [None] * WEEK_MINUTES
    for index, row in enumerate(schedule.grid):
        for span in row.occurrences():
            for minute in span:
                owners[minute % WEEK_MINUTES] = (index, span.start // DAY_MINUTES % 7)
    tiles = []
    for owner, group in groupby(range(WEEK_MINUTES), key=owners.__getitem__):
        minutes = list(group)
        if owner is not None:
            tiles.append(Tile(*owner, range(minutes[0], minutes[-1] + 1)))
    return tuple(tiles)
