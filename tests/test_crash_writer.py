"""A writer killed, and failed, at every system call that changes the disk: the file is the old one or the new one.

`strace` stops a real process at each of its calls in turn. What a kill cannot show, because the system's memory
outlives the process, the order of the calls does: bytes are flushed before they get their name, names after.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from stationfeed.storage.local import remove_leftovers
from tests.killing import Call, calls_below, run_traced

if TYPE_CHECKING:
    from pathlib import Path

CALLS = ("openat", "write", "fchmod", "fsync", "rename", "renameat2", "link", "linkat", "unlink", "mkdir")
OLD = "old\n" * 100_000
NEW = "new!\n" * 100_000
FAILED = 3
"""The exit code of a child whose write was refused with a FolderError."""

_CHILD = """
import sys
from hashlib import sha256
from pathlib import Path, PurePosixPath
from stationfeed.errors import FolderError
from stationfeed.folder.writer import create_text, replace_text
from stationfeed.storage.local import LocalStore
OLD, NEW = "old\\n" * 100_000, "new!\\n" * 100_000
root, path = Path(sys.argv[1]), PurePosixPath("episodes/a/episode.md")

def planted_in_place():
    (root / path).write_text(NEW)

def planted_without_flush():
    (root / "temporary").write_text(NEW)
    (root / "temporary").rename(root / path)

try:
    {act}
except FolderError:
    sys.exit(3)
"""
REPLACE = "replace_text(root, path, expected_sha256=sha256(OLD.encode()).hexdigest(), text=NEW)"
CREATE = "create_text(root, path, NEW)"
PUT = "LocalStore(root).put(path, NEW.encode())"
IN_PLACE = "planted_in_place()"
WITHOUT_FLUSH = "planted_without_flush()"


@dataclass(frozen=True, slots=True)
class Bench:
    folder: Path
    act: str
    is_new: bool = False

    @property
    def root(self) -> Path:
        return self.folder / "station"

    @property
    def episode(self) -> Path:
        return self.root / "episodes/a/episode.md"

    def reset(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir()
        if not self.is_new:
            self.episode.parent.mkdir(parents=True)
            self.episode.write_text(OLD)

    def run(self, *inject: str) -> int:
        self.reset()
        child = [sys.executable, "-c", _CHILD.format(act=self.act), str(self.root)]
        return run_traced(child, CALLS, self.folder / "trace", inject)

    def calls(self) -> list[Call]:
        return calls_below(self.folder / "trace", self.root)

    def state(self) -> str:
        if not self.episode.exists():
            return "missing"
        return {OLD: "old", NEW: "new"}.get(self.episode.read_text(), "torn")

    def torn_by_a_kill(self) -> list[Call]:
        """The calls at which a kill leaves something other than the old file or the new one."""
        assert self.run() == 0
        calls = self.calls()
        assert calls
        return [call for call in calls if not self._survives(call)]

    def _survives(self, call: Call) -> bool:
        code = self.run(*call.kill)
        assert code == -9, f"{call} was not reached"
        assert self.calls()[-1].name == call.name
        remove_leftovers(self.root)
        files = [path for path in self.root.rglob("*") if path.is_file()]
        return self.state() in self.allowed() and set(files) <= {self.episode}

    def allowed(self) -> set[str]:
        return {"missing" if self.is_new else "old", "new"}


pytestmark = pytest.mark.usefixtures("strace")

WRITERS = [(REPLACE, False), (CREATE, True), (PUT, False), (PUT, True)]


@pytest.mark.parametrize(("act", "is_new"), WRITERS)
def test_a_writer_killed_at_any_call_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, act: str, is_new: bool
) -> None:
    assert Bench(tmp_path, act, is_new).torn_by_a_kill() == []


@pytest.mark.parametrize(("act", "is_new"), WRITERS[:3])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EACCES"])
def test_a_writer_failed_at_any_call_says_so_and_leaves_a_whole_file(
    tmp_path: Path, error: str, act: str, is_new: bool
) -> None:
    bench = Bench(tmp_path, act, is_new)
    assert bench.run() == 0
    for call in bench.calls():
        code = bench.run("-e", f"inject={call.name}:error={error}:when={call.nth}")
        # Only tidying up may fail unheard: the new file is there, and leftovers are looked for later.
        assert code == (0 if call.name == "unlink" else FAILED), call
        assert bench.state() in bench.allowed(), call
        leftovers = list(bench.root.rglob(".*"))
        assert not leftovers or call.name == "unlink", call
        assert remove_leftovers(bench.root) == len(leftovers)


@pytest.mark.parametrize(("act", "is_new"), WRITERS[:3])
def test_bytes_are_flushed_before_they_get_their_name_and_the_folder_after(
    tmp_path: Path, act: str, is_new: bool
) -> None:
    bench = Bench(tmp_path, act, is_new)
    assert bench.run() == 0
    assert is_durable(bench)


def is_durable(bench: Bench) -> bool:
    """Whether the last run flushed the file after its last byte, then named it, then flushed the folder."""
    order = [(call.name, call.arguments) for call in bench.calls()]
    written = [index for index, (name, _) in enumerate(order) if name == "write"]
    named = [
        i for i, (name, arguments) in enumerate(order) if name in ("rename", "link", "linkat", "renameat2")
    ]
    flushed = [
        index for index, (name, arguments) in enumerate(order) if name == "fsync" and ".tmp>" in arguments
    ]
    folder = f"<{bench.episode.parent}>"
    settled = [
        index for index, (name, arguments) in enumerate(order) if name == "fsync" and folder in arguments
    ]
    if not (written and named and flushed and settled):
        return False
    return written[-1] < flushed[-1] < named[-1] < settled[-1]


@pytest.mark.parametrize("act", [CREATE, PUT])
def test_new_folders_are_flushed_into_the_folders_above(tmp_path: Path, act: str) -> None:
    bench = Bench(tmp_path, act, is_new=True)
    assert bench.run() == 0
    order = [call.name + call.arguments for call in bench.calls()]
    for folder in (bench.root / "episodes", bench.root / "episodes/a"):
        made = next(index for index, call in enumerate(order) if call.startswith(f'mkdir"{folder}"'))
        assert any(call.startswith("fsync") and f"<{folder.parent}>" in call for call in order[made:])


def test_the_harness_catches_a_writer_that_writes_in_place(tmp_path: Path) -> None:
    torn = Bench(tmp_path, IN_PLACE).torn_by_a_kill()
    assert "write" in {call.name for call in torn}


def test_the_harness_catches_a_writer_that_does_not_flush(tmp_path: Path) -> None:
    bench = Bench(tmp_path, WITHOUT_FLUSH)
    assert bench.run() == 0
    assert not is_durable(bench)
