"""The real `stationfeed` command: its words, its exit codes, and never a traceback."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import uuid
from contextlib import suppress
from getpass import getuser
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
import yaml
from PIL import Image

from stationfeed.desk.create import PODCAST_NAMESPACE, Draft, new_episode, podcast_guid
from stationfeed.desk.new_station import NewStation, new_station
from stationfeed.folder.config import read_config
from stationfeed.folder.reader import CONFIG as CONFIG_PATH
from stationfeed.model.words import Slug, Title, Url, ZoneName
from tests.audio_files import silent_frames
from tests.commands import PATIENCE_SECONDS, Run, run_command
from tests.serving import eventually
from tests.stations import CONFIG, NOON, StationFolder

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.publish.shelf import Shelf

ANSWERS = {
    "--name": "KXMP Public Media",
    "--licensee": "University of Example",
    "--base-url": "https://news.kxmp.example",
    "--timezone": "America/Chicago",
    "--email": "podcasts@kxmp.example",
    "--station": "kxmp",
}


def flags(**changed: str | None) -> list[str]:
    """The flags of `new station`; None leaves one out."""
    wanted = {**ANSWERS, **{f"--{name.replace('_', '-')}": value for name, value in changed.items()}}
    return [word for name, value in wanted.items() if value is not None for word in (name, value)]


def shelf_of(folder: StationFolder) -> Shelf:
    station = folder.open()
    station.close()
    return station.shelf


# new station


def test_a_new_station_lacks_only_what_it_says_is_missing(tmp_path: Path) -> None:
    root = tmp_path / "station"
    made = run_command("-C", root, "new", "station", *flags())
    assert made == Run(0, f"Made {root}/config.yaml. Next: stationfeed new episode news TITLE\n", "")
    checked = run_command("-C", root, "check")
    assert checked == Run(
        1,
        "error config.yaml feeds.news.artwork: is missing, and Apple requires it."
        " Add a square JPEG or PNG of 1400 to 3000 pixels. [A8]\n"
        "warning config.yaml feeds.news.select: shows no story. Publish one, or widen `select`. [D1]\n"
        "1 error, 1 warning\n",
        "",
    )
    assert sorted(path.name for path in root.iterdir()) == [
        ".gitignore",
        ".stationfeed",
        "brand",
        "config.yaml",
        "episodes",
        "people",
        "schedules",
    ]
    assert ".stationfeed/" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()


NAMES = [
    'K: "x" # y',
    "{of} [x]",
    "Rundfunk Köln — 100 % 'gut'",
    "null",
    "null: true",
    "*star",
    "日本放送",
    "- x",
    "a\\nb",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_makes_a_station_that_can_be_read(tmp_path: Path, name: str) -> None:
    answers = NewStation(
        name=Title(name),
        station=Slug("null"),
        licensee=name,
        base_url=Url("https://news.kxmp.example"),
        timezone=ZoneName("America/Chicago"),
        email=name,
    )
    new_station(tmp_path / "s", answers)
    config = yaml.load((tmp_path / "s" / "config.yaml").read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    assert config["site"]["title"] == name
    assert config["organization"] == {"name": name, "copyright": name}
    assert config["shows"]["news"]["station"] == "null"
    assert config["feeds"]["news"]["owner_email"] == name
    station = StationFolder(tmp_path / "s").open()
    assert station.problems() == []
    station.close()


def test_a_station_is_not_made_where_something_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    done = run_command("-C", tmp_path, "new", "station", *flags())
    assert done == Run(2, "", f"stationfeed: {tmp_path} is not empty; name an empty folder with -C\n")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_station_is_not_made_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    done = run_command("-C", tmp_path / "thesis.txt", "new", "station", *flags())
    assert done.code == 3
    assert done.err == f"stationfeed: {tmp_path}/thesis.txt: a part of the path is a file, not a folder\n"


REFUSED = {
    "station": (
        "KXMP FM",
        '--station: "KXMP FM" is not an id. Use small letters a-z, digits and hyphens, at most 80.',
    ),
    "base_url": (
        "news.example",
        '--base-url: "news.example" is no full web address. Begin it with https://.',
    ),
    "name": ("", "--name: holds no readable text. Write some text, or remove the line."),
}


@pytest.mark.parametrize("option", REFUSED)
def test_an_answer_that_cannot_be_is_wrong_usage(tmp_path: Path, option: str) -> None:
    value, words = REFUSED[option]
    done = run_command("-C", tmp_path / "s", "new", "station", *flags(**{option: value}))
    assert done.code == 2
    assert done.err.startswith(f"stationfeed: {words}")
    assert not (tmp_path / "s").exists()


def test_without_a_terminal_a_missing_answer_is_wrong_usage(tmp_path: Path) -> None:
    done = run_command("-C", tmp_path / "s", "new", "station", *flags(timezone=None))
    assert done.code == 2
    assert "Missing option '--timezone'" in done.err
    assert not (tmp_path / "s").exists()


def on_a_terminal(arguments: list[str], typed: str = "") -> tuple[int, str]:
    """Run the command on a terminal of its own; its exit code and all it showed."""
    here, there = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {
        "TERM": "xterm"
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "stationfeed", *arguments],
        stdin=there,
        stdout=there,
        stderr=there,
        env=environment,
    )
    os.close(there)
    os.write(here, typed.encode())
    shown = b""
    with suppress(OSError):  # Linux ends a terminal's reading with EIO
        while piece := os.read(here, 65536):
            shown += piece
    os.close(here)
    return process.wait(60), shown.decode()


def test_on_a_terminal_what_is_missing_is_asked_for(tmp_path: Path) -> None:
    arguments = ["-C", str(tmp_path / "s"), "new", "station", *flags(timezone=None, name=None)]
    code, shown = on_a_terminal(arguments, "KXMP\nAmerica/Denver\n")
    assert code == 0
    assert "The station's name: " in shown
    assert "The time zone, such as America/Chicago: " in shown
    assert "America/Denver" in (tmp_path / "s" / "config.yaml").read_text(encoding="utf-8")


# new episode

TITLES = {
    'Council: "no" — it\'s # 1 {x}': "council-no-its-1-x",
    "Zwölf Fälle im März": "zwolf-falle-im-marz",
    "null": "null",
    "- 100 % true: yes": "100-true-yes",
    "👩‍👩‍👧 family": "family",
    "x" * 200: "x" * 80,
}


def test_a_new_episode_is_a_draft(folder: StationFolder) -> None:
    done = run_command("-C", folder.root, "new", "episode", "newsroom", "--", "- 100 % true: yes")
    words = "Made episodes/100-true-yes/episode.md. Write the article, set published_at, then state: ready\n"
    assert done == Run(0, words, "")


@pytest.mark.parametrize("title", TITLES)
def test_a_new_episode_has_its_title_as_typed(folder: StationFolder, title: str) -> None:
    config, _ = read_config(CONFIG.encode(), CONFIG_PATH)
    assert config is not None
    path = new_episode(folder.root, config, "newsroom", Draft(title=Title(title)))
    slug = TITLES[title]
    assert path.as_posix() == f"episodes/{slug}/episode.md"
    station = folder.open()
    story = station.catalogue.stories([slug])[slug]
    assert story.episode.title == title
    assert story.episode.state == "draft"
    assert uuid.UUID(story.episode.guid).version == 4
    assert station.problems() == []
    station.close()


def test_a_second_episode_of_one_title_has_a_folder_and_a_guid_of_its_own(folder: StationFolder) -> None:
    for expected in ("budget", "budget-2"):
        done = run_command("-C", folder.root, "new", "episode", "newsroom", "Budget")
        assert f"Made episodes/{expected}/episode.md" in done.out
    station = folder.open()
    stories = station.catalogue.stories(["budget", "budget-2"]).values()
    assert len({story.episode.guid for story in stories}) == 2
    station.close()


@pytest.mark.parametrize("name", ["Segment 1.MP3", "-i.mp3"])
def test_a_new_episode_takes_its_audio_along(folder: StationFolder, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(silent_frames(300))
    done = run_command(
        "-C", folder.root, "new", "episode", "newsroom", "Budget", f"--audio={tmp_path / name}"
    )
    assert done.code == 0
    assert (folder.root / "episodes" / "budget" / "budget.mp3").read_bytes() == silent_frames(300)
    station = folder.open()
    story = station.catalogue.stories(["budget"])["budget"]
    assert story.audio is not None
    assert story.audio.size_bytes == len(silent_frames(300))
    station.close()


@pytest.mark.parametrize("name", ["missing.mp3", "."])
def test_audio_that_cannot_be_copied_leaves_no_story_behind(
    folder: StationFolder, tmp_path: Path, name: str
) -> None:
    done = run_command("-C", folder.root, "new", "episode", "newsroom", "Budget", "--audio", tmp_path / name)
    assert done.code == 3
    assert done.err.startswith(f"stationfeed: {tmp_path}")
    assert list((folder.root / "episodes").rglob("*.*")) == []


def test_an_unknown_show_is_answered_with_the_nearest(folder: StationFolder) -> None:
    done = run_command("-C", folder.root, "new", "episode", "newsrom", "Budget")
    assert done == Run(2, "", 'stationfeed: there is no show "newsrom". Did you mean newsroom?\n')
    done = run_command("-C", folder.root, "new", "episode", "zzz", "Budget")
    assert done == Run(2, "", 'stationfeed: there is no show "zzz". config.yaml has: newsroom, archive\n')


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("", "TITLE: holds no readable text. Write some text, or remove the line."),
        ("x" * 501, "TITLE: has 501 characters. Keep it under 500 characters."),
        ("日本", "the title has no letter from a to z to name a folder after; make the folder by hand"),
    ],
)
def test_a_title_that_cannot_be_is_wrong_usage(folder: StationFolder, title: str, words: str) -> None:
    done = run_command("-C", folder.root, "new", "episode", "newsroom", title)
    assert done == Run(2, "", f"stationfeed: {words}\n")
    assert list((folder.root / "episodes").iterdir()) == []


# new guid


def test_a_copied_folder_gets_a_guid_of_its_own_and_nothing_else_changes(folder: StationFolder) -> None:
    folder.episode("original", "summary: 'A  b'   # kept\n")
    original = folder.root / "episodes" / "original" / "episode.md"
    folder.open().close()
    shutil.copytree(original.parent, folder.root / "episodes" / "copy")
    assert "also the guid of original" in run_command("-C", folder.root, "check").out
    done = run_command("-C", folder.root, "new", "guid", "copy")
    assert done.code == 0
    words, _, guid = done.out.strip().rpartition(" ")
    assert words == "episodes/copy/episode.md has the guid"
    before, after = (
        original.read_text(encoding="utf-8"),
        (folder.root / "episodes/copy/episode.md").read_text(encoding="utf-8"),
    )
    old = str(uuid.uuid5(uuid.NAMESPACE_URL, "original"))
    assert after == before.replace(old, guid)
    assert guid != old
    assert "also the guid of" not in run_command("-C", folder.root, "check").out


def test_a_folder_made_by_hand_gets_its_first_guid(folder: StationFolder) -> None:
    path = folder.episode("by-hand", guid=None)
    assert "guid: is missing" in run_command("-C", folder.root, "check").out
    assert run_command("-C", folder.root, "new", "guid", "by-hand").code == 0
    assert "\nguid: " in path.read_text(encoding="utf-8")


def test_a_public_story_keeps_its_guid(folder: StationFolder) -> None:
    path = folder.episode("public")
    folder.open().close()
    before = path.read_bytes()
    done = run_command("-C", folder.root, "new", "guid", "public")
    words = "public is public under its guid; with another one, apps would show it twice"
    assert done == Run(2, "", f"stationfeed: {words}\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("nowhere", "there is no episode 'nowhere'"),
        ("../config", 'SLUG: "../config" is not an id.'),
    ],
)
def test_a_slug_of_nothing_is_wrong_usage(folder: StationFolder, slug: str, words: str) -> None:
    done = run_command("-C", folder.root, "new", "guid", slug)
    assert done.code == 2
    assert done.err.startswith(f"stationfeed: {words}")


@pytest.mark.parametrize("data", [b"---\nguid: \xff\n---\n", b"---\nguid: [\n---\n"])
def test_a_file_that_cannot_be_edited_is_left_alone(folder: StationFolder, data: bytes) -> None:
    path = folder.raw("broken", data)
    done = run_command("-C", folder.root, "new", "guid", "broken")
    assert done.code == 3
    assert done.err.startswith("stationfeed: episodes/broken/episode.md: ")
    assert done.err.endswith("; nothing was written\n")
    assert path.read_bytes() == data


# new feed


@pytest.mark.parametrize(
    ("url", "guid"),
    [
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ("podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("https://podnews.net/rss/", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("http://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
    ],
)
def test_a_podcast_guid_is_the_one_that_everybody_computes(url: str, guid: str) -> None:
    """https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/guid.md."""
    assert podcast_guid(url) == guid


def test_a_new_feed_stands_in_the_config_and_every_other_byte_stays(folder: StationFolder) -> None:
    before = (
        CONFIG.replace("\nshows:", "\n# Our shows: ask Ada first.\nshows:   # newest first").replace(
            "\n", "\r\n"
        )
        + "# The end\r\n"
    )
    (folder.root / "config.yaml").write_bytes(before.encode())
    folder.episode("story", show="archive")
    done = run_command(
        "-C", folder.root, "new", "feed", "old-tapes", "--title", 'Tapes: "old" #1', "--show", "archive"
    )
    guid = str(uuid.uuid5(PODCAST_NAMESPACE, "news.kxmp.example/feeds/old-tapes.xml"))
    assert done == Run(0, f"config.yaml has the feed old-tapes with the guid {guid}\n", "")
    after = (folder.root / "config.yaml").read_bytes().decode()
    (added,) = [line for line in after.splitlines(keepends=True) if "old-tapes" in line]
    assert after.replace(added, "") == before
    assert added.endswith("\r\n")
    assert yaml.load(after, Loader=yaml.SafeLoader)["feeds"]["old-tapes"] == {
        "title": 'Tapes: "old" #1',
        "station": "kxmp",
        "select": {"shows": ["archive"]},
        "guid": guid,
    }
    assert b"The story of story" in shelf_of(folder).documents["/feeds/old-tapes.xml"].plain


def test_a_first_feed_can_be_made(folder: StationFolder) -> None:
    folder.config(CONFIG[: CONFIG.index("feeds:")] + "feeds: {}\n")
    for arguments in (["first", "--title", "First", "--show", "newsroom"], ["second", "--title", "Second"]):
        assert run_command("-C", folder.root, "new", "feed", *arguments).code == 0
    assert {"/feeds/first.xml", "/feeds/second.xml"} <= shelf_of(folder).documents.keys()


FEEDS = {
    "taken": (["news", "--title", "X"], "config.yaml has a feed news already"),
    "an unknown show": (
        ["x", "--title", "X", "--show", "zzz"],
        "config.yaml has no show zzz. It has: newsroom, archive",
    ),
    "no words": (["x", "--title", ""], "--title: holds no readable text."),
}


@pytest.mark.parametrize("kind", FEEDS)
def test_a_feed_that_cannot_be_is_wrong_usage(folder: StationFolder, kind: str) -> None:
    arguments, words = FEEDS[kind]
    done = run_command("-C", folder.root, "new", "feed", *arguments)
    assert done.code == 2
    assert done.err.startswith(f"stationfeed: {words}")
    assert (folder.root / "config.yaml").read_text(encoding="utf-8") == CONFIG


def test_a_reserved_feed_is_not_written(folder: StationFolder) -> None:
    done = run_command("-C", folder.root, "new", "feed", "corrections", "--title", "X")
    assert done.code == 2
    assert (folder.root / "config.yaml").read_text(encoding="utf-8") == CONFIG


def test_a_station_must_be_there_before_its_feed(folder: StationFolder) -> None:
    text = CONFIG[: CONFIG.index("stations:")] + "stations: {}\nshows: {}\nfeeds: {}\n"
    folder.config(text)
    done = run_command("-C", folder.root, "new", "feed", "x", "--title", "X")
    assert done == Run(
        2, "", "stationfeed: config.yaml has no station to make a feed of; add one to it first\n"
    )


# check

WHOLE = CONFIG.replace("explicit: false", "explicit: false, artwork: brand/art.png").replace(
    "{title: Everything,",
    "{title: Everything, artwork: brand/art.png, category: [News], owner_email: podcasts@kxmp.example,",
)


MOVED = "{title: Everything, moved_to: 'https://new.example/f.xml', redirect: true,"


def in_order(folder: StationFolder) -> None:
    """A station in which everything is as it should be."""
    folder.config(WHOLE)
    (folder.root / "brand").mkdir()
    Image.new("1", (1400, 1400)).save(folder.root / "brand" / "art.png")
    folder.episode("story")


def test_a_station_in_order_says_so(folder: StationFolder) -> None:
    in_order(folder)
    assert run_command("-C", folder.root, "check") == Run(0, "Everything is in order.\n", "")
    assert run_command("-C", folder.root, "check", "--strict", "--json") == Run(0, "[]\n", "")


def test_warnings_count_only_where_that_is_wanted(folder: StationFolder) -> None:
    in_order(folder)
    folder.episode("story", "sumary: x\n")
    done = run_command("-C", folder.root, "check")
    assert done == Run(
        0,
        "warning episodes/story/episode.md:7 sumary: is not a key known here. Did you mean summary? [unknown-key]\n"
        "0 errors, 1 warning\n",
        "",
    )
    assert run_command("-C", folder.root, "check", "--strict").code == 1


def test_json_has_every_part_of_a_problem(folder: StationFolder) -> None:
    in_order(folder)
    folder.episode("bad", "season: zwölf\n")
    done = run_command("-C", folder.root, "check", "--json")
    assert done.code == 1
    assert json.loads(done.out) == [
        {
            "severity": "error",
            "path": "episodes/bad/episode.md",
            "line": 7,
            "field": "season",
            "message": '"zwölf" is not a whole number',
            "remedy": "Write a number such as 2.",
            "rule": "field",
        }
    ]


def test_colours_are_only_for_terminals(folder: StationFolder) -> None:
    in_order(folder)
    folder.episode("bad", "season: two\n")
    assert "\x1b" not in run_command("-C", folder.root, "check").out
    code, shown = on_a_terminal(["-C", str(folder.root), "check"])
    assert code == 1
    assert "\x1b[31merror\x1b[0m" in shown
    assert 'episodes/bad/episode.md:7 season: "two" is not a whole number. Write a number' in shown


def test_words_are_said_as_they_stand_there(folder: StationFolder) -> None:
    """No markup, no emoji codes, no wrapping of long lines."""
    in_order(folder)
    word = "[red]:warning:[/red] " + "x" * 18
    folder.episode("bad", f'season: "{word}"\n')
    assert (
        f'season: "{word}" is not a whole number. Write a number such as 2. [field]\n'
        in run_command("-C", folder.root, "check", environment={"COLUMNS": "20"}).out
    )


def test_a_terminal_that_lacks_letters_is_no_hindrance(folder: StationFolder) -> None:
    in_order(folder)
    folder.episode("bad", "season: zwölf\n")
    done = run_command(
        "-C", folder.root, "check", environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    )
    assert done.code == 1
    assert r'"zw\xf6lf" is not a whole number' in done.out


def test_checking_puts_nothing_on_record_as_public(folder: StationFolder) -> None:
    in_order(folder)
    run_command("-C", folder.root, "check")
    done = run_command("-C", folder.root, "new", "guid", "story")
    assert done.code == 0


def test_a_bad_config_ends_every_command_with_its_problem(folder: StationFolder) -> None:
    folder.config(CONFIG.replace("station: kxmp, description", "station: kxpm, description"))
    words = 'error config.yaml:12 shows.newsroom.station: there is no station "kxpm". Did you mean kxmp? [reference]\n'
    commands = [
        ["check"],
        ["build", "out"],
        ["new", "feed", "x", "--title", "X"],
    ]
    for command in commands:
        assert run_command("-C", folder.root, *command) == Run(1, "", words)


def test_a_folder_without_a_station_is_told(tmp_path: Path) -> None:
    done = run_command("-C", tmp_path / "nowhere", "check")
    assert done.code == 1
    assert (
        "there is no file 'config.yaml'. A station folder needs one. Type: stationfeed new station"
        in done.err
    )


def test_episodes_that_are_not_there_are_a_failure_of_the_work(folder: StationFolder) -> None:
    (folder.root / "episodes").rmdir()
    done = run_command("-C", folder.root, "check")
    assert done == Run(3, "", "stationfeed: episodes: No such file or directory\n")


def test_without_a_folder_the_current_one_is_meant(folder: StationFolder) -> None:
    in_order(folder)
    assert run_command("check", cwd=folder.root).out == "Everything is in order.\n"


# build


def built(out: Path) -> dict[str, bytes]:
    """What was built, by the address for which a web server sends it."""
    files = (path for path in out.rglob("*") if path.is_file())
    names = re.compile(r"(?<=.)/index\.(json|html)$|(?<=^/)index\.html$")
    return {names.sub("", f"/{path.relative_to(out)}"): path.read_bytes() for path in files}


def test_a_build_has_the_same_bytes_as_the_site(folder: StationFolder, tmp_path: Path) -> None:
    in_order(folder)
    folder.put("story", "segment.mp3", silent_frames(300))
    folder.episode("story", "audio: {file: segment.mp3, chapters: [{at: '0:00', title: One}]}\n")
    out = tmp_path / "out"
    done = run_command("-C", folder.root, "build", out)
    files = built(out)
    assert done.code == 0
    assert done.out.splitlines()[0] == f"{len(files)} files in {out}, 0 removed"
    assert done.out.splitlines()[1] == f"Settings for a web server: {out}.caddy, {out}.nginx"
    station = folder.open(at=NOON)
    documents = {address: ready.plain for address, ready in station.shelf.documents.items()}
    assert {address: files[address] for address in documents} == documents
    assert files.keys() == set(station.site.addresses(NOON))
    assert silent_frames(300) in files.values()
    station.close()


def test_a_rebuild_takes_away_what_is_not_public_any_more(folder: StationFolder, tmp_path: Path) -> None:
    in_order(folder)
    folder.put("other", "segment.mp3", silent_frames(300))
    folder.episode("other", "audio: {file: segment.mp3}\n")
    out = tmp_path / "out"
    run_command("-C", folder.root, "build", out)
    before = built(out).keys()
    (media,) = [name for name in before if name.startswith("/media/other/audio-")]
    (out / "mine.txt").write_text("mine", encoding="utf-8")
    folder.episode("other", "audio: {file: segment.mp3}\n", state="withdrawn")
    done = run_command("-C", folder.root, "build", out)
    taken = before - built(out).keys()
    assert f"{len(taken)} removed" in done.out
    assert {media, "/stories/other", "/embed/other"} <= taken
    assert media not in built(out)
    assert b"The story of other" not in built(out)["/feeds/news.xml"]
    assert built(out)["/mine.txt"] == b"mine"
    assert f'respond {media} "This was withdrawn." 410' in (tmp_path / "out.caddy").read_text(
        encoding="utf-8"
    )
    assert f"location = {media} {{ return 410; }}" in (tmp_path / "out.nginx").read_text(encoding="utf-8")


def test_settings_for_web_servers_set_types_and_moves(folder: StationFolder, tmp_path: Path) -> None:
    in_order(folder)
    folder.config(WHOLE.replace("{title: Everything,", MOVED))
    assert run_command("-C", folder.root, "build", tmp_path / "out").code == 0
    caddy = (tmp_path / "out.caddy").read_text(encoding="utf-8")
    nginx = (tmp_path / "out.nginx").read_text(encoding="utf-8")
    assert f"root * {tmp_path}/out\n" in caddy
    assert 'Content-Type "application/rss+xml; charset=utf-8"\n' in caddy
    assert "redir /feeds/everything.xml https://new.example/f.xml permanent\n" in caddy
    assert f"root {tmp_path}/out;\n" in nginx
    assert 'location ~ ^/feeds/.*\\.xml$ { types { } default_type "application/rss+xml"; }\n' in nginx
    assert "location = /feeds/everything.xml { return 301 https://new.example/f.xml; }\n" in nginx
    assert "/feeds/everything.xml" not in built(tmp_path / "out")


CHECKS = {
    "nginx": (
        "events {{}} http {{ server {{ listen 127.0.0.1:8099; include {settings}; }} }}\n",
        ["nginx", "-t", "-q", "-e", "{folder}/errors", "-g", "pid {folder}/pid;", "-c", "{configuration}"],
    ),
    "caddy": (
        "http://127.0.0.1:8099 {{\nimport {settings}\n}}\n",
        ["caddy", "adapt", "--adapter", "caddyfile", "--validate", "--config", "{configuration}"],
    ),
}


@pytest.mark.parametrize("server", CHECKS)
def test_a_web_server_accepts_its_settings(folder: StationFolder, tmp_path: Path, server: str) -> None:
    text, command = CHECKS[server]
    if shutil.which(server) is None:
        pytest.skip(f"{server} is not here: sh tools/install_test_programs.sh {server}")
    in_order(folder)
    folder.put("story", "segment.mp3", silent_frames(300))
    folder.episode("story", "audio: {file: segment.mp3}\n")
    folder.open().close()
    folder.episode("story", state="withdrawn")
    folder.config(WHOLE.replace("{title: Everything,", MOVED))
    assert run_command("-C", folder.root, "build", tmp_path / "out").code == 0
    settings = tmp_path / f"out.{server}"
    assert "410" in settings.read_text(encoding="utf-8")
    configuration = tmp_path / "configuration"
    configuration.write_text(text.format(settings=settings), encoding="utf-8")
    filled = [word.format(configuration=configuration, folder=tmp_path) for word in command]
    done = subprocess.run(
        filled, capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(tmp_path)}
    )
    assert done.returncode == 0, done.stderr


RUNS = {
    "nginx": (
        "user {user}; pid {folder}/pid; events {{}} http {{ server {{ listen 127.0.0.1:{port}; include {settings}; }} }}\n",
        ["nginx", "-g", "daemon off;", "-c", "{configuration}"],
    ),
    "caddy": (
        "{{\nadmin off\nauto_https off\n}}\nhttp://127.0.0.1:{port} {{\nimport {settings}\n}}\n",
        ["caddy", "run", "--adapter", "caddyfile", "--config", "{configuration}"],
    ),
}


@pytest.mark.parametrize("server", RUNS)
def test_a_web_server_lets_others_frame_the_player_and_nothing_else(
    folder: StationFolder, tmp_path: Path, server: str
) -> None:
    text, command = RUNS[server]
    if shutil.which(server) is None:
        pytest.skip(f"{server} is not here: sh tools/install_test_programs.sh {server}")
    in_order(folder)
    folder.put("story", "segment.mp3", silent_frames(300))
    folder.episode("story", "audio: {file: segment.mp3}\n")
    assert run_command("-C", folder.root, "build", tmp_path / "out").code == 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    configuration = tmp_path / "configuration"
    settings = tmp_path / f"out.{server}"
    configuration.write_text(
        text.format(settings=settings, folder=tmp_path, port=port, user=getuser()), encoding="utf-8"
    )
    filled = [word.format(configuration=configuration) for word in command]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(filled, stdout=log, stderr=log, env={**os.environ, "HOME": str(tmp_path)})
    try:
        eventually(lambda: _headers(port, "/"))
        for address, framed in (("/", "'self'"), ("/stories/story", "'self'"), ("/embed/story", "*")):
            assert _headers(port, address)["content-security-policy"].endswith(f"; frame-ancestors {framed}")
        (script,) = (tmp_path / "out" / "assets").glob("*/player/main.js")
        kept = _headers(port, f"/{script.relative_to(tmp_path / 'out')}")["cache-control"]
        assert kept == "public, max-age=31536000, immutable"
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _headers(port: int, address: str) -> dict[str, str]:
    """Those of a good answer; none while nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        assert answer.status == 200, address
        return {name.lower(): value for name, value in answer.getheaders()}
    except ConnectionRefusedError:
        return {}
    finally:
        connection.close()


def test_a_build_publishes_what_is_good_and_tells_what_is_not(folder: StationFolder, tmp_path: Path) -> None:
    in_order(folder)
    folder.raw("bad", "no header")
    done = run_command("-C", folder.root, "build", tmp_path / "out")
    assert done.code == 1
    assert done.err.startswith("error episodes/bad/episode.md:1 the first line is not `---`. Begin the file")
    assert b"The story of story" in built(tmp_path / "out")["/feeds/news.xml"]


def test_a_build_does_not_touch_a_folder_of_others(folder: StationFolder, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    done = run_command("-C", folder.root, "build", tmp_path / "out")
    words = f"{tmp_path}/out was not published: the folder is not empty and was not built by stationfeed"
    assert done == Run(3, "", f"stationfeed: {words}\n")
    assert built(tmp_path / "out") == {"/thesis.txt": b"mine"}


@pytest.mark.parametrize("out", [".", ".."])
def test_a_build_into_the_station_itself_is_refused(folder: StationFolder, out: str) -> None:
    folder.episode("story")
    before = sorted(path.name for path in folder.root.parent.rglob("*") if ".stationfeed" not in path.parts)
    done = run_command("build", out, cwd=folder.root)
    assert done.code == 3
    assert "the folder is not empty and was not built by stationfeed" in done.err
    assert (
        sorted(path.name for path in folder.root.parent.rglob("*") if ".stationfeed" not in path.parts)
        == before
    )


def test_a_build_for_another_address_says_that_address(folder: StationFolder, tmp_path: Path) -> None:
    in_order(folder)
    run_command("-C", folder.root, "build", tmp_path / "a", "--base-url", "https://staging.example")
    run_command(
        "-C",
        folder.root,
        "build",
        tmp_path / "b",
        environment={"STATIONFEED_BASE_URL": "https://staging.example"},
    )
    assert built(tmp_path / "a") == built(tmp_path / "b")
    news = built(tmp_path / "a")["/feeds/news.xml"]
    assert b"https://staging.example/feeds/news.xml" in news
    assert b"news.kxmp.example" not in news


# Wrong usage

WRONG: dict[str, tuple[list[str], str]] = {
    "no command": ([], "COMMAND [ARGS]"),
    "an unknown command": (["frobnicate"], "No such command 'frobnicate'."),
    "no folder to build": (["build"], "Missing argument 'OUT'."),
    "a file to build": (["build", "config.yaml"], "is a file."),
    "a port that is none": (["serve", "--port", "70000"], "Invalid value for '--port'"),
    "an address that is none": (
        ["build", "out", "--base-url", "ftp://x"],
        '--base-url: "ftp://x" is no full web address.',
    ),
    "nothing new": (["new"], "new [OPTIONS] COMMAND [ARGS]"),
    "a secret that is not there": (
        ["serve"],
        "STATIONFEED_OPERATOR_TOKEN_FILE: /nowhere/token cannot be read (No such file",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_usage_is_told_and_ends_with_2(folder: StationFolder, kind: str) -> None:
    arguments, words = WRONG[kind]
    token = (
        {"STATIONFEED_OPERATOR_TOKEN_FILE": "/nowhere/token"} if kind == "a secret that is not there" else {}
    )
    done = run_command(*arguments, cwd=folder.root, environment={**token, "COLUMNS": "200"})
    assert done.code == 2
    assert words in done.err + done.out


def test_an_address_of_another_machine_is_a_failure_of_the_work(folder: StationFolder) -> None:
    done = run_command("-C", folder.root, "serve", "--host", "no.such.host.invalid", "--port", "0")
    assert done.code == 3
    assert "cannot listen on no.such.host.invalid" in done.err


def test_the_version_is_said() -> None:
    assert run_command("--version").out.strip().count(".") == 2
