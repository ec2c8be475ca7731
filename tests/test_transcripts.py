"""Transcripts as stations have them: read cue by cue, every fault with its line, rendered in four forms."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from stationfeed.errors import Severity
from stationfeed.feeds.transcripts import render_html, render_json, render_srt, render_vtt
from stationfeed.folder.transcript import read_transcript
from stationfeed.model.transcript import Cue, Transcript, is_word_by_word, plain_text, shifted
from stationfeed.model.words import LanguageTag

FOLDER = PurePosixPath("episodes/tool-library")
REPOSITORY = Path(__file__).parent.parent


def cue(start: float, end: float, text: str, speaker: str | None = None) -> Cue:
    return Cue(start=timedelta(seconds=start), end=timedelta(seconds=end), text=text, speaker=speaker)


def cues_of(content: str | bytes, name: str) -> list[Cue]:
    """The cues of a file that has no problem."""
    data = content.encode() if isinstance(content, str) else content
    transcript, problems = read_transcript(data, FOLDER / name)
    assert problems == ()
    assert transcript is not None
    return list(transcript.cues)


def heard(content: str | bytes, name: str) -> list[tuple[str | None, str]]:
    return [(one.speaker, one.text) for one in cues_of(content, name)]


def problems_of(content: str | bytes, name: str) -> list[str]:
    """Every problem with its severity in front and its remedy behind."""
    data = content.encode() if isinstance(content, str) else content
    _, problems = read_transcript(data, FOLDER / name)
    assert all(one.rule == "transcript" for one in problems)
    return [
        f"{one.severity}: {str(one).removeprefix('episodes/tool-library/')} | {one.remedy}"
        for one in problems
    ]


def rest_of(content: str, name: str) -> list[str]:
    """What is left of a file with problems."""
    transcript, _ = read_transcript(content.encode(), FOLDER / name)
    return [one.text for one in transcript.cues] if transcript else []


# WebVTT.

VTT = """\
WEBVTT - Tool library
Kind: captions
Language: en-US

STYLE
::cue(v[voice="Ada Okafor"]) { color: lime }

REGION
id:bottom

NOTE The hum of the saw is cut from 0:12 on.
It was too loud.

intro
00:00.000 --> 00:04.250 align:start line:90%
<v Ada Okafor>Behind the fire station
there is a wall of <i>drills</i>.</v>

2
00:00:04.500 --> 01:00:09.000
<v.loud.first Lena Ortiz>Nobody needs a drill &amp; a saw <00:00:06.000><c.yellow>every</c> day.
"""


def test_webvtt_is_read_as_browsers_read_it() -> None:
    assert cues_of(VTT, "t.vtt") == [
        cue(0, 4.25, "Behind the fire station there is a wall of drills.", "Ada Okafor"),
        cue(4.5, 3609, "Nobody needs a drill & a saw every day.", "Lena Ortiz"),
    ]


def test_the_language_below_the_first_line_is_the_transcripts() -> None:
    transcript, _ = read_transcript(VTT.encode(), FOLDER / "t.vtt")
    assert transcript
    assert transcript.language == "en-US"


@pytest.mark.parametrize("above", ["WEBVTT\nLanguage: not known\n\n", "WEBVTT\n\nNOTE\nLanguage: en\n\n"])
def test_no_language_is_guessed(above: str) -> None:
    transcript, _ = read_transcript(f"{above}00:00.000 --> 00:01.000\nYes.".encode(), FOLDER / "t.vtt")
    assert transcript
    assert transcript.language is None


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_of_every_program_are_read(line_end: str, mark: str) -> None:
    content = mark + VTT.replace("\n", line_end)
    assert cues_of(content, "t.VTT") == cues_of(VTT, "t.vtt")


def test_a_cue_with_two_voices_is_two_cues_of_the_same_times() -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ada>Is it free?</v>\n<v Lena>It is.</v> (laughs)\n"
    assert cues_of(content, "t.vtt") == [
        cue(1, 3, "Is it free?", "Ada"),
        cue(1, 3, "It is.", "Lena"),
        cue(1, 3, "(laughs)"),
    ]


@pytest.mark.parametrize(
    ("payload", "speaker", "text"),
    [
        ("<v>Hello", None, "Hello"),
        ("<v &#7;>Hello", None, "Hello"),
        ("<v Ada></v Ada>Hello", None, "Hello"),
        ("<v   Ada \t Okafor >Hello", "Ada Okafor", "Hello"),
        ("<v Q&amp;A &lt;desk&gt;>Hello", "Q&A <desk>", "Hello"),
        ("<V Ada>Hello</V>", "Ada", "Hello"),
        ("<v Ada\nOkafor>Hello", "Ada Okafor", "Hello"),
        ("<video>Hello</video>", None, "Hello"),
        ("<ruby>Hello<rt>hi</rt></ruby>", None, "Hellohi"),
        ("1 < 2 and 3 > 2", None, "1 < 2 and 3 > 2"),
        ("I <3 radio", None, "I <3 radio"),
        ("&lt;b&gt; &amp;lt; caf&eacute;&nbsp;&#233;", None, "<b> &lt; café é"),
        ("left\u200eright\u202e", None, "left\u200eright\u202e"),
        ("a\0b\x1b[1m &#7;c", None, "ab[1m c"),
        ("Ada: is it free?", None, "Ada: is it free?"),
        (">> is it free?", None, ">> is it free?"),
    ],
)
def test_tags_are_taken_off_and_everything_else_is_text(payload: str, speaker: str | None, text: str) -> None:
    assert heard(f"WEBVTT\n\n00:01.000 --> 00:03.000\n{payload}\n", "t.vtt") == [(speaker, text)]


def test_a_cue_without_a_voice_is_not_the_last_speakers() -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ada>Who broke it?\n\n00:02.000 --> 00:03.000\nI did.\n"
    assert heard(content, "t.vtt") == [("Ada", "Who broke it?"), (None, "I did.")]


def test_times_right_below_the_first_line_or_below_words_begin_a_cue() -> None:
    content = "WEBVTT\n00:01.000 --> 00:02.000\nOne.\n00:02.000 --> 00:03.000\nTwo.\n"
    assert heard(content, "t.vtt") == [(None, "One."), (None, "Two.")]


def test_cues_may_overlap() -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:09.000\nOne.\n\n00:02.000 --> 00:03.000\nTwo.\n"
    assert heard(content, "t.vtt") == [(None, "One."), (None, "Two.")]


@pytest.mark.parametrize("path", sorted(REPOSITORY.glob("episodes/*/*.vtt")), ids=lambda path: path.stem)
def test_the_demo_stations_transcripts_have_no_problem(path: Path) -> None:
    found = cues_of(path.read_bytes(), path.name)
    assert all(one.speaker for one in found)


# SubRip.

SRT = """\
1
00:00:00,000 --> 00:00:02,760
Ada Okafor: Behind the fire
station there is a wall

2
00:00:02,760 --> 00:00:06,090
of {\\an8}<i>drills</i>.

3
00:00:06,090 --> 00:00:09,500 X1:40 X2:600
LENA ORTIZ: Remember: it is 9:30
and we open at ten.
"""


def test_subrip_has_speakers_in_front_of_their_words() -> None:
    assert cues_of(SRT, "t.srt") == [
        cue(0, 2.76, "Behind the fire station there is a wall", "Ada Okafor"),
        cue(2.76, 6.09, "of drills.", "Ada Okafor"),
        cue(6.09, 9.5, "Remember: it is 9:30 and we open at ten.", "LENA ORTIZ"),
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("point", [",", "."])
@pytest.mark.parametrize("counter", ["1\n", ""])
def test_subrip_of_every_program_is_read(line_end: str, mark: str, point: str, counter: str) -> None:
    content = (
        f"{mark}{counter}0:00:01{point}5 --> 00:02{point}250\n\nYes.\n\n{counter}00:03 --> 00:04\n\n1984"
    )
    assert cues_of(content.replace("\n", line_end), "t.srt") == [cue(1.5, 2.25, "Yes."), cue(3, 4, "1984")]


def test_cards_without_an_empty_line_between_them_are_read() -> None:
    content = "1\n00:00:01,000 --> 00:00:02,000\nYes.\n2\n00:00:02,000 --> 00:00:03,000\nNo.\n"
    assert heard(content, "t.srt") == [(None, "Yes."), (None, "No.")]


def card(*lines: str) -> str:
    return "\n".join(["00:00:01,000 --> 00:00:02,000", *lines, "", ""])


@pytest.mark.parametrize(
    ("line", "speaker", "text"),
    [
        ("Ada: Hello", "Ada", "Hello"),
        ("ADA OKAFOR: Hello", "ADA OKAFOR", "Hello"),
        ("Vincent van Dam: Hello", "Vincent van Dam", "Hello"),
        ("Dr. O\u2019Neil-Ruiz: Hello", "Dr. O\u2019Neil-Ruiz", "Hello"),
        ("Speaker 2: Hello", "Speaker 2", "Hello"),
        ("Émile : Hello", "Émile", "Hello"),
        ("[SPEAKER_00]: Hello", "SPEAKER_00", "Hello"),
        ("[Sam Reyes, for KXMP]: Hello", "Sam Reyes, for KXMP", "Hello"),
        (">> ADA: Hello", "ADA", "Hello"),
        ("<b>Ada:</b> Hello", "Ada", "Hello"),
        ("[Ada &amp; Lena]: Hello", "Ada & Lena", "Hello"),
        (">> Hello", None, "Hello"),
        (">> he said: Hello", None, "he said: Hello"),
        ("- Hello", None, "Hello"),
        ("[ ]: Hello", None, "Hello"),
    ],
)
def test_a_speaker_is_named_in_these_ways(line: str, speaker: str | None, text: str) -> None:
    assert heard(card("Host: Well?") + card(line), "t.srt") == [("Host", "Well?"), (speaker, text)]


@pytest.mark.parametrize(
    "line",
    [
        "the rule is this: ask first",
        "He said: ask first",
        "At 9:30 we open",
        "Ada:",
        "Ada:Hello",
        "https://kxmp.example",
        ">>Hello",
        "-5 degrees",
        "One Two Three Four Five Six: ask first",
        "Abcdefghijklmnopqrst Abcdefghijklmnopqrstu: ask first",
        "Q&A: ask first",
    ],
)
def test_no_speaker_is_guessed_from_other_words(line: str) -> None:
    assert heard(card("Host: Well?") + card(line), "t.srt") == [("Host", "Well?"), ("Host", line)]


def test_a_file_that_does_not_begin_with_a_name_has_none() -> None:
    content = card("The shop is open.") + card("Remember: bring them back.") + card("- Yes.")
    assert heard(content, "t.srt") == [
        (None, "The shop is open."),
        (None, "Remember: bring them back."),
        (None, "- Yes."),
    ]


@pytest.mark.parametrize("sound", ["[music]", "(a door)", "♪ la la"])
def test_a_sound_before_the_first_name_is_nobodys(sound: str) -> None:
    assert heard(card(sound) + card("Ada: Hello."), "t.srt") == [(None, sound), ("Ada", "Hello.")]


def test_two_speakers_on_one_card_are_two_cues() -> None:
    content = card("Ada: Is it free?", "Lena: It is,", "for now.") + card("Until June.")
    assert heard(content, "t.srt") == [
        ("Ada", "Is it free?"),
        ("Lena", "It is, for now."),
        ("Lena", "Until June."),
    ]


def test_a_speaker_on_a_card_with_wrong_times_goes_on_after_it() -> None:
    content = card("Ada: Is it free?") + "00:xx --> 00:02\nLena: It is.\n\n" + card("For now.")
    transcript, _ = read_transcript(content.encode(), FOLDER / "t.srt")
    assert transcript
    assert [(one.speaker, one.text) for one in transcript.cues] == [
        ("Ada", "Is it free?"),
        ("Lena", "For now."),
    ]


def test_markup_of_subtitles_is_taken_off() -> None:
    line = '<font color="#fff">A</font>{\\an8} &lt;b&gt; &#60; Q&A AT&T; a < b {b} &copy; <3'
    assert heard(card(line), "t.srt") == [(None, "A <b> < Q&A AT&T; a < b {b} &copy; <3")]


# JSON.


def document(*segments: Any) -> str:
    """One segment a line, the first on line 3."""
    lines = ",\n".join(json.dumps(segment) for segment in segments)
    return f'{{"version": "1.0.0",\n"segments": [\n{lines}\n]}}\n'


def segment(start: Any, end: Any, body: Any, speaker: Any = None) -> dict[str, Any]:
    return {"speaker": speaker, "startTime": start, "endTime": end, "body": body}


def test_json_segments_are_cues() -> None:
    content = document(
        segment(0, 4.25, "Behind the fire station.", "Ada Okafor"),
        segment(4.5, 9, "Nobody needs <b>\n a drill.", ""),
    )
    assert cues_of(content, "t.json") == [
        cue(0, 4.25, "Behind the fire station.", "Ada Okafor"),
        cue(4.5, 9, "Nobody needs <b> a drill."),
    ]


def test_single_words_become_cues_of_one_speaker() -> None:
    words = [
        "Who",
        "may",
        "borrow",
        "a",
        "drill",
        ",",
        "then",
        "?",
        "Anyone",
        "with",
        "a",
        "library",
        "card.",
        "No",
        "deposit",
    ]
    segments = [segment(0.5 * at, 0.5 * at + 0.4, word, "Ada") for at, word in enumerate(words)]
    content = document(*segments, segment(7, 7.4, "Really?", "Lena"), segment(9.4, 9.8, "Yes.", "Lena"))
    assert cues_of(content, "t.json") == [
        cue(0, 3.9, "Who may borrow a drill, then?", "Ada"),
        cue(4, 6.4, "Anyone with a library card.", "Ada"),
        cue(6.5, 7.4, "No deposit", "Ada"),
        cue(7, 7.4, "Really?", "Lena"),
        cue(9.4, 9.8, "Yes.", "Lena"),
    ]


def test_single_words_are_joined_up_to_a_line_end_a_pause_and_a_length() -> None:
    words = ["one", "two\n", "three", *["twelve-letter"] * 6]
    segments = [segment(at, at + 0.5, word) for at, word in enumerate(words)]
    content = document(*segments, segment(10.6, 11, "four"))
    assert heard(content, "t.json") == [
        (None, "one two"),
        (None, "three twelve-letter twelve-letter twelve-letter twelve-letter"),
        (None, "twelve-letter twelve-letter"),
        (None, "four"),
    ]


def test_marks_on_their_own_belong_to_the_word_before_them() -> None:
    words = ["(", "Really", "?", ")", "Yes", ",", "really", "!", "Oh"]
    content = document(*[segment(at, at + 0.5, word) for at, word in enumerate(words)])
    assert heard(content, "t.json") == [(None, "( Really?)"), (None, "Yes, really!"), (None, "Oh")]


def test_short_answers_are_not_joined() -> None:
    content = document(segment(0, 3, "May I borrow a drill?"), segment(3, 4, "Yes"), segment(4, 5, "Now"))
    assert [text for _, text in heard(content, "t.json")] == ["May I borrow a drill?", "Yes", "Now"]


def test_a_segment_without_an_end_ends_where_the_next_begins() -> None:
    content = document({"startTime": 1, "body": "Who is there?"}, {"startTime": 3.5, "body": "It is me."})
    assert cues_of(content, "t.json") == [cue(1, 3.5, "Who is there?"), cue(3.5, 3.5, "It is me.")]


def test_a_segment_without_an_end_before_an_earlier_one_has_no_length() -> None:
    content = document({"startTime": 5, "body": "It is me."}, segment(1, 3, "Who is there?"))
    transcript, _ = read_transcript(content.encode(), FOLDER / "t.json")
    assert transcript
    assert transcript.cues == (cue(1, 3, "Who is there?"), cue(5, 5, "It is me."))


def test_halves_of_characters_are_taken_out() -> None:
    content = (
        '{"segments":[{"startTime":0,"endTime":4,"body":"a \\ud83d b \\ud83d\\udd28 c","speaker":"\\udd28"}]}'
    )
    assert heard(content, "t.json") == [(None, "a b 🔨 c")]


def test_the_list_of_segments_is_found_behind_other_members() -> None:
    content = (
        '{"x": {"segments": [1]}, "segments" : [ {"startTime": 0, "endTime": 2, "body": "It is."} ], "y": []}'
    )
    assert heard(content, "t.json") == [(None, "It is.")]


# Faults.


def test_one_bad_cue_leaves_the_others() -> None:
    content = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\nOne.\n\n00:0x.000 --> 00:03.000\nTwo.\n\n"
        "00:09.000 --> 00:04.000\nThree.\n\n00:05.000 --> 00:06.000\nFour.\n"
    )
    assert problems_of(content, "t.vtt") == [
        'warning: t.vtt:6 "00:0x.000" is not a time | Write both times like 00:01:02.500.',
        "warning: t.vtt:9 ends at 00:00:04.000, before it begins at 00:00:09.000 | Correct one of the two times.",
    ]
    assert rest_of(content, "t.vtt") == ["One.", "Four."]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ("00:01.000 --> soon", '"soon" is not a time'),
        ("00:01.000 -->", "a time is missing"),
        ("--> 00:01.000", "a time is missing"),
        ("00:61.000 --> 00:62.000", '"00:61.000" is not a time'),
        ("60:01.000 --> 61:02.000", '"60:01.000" is not a time'),
        ("100:00:01.000 --> 100:00:02.000", '"100:00:01.000" is not a time'),
        ("1.5 --> 2.5", '"1.5" is not a time'),
        ("0\u0661:01 --> 00:02.000", '"0\u0661:01" is not a time'),
        ("00:01\u202e --> 00:02.000", '"00:01\\u202e" is not a time'),
        (f"{'9' * 60} --> 00:02.000", f'"{"9" * 40}" is not a time'),
        ("00:01.000 --> 00:02.000 --> 00:03.000", None),
    ],
)
@pytest.mark.parametrize(("name", "head"), [("t.vtt", "WEBVTT\n\n"), ("t.srt", "\n\n")])
def test_a_time_that_is_none_is_shown(name: str, head: str, times: str, message: str | None) -> None:
    content = f"{head}00:00.000 --> 00:01.000\nOne.\n\n{times}\nTwo.\n"
    remedy = "Write both times like 00:01:02.500."
    assert problems_of(content, name) == ([f"warning: {name}:6 {message} | {remedy}"] if message else [])
    assert rest_of(content, name) == (["One."] if message else ["One.", "Two."])


def test_cues_that_go_back_are_put_in_order() -> None:
    content = "WEBVTT\n\n00:10.000 --> 00:11.000\nB.\n\n00:02.500 --> 00:03.000\nA.\n\n00:03.000 --> 00:04.000\nC.\n"
    assert problems_of(content, "t.vtt") == [
        (
            "warning: t.vtt:6 begins at 00:00:02.500, before the cue above it at 00:00:10.000;"
            " cues are put in order | Check the two times."
        )
    ]
    assert rest_of(content, "t.vtt") == ["A.", "C.", "B."]


def test_cues_without_text_are_said_once() -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000\n<v Ada></v>\n\n"
    one = "00:03.000 --> 00:04.000\nYes.\n"
    remedy = "Write what is said, or remove the times."
    assert problems_of(content + one, "t.vtt") == [
        f"warning: t.vtt:3 2 cues have no text, this is the first | {remedy}"
    ]
    assert problems_of(content[:33] + one, "t.vtt") == [f"warning: t.vtt:3 a cue has no text | {remedy}"]
    assert rest_of(content + one, "t.vtt") == ["Yes."]


def test_a_card_without_text_is_said() -> None:
    content = "1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n\n2\n00:00:02,000 --> 00:00:03,000\nYes.\n"
    remedy = "Write what is said, or remove the times."
    assert problems_of(content, "t.srt") == [f"warning: t.srt:2 a cue has no text | {remedy}"]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("t.vtt", "WEBVTT\n\nHello\nthere\n00:01.000 --> 00:02.000\nOne.\n", (3,)),
        ("t.vtt", "WEBVTT\n\nHello\nthere\n\n00:01.000 --> 00:02.000\nOne.\n\nTwo.\n", (3, 9)),
        ("t.srt", "Subtitles by Sam\nReyes\n\n1\n00:00:01,000 --> 00:00:02,000\nOne.\n", (1,)),
    ],
)
def test_words_without_times_are_said(name: str, content: str, line: tuple[int, ...]) -> None:
    remedy = "Give them a line with their times, or remove them."
    expected = [f"warning: {name}:{at} these words belong to no cue | {remedy}" for at in line]
    assert problems_of(content, name) == expected
    assert rest_of(content, name) == ["One."]


def test_a_bad_segment_has_its_line_and_its_number() -> None:
    content = document(
        segment(0, 4, "Behind the fire station."),
        7,
        segment("0:04", 9, "Nobody needs it."),
        segment(4, True, "Nobody needs it."),
        segment(9, 0, "Nobody needs it."),
        {"body": "Nobody needs it."},
        segment(-1, 2, "Nobody needs it."),
        segment(1, 1e300, "Nobody needs it."),
        segment(1, float("nan"), "Nobody needs it."),
        segment(1, 2, None),
        segment(5, 9, "Every day, that is."),
    )
    seconds = "is not a number of seconds | Write seconds like 62.5, without quotes."
    assert problems_of(content, "t.json") == [
        'warning: t.json:4 segments[2]: is not a segment | Write {"startTime": 0.5, "endTime": 2, "body": "..."}.',
        f"warning: t.json:5 segments[3].startTime: {seconds}",
        f"warning: t.json:6 segments[4].endTime: {seconds}",
        (
            "warning: t.json:7 segments[5]: ends at 00:00:00.000, before it begins at 00:00:09.000"
            " | Correct one of the two times."
        ),
        f"warning: t.json:8 segments[6].startTime: {seconds}",
        f"warning: t.json:9 segments[7].startTime: {seconds}",
        f"warning: t.json:10 segments[8].endTime: {seconds}",
        f"warning: t.json:11 segments[9].endTime: {seconds}",
        "warning: t.json:12 a cue has no text | Write what is said, or remove the times.",
    ]
    assert rest_of(content, "t.json") == ["Behind the fire station.", "Every day, that is."]


_AGAIN = "Export the transcript once more."
_JSON = 'Export it as a podcast transcript in JSON: {"version": "1.0.0", "segments": [...]}.'
_NO_CUE = f"holds no cue that can be read | {_AGAIN}"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("t.vtt", b"", f" is empty | {_AGAIN}"),
        ("t.srt", b"\xef\xbb\xbf\r\n \n", f" is empty | {_AGAIN}"),
        ("t.vtt", b"WEBVTT\n\nNOTE nothing\n", f" {_NO_CUE}"),
        ("t.json", b'{"segments": []}', f" {_NO_CUE}"),
        (
            "t.vtt",
            SRT.encode(),
            ":1 does not begin with WEBVTT | Export it as WebVTT, or name it after what it is.",
        ),
        (
            "t.vtt",
            b"WEBVTTX\n",
            ":1 does not begin with WEBVTT | Export it as WebVTT, or name it after what it is.",
        ),
        (
            "t.srt",
            b"Ada: Hello.\n",
            " has no line like 00:00:01,000 --> 00:00:04,000 | Export it as SubRip, or name it after what it is.",
        ),
        (
            "t.json",
            b'{\n"segments": [\n{"startTime": 0\n',
            f":4 is not JSON: expecting ',' delimiter | {_JSON}",
        ),
        ("t.json", b'{"segments": []}\n]', f":2 is not JSON: extra data | {_JSON}"),
        ("t.json", b"[" * 100_000, f" is not JSON that can be read | {_JSON}"),
        ("t.json", b"[]", f' has no list of "segments" | {_JSON}'),
        ("t.json", b"9" * 5_000, f' has no list of "segments" | {_JSON}'),
        ("t.json", b'{"version": "1.0.0", "segments": {}}', f' has no list of "segments" | {_JSON}'),
        ("t.json", b'{"x": [{"segments": []}]}', f' has no list of "segments" | {_JSON}'),
        ("t.vtt", VTT.encode("utf-16"), " is UTF-16 text | Save it as UTF-8."),
        ("t.srt", SRT.encode("utf-16-be").join([b"\xfe\xff", b""]), " is UTF-16 text | Save it as UTF-8."),
        (
            "t.vtt",
            b"WEBVTT\n\n00:01.000 --> 00:02.000\nGr\xfc\xdfe\n",
            ":4 this line holds bytes that are not UTF-8 text | Save it as UTF-8.",
        ),
        (
            "t.html",
            b"<p>Hello</p>",
            " is no kind of transcript that apps read | Export it as WebVTT (.vtt), SubRip (.srt) or JSON.",
        ),
    ],
)
def test_a_file_that_is_no_transcript_is_an_error(name: str, content: bytes, problem: str) -> None:
    assert read_transcript(content, FOLDER / name)[0] is None
    assert problems_of(content, name) == [f"error: {name}{problem}"]


def test_nothing_is_left_when_every_cue_is_bad() -> None:
    content = "WEBVTT\n\n00:02.000 --> 00:01.000\nOne.\n\n00:03.000 --> 00:04.000\n"
    assert read_transcript(content.encode(), FOLDER / "t.vtt")[0] is None
    assert problems_of(content, "t.vtt") == [
        f"error: t.vtt {_NO_CUE}",
        "warning: t.vtt:3 ends at 00:00:01.000, before it begins at 00:00:02.000 | Correct one of the two times.",
        "warning: t.vtt:6 a cue has no text | Write what is said, or remove the times.",
    ]


def test_of_very_many_problems_the_first_are_said_and_how_many_more_there_are() -> None:
    content = "WEBVTT\n\n" + "00:02.000 --> 00:01.000\nNo.\n\n" * 60 + "00:01.000 --> 00:02.000\nYes.\n"
    problems = problems_of(content, "t.vtt")
    assert len(problems) == 51
    assert [one.split(" ")[1] for one in problems[:50]] == [f"t.vtt:{3 + 3 * at}" for at in range(50)]
    assert problems[50] == f"warning: t.vtt has 10 more problems like these | {_AGAIN}"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("t.srt", "00:00 --> 00:01\nx\n" * 200_001, "has more than 200000 cues"),
        ("t.json", '{"segments":[' + "0," * 200_001 + "0]}", "has more than 200000 cues"),
        ("t.vtt", "WEBVTT" + "\r\n" * 500_000, "has more than 500000 lines"),
    ],
)
def test_a_file_of_very_many_cues_is_refused(name: str, content: str, problem: str) -> None:
    remedy = "Export sentences instead of single words."
    assert problems_of(content, name) == [f"error: {name} {problem} | {remedy}"]


def test_a_left_out_cue_is_a_warning_and_a_lost_transcript_an_error() -> None:
    _, problems = read_transcript(b"WEBVTT\n\n00:02.000 --> 00:01.000\nNo.\n", FOLDER / "t.vtt")
    assert [one.severity for one in problems] == [Severity.ERROR, Severity.WARNING]


# What is made of it.

SAID = Transcript(
    cues=(
        cue(0, 4.25, "Behind the fire station there is a wall of drills, saws and ladders.", "Ada Okafor"),
        cue(4.5, 9, "Q&A: who may borrow a <drill>?", "Ada Okafor"),
        cue(9.001, 12, "Anyone -- with a card.", "lena"),
        cue(12, 13.5, "[applause]"),
        cue(15.5, 3723, "It was loud."),
        cue(3723, 3725.75, "Thank you.", "Ada Okafor"),
    ),
    language=LanguageTag("en-us"),
)


def test_webvtt_says_whose_each_cue_is() -> None:
    assert render_vtt(SAID).decode() == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:04.250\n"
        "<v Ada Okafor>Behind the fire station there is a wall of drills, saws and\nladders.\n\n"
        "00:00:04.500 --> 00:00:09.000\n<v Ada Okafor>Q&amp;A: who may borrow a &lt;drill&gt;?\n\n"
        "00:00:09.001 --> 00:00:12.000\n<v lena>Anyone -- with a card.\n\n"
        "00:00:12.000 --> 00:00:13.500\n[applause]\n\n"
        "00:00:15.500 --> 01:02:03.000\nIt was loud.\n\n"
        "01:02:03.000 --> 01:02:05.750\n<v Ada Okafor>Thank you.\n"
    )


def test_subrip_names_a_speaker_where_it_changes() -> None:
    assert render_srt(SAID).decode() == (
        "1\n00:00:00,000 --> 00:00:04,250\n"
        "Ada Okafor: Behind the fire\nstation there is a wall of\ndrills, saws and ladders.\n\n"
        "2\n00:00:04,500 --> 00:00:09,000\nQ&A: who may borrow a\n&lt;drill>?\n\n"
        "3\n00:00:09,001 --> 00:00:12,000\n[lena]: Anyone -- with a card.\n\n"
        "4\n00:00:12,000 --> 00:00:13,500\n>> [applause]\n\n"
        "5\n00:00:15,500 --> 01:02:03,000\nIt was loud.\n\n"
        "6\n01:02:03,000 --> 01:02:05,750\nAda Okafor: Thank you.\n"
    )


def test_words_that_look_like_a_name_are_no_name() -> None:
    said = Transcript(cues=(cue(0, 1, "Remember: bring it back."), cue(1, 2, ">> Ada: it is late")))
    text = render_srt(said).decode()
    assert text.split("\n")[2:4] == ["Remember:", "bring it back."]
    assert text.split("\n")[7:10] == [">>", "Ada:", "it is late"]


def test_json_is_compact_and_complete() -> None:
    said = Transcript(cues=(*SAID.cues[:1], *SAID.cues[3:4]))
    assert render_json(said).decode() == (
        '{"version":"1.0.0","segments":['
        '{"speaker":"Ada Okafor","startTime":0.0,"endTime":4.25,'
        '"body":"Behind the fire station there is a wall of drills, saws and ladders."},'
        '{"startTime":12.0,"endTime":13.5,"body":"[applause]"}]}\n'
    )


def test_cues_of_one_word_stay_cues_in_json() -> None:
    said = Transcript(cues=tuple(cue(at, at + 0.5, "Yes", "Ada") for at in range(4)))
    assert b'"body":"Yes\\n"' in render_json(said)
    assert cues_of(render_json(said), "t.json") == list(said.cues)


def test_a_page_has_a_paragraph_for_each_speaker_and_pause() -> None:
    assert render_html(SAID, "Drills & <saws>").decode() == (
        '<!doctype html>\n<html lang="en-us">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<title>Drills &amp; &lt;saws&gt;</title>\n'
        "</head>\n<body>\n"
        '<cite dir="auto">Ada Okafor:</cite>\n<time datetime="PT0S">0:00</time>\n'
        '<p dir="auto">Behind the fire station there is a wall of drills, saws and ladders.'
        " Q&amp;A: who may borrow a &lt;drill&gt;?</p>\n"
        '<cite dir="auto">lena:</cite>\n<time datetime="PT9S">0:09</time>\n'
        '<p dir="auto">Anyone -- with a card.</p>\n'
        '<time datetime="PT12S">0:12</time>\n<p dir="auto">[applause]</p>\n'
        '<time datetime="PT15S">0:15</time>\n<p dir="auto">It was loud.</p>\n'
        '<cite dir="auto">Ada Okafor:</cite>\n<time datetime="PT3723S">1:02:03</time>\n'
        '<p dir="auto">Thank you.</p>\n'
        "</body>\n</html>\n"
    )


def test_a_page_of_nothing_has_no_paragraph() -> None:
    assert render_html(Transcript(cues=()), "Drills").endswith(b"<body>\n</body>\n</html>\n")


def test_a_page_in_an_unknown_language_names_none() -> None:
    page = render_html(Transcript(cues=SAID.cues), "Drills")
    assert page.startswith(b"<!doctype html>\n<html>\n<head>\n")


def test_plain_text_has_names_in_front() -> None:
    assert plain_text(SAID) == (
        "Ada Okafor: Behind the fire station there is a wall of drills, saws and ladders."
        " Q&A: who may borrow a <drill>?\n\n"
        "lena: Anyone -- with a card.\n\n"
        "[applause]\n\n"
        "It was loud.\n\n"
        "Ada Okafor: Thank you."
    )


def test_a_pause_counts_from_the_last_word_heard() -> None:
    said = Transcript(cues=(cue(0, 9, "A long hum,"), cue(1, 2, "a cough,"), cue(10, 11, "a hum.")))
    assert plain_text(said) == "A long hum, a cough, a hum."


def test_every_time_moves_by_the_opening_ident_to_the_microsecond() -> None:
    by = timedelta(seconds=3, microseconds=261_224)
    later = shifted(SAID, by)
    assert (later.cues[2].start, later.cues[2].end) == (
        timedelta(seconds=12, microseconds=262_224),
        timedelta(seconds=15, microseconds=261_224),
    )
    assert later.language == "en-us"
    assert b"\n00:00:12.262 --> 00:00:15.261\n<v lena>" in render_vtt(later)


def test_nothing_begins_before_the_audio_does() -> None:
    earlier = shifted(SAID, timedelta(seconds=-8))
    assert [(one.start.total_seconds(), one.end.total_seconds()) for one in earlier.cues[:3]] == [
        (0, 0),
        (0, 1),
        (1.001, 4),
    ]


@pytest.mark.parametrize(
    ("cues", "answer"),
    [
        ([], False),
        ([cue(0, 0.5, "Yes")], True),
        ([cue(0, 3, "Yes")], False),
        ([cue(0, 0.5, "Yes")] * 5 + [cue(0, 0.5, "I do")], True),
        ([cue(0, 0.5, "Yes")] * 4 + [cue(0, 0.5, "I do")], False),
    ],
)
def test_word_by_word_is_what_speech_recognition_writes(cues: list[Cue], answer: bool) -> None:
    assert is_word_by_word(cues) is answer


@pytest.mark.parametrize("render", [render_vtt, render_srt, render_json])
def test_an_empty_transcript_is_still_a_file(render: Any) -> None:
    assert render(Transcript(cues=())) in (b"WEBVTT\n", b"", b'{"version":"1.0.0","segments":[]}\n')
