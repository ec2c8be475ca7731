"""What a calendar says and what a grid would air, side by side."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from stationfeed.schedule.layers import Plan

    Side = tuple[datetime, datetime, Plan | None, Plan | None]


def compared(
    calendar: Sequence[Plan], grid: Sequence[Plan], begin: datetime, end: datetime
) -> tuple[list[Plan], list[Plan]]:
    """What the calendar has where the grid has something else, whole; and the grid's where the calendar has nothing.

    Both are in order and have one programme at a time.
    """
    different: dict[datetime, Plan] = {}
    unsaid: list[Plan] = []
    for moment, following, meant, aired in _side_by_side(calendar, grid, begin, end):
        if meant and (aired is None or (meant.programme, meant.note) != (aired.programme, aired.note)):
            different[meant.starts_at] = meant
        elif aired and meant is None:
            unsaid.append(replace(aired, starts_at=moment, ends_at=following))
    return list(different.values()), unsaid


def overlapping(plans: Sequence[Plan]) -> list[tuple[Plan, Plan]]:
    """Pairs that are on at the same time, each with the one before it that lasts longest."""
    found = []
    longest: Plan | None = None
    for plan in sorted(plans, key=lambda one: one.starts_at):
        if longest and plan.starts_at < longest.ends_at:
            found.append((longest, plan))
        if longest is None or plan.ends_at > longest.ends_at:
            longest = plan
    return found


def _side_by_side(
    calendar: Sequence[Plan], grid: Sequence[Plan], begin: datetime, end: datetime
) -> Iterator[Side]:
    both = (calendar, grid)
    edges = {edge for plans in both for plan in plans for edge in (plan.starts_at, plan.ends_at)}
    moments = sorted({begin, end, *(edge for edge in edges if begin < edge < end)})
    starts = [[plan.starts_at for plan in plans] for plans in both]
    for moment, following in pairwise(moments):
        on = [_on_at(moment, plans, begun) for plans, begun in zip(both, starts, strict=True)]
        yield moment, following, on[0], on[1]


def _on_at(moment: datetime, plans: Sequence[Plan], starts: Sequence[datetime]) -> Plan | None:
    index = bisect_right(starts, moment) - 1
    return plans[index] if index >= 0 and moment < plans[index].ends_at else None
