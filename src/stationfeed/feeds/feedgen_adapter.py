"""feedgen 1.0.0 behind one door: it writes the documents, what it does wrong or cannot do is mended here.

- Dates are written by the standard library: feedgen's own writer changes the locale of the whole process.
- Every date is given: feedgen takes "now" for those that are not.
- Atom links of an entry keep their rel, type and length, which feedgen loses.
- Hubs, true and false, artwork addresses with a query and all of Podcasting 2.0 are extension tags.
- Text is free of what XML cannot carry before it comes here (`folder.scalars`), so nothing fails half-way.
- Items are rendered one at a time, so their order is ours and a double guid is seen before (`catalogue`).
"""

from __future__ import annotations

from copy import copy
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import feedgen.entry
import feedgen.feed
from lxml import etree

from stationfeed.feeds.tags import NAMESPACES, append_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stationfeed.feeds.tags import Tag

feedgen.feed.formatRFC2822 = feedgen.entry.formatRFC2822 = format_datetime

_SPLIT = "stationfeed-items"


class _ChannelExtension:
    """Our tags in a feedgen channel: some before everything, the rest behind feedgen's own."""

    def __init__(self, first: Iterable[Tag], tags: Iterable[Tag], *, built: bool) -> None:
        self._first, self._tags, self._built = tuple(first), tuple(tags), built

    def extend_ns(self) -> dict[str, str]:
        return NAMESPACES

    def extend_rss(self, rss: etree._Element) -> None:
        channel = rss[0]
        own = list(channel)
        append_tags(channel, self._first)
        for element in own:
            if element.tag != "lastBuildDate" or self._built:
                channel.append(element)
            else:
                channel.remove(element)
        append_tags(channel, self._tags)
        etree.SubElement(channel, _SPLIT)


class _AtomFeedExtension:
    """Marks the place of the entries; what an Atom feed says, feedgen says right."""

    def extend_ns(self) -> dict[str, str]:
        return {}

    def extend_atom(self, feed: etree._Element) -> None:
        etree.SubElement(feed, _SPLIT)


class _ItemExtension:
    """Our tags in a feedgen entry written as RSS, which moves into a root that has declared their namespaces.

    It moves before they are added: lxml then finds each namespace, and does not declare it again in every tag.
    """

    def __init__(self, root: etree._Element, tags: Iterable[Tag]) -> None:
        self._root, self._tags = root, tags

    def extend_rss(self, item: etree._Element) -> None:
        self._root.append(item)
        append_tags(item, self._tags)


class _AtomEntryExtension:
    """An Atom entry's links with their attributes, the entry in a root."""

    def __init__(self, root: etree._Element, links: Iterable[dict[str, str]]) -> None:
        self._root, self._links = root, links

    def extend_atom(self, entry: etree._Element) -> None:
        self._root.append(entry)
        for link in self._links:
            etree.SubElement(entry, "link", link)


def _attach(target: Any, extension: object, *, rss: bool) -> None:
    # feedgen only takes extension classes that it makes itself, without arguments; this is where it keeps them.
    name = f"_{type(target).__name__}__extensions"
    setattr(target, name, {"stationfeed": {"inst": extension, "rss": rss, "atom": not rss}})


def rss_frame(
    generator: Any, first: Iterable[Tag], tags: Iterable[Tag], *, built: bool
) -> tuple[bytes, bytes]:
    """What stands before and after the items of an RSS document.

    `first` comes before feedgen's own elements, `tags` behind them; `built` says whether it has a build date.
    """
    _attach(generator, _ChannelExtension(first, tags, built=built), rss=True)
    return _cut(generator.rss_str(encoding="UTF-8"))


def atom_frame(generator: Any) -> tuple[bytes, bytes]:
    """What stands before and after the entries of an Atom document."""
    _attach(generator, _AtomFeedExtension(), rss=False)
    return _cut(generator.atom_str(encoding="UTF-8"))


def rss_item(entry: Any, tags: Iterable[Tag]) -> bytes:
    """One item as it stands in a document whose root has declared the namespaces."""
    root = _RSS_ROOT.make()
    _attach(entry, _ItemExtension(root, tags), rss=True)
    entry.rss_entry()
    return _RSS_ROOT.inside(root)


def atom_entry(entry: Any, links: Iterable[dict[str, str]]) -> bytes:
    """One entry as it stands in an Atom document; `links` keep their attributes."""
    root = _ATOM_ROOT.make()
    _attach(entry, _AtomEntryExtension(root, links), rss=False)
    entry.atom_entry()
    return _ATOM_ROOT.inside(root)


def _cut(document: bytes) -> tuple[bytes, bytes]:
    head, _, tail = document.rpartition(f"<{_SPLIT}/>".encode())
    return head, tail


class _Root:
    """Roots that declare namespaces, and the bytes of what was put inside one."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self._empty = etree.Element("root", nsmap=namespaces)
        root = self.make()
        root.append(etree.Element("x"))
        before, _, after = etree.tostring(root, encoding="UTF-8").partition(b"<x/>")
        self._before, self._after = len(before), len(after)

    def make(self) -> etree._Element:
        return copy(self._empty)  # to declare the namespaces again takes five times as long

    def inside(self, root: etree._Element) -> bytes:
        document = etree.tostring(root, encoding="UTF-8")
        return document[self._before : len(document) - self._after] + b"\n"


_RSS_ROOT = _Root(NAMESPACES)
_ATOM_ROOT = _Root({})
