"""The main jobs: serve the folder, check it, build it as plain files."""

from __future__ import annotations

import logging
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stationfeed.cli.bars import make_all, said_of
from stationfeed.cli.console import (
    BaseUrl,
    now,
    out,
    print_json,
    print_problems,
    progress,
    say,
    secret,
    url_of,
)
from stationfeed.cli.program import app
from stationfeed.desk.make_prints import make_prints
from stationfeed.errors import Problem, Severity, has_errors
from stationfeed.publish.build import build_site, write_server_settings
from stationfeed.station.opened import open_station

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stationfeed.model.config import Config
    from stationfeed.station.health import Health


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
    token = secret("STATIONFEED_OPERATOR_TOKEN")
    with progress("Looking at the episodes") as tell:
        station = open_station(context.obj, base_url=url_of(base_url), at=now(), progress=tell, clock=now)
    try:
        # Asked for before it serves: then the station is at work in a thread of its own.
        health = station.health(now())

        def greet(address: str) -> None:
            _greet(station.config, health, address)

        run_service(station, token, host=host, port=port, on_ready=greet)
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
    with progress("Looking at the episodes") as tell:
        station = open_station(context.obj, base_url=url_of(base_url), at=now(), progress=tell, publish=False)
    try:
        problems = station.check(now())
    finally:
        station.close()
    if as_json:
        print_json([_as_json(problem) for problem in problems])
    else:
        print_problems(problems, out)
        out.print(_summary(problems))
    is_faulty = any(one.severity is not Severity.NOTE for one in problems)
    raise typer.Exit(1 if has_errors(problems) or (strict and is_faulty) else 0)


@app.command()
def build(
    context: typer.Context,
    destination: Annotated[
        Path, typer.Argument(metavar="OUT", help="The folder to write.", file_okay=False, resolve_path=True)
    ],
    base_url: BaseUrl = None,
) -> None:
    """Write the whole public site as plain files for any web server."""
    with progress("Looking at the episodes") as tell:
        station = open_station(context.obj, base_url=url_of(base_url), at=now(), progress=tell)
    try:
        outcomes = make_all(station, station.missing_renditions(now()))
        at = now()
        station.look(at)
        with progress("Making photos in sizes") as tell:
            make_prints(station, at, tell)
        with progress("Writing") as tell:
            built = build_site(station.site, station.root, destination, at, tell)
        gone = station.gone_addresses(built.addresses, at)
        settings = write_server_settings(destination, built, gone, station.site)
        problems = station.problems()
    finally:
        station.close()
    print_problems([one for one in problems if one.severity is Severity.ERROR], say)
    for one in outcomes:
        if one.failure is not None:
            say.print(said_of(one, None), markup=False)
    out.print(f"{len(built.written)} files in {destination}, {len(built.removed)} removed", markup=False)
    out.print(f"Settings for a web server: {settings[0]}, {settings[1]}", markup=False)
    out.print(
        "Not among them, since only `stationfeed serve` answers it: search, oEmbed, events, health and figures",
        markup=False,
    )
    if any(one.failure for one in outcomes):
        raise typer.Exit(3)
    raise typer.Exit(1 if has_errors(problems) else 0)


def _greet(config: Config, health: Health, address: str) -> None:
    base = config.site.base_url.rstrip("/")
    say.print(f"Serving {config.site.title} at {address}", markup=False)
    say.print(
        f"  {health.public} stories public, {health.errors} errors, {health.warnings} warnings", markup=False
    )
    for feed_id, feed in config.feeds.items():
        say.print(f"  {feed.title}: {base}/feeds/{feed_id}.xml", markup=False)
    say.print(f"  All feeds: {base}/feeds.opml. Stop with Ctrl-C.", markup=False)


def _as_json(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), "path": str(problem.path)}


def _summary(problems: Sequence[Problem]) -> str:
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    if not errors + warnings:
        return "Everything is in order."
    return f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
