"""Idents around a master: as loud as it is, joined without a step, and everything later by exactly what is told."""

from __future__ import annotations

import sys
from array import array
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationfeed.audio.ffmpeg import run_ffmpeg
from stationfeed.audio.loudness import Gain, decide_gain
from stationfeed.audio.programme import Form, Programme, Take, form_of, stretch_task
from stationfeed.audio.render import Recipe, render
from stationfeed.audio.segments import encode_in_segments
from stationfeed.audio.splice import closing_with, join, opening_with
from stationfeed.errors import ToolMissingError, UnreadableMediaError
from stationfeed.model.rendition import Encoding, LoudnessTarget
from stationfeed.model.words import Ordinal
from tests.sounds import children, decode, made_sounds, meter, open_master, wav_bytes  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stationfeed.audio.programme import Master
    from stationfeed.model.rendition import Codec
    from tests.sounds import Sounds

TARGET = LoudnessTarget()
STEREO = Form(rate_hz=44100, channels=2)
CROSS_FADE_SAMPLES = 2205


def samples_of(programme: Programme, path: Path) -> array[int]:
    """The programme as it goes into the encoder."""
    with path.open("w+b") as file:
        encoder = ("-c:a", "pcm_s16le", "-f", "s16le")
        encoding = Encoding(codec="aac")
        with stretch_task(programme, range(programme.samples), encoding, encoder, file) as task:
            run_ffmpeg(task)
    return array("h", path.read_bytes())


@pytest.fixture(name="whole")
def programme_with_idents(sounds: Sounds) -> Iterator[Programme]:
    with sounds.master("speech.wav") as master, sounds.master("ident.wav") as ident:
        yield with_idents(master, ident)


def with_idents(master: Master, ident: Master) -> Programme:
    form = form_of(master.heard, "mp3")
    middle, end = (
        Take(master=one, form=form, gain=decide_gain(one.heard.loudness, TARGET)) for one in (master, ident)
    )
    return Programme(
        take=middle, opening=opening_with(end, middle, None), closing=closing_with(end, middle, None)
    )


def test_between_the_cross_fades_the_master_is_what_it_was(whole: Programme, tmp_path: Path) -> None:
    """So there is no step where the ends in memory meet the stream from the file, a second from the cross-fades."""
    plain = samples_of(Programme(take=whole.take), tmp_path / "plain")
    spliced = samples_of(whole, tmp_path / "spliced")
    added, faded = 2 * whole.added_before, 2 * CROSS_FADE_SAMPLES
    untouched = plain[faded : len(plain) - faded]
    found = spliced[added + faded : added + len(plain) - faded]
    assert len(spliced) == 2 * whole.samples
    assert max(abs(a - b) for a, b in zip(found, untouched, strict=True)) <= 1


def test_an_ident_is_a_little_longer_than_its_file_and_overlaps_by_the_cross_fade(whole: Programme) -> None:
    """2.34567 seconds become 2.35, a whole number of ten milliseconds."""
    assert whole.added_before == round(2.35 * 44100) - CROSS_FADE_SAMPLES
    assert whole.closing is not None
    assert whole.closing.added == whole.added_before
    assert whole.samples == whole.take.samples + 2 * whole.added_before


def highest(samples: array[int], begin: int, end: int) -> int:
    return max(range(begin, end), key=lambda at: abs(samples[at]))


@pytest.mark.parametrize(("codec", "kbps"), [("mp3", 128), ("aac", 96), ("opus", 96)])
@pytest.mark.parametrize("rate_hz", [44100, 48000])
def test_the_opening_is_exact_to_the_sample(
    sounds: Sounds, tmp_path: Path, codec: Codec, kbps: int, rate_hz: int
) -> None:
    """A click a second and a half after the start of the master is found where it should be."""
    click = rate_hz * 3 // 2
    samples = array("h", [(at * 7919) % 601 - 300 for at in range(4 * rate_hz)])
    samples[click] = 30000
    (tmp_path / "a.wav").write_bytes(wav_bytes(samples, rate_hz))
    out = tmp_path / f"a.{codec if codec != 'aac' else 'm4a'}"
    with (
        open_master(tmp_path / "a.wav") as master,
        sounds.master("ident.wav") as ident,
        out.open("w+b") as file,
    ):
        encoding = Encoding(codec=codec, bitrate_kbps=Ordinal(kbps))
        made = render(master, Recipe(target=TARGET, encoding=encoding, opening=ident), file)
    out_hz = 48000 if codec == "opus" else rate_hz
    found = decode(out)
    expected = made.opening.total_seconds() * out_hz + click * out_hz / rate_hz
    assert highest(found, 3 * out_hz, 5 * out_hz) == pytest.approx(expected, abs=1)
    assert len(found) == round(made.duration.total_seconds() * out_hz)


def test_idents_and_master_are_equally_loud(sounds: Sounds, tmp_path: Path) -> None:
    with ExitStack() as opened:
        master, ident = (opened.enter_context(sounds.master(name)) for name in ("speech.wav", "ident.wav"))
        out = opened.enter_context((tmp_path / "a.mp3").open("w+b"))
        recipe = Recipe(target=TARGET, encoding=Encoding(), opening=ident, closing=ident)
        made = render(master, recipe, out)
    lufs, peak = meter(tmp_path / "a.mp3")
    assert lufs == pytest.approx(-16.0, abs=0.5)
    assert peak <= -1.0
    assert made.duration - master.heard.duration == pytest.approx(
        2 * made.opening, abs=timedelta(milliseconds=1)
    )
    opening = decode(tmp_path / "a.mp3", 2)[: 2 * 44100 * 2]
    (tmp_path / "opening.wav").write_bytes(wav_bytes(opening, channels=2))
    assert meter(tmp_path / "opening.wav")[0] == pytest.approx(-16.0, abs=0.5)


def test_a_wide_ident_is_as_loud_when_it_is_mixed_to_mono(sounds: Sounds, tmp_path: Path) -> None:
    """Where left and right have nothing in common, half of their power is gone in the mix."""
    with ExitStack() as opened:
        master, ident = (opened.enter_context(sounds.master(name)) for name in ("mono.wav", "wide.wav"))
        out = opened.enter_context((tmp_path / "a.mp3").open("w+b"))
        render(master, Recipe(target=TARGET, encoding=Encoding(), opening=ident), out)
    opening = decode(tmp_path / "a.mp3")[: 2 * 48000]
    (tmp_path / "opening.wav").write_bytes(wav_bytes(opening, 48000))
    assert meter(tmp_path / "opening.wav")[0] == pytest.approx(-16.0, abs=0.6)


def test_a_long_programme_with_idents_is_encoded_in_segments(sounds: Sounds, tmp_path: Path) -> None:
    with (
        sounds.master("long.flac") as master,
        sounds.master("ident.wav") as ident,
        (tmp_path / "a.mp3").open("w+b") as out,
    ):
        programme = with_idents(master, ident)
        assert encode_in_segments(programme, Encoding(), out, None, None)
    assert len(decode(tmp_path / "a.mp3")) == programme.samples == 66 * 44100 + 2 * programme.added_before


@pytest.mark.parametrize("milliseconds", [5, 40, 200])
def test_a_master_shorter_than_a_cross_fade_has_idents_too(
    sounds: Sounds, tmp_path: Path, milliseconds: int
) -> None:
    """The click in its middle is where it should be: a cross-fade is never half a millisecond off."""
    count = 44100 * milliseconds // 1000
    samples = array("h", [300, -300] * count)[:count]
    samples[count // 2] = 32000
    (tmp_path / "a.wav").write_bytes(wav_bytes(samples))
    with ExitStack() as opened:
        master, ident = (
            opened.enter_context(one) for one in (open_master(tmp_path / "a.wav"), sounds.master("ident.wav"))
        )
        out = opened.enter_context((tmp_path / "a.mp3").open("w+b"))
        made = render(master, Recipe(target=TARGET, encoding=Encoding(), opening=ident, closing=ident), out)
    found = decode(tmp_path / "a.mp3")
    begin = round(made.opening.total_seconds() * 44100)
    assert len(found) == round(made.duration.total_seconds() * 44100)
    assert highest(found, begin, begin + count) == pytest.approx(begin + count // 2, abs=1)


def test_an_ident_of_more_than_a_minute_is_refused(sounds: Sounds, tmp_path: Path) -> None:
    with (
        sounds.master("mono.wav") as master,
        sounds.master("long.flac") as ident,
        (tmp_path / "a").open("w+b") as out,
        pytest.raises(UnreadableMediaError, match=r"long\.flac: lasts 66 seconds; an ident has 60 at most"),
    ):
        render(master, Recipe(target=TARGET, encoding=Encoding(), opening=ident), out)
    assert children() == set()


def test_without_pydub_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydub", None)
    with pytest.raises(ToolMissingError, match="pydub is not installed; Install stationfeed with its extra"):
        join(bytes(1764 * 4), bytes(1764 * 4), STEREO)


# Joining.


def level(value: int, milliseconds: int, form: Form) -> bytes:
    return array("h", [value] * (milliseconds * form.rate_hz // 1000 * form.channels)).tobytes()


FORMS = [Form(rate_hz=rate, channels=channels) for rate in (32000, 44100, 48000) for channels in (1, 2)]


@settings(deadline=None)  # pydub takes its time to be imported
@given(st.sampled_from(FORMS), st.integers(0, 30), st.integers(0, 30))
def test_joined_they_are_as_long_as_both_without_the_cross_fade(form: Form, first: int, second: int) -> None:
    joined = join(level(1000, first * 10, form), level(1000, second * 10, form), form)
    overlap = min(5, first, second)
    assert len(joined) == 2 * form.channels * (first + second - overlap) * 10 * form.rate_hz // 1000


@pytest.mark.parametrize("form", FORMS)
def test_a_cross_fade_goes_from_one_to_the_other_without_a_step(form: Form) -> None:
    joined = array("h", join(level(8000, 200, form), level(-8000, 200, form), form))
    steps = [abs(joined[at] - joined[at - form.channels]) for at in range(form.channels, len(joined))]
    assert max(steps) <= 16000 / (0.05 * form.rate_hz) + 2
    assert (joined[0], joined[-1]) == (8000, -8000)


def test_two_that_are_the_same_stay_the_same_through_the_cross_fade() -> None:
    joined = array("h", join(level(20000, 100, STEREO), level(20000, 100, STEREO), STEREO))
    assert min(joined) >= 19998
    assert max(joined) <= 20000


def test_loudness_is_taken_from_the_gain_it_is_given(sounds: Sounds, tmp_path: Path) -> None:
    with sounds.master("speech.wav") as master:
        form = form_of(master.heard, "mp3")
        plain, softer = (
            samples_of(
                Programme(
                    take=Take(master=master, form=form, gain=Gain(gain_db=db, limiter_ceiling_dbtp=None))
                ),
                tmp_path / "pcm",
            )
            for db in (0.0, -20.0)
        )
    assert max(abs(a - 10 * b) for a, b in zip(plain, softer, strict=True)) <= 10
