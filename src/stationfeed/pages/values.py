"""What pages show, decided: texts as they are read, dates as a station prints them, addresses ready to be followed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A date in words, and for machines (ISO 8601)."""

    words: str
    iso: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Brand:
    """What stands around every page: whose it is and where one can go from here."""

    title: str
    language: str
    copyright: str
    stylesheet: str
    script: str
    embed_script: str
    modules: tuple[str, ...]
    icon: str
    has_services: bool
    logo: Picture | None
    shows: tuple[Link, ...]
    feeds: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """`choice` is the same picture in other sizes, as `srcset` has them."""

    url: str
    width: int
    height: int
    alt: str
    caption: str | None = None
    credit: str | None = None
    choice: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a page says of itself; `canonical` is where it lives, which is a partner's site for a partner's story.

    A `hidden` page is none for search engines.
    """

    title: str
    description: str
    canonical: str
    kind: str = "website"
    feed: Link | None = None
    picture: Picture | None = None
    data: str | None = None
    oembed: str | None = None
    hidden: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    name: str
    url: str | None
    role: str | None = None
    photo: Picture | None = None
    bio_html: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """An update note, with the word for its kind."""

    word: str
    date: Moment
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """A segment to be heard; `seconds` is its length, `key` the same as long as it is this segment."""

    key: str
    url: str
    title: str
    show: str
    page: str
    seconds: float
    clock: str
    size: str
    peaks: str | None
    artwork: str | None
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    seconds: float
    clock: str
    title: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A paragraph of a transcript, and when in the segment it begins."""

    speaker: str | None
    seconds: float
    clock: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryPage:
    head: Head
    title: str
    show: Link
    published: Moment
    day: str
    authors: tuple[Author, ...]
    notes: tuple[Note, ...]
    picture: Picture | None
    sound: Sound | None
    article_html: str
    transcript: tuple[Spoken, ...]
    transcript_files: tuple[Link, ...]
    attribution: tuple[str, Link] | None
    topics: tuple[Link, ...]
    related: tuple[Teaser, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Teaser:
    """A story in a list."""

    title: str
    url: str
    summary: str
    published: Moment
    show: Link
    duration: str | None
    picture: Picture | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListPage:
    """Stories below a heading; a person's page has an author in it, a show's an introduction."""

    head: Head
    heading: str
    intro: str | None
    author: Author | None
    teasers: tuple[Teaser, ...]
    on_air: tuple[OnAirBox, ...] = ()
    older: Link | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A program with its times on the station's clock."""

    title: str
    url: str | None
    producer: str | None
    hosts: tuple[str, ...]
    starts: Moment
    ends: Moment
    note: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OnAirBox:
    """A service: what is on, what is heard in it, what is next, and where it can be heard."""

    service: str
    name: str
    url: str
    where: str | None
    now: Slot | None
    heard: str | None
    next_up: tuple[Slot, ...]
    streams: tuple[tuple[str, str], ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LivePage:
    head: Head
    heading: str
    services: tuple[OnAirBox, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SchedulePage:
    head: Head
    heading: str
    calendar: Link
    days: tuple[tuple[str, tuple[Slot, ...]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionsPage:
    head: Head
    notes: tuple[tuple[Link, Note], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayPage:
    """The stories of a day, and the days before and after it that have some."""

    head: Head
    heading: str
    teasers: tuple[Teaser, ...]
    earlier: Link | None
    later: Link | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BrowsePage:
    """Everywhere one can go from here, by heading."""

    head: Head
    groups: tuple[tuple[str, tuple[Link, ...]], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPage:
    """`query` is what was asked for; without one nothing was."""

    head: Head
    query: str
    teasers: tuple[Teaser, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedOffer:
    """A feed with its whole address, the apps that open it, and its QR code as SVG."""

    feed_id: str
    title: str
    description: str | None
    url: str
    apps: tuple[Link, ...]
    qr_svg: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscribePage:
    head: Head
    feeds: tuple[FeedOffer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbedPage:
    """A story's player on somebody else's site."""

    head: Head
    sound: Sound
    story: Link


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalPage:
    """Why there is no page here."""

    head: Head
    heading: str
    reason: str | None


Page = (
    StoryPage
    | ListPage
    | LivePage
    | SchedulePage
    | CorrectionsPage
    | DayPage
    | BrowsePage
    | SearchPage
    | SubscribePage
    | EmbedPage
    | RefusalPage
)
