"""Masters become renditions that are as loud as they should be, by another meter's word, and as long as they were."""

from __future__ import annotations

import os
import tempfile
import threading
from datetime import timedelta
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import mutagen
import pytest

from stationfeed.audio import segments, settling
from stationfeed.audio.boxes import top_level
from stationfeed.audio.encoders import encoder_of
from stationfeed.audio.ffmpeg import run_ffmpeg
from stationfeed.audio.frames import frame_offsets
from stationfeed.audio.joint import bridge, find_joint, side_info
from stationfeed.audio.listening import Looks, meter_all
from stationfeed.audio.loudness import decide_gain
from stationfeed.audio.meter import integrated_lufs
from stationfeed.audio.opened import OpenAudio
from stationfeed.audio.probe import probe_audio
from stationfeed.audio.programme import Programme, Take, form_of, stretch_task, treatment
from stationfeed.audio.render import Recipe, Rendered, render
from stationfeed.audio.segments import encode_in_segments, plan_segments
from stationfeed.audio.settling import settle_gain
from stationfeed.errors import AudioError, UnreadableMediaError
from stationfeed.model.config import Limits
from stationfeed.model.rendition import Encoding, LoudnessTarget
from stationfeed.model.words import Ordinal
from tests.sounds import children, decode, made_sounds, meter, open_descriptors, open_master  # noqa: F401

if TYPE_CHECKING:
    from array import array

    from stationfeed.audio.programme import Master
    from stationfeed.model.rendition import Codec
    from tests.sounds import Sounds

ENCODINGS = {
    "mp3": Encoding(),
    "m4a": Encoding(codec="aac", bitrate_kbps=Ordinal(96)),
    "opus": Encoding(codec="opus", bitrate_kbps=Ordinal(64)),
}
TARGET = LoudnessTarget()
RECIPE = Recipe(target=TARGET, encoding=Encoding())


def rendered(
    sounds: Sounds, name: str, out: Path, codec: str = "mp3", target: LoudnessTarget = TARGET
) -> Rendered:
    with sounds.master(name) as master, out.open("w+b") as file:
        return render(master, Recipe(target=target, encoding=ENCODINGS[codec]), file)


def duration_of(path: Path) -> timedelta:
    samples = decode(path, 1)
    rate = 48000 if path.suffix == ".opus" else mutagen.File(path).info.sample_rate
    return timedelta(seconds=len(samples) / rate)


@pytest.mark.parametrize("codec", ENCODINGS)
@pytest.mark.parametrize(
    "name",
    ["speech.wav", "mono.wav", "low.wav", "music.wav", "drums.flac", "clipped.wav", "soft.wav", "hiss.wav"],
)
def test_a_rendition_is_on_target_by_another_meter(
    sounds: Sounds, tmp_path: Path, name: str, codec: str
) -> None:
    out = tmp_path / f"a.{codec}"
    made = rendered(sounds, name, out, codec)
    lufs, peak = meter(out)
    assert lufs == pytest.approx(-16.0, abs=0.5)
    assert peak <= -1.0
    # The other meter says tenths, and leaves out the last piece of a tenth, which may move the gate.
    assert made.after.loudness_lufs == pytest.approx(lufs, abs=0.15)
    assert made.before.loudness_lufs == pytest.approx(meter(sounds.path(name))[0], abs=0.06)
    assert made.size_bytes == out.stat().st_size
    with sounds.master(name) as master:
        assert made.duration == pytest.approx(master.heard.duration, abs=timedelta(milliseconds=1))
    assert duration_of(out) == pytest.approx(made.duration, abs=timedelta(milliseconds=1))


@pytest.mark.parametrize(
    "target", [LoudnessTarget(loudness_lufs=-19.0, true_peak_dbtp=-3.0), LoudnessTarget(loudness_lufs=-23.0)]
)
def test_another_target_is_met_as_well(sounds: Sounds, tmp_path: Path, target: LoudnessTarget) -> None:
    rendered(sounds, "drums.flac", tmp_path / "a.mp3", target=target)
    lufs, peak = meter(tmp_path / "a.mp3")
    assert lufs == pytest.approx(target.loudness_lufs, abs=0.5)
    assert peak <= target.true_peak_dbtp


@pytest.mark.parametrize("codec", ENCODINGS)
def test_two_runs_give_the_same_bytes(sounds: Sounds, tmp_path: Path, codec: str) -> None:
    for name in ("a", "b"):
        rendered(sounds, "drums.flac", tmp_path / name, codec)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("codec", ["mp3", "m4a"])
def test_what_comes_out_is_what_the_probe_takes_for_publishable(
    sounds: Sounds, tmp_path: Path, codec: str
) -> None:
    out = tmp_path / f"a.{codec}"
    made = rendered(sounds, "mono.wav", out, codec)
    with out.open("rb") as file:
        facts = probe_audio(file, PurePosixPath(out.name), Limits())
    assert facts is not None
    assert facts.duration == pytest.approx(made.duration, abs=timedelta(milliseconds=30))


def test_nothing_of_the_master_but_its_sound_is_in_it(sounds: Sounds, tmp_path: Path) -> None:
    assert b"Not for the public" in sounds.path("blip.wav").read_bytes()
    for codec in ENCODINGS:
        rendered(sounds, "blip.wav", tmp_path / f"a.{codec}", codec)
        assert b"Not for the public" not in (tmp_path / f"a.{codec}").read_bytes()
        tags = mutagen.File(tmp_path / f"a.{codec}").tags
        assert set(tags or ()) <= {("encoder", "Lavc libopus")}


def test_the_index_of_an_m4a_comes_before_its_sound(sounds: Sounds, tmp_path: Path) -> None:
    made = rendered(sounds, "mono.wav", tmp_path / "a.m4a", "m4a")
    with (tmp_path / "a.m4a").open("rb") as file:
        names = [box.name for box in top_level(OpenAudio(file, PurePosixPath("a.m4a"), made.size_bytes))]
    assert names.index(b"moov") < names.index(b"mdat")


@pytest.mark.parametrize(
    ("name", "rate_hz", "channels"),
    [("low.wav", 44100, 1), ("mono.wav", 48000, 1), ("clipped.wav", 32000, 2)],
)
def test_usual_rates_and_the_channels_are_kept(
    sounds: Sounds, tmp_path: Path, name: str, rate_hz: int, channels: int
) -> None:
    rendered(sounds, name, tmp_path / "a.mp3")
    info = mutagen.File(tmp_path / "a.mp3").info
    assert (info.sample_rate, info.channels, round(info.bitrate, -1)) == (rate_hz, channels, 128_000)


@pytest.mark.parametrize("kbps", [32, 160, 192, 224, 256, 320])
def test_the_gain_of_every_bit_rate_is_known_beforehand(sounds: Sounds, tmp_path: Path, kbps: int) -> None:
    encoding = Encoding(bitrate_kbps=Ordinal(kbps))
    with sounds.master("music.wav") as master, (tmp_path / "a.mp3").open("w+b") as out:
        made = render(master, Recipe(target=TARGET, encoding=encoding), out)
    assert not made.corrected
    assert made.after.loudness_lufs == pytest.approx(-16.0, abs=0.15)


def test_excerpts_of_a_long_master_stand_for_all_of_it(
    sounds: Sounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sounds.master("long.flac") as master:
        form = form_of(master.heard, "mp3")
        by_all = settle_gain(master, TARGET, form, 1.5, None)
        monkeypatch.setattr(settling, "_LONG", timedelta(seconds=30))
        by_excerpts = settle_gain(master, TARGET, form, 1.5, None)
    assert by_all.limiter_ceiling_dbtp == -2.5
    assert by_excerpts != by_all
    assert by_excerpts.gain_db == pytest.approx(by_all.gain_db, abs=0.2)
    assert by_all.gain_db > decide_gain(master.heard.loudness, TARGET).gain_db + 0.1


@pytest.mark.parametrize("name", ["speech.wav", "mono.wav", "low.wav", "drums.flac", "soft.wav"])
def test_what_the_limiter_takes_away_is_made_good_before_anything_is_encoded(
    sounds: Sounds, name: str
) -> None:
    with sounds.master(name) as master:
        form = form_of(master.heard, "mp3")
        gain = settle_gain(master, TARGET, form, 1.5, None)
        looks = Looks(
            sample_rate_hz=master.heard.sample_rate_hz, channels=master.heard.channels, claimed=None
        )
        limited = meter_all(master.source(), looks, treatment(form, gain)).meter
    assert gain.limiter_ceiling_dbtp is not None
    assert integrated_lufs(limited.momentary) == pytest.approx(TARGET.loudness_lufs, abs=0.3)


def test_what_the_encoder_takes_away_is_made_good_once_it_is_known(sounds: Sounds, tmp_path: Path) -> None:
    """Half of white noise lies above what 64 kbit/s of opus or 128 of mp3 keep."""
    assert rendered(sounds, "hiss.wav", tmp_path / "a.mp3").corrected
    assert not rendered(sounds, "music.wav", tmp_path / "b.mp3").corrected


@pytest.mark.parametrize("codec", ENCODINGS)
def test_silence_stays_silent(sounds: Sounds, tmp_path: Path, codec: str) -> None:
    made = rendered(sounds, "silence.wav", tmp_path / f"a.{codec}", codec)
    assert made.after.loudness_lufs is None
    assert duration_of(tmp_path / f"a.{codec}") == made.duration == timedelta(seconds=4)


def test_a_fifth_of_a_second_is_made_too(sounds: Sounds, tmp_path: Path) -> None:
    made = rendered(sounds, "blip.wav", tmp_path / "a.mp3")
    assert duration_of(tmp_path / "a.mp3") == made.duration == timedelta(seconds=0.2)
    assert made.after.true_peak_dbtp is not None
    assert made.after.true_peak_dbtp <= -1.0


def test_progress_leads_up_to_the_end(sounds: Sounds, tmp_path: Path) -> None:
    told: list[timedelta] = []
    with sounds.master("speech.wav") as master, (tmp_path / "a.mp3").open("w+b") as out:
        made = render(master, RECIPE, out, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(made.duration, abs=timedelta(milliseconds=100))


# When it fails.


def test_when_it_is_stopped_nothing_is_left(sounds: Sounds, tmp_path: Path) -> None:
    stop = threading.Event()
    with sounds.master("long.flac") as master, (tmp_path / "a.mp3").open("w+b") as out:
        before = open_descriptors()
        with pytest.raises(AudioError, match=r"long\.flac: the work on it was stopped"):
            render(
                master,
                Recipe(target=TARGET, encoding=Encoding()),
                out,
                stop=stop,
                on_progress=lambda _: stop.set(),
            )
        assert open_descriptors() == before
    assert children() == set()
    assert [one.name for one in tmp_path.iterdir()] == ["a.mp3"]


def test_a_master_cut_short_meanwhile_is_refused_for_that(sounds: Sounds, tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_bytes(sounds.path("long.flac").read_bytes())
    with (
        open_master(path) as master,
        (tmp_path / "a.mp3").open("w+b") as out,
        pytest.raises(UnreadableMediaError, match="changed while it was read"),
    ):
        render(master, RECIPE, out, on_progress=lambda _: os.truncate(path, 100_000))
    assert children() == set()


def test_what_is_not_as_long_as_it_should_be_is_no_rendition(sounds: Sounds, tmp_path: Path) -> None:
    """As if an encoder had lost a second on its way."""

    def cut(_: timedelta) -> None:
        os.truncate(out.fileno(), 100_000)

    with (
        sounds.master("speech.wav") as master,
        (tmp_path / "a.mp3").open("w+b") as out,
        pytest.raises(AudioError, match=r"speech\.wav: what was encoded is cut short"),
    ):
        render(master, RECIPE, out, on_progress=cut)


def test_without_room_for_what_lies_between_it_is_named_so(
    sounds: Sounds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sounds.master("long.flac") as master, (tmp_path / "a.mp3").open("w+b") as out:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        with pytest.raises(AudioError, match=r"long\.flac: cannot be written: No such file or directory"):
            render(master, RECIPE, out)


# Segments.


def programme_of(master: Master, codec: Codec = "mp3") -> Programme:
    take = Take(
        master=master, form=form_of(master.heard, codec), gain=decide_gain(master.heard.loudness, TARGET)
    )
    return Programme(take=take)


@pytest.fixture(scope="module", name="both")
def both_ways(sounds: Sounds, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same long master encoded in segments and in one go."""
    folder = tmp_path_factory.mktemp("both")
    with (
        sounds.master("long.flac") as master,
        (folder / "segments.mp3").open("w+b") as out,
        (folder / "one.mp3").open("w+b") as one,
    ):
        programme = programme_of(master)
        assert encode_in_segments(programme, Encoding(), out, None, None)
        encoder = encoder_of(Encoding(), programme.samples)
        with stretch_task(programme, range(programme.samples), Encoding(), encoder, one) as task:
            run_ffmpeg(task)
    return folder / "segments.mp3", folder / "one.mp3"


def frames_of(path: Path) -> list[bytes]:
    content = path.read_bytes()
    with path.open("rb") as file:
        offsets = frame_offsets(file)
    return [content[begin:end] for begin, end in pairwise(offsets)]


def test_segments_have_as_many_frames_and_samples_as_one_run(both: tuple[Path, Path]) -> None:
    joined, one = both
    assert len(frames_of(joined)) == len(frames_of(one))
    assert len(decode(joined, 2)) == len(decode(one, 2)) == 2 * 66 * 44100


def test_their_info_frame_is_that_of_one_run(both: tuple[Path, Path]) -> None:
    joined, one = (frames_of(path)[0] for path in both)
    size_at, length_at, checksums_at = range(48, 52), range(184, 188), range(188, 192)
    differ = {at for at in range(417) if joined[at] != one[at]}
    assert joined[36:40] == b"Info"
    assert differ <= {*size_at, *range(52, 152), *length_at, *checksums_at}


def test_every_frame_reaches_back_into_what_its_own_run_wrote(both: tuple[Path, Path]) -> None:
    """Up to the joint the frames are those of one run; a decoder that finds wrong bits in them says so."""
    joined, one = map(frames_of, both)
    same = next(at for at in range(1, len(joined)) if joined[at] != one[at])
    assert 1200 < same < len(joined) // 2 + 40
    assert decode(both[0], 2)[: 2 * (same - 10) * 1152] == decode(both[1], 2)[: 2 * (same - 10) * 1152]


def errors_near_the_joint(path: Path, source: array[int]) -> list[float]:
    """How far the decoded sound is from what went in, at most, in each of 160 stretches of a frame's length."""
    begin, end = 1150 * 2304, 1310 * 2304
    found, wanted = decode(path, 2)[begin:end], source[begin:end]
    scale = sum(a * b for a, b in zip(found, wanted, strict=True)) / sum(b * b for b in wanted)
    errors = [abs(a - scale * b) for a, b in zip(found, wanted, strict=True)]
    return [max(errors[at : at + 2304]) for at in range(0, len(errors), 2304)]


def test_nobody_hears_the_joint(sounds: Sounds, both: tuple[Path, Path]) -> None:
    source = decode(sounds.path("long.flac"), 2)
    joined, one = (errors_near_the_joint(path, source) for path in both)
    assert max(joined) <= 1.05 * max(one)
    assert sum(joined) == pytest.approx(sum(one), rel=0.05)


def test_a_long_rendition_is_on_target_and_the_same_twice(sounds: Sounds, tmp_path: Path) -> None:
    for name in ("a.mp3", "b.mp3"):
        rendered(sounds, "long.flac", tmp_path / name)
    lufs, peak = meter(tmp_path / "a.mp3")
    assert lufs == pytest.approx(-16.0, abs=0.5)
    assert peak <= -1.0
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()


def test_what_is_short_is_encoded_in_one_go(sounds: Sounds, tmp_path: Path) -> None:
    with sounds.master("speech.wav") as master, (tmp_path / "a.mp3").open("w+b") as out:
        assert not encode_in_segments(programme_of(master), Encoding(), out, None, None)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_segments_overlap_and_cover_the_whole(sounds: Sounds, count: int) -> None:
    with sounds.master("long.flac") as master:
        programme = programme_of(master)
        planned = plan_segments(programme, count)
    assert len(planned) == count
    assert planned[0].begin == 0
    assert planned[-1].stretch(programme.samples).stop == programme.samples
    for first, second in pairwise(planned):
        assert first.end is not None
        assert first.end - second.begin == 144


def test_four_segments_are_joined_as_well_as_two(
    sounds: Sounds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "core_count", lambda: 4)
    with sounds.master("long.flac") as master, (tmp_path / "a.mp3").open("w+b") as out:
        assert encode_in_segments(programme_of(master), Encoding(), out, None, None)
    assert len(decode(tmp_path / "a.mp3", 2)) == 2 * 66 * 44100


def frame(main_data_begin: int, letter: bytes, block: int = 0) -> bytes:
    """A frame of 96 bytes, mono: 17 bytes of side information, 75 of main data."""
    bits = main_data_begin << (8 * 17 - 9)
    for granule in range(2):
        bits |= block << (8 * 17 - (9 + 5 + 4 + 59 * granule + 33) - 4)
    return b"\xff\xfb\x14\xc0" + bits.to_bytes(17, "big") + letter * 75


def test_the_side_information_is_read_as_it_was_written() -> None:
    assert side_info(frame(511, b"x", block=0b1010)).main_data_begin == 511
    assert side_info(frame(3, b"x", block=0b1010)).blocks == (0b1010, 0b1010)
    assert side_info(frame(3, b"x", block=0b0110)).blocks == (0, 0)


def test_a_joint_leaves_the_second_run_the_bytes_it_needs() -> None:
    first = [frame(100, b"a")] * 8 + [frame(80, b"a"), frame(200, b"a")]
    second = [frame(100, b"b")] * 8 + [frame(90, b"b"), frame(160, b"b")]
    assert find_joint(first, second) == 9
    laid = bridge(first, second, 9)
    assert b"".join(one[21:] for one in laid)[-160:] == b"b" * 160
    assert b"".join(one[21:] for one in laid)[:-160] == b"a" * (8 * 75 - 160)
    assert [one[:21] for one in laid] == [one[:21] for one in first[1:9]]


def test_there_is_no_joint_where_the_runs_cut_the_sound_otherwise() -> None:
    first = [frame(300, b"a", block=0b1010)] * 12
    assert find_joint(first, [frame(100, b"b")] * 12) is None
    assert find_joint(first, [frame(301, b"b", block=0b1010)] * 12) is None
    assert find_joint(first, [frame(300, b"b", block=0b1010)] * 12) == 8
