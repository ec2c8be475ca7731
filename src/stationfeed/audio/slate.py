"""The slate of an audio file that comes in: title, people, dates of use, as far as the file says them.

Nothing is believed about lengths and nothing long is read; XML chunks (iXML, XMP) are never looked into.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO

from stationfeed.audio.boxes import children, top_level
from stationfeed.audio.m4a import MOOV_LIMIT_BYTES
from stationfeed.audio.opened import OpenAudio
from stationfeed.audio.riff import Chunk, chunks, sub_chunks
from stationfeed.audio.slate_broadcast import READ_BYTES, read_bext, read_cart
from stationfeed.audio.slate_comments import read_flac, read_ogg
from stationfeed.audio.slate_id3 import read_id3
from stationfeed.audio.wording import text_of
from stationfeed.model.slate import Slate

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from stationfeed.audio.signature import AudioKind

_TEXT_LIMIT_BYTES = 16 * 1024
_INFO_LIMIT_BYTES = 64 * 1024
_INFO_FIELDS = {
    b"INAM": "title",
    b"IART": "artist",
    b"IPRD": "show",
    b"IGNR": "category",
    b"ISBJ": "description",
    b"ICMT": "comment",
    b"ISFT": "software",
}
_AIFF_FIELDS = {b"name": "title", b"auth": "artist", b"anno": "comment"}
_MP4_FIELDS = {
    b"\xa9nam": "title",
    b"\xa9ART": "artist",
    b"\xa9alb": "show",
    b"\xa9gen": "category",
    b"desc": "description",
    b"\xa9cmt": "comment",
    b"\xa9too": "software",
}
_DATA_BEGIN = 8
_UTF_8 = 1
_TAG_OF_ANY_SIZE = 1 << 28


def read_slate(file: BinaryIO, path: PurePosixPath, kind: AudioKind) -> Slate:
    """What the file says about itself; raises UnreadableMediaError where its tags cannot be read."""
    audio = OpenAudio(file, path, file.seek(0, os.SEEK_END))
    match kind:
        case "wav":
            return _wav_slate(audio)
        case "aiff":
            return _aiff_slate(audio)
        case "m4a":
            return _m4a_slate(audio)
        case "flac":
            return read_flac(audio)
        case "ogg" | "opus":
            return read_ogg(audio)
        case _:
            return read_id3(audio, 0, _TAG_OF_ANY_SIZE)


def _wav_slate(audio: OpenAudio) -> Slate:
    """The chunks of broadcasters know best, then a tag, then what every audio editor writes."""
    found = _first_of_each(audio)
    slate = Slate()
    if cart := found.get(b"cart"):
        slate = slate.or_else(read_cart(_content(audio, cart, READ_BYTES)))
    if bext := found.get(b"bext"):
        slate = slate.or_else(read_bext(_content(audio, bext, READ_BYTES)))
    if tag := found.get(b"id3 "):
        slate = slate.or_else(read_id3(audio, tag.begin, tag.size_bytes))
    if info := found.get(b"info"):
        texts = dict(sub_chunks(_content(audio, info, _INFO_LIMIT_BYTES)))
        slate = slate.or_else(_slate(texts, _INFO_FIELDS))
    return slate


def _first_of_each(audio: OpenAudio) -> dict[bytes, Chunk]:
    """The first chunk of each name in small letters; a list goes by the name of its kind."""
    found: dict[bytes, Chunk] = {}
    for chunk in chunks(audio):
        if chunk.name == b"LIST":
            kind = audio.read_at(chunk.begin, 4)
            found.setdefault(kind.lower(), Chunk(kind, chunk.begin + 4, max(0, chunk.size_bytes - 4)))
        else:
            found.setdefault(chunk.name.lower(), chunk)
    return found


def _content(audio: OpenAudio, chunk: Chunk, limit_bytes: int) -> bytes:
    return audio.read_at(chunk.begin, min(chunk.size_bytes, limit_bytes))


def _aiff_slate(audio: OpenAudio) -> Slate:
    found = _first_of_each(audio)
    tag = found.get(b"id3 ")
    slate = read_id3(audio, tag.begin, tag.size_bytes) if tag else Slate()
    texts = {name: _content(audio, found[name], _TEXT_LIMIT_BYTES) for name in _AIFF_FIELDS if name in found}
    return slate.or_else(_slate(texts, _AIFF_FIELDS))


def _slate(texts: dict[bytes, bytes], names: dict[bytes, str]) -> Slate:
    said: dict[str, Any] = {names[name]: text_of(text) for name, text in texts.items() if name in names}
    return Slate(**said)


def _m4a_slate(audio: OpenAudio) -> Slate:
    moov = next((box for box in top_level(audio) if box.name == b"moov"), None)
    if moov is None or moov.end - moov.begin > MOOV_LIMIT_BYTES:
        return Slate()
    content = audio.read_at(moov.begin, moov.end - moov.begin)
    try:
        return _slate(_items(content), _MP4_FIELDS)
    except ValueError as error:
        raise audio.refusal("is damaged: its table of contents cannot be read") from error


def _items(moov: bytes) -> dict[bytes, bytes]:
    """The text of each short item; the list of items lies four deep, the third box begins with its version."""
    at, end = 0, len(moov)
    for name, skipped in ((b"udta", 0), (b"meta", 4), (b"ilst", 0)):
        box = next((box for box in children(moov, at, end) if box.name == name), None)
        if box is None:
            return {}
        at, end = box.begin + skipped, box.end
    items = (box for box in children(moov, at, end) if box.end - box.begin <= _TEXT_LIMIT_BYTES)
    return {item.name: text for item in items if (text := _item_text(moov, item.begin, item.end)) is not None}


def _item_text(moov: bytes, at: int, end: int) -> bytes | None:
    """QuickTime File Format, "Data atom": type and language come before the text; None for no text."""
    data = next((box for box in children(moov, at, end) if box.name == b"data"), None)
    if data is None or moov[data.begin : data.begin + 4] != _UTF_8.to_bytes(4, "big"):
        return None
    return moov[data.begin + _DATA_BEGIN : data.end]
