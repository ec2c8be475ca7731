"""Archive pages (RFC 5005): what the first document no longer shows, in pages that stay as they are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.feed_documents import guids_of, parse_xml, public_bytes, texts
from tests.stations import CONFIG, NOON, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stationfeed.station.opened import OpenStation

LIMIT = 50
STORIES = 170
FIRST = "/feeds/news.xml"


def page(number: int) -> str:
    return f"/feeds/news/archive/{number}.xml"


def slug_of(number: int) -> str:
    """Names that do not sort as the dates do."""
    return f"s{number * 7 % 1000:03}-{number}"


def add(folder: StationFolder, number: int, **fields: str | None) -> str:
    """Story `number`, counted from the oldest; five at a time share one instant."""
    at = NOON - timedelta(days=300) + timedelta(hours=number // 5)
    given: dict[str, str | None] = {"guid": f"guid-{number}", "published_at": at.isoformat(), **fields}
    folder.episode(slug_of(number), "", "An article.\n", **given)
    return slug_of(number)


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_station(tmp_path_factory.mktemp("archive"), with_limit(LIMIT))
    for number in range(STORIES):
        add(folder, number)
    return folder.root


def with_limit(limit: int) -> str:
    return CONFIG.replace("select: {shows: [newsroom]}", f"select: {{shows: [newsroom]}}, limit: {limit}")


@pytest.fixture
def station(stocked: Path) -> Iterator[OpenStation]:
    """Only to be looked at: the folder is shared."""
    opened = StationFolder(stocked).open()
    yield opened
    opened.close()


@pytest.fixture
def small(tmp_path: Path) -> StationFolder:
    """Twelve stories in a feed of four, so two full pages."""
    folder = make_station(tmp_path / "small", with_limit(4))
    for number in range(12):
        add(folder, number)
    return folder


def pages_of(station: OpenStation) -> dict[str, bytes]:
    addresses = [one for one in station.site.addresses(NOON) if one.startswith("/feeds/news/archive/")]
    return {address: public_bytes(station, address, NOON) for address in addresses}


def in_order(count: int) -> list[str]:
    """The guids as the archive numbers them: oldest first, of one instant the last slug first."""
    by_slug = sorted(range(count), key=slug_of, reverse=True)
    return [f"guid-{number}" for number in sorted(by_slug, key=lambda number: number // 5)]


def test_the_pages_hold_everything_that_the_first_document_does_not_show(station: OpenStation) -> None:
    shown = guids_of(public_bytes(station, FIRST, NOON))
    archived = [guid for data in pages_of(station).values() for guid in guids_of(data)]
    assert shown == in_order(STORIES)[: -LIMIT - 1 : -1]
    assert set(archived) | set(shown) == set(in_order(STORIES))
    assert len(archived) == len(set(archived))


def test_the_pages_are_full_and_numbered_from_the_oldest_with_the_newest_story_first(
    station: OpenStation,
) -> None:
    pages = pages_of(station)
    assert list(pages) == [page(1), page(2), page(3)]
    for number, data in enumerate(pages.values()):
        assert guids_of(data) == in_order(STORIES)[number * LIMIT : (number + 1) * LIMIT][::-1]


def test_each_page_says_that_it_is_one_and_where_the_others_are(station: OpenStation) -> None:
    base = "https://news.kxmp.example"
    for number, data in enumerate(pages_of(station).values(), start=1):
        channel = parse_xml(data)[0]
        links = {one.get("rel"): one.get("href") for one in channel.iterfind("{*}link[@rel]")}
        earlier = {"prev-archive": base + page(number - 1)} if number > 1 else {}
        assert links == {"self": base + page(number), "current": base + FIRST, **earlier}
        assert texts(channel, "fh:archive") == [""]
    channel = parse_xml(public_bytes(station, FIRST, NOON))[0]
    assert [one.get("href") for one in channel.iterfind("{*}link[@rel='prev-archive']")] == [base + page(3)]
    assert texts(channel, "fh:archive") == []


@pytest.mark.parametrize("number", ["0", "4", "01", "-1", "9999999"])
def test_there_is_no_page_beside_them(station: OpenStation, number: str) -> None:
    assert station.answer(f"/feeds/news/archive/{number}.xml", NOON) is None


def test_a_feed_that_shows_everything_has_no_archive(station: OpenStation) -> None:
    assert station.answer("/feeds/everything/archive/1.xml", NOON) is None
    assert b"prev-archive" not in public_bytes(station, "/feeds/everything.xml", NOON)


def test_a_new_story_changes_no_page_that_was_there(small: StationFolder) -> None:
    station = small.open()
    before = pages_of(station)
    for number in range(12, 17):
        station.look(NOON, only=[add(small, number)])
        after = pages_of(station)
        assert {address: after[address] for address in before} == before
    assert len(after) == len(before) + 2
    station.close()


def test_a_withdrawn_story_leaves_a_hole_and_the_other_pages_keep_their_bytes(small: StationFolder) -> None:
    station = small.open()
    before = pages_of(station)
    gone = add(small, 1, state="withdrawn", withdrawn="{at: 2026-05-02T09:00, reason: Wrong.}")
    station.look(NOON, only=[gone])
    after = pages_of(station)
    assert "guid-1" in guids_of(before[page(1)])
    assert guids_of(after[page(1)]) == [one for one in guids_of(before[page(1)]) if one != "guid-1"]
    assert {one for one in before if after.get(one) != before[one]} == {page(1)}
    assert b"guid-1<" not in after[page(1)]
    station.close()


def test_an_expired_story_leaves_a_hole_and_the_other_pages_keep_their_bytes(small: StationFolder) -> None:
    ends = (NOON + timedelta(hours=1)).isoformat()
    add(small, 1, expires_at=ends)
    station = small.open()
    before = pages_of(station)
    later = NOON + timedelta(hours=1)
    station.tick(later)
    assert "guid-1" in guids_of(before[page(1)])
    assert "guid-1" not in guids_of(public_bytes(station, page(1), later))
    assert public_bytes(station, page(2), later) == before[page(2)]
    station.close()


def test_an_embargoed_story_takes_no_place_before_its_time(small: StationFolder) -> None:
    station = small.open()
    before = pages_of(station)
    station.look(NOON, only=[add(small, 99, published_at=(NOON + timedelta(hours=1)).isoformat())])
    assert pages_of(station) == before
    station.close()


def test_a_correction_changes_its_own_page_only(small: StationFolder) -> None:
    station = small.open()
    before = pages_of(station)
    notes = "[{at: 2026-05-02T09:00, kind: correction, note: It was Tuesday.}]"
    number = int(in_order(12)[5].removeprefix("guid-"))
    station.look(NOON, only=[add(small, number, updates=notes)])
    after = pages_of(station)
    assert {one for one in before if after[one] != before[one]} == {page(2)}
    assert b"It was Tuesday." in after[page(2)]
    station.close()
