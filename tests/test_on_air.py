"""What is on air at an instant, from when on and until when; and the faults of the file that plans it."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stationfeed.errors import Severity
from stationfeed.folder.config import read_config
from stationfeed.folder.schedule import read_schedule, render_schedule
from stationfeed.model.on_air import PlayingItem
from stationfeed.model.schedule import GridRow, Override, Schedule
from stationfeed.model.words import ClockTime, Slug
from stationfeed.schedule.on_air import on_air
from stationfeed.schedule.timeline import Timeline

if TYPE_CHECKING:
    import random

    from stationfeed.errors import Problem
    from stationfeed.model.on_air import OnAir

CHICAGO = ZoneInfo("America/Chicago")
SHELF_LIFE = timedelta(minutes=10)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
TICK = timedelta(microseconds=1)

settings.register_profile("on_air", max_examples=150, deadline=None)
SETTINGS = settings.get_profile("on_air")


def clock(text: str) -> datetime:
    """`15:00:30` in UTC on a Monday; that is 10:00:30 in Chicago."""
    return datetime.fromisoformat(f"2026-06-01T{text}").replace(tzinfo=UTC)


def weekly(days: str, start: str, end: str, title: str) -> GridRow:
    return GridRow(days=(days,), start=ClockTime(start), end=ClockTime(end), title=title)


MORNING = Timeline(
    Schedule(
        grid=(
            weekly("mon", "10:00", "11:00", "A"),
            weekly("mon", "11:00", "12:00", "B"),
            weekly("mon", "14:00", "15:00", "C"),
        )
    ),
    CHICAGO,
)
"""On Monday 15:00 to 16:00 UTC A, to 17:00 B, then a gap, 19:00 to 20:00 C."""


def item(starts_at: str, *, ends_at: str | None = None, as_of: str | None = None) -> PlayingItem:
    return PlayingItem(
        title="Song",
        source="push",
        starts_at=clock(starts_at),
        as_of=clock(as_of or starts_at),
        ends_at=clock(ends_at) if ends_at else None,
    )


def asked(heard: PlayingItem | None, at: str) -> OnAir:
    return on_air(MORNING, heard, SHELF_LIFE, clock(at))


def title(found: OnAir) -> str | None:
    return found.now_playing.programme.title if found.now_playing else None


# Without an item


def test_the_slot_says_since_when_and_until_when() -> None:
    found = asked(None, "15:30")
    assert (title(found), found.item) == ("A", None)
    assert [one.programme.title for one in found.next_up] == ["B", "C", "A"]
    assert (found.since, found.until) == (clock("15:00"), clock("16:00"))


def test_at_its_end_a_programme_is_over() -> None:
    assert title(on_air(MORNING, None, SHELF_LIFE, clock("16:00") - TICK)) == "A"
    found = asked(None, "16:00")
    assert (title(found), found.since, found.until) == ("B", clock("16:00"), clock("17:00"))


def test_in_a_gap_nothing_is_on_from_the_end_of_the_last_to_the_start_of_the_next() -> None:
    for at in ("17:00", "18:00", "18:59:59"):
        found = asked(item("16:50", ends_at="19:30"), at)
        assert (found.now_playing, found.item) == (None, None)
        assert (found.since, found.until) == (clock("17:00"), clock("19:00"))


def test_where_nothing_was_ever_known_nothing_is_said() -> None:
    found = on_air(Timeline(Schedule(), CHICAGO), item("15:00"), SHELF_LIFE, clock("15:01"))
    assert (found.now_playing, found.item, found.next_up, found.since, found.until) == (
        None,
        None,
        (),
        None,
        None,
    )


def test_before_the_first_of_all_slots_the_change_to_come_is_known() -> None:
    only = Override(start=clock("15:00"), end=clock("16:00"), title="X")
    found = on_air(Timeline(Schedule(overrides=(only,)), CHICAGO), None, SHELF_LIFE, clock("12:00"))
    assert (found.since, found.until) == (None, clock("15:00"))
    after = on_air(Timeline(Schedule(overrides=(only,)), CHICAGO), None, SHELF_LIFE, clock("16:00"))
    assert (after.since, after.until, after.next_up) == (clock("16:00"), None, ())


def test_half_a_year_after_the_last_slot_it_is_still_known_when_it_ended() -> None:
    only = Override(start=clock("15:00"), end=clock("16:00"), title="X")
    planned = Timeline(Schedule(overrides=(only,)), CHICAGO)
    assert on_air(planned, None, SHELF_LIFE, clock("16:00") + 180 * DAY).since == clock("16:00")


# With an item: begins, ends, when → whether it is heard, since, until

ITEMS: dict[str, tuple[PlayingItem, str, bool, str, str]] = {
    "in its programme": (item("15:10"), "15:12", True, "15:10", "15:20"),
    "at its first instant": (item("15:10"), "15:10", True, "15:10", "15:20"),
    "before it begins": (item("15:10", as_of="15:05"), "15:09:59", False, "15:00", "15:10"),
    "that was told ahead begins": (item("15:10", as_of="15:05"), "15:12", True, "15:10", "15:20"),
    "at the end of its shelf life": (item("15:10"), "15:20", False, "15:20", "16:00"),
    "just before the end of its shelf life": (item("15:10"), "15:19:59", True, "15:10", "15:20"),
    "long after its shelf life": (item("15:10"), "15:55", False, "15:20", "16:00"),
    "with an end": (item("15:10", ends_at="15:14"), "15:12", True, "15:10", "15:14"),
    "at its end": (item("15:10", ends_at="15:14"), "15:14", False, "15:14", "16:00"),
    "heard of late": (item("15:10", as_of="15:13"), "15:22", True, "15:13", "15:23"),
    "with an end, heard of late": (
        item("15:10", ends_at="15:14", as_of="15:12"),
        "15:13",
        True,
        "15:12",
        "15:14",
    ),
    "of the programme before": (item("15:58"), "16:02", False, "16:00", "17:00"),
    "of the programme before, while that is on": (item("15:58"), "15:59", True, "15:58", "16:00"),
    "that goes on over the hour": (item("15:58", ends_at="16:03"), "16:02", True, "16:00", "16:03"),
    "that goes on over the hour, before it": (
        item("15:58", ends_at="16:03"),
        "15:59",
        True,
        "15:58",
        "16:00",
    ),
    "that ends as its programme begins": (item("15:58", ends_at="16:00"), "16:00", False, "16:00", "17:00"),
    "half a minute early": (item("15:59:30"), "16:02", True, "16:00", "16:09:30"),
    "half a minute early, in the programme before": (item("15:59:30"), "15:59:40", True, "15:59:30", "16:00"),
    "more than half a minute early": (item("15:59:29"), "16:02", False, "16:00", "17:00"),
    "from the future, in the next programme": (
        item("16:05", as_of="15:55"),
        "15:56",
        False,
        "15:00",
        "16:00",
    ),
    "early, after a gap": (item("18:59:30"), "19:01", True, "19:00", "19:09:30"),
    "from the gap": (item("18:59:29"), "19:01", False, "19:00", "20:00"),
    "from the gap, known to go on": (item("18:50", ends_at="19:05"), "19:01", True, "19:00", "19:05"),
}


@pytest.mark.parametrize("kind", ITEMS)
def test_an_item(kind: str) -> None:
    heard, at, is_heard, since, until = ITEMS[kind]
    found = asked(heard, at)
    assert found.item == (heard if is_heard else None)
    assert (found.since, found.until) == (clock(since), clock(until))


def test_an_item_leaves_programmes_as_they_are() -> None:
    with_item, without = asked(item("15:10"), "15:12"), asked(None, "15:12")
    assert (with_item.now_playing, with_item.next_up) == (without.now_playing, without.next_up)


def test_an_override_in_the_middle_ends_what_began_before_it() -> None:
    cut = Override(start=clock("15:30"), end=clock("15:40"), title="X")
    planned = Timeline(Schedule(grid=MORNING.schedule.grid, overrides=(cut,)), CHICAGO)
    song = item("15:25")
    assert on_air(planned, song, SHELF_LIFE, clock("15:29")).until == clock("15:30")
    assert on_air(planned, song, SHELF_LIFE, clock("15:31")).item is None


def test_what_is_announced_ahead_of_its_shelf_life_is_no_change_that_is_known() -> None:
    """It begins after it is too old: either it is heard then, or nothing changes when it is too old."""
    song = item("15:10", as_of="15:02")
    found = on_air(MORNING, song, 5 * MINUTE, clock("15:03"))
    assert found.until is not None
    assert said(found) != said(on_air(MORNING, song, 5 * MINUTE, found.until))


# For every timeline and every item


def said(found: OnAir) -> tuple[object, ...]:
    return found.now_playing, found.item, found.next_up


FIRST = clock("00:00")


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    """A few rows and overrides, in zones and on days of every kind."""
    quarter = st.integers(0, 95).map(lambda one: f"{one // 4:02}:{one % 4 * 15:02}")
    rows = []
    for name in draw(st.lists(st.sampled_from("ABC"), max_size=4)):
        start, end = draw(st.tuples(quarter, quarter).filter(lambda both: both[0] != both[1]))
        rows.append(
            weekly(draw(st.sampled_from(["mon-sun", "mon-sun", "mon-fri", "mon", "thu"])), start, end, name)
        )
    overrides = []
    for name in draw(st.lists(st.sampled_from("ABXY"), max_size=4)):
        begins = FIRST + draw(st.integers(-2000, 2000)) * MINUTE
        length = draw(st.integers(1, 300) | st.just(31 * 1440)) * MINUTE
        overrides.append(Override(start=begins, end=begins + length, title=name))
    zone = draw(st.sampled_from(["America/Chicago", "Asia/Kathmandu", "Australia/Lord_Howe"]))
    return Timeline(Schedule(grid=tuple(rows), overrides=tuple(overrides)), ZoneInfo(zone))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Timeline, PlayingItem | None, datetime]:
    """A timeline, the last item that was heard of, and an instant after that; often where something changes."""
    planned = draw(timelines())
    borders = [
        border for one in planned.slots(FIRST, FIRST + DAY) for border in (one.starts_at, one.ends_at)
    ] or [FIRST]
    near = draw(st.sampled_from(borders) | st.integers(0, 86_399).map(lambda one: FIRST + one * SECOND))
    starts_at = near + draw(st.integers(-1200, 600) | st.sampled_from([-31, -30, -29, 0])) * SECOND
    as_of = starts_at + draw(st.integers(-590, 0) | st.integers(0, 300) | st.just(0)) * SECOND
    length = draw(st.none() | st.integers(1, 3600))
    heard = PlayingItem(
        title="Song",
        source="push",
        starts_at=starts_at,
        as_of=as_of,
        ends_at=starts_at + length * SECOND if length else None,
    )
    at = as_of + draw(st.integers(0, 300) | st.integers(0, 1500) | st.integers(0, 86_400)) * SECOND
    return planned, draw(st.just(heard) | st.just(heard) | st.none()), at


def between(start: datetime, end: datetime, pick: random.Random) -> list[datetime]:
    """Both ends, the second excluded, and some instants inside."""
    span = (end - start) // TICK
    return [start, end - TICK, *(start + pick.randrange(span) * TICK for _ in range(12))]


@SETTINGS
@given(situation=situations(), pick=st.randoms(use_true_random=False))
def test_until_is_the_next_change_exactly(
    situation: tuple[Timeline, PlayingItem | None, datetime], pick: random.Random
) -> None:
    planned, heard, at = situation
    found = on_air(planned, heard, SHELF_LIFE, at)
    until = found.until
    if until is None:
        assert found.now_playing is None
        assert found.next_up == ()
        return
    assert until > at
    for instant in between(at, until, pick):
        later = on_air(planned, heard, SHELF_LIFE, instant)
        assert (said(later), later.until) == (said(found), until), instant
    assert said(on_air(planned, heard, SHELF_LIFE, until)) != said(found)


@SETTINGS
@given(situation=situations(), pick=st.randoms(use_true_random=False))
def test_since_is_the_last_change_exactly(
    situation: tuple[Timeline, PlayingItem | None, datetime], pick: random.Random
) -> None:
    planned, heard, at = situation
    found = on_air(planned, heard, SHELF_LIFE, at)
    since = found.since
    if since is None:
        assert found.now_playing is None
        return
    assert since <= at
    for instant in between(since, at + TICK, pick):
        earlier = on_air(planned, heard, SHELF_LIFE, instant)
        assert (said(earlier), earlier.since) == (said(found), since), instant
    # What was told before this item was heard of is another story.
    assume(heard is None or since != heard.as_of)
    assert said(on_air(planned, heard, SHELF_LIFE, since - TICK)) != said(found)


@SETTINGS
@given(situation=situations())
def test_an_item_is_only_ever_heard_in_its_time_and_in_a_programme(
    situation: tuple[Timeline, PlayingItem | None, datetime],
) -> None:
    planned, heard, at = situation
    found = on_air(planned, heard, SHELF_LIFE, at)
    if heard is None or found.item is None:
        assert found.item is None
        return
    assert found.now_playing is not None
    begins = max(heard.starts_at, heard.as_of)
    assert begins <= at < (heard.ends_at or begins + SHELF_LIFE)
    began_early = found.now_playing.starts_at - heard.starts_at
    assert heard.ends_at is not None or began_early <= 30 * SECOND


# The file: every fault with its line

SCHEDULE = PurePosixPath("schedules/kxmp-fm.yaml")
CONFIG = """\
site: {title: KXMP Public Media, base_url: "https://news.kxmp.example"}
organization: {name: University of Example, copyright: University of Example}
stations:
  kxmp:
    name: KXMP
    timezone: America/Chicago
    services:
      kxmp-fm: {name: KXMP 91.3 FM, kind: fm}
shows:
  newsroom: {title: Newsroom, station: kxmp}
  "007": {title: Bond, station: kxmp}
  "no": {title: Norway, station: kxmp}
feeds:
  news: {title: News, station: kxmp, guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810}
"""


def read(text: str) -> tuple[Schedule | None, tuple[Problem, ...]]:
    config, problems = read_config(CONFIG.encode(), PurePosixPath("config.yaml"))
    assert config is not None, problems
    return read_schedule(text.encode(), SCHEDULE, config)


FAULTS: dict[str, tuple[str, str, str]] = {
    "an unknown show": (
        'grid:\n  - {show: newsrom, days: mon, start: "05:00", end: "09:00"}\n',
        '2 grid[1].show: config.yaml has no show "newsrom"',
        "Did you mean newsroom?",
    ),
    "an unknown show of an override": (
        "grid: []\noverrides:\n  - {start: 2026-11-28T10:00, end: 2026-11-28T13:30, show: zzz}\n",
        '3 overrides[1].show: config.yaml has no show "zzz"',
        "Use `title:` for a programme of others.",
    ),
    "neither a show nor a title": (
        "overrides:\n  - {start: 2026-11-28T10:00, end: 2026-11-28T13:30, producer: WXMP}\n",
        "2 overrides[1]: names neither a show nor a title",
        "Add `show:` or `title:`.",
    ),
    "an end that is the start": (
        'grid:\n  - title: A\n    days: mon\n    start: "05:00"\n    end: "05:00"\n',
        "5 grid[1].end: is the same as the start",
        "A whole day is 00:00 to 24:00.",
    ),
    "midnight to midnight": (
        'grid:\n  - {title: A, days: mon, start: "00:00", end: "00:00"}\n',
        "2 grid[1].end: is the same as the start",
        "A whole day is 00:00 to 24:00.",
    ),
    "an end before the start": (
        "overrides:\n  - {start: 2026-11-28T13:30, end: 2026-11-28T10:00, title: A}\n",
        "2 overrides[1].end: is not after the start",
        "Check both times.",
    ),
    "a window without length": (
        "overrides:\n  - {start: 2026-11-28T13:30, end: 2026-11-28T13:30, title: A}\n",
        "2 overrides[1].end: is not after the start",
        "Check both times.",
    ),
    "an override of a year": (
        "overrides:\n  - {start: 2026-11-28T10:00, end: 2027-11-28T10:00, title: A}\n",
        "2 overrides[1].end: comes 365 days after the start; an override lasts 31 days at most",
        "Check both times, or change the grid.",
    ),
    "a start that does not exist": (
        "overrides:\n  - {start: 2027-03-14T02:30, end: 2027-03-14T04:00, title: A}\n",
        "2 overrides[1].start: 2027-03-14T02:30:00 does not exist in America/Chicago, where the clocks change then",
        "Write 2027-03-14T01:30:00-06:00 or 2027-03-14T03:30:00-05:00.",
    ),
    "an end that comes twice": (
        "overrides:\n  - {start: 2026-11-01T00:30, end: 2026-11-01T01:30, title: A}\n",
        "2 overrides[1].end: 2026-11-01T01:30:00 comes twice in America/Chicago, where the clocks change then",
        "Write 2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00.",
    ),
    "a time of day that is none": (
        'grid:\n  - {title: A, days: mon, start: "24:30", end: "05:00"}\n',
        '2 grid[1].start: "24:30" is not a time of day',
        'Write a time such as "05:00", in quotes.',
    ),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_in_a_schedule_is_told_with_its_line(kind: str) -> None:
    text, message, remedy = FAULTS[kind]
    found, problems = read(text)
    assert found is None
    assert [(str(one), one.remedy, one.severity) for one in problems] == [
        (f"schedules/kxmp-fm.yaml:{message}", remedy, Severity.ERROR)
    ]


def test_all_faults_are_told_together() -> None:
    _, problems = read(
        'grid:\n  - {show: newsrom, days: [mon, mon-fry], start: "05:00", end: "05:00"}\n'
        "overrides:\n  - {start: 2026-11-28T13:30, end: 2026-11-28T10:00}\n"
    )
    assert [(one.line, one.field) for one in problems] == [
        (2, "grid[1].show"),
        (2, "grid[1].end"),
        (2, "grid[1].days"),
        (4, "overrides[1]"),
        (4, "overrides[1].end"),
    ]


def overrides_file(count: int) -> str:
    one = "  - {start: 2026-11-28T10:00, end: 2026-11-28T13:30, title: A}\n"
    return "grid: []\noverrides:\n" + one * count


def test_five_thousand_overrides_are_enough() -> None:
    found, problems = read(overrides_file(5001))
    assert found is None
    (problem,) = problems
    assert str(problem) == "schedules/kxmp-fm.yaml:2 overrides: has 5001 rows; 5000 are allowed"
    assert problem.remedy == "Delete those that are long over."
    assert read(overrides_file(5000))[1] == ()


WINDOWS = {
    "31 days": ("2026-07-01T00:00", "2026-08-01T00:00"),
    "31 days on the calendar, an hour shorter": ("2027-03-01T00:00", "2027-04-01T00:00"),
    "31 days on the calendar, an hour longer": ("2026-10-05T00:00", "2026-11-05T00:00"),
}


@pytest.mark.parametrize("kind", WINDOWS)
def test_an_override_may_last_a_month(kind: str) -> None:
    start, end = WINDOWS[kind]
    found, problems = read(f"overrides:\n  - {{start: {start}, end: {end}, title: A}}\n")
    assert [str(one) for one in problems] == []
    assert found is not None


def test_an_override_that_is_too_long_by_hours_is_told_so() -> None:
    _, problems = read("overrides:\n  - {start: 2026-07-01T00:00, end: 2026-08-01T02:00, title: A}\n")
    (problem,) = problems
    assert problem.message == "comes 31 days and 2 hours after the start; an override lasts 31 days at most"


def test_rows_at_the_same_time_are_a_warning_that_names_them() -> None:
    found, problems = read(
        "grid:\n"
        '  - {show: newsroom, days: mon-fri, start: "05:00", end: "09:00"}\n'
        '  - {title: Late Music, days: sun, start: "22:00", end: "02:00"}\n'
        '  - {title: Marathon, days: [mon, thu], start: "00:00", end: "24:00"}\n'
        '  - {title: Elsewhere, days: tue, start: "09:00", end: "10:00"}\n'
    )
    assert found is not None
    (problem,) = problems
    assert str(problem) == (
        'schedules/kxmp-fm.yaml:4 grid[3]: is on at the same time as "newsroom" (05:00 to 09:00),'
        ' "Late Music" (22:00 to 02:00); this lower row is the one that airs'
    )
    assert problem.remedy == "Correct the times, unless it is meant so."
    assert problem.severity is Severity.WARNING


@pytest.mark.parametrize(
    "rows",
    [
        ('days: mon, start: "22:00", end: "24:00"', 'days: tue, start: "00:00", end: "01:00"'),
        ('days: sun, start: "22:00", end: "02:00"', 'days: mon, start: "02:00", end: "03:00"'),
        ('days: mon-fri, start: "05:00", end: "09:00"', 'days: [sat, sun], start: "05:00", end: "09:00"'),
    ],
)
def test_rows_that_only_meet_are_no_problem(rows: tuple[str, str]) -> None:
    text = "".join(f"  - {{title: A, {one}}}\n" for one in rows)
    assert read("grid:\n" + text)[1] == ()


@pytest.mark.parametrize(
    "cells",
    ['days: [], start: "05:00", end: "06:00"', 'days: mon, start: "24:00", end: "00:00"'],
    ids=["on no day", "from one midnight to the same"],
)
def test_a_row_that_can_never_air_is_a_problem(cells: str) -> None:
    assert read(f"grid:\n  - {{title: A, {cells}}}\n")[1] != ()


# Written and read again

ODD_TITLES = """\
"Quoted"
it's
News: at noon
a #1 hit
# no
🎷 Jazz
[x]
{y}, z
- a
no
1.10
16:30
2026-04-22
null
~
grid:
overrides: []
a\\nb
true
&a
*a
!t
%
|
@x
a: [b
👩🏽\u200d🚒
...
---
"""
TITLES = st.sampled_from(ODD_TITLES.splitlines()) | st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from(string.punctuation),
    min_size=1,
    max_size=30,
).map(str.strip).filter(bool)
NAMES = st.fixed_dictionaries(
    {"title": TITLES}, optional={"producer": TITLES, "note": TITLES, "show": st.just("newsroom")}
) | st.fixed_dictionaries({"show": st.sampled_from(["newsroom", "007", "no"])}, optional={"note": TITLES})
FOLD_NIGHT = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
INSTANTS = st.sampled_from([FOLD_NIGHT, FOLD_NIGHT + 60 * MINUTE]) | st.integers(0, 10_000_000_000).map(
    lambda one: datetime.fromtimestamp(one, UTC)
)
TIMES = st.times().map(lambda one: f"{one:%H:%M}")
DAYS = st.lists(
    st.sampled_from(["mon", "tue", "sun", "mon-fri", "fri-mon", "sat-sun"]), min_size=1, max_size=3
).map(tuple)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    rows = []
    for names in draw(st.lists(NAMES, max_size=4)):
        start, end = draw(st.tuples(TIMES, TIMES | st.just("24:00")).filter(lambda both: both[0] != both[1]))
        rows.append(GridRow(days=draw(DAYS), start=ClockTime(start), end=ClockTime(end), **_named(names)))
    overrides = []
    for names in draw(st.lists(NAMES, max_size=4)):
        start_at = draw(INSTANTS)
        length = draw(st.sampled_from([1, 3600, 5400, 31 * 86_400]) | st.integers(1, 31 * 86_400))
        overrides.append(Override(start=start_at, end=start_at + length * SECOND, **_named(names)))
    return Schedule(grid=tuple(rows), overrides=tuple(overrides))


def _named(names: dict[str, str]) -> dict[str, Slug]:
    return {name: Slug(value) for name, value in names.items()}


@SETTINGS
@given(planned=schedules())
def test_a_schedule_that_is_written_reads_back_the_same(planned: Schedule) -> None:
    found, problems = read(render_schedule(planned, CHICAGO))
    assert [str(one) for one in problems if one.severity is Severity.ERROR] == []
    assert found == planned


def test_both_of_two_same_times_are_written_so_that_they_can_be_told_apart() -> None:
    twice = Override(start=FOLD_NIGHT, end=FOLD_NIGHT + 60 * MINUTE, title="A")
    text = render_schedule(Schedule(overrides=(twice,)), CHICAGO)
    assert "{start: 2026-11-01T01:30-05:00, end: 2026-11-01T01:30-06:00, title: A}" in text
    assert read(text) == (Schedule(overrides=(twice,)), ())


def test_a_fraction_of_a_second_is_not_lost_in_writing() -> None:
    short = Override(start=clock("15:00:00.500000"), end=clock("15:00:01"), title="A")
    assert read(render_schedule(Schedule(overrides=(short,)), CHICAGO))[0] == Schedule(overrides=(short,))
