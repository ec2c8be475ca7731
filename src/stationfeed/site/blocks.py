"""A list of items in compressed blocks, so that a change costs the block it is in and not the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.feeds.stitch import Segment, join_segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from stationfeed.catalogue.rows import Entry

BLOCK_ITEMS = 64


@dataclass(frozen=True, slots=True)
class Block:
    """Some neighbouring items of a list: their entries, each item's segment, and all of them joined."""

    entries: tuple[Entry, ...]
    segments: tuple[Segment, ...]
    joined: Segment


def reblock(
    blocks: Sequence[Block],
    shown: tuple[Entry, ...],
    render: Callable[[Sequence[Entry]], Sequence[Segment]],
    separator: Segment | None,
) -> tuple[Block, ...]:
    """The blocks of a new list, with every block of the old one that stands in it unchanged.

    `render` is asked for the segments of entries that the old blocks do not have. Where blocks begin and end
    depends on what came before; the bytes they make together do not.
    """
    pieces = list(_pieces(blocks, shown))
    kept = {id(piece) for piece in pieces if isinstance(piece, Block)}
    lost = [block for block in blocks if id(block) not in kept]
    known = {
        entry.version: segment
        for block in lost
        for entry, segment in zip(block.entries, block.segments, strict=True)
    }
    return tuple(
        piece if isinstance(piece, Block) else _block(piece, known, render, separator) for piece in pieces
    )


def _block(
    entries: tuple[Entry, ...],
    known: Mapping[str, Segment],
    render: Callable[[Sequence[Entry]], Sequence[Segment]],
    separator: Segment | None,
) -> Block:
    missing = [entry for entry in entries if entry.version not in known]
    fresh = iter(render(missing))
    segments = tuple(known.get(entry.version) or next(fresh) for entry in entries)
    return Block(entries, segments, join_segments(separated(segments, separator)))


def separated(segments: Sequence[Segment], separator: Segment | None) -> Sequence[Segment]:
    if separator is None or not segments:
        return segments
    return [piece for segment in segments for piece in (segment, separator)][:-1]


def _pieces(blocks: Sequence[Block], shown: tuple[Entry, ...]) -> Iterator[Block | tuple[Entry, ...]]:
    """The new list as old blocks and the runs of entries between them, none longer than a block.

    A block is taken apart where the run before it is so short that both fit into one.
    """
    find = _Finder(shown)
    done = expected = 0
    for block in blocks:
        length = len(block.entries)
        place = find(block, expected)
        expected = (expected if place is None else place) + length
        if place is None or place < done or 0 < place - done <= BLOCK_ITEMS - length:
            continue
        yield from _runs(shown[done:place])
        yield block
        done = place + length
    yield from _runs(shown[done:])


class _Finder:
    """Where a block's entries stand in a list: usually where they are expected, as after an edit."""

    def __init__(self, shown: tuple[Entry, ...]) -> None:
        self._shown = shown
        self._places: dict[int, int] | None = None
        self._misses = 0

    def __call__(self, block: Block, expected: int) -> int | None:
        if self._is_at(block, expected):
            return expected
        self._misses += 1
        if self._misses == 1:  # an edit: the block that it is in, and no other, is not where it was
            return None
        if self._places is None:
            self._places = {id(entry): place for place, entry in enumerate(self._shown)}
        place = self._places.get(id(block.entries[0]))
        return place if place is not None and self._is_at(block, place) else None

    def _is_at(self, block: Block, place: int) -> bool:
        return self._shown[place : place + len(block.entries)] == block.entries


def _runs(entries: tuple[Entry, ...]) -> Iterator[tuple[Entry, ...]]:
    for start in range(0, len(entries), BLOCK_ITEMS):
        yield entries[start : start + BLOCK_ITEMS]
