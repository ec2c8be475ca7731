"""The making of audio killed at fifty of its deeds: a rendition is whole, or is not there.

What is killed is the real `stationfeed audio`; whatever it leaves, the next run finishes the work.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from stationfeed.audio.shelf import RenditionShelf
from tests.audio_files import run_ffmpeg
from tests.commands import run_command
from tests.serving import eventually
from tests.stations import CONFIG, StationFolder, make_station

POINTS = 52
PARTS = 4
"""The kill points are shared out to this many tests, so that they run side by side."""
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Maker:
    folder: StationFolder

    @property
    def shelf(self) -> RenditionShelf:
        return RenditionShelf(self.folder.root)

    def run(self, last: int) -> subprocess.CompletedProcess[str]:
        """`stationfeed audio`, killed at a deed; 0 lets it live."""
        command = [sys.executable, "-m", "tests.dying", str(last), "-C", str(self.folder.root), "audio"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def forget(self) -> None:
        for name in self.shelf.names():
            self.shelf.forget(name)

    def assert_whole(self) -> None:
        """Every rendition on record is there to its last byte."""
        for name in self.shelf.names():
            made = self.shelf.get(name)
            assert made is not None
            for one in (made.audio, made.peaks):
                assert sha256((self.folder.root / one.path).read_bytes()).hexdigest() == one.sha256


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    folder = make_station(
        tmp_path / "station", CONFIG.replace("audio: {renditions: false}", "audio: {bitrate_kbps: 64}")
    )
    master = tmp_path / "segment.wav"
    run_ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=1.5:c=pink:seed=1:a=0.3", str(master))
    folder.put("tool-library", "segment.wav", master.read_bytes())
    folder.episode("tool-library", "audio: {file: segment.wav}\n")
    return Maker(folder)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_leaves_nothing_that_counts_and_the_next_run_finishes(maker: Maker, part: int) -> None:
    lived = maker.run(0)
    assert lived.returncode == 0, lived.stderr
    before, last = map(int, lived.stderr.splitlines()[-1].split())
    (name,) = maker.shelf.names()
    whole = maker.shelf.get(name)
    deeds = range(before, last)
    assert len(deeds) > POINTS / 2
    killed = 0
    for number in range(part, POINTS, PARTS):
        maker.forget()
        killed += maker.run(deeds[number * len(deeds) // POINTS]).returncode == -signal.SIGKILL
        maker.assert_whole()
    assert killed > POINTS / PARTS / 2
    done = run_command("-C", maker.folder.root, "audio")
    assert done.code == 0
    maker.assert_whole()
    assert maker.shelf.get(name) == whole
    maker.shelf.sweep([name], 0.0)
    assert sorted(one.name for one in maker.shelf.folder.iterdir()) == [
        f"{name}.json",
        f"{name}.mp3",
        f"{name}.peaks.json",
    ]


def children_of(process_id: int) -> list[int]:
    """The programs that any of its threads has started."""
    threads = Path(f"/proc/{process_id}/task")
    return [int(one) for thread in threads.iterdir() for one in (thread / "children").read_text().split()]


def command_of(process_id: int) -> bytes:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


SLEEPING = """
import subprocess
from stationfeed.audio.ffmpeg import leash
subprocess.run([*leash(), "sleep", "60"])
"""


@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv of util-linux is not there")
def test_no_program_on_our_leash_outlives_a_kill() -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEPING]) as working:
        try:
            (sleeper,) = eventually(
                lambda: [one for one in children_of(working.pid) if command_of(one).startswith(b"sleep")]
            )
        finally:
            working.kill()
    eventually(lambda: not is_alive(sleeper))
