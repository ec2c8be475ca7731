"""What search engines ask for: the site's map, its news of two days, and where they may go.

https://www.sitemaps.org/protocol.html
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from stationfeed.catalogue.queries import Wanted, archive_places, count_places, newest
from stationfeed.catalogue.tables import to_instant
from stationfeed.feeds.stitch import compress_segment
from stationfeed.model.addresses import (
    BROWSE,
    CORRECTIONS,
    HOME,
    LIVE,
    NEWS_SITEMAP,
    ROBOTS,
    SITEMAP,
    SUBSCRIBE,
    absolute,
    live_path,
    person_path,
    schedule_page_path,
    show_path,
    sitemap_path,
    story_path,
)
from stationfeed.site.answers import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from stationfeed.catalogue.rows import Entry
    from stationfeed.model.episode import Episode
    from stationfeed.site.page_parts import PageParts

PART_STORIES = 2_000
NEWS_SPAN = timedelta(days=2)
NEWS_LIMIT = 1_000
_XML = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
_PART = re.compile(r"/sitemap-(0|[1-9]\d{0,5})\.xml")
_PAGES = 0


def answer(parts: PageParts, address: str, at: datetime) -> Document | None:
    match address:
        case "/robots.txt":
            return _document(ROBOTS, "text/plain; charset=utf-8", _robots(parts))
        case "/sitemap.xml":
            return _document(SITEMAP, _XML, _index(parts, at))
        case "/news-sitemap.xml":
            return _document(NEWS_SITEMAP, _XML, _news(parts, at))
    found = _PART.fullmatch(address)
    number = int(found[1]) if found else -1
    if found is None or number > _part_count(parts, at):
        return None
    return _document(address, _XML, _pages(parts) if number == _PAGES else _stories(parts, number, at))


def addresses(parts: PageParts, at: datetime) -> Iterator[str]:
    yield from (ROBOTS, SITEMAP, NEWS_SITEMAP)
    yield from (sitemap_path(one) for one in range(_part_count(parts, at) + 1))


def _part_count(parts: PageParts, at: datetime) -> int:
    """Parts with stories; beside them there is one with all other pages."""
    return -(-count_places(parts.catalogue, Wanted(), at) // PART_STORIES)


def _robots(parts: PageParts) -> str:
    maps = (absolute(parts.around.base_url, one) for one in (SITEMAP, NEWS_SITEMAP))
    kept_out = ("/api/", "/staff/", "/search?", "/embed/")
    lines = [
        "User-agent: *",
        *(f"Disallow: {one}" for one in kept_out),
        "",
        *(f"Sitemap: {one}" for one in maps),
    ]
    return "\n".join(lines) + "\n"


def _index(parts: PageParts, at: datetime) -> str:
    urls = (absolute(parts.around.base_url, sitemap_path(one)) for one in range(_part_count(parts, at) + 1))
    return _whole("sitemapindex", _MAPS, (f"<sitemap><loc>{escape(one)}</loc></sitemap>" for one in urls))


def _pages(parts: PageParts) -> str:
    config = parts.around.config
    paths = [HOME, LIVE, BROWSE, CORRECTIONS, SUBSCRIBE]
    paths += [show_path(one) for one in config.shows] + [person_path(one) for one in parts.around.people]
    paths += [make(one) for one in config.services for make in (live_path, schedule_page_path)]
    urls = (absolute(parts.around.base_url, one) for one in paths)
    return _whole("urlset", _MAPS, (f"<url><loc>{escape(one)}</loc></url>" for one in urls))


def _stories(parts: PageParts, number: int, at: datetime) -> str:
    """A partner's story is on the partner's map."""
    start = (number - 1) * PART_STORIES
    places = archive_places(parts.catalogue, Wanted(), at, start=start, size=PART_STORIES)
    shown = [entry for entry in places if entry.visible]
    return _whole("urlset", _MAPS, (_story(parts, one) for one, _ in _our_own(parts, shown)))


def _story(parts: PageParts, entry: Entry) -> str:
    url = absolute(parts.around.base_url, story_path(entry.slug))
    return f"<url><loc>{escape(url)}</loc><lastmod>{entry.updated_at.isoformat()}</lastmod></url>"


def _our_own(parts: PageParts, shown: Sequence[Entry]) -> list[tuple[Entry, Episode]]:
    stories = parts.catalogue.stories([one.slug for one in shown])
    found = ((one, stories[one.slug].episode) for one in shown)
    return [(one, episode) for one, episode in found if episode.origin is None]


def _news(parts: PageParts, at: datetime) -> str:
    site = parts.around.config.site
    recent = Wanted(published=(at - NEWS_SPAN, at + timedelta(microseconds=1)))
    shown = _our_own(parts, newest(parts.catalogue, recent, at, limit=None))[:NEWS_LIMIT]
    language = site.language.partition("-")[0]
    about = f"<news:publication><news:name>{escape(site.title)}</news:name><news:language>{escape(language)}</news:language></news:publication>"
    return _whole(
        "urlset",
        f"{_MAPS} {_NEWS}",
        (
            f"<url><loc>{escape(absolute(parts.around.base_url, story_path(one.slug)))}</loc><news:news>{about}"
            f"<news:publication_date>{to_instant(one.published_at).isoformat()}</news:publication_date>"
            f"<news:title>{escape(episode.title)}</news:title></news:news></url>"
            for one, episode in shown
        ),
    )


def _whole(name: str, namespaces: str, entries: Iterable[str]) -> str:
    return f"{_HEAD}<{name} {namespaces}>\n" + "".join(f"{one}\n" for one in entries) + f"</{name}>\n"


def _document(address: str, media_type: str, text: str) -> Document:
    return Document(address, media_type, (compress_segment(text.encode()),))
