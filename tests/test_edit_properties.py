"""Any edit of any file: it reads back as meant, touches its own lines only, and nothing is lost on the way."""

from __future__ import annotations

import string
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stationfeed.folder.document import salvage_blocks, split_document
from stationfeed.folder.edit import append_item, remove_value, set_value
from stationfeed.folder.yaml_flow import flow
from stationfeed.folder.yaml_text import FieldPath, Value, parse_yaml

FILE = PurePosixPath("episodes/a/episode.md")
settings.register_profile("edits", max_examples=150, deadline=None)
SETTINGS = settings.get_profile("edits")

KEYS = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8).filter(
    lambda key: key not in ("y", "n", "on", "no", "off", "yes", "null", "true", "false")
)
ODD = (
    st.sampled_from(
        [
            *"\"'~|>`{],? \n\u2028\x85\xa0\ufeff\x00\x7f🎉",
            "",
            "---",
            "...",
            "null",
            "no",
            "1.10",
            "16:30",
            "true",
        ]
    )
    | st.sampled_from(
        [
            "- a",
            "a: b",
            "# no",
            "a #b",
            "it's",
            "&a",
            "*a",
            "!a",
            "%a",
            "@a",
            "a\nb",
            "a\r\nb\t",
            "\\n",
            "x" * 3000,
        ]
    )
    | st.sampled_from(["a  b", " a", "a ", "2026-04-22", "👩🏽\u200d🚒 é"])
)
TEXTS = ODD | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
COMMENTS = st.sampled_from(["", "  # a remark", " # it's: {not} [YAML", " # é🎉"])
SIMPLE = st.sampled_from(["plain", "two words", '"quoted: # text"', "'it''s'", "16:30", "null", "", "é🎉"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One top-level key with its lines, as somebody might have typed them."""

    key: str
    lines: tuple[str, ...]


def entry_lines(key: str, value: str, comment: str, other: str, style: int) -> tuple[str, ...]:
    styles: list[tuple[str, ...]] = [
        (f"{key}: {value}{comment}",),
        (f"{key}: [one, {other or 'x'}]{comment}",),
        (f"{key}: {{a: one, b: {other or 'x'}}}{comment}",),
        (f"{key}:{comment}", f"  - {value}{comment}", "  # between", f"  - {{a: {other or 'x'}}}"),
        (f"{key}:{comment}", f"- {value}", "-   a: one", f"    b: {other}{comment}"),
        (f"{key}:", f"    a: {value}{comment}", f"    b:{comment}", f"      c: {other}"),
        (f"{key}: |{comment}", "  text: # no comment", "", "    more"),
        (f"{key}: >-", "  folded", "  text"),
        (f"{key}: |+", "  kept", "", ""),
        (f'{key}: "two', f'  lines"{comment}'),
        (f"{key}: []{comment}",),
    ]
    return styles[style]


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    return [
        Entry(key, entry_lines(key, draw(SIMPLE), draw(COMMENTS), draw(SIMPLE), draw(st.integers(0, 10))))
        for key in draw(st.lists(KEYS, min_size=1, max_size=5, unique=True))
    ]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """An episode.md, with odd comments and newlines, and its top-level keys."""
    written = draw(entries())
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines = ["---"]
    for entry in written:
        lines += [*draw(st.sampled_from([(), ("# a remark",), ("",)])), *entry.lines]
    lines += [*draw(st.sampled_from([(), ("# the end",)])), "---", "The article", "---", "a: b"]
    return draw(st.sampled_from(["", "\ufeff"])) + newline.join(lines), [entry.key for entry in written]


FILES = files()


def read(text: str) -> dict[str, Value]:
    return parse_yaml(split_document(text).yaml_text).value


def untouched(text: str, key: str) -> list[str]:
    """The lines of a file that do not belong to one key, comments and newlines included."""
    parsed = parse_yaml(split_document(text).yaml_text)
    starts = sorted((span.line, path[0]) for path, span in parsed.keys.items() if len(path) == 1)
    lines = text.splitlines(keepends=True)
    first = next((line for line, name in starts if name == key), len(lines))
    last = next((line for line, _ in starts if line > first), len(lines))
    return [*lines[:first], *lines[last:]]


@SETTINGS
@given(FILES)
def test_a_file_read_and_written_is_the_same_bytes(file: tuple[str, list[str]]) -> None:
    text, _ = file
    document = split_document(text)
    assert document.with_yaml(document.yaml_text) == text
    assert text.endswith(document.body)


@SETTINGS
@given(VALUES)
def test_any_value_is_the_same_to_us_and_to_other_readers(value: Value) -> None:
    line = f"k: {flow(value)}\n"
    assert line.count("\n") == 1
    assert parse_yaml(line).value == {"k": value}
    assert yaml.load(line, Loader=yaml.BaseLoader) == {"k": as_base(value)}


def as_base(value: Value) -> object:
    """What PyYAML's own text-only reader gives: null is the word."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return [as_base(item) for item in value]
    return {key: as_base(item) for key, item in value.items()} if isinstance(value, dict) else value


@SETTINGS
@given(TEXTS)
def test_a_text_is_no_other_type_to_a_yaml_1_1_reader(text: str) -> None:
    meant = yaml.safe_load(flow(text))
    written_as_is = flow(text) == text and not isinstance(meant, str)
    # Booleans, numbers and dates come as their text and are written as such; they print as they were.
    assert meant == text or (written_as_is and (str(meant).lower() == text or str(meant)[:10] == text[:10]))


@SETTINGS
@given(FILES, st.data(), VALUES)
def test_a_value_that_is_set_reads_back_and_other_lines_stay(
    file: tuple[str, list[str]], data: st.DataObject, value: Value
) -> None:
    text, keys = file
    key = data.draw(st.sampled_from(keys))
    edited = set_value(text, (key,), value, file=FILE)
    assert read(edited) == {**read(text), key: value}
    assert is_within(untouched(text, key), edited)
    assert split_document(edited).body == split_document(text).body


@SETTINGS
@given(FILES, KEYS, VALUES)
def test_a_new_key_adds_one_line_and_changes_none(
    file: tuple[str, list[str]], key: str, value: Value
) -> None:
    text, keys = file
    if key in keys:
        return
    edited = set_value(text, (key,), value, file=FILE)
    assert read(edited) == {**read(text), key: value}
    before, after = text.split("\n"), edited.split("\n")
    assert len(after) == len(before) + 1
    added = next(index for index, line in enumerate(after) if index == len(before) or line != before[index])
    assert after[:added] + after[added + 1 :] == before
    assert after[added].endswith("\r") == ("\r\n" in text)
    assert remove_value(edited, (key,), file=FILE) == text


@SETTINGS
@given(FILES, st.data(), VALUES)
def test_any_place_in_a_file_can_be_set(
    file: tuple[str, list[str]], data: st.DataObject, value: Value
) -> None:
    text, _ = file
    spans = parse_yaml(split_document(text).yaml_text).spans
    path = data.draw(st.sampled_from([path for path in spans if path]))
    edited = set_value(text, path, value, file=FILE)
    assert read(edited) == changed(read(text), path, value)
    assert is_within(untouched(text, str(path[0])), edited)
    assert remarks(edited) == remarks(text)
    assert set_value(edited, path, value, file=FILE) == edited


@SETTINGS
@given(FILES, st.data())
def test_any_entry_can_be_removed(file: tuple[str, list[str]], data: st.DataObject) -> None:
    text, _ = file
    assume("|+" not in text)  # blank lines below a removed key would become text of the one above: refused
    spans = parse_yaml(split_document(text).yaml_text).spans
    path = data.draw(st.sampled_from([path for path in spans if path]))
    edited = remove_value(text, path, file=FILE)
    assert read(edited) == changed(read(text), path)
    assert remarks(edited) == remarks(text)
    assert is_within(untouched(text, str(path[0])), edited)


@SETTINGS
@given(FILES, VALUES, VALUES)
def test_items_are_appended_one_by_one(file: tuple[str, list[str]], one: Value, two: Value) -> None:
    text, keys = file
    if "updates" in keys:
        return
    edited = append_item(append_item(text, ("updates",), one, file=FILE), ("updates",), two, file=FILE)
    assert read(edited) == {**read(text), "updates": [one, two]}
    assert is_within(text.splitlines(keepends=True), edited)
    assert len(edited.split("\n")) == len(text.split("\n")) + 3


@SETTINGS
@given(FILES, st.data(), VALUES)
def test_an_item_is_appended_to_a_list_of_any_style(
    file: tuple[str, list[str]], data: st.DataObject, item: Value
) -> None:
    text, _ = file
    lists = {key: value for key, value in read(text).items() if isinstance(value, list) or value is None}
    if not lists:
        return
    key = data.draw(st.sampled_from(sorted(lists)))
    edited = append_item(text, (key,), item, file=FILE)
    assert remarks(edited) == remarks(text)
    assert read(edited) == {**read(text), key: [*(lists[key] or []), item]}
    assert is_within(untouched(text, key), edited)


@SETTINGS
@given(FILES, st.sampled_from(['"open', "a: [", "\tb", "a: 1\na: 2", "nothing", "x: *y"]), st.data())
def test_keys_beside_a_broken_line_are_salvaged_as_they_were(
    file: tuple[str, list[str]], broken: str, data: st.DataObject
) -> None:
    text, keys = file
    document = split_document(text)
    parsed = parse_yaml(document.yaml_text)
    if {"a", "x"} & set(keys):
        return
    key = data.draw(st.sampled_from(keys))
    at = parsed.keys[key,].start
    salvaged = salvage_blocks(
        document.with_yaml(document.yaml_text[:at] + f"{broken}\n" + document.yaml_text[at:])
    )
    assert salvaged.value[key] == parsed.value[key]


def remarks(text: str) -> list[str]:
    """The comments with a line of their own at the left edge; they belong to no value."""
    return [line for line in text.splitlines(keepends=True) if line.startswith("#")]


def changed(root: dict[str, Value], path: FieldPath, *new: Value) -> Value:
    """The values with one of them changed, or taken out where there is no new one."""
    parent: Any = root
    for part in path[:-1]:
        parent = parent[part]
    if new:
        parent[path[-1]] = new[0]
    else:
        del parent[path[-1]]
    return root


def is_within(lines: list[str], text: str) -> bool:
    """Whether lines stand in a text in this order."""
    rest = iter(text.splitlines(keepends=True))
    return all(any(line == other for other in rest) for line in lines)
