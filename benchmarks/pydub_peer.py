"""`python -m benchmarks.pydub_peer IN OUT`: what many write first, pydub with pyloudnorm, all of it in memory."""

from __future__ import annotations

import sys

import numpy as np
import pyloudnorm
from pydub import AudioSegment  # type: ignore[import-untyped]

from stationfeed.audio.ffmpeg import ffmpeg_program

TARGET_LUFS = -16.0


def main(source: str, target: str) -> None:
    AudioSegment.converter = ffmpeg_program()
    sound = AudioSegment.from_wav(source)
    samples = np.array(sound.get_array_of_samples()).reshape(-1, sound.channels) / 32768
    lufs = pyloudnorm.Meter(sound.frame_rate).integrated_loudness(samples)
    sound.apply_gain(TARGET_LUFS - lufs).export(target, format="mp3", bitrate="128k").close()


if __name__ == "__main__":
    main(*sys.argv[1:])
