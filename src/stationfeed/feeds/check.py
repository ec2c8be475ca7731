"""The rules of Apple, PSP-1, Podcasting 2.0 and the directories that a feed's content can break.

What no content can break (well-formed XML, absolute addresses, dates, order of elements) is the renderers' to
keep and the tests' to prove. The ids name the rule in `docs/rules.md`.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stationfeed.errors import Problem, Severity
from stationfeed.feeds.itunes import ARTWORK_PIXELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stationfeed.feeds.channel import Channel
    from stationfeed.feeds.item import Item
    from stationfeed.model.podcast import Txt
    from stationfeed.model.words import Slug

VALUE_LIMIT = 255
DESCRIPTION_LIMIT_BYTES = 4000
FREE_TEXT_LIMIT = 128
AUDIO_LIMIT_BYTES = 200 * 1000 * 1000
DOCUMENT_WARN_BYTES = 1_000_000
DOCUMENT_SPLIT_BYTES = 5_000_000
SOUNDBITE_SECONDS = (15, 120)

_CONFIG = PurePosixPath("config.yaml")
_COPYRIGHT = re.compile(r"copyright|©|\(c\)|\b(19|20)\d\d\b", re.IGNORECASE)


def check_channel(channel: Channel, items: Sequence[tuple[Slug, Item]]) -> Iterator[Problem]:
    """What a feed's head says that a directory refuses or dislikes; `items` are what its first document shows."""
    yield from _check_words(channel)
    yield from _check_artwork(channel)
    yield from _check_podcast_words(channel)
    if not items:
        yield _of_feed(
            channel, "D1", "select", "shows no story", "Publish one, or widen `select`.", Severity.WARNING
        )


def check_item(slug: Slug, item: Item, channel: Channel) -> Iterator[Problem]:
    """What an item says that a directory refuses or dislikes."""
    if len(item.title) > VALUE_LIMIT:
        yield _of_story(
            slug, "A13", "title", f"is longer than {VALUE_LIMIT} characters", "Shorten it.", Severity.ERROR
        )
    if channel.type == "serial" and item.episode.episode_number is None:
        yield _of_story(
            slug,
            "A11",
            "episode_number",
            f"is missing, but the feed {channel.feed_id} is serial",
            "Add `episode_number:`.",
            Severity.ERROR,
        )
    if item.enclosure and item.enclosure.size_bytes > AUDIO_LIMIT_BYTES:
        yield _of_story(
            slug, "D3", "audio.file", "is over 200 MB, which Spotify refuses", "Use a lower bitrate."
        )
    for bite in item.episode.soundbites:
        if not SOUNDBITE_SECONDS[0] <= bite.duration.total_seconds() <= SOUNDBITE_SECONDS[1]:
            yield _of_story(
                slug,
                "P-soundbite",
                "soundbites",
                "one is shorter than 15 or longer than 120 seconds",
                "Choose another stretch.",
            )
    yield from _check_txt(item.episode.txt, lambda *found: _of_story(slug, *found))


def check_size(feed_id: Slug, size_bytes: int) -> Iterator[Problem]:
    """A document that slow apps give up on."""
    if size_bytes > DOCUMENT_WARN_BYTES:
        advice = "Lower `limit`" if size_bytes > DOCUMENT_SPLIT_BYTES else "Consider a lower `limit`"
        yield Problem(
            severity=Severity.WARNING,
            path=_CONFIG,
            field=f"feeds.{feed_id}.limit",
            message=f"makes a document of {size_bytes / 1_000_000:.1f} MB",
            remedy=f"{advice}; older stories move to archive pages.",
            rule="O4",
        )


def _check_words(channel: Channel) -> Iterator[Problem]:
    if len(channel.title) > VALUE_LIMIT:
        yield _of_feed(
            channel, "A13", "title", f"is longer than {VALUE_LIMIT} characters", "Shorten it.", Severity.ERROR
        )
    if len(channel.description.encode()) > DESCRIPTION_LIMIT_BYTES:
        yield _of_feed(
            channel, "A8", "description", "is longer than 4000 bytes", "Shorten it.", Severity.ERROR
        )
    if not channel.said.category:
        yield _of_feed(
            channel,
            "A8",
            "category",
            "is missing, and Apple requires one",
            "Add `category: [News > Daily News]`.",
            Severity.ERROR,
        )
    if channel.feed.owner_email is None:
        yield _of_feed(
            channel, "A15", "owner_email", "is missing; directories write there", "Add a role mailbox."
        )
    if _COPYRIGHT.search(channel.copyright):
        yield _of_feed(
            channel,
            "PSP6",
            "copyright",
            "says more than the holder's name",
            'Leave out "Copyright", © and the year.',
        )
    if not _is_secure(channel.self_url):
        yield _of_feed(channel, "P0", "base_url", "does not begin with https", "Serve the site over https.")


def _is_secure(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1")


def _check_artwork(channel: Channel) -> Iterator[Problem]:
    picture = channel.artwork
    if picture is None:
        yield _of_feed(
            channel,
            "A8",
            "artwork",
            "is missing, and Apple requires it",
            "Add a square JPEG or PNG of 1400 to 3000 pixels.",
            Severity.ERROR,
        )
        return
    if picture.width != picture.height or picture.width not in ARTWORK_PIXELS:
        yield _of_feed(
            channel,
            "A9",
            "artwork",
            f"is {picture.width} by {picture.height} pixels",
            "Make it square, 1400 to 3000 pixels wide.",
            Severity.ERROR,
        )
    if picture.media_type not in ("image/jpeg", "image/png"):
        yield _of_feed(
            channel, "A9", "artwork", f"is {picture.media_type}", "Save it as JPEG or PNG.", Severity.ERROR
        )


def _check_podcast_words(channel: Channel) -> Iterator[Problem]:
    said = channel.said
    for link in said.funding:
        if len(link.text) > FREE_TEXT_LIMIT:
            yield _of_feed(channel, "P-funding", "funding", "has a text over 128 characters", "Shorten it.")
        if not _is_secure(link.url):
            yield _of_feed(
                channel, "P0", "funding", f"{link.url} does not begin with https", "Use the https address."
            )
    frequency = said.update_frequency
    if frequency and frequency.rrule and "COUNT=" in frequency.rrule and frequency.dtstart is None:
        yield _of_feed(
            channel,
            "P-frequency",
            "update_frequency",
            "counts without saying from when",
            "Add `dtstart:`.",
        )
    yield from _check_txt(said.txt, lambda *found: _of_feed(channel, *found))


def _check_txt(values: Iterable[Txt], problem: Callable[[str, str, str, str], Problem]) -> Iterator[Problem]:
    for one in values:
        if len(one.text) > DESCRIPTION_LIMIT_BYTES or len(one.purpose or "") > FREE_TEXT_LIMIT:
            yield problem("P-txt", "txt", "has more text than podcast:txt holds", "Shorten it.")


def _of_feed(
    channel: Channel,
    rule: str,
    field: str,
    message: str,
    remedy: str,
    severity: Severity = Severity.WARNING,
) -> Problem:
    return Problem(
        severity=severity,
        path=_CONFIG,
        field=f"feeds.{channel.feed_id}.{field}",
        message=message,
        remedy=remedy,
        rule=rule,
    )


def _of_story(
    slug: Slug, rule: str, field: str, message: str, remedy: str, severity: Severity = Severity.WARNING
) -> Problem:
    return Problem(
        severity=severity,
        path=PurePosixPath("episodes", slug, "episode.md"),
        field=field,
        message=message,
        remedy=remedy,
        rule=rule,
    )
