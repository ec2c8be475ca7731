"""One reader for each kind of text in `model.words`, with what to say when it is something else."""

from __future__ import annotations

import re
import unicodedata
import uuid
import zoneinfo
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from stationfeed.folder.instants import MisreadError
from stationfeed.model.words import (
    ClockTime,
    Color,
    FeedGuid,
    Guid,
    LanguageTag,
    MediaType,
    Ordinal,
    Slug,
    Title,
    Url,
    ZoneName,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT_LIMIT = 10_000
TITLE_LIMIT = 500
URL_LIMIT = 2_000

_SLUG = re.compile(r"[a-z0-9-]{1,80}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00", re.ASCII)
# XML 1.0 cannot carry these (https://www.w3.org/TR/xml/#charsets), and no reader wants them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def unprintable_in(text: str) -> str | None:
    """The name of the first character that no feed can carry, or None."""
    found = _UNPRINTABLE.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def without_unprintable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


def visible(text: str) -> str:
    """A text on one line in which nothing hides: what does not print, or turns writing round, is spelt out."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def read_text(text: str) -> str:
    cleaned = without_unprintable(text).strip()
    if not cleaned:
        raise MisreadError("holds no readable text", "Write some text, or remove the line.")
    if len(cleaned) > TEXT_LIMIT:
        raise MisreadError(f"has {len(cleaned)} characters", f"Keep it under {TEXT_LIMIT} characters.")
    return cleaned


def read_title(text: str) -> Title:
    title = " ".join(read_text(text).split())
    if len(title) > TITLE_LIMIT:
        raise MisreadError(f"has {len(title)} characters", f"Keep it under {TITLE_LIMIT} characters.")
    return Title(title)


def read_flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise MisreadError(f'"{text[:40]}" is neither true nor false', "Write true or false.")
    return text == "true"


def read_int(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,12}", text, re.ASCII):
        raise MisreadError(f'"{text[:40]}" is not a whole number', "Write a number such as 2.")
    return int(text)


def read_ordinal(text: str) -> Ordinal:
    number = read_int(text)
    if number < 1:
        raise MisreadError(f'"{text}" is not a whole number from 1', "Write a number such as 2.")
    return Ordinal(number)


def read_float(text: str) -> float:
    if not re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", text, re.ASCII):
        raise MisreadError(f'"{text[:40]}" is not a number', "Write a number such as -16 or 0.5.")
    return float(text)


def read_slug(text: str) -> Slug:
    if not _SLUG.fullmatch(text):
        suggestion = slug_from(text)
        remedy = "Use small letters a-z, digits and hyphens, at most 80."
        raise MisreadError(
            f'"{text[:60]}" is not an id', f"{remedy} For example: {suggestion}" if suggestion else remedy
        )
    return Slug(text)


def slug_from(text: str) -> Slug | None:
    """An id made of a title's own words, or None where it has no letter of the alphabet."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")
    return Slug(slug) if slug else None


def read_url(text: str) -> Url:
    """An absolute address, its host in IDNA and the rest percent-encoded."""
    if len(text) > URL_LIMIT or unprintable_in(text) or any(character.isspace() for character in text):
        raise MisreadError("is no web address", "Write a full address such as https://www.example.org/page.")
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise MisreadError(f'"{text[:60]}" is no web address ({error})', "Check the address.") from error
    if parts.scheme not in ("http", "https") or not host:
        raise MisreadError(f'"{text[:60]}" is no full web address', "Begin it with https://.")
    if "@" in parts.netloc:
        raise MisreadError("an address here must not hold a user name", "Remove the part before the @.")
    host = f"[{host}]" if ":" in host else host
    path, query, fragment = (quote(part, safe="%/:;,=@&+$!*'()~?-._") for part in parts[2:5])
    return Url(urlunsplit((parts.scheme, host + port, path, query, fragment)))


def read_path(text: str) -> PurePosixPath:
    path = PurePosixPath(text)
    if not text or path.is_absolute() or ".." in path.parts or "\\" in text or not text.isprintable():
        raise MisreadError(
            f'"{text[:60]}" leaves the folder', "Name a file inside the folder, such as segment.mp3."
        )
    return path


def read_guid(text: str) -> Guid:
    guid = read_text(text)
    if guid != text or len(guid) > 255 or any(character.isspace() for character in guid):
        raise MisreadError(
            "a guid has no spaces and at most 255 characters", "Type: stationfeed new guid SLUG"
        )
    return Guid(guid)


def read_feed_guid(text: str) -> FeedGuid:
    try:
        return FeedGuid(str(uuid.UUID(text)))
    except ValueError as error:
        raise MisreadError(
            f'"{text[:60]}" is not a podcast:guid', "Type: stationfeed new feed ID, which makes one."
        ) from error


def read_language(text: str) -> LanguageTag:
    if not _LANGUAGE.fullmatch(text):
        raise MisreadError(f'"{text[:40]}" is not a language code', "Write a code such as en-us.")
    return LanguageTag(text)


def read_color(text: str) -> Color:
    if not _COLOR.fullmatch(text):
        raise MisreadError(f'"{text[:40]}" is not a colour', 'Write a colour such as "#0b3d5c", in quotes.')
    return Color(text.lower())


def read_zone(text: str) -> ZoneName:
    zones = zoneinfo.available_timezones()
    if text not in zones:
        meant = nearest(text, zones)
        remedy = f"Did you mean {meant}?" if meant else "Write a zone such as America/Chicago."
        raise MisreadError(f'"{text[:40]}" is not a time zone', remedy)
    return ZoneName(text)


def read_media_type(text: str) -> MediaType:
    if not _MEDIA_TYPE.fullmatch(text):
        raise MisreadError(f'"{text[:40]}" is not a media type', "Write a type such as audio/mpeg.")
    return MediaType(text)


def read_clock_time(text: str) -> ClockTime:
    if not _CLOCK_TIME.fullmatch(text):
        raise MisreadError(f'"{text[:40]}" is not a time of day', 'Write a time such as "05:00", in quotes.')
    return ClockTime(text)
