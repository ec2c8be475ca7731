"""How many bytes at either end of an mp3 are tags; nothing inside a tag is ever read.

A 199 KB compressed picture in an ID3 tag can cost 2 GB of memory, so a tag is stepped over by the size it states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stationfeed.audio.opened import OpenAudio

TAG_LIMIT_BYTES = 16 * 1024 * 1024
_TAIL_BYTES = 227
_LYRICS3_V1_BYTES = 5100
_TAGS_LIMIT = 16
_ANOTHER_TAG = "Write its tags anew with a tag editor, or export it again without a picture."


def leading_tag_bytes(audio: OpenAudio) -> int:
    """The ID3v2 tags at the start; some programs stack them."""
    total = 0
    for _ in range(_TAGS_LIMIT):
        head = audio.read_at(total, 10)
        if not head.startswith(b"ID3"):
            break
        total += _id3v2_bytes(audio, head)
        _check_tag(audio, total)
    return total


def _id3v2_bytes(audio: OpenAudio, head: bytes) -> int:
    """Header, frames and footer (id3.org, ID3v2.4.0, 3.1)."""
    if len(head) < 10 or 0xFF in head[3:5] or max(head[6:10]) > 0x7F:
        raise audio.refusal("has a broken ID3 tag", _ANOTHER_TAG)
    return 10 + _syncsafe(head[6:10]) + (10 if head[5] & 0x10 else 0)


def _syncsafe(four: bytes) -> int:
    return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3]


def _check_tag(audio: OpenAudio, tag_bytes: int) -> None:
    if tag_bytes > TAG_LIMIT_BYTES:
        raise audio.refusal(f"has a tag of {tag_bytes / 1024 / 1024:.0f} MB, more than 16", _ANOTHER_TAG)
    if tag_bytes > audio.size_bytes:
        raise audio.refusal(
            f"is cut short: its tag alone should have {tag_bytes} bytes, the file has {audio.size_bytes}"
        )


def trailing_tag_bytes(audio: OpenAudio, begin: int) -> int:
    """The ID3v1, APEv2, Lyrics3 and ID3v2.4 tags at the end, behind the sound that begins at `begin`."""
    end = audio.size_bytes
    for _ in range(_TAGS_LIMIT):
        start = max(begin, end - _TAIL_BYTES)
        tag_bytes = _last_tag_bytes(audio, audio.read_at(start, end - start), end)
        if not tag_bytes or tag_bytes > min(end - begin, TAG_LIMIT_BYTES):
            break
        end -= tag_bytes
    return audio.size_bytes - end


def _last_tag_bytes(audio: OpenAudio, tail: bytes, end: int) -> int:
    """The size of the tag that ends there, 0 if none does."""
    if tail[-128:].startswith(b"TAG") and len(tail) >= 128:
        return 128
    if tail.startswith(b"TAG+") and len(tail) == _TAIL_BYTES:
        return _TAIL_BYTES
    if tail[-32:].startswith(b"APETAGEX"):
        return int.from_bytes(tail[-20:-16], "little") + (32 if tail[-9] & 0x80 else 0)
    if tail[-10:].startswith(b"3DI"):
        return 20 + _syncsafe(tail[-4:])
    return _lyrics3_bytes(audio, tail, end)


def _lyrics3_bytes(audio: OpenAudio, tail: bytes, end: int) -> int:
    """Version 2 states its size in six digits; version 1 has to be searched."""
    if tail.endswith(b"LYRICS200") and tail[-15:-9].isdigit():
        return int(tail[-15:-9]) + 15
    if not tail.endswith(b"LYRICSEND"):
        return 0
    text = audio.read_at(max(0, end - _LYRICS3_V1_BYTES), min(end, _LYRICS3_V1_BYTES))
    start = text.rfind(b"LYRICSBEGIN")
    return len(text) - start if start >= 0 else 0
