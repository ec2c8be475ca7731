"""Fixtures that most tests share."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.stations import StationFolder, make_station

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    """A station folder without episodes, with the shows `newsroom` and `archive` (which is never a podcast)."""
    return make_station(tmp_path / "station")


@pytest.fixture(scope="session")
def strace() -> None:
    """Skip, aloud, where processes cannot be stopped at their system calls."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed (apt-get install strace): the crash tests did NOT run")
    tried = subprocess.run(
        ["strace", "-f", "-o", os.devnull, "true"], capture_output=True, text=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip(f"ptrace is not permitted here: the crash tests did NOT run ({tried.stderr.strip()})")
