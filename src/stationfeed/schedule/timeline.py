"""The programmes of one service, at any instant; worked out for four weeks at a time and kept."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING

from stationfeed.model.on_air import NEXT_UP_COUNT, Programme, Slot
from stationfeed.model.schedule import LONGEST_OVERRIDE, Schedule
from stationfeed.schedule.clock import instant_of
from stationfeed.schedule.layers import Plan, heard
from stationfeed.schedule.week import week_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from stationfeed.model.on_air import AsRun
    from stationfeed.model.schedule import GridRow, Override
    from stationfeed.schedule.week import Tile

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BLOCK = timedelta(days=28)
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
_MARGIN = 2 * _DAY
"""Enough on either side of a block to see every slot of the grid in it whole, and what it is joined with."""
_BLOCKS_KEPT = 40
_BLOCKS_BACK = LONGEST_OVERRIDE // _BLOCK + 1
_BLOCKS_OF_WEEKS = 2
"""In which whatever is weekly comes as often as anybody asks for."""
_LONGEST_RUN = timedelta(hours=25)
"""A day, on which the clock may be set back."""


@dataclass(frozen=True, slots=True)
class NowAndNext:
    """`now_playing` is None in a gap; `before` is when the slot before an instant ended, None where none is known."""

    now_playing: Slot | None
    next_up: tuple[Slot, ...]
    before: datetime | None


@dataclass(slots=True)
class Timeline:
    """What is planned, overrides over the grid, and over both what `aired`.

    Slots are half-open and never overlap. Slots that adjoin are one where the programme is the same, unless that
    goes on for more than the longest day: a service that has one programme for ever still has slots with an end.
    """

    schedule: Schedule
    zone: ZoneInfo
    aired: tuple[AsRun, ...] = ()
    _week: tuple[Tile, ...] = field(init=False)
    _blocks: dict[int, tuple[list[datetime], list[Slot]]] = field(init=False, default_factory=dict)
    _single: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._week = week_of(self.schedule)
        windows = [(one.start, one.end) for one in self.schedule.overrides]
        windows += [(one.starts_at, one.ends_at) for one in self.aired]
        self._single = tuple(sorted({_number(moment) for window in windows for moment in window}))

    def slots(self, start: datetime, end: datetime) -> list[Slot]:
        """The slots that are on between two instants, whole, in order."""
        blocks = range(_number(start) - _BLOCKS_BACK, _number(end) + 1)
        return [
            slot
            for number in blocks
            for slot in self._block(number)[1]
            if start < slot.ends_at and slot.starts_at < end
        ]

    def at(self, instant: datetime) -> NowAndNext:
        """What is on at an instant and the slots after it."""
        latest = self._latest(instant)
        now = latest if latest and instant < latest.ends_at else None
        before = latest.ends_at if latest and now is None else None
        return NowAndNext(now, tuple(self._after(instant)), before)

    def _latest(self, instant: datetime) -> Slot | None:
        """The last slot that began up to an instant, as far back as one could still be on."""
        number = _number(instant)
        starts, slots = self._block(number)
        index = bisect_right(starts, instant)
        if index:
            return slots[index - 1]
        earlier = (self._block(one)[1] for one in self._blocks_before(number))
        return next((found[-1] for found in earlier if found), None)

    def _after(self, instant: datetime) -> Iterator[Slot]:
        number, left = _number(instant), NEXT_UP_COUNT
        starts, slots = self._block(number)
        first = slots[bisect_right(starts, instant) :]
        later = (slot for one in self._blocks_after(number) for slot in self._block(one)[1])
        return islice(chain(first, later), left)

    def _blocks_before(self, number: int) -> Iterator[int]:
        """Those in which something may begin, latest first; a weekly grid is not followed beyond the longest override."""
        if self._week:
            yield from range(number - 1, number - 1 - _BLOCKS_BACK, -1)
        yield from reversed(self._single[: bisect_left(self._single, number)])

    def _blocks_after(self, number: int) -> Iterator[int]:
        """Those in which something may begin: the nearest for what is weekly, and all that have something of their own.

        What is weekly may be hidden for as long as there are overrides, and be skipped once by the clock.
        """
        single = self._single[bisect_right(self._single, number) :]
        if not self._week:
            yield from single
            return
        last = max([number, *single[-1:]]) + _BLOCKS_OF_WEEKS
        yield from range(number + 1, last + 1)

    def _block(self, number: int) -> tuple[list[datetime], list[Slot]]:
        """The slots that begin in a block, and their beginnings."""
        found = self._blocks.get(number)
        if found is None:
            start = _start(number)
            joined = _joined(heard(list(self._plans(start - _MARGIN, start + _BLOCK + _MARGIN))))
            slots = [slot for slot in joined if start <= slot.starts_at < start + _BLOCK]
            found = self._blocks[number] = ([slot.starts_at for slot in slots], slots)
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.pop(next(iter(self._blocks)))
        return found

    def _plans(self, start: datetime, end: datetime) -> Iterator[Plan]:
        """All that may be on in a window, the grid first. What lies over an override counts for as long as that does."""
        yield from self._grid_plans(start, end)
        end += LONGEST_OVERRIDE
        for index, one in enumerate(self.schedule.overrides):
            if one.start < end and start < one.end:
                yield Plan(one.start, one.end, _programme(one), "override", ("override", index), one.note)
        for index, airing in enumerate(self.aired):
            if airing.starts_at < end and start < airing.ends_at:
                programme = Programme(title=airing.title)
                yield Plan(airing.starts_at, airing.ends_at, programme, "as_run", ("as_run", index))

    def _grid_plans(self, start: datetime, end: datetime) -> Iterator[Plan]:
        first = start.astimezone(self.zone).date()
        monday = first - timedelta(days=first.weekday())
        while self._week and instant_of(monday, 0, self.zone) < end:
            for tile in self._week:
                row = self.schedule.grid[tile.row]
                began = monday + timedelta(days=tile.day - 7 * tile.began_last_week)
                starts_at, ends_at = (
                    instant_of(monday, minute, self.zone)
                    for minute in (tile.minutes.start, tile.minutes.stop)
                )
                if starts_at < ends_at:
                    yield Plan(starts_at, ends_at, _programme(row), "schedule", (tile.row, began), row.note)
            monday += _WEEK


def _number(instant: datetime) -> int:
    return (instant - _EPOCH) // _BLOCK


def _start(number: int) -> datetime:
    return _EPOCH + number * _BLOCK


def _programme(row: GridRow | Override) -> Programme:
    return Programme(row.show, row.title, row.producer)


def _joined(pieces: Sequence[Plan]) -> Iterator[Slot]:
    """Adjoining pieces of one programme as one slot, unless they go on for more than the longest day."""
    for run in _runs(pieces):
        if len(run) == 1 or run[-1].ends_at - run[0].starts_at <= _LONGEST_RUN:
            yield _slot(run[0], run[-1].ends_at)
        else:
            yield from (_slot(one, one.ends_at) for one in run)


def _runs(pieces: Sequence[Plan]) -> Iterator[list[Plan]]:
    if not pieces:
        return
    run = [pieces[0]]
    for above, piece in pairwise(pieces):
        if above.ends_at == piece.starts_at and above.programme == piece.programme:
            run.append(piece)
        else:
            yield run
            run = [piece]
    yield run


def _slot(first: Plan, ends_at: datetime) -> Slot:
    return Slot(
        starts_at=first.starts_at,
        ends_at=ends_at,
        programme=first.programme,
        source=first.source,
        note=first.note,
    )
