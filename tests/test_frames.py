"""An MP3 decoded from its middle on sounds as if it had been decoded from its beginning."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest

from stationfeed.audio.ffmpeg import sound_file
from stationfeed.audio.frames import Frames
from tests.audio_files import run_ffmpeg
from tests.sounds import decode

if TYPE_CHECKING:
    from pathlib import Path

STORY = PurePosixPath("episodes/tool-library/segment.mp3")
NOISE = "anoisesrc=d=20:c=pink:r={rate}:seed=4:a=0.6,tremolo=f=2:d=0.9"
ENCODERS = {
    "cbr": (44100, "-b:a", "128k"),
    "cbr_32k_mono": (44100, "-ac", "1", "-b:a", "32k"),
    "cbr_320k": (48000, "-ac", "2", "-b:a", "320k"),
    "vbr": (44100, "-ac", "2", "-q:a", "5"),
    "mpeg_2": (22050, "-b:a", "48k"),
}


def encoded(folder: Path, name: str, *more: str) -> Path:
    rate, *options = ENCODERS[name]
    source = NOISE.format(rate=rate)
    run_ffmpeg(
        "-f", "lavfi", "-i", source, *map(str, options), "-id3v2_version", "0", *more, str(folder / "a.mp3")
    )
    return folder / "a.mp3"


@pytest.mark.parametrize("sample", [20_000, 199_999, 200_000, 430_000])
@pytest.mark.parametrize("name", ENCODERS)
def test_from_the_sample_on_it_is_the_same_sound(tmp_path: Path, name: str, sample: int) -> None:
    path = encoded(tmp_path, name)
    with path.open("rb") as file:
        frames = Frames.of(file)
        assert frames is not None
        landing = frames.land(sound_file(file, STORY, "mp3"), sample)
    assert 0 < landing.sample <= sample
    assert sample - landing.sample < 13 * frames.form.samples
    whole, part = decode(path), decode(path, 1, landing.source.options)
    assert landing.end == len(whole)
    there = part[sample - landing.sample : landing.end - landing.sample]
    assert there == whole[sample:]


def test_near_the_beginning_it_is_decoded_from_there(tmp_path: Path) -> None:
    with encoded(tmp_path, "cbr").open("rb") as file:
        frames, source = Frames.of(file), sound_file(file, STORY, "mp3")
        assert frames is not None
        for sample in (0, 1, 10_000):
            landing = frames.land(source, sample)
            assert (landing.source, landing.sample, landing.end) == (source, 0, None)


@pytest.mark.parametrize("more", [("-write_xing", "0"), ("-id3v2_version", "3", "-metadata", "title=A")])
def test_what_does_not_tell_its_ends_is_decoded_from_the_beginning(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    with encoded(tmp_path, "cbr", *more).open("rb") as file:
        assert Frames.of(file) is None


def test_an_encoder_that_does_not_tell_its_delay_is_decoded_from_the_beginning(tmp_path: Path) -> None:
    path = encoded(tmp_path, "cbr")
    content = path.read_bytes()
    assert content.count(b"Lavc") == 1
    path.write_bytes(content.replace(b"Lavc", b"Else"))
    with path.open("rb") as file:
        assert Frames.of(file) is None


@pytest.mark.parametrize("at", [5_000, 100_000])
@pytest.mark.parametrize(
    "junk", [b"\0" * 3000, b"\xff" * 3000, b"ID3 and so on, for three sentences and more."]
)
def test_what_is_not_frames_to_its_end_is_decoded_from_the_beginning(
    tmp_path: Path, at: int, junk: bytes
) -> None:
    path = encoded(tmp_path, "cbr")
    content = path.read_bytes()
    path.write_bytes(content[:at] + junk + content[at:])
    with path.open("rb") as file:
        assert Frames.of(file) is None
    path.write_bytes(content[:-10])
    with path.open("rb") as file:
        assert Frames.of(file) is None
