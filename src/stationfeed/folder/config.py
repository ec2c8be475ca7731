"""config.yaml → the station's configuration, or every fault in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stationfeed.errors import Severity, has_errors
from stationfeed.folder.scalars import nearest
from stationfeed.folder.shape import FAULT, Reading, read_shape, text_problem
from stationfeed.folder.yaml_text import YamlFaultError, YamlText, parse_yaml
from stationfeed.model.config import Config

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import PurePosixPath

    from stationfeed.errors import Problem
    from stationfeed.folder.yaml_text import FieldPath
    from stationfeed.model.words import Slug

RESERVED_FEEDS = frozenset({"corrections"})


def read_config(data: bytes, path: PurePosixPath) -> tuple[Config | None, tuple[Problem, ...]]:
    """The configuration, and every problem; None where an error makes it unusable."""
    try:
        text = parse_yaml(data.decode("utf-8-sig"))
    except (YamlFaultError, UnicodeDecodeError) as error:
        return None, (text_problem(path, error),)
    return _checked(text, path)


def _checked(text: YamlText, path: PurePosixPath) -> tuple[Config | None, tuple[Problem, ...]]:
    reading = Reading(path, text)
    config = read_shape(Config, text.value, reading)
    if config is FAULT:
        return None, tuple(reading.problems)
    _check_references(config, reading)
    _check_patterns(config, reading)
    _check_feeds(config, reading)
    problems = tuple(reading.problems)
    return (None if has_errors(problems) else config), problems


def _check_references(config: Config, reading: Reading) -> None:
    services = {service for station in config.stations.values() for service in station.services}
    for show_id, show in config.shows.items():
        _known(show.station, config.stations, "station", ("shows", show_id, "station"), reading)
    for feed_id, feed in config.feeds.items():
        at: FieldPath = ("feeds", feed_id)
        _known(feed.station, config.stations, "station", (*at, "station"), reading)
        _all_known(feed.select.shows, config.shows, "show", (*at, "select", "shows"), reading)
        _all_known(feed.select.stations, config.stations, "station", (*at, "select", "stations"), reading)
        if isinstance(feed.live, str):
            _known(feed.live, services, "service", (*at, "live"), reading)
    seen: set[Slug] = set()
    for station_id, station in config.stations.items():
        for service in station.services:
            if service in seen:
                field = ("stations", station_id, "services", service)
                reading.add(
                    field, "is the id of two services", "Give each service its own id.", rule="unique"
                )
            seen.add(service)


def _all_known(
    ids: Iterable[str], known: Collection[str], kind: str, at: FieldPath, reading: Reading
) -> None:
    for index, one in enumerate(ids):
        _known(one, known, kind, (*at, index), reading)


def _known(one: str, known: Collection[str], kind: str, at: FieldPath, reading: Reading) -> None:
    if one not in known:
        meant = nearest(one, known)
        remedy = f"Did you mean {meant}?" if meant else f"There is: {', '.join(known)}."
        reading.add(at, f'there is no {kind} "{one}"', remedy, rule="reference")


def _check_patterns(config: Config, reading: Reading) -> None:
    for service_id, (station_id, service) in config.services.items():
        for index, pattern in enumerate(service.now_playing.ignore if service.now_playing else ()):
            try:
                re.compile(pattern)
            except re.error as error:
                at: FieldPath = (
                    "stations",
                    station_id,
                    "services",
                    service_id,
                    "now_playing",
                    "ignore",
                    index,
                )
                message = f'"{pattern[:60]}" is no pattern of titles ({error})'
                remedy = "Write a regular expression, such as ^SPOT for titles that begin with SPOT."
                reading.add(at, message, remedy, rule="pattern")


def _check_feeds(config: Config, reading: Reading) -> None:
    guids: dict[str, Slug] = {}
    for feed_id, feed in config.feeds.items():
        at: FieldPath = ("feeds", feed_id)
        if feed_id in RESERVED_FEEDS:
            reading.add(at, "is a feed we make ourselves", "Choose another id.", rule="reserved")
        if feed.guid in guids:
            reading.add(
                (*at, "guid"),
                f"is also the guid of {guids[feed.guid]}",
                "Type: stationfeed new feed ID, and take the guid it prints.",
                rule="unique",
            )
        guids.setdefault(feed.guid, feed_id)
        own = f"{config.site.base_url.rstrip('/')}/feeds/{feed_id}.xml"
        if feed.redirect and feed.moved_to in (None, own):
            reading.add(
                (*at, "redirect"),
                "would send apps in a circle",
                "Set moved_to to the feed's new address first.",
                rule="redirect",
            )
        if feed.moved_to and not feed.redirect:
            reading.add(
                (*at, "moved_to"),
                "is announced, but the old address still answers",
                "Set `redirect: true` once the new address works.",
                rule="redirect",
                severity=Severity.WARNING,
            )
