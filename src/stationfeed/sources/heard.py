"""What a source says is playing."""

from __future__ import annotations

from dataclasses import dataclass

from stationfeed.errors import SourceError
from stationfeed.sources.wording import clean_title

TITLE_LIMIT = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """Plain text on one line; `artist` is None where it was not told apart from the title."""

    title: str
    artist: str | None = None


def as_heard(url: str, title: str, artist: str | None = None) -> Heard | None:
    """What was sent, made plain; None where no title can be read, and a SourceError where it is out of all bounds."""
    said = clean_title(title)
    by = clean_title(artist or "")
    for text in filter(None, (said, by)):
        if len(text) > TITLE_LIMIT:
            raise SourceError(url, f"sent a title of {len(text)} characters")
    return Heard(title=said, artist=by) if said else None
