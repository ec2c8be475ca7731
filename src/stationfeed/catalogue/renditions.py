"""Which renditions stories should have, and which they have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from stationfeed.catalogue.rows import WantedRendition, dump, load
from stationfeed.catalogue.tables import renditions, stories, to_microseconds
from stationfeed.model.episode import State

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Refusal
    from stationfeed.model.words import Slug


def renditions_of(catalogue: Catalogue, slug: str) -> list[WantedRendition]:
    """What a story should have, the enclosure first."""
    query = select(renditions.c.payload).where(renditions.c.slug == slug).order_by(renditions.c.position)
    with catalogue.together() as connection:
        return [load(WantedRendition, text) for text in connection.scalars(query)]


def missing_renditions(catalogue: Catalogue, at: datetime) -> list[WantedRendition]:
    """What is to be made for stories that are public or will be, the newest stories first."""
    lasts = or_(stories.c.expires_at.is_(None), stories.c.expires_at > to_microseconds(at))
    query = (
        select(renditions.c.payload)
        .join(stories, stories.c.slug == renditions.c.slug)
        .where(renditions.c.missing, stories.c.state == State.READY.value, stories.c.holds_guid, lasts)
        .order_by(stories.c.published_at.desc(), renditions.c.slug, renditions.c.position)
    )
    with catalogue.together() as connection:
        return [load(WantedRendition, text) for text in connection.scalars(query)]


def used_renditions(catalogue: Catalogue) -> dict[str, Slug]:
    """The names of the renditions that stories have, each with its story."""
    query = select(renditions.c.made_name, renditions.c.slug).where(renditions.c.made_name.is_not(None))
    with catalogue.together() as connection:
        return {row.made_name: row.slug for row in connection.execute(query)}


def lost_renditions(catalogue: Catalogue, there: Collection[str]) -> frozenset[Slug]:
    """The stories of which a rendition is not among those that are there."""
    return frozenset(slug for name, slug in used_renditions(catalogue).items() if name not in there)


def keep_refusal(catalogue: Catalogue, slug: Slug, name: str, refusal: Refusal) -> None:
    """Note why a rendition cannot be made."""
    with catalogue.together() as connection:
        for position, one in enumerate(renditions_of(catalogue, slug)):
            if one.name == name:
                place = (renditions.c.slug == slug) & (renditions.c.position == position)
                refused = dump(replace(one, refusal=refusal))
                connection.execute(update(renditions).where(place).values(missing=False, payload=refused))
