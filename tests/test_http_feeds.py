"""Every kind of public address over HTTP: the headers, the conditions, the codings, the ranges, the dates."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.audio_files import silent_frames
from tests.serving import EVERY_SECONDS, SOON_SECONDS, Answer, Server, eventually, http_date, serving
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BASE = "https://news.kxmp.example"
SOUND = silent_frames(100)
FEEDS = ["rss", "atom", "json", "corrections", "opml", "archive"]
DOCUMENTS = [*FEEDS, "chapters", "transcript"]
FILES = ["audio", "photo", "brand"]
ALL = [*DOCUMENTS, *FILES]
TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "corrections": "application/rss+xml; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
    "archive": "application/rss+xml; charset=utf-8",
    "chapters": "application/json+chapters",
    "audio": "audio/mpeg",
    "photo": "image/jpeg",
    "transcript": "text/vtt",
    "brand": "image/jpeg",
}
WITH_EVERYTHING = """\
audio: {file: segment.mp3, chapters: [{at: "0:00", title: The idea}, {at: "0:02", title: Who may borrow}]}
image: {file: shelves.jpg, alt: Rows of drills on a shelf}
transcript: segment.vtt
updates: [{at: 2026-05-02T09:00Z, kind: correction, note: The library opens at nine.}]
"""
TRANSCRIPT = b"WEBVTT\n\n00:00.000 --> 00:02.000\nA library for tools.\n"


def picture(color: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(file, "JPEG")
    return file.getvalue()


def full_station(folder: StationFolder) -> None:
    """Something at every kind of address; the feed `short` has archive pages."""
    (folder.root / "brand").mkdir()
    (folder.root / "brand" / "newsroom.jpg").write_bytes(picture("navy"))
    config = CONFIG.replace("explicit: false}", "explicit: false, artwork: brand/newsroom.jpg}", 1)
    short = "  short: {title: Short, station: kxmp, limit: 2, guid: 1dd8c70d-8f54-4bd2-93d0-1d8b1f4d1d15}\n"
    folder.config(config + short)
    folder.put("tool-library", "segment.mp3", SOUND)
    folder.put("tool-library", "shelves.jpg", picture("orange"))
    folder.put("tool-library", "segment.vtt", TRANSCRIPT)
    folder.episode("tool-library", WITH_EVERYTHING)
    for number in range(1, 6):
        folder.episode(f"story-{number}", published_at=f"2026-04-0{number}T08:00Z")


@dataclass(frozen=True)
class Public:
    """A server with something at every kind of address, and where."""

    server: Server
    paths: dict[str, str]

    def ask(
        self, kind: str, headers: dict[str, str] | None = None, *, method: str = "GET", query: str = ""
    ) -> Answer:
        return self.server.ask(self.paths[kind] + query, headers, method)


def paths_of(server: Server) -> dict[str, str]:
    feed = server.text("/feeds/news.xml")
    media = {
        name: next(iter(re.findall(rf'"{BASE}(/media/[^"]*{pattern})"', feed)))
        for name, pattern in {
            "audio": r"\.mp3",
            "photo": r"/photo-\w+\.jpg",
            "transcript": r"\.vtt",
            "chapters": r"/chapters\.json",
            "brand": r"newsroom-\w+\.jpg",
        }.items()
    }
    feeds = {
        "rss": "/feeds/news.xml",
        "atom": "/feeds/news.atom",
        "json": "/feeds/news.json",
        "corrections": "/feeds/corrections.xml",
        "opml": "/feeds.opml",
        "archive": "/feeds/short/archive/1.xml",
    }
    return {**feeds, **media}


def wait_for_dates(server: Server, paths: Iterable[str]) -> None:
    """A date is told a moment after its bytes were first served, which for some is when they are first asked for."""
    wanted = list(paths)
    eventually(lambda: None not in [server.ask(path)["last-modified"] for path in wanted])


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    folder = make_station(tmp_path_factory.mktemp("http") / "station")
    full_station(folder)
    with serving(folder.root) as server:
        found = Public(server, paths_of(server))
        wait_for_dates(server, found.paths.values())
        yield found


@pytest.mark.parametrize("kind", ALL)
def test_a_public_address_answers_with_every_header_a_client_needs(public: Public, kind: str) -> None:
    answer = public.ask(kind)
    assert answer.status == 200
    assert answer["content-type"] == TYPES[kind]
    assert answer["content-length"] == str(len(answer.body))
    assert re.fullmatch(r'"[^"]+"', answer.said("etag")), "a strong tag"
    assert parsedate_to_datetime(answer.said("last-modified")) <= answer.dated
    assert re.fullmatch(r"public, max-age=\d+", answer.said("cache-control"))
    assert answer["access-control-allow-origin"] == "*"
    assert answer["x-content-type-options"] == "nosniff"
    assert answer["vary"] == ("accept-encoding" if kind in DOCUMENTS else None)
    assert answer["accept-ranges"] == ("bytes" if kind in FILES else None)
    assert answer["server"] is None


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_head_gives_the_headers_of_get_and_nothing_else(public: Public, kind: str, coding: str) -> None:
    asked = {"Accept-Encoding": coding}
    head, get = public.ask(kind, asked, method="HEAD"), public.ask(kind, asked)
    assert (head.status, head.but_for_date[1]) == (get.status, get.but_for_date[1])
    request = f"HEAD {public.paths[kind]} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert public.server.raw(request.encode()).partition(b"\r\n\r\n")[2] == b""


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_each_coding_of_a_document_has_a_tag_of_its_own(public: Public, kind: str) -> None:
    plain, packed = public.ask(kind), public.ask(kind, {"Accept-Encoding": "gzip"})
    assert packed["content-encoding"] == "gzip"
    assert plain["content-encoding"] is None
    assert gzip.decompress(packed.body) == plain.body
    assert packed["content-length"] == str(len(packed.body))
    assert packed["etag"] != plain["etag"]
    assert packed["last-modified"] == plain["last-modified"]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_sent_as_it_is_whatever_coding_is_asked_for(public: Public, kind: str) -> None:
    assert public.ask(kind, {"Accept-Encoding": "gzip"}).but_for_date == public.ask(kind).but_for_date


@pytest.mark.parametrize(
    ("asked", "is_packed"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("br, zstd, gzip", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("gzip;q=0.001", True),
        ("*", True),
        ("*;q=0, gzip", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0, *", False),
        ("*, gzip;q=0", False),
        ("*;q=0", False),
        ("identity", False),
        ("identity, *;q=0", False),
        ("br", False),
        ("gzipped", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_those_who_ask_for_it(public: Public, asked: str, is_packed: bool) -> None:
    answer = public.ask("rss", {"Accept-Encoding": asked})
    assert answer["content-encoding"] == ("gzip" if is_packed else None)
    assert answer["vary"] == "accept-encoding"


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("form", ["{}", "W/{}", '"one", {} , W/"two"', '"one",W/{}', "*"])
def test_a_client_that_names_the_tag_is_told_that_nothing_changed(
    public: Public, kind: str, form: str
) -> None:
    for coding in ("identity", "gzip"):
        whole = public.ask(kind, {"Accept-Encoding": coding})
        asked = {"If-None-Match": form.format(whole["etag"]), "Accept-Encoding": coding}
        for method in ("GET", "HEAD"):
            answer = public.ask(kind, asked, method=method)
            assert (answer.status, answer.body) == (304, b"")
            for name in ("etag", "vary", "last-modified", "access-control-allow-origin"):
                assert answer[name] == whole[name]
            assert answer["cache-control"]
            assert answer["content-length"] is None
            assert answer["content-type"] is None


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_the_tag_of_the_other_coding_is_another_tag(public: Public, kind: str) -> None:
    plain, packed = public.ask(kind).said("etag"), public.ask(kind, {"Accept-Encoding": "gzip"}).said("etag")
    assert public.ask(kind, {"If-None-Match": packed}).status == 200
    assert public.ask(kind, {"If-None-Match": plain, "Accept-Encoding": "gzip"}).status == 200


@pytest.mark.parametrize("kind", ALL)
def test_a_tag_that_is_not_ours_gets_the_whole(public: Public, kind: str) -> None:
    etag = public.ask(kind).said("etag")
    for other in ('"other"', etag.strip('"'), etag[:-2] + '"', "", "W/*", '"*"'):
        assert public.ask(kind, {"If-None-Match": other}).status == 200, other


@pytest.mark.parametrize("kind", ALL)
def test_a_client_that_asks_by_date_alone_is_told_the_truth(public: Public, kind: str) -> None:
    modified = parsedate_to_datetime(public.ask(kind).said("last-modified"))
    later, earlier = modified + timedelta(days=1), modified - timedelta(seconds=1)
    for since, status in ((modified, 304), (later, 304), (earlier, 200)):
        answer = public.ask(kind, {"If-Modified-Since": http_date(since)})
        assert answer.status == status, since
        assert (answer.body == b"") == (status == 304)


@pytest.mark.parametrize("kind", ALL)
def test_the_tag_wins_over_the_date(public: Public, kind: str) -> None:
    whole = public.ask(kind)
    later, earlier = http_date(whole.dated + timedelta(days=1)), "Thu, 01 Jan 1970 00:00:00 GMT"
    other_tag = {"If-None-Match": '"other"', "If-Modified-Since": later}
    same_tag = {"If-None-Match": whole.said("etag"), "If-Modified-Since": earlier}
    assert public.ask(kind, other_tag).status == 200
    assert public.ask(kind, same_tag).status == 304


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "2026-13-45",
        "0",
        "Mon, 32 Jan 2099 00:00:00 GMT",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2099 00:00:00 +99999999999999999999",
        "Mon, 01 Jan 0001 00:00:00 +2300",
        "Mon, 01 Jan 2099 99:99:99 GMT",
        "\xff\xfe",
        ", " * 900,
    ],
)
def test_a_date_that_is_none_is_ignored(public: Public, date: str) -> None:
    for kind in ("rss", "audio"):
        assert public.ask(kind, {"If-Modified-Since": date}).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "PROPFIND"])
def test_other_methods_are_refused_with_those_that_work(public: Public, method: str) -> None:
    for kind in ALL:
        answer = public.ask(kind, {"Content-Length": "0"}, method=method)
        assert (answer.status, answer["allow"]) == (405, "GET, HEAD, OPTIONS"), kind
        assert answer["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", ALL)
def test_a_browser_may_ask_beforehand_from_any_origin(public: Public, kind: str) -> None:
    asked = {"Origin": "https://player.example", "Access-Control-Request-Method": "GET"}
    answer = public.ask(kind, asked, method="OPTIONS")
    assert (answer.status, answer.body, answer["content-length"]) == (204, b"", None)
    assert answer["allow"] == "GET, HEAD, OPTIONS"
    assert answer["access-control-allow-origin"] == "*"
    assert answer["access-control-allow-methods"] == "GET, HEAD"


UNKNOWN = [
    "/feeds/none.xml",
    "/feeds/news.rss",
    "/feeds/corrections.atom",
    "/feeds/short/archive/0.xml",
    "/feeds/short/archive/01.xml",
    "/feeds/short/archive/9.xml",
    "/feeds/news/archive/1.xml",
    "/media/tool-library/segment.mp3",
    "/media/tool-library/episode.md",
    "/media/none/chapters.json",
    "/media/story-1/chapters.json",
    "/config.yaml",
    "/.stationfeed/state.sqlite",
    "/healthz/",
    "/favicon.ico",
]


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_what_is_not_there_is_not_found_whoever_asks(public: Public, path: str, method: str) -> None:
    answer = public.server.ask(path, {"If-None-Match": "*", "Range": "bytes=0-1"}, method)
    assert answer.status == 404
    assert answer["cache-control"] == "no-store"
    assert answer["x-content-type-options"] == "nosniff"


EVIL = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-For": "evil.example",
    "X-Forwarded-Proto": "evil",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example;proto=evil",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-HTTP-Method-Override": "DELETE",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
    "User-Agent": "evil",
}
BEHIND = [
    "/healthz",
    "/healthz/",
    "/metrics/",
    "/api/docs",
    "/api/docs/",
    "/api/openapi.json",
    "/api/v1/health/",
]


@pytest.mark.parametrize("kind", ALL)
def test_nothing_a_client_says_of_its_host_changes_an_answer(public: Public, kind: str) -> None:
    usual = public.ask(kind)
    answer = public.ask(kind, EVIL)
    assert answer.body == usual.body
    assert answer["etag"] == usual["etag"]
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize("path", [*UNKNOWN, *BEHIND, "/", "/evil-not", "//evil.example/feeds/news.xml"])
def test_a_forged_host_comes_back_nowhere(public: Public, path: str) -> None:
    answer = public.server.ask(path, EVIL)
    assert b"evil" not in answer.body
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/news%2Exml", 200),
        ("/%66eeds/news.xml", 200),
        ("/feeds%2Fnews.xml", 200),
        ("/feeds/news.xml?utm_source=app&x=%00", 200),
        ("/feeds/news.xml#part", 200),
        ("http://evil.example/feeds/news.xml", 200),
        ("/feeds/news.xml/", 404),
        ("/feeds/news.xml;a=b", 404),
        ("/feeds//news.xml", 404),
        ("/feeds/../feeds/news.xml", 404),
        ("/feeds/%2e%2e/feeds/news.xml", 404),
        ("/feeds/./news.xml", 404),
        ("/FEEDS/news.xml", 404),
        ("/feeds/news.xml%00", 404),
        ("/feeds/news.xml%0d%0aX-Evil:%201", 404),
        ("/feeds/%ff%fe.xml", 404),
        ("/feeds/%F0%9F%93%BB.xml", 404),
        ("/feeds/%zz.xml", 404),
        ("/media/../../config.yaml", 404),
        ("/media/%2e%2e/%2e%2e/config.yaml", 404),
        ("/media/..%5c..%5cconfig.yaml", 404),
        ("/media/tool-library/..%2f..%2f..%2fetc%2fpasswd", 404),
        ("/" + "a" * 30_000, 404),
        ("/media/" + "%61" * 10_000, 404),
        ("/" + "/" * 5_000, 404),
        ("/feeds/" + "a" * 40_000, 431),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_address_is_one_spelling_or_nothing(public: Public, path: str, status: int) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = public.server.raw(request.encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) in ({status, 400} if path.startswith("//") else {status})
    assert b"x-evil" not in head.lower()
    assert (body == public.ask("rss").body) == (status == 200)


def test_bytes_that_are_no_ascii_in_an_address_hurt_nobody(public: Public) -> None:
    answer = public.server.raw(b"GET /feeds/\xff\xf0.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.split()[1] in (b"400", b"404")


def test_a_query_is_no_part_of_a_file_s_address(public: Public) -> None:
    for kind in ALL:
        assert public.ask(kind, query="?from=app").but_for_date[2] == public.ask(kind).body


SIZE = len(SOUND)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-199", 100, 199),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        ("bytes=72-", 72, SIZE - 1),
        ("bytes=-72", SIZE - 72, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes=10-{SIZE * 2}", 10, SIZE - 1),
        ("bytes=0-", 0, SIZE - 1),
        ("Bytes = 0-9 ", 0, 9),
        (f"bytes=0-9,{SIZE}-", 0, 9),
    ],
)
def test_a_range_of_the_audio_is_those_very_bytes(public: Public, asked: str, first: int, last: int) -> None:
    whole, part = public.ask("audio"), public.ask("audio", {"Range": asked})
    assert whole.body == SOUND
    assert part.status == 206
    assert part.body == SOUND[first : last + 1]
    assert part["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert part["content-length"] == str(last + 1 - first)
    for name in ("etag", "last-modified", "content-type", "accept-ranges", "access-control-allow-origin"):
        assert part[name] == whole[name]


@pytest.mark.parametrize(
    "asked",
    [f"bytes={SIZE}-", f"bytes={SIZE * 9}-{SIZE * 10}", "bytes=-0", f"bytes={'9' * 18}-", "bytes=-0,-0"],
)
def test_a_range_behind_the_end_is_told_the_length_and_kept_by_nobody(public: Public, asked: str) -> None:
    answer = public.ask("audio", {"Range": asked})
    assert answer.status == 416
    assert answer["content-range"] == f"bytes */{SIZE}"
    assert answer["cache-control"] == "no-store"
    assert answer["content-length"] == str(len(answer.body))


def parts_of(answer: Answer) -> list[tuple[str, bytes]]:
    """The range and the bytes of each part, by the boundary that the header names."""
    boundary = answer.said("content-type").removeprefix("multipart/byteranges; boundary=")
    *parts, end = answer.body.split(b"--" + boundary.encode())
    assert end == b"--\r\n"
    assert parts.pop(0) == b""
    found = []
    for part in parts:
        head, _, body = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        assert fields["content-type"] == "audio/mpeg"
        found.append((fields["content-range"], body.removesuffix(b"\r\n")))
    return found


def test_several_ranges_come_as_parts(public: Public) -> None:
    answer = public.ask("audio", {"Range": f"bytes=0-9, 100-199,-1,{SIZE + 5}-"})
    assert answer.status == 206
    assert answer["content-length"] == str(len(answer.body))
    assert parts_of(answer) == [
        (f"bytes 0-9/{SIZE}", SOUND[:10]),
        (f"bytes 100-199/{SIZE}", SOUND[100:200]),
        (f"bytes {SIZE - 1}-{SIZE - 1}/{SIZE}", SOUND[-1:]),
    ]


def test_five_ranges_are_served_and_six_are_the_whole_file(public: Public) -> None:
    five = public.ask("audio", {"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(5))})
    six = public.ask("audio", {"Range": "bytes=" + ",".join(f"{n}-{n}" for n in range(6))})
    many = public.ask("audio", {"Range": "bytes=" + ",".join("0-" for _ in range(5_000))})
    assert len(parts_of(five)) == 5
    assert six.but_for_date == public.ask("audio").but_for_date
    assert (many.status, many.body) == (200, SOUND)


@pytest.mark.parametrize(
    "asked",
    ["", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=1", "bytes=1-2-3", "items=0-1",
     "bytes=0-1,x", "bytes=+1-2", "bytes=0x1-0x2", "bytes 0-1", "bytes=\u0661-\u0662", f"bytes={'9' * 5000}-"],
)  # fmt: skip
def test_a_range_that_is_none_is_ignored(public: Public, asked: str) -> None:
    header = asked.encode().decode("latin-1")
    assert public.ask("audio", {"Range": header}).but_for_date == public.ask("audio").but_for_date


def test_a_range_is_served_only_of_the_file_the_client_has(public: Public) -> None:
    whole = public.ask("audio")
    etag, modified = whole.said("etag"), whole.said("last-modified")
    later = http_date(parsedate_to_datetime(modified) + timedelta(days=1))
    for condition, status in {
        etag: 206,
        modified: 206,
        f"W/{etag}": 200,
        '"other"': 200,
        later: 200,
        "Thu, 01 Jan 1970 00:00:00 GMT": 200,
        "": 200,
    }.items():
        answer = public.ask("audio", {"Range": "bytes=0-9", "If-Range": condition})
        assert answer.status == status, condition
        assert answer.body == (SOUND[:10] if status == 206 else SOUND)


def test_nothing_changed_is_said_before_ranges_are_looked_at(public: Public) -> None:
    etag = public.ask("audio").said("etag")
    for ranges in ("bytes=0-9", "bytes=999999-"):
        assert public.ask("audio", {"Range": ranges, "If-None-Match": etag}).status == 304


def test_ranges_are_a_matter_of_get(public: Public) -> None:
    """RFC 9110, 14.2: for any other method the header is ignored."""
    for ranges in ("bytes=0-9", "bytes=999999-", "bytes=0-1,5-6"):
        head = public.ask("audio", {"Range": ranges}, method="HEAD")
        assert head.but_for_date[:2] == public.ask("audio").but_for_date[:2]


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_feed_is_always_sent_whole(public: Public, kind: str) -> None:
    answer = public.ask(kind, {"Range": "bytes=0-9", "If-Range": public.ask(kind).said("etag")})
    assert answer.but_for_date == public.ask(kind).but_for_date


def asks_by_date(server: Server, date: str) -> Answer:
    return server.ask("/feeds/news.xml", {"If-Modified-Since": date})


def once_dated(server: Server) -> Answer:
    """The answer once its date is told, a moment after its bytes are new."""

    def dated() -> Answer | None:
        answer = server.ask("/feeds/news.xml")
        return answer if answer["last-modified"] else None

    return eventually(dated)


def dates_of(answer: Answer) -> list[str]:
    """The dates that a client which keeps no tags may come back with."""
    return [one for one in (answer["last-modified"], answer["date"]) if one]


def assert_reaches_all(server: Server, before: Answer, saved: str) -> Answer:
    """What was done reaches a client that only knows one of the dates it got with the version before."""

    def has_changed() -> Answer | None:
        answer = server.ask("/feeds/news.xml")
        return answer if answer.body != before.body else None

    eventually(has_changed, SOON_SECONDS)
    dated = once_dated(server)
    for date in dates_of(before):
        answer = asks_by_date(server, date)
        assert (answer.status, answer.body) == (200, dated.body), f"{saved}: {date}"
    assert asks_by_date(server, dated.said("last-modified")).status == 304
    return dated


def built(answer: Answer) -> datetime:
    found = re.search(rb"<lastBuildDate>(.*)</lastBuildDate>", answer.body)
    assert found
    return parsedate_to_datetime(found[1].decode())


def test_a_fix_a_withdrawal_and_an_expiry_reach_a_client_that_asks_by_date(folder: StationFolder) -> None:
    folder.episode("older", published_at="2026-05-01T08:00Z")
    folder.episode("newer", published_at="2026-05-02T08:00Z")
    with serving(folder.root) as server:
        first = server.ask("/feeds/news.xml")
        folder.episode("older", body="A silent fix.\n", published_at="2026-05-01T08:00Z")
        fixed = assert_reaches_all(server, first, "a silent fix")
        assert built(fixed) == built(first) == datetime(2026, 5, 2, 8, tzinfo=UTC), "no note, no news"

        folder.episode("newer", "withdrawn: {at: 2026-05-03T08:00Z, reason: Wrong.}\n", state="withdrawn")
        withdrawn = assert_reaches_all(server, fixed, "a withdrawal")
        assert built(withdrawn) == datetime(2026, 5, 1, 8, tzinfo=UTC), "of what is there"

        note = "updates: [{at: 2026-05-04T09:30Z, kind: update, note: More.}]\n"
        end = datetime.now(UTC) + timedelta(seconds=6)
        folder.episode("older", note, expires_at=end.isoformat())
        noted = assert_reaches_all(server, withdrawn, "an update note")
        assert built(noted) == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)

        eventually(lambda: datetime.now(UTC) >= end)
        expired = assert_reaches_all(server, noted, "an expiry")
        assert b"<item>" not in expired.body
        all_of_them = [first, fixed, withdrawn, noted, expired]
        dates = [
            parsedate_to_datetime(one.said("last-modified")) for one in all_of_them if one["last-modified"]
        ]
        assert dates == sorted(set(dates)), "each has a later date than the one before"


def test_a_version_that_comes_back_has_a_new_date(folder: StationFolder) -> None:
    folder.episode("a")
    with serving(folder.root) as server:
        first = once_dated(server)
        folder.episode("a", body="Other words.\n")
        second = assert_reaches_all(server, first, "an edit")
        folder.episode("a")
        third = assert_reaches_all(server, second, "the edit undone")
        assert third["etag"] == first["etag"]
        assert parsedate_to_datetime(third.said("last-modified")) > parsedate_to_datetime(
            second.said("last-modified")
        )


def test_nobody_gets_old_bytes_with_a_date_that_stands_for_new_ones(folder: StationFolder) -> None:
    """What is changed may take seconds to make; until then the old bytes are served."""
    folder.episode("a")
    with serving(folder.root) as server:
        old = server.ask("/feeds/news.xml")
        dates = set()
        with closing(sqlite3.connect(folder.root / ".stationfeed" / "state.sqlite")) as slow_disk:
            slow_disk.execute("BEGIN IMMEDIATE")
            folder.episode("a", body="Other words.\n")
            saved = time.monotonic()
            while time.monotonic() < saved + 3:
                dates.update(dates_of(server.ask("/feeds/news.xml")))
                time.sleep(EVERY_SECONDS)
        eventually(lambda: server.ask("/feeds/news.xml").body != old.body)
        once_dated(server)
        for date in sorted(dates):
            assert asks_by_date(server, date).status == 200, (
                f"who came at {date} never hears of the new words"
            )


def test_the_same_content_keeps_its_tag_and_date_over_a_restart_and_without_its_cache(
    folder: StationFolder,
) -> None:
    full_station(folder)
    seen: list[dict[str, tuple[str | None, str | None, bytes]]] = []
    for _ in range(3):
        with serving(folder.root) as server:
            found = Public(server, paths_of(server))
            wait_for_dates(server, found.paths.values())
            answers = {kind: found.ask(kind) for kind in ALL}
            seen.append(
                {kind: (one["etag"], one["last-modified"], one.body) for kind, one in answers.items()}
            )
        if len(seen) == 2:
            shutil.rmtree(folder.root / ".stationfeed" / "cache")
    assert seen[0] == seen[1] == seen[2]


def test_a_change_made_while_nobody_served_has_a_date_of_its_own(folder: StationFolder) -> None:
    folder.episode("a")
    with serving(folder.root) as server:
        before = once_dated(server)
    folder.episode("a", body="Other words.\n")
    with serving(folder.root) as server:
        after = assert_reaches_all(server, before, "an edit while it was down")
        assert parsedate_to_datetime(after.said("last-modified")) > parsedate_to_datetime(
            before.said("last-modified")
        )
