"""Whatever YAML or bytes a file holds, reading it gives a value or problems, and nothing else."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stationfeed.catalogue.rows import dump, load
from stationfeed.errors import Problem, has_errors
from stationfeed.folder.config import read_config
from stationfeed.folder.episode import EpisodeReading, read_episode
from stationfeed.folder.person import read_person
from stationfeed.folder.schedule import read_schedule
from stationfeed.folder.yaml_flow import flow
from stationfeed.model.channel import Feed, Show
from stationfeed.model.config import Config
from stationfeed.model.episode import Audio, Episode, Image, Origin, Update, Withdrawal
from stationfeed.model.person import Person
from stationfeed.model.schedule import GridRow, Override
from stationfeed.model.station import Service, Site, Station
from tests.stations import CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stationfeed.folder.yaml_text import Value

EPISODE = PurePosixPath("episodes/story/episode.md")
CONFIG_PATH = PurePosixPath("config.yaml")
PERSON = PurePosixPath("people/ada.md")
SCHEDULE = PurePosixPath("schedules/kxmp-fm.yaml")

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def good_config() -> Config:
    config, _ = read_config(CONFIG.encode(), CONFIG_PATH)
    assert config is not None
    return config


KNOWN = good_config()

# Values that look like something, among any others

TELLING = [
    "true", "false", "null", "~", "yes", "no", "1:30:00", "1.10", "0", "-1", "99999999999999999999", "1e309", "NaN",
    "2026-04-22T17:05", "2026-04-22T17:05Z", "2026-11-01T01:30", "2026-03-08T02:30", "2026-02-30T10:00",
    "0001-01-01T00:00", "9999-12-31T23:59-23:59", "0001-01-01T00:00+23:59", "2299-12-31T23:59-23:59", "0:00", "99:99:59.999", "24:00", "mon-sun",
    "newsroom", "kxmp", "kxmp-fm", "draft", "ready", "withdrawn", "../x", "/x", "a\\b", "a/../b", ".", "x.mp3",
    "https://a.example/", "http://[", "http://[::1]:99999/", "https://xn--.example", "https://a@b", "https://" + "a" * 70,
    "https://é.example/ü?ö#ä", "//a", "javascript:alert(1)", "en-us", "#0b3d5c", "America/Chicago", "audio/mpeg",
    "News > Daily News", "917393e3-1b1e-5cef-ace4-edaa54e1f810", "{917393e3-1b1e-5cef-ace4-edaa54e1f810}", "٣", "\u202e",
]  # fmt: skip
WORDS = st.sampled_from(TELLING) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = sorted(
    {
        one.name
        for kind in (Episode, Audio, Image, Config, Show, Feed, Station, Person)
        for one in fields(kind)
    }
)
KEYS = st.sampled_from(NAMES) | WORDS
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


def keys_of(*kinds: type) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted({one.name for kind in kinds for one in fields(kind)}))


def front_matter(value: dict[str, Value], body: str = "") -> bytes:
    lines = "".join(f"{flow(key)}: {flow(one)}\n" for key, one in value.items())
    return f"---\n{lines}---\n{body}".encode()


def assert_told(problems: Iterable[Problem], path: PurePosixPath) -> None:
    """Each problem names the file and a line of it, says what to do, stays on its line and can be kept."""
    for problem in problems:
        assert problem.path == path
        assert problem.line is None or problem.line >= 1
        assert problem.message
        assert problem.remedy
        assert str(problem).isprintable()
        assert load(Problem, dump(problem)) == problem


def assert_sane(reading: EpisodeReading) -> None:
    assert_told(reading.problems, EPISODE)
    if reading.episode is None:
        assert has_errors(reading.problems)
    else:
        assert load(Episode, dump(reading.episode)) == reading.episode
        assert reading.restrictions.tighten(reading.episode).guid == reading.episode.guid


def good_episode() -> dict[str, Value]:
    return {
        "guid": "g-1",
        "title": "A story",
        "show": "newsroom",
        "state": "ready",
        "published_at": "2026-05-01T08:00Z",
        "audio": {"file": "segment.mp3", "chapters": [{"at": "0:00", "title": "One"}]},
    }


@QUICK
@given(keys_of(Episode), VALUES)
def test_any_value_in_any_field_of_an_episode_is_read_or_told(name: str, value: Value) -> None:
    assert_sane(read_episode(front_matter({**good_episode(), name: value}), EPISODE, KNOWN))


INNER: dict[str, type] = {
    "audio": Audio,
    "image": Image,
    "updates": Update,
    "origin": Origin,
    "withdrawn": Withdrawal,
}


@pytest.mark.parametrize("word", TELLING)
def test_each_telling_word_in_each_field_of_an_episode_is_read_or_told(word: str) -> None:
    for one in fields(Episode):
        assert_sane(read_episode(front_matter({**good_episode(), one.name: word}), EPISODE, KNOWN))
    inside: dict[str, Value] = {
        name: {one.name: word for one in fields(kind)} for name, kind in INNER.items()
    }
    assert_sane(read_episode(front_matter({**good_episode(), **inside}), EPISODE, KNOWN))


@QUICK
@given(
    st.dictionaries(KEYS, VALUES, max_size=8), st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
)
def test_any_front_matter_is_read_or_told(value: dict[str, Value], body: str) -> None:
    assert_sane(read_episode(front_matter(value, body), EPISODE, KNOWN))


@QUICK
@given(st.data())
def test_any_value_deep_inside_an_episode_is_read_or_told(data: st.DataObject) -> None:
    """Where a list or a mapping is expected, something of that shape, with anything in it."""
    part = data.draw(
        st.sampled_from(
            ["audio", "image", "updates", "origin", "people", "location", "soundbites", "rights", "withdrawn"]
        )
    )
    inner = st.dictionaries(
        KEYS | st.sampled_from(["at", "kind", "note", "duration", "person", "podcast", "reason", "url"]),
        VALUES,
        max_size=5,
    )
    value = data.draw(cast("st.SearchStrategy[Value]", inner | st.lists(inner, max_size=3)))
    assert_sane(read_episode(front_matter({**good_episode(), part: value}), EPISODE, KNOWN))


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes_as_an_episode_are_read_or_told(data: bytes) -> None:
    for text in (data, b"---\n" + data, b"---\n" + data + b"\n---\nText\n"):
        assert_sane(read_episode(text, EPISODE, KNOWN))


@QUICK
@given(st.data())
def test_a_damaged_episode_is_read_or_told(data: st.DataObject) -> None:
    """A good file with some bytes lost, added or changed."""
    good = front_matter(good_episode(), "The article.\n")
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(start + 12, len(good))))
    put = data.draw(
        st.binary(max_size=6)
        | st.sampled_from([b'"', b"'", b"[", b"{", b"\t", b"\n", b": ", b"- ", b"|", b"&a ", b"*a", b"!!x "])
    )
    assert_sane(read_episode(good[:start] + put + good[end:], EPISODE, KNOWN))


# config.yaml

PLACES: dict[str, tuple[tuple[str, ...], type]] = {
    "the top": ((), Config),
    "the site": (("site",), Site),
    "a station": (("stations", "kxmp"), Station),
    "a service": (("stations", "kxmp", "services", "kxmp-fm"), Service),
    "a show": (("shows", "newsroom"), Show),
    "a feed": (("feeds", "news"), Feed),
}


def good_config_value() -> dict[str, Value]:
    value: dict[str, Value] = {
        "site": {"title": "KXMP", "base_url": "https://news.kxmp.example"},
        "organization": {"name": "U", "copyright": "U"},
        "stations": {
            "kxmp": {
                "name": "KXMP",
                "timezone": "America/Chicago",
                "services": {"kxmp-fm": {"name": "FM", "kind": "fm"}},
            }
        },
        "shows": {"newsroom": {"title": "Newsroom", "station": "kxmp"}},
        "feeds": {
            "news": {"title": "News", "station": "kxmp", "guid": "917393e3-1b1e-5cef-ace4-edaa54e1f810"}
        },
    }
    return value


def assert_config_sane(data: bytes) -> None:
    config, problems = read_config(data, CONFIG_PATH)
    assert_told(problems, CONFIG_PATH)
    assert (config is None) == has_errors(problems)
    if config is not None:
        assert load(Config, dump(config)) == config


def as_yaml(value: dict[str, Value]) -> bytes:
    return "".join(f"{flow(key)}: {flow(one)}\n" for key, one in value.items()).encode()


def test_the_good_values_of_these_tests_are_good() -> None:
    reading = read_episode(front_matter(good_episode()), EPISODE, KNOWN)
    assert reading.episode is not None
    assert not has_errors(reading.problems)
    assert read_config(as_yaml(good_config_value()), CONFIG_PATH)[1] == ()


@pytest.mark.parametrize("word", TELLING)
def test_each_telling_word_in_each_field_of_the_config_is_read_or_told(word: str) -> None:
    """In all fields of one place at once: every fault is told beside the others."""
    for path, kind in PLACES.values():
        config = good_config_value()
        mapping_at(config, path).update({one.name: word for one in fields(kind)})
        assert_config_sane(as_yaml(config))


def mapping_at(config: dict[str, Value], path: tuple[str, ...]) -> dict[str, Value]:
    at: Value = config
    for part in path:
        assert isinstance(at, dict)
        at = at[part]
    assert isinstance(at, dict)
    return at


@QUICK
@given(st.data())
def test_any_value_in_any_field_of_the_config_is_read_or_told(data: st.DataObject) -> None:
    path, kind = PLACES[data.draw(st.sampled_from(sorted(PLACES)))]
    config = good_config_value()
    mapping_at(config, path)[data.draw(keys_of(kind))] = data.draw(VALUES)
    assert_config_sane(as_yaml(config))


@QUICK
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_mapping_as_the_config_is_told(value: dict[str, Value]) -> None:
    assert_config_sane(as_yaml(value))


@QUICK
@given(st.binary(max_size=400))
def test_any_bytes_as_the_config_are_told(data: bytes) -> None:
    config, problems = read_config(data, CONFIG_PATH)
    assert config is None
    assert has_errors(problems)
    assert_told(problems, CONFIG_PATH)


# People and schedules


@QUICK
@given(st.dictionaries(keys_of(Person) | KEYS, VALUES, max_size=4) | st.binary(max_size=200))
def test_any_person_is_read_or_told(found: dict[str, Value] | bytes) -> None:
    data = found if isinstance(found, bytes) else front_matter(found, "A bio.\n")
    profile, problems = read_person(data, PERSON)
    assert_told(problems, PERSON)
    assert (profile is None) == has_errors(problems)


ROWS = st.dictionaries(keys_of(GridRow, Override), WORDS | st.lists(WORDS, max_size=3), max_size=6) | VALUES


@QUICK
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "grid": st.lists(ROWS, max_size=3) | VALUES,
            "overrides": st.lists(ROWS, max_size=3) | VALUES,
        },
    )
)
def test_any_schedule_is_read_or_told(value: dict[str, Value]) -> None:
    assume(value)
    schedule, problems = read_schedule(as_yaml(value), SCHEDULE, KNOWN)
    assert_told(problems, SCHEDULE)
    assert (schedule is None) == has_errors(problems)


@QUICK
@given(st.binary(max_size=200))
def test_any_bytes_as_a_schedule_are_read_or_told(data: bytes) -> None:
    schedule, problems = read_schedule(data, SCHEDULE, KNOWN)
    assert_told(problems, SCHEDULE)
    assert (schedule is None) == has_errors(problems)


def test_a_value_that_no_yaml_holds_is_refused_before_it_is_a_value() -> None:
    """JSON's escapes are YAML's: half a surrogate pair never becomes text."""
    data = front_matter(good_episode()).replace(b"A story", json.dumps("\ud800").encode())
    reading = read_episode(data, EPISODE, KNOWN)
    assert reading.episode is None
    assert_sane(reading)
