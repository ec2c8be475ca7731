"""Plain YAML values → the model's own dataclasses, with every fault collected.

The model's fields and types are the schema: a field added there is read here, and known to the suggestions for
misspelt keys, without a second list. Readers are built once for a type and kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import PurePosixPath
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from stationfeed.errors import Problem, Severity
from stationfeed.folder import scalars
from stationfeed.folder.instants import MisreadError, parse_duration, parse_instant
from stationfeed.model import words
from stationfeed.model.categories import CATEGORIES

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from stationfeed.folder.yaml_text import FieldPath, Value, YamlFaultError, YamlText


@dataclass(slots=True)
class Reading:
    """One file being read: where its values stand, its zone, and the problems found so far."""

    path: PurePosixPath
    text: YamlText
    zone: ZoneInfo | None = None
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        at: FieldPath,
        message: str,
        remedy: str,
        *,
        rule: str = "field",
        severity: Severity = Severity.ERROR,
    ) -> None:
        place = self.text.keys.get(at) or self.text.spans.get(at) or self.text.spans.get(at[:-1])
        self.problems.append(
            Problem(
                severity=severity,
                path=self.path,
                line=place.line if place else None,
                field=scalars.visible(field_name(at)) or None,
                message=scalars.visible(message),
                remedy=remedy,
                rule=rule,
            )
        )


def text_problem(path: PurePosixPath, error: YamlFaultError | UnicodeDecodeError) -> Problem:
    """The problem with a file that is no YAML, or no text at all."""
    if isinstance(error, UnicodeDecodeError):
        return Problem(
            path=path,
            line=error.object.count(b"\n", 0, error.start) + 1,
            message="this line holds bytes that are not UTF-8 text",
            remedy="Save the file as UTF-8.",
            rule="utf-8",
        )
    fault = error.fault
    message = scalars.visible(fault.message)
    return Problem(path=path, line=fault.line, message=message, remedy=fault.remedy, rule="yaml")


FAULT: Final = object()
"""What a reader returns when it has added a problem instead of a value."""

Reader = Callable[[Any, "FieldPath", Reading], Any]


def field_name(at: FieldPath) -> str:
    """`audio.chapters[1].at`, for people."""
    name = ""
    for part in at:
        name += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def read_shape(kind: Any, value: Value, reading: Reading, at: FieldPath = ()) -> Any:
    """The `kind` that a plain value says, or FAULT; faults are added to the reading."""
    return _reader(kind)(value, at, reading)


def read_fields(kind: type, value: dict[str, Value], reading: Reading) -> dict[str, Any]:
    """Those fields of a dataclass that can be read, each on its own."""
    found = {}
    for name, entry in _entries(kind).items():
        if value.get(name) is not None:
            result = entry.reader(value[name], (name,), reading)
            if result is not FAULT:
                found[name] = result
    return found


def _scalar(read: Callable[[str], Any]) -> Reader:
    def reader(value: Value, at: FieldPath, reading: Reading) -> Any:
        if not isinstance(value, str):
            kind = "nothing" if value is None else "a list" if isinstance(value, list) else "a mapping"
            reading.add(at, f"is {kind}, not a single value", "Write one value after the colon.")
            return FAULT
        unprintable = scalars.unprintable_in(value)
        if unprintable:
            reading.add(
                at,
                f"holds the character {unprintable}, which no feed can carry; it was left out",
                "Delete the character.",
                rule="unprintable",
                severity=Severity.WARNING,
            )
        try:
            return read(value)
        except MisreadError as error:
            reading.add(at, error.message, error.remedy)
            return FAULT

    return reader


def _read_instant(value: Value, at: FieldPath, reading: Reading) -> Any:
    return _scalar(lambda text: parse_instant(text, reading.zone))(value, at, reading)


def _read_category(value: Value, at: FieldPath, reading: Reading) -> Any:
    category = _scalar(scalars.read_text)(value, at, reading)
    if category is not FAULT and category not in CATEGORIES:
        meant = scalars.nearest(category, CATEGORIES)
        remedy = f"Did you mean {meant}?" if meant else "Write a category such as News > Daily News."
        reading.add(
            at,
            f'"{category}" is not one of Apple\'s categories',
            remedy,
            rule="A6",
            severity=Severity.WARNING,
        )
    return category


_SCALARS: dict[Any, Reader] = {
    str: _scalar(scalars.read_text),
    bool: _scalar(scalars.read_flag),
    int: _scalar(scalars.read_int),
    float: _scalar(scalars.read_float),
    datetime: _read_instant,
    timedelta: _scalar(parse_duration),
    PurePosixPath: _scalar(scalars.read_path),
    words.Slug: _scalar(scalars.read_slug),
    words.Title: _scalar(scalars.read_title),
    words.Ordinal: _scalar(scalars.read_ordinal),
    words.Url: _scalar(scalars.read_url),
    words.Guid: _scalar(scalars.read_guid),
    words.FeedGuid: _scalar(scalars.read_feed_guid),
    words.LanguageTag: _scalar(scalars.read_language),
    words.Color: _scalar(scalars.read_color),
    words.ZoneName: _scalar(scalars.read_zone),
    words.MediaType: _scalar(scalars.read_media_type),
    words.Category: _read_category,
    words.ClockTime: _scalar(scalars.read_clock_time),
}


@cache
def _reader(kind: Any) -> Reader:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if get_origin(kind) is not None:
        return _generic_reader(get_origin(kind), get_args(kind))
    if issubclass(kind, StrEnum):
        return _choice_reader(tuple(kind))
    return _record_reader(kind)


def _generic_reader(origin: Any, arguments: tuple[Any, ...]) -> Reader:
    if origin in (Union, UnionType):
        return _union_reader(tuple(one for one in arguments if one is not type(None)))
    if origin is Literal:
        return _choice_reader(arguments)
    if origin is tuple:
        return _list_reader(_reader(arguments[0]))
    return _table_reader(_reader(arguments[0]), _reader(arguments[1]))


def _union_reader(kinds: tuple[Any, ...]) -> Reader:
    """`X`, or `bool` beside one other kind: what is not true or false is the other."""
    if len(kinds) == 1:
        return _reader(kinds[0])
    other = _reader(next(kind for kind in kinds if kind is not bool))

    def reader(value: Value, at: FieldPath, reading: Reading) -> Any:
        return value == "true" if value in ("true", "false") else other(value, at, reading)

    return reader


def _choice_reader(choices: tuple[Any, ...]) -> Reader:
    by_text = {str(choice): choice for choice in choices}

    def choose(text: str) -> Any:
        if text not in by_text:
            meant = scalars.nearest(text, by_text)
            remedy = f"Did you mean {meant}?" if meant else f"Write one of: {', '.join(by_text)}."
            raise MisreadError(f'"{text[:40]}" is not one of: {", ".join(by_text)}', remedy)
        return by_text[text]

    return _scalar(choose)


def _list_reader(item: Reader) -> Reader:
    def reader(value: Value, at: FieldPath, reading: Reading) -> Any:
        values = value if isinstance(value, list) else [value]
        read = [item(one, (*at, index), reading) for index, one in enumerate(values)]
        return FAULT if FAULT in read else tuple(read)

    return reader


def _table_reader(key_reader: Reader, value_reader: Reader) -> Reader:
    def reader(value: Value, at: FieldPath, reading: Reading) -> Any:
        if not isinstance(value, dict):
            return _not_a_mapping(at, reading)
        table = {}
        for key, one in value.items():
            name = key_reader(key, (*at, key), reading)
            table[name] = value_reader(one, (*at, key), reading)
        return FAULT if FAULT in table or FAULT in table.values() else table

    return reader


def _not_a_mapping(at: FieldPath, reading: Reading) -> Any:
    reading.add(at, "should hold `key: value` lines", "Write its keys below it, indented.")
    return FAULT


@dataclass(frozen=True, slots=True)
class _Entry:
    reader: Reader
    required: bool
    asset: bool


@cache
def _entries(kind: Any) -> dict[str, _Entry]:
    types = get_type_hints(kind)
    return {
        one.name: _Entry(
            reader=_reader(types[one.name]),
            required=one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING,
            asset=bool(one.metadata.get("asset")),
        )
        for one in dataclasses.fields(kind)
    }


def _record_reader(kind: Any) -> Reader:
    def reader(value: Value, at: FieldPath, reading: Reading) -> Any:
        entries = _entries(kind)
        if not isinstance(value, dict):
            return _not_a_mapping(at, reading)
        _warn_of_unknown(value, entries, at, reading)
        found = {}
        broken = False
        for name, entry in entries.items():
            if value.get(name) is None:
                broken |= _is_missing(name, entry, at, reading)
                continue
            result = entry.reader(value[name], (*at, name), reading)
            if result is FAULT:
                broken |= not entry.asset
            else:
                found[name] = result
        return FAULT if broken else kind(**found)

    return reader


def _is_missing(name: str, entry: _Entry, at: FieldPath, reading: Reading) -> bool:
    if entry.required:
        reading.add((*at, name), "is missing", f"Add the line `{name}: …`.", rule="required")
    return entry.required


def _warn_of_unknown(
    value: dict[str, Value], entries: Mapping[str, _Entry], at: FieldPath, reading: Reading
) -> None:
    for key in (key for key in value if key not in entries):
        meant = scalars.nearest(key, entries)
        remedy = f"Did you mean {meant}?" if meant else f"Known here: {', '.join(entries)}."
        reading.add(
            (*at, key), "is not a key known here", remedy, rule="unknown-key", severity=Severity.WARNING
        )
