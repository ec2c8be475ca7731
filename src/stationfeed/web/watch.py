"""Word of changes in a station folder, from the system where it sends any, and from looking where it does not."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import DefaultFilter, awatch

from stationfeed.folder.reader import CONFIG, EPISODES, PEOPLE, SCHEDULES

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Collection

LOG = logging.getLogger("stationfeed")
LOOK_EVERY_S = 60
"""How often everything is looked at without a word: network drives send none."""
LOOK_OFTEN_S = 2
"""How often where the system cannot watch so many folders."""
SETTLE_MS = 150
_WATCHED = (str(EPISODES), str(PEOPLE), str(SCHEDULES), "brand")


async def watch_folder(root: Path) -> AsyncGenerator[Collection[str] | None]:
    """For each change the episodes it is in, or None where everything must be looked at."""
    heard: asyncio.Queue[set[Path] | None] = asyncio.Queue()
    tasks = [asyncio.create_task(_watch_top(root, heard)), asyncio.create_task(_watch_inside(root, heard))]
    try:
        await asyncio.sleep(0)  # both begin to watch
        yield None  # what changed before they did
        while True:
            paths = await heard.get()
            while not heard.empty() and paths is not None:
                more = heard.get_nowait()
                paths = None if more is None else paths | more
            yield None if paths is None else _episodes_in(root, paths)
    finally:
        for task in tasks:
            task.cancel()


async def _watch_top(root: Path, heard: asyncio.Queue[set[Path] | None]) -> None:
    """config.yaml, and folders that appear: the rest of the top (a repository, say) is no business of ours."""
    names = {str(CONFIG), *_WATCHED}
    changes = awatch(
        root,
        recursive=False,
        debounce=SETTLE_MS,
        rust_timeout=LOOK_EVERY_S * 1000,
        yield_on_timeout=True,
        watch_filter=lambda _change, path: Path(path).name in names,
    )
    async for _found in changes:
        heard.put_nowait(None)


async def _watch_inside(root: Path, heard: asyncio.Queue[set[Path] | None]) -> None:
    while True:
        folders = _folders(root)
        if not folders:
            await asyncio.sleep(LOOK_OFTEN_S)
            continue
        try:
            async for found in awatch(
                *folders,
                debounce=SETTLE_MS,
                rust_timeout=LOOK_OFTEN_S * 1000,
                yield_on_timeout=True,
                watch_filter=DefaultFilter(),
            ):
                if found:
                    heard.put_nowait({Path(path) for _change, path in found})
                if _folders(root) != folders:
                    break
        except OSError as error:
            LOG.warning(
                "changes are looked for every %s s, since the system cannot watch: %s", LOOK_OFTEN_S, error
            )
            heard.put_nowait(None)
            await asyncio.sleep(LOOK_OFTEN_S)


def _folders(root: Path) -> list[Path]:
    return [root / name for name in _WATCHED if (root / name).is_dir()]


def _episodes_in(root: Path, paths: Collection[Path]) -> set[str] | None:
    """The episodes that changed, or None where something else did too."""
    slugs = set()
    for path in paths:
        inside = path.relative_to(root).parts
        if len(inside) < 2 or inside[0] != EPISODES.name:
            return None
        slugs.add(inside[1])
    return slugs
