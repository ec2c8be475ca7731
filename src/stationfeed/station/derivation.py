"""Makes the renditions that are missing, several at a time, and tells how far it is."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from stationfeed.audio.plan import Order
from stationfeed.catalogue.rows import Refusal, load
from stationfeed.errors import StationfeedError, UnreadableMediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stationfeed.audio.derive import Workshop
    from stationfeed.catalogue.rows import WantedRendition
    from stationfeed.model.words import Slug

RETRY_S = 60.0
"""After how long something is tried again that failed for no fault of the sound."""

JobState = Literal["waiting", "making", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One rendition in the making; `left` is None while nobody can say."""

    order: Order
    state: JobState = "waiting"
    done: timedelta = timedelta()
    whole: timedelta | None = None
    left: timedelta | None = None
    reason: str | None = None

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; a correction begins anew."""
        return min(self.done / self.whole, 1.0) if self.whole else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a job: a rendition is there, unless the sound was refused or something failed."""

    slug: Slug
    name: str
    refusal: Refusal | None = None
    failure: str | None = None


class Derivation:
    """Carries out orders in threads of its own; each runs programs and is hardly ever at work itself."""

    def __init__(self, workshop: Workshop, at_once: int) -> None:
        self._workshop = workshop
        self._threads = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="audio")
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._jobs: dict[str, Job] = {}
        self._failed_at: dict[str, float] = {}

    @property
    def jobs(self) -> list[Job]:
        """Those at work first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: job.state != "making")

    def take(self, wanted: Iterable[WantedRendition], on_done: Callable[[Outcome], None]) -> None:
        """Begin with what is not begun yet, in this order; `on_done` is called in another thread."""
        missing = {one.name: one for one in wanted}
        for name in self._forget_unwanted(missing.keys()):
            order: Order = load(Order, missing[name].order)
            with self._lock:
                self._jobs[name] = Job(order=order)
            self._threads.submit(self._run, order, on_done)

    def close(self) -> None:
        """Stop at once; what is half made is gone, and made at the next start."""
        self._stop.set()
        self._threads.shutdown(cancel_futures=True)

    def _forget_unwanted(self, names: Iterable[str]) -> list[str]:
        """The names for which there is no job, in their order; those of failed jobs once they are due again."""
        now_s = time.monotonic()
        with self._lock:
            due = [one for one, at_s in self._failed_at.items() if now_s - at_s >= RETRY_S]
            for name in [*due, *(self._failed_at.keys() - set(names))]:
                self._failed_at.pop(name, None)
                self._jobs.pop(name, None)
            return [name for name in names if name not in self._jobs]

    def _run(self, order: Order, on_done: Callable[[Outcome], None]) -> None:
        if self._stop.is_set():
            return
        began_s = time.monotonic()
        self._note(order, state="making")

        def report(done: timedelta, whole: timedelta) -> None:
            passed_s = time.monotonic() - began_s
            left = timedelta(seconds=passed_s) * (whole / done - 1) if done else None
            self._note(order, state="making", done=done, whole=whole, left=left)

        outcome = Outcome(slug=order.slug, name=order.name)
        try:
            self._workshop.carry_out(order, stop=self._stop, report=report)
        except UnreadableMediaError as error:
            refusal = Refusal(reason=_reason(error, order), remedy=error.remedy)
            outcome = replace(outcome, refusal=refusal)
        except StationfeedError as error:
            outcome = replace(outcome, failure=str(error))
        self._finish(outcome)
        if not self._stop.is_set():
            on_done(outcome)

    def _note(self, order: Order, **changes: object) -> None:
        with self._lock:
            self._jobs[order.name] = replace(self._jobs[order.name], **changes)  # type: ignore[arg-type]

    def _finish(self, outcome: Outcome) -> None:
        with self._lock:
            job = self._jobs.pop(outcome.name)
            if outcome.failure is not None:
                self._failed_at[outcome.name] = time.monotonic()
                self._jobs[outcome.name] = replace(job, state="failed", left=None, reason=outcome.failure)


def _reason(error: UnreadableMediaError, order: Order) -> str:
    """In words that follow the master's name; an ident or a picture has a name of its own."""
    if error.path == order.master.path:
        return error.reason
    return f"cannot be made into podcast audio: {error.path} {error.reason}"
