"""How much memory a piece of work takes, all of its processes together."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOK_S = 0.05
_MEGABYTE = 1024 * 1024


@dataclass(slots=True)
class Watch:
    idle_bytes: int
    peak_bytes: int = 0

    @property
    def above_mb(self) -> float:
        return (self.peak_bytes - self.idle_bytes) / _MEGABYTE


@contextmanager
def watched() -> Iterator[Watch]:
    """The resident memory of this process and its children, looked at twenty times a second."""
    gc.collect()
    watch, ended = Watch(_resident_bytes()), threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_S):
            watch.peak_bytes = max(watch.peak_bytes, _resident_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield watch
    finally:
        ended.set()
        looking.join()


def _resident_bytes() -> int:
    me = Path("/proc/self")
    children: list[str] = []
    for listed in me.glob("task/*/children"):
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            children += listed.read_text().split()
    return sum(_resident_of(one) for one in [me, *(Path("/proc", one) for one in children)])


def _resident_of(process: Path) -> int:
    try:
        return int((process / "statm").read_text().split()[1]) * 4096
    except OSError:
        return 0  # it has just ended
