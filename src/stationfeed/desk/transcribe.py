"""Have the station's own command write the transcripts that are missing, for people to correct."""

from __future__ import annotations

import shlex
import subprocess
from datetime import timedelta
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from stationfeed.desk.create import rewrite_value
from stationfeed.errors import AudioError, UsageError
from stationfeed.folder.paths import open_inside, read_bounded
from stationfeed.folder.reader import EPISODES
from stationfeed.folder.transcript import read_transcript
from stationfeed.folder.writer import create_text

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.model.config import Limits
    from stationfeed.model.episode import Story
    from stationfeed.model.words import Slug

FILE = "transcript.vtt"
_PATIENCE = timedelta(hours=6)


def lacks_transcript(story: Story) -> bool:
    return story.episode.audio is not None and story.episode.transcript is None


def transcribe(root: Path, command: str, story: Story, limits: Limits) -> PurePosixPath:
    """Give a story's master to a command on its standard input, keep the WebVTT that it prints, and name it in the story.

    The command is started as it is written, without a shell. Raises AudioError where it fails or prints no transcript,
    FolderError where a file of the name is there already.
    """
    audio = story.episode.audio
    if audio is None:
        raise UsageError(f"{story.slug} has no audio to make a transcript of")
    folder = EPISODES / story.slug
    data = _run(root, command, folder / audio.file, limits.transcript_bytes)
    transcript, problems = read_transcript(data, PurePosixPath(FILE))
    if transcript is None:
        raise AudioError(
            folder / audio.file, f"what audio.transcribe printed is no WebVTT: {problems[0].message}"
        )
    create_text(root, folder / FILE, data.decode("utf-8"))
    _name(root, story.slug, limits)
    return folder / FILE


def _run(root: Path, command: str, master: PurePosixPath, limit_bytes: int) -> bytes:
    words = _words(command)
    with open_inside(root, master) as sound, TemporaryFile() as printed, TemporaryFile() as said:
        try:
            done = subprocess.run(
                words,
                stdin=sound,
                stdout=printed,
                stderr=said,
                timeout=_PATIENCE.total_seconds(),
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AudioError(master, f"audio.transcribe could not run {words[0]}: {error}") from error
        if done.returncode:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise AudioError(master, f"audio.transcribe ended with {done.returncode}: {last[0][:300]}")
        printed.seek(0)
        data = printed.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise AudioError(
            master, f"audio.transcribe printed more than the {limit_bytes} bytes of a transcript"
        )
    return data


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"audio.transcribe in config.yaml is no command: {error}") from error
    if not words:
        raise UsageError("audio.transcribe in config.yaml is empty")
    return words


def _name(root: Path, slug: Slug, limits: Limits) -> None:
    path = EPISODES / slug / "episode.md"
    data = read_bounded(root, path, limits.front_matter_bytes + limits.article_bytes)[0]
    rewrite_value(root, path, data, ("transcript",), FILE)
