"""On air: what is on and what is next, and the schedule behind it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stationfeed.cli.console import now, out, print_json, print_problems, progress, read, say
from stationfeed.cli.program import app, schedule
from stationfeed.desk.import_schedule import import_schedule
from stationfeed.desk.look_up import known_service
from stationfeed.feeds.item import spoken_date, spoken_time
from stationfeed.feeds.now import now_as_json, title_of
from stationfeed.feeds.transcripts import short_clock
from stationfeed.folder.instants import parse_instant
from stationfeed.folder.reader import SCHEDULES
from stationfeed.station.opened import open_station
from stationfeed.station.surroundings import load_surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from stationfeed.model.on_air import Slot
    from stationfeed.model.words import Slug
    from stationfeed.station.opened import OpenStation


@app.command("now")
def on_air_now(
    context: typer.Context,
    service: Annotated[str | None, typer.Argument(help="One service; else all of them.")] = None,
    at: Annotated[str | None, typer.Option(help="An instant, such as 2027-03-14T03:30; else now.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is on air and what is next, now or at any instant."""
    with progress("Looking at the episodes") as tell:
        station = open_station(context.obj, base_url=None, at=now(), progress=tell, publish=False)
    try:
        names = [known_service(station.config, service)] if service else list(station.config.services)
        print_problems([one for one in station.problems() if one.path.parent == SCHEDULES], say)
        moments = {one: _moment(station, one, at) for one in names}
        if as_json:
            found = [_as_json(station, one, moment) for one, moment in moments.items()]
            print_json(found[0] if service else {"services": found})
        else:
            for one, moment in moments.items():
                for line in _in_words(station, one, moment):
                    out.print(line, markup=False)
    finally:
        station.close()


@schedule.command("import")
def _import_schedule(
    context: typer.Context,
    service: str,
    file: Annotated[Path, typer.Argument(metavar="FILE.ics", help="An iCalendar file.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over the schedule that is there.")
    ] = False,
) -> None:
    """Make a calendar file the schedule of a service."""
    loaded = load_surroundings(context.obj, None, None)
    known = known_service(loaded.config, service)
    path, made, problems = import_schedule(context.obj, loaded, known, file, now(), replaces=replace)
    print_problems(problems, out)
    rows, overrides = len(made.grid), len(made.overrides)
    out.print(f"Wrote {path}: {rows} weekly rows, {overrides} overrides", markup=False)
    raise typer.Exit(1 if problems else 0)


def _moment(station: OpenStation, service_id: Slug, at: str | None) -> datetime:
    zone = station.site.broadcast.live.timelines[service_id].zone
    return read(lambda text: parse_instant(text, zone), at, "--at") if at else now()


def _as_json(station: OpenStation, service_id: Slug, at: datetime) -> dict[str, Any]:
    broadcast = station.site.broadcast
    story_url = broadcast.story_url(service_id, at)
    return now_as_json(service_id, broadcast.on_air(service_id, at), station.loaded.around, story_url)


def _in_words(station: OpenStation, service_id: Slug, at: datetime) -> Iterator[str]:
    broadcast, config = station.site.broadcast, station.config
    found, zone = broadcast.on_air(service_id, at), broadcast.live.timelines[service_id].zone
    yield f"{config.services[service_id][1].name}, {spoken_date(at, zone)}"
    if found.now_playing is None:
        yield "  On air: nothing is known"
    else:
        slot = found.now_playing
        passed, whole = _span(at - slot.starts_at), _span(slot.ends_at - slot.starts_at)
        yield f"  On air: {_programme(station, slot)}, until {spoken_time(slot.ends_at, zone)}"
        yield f"          {passed} of {whole}, as the {_SOURCES[slot.source]} says"
    if found.item:
        by = f" by {found.item.artist}" if found.item.artist else ""
        yield f"  Heard in it: {found.item.title}{by} ({found.item.source})"
    for slot in found.next_up:
        yield f"  Next: {_when(slot.starts_at, at, zone)} {_programme(station, slot)}"
    if not found.next_up:
        yield "  Next: nothing is known"


_SOURCES = {"schedule": "schedule", "override": "override", "as_run": "automation"}


def _programme(station: OpenStation, slot: Slot) -> str:
    title, producer = title_of(slot.programme, station.config), slot.programme.producer
    return f"{title} ({producer})" if producer else title


def _when(starts_at: datetime, at: datetime, zone: ZoneInfo) -> str:
    if starts_at.astimezone(zone).date() == at.astimezone(zone).date():
        return spoken_time(starts_at, zone)
    return f"{spoken_date(starts_at, zone)},"


def _span(span: timedelta) -> str:
    """The seconds that have passed in full."""
    return short_clock(int(span.total_seconds()))
