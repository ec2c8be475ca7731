"""Opening a folder of many episodes: at first, and when nothing changed, each time in a process of its own.

Measured is `open_station` alone; the memory is the peak of the whole process, Python and its modules included.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import at_most, reported
from benchmarks.newsroom import NOON, write_station
from stationfeed.station.opened import open_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure

TITLE = "Opening a folder (wall time of open_station in a fresh process, files in the page cache)"
ARTICLE_BYTES = 3_500
SECONDS, MEGABYTES = 3.0, 300.0
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Opening:
    seconds: float
    cpu_seconds: float
    peak_mb: float
    stories: int


def run(*, quick: bool) -> Iterator[Figure]:
    for count in (300, 1_000) if quick else (10_000, 100_000):
        with tempfile.TemporaryDirectory(prefix="stationfeed-bench-") as folder:
            yield from _measure(Path(folder) / "station", count)


def _measure(root: Path, count: int) -> Iterator[Figure]:
    print(f"  writing {count:,} episodes below {root.parent} ...", flush=True)
    write_station(root, count, size_bytes=ARTICLE_BYTES)
    yield _pace(f"{count:,} episodes, first indexing", _open(root, publish=False), count)
    for publish in (False, True):
        words = "with its feeds published" if publish else "looked at only"
        if publish:
            yield _pace(
                f"{count:,} indexed, first publishing (300 in the feed)", _open(root, publish=True), count
            )
        found = [_open(root, publish=publish) for _ in range(_ROUNDS)]
        seconds, peak = median(one.seconds for one in found), median(one.peak_mb for one in found)
        note = f"CPU {median(one.cpu_seconds for one in found):.2f} s"
        yield at_most(f"{count:,} unchanged, {words}: time", seconds, SECONDS, "s", note)
        yield at_most(f"{count:,} unchanged, {words}: peak memory", peak, MEGABYTES, "MB")


def _pace(what: str, found: Opening, count: int) -> Figure:
    if found.stories != count:
        raise ValueError(f"{found.stories} of {count} episodes were public")
    return reported(
        what,
        f"{count / found.seconds:,.0f} a s",
        f"{found.seconds:.1f} s, CPU {found.cpu_seconds:.1f} s, peak {found.peak_mb:.0f} MB",
    )


def _open(root: Path, *, publish: bool) -> Opening:
    command = [sys.executable, "-m", "benchmarks.opening", str(root), "publish" if publish else "look"]
    return Opening(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _open_here(root: Path, *, publish: bool) -> dict[str, float]:
    began, cpu_began = time.perf_counter(), time.process_time()
    station = open_station(root, base_url=None, at=NOON, publish=publish)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    stories = station.health(NOON).public
    station.close()
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "peak_mb": _peak_mb(),
        "stories": stories,
    }


def _peak_mb() -> float:
    """The process's own peak: what getrusage tells begins with the memory of the process that started it."""
    said = Path("/proc/self/status").read_text(encoding="ascii")
    kibibytes = next(line for line in said.splitlines() if line.startswith("VmHWM:")).split()[1]
    return int(kibibytes) * 1024 / 1e6


if __name__ == "__main__":
    print(json.dumps(_open_here(Path(sys.argv[1]), publish=sys.argv[2] == "publish")))
