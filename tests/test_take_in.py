"""Files from the studio taken in by the command, and what it says of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.audio_files import run_ffmpeg
from tests.commands import Run, run_command
from tests.stations import CONFIG, NOON, StationFolder, make_station
from tests.test_slate import bext, cart, chunk

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.model.episode import Episode

RENDITIONS = CONFIG.replace("audio: {renditions: false}", "audio: {bitrate_kbps: 64}")
SPEECH = "anoisesrc=d={seconds}:c=pink:r=44100:seed=1:a=0.3,tremolo=f=3:d=0.8"


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    return make_station(tmp_path / "station", RENDITIONS)


def studio_file(tmp_path: Path, name: str, *chunks: bytes, source: str = SPEECH.format(seconds=12)) -> Path:
    """A WAV as a studio makes it, with chunks of its own before the sound's."""
    path = tmp_path / name
    run_ffmpeg("-f", "lavfi", "-i", source, "-fflags", "+bitexact", str(path))
    data = path.read_bytes()
    body = b"WAVE" + b"".join(chunks) + data[12:]
    path.write_bytes(b"RIFF" + len(body).to_bytes(4, "little") + body)
    return path


def add(folder: StationFolder, *files: Path, show: str = "newsroom") -> Run:
    return run_command("-C", folder.root, "add", *files, "--show", show)


def episode_of(folder: StationFolder, slug: str) -> Episode:
    station = folder.open()
    try:
        return station.catalogue.stories([slug])[slug].episode
    finally:
        station.close()


def test_a_file_with_a_cart_becomes_a_draft_with_its_title_date_and_cut(
    folder: StationFolder, tmp_path: Path
) -> None:
    said = cart(title=b"Tool library opens", artist=b"Ada Okafor", cut_id=b"N-4711", end=b"2099/12/31")
    recorded = bext(day=b"2026-04-22", clock=b"07:44:10")
    file = studio_file(tmp_path, "x1.wav", chunk(b"cart", said), chunk(b"bext", recorded))
    done = add(folder, file)
    text = (folder.root / "episodes" / "tool-library-opens" / "episode.md").read_text(encoding="utf-8")
    assert done.code == 0
    assert "# taken in from: x1.wav\n# cut: N-4711\n" in text
    episode = episode_of(folder, "tool-library-opens")
    assert (episode.title, episode.show, episode.state) == ("Tool library opens", "newsroom", "draft")
    assert episode.published_at is not None
    assert episode.published_at.isoformat() == "2026-04-22T12:44:00+00:00"
    assert (folder.root / "episodes" / "tool-library-opens" / "tool-library-opens.wav").read_bytes() == (
        file.read_bytes()
    )


def test_a_file_is_reported_and_its_audio_made(folder: StationFolder, tmp_path: Path) -> None:
    done = add(folder, studio_file(tmp_path, "2026-04-22_Tool-Library_v2.wav"))
    lines = done.out.splitlines()
    assert lines[0] == "Made episodes/tool-library/episode.md from 2026-04-22_Tool-Library_v2.wav"
    assert re.fullmatch(
        r"  12\.0 s, 1 channels, 44100 Hz, -\d\d\.\d LUFS, true peak -\d+\.\d dBTP,"
        r" silence 0\.0 s before and 0\.0 s after",
        lines[1],
    )
    assert re.fullmatch(
        r"tool-library: mp3, 12\.0 s, -\d\d\.\d LUFS -> -1[56]\.\d LUFS, true peak -\d+\.\d dBTP, range \d+\.\d LU",
        lines[2],
    )
    assert episode_of(folder, "tool-library").published_at is None
    station = folder.open()
    assert station.missing_renditions(NOON) == []
    assert not any(one.is_missing for one in station.renditions_of("tool-library"))
    station.close()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("anullsrc=d=12", "it is silent from its beginning to its end"),
        (SPEECH.format(seconds=3), "it lasts 3.0 seconds"),
        (SPEECH.format(seconds=12) + ",volume=30dB", "it is clipped: "),
        (SPEECH.format(seconds=12) + ",volume=-40dB", "LUFS, which is no level that a studio makes"),
        (SPEECH.format(seconds=12) + ",adelay=2500", "it begins with 2.5 seconds of silence"),
        (SPEECH.format(seconds=12) + ",apad=pad_dur=5", "it ends with "),
    ],
)
def test_what_is_suspicious_is_said(folder: StationFolder, tmp_path: Path, source: str, words: str) -> None:
    done = add(folder, studio_file(tmp_path, "segment.wav", source=source))
    assert [line for line in done.out.splitlines() if line.startswith("  Look at it: ") and words in line]


def test_a_cut_whose_time_is_over_is_said(folder: StationFolder, tmp_path: Path) -> None:
    file = studio_file(tmp_path, "a.wav", chunk(b"cart", cart(title=b"Old news", end=b"2020-01-31")))
    assert "  Look at it: it says that it was to be used until 2020-01-31 only\n" in add(folder, file).out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"Only words.\n", "text.wav: is text, not audio"),
        (b"", "text.wav: is empty"),
        (b"#EXTM3U\n/etc/passwd\n", "text.wav: is a playlist, not audio"),
    ],
)
def test_what_is_no_audio_is_refused_and_leaves_nothing(
    folder: StationFolder, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "text.wav").write_bytes(content)
    done = add(folder, tmp_path / "text.wav")
    assert (done.code, done.out) == (3, "")
    assert words in done.err
    assert list((folder.root / "episodes").iterdir()) == []


def test_a_name_that_is_an_option_or_an_address_is_only_a_name(folder: StationFolder, tmp_path: Path) -> None:
    for name in ("-i http:__evil.wav", "concat:a|b.wav", "$(touch x).wav"):
        file = studio_file(tmp_path, name)
        done = run_command("-C", folder.root, "add", "--show", "newsroom", "--", file, cwd=tmp_path)
        assert done.code == 0, done.err
    assert list(tmp_path.rglob("x")) == [], "no shell has read a name"
    assert len(list((folder.root / "episodes").iterdir())) == 3


def test_a_file_that_is_not_there_is_named(folder: StationFolder, tmp_path: Path) -> None:
    done = add(folder, tmp_path / "no.wav")
    assert done.code == 2
    assert "no.wav" in done.err


def test_an_unknown_show_is_refused_before_anything_is_copied(folder: StationFolder, tmp_path: Path) -> None:
    done = add(folder, studio_file(tmp_path, "a.wav"), show="newsrom")
    assert done == Run(2, "", 'stationfeed: there is no show "newsrom". Did you mean newsroom?\n')
    assert list((folder.root / "episodes").iterdir()) == []


def test_a_whole_episode_folder_is_copied_and_its_audio_made(folder: StationFolder, tmp_path: Path) -> None:
    elsewhere = make_station(tmp_path / "elsewhere")
    elsewhere.episode("tool-library", "audio: {file: segment.wav}\n")
    studio_file(elsewhere.root / "episodes" / "tool-library", "segment.wav")
    done = add(folder, elsewhere.root / "episodes" / "tool-library")
    assert done.out.splitlines()[0] == "Copied tool-library to episodes/tool-library"
    assert done.code == 0
    station = folder.open()
    assert station.catalogue.stories(["tool-library"])["tool-library"].audio is not None
    station.close()
    again = add(folder, elsewhere.root / "episodes" / "tool-library")
    assert again.code == 2
    assert "episodes/tool-library is there already" in again.err
