"""What was heard and what aired on each service, as sources told it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert

from stationfeed.catalogue.rows import dump, load
from stationfeed.catalogue.tables import airings, heard, to_instant, to_microseconds
from stationfeed.model.on_air import AsRun, PlayingItem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from stationfeed.catalogue.state import State
    from stationfeed.model.words import Slug

AIRINGS_KEPT_FOR = timedelta(days=35)
AIRINGS_KEPT = 5_000


def heard_items(state: State) -> dict[Slug, PlayingItem]:
    """The last item that was heard of on each service."""
    with state.transaction() as connection:
        return {row.service: load(PlayingItem, row.item) for row in connection.execute(select(heard))}


def keep_item(state: State, service_id: Slug, item: PlayingItem | None) -> None:
    with state.transaction() as connection:
        if item is None:
            connection.execute(delete(heard).where(heard.c.service == service_id))
            return
        query = insert(heard).values(service=service_id, item=dump(item))
        changes = {"item": query.excluded["item"]}
        connection.execute(query.on_conflict_do_update(index_elements=[heard.c.service], set_=changes))


def aired(state: State) -> dict[Slug, tuple[AsRun, ...]]:
    """What aired on each service, in the order in which it was told: the later word counts."""
    found: dict[Slug, list[AsRun]] = {}
    with state.transaction() as connection:
        for row in connection.execute(select(airings).order_by(airings.c.id)):
            airing = AsRun(
                starts_at=to_instant(row.starts_at), ends_at=to_instant(row.ends_at), title=row.title
            )
            found.setdefault(row.service, []).append(airing)
    return {service_id: tuple(one) for service_id, one in found.items()}


def keep_airings(state: State, service_id: Slug, told: Sequence[AsRun], at: datetime) -> None:
    """Add to what aired; what is long over, or more than anybody asks for, is forgotten."""
    rows = [
        {
            "service": service_id,
            "starts_at": to_microseconds(one.starts_at),
            "ends_at": to_microseconds(one.ends_at),
            "title": one.title,
        }
        for one in told
    ]
    mine = airings.c.service == service_id
    with state.transaction() as connection:
        if rows:
            connection.execute(insert(airings), rows)
        connection.execute(
            delete(airings).where(mine, airings.c.ends_at < to_microseconds(at - AIRINGS_KEPT_FOR))
        )
        last = connection.scalar(select(func.max(airings.c.id))) or 0
        connection.execute(delete(airings).where(mine, airings.c.id <= last - AIRINGS_KEPT))
