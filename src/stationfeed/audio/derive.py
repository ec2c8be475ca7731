"""An order is carried out: the master heard, encoded, labelled, drawn, and only then on record.

Every file is written beside its name and renamed, the record last. Killed at any moment, it leaves nothing that
counts, and the next look finds the same work.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from hashlib import sha256
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO

from stationfeed.audio.artwork import make_cover
from stationfeed.audio.encoders import KINDS
from stationfeed.audio.labels import label
from stationfeed.audio.loudness import listen
from stationfeed.audio.opened import EXPORT_AGAIN, OpenAudio
from stationfeed.audio.plan import Encode, Keep, next_step
from stationfeed.audio.probe import probe_master
from stationfeed.audio.programme import Master
from stationfeed.audio.render import Recipe, render
from stationfeed.audio.shelf import FOLDER, PEAKS
from stationfeed.audio.waveform import draw_waveform
from stationfeed.errors import AudioError, UnreadableMediaError
from stationfeed.model.rendition import MEDIA_TYPES, AudioFile, PeaksFile, Rendition
from stationfeed.storage.local import failures_at, new_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import timedelta
    from pathlib import PurePosixPath

    from stationfeed.audio.ffmpeg import Stop
    from stationfeed.audio.plan import Order
    from stationfeed.audio.shelf import RenditionShelf
    from stationfeed.model.config import Limits
    from stationfeed.model.labels import ChapterMark
    from stationfeed.model.rendition import MasterFile


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where orders are carried out; `open_file` opens a plain file of the station folder by its relative path."""

    shelf: RenditionShelf
    open_file: Callable[[PurePosixPath], AbstractContextManager[BinaryIO]]
    limits: Limits

    def carry_out(
        self,
        order: Order,
        *,
        stop: Stop | None = None,
        report: Callable[[timedelta, timedelta], None] | None = None,
    ) -> Rendition:
        """Make what was ordered, or what is missing of it; `report` hears how much of how much sound is encoded.

        Raises UnreadableMediaError where the master, an ident or the artwork is to blame, NotFoundError where one
        has gone, AudioError or FolderError where we could not.
        """
        step = next_step(order, self.shelf.names())
        known = self.shelf.get(step.name) if not isinstance(step, Encode) else None
        if known is not None and isinstance(step, Keep):
            return known
        self.shelf.make_room()
        with failures_at(FOLDER):
            made = self._encode(order, stop, report) if known is None else self._relabel(order, known)
        self.shelf.put(made)
        return made

    def _relabel(self, order: Order, known: Rendition) -> Rendition:
        with self.open_file(known.audio.path) as file:
            audio = self._labelled(order, file, known)
        with self.open_file(known.peaks.path) as file:
            peaks = self._keep_peaks(order, file.read())
        return replace(known, name=order.name, audio=audio, peaks=peaks)

    def _encode(
        self, order: Order, stop: Stop | None, report: Callable[[timedelta, timedelta], None] | None
    ) -> Rendition:
        with ExitStack() as opened:
            master = self._heard(order.master, opened, stop)
            if master.heard.loudness.loudness_lufs is None:
                raise UnreadableMediaError(
                    master.path, "is silent from its beginning to its end", EXPORT_AGAIN
                )
            recipe = Recipe(
                target=order.target,
                encoding=order.encoding,
                opening=self._heard(order.before, opened, stop) if order.before else None,
                closing=self._heard(order.after, opened, stop) if order.after else None,
            )
            sound = opened.enter_context(TemporaryFile(dir=self.shelf.folder))
            whole = master.heard.duration
            on_progress = None if report is None else (lambda done: report(done, whole))
            rendered = render(master, recipe, sound, stop=stop, on_progress=on_progress)
            kind = KINDS[order.encoding.codec]
            outline = draw_waveform(sound, order.master.path, kind, rendered.duration, stop=stop)
            made = Rendition(
                name=order.name,
                encoding=order.encoding,
                audio=_described(order, sound, rendered.duration),
                peaks=self._keep_peaks(order, outline),
                opening=rendered.opening,
                before=rendered.before,
                after=rendered.after,
                corrected=rendered.corrected,
            )
            return replace(made, audio=self._labelled(order, sound, made))

    def _heard(self, source: MasterFile, opened: ExitStack, stop: Stop | None) -> Master:
        """A file that is what it was when it was ordered from, and what is heard in it."""
        file = opened.enter_context(self.open_file(source.path))
        found = probe_master(file, source.path, self.limits)
        if found.sha256 != source.sha256:
            raise AudioError(source.path, "was replaced since it was looked at; it is looked at again")
        heard = listen(file, source.path, found.kind, stop=stop)
        return Master(file=file, path=source.path, kind=found.kind, heard=heard)

    def _labelled(self, order: Order, sound: BinaryIO, made: Rendition) -> AudioFile:
        """The sound with its labels, in its place in the cache."""
        marks = tuple(_later(one, made.opening, made.audio.duration) for one in order.labels.chapters)
        labels = replace(order.labels, chapters=marks, artwork=self._cover(order))
        source = OpenAudio(sound, order.master.path, os.fstat(sound.fileno()).st_size)
        with new_file(self.shelf.folder / order.file_name) as out:
            label(source, order.encoding.codec, labels, out)
            out.flush()
            return replace(made.audio, **_whole_file(order, out))

    def _cover(self, order: Order) -> bytes | None:
        if order.artwork is None:
            return None
        with self.open_file(order.artwork.path) as picture:
            return make_cover(picture, order.artwork.path, self.limits)

    def _keep_peaks(self, order: Order, outline: bytes) -> PeaksFile:
        name = f"{order.name}{PEAKS}"
        with new_file(self.shelf.folder / name) as out:
            out.write(outline)
        return PeaksFile(path=FOLDER / name, size_bytes=len(outline), sha256=sha256(outline).hexdigest())


def _described(order: Order, sound: BinaryIO, duration: timedelta) -> AudioFile:
    """An encoded sound without labels."""
    facts = _whole_file(order, sound)
    return AudioFile(
        **facts,
        media_type=MEDIA_TYPES[order.encoding.codec],
        duration=duration,
        sound_sha256=facts["sha256"],
    )


def _whole_file(order: Order, file: BinaryIO) -> dict[str, Any]:
    digest, size_bytes = sha256(), 0
    file.seek(0)
    while block := file.read(1024 * 1024):
        digest.update(block)
        size_bytes += len(block)
    return {"path": FOLDER / order.file_name, "size_bytes": size_bytes, "sha256": digest.hexdigest()}


def _later(mark: ChapterMark, opening: timedelta, duration: timedelta) -> ChapterMark:
    """A chapter of the master in the rendition; the last one of all, which has no end of its own, ends with it."""
    until = mark.until + opening if mark.until > mark.at else duration
    return replace(mark, at=mark.at + opening, until=until)
