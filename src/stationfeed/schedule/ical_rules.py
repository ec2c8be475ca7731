"""Recurrence rules → local starts in a window (RFC 5545, section 3.3.10), with an end to the work.

dateutil looks for the next start up to the year 9999, for a rule that has none as well; this looks at the days of
the window alone, unless a COUNT has to be counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from icalendar.prop import vRecur

from stationfeed.schedule.ical_text import CalendarFaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from zoneinfo import ZoneInfo

STARTS_PER_DAY = 96
_NOT_READ = ("BYWEEKNO", "BYSECOND", "RSCALE", "SKIP")
_REMEDY = "Repeat the event by day, week, month or year, or write the dates as single events."
_POSITIONS = frozenset(range(-366, 367)) - {0}
_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule in which what it leaves to DTSTART is filled in.

    `weekdays` hold which one of the month (or year) is meant, 0 for each of them; empty sets mean any day.
    """

    frequency: str
    interval: int
    until: datetime | None
    count: int | None
    times: tuple[time, ...]
    weekdays: frozenset[tuple[int, int]]
    month_days: frozenset[int]
    year_days: frozenset[int]
    months: frozenset[int]
    positions: tuple[int, ...]
    week_start: int

    @property
    def is_weekly(self) -> bool:
        """Whether every week is like the other, for as long as it lasts."""
        narrowed = self.month_days or self.year_days or self.months or self.positions or self.count
        return self.frequency in ("DAILY", "WEEKLY") and self.interval == 1 and not narrowed

    def days_of_week(self) -> list[int]:
        return sorted({day for _, day in self.weekdays}) or list(range(7))


def read_rule(text: str, first: datetime, zone: ZoneInfo) -> Rule:
    """A rule for an event that first begins at a local time. Raises CalendarFaultError."""
    try:
        found: dict[str, list[object]] = dict(vRecur.from_ical(text))
        unread = next((key for key in _NOT_READ if key in found), None)
        if unread:
            raise CalendarFaultError(f"repeats by {unread}, which is not read", _REMEDY)
        return _rule(found, first, zone)
    except (ValueError, KeyError, OverflowError) as error:
        raise CalendarFaultError(f"repeats by a rule that is none: {text[:60]}", _REMEDY) from error


def _rule(found: dict[str, list[object]], first: datetime, zone: ZoneInfo) -> Rule:
    def numbers(key: str) -> frozenset[int]:
        return frozenset(int(str(value)) for value in found.get(key, ()))

    def one(key: str) -> int | None:
        return min(numbers(key), default=None)

    frequency = str(found["FREQ"][0]).upper()
    months, month_days, year_days = numbers("BYMONTH"), numbers("BYMONTHDAY"), numbers("BYYEARDAY")
    weekdays = frozenset(_weekday(str(value), frequency) for value in found.get("BYDAY", ()))
    if not weekdays and not month_days and not year_days:
        if frequency == "WEEKLY":
            weekdays = frozenset({(0, first.weekday())})
        elif frequency in ("MONTHLY", "YEARLY"):
            month_days = frozenset({first.day})
            months = months or (frozenset({first.month}) if frequency == "YEARLY" else months)
    interval, positions = one("INTERVAL"), numbers("BYSETPOS")
    if (interval is not None and interval < 1) or not positions <= _POSITIONS:
        raise ValueError("counts from 1, and within a year")
    hours, minutes = numbers("BYHOUR") or {first.hour}, numbers("BYMINUTE") or {first.minute}
    if len(hours) * len(minutes) > STARTS_PER_DAY:
        message = f"begins {len(hours) * len(minutes)} times a day; {STARTS_PER_DAY} are allowed"
        raise CalendarFaultError(message, "Give each programme its own event.")
    return Rule(
        frequency=frequency,
        interval=interval or 1,
        until=_until(found["UNTIL"][0], zone) if "UNTIL" in found else None,
        count=one("COUNT"),
        times=tuple(sorted(time(hour, minute, first.second) for hour in hours for minute in minutes)),
        weekdays=weekdays,
        month_days=month_days,
        year_days=year_days,
        months=months,
        positions=tuple(sorted(positions)),
        week_start=_WEEKDAYS[str(found.get("WKST", ["MO"])[0]).upper()],
    )


def _weekday(text: str, frequency: str) -> tuple[int, int]:
    """`-1SU` as (-1, 6). Which one of them is meant counts in months and years only."""
    which = int(text[:-2] or 0)
    return (which if frequency in ("MONTHLY", "YEARLY") else 0), _WEEKDAYS[text[-2:].upper()]


def _until(value: object, zone: ZoneInfo) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, date):
        return datetime.combine(value, time.max)
    raise ValueError("UNTIL is no date")


def starts(
    rule: Rule, first: datetime, begin: datetime, end: datetime, spend: Callable[[int], None]
) -> Iterator[datetime]:
    """The local starts from `begin` up to `end`, in order; `spend` is told of what is looked at, and may raise."""
    left = rule.count
    looked_from = first if rule.count else max(first, begin)
    until = min(rule.until, end) if rule.until else end
    for period in _periods(rule, first.date(), looked_from.date(), until.date()):
        spend(len(period) * len(rule.times))
        for start in _in_period(rule, period):
            if start < first:
                continue
            if start > until or start >= end or left == 0:
                return
            left = None if left is None else left - 1
            if start >= begin:
                yield start


def _periods(rule: Rule, first: date, begin: date, end: date) -> Iterator[range]:
    """The days, weeks, months or years that count, as ranges of ordinals."""
    if rule.frequency in ("DAILY", "WEEKLY"):
        size = 7 if rule.frequency == "WEEKLY" else 1
        origin = first.toordinal() - ((first.weekday() - rule.week_start) % 7 if size == 7 else 0)
        step = size * rule.interval
        skipped = (begin.toordinal() - origin) // step * step
        for day in range(origin + skipped, end.toordinal() + 1, step):
            yield range(day, day + size)
        return
    size = 12 if rule.frequency == "YEARLY" else 1
    origin = first.year * 12 + (first.month - 1 if size == 1 else 0)
    step = size * rule.interval
    skipped = (begin.year * 12 + begin.month - 1 - origin) // step * step
    for month in range(origin + skipped, end.year * 12 + end.month, step):
        yield range(_month_start(month), _month_start(month + size))


def _month_start(month: int) -> int:
    return date(month // 12, month % 12 + 1, 1).toordinal()


def _in_period(rule: Rule, period: range) -> list[datetime]:
    days = [day for day in map(date.fromordinal, period) if _fits(rule, day)]
    found = [datetime.combine(day, moment) for day in days for moment in rule.times]
    if not rule.positions:
        return found
    wanted = {at if at >= 0 else len(found) + at for at in (one - (one > 0) for one in rule.positions)}
    return [start for at, start in enumerate(found) if at in wanted]


def _fits(rule: Rule, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.weekdays and (0, day.weekday()) not in rule.weekdays and not _is_nth(rule, day):
        return False
    if rule.month_days and not rule.month_days & _from_both_ends(day.day, _days_in_month(day)):
        return False
    year = date(day.year, 12, 31).timetuple().tm_yday
    return not rule.year_days or bool(rule.year_days & _from_both_ends(day.timetuple().tm_yday, year))


def _is_nth(rule: Rule, day: date) -> bool:
    """Whether it is the second Monday, or the last, of the month; of the year where no month is named."""
    if rule.frequency == "YEARLY" and not rule.months:
        at, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
    else:
        at, length = day.day, _days_in_month(day)
    nth = ((at - 1) // 7 + 1, -((length - at) // 7 + 1))
    return any((which, day.weekday()) in rule.weekdays for which in nth)


def _from_both_ends(at: int, length: int) -> frozenset[int]:
    return frozenset({at, at - length - 1})


def _days_in_month(day: date) -> int:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal() - day.replace(
        day=1
    ).toordinal()
