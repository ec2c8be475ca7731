"""What is made of on-air audio for podcast apps: how it should sound, and how it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Literal

from stationfeed.model.words import Ordinal

Codec = Literal["mp3", "aac", "opus"]
AudioKind = Literal["mp3", "mp2", "aac", "m4a", "wav", "aiff", "flac", "ogg", "opus"]
"""What a file is by its bytes."""

MEDIA_TYPES: dict[Codec, str] = {"mp3": "audio/mpeg", "aac": "audio/x-m4a", "opus": "audio/ogg"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoding:
    """A constant bit rate in a codec."""

    codec: Codec = "mp3"
    bitrate_kbps: Ordinal = Ordinal(128)


@dataclass(frozen=True, kw_only=True, slots=True)
class LoudnessTarget:
    loudness_lufs: float = -16.0
    true_peak_dbtp: float = -1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Loudness:
    """A measurement by EBU R 128 (EBU Tech 3341, 3342); `loudness_lufs` and `true_peak_dbtp` are None for silence."""

    loudness_lufs: float | None
    range_lu: float
    true_peak_dbtp: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What one pass over the whole of a sound found out; the lengths of silence are those at its two ends."""

    loudness: Loudness
    duration: timedelta
    sample_rate_hz: int
    channels: int
    silence_before: timedelta
    silence_after: timedelta
    clipped_samples: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioFile:
    """A published audio file as it is on disk; `sound_sha256` leaves tags out."""

    path: PurePosixPath
    media_type: str
    size_bytes: int
    duration: timedelta
    sha256: str
    sound_sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MasterFile:
    """The studio's own file as it is on disk, of which renditions are made; never public."""

    path: PurePosixPath
    kind: AudioKind
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlternateAudio:
    """The same sound in another codec."""

    file: AudioFile
    bitrate_kbps: Ordinal


@dataclass(frozen=True, kw_only=True, slots=True)
class PeaksFile:
    """The waveform of a published audio file, as JSON."""

    path: PurePosixPath
    size_bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendition:
    """A rendition that was made, with what it was found to be; its name is that of its order.

    `opening` is how much later everything is heard in it than in its master.
    """

    name: str
    encoding: Encoding
    audio: AudioFile
    peaks: PeaksFile
    opening: timedelta
    before: Loudness
    after: Loudness
    corrected: bool
