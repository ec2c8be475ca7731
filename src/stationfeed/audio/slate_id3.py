"""What an ID3 tag says, read from its short text frames alone.

Pictures, compressed and encrypted frames never reach mutagen, which would unpack 199 KB to 2 GB; nor do chapters,
which nest.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import mutagen.id3

from stationfeed.audio.wording import one_line
from stationfeed.model.slate import Slate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.audio.opened import OpenAudio

TAG_READ_BYTES = 1024 * 1024

_FRAMES_LIMIT = 1000
_FRAME_LIMIT_BYTES = 16 * 1024
_FIELDS = {
    "TIT2": "title",
    "TPE1": "artist",
    "TALB": "show",
    "TCON": "category",
    "TPUB": "originator",
    "TDES": "description",
    "TSSE": "software",
}
_WANTED = frozenset({b"TT2", b"TP1", b"TAL", b"TCO", b"TPB", b"TSS", b"COM", b"COMM"}) | {
    name.encode() for name in _FIELDS
}
_UNSYNCHRONISED = 0x80
_EXTENDED = 0x40
_PACKED = {2: 0, 3: 0xE0, 4: 0x4C}
"""By version, the flags of a frame that is compressed, encrypted or in a group."""

_id3: Any = mutagen.id3  # it has no types


def read_id3(audio: OpenAudio, begin: int, size_bytes: int) -> Slate:
    """What the tag there says; so much of it is read as `TAG_READ_BYTES` hold."""
    header = audio.read_at(begin, 10)
    if len(header) < 10 or not header.startswith(b"ID3") or header[3] not in _PACKED:
        return Slate()
    stated_bytes = _syncsafe(header[6:10])
    body = audio.read_at(begin + 10, min(stated_bytes, size_bytes - 10, TAG_READ_BYTES))
    short_tag = _short_tag(header, body)
    try:
        return _slate(_id3.ID3(BytesIO(short_tag)))
    # mutagen lets KeyError, UnicodeDecodeError, IndexError, OverflowError and more escape
    except Exception as error:
        raise audio.refusal(
            "has an ID3 tag that cannot be read", "Write its tags anew, or without."
        ) from error


def _syncsafe(four: bytes) -> int:
    return (four[0] & 0x7F) << 21 | (four[1] & 0x7F) << 14 | (four[2] & 0x7F) << 7 | four[3] & 0x7F


def _short_tag(header: bytes, body: bytes) -> bytes:
    """A tag of the same version with the wanted frames alone."""
    version, flags = header[3], header[5]
    if version < 4 and flags & _UNSYNCHRONISED:
        body = body.replace(b"\xff\x00", b"\xff")
    kept = b"".join(_wanted_frames(version, body, _frames_begin(version, flags, body)))
    size = bytes(len(kept) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags & _UNSYNCHRONISED if version == 4 else 0]) + size + kept


def _frames_begin(version: int, flags: int, body: bytes) -> int:
    """Behind the extended header, whose size counts itself in version 2.4 and not in 2.3."""
    if version == 2 or not flags & _EXTENDED or len(body) < 4:
        return 0
    return _syncsafe(body) if version == 4 else 4 + int.from_bytes(body[:4], "big")


def _wanted_frames(version: int, body: bytes, at: int) -> Iterator[bytes]:
    name_bytes, header_bytes = (3, 6) if version == 2 else (4, 10)
    for _ in range(_FRAMES_LIMIT):
        header = body[at : at + header_bytes]
        if len(header) < header_bytes or not header[:name_bytes].isalnum():
            return
        size = _frame_bytes(version, header)
        end = at + header_bytes + size
        packed = header[-1] & _PACKED[version]
        if header[:name_bytes] in _WANTED and size <= _FRAME_LIMIT_BYTES and end <= len(body) and not packed:
            yield body[at:end]
        at = end


def _frame_bytes(version: int, header: bytes) -> int:
    if version == 2:
        return int.from_bytes(header[3:6], "big")
    plain = int.from_bytes(header[4:8], "big")
    return _syncsafe(header[4:8]) if version == 4 and max(header[4:8]) < 0x80 else plain


def _slate(tag: Any) -> Slate:
    said: dict[str, Any] = {}
    for name, field in _FIELDS.items():
        if name in tag:
            said[field] = _first(tag[name].text)
    comments = (frame for frame in tag.getall("COMM") if not frame.desc)
    said["comment"] = next((_first(frame.text) for frame in comments), None)
    return Slate(**said)


def _first(texts: list[str]) -> str | None:
    return next((line for text in texts if (line := one_line(text))), None)
