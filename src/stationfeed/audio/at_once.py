"""Several runs of ffmpeg at the same time, one for each core: they end together, whether well or badly."""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stationfeed.audio.ffmpeg import Stop

_MOST = 4
_Result = TypeVar("_Result")


def core_count() -> int:
    """The cores we may use, four at most: more would only hold more memory."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST, cores)


def can_read_at_once() -> bool:
    """Whether a file can be opened anew from its descriptor, for a position of its own (Linux)."""
    return os.path.exists("/proc/self/fd")  # noqa: PTH110 - no path of ours


def run_at_once(jobs: Sequence[Callable[[Stop], _Result]], stop: Stop | None) -> list[_Result]:
    """What the jobs gave, in their order; when one fails the others are stopped, and its error is raised."""
    halt = _Halt(stop)
    with ThreadPoolExecutor(len(jobs)) as pool:
        try:
            running = [pool.submit(job, halt) for job in jobs]
            ended, _ = wait(running, return_when=FIRST_EXCEPTION)
            for one in ended:
                one.result()
            return [one.result() for one in running]
        finally:
            halt.event.set()


class _Halt:
    """Set when the caller wants no more, or when one of the jobs has failed."""

    def __init__(self, stop: Stop | None) -> None:
        self.event = threading.Event()
        self._stop = stop

    def is_set(self) -> bool:
        return self.event.is_set() or (self._stop is not None and self._stop.is_set())


class SharedProgress:
    """The sum of what several jobs have done, told to one listener."""

    def __init__(self, on_progress: Callable[[timedelta], None] | None, jobs: int) -> None:
        self._on_progress = on_progress
        self._done = [timedelta()] * jobs
        self._lock = threading.Lock()

    def of(self, job: int) -> Callable[[timedelta], None]:
        def tell(done: timedelta) -> None:
            with self._lock:
                self._done[job] = done
                if self._on_progress:
                    self._on_progress(sum(self._done, timedelta()))

        return tell
