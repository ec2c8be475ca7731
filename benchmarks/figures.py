"""What a benchmark found out, and how it is measured: variants in turn, the median of each."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured value beside the one to hold; `is_held` is None where none was promised."""

    what: str
    measured: str
    bound: str = ""
    is_held: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        return {None: "", True: "ok", False: "MISSED"}[self.is_held]


def at_least(what: str, ratio: float, bound: float, note: str = "") -> Figure:
    return Figure(
        what=what,
        measured=f"{_short(ratio)} {TIMES}",
        bound=f"≥ {bound:g} {TIMES}",
        is_held=round(ratio, 2) >= bound,
        note=note,
    )


def at_most(what: str, value: float, bound: float, unit: str, note: str = "") -> Figure:
    return Figure(
        what=what,
        measured=f"{_short(value)} {unit}",
        bound=f"≤ {bound:g} {unit}",
        is_held=value <= bound,
        note=note,
    )


def reported(what: str, measured: str, note: str = "") -> Figure:
    return Figure(what=what, measured=measured, note=note)


def milliseconds(seconds: float) -> str:
    return f"{_short(seconds * 1000)} ms"


def alternate(variants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median CPU seconds of each variant; in every round each has its turn.

    CPU time, since other programs may be at work on the machine. Garbage is collected before each turn and during it.
    """
    found: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, run in variants.items():
            gc.collect()
            found[name].append(cpu_seconds(run))
    return {name: median(times) for name, times in found.items()}


def cpu_seconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def wall_seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def print_table(figures: Iterable[Figure]) -> None:
    for one in figures:
        print(
            f"  {one.what:<58} {one.measured:>14}  {one.bound:<9} {one.verdict:<7} {one.note}".rstrip(),
            flush=True,
        )


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
