"""XML elements as values, so that a namespace is a table of what it says in output order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMESPACES: dict[str, str] = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "fh": "http://purl.org/syndication/history/1.0",
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """An element such as `podcast:guid`, or one of RSS itself; attributes that are None vanish."""

    name: str
    text: str | None = None
    attributes: Mapping[str, str | None] | None = None
    children: tuple[Tag, ...] = ()


def append_tags(parent: etree._Element, tags: Iterable[Tag]) -> None:
    for tag in tags:
        element = etree.SubElement(parent, _qualified(tag.name))
        element.text = tag.text
        for name, value in (tag.attributes or {}).items():
            if value is not None:
                element.set(name, value)
        if tag.children:
            append_tags(element, tag.children)


@cache
def _qualified(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local


def yes_no(flag: bool) -> str:
    return "yes" if flag else "no"


def true_false(flag: bool) -> str:
    return "true" if flag else "false"
