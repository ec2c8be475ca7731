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
    logo: Picture | None
    shows: tuple[Link, ...]
    feeds: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    url: str
    width: int
    height: int
    alt: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a page says of itself; `canonical` is where it lives, which is a partner's site for a partner's story."""

    title: str
    description: str
    canonical: str
    feed: Link | None = None
    picture: Picture | None = None
    data: str | None = None


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
    """A segment to be heard; `duration` in words, chapters by their times, the transcript in paragraphs."""

    url: str
    duration: str
    size: str
    chapters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Spoken:
    speaker: str | None
    clock: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryPage:
    head: Head
    title: str
    show: Link
    published: Moment
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


Page = StoryPage | ListPage | LivePage | SchedulePage | CorrectionsPage
