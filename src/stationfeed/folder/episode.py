"""episode.md → an episode, its article, and every fault in it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import datetime  # noqa: TC003 - read at run time by the shape reader
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stationfeed.errors import Severity
from stationfeed.folder.document import salvage_blocks, salvage_each, split_document
from stationfeed.folder.scalars import nearest, unprintable_in, without_unprintable
from stationfeed.folder.shape import FAULT, Reading, field_name, read_fields, read_shape, text_problem
from stationfeed.folder.yaml_text import YamlFault, YamlFaultError, parse_yaml
from stationfeed.model.channel import Rights  # noqa: TC001 - read at run time by the shape reader
from stationfeed.model.episode import Episode, State, Withdrawal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import PurePosixPath

    from stationfeed.errors import Problem
    from stationfeed.folder.document import Document
    from stationfeed.folder.yaml_text import Value, YamlText
    from stationfeed.model.config import Config

LOOKED_AT = frozenset({"guid", "audio.file", "audio.chapters", "image.file", "transcript", "soundbites"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Restrictions:
    """What takes effect at once, even in a file that is broken elsewhere; None is "cannot be read"."""

    state: State | None = None
    published_at: datetime | None = None
    expires_at: datetime | None = None
    rights: Rights | None = None
    withdrawn: Withdrawal | None = None
    audio_rights: Rights | None = None
    image_rights: Rights | None = None

    def after(self, before: Restrictions) -> Restrictions:
        """What still counts of an earlier broken version where this one cannot be read."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(before, **{name: value for name, value in said.items() if value is not None})

    def tighten(self, episode: Episode) -> Episode:
        """The episode with what the newer, broken version of its file still says."""
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        changes = {name: value for name, value in said.items() if value is not None}
        for part in ("audio", "image"):
            rights, asset = changes.pop(f"{part}_rights", None), getattr(episode, part)
            if rights and asset:
                changes[part] = replace(asset, rights=rights)
        return replace(episode, **changes)


@dataclass(frozen=True, kw_only=True, slots=True)
class EpisodeReading:
    """What one episode.md says; `episode` is None where it is broken, and then the restrictions count.

    `lines` has the line of each field whose file is looked at elsewhere, by its dotted name.
    """

    episode: Episode | None
    article: str
    restrictions: Restrictions
    problems: tuple[Problem, ...]
    sha256: str
    lines: Mapping[str, int] = field(default_factory=dict)


def read_episode(data: bytes, path: PurePosixPath, config: Config) -> EpisodeReading:
    """Everything an episode.md says, read against the shows, services and zones of `config`."""
    try:
        document = split_document(data.decode("utf-8"))
        _check_size(document, config)
        text = parse_yaml(document.yaml_text, first_line=document.yaml_line)
    except (YamlFaultError, UnicodeDecodeError) as error:
        return _broken(data, path, config, text_problem(path, error))
    reading = Reading(path, text, _zone(text, config))
    episode = read_shape(Episode, reading.text.value, reading)
    article = _article(document.body, config, reading)
    if episode is not FAULT:
        episode = _without_disordered_chapters(episode, reading)
    usable = episode is not FAULT and _obeys(episode, config, reading) and article is not None
    return EpisodeReading(
        episode=episode if usable else None,
        article=article or "",
        restrictions=_restrictions(text, path, config),
        problems=tuple(reading.problems),
        sha256=sha256(data).hexdigest(),
        lines={field_name(at): span.line for at, span in text.keys.items() if field_name(at) in LOOKED_AT},
    )


def _broken(data: bytes, path: PurePosixPath, config: Config, problem: Problem) -> EpisodeReading:
    front = data[: config.limits.front_matter_bytes].decode("utf-8", "replace")
    return EpisodeReading(
        episode=None,
        article="",
        restrictions=_restrictions(_salvage(front), path, config),
        problems=(problem,),
        sha256=sha256(data).hexdigest(),
    )


def _salvage(text: str) -> YamlText:
    """What can be read of a broken file; of two states the one that restricts."""
    salvaged = salvage_blocks(text)
    for block in salvage_each(text):
        if block.value.get("state") in (State.WITHDRAWN, State.DRAFT):
            salvaged.value["state"] = block.value["state"]
    return salvaged


def _check_size(document: Document, config: Config) -> None:
    limit = config.limits.front_matter_bytes
    if len(document.yaml_text.encode()) > limit:
        message = f"the front matter that begins here is over {limit} bytes"
        raise YamlFaultError(YamlFault(1, message, "Move the text below the second ---."))


def _zone(text: YamlText, config: Config) -> ZoneInfo | None:
    """The zone of the show's station; where the show is unknown, the zone all stations share."""
    named = text.value.get("show")
    for show_id, show in config.shows.items():
        if show_id == named:
            return ZoneInfo(config.stations[show.station].timezone)
    zones = {station.timezone for station in config.stations.values()}
    return ZoneInfo(zones.pop()) if len(zones) == 1 else None


def _restrictions(text: YamlText, path: PurePosixPath, config: Config) -> Restrictions:
    unheard = Reading(path, text, _zone(text, config))
    inner = {f"{part}_rights": _rights_in(text.value.get(part)) for part in ("audio", "image")}
    return Restrictions(**read_fields(Restrictions, {**text.value, **inner}, unheard))


def _rights_in(part: Value) -> Value:
    return part.get("rights") if isinstance(part, dict) else None


def _article(body: str, config: Config, reading: Reading) -> str | None:
    limit = config.limits.article_bytes
    size = len(body.encode())
    if size > limit:
        reading.add(
            (), f"the article has {size} bytes, more than {limit}", "Shorten it, or split it.", rule="limit"
        )
        return None
    found = unprintable_in(body)
    if found:
        reading.add(
            (),
            f"the article holds the character {found}, which no feed can carry; it was left out",
            "Delete the character.",
            rule="unprintable",
            severity=Severity.WARNING,
        )
    return without_unprintable(body).replace("\r\n", "\n")


def _obeys(episode: Episode, config: Config, reading: Reading) -> bool:
    """Whether the rules between the fields hold; each fault is added to the reading."""
    before = len(reading.problems)
    for rule in _RULES:
        rule(episode, config, reading)
    return all(problem.severity is not Severity.ERROR for problem in reading.problems[before:])


def _without_disordered_chapters(episode: Episode, reading: Reading) -> Episode:
    """Players need chapters that begin later one by one; others are dropped, not the story."""
    chapters = episode.audio.chapters if episode.audio else ()
    if episode.audio is None or all(one.at < following.at for one, following in pairwise(chapters)):
        return episode
    reading.add(
        ("audio", "chapters"), "are not in order of time", "Sort them by `at`, each once.", rule="CH1"
    )
    return replace(episode, audio=replace(episode.audio, chapters=()))


def _rule_show(episode: Episode, config: Config, reading: Reading) -> None:
    if episode.show in config.shows:
        return
    meant = nearest(episode.show, config.shows)
    remedy = f"Did you mean {meant}?" if meant else f"config.yaml has: {', '.join(config.shows)}."
    reading.add(("show",), f'config.yaml has no show "{episode.show}"', remedy, rule="show")


def _rule_ready(episode: Episode, _config: Config, reading: Reading) -> None:
    if episode.state is State.READY and episode.published_at is None:
        reading.add(
            ("state",),
            "is ready, but there is no published_at",
            "Add `published_at: 2026-04-22T17:05`.",
            rule="ready",
        )


def _rule_withdrawn(episode: Episode, _config: Config, reading: Reading) -> None:
    if (episode.state is State.WITHDRAWN) != (episode.withdrawn is not None):
        message, remedy = (
            ("is withdrawn without a word why", "Add `withdrawn: {at: …, reason: …}`.")
            if episode.state is State.WITHDRAWN
            else (
                "has `withdrawn`, but its state is not withdrawn",
                "Write `state: withdrawn`, or remove it.",
            )
        )
        reading.add(("state",), message, remedy, rule="withdrawn", severity=Severity.WARNING)


def _rule_expiry(episode: Episode, _config: Config, reading: Reading) -> None:
    if episode.published_at and episode.expires_at and episode.expires_at <= episode.published_at:
        reading.add(
            ("expires_at",),
            "is not after published_at, so the story is never public",
            "Check both dates.",
            rule="expiry",
            severity=Severity.WARNING,
        )


def _rule_updates(episode: Episode, _config: Config, reading: Reading) -> None:
    for index, (one, following) in enumerate(pairwise(episode.updates), start=1):
        if following.at == one.at:
            reading.add(
                ("updates", index, "at"),
                "two updates have the same instant",
                "Give each its own.",
                rule="updates",
            )
        elif following.at < one.at:
            reading.add(
                ("updates", index, "at"),
                "stands below a later update",
                "Keep the newest update last.",
                rule="updates",
                severity=Severity.WARNING,
            )


def _rule_aired(episode: Episode, config: Config, reading: Reading) -> None:
    services = {service for station in config.stations.values() for service in station.services}
    for index, airing in enumerate(episode.audio.aired if episode.audio else ()):
        if airing.service not in services:
            reading.add(
                ("audio", "aired", index, "service"),
                f'config.yaml has no service "{airing.service}"',
                f"config.yaml has: {', '.join(sorted(services))}.",
                rule="service",
                severity=Severity.WARNING,
            )


def _rule_alternative_text(episode: Episode, _config: Config, reading: Reading) -> None:
    if episode.image and not episode.image.alt:
        reading.add(
            ("image", "alt"),
            "says nothing to those who cannot see the picture",
            "Add `alt:` with one sentence on what it shows.",
            rule="alt",
            severity=Severity.WARNING,
        )


def _rule_transcript(episode: Episode, _config: Config, reading: Reading) -> None:
    if episode.audio and not episode.transcript:
        reading.add(
            ("transcript",),
            "is missing: the audio cannot be read by those who cannot hear it",
            "Add `transcript: FILE.vtt`.",
            rule="transcript",
            severity=Severity.WARNING,
        )


def _rule_former_slugs(episode: Episode, _config: Config, reading: Reading) -> None:
    if reading.path.parent.name in episode.former_slugs:
        reading.add(
            ("former_slugs",),
            "names the folder's own name",
            "Remove it.",
            rule="slug",
            severity=Severity.WARNING,
        )


_RULES: tuple[Callable[[Episode, Config, Reading], None], ...] = (
    _rule_show,
    _rule_ready,
    _rule_withdrawn,
    _rule_expiry,
    _rule_updates,
    _rule_aired,
    _rule_alternative_text,
    _rule_transcript,
    _rule_former_slugs,
)
