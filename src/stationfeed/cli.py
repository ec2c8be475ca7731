"""Commands: arguments in, calls down, words and exit codes out."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stationfeed import __version__
from stationfeed.desk.create import new_episode, new_feed, new_guid
from stationfeed.desk.new_station import NewStation, new_station
from stationfeed.errors import (
    ContentError,
    NotFoundError,
    Problem,
    Severity,
    StationfeedError,
    UsageError,
    has_errors,
)
from stationfeed.folder.instants import MisreadError
from stationfeed.folder.scalars import read_slug, read_text, read_title, read_url, read_zone
from stationfeed.publish.build import build_site, write_server_settings
from stationfeed.station.opened import open_station
from stationfeed.station.surroundings import load_surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stationfeed.model.words import Url
    from stationfeed.station.opened import OpenStation

# The first class that fits tells: 1 content has errors, 2 wrong usage, 3 the work could not be done.
EXIT_CODES: tuple[tuple[type[StationfeedError], int], ...] = (
    (ContentError, 1),
    (UsageError, 2),
    (NotFoundError, 2),
    (StationfeedError, 3),
)

Word = TypeVar("Word")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turns a folder of stories into everything a public-radio station publishes.",
)
new = typer.Typer(no_args_is_help=True, help="Start something, with its identity assigned.")
app.add_typer(new, name="new")

say = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
out = Console(highlight=False, emoji=False, soft_wrap=True)

BaseUrl = Annotated[
    str | None,
    typer.Option(envvar="STATIONFEED_BASE_URL", help="Overrides base_url of config.yaml for this run."),
]


def main() -> None:
    """Run a command; what a user did wrong is said in words, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what the terminal's encoding lacks is spelt out
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except StationfeedError as error:
        _explain(error)
        sys.exit(next(code for kind, code in EXIT_CODES if isinstance(error, kind)))


def _explain(error: StationfeedError) -> None:
    if isinstance(error, ContentError):
        _print_problems(error.problems, say)
    else:
        say.print(f"stationfeed: {error}", markup=False)


def _say_version(*, wanted: bool) -> None:
    if wanted:
        out.print(__version__)
        raise typer.Exit


@app.callback()
def _station_folder(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Option("-C", help="The station folder.", show_default="the current one")
    ] = Path(),
    _version: Annotated[
        bool, typer.Option("--version", help="Say the version.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    context.obj = folder


@app.command()
def serve(
    context: typer.Context,
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    base_url: BaseUrl = None,
) -> None:
    """Watch the folder and publish it: feeds, audio, pictures."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("stationfeed").setLevel(logging.INFO)
    # Loaded here: the web framework takes half a second that the other commands need not wait for.
    run_service = import_module("stationfeed.web.serve").run_service
    token = _secret("STATIONFEED_OPERATOR_TOKEN")
    with _progress("Looking at the episodes") as progress:
        station = open_station(context.obj, base_url=_url(base_url), at=_now(), progress=progress, clock=_now)
    try:
        run_service(station, token, host=host, port=port, on_ready=lambda address: _greet(station, address))
    finally:
        station.close()


@app.command()
def check(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    base_url: BaseUrl = None,
) -> None:
    """Say every problem of the folder, and every rule of Apple and PSP-1 that a feed would break."""
    with _progress("Looking at the episodes") as progress:
        station = open_station(
            context.obj, base_url=_url(base_url), at=_now(), progress=progress, publish=False
        )
    try:
        problems = station.check(_now())
    finally:
        station.close()
    if as_json:
        out.print_json(json.dumps([_as_json(problem) for problem in problems]))
    else:
        _print_problems(problems, out)
        out.print(_summary(problems))
    raise typer.Exit(1 if has_errors(problems) or (strict and problems) else 0)


@app.command()
def build(
    context: typer.Context,
    destination: Annotated[
        Path, typer.Argument(metavar="OUT", help="The folder to write.", file_okay=False, resolve_path=True)
    ],
    base_url: BaseUrl = None,
) -> None:
    """Write the whole public site as plain files for any web server."""
    with _progress("Looking at the episodes") as progress:
        station = open_station(context.obj, base_url=_url(base_url), at=_now(), progress=progress)
    try:
        at = _now()
        with _progress("Writing") as progress:
            built = build_site(station.site, station.root, destination, at, progress)
        settings = write_server_settings(destination, built, station.gone_addresses(built.addresses, at))
        problems = station.problems()
    finally:
        station.close()
    _print_problems([one for one in problems if one.severity is Severity.ERROR], say)
    out.print(f"{len(built.written)} files in {destination}, {len(built.removed)} removed", markup=False)
    out.print(f"Settings for a web server: {settings[0]}, {settings[1]}", markup=False)
    out.print("Not among them, since only `stationfeed serve` answers it: health and figures", markup=False)
    raise typer.Exit(1 if has_errors(problems) else 0)


def _asked(words: str) -> Any:
    """An option that is asked for on a terminal and has to be given elsewhere."""
    return typer.Option(prompt=words if sys.stdin.isatty() else False, help=words)


@new.command("station")
def _new_station(  # noqa: PLR0913 - what a station needs
    context: typer.Context,
    name: Annotated[str, _asked("The station's name")],
    licensee: Annotated[str, _asked("The licensee, who holds the copyright")],
    base_url: Annotated[str, _asked("The public address, such as https://news.example.org")],
    timezone: Annotated[str, _asked("The time zone, such as America/Chicago")],
    email: Annotated[str, _asked("A mailbox that podcast directories may write to")],
    station: Annotated[str, _asked("A short id, such as the call sign in small letters")],
) -> None:
    """Make a station folder, empty but for one show and its feed."""
    answers = NewStation(
        name=_read(read_title, name, "--name"),
        station=_read(read_slug, station, "--station"),
        licensee=_read(read_text, licensee, "--licensee"),
        base_url=_read(read_url, base_url, "--base-url"),
        timezone=_read(read_zone, timezone, "--timezone"),
        email=_read(read_text, email, "--email"),
    )
    path = new_station(context.obj, answers)
    out.print(f"Made {context.obj / path}. Next: stationfeed new episode news TITLE", markup=False)


@new.command("feed")
def _new_feed(
    context: typer.Context,
    feed_id: Annotated[str, typer.Argument(metavar="ID")],
    title: Annotated[str, _asked("The feed's title")],
    show: Annotated[list[str] | None, typer.Option(help="A show it selects; may be given again.")] = None,
) -> None:
    """Add a feed to config.yaml with a podcast:guid of its own."""
    slug, words = _read(read_slug, feed_id, "ID"), _read(read_title, title, "--title")
    config = load_surroundings(context.obj, None, None).config
    guid = new_feed(context.obj, config, slug, title=words, shows=show or [])
    out.print(f"config.yaml has the feed {feed_id} with the guid {guid}", markup=False)


@new.command("episode")
def _new_episode(
    context: typer.Context,
    show: str,
    title: str,
    audio: Annotated[Path | None, typer.Option(help="Audio to copy into the folder.")] = None,
) -> None:
    """Start a draft with a guid of its own."""
    words = _read(read_title, title, "TITLE")
    config = load_surroundings(context.obj, None, None).config
    path = new_episode(context.obj, config, show, words, audio)
    out.print(f"Made {path}. Write the article, set published_at, then state: ready", markup=False)


@new.command("guid")
def _new_guid(context: typer.Context, slug: str) -> None:
    """Give a folder that was made or copied by hand an identity of its own."""
    name = _read(read_slug, slug, "SLUG")
    station = open_station(context.obj, base_url=None, at=_now(), publish=False)
    try:
        is_public = station.holds_public_guid(name)
    finally:
        station.close()
    guid = new_guid(context.obj, name, is_public=is_public)
    out.print(f"episodes/{name}/episode.md has the guid {guid}", markup=False)


@contextmanager
def _progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for work that takes longer than a moment."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=say, transient=True, disable=not say.is_terminal) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _now() -> datetime:
    return datetime.now(UTC)


def _url(text: str | None) -> Url | None:
    return _read(read_url, text, "--base-url") if text else None


def _read(read: Callable[[str], Word], text: str, name: str) -> Word:
    """What an argument says. Raises UsageError."""
    try:
        return read(text)
    except MisreadError as error:
        raise UsageError(f"{name}: {error.message}. {error.remedy}") from error


def _secret(name: str) -> str | None:
    """A secret from the environment, or from the file that NAME_FILE names."""
    file = os.environ.get(f"{name}_FILE")
    if file is None:
        return os.environ.get(name) or None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise UsageError(f"{name}_FILE: {file} cannot be read ({error.strerror})") from error


def _greet(station: OpenStation, address: str) -> None:
    base = station.config.site.base_url.rstrip("/")
    health = station.health(_now())
    say.print(f"Serving {station.config.site.title} at {address}", markup=False)
    say.print(
        f"  {health.public} stories public, {health.errors} errors, {health.warnings} warnings", markup=False
    )
    for feed_id, feed in station.config.feeds.items():
        say.print(f"  {feed.title}: {base}/feeds/{feed_id}.xml", markup=False)
    say.print(f"  All feeds: {base}/feeds.opml. Stop with Ctrl-C.", markup=False)


def _as_json(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), "path": str(problem.path)}


_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def _print_problems(problems: Sequence[Problem], console: Console) -> None:
    for problem in problems:
        console.print(problem.severity.value, style=_COLORS[problem.severity], end=" ")
        console.print(f"{problem}. {problem.remedy} [{problem.rule}]", markup=False)


def _summary(problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = len(problems) - errors
    if not problems:
        return "Everything is in order."
    return f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
