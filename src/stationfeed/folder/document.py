"""A text file of the station folder as its YAML and its Markdown, both kept byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stationfeed.folder.yaml_text import YamlFault, YamlFaultError, YamlText, parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from stationfeed.folder.yaml_text import FieldPath, Span

_BOM = "\ufeff"
_OPENING = re.compile(r"\ufeff?---[ \t]*(?:\r?\n|\Z)")
_CLOSING = re.compile(r"^---[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_BEFORE_KEYS = re.compile(r"\ufeff?(?:[ \t]*\r?\n)*(?:---[ \t]*\r?\n)?")
_BLOCK = re.compile(
    r"""^(?P<quote>["']?)[A-Za-z_][\w-]*(?P=quote)[ \t]*:(?=\s|\Z).*(?:\n|\Z)
        (?:(?:[ \t\r#\]}]|-\s).*(?:\n|\Z)|\n)*""",
    re.MULTILINE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Document:
    """A text and where its YAML stands in it: `yaml_offset` in characters, `yaml_line` as people count."""

    text: str
    yaml_text: str
    yaml_offset: int
    yaml_line: int
    body: str

    def with_yaml(self, yaml_text: str) -> str:
        """The whole text with other YAML in it."""
        end = self.yaml_offset + len(self.yaml_text)
        return self.text[: self.yaml_offset] + yaml_text + self.text[end:]


def split_document(text: str) -> Document:
    """The front matter between two `---` lines and the body below it.

    Raises YamlFaultError where one of the two lines is missing.
    """
    opening = _OPENING.match(text)
    if opening is None:
        remedy = "Begin the file with a line of three hyphens, then the `key: value` lines."
        raise YamlFaultError(YamlFault(1, "the first line is not `---`", remedy))
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        remedy = "Put a line of three hyphens between the last `key: value` line and the article."
        raise YamlFaultError(YamlFault(1, "the front matter that begins here has no closing `---`", remedy))
    yaml_text = text[opening.end() : closing.start()]
    return Document(text, yaml_text, opening.end(), 2, text[closing.end() :])


def open_document(text: str, file: PurePosixPath) -> Document:
    """The parts of a file as its name tells them: a `.md` file has front matter, any other is YAML throughout."""
    if file.suffix == ".md":
        return split_document(text)
    yaml_text = text.removeprefix(_BOM)
    return Document(text, yaml_text, len(text) - len(yaml_text), 1, "")


def salvage_blocks(text: str, *, first_line: int = 1) -> YamlText:
    """What can still be read of a file that is broken as a whole, key by key.

    Takes a whole file or its front matter alone. Of a key that stands there twice the last readable value
    is here; `salvage_each` has them all. Offsets count in `text`.
    """
    latest = {key: block for block in salvage_each(text, first_line=first_line) for key in block.value}
    return YamlText(
        {key: block.value[key] for key, block in latest.items()},
        {path: span for block in latest.values() for path, span in block.spans.items() if path},
        {path: span for block in latest.values() for path, span in block.keys.items()},
    )


def salvage_each(text: str, *, first_line: int = 1) -> Iterator[YamlText]:
    """Each top-level key that can be read, alone and in the order of the file, duplicates included."""
    start = _end_of(_BEFORE_KEYS.match(text))
    closing = _CLOSING.search(text, start)
    end = closing.start() if closing else len(text)
    for block in _BLOCK.finditer(text, start, end):
        line = first_line + text.count("\n", 0, block.start())
        readable = _readable(block.group(), line)
        if readable is not None:
            yield _moved(readable, block.start())


def _end_of(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _readable(block: str, line: int) -> YamlText | None:
    """A block as YAML, else its first line alone: what follows may be a stray line or the article.

    A first line without a value says nothing by itself: `rights:` above unreadable lines is not "no rights".
    """
    try:
        return parse_yaml(block, first_line=line)
    except YamlFaultError:
        pass
    try:
        alone = parse_yaml(block.partition("\n")[0], first_line=line)
    except YamlFaultError:
        return None
    return alone if all(value is not None for value in alone.value.values()) else None


def _moved(block: YamlText, by: int) -> YamlText:
    return YamlText(block.value, _moved_spans(block.spans, by), _moved_spans(block.keys, by))


def _moved_spans(spans: dict[FieldPath, Span], by: int) -> dict[FieldPath, Span]:
    return {path: replace(span, start=span.start + by, end=span.end + by) for path, span in spans.items()}
