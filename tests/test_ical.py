"""Calendars: what is written is heard the same by readers that others wrote, and what is read is heard as it says."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from icalendar.parser import unescape_backslash

from stationfeed.errors import Severity
from stationfeed.model.on_air import Programme
from stationfeed.model.schedule import DAYS, GridRow, Override, Schedule
from stationfeed.model.words import ClockTime, Slug
from stationfeed.schedule.ical_in import read_calendar
from stationfeed.schedule.ical_out import render_calendar
from stationfeed.schedule.ical_rules import read_rule, starts
from stationfeed.schedule.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stationfeed.errors import Problem

CHICAGO = ZoneInfo("America/Chicago")
ZONES = [CHICAGO, *map(ZoneInfo, ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"))]
NOON = datetime(2026, 11, 26, 18, tzinfo=UTC)
FILE = PurePosixPath("imported.ics")
SHOWS = [Slug("newsroom"), Slug("jazz-at-night")]
DAY = timedelta(days=1)

Heard = list[tuple[datetime, datetime, Programme]]


def rendered(schedule: Schedule, zone: ZoneInfo = CHICAGO, at: datetime = NOON) -> bytes:
    return render_calendar(
        schedule, zone, service_id="kxmp-fm", name="KXMP, Public Radio", titles=title_of, at=at
    )


def title_of(programme: Programme) -> str:
    return programme.title or f"The show {programme.show}"


def calendar_of(*events: str, head: str = "") -> bytes:
    """A calendar of events given as their lines."""
    parts = [f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT" for event in events]
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *head.split(), *parts, "END:VCALENDAR", ""]).encode()


def read(data: bytes, zone: ZoneInfo = CHICAGO, at: datetime = NOON) -> tuple[Schedule, list[str]]:
    schedule, problems = read_calendar(data, FILE, zone, SHOWS, at)
    assert schedule, problems
    assert {problem.severity for problem in problems} <= {Severity.WARNING}
    return schedule, [str(problem) for problem in problems]


def refused(data: bytes) -> Problem:
    schedule, problems = read_calendar(data, FILE, CHICAGO, SHOWS, NOON)
    assert schedule is None
    assert problems[-1].severity is Severity.ERROR
    return problems[-1]


def joined(pieces: Sequence[tuple[datetime, datetime, Programme]], begin: datetime, end: datetime) -> Heard:
    """What is heard between two instants, adjoining pieces of a programme as one."""
    found: Heard = []
    for start, stop, programme in pieces:
        if found and found[-1][1] == start and found[-1][2] == programme:
            found[-1] = (found[-1][0], stop, programme)
        else:
            found.append((start, stop, programme))
    clipped = [(max(start, begin), min(stop, end), programme) for start, stop, programme in found]
    return [piece for piece in clipped if piece[0] < piece[1]]


def on_air(schedule: Schedule, zone: ZoneInfo, begin: datetime, end: datetime) -> Heard:
    slots = Timeline(schedule, zone).slots(begin, end)
    return joined([(slot.starts_at, slot.ends_at, slot.programme) for slot in slots], begin, end)


def shown_by_others(data: bytes, begin: datetime, end: datetime) -> Heard:
    """What a reader that we did not write finds in a calendar."""
    query = recurring_ical_events.of(Calendar.from_ical(data))
    found = []
    for event in query.between(begin - DAY, end + DAY):
        own = {key: unescape_backslash(str(event[key])) for key in event if key.startswith("X-STATIONFEED")}
        show = own.get("X-STATIONFEED-SHOW")
        title = own.get("X-STATIONFEED-TITLE") or (None if show else str(event["summary"]))
        programme = Programme(Slug(show) if show else None, title, own.get("X-STATIONFEED-PRODUCER"))
        found.append((event["dtstart"].dt.astimezone(UTC), event["dtend"].dt.astimezone(UTC), programme))
    found.sort(key=lambda piece: piece[:2])
    for above, below in pairwise(found):
        assert above[1] <= below[0], "two programmes at one instant"
    return joined(found, begin, end)


CLOCK_TIMES = st.builds(
    lambda hour, minute: ClockTime(f"{hour:02}:{minute:02}"),
    st.one_of(st.integers(0, 4), st.integers(0, 23)),
    st.sampled_from([0, 15, 30, 59]),
)
WORDS = st.text("ab ,;\\:\"'é\N{MOBILE PHONE}%n\N{LATIN SMALL LETTER SHARP S}=", min_size=1, max_size=90).map(
    lambda text: " ".join(text.split()) or "b"
)
NAMES = st.one_of(
    st.fixed_dictionaries({"show": st.sampled_from(SHOWS)}, optional={"title": WORDS, "producer": WORDS}),
    st.fixed_dictionaries({"title": WORDS}, optional={"producer": WORDS, "note": WORDS}),
)
SPANS_OF_DAYS = st.lists(
    st.one_of(st.sampled_from(DAYS), st.sampled_from(["mon-fri", "mon-sun", "sat-mon", "fri-sun"])),
    min_size=1,
    max_size=3,
).map(tuple)
ROWS = st.builds(
    lambda days, start, end, names: GridRow(days=days, start=start, end=end, **names),
    SPANS_OF_DAYS,
    CLOCK_TIMES,
    st.one_of(CLOCK_TIMES, st.just(ClockTime("24:00"))),
    NAMES,
).filter(lambda row: row.start != row.end)


def overrides_near(turn: datetime) -> st.SearchStrategy[Override]:
    return st.builds(
        lambda minutes, length, names: Override(
            start=turn + timedelta(minutes=minutes), end=turn + timedelta(minutes=minutes + length), **names
        ),
        st.integers(-3 * 1440, 20 * 1440),
        st.one_of(st.integers(1, 600), st.integers(1, 20 * 1440)),
        NAMES,
    )


def schedules(turn: datetime) -> st.SearchStrategy[Schedule]:
    return st.builds(
        lambda grid, overrides: Schedule(grid=tuple(grid), overrides=tuple(overrides)),
        st.lists(ROWS, min_size=1, max_size=6),
        st.lists(overrides_near(turn), max_size=4),
    )


TURNS = st.sampled_from(
    [
        datetime(2026, 3, 7, 12, tzinfo=UTC),
        datetime(2026, 10, 31, 12, tzinfo=UTC),
        datetime(2027, 3, 27, tzinfo=UTC),
    ]
)


@settings(max_examples=15, deadline=None)
@given(turn=TURNS, zone=st.sampled_from(ZONES), choose=st.data())
def test_a_schedule_that_is_exported_and_imported_is_heard_the_same(
    turn: datetime, zone: ZoneInfo, choose: st.DataObject
) -> None:
    schedule = choose.draw(schedules(turn))
    at = turn - 8 * DAY
    again, problems = read(rendered(schedule, zone, at), zone, at)
    assert problems == []
    assert on_air(again, zone, at, at + 60 * DAY) == on_air(schedule, zone, at, at + 60 * DAY)


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(turn=TURNS, zone=st.sampled_from(ZONES), choose=st.data())
def test_another_reader_shows_what_is_on_air_all_year(
    turn: datetime, zone: ZoneInfo, choose: st.DataObject
) -> None:
    schedule = choose.draw(schedules(turn))
    begin = datetime(turn.year, 1, 6, tzinfo=UTC)
    shown = shown_by_others(rendered(schedule, zone, turn), begin, begin + 500 * DAY)
    assert shown == on_air(schedule, zone, begin, begin + 500 * DAY)


NIGHT_CLOCK = [ClockTime(f"{minute // 60:02}:{minute % 60:02}") for minute in range(0, 300, 15)]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_nights_when_the_clock_is_set_are_shown_by_others_as_they_are_heard(zone: ZoneInfo) -> None:
    quarters = [
        GridRow(days=("mon-sun",), start=start, end=end, title=f"From {start}")
        for start, end in pairwise(NIGHT_CLOCK)
    ]
    day = GridRow(days=("mon-sun",), start=NIGHT_CLOCK[-1], end=ClockTime("00:00"), title="Day")
    long = GridRow(days=("sat",), start=ClockTime("23:00"), end=ClockTime("02:40"), title="Saturday night")
    schedule = Schedule(grid=(*quarters, day, long))
    begin = datetime(2026, 1, 6, tzinfo=UTC)
    shown = shown_by_others(rendered(schedule, zone), begin, begin + 690 * DAY)
    assert shown == on_air(schedule, zone, begin, begin + 690 * DAY)


NEWS_HOUR = GridRow(
    days=("mon-fri",), start=ClockTime("05:00"), end=ClockTime("09:00"), show=Slug("newsroom")
)
NIGHT = GridRow(days=("sat", "sun"), start=ClockTime("22:00"), end=ClockTime("02:30"), title="Night")


def test_the_same_schedule_gives_the_same_bytes_all_year_and_others_the_year_after() -> None:
    schedule = Schedule(grid=(NEWS_HOUR, NIGHT))
    first = rendered(schedule, at=datetime(2026, 1, 2, tzinfo=UTC))
    assert rendered(schedule, at=datetime(2026, 12, 31, tzinfo=UTC)) == first
    assert rendered(schedule, at=datetime(2027, 1, 5, tzinfo=UTC)) != first


def test_a_calendar_is_one_event_for_each_programme_of_the_week() -> None:
    text = rendered(Schedule(grid=(NEWS_HOUR, NIGHT))).decode()
    assert text.count("RRULE:FREQ=WEEKLY") == 2
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\nX-STATIONFEED-SHOW:newsroom" in text
    assert "DTSTART;TZID=America/Chicago:20251228T220000\r\n" in text
    assert "X-WR-CALNAME:KXMP\\, Public Radio\r\nX-WR-TIMEZONE:America/Chicago\r\n" in text
    assert max(len(line) for line in text.encode().split(b"\r\n")) <= 75


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_the_zone_in_a_calendar_sets_its_clock_when_the_world_does(zone: ZoneInfo) -> None:
    data = rendered(Schedule(grid=(NIGHT,)), zone)
    renamed = data.replace(zone.key.encode(), b"Studio clock").replace(b"X-WR-TIMEZONE:Studio clock\r\n", b"")
    at = datetime(2033, 3, 1, tzinfo=UTC)
    schedule, _ = read(renamed, zone, at)
    assert on_air(schedule, zone, at, at + 365 * DAY) == on_air(
        Schedule(grid=(NIGHT,)), zone, at, at + 365 * DAY
    )
    (parts,) = [one.to_tz(lookup_tzid=False) for one in Calendar.from_ical(data).timezones]
    for hour in range(24 * 400):
        instant = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        shown = instant.astimezone(zone).replace(tzinfo=None)
        offsets = {shown.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
        assert (
            len(offsets) > 1
            or shown.replace(tzinfo=parts).utcoffset() == instant.astimezone(zone).utcoffset()
        )


WEEKLY = """
UID:1
SUMMARY:Morning, live
DTSTART;TZID=America/Chicago:20250106T050000
DTEND;TZID=America/Chicago:20250106T090000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
"""


def test_a_weekly_event_becomes_a_row() -> None:
    schedule, problems = read(calendar_of(WEEKLY.replace("live", "li\\,ve\\n \x01now")))
    assert schedule == Schedule(
        grid=(
            GridRow(
                days=("mon-fri",),
                start=ClockTime("05:00"),
                end=ClockTime("09:00"),
                title="Morning, li,ve now",
            ),
        )
    )
    assert problems == []


def test_a_programme_in_the_skipped_hour_and_one_in_the_repeated_hour_are_as_in_the_grid() -> None:
    night = "SUMMARY:Bulletin\nDTSTART:20250106T023000\nDURATION:PT30M\nRRULE:FREQ=DAILY"
    schedule, problems = read(calendar_of(night), at=datetime(2026, 3, 2, tzinfo=UTC))
    assert (len(schedule.grid), schedule.overrides, problems) == (1, (), [])
    short = "SUMMARY:Bulletin\nDTSTART:20250106T013000\nDTEND:20250106T020000\nRRULE:FREQ=DAILY"
    again, problems = read(calendar_of(short))
    assert (again.grid[0].days, again.overrides, problems) == (("mon-sun",), (), [])


def test_what_the_calendar_leaves_out_is_named() -> None:
    _, problems = read(calendar_of(WEEKLY + "EXDATE;TZID=America/Chicago:20261224T050000,20261225T050000"))
    said = '"Morning, live" airs by the weekly grid where the calendar has nothing: '
    assert problems == [f"imported.ics {said}2026-12-24 05:00, 2026-12-25 05:00"]


def test_a_date_left_out_may_be_in_another_zone_or_a_whole_day() -> None:
    _, problems = read(calendar_of(WEEKLY + "EXDATE:20261224T110000Z\nEXDATE;VALUE=DATE:20261225"))
    assert problems[0].endswith("nothing: 2026-12-24 05:00, 2026-12-25 05:00")


def test_what_is_written_over_the_grid_is_an_override_with_its_note() -> None:
    single = """
SUMMARY:Council hearing
DESCRIPTION:Pre-empts the\\nmorning
DTSTART:20261201T070000
DURATION:PT90M
X-STATIONFEED-SHOW:gone
"""
    schedule, problems = read(calendar_of(single, WEEKLY))
    start = datetime(2026, 12, 1, 13, tzinfo=UTC)
    note = "Pre-empts the morning"
    ends = start + timedelta(minutes=90)
    assert schedule.overrides == (Override(start=start, end=ends, title="Council hearing", note=note),)
    assert problems == [
        'imported.ics:3 has a show "gone", which config.yaml does not; its events have a title only'
    ]


def test_a_weekly_event_in_another_zone_is_where_it_most_often_is() -> None:
    schedule, problems = read(calendar_of(WEEKLY.replace("America/Chicago", "Europe/London")))
    assert (schedule.grid[0].start, schedule.grid[0].days) == ("23:00", ("mon-thu", "sun"))
    assert all(one.start.astimezone(ZoneInfo("Europe/London")).hour == 5 for one in schedule.overrides)
    assert 20 <= len(schedule.overrides) <= 45
    assert "airs by the weekly grid where the calendar has nothing" in problems[0]


def test_a_weekend_on_end_is_a_row_up_to_each_midnight() -> None:
    event = "SUMMARY:Marathon\nDTSTART:20260102T180000\nDTEND:20260105T060000\nRRULE:FREQ=WEEKLY"
    schedule, problems = read(calendar_of(event))
    assert [(row.days, row.start, row.end) for row in schedule.grid] == [
        (("mon",), "00:00", "06:00"),
        (("fri",), "18:00", "24:00"),
        (("sat", "sun"), "00:00", "24:00"),
    ]
    assert (schedule.overrides, problems) == ((), [])


def test_one_that_was_moved_and_one_that_was_cancelled_are_taken_as_they_are() -> None:
    moved = """
UID:1
SUMMARY:Morning special
RECURRENCE-ID:20261201T110000Z
DTSTART:20261201T120000Z
DTEND:20261201T150000Z
"""
    cancelled = moved.replace("20261201", "20261202") + "STATUS:CANCELLED"
    schedule, problems = read(calendar_of(WEEKLY, moved, cancelled))
    assert [(one.start.hour, one.end.hour, one.title) for one in schedule.overrides] == [
        (12, 15, "Morning special")
    ]
    assert "2026-12-01 05:00, 2026-12-02 05:00" in problems[0]


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("FREQ=WEEKLY;INTERVAL=2", 52),
        ("FREQ=WEEKLY;UNTIL=20270101T000000Z", 5),
        ("FREQ=WEEKLY;COUNT=103", 4),
        ("FREQ=MONTHLY;BYDAY=-1SU", 24),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 24),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", 2),
    ],
)
def test_what_does_not_repeat_every_week_for_ever_becomes_overrides(rule: str, count: int) -> None:
    event = WEEKLY.replace("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", rule)
    schedule, problems = read(calendar_of(event))
    expected = recurring_ical_events.of(Calendar.from_ical(calendar_of(event))).between(
        datetime(2026, 11, 23, tzinfo=CHICAGO), datetime(2028, 11, 27, tzinfo=CHICAGO)
    )
    assert [one.start for one in schedule.overrides] == sorted(
        one["dtstart"].dt.astimezone(UTC) for one in expected
    )
    assert abs(len(schedule.overrides) - count) <= 1
    assert (schedule.grid, problems) == ((), [])


def test_a_time_without_a_zone_is_the_stations() -> None:
    schedule, _ = read(calendar_of(WEEKLY.replace(";TZID=America/Chicago", "")))
    assert schedule.grid[0].start == "05:00"


def test_a_zone_that_nobody_knows_is_never_guessed() -> None:
    strange = WEEKLY.replace("America/Chicago", "Mars/Base")
    problem = refused(calendar_of(strange))
    assert str(problem) == (
        'imported.ics:6 has times in "Mars/Base", a time zone that neither it nor the world knows'
    )
    schedule, problems = read(calendar_of(strange, head="X-WR-TIMEZONE:America/New_York"))
    assert schedule.grid[0].start == "04:00"
    said = 'has times in "Mars/Base", which nobody knows; they were read as America/New_York (X-WR-TIMEZONE)'
    assert problems == [f"imported.ics {said}"]


ODD_ZONE = """
BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T020000
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
END:DAYLIGHT
END:VTIMEZONE
"""


def test_a_zone_with_an_odd_name_is_what_the_calendar_says_of_it() -> None:
    event = WEEKLY.replace("America/Chicago", "Customized Time Zone")
    data = calendar_of(event).replace(b"BEGIN:VEVENT", ODD_ZONE.strip().encode() + b"\nBEGIN:VEVENT", 1)
    schedule, problems = read(data)
    assert (schedule.grid[0].start, schedule.overrides, problems) == ("05:00", (), [])
    wrong = data.replace(b"TZOFFSETTO:-0500", b"TZOFFSETTO:late")
    assert str(refused(wrong)) == (
        'imported.ics:3 has a VTIMEZONE "Customized Time Zone" that cannot be read'
    )


RULES = st.builds(
    lambda frequency, parts: ";".join([f"FREQ={frequency}", *parts]),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.lists(
        st.sampled_from(
            [
                "INTERVAL=3",
                "BYDAY=MO,TH,SU",
                "BYMONTH=1,2,3,12",
                "BYMONTHDAY=1,8,-1,29",
                "BYSETPOS=1,-1",
                "BYHOUR=3,17",
                "WKST=SU",
                "UNTIL=20271101T000000Z",
                "COUNT=400",
                "BYYEARDAY=1,-1,60,200",
            ]
        ),
        unique=True,
    ).filter(lambda parts: "COUNT=400" not in parts or "UNTIL=20271101T000000Z" not in parts),
)


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(RULES)
@example("FREQ=MONTHLY;BYDAY=2TU,-1FR")
@example("FREQ=YEARLY;BYDAY=20MO,-1SU")
@example("FREQ=YEARLY;BYMONTH=3,11;BYDAY=1SU,-2WE")
def test_rules_begin_when_another_reader_says(rule: str) -> None:
    first, zone = datetime(2024, 2, 29, 12, 30), ZoneInfo("UTC")  # noqa: DTZ001 - by the clock
    begin, end = datetime(2026, 11, 23), datetime(2028, 11, 27)  # noqa: DTZ001
    looked_at: list[int] = []
    found = list(starts(read_rule(rule, first, zone), first, begin, end, looked_at.append))
    event = f"SUMMARY:x\nDTSTART:20240229T123000Z\nDTEND:20240229T123100Z\nRRULE:{rule}"
    others = recurring_ical_events.of(Calendar.from_ical(calendar_of(event))).between(begin, end)
    assert found == sorted(one["dtstart"].dt.replace(tzinfo=None) for one in others)


def test_windows_names_of_zones_are_known() -> None:
    schedule, problems = read(calendar_of(WEEKLY.replace("America/Chicago", "Central Standard Time")))
    assert (schedule.grid[0].start, problems) == ("05:00", [])


def test_of_weekly_events_at_one_time_the_lower_is_taken_and_said() -> None:
    lower = (
        WEEKLY.replace("Morning, live", "Concert").replace("T050000", "T043000").replace("T090000", "T060000")
    )
    schedule, problems = read(calendar_of(WEEKLY, lower))
    assert [(row.start, row.end, row.title) for row in schedule.grid] == [
        ("04:30", "06:00", "Concert"),
        ("06:00", "09:00", "Morning, live"),
    ]
    assert problems == [
        'imported.ics:10 "Concert" is on at the same time as "Morning, live"; what is lower in the file was taken'
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("T090000", "T040000"), '"Morning, live" ends before it starts; it was left out'),
        (("T090000", "T050000"), '"Morning, live" ends when it starts; it was left out'),
        (("DTEND", "X-END"), '"Morning, live" has neither an end nor a duration; it was left out'),
        (("DTSTART;TZID=America/Chicago:20250106T050000", "DTSTART;VALUE=DATE:20250106"),
         '"Morning, live" is for whole days; it was left out'),
        (("20250106T050000", "20251306T050000"), '"Morning, live" has a time that cannot be read; it was left out'),
        (("20250106T050000", "00010106T050000"), '"Morning, live" is in the year 1; it was left out'),
        (("SUMMARY:Morning, live", "X-S:"),
         '"An event without a name" has no SUMMARY to call it by; it was left out'),
        (("FREQ=WEEKLY;BYDAY=MO", "FREQ=YEARLY;BYWEEKNO=3;BYDAY=MO"),
         '"Morning, live" repeats by BYWEEKNO, which is not read; it was left out'),
        (("FREQ=WEEKLY", "FREQ=NEVER"),
         '"Morning, live" repeats by a rule that is none: FREQ=NEVER;BYDAY=MO,TU,WE,TH,FR; it was left out'),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_used_is_named_with_its_line(change: tuple[str, str], said: str) -> None:
    good = WEEKLY.replace("Morning, live", "Concert").replace("T05", "T15").replace("T09", "T16")
    schedule, problems = read(calendar_of(good, WEEKLY.replace(*change)))
    assert [row.title for row in schedule.grid] == ["Concert"]
    assert problems == [f"imported.ics:10 {said}"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is not a calendar: it does not begin with BEGIN:VCALENDAR"),
        (b"<!DOCTYPE html><title>Sign in</title>", "is not a calendar: it does not begin with BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:\xff\n", "is not UTF-8 text"),
        (calendar_of(WEEKLY)[:-40], "breaks off: VEVENT of line 3 has no end"),
        (b"x" * 20_000_000, "has 20000000 bytes; 2000000 are allowed"),
        (calendar_of(*["SUMMARY:x"] * 5001), "has 5001 events; 5000 are allowed"),
        (calendar_of(WEEKLY.replace("WEEKLY", "SECONDLY")),
         "has an event that repeats SECONDLY; DAILY is the most that is read"),
        (calendar_of(WEEKLY.replace("RRULE:FREQ=WEEKLY", "EXRULE:FREQ=MINU\n TELY")),
         "has an event that repeats MINUTELY; DAILY is the most that is read"),
        (calendar_of(*[WEEKLY.replace("WEEKLY", "DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=0,15,30,45")] * 9),
         "has over 50000 programmes in two years"),
        (calendar_of(*[WEEKLY.replace("FREQ=WEEKLY", "FREQ=DAILY;COUNT=999;BYMONTH=2;BYMONTHDAY=31")] * 4000),
         "repeats its events oftener than can be worked out"),
        (calendar_of(WEEKLY + "EXDATE:" + ",".join(["20261224T050000"] * 20_001)),
         "has 20001 single dates (RDATE, EXDATE); 20000 are allowed"),
        (calendar_of(*[WEEKLY.replace("FREQ=WEEKLY", "FREQ=DAILY;UNTIL=20280101").replace("T05", f"T{hour:02}")
                       .replace("T09", f"T{hour + 1:02}") for hour in range(4, 23)]),
         "needs 5220 overrides; 5000 are allowed"),
        (calendar_of(), "has no programme from 2026-11-23 to 2028-11-27"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_calendar_that_cannot_be_used_is_refused_soon_and_in_words(data: bytes, said: str) -> None:
    began = time.process_time()
    problem = refused(data)
    assert time.process_time() - began < 8
    assert problem.message == said
    assert problem.remedy
