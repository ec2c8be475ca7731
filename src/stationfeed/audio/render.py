"""A master becomes a rendition: as loud as it should be, with idents around it, encoded, and heard again to be sure."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.encoders import KINDS, LENGTH_TOLERANCE, OVERSHOOTS_DB, encoder_of
from stationfeed.audio.ffmpeg import run_ffmpeg
from stationfeed.audio.loudness import listen
from stationfeed.audio.programme import Programme, Take, form_of, stretch_task
from stationfeed.audio.segments import encode_in_segments
from stationfeed.audio.settling import aim_again, fitted, is_on_target, settle_gain
from stationfeed.audio.splice import closing_with, opening_with
from stationfeed.errors import AudioError, UnreadableMediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta
    from pathlib import PurePosixPath

    from stationfeed.audio.ffmpeg import Stop
    from stationfeed.audio.programme import Form, Master
    from stationfeed.model.rendition import Encoding, Heard, Loudness, LoudnessTarget

CORRECTIONS = 2
"""The first is enough for all but a few; one more is better than what is too loud."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """What was made: `before` is the master's loudness, `after` that of the encoded bytes, measured in them.

    `opening` is how much later everything comes than in the master. `after` may be off the target where no gain in the
    world would do; who publishes decides.
    """

    duration: timedelta
    before: Loudness
    after: Loudness
    corrected: bool
    size_bytes: int
    opening: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What is to become of a master; the idents are brought to the target too."""

    target: LoudnessTarget
    encoding: Encoding
    opening: Master | None = None
    closing: Master | None = None

    @property
    def overshoot_db(self) -> float:
        return OVERSHOOTS_DB[self.encoding.codec]

    def fitted(self, form: Form, stop: Stop | None) -> Recipe:
        """With idents as loud as they are in that form."""
        opening, closing = (one and fitted(one, form, stop) for one in (self.opening, self.closing))
        return replace(self, opening=opening, closing=closing)


def render(
    master: Master,
    recipe: Recipe,
    out: BinaryIO,
    *,
    stop: Stop | None = None,
    on_progress: Callable[[timedelta], None] | None = None,
) -> Rendered:
    """Write the rendition of a master into `out`, an empty file of the disk; the same master gives the same bytes.

    Progress is the length of what is encoded, and begins anew with a correction. Raises UnreadableMediaError where
    the master or an ident is to blame, AudioError where our tools fail.
    """
    form = form_of(master.heard, recipe.encoding.codec)
    recipe = recipe.fitted(form, stop)
    aim, corrections = recipe.target, 0
    while True:
        with _disk_failures_named(master.path):
            programme = _assemble(master, form, recipe, aim, stop)
            _encode(programme, recipe.encoding, out, stop, on_progress)
        heard = _hear_again(programme, recipe.encoding, out, stop)
        if is_on_target(heard.loudness, recipe.target) or corrections == CORRECTIONS:
            break
        aim = aim_again(aim, recipe.target, heard.loudness, programme.peak_dbtp, recipe.overshoot_db)
        corrections += 1
    return Rendered(
        duration=form.span(programme.samples),
        before=master.heard.loudness,
        after=heard.loudness,
        corrected=corrections > 0,
        size_bytes=os.fstat(out.fileno()).st_size,
        opening=form.span(programme.added_before),
    )


def _assemble(
    master: Master, form: Form, recipe: Recipe, aim: LoudnessTarget, stop: Stop | None
) -> Programme:
    """Everything at its final gain, the idents as loud as the master."""

    def take(one: Master) -> Take:
        return Take(master=one, form=form, gain=settle_gain(one, aim, form, recipe.overshoot_db, stop))

    middle = take(master)
    return Programme(
        take=middle,
        opening=opening_with(take(recipe.opening), middle, stop) if recipe.opening else None,
        closing=closing_with(take(recipe.closing), middle, stop) if recipe.closing else None,
    )


def _encode(
    programme: Programme,
    encoding: Encoding,
    out: BinaryIO,
    stop: Stop | None,
    on_progress: Callable[[timedelta], None] | None,
) -> None:
    if encoding.codec == "mp3" and encode_in_segments(programme, encoding, out, stop, on_progress):
        return
    encoder = encoder_of(encoding, programme.samples)
    with stretch_task(programme, range(programme.samples), encoding, encoder, out) as task:
        run_ffmpeg(task, stop=stop, on_progress=on_progress)


@contextmanager
def _disk_failures_named(path: PurePosixPath) -> Iterator[None]:
    """What the disk does to the files between the runs of ffmpeg."""
    try:
        yield
    except OSError as error:
        raise AudioError(path, f"cannot be written: {error.strerror}") from error


def _hear_again(programme: Programme, encoding: Encoding, out: BinaryIO, stop: Stop | None) -> Heard:
    """An independent look at the encoded bytes; they have to be as long as what went in."""
    path = programme.take.master.path
    try:
        heard = listen(out, path, KINDS[encoding.codec], stop=stop)
    except UnreadableMediaError as error:
        raise AudioError(path, f"what was encoded {error.reason}") from error
    expected = programme.take.form.span(programme.samples)
    if abs(heard.duration - expected) > LENGTH_TOLERANCE:
        raise AudioError(
            path,
            f"what was encoded lasts {heard.duration.total_seconds():.2f} seconds"
            f" and should last {expected.total_seconds():.2f}",
        )
    return heard
