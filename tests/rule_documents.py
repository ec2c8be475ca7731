"""Every document of the demo and the golden stations, for the tests of the conformance table's rules."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from stationfeed.site import Document
from tests.feed_documents import DEMO_INSTANT, copy_demo, items_of, parse_xml, public_bytes
from tests.stations import NOON, StationFolder
from tests.test_golden_feeds import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

KINDS = ("demo", "rss", "atom", "json", "corrections", "archive")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Documents = dict[str, bytes]


@pytest.fixture(scope="session", params=KINDS, name="documents")
def made_documents(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Documents]:
    """Every rendered document of a station, by address."""
    root = tmp_path_factory.mktemp("rules") / "station"
    at = DEMO_INSTANT if request.param == "demo" else NOON
    if request.param == "demo":
        copy_demo(root)
    else:
        shutil.copytree(GOLDEN / request.param / "station", root)
    station = StationFolder(root).open(at)
    addresses = list(station.site.addresses(at))
    yield {
        address: public_bytes(station, address, at)
        for address in addresses
        if isinstance(station.answer(address, at), Document)
    }
    station.close()


@pytest.fixture(name="rss")
def made_rss(documents: Documents) -> Documents:
    return {address: data for address, data in documents.items() if re.fullmatch(r"/feeds/.*\.xml", address)}


@pytest.fixture(name="atom")
def made_atom(documents: Documents) -> Documents:
    return {address: data for address, data in documents.items() if address.endswith(".atom")}


@pytest.fixture(name="feeds")
def made_feeds(documents: Documents) -> list[Any]:
    return [json.loads(data) for address, data in documents.items() if re.search(r"/feeds/.*\.json", address)]


def channels(rss: Documents) -> list[etree._Element]:
    return [parse_xml(data)[0] for data in rss.values()]


def all_items(rss: Documents) -> list[etree._Element]:
    return [item for data in rss.values() for item in items_of(data)]


def is_absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and (url or "").isascii()
