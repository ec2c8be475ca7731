"""Long masters for the audio figures: made-up voices, and noise of the same rhythm, which is hard on an encoder."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.audio.ffmpeg import ffmpeg_program
from stationfeed.audio.loudness import listen
from stationfeed.audio.programme import Master

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.model.rendition import AudioKind

_HARMONICS = (
    (1, 0.5), (2, 0.6), (3, 0.8), (4, 0.9), (5, 0.7), (6, 0.4), (8, 0.3), (11, 0.3), (14, 0.25), (19, 0.2), (22, 0.15),
)  # fmt: skip
_TONE = "+".join(f"{weight}*sin(2*PI*{number}*(118*t+2.2*sin(2*PI*0.45*t)))" for number, weight in _HARMONICS)
_SYLLABLES = "exp(-7*mod(t,0.23))*(0.25+0.75*lt(mod(t,2.9),0.7))*lt(mod(t,7.3),6.1)"
_CONSONANTS = "0.5*(random(0)-0.5)*exp(-30*mod(t+0.1,0.46))"
VOICES = f"aevalsrc='0.12*(({_TONE})*{_SYLLABLES}+{_CONSONANTS})':d=60:s=44100"
"""Peaks 18 dB above the loudness: a limiter has to work, as on real voices."""
BURSTS = "anoisesrc=d=60:c=pink:r=44100:seed=3:a=0.7,tremolo=f=3.1:d=0.9,tremolo=f=0.3:d=0.8"
_WIDE = "asplit[a][b];[b]adelay=3,volume=-2dB[c];[a][c]join=inputs=2:channel_layout=stereo"


@dataclass(frozen=True, slots=True)
class Recording:
    path: Path
    minutes: int
    channels: int

    def heard(self) -> Master:
        """Opened and listened to; the file is closed with the process."""
        kind: AudioKind = "flac" if self.path.suffix == ".flac" else "wav"
        file = self.path.open("rb")
        path = PurePosixPath(self.path.name)
        return Master(file=file, path=path, kind=kind, heard=listen(file, path, kind))


def record(folder: Path, source: str, minutes: int, channels: int) -> Recording:
    """A minute of it, over and over."""
    minute = folder / "minute.wav"
    path = folder / f"{minutes}-{channels}-{len(source)}.wav"
    run("-f", "lavfi", "-i", source, *(("-af", _WIDE) if channels == 2 else ()), str(minute))
    run("-stream_loop", str(minutes - 1), "-i", str(minute), "-c", "copy", str(path))
    return Recording(path, minutes, channels)


def record_silence(folder: Path, hours: int) -> Recording:
    path = folder / "silence.flac"
    run("-f", "lavfi", "-i", f"anullsrc=r=8000:cl=mono:d={hours * 3600}", "-frame_size", "65535", str(path))
    return Recording(path, hours * 60, 1)


def run(*arguments: str) -> str:
    command = [ffmpeg_program(), "-nostdin", "-hide_banner", "-v", "info", "-nostats", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr
