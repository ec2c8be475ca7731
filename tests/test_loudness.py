"""What is heard in a sound: true for good ones, by another meter's word; a plain refusal for all others."""

from __future__ import annotations

import math
import re
import tempfile
import zipfile
from array import array
from datetime import timedelta
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stationfeed.audio import listening
from stationfeed.audio.loudness import decide_gain, listen
from stationfeed.audio.meter import Meter, integrated_lufs, put_together, range_lu
from stationfeed.errors import AudioError, UnreadableMediaError
from stationfeed.model.rendition import Loudness, LoudnessTarget
from tests.audio_files import made_audio_files, run_ffmpeg  # noqa: F401 - a fixture
from tests.sounds import children, decode, made_sounds, meter, wav_bytes  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from stationfeed.model.rendition import AudioKind, Heard
    from tests.audio_files import AudioFiles
    from tests.sounds import Sounds

STORY = PurePosixPath("episodes/tool-library/segment.wav")
KINDS: dict[str, AudioKind] = {
    "cbr.mp3": "mp3", "vbr.mp3": "mp3", "vbr_no_xing.mp3": "mp3", "mpeg25.mp3": "mp3", "index_last.m4a": "m4a",
    "lossless.m4a": "m4a", "fragments.m4a": "m4a", "tone.wav": "wav", "tone.aiff": "aiff", "tone.flac": "flac",
    "tone.ogg": "ogg", "tone.opus": "opus", "tone.mp2": "mp2", "tone.aac": "aac",
}  # fmt: skip
NO_CLAIM = {"vbr_no_xing.mp3"}
"""Frames to the end, and nothing that says how many: a cut between two of them cannot be known."""


def heard_in(path: Path, kind: AudioKind = "wav") -> Heard:
    with path.open("rb") as file:
        return listen(file, STORY, kind)


def refusal_of(content: bytes, kind: AudioKind = "wav") -> str:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        with pytest.raises(UnreadableMediaError) as caught:
            listen(file, STORY, kind)
    assert caught.value.path == STORY
    assert caught.value.remedy.endswith(".")
    assert children() == set()
    return caught.value.reason


def is_peak(found: float | None, other_dbtp: float) -> bool:
    """The other meter looks 192,000 times a second, past the very samples of 44,100: it may see a little less."""
    return found is not None and -0.06 <= found - other_dbtp <= (0.2 if other_dbtp > -20 else 0.3)


@pytest.mark.parametrize(
    "name", ["speech.wav", "mono.wav", "low.wav", "music.wav", "drums.flac", "clipped.wav", "soft.wav"]
)
def test_loudness_and_peak_are_those_of_another_meter(sounds: Sounds, name: str) -> None:
    path = sounds.path(name)
    found = heard_in(path, "flac" if name.endswith("flac") else "wav").loudness
    lufs, peak = meter(path)
    assert found.loudness_lufs == pytest.approx(lufs, abs=0.06)
    assert is_peak(found.true_peak_dbtp, peak)


def test_a_long_sound_heard_in_parts_is_heard_the_same(
    sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sounds.path("long.flac")
    in_parts = heard_in(path, "flac")
    monkeypatch.setattr(listening, "core_count", lambda: 1)
    assert len(listening.parts_of(in_parts.duration)) == 1
    assert heard_in(path, "flac") == in_parts
    assert in_parts.duration == timedelta(seconds=66)
    assert in_parts.loudness.loudness_lufs == pytest.approx(meter(path)[0], abs=0.06)


def test_a_sine_of_minus_23_is_minus_23() -> None:
    """EBU Tech 3341, case 1."""
    peak = 32768 * 10 ** (-23 / 20)
    sine = array("h", (round(peak * math.sin(2 * math.pi * 1000 * at / 48000)) for at in range(48000 * 3)))
    with tempfile.TemporaryFile() as file:
        file.write(wav_bytes(array("h", (one for one in sine for _ in range(2))), 48000, 2))
        file.flush()
        found = listen(file, STORY, "wav")
    assert found.loudness.loudness_lufs == pytest.approx(-23.0, abs=0.05)
    assert found.loudness.true_peak_dbtp == pytest.approx(-23.0, abs=0.15)


@pytest.mark.parametrize(
    ("samples_a_wave", "phase", "height", "dbtp"),
    [
        (4, 0.0, 0.5, -6.0),
        (4, 45.0, 0.5, -6.0),
        (6, 60.0, 0.5, -6.0),
        (8, 67.5, 0.5, -6.0),
        (4, 45.0, 1.41, 3.0),
    ],
)
@pytest.mark.parametrize("rate_hz", [8000, 44100, 48000, 96000])
def test_peaks_between_the_samples_are_found(
    tmp_path: Path, rate_hz: int, samples_a_wave: int, phase: float, height: float, dbtp: float
) -> None:
    """EBU Tech 3341, cases 15 to 19, with their tolerance; softly begun and ended, since a hard edge is a peak itself."""
    wave = f"{height}*min(1,min(4*t,6-4*t))*sin(2*PI*n/{samples_a_wave}+{phase}*PI/180)"
    source = f"aevalsrc='{wave}':s={rate_hz}:d=1.5"
    run_ffmpeg("-f", "lavfi", "-i", source, "-c:a", "pcm_f32le", str(tmp_path / "a.wav"))
    found = heard_in(tmp_path / "a.wav").loudness.true_peak_dbtp
    assert found is not None
    assert -0.4 <= found - dbtp <= 0.2


@pytest.mark.parametrize("seconds", [3.03, 63.07])
def test_a_peak_in_the_last_samples_is_found(tmp_path: Path, seconds: float) -> None:
    silent, loud = round(seconds * 44100), (23170, 23170, -23170, -23170)
    (tmp_path / "a.wav").write_bytes(wav_bytes(array("h", [0] * silent + [*loud] * 3)))
    found = heard_in(tmp_path / "a.wav").loudness.true_peak_dbtp
    assert found is not None
    assert -0.4 <= found <= 1.6


def test_a_peak_that_is_not_told_is_not_taken_for_silence(
    sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stationfeed.audio.meter._TRUE_PEAK", re.compile("in other words"))
    with pytest.raises(AudioError, match="did not say how high its peaks are"):
        heard_in(sounds.path("mono.wav"))


@pytest.mark.parametrize("name", KINDS)
def test_the_duration_counts_the_decoded_samples(audio_files: AudioFiles, name: str) -> None:
    path = audio_files.path(name)
    found = heard_in(path, KINDS[name])
    samples = len(decode(path, found.channels)) // found.channels
    assert round(found.duration.total_seconds() * found.sample_rate_hz) == samples


@pytest.mark.parametrize("count", [44100, 44101, 50003, 123457])
def test_the_duration_is_exact_to_the_sample(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(array("h", [100, -100] * (count // 2) + [7] * (count % 2))))
    assert round(heard_in(path).duration.total_seconds() * 44100) == count


@pytest.mark.parametrize("seconds", [61, 75, 91])
def test_the_duration_is_exact_where_it_is_counted_in_parts(tmp_path: Path, seconds: int) -> None:
    run_ffmpeg("-f", "lavfi", "-i", f"anullsrc=r=44100:cl=mono:d={seconds}", str(tmp_path / "a.flac"))
    assert heard_in(tmp_path / "a.flac", "flac").duration == timedelta(seconds=seconds)


def test_rate_and_channels_are_those_of_the_file(sounds: Sounds) -> None:
    found = [heard_in(sounds.path(name)) for name in ("mono.wav", "low.wav", "speech.wav")]
    assert [(one.sample_rate_hz, one.channels) for one in found] == [(48000, 1), (8000, 1), (44100, 2)]


def test_five_channels_and_a_woofer_are_heard_mixed_down(tmp_path: Path) -> None:
    run_ffmpeg(
        "-f", "lavfi", "-i", "sine=d=2:r=48000", "-af", "aformat=channel_layouts=5.1", str(tmp_path / "a.wav")
    )
    run_ffmpeg("-i", str(tmp_path / "a.wav"), "-ac", "2", "-c:a", "pcm_f32le", str(tmp_path / "b.wav"))
    found = heard_in(tmp_path / "a.wav")
    assert found.channels == 6
    assert found.loudness.loudness_lufs == pytest.approx(meter(tmp_path / "b.wav")[0], abs=0.06)


def test_silence_has_no_loudness(sounds: Sounds) -> None:
    found = heard_in(sounds.path("silence.wav"))
    assert found.loudness == Loudness(loudness_lufs=None, range_lu=0.0, true_peak_dbtp=None)
    assert found.silence_before == found.silence_after == found.duration == timedelta(seconds=4)


def test_a_long_silence_is_as_good_as_a_second(tmp_path: Path) -> None:
    source = "anullsrc=r=8000:cl=mono:d=1200"
    run_ffmpeg("-f", "lavfi", "-i", source, "-frame_size", "65535", str(tmp_path / "a.flac"))
    found = heard_in(tmp_path / "a.flac", "flac")
    assert (found.loudness.loudness_lufs, found.duration) == (None, timedelta(minutes=20))


def test_silence_at_the_ends_is_told(sounds: Sounds) -> None:
    found = heard_in(sounds.path("pauses.wav"))
    assert found.silence_before.total_seconds() == pytest.approx(1.3, abs=0.11)
    assert found.silence_after.total_seconds() == pytest.approx(2.0, abs=0.11)


def test_without_silence_at_the_ends_none_is_told(sounds: Sounds) -> None:
    found = heard_in(sounds.path("hiss.wav"))
    assert found.silence_before == found.silence_after == timedelta()


def test_samples_at_full_scale_are_counted(tmp_path: Path) -> None:
    left = [0, 3000, -3000, 50] * 4000 + [32767] * 30 + [-32768] * 12
    right = [0, 9000, -3000, 50] * 4000 + [100] * 42
    path = tmp_path / "a.wav"
    path.write_bytes(
        wav_bytes(array("h", (one for pair in zip(left, right, strict=True) for one in pair)), channels=2)
    )
    assert heard_in(path).clipped_samples == 42


def test_a_loud_sound_below_full_scale_has_no_clips(sounds: Sounds) -> None:
    assert heard_in(sounds.path("speech.wav")).clipped_samples == 0
    assert heard_in(sounds.path("clipped.wav")).clipped_samples > 100


def test_a_fifth_of_a_second_is_a_sound(sounds: Sounds) -> None:
    found = heard_in(sounds.path("blip.wav"))
    assert found.duration == timedelta(seconds=0.2)
    assert found.loudness.loudness_lufs is None
    assert is_peak(found.loudness.true_peak_dbtp, meter(sounds.path("blip.wav"))[1])


# What is refused.


def picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (60, 60), "red").save(content, "PNG")
    return content.getvalue()


def archive() -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        zipped.writestr("a.txt", "text " * 1000)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["mp3", "wav", "m4a", "flac", "ogg", "aiff", "aac", "mp2", "opus"])
@pytest.mark.parametrize(
    "content", [b"", b"a story about tools\n" * 500, picture(), archive(), bytes(5000)], ids=range(5)
)
def test_what_is_no_sound_is_refused(content: bytes, kind: AudioKind) -> None:
    assert refusal_of(content, kind).startswith(("cannot be decoded", "has no sound in it", "is cut short"))


@pytest.mark.parametrize("name", sorted(KINDS.keys() - NO_CLAIM))
@pytest.mark.parametrize("part", [0.3, 0.61, 0.83])
def test_half_a_file_is_refused(audio_files: AudioFiles, name: str, part: float) -> None:
    content = audio_files.read(name)
    reason = refusal_of(content[: int(len(content) * part) | 1], KINDS[name])
    assert reason.startswith(("is cut short", "cannot be decoded"))


def test_more_channels_than_can_be_mixed_are_refused() -> None:
    content = wav_bytes(array("h", [one * 37 % 20000 for one in range(4410) for _ in range(32)]), channels=32)
    assert refusal_of(content) == "has more channels than can be mixed down to two"


def test_a_sound_that_changes_its_rate_midway_is_refused(audio_files: AudioFiles) -> None:
    content = audio_files.read("cbr_no_xing.mp3") + audio_files.read("mpeg2.mp3")
    assert refusal_of(content, "mp3") == "changes its sample rate or its number of channels midway"


def test_a_video_without_sound_is_refused(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "color=d=1:s=32x32", str(tmp_path / "a.mp4"))
    assert refusal_of((tmp_path / "a.mp4").read_bytes(), "m4a") == "has no sound in it"


def test_a_wav_written_into_a_pipe_has_no_length_and_is_taken(sounds: Sounds, tmp_path: Path) -> None:
    content = bytearray(sounds.path("mono.wav").read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "a.wav").write_bytes(content)
    assert heard_in(tmp_path / "a.wav").duration == timedelta(seconds=5)


# What is to be done.


@pytest.mark.parametrize(
    ("lufs", "peak_dbtp", "gain_db", "ceiling_dbtp"),
    [
        (-23.0, -12.0, 7.0, None),
        (-23.0, -9.5, 7.0, None),
        (-23.0, -9.4, 7.0, -2.5),
        (-10.0, 0.4, -6.0, None),
        (-16.0, 0.0, 0.0, -2.5),
        (None, None, 0.0, None),
        (None, -1.0, 0.0, -2.5),
    ],
)
def test_the_limiter_works_only_where_the_peaks_need_it(
    lufs: float | None, peak_dbtp: float | None, gain_db: float, ceiling_dbtp: float | None
) -> None:
    heard = Loudness(loudness_lufs=lufs, range_lu=3.0, true_peak_dbtp=peak_dbtp)
    gain = decide_gain(heard, LoudnessTarget())
    assert gain.gain_db == pytest.approx(gain_db)
    assert gain.limiter_ceiling_dbtp == ceiling_dbtp


@given(st.lists(st.floats(-120, 0), min_size=1, max_size=50), st.floats(-5, 0))
def test_what_is_louder_by_so_much_is_louder_by_so_much(momentary: list[float], softer: float) -> None:
    before = integrated_lufs(array("d", momentary))
    after = integrated_lufs(array("d", [one + softer for one in momentary if one >= -65]))
    if before is not None and after is not None and min(one for one in momentary) >= -65:
        assert after == pytest.approx(before + softer)


def test_pauses_do_not_count() -> None:
    speech, pause, hum = [-20.0] * 10, [-70.5] * 30, [-40.0] * 30
    assert integrated_lufs(array("d", speech + pause)) == pytest.approx(-20.0)
    assert integrated_lufs(array("d", speech + hum)) == pytest.approx(-20.0)
    assert integrated_lufs(array("d", pause)) is None


def test_the_range_is_that_between_soft_and_loud() -> None:
    """EBU Tech 3342, minimum requirements, case 1: 20 seconds each at -20 and -30."""
    assert range_lu(array("d", [-20.0] * 200 + [-30.0] * 200)) == pytest.approx(10.0)
    assert range_lu(array("d", [-20.0] * 200 + [-45.0] * 200)) == pytest.approx(0.0)


FRAME = "frame:{n}    pts:1\nlavfi.r128.M={m}\nlavfi.r128.S=-23.0\nlavfi.r128.sample_peak={p}\n"


def metered(frames: list[tuple[float, float]], skipped: int = 0, block_bytes: int = 7) -> Meter:
    text = "".join(FRAME.format(n=n, m=m, p=p) for n, (m, p) in enumerate(frames)).encode()
    meter = Meter(skipped)
    for at in range(0, len(text), block_bytes):
        meter.feed(text[at : at + block_bytes])
    return meter.end()


@given(st.integers(1, 400))
def test_the_meter_is_read_wherever_its_lines_are_cut(block_bytes: int) -> None:
    found = metered([(-120.0, 0.0), (-30.5, 0.1), (-20.5, 0.5)], block_bytes=block_bytes)
    assert (list(found.momentary), found.sample_peak, found.quiet_frames) == ([-120.0, -30.5, -20.5], 0.5, 1)


def test_parts_put_together_are_silent_up_to_the_first_sound() -> None:
    silent, loud = metered([(-120.0, 0.0)] * 5), metered([(-120.0, 0.0)] * 6 + [(-20.0, 0.9)], skipped=4)
    whole = put_together([silent, loud])
    assert (whole.quiet_frames, len(whole.momentary), whole.sample_peak) == (7, 8, 0.9)
    assert put_together([loud, silent]).quiet_frames == 2
    assert whole.true_peak is None
    silent.take_true_peak(
        ["[Parsed_astats_5 @ 0x7f] Overall", "[Parsed_astats_5 @ 0x7f] Peak level dB: -inf"]
    )
    assert put_together([loud, silent]).true_peak == 0.0
    loud.take_true_peak(["[Parsed_astats_5 @ 0x7f] Peak level dB: 0.915150"])
    assert put_together([loud, silent]).true_peak == pytest.approx(10 ** (0.91515 / 20))
    assert put_together([silent, loud]).true_peak == pytest.approx(10 ** (0.91515 / 20))
