"""What is said at an address where something was public once: where it is now, or that it is gone and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import slug_behind
from stationfeed.model.addresses import absolute, embed_path, media_kind, story_path
from stationfeed.model.words import Slug
from stationfeed.site import Moved

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.state import State
    from stationfeed.site import Site


@dataclass(frozen=True, slots=True)
class Gone:
    """What was public at an address once, and is not any more."""

    reason: str | None


_NOW_CALLED = {"card": "photo"}
"""A card stands in for a photo until there is one."""


def departed_story(site: Site, state: State, address: str, at: datetime) -> Moved | Gone | None:
    """Where the page or the player of a story is now, or that it is gone; None for one that never was public."""
    slug = Slug(address.rpartition("/")[2])
    path_of = next((one for one in (story_path, embed_path) if one(slug) == address), None)
    if path_of is None:
        return None
    if site.public_story(slug, at):
        return None  # it has no player
    behind = slug_behind(site.catalogue, slug)
    if behind and site.public_story(behind, at):
        return Moved(absolute(site.around.base_url, path_of(behind)))
    return Gone(withdrawal_reason(site.catalogue, slug)) if state.was_public(slug) else None


def moved_media(site: Site, address: str, slug: Slug | None, at: datetime) -> Moved | None:
    """Where a file that had another address is now: its story's file of the same kind, or the brand's of its name."""
    if address.startswith("/assets/"):
        return _moved_asset(site, address)
    if slug is None:
        stem = address.rpartition("-")[0]
        brand = (one for one in site.brand_files() if one.rpartition("-")[0] == stem and stem)
        return next((Moved(absolute(site.around.base_url, one)) for one in brand), None)
    story = site.public_story(slug, at) or site.public_story(slug_behind(site.catalogue, slug) or "", at)
    if not story:
        return None
    kind = _NOW_CALLED.get(media_kind(address), media_kind(address))
    same = [
        one.address
        for one in site.media_of(story)
        if media_kind(one.address) == kind and one.address != address
    ]
    # Of audio in several codecs the one of the same codec, and else the enclosure, which is the first.
    same.sort(key=lambda one: one.rpartition(".")[2] != address.rpartition(".")[2])
    return Moved(absolute(site.around.base_url, same[0])) if same else None


def _moved_asset(site: Site, address: str) -> Moved | None:
    """What a page from before asks for: the stylesheet or the script of that name, as it is now."""
    end = ".css" if address.endswith(".css") else address[address.rindex("/") :]
    now = next((one for one in site.pages.assets if one.endswith(end)), None)
    return Moved(absolute(site.around.base_url, now)) if now else None


def withdrawal_reason(catalogue: Catalogue, slug: Slug | None) -> str | None:
    story = catalogue.stories([slug]).get(slug) if slug else None
    withdrawn = story.episode.withdrawn if story else None
    return withdrawn.reason if withdrawn else None
