"""Where the heard differs from what the weekly events of a calendar say by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from stationfeed.model.on_air import Programme
from stationfeed.schedule.ical_week import plans_of_week
from stationfeed.schedule.layers import Plan, heard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from stationfeed.model.schedule import Schedule
    from stationfeed.schedule.ical_week import Weekly

    Changes = list[dict[datetime, list[Plan]]]

_WEEK = timedelta(days=7)
_WEEKS_WRITTEN_OUT = 106


def changes(
    schedule: Schedule, weekly: Sequence[Weekly], anchor: date, zone: ZoneInfo
) -> tuple[Changes, list[Plan]]:
    """What is heard of the occurrences that are not as their rule says, and what of the overrides.

    The former for each of `weekly`, by the start that the clock shows.
    """
    begins = datetime.combine(anchor, time(), zone)
    overrides = [
        Plan(one.start, one.end, Programme(one.show, one.title, one.producer), "override", index, one.note)
        for index, one in enumerate(schedule.overrides)
        if one.end > begins
    ]
    planned = {
        occurrence: plan
        for monday in sorted(_unusual_weeks(overrides, anchor, zone))
        for occurrence, plan in plans_of_week(weekly, monday, zone)
        if occurrence.local >= first_of(weekly[occurrence.place], anchor)
    }
    pieces: dict[object, list[Plan]] = {}
    for piece in heard([*(one for one in planned.values() if one.starts_at < one.ends_at), *overrides]):
        pieces.setdefault(piece.key, []).append(piece)
    changed: Changes = [{} for _ in weekly]
    for occurrence, plan in planned.items():
        place, local = occurrence
        found = pieces.get(occurrence, [])
        if found != [plan] or not _is_plain(plan, local, weekly[place], zone):
            changed[place][local] = found
    return changed, [piece for one in overrides for piece in pieces.get(one.key, [])]


def _unusual_weeks(overrides: Sequence[Plan], anchor: date, zone: ZoneInfo) -> set[date]:
    """The Mondays of weeks that an override touches, or in which the clock is set."""
    found = set()
    for number in range(-1, _WEEKS_WRITTEN_OUT):
        monday = anchor + number * _WEEK
        offsets = {
            datetime.combine(monday + timedelta(days=day), time(), zone).utcoffset() for day in range(9)
        }
        if len(offsets) > 1:
            found.add(monday)
    for one in overrides:
        first, last = (moment.astimezone(zone).date() for moment in (one.starts_at, one.ends_at))
        monday = first - timedelta(days=first.weekday()) - _WEEK
        while monday <= last:
            found.add(monday)
            monday += _WEEK
    return found


def _is_plain(plan: Plan, local: datetime, one: Weekly, zone: ZoneInfo) -> bool:
    """Whether every reader finds the same instants in the clock times."""
    length = timedelta(minutes=one.length)
    ends = (local, local + length)
    return plan.ends_at - plan.starts_at == length and all(is_shown(end, zone, times=1) for end in ends)


def is_shown(local: datetime, zone: ZoneInfo, *, times: int = 2) -> bool:
    """Whether the clock shows that time, and not oftener."""
    shown = {
        instant
        for fold in (0, 1)
        for instant in [local.replace(tzinfo=zone, fold=fold).astimezone(UTC)]
        if instant.astimezone(zone).replace(tzinfo=None) == local
    }
    return 1 <= len(shown) <= times


def first_of(one: Weekly, anchor: date) -> datetime:
    """What is on when the anchor's week begins, began on the Sunday before."""
    day = -1 if one.is_on_over_sunday else one.days[0]
    return datetime.combine(anchor, time()) + timedelta(days=day, minutes=one.start)
