"""Transcripts written by a command of the station's own, here a small program that listens to nothing."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.audio_files import run_ffmpeg
from tests.commands import Run, run_command
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "WEBVTT\n\n00:00.000 --> 00:01.000\n<v Ada Okafor>It heard {count} bytes.\n"


def station_with(tmp_path: Path, program: str) -> StationFolder:
    """A station whose transcripts are written by a Python program."""
    script = tmp_path / "write transcript.py"
    script.write_text(program, encoding="utf-8")
    command = json.dumps(f"{sys.executable} '{script}'")
    recipe = f"audio: {{bitrate_kbps: 64, transcribe: {command}}}"
    folder = make_station(tmp_path / "station", CONFIG.replace("audio: {renditions: false}", recipe))
    run_ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=1.5:c=pink:seed=1:a=0.3", str(tmp_path / "a.wav"))
    folder.put("tool-library", "segment.wav", (tmp_path / "a.wav").read_bytes())
    folder.episode("tool-library", "audio: {file: segment.wav}  # from the studio\n")
    return folder


def audio(folder: StationFolder) -> Run:
    return run_command("-C", folder.root, "audio", "tool-library")


def test_a_missing_transcript_is_written_and_named(tmp_path: Path) -> None:
    program = f"import sys; print({WORDS!r}.format(count=len(sys.stdin.buffer.read())))"
    folder = station_with(tmp_path, program)
    size = (folder.root / "episodes" / "tool-library" / "segment.wav").stat().st_size
    done = audio(folder)
    assert (done.code, done.err) == (0, "")
    assert "tool-library: wrote episodes/tool-library/transcript.vtt, for somebody to correct\n" in done.out
    text = (folder.root / "episodes" / "tool-library" / "episode.md").read_text(encoding="utf-8")
    assert "transcript: transcript.vtt\n" in text
    assert "audio: {file: segment.wav}  # from the studio\n" in text
    station = folder.open()
    transcript = station.catalogue.transcript("episodes/tool-library/transcript.vtt")
    station.close()
    assert transcript is not None
    assert [(cue.speaker, cue.text) for cue in transcript.cues] == [("Ada Okafor", f"It heard {size} bytes.")]
    assert "wrote" not in audio(folder).out


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit('no model')", "audio.transcribe ended with 1: no model"),
        ("print('These are only words.')", "what audio.transcribe printed is no WebVTT: "),
        ("print('x' * 6_000_000)", "audio.transcribe printed more than the 5242880 bytes of a transcript"),
    ],
)
def test_a_command_that_fails_leaves_the_story_as_it_is(tmp_path: Path, program: str, words: str) -> None:
    folder = station_with(tmp_path, program)
    before = (folder.root / "episodes" / "tool-library" / "episode.md").read_bytes()
    done = audio(folder)
    assert done.code == 3
    assert words in done.err
    assert "mp3, 1.5 s" in done.out
    assert (folder.root / "episodes" / "tool-library" / "episode.md").read_bytes() == before
    assert not (folder.root / "episodes" / "tool-library" / "transcript.vtt").exists()


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = station_with(tmp_path, "")
    config = (folder.root / "config.yaml").read_text(encoding="utf-8")
    folder.config(config.replace(sys.executable, "/no/such/program"))
    done = audio(folder)
    assert done.code == 3
    assert "audio.transcribe could not run /no/such/program" in done.err
