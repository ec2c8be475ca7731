"""The publisher killed at every system call that changes the disk: each public file is the old one or the new one.

What is killed is the real `stationfeed build`, after an edit, with its state database; afterwards the station
opens, and the next build ends as if nothing had happened.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from stationfeed.publish.build import build_site
from tests.killing import Call, calls_below, of_few_files, run_traced, without_middle_writes
from tests.stations import StationFolder, make_station

if TYPE_CHECKING:
    from pathlib import Path

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "ftruncate",
    "fsync",
    "fdatasync",
    "rename",
    "renameat2",
    "link",
    "unlink",
    "mkdir",
)
EVERY_CALL = os.environ.get("STATIONFEED_SOAK") == "1"
"""`make soak` kills at every call."""
PARTS = 4
"""The kill points are shared out to this many tests, so that they run side by side."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A station that was built once and edited since, kept to be copied for each kill."""

    kept: Path
    work: Path

    @property
    def folder(self) -> StationFolder:
        return StationFolder(self.work / "station")

    @property
    def out(self) -> Path:
        return self.work / "out"

    def reset(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        shutil.copytree(self.kept, self.work)

    def run(self, *inject: str) -> int:
        command = [sys.executable, "-m", "stationfeed", "-C", str(self.folder.root), "build", str(self.out)]
        return run_traced(command, CALLS, self.work / "trace", inject)

    def calls(self) -> list[Call]:
        return calls_below(self.work / "trace", self.folder.root, self.out)

    def public_files(self) -> dict[str, bytes]:
        """But for the coming week's slots, which are others when a midnight falls into the test."""
        files = (path for path in self.out.rglob("*") if path.is_file() and not path.name.startswith("."))
        named = {str(path.relative_to(self.out)): path for path in files}
        return {name: path.read_bytes() for name, path in named.items() if "/schedule/" not in name}

    def finish(self) -> dict[str, bytes]:
        """Open the station again and build it to the end."""
        station = self.folder.open()
        try:
            build_site(station.site, station.root, self.out, datetime.now(UTC))
        finally:
            station.close()
        return self.public_files()


def make_publisher(path: Path) -> Publisher:
    publisher = Publisher(path / "kept", path / "work")
    folder = make_station(publisher.kept / "station")
    for slug in ("first", "second", "third"):
        folder.episode(slug)
    publisher.reset()
    publisher.finish()
    shutil.rmtree(publisher.kept)
    shutil.copytree(publisher.work, publisher.kept)
    folder.episode("first", body="Mended.\n")
    folder.episode("second", state="withdrawn")
    folder.episode("fourth")
    return publisher


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_leaves_every_public_file_old_or_new(tmp_path: Path, part: int) -> None:
    publisher = make_publisher(tmp_path)
    publisher.reset()
    old = publisher.public_files()
    assert publisher.run() == 0
    new = publisher.public_files()
    assert new["feeds/news.xml"] != old["feeds/news.xml"]
    calls = publisher.calls()
    points = calls if EVERY_CALL else of_few_files(without_middle_writes(calls), publisher.out)
    assert len(points) > 40
    for call in points[part::PARTS]:
        publisher.reset()
        assert publisher.run(*call.kill) == -9, f"{call} was not reached"
        torn = [
            name
            for name, data in publisher.public_files().items()
            if data not in (old.get(name), new.get(name))
        ]
        assert torn == [], f"after a kill at {call}"
        assert publisher.finish() == new, f"after a kill at {call}"
