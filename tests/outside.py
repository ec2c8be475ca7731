"""Servers of other people: an HTTP server that answers from a table, one that says any bytes, and a real Icecast."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from base64 import b64encode
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PATIENCE_S = 20.0
_PIECE_BYTES = 4_000
EVERY_S = 0.05
_PASSWORD = "pw"
_AUTHORIZATION = f"Basic {b64encode(f'source:{_PASSWORD}'.encode()).decode()}"


@dataclass(frozen=True)
class Reply:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Site:
    """A web site at `url`; `asked` are the paths and headers of what came in."""

    url: str
    replies: dict[str, Reply]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def site(replies: dict[str, Reply]) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            reply = here.replies.get(self.path, Reply(404))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):
                self.wfile.write(reply.body)

        def log_message(self, *_said: object) -> None:
            """Tests look at `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    here = Site(f"http://127.0.0.1:{server.server_port}", replies)
    with running(lambda: server.serve_forever(0.01)):
        try:
            yield here
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def speaker(speak: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a server that reads one question and then says what it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                connection.settimeout(PATIENCE_S)
                with tls.wrap_socket(connection, server_side=True) if tls else connection as ready:
                    ready.recv(65536)
                    speak(ready)

        with running(answer):
            try:
                yield f"{'https' if tls else 'http'}://127.0.0.1:{listener.getsockname()[1]}/"
            finally:
                listener.shutdown(socket.SHUT_RDWR)


@contextmanager
def running(work: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def says(*pieces: bytes, every_s: float = 0.0) -> Callable[[socket.socket], None]:
    def speak(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(every_s)

    return speak


def waits(connection: socket.socket) -> None:
    """Says nothing until the other end has gone."""
    connection.recv(1)


def trickles(start: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """Says the start, and then a drop at a time without end."""

    def speak(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(drop)
            time.sleep(EVERY_S)

    return speak


class Names:
    """What a resolver says: each name's answers in turn, the last again and again; and where addresses lead to."""

    def __init__(self, names: Mapping[str, tuple[str, ...]], roads: Mapping[str, str]) -> None:
        self.looked_up: list[str] = []
        self._names = {name: list(answers) for name, answers in names.items()}
        self._roads = roads
        self._system = socket.getaddrinfo

    def getaddrinfo(self, host: str, port: int | None, *args: int, **kwargs: int) -> object:
        self.looked_up.append(host)
        answers = self._names.get(host)
        answer = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else host
        found = self._roads.get(answer, answer) if answer == host else answer
        return self._system(found, port, *args, **kwargs)


def wait_for(check: Callable[[], object], wanted: object) -> None:
    ends_at = time.monotonic() + PATIENCE_S
    while (found := check()) != wanted:
        assert time.monotonic() < ends_at, f"still {found!r}, not {wanted!r}"
        time.sleep(EVERY_S)


_CONFIG = """<icecast>
<limits><source-timeout>5</source-timeout><burst-on-connect>0</burst-on-connect></limits>
<authentication><source-password>{password}</source-password><admin-user>admin</admin-user>
<admin-password>{password}</admin-password></authentication>
<hostname>localhost</hostname>
<listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><basedir>/usr/share/icecast2</basedir><logdir>{folder}</logdir>
<webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>-</accesslog><errorlog>-</errorlog></logging>
<security><chroot>0</chroot><changeowner><user>nobody</user><group>nogroup</group></changeowner></security>
</icecast>"""


class Icecast:
    """A real Icecast server with a mount `/fm.mp3`, whose sound this process sends."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.status_url = f"http://127.0.0.1:{port}/status-json.xsl"
        self.stream_url = f"http://127.0.0.1:{port}/fm.mp3"

    def set_title(self, title: str | bytes) -> None:
        query = urlencode({"mount": "/fm.mp3", "mode": "updinfo", "song": title, "charset": "UTF-8"})
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)) as connection:
            connection.request("GET", f"/admin/metadata?{query}", headers={"Authorization": _AUTHORIZATION})
            assert b"Metadata update successful" in connection.getresponse().read()

    @contextmanager
    def sending(self, sound: bytes = bytes(4_000), bytes_a_second: int = 400_000) -> Iterator[None]:
        """A source that sends a sound again and again, as fast as that, until it is over.

        What it sends by default is no sound, and quicker than anyone would play it.
        """
        over = threading.Event()
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(
                b"SOURCE /fm.mp3 HTTP/1.0\r\nContent-Type: audio/mpeg\r\nAuthorization: %s\r\n\r\n"
                % _AUTHORIZATION.encode()
            )
            assert b"200 OK" in connection.recv(1024)

            def send() -> None:
                pieces = cycle([sound[at : at + _PIECE_BYTES] for at in range(0, len(sound), _PIECE_BYTES)])
                with suppress(OSError):
                    while not over.wait(_PIECE_BYTES / bytes_a_second):
                        connection.sendall(next(pieces))

            with running(send):
                try:
                    yield
                finally:
                    over.set()


@contextmanager
def icecast(folder: Path) -> Iterator[Icecast]:
    """Skips, aloud, where there is none."""
    program = shutil.which("icecast2", path="/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("icecast2 is not installed (apt-get install icecast2): the Icecast tests did NOT run")
    port = _free_port()
    config = folder / "icecast.xml"
    config.write_text(_CONFIG.format(port=port, folder=folder, password=_PASSWORD))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
    try:
        wait_for(lambda: process.poll() is None and _is_open(port), wanted=True)
        yield Icecast(port)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def icy_stream(interval: int, *blocks: bytes) -> bytes:
    """An ICY answer: sound of so many bytes before each block of text."""
    head = b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-metaint: %d\r\n\r\n" % interval
    return head + b"".join(bytes(interval) + _icy_block(block) for block in blocks)


def _icy_block(text: bytes) -> bytes:
    units = -(-len(text) // 16)
    return bytes([units]) + text.ljust(units * 16, b"\0")
