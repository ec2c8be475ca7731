"""One episode folder → a story with its files, its last good version where it is broken now, and its problems."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from hashlib import file_digest
from typing import TYPE_CHECKING

from stationfeed.audio.probe import probe_audio, probe_master
from stationfeed.audio.settling import is_on_target
from stationfeed.catalogue.renditions import renditions_of
from stationfeed.catalogue.rows import Indexed, Probed, dump, load
from stationfeed.errors import FolderError, NotFoundError, Problem, Severity, UnreadableMediaError
from stationfeed.folder.assets import probe_picture, probe_transcript
from stationfeed.folder.episode import EpisodeReading, Restrictions, read_episode
from stationfeed.folder.paths import open_inside, read_bounded
from stationfeed.folder.reader import EPISODES, slug_problem, stat_stamp
from stationfeed.folder.transcript import read_transcript
from stationfeed.model.channel import Rights
from stationfeed.model.episode import Episode, PictureFile, Story, TranscriptFile
from stationfeed.model.rendition import AudioFile, MasterFile
from stationfeed.model.words import Slug
from stationfeed.station.renditions import Parts, orders_of, wanted, with_renditions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path, PurePosixPath
    from typing import BinaryIO

    from stationfeed.audio.shelf import RenditionShelf
    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import AssetFacts, WantedRendition
    from stationfeed.catalogue.state import State
    from stationfeed.folder.reader import FolderStamp
    from stationfeed.model.config import Config, Limits
    from stationfeed.model.episode import Audio
    from stationfeed.model.rendition import LoudnessTarget, Rendition
    from stationfeed.model.transcript import Transcript
    from stationfeed.station.surroundings import Loaded

    Probe = Callable[[BinaryIO, PurePosixPath, Limits], AssetFacts | None]


@dataclass(frozen=True, slots=True)
class Intake:
    """Reads episode folders of one station under one configuration."""

    root: Path
    loaded: Loaded
    catalogue: Catalogue
    state: State
    shelf: RenditionShelf

    @property
    def config(self) -> Config:
        return self.loaded.config

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
        story, renditions, problems = (
            (None, (), []) if episode is None else self._story(slug, episode, reading)
        )
        return Indexed(
            slug=slug,
            stamp=stamp,
            sha256=reading.sha256,
            story=story,
            article=article,
            transcript=self._said_in(story) if story else None,
            station=self.config.shows[episode.show].station if episode else None,
            guid_line=reading.lines.get("guid"),
            stale=stale,
            restrictions=dump(restrictions) if restrictions else None,
            renditions=renditions,
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
        self, slug: Slug, episode: Episode, reading: EpisodeReading
    ) -> tuple[Story, tuple[WantedRendition, ...], list[Problem]]:
        """The story with those of its files that can be published, its renditions, what is wrong with its files."""
        look = _Look(self, slug, reading)
        picture = look.at("image.file", episode.image.file if episode.image else None, probe_picture)
        transcript = look.at("transcript", episode.transcript, probe_transcript)
        story = Story(
            slug=slug,
            episode=episode,
            picture=picture if isinstance(picture, PictureFile) and _may_show(episode) else None,
            transcript=transcript if isinstance(transcript, TranscriptFile) else None,
        )
        story, renditions = self._with_audio(story, look)
        if story.audio:
            look.times(story, story.audio)
        return story, renditions, look.problems

    def _with_audio(self, story: Story, look: _Look) -> tuple[Story, tuple[WantedRendition, ...]]:
        """The story with what of its audio can be published, and the renditions it should have."""
        audio = story.episode.audio
        if audio is None:
            return story, ()
        probe = probe_master if self.config.audio.renditions else probe_audio
        found = look.at("audio.file", audio.file, probe)
        if not self._may_podcast(story.episode):
            look.kept_back(self._who_keeps_back(story.episode))
            return story, ()
        if not self.config.audio.renditions:
            return (replace(story, audio=found) if isinstance(found, AudioFile) else story), ()
        renditions = self._renditions(story, audio, found)
        for refusal in {one.refusal for one in renditions if one.refusal}:
            look.refuse("audio.file", f"{audio.file} {refusal.reason}", refusal.remedy)
        for made in (one.made for one in renditions if one.made and not one.is_missing):
            if not is_on_target(made.after, self.config.audio.target):
                look.off_target(audio.file, made, self.config.audio.target)
        return with_renditions(story, [one.made for one in renditions if one.made]), renditions

    def _renditions(
        self, story: Story, audio: Audio, master: AssetFacts | None
    ) -> tuple[WantedRendition, ...]:
        """What the story should have; a master that cannot be read leaves it what it has."""
        before = renditions_of(self.catalogue, story.slug)
        if not isinstance(master, MasterFile):
            return tuple(one for one in before if one.made and self._find(one.made.name))
        parts = Parts(audio=audio, master=master, picture=story.picture, transcript=self._said_in(story))
        return wanted(orders_of(story.slug, story.episode, parts, self.loaded.studio), before, self._find)

    def _said_in(self, story: Story) -> Transcript | None:
        return self.catalogue.transcript(str(story.transcript.path)) if story.transcript else None

    def _find(self, name: str) -> Rendition | None:
        """A rendition whose file is the one that was made; its stamp is kept for those who serve it.

        One that is damaged is forgotten, so that it is made again.
        """
        made = self.shelf.get(name)
        if made is None:
            return None
        known = self.probed(made.audio.path, lambda file, _path, _limits: _made_audio(file, made))
        if known.facts is None:
            self.shelf.forget(name)
            return None
        return made

    def _may_podcast(self, episode: Episode) -> bool:
        """The strictest of the show's, the episode's and the audio's rights."""
        return bool(episode.audio) and not self._who_keeps_back(episode)

    def _who_keeps_back(self, episode: Episode) -> list[str]:
        """Whose rights say that the audio was heard on air only."""
        rights = {
            f"the show {episode.show}": self.config.shows[episode.show].rights,
            "the episode": episode.rights,
            "the audio": episode.audio.rights if episode.audio else Rights(),
        }
        return [whose for whose, one in rights.items() if not one.podcast]

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
    if not isinstance(facts, TranscriptFile):
        return Probed(facts=facts, waits=facts is None)
    file.seek(0)
    transcript, problems = read_transcript(file.read(facts.size_bytes), path)
    return Probed(facts=facts if transcript else None, transcript=transcript, problems=problems)


def _made_audio(file: BinaryIO, made: Rendition) -> AudioFile:
    """Raises UnreadableMediaError where the file is not what was made."""
    if file_digest(file, "sha256").hexdigest() != made.audio.sha256:  # type: ignore[arg-type]  # a plain file
        raise UnreadableMediaError(made.audio.path, "is not what was made", "It is made again.")
    return made.audio


class _Look:
    """The files of one episode, and what is wrong with them, at the lines that name them."""

    def __init__(self, intake: Intake, slug: Slug, reading: EpisodeReading) -> None:
        self.problems: list[Problem] = []
        self._intake, self._slug, self._lines = intake, slug, reading.lines

    def at(self, field: str, file: PurePosixPath | None, probe: Probe) -> AssetFacts | None:
        if file is None:
            return None
        found = self._intake.probed(EPISODES / self._slug / file, probe)
        self.problems += found.problems
        if found.reason is not None:
            self.refuse(field, f"{file} {found.reason}", found.remedy or "Replace the file.")
        elif found.waits:
            self._add(
                field,
                f"{file} is neither mp3 nor m4a; the story is published as an article",
                "Save it as mp3 or m4a.",
                Severity.WARNING,
            )
        return found.facts

    def refuse(self, field: str, message: str, remedy: str) -> None:
        self._add(field, message, remedy, Severity.ERROR)

    def kept_back(self, by: Sequence[str]) -> None:
        self._add(
            "audio.file",
            f"was heard on air and is not published: {' and '.join(by)} has `rights: {{podcast: false}}`",
            "Nothing is to be done, unless that is wrong.",
            Severity.NOTE,
        )

    def off_target(self, file: PurePosixPath, made: Rendition, target: LoudnessTarget) -> None:
        after = made.after
        self._add(
            "audio.file",
            f"{file} came out as {made.encoding.codec} at {after.loudness_lufs or 0:.1f} LUFS with peaks at"
            f" {after.true_peak_dbtp or 0:.1f} dBTP, not at {target.loudness_lufs:g} LUFS and at most"
            f" {target.true_peak_dbtp:g} dBTP",
            "Its loud moments stand too far above the rest: even them out in the audio editor, or leave it so.",
            Severity.WARNING,
        )

    def times(self, story: Story, audio: AudioFile) -> None:
        """Chapters and soundbites beyond the end of the audio."""
        episode = story.episode
        chapters = episode.audio.chapters if episode.audio else ()
        ends = {
            "audio.chapters": max((one.at for one in chapters), default=None),
            "soundbites": max((one.at + one.duration for one in episode.soundbites), default=None),
        }
        for field, end in ends.items():
            if end is not None and end + story.opening > audio.duration:
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
