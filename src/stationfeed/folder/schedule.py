"""schedules/<service>.yaml → a schedule; what is on air when is another room's question."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stationfeed.errors import Problem, Severity, has_errors
from stationfeed.folder.instants import written_instant
from stationfeed.folder.scalars import nearest
from stationfeed.folder.shape import FAULT, Reading, read_shape, text_problem
from stationfeed.folder.yaml_flow import flow
from stationfeed.folder.yaml_text import YamlFaultError, parse_yaml
from stationfeed.model.schedule import (
    DAYS,
    LONGEST_OVERRIDE,
    OVERRIDES_LIMIT,
    WEEK_MINUTES,
    GridRow,
    Override,
    Schedule,
)

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from stationfeed.folder.yaml_text import FieldPath
    from stationfeed.model.config import Config

_DAY = f"({'|'.join(DAYS)})"
_DAYS = re.compile(f"{_DAY}(-{_DAY})?")


def read_schedule(
    data: bytes, path: PurePosixPath, config: Config
) -> tuple[Schedule | None, tuple[Problem, ...]]:
    """The schedule of the service that the file is named after, and every problem.

    None where an error makes it unusable.
    """
    zone = _zone_of(path.stem, config)
    if zone is None:
        services = [service for station in config.stations.values() for service in station.services]
        meant = nearest(path.stem, services)
        remedy = (
            f"Rename it to {meant}.yaml?" if meant else f"Name it after a service: {', '.join(services)}."
        )
        problem = Problem(
            path=path, message="is named after no service of config.yaml", remedy=remedy, rule="service"
        )
        return None, (problem,)
    try:
        text = parse_yaml(data.decode("utf-8-sig"))
    except (YamlFaultError, UnicodeDecodeError) as error:
        return None, (text_problem(path, error),)
    reading = Reading(path, text, zone)
    schedule = read_shape(Schedule, text.value, reading)
    if schedule is not FAULT:
        _check(schedule, config, reading)
        if not has_errors(reading.problems):
            _warn_of_overlaps(schedule, reading)
    problems = tuple(reading.problems)
    return (None if schedule is FAULT or has_errors(problems) else schedule), problems


def _zone_of(service: str, config: Config) -> ZoneInfo | None:
    for station in config.stations.values():
        if service in station.services:
            return ZoneInfo(station.timezone)
    return None


def _check(schedule: Schedule, config: Config, reading: Reading) -> None:
    for index, row in enumerate(schedule.grid):
        at: FieldPath = ("grid", index)
        _check_programme(row, config, at, reading)
        _check_times(row, at, reading)
    for index, override in enumerate(schedule.overrides):
        at = ("overrides", index)
        _check_programme(override, config, at, reading)
        _check_window(override, at, reading)
    if len(schedule.overrides) > OVERRIDES_LIMIT:
        count = f"has {len(schedule.overrides)} rows; {OVERRIDES_LIMIT} are allowed"
        reading.add(("overrides",), count, "Delete those that are long over.", rule="slot")


def _check_times(row: GridRow, at: FieldPath, reading: Reading) -> None:
    if row.start == "24:00":
        reading.add((*at, "start"), "is the end of a day", 'Write "00:00", and the next day.', rule="slot")
    if row.start == row.end:
        reading.add((*at, "end"), "is the same as the start", "A whole day is 00:00 to 24:00.", rule="slot")
    if not row.days:
        reading.add((*at, "days"), "names no day", "Write mon … sun, or mon-fri.", rule="slot")
    for day in row.days:
        if not _DAYS.fullmatch(day):
            reading.add((*at, "days"), f'"{day}" is not a day', "Write mon … sun, or mon-fri.", rule="slot")


def _check_window(override: Override, at: FieldPath, reading: Reading) -> None:
    length = override.end - override.start
    if override.end <= override.start:
        reading.add((*at, "end"), "is not after the start", "Check both times.", rule="slot")
    elif length > LONGEST_OVERRIDE:
        hours = length // timedelta(hours=1) % 24
        too_long = f"{length.days} days" + (f" and {hours} hours" if hours else "")
        message = f"comes {too_long} after the start; an override lasts {LONGEST_OVERRIDE.days} days at most"
        reading.add((*at, "end"), message, "Check both times, or change the grid.", rule="slot")


def _check_programme(row: GridRow | Override, config: Config, at: FieldPath, reading: Reading) -> None:
    if row.show is None and row.title is None:
        reading.add(at, "names neither a show nor a title", "Add `show:` or `title:`.", rule="slot")
    elif row.show is not None and row.show not in config.shows:
        meant = nearest(row.show, config.shows)
        remedy = f"Did you mean {meant}?" if meant else "Use `title:` for a programme of others."
        reading.add((*at, "show"), f'config.yaml has no show "{row.show}"', remedy, rule="show")


def _warn_of_overlaps(schedule: Schedule, reading: Reading) -> None:
    """Of overlapping grid rows the lower one is on; one warning for each row that takes time from others."""
    owners: list[int | None] = [None] * WEEK_MINUTES
    for index, row in enumerate(schedule.grid):
        minutes = [minute % WEEK_MINUTES for span in row.occurrences() for minute in span]
        above = sorted({owner for minute in minutes if (owner := owners[minute]) is not None})
        if above:
            names = ", ".join(_name(schedule.grid[one]) for one in above)
            reading.add(
                ("grid", index),
                f"is on at the same time as {names}; this lower row is the one that airs",
                "Correct the times, unless it is meant so.",
                rule="slot",
                severity=Severity.WARNING,
            )
        for minute in minutes:
            owners[minute] = index


def _name(row: GridRow) -> str:
    return f'"{row.title or row.show}" ({row.start} to {row.end})'


def render_schedule(schedule: Schedule, zone: ZoneInfo) -> str:
    """A schedule as a file of the station folder, which reads back as the same."""
    lines = [
        "# Times of day are the station's own, in quotation marks. A lower row wins over a higher one.",
        "grid:",
    ]
    lines += [f"  - {_row(_grid_cells(row))}" for row in schedule.grid]
    lines += [
        "",
        "# Days that are different. An override holds for exactly its window; then the grid goes on.",
    ]
    lines.append("overrides:")
    lines += [f"  - {_row(_override_cells(one, zone))}" for one in schedule.overrides]
    text = "\n".join(lines) + "\n"
    for name, rows in (("grid", schedule.grid), ("overrides", schedule.overrides)):
        if not rows:
            text = text.replace(f"{name}:\n", f"{name}: []\n")
    return text


def _row(cells: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in cells.items()) + "}"


def _programme_cells(row: GridRow | Override) -> dict[str, str]:
    named = {"show": row.show, "title": row.title, "producer": row.producer}
    return {name: flow(value) for name, value in named.items() if value}


def _grid_cells(row: GridRow) -> dict[str, str]:
    days = row.days[0] if len(row.days) == 1 and "-" in row.days[0] else flow(list(row.days))
    times = {"days": days, "start": f'"{row.start}"', "end": f'"{row.end}"'}
    return {**_programme_cells(row), **times, **_note_cells(row)}


def _override_cells(one: Override, zone: ZoneInfo) -> dict[str, str]:
    window = {"start": written_instant(one.start, zone), "end": written_instant(one.end, zone)}
    return {**window, **_programme_cells(one), **_note_cells(one)}


def _note_cells(row: GridRow | Override) -> dict[str, str]:
    return {"note": flow(row.note)} if row.note else {}
