"""Sounds made by the real ffmpeg, each once a session, and an ear of our own: what a plain ffmpeg says of a file."""

from __future__ import annotations

import re
import subprocess
from array import array
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import imageio_ffmpeg  # type: ignore[import-untyped] # it ships no types
import pytest

from stationfeed.audio.loudness import listen
from stationfeed.audio.programme import Master
from tests.audio_files import run_ffmpeg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.model.rendition import AudioKind

_BURSTS = "anoisesrc=d={d}:c=pink:r={r}:seed=3:a=0.7,tremolo=f=3.1:d=0.9,tremolo=f=0.3:d=0.8"
_CHORD = "+".join(f"0.15*sin(2*PI*{hz}*t)" for hz in (220, 277.2, 329.6))
_DRUMS = "0.5*(random({n})-.5)*exp(-30*mod(t,0.25))+0.5*sin(2*PI*70*t)*exp(-10*mod(t,0.5))"
_WIDE = (
    "anoisesrc=d=3:c=pink:r=44100:seed=4:a=0.5,lowpass=f=3000,asplit[a][b];[b]adelay=50[c];"
    "[a][c]join=inputs=2:channel_layout=stereo"
)
_RECIPES: dict[str, tuple[str, ...]] = {
    "speech.wav": (_BURSTS.format(d=9, r=44100), "-ac", "2"),
    "mono.wav": (_BURSTS.format(d=5, r=48000), "-ac", "1"),
    "low.wav": (_BURSTS.format(d=4, r=8000), "-ac", "1"),
    "music.wav": (f"aevalsrc='{_CHORD}|{_CHORD}+0.1*sin(2*PI*5*t)*sin(2*PI*660*t)':d=6:s=48000",),
    "drums.flac": (f"aevalsrc='{_DRUMS.format(n=0)}|{_DRUMS.format(n=1)}':d=6:s=44100",),
    "clipped.wav": (_BURSTS.format(d=4, r=32000) + ",volume=14dB", "-ac", "2"),
    "soft.wav": (_BURSTS.format(d=5, r=44100) + ",volume=-24dB", "-ac", "2"),
    "hiss.wav": ("anoisesrc=d=4:c=white:r=44100:seed=5:a=0.8,tremolo=f=4:d=0.9", "-ac", "2"),
    "wide.wav": (_WIDE,),
    "silence.wav": ("anullsrc=d=4:r=44100:cl=stereo",),
    "pauses.wav": ("anoisesrc=d=3:r=44100:a=0.3:seed=1,adelay=1300,apad=pad_dur=2",),
    "blip.wav": ("anoisesrc=d=0.2:r=44100:a=0.5:seed=2", "-metadata", "title=Not for the public"),
    "long.flac": (_BURSTS.format(d=66, r=44100), "-ac", "2"),
    "ident.wav": ("aevalsrc='0.05*sin(2*PI*440*t)*(1+sin(2*PI*3*t))':d=2.34567:s=48000", "-ac", "2"),
}  # fmt: skip


class Sounds:
    """Sounds by name, made when first asked for; and as masters that were listened to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            source, *options = _RECIPES[name]
            run_ffmpeg("-f", "lavfi", "-i", source, *options, str(path))
        return path

    @contextmanager
    def master(self, name: str) -> Iterator[Master]:
        with open_master(self.path(name)) as master:
            yield master


@contextmanager
def open_master(path: Path) -> Iterator[Master]:
    kind: AudioKind = path.suffix[1:]  # type: ignore[assignment]
    with path.open("rb") as file:
        heard = listen(file, PurePosixPath(path.name), kind)
        yield Master(file=file, path=PurePosixPath(path.name), kind=kind, heard=heard)


@pytest.fixture(scope="session", name="sounds")
def made_sounds(tmp_path_factory: pytest.TempPathFactory) -> Sounds:
    return Sounds(tmp_path_factory.mktemp("sounds"))


def meter(path: Path) -> tuple[float, float]:
    """Loudness in LUFS and true peak in dBTP, as the summary of a plain run gives them."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-i", f"file:{path}"]
    command += ["-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    (lufs,) = re.findall(r"\n    I: +(\S+) LUFS", said)
    (peak,) = re.findall(r"\n    Peak: +(\S+) dBFS", said)
    return float(lufs), float(peak)


def decode(path: Path, channels: int = 1, options: tuple[str, ...] = ()) -> array[int]:
    """All samples, with 16 bits, as a plain run gives them; mixed to so many channels."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", *options, "-i", f"file:{path}"]
    command += ["-ac", str(channels), "-c:a", "pcm_s16le", "-f", "s16le", "-"]
    return array("h", subprocess.run(command, check=True, capture_output=True).stdout)


def wav_bytes(samples: array[int], rate_hz: int = 44100, channels: int = 1) -> bytes:
    """A WAV with 16 bits, made by hand."""
    data = samples.tobytes()
    header = b"WAVEfmt " + (16).to_bytes(4, "little") + (1).to_bytes(2, "little")
    header += channels.to_bytes(2, "little") + rate_hz.to_bytes(4, "little")
    header += (rate_hz * channels * 2).to_bytes(4, "little") + (channels * 2).to_bytes(2, "little")
    header += (16).to_bytes(2, "little") + b"data" + len(data).to_bytes(4, "little")
    return b"RIFF" + (len(header) + len(data)).to_bytes(4, "little") + header + data


def children() -> set[int]:
    """The processes that this one has started and that are not yet dead and buried."""
    found: set[int] = set()
    for listed in Path("/proc/self/task").glob("*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found.update(map(int, listed.read_text().split()))
    return found


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
