"""Photos in the sizes of pages, from the folder to the page, while the station is served."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from io import BytesIO
from threading import Event
from typing import TYPE_CHECKING

from PIL import Image

from stationfeed.station.prints import UNUSED_FOR
from tests.serving import Server, eventually, serving
from tests.stations import NOON

if TYPE_CHECKING:
    from tests.stations import StationFolder

_CHOICE = re.compile(r'srcset="([^"]+)"')
PHOTO = "image: {file: photo.jpg, alt: Shelves}\n"


def photo(width: int, height: int, color: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), color).save(file, "JPEG")
    return file.getvalue()


def choices(server: Server, slug: str) -> dict[str, str]:
    """The addresses of a story's photo by width, as soon as there are some."""
    found = eventually(lambda: _CHOICE.search(server.text(f"/stories/{slug}")))
    pairs = (one.split() for one in found[1].split(", "))
    return {width: address for address, width in pairs}


def test_a_page_has_a_photo_in_sizes_once_they_are_made(folder: StationFolder) -> None:
    folder.put("a", "photo.jpg", photo(1000, 500, "navy"))
    folder.episode("a", PHOTO)
    with serving(folder.root) as server:
        first = choices(server, "a")
        assert list(first) == ["320w", "640w", "960w", "1000w"]
        answer = server.ask(first["640w"])
        assert answer.said("content-type") == "image/webp"
        assert Image.open(BytesIO(answer.body)).size == (640, 320)
        (plain,) = re.findall(r'<img src="([^"]+)"', server.text("/stories/a"))
        assert Image.open(BytesIO(server.ask(plain).body)).size == (960, 480)
        folder.put("a", "photo.jpg", photo(400, 400, "red"))
        eventually(lambda: list(choices(server, "a")) == ["320w", "400w"])
        assert server.ask(first["640w"]).status == 301


def test_a_photo_that_becomes_public_later_has_its_sizes_then(folder: StationFolder) -> None:
    folder.put("a", "photo.jpg", photo(700, 500, "navy"))
    folder.episode("a", PHOTO, state="draft")
    with serving(folder.root) as server:
        assert server.ask("/stories/a").status == 404
        folder.episode("a", PHOTO)
        eventually(lambda: server.ask("/stories/a").status == 200)
        assert "320w" in choices(server, "a")


def test_prints_that_no_story_has_are_deleted_after_a_day(folder: StationFolder) -> None:
    for slug, color in (("a", "navy"), ("b", "red")):
        folder.put(slug, "photo.jpg", photo(400, 300, color))
        folder.episode(slug, PHOTO)
    station = folder.open()
    darkroom = station.prints.open_darkroom(station.config.limits)
    wanted = station.prints.missing(station.catalogue, ["a", "b"], NOON)
    assert darkroom.print_all(wanted, Event()).made == 2
    assert station.prints.missing(station.catalogue, ["a", "b"], NOON) == []
    for file in (folder.root / ".stationfeed/cache/pictures").iterdir():
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))
    folder.episode("b", state="draft")
    station.look(NOON)
    assert station.prints.sweep(station.catalogue, NOON + UNUSED_FOR) == 0, "it may come back within a day"
    assert station.prints.sweep(station.catalogue, NOON + UNUSED_FOR + timedelta(seconds=1)) > 0
    assert len(station.prints.find(wanted[0].sha256)) + len(station.prints.find(wanted[1].sha256)) == 3
    station.close()
