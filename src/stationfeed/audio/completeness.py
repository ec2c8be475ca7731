"""Whether a file goes on to where it should end, as far as its own bytes tell: what ffmpeg would play without a word.

An mp3, a flac, an aiff and an m4a say how long they are, which is held against what was decoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stationfeed.audio.mpeg import format_at
from stationfeed.audio.riff import chunks
from stationfeed.audio.tags import trailing_tag_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from stationfeed.audio.opened import OpenAudio
    from stationfeed.model.rendition import AudioKind

_TAIL_BYTES = 1 << 16
_UNKNOWN_SIZES = (0, 0x7FFFF000, 0xFFFFFFFF)  # programs that write into a pipe cannot come back to the header
_LAST_PAGE = 4


def check_completeness(audio: OpenAudio, kind: AudioKind) -> None:
    """Raise UnreadableMediaError where the file is cut short."""
    if kind == "wav":
        _check_wav(audio)
    elif kind in ("ogg", "opus"):
        _check_ogg(audio)
    elif kind == "aac":
        _check_frames(audio, _adts_length)
    elif kind == "mp2":
        _check_frames(audio, _mpeg_length)


def _check_wav(audio: OpenAudio) -> None:
    sound = next((chunk for chunk in chunks(audio) if chunk.name == b"data"), None)
    if sound is None:
        return  # ffmpeg will say so
    missing_bytes = sound.begin + sound.size_bytes - audio.size_bytes
    if missing_bytes > 1 and sound.size_bytes not in _UNKNOWN_SIZES:
        raise audio.refusal(
            f"is cut short: the last {missing_bytes} of {sound.size_bytes} bytes are not there"
        )


def _check_ogg(audio: OpenAudio) -> None:
    """The last page says that it is the last, and is all there (RFC 3533, 6)."""
    start = max(0, audio.size_bytes - _TAIL_BYTES - 27 - 255 * 256)
    tail = audio.read_at(start, audio.size_bytes - start)
    page = tail[tail.rfind(b"OggS") :]
    is_last = len(page) > 27 and page[5] & _LAST_PAGE
    if not is_last or len(page) < 27 + page[26] + sum(page[27 : 27 + page[26]]):
        raise audio.refusal("is cut short: its last page is not there")


def _check_frames(audio: OpenAudio, length_at: Callable[[bytes, int], int]) -> None:
    """Frames that follow each other to the end have to end there."""
    end = audio.size_bytes - trailing_tag_bytes(audio, 0)
    start = max(0, end - _TAIL_BYTES)
    tail = audio.read_at(start, end - start)
    at = next((at for at in range(len(tail)) if _follow(tail, at, length_at)), len(tail))
    while at < len(tail) and (length := length_at(tail, at)):
        at += length
    if at > len(tail):
        raise audio.refusal("is cut short: it stops in the middle of a frame")


def _follow(data: bytes, at: int, length_at: Callable[[bytes, int], int]) -> bool:
    """Whether three frames begin there one after the other."""
    for _ in range(3):
        length = length_at(data, at)
        if not length:
            return False
        at += length
    return at <= len(data)


def _adts_length(data: bytes, at: int) -> int:
    """ISO/IEC 14496-3, 1.A.2.2; 0 where no header stands."""
    head = data[at : at + 6]
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    return (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) == 6 else 7


def _mpeg_length(data: bytes, at: int) -> int:
    if len(data) < at + 4:
        return 4 if data[at : at + 1] == b"\xff" else 0
    form = format_at(data[: at + 4], at)
    return form.length_at(data, at) if form else 0
