"""Any words, in any format: they come back as they were, and are never anything but words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from stationfeed.errors import has_errors
from stationfeed.feeds.transcripts import render_html, render_json, render_srt, render_vtt
from stationfeed.folder.transcript import read_transcript
from stationfeed.model.transcript import Cue, Transcript, paragraphs, plain_text, shifted
from tests.test_feed_properties import in_one_line

FOLDER = PurePosixPath("episodes/tool-library")
FORMATS = [("t.vtt", render_vtt), ("t.srt", render_srt), ("t.json", render_json)]
SETTINGS = settings(deadline=None, max_examples=150)

HOSTILE = [
    "-->",
    "<!-- a -->",
    "00:00:01,000 --> 00:00:02,000",
    "</v>",
    "<v Ben>Hello</v>",
    "<script>alert(1)</script>",
    "<b>bold</b> & <i",
    "a < b > c",
    "WEBVTT",
    "NOTE nobody said this",
    "STYLE",
    "{\\an8}Hello",
    "&lt;b&gt; &amp;amp; &#60;b> &nbsp; &notit; Q&A AT&T;",
    "Remember: the bus is late",
    "Ben: and Ada: and Lena Ortiz: spoke",
    "he wrote to them all, Dear Ben: come home before the snow",
    "[music]: no, [SPEAKER_00]: yes",
    ">> Hello",
    ">> - >> Ben: Hello",
    "- Hello",
    "[music]",
    "(applause)",
    "♪ la la ♪",
    "1984",
    "\u202eevil\u202c \u200f\u2067x",
    "</p></body><p onload=alert(1)>",
    "</title><script>",
    '"]}],"segments":[',
    "\ufeffWEBVTT",
    "a\\nb",
    "a twenty-four-hour-a-day-every-day-of-the-year service",
    "https://kxmp.example/a-very-long-address-that-is-in-no-way-broken-up",
]
NAMES = [
    "Ada",
    "Ada Okafor",
    "Vincent van Dam",
    "ada",
    "SPEAKER_00",
    "Sam Reyes, for KXMP",
    "Ada: Ben",
    "<b>Ada</b>",
    "Q&A & Co.",
    "a --> b",
    "Ada --",
    "----",
    "v.loud Ada",
    ">>",
    "-",
    "[Ada]",
    "Ada]: Ben",
    "]:",
    "Bartholomew Featherstonehaugh Cholmondeley Ives",
]


def cue(at: int, text: str, speaker: str | None) -> Cue:
    """Four seconds from the start of each five."""
    start = timedelta(seconds=5 * at)
    return Cue(start=start, end=start + timedelta(seconds=4), text=text, speaker=speaker)


def lines_of(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return words.map(in_one_line).filter(bool)


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
marks = st.text("<>-&;:[]{}\\/ >bvA\n", max_size=20)
words = st.sampled_from(HOSTILE) | anything | marks | st.sampled_from(["I", "am", "here.", "Ada:"])
spoken = lines_of(words | st.lists(words, min_size=1, max_size=4).map(" ".join))
names = lines_of(st.sampled_from(NAMES) | anything | marks)
milliseconds = st.integers(0, 11 * 3_600_000)


@st.composite
def cues(draw: st.DrawFn) -> Cue:
    start = draw(milliseconds)
    end = start + draw(st.integers(0, 2_000) | milliseconds)
    return Cue(
        start=timedelta(milliseconds=start),
        end=timedelta(milliseconds=end),
        text=draw(spoken),
        speaker=draw(st.none() | names),
    )


transcripts = st.lists(cues(), min_size=1, max_size=8).map(
    lambda some: Transcript(cues=tuple(sorted(some, key=lambda cue: cue.start)))
)


Render = Callable[[Transcript], bytes]


@pytest.mark.parametrize(("name", "render"), FORMATS)
@SETTINGS
@given(transcript=transcripts)
def test_what_is_rendered_reads_back_as_it_was(name: str, render: Render, transcript: Transcript) -> None:
    assert read_transcript(render(transcript), FOLDER / name) == (transcript, ())


@pytest.mark.parametrize(("name", "render"), FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_each_hostile_text_survives_as_text(name: str, render: Render, text: str) -> None:
    said = in_one_line(text)
    for speakers in [(None, None), ("Ada", "Ada"), ("Ada", None), (None, "Ada"), (said, "Ben")]:
        transcript = Transcript(cues=tuple(cue(at, said, speaker) for at, speaker in enumerate(speakers)))
        assert read_transcript(render(transcript), FOLDER / name) == (transcript, ())


@pytest.mark.parametrize(("name", "render"), FORMATS)
@pytest.mark.parametrize("speaker", NAMES)
def test_each_odd_name_survives_as_a_name(name: str, render: Render, speaker: str) -> None:
    transcript = Transcript(cues=(cue(0, "Good morning.", "Ada Okafor"), cue(1, "Thanks.", speaker)))
    assert read_transcript(render(transcript), FOLDER / name) == (transcript, ())


@pytest.mark.parametrize(("name", "render"), FORMATS)
@SETTINGS
@given(transcript=transcripts, by=milliseconds)
def test_shifting_then_rendering_is_rendering_then_shifting(
    name: str, render: Render, transcript: Transcript, by: int
) -> None:
    later = timedelta(milliseconds=by)
    read, _ = read_transcript(render(transcript), FOLDER / name)
    assert read is not None
    assert render(shifted(read, later)) == render(shifted(transcript, later))
    assert read_transcript(render(shifted(transcript, later)), FOLDER / name) == (shifted(read, later), ())


@SETTINGS
@given(transcript=transcripts, microseconds=st.integers(0, 30_000_000))
def test_a_shift_is_exact_and_can_be_taken_back(transcript: Transcript, microseconds: int) -> None:
    by = timedelta(microseconds=microseconds)
    later = shifted(transcript, by)
    assert [cue.start - by for cue in later.cues] == [cue.start for cue in transcript.cues]
    assert [cue.end - by for cue in later.cues] == [cue.end for cue in transcript.cues]
    assert shifted(later, -by) == transcript
    earlier = shifted(transcript, -by)
    assert all(timedelta() <= cue.start <= cue.end for cue in earlier.cues)


@SETTINGS
@given(transcript=transcripts)
def test_a_timed_line_is_nothing_but_times(transcript: Transcript) -> None:
    arrows = len(transcript.cues)
    assert render_vtt(transcript).count(b"-->") == arrows
    assert render_srt(transcript).count(b"-->") == arrows


@SETTINGS
@given(transcript=transcripts)
def test_no_markup_of_the_words_is_in_subrip_or_webvtt(transcript: Transcript) -> None:
    vtt, srt = render_vtt(transcript).decode(), render_srt(transcript).decode()
    assert not re.search(r"<(?!v )", vtt)
    assert vtt.count("<v ") == sum(cue.speaker is not None for cue in transcript.cues)
    assert not re.search(r"<[/!?A-Za-z]|\{\\", srt)


@SETTINGS
@given(transcript=transcripts)
def test_json_has_the_members_that_apps_need(transcript: Transcript) -> None:
    document = json.loads(render_json(transcript))
    assert document["version"] == "1.0.0"
    for segment, cue in zip(document["segments"], transcript.cues, strict=True):
        assert segment.get("speaker") == cue.speaker
        assert (segment["startTime"], segment["endTime"]) == (
            cue.start.total_seconds(),
            cue.end.total_seconds(),
        )
        assert segment["body"].strip() == cue.text


class Elements(HTMLParser):
    """The elements of a page in order, and the text in each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.found:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)


@SETTINGS
@given(transcript=transcripts, title=spoken)
def test_a_page_has_no_element_that_the_words_brought_in(transcript: Transcript, title: str) -> None:
    page = render_html(transcript, title)
    found = Elements(page.decode()).found
    expected: list[tuple[str, str | None]] = []
    for one in paragraphs(transcript):
        expected += [("cite", f"{one.speaker}:")] if one.speaker else []
        expected += [("time", None), ("p", one.text)]
    assert [tag for tag, _, _ in found[:6]] == ["html", "head", "meta", "meta", "title", "body"]
    assert found[4][2].strip() == title
    assert [(tag, None if tag == "time" else text.strip()) for tag, _, text in found[6:]] == expected
    assert {name for _, attributes, _ in found[6:] for name in attributes} <= {"dir", "datetime"}


@SETTINGS
@given(transcript=transcripts)
def test_libxml_sees_the_same_page(transcript: Transcript) -> None:
    tree = html.document_fromstring(render_html(transcript, "Tool library"))
    assert [element.text for element in tree.iter("p")] == [one.text for one in paragraphs(transcript)]
    assert {str(element.tag) for element in tree[1]} <= {"cite", "time", "p"}
    assert [element.text for element in tree.iter("title")] == ["Tool library"]


@SETTINGS
@given(transcript=transcripts)
def test_plain_text_has_every_word(transcript: Transcript) -> None:
    said = plain_text(transcript)
    assert all(cue.text in said for cue in transcript.cues)
    assert len(said.split("\n\n")) == len(list(paragraphs(transcript)))


HEADS = [
    b"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"WEBVTT\n\n",
    b"WEBVTT\n\n00:00.000 --> 00:01.000\n",
    b"1\n00:00:00,000 --> 00:00:01,000\n",
    b'{"segments":[',
    b'{"segments":[{"startTime":0,"endTime":1,"body":"',
    b'{"segments":[{"startTime":',
]
PIECES = [
    b"-->",
    b"\n",
    b"\n\n",
    b"\r",
    b"00:01.000 --> 00:02.000",
    b"<v Ada>",
    b"</v>",
    b"NOTE",
    b"Ada: ",
    b">> ",
    b"[a]: ",
    b"7",
    b'"}',
    b"]}",
    b"]",
    b"}",
    b",",
    b"{",
    b"[",
    b"1e999",
    b"NaN",
    b"null",
    b'"\\ud800"',
    b"&#xD800;",
    b'{"startTime":1,"body":"\\ud83d"}',
]
garbage = st.lists(st.sampled_from(PIECES) | st.binary(max_size=10), max_size=20).map(b"".join)


@settings(SETTINGS, max_examples=500)
@given(
    head=st.sampled_from(HEADS),
    content=garbage,
    tail=st.sampled_from([b"", b"]}", b'"}]}', b"\nHello.\n"]),
    name=st.sampled_from(["t.vtt", "t.srt", "t.json", "t.txt", "t"]),
)
def test_any_bytes_give_a_transcript_or_an_error(head: bytes, content: bytes, tail: bytes, name: str) -> None:
    transcript, problems = read_transcript(head + content + tail, FOLDER / name)
    assert (transcript is None) == has_errors(problems)
    assert all((one.path, one.rule) == (FOLDER / name, "transcript") for one in problems)
    assert all(one.message and one.remedy and (one.line is None or one.line > 0) for one in problems)
    for cue in transcript.cues if transcript else ():
        assert cue.text == in_one_line(cue.text) != ""
        assert cue.speaker is None or cue.speaker == in_one_line(cue.speaker) != ""
        assert timedelta() <= cue.start <= cue.end
    if transcript:
        assert list(transcript.cues) == sorted(transcript.cues, key=lambda cue: cue.start)
        assert all(render(transcript) for render in (render_vtt, render_srt, render_json))
