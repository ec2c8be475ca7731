"""What a source says is playing: pages and streams as servers send them, and a real Icecast."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import pytest

from stationfeed.errors import SourceError
from stationfeed.model.station import NowPlayingSource
from stationfeed.model.words import Url
from stationfeed.sources.fetch import Fetcher
from stationfeed.sources.icecast import read_status
from stationfeed.sources.now_playing import Heard, ask
from stationfeed.sources.wording import clean_title
from tests.outside import Icecast, Reply, icecast, icy_stream, says, site, speaker, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = Url("http://radio.example/status-json.xsl")
FM = {"listenurl": "http://localhost:8000/fm.mp3", "server_name": "KXMP", "title": "Ada - Song"}
HD = {"listenurl": "http://localhost:8000/hd.mp3", "server_name": "KXMP HD", "title": "Bach - Fugue"}


# Titles


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        ("Ada - Song", "Ada - Song"),
        ("  Ada \t\r\n -  Song\0", "Ada - Song"),
        ("AT&amp;T &quot;live&quot; &#39;26", 'AT&T "live" \'26'),
        ("&amp;amp;", "&amp;"),
        ("Rock &notes", "Rock &notes"),
        ("A <3 B", "A <3 B"),
        ("A &lt;3 B > C", "A <3 B > C"),
        ("Song <Remix>", "Song <Remix>"),
        ("<b>Ada</b> <A HREF='x'>Song</a><br/>live", "Ada Song live"),
        ("&lt;script src=x&gt;Song&lt;/script&gt;", "Song"),
        ("Song<!-- spot -->", "Song"),
        ("So\u202eng \u2066here\u2069\ufeff\u200b", "Song here"),
        ("So\ud800ng\uffff", "Song"),
        ("\u0645\u0631\u062d\u0628\u0627", "\u0645\u0631\u062d\u0628\u0627"),
        ("\U0001f469\u200d\U0001f3a4 \u266b", "\U0001f469\u200d\U0001f3a4 \u266b"),
        ("!!!", "!!!"),
        ("?", "?"),
        ("", None),
        (" - ", None),
        ("\u2013", None),
        ("\0\x01\u202e", None),
        ("\ufffd\ufffd", None),
        ("<b></b>", None),
        ("&nbsp;", None),
    ],
)
def test_a_title_is_one_line_of_plain_text(sent: str, title: str | None) -> None:
    assert clean_title(sent) == title


def test_a_long_text_of_openings_takes_no_time() -> None:
    assert clean_title("<a " * 100_000 + "x") == "<a " * 100_000 + "x"


# Icecast's page


def source_at(mount: str | None, url: str = URL) -> NowPlayingSource:
    return NowPlayingSource(source="icecast", url=Url(url), mount=mount, allow_private=True)


def page(source: object) -> bytes:
    return json.dumps({"icestats": {"admin": "a@b.example", "source": source}}).encode()


def heard(body: bytes, mount: str | None = "/fm.mp3") -> Heard | None:
    return read_status(body, source_at(mount))


def misread(body: bytes, mount: str | None = "/fm.mp3") -> str:
    with pytest.raises(SourceError) as caught:
        read_status(body, source_at(mount))
    assert caught.value.url == URL
    return caught.value.reason


@pytest.mark.parametrize("mount", ["/fm.mp3", "fm.mp3"])
def test_the_title_of_the_mount_is_heard(mount: str) -> None:
    assert heard(page([HD, FM]), mount) == Heard(title="Ada - Song")
    assert heard(page(FM), mount) == Heard(title="Ada - Song")


def test_without_a_mount_the_only_source_is_meant() -> None:
    assert heard(page([FM]), None) == heard(page(FM), None) == Heard(title="Ada - Song")
    assert misread(page([FM, HD]), None) == "has 2 sources; say which mount is meant"
    assert misread(page([]), None) == "has no source"


def test_an_artist_who_was_told_apart_stays_so() -> None:
    assert heard(page(FM | {"title": "1999", "artist": "Prince"})) == Heard(title="1999", artist="Prince")
    assert heard(page(FM | {"title": "", "artist": "Prince"})) is None


def test_a_source_without_a_title_plays_nothing_known() -> None:
    for title in ("", " - ", None, ["a"], {"a": 1}):
        assert heard(page(FM | {"title": title})) is None
    assert heard(page({"listenurl": FM["listenurl"]})) is None


def test_a_title_that_looks_like_a_number_keeps_its_digits() -> None:
    body = b'{"icestats":{"source":{"listenurl":"http://h/fm.mp3","title":%b}}}'
    for digits in (b"1999", b"1.50", b"1e5", b"9" * 400, b"true", b"false"):
        assert heard(body % digits) == Heard(title=digits.decode())


@pytest.mark.parametrize(
    "body", [page([HD]), page([]), b'{"icestats":{"dummy":null}}', page([1, None, "x", HD])]
)
def test_a_mount_that_is_not_there_is_off_air(body: bytes) -> None:
    assert misread(body) == "has no source at /fm.mp3"


def test_a_mount_that_is_there_twice_is_told() -> None:
    assert misread(page([FM, FM])) == "has 2 sources at /fm.mp3; say which mount is meant"


@pytest.mark.parametrize("listenurl", [None, 7, "http://[", ""])
def test_a_source_that_does_not_say_where_it_is_heard_is_passed_over(listenurl: object) -> None:
    assert misread(page([FM | {"listenurl": listenurl}])) == "has no source at /fm.mp3"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Not found</html>",
        b'{"icestats":{"source":{"title":"He said "hi"","listenurl":"http://h/fm.mp3"}}}',
        b'{"icestats":{"source":{"title":-,"listenurl":"http://h/fm.mp3"}}}',
        b'{"icestats":{"source":{"title":NaN,"listenurl":"http://h/fm.mp3"}}}',
        b'{"icestats":{"source":{"title":"a","title":"b","listenurl":"http://h/fm.mp3"}}}',
        b'{"icestats":{"source":{}},"icestats":{}}',
        b'{"icestats":{"source":{"title":"a\nb","listenurl":"http://h/fm.mp3"}}}',
        b"[" * 100_000,
        b'{"icestats":' * 50_000,
        page(FM) + b"x",
        page(FM)[:-1],
    ],
    ids=range(12),
)
def test_a_page_that_is_no_json_is_told(body: bytes) -> None:
    assert misread(body) == "sent a status page that is not valid JSON"


def test_a_page_in_another_alphabet_is_told_rather_than_misread() -> None:
    body = '{"icestats":{"source":{"title":"caf\xe9","listenurl":"http://h/fm.mp3"}}}'.encode("latin-1")
    assert misread(body) == "sent a status page that is not UTF-8"


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'"x"', b"{}", b'{"icestats":[]}', b'{"icestats":null}', b"7"]
)
def test_a_page_of_something_else_is_told(body: bytes) -> None:
    assert misread(body) == "sent a page that is no Icecast status"


def test_a_title_out_of_all_bounds_is_told() -> None:
    assert heard(page(FM | {"title": "x" * 500})) == Heard(title="x" * 500)
    assert misread(page(FM | {"title": "x" * 501})) == "sent a title of 501 characters"
    assert misread(page(FM | {"artist": "x" * 501})) == "sent a title of 501 characters"


def test_other_keys_may_stand_there_twice() -> None:
    body = b'{"icestats":{"source":{"a":1,"a":2,"title":"A","listenurl":"http://h/fm.mp3"}}}'
    assert heard(body) == Heard(title="A")


def test_the_page_is_fetched() -> None:
    with site({"/status": Reply(body=page(FM)), "/big": Reply(body=bytes(256 * 1024 + 1))}) as server:
        source = source_at("/fm.mp3", f"{server.url}/status")
        assert ask(source, Fetcher()) == Heard(title="Ada - Song")
        for path, reason in (("/big", "sent more than 256 KB"), ("/no", "answered 404")):
            with pytest.raises(SourceError, match=reason):
                ask(source_at("/fm.mp3", server.url + path), Fetcher())


def test_a_private_server_is_asked_only_where_that_is_allowed() -> None:
    kinds: tuple[Literal["icecast", "icy"], ...] = ("icecast", "icy")
    for kind in kinds:
        source = NowPlayingSource(source=kind, url=Url("http://127.0.0.1:1/"))
        with pytest.raises(SourceError, match="is a private address"):
            ask(source, Fetcher())


# Titles inside streams


def icy(url: str) -> NowPlayingSource:
    return NowPlayingSource(source="icy", url=Url(url), allow_private=True)


def heard_in(said: bytes) -> Heard | None:
    with speaker(says(said)) as url:
        return ask(icy(url), Fetcher())


def misheard(said: bytes) -> str:
    with pytest.raises(SourceError) as caught:
        heard_in(said)
    return caught.value.reason


@pytest.mark.parametrize(
    ("block", "title"),
    [
        (b"StreamTitle='Ada - Song';", "Ada - Song"),
        (b"StreamTitle='Ada - Song';StreamUrl='http://x/';", "Ada - Song"),
        (b"StreamUrl='';StreamTitle='Ada - Song';", "Ada - Song"),
        (b"StreamTitle='It's a'; 'b';StreamUrl='x';", "It's a'; 'b"),
        (b"StreamTitle='Rock 'n' Roll'", "Rock 'n' Roll"),
        ("StreamTitle='Caf\xe9 \u266b';".encode(), "Caf\xe9 \u266b"),
        ("StreamTitle='Caf\xe9';".encode("latin-1"), "Caf\xe9"),
        (b"StreamTitle='Don\x92t';", "Don\u2019t"),
        (b"StreamTitle='<b>A</b> &amp; B\x01';", "A & B"),
        (b"StreamTitle='" + b"x" * 500 + b"';", "x" * 500),
    ],
)
def test_a_title_is_heard_in_the_stream(block: bytes, title: str) -> None:
    assert heard_in(icy_stream(16, block)) == Heard(title=title)


def test_titles_are_asked_for() -> None:
    headers = {"icy-metaint": "1"}
    with site({"/": Reply(headers=headers, body=b"x\x02StreamTitle='A';".ljust(34, b"\0"))}) as server:
        assert ask(icy(f"{server.url}/"), Fetcher()) == Heard(title="A")
    assert server.asked[0][1]["icy-metadata"] == "1"


def test_the_first_title_that_says_something_counts() -> None:
    stream = icy_stream(64 * 1024, b"", b"StreamTitle='';", b"StreamUrl='x';", b"StreamTitle='Song';")
    assert heard_in(stream) == Heard(title="Song")


def test_a_stream_that_says_nothing_plays_nothing_known() -> None:
    assert heard_in(icy_stream(64 * 1024, b"", b"", b"", b"", b"StreamTitle='Late';")) is None
    assert heard_in(icy_stream(1, b"StreamTitle=' - ';")) is None


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n" + bytes(100), "sends no titles inside its stream"),
        (icy_stream(0, b"StreamTitle='A';"), "sends titles at an impossible distance, '0'"),
        (icy_stream(65_537, b"StreamTitle='A';"), "sends titles at an impossible distance, '65537'"),
        (b"HTTP/1.0 200 OK\r\nicy-metaint: -1\r\n\r\n", "sends titles at an impossible distance, '-1'"),
        (b"HTTP/1.0 200 OK\r\nicy-metaint: \xb2\r\n\r\n", "sends titles at an impossible distance, '\xb2'"),
        (b"HTTP/1.0 200 OK\r\nicy-metaint:\r\n\r\n", "sends titles at an impossible distance, ''"),
        (icy_stream(16, b"StreamTitle='A';")[:-3], "broke off in the middle of its answer"),
        (icy_stream(16, b"StreamTitle='A'; and"), "sent a title that breaks off"),
        (icy_stream(16, b"StreamTitle='A"), "sent a title that breaks off"),
        (icy_stream(16, b"StreamTitle='" + b"x" * 3_000 + b"';"), "sent a title of 3000 characters"),
        (
            b"ICY 200 OK\r\nicy-metaint: 1\r\n\r\n",
            "answers as SHOUTcast 1 does, which is not understood here",
        ),
        (b"HTTP/1.0 404 Not Found\r\n\r\n", "answered 404"),
    ],
    ids=range(12),
)
def test_a_stream_of_something_else_is_told(said: bytes, reason: str) -> None:
    assert misheard(said) == reason


# A real Icecast


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Icecast]:
    with icecast(tmp_path) as running:
        yield running


def asked_of(server: Icecast, kind: Literal["icecast", "icy"]) -> Heard | str | None:
    """What is heard there, or why nothing is; another exception fails the test."""
    url = server.status_url if kind == "icecast" else server.stream_url
    try:
        return ask(
            NowPlayingSource(source=kind, url=Url(url), mount="/fm.mp3", allow_private=True), Fetcher()
        )
    except SourceError as error:
        return error.reason


def wait_until(server: Icecast, *, page: Heard | str | None, stream: Heard | str | None) -> None:
    wait_for(lambda: asked_of(server, "icecast"), page)
    wait_for(lambda: asked_of(server, "icy"), stream)


def test_icecast_tells_titles_as_they_change_and_as_the_source_goes_and_comes(server: Icecast) -> None:
    off_air, not_found = "has no source at /fm.mp3", "answered 404"
    wait_until(server, page=off_air, stream=not_found)
    with server.sending():
        wait_until(server, page=None, stream=None)
        for heard in (Heard(title="Ada - Song"), Heard(title="Bach - Fugue")):
            server.set_title(heard.title)
            wait_until(server, page=heard, stream=heard)
    wait_until(server, page=off_air, stream=not_found)
    with server.sending():
        server.set_title("Back")
        wait_until(server, page=Heard(title="Back"), stream=Heard(title="Back"))


def test_odd_titles_come_through_a_real_icecast_as_plain_text(server: Icecast) -> None:
    odd = ['It\'s "quoted" \\ back', "caf\xe9 \u266b \U0001f600", "1999", "007", "1.50", "1e5", "true", "NaN"]
    changed = {"<b>Ada</b> &amp; A <3 B": "Ada & A <3 B", "a\nb\tc": "a b c", "so\u202eng": "song"}
    with server.sending():
        for sent, title in [*((same, same) for same in odd), *changed.items()]:
            server.set_title(sent)
            wait_until(server, page=Heard(title=title), stream=Heard(title=title))


def test_titles_that_cannot_be_trusted_are_told(server: Icecast) -> None:
    with server.sending():
        server.set_title("x" * 3_000)
        too_long = "sent a title of 3000 characters"
        wait_until(server, page=too_long, stream=too_long)
        server.set_title("-")  # of which Icecast 2.4 makes a number
        wait_until(server, page="sent a status page that is not valid JSON", stream=None)


def test_titles_in_other_alphabets_are_never_a_failure_of_ours(server: Icecast) -> None:
    with server.sending():
        for title in (b"caf\xe9", b"\xff\xfe\x00\x01", b"\xed\xa0\x80", b"';StreamUrl='x", b"\xc3"):
            server.set_title("before")
            wait_until(server, page=Heard(title="before"), stream=Heard(title="before"))
            server.set_title(title)
            wait_for(lambda: asked_of(server, "icecast") != Heard(title="before"), wanted=True)
            wait_for(lambda: asked_of(server, "icy") != Heard(title="before"), wanted=True)
