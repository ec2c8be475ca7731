"""A story's own page, its player for other sites, and what it says of itself to machines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from stationfeed.catalogue.queries import Wanted, entries_of
from stationfeed.model.addresses import (
    OEMBED,
    absolute,
    brand_path,
    card_path,
    day_path,
    embed_path,
    picture_path,
    story_path,
    topic_path,
    transcript_path,
)
from stationfeed.model.channel import Selection
from stationfeed.model.transcript import paragraphs, plain_text, shifted
from stationfeed.pages import values
from stationfeed.pages.article import fit_for_page
from stationfeed.pages.card import CARD_SIZE
from stationfeed.pages.render import render_embedding
from stationfeed.site.story_parts import clock, moment_of, sound_of
from stationfeed.site.structured_data import describe_story, dump_data

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.feeds.item import Item
    from stationfeed.model.episode import Story
    from stationfeed.model.transcript import Transcript
    from stationfeed.site.page_parts import PageParts

EMBED_WIDTH, EMBED_HEIGHT = 640, 220
_RELATED = 3


def story_page(parts: PageParts, slug: str, at: datetime) -> values.StoryPage | None:
    """None where no such story is public."""
    entry = entries_of(parts.catalogue, Wanted(), at, [slug]).get(slug)  # type: ignore[call-overload]
    if entry is None:
        return None
    ((story, article),) = parts.stories.read([entry.slug])
    (item,) = parts.stories.views([entry])
    episode = story.episode
    zone = parts.zone(episode)
    related = parts.teasers(Wanted(select=Selection(shows=(episode.show,))), at, _RELATED + 1)
    picture = parts.picture(story)
    heard = _heard(parts, story)
    return values.StoryPage(
        head=_head(parts, story, item, picture, heard),
        title=item.title,
        show=parts.show_link(episode),
        published=moment_of(item.published_at, zone),
        day=day_path(item.published_at.astimezone(parts.main_zone).date()),
        authors=parts.authors(episode),
        notes=tuple(parts.note(one, zone) for one in reversed(episode.updates)),
        picture=picture,
        sound=_sound(parts, story),
        article_html=fit_for_page(article.html),
        transcript=_transcript(heard),
        transcript_files=tuple(
            values.Link(form, transcript_path(slug, form.lower())) for form in ("VTT", "SRT", "JSON", "HTML")
        ),
        attribution=_attribution(item),
        topics=tuple(values.Link(one.replace("-", " "), topic_path(one)) for one in episode.topics),
        related=tuple(one for one in related if one.url != story_path(slug))[:_RELATED],
    )


def embed_page(parts: PageParts, slug: str, at: datetime) -> values.EmbedPage | None:
    """None where no such story is public, or it has no sound."""
    entry = entries_of(parts.catalogue, Wanted(), at, [slug]).get(slug)  # type: ignore[call-overload]
    if entry is None:
        return None
    (item,) = parts.stories.views([entry])
    sound = _sound(parts, parts.catalogue.stories([slug])[slug])
    if sound is None:
        return None
    head = parts.head(item.title, item.description, story_path(slug), hidden=True)
    return values.EmbedPage(head=head, sound=sound, story=values.Link(item.title, item.url))


def describe_embed(parts: PageParts, slug: str, at: datetime, width: int, height: int) -> bytes | None:
    """What oEmbed says of a story (https://oembed.com, 2.3.4.4), in a box of at most that size in pixels."""
    page = embed_page(parts, slug, at)
    if page is None:
        return None
    site = parts.around.config.site
    wide, high = min(width, EMBED_WIDTH), min(height, EMBED_HEIGHT)
    address = absolute(site.base_url, embed_path(slug))
    told = {
        "version": "1.0",
        "type": "rich",
        "title": page.story.text,
        "provider_name": site.title,
        "provider_url": absolute(site.base_url, "/"),
        "width": wide,
        "height": high,
        "html": render_embedding(address, page.story.text, wide, high),
    }
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _sound(parts: PageParts, story: Story) -> values.Sound | None:
    show = parts.around.config.shows[story.episode.show]
    picture = parts.picture(story)
    cover = parts.around.pictures.get(show.artwork) if show.artwork else None
    artwork = picture.url if picture else brand_path(cover) if cover else None
    return sound_of(story, show=show.title, artwork=artwork)


def _head(
    parts: PageParts, story: Story, item: Item, picture: values.Picture | None, heard: Transcript | None
) -> values.Head:
    origin = item.episode.origin
    base_url = parts.around.base_url
    asked = f"{absolute(base_url, OEMBED)}?url={quote(item.url, safe='')}"
    words = plain_text(heard) if heard else None
    return values.Head(
        title=f"{item.title} | {parts.around.config.site.title}",
        description=item.description,
        canonical=origin.url if origin else item.url,
        kind="article",
        picture=_shared_picture(story, picture, base_url),
        data=dump_data(describe_story(item, parts.around, words)),
        oembed=asked if story.audio else None,
    )


def _shared_picture(story: Story, picture: values.Picture | None, base_url: str) -> values.Picture:
    """What social sites show: the photo, or else a card with the title on it."""
    if picture and story.picture:
        address = absolute(base_url, picture_path(story.slug, story.picture))
        return values.Picture(url=address, width=picture.width, height=picture.height, alt=picture.alt)
    card = absolute(base_url, card_path(story.slug))
    return values.Picture(url=card, width=CARD_SIZE[0], height=CARD_SIZE[1], alt=story.episode.title)


def _heard(parts: PageParts, story: Story) -> Transcript | None:
    heard = parts.catalogue.transcript(str(story.transcript.path)) if story.transcript else None
    return shifted(heard, story.opening) if heard else None


def _transcript(heard: Transcript | None) -> tuple[values.Spoken, ...]:
    return tuple(
        values.Spoken(one.speaker, round(one.start.total_seconds(), 2), clock(one.start), one.text)
        for one in (paragraphs(heard) if heard else ())
    )


def _attribution(item: Item) -> tuple[str, values.Link] | None:
    origin = item.episode.origin
    if origin is None:
        return None
    year = f"{origin.year} " if origin.year else ""
    return f"Copyright {year}{origin.organization}.", values.Link(origin.organization, origin.url)
