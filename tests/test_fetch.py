"""What is fetched from outside: from where it may come, how much, how long, and what is said where it does not."""

from __future__ import annotations

import gc
import gzip
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stationfeed import __version__
from stationfeed.errors import SourceError
from stationfeed.sources.backoff import wait_s
from stationfeed.sources.fetch import Fetched, Fetcher, FetchLimits
from tests.outside import Names, Reply, Site, says, site, speaker, trickles, waits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMITS = FetchLimits(size_bytes=2048, whole_s=10, wait_s=10)
HURRY = FetchLimits(size_bytes=2048, whole_s=0.4, wait_s=5)
IMPATIENT = FetchLimits(size_bytes=2048, whole_s=5, wait_s=0.3)
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def outside() -> Iterator[Site]:
    with site({"/": Reply(body=b"hello"), "/secret": Reply(body=b"secret")}) as here:
        yield here


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def get(url: str, limits: FetchLimits = LIMITS) -> Fetched:
    return Fetcher().get(url, limits=limits, allow_private=True)


def refused(url: str, limits: FetchLimits = LIMITS, *, allow_private: bool = True) -> str:
    with pytest.raises(SourceError) as caught:
        Fetcher().get(url, limits=limits, allow_private=allow_private)
    assert caught.value.url == url
    return caught.value.reason


def refused_from(speak: Callable[[socket.socket], None], limits: FetchLimits = LIMITS) -> str:
    with speaker(speak) as url:
        return refused(url, limits)


# What is asked and what comes


def test_an_answer_comes_whole_with_what_it_said_of_itself(outside: Site) -> None:
    outside.replies["/feed"] = Reply(
        headers={"Content-Type": "Application/XML; charset=x", "ETag": '"1"', "Last-Modified": "then"},
        body=b"x" * 2048,
    )
    assert get(f"{outside.url}/feed") == Fetched(
        body=b"x" * 2048, media_type="application/xml", etag='"1"', last_modified="then"
    )


def test_a_question_says_who_asks_and_wants_nothing_compressed(outside: Site) -> None:
    get(f"{outside.url}/")
    assert outside.asked == [
        (
            "/",
            {
                "host": outside.url.removeprefix("http://"),
                "user-agent": f"stationfeed/{__version__}",
                "accept": "*/*",
                "accept-encoding": "identity",
                "connection": "close",
            },
        )
    ]


def test_headers_given_along_are_sent(outside: Site) -> None:
    Fetcher().get(f"{outside.url}/", limits=LIMITS, allow_private=True, headers={"Icy-MetaData": "1"})
    assert outside.asked[0][1]["icy-metadata"] == "1"


def test_what_has_not_changed_is_not_sent_again(outside: Site) -> None:
    outside.replies["/"] = Reply(304)
    known = Fetched(body=b"", etag='"1"', last_modified="then")
    found = Fetcher().get(f"{outside.url}/", limits=LIMITS, allow_private=True, validators=known.validators)
    assert (found.is_unchanged, found.body, found.validators) == (True, b"", ('"1"', "then"))
    assert outside.asked[0][1]["if-none-match"] == '"1"'
    assert outside.asked[0][1]["if-modified-since"] == "then"


def test_unchanged_is_no_answer_for_who_knows_nothing(outside: Site) -> None:
    outside.replies["/"] = Reply(304)
    assert refused(f"{outside.url}/") == "answered 304"


@pytest.mark.parametrize("etag", ["x" * 1_001, '"\xe9"'])
def test_a_validator_that_cannot_be_sent_back_is_forgotten(outside: Site, etag: str) -> None:
    outside.replies["/"] = Reply(headers={"ETag": etag}, body=b"new")
    assert get(f"{outside.url}/").validators == (None, None)


def test_cookies_are_not_kept(outside: Site) -> None:
    outside.replies["/"] = Reply(302, {"Set-Cookie": "a=b; Path=/", "Location": "/secret"})
    fetcher = Fetcher()
    for _ in range(2):
        fetcher.get(f"{outside.url}/", limits=LIMITS, allow_private=True)
    assert all("cookie" not in headers for _, headers in outside.asked)


def test_the_proxy_of_the_environment_is_passed_by(outside: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with site({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert get(f"{outside.url}/").body == b"hello"
        assert refused(f"{outside.url}/", allow_private=False) == "is a private address"
    assert proxy.asked == []


def test_the_passwords_of_netrc_are_not_sent(
    outside: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    get(f"{outside.url}/")
    assert "authorization" not in outside.asked[0][1]


# Where it may go


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "localhost", "0", "0.0.0.0"),
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1", "240.0.0.1"),
        *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]"),
        *("[2002:7f00:1::]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[ff02::1]", "[5f00::1]", "[3fff::1]"),
        *("192.0.0.8", "198.18.0.1", "255.255.255.255", "[2001::1]"),
    ],
)
def test_a_private_address_is_not_asked(host: str) -> None:
    assert refused(f"http://{host}/", allow_private=False) == "is a private address"


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "[64:ff9b::7f00:1]", "[::7f00:1]"]
)
def test_some_addresses_are_never_asked(host: str) -> None:
    assert refused(f"http://{host}/") == "is an address that is never asked"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1"])
def test_a_private_address_is_asked_where_that_is_allowed(outside: Site, host: str) -> None:
    port = outside.url.rpartition(":")[2]
    assert get(f"http://{host}:{port}/").body == b"hello"
    assert outside.asked[0][1]["host"] == f"{host}:{port}"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "example.org",
        "",
        "http://",
        "http://[",
        "http://a:x/",
        "http://a/\ud800",
    ],
)
def test_only_the_web_is_asked(url: str) -> None:
    assert refused(url) == "is no web address"


@pytest.mark.parametrize(
    "url", ["http://ada@127.0.0.1/", "https://ada:pw@127.0.0.1/", "http://a\\@127.0.0.1/"]
)
def test_an_address_with_a_password_is_not_asked(url: str) -> None:
    assert refused(url) == "is an address with a password in it"


def test_a_name_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_asked: object, **_options: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    for allow_private in (False, True):
        reason = refused("http://gone.example/", allow_private=allow_private)
        assert reason == "has a host name that nobody knows"


def test_a_name_that_cannot_be_one_is_told() -> None:
    for allow_private in (False, True):
        assert (
            refused(f"http://{'a' * 64}.example/", allow_private=allow_private) == "gave no readable answer"
        )


PUBLIC = "93.184.215.14"


@pytest.fixture
def names(outside: Site, monkeypatch: pytest.MonkeyPatch) -> Names:
    """A public name whose address leads to `outside`, and one that turns to this machine once it was looked at."""
    told = {
        "www.example.org": (PUBLIC,),
        "flips.example": (PUBLIC, "127.0.0.1"),
        "inside.example": ("10.0.0.1",),
    }
    resolver = Names(told, roads={PUBLIC: "127.0.0.1"})
    monkeypatch.setattr(socket, "getaddrinfo", resolver.getaddrinfo)
    return resolver


def port_of(outside: Site) -> str:
    return outside.url.rpartition(":")[2]


def test_a_public_address_is_asked(outside: Site, names: Names) -> None:
    url = f"http://www.example.org:{port_of(outside)}/"
    assert Fetcher().get(url, limits=LIMITS).body == b"hello"
    assert outside.asked[0][1]["host"] == f"www.example.org:{port_of(outside)}"


def test_the_address_that_was_looked_at_is_the_one_connected_to(outside: Site, names: Names) -> None:
    assert Fetcher().get(f"http://flips.example:{port_of(outside)}/", limits=LIMITS).body == b"hello"
    assert names.looked_up == ["flips.example", PUBLIC]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "inside.example", "169.254.169.254", "[::1]"])
def test_a_redirect_inside_is_not_followed(outside: Site, names: Names, status: int, host: str) -> None:
    outside.replies["/"] = Reply(status, {"Location": f"http://{host}:{port_of(outside)}/secret"})
    url = f"http://www.example.org:{port_of(outside)}/"
    assert refused(url, allow_private=False) == "redirects to a private address"
    assert [path for path, _ in outside.asked] == ["/"]


def test_a_redirect_inside_is_followed_where_that_is_allowed(outside: Site, names: Names) -> None:
    outside.replies["/"] = Reply(302, {"Location": f"{outside.url}/secret"})
    assert get(f"http://www.example.org:{port_of(outside)}/").body == b"secret"


# Redirects


def test_redirects_are_followed_up_to_their_number(outside: Site) -> None:
    outside.replies |= {f"/{n}": Reply(302, {"Location": f"{n + 1}"}) for n in range(1, 5)}
    outside.replies["/5"] = Reply(body=b"there")
    assert get(f"{outside.url}/2").body == b"there"
    assert refused(f"{outside.url}/1") == "redirects more than 3 times"


def test_a_redirect_may_hold_letters_of_any_language(outside: Site) -> None:
    outside.replies["/"] = Reply(302, {"Location": "/caf\xc3\xa9"})
    outside.replies["/caf%C3%A9"] = Reply(body=b"there")
    assert get(f"{outside.url}/").body == b"there"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "redirects to no web address"),
        ("http://[", "redirects to no web address"),
        ("gopher://127.0.0.1/", "redirects to no web address"),
        ("http://ada:pw@127.0.0.1/", "redirects to an address with a password in it"),
        ("http://169.254.169.254/", "redirects to an address that is never asked"),
    ],
)
def test_a_redirect_out_of_the_web_is_told(outside: Site, location: str, reason: str) -> None:
    outside.replies["/"] = Reply(302, {"Location": location})
    assert refused(f"{outside.url}/") == reason


def test_a_redirect_to_nowhere_is_told() -> None:
    assert refused_from(says(b"HTTP/1.1 302 Found\r\n\r\n")) == "redirects without saying where to"


def test_what_a_redirect_says_besides_is_not_read(outside: Site) -> None:
    endless = trickles(b"HTTP/1.1 302 Found\r\nLocation: %s/\r\n\r\n" % outside.url.encode(), b"x")
    with speaker(endless) as url:
        assert get(url, FetchLimits(size_bytes=2048, whole_s=3, wait_s=3)).body == b"hello"


# How much


@pytest.mark.parametrize("length", [True, False])
def test_more_than_is_allowed_is_refused(length: bool) -> None:
    said = b"Content-Length: 2049\r\n" if length else b""
    assert refused_from(says(OK + said + b"\r\n" + b"x" * 2049)) == "sent more than 2 KB"


def test_what_says_that_it_is_too_large_is_not_waited_for() -> None:
    assert refused_from(trickles(OK + b"Content-Length: 99999999\r\n\r\n", b"x")) == "sent more than 2 KB"


def test_an_answer_in_pieces_is_counted_too() -> None:
    pieces = b"400\r\n" + b"x" * 1024 + b"\r\n"
    start = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    with speaker(says(start + 2 * pieces + b"0\r\n\r\n")) as url:
        assert get(url).body == b"x" * 2048
    assert refused_from(says(start + 3 * pieces + b"0\r\n\r\n")) == "sent more than 2 KB"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "identity, gzip"])
def test_a_compressed_answer_is_not_unpacked(outside: Site, encoding: str) -> None:
    bomb = gzip.compress(bytes(1_000_000))
    outside.replies["/"] = Reply(headers={"Content-Encoding": encoding}, body=bomb)
    assert refused(f"{outside.url}/") == "sent a compressed answer, which was not asked for"


def test_an_answer_that_says_it_is_not_compressed_is_read(outside: Site) -> None:
    outside.replies["/"] = Reply(headers={"Content-Encoding": "identity"}, body=b"hello")
    assert get(f"{outside.url}/").body == b"hello"


# How long


@pytest.mark.parametrize(
    "speak",
    [
        trickles(OK + b"\r\n", b"x"),
        trickles(OK + b"X: ", b"x"),
        trickles(b"", b"H"),
        trickles(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        trickles(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
        waits,
    ],
    ids=["body", "header", "status", "chunks", "trailers", "silence"],
)
def test_the_whole_time_holds_however_slowly_bytes_come(speak: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    assert refused_from(speak, HURRY) == "took longer than 0.4 s"
    assert 0.35 < time.monotonic() - began < 3


def test_the_whole_time_is_for_all_redirects_together(outside: Site) -> None:
    slow = trickles(b"HTTP/1.1 302 Found\r\nX: ", b"x")
    with speaker(slow) as url:
        outside.replies["/"] = Reply(302, {"Location": url})
        assert refused(f"{outside.url}/", HURRY) == "took longer than 0.4 s"


@pytest.mark.parametrize("start", [b"", OK + b"\r\nhalf"])
def test_a_silence_that_is_too_long_is_told(start: bytes) -> None:
    def speak(connection: socket.socket) -> None:
        connection.sendall(start)
        waits(connection)

    assert refused_from(speak, IMPATIENT) == "said nothing for 0.3 s"


# What goes wrong


@pytest.mark.parametrize("status", [204, 206, 300, 401, 403, 404, 410, 429, 500, 503])
def test_an_answer_that_is_none_is_told_by_its_number(outside: Site, status: int) -> None:
    outside.replies["/"] = Reply(status, body=b"" if status == 204 else b"x")
    assert refused(f"{outside.url}/") == f"answered {status}"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "broke off in the middle of its answer"),
        (OK + b"Content-Length: 10\r\n\r\nhalf", "broke off in the middle of its answer"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nhalf", "broke off in the middle of its answer"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nno number\r\n", "broke off in the middle of its answer"),
        (OK + b"Content-Length: 1, 2\r\n\r\nx", "gave no readable answer"),
        (OK + b"X: y\r\n" * 200 + b"\r\n", "gave no readable answer"),
        (OK + b"X: " + b"y" * 70_000 + b"\r\n\r\n", "gave no readable answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "gave no readable answer"),
        (
            b"ICY 200 OK\r\nicy-metaint: 1\r\n\r\n",
            "answers as SHOUTcast 1 does, which is not understood here",
        ),
    ],
)
def test_an_answer_that_is_garbage_is_told(said: bytes, reason: str) -> None:
    assert refused_from(says(said)) == reason


def test_an_answer_that_is_garbage_leaves_nothing_open() -> None:
    gc.disable()
    try:
        before = len(list(Path("/proc/self/fd").iterdir()))
        refused_from(says(OK + b"Content-Length: 1, 2\r\n\r\nx"))
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    finally:
        gc.enable()


def test_a_closed_door_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    assert refused(url) == "takes no connections"


# Streams


def test_a_stream_is_read_as_far_as_is_wanted(outside: Site) -> None:
    with (
        speaker(trickles(OK + b"icy-metaint: 4\r\n\r\n12345678", b"x")) as url,
        Fetcher().open_stream(url, limits=LIMITS, allow_private=True) as stream,
    ):
        assert (stream.headers["Icy-Metaint"], stream.read(4), stream.read(4)) == ("4", b"1234", b"5678")


def read_failure(speak: Callable[[socket.socket], None], sizes: tuple[int, ...], limits: FetchLimits) -> str:
    with speaker(speak) as url, pytest.raises(SourceError) as caught:
        _read(url, sizes, limits)
    return caught.value.reason


def _read(url: str, sizes: tuple[int, ...], limits: FetchLimits) -> None:
    with Fetcher().open_stream(url, limits=limits, allow_private=True) as stream:
        for size in sizes:
            stream.read(size)


def test_a_stream_has_its_limits() -> None:
    start = OK + b"\r\n"
    assert read_failure(says(start + bytes(9_999)), (2048, 1), LIMITS) == "sent more than 2 KB"
    assert read_failure(trickles(start, b"x"), (2000,), HURRY) == "took longer than 0.4 s"
    assert read_failure(says(start + b"12"), (1, 2), LIMITS) == "broke off in the middle of its answer"


def test_a_stream_that_is_not_there_is_told(outside: Site) -> None:
    with (
        pytest.raises(SourceError, match="answered 404"),
        Fetcher().open_stream(f"{outside.url}/no", limits=LIMITS, allow_private=True),
    ):
        pass


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and the certificate for `localhost` that it signed itself."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    options = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run([*command.split(), *options], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + path.with_name("both.pem.crt").read_bytes())
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("road", ["public", "private"])
def test_a_certificate_is_asked_for_by_name_though_the_address_is_pinned(
    certificate: Path, tls: ssl.SSLContext, road: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    if road == "public":
        monkeypatch.setattr(
            socket, "getaddrinfo", Names({"localhost": (PUBLIC,)}, {PUBLIC: "127.0.0.1"}).getaddrinfo
        )
    with speaker(says(OK + b"\r\nhello"), tls) as url:
        found = Fetcher(str(certificate)).get(
            url.replace("127.0.0.1", "localhost"), limits=LIMITS, allow_private=road == "private"
        )
    assert (found.body, names) == (b"hello", ["localhost"])


def test_a_certificate_nobody_vouches_for_is_told(tls: ssl.SSLContext) -> None:
    with speaker(waits, tls) as url:
        assert (
            refused(url.replace("127.0.0.1", "localhost")) == "shows a certificate that is not trusted here"
        )


def test_a_certificate_of_another_name_is_told(certificate: Path, tls: ssl.SSLContext) -> None:
    with (
        speaker(waits, tls) as url,
        pytest.raises(SourceError, match="shows a certificate that is not trusted here"),
    ):
        Fetcher(str(certificate)).get(url, limits=LIMITS, allow_private=True)


def test_a_server_that_is_not_secure_is_told() -> None:
    with speaker(says(OK + b"\r\nhello")) as url:
        assert refused(url.replace("http", "https")) == "cannot be reached securely"


def test_the_whole_time_holds_on_secure_connections_too(certificate: Path, tls: ssl.SSLContext) -> None:
    with speaker(trickles(OK + b"\r\n", b"x"), tls) as url, pytest.raises(SourceError) as caught:
        Fetcher(str(certificate)).get(url.replace("127.0.0.1", "localhost"), limits=HURRY, allow_private=True)
    assert caught.value.reason == "took longer than 0.4 s"


# Backoff


def test_a_source_that_fails_is_left_alone_for_longer_and_longer() -> None:
    assert [wait_s(failures, 15, 0.0) for failures in range(7)] == [15, 30, 60, 120, 240, 300, 300]
    assert [wait_s(failures, 15, 1.0) for failures in range(7)] == [15, 15, 30, 60, 120, 150, 150]


def test_a_source_is_never_asked_more_often_than_was_wanted() -> None:
    assert {wait_s(failures, 600, jitter) for failures in (0, 1, 5) for jitter in (0.0, 0.5, 1.0)} == {600}
    assert wait_s(10**9, 15, 0.5) == 225
