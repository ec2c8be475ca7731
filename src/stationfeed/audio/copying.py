"""Bytes of an open audio file, copied in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.opened import BLOCK_BYTES

if TYPE_CHECKING:
    from stationfeed.audio.opened import OpenAudio


def copy_between(audio: OpenAudio, begin: int, end: int, out: BinaryIO) -> None:
    """Write the bytes from `begin` up to `end`; refuses a file that has become shorter."""
    audio.file.seek(begin)
    left_bytes = end - begin
    while left_bytes:
        block = audio.file.read(min(BLOCK_BYTES, left_bytes))
        if not block:
            raise audio.refusal("became shorter while it was read")
        out.write(block)
        left_bytes -= len(block)
