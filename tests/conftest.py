"""Fixtures that most tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.stations import StationFolder, make_station

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    """A station folder without episodes, with the shows `newsroom` and `archive` (which is never a podcast)."""
    return make_station(tmp_path / "station")
