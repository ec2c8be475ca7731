"""Sound: take files in, make what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stationfeed.cli.bars import make_all, said_of, transcribe_missing
from stationfeed.cli.console import now, out, print_problems, progress, read
from stationfeed.cli.program import app
from stationfeed.desk.make_audio import wanted_audio
from stationfeed.desk.take_in import take_in_audio, take_in_folder
from stationfeed.errors import has_errors
from stationfeed.folder.scalars import read_slug
from stationfeed.station.opened import open_station
from stationfeed.station.surroundings import load_surroundings

if TYPE_CHECKING:
    from stationfeed.model.config import Config


@app.command()
def audio(
    context: typer.Context,
    slug: Annotated[
        str | None, typer.Argument(help="One story; else all that are public or will be.")
    ] = None,
) -> None:
    """Make the podcast audio that is missing, or not of the newest file or recipe."""
    with progress("Looking at the episodes") as tell:
        station = open_station(context.obj, base_url=None, at=now(), progress=tell, publish=False)
    try:
        wanted = wanted_audio(station, read(read_slug, slug, "SLUG") if slug else None, now())
        outcomes = make_all(station, wanted)
        transcribed = transcribe_missing(station, dict.fromkeys(one.slug for one in outcomes) or _named(slug))
        made = {one.name: one for each in wanted for one in [station.renditions.get(each.name)] if one}
    finally:
        station.close()
    for one in outcomes:
        out.print(said_of(one, made.get(one.name)), markup=False)
    if not outcomes:
        out.print("Nothing is missing.")
    if any(one.failure for one in outcomes) or not transcribed:
        raise typer.Exit(3)
    raise typer.Exit(1 if any(one.refusal for one in outcomes) else 0)


@app.command()
def add(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio, or whole episode folders.")],
    show: Annotated[str, typer.Option(help="The show that the audio is for.")],
) -> None:
    """Take in audio as drafts, with what each file says of itself, and report how it sounds."""
    config = load_surroundings(context.obj, None, None).config
    slugs = [_take_in(context.obj, config, show, file) for file in files]
    station = open_station(context.obj, base_url=None, at=now(), publish=False)
    try:
        wanted = [one for slug in slugs for one in wanted_audio(station, slug, now())]
        for outcome in make_all(station, wanted):
            out.print(said_of(outcome, station.renditions.get(outcome.name)), markup=False)
        if transcribe_missing(station, slugs):
            station.look(now(), slugs)
        problems = [one for one in station.problems() if one.path.parent.name in slugs]
    finally:
        station.close()
    print_problems(problems, out)
    raise typer.Exit(1 if has_errors(problems) else 0)


def _named(slug: str | None) -> list[str]:
    return [] if slug is None else [slug]


def _take_in(root: Path, config: Config, show: str, file: Path) -> str:
    if file.is_dir():
        slug = take_in_folder(root, file)
        out.print(f"Copied {file.name} to episodes/{slug}", markup=False)
        return slug
    taken = take_in_audio(root, config, show, file, now().date())
    heard, loudness = taken.heard, taken.heard.loudness
    level = "silent" if loudness.loudness_lufs is None else f"{loudness.loudness_lufs:.1f} LUFS"
    peak = "" if loudness.true_peak_dbtp is None else f", true peak {loudness.true_peak_dbtp:.1f} dBTP"
    out.print(f"Made {taken.path} from {file.name}", markup=False)
    out.print(
        f"  {heard.duration.total_seconds():.1f} s, {heard.channels} channels, {heard.sample_rate_hz} Hz, {level}{peak},"
        f" silence {heard.silence_before.total_seconds():.1f} s before and {heard.silence_after.total_seconds():.1f} s after",
        markup=False,
    )
    for words in taken.suspicious:
        out.print(f"  Look at it: {words}", markup=False)
    return taken.slug
