"""`python -m tests.dying N ARGUMENT...`: stationfeed, killed by the system when Python reports its N-th deed.

Deeds are what Python's audit hooks tell of: files opened and renamed, programs started, folders made. With N = 0 it
lives, and says at its end, on the last line of its standard error, how many there were before and after the first
program was started.
"""

from __future__ import annotations

import os
import signal
import sys

from stationfeed.cli import main

_DEEDS = frozenset(
    (
        "open",
        "os.rename",
        "os.remove",
        "os.mkdir",
        "os.truncate",
        "os.posix_spawn",
        "subprocess.Popen",
        "fcntl.flock",
    )
)


class Life:
    """Counts its deeds, and ends at one of them."""

    def __init__(self, last: int) -> None:
        self.last, self.count, self.before_programs = last, 0, 0

    def hear(self, event: str, _arguments: object) -> None:
        if event not in _DEEDS:
            return
        self.count += 1
        if event == "subprocess.Popen" and not self.before_programs:
            self.before_programs = self.count
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    life = Life(int(sys.argv.pop(1)))
    sys.addaudithook(life.hear)
    try:
        main()
    finally:
        sys.stderr.write(f"{life.before_programs} {life.count}\n")
