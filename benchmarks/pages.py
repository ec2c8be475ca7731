"""What listeners wait for: the home page with all that it needs, a story's page, the first search.

A story's page comes out of a catalogue of 20,000; beside it the same server sends a plain file of the page's size. Rates
are of 16 connections that stay open, waits of one that asks again and again.
"""

from __future__ import annotations

import re
import tempfile
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from benchmarks import web_servers
from benchmarks.figures import TIMES, at_most, milliseconds, reported
from benchmarks.load import Request, fetch, rate
from benchmarks.newsroom import silence, slug_of, write_station

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.figures import Figure

TITLE = "Pages: the weight of the first, a story out of 20,000, the first search"
HOME_BOUND_KB = 120
SEARCH_BOUND_MS = 50
SETTLES_S = 6
STORIES = 20_000
ARTICLE_BYTES = 7_200
_PACKED = {"Accept-Encoding": "gzip"}
_FETCHED = re.compile(r'<(?:script|link)\b[^>]*?(?:src|href)="(/(?:assets|media)/[^"]+)"')
_WORDS = ("council water", "school", "health roads", "bridge", "the mayor")


def run(*, quick: bool) -> Iterator[Figure]:
    count, seconds, asked = (500, 1, 200) if quick else (STORIES, 4, 2_000)
    with tempfile.TemporaryDirectory(prefix="stationfeed-bench-") as name, ExitStack() as opened:
        folder = Path(name)
        root = folder / "station"
        write_station(root, count, size_bytes=ARTICLE_BYTES)
        server = opened.enter_context(web_servers.stationfeed(root, folder / "first.log"))
        yield _home(server.port)
        yield from _story(root, server.port, seconds, asked)
        yield _cold(server.port, range(2, min(count, 1_000)))
        opened.close()
        yield _first_search(root, folder)


def _home(port: int) -> Figure:
    """Everything but media, as it comes over the wire: HTML, style, every script that the page names, the icon."""
    page = fetch(Request(port, "/"))
    named = dict.fromkeys(urljoin("/", one) for one in _FETCHED.findall(page.body.decode()))
    sizes = [len(fetch(Request(port, one, _PACKED)).body) for one in ("/", *named)]
    note = f"{sizes[0] / 1000:.1f} KB of it HTML; {len(sizes)} answers"
    return at_most("home page, compressed, without media", sum(sizes) / 1000, HOME_BOUND_KB, "KB", note)


def _story(root: Path, port: int, seconds: int, asked: int) -> Iterator[Figure]:
    """The same page again and again, and a file of its size (within a frame of mp3)."""
    page = Request(port, f"/stories/{slug_of(1)}")
    size = len(fetch(page).body)
    (root / "episodes" / slug_of(1) / "segment.mp3").unlink()
    (root / "episodes" / slug_of(1) / "segment.mp3").write_bytes(silence(size))
    file = Request(port, _audio_path(page, size))
    rates = {
        name: median(rate(one, seconds) for _ in range(3)) for name, one in (("page", page), ("file", file))
    }
    ratio = rates["page"] / rates["file"]
    note = f"{rates['page']:,.0f} beside {rates['file']:,.0f} a s, {size / 1000:.0f} KB"
    yield reported("a story's page, beside a file of its size", f"{ratio:.2f} {TIMES}", note)
    waits = {name: _waits(port, [one.path] * asked) for name, one in (("page", page), ("file", file))}
    p99 = {name: _percentile(found, 0.99) for name, found in waits.items()}
    note = f"the file: {milliseconds(p99['file'])}"
    yield reported("the same, 99 of 100 come within", milliseconds(p99["page"]), note)


def _audio_path(page: Request, size: int) -> str:
    """Where the segment is once the server has seen that it is another one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = re.search(r'data-url="([^"]+)"', fetch(page).body.decode())
        if found:
            answer = fetch(Request(page.port, found[1]))
            if answer.status == 200 and abs(len(answer.body) - size) < 1_000:
                return found[1]
        time.sleep(0.2)
    raise RuntimeError("the segment was not taken in")


def _cold(port: int, numbers: Iterable[int]) -> Figure:
    """Stories that nobody has asked for before, one after the other."""
    waits = _waits(port, [f"/stories/{slug_of(one)}" for one in numbers])
    note = f"99 of 100 within {milliseconds(_percentile(waits, 0.99))}"
    return reported("a story's page that is not at hand", milliseconds(median(waits)), note)


def _waits(port: int, paths: Sequence[str]) -> list[float]:
    """How many seconds each answer took, over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    found = []
    for path in paths:
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        found.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"{path} is answered {answer.status}")
    connection.close()
    return found


def _percentile(found: Sequence[float], share: float) -> float:
    return sorted(found)[int(len(found) * share)]


def _first_search(root: Path, folder: Path) -> Figure:
    """Each the first of a server, once that has looked at the folder; over HTTP, the page included."""
    found = []
    for number, words in enumerate(_WORDS):
        with web_servers.stationfeed(root, folder / f"search-{number}.log") as server:
            time.sleep(SETTLES_S)
            found += _waits(server.port, [f"/search?q={words.replace(' ', '+')}"])
    note = f"slowest of {len(found)}: {milliseconds(max(found))}"
    return at_most("the first search", median(found) * 1000, SEARCH_BOUND_MS, "ms", note)
