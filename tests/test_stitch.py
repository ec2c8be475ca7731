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
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stationfeed.catalogue.rows import Entry
from stationfeed.feeds.stitch import compress_segment, fingerprint, join_segments, plain_bytes, stitch_gzip
from stationfeed.model.words import Slug
from stationfeed.site import FORMATS
from stationfeed.site.blocks import BLOCK_ITEMS, reblock, separated
from tests.stations import NOON, StationFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stationfeed.feeds.stitch import Segment
    from stationfeed.site import Document, Format
    from stationfeed.site.blocks import Block
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


STORIES = 150


@pytest.fixture
def station(folder: StationFolder) -> Iterator[OpenStation]:
    for number in range(STORIES):
        folder.episode(slug_of(number), published_at=day_of(number))
    opened = folder.open()
    yield opened
    opened.close()


def slug_of(number: int) -> str:
    return f"story-{number:03}"


def day_of(number: int) -> str:
    return f"2026-0{number // 28 % 5 + 1}-{number % 28 + 1:02}T08:00Z"


def test_after_an_edit_only_the_piece_with_the_story_is_another_object(
    station: OpenStation, folder: StationFolder
) -> None:
    before = {kind: ready(station, kind) for kind in FORMATS}
    folder.episode(slug_of(70), published_at=day_of(70), body="Another article.\n")
    station.look(NOON, only=[slug_of(70)])
    for kind in FORMATS:
        kept = {id(one) for one in before[kind].segments}
        fresh = [one for one in ready(station, kind).segments if id(one) not in kept]
        assert [b"Another article." in plain_bytes([one]) for one in fresh] == [True]
        assert len(before[kind].segments) > 4
        assert ready(station, kind).etag != before[kind].etag


def test_an_edit_of_something_else_leaves_the_whole_document_as_it_is(
    station: OpenStation, folder: StationFolder
) -> None:
    before = {kind: ready(station, kind) for kind in FORMATS}
    folder.episode("elsewhere", show="archive")
    station.look(NOON, only=["elsewhere"])
    assert all(ready(station, kind) is before[kind] for kind in FORMATS)


def test_joined_pieces_are_the_same_bytes_under_the_same_fingerprint() -> None:
    pieces = [compress_segment(text) for text in (b"one", b"", b"three", b"four")]
    joined = [join_segments(pieces[:2]), join_segments([]), join_segments(pieces[2:])]
    assert stitch_gzip(joined) == stitch_gzip(pieces)
    assert fingerprint(joined) == fingerprint(pieces)
    assert plain_bytes(joined) == b"onethreefour"


lists = (
    st.lists(st.integers(0, 400), max_size=300, unique=True)
    | st.builds(
        lambda start, length: list(range(start, start + length)), st.integers(0, 200), st.integers(0, 200)
    )
    | st.permutations([range(start, start + BLOCK_ITEMS) for start in range(0, 256, BLOCK_ITEMS)]).map(
        lambda runs: [one for run in runs for one in run]
    )
)
"""Any order, a window that moved, whole blocks that changed places."""


@settings(deadline=None)
@given(
    histories=st.lists(lists, min_size=2, max_size=5),
    again=st.sets(st.integers(0, 400), max_size=5),
    separator=st.sampled_from([None, compress_segment(b",")]),
)
def test_blocks_of_a_changed_list_are_the_bytes_of_a_list_made_anew(
    histories: list[list[int]], again: set[int], separator: Segment | None
) -> None:
    blocks: tuple[Block, ...] = ()
    shown: tuple[Entry, ...] = ()
    for number, wanted in enumerate(histories):
        known = {entry.slug: entry for entry in shown}
        version = {one: f"{one} v{number}" if one in again else f"{one} v" for one in wanted}
        fresh = [Entry(one, Slug(f"s{one}"), version[one], NOON) for one in wanted]
        shown = tuple(one if known.get(one.slug) != one else known[one.slug] for one in fresh)
        rendered: list[Entry] = []
        before = {entry for block in blocks for entry in block.entries}
        blocks = reblock(blocks, shown, partial(_rendered, rendered), separator)
        assert tuple(entry for block in blocks for entry in block.entries) == shown
        assert before.isdisjoint(rendered)
        assert len(rendered) == len(set(shown) - before)
        body = separated([block.joined for block in blocks], separator)
        items = separated([compress_segment(_item(one)) for one in shown], separator)
        assert stitch_gzip(body) == stitch_gzip(items)
        assert fingerprint(body) == fingerprint(items)
        assert max((len(block.entries) for block in blocks), default=0) <= BLOCK_ITEMS


def _item(entry: Entry) -> bytes:
    return f"<item>{entry.slug} {entry.version}</item>".encode()


def _rendered(to: list[Entry], missing: Sequence[Entry]) -> list[Segment]:
    to.extend(missing)
    return [compress_segment(_item(one)) for one in missing]


def ready(station: OpenStation, kind: Format) -> Document:
    return station.shelf.documents[f"/feeds/news.{kind}"].document
