"""Take files in: a studio's audio becomes a draft with what the file says of itself; an episode folder is copied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.audio.file_name import from_file_name
from stationfeed.audio.loudness import listen
from stationfeed.audio.probe import probe_master
from stationfeed.audio.slate import read_slate
from stationfeed.desk.create import Draft, new_episode
from stationfeed.errors import NotFoundError, UnreadableMediaError, UsageError
from stationfeed.folder.reader import EPISODES
from stationfeed.folder.scalars import TITLE_LIMIT, read_title, slug_from, visible, without_unprintable
from stationfeed.model.slate import Slate
from stationfeed.storage.local import LocalStore, failures_at, open_plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from typing import BinaryIO

    from stationfeed.model.config import Config
    from stationfeed.model.rendition import AudioKind, Heard
    from stationfeed.model.words import Slug, Title

_LONG_PAUSES = (timedelta(seconds=1), timedelta(seconds=3))
_USUAL_LUFS = (-32.0, -12.0)
_USUAL_LENGTH = (timedelta(seconds=10), timedelta(hours=3))


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenIn:
    """A new draft, what its audio says of itself, how it sounds, and what somebody should look at."""

    path: PurePosixPath
    slate: Slate
    heard: Heard
    suspicious: tuple[str, ...]

    @property
    def slug(self) -> str:
        return self.path.parent.name


def take_in_audio(root: Path, config: Config, show: str, file: Path, today: date) -> TakenIn:
    """A draft for a studio's file, which is copied into its folder.

    Raises UsageError for what no draft can be made of, UnreadableMediaError for a file that is no audio.
    """
    name = PurePosixPath(file.name)
    with _opened(file) as sound:
        kind = probe_master(sound, name, config.limits).kind
        slate, faults = _slate(sound, name, kind)
        heard = listen(sound, name, kind)
    suggested, day = from_file_name(file.name)
    draft = Draft(
        title=_title(slate.title, suggested, file.stem),
        audio=file,
        published_at=slate.originated_at,
        notes=tuple(_notes(slate, file, day)),
    )
    path = new_episode(root, config, show, draft)
    suspicious = (*faults, *_suspicious(heard), *_out_of_date(slate, today))
    return TakenIn(path=path, slate=slate, heard=heard, suspicious=suspicious)


def take_in_folder(root: Path, folder: Path) -> Slug:
    """Copy a whole episode folder; its slug. Its episode.md comes last, so that nobody sees half a story.

    Raises UsageError where it is no episode, or a folder of that name is there.
    """
    slug = slug_from(folder.name)
    if slug is None or not (folder / "episode.md").is_file():
        raise UsageError(
            f"{folder.name} is no episode folder: it has no episode.md, or no name that can be an address"
        )
    if (root / EPISODES / slug).exists():
        raise UsageError(f"episodes/{slug} is there already; rename the folder that is to be taken in")
    store = LocalStore(root)
    files = [one for one in folder.iterdir() if one.is_file() and not one.is_symlink() and one.name[0] != "."]
    for one in sorted(files, key=lambda one: one.name == "episode.md"):
        store.put_file(EPISODES / slug / one.name, one.resolve())
    return slug


def _opened(file: Path) -> BinaryIO:
    try:
        place = file.resolve(strict=True)
    except FileNotFoundError as error:
        raise NotFoundError("file", str(file)) from error
    with failures_at(file):
        return open_plain(place)


def _slate(sound: BinaryIO, name: PurePosixPath, kind: AudioKind) -> tuple[Slate, tuple[str, ...]]:
    """What a file says of itself; tags that cannot be read are no reason not to take it in."""
    try:
        return read_slate(sound, name, kind), ()
    except UnreadableMediaError as error:
        return Slate(), (f"its tags cannot be read: it {error.reason}",)


def _title(*suggested: str | None) -> Title:
    """The first that has a letter for an address."""
    words = [without_unprintable(one)[:TITLE_LIMIT] for one in suggested if one]
    return read_title(next((one for one in words if slug_from(one)), words[-1]))


def _notes(slate: Slate, file: Path, day: date | None) -> Iterator[str]:
    """What the file says beyond what has a field, for those who write the story."""
    said = {
        "taken in from": file.name,
        "cut": slate.cut_id,
        "category": slate.category,
        "from": slate.artist or slate.originator,
        "recorded": slate.originated_at,
        "day in the file's name": day,
        "to be used from": slate.starts_on,
        "to be used until": slate.ends_on,
        "out cue": slate.out_cue,
        "description": slate.description,
    }
    yield from (f"{what}: {visible(str(value))}" for what, value in said.items() if value)


def _suspicious(heard: Heard) -> Iterator[str]:
    """What a studio's file should not sound like."""
    loudness = heard.loudness.loudness_lufs
    if loudness is None:
        yield "it is silent from its beginning to its end"
    elif not _USUAL_LUFS[0] <= loudness <= _USUAL_LUFS[1]:
        yield f"it is at {loudness:.1f} LUFS, which is no level that a studio makes"
    if heard.clipped_samples:
        yield f"it is clipped: {heard.clipped_samples} samples are at full scale"
    if loudness is not None and heard.silence_before > _LONG_PAUSES[0]:
        yield f"it begins with {heard.silence_before.total_seconds():.1f} seconds of silence"
    if loudness is not None and heard.silence_after > _LONG_PAUSES[1]:
        yield f"it ends with {heard.silence_after.total_seconds():.1f} seconds of silence"
    if not _USUAL_LENGTH[0] <= heard.duration <= _USUAL_LENGTH[1]:
        yield f"it lasts {heard.duration.total_seconds():.1f} seconds"
    if heard.channels > 2:
        yield f"it has {heard.channels} channels, which are mixed down to two"


def _out_of_date(slate: Slate, today: date) -> Iterator[str]:
    if slate.ends_on is not None and slate.ends_on < today:
        yield f"it says that it was to be used until {slate.ends_on} only"
