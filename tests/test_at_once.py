"""What the server writes without asking its app is what the app would say."""

from __future__ import annotations

import gzip
import os
import re
import socket
from typing import TYPE_CHECKING

import pytest

from tests.audio_files import silent_frames
from tests.serving import PATIENCE_SECONDS, Answer, Server, eventually, serving
from tests.stations import make_station

if TYPE_CHECKING:
    from collections.abc import Iterator

SOUND = silent_frames(20_000)
FEED = "/feeds/news.xml"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A feed larger than what a socket takes at once, and audio of several blocks."""
    folder = make_station(tmp_path_factory.mktemp("at-once") / "station")
    folder.put("tool-library", "segment.mp3", SOUND)
    folder.episode("tool-library", "audio: {file: segment.mp3}\n")
    for number in range(60):
        folder.episode(f"story-{number}", published_at=f"2026-03-01T08:{number:02}Z", body=_noise(number))
    with serving(folder.root) as running:
        running.ask(audio_of(running))  # what was asked for once is kept
        for path in (FEED, audio_of(running)):
            eventually(lambda path=path: running.ask(path)["last-modified"])  # type: ignore[misc]
        yield running


def _noise(seed: int) -> str:
    """Words that hardly compress."""
    number, words = seed + 1, []
    for _ in range(2800):
        number = number * 6364136223846793005 % (1 << 64)
        words.append(f"{number:x}")
    return " ".join(words) + "\n"


def audio_of(server: Server) -> str:
    found = re.search(r'/media/tool-library/[^"]*\.mp3', server.text(FEED))
    assert found
    return found[0]


def conditions(server: Server, path: str) -> dict[str, dict[str, str]]:
    first = server.ask(path)
    packed = server.ask(path, {"Accept-Encoding": "gzip"})
    return {
        "nothing asked": {},
        "gzip": {"Accept-Encoding": "gzip"},
        "the tag": {"If-None-Match": first.said("etag")},
        "the tag of gzip": {"If-None-Match": packed.said("etag"), "Accept-Encoding": "gzip"},
        "another tag": {"If-None-Match": '"another"'},
        "the date": {"If-Modified-Since": first.said("last-modified")},
        "an old date": {"If-Modified-Since": "Mon, 05 Jan 2026 08:00:00 GMT"},
        "the first bytes": {"Range": "bytes=0-99"},
        "the last bytes": {"Range": "bytes=-1000"},
        "more than a block": {"Range": f"bytes=5-{len(SOUND) - 7}"},
        "two ranges": {"Range": "bytes=0-9,20-29"},
        "no such bytes": {"Range": f"bytes={len(SOUND) + 10}-"},
        "bytes of another version": {"Range": "bytes=0-99", "If-Range": '"another"'},
        "bytes of this version": {"Range": "bytes=0-99", "If-Range": first.said("etag")},
    }


def without_boundary(answer: Answer) -> tuple[object, ...]:
    """Parts have a line of their own between them, made anew each time."""
    found = re.search(r"boundary=(\w+)", str(answer.headers))
    text = repr(answer.but_for_date)
    return answer.status, text.replace(found[1], "") if found else text


@pytest.mark.parametrize("kind", ["feed", "audio"])
def test_an_answer_given_at_once_is_the_app_s(server: Server, kind: str) -> None:
    path = FEED if kind == "feed" else audio_of(server)
    for asked, headers in conditions(server, path).items():
        at_once, by_app = server.ask(path, headers), server.ask(f"{path}?by-the-app", headers)
        assert without_boundary(at_once) == without_boundary(by_app), asked


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_a_feed_reaches_a_slow_reader_whole(server: Server, coding: str) -> None:
    whole = server.ask(FEED + "?by-the-app").body
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.settimeout(PATIENCE_SECONDS)
        listener.connect(("127.0.0.1", server.port))
        asked = f"GET {FEED} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {coding}\r\n\r\n"
        listener.sendall((asked * 3).encode())
        received = b""
        for _ in range(3):
            head, _, received = _until(listener, received, b"\r\n\r\n").partition(b"\r\n\r\n")
            length = int(re.findall(rb"content-length: (\d+)", head)[0])
            assert length > 64 * 1024
            while len(received) < length:
                received += listener.recv(1000)
            body, received = received[:length], received[length:]
            assert (gzip.decompress(body) if coding == "gzip" else body) == whole


def _until(connection: socket.socket, received: bytes, ending: bytes) -> bytes:
    while ending not in received:
        chunk = connection.recv(1000)
        assert chunk, "closed too early"
        received += chunk
    return received


def test_answers_at_once_and_by_the_app_come_in_the_order_of_their_requests(server: Server) -> None:
    paths = [FEED, "/nothing", audio_of(server), "/healthz", FEED, "/feeds.opml", "/nothing"] * 3
    asked = "".join(
        f"GET {path} HTTP/1.1\r\nHost: a\r\n"
        f"{'Range: bytes=0-9' if 'media' in path else 'If-None-Match: *'}\r\n\r\n"
        for path in paths
    )
    last = "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = server.raw((asked + last).encode())
    wanted = {FEED: "304", "/nothing": "404", "/healthz": "200", "/feeds.opml": "304"}
    statuses = [one.decode() for one in re.findall(rb"HTTP/1\.1 (\d+)", answer)]
    assert statuses == [wanted.get(path, "206") for path in paths] + ["404"]


def test_nobody_is_told_of_listeners_that_leave(server: Server) -> None:
    for path in (FEED, audio_of(server), audio_of(server) + "?by-the-app"):
        for _ in range(20):
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                listener.connect(("127.0.0.1", server.port))
                listener.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
                assert listener.recv(100)
    assert server.ask(FEED).status == 200
    assert "ERROR" not in server.log


def test_a_body_on_a_get_is_read_before_the_next_request(server: Server) -> None:
    asked = f"GET {FEED} HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nContent-Length: 4\r\n\r\nGET "
    last = "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = server.raw((asked + last).encode())
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"304", b"404"]


def test_a_file_written_to_while_it_is_kept_open_is_not_sent_under_its_old_tag(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = make_station(tmp_path_factory.mktemp("replaced") / "station")
    sound = folder.put("tool-library", "segment.mp3", SOUND)
    folder.episode("tool-library", "audio: {file: segment.mp3}\n")
    with serving(folder.root) as running:
        path, asked = audio_of(running), {"Range": "bytes=-100"}
        for _ in range(2):
            assert running.ask(path, asked).body == SOUND[-100:]
        with sound.open("r+b") as file:
            file.seek(-100, os.SEEK_END)
            file.write(b"\x55" * 100)
        answer = eventually(lambda: _moved(running, path, asked))
        assert answer.status == 301
        assert running.ask(audio_of(running), asked).body == b"\x55" * 100


def _moved(server: Server, path: str, asked: dict[str, str]) -> Answer | None:
    answer = server.ask(path, asked)
    assert answer.status in (301, 503)
    return answer if answer.status == 301 else None
