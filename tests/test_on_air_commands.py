"""The commands of what is on air: `now`, `schedule import` and `staff token`, as they are typed."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from stationfeed.catalogue.state import open_state
from stationfeed.catalogue.tokens import PURPOSE_NOW, list_tokens, make_token, revoke_token
from stationfeed.feeds.now import now_as_json
from stationfeed.model.on_air import PlayingItem
from stationfeed.model.words import Slug
from stationfeed.station.opened import open_station
from tests.commands import Run, run_command
from tests.feed_documents import public_bytes
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.station.opened import OpenStation

FM, HD = Slug("kxmp-fm"), Slug("kxmp-hd")
CONFIG_TWO = CONFIG.replace("shows:\n", "      kxmp-hd: {name: KXMP HD, kind: hd}\nshows:\n", 1)
SCHEDULE = """\
grid:
  - {show: newsroom, days: mon-fri, start: "05:00", end: "09:00"}
  - {title: Midday Concert, producer: WXMP, days: mon-fri, start: "09:00", end: "12:00"}
  - {title: "Jazz [red]& more :smile:", days: mon-fri, start: "13:00", end: "15:00"}
"""
WEEKLY = "DTSTART:20260601T090000\nDTEND:20260601T120000\nRRULE:FREQ=WEEKLY\nSUMMARY:Concert"
AGAIN = "schedules/kxmp-fm.yaml is there already; --replace writes the calendar over it"


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    """A station with a schedule for the one of its two services."""
    found = make_station(tmp_path / "station", CONFIG_TWO)
    write_schedule(found, SCHEDULE)
    return found


def write_schedule(folder: StationFolder, text: str, service: str = FM) -> None:
    (folder.root / "schedules").mkdir(exist_ok=True)
    (folder.root / "schedules" / f"{service}.yaml").write_text(text, encoding="utf-8")


def run(folder: StationFolder, *arguments: str | Path) -> Run:
    return run_command("-C", folder.root, *arguments)


# Now


def test_what_is_on_air_is_said_of_every_service(folder: StationFolder) -> None:
    done = run(folder, "now", "--at", "2026-06-05T08:30")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "KXMP 91.3 FM, June 5, 2026, 8:30 a.m. CDT\n"
        "  On air: KXMP Newsroom, until 9:00 a.m.\n"
        "          3:30:00 of 4:00:00, as the schedule says\n"
        "  Next: 9:00 a.m. Midday Concert (WXMP)\n"
        "  Next: 1:00 p.m. Jazz [red]& more :smile:\n"
        "  Next: June 8, 2026, 5:00 a.m. CDT, KXMP Newsroom\n"
        "KXMP HD, June 5, 2026, 8:30 a.m. CDT\n"
        "  On air: nothing is known\n"
        "  Next: nothing is known\n"
    )


def test_in_a_gap_nothing_is_known_but_what_comes(folder: StationFolder) -> None:
    write_schedule(
        folder, f"{SCHEDULE}overrides:\n  - {{start: 2031-01-06T13:30, end: 2031-01-06T14:00, title: Vote}}\n"
    )
    done = run(folder, "now", "kxmp-fm", "--at", "2031-01-06T12:30")
    assert done.out == (
        "KXMP 91.3 FM, January 6, 2031, 12:30 p.m. CST\n"
        "  On air: nothing is known\n"
        "  Next: 1:00 p.m. Jazz [red]& more :smile:\n"
        "  Next: 1:30 p.m. Vote\n"
        "  Next: 2:00 p.m. Jazz [red]& more :smile:\n"
    )
    during = run(folder, "now", "kxmp-fm", "--at", "2031-01-06T19:45:07Z").out
    assert "On air: Vote, until 2:00 p.m.\n          15:07 of 30:00, as the override says\n" in during


def test_what_is_heard_is_said_inside_its_programme(folder: StationFolder) -> None:
    write_schedule(folder, 'grid: [{title: All day, days: mon-sun, start: "00:00", end: "24:00"}]\n')
    at = datetime.now(UTC)
    with closing(folder.open(at)) as station:
        item = PlayingItem(
            title="Suite in G",
            artist="Ada",
            source="push",
            starts_at=at,
            as_of=at,
            ends_at=at + timedelta(hours=1),
        )
        station.hear(FM, item, at)
    assert "\n  Heard in it: Suite in G by Ada (push)\n  Next: " in run(folder, "now", "kxmp-fm").out


@pytest.mark.parametrize("service", [(), (FM,)], ids=["all", "one"])
def test_json_is_that_of_the_address(folder: StationFolder, service: tuple[str, ...]) -> None:
    write_schedule(folder, SCHEDULE.replace("Midday Concert", '"Caf\xe9 \U0001f600 [/bold]"'))
    at = datetime(2026, 6, 1, 14, 30, tzinfo=UTC)
    with closing(folder.open(at)) as station:
        address = "/".join(["/api/v1/now", *service])
        expected = json.loads(station.shelf.documents[address].plain)
    done = run(folder, "now", *service, "--json", "--at", "2026-06-01T09:30")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == expected
    assert expected.get("services", [expected])[0]["now_playing"]["title"] == "Caf\xe9 \U0001f600 [/bold]"


def test_json_is_json_on_a_terminal_with_few_letters(folder: StationFolder) -> None:
    write_schedule(folder, SCHEDULE.replace("Midday Concert", "Caf\xe9"))
    asked = ("-C", folder.root, "now", FM, "--json", "--at", "2026-06-01T09:30")
    found = json.loads(run_command(*asked, environment={"PYTHONIOENCODING": "ascii"}).out)
    assert found["now_playing"]["title"] == "Caf\xe9"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "there is no service 'nobody'"),
        ((FM, "--at", "noon"), '--at: "noon" is not a date and time. Write it like 2026-04-22T17:05.'),
        (
            (FM, "--at", "2026-11-01T01:30"),
            "--at: 2026-11-01T01:30:00 comes twice in America/Chicago, where the clocks change then. Write 2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00.",
        ),
    ],
    ids=range(3),
)  # fmt: skip
def test_what_cannot_be_asked_for_is_wrong_usage(
    folder: StationFolder, arguments: tuple[str, ...], said: str
) -> None:
    assert run(folder, "now", *arguments) == Run(2, "", f"stationfeed: {said}\n")


def test_of_a_station_without_services_or_schedules_nothing_is_known(tmp_path: Path) -> None:
    folder = make_station(tmp_path / "station", CONFIG)
    done = run(folder, "now")
    assert done.code == 0
    assert done.out.splitlines()[1:] == ["  On air: nothing is known", "  Next: nothing is known"]


# Import


def calendar(*events: str) -> bytes:
    parts = [f"BEGIN:VEVENT\nUID:{place}\n{one}\nEND:VEVENT" for place, one in enumerate(events)]
    return "\r\n".join(
        ["BEGIN:VCALENDAR", "VERSION:2.0", *"\n".join(parts).splitlines(), "END:VCALENDAR", ""]
    ).encode()


def put(folder: StationFolder, data: bytes) -> Path:
    file = folder.root.parent / "week.ics"
    file.write_bytes(data)
    return file


def heard(station: OpenStation, service: Slug, at: datetime) -> dict[str, Any]:
    """Now and next of a service, but for whose they are."""
    found = now_as_json(service, station.site.broadcast.on_air(service, at), station.loaded.around, None)
    return {name: value for name, value in found.items() if name not in ("service", "streams")}


def test_a_schedule_that_goes_out_as_a_calendar_and_comes_back_is_heard_the_same(
    folder: StationFolder, tmp_path: Path
) -> None:
    """Taken into another station, whose service has another name, and looked at for a year and a half."""
    now = datetime.now(UTC).replace(microsecond=0)
    special = (now + timedelta(days=9)).replace(hour=16, minute=20, second=0)
    window = f"start: '{special:%Y-%m-%dT%H:%MZ}', end: '{special + timedelta(minutes=95):%Y-%m-%dT%H:%MZ}'"
    night = "  - {title: Night, days: [sat, sun], start: '22:00', end: '04:00'}\n"
    write_schedule(
        folder,
        f"{SCHEDULE}{night}overrides:\n  - {{{window}, title: 'Vote, live; \"1\"', note: 'Instead: jazz'}}\n",
    )
    other = make_station(tmp_path / "other", CONFIG.replace("kxmp-fm", "other-fm"))
    with closing(open_station(folder.root, base_url=None, at=now, publish=False)) as station:
        file = put(folder, public_bytes(station, "/schedule/kxmp-fm.ics", now))
        done = run(other, "schedule", "import", "other-fm", file)
        assert done == Run(0, "Wrote schedules/other-fm.yaml: 4 weekly rows, 1 overrides\n", "")
        assert "schedules/" not in run(other, "check").out
        with closing(open_station(other.root, base_url=None, at=now, publish=False)) as imported:
            moments = [now + timedelta(minutes=1 + 157 * place) for place in range(5_000)]
            moments += [special + timedelta(minutes=place) for place in (-1, 0, 1, 94, 95, 96)]
            for at in moments:
                assert heard(imported, Slug("other-fm"), at) == heard(station, FM, at), at


def test_a_schedule_that_is_there_is_only_replaced_where_that_is_asked_for(folder: StationFolder) -> None:
    file = put(folder, calendar(WEEKLY))
    assert run(folder, "schedule", "import", FM, file) == Run(2, "", f"stationfeed: {AGAIN}\n")
    schedule = folder.root / "schedules" / "kxmp-fm.yaml"
    assert schedule.read_text(encoding="utf-8") == SCHEDULE
    done = run(folder, "schedule", "import", FM, file, "--replace")
    assert done == Run(0, "Wrote schedules/kxmp-fm.yaml: 1 weekly rows, 0 overrides\n", "")
    assert '{title: Concert, days: [mon], start: "09:00", end: "12:00"}' in schedule.read_text(
        encoding="utf-8"
    )
    assert [one.name for one in schedule.parent.iterdir()] == ["kxmp-fm.yaml"]


def test_what_a_schedule_cannot_say_is_named_and_the_rest_is_taken_over(folder: StationFolder) -> None:
    file = put(folder, calendar(WEEKLY, "DTSTART;VALUE=DATE:20260601\nSUMMARY:Fund drive"))
    done = run(folder, "schedule", "import", HD, file)
    assert done.code == 1
    assert done.out.splitlines() == [
        (
            'warning week.ics:10 "Fund drive" is for whole days; it was left out. '
            "Give it a start and an end if it is a programme. [calendar]"
        ),
        "Wrote schedules/kxmp-hd.yaml: 1 weekly rows, 0 overrides",
    ]


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"<html>Log in</html>", 1, "error week.ics is not a calendar: it does not begin with BEGIN:VCALENDAR."),
        (calendar(), 1, "error week.ics has no programme from "),
        (bytes(3_000_000), 3, "stationfeed: {file}: has 3000000 bytes, more than the 2000000 allowed\n"),
        (None, 3, "stationfeed: {file}: cannot be read (No such file or directory)\n"),
    ],
    ids=["page", "empty", "large", "missing"],
)  # fmt: skip
def test_a_file_that_cannot_be_taken_over_leaves_everything_as_it_was(
    folder: StationFolder, data: bytes | None, code: int, said: str
) -> None:
    file = put(folder, data or b"")
    if data is None:
        file.unlink()
    done = run(folder, "schedule", "import", FM, file, "--replace")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(said.format(file=file))
    assert (folder.root / "schedules" / "kxmp-fm.yaml").read_text(encoding="utf-8") == SCHEDULE


def test_a_service_that_is_not_there_gets_no_schedule(folder: StationFolder) -> None:
    done = run(folder, "schedule", "import", "nobody", put(folder, calendar(WEEKLY)))
    assert done == Run(2, "", "stationfeed: there is no service 'nobody'\n")
    assert not (folder.root / "schedules" / "nobody.yaml").exists()


def test_what_is_taken_over_can_be_read_or_is_refused(folder: StationFolder) -> None:
    """A calendar within its limits may make a schedule that is over the limit of a schedule."""
    first = datetime.now(UTC) + timedelta(days=7)
    events = [
        f"DTSTART:{first + timedelta(hours=3 * place):%Y%m%dT%H0000Z}\nDURATION:PT1H\nSUMMARY:{place} {'x' * 200}"
        for place in range(4_500)
    ]
    write_schedule(folder, "overrides: []\n")
    done = run(folder, "schedule", "import", FM, put(folder, calendar(*events)), "--replace")
    with closing(folder.open(datetime.now(UTC))) as station:
        assert [problem for problem in station.problems() if "schedules" in str(problem.path)] == []
        count = len(station.loaded.schedules[FM].overrides)
    assert (done.code, count) in [(0, 4_500), (1, 0), (3, 0)]


# Tokens


def state_bytes(folder: StationFolder) -> bytes:
    files = sorted((folder.root / ".stationfeed").glob("state.sqlite*"))
    assert files
    return b"".join(file.read_bytes() for file in files)


def test_of_a_token_only_the_hash_is_kept_until_it_is_taken_back(folder: StationFolder) -> None:
    """In a folder that was never served."""
    made = run(folder, "staff", "token", "now", "--service", FM)
    token = made.out.removesuffix("\n")
    assert (made.code, len(token), token[:3]) == (0, 46, "sf_")
    assert made.err == "This is for POST /api/v1/now/kxmp-fm and is not shown again.\n"
    kept = state_bytes(folder)
    assert token.encode() not in kept
    assert token.removeprefix("sf_").encode() not in kept
    assert sha256(token.encode()).hexdigest().encode() in kept
    listed = run(folder, "staff", "token", "list")
    assert listed == Run(0, f"1  now  kxmp-fm  made {datetime.now(UTC):%Y-%m-%d}\n", "")
    gone = run(folder, "staff", "token", "revoke", "1")
    assert gone == Run(0, "Token 1 is good for nothing any more.\n", "")
    assert run(folder, "staff", "token", "list") == Run(0, "There is none.\n", "")
    assert run(folder, "staff", "token", "revoke", "1") == Run(2, "", "stationfeed: there is no token '1'\n")


def test_the_number_of_a_token_is_never_given_to_another(tmp_path: Path) -> None:
    """Who wrote a number down must not take back somebody else's token with it."""
    now = datetime.now(UTC)
    with closing(open_state(tmp_path / "state.sqlite")) as state:
        tokens = {make_token(state, PURPOSE_NOW, one, now) for one in (FM, HD)}
        assert len(tokens) == 2
        assert revoke_token(state, 2)
        make_token(state, PURPOSE_NOW, HD, now)
        assert [one.number for one in list_tokens(state)] == [1, 3]


def test_a_number_that_no_token_can_have_is_wrong_usage(folder: StationFolder) -> None:
    done = run(folder, "staff", "token", "revoke", str(2**63))
    assert (done.code, done.out) == (2, "")


def test_a_token_is_made_only_for_a_service_that_is_there(folder: StationFolder) -> None:
    done = run(folder, "staff", "token", "now", "--service", "nobody")
    assert done == Run(2, "", "stationfeed: there is no service 'nobody'\n")
    assert not (folder.root / ".stationfeed").exists()


def test_asking_for_tokens_in_the_wrong_folder_leaves_nothing_behind(tmp_path: Path) -> None:
    done = run_command("-C", tmp_path, "staff", "token", "list")
    assert list(tmp_path.iterdir()) == []
    assert done.code in (1, 3)
