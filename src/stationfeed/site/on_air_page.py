"""What pages say of the air: a box for each service, and the week."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from stationfeed.feeds.item import spoken_day, spoken_time
from stationfeed.feeds.now import hosts_of, title_of
from stationfeed.model.addresses import (
    LIVE,
    calendar_path,
    live_path,
    schedule_page_path,
    show_path,
    stream_link_path,
)
from stationfeed.pages import values
from stationfeed.site.structured_data import describe_broadcasts, dump_data

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from stationfeed.model.on_air import PlayingItem, Slot
    from stationfeed.site.on_air import Broadcast
    from stationfeed.site.page_parts import PageParts

DAYS_OF_A_WEEK = 7


def on_air_box(broadcast: Broadcast, service_id: str, at: datetime) -> values.OnAirBox:
    """A service as it is at an instant."""
    station_id, service = broadcast.around.config.services[service_id]  # type: ignore[index]  # it is one of them
    found = broadcast.on_air(service_id, at)  # type: ignore[arg-type]
    zone = broadcast.around.zones[station_id]
    links = [values.Link("Schedule", schedule_page_path(service_id))]
    if service.streams:
        links += [
            values.Link(f"Open in a player ({form.upper()})", stream_link_path(service_id, form))
            for form in ("m3u", "pls")
        ]
    return values.OnAirBox(
        service=service_id,
        name=service.name,
        url=live_path(service_id),
        where=", ".join(one for one in (service.frequency, service.area) if one) or None,
        now=_slot(found.now_playing, broadcast, zone, at) if found.now_playing else None,
        heard=_heard(found.item) if found.item else None,
        next_up=tuple(_slot(one, broadcast, zone, at) for one in found.next_up),
        streams=tuple((one.url, one.media_type) for one in service.streams),
        links=tuple(links),
    )


def live_page(
    broadcast: Broadcast, service_id: str | None, at: datetime, parts: PageParts
) -> values.LivePage:
    """One service, or all of them."""
    names = [service_id] if service_id else list(broadcast.live.timelines)
    title = broadcast.around.config.services[service_id][1].name if service_id else "Live"  # type: ignore[index]
    path = live_path(service_id) if service_id else LIVE
    data = dump_data(*(one for each in names for one in _broadcasts(broadcast, each, at)))
    return values.LivePage(
        head=parts.head(title, f"What is on air now and next: {title}.", path, data=data),
        heading=title,
        services=tuple(on_air_box(broadcast, one, at) for one in names),
    )


def _broadcasts(broadcast: Broadcast, service_id: str, at: datetime) -> list[dict[str, object]]:
    """What is on and what is next."""
    found = broadcast.on_air(service_id, at)  # type: ignore[arg-type]
    slots = [*([found.now_playing] if found.now_playing else []), *found.next_up]
    return describe_broadcasts(service_id, slots, broadcast.around)


def schedule_page(
    broadcast: Broadcast, service_id: str, at: datetime, parts: PageParts
) -> values.SchedulePage:
    """The coming week, day by day, on the station's clock."""
    name = broadcast.around.config.services[service_id][1].name  # type: ignore[index]
    timeline = broadcast.live.timelines[service_id]  # type: ignore[index]
    start, end = broadcast.coming_days(service_id, at)  # type: ignore[arg-type]
    slots = [one for one in timeline.slots(start, end) if one.starts_at >= start or one.ends_at > at]
    days = groupby(slots, key=lambda one: spoken_day(max(one.starts_at, start), timeline.zone))
    return values.SchedulePage(
        head=parts.head(
            f"Schedule of {name}",
            f"What is planned on {name} this week.",
            schedule_page_path(service_id),
            data=dump_data(*describe_broadcasts(service_id, slots, broadcast.around)),
        ),
        heading=f"Schedule of {name}",
        calendar=values.Link("As a calendar (iCalendar)", calendar_path(service_id)),
        days=tuple(
            (day, tuple(_slot(one, broadcast, timeline.zone, one.starts_at) for one in each))
            for day, each in days
        ),
    )


def _slot(slot: Slot, broadcast: Broadcast, zone: ZoneInfo, at: datetime) -> values.Slot:
    programme = slot.programme
    return values.Slot(
        title=title_of(programme, broadcast.around.config),
        url=show_path(programme.show) if programme.show else None,
        producer=programme.producer,
        hosts=tuple(hosts_of(programme, broadcast.around)),
        starts=_time(slot.starts_at, zone, at),
        ends=_time(slot.ends_at, zone, at),
        note=slot.note if slot.source == "override" else None,
    )


def _time(moment: datetime, zone: ZoneInfo, at: datetime) -> values.Moment:
    """The time alone on the day of `at`, else with its day, whose name is enough for a week."""
    days = (moment.astimezone(zone).date() - at.astimezone(zone).date()).days
    words, day = spoken_time(moment, zone), spoken_day(moment, zone)
    if days:
        words = f"{day.partition(',')[0] if 0 < days < DAYS_OF_A_WEEK else day}, {words}"
    return values.Moment(words, moment.astimezone(zone).isoformat())


def _heard(item: PlayingItem) -> str:
    return f"{item.title} by {item.artist}" if item.artist else item.title
