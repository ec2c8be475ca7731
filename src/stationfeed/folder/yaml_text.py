"""YAML text → plain values with their lines: strings, None, lists and mappings, nothing else.

Scalars stay text and are typed by the field they fill, so `no`, `16:30` and `1.10` are what they look like.
The parser's events are read one by one with our own stack: it stops at the first alias, tag or excess depth,
before a hostile file can cost anything (a composed document of 50,000 brackets ends the process).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = str | None | list["Value"] | dict[str, "Value"]
FieldPath = tuple[str | int, ...]

DEPTH_LIMIT = 20
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stands: lines from 1, offsets in characters, the end excluded."""

    line: int
    start: int
    end: int
    flow: bool


@dataclass(frozen=True, slots=True)
class YamlFault:
    line: int
    message: str
    remedy: str


class YamlFaultError(Exception):
    """The text is not YAML that a station folder may hold."""

    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class YamlText:
    """A parsed mapping; `spans` has each value, `keys` each mapping key, by path."""

    value: dict[str, Value]
    spans: dict[FieldPath, Span]
    keys: dict[FieldPath, Span]


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    path: FieldPath
    span: Span
    items: list[Value] | dict[str, Value]
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    first_line: int
    spans: dict[FieldPath, Span] = field(default_factory=dict)
    keys: dict[FieldPath, Span] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    root: Value = None

    def fault(self, event: Any, message: str, remedy: str) -> YamlFaultError:
        return YamlFaultError(YamlFault(self.first_line + event.start_mark.line, message, remedy))

    def feed(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self.fault(event, "anchors and aliases (& and *) are not allowed", "Write the value out.")
        if getattr(event, "tag", None):
            raise self.fault(
                event, f"the tag {event.tag} is not allowed", "Remove the tag, or quote the text."
            )
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self.open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self.close(event)

    def scalar(self, event: Any) -> None:
        plain_null = not event.style and event.value in _NULLS
        if self.stack and isinstance(self.stack[-1].items, dict) and self.stack[-1].key is None:
            self.take_key(event, self.stack[-1], self.stack[-1].items)
            return
        path = self.place()
        self.spans[path] = self.span(event, event)
        self.attach(None if plain_null else event.value)

    def take_key(self, event: Any, parent: _Open, items: dict[str, Value]) -> None:
        key = event.value
        if key == "<<" and not event.style:
            raise self.fault(event, "merge keys (<<) are not allowed", "Write the values out.")
        path = (*parent.path, key)
        if key in items or path in self.keys:
            first = self.keys[path].line
            raise self.fault(
                event, f'"{key}" stands here twice (first in line {first})', "Keep one of the two."
            )
        parent.key = key
        self.keys[path] = self.span(event, event)

    def open(self, event: Any) -> None:
        if len(self.stack) >= DEPTH_LIMIT:
            raise self.fault(event, f"more than {DEPTH_LIMIT} levels deep", "Make the structure flatter.")
        parent = self.stack[-1] if self.stack else None
        if parent is not None and isinstance(parent.items, dict) and parent.key is None:
            raise self.fault(
                event, "a list or mapping stands where a key is expected", "Use a word as the key."
            )
        items: list[Value] | dict[str, Value] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(self.place(), self.span(event, event), items))

    def close(self, event: Any) -> None:
        done = self.stack.pop()
        self.spans[done.path] = Span(done.span.line, done.span.start, event.end_mark.index, done.span.flow)
        self.attach(done.items)

    def place(self) -> FieldPath:
        """The path of the value that starts here."""
        if not self.stack:
            return ()
        parent = self.stack[-1]
        if isinstance(parent.items, list):
            return (*parent.path, len(parent.items))
        return (*parent.path, parent.key or "")

    def attach(self, value: Value) -> None:
        if not self.stack:
            self.root = value
            return
        parent = self.stack[-1]
        if isinstance(parent.items, list):
            parent.items.append(value)
            return
        parent.items[parent.key or ""] = value
        parent.key = None

    def span(self, start: Any, end: Any) -> Span:
        flow = bool(getattr(start, "flow_style", False))
        return Span(self.first_line + start.start_mark.line, start.start_mark.index, end.end_mark.index, flow)


def parse_yaml(text: str, *, first_line: int = 1) -> YamlText:
    """The mapping that a YAML text holds.

    Lines are counted from `first_line`, offsets from the start of `text`. Raises YamlFaultError with the
    first fault: no mapping at the top, a duplicate key, an alias, a tag, or no YAML at all.
    """
    builder = _Builder(first_line)
    for event in _events(text, first_line):
        builder.feed(event)
    if not isinstance(builder.root, dict):
        kind = (
            "a list" if isinstance(builder.root, list) else "empty" if builder.root is None else "only text"
        )
        fault = YamlFault(
            first_line, f"this is {kind}, not `key: value` lines", "Write one `key: value` on each line."
        )
        raise YamlFaultError(fault)
    return YamlText(builder.root, builder.spans, builder.keys)


def _events(text: str, first_line: int) -> Iterator[Any]:
    started = False
    try:
        event: Any
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                if started:
                    line = first_line + event.start_mark.line  # type: ignore[union-attr]  # events are marked
                    raise YamlFaultError(
                        YamlFault(line, "a second document starts here", "Remove the `---`.")
                    )
                started = True
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark is not None else 0)
        raise YamlFaultError(YamlFault(line, _plain_words(error), _REMEDY)) from error
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        fault = YamlFault(first_line, f"this is not readable text ({error})", "Save the file as UTF-8 text.")
        raise YamlFaultError(fault) from error


_REMEDY = "Check the indentation, and put text with a colon, # or quotes inside double quotes."


def _plain_words(error: yaml.MarkedYAMLError) -> str:
    return f"this line cannot be read: {error.problem or error.context or 'not YAML'}"
