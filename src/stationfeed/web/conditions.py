"""What a request's headers ask for: a newer version only, a compressed one, some ranges (RFC 9110)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RANGE_LIMIT = 5
DATE_LAG_S = 1.5
"""The server writes the Date of its answers anew about once a second."""
_REFUSED = re.compile(rb"\s*q\s*=\s*0(\.0*)?\s*")
_RANGES = re.compile(rb"\s*bytes\s*=\s*(\S.*?)\s*", re.IGNORECASE)
_RANGE = re.compile(rb"(\d{0,18})-(\d{0,18})")


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """Whether an Accept-Encoding header asks for gzip, by its name or by `*` for all it does not name (12.5.3)."""
    accepted = {}
    for part in accept_encoding.lower().split(b","):
        coding, _, weight = part.partition(b";")
        accepted[coding.strip()] = _REFUSED.fullmatch(weight) is None
    return accepted.get(b"gzip", accepted.get(b"x-gzip", accepted.get(b"*", False)))


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Whether an If-None-Match header names a quoted tag; our tags hold no quotes and no commas (13.1.2)."""
    return etag in if_none_match or if_none_match.strip() == b"*"


@lru_cache(maxsize=1024)
def parse_date(value: bytes) -> datetime | None:
    """The instant of an HTTP date, or None where it is none and must be ignored."""
    try:
        parsed = parsedate_to_datetime(value.decode("ascii"))
    except (ValueError, OverflowError):
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed


def has_come(since: datetime, now_s: float) -> bool:
    """Whether a date may be told already: it must not be later than the answer's own Date (8.8.2.1)."""
    return since.timestamp() + DATE_LAG_S <= now_s


def is_current(since: datetime, if_modified_since: bytes) -> bool:
    """Whether a client that has the bytes of that date has these (13.1.3)."""
    date = parse_date(if_modified_since)
    return date is not None and since <= date


def parse_ranges(value: bytes, size_bytes: int) -> Sequence[range] | None:
    """The byte positions that a Range header asks for; empty where none of them exists (14.2).

    None where the header is to be ignored: another unit, not a range, or more ranges than we serve.
    """
    match = _RANGES.fullmatch(value)
    if match is None:
        return None
    wanted = [part.strip() for part in match[1].split(b",")]
    if len(wanted) > RANGE_LIMIT:
        return None
    found = []
    for part in wanted:
        bounds = _RANGE.fullmatch(part)
        if bounds is None or (not bounds[1] and not bounds[2]):
            return None
        first, last = _bounds(bounds[1], bounds[2], size_bytes)
        if bounds[1] and bounds[2] and int(bounds[1]) > int(bounds[2]):
            return None
        if first < size_bytes and last >= first:
            found.append(range(first, last + 1))
    return found


def _bounds(first: bytes, last: bytes, size_bytes: int) -> tuple[int, int]:
    if not first:
        return max(size_bytes - int(last), 0) if int(last) else size_bytes, size_bytes - 1
    return int(first), min(int(last), size_bytes - 1) if last else size_bytes - 1
