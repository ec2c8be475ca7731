"""JSON Feed 1.1.

https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from stationfeed.feeds.item import summary_of

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.feeds.channel import Channel
    from stationfeed.feeds.item import Item
    from stationfeed.model.words import Url

SEPARATOR = b",\n"


def render_json_frame(channel: Channel, self_url: Url) -> tuple[bytes, bytes]:
    """What stands before and after the items."""
    document = _present(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": channel.title,
            "home_page_url": channel.link,
            "feed_url": self_url,
            "description": channel.description,
            "icon": channel.artwork_url,
            "language": channel.language,
            "authors": [{"name": channel.author}],
            "hubs": [{"type": "WebSub", "url": hub} for hub in channel.hubs],
        }
    )
    return _dumps(document)[:-1] + b',"items":[\n', b"\n]}\n"


def render_json_item(channel: Channel, item: Item) -> bytes:
    full = channel.feed.content == "full"
    return _dumps(
        _present(
            {
                "id": item.episode.guid,
                "url": item.url,
                "external_url": item.episode.origin.url if item.episode.origin else None,
                "title": item.title,
                "summary": item.description,
                "content_html": item.html if full else None,
                "content_text": None if full else summary_of(item),
                "image": item.thumbnail.url if item.thumbnail else None,
                "date_published": _rfc3339(item.published_at),
                "date_modified": _rfc3339(item.updated_at),
                "authors": [{"name": author} for author in item.authors],
                "tags": list(item.episode.topics),
                "attachments": _attachments(item),
            }
        )
    )


def _attachments(item: Item) -> list[dict[str, Any]]:
    if item.enclosure is None:
        return []
    return [
        {
            "url": item.enclosure.url,
            "mime_type": item.enclosure.media_type,
            "size_in_bytes": item.enclosure.size_bytes,
            "duration_in_seconds": round(item.enclosure.duration.total_seconds()),
        }
    ]


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value not in (None, [])}


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
