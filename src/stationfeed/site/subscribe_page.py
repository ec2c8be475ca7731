"""Where people subscribe: each feed with the apps that open it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import segno

from stationfeed.model.addresses import SUBSCRIBE, absolute, feed_path
from stationfeed.pages import values

if TYPE_CHECKING:
    from stationfeed.site.page_parts import PageParts

_QR_LIMIT = 600
"""A longer address has more modules than a phone can tell apart on a screen."""


def subscribe_page(parts: PageParts) -> values.SubscribePage:
    title = parts.around.config.site.title
    offers = [
        values.FeedOffer(
            feed_id=one,
            title=feed.title,
            description=feed.description or feed.subtitle,
            url=(url := absolute(parts.around.base_url, feed_path(one))),
            apps=apps_for(url),
            qr_svg=qr_svg(url),
        )
        for one, feed in parts.around.config.feeds.items()
        if not feed.redirect
    ]
    head = parts.head("Subscribe", f"Hear and read {title} in any podcast app or feed reader.", SUBSCRIBE)
    return values.SubscribePage(head=head, feeds=tuple(offers))


def apps_for(url: str) -> tuple[values.Link, ...]:
    """Links by which an app on this device subscribes, each as the app's makers document it."""
    bare = url.partition("://")[2]
    return (
        values.Link("Apple Podcasts", f"podcast://{bare}"),
        values.Link("Overcast", f"overcast://x-callback-url/add?url={quote(url, safe='')}"),
        values.Link("Pocket Casts", f"pktc://subscribe/{bare}"),
        values.Link("AntennaPod", f"antennapod-subscribe://{bare}"),
    )


def qr_svg(url: str) -> str:
    """A QR code (ISO/IEC 18004) to be held before a phone; nothing where the address is too long for one."""
    if len(url) > _QR_LIMIT:
        return ""
    code = segno.make(url, error="m", micro=False)
    drawn: str = code.svg_inline(
        scale=4, border=4, light="white", dark="black", omitsize=True, svgclass="qr", lineclass=None
    )
    return drawn
