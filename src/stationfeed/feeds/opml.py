"""All feeds as one OPML list, for readers that import one.

http://opml.org/spec2.opml
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stationfeed.feeds.channel import Channel


def render_opml(title: str, channels: Iterable[Channel]) -> bytes:
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = title
    body = etree.SubElement(root, "body")
    for channel in channels:
        etree.SubElement(
            body,
            "outline",
            type="rss",
            version="RSS2",
            text=channel.title,
            title=channel.title,
            description=channel.description,
            language=channel.language,
            xmlUrl=channel.self_url,
            htmlUrl=channel.link,
        )
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
