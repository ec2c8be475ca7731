"""A new title for a rendition that is there: its sound is copied, not encoded."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from hashlib import file_digest
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from benchmarks.figures import at_most, wall_seconds
from stationfeed.audio.derive import Workshop
from stationfeed.audio.plan import Order, Source
from stationfeed.audio.shelf import RenditionShelf
from stationfeed.model.config import Limits
from stationfeed.model.labels import Labels
from stationfeed.model.rendition import Encoding, LoudnessTarget, MasterFile
from stationfeed.model.words import Slug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.audio_sounds import Recording
    from benchmarks.figures import Figure

SECONDS_BOUND = 1.0
_COVER = PurePosixPath("cover.jpg")


def relabelled(recording: Recording, folder: Path) -> Figure:
    """With a cover of 3000 pixels, which goes into the tags anew too."""
    Image.effect_noise((3000, 3000), 60).convert("RGB").save(folder / _COVER, "JPEG")

    @contextmanager
    def open_file(path: PurePosixPath) -> Iterator[BinaryIO]:
        with (folder / path).open("rb") as file:
            yield file

    workshop = Workshop(RenditionShelf(folder), open_file, Limits())
    order = Order(
        slug=Slug("a-story"),
        master=MasterFile(
            path=PurePosixPath(recording.path.name), kind="wav", sha256=_hash_of(recording.path)
        ),
        encoding=Encoding(),
        target=LoudnessTarget(),
        labels=Labels(title="The former title"),
        artwork=Source(path=_COVER, sha256=_hash_of(folder / _COVER)),
    )
    workshop.carry_out(order)
    retitled = replace(order, labels=Labels(title="The new title"))
    seconds = wall_seconds(lambda: workshop.carry_out(retitled))
    return at_most(f"{recording.minutes} min, a new title in its tags", seconds, SECONDS_BOUND, "s")


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
