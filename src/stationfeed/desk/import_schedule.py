"""A calendar file becomes a service's schedule."""

from __future__ import annotations

from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.errors import ContentError, FolderError, NotFoundError, Problem, TooLargeError, UsageError
from stationfeed.folder.paths import read_bounded
from stationfeed.folder.reader import SCHEDULES
from stationfeed.folder.schedule import render_schedule
from stationfeed.folder.writer import TEXT_LIMIT_BYTES, create_text, replace_text
from stationfeed.schedule.ical_in import read_calendar
from stationfeed.schedule.ical_text import SIZE_LIMIT_BYTES

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from stationfeed.model.schedule import Schedule
    from stationfeed.model.words import Slug
    from stationfeed.station.surroundings import Loaded


def import_schedule(
    root: Path, loaded: Loaded, service_id: Slug, file: Path, at: datetime, *, replaces: bool
) -> tuple[PurePosixPath, Schedule, tuple[Problem, ...]]:
    """Write what a calendar says into schedules/; the file, what it holds, and what could not be taken over.

    Raises ContentError for a calendar that cannot be used, UsageError where there is a schedule that must not be
    replaced.
    """
    zone = loaded.around.zones[loaded.config.services[service_id][0]]
    shown = PurePosixPath(file.name)
    schedule, problems = read_calendar(_read(file), shown, zone, loaded.config.shows, at)
    if schedule is None:
        raise ContentError(problems)
    path = SCHEDULES / f"{service_id}.yaml"
    text = render_schedule(schedule, zone)
    _check_size(path, text, loaded.config.limits.config_bytes)
    _write(root, path, text, replaces=replaces)
    return path, schedule, problems


def _check_size(path: PurePosixPath, text: str, limit_bytes: int) -> None:
    """What is written must be read again."""
    size_bytes = len(text.encode())
    if size_bytes > limit_bytes:
        raise TooLargeError(path, size_bytes, limit_bytes)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise FolderError(file, f"cannot be read ({error.strerror})") from error
    if len(data) > SIZE_LIMIT_BYTES:
        raise TooLargeError(file, file.stat().st_size, SIZE_LIMIT_BYTES)
    return data


def _write(root: Path, path: PurePosixPath, text: str, *, replaces: bool) -> None:
    try:
        before, _stat = read_bounded(root, path, TEXT_LIMIT_BYTES)
    except NotFoundError:
        create_text(root, path, text)
        return
    if not replaces:
        raise UsageError(f"{path} is there already; --replace writes the calendar over it")
    replace_text(root, path, expected_sha256=sha256(before).hexdigest(), text=text)
