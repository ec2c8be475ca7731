"""Taking in what automation says is on air."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stationfeed.catalogue.tokens import PURPOSE_NOW, find_token
from stationfeed.desk.look_up import known_service
from stationfeed.errors import ForbiddenError, NotSignedInError
from stationfeed.sources.filtering import is_news
from stationfeed.sources.pushed import read_push

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.model.words import Slug
    from stationfeed.station.opened import OpenStation


def hear_push(station: OpenStation, service_id: str, token: str | None, data: bytes, at: datetime) -> None:
    """Say from now on that this is on air, on a service for which the token was made.

    Raises NotFoundError for an unknown service, AccessError, and RejectedError for what cannot be used.
    """
    known = known_service(station.config, service_id)
    _check_token(station, known, token)
    push = read_push(data, at)
    if push.aired:
        station.hear_aired(known, push.aired, at)
        return
    source = station.config.services[known][1].now_playing
    ignore = source.ignore if source else ()
    item = push.item if push.item and is_news(push.item.title, push.item.category, ignore) else None
    station.hear(known, item, at)


def _check_token(station: OpenStation, service_id: Slug, given: str | None) -> None:
    token = find_token(station.state, given) if given else None
    if token is None or token.purpose != PURPOSE_NOW:
        raise NotSignedInError("a token is needed; `stationfeed staff token now` makes one")
    if token.service != service_id:
        raise ForbiddenError(f"this token is for {token.service}")
