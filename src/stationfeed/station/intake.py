"""One episode folder → a story with its files, its last good version where it is broken now, and its problems."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.audio.probe import probe_audio
from stationfeed.catalogue.rows import Indexed, Probed, dump, load
from stationfeed.errors import FolderError, NotFoundError, Problem, Severity, UnreadableMediaError
from stationfeed.folder.assets import probe_picture, probe_transcript
from stationfeed.folder.episode import EpisodeReading, Restrictions, read_episode
from stationfeed.folder.paths import open_inside, read_bounded
from stationfeed.folder.reader import EPISODES, slug_problem, stat_stamp
from stationfeed.model.episode import AudioFile, Episode, PictureFile, Story, TranscriptFile
from stationfeed.model.words import Slug

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path, PurePosixPath
    from typing import BinaryIO

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import AssetFacts
    from stationfeed.catalogue.state import State
    from stationfeed.folder.reader import FolderStamp
    from stationfeed.model.config import Config, Limits

    Probe = Callable[[BinaryIO, PurePosixPath, Limits], AssetFacts | None]


@dataclass(frozen=True, slots=True)
class Intake:
    """Reads episode folders of one station under one configuration."""

    root: Path
    config: Config
    catalogue: Catalogue
    state: State

    def read(self, folder: FolderStamp) -> Indexed | None:
        """What a folder holds now, or None where it has vanished since it was listed."""
        path = episode_path(folder.name)
        slug, stamp = Slug(folder.name), folder.stamp or ""
        misnamed = slug_problem(folder.name, path.parent)
        if misnamed:
            return Indexed(slug=slug, stamp=stamp, sha256="", story=None, problems=(misnamed,))
        try:
            data = self.read_text(path)
        except NotFoundError:
            return None
        except FolderError as error:
            problem = Problem(
                path=path, message=error.reason, remedy="Check the file and its permissions.", rule="file"
            )
            return self._indexed(slug, stamp, _unread(problem))
        return self._indexed(slug, stamp, read_episode(data, path, self.config))

    def read_text(self, path: PurePosixPath) -> bytes:
        limits = self.config.limits
        return read_bounded(self.root, path, limits.front_matter_bytes + limits.article_bytes + 8192)[0]

    def _indexed(self, slug: Slug, stamp: str, reading: EpisodeReading) -> Indexed:
        episode, article, stale = reading.episode, reading.article, False
        restrictions = None
        if episode is None:
            good, before = self._last_good(slug)
            if good is not None and good.episode is not None:
                restrictions = reading.restrictions.after(before)
                episode = restrictions.tighten(good.episode)
                article, stale = good.article, True
        story, problems = (None, []) if episode is None else self._story(slug, episode, article, reading)
        return Indexed(
            slug=slug,
            stamp=stamp,
            sha256=reading.sha256,
            story=story,
            station=self.config.shows[episode.show].station if episode else None,
            guid_line=reading.lines.get("guid"),
            stale=stale,
            restrictions=dump(restrictions) if restrictions else None,
            problems=(*reading.problems, *problems),
        )

    def _last_good(self, slug: Slug) -> tuple[EpisodeReading | None, Restrictions]:
        """The last good version, and what broken versions have restricted since."""
        kept = self.state.good_text(slug)
        if kept is None:
            return None, Restrictions()
        text, restrictions = kept
        before = load(Restrictions, restrictions) if restrictions else Restrictions()
        return read_episode(text, episode_path(slug), self.config), before

    def _story(
        self, slug: Slug, episode: Episode, article: str, reading: EpisodeReading
    ) -> tuple[Story, list[Problem]]:
        """The story with those of its files that can be published; what is wrong with the others."""
        look = _Look(self, slug, reading)
        audio = look.at("audio.file", episode.audio.file if episode.audio else None, probe_audio)
        picture = look.at("image.file", episode.image.file if episode.image else None, probe_picture)
        transcript = look.at("transcript", episode.transcript, probe_transcript)
        if isinstance(audio, AudioFile):
            look.times(episode, audio)
        story = Story(
            slug=slug,
            episode=episode,
            article=article,
            audio=audio if isinstance(audio, AudioFile) and self._may_podcast(episode) else None,
            picture=picture if isinstance(picture, PictureFile) and _may_show(episode) else None,
            transcript=transcript if isinstance(transcript, TranscriptFile) else None,
        )
        return story, look.problems

    def _may_podcast(self, episode: Episode) -> bool:
        """The strictest of the show's, the episode's and the audio's rights."""
        levels = [self.config.shows[episode.show].rights, episode.rights]
        return all(one.podcast for one in levels) and bool(episode.audio and episode.audio.rights.podcast)

    def probed(self, path: PurePosixPath, probe: Probe) -> Probed:
        """What a file is, looked at once for as long as it stays the same."""
        try:
            with open_inside(self.root, path) as file:
                stamp = stat_stamp(os.fstat(file.fileno()))
                known = self.catalogue.asset(str(path), stamp)
                if known is None:
                    known = _probe(file, path, probe, self.config.limits)
                    self.catalogue.keep_asset(str(path), stamp, known)
                return known
        except NotFoundError:
            return Probed(reason="is not there", remedy="Put the file into the folder, or correct its name.")
        except FolderError as error:
            return Probed(reason=error.reason, remedy="Check the file and its permissions.")


def episode_path(slug: str) -> PurePosixPath:
    return EPISODES / slug / "episode.md"


def _unread(problem: Problem) -> EpisodeReading:
    return EpisodeReading(
        episode=None, article="", restrictions=Restrictions(), problems=(problem,), sha256=""
    )


def _may_show(episode: Episode) -> bool:
    return bool(episode.image and episode.image.rights.podcast)


def _probe(file: BinaryIO, path: PurePosixPath, probe: Probe, limits: Limits) -> Probed:
    try:
        facts = probe(file, path, limits)
    except UnreadableMediaError as error:
        return Probed(reason=error.reason, remedy=error.remedy)
    return Probed(facts=facts, waits=facts is None)


class _Look:
    """The files of one episode, and what is wrong with them, at the lines that name them."""

    def __init__(self, intake: Intake, slug: Slug, reading: EpisodeReading) -> None:
        self.problems: list[Problem] = []
        self._intake, self._slug, self._lines = intake, slug, reading.lines

    def at(self, field: str, file: PurePosixPath | None, probe: Probe) -> AssetFacts | None:
        if file is None:
            return None
        found = self._intake.probed(EPISODES / self._slug / file, probe)
        if found.reason is not None:
            self._add(field, f"{file} {found.reason}", found.remedy or "Replace the file.", Severity.ERROR)
        elif found.waits:
            self._add(
                field,
                f"{file} is neither mp3 nor m4a; the story is published as an article",
                "Save it as mp3 or m4a.",
                Severity.WARNING,
            )
        return found.facts

    def times(self, episode: Episode, audio: AudioFile) -> None:
        """Chapters and soundbites beyond the end of the audio."""
        chapters = episode.audio.chapters if episode.audio else ()
        ends = {
            "audio.chapters": max((one.at for one in chapters), default=None),
            "soundbites": max((one.at + one.duration for one in episode.soundbites), default=None),
        }
        for field, end in ends.items():
            if end is not None and end > audio.duration:
                seconds = audio.duration.total_seconds()
                message = f"go on behind the end of the audio, which is {seconds:.0f} seconds long"
                self._add(field, message, "Correct the times, or check the file.", Severity.WARNING)

    def _add(self, field: str, message: str, remedy: str, severity: Severity) -> None:
        self.problems.append(
            Problem(
                severity=severity,
                path=episode_path(self._slug),
                line=self._lines.get(field),
                field=field,
                message=message,
                remedy=remedy,
                rule="asset",
            )
        )
