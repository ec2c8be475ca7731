"""Edits of the YAML in a text file that leave everything else in the file as it is, byte for byte.

Each edit changes characters, not values; so its result is read again, and refused unless it says what was meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stationfeed.errors import EditRejectedError
from stationfeed.folder.document import open_document
from stationfeed.folder.shape import field_name
from stationfeed.folder.yaml_flow import flow
from stationfeed.folder.yaml_layout import Layout, NoPlaceError, Splice, spliced
from stationfeed.folder.yaml_text import YamlFaultError, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePosixPath

    from stationfeed.folder.yaml_text import FieldPath, Value

    Plan = Callable[[Layout], list[Splice]]
    Intent = Callable[[Value], Value]


def set_value(
    text: str, path: FieldPath, value: Value, *, file: PurePosixPath, after: str | None = None
) -> str:
    """The text of `file` with one value replaced, or added where it was missing.

    A new top-level key stands below the key `after`, else below the last one. Mappings on the way that are
    missing are made. Raises EditRejectedError.
    """

    def plan(layout: Layout) -> list[Splice]:
        if layout.has(path):
            return [] if layout.value(path) == value else layout.replacing(path, flow(value))
        return _adding(layout, path, value, after)

    return _edited(text, path, file, plan, lambda old: _with(old, path, value))


def append_item(text: str, path: FieldPath, value: Value, *, file: PurePosixPath) -> str:
    """The text of `file` with one more item in a list, made where it was missing, empty or null.

    Raises EditRejectedError.
    """

    def plan(layout: Layout) -> list[Splice]:
        if not layout.has(path):
            return _adding_list(layout, path, value)
        items = layout.value(path)
        if items and not isinstance(items, list):
            raise NoPlaceError("it is not a list")
        if items:
            return layout.adding_item(path, flow(value))
        if layout.is_block_mapping(path[:-1]):
            return layout.filling_list(path, flow(value))
        return layout.replacing(path, flow([value]))

    return _edited(text, path, file, plan, lambda old: _with_item(old, path, value))


def remove_value(text: str, path: FieldPath, *, file: PurePosixPath) -> str:
    """The text of `file` without one key or one list item; the comment beside it goes too.

    Raises EditRejectedError, also where there is nothing to remove.
    """

    def plan(layout: Layout) -> list[Splice]:
        if not path or not layout.has(path):
            raise NoPlaceError("there is nothing to remove")
        return layout.removing(path)

    return _edited(text, path, file, plan, lambda old: _without(old, path))


def _adding(layout: Layout, path: FieldPath, value: Value, after: str | None = None) -> list[Splice]:
    """A value below the nearest mapping there is; the mappings between are made in flow style."""
    mapping = path[:-1]
    while not layout.has(mapping):
        mapping = mapping[:-1]
    missing = path[len(mapping) :]
    entry = _nested(missing[1:], value)
    if layout.value(mapping) is None:
        return layout.replacing(mapping, flow({_key(missing[0]): entry}))
    if not isinstance(layout.value(mapping), dict):
        raise NoPlaceError("what it belongs to is no mapping, or has no such item")
    return layout.adding_key(mapping, [f"{flow(_key(missing[0]))}: {flow(entry)}"], (*mapping, after or ""))


def _adding_list(layout: Layout, path: FieldPath, value: Value) -> list[Splice]:
    mapping = path[:-1]
    if not layout.is_block_mapping(mapping):
        return _adding(layout, path, [value])
    return layout.adding_key(mapping, [f"{flow(_key(path[-1]))}:", f"  - {flow(value)}"], mapping)


def _nested(path: FieldPath, value: Value) -> Value:
    for part in reversed(path):
        value = {_key(part): value}
    return value


def _key(part: str | int) -> str:
    if isinstance(part, int):
        raise NoPlaceError("there is no such item")
    return part


def _edited(text: str, path: FieldPath, file: PurePosixPath, plan: Plan, intent: Intent) -> str:
    try:
        document = open_document(text, file)
        before = parse_yaml(document.yaml_text, first_line=document.yaml_line)
    except YamlFaultError as error:
        reason = f"line {error.fault.line} has to be mended first ({error.fault.message})"
        raise EditRejectedError(file, reason) from error
    try:
        splices = plan(Layout(document.yaml_text, before))
    except NoPlaceError as error:
        raise EditRejectedError(file, f"{field_name(path)} cannot be changed here: {error}") from error
    edited = document.with_yaml(spliced(document.yaml_text, splices))
    if not _says(edited, file, intent(before.value), document.body):
        reason = f"{field_name(path)} cannot be changed here without changing something else"
        raise EditRejectedError(file, reason)
    return edited


def _says(text: str, file: PurePosixPath, value: Value, body: str) -> bool:
    try:
        document = open_document(text, file)
        return parse_yaml(document.yaml_text).value == value and document.body == body
    except YamlFaultError:
        return False


def _with(old: Value, path: FieldPath, new: Value) -> Value:
    if not path:
        return new
    if isinstance(old, list):
        return [_with(item, path[1:], new) if index == path[0] else item for index, item in enumerate(old)]
    entries = old if isinstance(old, dict) else {}
    key = str(path[0])
    return {**entries, key: _with(entries.get(key), path[1:], new)}


def _with_item(old: Value, path: FieldPath, item: Value) -> Value:
    return _with(old, path, [*_items_at(old, path), item])


def _items_at(value: Value, path: FieldPath) -> list[Value]:
    for part in path:
        match value, part:
            case dict(), str():
                value = value.get(part)
            case list(), int() if part < len(value):
                value = value[part]
            case _:
                return []
    return value if isinstance(value, list) else []


def _without(old: Value, path: FieldPath) -> Value:
    head, rest = path[0], path[1:]
    if isinstance(old, list):
        kept = enumerate(old)
        return [_without(item, rest) if rest and i == head else item for i, item in kept if rest or i != head]
    entries = old if isinstance(old, dict) else {}
    if not rest:
        return {key: item for key, item in entries.items() if key != head}
    return {key: _without(item, rest) if key == head else item for key, item in entries.items()}
