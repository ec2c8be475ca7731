"""Two runs of an MP3 encoder over the same sound, joined between two frames so that nobody can hear it.

Frames are cut from a common stream of bits (ISO/IEC 11172-3, 2.4.1.7 and 2.4.2.7): a frame's sound may begin in the
bytes of frames before it, `main_data_begin` bytes back. Where one run gives way to the other, those bytes of the
second run are laid into the space that the first one leaves unused there, so no frame loses anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from stationfeed.audio.frames import FARTHEST_FRAMES

_HEADER_BYTES = 4
_GRANULE_BITS = 59
_BLOCK_BITS_AT = 33  # window_switching_flag, then block_type and mixed_block_flag where that is set


@dataclass(frozen=True, slots=True)
class SideInfo:
    """What a frame's side information says of its neighbours; MPEG 1, layer III, without a checksum."""

    length: int
    main_data_begin: int
    blocks: tuple[int, ...]


def side_info(frame: bytes) -> SideInfo:
    is_mono = frame[3] >> 6 == 3
    length, channels, private_bits = (17, 1, 5) if is_mono else (32, 2, 3)
    bits = int.from_bytes(frame[_HEADER_BYTES : _HEADER_BYTES + length], "big")

    def read(at: int, count: int) -> int:
        return bits >> (8 * length - at - count) & ((1 << count) - 1)

    first = 9 + private_bits + 4 * channels
    blocks = (read(first + _GRANULE_BITS * number + _BLOCK_BITS_AT, 4) for number in range(2 * channels))
    return SideInfo(length, read(0, 9), tuple(block if block & 8 else 0 for block in blocks))


def find_joint(first: list[bytes], second: list[bytes]) -> int | None:
    """The number of the frame from which the second run may go on, where both hold the same stretch of sound.

    Best is where both runs wrote the same; else both must cut the sound into the same blocks there, so that what
    overlaps still cancels out, and the first must leave the second enough room. None where there is no such place.
    """
    numbers = range(FARTHEST_FRAMES, len(first))
    same = (one for one in numbers if first[one - 1 : one + 1] == second[one - 1 : one + 1])
    fitting = (one for one in numbers if _fits(first, second, one))
    return next((one for one in same if _fits(first, second, one)), None) or next(fitting, None)


def _fits(first: list[bytes], second: list[bytes], number: int) -> bool:
    before = [side_info(run[number - 1]).blocks for run in (first, second)]
    here, there = side_info(first[number]), side_info(second[number])
    is_same_cut = before[0] == before[1] and here.blocks == there.blocks
    return is_same_cut and there.main_data_begin <= here.main_data_begin


def bridge(first: list[bytes], second: list[bytes], joint: int) -> list[bytes]:
    """The last frames of the first run, with the bytes in them that the second run's next frames need."""
    begin = joint - FARTHEST_FRAMES
    needed_bytes = side_info(second[joint]).main_data_begin
    lent = b"".join(_main_data(frame) for frame in second[begin:joint])
    return _overlaid(first[begin:joint], lent[len(lent) - needed_bytes :])


def _main_data(frame: bytes) -> bytes:
    return frame[_HEADER_BYTES + side_info(frame).length :]


def _overlaid(frames: list[bytes], tail: bytes) -> list[bytes]:
    """The frames with the end of their main data replaced."""
    overlaid: list[bytes] = []
    for frame in reversed(frames):
        room = len(_main_data(frame))
        taken = min(room, len(tail))
        overlaid.append(frame[: len(frame) - taken] + tail[len(tail) - taken :])
        tail = tail[: len(tail) - taken]
    return overlaid[::-1]
