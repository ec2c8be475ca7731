"""Plans that lie over one another → what is heard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from stationfeed.model.on_air import Programme


@dataclass(frozen=True, slots=True)
class Plan:
    """A programme for a window; pieces of the same plan have the same `key`."""

    starts_at: datetime
    ends_at: datetime
    programme: Programme
    source: str
    key: object
    note: str | None = None


def heard(plans: Sequence[Plan]) -> list[Plan]:
    """What is on at each instant, in order: of plans that overlap the last; what it cut off goes on behind it."""
    joined: list[Plan] = []
    for piece in _pieces(plans):
        above = joined[-1] if joined else None
        if above and above.key == piece.key and above.ends_at == piece.starts_at:
            joined[-1] = replace(above, ends_at=piece.ends_at)
        else:
            joined.append(piece)
    return joined


def _pieces(plans: Sequence[Plan]) -> Iterator[Plan]:
    moments = sorted({moment for plan in plans for moment in (plan.starts_at, plan.ends_at)})
    waiting = sorted(range(len(plans)), key=lambda index: plans[index].starts_at, reverse=True)
    open_: list[int] = []
    for moment, following in pairwise(moments):
        while waiting and plans[waiting[-1]].starts_at <= moment:
            heappush(open_, -waiting.pop())
        while open_ and plans[-open_[0]].ends_at <= moment:
            heappop(open_)
        if open_:
            yield replace(plans[-open_[0]], starts_at=moment, ends_at=following)
