"""The outline of a sound: as the format says, true to the samples, small whatever the length."""

from __future__ import annotations

import json
import tempfile
import tracemalloc
from array import array
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationfeed.audio.waveform import Outline, draw_waveform, samples_per_pixel
from stationfeed.errors import UnreadableMediaError
from tests.sounds import children, made_sounds, wav_bytes  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from tests.sounds import Sounds

STORY = PurePosixPath("episodes/tool-library/segment.wav")


def drawn(content: bytes, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        outline: dict[str, Any] = json.loads(draw_waveform(file, STORY, "wav", timedelta(seconds=seconds)))
        return outline


def test_it_is_the_format_that_players_know() -> None:
    """A second at full scale, one silent, half a one down to half of it."""
    samples = array("h", [32767, -32768] * 4000 + [0] * 8000 + [0, -16384] * 2000)
    outline = drawn(wav_bytes(samples, rate_hz=8000), 2.5)
    data = outline.pop("data")
    assert outline == {
        "version": 2, "channels": 1, "sample_rate": 8000, "samples_per_pixel": 400, "bits": 8, "length": 50,
    }  # fmt: skip
    assert data == [-128, 127] * 20 + [0, 0] * 20 + [-64, 0] * 10


def test_stereo_at_another_rate_is_drawn_as_one(sounds: Sounds) -> None:
    outline = drawn(sounds.path("music.wav").read_bytes(), 6)
    assert outline["length"] == 120
    assert len(outline["data"]) == 240
    assert all(low < 0 < high for low, high in zip(outline["data"][::2], outline["data"][1::2], strict=True))


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(seconds=1), 400),
        (timedelta(seconds=200), 400),
        (timedelta(seconds=201), 402),
        (timedelta(seconds=200.1), 401),
        (timedelta(hours=1), 7200),
        (timedelta(hours=12), 86400),
    ],
)
def test_what_is_long_has_longer_pixels(duration: timedelta, expected: int) -> None:
    assert samples_per_pixel(duration) == expected
    assert duration.total_seconds() * 8000 / expected <= 4000


@given(
    st.lists(st.integers(-32768, 32767), min_size=1, max_size=90),
    st.integers(1, 40),
    st.integers(1, 30),
)
def test_it_is_the_same_wherever_the_stream_is_cut(samples: list[int], pixel: int, block_bytes: int) -> None:
    pcm = array("h", samples).tobytes()
    outline = Outline(pixel)
    for at in range(0, len(pcm), block_bytes):
        outline.feed(pcm[at : at + block_bytes])
    pixels = [samples[at : at + pixel] for at in range(0, len(samples), pixel)]
    expected = [extreme >> 8 for one in pixels for extreme in (min(one), max(one))]
    assert json.loads(outline.as_json())["data"] == expected


def test_it_needs_no_more_memory_than_its_outline() -> None:
    outline = Outline(samples_per_pixel(timedelta(hours=1)))
    second = array("h", range(-4000, 4000)).tobytes()
    tracemalloc.start()
    for _ in range(300):
        outline.feed(second)
    assert tracemalloc.get_traced_memory()[1] < 200_000
    tracemalloc.stop()
    assert json.loads(outline.as_json())["length"] == 334


@pytest.mark.parametrize("content", [b"", b"text " * 1000, bytes(3000)], ids=["empty", "text", "zeros"])
def test_what_is_no_sound_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableMediaError) as caught:
        drawn(content, 1)
    assert caught.value.path == STORY
    assert children() == set()


def test_it_is_the_same_twice(sounds: Sounds) -> None:
    content = sounds.path("speech.wav").read_bytes()
    assert drawn(content, 9) == drawn(content, 9)
