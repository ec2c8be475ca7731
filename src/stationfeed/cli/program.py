"""The program: its commands' frame, and what is said and returned when one fails."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from stationfeed import __version__
from stationfeed.cli.console import out, print_problems, say
from stationfeed.errors import ContentError, NotFoundError, StationfeedError, UsageError

# The first class that fits tells: 1 content has errors, 2 wrong usage, 3 the work could not be done.
EXIT_CODES: tuple[tuple[type[StationfeedError], int], ...] = (
    (ContentError, 1),
    (UsageError, 2),
    (NotFoundError, 2),
    (StationfeedError, 3),
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turns a folder of stories into everything a public-radio station publishes.",
)
new = typer.Typer(no_args_is_help=True, help="Start something, with its identity assigned.")
app.add_typer(new, name="new")
schedule = typer.Typer(no_args_is_help=True, help="What is planned on a service.")
app.add_typer(schedule, name="schedule")
staff = typer.Typer(no_args_is_help=True, help="Who and what may say something.")
app.add_typer(staff, name="staff")


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
        print_problems(error.problems, say)
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
