"""The facts of a published audio file, read from its bytes in one pass and constant memory.

A file whose facts cannot be had for certain is refused, in words for the person who will mend it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.m4a import M4aSound, find_m4a_sound
from stationfeed.audio.mp3 import Mp3Sound, find_mp3_sound
from stationfeed.audio.opened import OpenAudio
from stationfeed.audio.signature import UNKNOWN, audio_kind, what_it_is
from stationfeed.audio.tags import leading_tag_bytes
from stationfeed.errors import UnreadableMediaError
from stationfeed.model.rendition import AudioFile, MasterFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from stationfeed.model.config import Limits

SHORTEST = timedelta(seconds=1)
_HEAD_BYTES = 8192
_NAME_A_SOUND = "Put an audio file here (MP3, M4A or WAV), or take the name out of the front matter."


def probe_audio(file: BinaryIO, path: PurePosixPath, limits: Limits) -> AudioFile | None:
    """The facts of an mp3 or m4a; None for other real audio, which needs a rendition before it can be published.

    `file` is an open file of the disk. Raises UnreadableMediaError for everything else.
    """
    with _held_still(file, path) as audio:
        _check_size(audio, limits)
        sound = _find_sound(audio)
        return _facts(audio, sound, limits) if sound else None


def probe_master(file: BinaryIO, path: PurePosixPath, limits: Limits) -> MasterFile:
    """What kind of audio a studio's file is, whatever its name says, and a name for its bytes.

    Whether all of it can be heard is found out when it is. Raises UnreadableMediaError for what is no audio.
    """
    with _held_still(file, path) as audio:
        _check_size(audio, limits)
        begin = leading_tag_bytes(audio)
        head = audio.read_at(begin, _HEAD_BYTES)
        kind = audio_kind(head)
        if kind is None:
            is_mp3 = what_it_is(head) == UNKNOWN and find_mp3_sound(audio, begin) is not None
            kind = "mp3" if is_mp3 else None
        if kind is None:
            raise audio.refusal(_why_not(head, begin), _NAME_A_SOUND)
        whole = sha256()
        for _offset, block in audio.blocks():
            whole.update(block)
        return MasterFile(path=path, kind=kind, sha256=whole.hexdigest())


@contextmanager
def _held_still(file: BinaryIO, path: PurePosixPath) -> Iterator[OpenAudio]:
    """A file that changes is refused for that, whatever else was found in it."""
    before = os.fstat(file.fileno())
    try:
        yield OpenAudio(file, path, before.st_size)
    finally:
        after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise UnreadableMediaError(
                path,
                "changed while it was read",
                "Nothing is to be done: it is read again once it is all there.",
            )


def _check_size(audio: OpenAudio, limits: Limits) -> None:
    if audio.size_bytes > limits.audio_bytes:
        raise audio.refusal(
            f"has {audio.size_bytes} bytes, more than the {limits.audio_bytes} allowed",
            "Export it with a lower bit rate, or in parts.",
        )


def _find_sound(audio: OpenAudio) -> Mp3Sound | M4aSound | None:
    """The sound to be published, None where it needs a rendition first; refuses what is no sound."""
    begin = leading_tag_bytes(audio)
    head = audio.read_at(begin, _HEAD_BYTES)
    kind = audio_kind(head)
    if kind == "m4a":
        return _called_rightly(audio, find_m4a_sound(audio))
    if kind not in (None, "mp3"):
        return None
    sound = find_mp3_sound(audio, begin) if what_it_is(head) == UNKNOWN else None
    if sound is None:
        raise audio.refusal(_why_not(head, begin), _NAME_A_SOUND)
    return _called_rightly(audio, sound)


def _why_not(head: bytes, tag_bytes: int) -> str:
    if not head:
        return "is a tag without any sound" if tag_bytes else "is empty"
    return f"is {what_it_is(head)}, not audio"


def _called_rightly(audio: OpenAudio, sound: Mp3Sound | M4aSound | None) -> Mp3Sound | M4aSound | None:
    """Podcast apps go by the end of the name (Apple's list of media types)."""
    if sound is None or audio.path.suffix.lower() == sound.suffix:
        return sound
    kind = sound.suffix.removeprefix(".").upper()
    raise audio.refusal(
        f'is an {kind} file, but is called "{audio.path.name}"', f"Rename it to end in {sound.suffix}."
    )


def _facts(audio: OpenAudio, sound: Mp3Sound | M4aSound, limits: Limits) -> AudioFile:
    whole = sha256()
    for offset, block in audio.blocks():
        whole.update(block)
        sound.feed(offset, block)
    duration = sound.duration()
    _check_duration(audio, duration, limits)
    return AudioFile(
        path=audio.path,
        media_type=sound.media_type,
        size_bytes=audio.size_bytes,
        duration=duration,
        sha256=whole.hexdigest(),
        sound_sha256=sound.sha256(),
    )


def _check_duration(audio: OpenAudio, duration: timedelta, limits: Limits) -> None:
    if duration < SHORTEST:
        raise audio.refusal(f"is only {duration.total_seconds():.1f} seconds long")
    if duration > timedelta(hours=limits.audio_hours):
        hours = duration / timedelta(hours=1)
        raise audio.refusal(f"lasts {hours:.1f} hours, more than the {limits.audio_hours} allowed")
