"""Front matter and body apart, what a broken file still says, and edits that keep the rest of a file."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from stationfeed.errors import EditRejectedError
from stationfeed.folder.document import open_document, salvage_blocks, salvage_each, split_document
from stationfeed.folder.edit import append_item, remove_value, set_value
from stationfeed.folder.yaml_flow import flow
from stationfeed.folder.yaml_text import FieldPath, Value, YamlFaultError, parse_yaml

EPISODE = PurePosixPath("episodes/tool-library/episode.md")
CONFIG = PurePosixPath("config.yaml")

STORY = """\
---
# The desk's own notes stay.
guid: 019a2f6e-7d1c-7b52-9d0e-5a1c3f0b6a77   # never change
title: "Council opens a tool library"  # the headline
state: ready
summary: >-
  Two lines
  of summary.

former_slugs: []   # old addresses
mood: sunny   # a key we do not know
image: {file: shelves.jpg, alt: 'Rows of drills'}
updates:
  -   {at: 2026-04-22T20:45, kind: update, note: One.}  # first
# before the end
---
The article --- in Markdown.

---
"""


# splitting


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_front_matter_and_body_come_apart_byte_for_byte(newline: str, bom: str) -> None:
    text = bom + newline.join(["---  ", "title: Hej", "--- \t", "Body", "---", "more"])
    document = split_document(text)
    assert document.yaml_text == f"title: Hej{newline}"
    assert document.body == newline.join(["Body", "---", "more"])
    assert document.yaml_line == 2
    assert text[document.yaml_offset :].startswith("title")
    assert document.with_yaml(document.yaml_text) == text


def test_a_body_may_be_missing() -> None:
    assert split_document("---\ntitle: A\n---").body == ""


@pytest.mark.parametrize("text", ["", "title: A\n---\n", "\n---\ntitle: A\n---\n", "----\ntitle: A\n---\n"])
def test_a_missing_first_line_is_a_fault_with_its_remedy(text: str) -> None:
    with pytest.raises(YamlFaultError) as caught:
        split_document(text)
    assert caught.value.fault.line == 1
    assert caught.value.fault.message == "the first line is not `---`"
    assert caught.value.fault.remedy.startswith("Begin the file with a line of three hyphens")


@pytest.mark.parametrize("text", ["---", "---\ntitle: A\n", "---\ntitle: A\n ---\n", "---\nt: A\n----\n"])
def test_a_missing_closing_line_is_a_fault_with_its_remedy(text: str) -> None:
    with pytest.raises(YamlFaultError) as caught:
        split_document(text)
    assert caught.value.fault.line == 1
    assert caught.value.fault.message == "the front matter that begins here has no closing `---`"
    assert caught.value.fault.remedy.endswith("between the last `key: value` line and the article.")


def test_a_config_file_is_yaml_throughout() -> None:
    document = open_document("\ufeffsite: {title: A}\n", CONFIG)
    assert document.yaml_text == "site: {title: A}\n"
    assert (document.yaml_line, document.body) == (1, "")


# salvaging

BREAKS = {
    "a quote never closed above": ('title: "Never closed', ""),
    "a quote never closed below": ("", 'summary: "Never closed'),
    "a tab as indentation": ("audio:\n\tfile: a.wav", ""),
    "a key that stands there twice": ("show: a\nshow: b", ""),
    "a stray bracket": ("topics: [a, b", ""),
    "a line that is no key": ("this is nothing", "nor this"),
    "an alias": ("byline: *me", ""),
    "a tag": ("", "season: !!int 1"),
    "a colon in the text": ("title: News: at ten", ""),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "ending", ["---\nThe article.\n", "", "The article, without a line above it.\n\n- a list\n"]
)
@pytest.mark.parametrize("broken", BREAKS)
def test_what_restricts_is_read_beside(broken: str, ending: str, newline: str) -> None:
    above, below = BREAKS[broken]
    keys = "state: withdrawn  # at once\nexpires_at: 2026-05-02T09:00\nrights:\n  podcast: false\n"
    text = f"---\n{above}\n{keys}{below}\n{ending}".replace("\n", newline)
    with pytest.raises(YamlFaultError):
        parse_yaml(split_document(text).yaml_text)
    salvaged = salvage_blocks(text)
    assert salvaged.value["state"] == "withdrawn"
    assert salvaged.value["expires_at"] == "2026-05-02T09:00"
    assert salvaged.value["rights"] == {"podcast": "false"}
    span = salvaged.spans["rights", "podcast"]
    assert text[span.start : span.end] == "false"
    assert span.line == text[: span.start].count("\n") + 1
    assert text[salvaged.keys["state",].start :].startswith("state:")


def test_the_last_key_is_read_although_the_article_follows_without_a_line_between() -> None:
    text = '---\ntitle: "Open\nstate: withdrawn\nThe council met.\n  Indented.\n'
    assert salvage_blocks(text).value == {"state": "withdrawn"}


def test_the_article_is_no_front_matter() -> None:
    assert salvage_blocks("---\ntitle: 'x\n---\nstate: withdrawn\n").value == {}


def test_front_matter_alone_is_salvaged_with_the_lines_of_its_file() -> None:
    salvaged = salvage_blocks('title: "x\nstate: draft\n', first_line=2)
    assert salvaged.keys["state",].line == 3


def test_of_a_key_that_stands_twice_the_last_counts_and_both_can_be_had() -> None:
    text = "---\nstate: withdrawn\nrights: {a: b}\nstate: ready\nstate: [\n---\n"
    assert salvage_blocks(text).value == {"state": "ready", "rights": {"a": "b"}}
    assert [block.value for block in salvage_each(text)] == [
        {"state": "withdrawn"},
        {"rights": {"a": "b"}},
        {"state": "ready"},
    ]


def test_a_key_above_unreadable_lines_is_not_taken_for_an_empty_one() -> None:
    assert salvage_blocks(
        "---\nrights:\n\tpodcast: false\nexpires_at:\n  - [\nstate: ready\n---\n"
    ).value == {"state": "ready"}


def test_quoted_keys_and_block_text_are_salvaged() -> None:
    text = (
        '---\n"state": draft\nsummary: |\n  state: ready\n\n  more\nbyline:\n- ada\n- sam\ntitle: \'x\n---\n'
    )
    value = salvage_blocks(text).value
    assert value == {"state": "draft", "summary": "state: ready\n\nmore\n", "byline": ["ada", "sam"]}


# writing values


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "null"),
        ("", '""'),
        ("withdrawn", "withdrawn"),
        ("true", "true"),
        ("True", '"True"'),
        ("12", "12"),
        ("-0.5", "-0.5"),
        ("2026-04-22T17:05", "2026-04-22T17:05"),
        ("2026-04-22T17:05:10+02:00", "2026-04-22T17:05:10+02:00"),
        ("019a2f6e-7d1c-7b52-9d0e-5a1c3f0b6a77", "019a2f6e-7d1c-7b52-9d0e-5a1c3f0b6a77"),
        ("Café, Straße", '"Café, Straße"'),
        ("Café: the", '"Café: the"'),
        ("Ørsted took the mayor's seat.", "Ørsted took the mayor's seat."),
        ("🎉 Radio", "🎉 Radio"),
        ("no", '"no"'),
        ("Null", '"Null"'),
        ("~", '"~"'),
        ("1.10", '"1.10"'),
        ("007", '"007"'),
        ("1_000", '"1_000"'),
        ("1e3", '"1e3"'),
        ("0x1f", '"0x1f"'),
        ("16:30", '"16:30"'),
        ("a, b", '"a, b"'),
        ("- a", '"- a"'),
        ("# a", '"# a"'),
        ("a ", '"a "'),
        ('say "hi" \\ bye', '"say \\"hi\\" \\\\ bye"'),
        ("a\nb\tc\r\x00\x85\u2028\ufeff", '"a\\nb\\tc\\r\\x00\\x85\\u2028\\ufeff"'),
        (["a", "b"], "[a, b]"),
        ({"at": "2026-04-22T20:45", "note": "A: b"}, '{at: 2026-04-22T20:45, note: "A: b"}'),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_a_value_is_plain_where_every_reader_agrees_and_quoted_elsewhere(value: Value, written: str) -> None:
    assert flow(value) == written


# editing


def edited_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and the lines that came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_an_edit_keeps_comments_in_the_file() -> None:
    edited = set_value(STORY, ("title",), "A new headline", file=EPISODE)
    assert edited_lines(STORY, edited) == (
        ['title: "Council opens a tool library"  # the headline\n'],
        ["title: A new headline  # the headline\n"],
    )


def test_an_edit_that_changes_nothing_gives_the_same_text() -> None:
    assert set_value(STORY, ("title",), "Council opens a tool library", file=EPISODE) == STORY


def test_a_folded_text_is_replaced_and_the_blank_line_below_it_stays() -> None:
    edited = set_value(STORY, ("summary",), "One: short.", file=EPISODE)
    assert edited_lines(STORY, edited) == (
        ["summary: >-\n", "  Two lines\n", "  of summary.\n"],
        ['summary: "One: short."\n'],
    )
    assert '"One: short."\n\nformer_slugs' in edited


def test_a_new_key_goes_below_the_last_one() -> None:
    edited = set_value(STORY, ("expires_at",), "2026-05-02", file=EPISODE)
    assert "note: One.}  # first\nexpires_at: 2026-05-02\n# before the end\n---\n" in edited


def test_a_new_key_goes_where_the_caller_says() -> None:
    edited = set_value(STORY, ("expires_at",), "2026-05-02", file=EPISODE, after="summary")
    assert "  of summary.\nexpires_at: 2026-05-02\n\nformer_slugs" in edited


def test_an_item_follows_the_style_of_its_block_list() -> None:
    note: Value = {"at": "2026-04-23T09:00", "kind": "correction", "note": "Two, not three."}
    edited = append_item(STORY, ("updates",), note, file=EPISODE)
    added = '  -   {at: 2026-04-23T09:00, kind: correction, note: "Two, not three."}\n'
    assert edited_lines(STORY, edited) == ([], [added])
    assert f"# first\n{added}# before" in edited


def test_the_first_item_of_an_empty_list_begins_a_block() -> None:
    edited = append_item(STORY, ("former_slugs",), "old-name", file=EPISODE)
    assert "former_slugs:   # old addresses\n  - old-name\nmood" in edited


def test_the_first_item_of_a_missing_list_begins_a_block() -> None:
    edited = append_item("---\r\ntitle: A\r\n---\r\n", ("topics",), {"a": "b"}, file=EPISODE)
    assert edited == "---\r\ntitle: A\r\ntopics:\r\n  - {a: b}\r\n---\r\n"


def test_a_key_is_removed_with_its_own_lines_only() -> None:
    edited = remove_value(STORY, ("summary",), file=EPISODE)
    assert edited_lines(STORY, edited) == (["summary: >-\n", "  Two lines\n", "  of summary.\n"], [])


EDITS: list[tuple[str, FieldPath, Value, str]] = [
    ("a:\nb: 1\n", ("a",), "x", "a: x\nb: 1\n"),
    ("a:   # c\nb: 1\n", ("a",), "x", "a: x   # c\nb: 1\n"),
    ("a: {x, y: 1}\n", ("a", "x"), "v", "a: {x: v, y: 1}\n"),
    ("a: {x: , y: 1}\n", ("a", "x"), "v", "a: {x: v, y: 1}\n"),
    ("a: 'it''s'\n", ("a",), None, "a: null\n"),
    ("a: | # why\n  x\n  y\n\nb: 1\n", ("a",), "z", "a: z # why\n\nb: 1\n"),
    ("a: |+\n  x\n\nb: 1\n", ("c",), "z", "a: |+\n  x\n\nb: 1\nc: z\n"),
    ("a: |+\n  x\n\n", ("c",), "z", "a: |+\n  x\n\nc: z\n"),
    ("a: 1", ("c",), "z", "a: 1\nc: z"),
    ("a:  # c\n  x: 1\n  y: 2\nb: 1\n", ("a",), ["q"], "a: [q]  # c\nb: 1\n"),
    ("a:\n- x\n- y\nb: 1\n", ("a",), "q", "a: q\nb: 1\n"),
    ("a:\n- x: 1\n  y: 2\n- z\n", ("a", 0), "q", "a:\n- q\n- z\n"),
    ("a:\n- x: 1\n  y: 2\n", ("a", 0, "z"), "q", "a:\n- x: 1\n  y: 2\n  z: q\n"),
    ("a: {}\n", ("a", "b"), "x", "a: {b: x}\n"),
    ("a: {b: 1,}\n", ("a", "c"), "x", "a: {b: 1, c: x,}\n"),
    ("a: null # c\n", ("a", "b"), "x", "a: {b: x} # c\n"),
    ("a: 1\n", ("b", "c", "d"), "x", "a: 1\nb: {c: {d: x}}\n"),
    ("a:\n    b: 1 # c\n    # d\ne: 1\n", ("a", "f"), "x", "a:\n    b: 1 # c\n    f: x\n    # d\ne: 1\n"),
    ("{a: 1}\n", ("b",), "x", "{a: 1, b: x}\n"),
    ("\ufeffa: é😀 # c\nb: 2\n", ("b",), "x", "\ufeffa: é😀 # c\nb: x\n"),
    ("a: 1\r\nb: 2\n", ("c",), "x", "a: 1\r\nb: 2\nc: x\n"),
    ('a:\n  "long\n  text"\nb: 1\n', ("a",), "x", "a:\n  x\nb: 1\n"),
]


@pytest.mark.parametrize(("before", "path", "value", "after"), EDITS)
def test_a_value_is_set_in_any_style(before: str, path: FieldPath, value: Value, after: str) -> None:
    assert set_value(before, path, value, file=CONFIG) == after


APPENDS: list[tuple[str, FieldPath, str]] = [
    ("a: [x, y] # c\n", ("a",), "a: [x, y, new] # c\n"),
    ("a: [\n  x,\n  y,\n]\n", ("a",), "a: [\n  x,\n  y, new,\n]\n"),
    ("a:\n- x\n\n# c\nb: 1\n", ("a",), "a:\n- x\n- new\n\n# c\nb: 1\n"),
    ("a:\n  - x: 1\n    y: 2\nb: 1\n", ("a",), "a:\n  - x: 1\n    y: 2\n  - new\nb: 1\n"),
    ("a:\n  -\n    x: 1\n", ("a",), "a:\n  -\n    x: 1\n  - new\n"),
    ("a: null\n", ("a",), "a:\n  - new\n"),
    ("a:\nb: 1\n", ("a",), "a:\n  - new\nb: 1\n"),
    ("a:\n  []\nb: 1\n", ("a",), "a:\n  - new\nb: 1\n"),
    ("a:\n  b: [] # c\n", ("a", "b"), "a:\n  b: # c\n    - new\n"),
    ("a:\n  c: 1\n", ("a", "b"), "a:\n  c: 1\n  b:\n    - new\n"),
    ("a: {b: []}\n", ("a", "b"), "a: {b: [new]}\n"),
    ("a: {c: 1}\n", ("a", "b"), "a: {c: 1, b: [new]}\n"),
    ("a: 1\n", ("b", "c"), "a: 1\nb: {c: [new]}\n"),
    ("a:\n- - x\n  - y\n", ("a", 0), "a:\n- - x\n  - y\n  - new\n"),
    ("a:\n- []\n", ("a", 0), "a:\n- [new]\n"),
]


@pytest.mark.parametrize(("before", "path", "after"), APPENDS)
def test_an_item_is_appended_in_any_style(before: str, path: FieldPath, after: str) -> None:
    assert append_item(before, path, "new", file=CONFIG) == after


REMOVALS: list[tuple[str, FieldPath, str]] = [
    ("a: 1 # c\n# d\nb: 2\n", ("a",), "# d\nb: 2\n"),
    ("a: 1\nb: 2", ("b",), "a: 1\n"),
    ("a: [x, y, z]\n", ("a", 0), "a: [y, z]\n"),
    ("a: [x, y, z]\n", ("a", 2), "a: [x, y]\n"),
    ("a: [x]\n", ("a", 0), "a: []\n"),
    ("a: {x: 1, y: 2}\n", ("a", "x"), "a: {y: 2}\n"),
    ("a:\n  x: 1\nb: 1\n", ("a", "x"), "a: {}\nb: 1\n"),
    ("a:\n- x\n# - c\n- y # d\n- z\n", ("a", 1), "a:\n- x\n# - c\n- z\n"),
    ("a:\n  - x: 1\n    # c\n    y: 2\n", ("a", 0, "x"), "a:\n  - # c\n    y: 2\n"),
    ("a:\n  - x: 1\n    y: 2\n  - z\n", ("a", 0), "a:\n  - z\n"),
    ("a:\n- - x\n  - y\n", ("a", 0, 0), "a:\n- - y\n"),
    ("a: 1\n", ("a",), "{}\n"),
]


@pytest.mark.parametrize(("before", "path", "after"), REMOVALS)
def test_an_entry_is_removed_in_any_style(before: str, path: FieldPath, after: str) -> None:
    assert remove_value(before, path, file=CONFIG) == after


def rejection(edit: object) -> str:
    assert callable(edit)
    with pytest.raises(EditRejectedError) as caught:
        edit()
    return str(caught.value)


def test_a_broken_file_is_not_edited() -> None:
    text = '---\ntitle: A\nstate: "x\n---\n'
    message = rejection(lambda: set_value(text, ("title",), "B", file=EPISODE))
    assert message.startswith("episodes/tool-library/episode.md: line ")
    assert "has to be mended first (this line cannot be read: " in message
    assert message.endswith("; nothing was written")


def test_an_edit_without_a_place_is_refused_in_words() -> None:
    assert rejection(lambda: remove_value("a: 1\n", ("b",), file=CONFIG)) == (
        "config.yaml: b cannot be changed here: there is nothing to remove; nothing was written"
    )
    assert "a cannot be changed here: it is not a list" in rejection(
        lambda: append_item("a: text\n", ("a",), "x", file=CONFIG)
    )
    assert "a.b cannot be changed here: what it belongs to is no mapping" in rejection(
        lambda: set_value("a: text\n", ("a", "b"), "x", file=CONFIG)
    )
    assert "there is no such item" in rejection(lambda: set_value("a: null\n", ("a", 3), "x", file=CONFIG))


def test_a_removal_that_would_lengthen_the_text_above_is_refused() -> None:
    text = "a: |+\n  kept\nb: 1\n\nc: 1\n"
    assert "b cannot be changed here without changing something else" in rejection(
        lambda: remove_value(text, ("b",), file=CONFIG)
    )


def test_an_edit_that_would_not_say_what_was_meant_is_refused() -> None:
    too_long_for_a_key = "k" * 2000
    assert rejection(lambda: set_value("a: {b: 1}\n", ("a", too_long_for_a_key), "x", file=CONFIG)).endswith(
        "cannot be changed here without changing something else; nothing was written"
    )
    assert "without changing something else" in rejection(
        lambda: set_value("a: 1\n", ("a",), "\ud800", file=CONFIG)
    )
