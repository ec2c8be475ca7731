"""A byline with a face: people/<id>.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from stationfeed.model.podcast import Link


@dataclass(frozen=True, kw_only=True, slots=True)
class Photo:
    file: PurePosixPath
    alt: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """The front matter of a person's file."""

    name: str
    role: str | None = None
    photo: Photo | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """A person with the bio, in Markdown."""

    person: Person
    bio: str
