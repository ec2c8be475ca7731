"""The first rendering of a feed since the program started, beside feedgen.

Ours begins at the index: stories and HTML are read from it; the peer has everything as values in memory. The text is
compared with feedgen's text, the gzip form with feedgen's through gzip -6.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import count as count_up
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import TIMES, alternate, at_most, reported
from benchmarks.newsroom import FEED, NOON
from benchmarks.peer import feedgen_gzip, feedgen_rss
from benchmarks.stock import make_stock
from stationfeed.feeds import rss
from stationfeed.feeds.channel import resolve_channel
from stationfeed.feeds.extras import Paging
from stationfeed.feeds.stitch import stitch_gzip
from stationfeed.model.words import Url
from stationfeed.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.figures import Figure
    from benchmarks.stock import Stock

TITLE = "First rendering of a feed, beside feedgen with the same elements (CPU time)"
BOUND = 1.5
_ROUNDS = 5


def run(*, quick: bool) -> Iterator[Figure]:
    count = 300 if quick else 3_000
    with tempfile.TemporaryDirectory(prefix="stationfeed-bench-") as folder:
        stock = make_stock(Path(folder), count)
        yield from _measure(stock, count)
        stock.close()


def _measure(stock: Stock, count: int) -> Iterator[Figure]:
    site = Site(stock.around, stock.catalogue)
    channel, items = resolve_channel(FEED, stock.around), site.views(site.window(FEED, NOON))
    warm = alternate(
        {
            "text": lambda: _text(stock),
            "feedgen text": lambda: feedgen_rss(channel, items),
            "gzip": lambda: _gzip(stock),
            "feedgen gzip": lambda: feedgen_gzip(channel, items),
        },
        _ROUNDS,
    )
    for form in ("text", "gzip"):
        ours, plain = warm[form], warm[f"feedgen {form}"]
        note = f"{ours:.2f} s beside {plain:.2f} s"
        yield at_most(
            f"{count:,} items, articles kept as HTML, until the {form}", ours / plain, BOUND, TIMES, note
        )
    numbers = count_up()
    cold = alternate({"cold": lambda: _gzip(_moved(stock, next(numbers)))}, 2)["cold"]
    yield reported(
        f"{count:,} items cold from Markdown, until the gzip",
        f"{cold / warm['feedgen gzip']:.2f} {TIMES}",
        f"{cold:.2f} s, {cold / count * 1000:.2f} ms an item",
    )


def _text(stock: Stock) -> bytes:
    site, channel = Site(stock.around, stock.catalogue), resolve_channel(FEED, stock.around)
    shown = site.window(FEED, NOON)
    head, tail = rss.render_rss_frame(channel, Paging(channel.self_url), built_at=NOON)
    items = [rss.render_rss_item(channel, item) for item in site.views(shown)]
    return b"".join((head, *items, tail))


def _gzip(stock: Stock) -> bytes:
    site = Site(stock.around, stock.catalogue)
    shown = site.window(FEED, NOON)
    document = site.document(FEED, "xml", shown, site.older(FEED, NOON))
    return stitch_gzip(document.segments)


def _moved(stock: Stock, number: int) -> Stock:
    """The station at another address, for which no article is kept as HTML."""
    config = stock.around.config
    site = replace(config.site, base_url=Url(f"https://news{number}.kxmp.example"))
    return replace(stock, around=replace(stock.around, config=replace(config, site=site)))
