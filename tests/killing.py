"""A real process stopped by strace at one of its system calls that change the disk."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_CALL = re.compile(r"^\d+ +(?P<name>\w+)\((?P<arguments>.*)")


@dataclass(frozen=True, slots=True)
class Call:
    """The n-th call of its name in a process, with its arguments as strace prints them."""

    name: str
    nth: int
    arguments: str

    @property
    def kill(self) -> tuple[str, str]:
        """What tells strace to kill the process when it makes this call."""
        return ("-e", f"inject={self.name}:signal=KILL:when={self.nth}")

    @property
    def writes_to(self) -> str | None:
        """The file of a page write."""
        return self.arguments.partition(",")[0] if self.name == "pwrite64" else None

    def fail(self, error: str) -> tuple[str, str]:
        """What tells strace to have the system refuse this call with an error such as ENOSPC."""
        return ("-e", f"inject={self.name}:error={error}:when={self.nth}")


def run_traced(command: Sequence[str], names: Sequence[str], trace: Path, inject: Sequence[str] = ()) -> int:
    """Run a command with the named calls traced into a file; its exit code, negative for a signal."""
    strace = ["strace", "-f", "-y", "-s0", "-o", str(trace), "-e", f"trace={','.join(names)}"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    return subprocess.run(
        [*strace, *inject, *command], env=environment, capture_output=True, check=False
    ).returncode


def without_middle_writes(calls: Sequence[Call]) -> list[Call]:
    """The calls, but of page writes into one file that follow one another only the first and the last.

    Of the frames of one transaction nobody sees any before the last is written.
    """
    kept = list(calls[:1])
    for before, call, after in zip(calls, calls[1:], calls[2:], strict=False):
        if not (call.name == "pwrite64" and before.writes_to == call.writes_to == after.writes_to):
            kept.append(call)
    return [*kept, *calls[-1:]] if len(calls) > 1 else kept


def of_few_files(calls: Sequence[Call], folder: Path) -> list[Call]:
    """The calls, but of files that are created below a folder one after the other only the first, a middle and the last.

    They are written by the same steps, each by itself.
    """
    began = [at for at, call in enumerate(calls) if call.name == "openat" and f"{folder}/" in call.arguments]
    ends = [*began[1:], len(calls)]
    chosen = {0, len(began) // 2, len(began) - 1}
    left_out = {
        at
        for number, (first, end) in enumerate(zip(began, ends, strict=True))
        if number not in chosen
        for at in range(first, end)
        if f"{folder}/" in calls[at].arguments
    }
    return [call for at, call in enumerate(calls) if at not in left_out]


def calls_below(trace: Path, *folders: Path) -> list[Call]:
    """The traced calls that change something below one of the folders."""
    seen: dict[str, int] = {}
    found = []
    for line in trace.read_text().splitlines():
        if match := _CALL.match(line):
            name, arguments = match["name"], match["arguments"]
            seen[name] = seen.get(name, 0) + 1
            reads = name == "openat" and "O_CREAT" not in arguments
            if any(str(folder) in arguments for folder in folders) and not reads:
                found.append(Call(name, seen[name], arguments))
    return found
