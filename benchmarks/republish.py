"""One edited story until its feed's gzip form is ready, beside feedgen and gzip of the whole.

Inside the measured part: the index is asked whether and where the feed shows the story, and what its head says of
older ones where the edit may have changed that, the story and its HTML are loaded, the item goes through feedgen and is compressed, the head is made
where it changed, all is stitched into the parts in which it is served, the ETag is computed. "From Markdown" the
story's HTML is made, too, and kept in the index; the peer never does that, it has all articles as HTML in memory.

Outside, since any program must do it: the story is read and written to the index, the ETag's date is recorded in
the state database. Those commits stand below, beside the whole of `restock`, which makes three formats, and what it
would cost to join the parts into one piece.
"""

from __future__ import annotations

import gc
import gzip
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figures import TIMES, at_least, cpu_seconds, milliseconds, reported, wall_seconds
from benchmarks.newsroom import FEED, NOON, make_story
from benchmarks.peer import feedgen_gzip
from benchmarks.same_elements import differing_elements
from benchmarks.stock import make_stock
from stationfeed.catalogue.queries import Wanted, entries_of
from stationfeed.catalogue.state import Offer
from stationfeed.feeds.channel import resolve_channel
from stationfeed.publish.shelf import EMPTY, front_of, make_ready, restock
from stationfeed.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.figures import Figure
    from benchmarks.stock import Stock
    from stationfeed.catalogue.state import Served
    from stationfeed.model.words import Slug
    from stationfeed.publish.shelf import Ready

TITLE = "One edit until the gzip form is ready, beside feedgen + gzip -6 of the whole (CPU time)"
BOUNDS = {300: 80, 3_000: 200, 10_000: 300}
_ROUNDS = {300: 9, 3_000: 5, 10_000: 3}
_EDITS = 8


def run(*, quick: bool) -> Iterator[Figure]:
    for count, bound in BOUNDS.items():
        if quick and count > 300:
            return
        with tempfile.TemporaryDirectory(prefix="stationfeed-bench-") as folder:
            stock = make_stock(Path(folder), count)
            yield from _measure(Newsdesk(stock), count, bound)
            stock.close()


class Newsdesk:
    """Edits one story after another and publishes each edit."""

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.site = Site(stock.around, stock.catalogue)
        self.shelf = restock(EMPTY, self.site, self._record, NOON, touched=None)
        self._front = self.shelf.fronts[FEED]
        self._dice, self._revision = Random(1), 0

    def edit(self, *, kept_as_html: bool = False) -> tuple[Slug, float]:
        """Another article for some story; its slug and the wall seconds of its commit to the index."""
        self._revision += 1
        number = self._dice.randrange(len(self._front.shown))
        story = make_story(number, self.stock.around.config, self._revision)
        seconds = wall_seconds(lambda: self.stock.take_in(story))
        if kept_as_html:
            another_site = Site(self.stock.around, self.stock.catalogue)
            another_site.views(list(entries_of(self.stock.catalogue, Wanted(), NOON, [story.slug]).values()))
        return story.slug, seconds

    def republish(self, slug: Slug) -> Ready:
        """The work that is measured, as `publish.shelf` does it for one format."""
        with self.stock.catalogue.together():
            self._front = front_of(FEED, self._front, self.site, {slug}, NOON)
            document = self.site.document(FEED, "xml", self._front.shown, self._front.older)
        return make_ready(document, document.etag, NOON)

    def restock(self, slug: Slug) -> None:
        """All formats, on record in the state database."""
        self.shelf = restock(self.shelf, self.site, self._record, NOON, touched={slug})

    def _record(self, offers: Sequence[Offer]) -> Mapping[str, Served]:
        return self.stock.state.record_served(offers, NOON)

    def feedgen(self) -> bytes:
        return feedgen_gzip(resolve_channel(FEED, self.stock.around), self._items)

    def get_ready_for_feedgen(self) -> None:
        self._items = self.site.views(self._front.shown)


def _measure(desk: Newsdesk, count: int, bound: float) -> Iterator[Figure]:
    desk.get_ready_for_feedgen()
    yield from _differences(desk, count)
    plain: list[float] = []
    ours: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(_ROUNDS[count]):
        gc.collect()
        plain.append(cpu_seconds(desk.feedgen))
        for turn in range(_EDITS):
            kept_as_html = turn % 2 == 0
            slug, _commit = desk.edit(kept_as_html=kept_as_html)
            gc.collect()
            ours[kept_as_html].append(cpu_seconds(lambda slug=slug: desk.republish(slug)))  # type: ignore[misc]
    html, markdown, theirs = median(ours[True]), median(ours[False]), median(plain)
    note = f"{milliseconds(html)} beside {milliseconds(theirs)}"
    yield at_least(f"{count:,} items, from the edited story's HTML", theirs / html, bound, note)
    note = f"{milliseconds(markdown)}; the peer never reads Markdown"
    yield reported(
        f"{count:,} items, from the edited story's Markdown", f"{theirs / markdown:.1f} {TIMES}", note
    )
    yield from _outside(desk, count)


def _outside(desk: Newsdesk, count: int) -> Iterator[Figure]:
    commits, records, whole = [], [], []
    for turn in range(_EDITS):
        offer = Offer("/feeds/bench.xml", str(turn))
        records.append(wall_seconds(lambda offer=offer: desk.stock.state.record_served([offer], NOON)))  # type: ignore[misc]
        slug, commit = desk.edit()
        commits.append(commit)
        whole.append(wall_seconds(lambda slug=slug: desk.restock(slug)))  # type: ignore[misc]
    slug, _commit = desk.edit()
    parts = desk.republish(slug).gzip
    joining = median(cpu_seconds(lambda: b"".join(parts)) for _ in range(_EDITS))
    yield reported(
        f"{count:,} items, outside: joining the parts", milliseconds(joining), f"{len(parts)} parts"
    )
    yield reported(f"{count:,} items, outside: commit to the index", milliseconds(median(commits)))
    yield reported(f"{count:,} items, outside: commit to the state database", milliseconds(median(records)))
    yield reported(f"{count:,} items, whole restock: xml, atom, json, recorded", milliseconds(median(whole)))


def _differences(desk: Newsdesk, count: int) -> Iterator[Figure]:
    if count > min(BOUNDS):
        return
    slug, _commit = desk.edit()
    ours = gzip.decompress(b"".join(desk.republish(slug).gzip))
    differing = differing_elements(ours, gzip.decompress(desk.feedgen()))
    yield reported(
        "the same elements in both documents", "no!" if differing else "yes", str(dict(differing) or "")
    )
