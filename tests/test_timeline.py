"""What is planned at any instant: the rules of the schedule, also in the nights when the clocks change."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stationfeed.model.on_air import AsRun, Programme, Slot
from stationfeed.model.schedule import GridRow, Override, Schedule
from stationfeed.model.words import ClockTime, Slug
from stationfeed.schedule.clock import instant_of
from stationfeed.schedule.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

CHICAGO = ZoneInfo("America/Chicago")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
DAY, WEEK, TICK = timedelta(days=1), timedelta(days=7), timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BORDER = EPOCH + 28 * DAY * (2026 - 1970) * 13
"""The engine works in spans of 28 days from 1970; one begins here."""

settings.register_profile("timeline", max_examples=30, deadline=None)
SETTINGS = settings.get_profile("timeline")


def row(
    text: str, *, producer: str | None = None, note: str | None = None, show: str | None = None
) -> GridRow:
    """`sat,sun 12:00-14:00 Midday Concert`."""
    days, times, title = text.split(" ", 2)
    start, end = times.split("-")
    return GridRow(
        days=tuple(days.split(",")),
        start=ClockTime(start),
        end=ClockTime(end),
        show=Slug(show) if show else None,
        title=title or None,
        producer=producer,
        note=note,
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def override(start: str, end: str, title: str, *, producer: str | None = None) -> Override:
    """A window in UTC, such as `2026-06-01T15:00` to the same day's `17:00`."""
    end = end if "T" in end else f"{start[:10]}T{end}"
    return Override(start=utc(start), end=utc(end), title=title, producer=producer)


def timeline(*rows: GridRow | Override, zone: ZoneInfo = CHICAGO, aired: tuple[AsRun, ...] = ()) -> Timeline:
    grid = tuple(one for one in rows if isinstance(one, GridRow))
    overrides = tuple(one for one in rows if isinstance(one, Override))
    return Timeline(Schedule(grid=grid, overrides=overrides), zone, aired)


def told(slots: Iterable[Slot]) -> list[str]:
    """`06-01 15:00 - 06-01 17:00 News`, in UTC."""
    return [
        f"{one.starts_at:%m-%d %H:%M} - {one.ends_at:%m-%d %H:%M} {one.programme.title or one.programme.show}"
        for one in slots
    ]


def day_of(text: str) -> tuple[datetime, datetime]:
    """The 24 hours of a day in UTC."""
    return utc(text), utc(text) + DAY


# The clock: a time that is skipped is the first instant after the gap, one that comes twice the first of the two

INSTANTS = {
    "Berlin, first of two": ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
    "Berlin, the first that comes twice": ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00"),
    "Berlin, the first that comes once again": ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00"),
    "Berlin, skipped": ("Europe/Berlin", "2027-03-28T02:30", "2027-03-28T01:00"),
    "Berlin, the first skipped": ("Europe/Berlin", "2027-03-28T02:00", "2027-03-28T01:00"),
    "Berlin, the last skipped": ("Europe/Berlin", "2027-03-28T02:59", "2027-03-28T01:00"),
    "Berlin, the first after the gap": ("Europe/Berlin", "2027-03-28T03:00", "2027-03-28T01:00"),
    "Berlin, just before the gap": ("Europe/Berlin", "2027-03-28T01:59", "2027-03-28T00:59"),
    "New York, first of two": ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
    "New York, skipped": ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:00"),
    "Chicago, first of two": ("America/Chicago", "2026-11-01T01:30", "2026-11-01T06:30"),
    "Chicago, skipped": ("America/Chicago", "2027-03-14T02:30", "2027-03-14T08:00"),
    "Lord Howe, first of two": ("Australia/Lord_Howe", "2027-04-04T01:45", "2027-04-03T14:45"),
    "Lord Howe, half an hour skipped": ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
    "Lord Howe, after half an hour": ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30"),
    "Casablanca, Ramadan begins": ("Africa/Casablanca", "2027-02-07T02:30", "2027-02-07T01:30"),
    "Casablanca, Ramadan is over": ("Africa/Casablanca", "2027-03-14T02:30", "2027-03-14T02:00"),
    "Dublin, negative summer time": ("Europe/Dublin", "2026-10-25T01:30", "2026-10-25T00:30"),
    "Nuuk, skipped the evening before": ("America/Nuuk", "2027-03-27T23:30", "2027-03-28T01:00"),
    "Nuuk, midnight behind the gap": ("America/Nuuk", "2027-03-28T00:00", "2027-03-28T01:00"),
    "Cairo, twice before midnight": ("Africa/Cairo", "2026-10-29T23:30", "2026-10-29T20:30"),
    "Cairo, the midnight after": ("Africa/Cairo", "2026-10-30T00:00", "2026-10-29T22:00"),
    "Cairo, midnight itself skipped": ("Africa/Cairo", "2027-04-30T00:00", "2027-04-29T22:00"),
    "Sao Paulo, no summer time any more": ("America/Sao_Paulo", "2026-11-01T00:30", "2026-11-01T03:30"),
    "Sao Paulo, midnight skipped in 2018": ("America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:00"),
    "Yangon": ("Asia/Yangon", "2026-11-01T00:30", "2026-10-31T18:00"),
    "Kathmandu": ("Asia/Kathmandu", "2026-11-01T00:30", "2026-10-31T18:45"),
    "Kathmandu, a quarter skipped in 1986": ("Asia/Kathmandu", "1986-01-01T00:10", "1985-12-31T18:30"),
    "Apia, a day that is missing": ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00"),
    "Apia, its last minute": ("Pacific/Apia", "2011-12-30T23:59", "2011-12-30T10:00"),
    "Apia, the day after": ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00"),
    "Apia, the minute before": ("Pacific/Apia", "2011-12-29T23:59", "2011-12-30T09:59"),
}


@pytest.mark.parametrize("kind", INSTANTS)
def test_a_time_on_the_clock_is_one_instant(kind: str) -> None:
    zone, shown, instant = INSTANTS[kind]
    local = datetime.fromisoformat(shown)
    assert instant_of(local.date(), local.hour * 60 + local.minute, ZoneInfo(zone)) == utc(instant)


def test_minutes_after_midnight_are_what_the_clock_shows_and_go_on_into_other_days() -> None:
    sunday = date(2026, 11, 1)
    assert instant_of(sunday, 3 * 60, CHICAGO) == utc("2026-11-01T09:00")
    assert instant_of(sunday, 24 * 60, CHICAGO) == utc("2026-11-02T06:00")
    assert instant_of(date(2026, 10, 26), 6 * 24 * 60 + 90, CHICAGO) == utc("2026-11-01T06:30")


def first_shown(shown: datetime, zone: ZoneInfo) -> datetime:
    """By looking at the clock every minute."""
    instant = shown.replace(tzinfo=UTC) - 40 * HOUR
    while instant.astimezone(zone).replace(tzinfo=None) < shown:
        instant += MINUTE
    return instant


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """The days in UTC on which the clocks change."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + number * DAY for number in range(367)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [day for day, (above, below) in zip(days, pairwise(offsets), strict=False) if above != below]


@SETTINGS
@given(
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    year=st.integers(1973, 2037),
    minutes=st.integers(0, 72 * 60) | st.integers(24, 36).map(lambda hours: 60 * hours),
    pick=st.randoms(use_true_random=False),
)
@example(zone=ZoneInfo("Pacific/Apia"), year=2011, minutes=2880, pick=random.Random(1))
@example(zone=ZoneInfo("Antarctica/Troll"), year=2027, minutes=1500, pick=random.Random(1))
def test_a_time_means_the_first_instant_when_the_clock_shows_it_or_more(
    zone: ZoneInfo, year: int, minutes: int, pick: random.Random
) -> None:
    day = pick.choice(changes(zone, year) or [datetime(year, 2, 28, tzinfo=UTC)]).date() - DAY
    shown = datetime.combine(day, time()) + minutes * MINUTE
    assert instant_of(day, minutes, zone) == first_shown(shown, zone)


# A slot in the nights when the clocks change

NIGHTS: dict[str, tuple[str, GridRow, str, list[str]]] = {
    "inside the hour that is skipped": ("America/Chicago", row("sun 02:30-03:00 A"), "2027-03-14", []),
    "all of the hour that is skipped": ("America/Chicago", row("sun 02:00-03:00 A"), "2027-03-14", []),
    "from the hour that is skipped": (
        "America/Chicago",
        row("sun 02:30-03:30 A"),
        "2027-03-14",
        ["03-14 08:00 - 03-14 08:30 A"],
    ),
    "into the hour that is skipped": (
        "America/Chicago",
        row("sun 01:30-02:30 A"),
        "2027-03-14",
        ["03-14 07:30 - 03-14 08:00 A"],
    ),
    "across the hour that is skipped": (
        "America/Chicago",
        row("sun 01:00-04:00 A"),
        "2027-03-14",
        ["03-14 07:00 - 03-14 09:00 A"],
    ),
    "before the clock goes back": (
        "America/Chicago",
        row("sun 01:00-01:30 A"),
        "2026-11-01",
        ["11-01 06:00 - 11-01 06:30 A"],
    ),
    "up to the end of the hour that comes twice": (
        "America/Chicago",
        row("sun 01:30-02:00 A"),
        "2026-11-01",
        ["11-01 06:30 - 11-01 08:00 A"],
    ),
    "after the clock went back": (
        "America/Chicago",
        row("sun 02:30-03:00 A"),
        "2026-11-01",
        ["11-01 08:30 - 11-01 09:00 A"],
    ),
    "across the hour that comes twice": (
        "America/Chicago",
        row("sun 00:30-02:30 A"),
        "2026-11-01",
        ["11-01 05:30 - 11-01 08:30 A"],
    ),
    "in Berlin's hour that comes twice": (
        "Europe/Berlin",
        row("sun 02:30-03:00 A"),
        "2026-10-25",
        ["10-25 00:30 - 10-25 02:00 A"],
    ),
    "in Berlin's hour that is skipped": ("Europe/Berlin", row("sun 02:30-03:00 A"), "2027-03-28", []),
    "half an hour twice on Lord Howe": (
        "Australia/Lord_Howe",
        row("sun 01:45-02:00 A"),
        "2027-04-03",
        ["04-03 14:45 - 04-03 15:30 A"],
    ),
    "half an hour skipped on Lord Howe": (
        "Australia/Lord_Howe",
        row("sun 02:15-02:45 A"),
        "2026-10-03",
        ["10-03 15:30 - 10-03 15:45 A"],
    ),
    "the evening before in Nuuk": ("America/Nuuk", row("sat 23:00-24:00 A"), "2027-03-28", []),
    "up to the skipped hour before midnight in Nuuk": (
        "America/Nuuk",
        row("sat 22:30-00:30 A"),
        "2027-03-28",
        ["03-28 00:30 - 03-28 01:30 A"],
    ),
    "up to the midnight that comes late in Cairo": (
        "Africa/Cairo",
        row("thu 23:30-00:00 A"),
        "2026-10-29",
        ["10-29 20:30 - 10-29 22:00 A"],
    ),
    "from the midnight that is skipped in Cairo": (
        "Africa/Cairo",
        row("fri 00:00-02:00 A"),
        "2027-04-29",
        ["04-29 22:00 - 04-29 23:00 A"],
    ),
    "on the day that is missing in Apia": ("Pacific/Apia", row("fri 08:00-12:00 A"), "2011-12-30", []),
    "over the day that is missing in Apia": (
        "Pacific/Apia",
        row("thu 23:00-02:00 A"),
        "2011-12-30",
        ["12-30 09:00 - 12-30 10:00 A"],
    ),
    "behind the day that is missing in Apia": (
        "Pacific/Apia",
        row("fri 23:00-02:00 A"),
        "2011-12-30",
        ["12-30 10:00 - 12-30 12:00 A"],
    ),
    "an ordinary night in São Paulo": (
        "America/Sao_Paulo",
        row("sun 00:30-01:00 A"),
        "2026-11-01",
        ["11-01 03:30 - 11-01 04:00 A"],
    ),
    "an ordinary night in Kathmandu": (
        "Asia/Kathmandu",
        row("sun 06:00-07:00 A"),
        "2026-11-01",
        ["11-01 00:15 - 11-01 01:15 A"],
    ),
}


@pytest.mark.parametrize("kind", NIGHTS)
def test_a_slot_in_the_night_when_the_clocks_change(kind: str) -> None:
    zone, planned, day, expected = NIGHTS[kind]
    assert told(timeline(planned, zone=ZoneInfo(zone)).slots(*day_of(day))) == expected


def test_two_rows_that_meet_in_the_hour_that_comes_twice_leave_no_gap() -> None:
    planned = timeline(row("sun 01:00-01:30 A"), row("sun 01:30-02:00 B"), row("sun 02:00-03:00 C"))
    assert told(planned.slots(*day_of("2026-11-01"))) == [
        "11-01 06:00 - 11-01 06:30 A",
        "11-01 06:30 - 11-01 08:00 B",
        "11-01 08:00 - 11-01 09:00 C",
    ]
    assert (
        planned.at(utc("2026-11-01T07:15")).now_playing == planned.at(utc("2026-11-01T07:59:59")).now_playing
    )


def test_an_override_may_lie_on_the_second_of_two_hours() -> None:
    planned = timeline(row("sun 00:00-24:00 A"), override("2026-11-01T07:00", "08:00", "Again"))
    assert told(planned.slots(*day_of("2026-11-01")))[:3] == [
        "11-01 05:00 - 11-01 07:00 A",
        "11-01 07:00 - 11-01 08:00 Again",
        "11-01 08:00 - 11-02 06:00 A",
    ]


# The grid

WEEK_OF_JUNE = utc("2026-06-01T00:00")
"""A Monday; Chicago is five hours behind."""


@pytest.mark.parametrize("end", ["24:00", "00:00"])
def test_both_spellings_of_midnight_end_a_slot_when_the_next_day_begins(end: str) -> None:
    planned = timeline(row(f"mon 22:00-{end} A"), row("tue 00:00-01:00 B"))
    assert told(planned.slots(utc("2026-06-02T00:00"), utc("2026-06-03T00:00"))) == [
        "06-02 03:00 - 06-02 05:00 A",
        "06-02 05:00 - 06-02 06:00 B",
    ]
    midnight = utc("2026-06-02T05:00")
    before, after = planned.at(midnight - TICK).now_playing, planned.at(midnight).now_playing
    assert before is not None
    assert after is not None
    assert (before.programme.title, after.programme.title) == ("A", "B")


def test_a_whole_day_is_from_midnight_to_midnight() -> None:
    planned = timeline(row("mon 00:00-24:00 A"))
    assert told(planned.slots(WEEK_OF_JUNE, WEEK_OF_JUNE + WEEK)) == ["06-01 05:00 - 06-02 05:00 A"]


def test_a_sunday_night_goes_on_into_monday() -> None:
    planned = timeline(row("sun 22:00-02:00 A"), row("mon 02:00-03:00 B"))
    assert told(planned.slots(utc("2026-06-07T12:00"), utc("2026-06-08T12:00"))) == [
        "06-08 03:00 - 06-08 07:00 A",
        "06-08 07:00 - 06-08 08:00 B",
    ]
    for instant in ("2026-06-08T04:59:59", "2026-06-08T05:00", "2026-06-08T06:59:59"):
        now = planned.at(utc(instant)).now_playing
        assert now is not None
        assert now.starts_at == utc("2026-06-08T03:00")


def test_a_monday_row_over_a_sunday_night_cuts_it_off() -> None:
    planned = timeline(row("sun 22:00-04:00 A"), row("mon 01:00-02:00 B"))
    assert told(planned.slots(utc("2026-06-08T00:00"), utc("2026-06-08T12:00"))) == [
        "06-08 03:00 - 06-08 06:00 A",
        "06-08 06:00 - 06-08 07:00 B",
        "06-08 07:00 - 06-08 09:00 A",
    ]


@pytest.mark.parametrize(
    ("days", "starts"),
    [
        ("mon-fri", [1, 2, 3, 4, 5]),
        ("sat,sun", [6, 7]),
        ("fri-mon", [1, 5, 6, 7]),
        ("mon,mon-tue", [1, 2]),
        ("wed-wed", [3]),
    ],
)
def test_days_are_a_day_or_a_span_that_may_go_over_sunday(days: str, starts: list[int]) -> None:
    found = timeline(row(f"{days} 12:00-13:00 A")).slots(WEEK_OF_JUNE, WEEK_OF_JUNE + WEEK)
    assert [slot.starts_at.day for slot in found] == starts


def test_in_a_gap_nothing_is_on_and_what_comes_next_skips_over_it() -> None:
    planned = timeline(row("mon-fri 05:00-09:00 A"), row("sat 12:00-14:00 B"))
    found = planned.at(utc("2026-06-05T14:00"))
    assert found.now_playing is None
    assert found.before == utc("2026-06-05T14:00")
    assert told(found.next_up) == [
        "06-06 17:00 - 06-06 19:00 B",
        "06-08 10:00 - 06-08 14:00 A",
        "06-09 10:00 - 06-09 14:00 A",
    ]


def test_slots_are_half_open() -> None:
    planned = timeline(row("mon 10:00-11:00 A"), row("mon 12:00-13:00 B"))
    start, end = utc("2026-06-01T15:00"), utc("2026-06-01T16:00")
    assert planned.at(start - TICK).now_playing is None
    assert planned.at(start).now_playing == planned.at(end - TICK).now_playing is not None
    assert planned.at(end).now_playing is None
    assert told(planned.at(start - TICK).next_up)[0] == "06-01 15:00 - 06-01 16:00 A"
    assert told(planned.at(start).next_up)[0] == "06-01 17:00 - 06-01 18:00 B"
    assert planned.slots(end, end + MINUTE) == []
    assert planned.slots(start - MINUTE, start) == []
    assert len(planned.slots(end - TICK, end)) == len(planned.slots(start, start + TICK)) == 1


def test_of_overlapping_rows_the_lower_is_on_and_the_other_resumes() -> None:
    long, short = row("mon 10:00-14:00 A"), row("mon 11:00-12:00 B")
    assert told(timeline(long, short).slots(*day_of("2026-06-01"))) == [
        "06-01 15:00 - 06-01 16:00 A",
        "06-01 16:00 - 06-01 17:00 B",
        "06-01 17:00 - 06-01 19:00 A",
    ]
    assert told(timeline(short, long).slots(*day_of("2026-06-01"))) == ["06-01 15:00 - 06-01 19:00 A"]


def test_the_clock_skips_what_lies_over_a_row_and_the_row_is_whole_that_night() -> None:
    planned = timeline(row("sun 01:00-04:00 A"), row("sun 02:00-03:00 B"))
    assert told(planned.slots(*day_of("2027-03-14"))) == ["03-14 07:00 - 03-14 09:00 A"]


def test_a_row_that_overlaps_its_own_next_day_is_one_programme_without_a_gap() -> None:
    planned = timeline(row("mon-sun 06:00-05:59 A"))
    found = planned.slots(WEEK_OF_JUNE, WEEK_OF_JUNE + WEEK)
    assert {one.ends_at - one.starts_at for one in found} == {DAY - MINUTE}
    assert len(found) == 8


# Overrides


def test_an_override_is_on_in_exactly_its_window() -> None:
    planned = timeline(row("mon 10:00-14:00 A"), override("2026-06-01T15:30:10", "16:45:20.5", "X"))
    found = planned.slots(*day_of("2026-06-01"))
    assert [one.programme.title for one in found] == ["A", "X", "A"]
    assert [one.source for one in found] == ["schedule", "override", "schedule"]
    assert found[1].starts_at == found[0].ends_at == utc("2026-06-01T15:30:10")
    assert found[1].ends_at == found[2].starts_at == utc("2026-06-01T16:45:20.500000")
    assert found[2].ends_at == utc("2026-06-01T19:00")


OVERRIDES: dict[str, tuple[list[Override], list[str]]] = {
    "at the start of a slot": (
        [override("2026-06-01T15:00", "16:00", "X")],
        ["15:00 - 16:00 X", "16:00 - 19:00 A"],
    ),
    "at the end of a slot": (
        [override("2026-06-01T18:00", "19:00", "X")],
        ["15:00 - 18:00 A", "18:00 - 19:00 X"],
    ),
    "at both ends": (
        [override("2026-06-01T14:00", "15:30", "X"), override("2026-06-01T18:30", "20:00", "Y")],
        ["14:00 - 15:30 X", "15:30 - 18:30 A", "18:30 - 20:00 Y"],
    ),
    "exactly over the slot": ([override("2026-06-01T15:00", "19:00", "X")], ["15:00 - 19:00 X"]),
    "up to the start of a slot": (
        [override("2026-06-01T14:00", "15:00", "X")],
        ["14:00 - 15:00 X", "15:00 - 19:00 A"],
    ),
    "adjoining": (
        [override("2026-06-01T15:00", "16:00", "X"), override("2026-06-01T16:00", "17:00", "Y")],
        ["15:00 - 16:00 X", "16:00 - 17:00 Y", "17:00 - 19:00 A"],
    ),
    "the lower one later": (
        [override("2026-06-01T15:00", "17:00", "X"), override("2026-06-01T16:00", "18:00", "Y")],
        ["15:00 - 16:00 X", "16:00 - 18:00 Y", "18:00 - 19:00 A"],
    ),
    "the lower one earlier": (
        [override("2026-06-01T16:00", "18:00", "X"), override("2026-06-01T15:00", "17:00", "Y")],
        ["15:00 - 17:00 Y", "17:00 - 18:00 X", "18:00 - 19:00 A"],
    ),
    "one inside another": (
        [override("2026-06-01T14:00", "20:00", "X"), override("2026-06-01T16:00", "17:00", "Y")],
        ["14:00 - 16:00 X", "16:00 - 17:00 Y", "17:00 - 20:00 X"],
    ),
    "one hidden by a lower one": (
        [override("2026-06-01T16:00", "17:00", "X"), override("2026-06-01T14:00", "20:00", "Y")],
        ["14:00 - 20:00 Y"],
    ),
    "three over one another": (
        [
            override("2026-06-01T15:00", "19:00", "X"),
            override("2026-06-01T16:00", "18:30", "Y"),
            override("2026-06-01T16:30", "17:00", "Z"),
        ],
        ["15:00 - 16:00 X", "16:00 - 16:30 Y", "16:30 - 17:00 Z", "17:00 - 18:30 Y", "18:30 - 19:00 X"],
    ),
    "the same window twice": (
        [override("2026-06-01T15:00", "19:00", "X"), override("2026-06-01T15:00", "19:00", "Y")],
        ["15:00 - 19:00 Y"],
    ),
}


@pytest.mark.parametrize("kind", OVERRIDES)
def test_overrides_win_over_the_grid_and_the_lower_over_the_higher(kind: str) -> None:
    overrides, expected = OVERRIDES[kind]
    found = timeline(row("mon 10:00-14:00 A"), *overrides).slots(*day_of("2026-06-01"))
    assert [one.replace("06-01 ", "") for one in told(found)] == expected


LONG = Override(start=BORDER - SECOND, end=BORDER - SECOND + 31 * DAY, title="Festival")
"""As long as one may be, and just before the engine's next span begins."""


def test_a_long_override_hides_the_grid_for_all_its_days() -> None:
    planned = timeline(row("mon-sun 00:00-24:00 A"), LONG)
    for instant in (LONG.start, LONG.start + 15 * DAY, BORDER + 28 * DAY, LONG.end - TICK):
        found = planned.at(instant).now_playing
        assert found is not None
        assert (found.starts_at, found.ends_at, found.programme.title) == (LONG.start, LONG.end, "Festival")
        assert planned.at(instant).next_up[0].starts_at == LONG.end
    after = planned.at(LONG.end).now_playing
    assert after is not None
    assert (after.programme.title, after.starts_at) == ("A", LONG.end)
    assert len(planned.slots(BORDER + 30 * DAY, BORDER + 30 * DAY + HOUR)) == 1


def test_a_long_override_that_is_cut_goes_on_behind_what_cut_it() -> None:
    cut = Override(start=LONG.end - DAY, end=LONG.end - DAY + HOUR, title="Hearing")
    found = timeline(LONG, cut).at(LONG.end - TICK)
    assert found.now_playing is not None
    assert (found.now_playing.starts_at, found.now_playing.ends_at) == (cut.end, LONG.end)
    first = timeline(LONG, cut).at(LONG.start)
    assert first.now_playing is not None
    assert first.now_playing.ends_at == cut.start
    assert [one.programme.title for one in first.next_up] == ["Hearing", "Festival"]


@pytest.mark.parametrize(
    ("planned", "start"), [("wed 19:00-20:00 A", BORDER - HOUR), ("wed 18:00-19:00 A", BORDER)]
)
def test_one_programme_is_one_slot_also_where_the_engines_spans_meet(planned: str, start: datetime) -> None:
    found = timeline(row(planned), Override(start=start, end=start + HOUR, title="A"))
    (slot,) = found.slots(BORDER - 3 * HOUR, BORDER + 3 * HOUR)
    assert (slot.starts_at, slot.ends_at) == (BORDER - HOUR, BORDER + HOUR)
    assert found.at(BORDER - TICK).now_playing == found.at(BORDER).now_playing == slot


def test_what_aired_lies_over_overrides_and_the_grid() -> None:
    aired = AsRun(starts_at=utc("2026-06-01T15:10"), ends_at=utc("2026-06-01T15:20"), title="Siren")
    planned = timeline(
        row("mon 10:00-14:00 A"), override("2026-06-01T15:00", "15:15", "X"), aired=(aired,)
    ).slots(*day_of("2026-06-01"))
    assert [one.replace("06-01 ", "") for one in told(planned)] == [
        "15:00 - 15:10 X",
        "15:10 - 15:20 Siren",
        "15:20 - 19:00 A",
    ]
    assert [one.source for one in planned] == ["override", "as_run", "schedule"]


# Nothing, or nothing else


def test_with_no_schedule_nothing_is_known() -> None:
    found = timeline().at(WEEK_OF_JUNE)
    assert (found.now_playing, found.next_up, found.before) == (None, (), None)
    assert timeline().slots(WEEK_OF_JUNE, WEEK_OF_JUNE + 400 * DAY) == []


def test_with_overrides_alone_they_are_all_there_is() -> None:
    planned = timeline(override("2026-06-01T15:00", "16:00", "X"), override("2028-06-01T15:00", "16:00", "Y"))
    before = planned.at(utc("2026-05-01T00:00"))
    assert (before.now_playing, before.before) == (None, None)
    assert [one.programme.title for one in before.next_up] == ["X", "Y"]
    between = planned.at(utc("2026-06-01T16:00"))
    assert (between.now_playing, between.before) == (None, utc("2026-06-01T16:00"))
    assert [one.programme.title for one in between.next_up] == ["Y"]
    after = planned.at(utc("2028-06-01T16:00"))
    assert (after.now_playing, after.next_up) == (None, ())


def test_a_grid_without_days_is_as_good_as_none() -> None:
    planned = Timeline(
        Schedule(grid=(GridRow(days=(), start=ClockTime("01:00"), end=ClockTime("02:00"), title="A"),)),
        CHICAGO,
    )
    assert planned.at(WEEK_OF_JUNE).next_up == ()


@pytest.mark.parametrize(
    "times", [("00:00-24:00",), ("06:00-18:00", "18:00-06:00"), ("00:00-08:00", "08:00-16:00", "16:00-24:00")]
)
def test_a_service_with_one_programme_for_ever_has_slots_with_an_end(times: tuple[str, ...]) -> None:
    planned = timeline(*(row(f"mon-sun {one} A") for one in times))
    found = planned.slots(WEEK_OF_JUNE, WEEK_OF_JUNE + WEEK)
    assert len(found) == 7 * len(times) + 1
    assert all(above.ends_at == below.starts_at for above, below in pairwise(found))
    assert len(planned.at(WEEK_OF_JUNE).next_up) == 3


# One programme or two


def test_the_same_programme_in_adjoining_slots_is_one() -> None:
    planned = timeline(row("sat 22:00-24:00 A"), row("sun 00:00-02:00 A"), row("sun 02:00-03:00 B"))
    assert told(planned.slots(utc("2026-06-07T00:00"), utc("2026-06-08T00:00"))) == [
        "06-07 03:00 - 06-07 07:00 A",
        "06-07 07:00 - 06-07 08:00 B",
    ]


def test_a_slot_that_others_wrote_as_two_halves_at_sunday_midnight_is_one() -> None:
    planned = timeline(row("sun 22:00-24:00 A"), row("mon 00:00-02:00 A"))
    assert told(planned.slots(utc("2026-06-08T00:00"), utc("2026-06-09T00:00"))) == [
        "06-08 03:00 - 06-08 07:00 A"
    ]


@pytest.mark.parametrize(
    "other",
    [
        row("mon 11:00-12:00 A", producer="WXMP"),
        row("mon 11:00-12:00 A", show="newsroom"),
        row("mon 11:00-12:00 a"),
    ],
)
def test_another_producer_show_or_title_is_another_programme(other: GridRow) -> None:
    found = timeline(row("mon 10:00-11:00 A"), other).slots(*day_of("2026-06-01"))
    assert [one.starts_at.hour for one in found] == [15, 16]


def test_the_same_programme_after_a_gap_is_a_slot_of_its_own() -> None:
    found = timeline(row("mon 10:00-11:00 A"), row("mon 11:01-12:00 A")).slots(*day_of("2026-06-01"))
    assert len(found) == 2


def test_an_override_with_the_grids_own_programme_makes_the_slot_longer() -> None:
    found = timeline(row("mon 10:00-11:00 A"), override("2026-06-01T16:00", "17:30", "A"))
    assert told(found.slots(*day_of("2026-06-01"))) == ["06-01 15:00 - 06-01 17:30 A"]


# What comes next


def test_up_to_three_slots_come_next_also_weeks_ahead() -> None:
    planned = timeline(row("mon 10:00-11:00 A"))
    assert told(planned.at(utc("2026-06-01T15:00")).next_up) == [
        "06-08 15:00 - 06-08 16:00 A",
        "06-15 15:00 - 06-15 16:00 A",
        "06-22 15:00 - 06-22 16:00 A",
    ]


def test_a_weekly_programme_always_has_three_to_come() -> None:
    planned = timeline(row("thu 10:00-11:00 A"))
    counts = {len(planned.at(WEEK_OF_JUNE + number * 6 * HOUR).next_up) for number in range(4 * 56)}
    assert counts == {3}


def test_what_comes_next_is_seen_behind_a_month_of_something_else() -> None:
    planned = timeline(row("sun 02:15-02:45 A"), Override(start=LONG.start, end=LONG.end, title="Festival"))
    found = planned.at(LONG.start).next_up
    assert [one.programme.title for one in found] == ["A", "A", "A"]
    assert found[0].starts_at > LONG.end


def test_a_weekly_slot_that_the_clock_skips_comes_a_week_later() -> None:
    planned = timeline(row("sun 02:15-02:45 A"))
    assert told(planned.at(utc("2027-03-08T00:00")).next_up)[0] == "03-21 07:15 - 03-21 07:45 A"


@pytest.mark.parametrize("year", [1900, 1969, 2000, 2100, 2299])
def test_far_future_and_past_have_the_same_week(year: int) -> None:
    planned = timeline(row("mon-sun 05:00-09:00 A"), row("mon-sun 09:00-05:00 B"))
    for month in (1, 7):
        instant = datetime(year, month, 15, 5, tzinfo=CHICAGO).astimezone(UTC)
        found = planned.at(instant)
        assert found.now_playing is not None
        assert (found.now_playing.starts_at, found.now_playing.programme.title) == (instant, "A")
        assert [one.programme.title for one in found.next_up] == ["B", "A", "B"]


# The rules again, by looking at the clock every minute


class Piece(NamedTuple):
    starts_at: datetime
    ends_at: datetime
    programme: Programme


DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def days_of(one: GridRow) -> set[int]:
    found = set()
    for text in one.days:
        first, *rest = (DAYS.index(day) for day in text.split("-"))
        while [first] != rest and rest:
            found.add(first)
            first = (first + 1) % 7
        found.add(first)
    return found


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


LONGEST_RUN = timedelta(hours=25)


@pytest.mark.parametrize(("hours", "count"), [(24, 1), (24.25, 1), (25, 1), (25.25, 2)])
def test_a_programme_that_goes_on_is_one_slot_up_to_the_longest_day(hours: float, count: int) -> None:
    start = utc("2026-06-01T00:00")
    middle, end = start + timedelta(hours=12), start + timedelta(hours=hours)
    pieces = (
        AsRun(starts_at=start, ends_at=middle, title="A"),
        AsRun(starts_at=middle, ends_at=end, title="A"),
    )
    assert len(Timeline(Schedule(), CHICAGO, pieces).slots(start, end)) == count


class Rules:
    """Section 4 of the contract, word for word; for whole minutes only.

    "In the hour that is skipped they mean the first instant after it, in the hour that happens twice the first":
    so what counts is the latest time that the clock has shown yet.
    """

    def __init__(self, planned: Timeline, start: datetime, end: datetime) -> None:
        self.planned, self.start = planned, start
        shown = [self.clock(start + number * MINUTE) for number in range(-26 * 60, (end - start) // MINUTE)]
        latest = shown[: 26 * 60]
        top = max(latest)
        tops = []
        for one in shown[26 * 60 :]:
            top = max(top, one)
            tops.append(top)
        rows = [
            (number, days_of(one), minutes(one.start), minutes(one.end), one)
            for number, one in enumerate(planned.schedule.grid)
        ]
        self.rows = [
            (
                number,
                days,
                start,
                end if end > start else end + 24 * 60,
                Programme(one.show, one.title, one.producer),
            )
            for number, days, start, end, one in reversed(rows)
        ]
        self.over = [
            ((kind, number), starts_at, ends_at, programme)
            for kind, number, starts_at, ends_at, programme in self.windows()
        ][::-1]
        self.on = [self.owner(start + number * MINUTE, top) for number, top in enumerate(tops)]

    def clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self.planned.zone).replace(tzinfo=None)

    def windows(self) -> Iterable[tuple[str, int, datetime, datetime, Programme]]:
        for number, one in enumerate(self.planned.schedule.overrides):
            yield "override", number, one.start, one.end, Programme(one.show, one.title, one.producer)
        for number, airing in enumerate(self.planned.aired):
            yield "aired", number, airing.starts_at, airing.ends_at, Programme(title=airing.title)

    def owner(self, instant: datetime, shown: datetime) -> tuple[Hashable, Programme] | None:
        for key, starts_at, ends_at, programme in self.over:
            if starts_at <= instant < ends_at:
                return key, programme
        today, minute = shown.weekday(), shown.hour * 60 + shown.minute
        for number, days, start, end, programme in self.rows:
            if today in days and start <= minute < end:
                return (number, shown.date()), programme
            if (today - 1) % 7 in days and minute + 24 * 60 < end:
                return (number, shown.date() - DAY), programme
        return None

    def at(self, instant: datetime) -> Programme | None:
        found = self.on[(instant - self.start) // MINUTE]
        return found[1] if found else None

    def slots(self) -> list[Piece]:
        """Those that begin and end inside."""
        pieces, number = [], 0
        for owner, group in groupby(self.on):
            first, number = number, number + len(list(group))
            if owner:
                pieces.append(Piece(self.start + first * MINUTE, self.start + number * MINUTE, owner[1]))
        runs: list[list[Piece]] = []
        for piece in pieces:
            if runs and (runs[-1][-1].ends_at, runs[-1][-1].programme) == (piece.starts_at, piece.programme):
                runs[-1].append(piece)
            else:
                runs.append([piece])
        inside = [
            run
            for run in runs
            if run[0].starts_at > self.start and run[-1].ends_at < self.start + len(self.on) * MINUTE
        ]
        return [piece for run in inside for piece in as_slots(run)]


def as_slots(run: Sequence[Piece]) -> list[Piece]:
    """One programme without a break is one slot, unless that is longer than a day on which the clock is set back."""
    whole = Piece(run[0].starts_at, run[-1].ends_at, run[0].programme)
    return [whole] if whole.ends_at - whole.starts_at <= LONGEST_RUN else list(run)


WINDOWS = [
    ("America/Chicago", "2026-11-01"),
    ("America/Chicago", "2027-03-14"),
    ("America/Chicago", BORDER.date().isoformat()),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/Berlin", "2027-03-28"),
    ("Australia/Lord_Howe", "2026-10-03"),
    ("Australia/Lord_Howe", "2027-04-03"),
    ("Asia/Kathmandu", "2026-06-01"),
    ("Asia/Kathmandu", "1986-01-01"),
    ("America/Nuuk", "2026-10-25"),
    ("America/Nuuk", "2027-03-28"),
    ("Africa/Casablanca", "2027-02-07"),
    ("Africa/Casablanca", "2027-03-14"),
    ("Africa/Cairo", "2026-10-29"),
    ("Africa/Cairo", "2027-04-30"),
    ("Pacific/Apia", "2011-12-30"),
]
CLOCK_TIMES = st.sampled_from(
    [
        "00:00",
        "00:30",
        "01:00",
        "01:30",
        "01:45",
        "02:00",
        "02:15",
        "02:30",
        "02:45",
        "03:00",
        "22:30",
        "23:30",
    ]
) | st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
PROGRAMMES = st.sampled_from([("A", None), ("A", "WXMP"), ("B", None), ("C", None)])


@st.composite
def grid_rows(draw: st.DrawFn) -> GridRow:
    start, end = draw(
        st.tuples(CLOCK_TIMES, CLOCK_TIMES | st.just("24:00")).filter(lambda both: both[0] != both[1])
    )
    days = draw(
        st.sampled_from(["mon-sun", "mon-sun", "mon-fri", "sat,sun", "fri-mon", "thu", "fri", "sun", "mon"])
    )
    title, producer = draw(PROGRAMMES)
    return row(f"{days} {start}-{end} {title}", producer=producer)


@st.composite
def overrides_near(draw: st.DrawFn, day: datetime) -> Override:
    start = day + draw(st.integers(-3 * 96, 3 * 96)) * 15 * MINUTE
    length = draw(st.sampled_from([15, 30, 60, 240, 1440, 1500, 31 * 1440]) | st.integers(1, 600))
    title, producer = draw(PROGRAMMES)
    return Override(start=start, end=start + length * MINUTE, title=title, producer=producer)


@st.composite
def planned_days(draw: st.DrawFn) -> tuple[Timeline, datetime]:
    """A timeline and a midnight in whose night something is odd."""
    zone, text = draw(st.sampled_from(WINDOWS))
    day = utc(f"{text}T00:00")
    grid = draw(st.lists(grid_rows(), max_size=6))
    overrides = draw(st.lists(overrides_near(day), max_size=5))
    aired = [
        AsRun(starts_at=one.start, ends_at=one.end, title="B")
        for one in draw(st.lists(overrides_near(day), max_size=2))
        if one.end - one.start <= DAY
    ]
    return Timeline(Schedule(grid=tuple(grid), overrides=tuple(overrides)), ZoneInfo(zone), tuple(aired)), day


@SETTINGS
@given(planned=planned_days(), pick=st.randoms(use_true_random=False))
def test_at_every_instant_that_is_on_which_the_rules_say(
    planned: tuple[Timeline, datetime], pick: random.Random
) -> None:
    found, day = planned
    start, end = day - 3 * DAY, day + 3 * DAY
    rules = Rules(found, start, end)
    borders = [
        start + number * MINUTE
        for number, (above, below) in enumerate(pairwise(rules.on), start=1)
        if above != below
    ]
    asked = [border + off for border in borders for off in (-SECOND, timedelta(), SECOND)]
    asked += [start + pick.randrange((end - start) // SECOND) * SECOND for _ in range(40)]
    pick.shuffle(asked)
    for instant in asked:
        now = found.at(instant).now_playing
        assert (now.programme if now else None) == rules.at(instant), instant
        assert now is None or now.starts_at <= instant < now.ends_at


@SETTINGS
@given(planned=planned_days())
def test_the_slots_of_a_week_are_those_which_the_rules_make(planned: tuple[Timeline, datetime]) -> None:
    found, day = planned
    start, end = day - 4 * DAY, day + 4 * DAY
    expected = Rules(found, start, end).slots()
    slots = [Piece(one.starts_at, one.ends_at, one.programme) for one in found.slots(start, end)]
    assert all(above.ends_at <= below.starts_at for above, below in pairwise(slots))
    if expected:
        first, last = expected[0].starts_at, expected[-1].ends_at
        inside = [one for one in slots if first <= one.starts_at and one.ends_at <= last]
        assert [one for one in inside if one not in expected] == []
        assert [one for one in expected if one not in inside] == []


# What holds for every timeline


@SETTINGS
@given(planned=planned_days(), cuts=st.lists(st.integers(-40 * 96, 40 * 96), min_size=3, max_size=3))
def test_the_slots_of_two_spans_are_the_slots_of_both(
    planned: tuple[Timeline, datetime], cuts: list[int]
) -> None:
    found, day = planned
    start, middle, end = (day + cut * 15 * MINUTE for cut in sorted(cuts))
    if start < middle < end:
        both = found.slots(start, middle) + found.slots(middle, end)
        assert list(dict.fromkeys(both)) == found.slots(start, end)


@SETTINGS
@given(planned=planned_days(), pick=st.randoms(use_true_random=False))
def test_an_instant_is_told_as_in_the_list_of_slots(
    planned: tuple[Timeline, datetime], pick: random.Random
) -> None:
    found, day = planned
    slots = found.slots(day - 40 * DAY, day + 120 * DAY)
    moments = [moment for one in slots for moment in (one.starts_at, one.ends_at)] or [day]
    near = [one for one in moments if abs(one - day) < 35 * DAY] or moments[:1]
    asked = [pick.choice(near) + pick.choice([-TICK, timedelta(), TICK, HOUR]) for _ in range(25)]
    for instant in asked:
        answer = found.at(instant)
        assert answer.now_playing == next(
            (one for one in slots if one.starts_at <= instant < one.ends_at), None
        )
        assert list(answer.next_up) == [one for one in slots if one.starts_at > instant][:3], instant
        over = [one.ends_at for one in slots if one.ends_at <= instant]
        if answer.now_playing is None and over and instant - over[-1] < 28 * DAY:
            assert answer.before == over[-1]


@settings(SETTINGS, max_examples=15)
@given(planned=planned_days(), pick=st.randoms(use_true_random=False))
def test_an_answer_does_not_depend_on_what_was_asked_before(
    planned: tuple[Timeline, datetime], pick: random.Random
) -> None:
    warm, day = planned
    border = EPOCH + (day - EPOCH) // (28 * DAY) * 28 * DAY
    asked = [
        border + pick.randrange(-2, 3) * 28 * DAY + pick.choice([-1, 0, 1]) * pick.randrange(200_000) * SECOND
        for _ in range(8)
    ]
    for instant in asked:
        fresh = Timeline(warm.schedule, warm.zone, warm.aired)
        assert warm.at(instant) == fresh.at(instant)
        assert warm.slots(instant, instant + DAY) == fresh.slots(instant, instant + DAY)


def test_more_weeks_than_are_kept_are_the_same_when_asked_again() -> None:
    planned = timeline(row("mon-sun 22:00-02:00 A"), row("mon-fri 02:00-22:00 B"), LONG)
    asked = [BORDER + number * 27 * DAY for number in range(60)]
    first = [planned.at(one) for one in asked]
    random.Random(3).shuffle(order := list(range(60)))
    assert [planned.at(asked[one]) for one in order] == [first[one] for one in order]


def tiling(cuts: list[int]) -> list[GridRow]:
    """Every day from one time to the next, the last over midnight."""
    times = [f"{cut // 60:02}:{cut % 60:02}" for cut in cuts]
    return [
        row(f"mon-sun {start}-{end} {'ABCDEFGH'[number]}")
        for number, (start, end) in enumerate(zip(times, [*times[1:], times[0]], strict=True))
    ]


@settings(SETTINGS, max_examples=25)
@given(
    zone=st.sampled_from(sorted(available_timezones())).map(ZoneInfo),
    year=st.integers(1973, 2037),
    cuts=st.lists(
        st.integers(0, 1439) | st.sampled_from([0, 60, 90, 120, 135, 150, 1380, 1410]),
        min_size=2,
        max_size=8,
        unique=True,
    ).map(sorted),
)
@example(zone=ZoneInfo("Pacific/Apia"), year=2011, cuts=[0, 720])
@example(zone=ZoneInfo("America/Nuuk"), year=2027, cuts=[0, 1380])
@example(zone=ZoneInfo("Africa/Cairo"), year=2026, cuts=[0, 1410])
@example(zone=ZoneInfo("Australia/Lord_Howe"), year=2026, cuts=[105, 135, 150])
@example(zone=CHICAGO, year=2026, cuts=[90, 120, 150])
def test_a_grid_that_tiles_the_clock_tiles_every_day_of_the_year(
    zone: ZoneInfo, year: int, cuts: list[int]
) -> None:
    start = datetime(year, 1, 1, tzinfo=UTC)
    found = timeline(*tiling(cuts), zone=zone).slots(start, start + 366 * DAY)
    assert found[0].starts_at <= start
    assert found[-1].ends_at >= start + 366 * DAY
    assert [(above, below) for above, below in pairwise(found) if above.ends_at != below.starts_at] == []
    for one in found:
        shown = one.starts_at.astimezone(zone)
        planned = tiling(cuts)["ABCDEFGH".index(one.programme.title or "")]
        assert (
            f"{shown:%H:%M}" >= planned.start or shown.time() == time(0) or _just_moved(one.starts_at, zone)
        )


def _just_moved(instant: datetime, zone: ZoneInfo) -> bool:
    return instant.astimezone(zone).utcoffset() != (instant - SECOND).astimezone(zone).utcoffset()
