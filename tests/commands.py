"""The real `stationfeed` command in a child process, also with fewer rights or on a disk of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE_SECONDS = 60.0
ROOT = Path(__file__).parent.parent

WITHOUT_PRIVILEGES = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
    if os.geteuid() == 0
    else ()
)
"""In front of a command: permissions count, also for root."""


@dataclass(frozen=True, slots=True)
class Run:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def run_command(
    *arguments: str | Path,
    wrap: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Run:
    """Run `stationfeed` as it is installed, with nobody at the keyboard; a traceback is always a failure."""
    program = [*wrap, sys.executable, "-m", "stationfeed", *map(str, arguments)]
    return run_program(program, environment, cwd)


def run_program(
    program: list[str], environment: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Run:
    done = subprocess.run(
        program,
        env={**_plain_environment(), **(environment or {})},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Run(done.returncode, done.stdout, done.stderr)


def run_with_own_mounts(function: str, *arguments: str | Path) -> None:
    """Run `module:function` of the tests in a process that may mount disks which nobody else sees."""
    if (
        os.geteuid() != 0
        or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip(
            "mounting a small disk needs root and `unshare -m`: run the tests as root to see this one"
        )
    module, _, name = function.partition(":")
    code = f"import sys; from tests.{module} import {name}; {name}(*sys.argv[1:])"
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", code, *map(str, arguments)],
        env=_plain_environment(),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr


def _plain_environment() -> dict[str, str]:
    """The environment without what would change the words or colours of a command."""
    changing = ("STATIONFEED_", "FORCE_COLOR", "NO_COLOR", "TTY_", "COLUMNS", "PYTHONIOENCODING")
    return {name: value for name, value in os.environ.items() if not name.startswith(changing)}
