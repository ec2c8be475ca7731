"""One process of ours beside nginx and Caddy with the same bytes on disk, and beside a bare callable on our server.

Asked for are a feed that the client has already (304), the whole feed in its gzip form, and 256 KB out of a file of
30 MB. Load comes from wrk over 16 connections that stay open; server and wrk have a core each where there are two.
Other programs on the machine blur the rates; the ratio of CPU time an answer beside each is nearly free of them.
"""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import web_servers
from benchmarks.bare import write_answer
from benchmarks.figures import TIMES, at_least, reported
from benchmarks.load import Request, fetch, rate
from benchmarks.newsroom import FEED, silence, slug_of, write_station

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.figures import Figure
    from benchmarks.load import Response
    from benchmarks.web_servers import Running

TITLE = "Answers a second of one process on one core, keep-alive, 16 connections"
FILE_BYTES = 30_000_000
ARTICLE_BYTES = 600
"""A feed of 300 such stories has about 300 KB in its gzip form."""

BOUNDS = {
    ("unchanged", "bare"): 0.9,
    ("unchanged", "caddy"): 1.7,
    ("full", "nginx"): 1.0,
    ("range", "nginx"): 0.9,
}
_WORDS = {"unchanged": "304", "full": "full gzip feed", "range": "256 KB range of 30 MB"}
_STATUS = {"unchanged": 304, "full": 200, "range": 206}
_RANGE = range(10_000_000, 10_000_000 + 256 * 1024)


@dataclass(frozen=True, slots=True)
class Target:
    """A request to a server, answered rightly once."""

    request: Request
    server: Running

    def measure(self, seconds: int) -> Speed:
        before = self.server.cpu_seconds()
        found = rate(self.request, seconds)
        return Speed(found, (self.server.cpu_seconds() - before) / (found * seconds))


@dataclass(frozen=True, slots=True)
class Speed:
    rate: float
    cpu_seconds: float


Plan = dict[tuple[str, str], Target]
"""What to ask, by kind of request and name of server."""


def run(*, quick: bool) -> Iterator[Figure]:
    if not shutil.which("wrk"):
        print(
            "  WRK IS NOT INSTALLED: a slower load of our own takes its place, the ratios are too near to 1"
        )
    rounds, seconds = (1, 1) if quick else (5, 3)
    with tempfile.TemporaryDirectory(prefix="stationfeed-bench-") as folder, ExitStack() as opened:
        plan = _start(Path(folder), opened)
        found: dict[tuple[str, str], list[Speed]] = {one: [] for one in plan}
        for _ in range(rounds):
            for one, target in plan.items():
                found[one].append(target.measure(seconds))
    yield from _figures({one: _median(speeds) for one, speeds in found.items()})


def _median(speeds: list[Speed]) -> Speed:
    return Speed(median(one.rate for one in speeds), median(one.cpu_seconds for one in speeds))


def _start(folder: Path, opened: ExitStack) -> Plan:
    root, public, answers = folder / "station", folder / "public", folder / "answers"
    answers.mkdir()
    write_station(root, 300, size_bytes=ARTICLE_BYTES)
    large = root / "episodes" / slug_of(1) / "segment.mp3"
    large.unlink()
    large.write_bytes(silence(FILE_BYTES))
    ours = opened.enter_context(web_servers.stationfeed(root, folder / "stationfeed.log"))
    paths = _copy_public(ours.port, large, public)
    plan = _plan("ours", ours, paths, large)
    for (kind, _name), target in plan.items():
        answer = fetch(target.request)
        headers = [(name, value) for name, value in answer.headers.items() if name != "date"]
        write_answer(answers, kind, answer.status, headers, answer.body)
    bare = opened.enter_context(web_servers.bare(answers, folder / "bare.log"))
    for kind in paths:
        request = Request(bare.port, f"/{kind}", plan[kind, "ours"].request.headers)
        plan[kind, "bare"] = Target(request, bare)
    return {**plan, **_peers(folder, public, paths, large, opened)}


def _peers(folder: Path, public: Path, paths: Mapping[str, str], large: Path, opened: ExitStack) -> Plan:
    plan: Plan = {}
    for name, start in (("nginx", web_servers.nginx), ("caddy", web_servers.caddy)):
        server = opened.enter_context(start(public, folder))
        if server is None:
            print(f"  {name.upper()} IS NOT INSTALLED: what is compared with it is left out")
        else:
            plan |= _plan(name, server, paths, large)
    return plan


def _copy_public(port: int, large: Path, public: Path) -> dict[str, str]:
    """The bytes that we serve, as files for the peers; the addresses of the feed and of the large file."""
    feed = f"/feeds/{FEED}.xml"
    packed = fetch(Request(port, feed, {"Accept-Encoding": "gzip"})).body
    text = gzip.decompress(packed)
    enclosure = re.search(rf'url="https://[^/"]+(/media/{slug_of(1)}/[^"]+\.mp3)"', text.decode())
    if enclosure is None:
        raise RuntimeError("the large file is not in the feed")
    for address, data in ((feed, text), (f"{feed}.gz", packed), (enclosure[1], large.read_bytes())):
        path = public / address[1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return {"unchanged": feed, "full": feed, "range": enclosure[1]}


def _plan(name: str, server: Running, paths: Mapping[str, str], large: Path) -> Plan:
    """The requests to one server, each answered rightly once."""
    packed = {"Accept-Encoding": "gzip"}
    full = fetch(Request(server.port, paths["full"], packed))
    headers = {
        "unchanged": {**packed, "If-None-Match": full.headers["etag"]},
        "full": packed,
        "range": {"Range": f"bytes={_RANGE.start}-{_RANGE.stop - 1}"},
    }
    requests = {kind: Request(server.port, paths[kind], headers[kind]) for kind in paths}
    _check(name, {kind: fetch(request) for kind, request in requests.items()}, large)
    return {(kind, name): Target(request, server) for kind, request in requests.items()}


def _check(name: str, answers: Mapping[str, Response], large: Path) -> None:
    wrong = [kind for kind, answer in answers.items() if answer.status != _STATUS[kind]]
    if answers["full"].headers.get("content-encoding") != "gzip":
        wrong.append("full")
    if answers["range"].body != large.read_bytes()[_RANGE.start : _RANGE.stop]:
        wrong.append("range")
    if wrong:
        raise RuntimeError(f"{name} answers wrongly: {', '.join(wrong)}")


def _figures(speeds: Mapping[tuple[str, str], Speed]) -> Iterator[Figure]:
    for (kind, name), theirs in speeds.items():
        if name == "ours":
            continue
        ours = speeds[kind, "ours"]
        what, ratio = f"{_WORDS[kind]}, beside {name}", ours.rate / theirs.rate
        per_cpu = theirs.cpu_seconds / ours.cpu_seconds
        note = f"{ours.rate:,.0f} beside {theirs.rate:,.0f} a s; by CPU time {per_cpu:.2f} {TIMES}"
        bound = BOUNDS.get((kind, name))
        if bound is None:
            yield reported(what, f"{ratio:.2f} {TIMES}", note)
        else:
            yield at_least(what, ratio, bound, note)
