"""A made-up station's stories in a catalogue, without files: what rendering starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.newsroom import make_story, read_surroundings
from stationfeed.catalogue.index import open_index
from stationfeed.catalogue.state import open_state

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Indexed
    from stationfeed.catalogue.state import State
    from stationfeed.feeds.channel import Surroundings

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Stock:
    around: Surroundings
    catalogue: Catalogue
    state: State

    def take_in(self, found: Indexed) -> None:
        self.catalogue.replace([found], [])

    def close(self) -> None:
        self.catalogue.close()
        self.state.close()


def make_stock(folder: Path, count: int) -> Stock:
    """`count` public stories, all of them in one feed."""
    stock = Stock(
        read_surroundings(count),
        open_index(folder / "index.sqlite", "bench"),
        open_state(folder / "state.sqlite"),
    )
    for start in range(0, count, _BATCH):
        numbers = range(start, min(start + _BATCH, count))
        stock.catalogue.replace([make_story(one, stock.around.config) for one in numbers], [])
    return stock
