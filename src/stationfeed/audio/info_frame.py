"""The first frame of an mp3, which tells players how long the sound is, to the sample (gabriel.mp3-tech.org/mp3infotag.html).

ffmpeg writes it for frames that it only copies, with all but the two numbers that its encoder would have told it.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.ffmpeg import Task, run_ffmpeg, sound_file
from stationfeed.audio.listening import patience

if TYPE_CHECKING:
    from stationfeed.audio.ffmpeg import Stop
    from stationfeed.audio.programme import Programme

FRAME_SAMPLES = 1152
LAME_DELAY = 576

_SIDE_INFO_BYTES = {True: 17, False: 32}
_ENCODER_AT = 120
_DELAY_AT = 141
_CHECKSUM_AT = 154
_ENCODER = b"Lavf lame"


def write_with_info_frame(programme: Programme, frames: BinaryIO, out: BinaryIO, stop: Stop | None) -> None:
    """Copy frames of the programme's sound into `out`, behind an info frame."""
    source = sound_file(frames, programme.take.master.path, "mp3")
    task = Task(
        path=source.path,
        inputs=(source,),
        graph=None,
        encoder=("-f", "mp3", "-id3v2_version", "0", "-write_xing", "1"),
        into=out,
        timeout=patience(source),
    )
    run_ffmpeg(task, stop=stop)
    _write_delay(out.fileno(), programme.samples)


def _write_delay(descriptor: int, samples: int) -> None:
    """How many samples at both ends are no part of the sound, by whom, and a checksum over all that comes before it."""
    head = bytearray(os.pread(descriptor, 4 + max(_SIDE_INFO_BYTES.values()) + _CHECKSUM_AT, 0))
    at = 4 + _SIDE_INFO_BYTES[head[3] >> 6 == 3]
    (frames,) = struct.unpack_from(">I", head, at + 8)
    padding = frames * FRAME_SAMPLES - LAME_DELAY - samples
    head[at + _ENCODER_AT : at + _ENCODER_AT + len(_ENCODER)] = _ENCODER
    head[at + _DELAY_AT : at + _DELAY_AT + 3] = (LAME_DELAY << 12 | padding).to_bytes(3, "big")
    checked = bytes(head[: at + _CHECKSUM_AT])
    os.pwrite(descriptor, checked + struct.pack(">H", checksum(checked)), 0)


def checksum(checked: bytes) -> int:
    """CRC-16 with the polynomial 0x8005, lowest bit first."""
    crc = 0
    for byte in checked:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
