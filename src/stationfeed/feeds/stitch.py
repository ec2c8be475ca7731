"""One valid gzip stream out of pieces that were compressed on their own.

Each piece is raw deflate that ends on a byte boundary (RFC 1951, a flush) and refers to nothing before it, so pieces
stand side by side in a single gzip member (RFC 1952) whose checksum is combined from theirs. A change to one item
costs that item and a copy of the rest. Several gzip members would be simpler, but curl and others refuse them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from zlib_ng import zlib_ng

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEVEL = 6
# Deflate, no flags, no time, no extra flags, unknown system: the same bytes on every machine.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a document, compressed; `digest` names the plain bytes of each part it was joined from."""

    deflated: bytes
    crc: int
    length: int
    digest: bytes


def compress_segment(data: bytes) -> Segment:
    deflater = zlib_ng.compressobj(LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    deflated = deflater.compress(data) + deflater.flush(zlib_ng.Z_SYNC_FLUSH)
    return Segment(deflated, zlib_ng.crc32(data), len(data), blake2b(data, digest_size=16).digest())


def join_segments(segments: Sequence[Segment]) -> Segment:
    """Several pieces as one."""
    crc, length = _checksum(segments)
    deflated = b"".join([segment.deflated for segment in segments])
    return Segment(deflated, crc, length, b"".join([segment.digest for segment in segments]))


def gzip_parts(segments: Sequence[Segment]) -> list[bytes]:
    """The gzip form of the segments' plain bytes, in parts to be sent one after the other."""
    crc, length = _checksum(segments)
    trailer = struct.pack("<II", crc, length & 0xFFFFFFFF)
    return [_GZIP_HEADER, *[segment.deflated for segment in segments], _LAST_BLOCK + trailer]


def _checksum(segments: Sequence[Segment]) -> tuple[int, int]:
    """The checksum and the length of all plain bytes together, from those of each."""
    combine = zlib_ng.crc32_combine
    crc = length = 0
    for segment in segments:
        crc = combine(crc, segment.crc, segment.length)
        length += segment.length
    return crc, length


def stitch_gzip(segments: Sequence[Segment]) -> bytes:
    """The gzip form of the segments' plain bytes as a whole."""
    return b"".join(gzip_parts(segments))


def plain_bytes(segments: Iterable[Segment]) -> bytes:
    return b"".join(
        zlib_ng.decompressobj(-zlib_ng.MAX_WBITS).decompress(segment.deflated) for segment in segments
    )


def fingerprint(segments: Iterable[Segment]) -> str:
    """A name for the plain bytes of the segments, for a strong ETag."""
    return blake2b(b"".join([segment.digest for segment in segments]), digest_size=16).hexdigest()
