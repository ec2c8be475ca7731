"""Whatever stands in a station folder: a problem with the file in it, and every other feed and story as before."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import etree
from PIL import Image

from stationfeed.errors import FolderError, Problem, Severity
from stationfeed.folder.article import sanitise
from stationfeed.folder.reader import list_episode_folders
from stationfeed.site import Document, PublicFile
from stationfeed.station.departures import Gone
from tests.audio_files import silent_frames
from tests.commands import WITHOUT_PRIVILEGES, run_command, run_with_own_mounts
from tests.serving import eventually, serving
from tests.stations import NOON, StationFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.station.opened import OpenStation

FRONT = "guid: g-1\ntitle: A story\nshow: newsroom\nstate: ready\npublished_at: 2026-05-01T08:00Z\n"


def published(station: OpenStation) -> dict[str, bytes]:
    """Every ready document's bytes, each proved to be well-formed."""
    found = {address: ready.plain for address, ready in station.shelf.documents.items()}
    for address, data in found.items():
        if address.endswith(".json") or address.startswith("/api/"):
            json.loads(data)
        else:
            etree.fromstring(data)
    return found


@dataclass
class Watched:
    """An open station with two good stories, whose feeds must stay as they are."""

    folder: StationFolder
    station: OpenStation
    before: dict[str, bytes]

    def look(self) -> None:
        self.station.look(NOON)

    def problems(self, slug: str = "bad") -> list[Problem]:
        """What is wrong with one episode."""
        return [one for one in self.station.problems() if one.path.parts[:2] == ("episodes", slug)]

    def errors(self, slug: str = "bad") -> list[Problem]:
        return [one for one in self.problems(slug) if one.severity is Severity.ERROR]

    def the_problem(self, slug: str = "bad") -> Problem:
        (problem,) = self.problems(slug)
        return problem

    def feed(self, name: str = "news") -> str:
        return published(self.station)[f"/feeds/{name}.xml"].decode()

    def assert_untouched(self) -> None:
        assert published(self.station) == self.before


@pytest.fixture
def watched(folder: StationFolder) -> Iterator[Watched]:
    folder.episode("first-good", published_at="2026-05-02T08:00Z")
    folder.episode("second-good", show="archive", published_at="2026-05-03T08:00Z")
    station = folder.open()
    yield Watched(folder, station, published(station))
    station.close()


@dataclass(frozen=True)
class Bad:
    """An episode.md that cannot be used, and what staff are told."""

    data: str | bytes
    line: int
    message: str
    remedy: str


def front(more: str) -> str:
    return f"---\n{FRONT}{more}---\nAn article.\n"


CHECK_INDENTATION = "Check the indentation, and put text with a colon, # or quotes inside double quotes."
ONE_KEY_A_LINE = "Write one `key: value` on each line."
BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
)
BROKEN: dict[str, Bad] = {
    "a list": Bad("---\n- a\n- b\n---\n", 2, "this is a list, not `key: value` lines", ONE_KEY_A_LINE),
    "only text": Bad("---\nhello\n---\n", 2, "this is only text, not `key: value` lines", ONE_KEY_A_LINE),
    "nothing": Bad("", 1, "the first line is not `---`", "Begin the file with a line of three hyphens"),
    "an empty header": Bad("---\n---\nText\n", 2, "this is empty, not `key: value` lines", ONE_KEY_A_LINE),
    "a nest of brackets": Bad(
        front("x: " + "[" * 64_000 + "\n"), 7, "exceeded maximum nesting depth", CHECK_INDENTATION
    ),
    "levels": Bad(
        front("x: " + "[" * 25 + "]" * 25 + "\n"),
        7,
        "more than 20 levels deep",
        "Make the structure flatter.",
    ),
    "an alias bomb": Bad(
        front(BOMB), 7, "anchors and aliases (& and *) are not allowed", "Write the value out."
    ),
    "a circle": Bad(
        front("x: &x [*x]\n"), 7, "anchors and aliases (& and *) are not allowed", "Write the value out."
    ),
    "a tag": Bad(
        front('x: !!python/object/apply:os.system ["touch /tmp/owned"]\n'),
        7,
        "the tag tag:yaml.org,2002:python/object/apply:os.system is not allowed",
        "Remove the tag, or quote the text.",
    ),
    "a merge of an anchor": Bad(
        front("base: &base {season: 1}\n<<: *base\n"),
        7,
        "anchors and aliases (& and *) are not allowed",
        "Write the value out.",
    ),
    "a merge key": Bad(
        front("<<: {season: 1}\n"), 7, "merge keys (<<) are not allowed", "Write the values out."
    ),
    "a key twice": Bad(
        front("title: Another\n"), 7, '"title" stands here twice (first in line 3)', "Keep one of the two."
    ),
    "tabs": Bad(
        front("people:\n\t- person: Lena\n"), 8, "this line cannot be read: found", CHECK_INDENTATION
    ),
    "a NUL byte": Bad(
        front("summary: a\0b\n"), 2, "this is not readable text", "Save the file as UTF-8 text."
    ),
    "Latin-1": Bad(
        front("summary: caf\xe9\n").encode("latin-1"),
        7,
        "this line holds bytes that are not UTF-8 text",
        "Save the file as UTF-8.",
    ),
    "UTF-16": Bad(
        front("").encode("utf-16"),
        1,
        "this line holds bytes that are not UTF-8 text",
        "Save the file as UTF-8.",
    ),
    "a huge header": Bad(
        front("summary: >\n" + "  word word word\n" * 4_000),
        1,
        "the front matter that begins here is over 65536 bytes",
        "Move the text below the second ---.",
    ),
    "no closing line": Bad(
        f"---\n{FRONT}\nAn article.\n",
        1,
        "the front matter that begins here has no closing `---`",
        "Put a line of three hyphens between the last `key: value` line and the article.",
    ),
    "no opening line": Bad(
        f"{FRONT}---\nAn article.\n",
        1,
        "the first line is not `---`",
        "Begin the file with a line of three hyphens",
    ),
    "a second document": Bad(
        front("... \n--- {a: b}\n"), 8, "a second document starts here", "Remove the `---`."
    ),
    "a surrogate": Bad(
        front('summary: "\\ud800"\n'),
        7,
        "this line cannot be read: found invalid Unicode character escape code",
        CHECK_INDENTATION,
    ),
    "a key with an escape": Bad(
        front('"\\e[31m": 1\n"\\e[31m": 2\n'),
        8,
        r'"\x1b[31m" stands here twice (first in line 7)',
        "Keep one of the two.",
    ),
    "an endless key": Bad(
        front("? " + "k" * 2_000 + "\n: v\n? [a]\n: b\n"),
        9,
        "a list or mapping stands where a key",
        "Use a word",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_cannot_be_read_is_a_problem_and_nothing_else_changes(
    watched: Watched, kind: str
) -> None:
    bad = BROKEN[kind]
    watched.folder.raw("bad", bad.data)
    watched.look()
    problem = watched.the_problem()
    assert problem.path.as_posix() == "episodes/bad/episode.md"
    assert problem.line == bad.line
    assert bad.message in problem.message
    assert problem.remedy.startswith(bad.remedy)
    assert problem.severity is Severity.ERROR
    assert str(problem).startswith(f"episodes/bad/episode.md:{bad.line} ")
    assert str(problem).isprintable()
    watched.assert_untouched()


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_windows_line_ends_and_byte_order_marks_are_read(watched: Watched, mark: str) -> None:
    text = mark + front('summary: "Zwölf Fälle"\n').replace("\n", "\r\n")
    watched.folder.raw("bad", text)
    watched.look()
    assert watched.problems() == []
    assert "Zwölf Fälle" in watched.feed()
    assert "\r" not in watched.feed()


# Fields


def test_a_title_of_control_characters_is_an_error(watched: Watched) -> None:
    watched.folder.episode("bad", title=r'"\0\a\e"')
    watched.look()
    assert [str(one) for one in watched.problems()] == [
        "episodes/bad/episode.md:3 title: holds the character U+0000, which no feed can carry; it was left out",
        "episodes/bad/episode.md:3 title: holds no readable text",
    ]
    watched.assert_untouched()


@pytest.mark.parametrize("code", [*range(0x20), 0x7F, 0x85, 0x9F, 0x2028, 0xFEFF, 0xFFFE, 0xFFFF])
def test_no_character_of_a_title_breaks_a_feed(watched: Watched, code: int) -> None:
    watched.folder.episode("bad", f'summary: "one\\u{code:04x}two"\n', title=f'"Council\\u{code:04x} votes"')
    watched.look()
    assert watched.errors() == []
    assert "votes</title>" in watched.feed()


def test_a_title_that_ends_a_character_block_is_shown_as_it_is(watched: Watched) -> None:
    watched.folder.episode("bad", title="'A ]]> B <b>&amp;'", body="Text ]]> and `]]>` more.\n")
    watched.look()
    items = etree.fromstring(watched.feed().encode()).iter("item")
    item = next(one for one in items if (one.findtext("title") or "").startswith("A "))
    assert item.findtext("title") == "A ]]> B <b>&amp;"
    shown = (
        item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded")
        or item.findtext("description")
        or ""
    )
    assert "]]&gt;" in shown


def test_a_title_of_ten_thousand_characters_is_an_error(watched: Watched) -> None:
    watched.folder.episode("bad", title="x" * 10_000)
    watched.look()
    problem = watched.the_problem()
    assert str(problem) == "episodes/bad/episode.md:3 title: has 10000 characters"
    assert problem.remedy == "Keep it under 500 characters."
    watched.assert_untouched()


def test_a_title_of_three_hundred_characters_is_public_and_told(watched: Watched) -> None:
    watched.folder.episode("bad", title="x" * 300)
    watched.look()
    assert "x" * 300 in watched.feed()
    (problem,) = [one for one in watched.station.check(NOON) if one.rule == "A13"]
    assert str(problem) == "episodes/bad/episode.md title: is longer than 255 characters"
    assert problem.remedy == "Shorten it."


SCRIPTS = [
    "\u202eevil\u202c name",
    "\U0001f469\u200d\U0001f467 family \U0001f399",
    "Ωmega çedille",
    "\u200fשלם\u200f",
    "a\u200bb",
]


@pytest.mark.parametrize("title", SCRIPTS)
def test_titles_in_any_script_are_carried_as_they_are(watched: Watched, title: str) -> None:
    watched.folder.episode("bad", title=json.dumps(title, ensure_ascii=False))
    watched.look()
    assert watched.errors() == []
    assert title in [one.text for one in etree.fromstring(watched.feed().encode()).iter("title")]


def test_what_turns_a_terminal_or_a_log_round_is_spelt_out_in_the_message(watched: Watched) -> None:
    watched.folder.episode("bad", '"\\e[2Jx": 1\nseason: "\\u202e1\\nERROR all is lost"\n')
    watched.look()
    said = [str(one) for one in watched.problems()]
    assert r"episodes/bad/episode.md:7 \x1b[2Jx: is not a key known here" in said
    assert r'episodes/bad/episode.md:8 season: "\u202e1\nERROR all is lost" is not a whole number' in said
    watched.assert_untouched()


# Articles

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "a handler": '<img src=x onerror="alert(1)">',
    "a frame": "<iframe src=//evil.example></iframe>",
    "an unfinished tag": "<svg/onload=alert(1)//",
    "javascript": "[x](javascript:alert(1))",
    "mixed case": "[x](JaVaScRiPt:alert(1))",
    "an entity": "[x](javascript&#58;alert(1))",
    "a named entity": "[x](javascript&colon;alert(1))",
    "a tab inside": "[x](java&#9;script:alert(1))",
    "a newline inside": "[x](java&NewLine;script:alert(1))",
    "a control before": "[x](&#1;javascript:alert(1))",
    "vbscript": "[x](vbscript:msgbox(1))",
    "data": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "a data picture": "![x](data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=)",
    "an autolink": "<javascript:alert(1)>",
    "a reference": "[x][1]\n\n[1]: javascript:alert(1)",
    "a title": '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "an alternative text": '![" onerror="alert(1)](https://a.example/x.png)',
    "a fence": '```"><script>alert(1)</script>\nx\n```',
    "an address": "[x](http://[::1/%zz)",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_in_an_article_runs(watched: Watched, kind: str) -> None:
    watched.folder.episode("bad", body=f"Before.\n\n{HOSTILE[kind]}\n\nAfter.\n")
    watched.look()
    assert watched.errors() == []
    for item in etree.fromstring(watched.feed().encode()).iter("item"):
        for part in item:
            assert_harmless(part.text or "")


def assert_harmless(html: str) -> None:
    for element in etree.fromstring(f"<r>{html}</r>", etree.HTMLParser()).iter():
        assert element.tag not in ("script", "iframe", "svg", "object", "style", "form")
        for name, value in element.attrib.items():
            assert not str(name).startswith("on")
            assert name not in ("href", "src") or str(value).startswith(
                ("https://", "http://", "mailto:", "tel:")
            )


def test_what_the_markdown_lets_through_is_cleaned_all_the_same() -> None:
    """A second wall: no scheme, tag or handler passes even where raw HTML does."""
    for html in HOSTILE_HTML:
        assert_harmless(sanitise(html))


HOSTILE_HTML = [
    "<a href='javascript:x'>a</a>",
    "<a href=' data:text/html,x'>a</a>",
    "<a href='vbscript:x'>a</a>",
    "<img src='data:image/svg+xml,x' onerror=x>",
    "<svg><script>x</script></svg>",
    "<form action=x><input></form><style>p{}</style>",
]


def test_the_guard_against_what_runs_sees_a_script() -> None:
    for html in ("<script>1</script>", "<p onclick='x'>a</p>", "<a href=' javascript:x'>a</a>"):
        with pytest.raises(AssertionError):
            assert_harmless(html)


BOMBS = {
    "quotes": ">" * 20_000 + " deep",
    "spaced quotes": "> " * 20_000 + "deep",
    "lists": "- " * 20_000 + "deep",
    "brackets": "[" * 20_000,
    "pairs of brackets": "[" * 10_000 + "]" * 10_000,
    "link starts": "[a](" * 10_000,
    "a table": "|" + "x|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + "|\n" * 500,
    "one line": "a" * 500_000,
    "emphasis": "*a _b " * 10_000,
    "entities": "&#" * 20_000,
    "backticks": " ".join("`" * number for number in range(600)),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_markdown_bomb_ends_in_time_and_leaves_feeds_well_formed(watched: Watched, kind: str) -> None:
    watched.folder.episode("bad", body=BOMBS[kind] + "\n")
    watched.look()
    feed = watched.feed()
    assert "The story of bad" in feed
    assert len(feed) < 3_000_000


def test_an_article_of_513_kilobytes_is_refused(watched: Watched) -> None:
    watched.folder.episode("bad", body="word " * 105_062 + "\n")
    watched.look()
    problem = watched.the_problem()
    assert problem.message == "the article has 525311 bytes, more than 524288"
    assert problem.remedy == "Shorten it, or split it."
    watched.assert_untouched()


# Pictures, audio


def png(width: int, height: int) -> bytes:
    """A picture of one colour, in few bytes however large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join([rows.compress(row) for _ in range(height)] + [rows.flush()])
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48)).save(file, "JPEG")
    return file.getvalue()


PICTURES: dict[str, tuple[str, bytes, str, str]] = {
    "a PNG called jpg": (
        "x.jpg",
        png(8, 8),
        'x.jpg is a PNG picture, but is called "x.jpg"',
        "Rename it to end in .png.",
    ),
    "a page called jpg": (
        "x.jpg",
        b"<html><script>1</script>",
        "x.jpg is a web page or XML, not a JPEG",
        "Save it as JPEG",
    ),
    "a drawing": (
        "x.png",
        b"<svg onload='alert(1)'/>",
        "x.png is an SVG drawing, not a JPEG",
        "Save it as JPEG",
    ),
    "a bomb": (
        "x.png",
        png(13_000, 13_000),
        "x.png has 13000 x 13000 pixels, 169 megapixels; 40 are allowed",
        "Save it smaller; 3000 pixels on the longer side are plenty.",
    ),
    "half a photo": ("x.jpg", jpeg()[:400], "x.jpg is cut short: its end is not there", "Save it again"),
    "nothing": ("x.jpg", b"", "x.jpg is empty", "Copy it here once more."),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_bad_picture_is_dropped_and_its_story_stands(watched: Watched, kind: str) -> None:
    name, data, message, remedy = PICTURES[kind]
    watched.folder.put("bad", name, data)
    watched.folder.episode("bad", f"image:\n  file: {name}\n  alt: Words\n")
    watched.look()
    problem = watched.the_problem()
    assert str(problem).startswith(f"episodes/bad/episode.md:8 image.file: {message}")
    assert problem.remedy.startswith(remedy)
    assert "The story of bad" in watched.feed()
    assert "/media/bad/" not in watched.feed()


AUDIO: dict[str, tuple[bytes, str]] = {
    "text": (b"Not audio at all.\n" * 100, "segment.mp3 "),
    "nothing": (b"", "segment.mp3 is empty"),
    "half a frame": (silent_frames(1)[:40], "segment.mp3 "),
    "a playlist": (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "segment.mp3 "),
    "a concat list": (b"ffconcat version 1.0\nfile /etc/passwd\n", "segment.mp3 "),
    "a PLS": (b"[playlist]\nFile1=http://evil.example/\n", "segment.mp3 "),
}


@pytest.mark.parametrize("kind", AUDIO)
def test_bad_audio_is_dropped_and_its_story_stands(watched: Watched, kind: str) -> None:
    data, message = AUDIO[kind]
    watched.folder.put("bad", "segment.mp3", data)
    watched.folder.episode("bad", "audio: {file: segment.mp3}\ntranscript: null\n")
    watched.look()
    (problem,) = watched.errors()
    assert str(problem).startswith(f"episodes/bad/episode.md:7 audio.file: {message}")
    assert problem.remedy
    assert "The story of bad" in watched.feed()
    assert "<enclosure" not in watched.feed()


# Identities


def write_twins(folder: StationFolder, first: str, second: str) -> None:
    """Two stories with one guid; the second is published a day earlier."""
    folder.episode(first, guid="shared", published_at="2026-05-11T08:00Z")
    folder.episode(second, guid="shared", published_at="2026-05-10T08:00Z")


def test_of_two_stories_with_one_guid_the_public_one_stays(watched: Watched) -> None:
    watched.folder.episode("zz-original", guid="shared", published_at="2026-05-11T08:00Z")
    watched.look()
    before = published(watched.station)
    watched.folder.episode("aa-copy", guid="shared", published_at="2026-05-10T08:00Z")
    watched.look()
    assert published(watched.station) == before
    problem = watched.the_problem("aa-copy")
    assert str(problem) == "episodes/aa-copy/episode.md:2 guid: is also the guid of zz-original"
    assert problem.remedy == "If this is a story of its own, type: stationfeed new guid aa-copy"


def test_of_two_new_stories_with_one_guid_the_earlier_stays(watched: Watched) -> None:
    write_twins(watched.folder, "aa-late", "zz-early")
    watched.look()
    assert "The story of zz-early" in watched.feed()
    assert "The story of aa-late" not in watched.feed()
    assert watched.the_problem("aa-late").message == "is also the guid of zz-early"


def test_of_two_stories_of_one_instant_the_first_slug_stays(watched: Watched) -> None:
    for slug in ("zz", "aa"):
        watched.folder.episode(slug, guid="shared")
    watched.look()
    assert "The story of aa" in watched.feed()
    assert watched.the_problem("zz").message == "is also the guid of aa"


def test_a_guid_of_its_own_mends_the_copy(watched: Watched) -> None:
    write_twins(watched.folder, "aa-late", "zz-early")
    watched.look()
    watched.folder.episode("aa-late", guid="its-own", published_at="2026-05-11T08:00Z")
    watched.look()
    assert watched.problems("aa-late") == []
    assert "The story of aa-late" in watched.feed()
    assert "The story of zz-early" in watched.feed()


def test_when_the_original_is_deleted_the_copy_takes_its_place(watched: Watched) -> None:
    write_twins(watched.folder, "aa-late", "zz-early")
    watched.look()
    shutil.rmtree(watched.folder.root / "episodes" / "zz-early")
    watched.look()
    assert watched.problems("aa-late") == []
    assert "The story of aa-late" in watched.feed()


def test_the_holder_is_the_same_after_a_restart_without_the_cache(watched: Watched) -> None:
    watched.folder.episode("zz-original", guid="shared", published_at="2026-05-11T08:00Z")
    watched.look()
    watched.folder.episode("aa-copy", guid="shared", published_at="2026-05-10T08:00Z")
    watched.look()
    before = published(watched.station)
    shutil.rmtree(watched.folder.root / ".stationfeed" / "cache")
    again = watched.folder.open()
    try:
        assert published(again) == before
    finally:
        again.close()


NAMES: dict[str, str] = {
    "Council Vote": "council-vote",
    "COUNCIL": "council",
    "caf\xe9": "cafe",
    "a.b": "a-b",
    "x" * 81: "x" * 80,
    "-i.mp3": "i-mp3",
    "under_score": "under-score",
    "tab\there": "tab-here",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_whose_name_is_no_id_is_told_and_not_published(watched: Watched, name: str) -> None:
    watched.folder.episode(name)
    watched.look()
    (problem,) = [one for one in watched.station.problems() if one.rule == "slug"]
    assert problem.message.startswith('the name is no id: "')
    assert problem.remedy.startswith("Rename it; use small letters a-z, digits and hyphens, at most 80.")
    assert str(problem).isprintable()
    watched.assert_untouched()


def test_a_name_that_differs_only_in_case_does_not_touch_the_other(watched: Watched) -> None:
    watched.folder.episode("FIRST-GOOD")
    watched.look()
    problem = watched.the_problem("FIRST-GOOD")
    assert problem.message == 'the name is no id: "FIRST-GOOD" is not an id'
    assert problem.remedy.endswith("For example: first-good")
    watched.assert_untouched()


def test_names_that_are_no_text_are_told(watched: Watched) -> None:
    root = os.fsencode(watched.folder.root)
    for name in (b"caf\xe9", b"\x1b[2J", b"a\nb", b"\xff\xfe"):
        os.makedirs(root + b"/episodes/" + name)  # noqa: PTH103 - no Path has such a name
        Path(os.fsdecode(root + b"/episodes/" + name + b"/episode.md")).write_text(
            front(""), encoding="utf-8"
        )
    Path(os.fsdecode(root + b"/episodes/first-good/caf\xe9.jpg")).write_bytes(b"x")
    watched.look()
    found = [one for one in watched.station.problems() if one.rule == "slug"]
    assert len(found) == 4
    assert all(str(one).isprintable() for one in found)
    assert r"episodes/\x1b[2J" in [one.path.as_posix() for one in found]
    watched.assert_untouched()
    watched.look()
    assert len([one for one in watched.station.problems() if one.rule == "slug"]) == 4


# Paths

OUTSIDE = [
    "../first-good/segment.mp3",
    "/etc/passwd",
    r"..\..\x.mp3",
    r'"a\0.mp3"',
    r'"a\nb.mp3"',
    "a/../../x.mp3",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_leaves_the_folder_drops_the_asset(watched: Watched, path: str) -> None:
    watched.folder.put("first-good", "segment.mp3", silent_frames(100))
    watched.folder.episode("bad", f"audio:\n  file: {path}\n")
    watched.look()
    (problem,) = watched.errors()
    assert str(problem).startswith("episodes/bad/episode.md:8 audio.file: ")
    assert str(problem).endswith(" leaves the folder")
    assert problem.remedy == "Name a file inside the folder, such as segment.mp3."
    assert "The story of bad" in watched.feed()
    assert "<enclosure" not in watched.feed()


def make_secret(root: Path) -> Path:
    """Audio that is nobody's business, outside the station folder."""
    secret = root.parent / "secret"
    secret.mkdir()
    (secret / "segment.mp3").write_bytes(silent_frames(100))
    (secret / "episode.md").write_text(front(""), encoding="utf-8")
    return secret


def link_file(bad: Path, secret: Path) -> None:
    (bad / "segment.mp3").symlink_to(secret / "segment.mp3")


def link_within(bad: Path, secret: Path) -> None:
    (bad / "real.mp3").write_bytes(silent_frames(100))
    (bad / "segment.mp3").symlink_to("real.mp3")


def dangling(bad: Path, secret: Path) -> None:
    (bad / "segment.mp3").symlink_to(secret / "nothing.mp3")


def circle(bad: Path, secret: Path) -> None:
    (bad / "segment.mp3").symlink_to("segment.mp3")


def pipe(bad: Path, secret: Path) -> None:
    os.mkfifo(bad / "segment.mp3")


def directory(bad: Path, secret: Path) -> None:
    (bad / "segment.mp3").mkdir()


def device(bad: Path, secret: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a device: run the tests as root to see this one")
    os.mknod(bad / "segment.mp3", 0o020666, os.makedev(1, 5))


@pytest.mark.parametrize("make", [link_file, link_within, dangling, circle, pipe, directory, device])
def test_audio_that_is_no_plain_file_is_dropped(watched: Watched, make: object) -> None:
    bad = watched.folder.episode("bad", "audio:\n  file: segment.mp3\n").parent
    assert callable(make)
    make(bad, make_secret(watched.folder.root))
    watched.look()
    (problem,) = watched.errors()
    assert str(problem).startswith("episodes/bad/episode.md:8 audio.file: segment.mp3 is no plain file")
    assert problem.remedy == "Check the file and its permissions."
    assert "<enclosure" not in watched.feed()


def test_audio_behind_a_linked_folder_is_dropped(watched: Watched) -> None:
    bad = watched.folder.episode("bad", "audio:\n  file: inner/segment.mp3\n").parent
    (bad / "inner").symlink_to(make_secret(watched.folder.root))
    watched.look()
    (problem,) = watched.errors()
    assert problem.message == "inner/segment.mp3 is no plain file, or is behind a symbolic link"
    assert "<enclosure" not in watched.feed()


@pytest.mark.parametrize("kind", ["to a folder", "to nothing", "to itself"])
def test_an_episode_folder_that_is_a_link_is_told_and_not_published(watched: Watched, kind: str) -> None:
    secret = make_secret(watched.folder.root)
    target = {"to a folder": secret, "to nothing": secret / "nothing", "to itself": Path("bad")}[kind]
    (watched.folder.root / "episodes" / "bad").symlink_to(target)
    watched.look()
    problem = watched.the_problem()
    assert str(problem) == "episodes/bad/episode.md: is no plain file, or is behind a symbolic link".replace(
        ": ", " ", 1
    )
    watched.assert_untouched()
    (watched.folder.root / "episodes" / "bad").unlink()
    watched.look()
    assert watched.problems() == []


@pytest.mark.parametrize("make", [link_file, dangling, circle, pipe, directory, device])
def test_an_episode_file_that_is_no_plain_file_is_told(watched: Watched, make: object) -> None:
    bad = watched.folder.root / "episodes" / "bad"
    bad.mkdir()
    assert callable(make)
    make(bad, make_secret(watched.folder.root))
    (bad / "segment.mp3").rename(bad / "episode.md")
    watched.look()
    problem = watched.the_problem()
    assert "is no plain file" in problem.message
    assert problem.remedy == "Check the file and its permissions."
    watched.assert_untouched()


@pytest.mark.parametrize("path", ["brand/x.png", "../secret.png"])
def test_artwork_behind_a_link_or_outside_is_not_published(watched: Watched, path: str) -> None:
    config = (watched.folder.root / "config.yaml").read_text(encoding="utf-8")
    (watched.folder.root.parent / "secret.png").write_bytes(png(1400, 1400))
    (watched.folder.root / "brand").mkdir()
    (watched.folder.root / "brand" / "x.png").symlink_to("../../secret.png")
    watched.folder.config(config.replace("explicit: false", f"explicit: false, artwork: {path}"))
    watched.look()
    (problem,) = [one for one in watched.station.problems() if one.severity is Severity.ERROR]
    assert problem.path.as_posix() in ("brand/x.png", "config.yaml")
    assert (
        "is no plain file, or is behind a symbolic link" in problem.message
        or "leaves the folder" in problem.message
    )
    watched.assert_untouched()


# What vanishes, what may not be read, what is missing


def test_a_folder_that_vanishes_between_listing_and_reading_is_nobodys_fault(watched: Watched) -> None:
    watched.folder.episode("bad")
    (listed,) = [one for one in list_episode_folders(watched.folder.root) if one.name == "bad"]
    shutil.rmtree(watched.folder.root / "episodes" / "bad")
    station = watched.station
    assert station.intake.read(listed) is None
    watched.look()
    watched.assert_untouched()


def test_folders_that_vanish_while_they_are_listed_are_not_there(folder: StationFolder) -> None:
    for slug in ("aa", "bb", "cc"):
        folder.episode(slug)
    found = []
    for one in list_episode_folders(folder.root):
        found.append(one.name)
        shutil.rmtree(folder.root / "episodes" / "bb", ignore_errors=True)
    assert found == ["aa", "cc"]


def test_without_the_episodes_folder_nothing_is_withdrawn(watched: Watched) -> None:
    episodes = watched.folder.root / "episodes"
    episodes.rename(watched.folder.root / "elsewhere")
    with pytest.raises(FolderError, match=r"^episodes: No such file or directory$"):
        watched.look()
    watched.assert_untouched()
    (watched.folder.root / "elsewhere").rename(episodes)
    watched.look()
    watched.assert_untouched()


def test_a_deleted_story_is_withdrawn(watched: Watched) -> None:
    """The counterpart of the test above: it can fail."""
    shutil.rmtree(watched.folder.root / "episodes" / "first-good")
    watched.look()
    assert "The story of first-good" not in watched.feed()


def test_a_file_that_may_not_be_read_is_told_and_keeps_its_last_good_version(watched: Watched) -> None:
    hidden = watched.folder.episode("first-good", title="Never to be seen")
    watched.station.close()
    hidden.chmod(0)
    out = watched.folder.root.parent / "out"
    built = run_command("-C", watched.folder.root, "build", out, wrap=WITHOUT_PRIVILEGES)
    assert built.code == 1
    assert (
        "error episodes/first-good/episode.md there is no permission to do this here. "
        "Check the file and its permissions. [file]"
    ) in built.err
    assert (out / "feeds/news.xml").read_bytes() == watched.before["/feeds/news.xml"]


def test_a_folder_that_may_not_be_read_is_told(watched: Watched) -> None:
    hidden = watched.folder.episode("bad").parent
    hidden.chmod(0)
    try:
        checked = run_command("-C", watched.folder.root, "check", wrap=WITHOUT_PRIVILEGES)
    finally:
        hidden.chmod(0o755)
    assert checked.code == 1
    assert (
        "error episodes/bad the folder cannot be read; what is public of it stays as it was."
        " Check the folder's permissions. [file]\n"
    ) in checked.out


def test_a_folder_that_may_not_be_read_is_not_withdrawn(watched: Watched) -> None:
    hidden = watched.folder.root / "episodes" / "first-good"
    watched.station.close()
    hidden.chmod(0)
    out = watched.folder.root.parent / "out"
    try:
        built = run_command("-C", watched.folder.root, "build", out, wrap=WITHOUT_PRIVILEGES)
    finally:
        hidden.chmod(0o755)
    assert built.code == 1
    assert (out / "feeds/news.xml").read_bytes() == watched.before["/feeds/news.xml"]


@pytest.mark.parametrize("name", ["people", "episodes"])
def test_a_folder_of_files_that_may_not_be_read_stops_the_command_in_words(
    watched: Watched, name: str
) -> None:
    hidden = watched.folder.root / name
    hidden.mkdir(exist_ok=True)
    hidden.chmod(0)
    try:
        done = run_command("-C", watched.folder.root, "check", wrap=WITHOUT_PRIVILEGES)
    finally:
        hidden.chmod(0o755)
    assert done.code == 3
    assert done.err == f"stationfeed: {name}: Permission denied\n"


# What cannot be written


def test_a_file_in_place_of_the_state_folder_is_named(folder: StationFolder) -> None:
    (folder.root / ".stationfeed").write_text("mine", encoding="utf-8")
    done = run_command("-C", folder.root, "check")
    assert done.code == 3
    assert done.err.startswith(f"stationfeed: {folder.root}/.stationfeed/cache: cannot be made")
    assert (folder.root / ".stationfeed").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_may_not_be_written_is_named(folder: StationFolder) -> None:
    folder.episode("good")
    folder.root.chmod(0o555)
    try:
        done = run_command("-C", folder.root, "check", wrap=WITHOUT_PRIVILEGES)
    finally:
        folder.root.chmod(0o755)
    assert done.code == 3
    assert "stationfeed: " in done.err
    assert ".stationfeed/cache: cannot be made (Permission denied)" in done.err


def test_a_disk_that_can_only_be_read_is_named(watched: Watched) -> None:
    watched.station.close()
    run_with_own_mounts("test_bad_input:read_only_disk", watched.folder.root)


def read_only_disk(root: str) -> None:
    mount("--bind", root, root)
    mount("-o", "remount,bind,ro", root, root)
    for command in (["check"], ["build", f"{root}/../out"], ["new", "episode", "newsroom", "A title"]):
        done = run_command("-C", root, *command)
        assert done.code == 3, done
        assert "stationfeed: " in done.err


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


@pytest.mark.parametrize("spare_bytes", [0, 200_000])
def test_a_full_disk_is_named_and_nothing_is_cut_off(watched: Watched, spare_bytes: int) -> None:
    watched.folder.episode("third", body="word " * 20_000)
    watched.station.close()
    run_with_own_mounts("test_bad_input:full_disk", watched.folder.root, str(spare_bytes))


def full_disk(root: str, spare_bytes: str) -> None:
    """Commands on a copy of a station on a disk with that much room left."""
    small = small_disk(Path(root))
    before = texts(small)
    fill(small.parent, int(spare_bytes))
    commands: list[tuple[str, ...]] = [("check",), ("build", f"{small.parent}/out")]
    if spare_bytes == "0":
        commands += [("new", "episode", "newsroom", "x" * 400), ("new", "feed", "more", "--title", "x" * 400)]
    for command in commands:
        done = run_command("-C", small, *command)
        assert done.code == 3, done
        assert "full" in done.err, done
    assert texts(small) == before


def small_disk(root: Path) -> Path:
    """A copy of a station folder on a disk of its own with two megabytes."""
    disk = root.parent / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "-o", "size=2m", "none", str(disk))
    shutil.copytree(root, disk / "station")
    return disk / "station"


def texts(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file() and ".stationfeed" not in path.parts]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def fill(disk: Path, spare_bytes: int) -> None:
    """Leave that much room on a disk."""
    with suppress(OSError), (disk / "filling").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    os.truncate(disk / "filling", max((disk / "filling").stat().st_size - spare_bytes, 0))


def test_a_server_on_a_full_disk_keeps_serving_and_goes_on_when_there_is_room(watched: Watched) -> None:
    watched.station.close()
    run_with_own_mounts("test_bad_input:full_disk_under_a_server", watched.folder.root)


def full_disk_under_a_server(root: str) -> None:
    small = small_disk(Path(root))
    folder = StationFolder(small)
    folder.episode("third", title="Room for a third")
    with serving(small) as server:
        before = server.text("/feeds/news.xml")
        assert "Room for a third" in before
        fill(small.parent, 1_000)
        (small / "episodes" / "third" / "note.txt").write_text("", encoding="utf-8")
        (small / "episodes" / "third" / "episode.md").write_bytes(
            front("").replace("A story", "New words").encode()
        )
        eventually(lambda: "disk is full" in server.log, 5)
        assert server.text("/feeds/news.xml") == before
        assert server.ask("/healthz").status == 200
        (small.parent / "filling").unlink()
        folder.episode("third", title="Room again")
        eventually(lambda: "Room again" in server.text("/feeds/news.xml"), 10)


# The cache and the state


def damage_whole(path: Path) -> None:
    path.write_bytes(b"This is no database. " * 1000)


def damage_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def damage_pages(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


def damage_last_page(path: Path) -> None:
    """Good enough to be opened."""
    data = path.read_bytes()
    path.write_bytes(data[:-4096] + b"\xa5" * 4096)


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [damage_whole, damage_half, damage_pages, empty, damage_last_page])
def test_a_damaged_index_is_made_anew(watched: Watched, damage: object) -> None:
    watched.station.close()
    assert callable(damage)
    damage(watched.folder.root / ".stationfeed" / "cache" / "index.sqlite")
    again = watched.folder.open()
    try:
        assert published(again) == watched.before
        watched.folder.episode("fresh")
        again.look(NOON)
        assert "The story of fresh" in published(again)["/feeds/news.xml"].decode()
    finally:
        again.close()


@pytest.mark.parametrize("damage", [damage_whole, damage_half, damage_pages])
def test_a_damaged_state_database_is_named_and_never_deleted(watched: Watched, damage: object) -> None:
    watched.station.close()
    state = watched.folder.root / ".stationfeed" / "state.sqlite"
    assert callable(damage)
    damage(state)
    before = state.read_bytes()
    with pytest.raises(FolderError, match=r"state\.sqlite: the database cannot be used"):
        watched.folder.open().check(NOON)
    assert state.read_bytes() == before


def test_a_damage_that_is_met_late_is_named_and_what_is_public_is_served(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    watched.station.close()
    state = watched.folder.root / ".stationfeed" / "state.sqlite"
    damage_last_page(state)
    before = state.read_bytes()
    again = watched.folder.open()
    watched.folder.episode("fresh")
    again.look(NOON)
    again.close()
    assert "state.sqlite: the database cannot be used" in caplog.text
    assert "The story of fresh" in published(again)["/feeds/news.xml"].decode()
    assert len(state.read_bytes()) >= len(before)


def test_media_of_a_bad_story_is_not_served(watched: Watched) -> None:
    watched.folder.put("first-good", "photo.jpg", jpeg())
    watched.folder.episode(
        "first-good", "image: {file: photo.jpg, alt: Words}\n", published_at="2026-05-02T08:00Z"
    )
    watched.look()
    (address,) = [one for one in watched.station.site.addresses(NOON) if one.startswith("/media/first-good/")]
    assert isinstance(watched.station.answer(address, NOON), PublicFile | Document)
    shutil.rmtree(watched.folder.root / "episodes" / "first-good")
    watched.look()
    assert isinstance(watched.station.answer(address, NOON), Gone)
