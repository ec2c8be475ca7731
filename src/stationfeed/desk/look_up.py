"""What is or was or will be on air, as people ask for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from stationfeed.errors import NotFoundError, RejectedError
from stationfeed.feeds.stitch import plain_bytes
from stationfeed.folder.instants import MisreadError, parse_instant

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from stationfeed.model.config import Config
    from stationfeed.model.words import Slug
    from stationfeed.station.opened import OpenStation

LONGEST = timedelta(days=62)


def known_service(config: Config, service_id: str) -> Slug:
    """Raises NotFoundError for a service that the configuration does not have."""
    for one in config.services:
        if one == service_id:
            return one
    raise NotFoundError("service", service_id)


def slots_between(
    station: OpenStation, service_id: str, start: str | None, end: str | None, at: datetime
) -> bytes:
    """The slots of a service between two times, as JSON; RejectedError where those are no times."""
    known = known_service(station.config, service_id)
    broadcast = station.site.broadcast
    zone = broadcast.live.timelines[known].zone
    from_, to = broadcast.coming_days(known, at)
    length = to - from_
    begins = _instant("from", start, zone) if start else from_
    ends = _instant("to", end, zone) if end else begins + length
    if not timedelta() < ends - begins <= LONGEST:
        raise RejectedError((f"to: has to be after from, and at most {LONGEST.days} days",))
    return plain_bytes(broadcast.schedule(known, begins, ends).segments)


def _instant(name: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_instant(text, zone)
    except MisreadError as error:
        raise RejectedError((f"{name}: {error.message}. {error.remedy}",)) from error
