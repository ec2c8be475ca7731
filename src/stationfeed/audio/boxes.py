"""The boxes ("atoms") an MP4 file is made of: where each begins and ends (ISO/IEC 14496-12, 4.2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.audio.opened import OpenAudio

_BOXES_LIMIT = 4096
_DEPTH_LIMIT = 10
_OPENED_BY_MUTAGEN = frozenset(
    {b"moov", b"udta", b"trak", b"mdia", b"meta", b"ilst", b"stbl", b"minf", b"moof", b"traf"}
)
_SKIPPED_BYTES = {b"meta": 4}


@dataclass(frozen=True, slots=True)
class Box:
    """A box that starts at `start`; its content is what lies between `begin` and `end`."""

    name: bytes
    start: int
    begin: int
    end: int


def top_level(audio: OpenAudio) -> tuple[Box, ...]:
    """The boxes of the file up to its first fragment; the last one may claim to go on behind its end."""
    boxes: list[Box] = []
    at = 0
    while at + 8 <= audio.size_bytes and not (boxes and boxes[-1].name == b"moof"):
        box = _box(audio.read_at(at, 16), at, audio.size_bytes)
        if box is None or len(boxes) == _BOXES_LIMIT:
            raise audio.refusal(f"is damaged: what stands at byte {at} is no part of an M4A")
        boxes.append(box)
        at = box.end
    return tuple(boxes)


def _box(header: bytes, start: int, last_end: int) -> Box | None:
    """The box with that header; a size of 1 means 64 bits follow, 0 means up to the end."""
    size, name = struct.unpack_from(">I4s", header)
    begin = start + 8
    if size == 1 and len(header) == 16:
        (size,) = struct.unpack_from(">Q", header, 8)
        begin += 8
    elif size == 0:
        size = last_end - start
    return Box(name, start, begin, start + size) if start + size >= begin else None


def children(content: bytes, at: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes between two offsets; a zero or fewer than eight bytes may close the list (QuickTime).

    Raises ValueError where a box leaves its place or there are too many.
    """
    end = len(content) if end is None else end
    seen = 0
    while end - at >= 8 and content[at : at + 4] != bytes(4):
        box = _box(content[at : min(at + 16, end)], at, end)
        seen += 1
        if box is None or box.end > end or seen > _BOXES_LIMIT:
            raise ValueError(at)
        yield box
        at = box.end


def inside(content: bytes, *names: bytes) -> bytes:
    """The content of the first box of that name inside the first of the name before it; LookupError without."""
    for name in names:
        box = next((box for box in children(content) if box.name == name), None)
        if box is None:
            raise LookupError(name)
        content = content[box.begin : box.end]
    return content


def check_shape(content: bytes) -> None:
    """Raise ValueError where mutagen would find too many boxes or nest too deep."""
    opened = [(0, len(content), 0)]
    seen = 0
    while opened:
        begin, end, depth = opened.pop()
        for box in children(content, begin, end):
            seen += 1
            if seen > _BOXES_LIMIT or depth > _DEPTH_LIMIT:
                raise ValueError(seen)
            if box.name in _OPENED_BY_MUTAGEN:
                opened.append((box.begin + _SKIPPED_BYTES.get(box.name, 0), box.end, depth + 1))
