"""Stitched gzip is one plain gzip member that every decoder reads, and an edit compresses one piece anew."""

from __future__ import annotations

import gzip
import random
import shutil
import struct
import subprocess
import threading
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stationfeed.feeds.stitch import compress_segment, fingerprint, plain_bytes, stitch_gzip
from tests.stations import NOON, StationFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stationfeed.site import Document, Format
    from stationfeed.station.opened import OpenStation

DOCUMENTS: dict[str, tuple[bytes, ...]] = {
    "no piece": (),
    "empty pieces": (b"", b"", b""),
    "one piece": (b"<rss/>",),
    "a feed": (b"<rss>", *(f"<item>{number} ünïcödé</item>\n".encode() for number in range(500)), b"</rss>"),
    "an empty piece inside": (b"one", b"", b"two"),
    "the same piece often": (b"<item/>\n",) * 300,
    "noise": tuple(random.Random(1).randbytes(1 + 7 * size) for size in range(200)),
}
CURL, NODE = shutil.which("curl"), shutil.which("node")


@pytest.fixture(scope="module", params=[*DOCUMENTS, "20 MB"])
def pieces(request: pytest.FixtureRequest) -> Sequence[bytes]:
    if request.param == "20 MB":
        noise = random.Random(2)
        return [noise.randbytes(1_000_000) + b"words and words " * 62_500 for _ in range(10)]
    return DOCUMENTS[request.param]


def gzipped(pieces: Sequence[bytes]) -> bytes:
    return stitch_gzip([compress_segment(one) for one in pieces])


def test_gzip_reads_the_pieces_one_after_the_other(pieces: Sequence[bytes]) -> None:
    assert gzip.decompress(gzipped(pieces)) == b"".join(pieces)


def test_it_is_a_single_member_with_the_right_checksum_and_length(pieces: Sequence[bytes]) -> None:
    data, plain = gzipped(pieces), b"".join(pieces)
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert decoder.decompress(data) == plain
    assert decoder.eof
    assert decoder.unused_data == b""
    assert data[:10] == b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    assert struct.unpack("<II", data[-8:]) == (zlib.crc32(plain), len(plain))


def test_the_plain_bytes_are_those_of_the_pieces(pieces: Sequence[bytes]) -> None:
    segments = [compress_segment(one) for one in pieces]
    assert plain_bytes(segments) == b"".join(pieces)
    assert sum(one.length for one in segments) == len(b"".join(pieces))


@contextmanager
def served(data: bytes) -> Iterator[str]:
    """The address of a server that answers with these bytes as gzip."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.skipif(CURL is None, reason="curl is not installed: its decoder is NOT tested")
def test_curl_reads_the_pieces_one_after_the_other(pieces: Sequence[bytes]) -> None:
    with served(gzipped(pieces)) as url:
        command = [str(CURL), "--compressed", "--silent", "--show-error", "--fail", "--noproxy", "*", url]
        answer = subprocess.run(command, capture_output=True, check=True)
    assert answer.stdout == b"".join(pieces)


@pytest.mark.skipif(NODE is None, reason="node is not installed: its decoder is NOT tested")
def test_node_reads_the_pieces_one_after_the_other(pieces: Sequence[bytes]) -> None:
    script = (
        "const parts = []; process.stdin.on('data', (part) => parts.push(part)).on('end', () =>"
        " process.stdout.write(require('zlib').gunzipSync(Buffer.concat(parts))))"
    )
    answer = subprocess.run([str(NODE), "-e", script], input=gzipped(pieces), capture_output=True, check=True)
    assert answer.stdout == b"".join(pieces)


@given(st.lists(st.binary(max_size=200), max_size=12))
def test_any_pieces_come_back_in_one_member(pieces: list[bytes]) -> None:
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    assert decoder.decompress(gzipped(pieces)) == b"".join(pieces)
    assert (decoder.eof, decoder.unused_data) == (True, b"")


def test_a_piece_stands_anywhere_because_it_refers_to_nothing_before_it() -> None:
    first, second = (compress_segment(text * 50) for text in (b"the same words ", b"the same words too "))
    there_and_back = gzip.decompress(stitch_gzip([second, first]))
    assert there_and_back == b"the same words too " * 50 + b"the same words " * 50


def test_the_fingerprint_follows_the_bytes_and_their_order() -> None:
    one, two = compress_segment(b"one"), compress_segment(b"two")
    assert fingerprint([one, two]) == fingerprint([compress_segment(b"one"), compress_segment(b"two")])
    assert len({fingerprint([one, two]), fingerprint([two, one]), fingerprint([one])}) == 3


@pytest.fixture
def station(folder: StationFolder) -> Iterator[OpenStation]:
    for number in range(6):
        folder.episode(f"story-{number}", published_at=f"2026-05-0{number + 1}T08:00Z")
    opened = folder.open()
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", ["xml", "atom", "json"])
def test_after_an_edit_every_other_piece_is_the_same_object(
    station: OpenStation, folder: StationFolder, kind: Format
) -> None:
    before = ready(station, kind)
    folder.episode("story-3", published_at="2026-05-04T08:00Z", body="Another article.\n")
    station.look(NOON, only=["story-3"])
    after = ready(station, kind)
    kept = {id(one) for one in before.segments}
    fresh = [plain_bytes([one]) for one in after.segments if id(one) not in kept]
    edited = [one for one in fresh if b"Another article." in one]
    assert len(edited) == 1
    assert len(fresh) <= 3  # the head and the tail are made anew
    assert len(after.segments) == len(before.segments)


@pytest.mark.parametrize("kind", ["xml", "atom", "json"])
def test_an_edit_of_something_else_leaves_the_whole_document_as_it_is(
    station: OpenStation, folder: StationFolder, kind: Format
) -> None:
    before = ready(station, kind)
    folder.episode("elsewhere", show="archive")
    station.look(NOON, only=["elsewhere"])
    assert ready(station, kind) is before


def ready(station: OpenStation, kind: Format) -> Document:
    return station.shelf.documents[f"/feeds/news.{kind}"].document
