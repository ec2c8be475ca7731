"""Pages that lead to stories: by show, topic, person and day, all of them together, and by their words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import Wanted, all_topics, neighbours, newest
from stationfeed.catalogue.search import search
from stationfeed.feeds import corrections
from stationfeed.feeds.item import spoken_day
from stationfeed.folder.scalars import without_unprintable
from stationfeed.model.addresses import (
    BROWSE,
    CORRECTIONS,
    HOME,
    SEARCH,
    day_path,
    feed_path,
    live_path,
    person_path,
    schedule_page_path,
    show_path,
    story_path,
    topic_path,
)
from stationfeed.model.channel import Selection
from stationfeed.pages import values
from stationfeed.schedule.clock import instant_of
from stationfeed.site.structured_data import describe_stations, dump_data

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from stationfeed.site.page_parts import PageParts

FOUND = 30
_LATEST = 20


def home_page(parts: PageParts, on_air: tuple[values.OnAirBox, ...], at: datetime) -> values.ListPage:
    site = parts.around.config.site
    about = f"The latest from {site.title}, and what is on air."
    data = dump_data(*describe_stations(parts.around))
    teasers = parts.teasers(Wanted(), at, _LATEST)
    return values.ListPage(
        head=parts.head(site.title, about, HOME, data=data),
        heading=site.title,
        intro=None,
        author=None,
        teasers=teasers,
        on_air=on_air,
        older=values.Link("Browse all stories", BROWSE) if teasers else None,
    )


def show_page(parts: PageParts, show_id: str, at: datetime) -> values.ListPage:
    config = parts.around.config
    show = config.shows[show_id]  # type: ignore[index]  # it is one of them
    feed = next((one for one, it in config.feeds.items() if it.select.shows == (show_id,)), None)
    description = show.description or f"Stories from {show.title}."
    link = values.Link(config.feeds[feed].title, feed_path(feed)) if feed else None
    return values.ListPage(
        head=parts.head(show.title, description, show_path(show_id), feed=link),
        heading=show.title,
        intro=show.description,
        author=None,
        teasers=parts.teasers(Wanted(select=Selection(shows=(show_id,))), at),  # type: ignore[arg-type]
    )


def topic_page(parts: PageParts, topic: str, at: datetime) -> values.ListPage | None:
    """None where no public story is about it."""
    teasers = parts.teasers(Wanted(select=Selection(topics=(topic,))), at)  # type: ignore[arg-type]
    words = topic.replace("-", " ")
    head = parts.head(words, f"Stories about {words}.", topic_path(topic))
    heading = words[:1].upper() + words[1:]
    if not teasers:
        return None
    return values.ListPage(head=head, heading=heading, intro=None, author=None, teasers=teasers)


def person_page(parts: PageParts, person_id: str, at: datetime) -> values.ListPage:
    author = parts.author(person_id)
    return values.ListPage(
        head=parts.head(author.name, f"Stories by {author.name}.", person_path(person_id)),
        heading=author.name,
        intro=None,
        author=author,
        teasers=parts.teasers(Wanted(person=person_id), at),
    )


def day_page(parts: PageParts, text: str, at: datetime) -> values.DayPage | None:
    """The stories of a day, `2026-04-22` say, on the first station's calendar; None where there are none."""
    zone = parts.main_zone
    try:
        day = date.fromisoformat(text)
        span = instant_of(day, 0, zone), instant_of(day + timedelta(days=1), 0, zone)
    except (ValueError, OverflowError):  # no day, or one at an end of the calendar
        return None
    teasers = parts.teasers(Wanted(published=span), at, limit=None)
    if not teasers or text != day.isoformat():
        return None
    heading = f"{spoken_day(span[0], zone)}, {day.year}"
    earlier, later = neighbours(parts.catalogue, at, span)
    return values.DayPage(
        head=parts.head(heading, f"Stories of {heading}.", day_path(day)),
        heading=heading,
        teasers=teasers,
        earlier=_day_link(earlier, zone),
        later=_day_link(later, zone),
    )


def _day_link(at: datetime | None, zone: ZoneInfo) -> values.Link | None:
    return values.Link(spoken_day(at, zone), day_path(at.astimezone(zone).date())) if at else None


def browse_page(parts: PageParts, at: datetime) -> values.BrowsePage:
    config = parts.around.config
    people = sorted((profile.person.name, one) for one, profile in parts.around.people.items())
    last, _ = neighbours(parts.catalogue, at, (at + timedelta(microseconds=1), at))
    newest_day = _day_link(last, parts.main_zone)
    groups = {
        "Shows": [values.Link(show.title, show_path(one)) for one, show in config.shows.items()],
        "Topics": [
            values.Link(one.replace("-", " "), topic_path(one)) for one in all_topics(parts.catalogue, at)
        ],
        "People": [values.Link(name, person_path(one)) for name, one in people],
        "Day by day": [newest_day] if newest_day else [],
        "On air": [values.Link(it.name, live_path(one)) for one, (_, it) in config.services.items()],
        "Schedules": [
            values.Link(it.name, schedule_page_path(one)) for one, (_, it) in config.services.items()
        ],
    }
    head = parts.head("Browse", f"Everything on {config.site.title}: by show, topic, person and day.", BROWSE)
    return values.BrowsePage(
        head=head, groups=tuple((name, tuple(links)) for name, links in groups.items() if links)
    )


def corrections_page(parts: PageParts, at: datetime) -> values.CorrectionsPage:
    shown = newest(parts.catalogue, Wanted(corrected_only=True), at, limit=None)
    stories = parts.catalogue.stories([entry.slug for entry in shown]).values()
    notes = [
        (
            values.Link(one.story.episode.title, story_path(one.story.slug)),
            parts.note(one.update, parts.zone(one.story.episode)),
        )
        for one in corrections.corrections_of(stories)
    ]
    title = parts.around.config.site.title
    link = values.Link(f"{title}: corrections", feed_path(corrections.FEED_ID))
    head = parts.head("Corrections", f"What {title} has corrected or retracted.", CORRECTIONS, feed=link)
    return values.CorrectionsPage(head=head, notes=tuple(notes))


def search_page(parts: PageParts, query: str, at: datetime) -> values.SearchPage:
    """The stories that have every word in them; only the page that asks is there without a question."""
    query = without_unprintable(query)
    shown = search(parts.catalogue, query, at, FOUND) if query.strip() else ()
    title = f"Search: {query}" if query.strip() else "Search"
    head = parts.head(title, f"Search the stories of {parts.around.config.site.title}.", SEARCH, hidden=True)
    return values.SearchPage(head=head, query=query, teasers=parts.teasers_of(shown))
