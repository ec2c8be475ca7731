"""Where the entries of a YAML text stand on its lines, and which characters to replace to change one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.folder.yaml_flow import flow

if TYPE_CHECKING:
    from stationfeed.folder.yaml_text import FieldPath, Value, YamlText

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
_LINE_END = re.compile(r"[^\r\n]*")
_COLON = re.compile(r"[ \t]*:")
_DASH = re.compile(r"- +(?=[^\s#])")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]*")


class NoPlaceError(Exception):
    """The YAML is written in a way that leaves no place for the change."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Characters `start` to `end` give way to `text`."""

    start: int
    end: int
    text: str = ""


def spliced(text: str, splices: list[Splice]) -> str:
    for splice in sorted(splices, key=lambda one: (one.start, one.end), reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


@dataclass(frozen=True, slots=True)
class Layout:
    text: str
    yaml: YamlText

    def has(self, path: FieldPath) -> bool:
        return path in self.yaml.spans

    def value(self, path: FieldPath) -> Value:
        value: Value = self.yaml.value
        for part in path:
            value = value[part]  # type: ignore[index]  # a path with a span leads somewhere
        return value

    def is_flow(self, path: FieldPath) -> bool:
        return self.yaml.spans[path].flow

    def is_block_mapping(self, path: FieldPath) -> bool:
        return self.has(path) and isinstance(self.value(path), dict) and not self.is_flow(path)

    def children(self, path: FieldPath) -> list[FieldPath]:
        value = self.value(path)
        if isinstance(value, dict):
            return [(*path, key) for key in value]
        return [(*path, index) for index in range(len(value))] if isinstance(value, list) else []

    def start(self, path: FieldPath) -> int:
        return self.yaml.spans[path].start

    def end(self, path: FieldPath) -> int:
        """After the last character of a value; the comments and blank lines below it are not part of it."""
        span = self.yaml.spans[path]
        children = self.children(path)
        if children and not span.flow:
            return self.end(children[-1])
        header = _BLOCK_SCALAR.match(self.text, span.start, span.end)
        if header is None:
            return span.end
        written = self.text[span.start : span.end]
        kept = re.sub(r"(\r\n|\n|\r)\Z", "", written) if "+" in header.group() else written.rstrip("\r\n")
        return span.start + len(kept)

    def entry_start(self, path: FieldPath) -> int:
        """Where the key or the dash of an entry stands; in a flow list, the item itself."""
        if path in self.yaml.keys:
            return self.yaml.keys[path].start
        return self.start(path) if self.is_flow(path[:-1]) else self._dash(path)

    def _dash(self, path: FieldPath) -> int:
        index = self.children(path[:-1]).index(path)
        first = self.start(path[:-1])
        if index == 0:
            return first
        dash = re.compile(rf"^ {{{self.column(first)}}}-", re.MULTILINE)
        found = dash.search(self.text, self.end(self.children(path[:-1])[index - 1]))
        if found is None:
            raise NoPlaceError("its list is written in an unusual way")
        return found.end() - 1

    def after_colon(self, path: FieldPath) -> int:
        colon = _COLON.match(self.text, self.yaml.keys[path].end)
        if colon is None:
            raise NoPlaceError("its key is written without a colon beside it")
        return colon.end()

    def line_start(self, offset: int) -> int:
        return max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1

    def line_end(self, offset: int) -> int:
        found = _LINE_END.match(self.text, offset)
        return found.end() if found else offset

    def next_line(self, offset: int) -> int:
        found = _LINE_BREAK.search(self.text, offset)
        return found.end() if found else len(self.text)

    def column(self, offset: int) -> int:
        return offset - self.line_start(offset)

    def newline(self, offset: int) -> str:
        """How the line at an offset ends; where it is the last, how the text's first line does."""
        found = _LINE_BREAK.search(self.text, offset) or _LINE_BREAK.search(self.text)
        return found.group() if found else "\n"

    def replacing(self, path: FieldPath, written: str) -> list[Splice]:
        """One value gives way to another on one line; a comment on its first line stays."""
        start, end = self.start(path), self.end(path)
        if start == end:
            return [Splice(start, end, self._led_in(start) + written)]
        if header := _BLOCK_SCALAR.match(self.text, start, end):
            return [Splice(start, header.end(), written), Splice(self.line_end(start), end)]
        if self._stands_below_key(path):
            colon = self.after_colon(path)
            above = self.text[: self.line_start(start)].rstrip("\r\n")
            return [Splice(colon, colon, f" {written}"), Splice(len(above), end)]
        return [Splice(start, end, written)]

    def _led_in(self, start: int) -> str:
        """What has to stand before a value where there was none: `key:`, `-`, or in a flow mapping just `key`."""
        before = self.text[:start].rstrip(" ")
        if not before.endswith((":", "-")):
            return ": "
        return " " if len(before) == start else ""

    def _stands_below_key(self, path: FieldPath) -> bool:
        """Block lists and mappings; their lines would be too far left for a value on one line."""
        key = self.yaml.keys.get(path)
        span = self.yaml.spans[path]
        return key is not None and bool(self.children(path)) and not span.flow and span.line > key.line

    def adding_key(self, mapping: FieldPath, lines: list[str], after: FieldPath) -> list[Splice]:
        """A new entry below another; of the `lines` a flow mapping takes only one."""
        entries = self.children(mapping)
        if self.is_flow(mapping):
            return self._adding_inside(mapping, lines[0])
        anchor = after if after in entries else entries[-1]
        return self._adding_lines(self.end(anchor), self.column(self.entry_start(entries[0])), lines)

    def adding_item(self, items: FieldPath, written: str) -> list[Splice]:
        """A new item below the last one of a list that has some."""
        if self.is_flow(items):
            return self._adding_inside(items, written)
        first = self.start(items)
        dash = _DASH.match(self.text, first)
        line = (dash.group() if dash else "- ") + written
        return self._adding_lines(self.end(self.children(items)[-1]), self.column(first), [line])

    def filling_list(self, path: FieldPath, written: str) -> list[Splice]:
        """The first item, on a line of its own, of a list that is empty or null."""
        start, end, colon = self.start(path), self.end(path), self.after_colon(path)
        if self.text[colon:start].isspace():
            start = colon
        indent = self.column(self.entry_start(path)) + 2
        return [Splice(start, end), *self._adding_lines(end, indent, [f"- {written}"])]

    def _adding_inside(self, path: FieldPath, written: str) -> list[Splice]:
        entries = self.children(path)
        at = self.end(entries[-1]) if entries else self.start(path) + 1
        return [Splice(at, at, f", {written}" if entries else written)]

    def _adding_lines(self, offset: int, indent: int, lines: list[str]) -> list[Splice]:
        at = self.line_end(offset)
        line_break = self.newline(offset) + " " * indent
        return [Splice(at, at, "".join(line_break + line for line in lines))]

    def removing(self, path: FieldPath) -> list[Splice]:
        """An entry goes with its own lines; the last one leaves `{}` or `[]` behind."""
        entries = self.children(path[:-1])
        if len(entries) == 1:
            return self.replacing(path[:-1], flow({} if path in self.yaml.keys else []))
        if self.is_flow(path[:-1]):
            return self._removing_inside(path, entries)
        start, end = self.entry_start(path), self.next_line(self.end(path))
        line_start = self.line_start(start)
        if not self.text[line_start:start].strip(" "):
            return [Splice(line_start, end)]
        # `- key: value`: the dash stays, and what stood on the next line moves up to it.
        indent = len(self.text[end:]) - len(self.text[end:].lstrip(" "))
        return [Splice(start, end + indent)]

    def _removing_inside(self, path: FieldPath, entries: list[FieldPath]) -> list[Splice]:
        index = entries.index(path)
        if index == 0:
            return [Splice(self.entry_start(path), self.entry_start(entries[1]))]
        return [Splice(self.end(entries[index - 1]), self.end(path))]
