"""What the comments of Ogg and FLAC files say (https://xiph.org/vorbis/doc/v-comment.html)."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

import mutagen.ogg

from stationfeed.audio.tags import leading_tag_bytes
from stationfeed.audio.wording import text_of
from stationfeed.model.slate import Slate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.audio.opened import OpenAudio

COMMENTS_READ_BYTES = 1024 * 1024

_COMMENTS_LIMIT = 1000
_COMMENT_LIMIT_BYTES = 16 * 1024
_BLOCKS_LIMIT = 200
_PAGES_LIMIT = 300
_FLAC_COMMENTS = 4
_BEFORE_COMMENTS = ((b"OpusTags", 8), (b"\x03vorbis", 7), (b"\x84", 4), (b"\x04", 4))
"""How the packet of comments begins, and how many bytes to skip; Speex has nothing before them."""
_FIELDS = {
    b"TITLE": "title",
    b"ARTIST": "artist",
    b"ALBUM": "show",
    b"GENRE": "category",
    b"ORGANIZATION": "originator",
    b"DESCRIPTION": "description",
    b"COMMENT": "comment",
    b"ENCODER": "software",
}

_OggPage: Any = mutagen.ogg.OggPage  # it has no types


def read_flac(audio: OpenAudio) -> Slate:
    """What the comments say in front of the sound (RFC 9639, 8)."""
    at = leading_tag_bytes(audio) + 4
    for _ in range(_BLOCKS_LIMIT):
        header = audio.read_at(at, 4)
        if len(header) < 4:
            break
        size_bytes = int.from_bytes(header[1:], "big")
        if header[0] & 0x7F == _FLAC_COMMENTS:
            return _slate(audio.read_at(at + 4, min(size_bytes, COMMENTS_READ_BYTES)))
        if header[0] & 0x80:
            break
        at += 4 + size_bytes
    return Slate()


def read_ogg(audio: OpenAudio) -> Slate:
    """What the second packet says, so far as it lies in the first megabyte."""
    packet = _second_packet(BytesIO(audio.read_at(0, COMMENTS_READ_BYTES)))
    skipped = next((length for start, length in _BEFORE_COMMENTS if packet.startswith(start)), 0)
    return _slate(packet[skipped:])


def _second_packet(file: BytesIO) -> bytes:
    """The packet behind the first page, as much of it as there is."""
    packet = bytearray()
    for number, page in enumerate(_pages(file)):
        if number:
            packet += b"".join(page.packets[:1])
        if number and (page.complete or len(page.packets) > 1):
            break
    return bytes(packet)


def _pages(file: BytesIO) -> Iterator[Any]:
    for _ in range(_PAGES_LIMIT):
        try:
            yield _OggPage(file)
        except (EOFError, mutagen.ogg.error):
            return


def _slate(comments: bytes) -> Slate:
    said: dict[str, Any] = {}
    for comment in _split(comments):
        name, _, text = comment.partition(b"=")
        if field := _FIELDS.get(name.upper()):
            said.setdefault(field, text_of(text))
    return Slate(**said)


def _split(comments: bytes) -> Iterator[bytes]:
    """The comments behind the name of the writer and their number; long ones, such as pictures, left out."""
    try:
        (length,) = struct.unpack_from("<I", comments)
        at = 4 + length + 4
        for _ in range(_COMMENTS_LIMIT):
            (length,) = struct.unpack_from("<I", comments, at)
            at += 4 + length
            if length <= _COMMENT_LIMIT_BYTES and at <= len(comments):
                yield comments[at - length : at]
    except struct.error:
        return
