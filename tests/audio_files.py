"""Short audio files made by the real ffmpeg, each once a session, and frames of mp3 made by hand."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import imageio_ffmpeg  # type: ignore[import-untyped] # it ships no types
import pytest

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 4.0
_NOISE_THEN_TONE = "anoisesrc=d=1.5:seed=7:a=0.3[a];sine=f=440:d=2.5[b];[a][b]concat=n=2:v=0:a=1"
_MONO = ("-ac", "1")
_STEREO = ("-ac", "2", "-ar", "44100")
_RECIPES: dict[str, tuple[str, ...]] = {
    "cbr.mp3": ("-b:a", "128k", *_STEREO),
    "mono.mp3": ("-b:a", "64k", *_MONO),
    "mpeg2.mp3": ("-ar", "22050", "-b:a", "48k", *_MONO),
    "mpeg2_stereo.mp3": ("-ar", "24000", "-b:a", "64k", "-ac", "2"),
    "mpeg25.mp3": ("-ar", "8000", "-b:a", "16k", *_MONO),
    "vbr.mp3": ("-q:a", "2", *_STEREO),
    "vbr_no_xing.mp3": ("-q:a", "2", "-write_xing", "0", *_STEREO),
    "cbr_no_xing.mp3": ("-b:a", "128k", "-write_xing", "0", *_STEREO),
    "no_tags.mp3": ("-b:a", "128k", "-id3v2_version", "0", *_STEREO),
    "index_first.m4a": ("-b:a", "96k", "-movflags", "+faststart", *_STEREO),
    "index_last.m4a": ("-b:a", "96k", *_STEREO),
    "low.m4a": ("-ar", "22050", "-b:a", "48k", *_MONO),
    "lossless.m4a": ("-c:a", "alac", *_STEREO),
    "fragments.m4a": ("-movflags", "frag_keyframe+empty_moov", "-f", "mp4"),
    "opus_inside.m4a": ("-ar", "48000", "-c:a", "libopus", "-f", "mp4"),
    "tone.wav": _STEREO,
    "tone.aiff": _STEREO,
    "tone.flac": _STEREO,
    "tone.ogg": ("-c:a", "libvorbis", *_STEREO),
    "tone.opus": ("-ar", "48000", "-ac", "2"),
    "tone.mp2": ("-b:a", "192k", *_STEREO),
    "tone.aac": ("-b:a", "96k", *_STEREO),
}


class AudioFiles:
    """Four seconds of noise and tone in every format, made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            run_ffmpeg("-f", "lavfi", "-i", _NOISE_THEN_TONE, *_RECIPES[name], str(path))
        return path

    def read(self, name: str) -> bytes:
        return self.path(name).read_bytes()


def run_ffmpeg(*arguments: str) -> str:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def decoded_seconds(path: Path) -> float:
    """How long ffmpeg plays the file when it decodes all of it."""
    progress = run_ffmpeg("-i", f"file:{path}", "-progress", "pipe:1", "-f", "null", "-")
    times = [line.partition("=")[2] for line in progress.splitlines() if line.startswith("out_time_us=")]
    return int(times[-1]) / 1_000_000


def silent_frames(count: int) -> bytes:
    """Frames of MPEG 2.5 layer III, 8 kbit/s at 8000 Hz: 72 bytes and 72 milliseconds each."""
    return (b"\xff\xe3\x18\xc4" + bytes(68)) * count


@pytest.fixture(scope="session", name="audio_files")
def made_audio_files(tmp_path_factory: pytest.TempPathFactory) -> AudioFiles:
    return AudioFiles(tmp_path_factory.mktemp("audio"))
