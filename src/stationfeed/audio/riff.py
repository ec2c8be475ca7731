"""The chunks of WAV and AIFF files: where each lies, however large the file says it is.

RIFF (Multimedia Programming Interface 1.0), RF64 (EBU Tech 3306), BW64 (ITU-R BS.2088), AIFF (EA IFF 85).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.audio.opened import OpenAudio

_CHUNKS_LIMIT = 1000
_SEE_DS64 = 0xFFFFFFFF
_DS64_BYTES = 28 + 100 * 12


@dataclass(frozen=True, slots=True)
class Chunk:
    """`size_bytes` is what the file says, which may be more than there is."""

    name: bytes
    begin: int
    size_bytes: int


def chunks(audio: OpenAudio) -> Iterator[Chunk]:
    """The chunks in order, as far as they follow each other and at most a thousand."""
    byte_order = ">" if audio.read_at(0, 4) == b"FORM" else "<"
    long_sizes: dict[bytes, int] = {}
    at = 12
    for _ in range(_CHUNKS_LIMIT):
        header = audio.read_at(at, 8)
        if len(header) < 8 or not _is_name(header[:4]):
            return
        name, size_bytes = struct.unpack(f"{byte_order}4sI", header)
        if name == b"ds64":
            long_sizes = _long_sizes(audio.read_at(at + 8, min(size_bytes, _DS64_BYTES)))
        if size_bytes == _SEE_DS64:
            size_bytes = long_sizes.get(name, size_bytes)
        yield Chunk(name, at + 8, size_bytes)
        at += 8 + size_bytes + size_bytes % 2
        if at > audio.size_bytes:
            return


def _is_name(four: bytes) -> bool:
    return four.isascii() and four.decode().isprintable()


def _long_sizes(ds64: bytes) -> dict[bytes, int]:
    """The sizes that need 64 bits, by chunk: first that of the sound, then those in a table."""
    if len(ds64) < 28:
        return {}
    (sound_bytes,) = struct.unpack_from("<Q", ds64, 8)
    table = ds64[28 : 28 + (len(ds64) - 28) // 12 * 12]
    return {b"data": sound_bytes} | dict(struct.iter_unpack("<4sQ", table))


def sub_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks inside one, with what there is of their content."""
    at = 0
    while at + 8 <= len(content):
        name, size_bytes = struct.unpack_from("<4sI", content, at)
        yield name, content[at + 8 : at + 8 + size_bytes]
        at += 8 + size_bytes + size_bytes % 2
