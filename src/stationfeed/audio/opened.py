"""An audio file that is open for reading: its bytes at an offset, and how to refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.errors import UnreadableMediaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

BLOCK_BYTES = 1024 * 1024
EXPORT_AGAIN = "Export it again from the audio editor, or copy it here once more."


@dataclass(frozen=True, slots=True)
class OpenAudio:
    file: BinaryIO
    path: PurePosixPath
    size_bytes: int

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes there; fewer where the file ends."""
        self.file.seek(offset)
        return self.file.read(length)

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """The whole file in order, each block with its offset; never what was added since it was opened."""
        offset = 0
        self.file.seek(0)
        while block := self.file.read(min(BLOCK_BYTES, self.size_bytes - offset)):
            yield offset, block
            offset += len(block)

    def refusal(self, reason: str, remedy: str = EXPORT_AGAIN) -> UnreadableMediaError:
        return UnreadableMediaError(self.path, reason, remedy)

    def cut_short(self, there_s: float, promised_s: float) -> UnreadableMediaError:
        return self.refusal(f"is cut short: {there_s:.1f} of {promised_s:.1f} seconds are there")
