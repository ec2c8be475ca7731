"""What a station's automation pushes: an item that is playing, nothing, or what really aired."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from stationfeed.errors import RejectedError
from stationfeed.model.on_air import AsRun, PlayingItem
from stationfeed.sources.heard import TITLE_LIMIT
from stationfeed.sources.wording import clean_title

PUSH_LIMIT_BYTES = 64 * 1024
AIRINGS_LIMIT = 200
LONGEST = timedelta(hours=24)
EARLIEST = timedelta(days=1)
"""Nobody pushes today what began longer ago; what aired may be told a month later."""
EARLIEST_AIRED = timedelta(days=31)
AHEAD = timedelta(minutes=10)


class PushedItem(BaseModel):
    """One thing that is on air, or with `kind` `as_run` was; other members are not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore")

    title: str = Field(min_length=1, max_length=TITLE_LIMIT)
    kind: Literal["now", "as_run"] = "now"
    artist: str | None = Field(None, max_length=TITLE_LIMIT)
    category: str | None = Field(None, max_length=100)
    starts_at: AwareDatetime | None = Field(None, description="ISO 8601 with an offset or Z; left out: now")
    duration_s: float | None = Field(None, gt=0, le=LONGEST.total_seconds(), allow_inf_nan=False)
    story_guid: str | None = Field(None, max_length=255, description="The guid of the story that is heard")
    external_id: str | None = Field(None, max_length=255)


@dataclass(frozen=True, slots=True)
class Push:
    """Either an item, or what aired; with neither, nothing is playing."""

    item: PlayingItem | None = None
    aired: tuple[AsRun, ...] = ()


_ONE_OR_MORE: TypeAdapter[Any] = TypeAdapter(
    dict[str, Any] | list[dict[str, Any]], config=ConfigDict(strict=True, ser_json_inf_nan="constants")
)


def read_push(data: bytes, at: datetime) -> Push:
    """What was pushed at an instant: an item, a list of items of kind `as_run`, or `{}` for nothing.

    Raises RejectedError with all that is wrong.
    """
    try:
        value = _ONE_OR_MORE.validate_json(data)
    except ValidationError as error:
        raise RejectedError(("send a JSON object, or a list of objects of kind as_run",)) from error
    if value == {}:
        return Push()
    several = [value] if isinstance(value, dict) else value
    if len(several) > AIRINGS_LIMIT:
        raise RejectedError((f"there are {len(several)} items; at most {AIRINGS_LIMIT} are taken at once",))
    found, faults = _read_all(several)
    kinds = {one.kind for one in found.values()}
    if isinstance(value, list) and not faults and kinds != {"as_run"}:
        faults.append('only items of kind "as_run" come in a list')
    faults += [f"{place}: {fault}" for place, one in found.items() for fault in _faults(one, at)]
    if faults:
        raise RejectedError(tuple(faults))
    if kinds == {"as_run"}:
        return Push(aired=tuple(_airing(one) for one in found.values()))
    return Push(item=_item(found[0], at))


def _read_all(several: list[dict[str, Any]]) -> tuple[dict[int, PushedItem], list[str]]:
    """Those that can be read, by their places in the list, and what is wrong with the others."""
    found: dict[int, PushedItem] = {}
    faults: list[str] = []
    for place, one in enumerate(several):
        if _is_only_a_number(one.get("starts_at")):
            faults.append(
                f"{place}.starts_at: Input should be a valid datetime, such as 2026-11-26T05:00:00Z"
            )
            continue
        try:
            found[place] = PushedItem.model_validate_json(_text(one))
        except ValidationError as error:
            faults += [
                f"{place}.{_field(fault)}: {fault['msg']}" for fault in error.errors(include_url=False)
            ]
    return found, faults


def _is_only_a_number(value: object) -> bool:
    """What would be taken for seconds since 1970, though it stands in quotation marks."""
    return isinstance(value, str) and re.fullmatch(r"\s*[-+]?[\d.]+\s*", value) is not None


def _text(value: dict[str, Any]) -> bytes:
    return _ONE_OR_MORE.dump_json(value)


def _field(fault: Any) -> str:
    return ".".join(str(part) for part in fault["loc"])


def _faults(one: PushedItem, at: datetime) -> list[str]:
    faults = []
    if clean_title(one.title) is None:
        faults.append("title: holds nothing that can be read")
    earliest = at - (EARLIEST_AIRED if one.kind == "as_run" else EARLIEST)
    if one.starts_at and not earliest <= one.starts_at <= at + AHEAD:
        faults.append(
            f"starts_at: {one.starts_at.isoformat()} is not near {at.isoformat(timespec='seconds')}"
            ", which is now; check the clock and its zone"
        )
    if one.kind == "as_run" and (one.starts_at is None or one.duration_s is None):
        faults.append("what aired needs starts_at and duration_s")
    return faults


def _airing(one: PushedItem) -> AsRun:
    if one.starts_at is None or one.duration_s is None:
        raise ValueError("what aired has a beginning and a length")
    length = timedelta(seconds=one.duration_s)
    return AsRun(starts_at=one.starts_at, ends_at=one.starts_at + length, title=_clean(one.title))


def _item(one: PushedItem, at: datetime) -> PlayingItem:
    starts_at = one.starts_at or at
    return PlayingItem(
        title=_clean(one.title),
        source="push",
        starts_at=starts_at,
        as_of=at,
        ends_at=starts_at + timedelta(seconds=one.duration_s) if one.duration_s else None,
        artist=clean_title(one.artist) if one.artist else None,
        category=one.category,
        story_guid=one.story_guid,
        external_id=one.external_id,
    )


def _clean(title: str) -> str:
    return clean_title(title) or title
