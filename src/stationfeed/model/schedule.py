"""A service's week: the grid, and the windows in which something else is on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stationfeed.model.words import ClockTime, Slug


@dataclass(frozen=True, kw_only=True, slots=True)
class GridRow:
    """A weekly slot in the station's zone; it may cross midnight. `days` are `mon` … `sun` or a span."""

    days: tuple[str, ...]
    start: ClockTime
    end: ClockTime
    show: Slug | None = None
    title: str | None = None
    producer: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """Exactly this window, then the grid again."""

    start: datetime
    end: datetime
    show: Slug | None = None
    title: str | None = None
    producer: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    grid: tuple[GridRow, ...] = ()
    overrides: tuple[Override, ...] = ()
