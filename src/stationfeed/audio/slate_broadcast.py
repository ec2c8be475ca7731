"""What broadcasters write into a WAV: the cart chunk (AES46) and the bext chunk (EBU Tech 3285)."""

from __future__ import annotations

import re
import struct
from datetime import date, datetime, time

from stationfeed.audio.wording import text_of
from stationfeed.model.slate import Slate

_CART = struct.Struct("<4s64s64s64s64s64s64s64s10s8s10s8s64s64s64s")
"""Version, title, artist, cut, client, category, classification, out cue, start, end, program, its version, more."""
_BEXT = struct.Struct("<256s32s32s10s8sQ")
"""Description, originator, its reference, date, time, samples since midnight."""
READ_BYTES = max(_CART.size, _BEXT.size)

_DATE = re.compile(rb"(\d{4})\D(\d\d)\D(\d\d)")
_TIME = re.compile(rb"(\d\d)\D(\d\d)\D(\d\d)")
_WITHOUT_END = (2099, 9999)
_BEXT_TIME_REFERENCE_END = 346


def read_cart(chunk: bytes) -> Slate:
    fields = _CART.unpack(chunk[: _CART.size].ljust(_CART.size, b"\0"))
    _, title, artist, cut_id, _, category, _, out_cue, start, _, end, _, software, _, _ = fields
    ends_on = _date(end)
    return Slate(
        title=text_of(title),
        artist=text_of(artist),
        cut_id=text_of(cut_id),
        category=text_of(category),
        out_cue=text_of(out_cue),
        starts_on=_date(start),
        ends_on=None if ends_on and ends_on.year in _WITHOUT_END else ends_on,
        software=text_of(software),
    )


def read_bext(chunk: bytes) -> Slate:
    fields = _BEXT.unpack(chunk[: _BEXT.size].ljust(_BEXT.size, b"\0"))
    description, originator, _, day, clock, samples = fields
    return Slate(
        description=text_of(description),
        originator=text_of(originator),
        originated_at=_instant(day, clock),
        time_reference_samples=samples if len(chunk) >= _BEXT_TIME_REFERENCE_END else None,
    )


def _date(field: bytes) -> date | None:
    """Ten digits and separators of any kind; None for everything else."""
    found = _DATE.fullmatch(field)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _instant(day_field: bytes, clock_field: bytes) -> datetime | None:
    day = _date(day_field)
    found = _TIME.fullmatch(clock_field)
    if not day or not found:
        return None
    hour, minute, second = map(int, found.groups())
    try:
        return datetime.combine(day, time(hour, minute, second))
    except ValueError:
        return None
