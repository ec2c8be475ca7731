"""ffmpeg runs within its bounds, on what it was given and on nothing else, and is gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from array import array
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import imageio_ffmpeg  # type: ignore[import-untyped] # it ships no types
import pytest

from stationfeed.audio.at_once import run_at_once
from stationfeed.audio.ffmpeg import Task, ffmpeg_program, leash, run_ffmpeg, sound_file
from stationfeed.audio.ffmpeg_log import Log, ProgressReader
from stationfeed.errors import AudioError, ToolMissingError, UnreadableMediaError
from tests.audio_files import made_audio_files  # noqa: F401 - a fixture
from tests.audio_files import run_ffmpeg as run_plain_ffmpeg
from tests.sounds import children, made_sounds, open_descriptors, wav_bytes  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stationfeed.audio.ffmpeg import Stop
    from stationfeed.model.rendition import AudioKind
    from tests.audio_files import AudioFiles
    from tests.sounds import Sounds

STORY = PurePosixPath("episodes/tool-library/segment.wav")
MP3 = ("-c:a", "libmp3lame", "-b:a", "128k", "-f", "mp3")
SLOW = "[0:a:0]aloop=loop=-1:size=44100,aresample=192000,aresample=44100,aresample=192000[out]"


def task_for(path: Path, kind: AudioKind = "wav", **changes: object) -> Task:
    """What decodes the file and throws the sound away; the file stays open as long as the test lasts."""
    wanted: dict[str, object] = {
        "path": STORY,
        "inputs": (sound_file(path.open("rb"), STORY, kind),),
        "graph": "[0:a:0]anull[out]",
        "timeout": timedelta(seconds=30),
    }
    return Task(**(wanted | changes))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """No child and no descriptor outlives a run, whatever became of it."""
    before = children()
    yield
    assert children() == before


@contextmanager
def closed_afterwards(task: Task) -> Iterator[Task]:
    before = open_descriptors()
    yield task
    assert open_descriptors() == before
    for one in task.inputs:
        one.file.close()


def failure_of(task: Task, **options: object) -> str:
    with closed_afterwards(task), pytest.raises(AudioError) as caught:
        run_ffmpeg(task, **options)  # type: ignore[arg-type]
    assert caught.value.path == STORY
    return caught.value.reason


# The program.


@pytest.fixture
def other_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder that is all of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    ffmpeg_program.cache_clear()
    yield folder
    ffmpeg_program.cache_clear()


def put_program(folder: Path, protocols: str, told: Path) -> Path:
    """A program that writes down what it was told and then does it."""
    path = folder / "ffmpeg"
    path.write_text(
        f"#!{sys.executable}\nimport json, os, sys\nif '-protocols' in sys.argv: print({protocols!r}); sys.exit()\n"
        f"open({str(told)!r}, 'a').write(json.dumps([sys.argv[1:], dict(os.environ)]) + '\\n')\n"
        f"os.execv({imageio_ffmpeg.get_ffmpeg_exe()!r}, ['ffmpeg', *sys.argv[1:]])\n"
    )
    path.chmod(0o755)
    return path


def test_an_ffmpeg_on_the_path_wins(other_programs: Path, tmp_path: Path) -> None:
    program = put_program(other_programs, "fd\nfile", tmp_path / "told")
    assert ffmpeg_program() == str(program)


def test_an_ffmpeg_that_cannot_read_open_files_is_passed_over(other_programs: Path, tmp_path: Path) -> None:
    put_program(other_programs, "file\npipe", tmp_path / "told")
    assert ffmpeg_program() == imageio_ffmpeg.get_ffmpeg_exe()


def test_without_any_ffmpeg_the_error_says_what_to_install(
    other_programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ToolMissingError, match="ffmpeg is not installed; Install ffmpeg 6"):
        ffmpeg_program()


@pytest.mark.parametrize("name", ["-i.wav", "http:x", "a'b;[c]", "concat:x|y", "$(id)", "%d.wav", "ü\n.wav"])
def test_no_name_and_no_tag_is_ever_an_argument(
    other_programs: Path, tmp_path: Path, sounds: Sounds, name: str
) -> None:
    told = tmp_path / "told"
    put_program(other_programs, "fd", told)
    path = tmp_path / name
    run_plain_ffmpeg(
        "-i", str(sounds.path("blip.wav")), "-metadata", f"title={name}", "-f", "wav", f"file:{path}"
    )
    for one in (sounds.path("blip.wav"), path):
        with closed_afterwards(task_for(one)) as task:
            run_ffmpeg(task)
    plain, naughty = told.read_text().splitlines()
    assert naughty == plain
    assert '"HOME"' not in plain


def test_a_program_that_cannot_be_started_is_named_so(
    other_programs: Path, sounds: Sounds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = put_program(other_programs, "fd", tmp_path / "told")
    assert ffmpeg_program() == str(program)
    program.unlink()
    leash.cache_clear()
    assert failure_of(task_for(sounds.path("blip.wav"))).startswith("ffmpeg cannot be started: No such file")


# What it may read.


@pytest.mark.parametrize("kind", ["mp3", "wav", "aac", "m4a", "aiff", "flac", "ogg"])
@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile canary.wav\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\ncanary.wav\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "[playlist]\nFile1=canary.wav\nNumberOfEntries=1\n",
    ],
)
def test_a_playlist_is_refused_and_what_it_names_is_never_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, playlist: str, kind: AudioKind
) -> None:
    os.mkfifo(tmp_path / "canary.wav")  # who opens it waits until the time is up
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "segment.mp3"
    path.write_text(playlist * 40)
    with closed_afterwards(task_for(path, kind)) as task, pytest.raises(UnreadableMediaError):
        run_ffmpeg(task)


def test_the_position_in_a_file_stays_where_it_was(sounds: Sounds) -> None:
    with closed_afterwards(task_for(sounds.path("blip.wav"))) as task:
        file = task.inputs[0].file
        file.seek(12)
        run_ffmpeg(task)
        assert file.read(4) == b"fmt "


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cbr.mp3", "mp3"),
        ("vbr_no_xing.mp3", "mp3"),
        ("index_last.m4a", "m4a"),
        ("tone.wav", "wav"),
        ("tone.aiff", "aiff"),
        ("tone.flac", "flac"),
        ("tone.ogg", "ogg"),
        ("tone.opus", "opus"),
        ("tone.mp2", "mp2"),
        ("tone.aac", "aac"),
    ],
)
def test_an_excerpt_of_any_kind_is_about_as_long_as_was_asked(
    audio_files: AudioFiles, name: str, kind: AudioKind
) -> None:
    with audio_files.path(name).open("rb") as file:
        excerpt = sound_file(file, STORY, kind).excerpt(1, 2)
        task = Task(
            path=STORY,
            inputs=(excerpt, excerpt),
            graph="[0:a:0][1:a:0]concat=n=2:v=0:a=1[out]",
            timeout=timedelta(seconds=30),
        )
        assert run_ffmpeg(task).out_time.total_seconds() == pytest.approx(4, abs=0.3)


# How it ends.


def test_what_takes_too_long_is_ended(sounds: Sounds) -> None:
    task = task_for(sounds.path("speech.wav"), graph=SLOW, timeout=timedelta(seconds=0.5))
    assert failure_of(task) == "took ffmpeg more than 0.5 seconds"


def test_what_is_no_longer_wanted_is_ended(sounds: Sounds) -> None:
    stop = threading.Event()
    task = task_for(sounds.path("speech.wav"), graph=SLOW)
    assert failure_of(task, stop=stop, on_progress=lambda _: stop.set()) == "the work on it was stopped"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whatever_is_raised_meanwhile_ends_it(sounds: Sounds, error: type[BaseException]) -> None:
    def fail(_: timedelta) -> None:
        raise error

    task = task_for(sounds.path("speech.wav"), graph=SLOW)
    with closed_afterwards(task), pytest.raises(error):
        run_ffmpeg(task, on_progress=fail)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ended_from_outside_it_is_named_so(sounds: Sounds, number: int) -> None:
    """Above all it is not the file that is to blame."""
    before = children()

    def kill(_: timedelta) -> None:
        for one in children() - before:
            os.kill(one, number)

    task = task_for(sounds.path("speech.wav"), graph=SLOW)
    assert failure_of(task, on_progress=kill) == f"ffmpeg was ended by signal {int(number)}"


def test_an_output_over_its_limit_is_ended(sounds: Sounds, tmp_path: Path) -> None:
    with (tmp_path / "out.mp3").open("w+b") as out:
        task = task_for(sounds.path("speech.wav"), encoder=MP3, into=out, output_limit_bytes=10_000)
        assert failure_of(task) == "its rendition grew larger than is allowed"
        assert os.fstat(out.fileno()).st_size <= 10_000


def test_more_memory_than_allowed_is_not_had(sounds: Sounds, tmp_path: Path) -> None:
    with (tmp_path / "out.mp3").open("w+b") as out:
        task = task_for(sounds.path("speech.wav"), encoder=MP3, into=out, memory_limit_bytes=40 * 1024 * 1024)
        assert failure_of(task) == "needs more memory than is allowed"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB; skips, aloud, where none can be had."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here: the test of a full disk did NOT run")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_is_named_so(sounds: Sounds, small_disk: Path) -> None:
    with (small_disk / "out.mp3").open("w+b") as out:
        assert failure_of(task_for(sounds.path("speech.wav"), encoder=MP3, into=out)) == "the disk is full"


def test_when_one_of_several_fails_the_others_are_stopped() -> None:
    stopped: list[bool] = []

    def work(stop: Stop) -> None:
        deadline = time.monotonic() + 20
        while not stop.is_set() and time.monotonic() < deadline:
            os.sched_yield()
        stopped.append(stop.is_set())

    def fail(stop: Stop) -> None:
        raise AudioError(STORY, "the disk is full")

    with pytest.raises(AudioError, match="the disk is full"):
        run_at_once([work, fail, work], None)
    assert stopped == [True, True]


# The input meanwhile.


def append_to(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(1000))


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("change", [append_to, cut_short])
def test_a_file_that_changes_meanwhile_is_refused_for_that(
    sounds: Sounds, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "segment.wav"
    path.write_bytes(sounds.path("speech.wav").read_bytes())
    changes = iter([change])
    task = task_for(path, graph="[0:a:0]aresample=192000,aresample=44100[out]")
    with closed_afterwards(task), pytest.raises(UnreadableMediaError, match="changed while it was read"):
        run_ffmpeg(task, on_progress=lambda _: next(changes, lambda _: None)(path))


def test_a_file_that_is_replaced_meanwhile_is_read_as_it_was(sounds: Sounds, tmp_path: Path) -> None:
    path = tmp_path / "segment.wav"
    path.write_bytes(sounds.path("speech.wav").read_bytes())
    with closed_afterwards(task_for(path)) as task:
        (tmp_path / "new").write_bytes(b"text")
        (tmp_path / "new").replace(path)
        assert run_ffmpeg(task).out_time == timedelta(seconds=9)


# What it says.


def test_only_so_much_of_what_it_says_is_kept() -> None:
    log = Log(ProgressReader(None))
    for number in range(3000):
        log.feed(b"  Duration: 00:00:%02d.00, bitrate\n" % (number % 60) + b"x" * 5000)
    log.feed(b"\n")
    assert len(log.last_lines) <= 40
    assert len(log.notes) <= 20
    assert max(map(len, log.last_lines)) <= 400


def test_lines_and_times_are_read_wherever_they_are_cut() -> None:
    heard: list[timedelta] = []
    log = Log(ProgressReader(heard.append))
    for letter in "one\n  Duration: 1\n":
        log.feed(letter.encode())
    for letter in "out_time_us=N/A\nout_time_us=1500000\nprogress=end\n":
        log.progress.feed(letter.encode())
    assert log.last_lines == ("one", "  Duration: 1")
    assert log.notes == ["  Duration: 1"]
    assert heard == [timedelta(seconds=1.5)]


def test_samples_that_come_out_are_passed_on(tmp_path: Path) -> None:
    samples = array("h", range(-5000, 5000))
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(samples))
    blocks: list[bytes] = []
    with closed_afterwards(task_for(path, encoder=("-c:a", "pcm_s16le", "-f", "s16le"))) as task:
        run_ffmpeg(task, on_output=blocks.append)
    assert array("h", b"".join(blocks)) == samples
