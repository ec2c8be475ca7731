"""The sound of an m4a: what its tables promise, held against the bytes that are there (ISO/IEC 14496-12)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mutagen.mp4 import MP4

from stationfeed.audio.boxes import Box, check_shape, children, inside, top_level

if TYPE_CHECKING:
    from stationfeed.audio.opened import OpenAudio

MOOV_LIMIT_BYTES = 32 * 1024 * 1024
_PUBLISHABLE = ("alac", "mp4a.40", "mp4a.66", "mp4a.67", "mp4a.68")
_PROTECTED = ("drms", "enca")
_SOUND_ALONE = "Export the sound alone, as MP3 or M4A."
_DAMAGED = "is damaged: its table of contents cannot be read"
_LONGEST_S = 1e9  # more does not fit a timedelta


@dataclass(frozen=True, slots=True)
class Tracks:
    """What the tables say; spans in seconds.

    `media_s` is the length of the coded sound, `played_s` what an edit list leaves of it, `samples_s` the sum over
    its samples, which have `samples_bytes`.
    """

    handlers: tuple[bytes, ...]
    codec: str = ""
    media_s: float = 0.0
    played_s: float = 0.0
    samples_s: float = 0.0
    samples_bytes: int = 0

    @property
    def duration_s(self) -> float:
        """An edit list hides the encoder's run-in and run-out, well under half a second."""
        return self.played_s if 0 < self.media_s - self.played_s < 0.5 else self.media_s


def find_m4a_sound(audio: OpenAudio) -> M4aSound | None:
    """The sound of the one audio track; None for sound that podcast apps need not know, and for fragments."""
    boxes = top_level(audio)
    if boxes[-1].name == b"moof":
        return None
    moov = next((box for box in boxes if box.name == b"moov"), None)
    if moov is None or moov.end > audio.size_bytes:
        raise audio.refusal("is cut short: its table of contents is not there")
    tracks = _read_tracks(audio, moov)
    _check_tracks(audio, tracks)
    if not tracks.codec.startswith(_PUBLISHABLE):
        return None
    _check_bytes(audio, boxes, tracks)
    return M4aSound(boxes, tracks)


def _read_tracks(audio: OpenAudio, moov: Box) -> Tracks:
    size_bytes = moov.end - moov.begin
    if size_bytes > MOOV_LIMIT_BYTES:
        raise audio.refusal(
            f"has a table of contents with tags of {size_bytes / 1024 / 1024:.0f} MB, more than 32"
        )
    content = audio.read_at(moov.begin, size_bytes)
    try:
        return _tracks(_without_tags(content))
    # mutagen lets KeyError, struct.error, OverflowError, AssertionError and more escape
    except Exception as error:
        raise audio.refusal(_DAMAGED) from error


def _without_tags(moov: bytes) -> bytes:
    """The header and the tracks alone, few and shallow enough to be given to mutagen."""
    kept = b"".join(moov[box.start : box.end] for box in children(moov) if box.name in (b"mvhd", b"trak"))
    check_shape(kept)
    return kept


def _tracks(moov: bytes) -> Tracks:
    medias = [inside(moov[box.begin : box.end], b"mdia") for box in children(moov) if box.name == b"trak"]
    handlers = tuple(inside(media, b"hdlr")[8:12] for media in medias)
    if b"soun" not in handlers:
        return Tracks(handlers)
    info = _read_info(moov)
    media = medias[handlers.index(b"soun")]
    tables = inside(media, b"minf", b"stbl")
    movie_scale, movie_length = _scale_and_length(inside(moov, b"mvhd"))
    scale, _ = _scale_and_length(inside(media, b"mdhd"))
    return Tracks(
        handlers=handlers,
        codec=info.codec,
        media_s=info.length,
        played_s=movie_length / movie_scale,
        samples_s=_time_units(inside(tables, b"stts")) / scale,
        samples_bytes=_samples_bytes(inside(tables, b"stsz")),
    )


def _read_info(moov: bytes) -> Any:
    file = BytesIO(struct.pack(">I4s", 8 + len(moov), b"moov") + moov)
    return MP4(file).info  # type: ignore[no-untyped-call] # mutagen has no types


def _scale_and_length(header: bytes) -> tuple[int, int]:
    """Units a second and length in them, in mvhd and mdhd alike."""
    scale, length = (
        struct.unpack_from(">IQ", header, 20) if header[0] else struct.unpack_from(">II", header, 12)
    )
    return scale, length


def _time_units(stts: bytes) -> int:
    (count,) = struct.unpack_from(">I", stts, 4)
    return sum(samples * units for samples, units in struct.iter_unpack(">II", stts[8 : 8 + 8 * count]))


def _samples_bytes(stsz: bytes) -> int:
    same_size, count = struct.unpack_from(">II", stsz, 4)
    if same_size:
        return int(same_size * count)
    return sum(size for (size,) in struct.iter_unpack(">I", stsz[12 : 12 + 4 * count]))


def _check_tracks(audio: OpenAudio, tracks: Tracks) -> None:
    sounds = tracks.handlers.count(b"soun")
    if b"vide" in tracks.handlers:
        raise audio.refusal("has a video track", _SOUND_ALONE)
    if sounds != 1:
        raise audio.refusal(f"has {sounds} audio tracks" if sounds else "has no sound in it", _SOUND_ALONE)
    if tracks.codec.startswith(_PROTECTED):
        raise audio.refusal("is protected against copying", _SOUND_ALONE)
    if abs(tracks.media_s - tracks.samples_s) > 1:
        raise audio.refusal(
            f"says it lasts {tracks.media_s:.1f} seconds, but lists {tracks.samples_s:.1f} seconds of sound"
        )


def _check_bytes(audio: OpenAudio, boxes: tuple[Box, ...], tracks: Tracks) -> None:
    """The samples have to be in the file, and no box may go on behind its end."""
    payloads = (min(box.end, audio.size_bytes) - box.begin for box in boxes if box.name == b"mdat")
    payload_bytes = sum(max(0, size_bytes) for size_bytes in payloads)
    if payload_bytes < tracks.samples_bytes:
        raise audio.cut_short(tracks.duration_s * payload_bytes / tracks.samples_bytes, tracks.duration_s)
    if boxes[-1].end > audio.size_bytes:
        raise audio.refusal(f"is cut short: its last {boxes[-1].end - audio.size_bytes} bytes are not there")


class M4aSound:
    """The media data of an m4a; feed it every block of the file, in order, then ask."""

    media_type = "audio/x-m4a"
    suffix = ".m4a"

    def __init__(self, boxes: tuple[Box, ...], tracks: Tracks) -> None:
        self._payloads = tuple((box.begin, box.end) for box in boxes if box.name == b"mdat")
        self._tracks = tracks
        self._sound = sha256()

    def feed(self, offset: int, block: bytes) -> None:
        for begin, end in self._payloads:
            self._sound.update(memoryview(block)[max(0, begin - offset) : max(0, end - offset)])

    def sha256(self) -> str:
        return self._sound.hexdigest()

    def duration(self) -> timedelta:
        return timedelta(seconds=min(self._tracks.duration_s, _LONGEST_S))
