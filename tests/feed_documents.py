"""What the feed tests share: the demo station's copy, public bytes, strictly parsed XML, a small picture."""

from __future__ import annotations

import shutil
import struct
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lxml import etree

from stationfeed.feeds.stitch import plain_bytes
from stationfeed.feeds.tags import NAMESPACES
from stationfeed.site import Document, PublicFile
from tests.stations import DEMO, StationFolder

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.station.opened import OpenStation

DEMO_INSTANT = datetime(2026, 11, 25, tzinfo=UTC)
"""Two days after the demo's newest story."""

DEMO_PARTS = ("config.yaml", "episodes", "people", "schedules", "brand")
ATOM = "{http://www.w3.org/2005/Atom}"


class Stage:
    """A folder and its open station, in an object that Hypothesis prints as one word."""

    def __init__(self, folder: StationFolder, station: OpenStation) -> None:
        self.folder, self.station = folder, station


def copy_demo(to: Path) -> StationFolder:
    """The demo station without what the program made beside it, its audio published as it is."""
    to.mkdir(parents=True)
    for name in DEMO_PARTS:
        source = DEMO / name
        if source.is_dir():
            shutil.copytree(source, to / name)
        else:
            shutil.copy2(source, to / name)
    config = to / "config.yaml"
    text = config.read_text(encoding="utf-8")
    assert "renditions: true" in text
    config.write_text(text.replace("renditions: true", "renditions: false"), encoding="utf-8")
    return StationFolder(to)


def public_bytes(station: OpenStation, address: str, at: datetime) -> bytes:
    """What a listener receives from an address that is public."""
    answer = station.answer(address, at)
    if isinstance(answer, PublicFile):
        return (station.root / answer.path).read_bytes()
    assert isinstance(answer, Document), f"{address} is {answer}"
    return plain_bytes(answer.segments)


def parse_xml(data: bytes) -> etree._Element:
    """The root of a document; anything that is not well-formed raises."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, recover=False))


def name_of(element: etree._Element) -> str:
    """`itunes:image`, or a bare name outside every namespace."""
    qualified = etree.QName(element)
    prefix = next((key for key, uri in NAMESPACES.items() if uri == qualified.namespace), None)
    return f"{prefix}:{qualified.localname}" if prefix else qualified.localname


def names_in(element: etree._Element) -> list[str]:
    """The names of an element's children, in their order."""
    return [name_of(child) for child in element]


def texts(element: etree._Element, path: str) -> list[str]:
    """The texts of the elements at a path such as `item/podcast:guid`, in document order."""
    return [one.text or "" for one in element.iterfind(path, NAMESPACES)]


def items_of(data: bytes) -> list[etree._Element]:
    return list(parse_xml(data).iterfind("channel/item"))


def guids_of(data: bytes) -> list[str]:
    return texts(parse_xml(data), "channel/item/guid")


def png(width: int, height: int) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, payload: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + payload))
        return struct.pack(">I", len(payload)) + kind + payload + checksum

    rows = (b"\x00" + b"\x23\x48\x3f" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        )
    )
