"""Photos in the sizes of pages, made now and not in the background."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from stationfeed.station.prints import public_slugs

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from stationfeed.station.opened import OpenStation


def make_prints(station: OpenStation, at: datetime, tell: Callable[[int, int], None]) -> None:
    """Make what is missing for public stories; `tell` is told how many there are, and how many are done."""
    wanted = station.prints.missing(station.catalogue, public_slugs(station.catalogue, at), at)
    darkroom = station.prints.open_darkroom(station.config.limits)
    for number, photo in enumerate(wanted, start=1):
        darkroom.print_all([photo], Event())
        tell(number, len(wanted))
