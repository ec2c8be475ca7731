"""Search: every word that is typed is found where it is written, and nothing is found that may not be seen."""

from __future__ import annotations

import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationfeed.catalogue.queries import Wanted, newest
from stationfeed.catalogue.search import search
from stationfeed.catalogue.searchable import words_of
from tests.serving import serving
from tests.stations import NOON, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stationfeed.station.opened import OpenStation

VTT = b"""WEBVTT

00:00.000 --> 00:02.000
<v Ada>The mayor came late.

00:02.000 --> 00:04.000
<v Sam>Nobody minded.
"""
CANARY = "canary"
"""Stands in every story of `guarded` that nobody may see."""

HOSTILE = (
    '"', '""', '"""', "'", "*", "NEAR(", "NEAR(a b, 5)", "AND", "OR", "NOT", "a AND", "-", "-council", ":", "title:", "title : x",
    "{title summary} : x", "^", "^council", "+", "a + b", "(", ")", "council*", '"council', "\\", "%", ";--", "\0", "coun\0cil",
    "\ud800", "\udfff\ud800 council", "👩\u200d👩\u200d👧 🎙\ufe0f", "\u202e\u05e9\u05dc", "مُحَمَّد", "\u0301", "\ufe0f*", "?!…", " \n\t", "",
    "a" * 10_000, "a " * 5_000, "\u0301" * 10_000, '"' * 10_000, "e\u0301" * 5_000, "\ue000", "\U0010ffff", "½ Ⅷ ²",
)  # fmt: skip


def found(station: OpenStation, text: str, at: datetime = NOON, limit: int = 50) -> list[str]:
    """The slugs, best first."""
    return [entry.slug for entry in search(station.catalogue, text, at, limit)]


@pytest.fixture
def written(folder: StationFolder) -> Iterator[OpenStation]:
    """A station whose only story, `a`, has other words in each of its parts."""
    folder.put("a", "talk.vtt", VTT)
    folder.episode(
        "a",
        "summary: Neighbours lend drills.\ntranscript: talk.vtt\n"
        "origin: {organization: Wyoming Radio, url: 'https://www.wxmp.example/borrowed', year: 2026}\n",
        title="Council opens a tool library",
        body='The **vote** in the Café was [unanimous](/stories/elsewhere "Hidden").\n',
    )
    station = folder.open()
    yield station
    station.close()


@pytest.mark.parametrize(
    "text",
    [
        "council",  # the title
        "neighbours",  # the summary
        "vote",  # the article
        "unanimous",  # the words of a link
        "mayor",  # the transcript
        "wyoming",  # the partner
        "COUNCIL Vote MINDED wyoming DRILLS",  # all of them at once, in any case
        "cafe",
        "CAFÉ",
        "cafe\u0301",
        "côuñcil",
        "counc",  # the last word may be a beginning
        "vote counc",
        "council, vote: (mayor)!",
    ],
)
def test_a_story_is_found_by_every_word_of_it(written: OpenStation, text: str) -> None:
    assert found(written, text) == ["a"]


@pytest.mark.parametrize(
    "text",
    [
        "library dog",  # each of the words is to be there
        "counc vote",  # only the last word may be a beginning
        "co",  # two letters are too few for one
        "ouncil",
        "elsewhere",  # where a link leads
        "hidden",
        "wxmp",
        "ada",  # a speaker's name is not what is said
        "newsroom",
    ],
)
def test_a_story_is_not_found_by_what_it_does_not_say(written: OpenStation, text: str) -> None:
    assert found(written, text) == []


def test_an_entry_is_the_one_of_the_lists(written: OpenStation) -> None:
    assert search(written.catalogue, "council", NOON, 1) == newest(written.catalogue, Wanted(), NOON, 1)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("हिन्दी में समाचार", "हिन्दी"),
        ("שלום לכולם 🎙️", "לכולם"),
        ("🎙️Interview", "interview"),
        ("Việt Nam", "viet nam"),
        ("The mayor's 2026 plan", "mayor\u2019s 202"),
        ("x" * 100 + " one", "x" * 90 + " one"),
    ],
)
def test_words_of_any_script_are_words(folder: StationFolder, title: str, text: str) -> None:
    folder.episode("a", title=title)
    folder.episode("b", title="हिन्दु")
    station = folder.open()
    assert found(station, text) == ["a"]
    station.close()


def test_of_a_longer_text_the_first_sixteen_words_count(folder: StationFolder) -> None:
    letters = "abcdefghijklmnop"
    folder.episode("a", title=" ".join(letters))
    station = folder.open()
    assert found(station, " ".join(letters) + " missing") == ["a"]
    assert found(station, " ".join(letters[:15]) + " missing") == []
    station.close()


def test_a_title_counts_more_than_a_summary_that_more_than_an_article_and_that_more_than_what_is_said(
    folder: StationFolder,
) -> None:
    for number in range(20):
        folder.episode(f"other-{number}")
    folder.put("d", "talk.vtt", VTT)
    folder.episode("a", title="The mayor", body="Words and words and words.\n")
    folder.episode("b", "summary: The mayor.\n", title="A story")
    folder.episode("c", title="A story", body="The mayor.\n")
    folder.episode("d", "transcript: talk.vtt\n", title="A story")
    station = folder.open()
    assert found(station, "mayor") == ["a", "b", "c", "d"]
    assert found(station, "mayor", limit=2) == ["a", "b"]
    station.close()


def test_of_equal_stories_the_newest_comes_first(folder: StationFolder) -> None:
    for slug, day in (("a", 1), ("b", 3), ("d", 2), ("c", 2)):
        folder.episode(slug, title="The same", published_at=f"2026-05-0{day}T08:00Z")
    station = folder.open()
    assert found(station, "same") == ["b", "c", "d", "a"]
    station.close()


def test_only_what_is_public_is_found(folder: StationFolder) -> None:
    folder.episode("draft", state="draft")
    folder.episode("later", published_at="2026-06-01T13:00Z")
    folder.episode("over", expires_at="2026-06-01T12:00Z")
    folder.episode("soon-over", expires_at="2026-06-01T13:00Z")
    folder.episode("back", "withdrawn: {at: 2026-05-02T08:00Z, reason: Wrong.}\n", state="withdrawn")
    folder.episode("one", guid="the-same")
    folder.episode("two", guid="the-same", published_at="2026-05-02T08:00Z")
    station = folder.open()
    in_an_hour = NOON + timedelta(hours=1)
    assert sorted(found(station, "story")) == ["one", "soon-over"]
    assert found(station, "later", in_an_hour - timedelta(microseconds=1)) == []
    assert sorted(found(station, "story", in_an_hour)) == ["later", "one"]
    folder.episode("two", guid="another", published_at="2026-05-02T08:00Z")
    station.look(NOON)
    assert found(station, "two") == ["two"]
    station.close()


def test_an_edited_story_is_found_by_its_new_words_only(written: OpenStation) -> None:
    folder = StationFolder(written.root)
    folder.episode("b", title="Another council")
    folder.put("a", "talk.vtt", VTT.replace(b"mayor", b"governor"))
    folder.episode("a", "transcript: talk.vtt\n", title="Board closes a tool library")
    written.look(NOON)
    assert found(written, "board") == found(written, "governor") == ["a"]
    assert found(written, "council") == ["b"]
    assert [found(written, text) for text in ("mayor", "neighbours", "vote", "wyoming")] == [[]] * 4


def test_a_story_whose_folder_is_deleted_is_not_found_nor_are_its_words_kept(written: OpenStation) -> None:
    shutil.rmtree(written.root / "episodes" / "a")
    written.look(NOON)
    assert found(written, "council") == []
    assert places_of_words(written) == []


def test_after_many_changes_the_search_holds_what_one_made_anew_holds(written: OpenStation) -> None:
    folder = StationFolder(written.root)
    for number in range(5):
        folder.put("a", "talk.vtt", VTT.replace(b"mayor", b"governor " * number))
        folder.episode(
            "a", "transcript: talk.vtt\n", title=f"Title {number} 🎙", body="[a](/b) &amp; c " * number
        )
        folder.episode("b", f"summary: Edition {number}\n" if number % 2 else "")
        folder.episode(f"c-{number}", state="draft", body="")
        written.look(NOON)
        shutil.rmtree(written.root / "episodes" / "b")
        folder.raw("c-0", "broken")
        written.look(NOON)
    kept = places_of_words(written)
    assert ("governor", "a", "transcript") in {place[:3] for place in kept}
    written.close()
    (written.root / ".stationfeed" / "cache" / "index.sqlite").unlink()
    again = folder.open()
    assert places_of_words(again) == kept
    again.close()


def places_of_words(station: OpenStation) -> list[tuple[str, str | None, str, int]]:
    """Every word in the index with its story, its column and its place there."""
    with station.catalogue.together() as connection:
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE temp.places USING fts5vocab(main, searched, instance)"
        )
        rows = connection.exec_driver_sql(
            "SELECT term, slug, col, offset FROM places LEFT JOIN stories ON id = doc ORDER BY 1, 2, 3, 4"
        ).all()
        connection.exec_driver_sql("DROP TABLE temp.places")
    return [(row.term, row.slug, row.col, row.offset) for row in rows]


def test_a_broken_story_is_found_by_the_words_of_its_last_good_version(written: OpenStation) -> None:
    folder = StationFolder(written.root)
    folder.raw("a", "---\ntitle: Board closes\nshow: [\n---\nAnother text.\n")
    written.look(NOON)
    assert found(written, "council vote") == ["a"]
    assert found(written, "board") == found(written, "another") == []


def test_an_index_of_the_former_version_is_made_anew(written: OpenStation) -> None:
    written.close()
    path = written.root / ".stationfeed" / "cache" / "index.sqlite"
    with closing(sqlite3.connect(path)) as former, former:
        former.execute("DROP TABLE searched")
        former.execute("DROP TABLE stories")
        former.execute("CREATE TABLE stories (slug VARCHAR(80) PRIMARY KEY, record TEXT)")
        former.execute(
            "UPDATE meta SET value = '7' || substr(value, instr(value, '/')) WHERE key = 'context'"
        )
    again = StationFolder(written.root).open()
    assert found(again, "council vote mayor") == ["a"]
    again.close()


def test_an_index_under_another_configuration_is_made_anew(written: OpenStation) -> None:
    folder = StationFolder(written.root)
    text = (folder.root / "config.yaml").read_text(encoding="utf-8")
    folder.config(text.replace("KXMP Newsroom", "Newsroom"))
    written.look(NOON)
    assert found(written, "council vote mayor") == ["a"]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("[one](https://x.example/a_(b) 'c') two", "one two"),
        ("[one](/a_(b)) ![two](a.png)[three](/b)", "one two three"),
        ("see https://x.example/a?b=c#d, www.x.example/e.", "see"),
        ("<https://x.example/a> <b class='c'>one</b>", "one"),
        ("[one][two]\n\n[two]: /a 'three'\n[Sam]: hello there", "one two three Sam hello there"),
        ("Caf&eacute; &#233; &amp; more", "Café é more"),
        ("3 < 4, 5 > 2; Awww. So", "3 4 5 2 Awww So"),
    ],
)
def test_an_article_s_words_are_those_that_are_read(markdown: str, words: str) -> None:
    assert re.findall(r"\w+", words_of(markdown)) == words.split()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStation]:
    """Stories of few words, and four with the canary."""
    folder = make_station(tmp_path_factory.mktemp("guarded") / "station")
    for slug, title, body in STORIES:
        folder.episode(slug, title=title, body=body)
    folder.episode("s13", title=STORIES[1][1], body=STORIES[1][2], guid="the-same")
    folder.episode("draft", title=CANARY, state="draft", body="council mayor")
    folder.episode("later", title=CANARY, published_at="2026-06-01T13:00Z", body="council mayor")
    folder.episode("over", title=CANARY, expires_at="2026-05-30T00:00Z", body="council mayor")
    folder.episode("two", title=CANARY, guid="the-same", published_at="2026-05-02T08:00Z")
    station = folder.open()
    yield station
    station.close()


VOCABULARY = ("council", "mayor", "vote", "library", "a", "and", "near", "not", "title")
STORIES = [
    (
        f"s{number}",
        " ".join(VOCABULARY[number % 3 : number % 5 + 1]) or "or",
        " ".join(word for place, word in enumerate(VOCABULARY) if number >> place & 1) + "\n",
    )
    for number in range(0, 1 << len(VOCABULARY), 13)
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:24]))
def test_whatever_is_typed_is_only_words(guarded: OpenStation, text: str) -> None:
    assert "canary" not in text
    assert set(found(guarded, text)) <= {slug for slug, *_ in STORIES}


@pytest.mark.parametrize("text", ["", " ", "?!", '"', "*", "\0", "\ud800", "🎙\ufe0f", "\u0301"])
def test_a_text_without_a_word_finds_nothing(guarded: OpenStation, text: str) -> None:
    assert search(guarded.catalogue, text, NOON, 10) == ()


ANY_CHARACTER = st.characters(exclude_categories=())
SIGNS = st.sampled_from([*'"*:^-+(){},\0\\', "NEAR", " ", " AND ", "council", CANARY, "\ud800", "\u0301"])


@settings(max_examples=400, deadline=None)
@given(text=st.text() | st.text(ANY_CHARACTER) | st.lists(SIGNS).map("".join))
def test_no_text_fails_or_finds_what_is_not_public(guarded: OpenStation, text: str) -> None:
    assert set(found(guarded, text)) <= {slug for slug, *_ in STORIES}


@settings(max_examples=200, deadline=None)
@given(asked=st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5), sign=st.sampled_from(' "*-:^\n'))
def test_what_is_found_is_what_has_every_word(guarded: OpenStation, asked: list[str], sign: str) -> None:
    expected = {slug for slug, title, body in STORIES if set(asked) <= {*title.split(), *body.split()}}
    assert set(found(guarded, f" {sign} ".join(asked), limit=1000)) == expected


def test_many_searches_at_once_are_told_to_come_back_and_hold_up_nobody(folder: StationFolder) -> None:
    folder.episode("a")
    with serving(folder.root) as server, ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda _: server.ask(f"/search?q={'a+' * 400}"), range(64)))
        assert {one.status for one in found} <= {200, 503}
        refused = [one for one in found if one.status == 503]
        assert refused
        assert all("Many people are searching" in one.body.decode() for one in refused)
        assert server.ask("/search?q=story").status == 200
