"""Starts with an identity assigned: a station, a feed, an episode, a guid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stationfeed.cli.console import asked, now, out, read
from stationfeed.cli.program import new
from stationfeed.desk.create import Draft, new_episode, new_feed, new_guid
from stationfeed.desk.new_station import NewStation, new_station
from stationfeed.folder.scalars import read_slug, read_text, read_title, read_url, read_zone
from stationfeed.station.opened import open_station
from stationfeed.station.surroundings import load_surroundings


@new.command("station")
def _new_station(  # noqa: PLR0913 - what a station needs
    context: typer.Context,
    name: Annotated[str, asked("The station's name")],
    licensee: Annotated[str, asked("The licensee, who holds the copyright")],
    base_url: Annotated[str, asked("The public address, such as https://news.example.org")],
    timezone: Annotated[str, asked("The time zone, such as America/Chicago")],
    email: Annotated[str, asked("A mailbox that podcast directories may write to")],
    station: Annotated[str, asked("A short id, such as the call sign in small letters")],
) -> None:
    """Make a station folder, empty but for one show and its feed."""
    answers = NewStation(
        name=read(read_title, name, "--name"),
        station=read(read_slug, station, "--station"),
        licensee=read(read_text, licensee, "--licensee"),
        base_url=read(read_url, base_url, "--base-url"),
        timezone=read(read_zone, timezone, "--timezone"),
        email=read(read_text, email, "--email"),
    )
    path = new_station(context.obj, answers)
    out.print(f"Made {context.obj / path}. Next: stationfeed new episode news TITLE", markup=False)


@new.command("feed")
def _new_feed(
    context: typer.Context,
    feed_id: Annotated[str, typer.Argument(metavar="ID")],
    title: Annotated[str, asked("The feed's title")],
    show: Annotated[list[str] | None, typer.Option(help="A show it selects; may be given again.")] = None,
) -> None:
    """Add a feed to config.yaml with a podcast:guid of its own."""
    slug, words = read(read_slug, feed_id, "ID"), read(read_title, title, "--title")
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
    words = read(read_title, title, "TITLE")
    config = load_surroundings(context.obj, None, None).config
    path = new_episode(context.obj, config, show, Draft(title=words, audio=audio))
    out.print(f"Made {path}. Write the article, set published_at, then state: ready", markup=False)


@new.command("guid")
def _new_guid(context: typer.Context, slug: str) -> None:
    """Give a folder that was made or copied by hand an identity of its own."""
    name = read(read_slug, slug, "SLUG")
    station = open_station(context.obj, base_url=None, at=now(), publish=False)
    try:
        is_public = station.holds_public_guid(name)
    finally:
        station.close()
    guid = new_guid(context.obj, name, is_public=is_public)
    out.print(f"episodes/{name}/episode.md has the guid {guid}", markup=False)
