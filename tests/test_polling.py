"""Sources that are asked again and again: what they tell once, what they tell no more, and how they are named."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from stationfeed.model.station import NowPlayingSource
from stationfeed.model.words import Slug, Url
from stationfeed.station.polling import Polling
from tests.outside import PATIENCE_S, Names, Reply, Site, running, site, trickles, wait_for, waits
from tests.serving import Server, eventually, serving
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stationfeed.model.on_air import OnAir, PlayingItem
    from stationfeed.station.polling import SourceState

FM, HD = Slug("kxmp-fm"), Slug("kxmp-hd")
MORNING = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
GONE = Reply(503)
PUBLIC = "93.184.215.14"


@dataclass
class Listener:
    """Polling with a clock that is set by hand; `told` is all that it told."""

    at: datetime = MORNING
    told: list[tuple[Slug, PlayingItem | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.polling = Polling(lambda: self.at, lambda service, item: self.told.append((service, item)))

    def titles(self, service: Slug = FM) -> list[str | None]:
        return [item.title if item else None for one, item in self.told if one == service]

    def state(self, service: Slug = FM) -> SourceState:
        (found,) = (one for one in self.polling.states if one.service == service)
        return found

    def name(self, service: Slug = FM) -> tuple[str, str | None]:
        return self.state(service).state, self.state(service).reason


@pytest.fixture
def listener() -> Iterator[Listener]:
    """At its end no source is asked any more, and no thread is left."""
    found = Listener()
    with closing(found.polling):
        yield found
    wait_for(source_threads, [])


def source_threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("source-")]


class InTurn(dict[str, Reply]):
    """Answers for any path, one after the other, the last again and again."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__()
        self.replies = list(replies)

    def get(self, _path: str, _other: object = None) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def page(title: str) -> Reply:
    found = {"icestats": {"source": {"listenurl": "http://localhost/fm.mp3", "title": title}}}
    return Reply(body=json.dumps(found).encode())


def source(url: str, *, allow_private: bool = True, **fields: Any) -> NowPlayingSource:
    """Asked twenty times as often as a configuration may say."""
    often: Any = 0.05
    return NowPlayingSource(
        source="icecast", url=Url(url), every_s=often, allow_private=allow_private, **fields
    )


@contextmanager
def speakers(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that says what it likes to everyone who asks, until it is closed."""
    with ExitStack() as answering, socket.create_server(("127.0.0.1", 0)) as door:

        def answer(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.recv(65536)
                speak(connection)

        def listen() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = door.accept()
                    connection.settimeout(PATIENCE_S)
                    answering.enter_context(running(partial(answer, connection)))
                    answering.callback(_hang_up, connection)

        with running(listen):
            try:
                yield f"http://127.0.0.1:{door.getsockname()[1]}/"
            finally:
                door.shutdown(socket.SHUT_RDWR)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def test_a_title_is_told_once_and_another_one_again(listener: Listener) -> None:
    with site(InTurn(page("Ada"), page("Ada"), page("Bach"), page("Bach"), page("Ada"))) as radio:
        listener.polling.follow({FM: source(radio.url)})
        assert listener.name() in [("starting", None), ("ok", None)]
        wait_for(lambda: len(radio.asked), 6)
    assert listener.titles() == ["Ada", "Bach", "Ada"]
    item = listener.told[0][1]
    assert item is not None
    assert (item.source, item.starts_at, item.as_of, item.ends_at) == ("icecast", MORNING, MORNING, None)
    assert (listener.state().state, listener.state().since) == ("ok", MORNING)


def test_of_one_answer_that_is_missing_nothing_is_concluded(listener: Listener) -> None:
    replies = InTurn(page("Ada"))
    with site(replies) as radio:
        listener.polling.follow({FM: source(radio.url)})
        wait_for(listener.titles, ["Ada"])
        listener.at = MORNING + timedelta(hours=1)
        replies.replies = [GONE, page("Ada"), GONE, page("Ada"), GONE, page("Bach")]
        wait_for(listener.titles, ["Ada", "Bach"])
    assert (listener.state().state, listener.state().since) == ("ok", MORNING), "it never was silent"


def test_two_answers_that_are_missing_take_the_title_away_until_there_is_one(listener: Listener) -> None:
    replies = InTurn(page("Ada"))
    with site(replies) as radio:
        listener.polling.follow({FM: source(radio.url), HD: source("http://127.0.0.1:1/")})
        wait_for(listener.titles, ["Ada"])
        silent_at = listener.at = MORNING + timedelta(minutes=5)
        replies.replies = [GONE]
        wait_for(listener.titles, ["Ada", None])
        assert listener.name() == ("silent", "answered 503")
        wait_for(lambda: listener.name(HD), ("silent", "takes no connections"))
        listener.at = MORNING + timedelta(minutes=6)
        replies.replies = [Reply(body=b"<html>")]
        wait_for(listener.name, ("silent", "sent a status page that is not valid JSON"))
        assert listener.state().since == silent_at, "it was silent all the time"
        replies.replies = [page("Ada")]
        wait_for(listener.titles, ["Ada", None, "Ada"])
        assert listener.name() == ("ok", None)
        assert listener.state().since == MORNING + timedelta(minutes=6)
    assert listener.titles(HD) == []


def test_a_source_that_says_nothing_takes_the_title_away_and_is_well(listener: Listener) -> None:
    with site(InTurn(page("Ada"), page(" - "), page("Bach"))) as radio:
        listener.polling.follow({FM: source(radio.url)})
        wait_for(listener.titles, ["Ada", None, "Bach"])
    assert listener.name() == ("ok", None)


def test_a_title_to_be_ignored_takes_away_what_was_playing(listener: Listener) -> None:
    with site(InTurn(page("Ada"), page("KXMP 91.3"), page("KXMP - live"), page("Bach"))) as radio:
        listener.polling.follow({FM: source(radio.url, ignore=("nothing", "^KXMP"))})
        wait_for(listener.titles, ["Ada", None, "Bach"])


def test_another_artist_with_the_same_title_is_another_item(listener: Listener) -> None:
    def by(artist: str) -> Reply:
        found = {"listenurl": "http://localhost/", "title": "Suite", "artist": artist}
        return Reply(body=json.dumps({"icestats": {"source": found}}).encode())

    with site(InTurn(by("Ada"), by("Ada"), by("Bach"))) as radio:
        listener.polling.follow({FM: source(radio.url)})
        wait_for(lambda: [item and item.artist for _, item in listener.told], ["Ada", "Bach"])


def test_a_title_that_is_stuck_grows_old(tmp_path: Path, listener: Listener) -> None:
    """It is asked for all the time, and never said to be new."""
    config = CONFIG.replace(
        "kind: fm,",
        "kind: fm, now_playing: {source: icecast, url: 'http://a.example/', shelf_life_s: 90},",
        1,
    )
    station = station_folder(tmp_path, config).open(MORNING)
    with closing(station), site({"/": page("Stuck")}) as radio:
        listener.polling.follow({FM: source(f"{radio.url}/")})
        wait_for(listener.titles, ["Stuck"])
        station.hear(*listener.told[0], MORNING)
        listener.at = MORNING + timedelta(seconds=90)
        wait_for(lambda: len(radio.asked), 4)
        assert listener.titles() == ["Stuck"]
        assert [item_at(station.site.broadcast.on_air(FM, MORNING + timedelta(seconds=one))) for one in (0, 89, 90)] == [
            "Stuck", "Stuck", None,
        ]  # fmt: skip


def item_at(found: OnAir) -> str | None:
    return found.item.title if found.item else None


def test_whatever_sources_do_each_is_named_and_nothing_else_notices(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow and endless answers are given up after five seconds; one after the other, they would take a minute."""
    names = Names({"www.example.org": (PUBLIC,)}, {PUBLIC: "127.0.0.1"})
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    metadata = {"Location": "http://169.254.169.254/latest/meta-data/"}
    pages = {
        "/good": page("Ada"),
        "/html": Reply(headers={"Content-Type": "text/html"}, body=b"<html><title>Login</title></html>"),
        "/garbage": Reply(body=bytes(range(256)) * 100),
        "/large": Reply(body=page("x" * 300_000).body),
        "/inward": Reply(302, {"Location": "http://10.0.0.1/status-json.xsl"}),
        "/metadata": Reply(302, metadata),
        "/round": Reply(302, {"Location": "/round"}),
        "/title": page("x" * 501),
    }
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with site(pages) as radio, speakers(waits) as slow, speakers(trickles(head, b" ")) as endless:
        port = radio.url.rpartition(":")[2]
        public = source(f"http://www.example.org:{port}/inward", allow_private=False)
        bad = {
            "slow": (source(slow), "took longer than 5 s"),
            "endless": (source(endless), "took longer than 5 s"),
            "html": (source(f"{radio.url}/html"), "sent a status page that is not valid JSON"),
            "garbage": (source(f"{radio.url}/garbage"), "sent a status page that is not UTF-8"),
            "large": (source(f"{radio.url}/large"), "sent more than 256 KB"),
            "title": (source(f"{radio.url}/title"), "sent a title of 501 characters"),
            "round": (source(f"{radio.url}/round"), "redirects more than 3 times"),
            "metadata": (source(f"{radio.url}/metadata"), "redirects to an address that is never asked"),
            "inward": (public, "redirects to a private address"),
            "private": (source(f"{radio.url}/good", allow_private=False), "is a private address"),
            "icy": (replace(source(f"{radio.url}/good"), source="icy"), "sends no titles inside its stream"),
        }
        listener.polling.follow(
            {FM: source(f"{radio.url}/good"), **{Slug(name): asked for name, (asked, _) in bad.items()}}
        )
        for name, (_, reason) in bad.items():
            wait_for(partial(_is_silent, listener, Slug(name)), wanted=True)
            assert listener.name(Slug(name))[1] == reason
        assert listener.name() == ("ok", None)
        pages["/good"] = page("Bach")
        wait_for(listener.titles, ["Ada", "Bach"])
    assert {service for service, _ in listener.told} == {FM}
    assert len(listener.polling.states) == len(bad) + 1


def _is_silent(listener: Listener, service: Slug) -> bool:
    return listener.state(service).state == "silent"


def test_sources_that_change_or_go_are_not_asked_any_more(listener: Listener) -> None:
    with (
        site({"/": page("Ada")}) as old,
        site({"/": page("Bach")}) as new,
        site({"/": page("Cage")}) as other,
    ):
        kept = source(f"{other.url}/")
        listener.polling.follow({FM: source(f"{old.url}/"), HD: kept})
        wait_for(lambda: bool(old.asked and other.asked), wanted=True)
        others = {one.ident for one in threading.enumerate() if one.name == f"source-{HD}"}
        listener.polling.follow({FM: source(f"{new.url}/"), HD: replace(kept)})
        wait_for(lambda: len(source_threads()), 2)
        asked = len(old.asked)
        wait_for(lambda: len(new.asked) >= 5, wanted=True)
        assert len(old.asked) == asked
        assert {one.ident for one in threading.enumerate() if one.name == f"source-{HD}"} == others
        assert listener.titles(HD) == ["Cage"], "what stayed goes on as before"
        assert listener.titles() == ["Ada", "Bach"]
        listener.polling.follow({HD: kept})
        wait_for(source_threads, [f"source-{HD}"])
        assert [one.service for one in listener.polling.states] == [HD]


@pytest.mark.parametrize("goes", ["removed", "changed", "closed"])
def test_an_answer_that_comes_after_its_source_has_gone_is_not_told(listener: Listener, goes: str) -> None:
    asked, may_answer = threading.Event(), threading.Event()

    def speak(connection: socket.socket) -> None:
        asked.set()
        may_answer.wait(PATIENCE_S)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + page("Too late").body)

    with speakers(speak) as late, site({"/": page("Bach")}) as other:
        listener.polling.follow({FM: source(late)})
        assert asked.wait(PATIENCE_S)
        if goes == "closed":
            listener.polling.close()
        else:
            listener.polling.follow({FM: source(f"{other.url}/")} if goes == "changed" else {})
        may_answer.set()
        wait_for(lambda: len(source_threads()), 1 if goes == "changed" else 0)
        assert "Too late" not in listener.titles()


# With the server

TOKEN = "operators-only"
ALL_DAY = 'grid: [{show: newsroom, days: mon-sun, start: "00:00", end: "24:00"}]\n'


def station_folder(root: Path, config: str) -> StationFolder:
    found = make_station(root / "station", config)
    (found.root / "schedules").mkdir()
    (found.root / "schedules" / "kxmp-fm.yaml").write_text(ALL_DAY, encoding="utf-8")
    return found


def config_of(radio: Site) -> str:
    source = f"{{source: icecast, url: '{radio.url}/status-json.xsl', every_s: 1, allow_private: true}}"
    refused = source.replace(", allow_private: true", "")
    return CONFIG.replace("kind: fm,", f"kind: fm, now_playing: {source},", 1).replace(
        "shows:\n", f"      kxmp-hd: {{name: HD, kind: hd, now_playing: {refused}}}\nshows:\n", 1
    )


@contextmanager
def watched(folder: StationFolder) -> Iterator[Server]:
    with serving(folder.root, environment={"STATIONFEED_OPERATOR_TOKEN": TOKEN}) as server:
        yield server


def item_of(server: Server) -> Any:
    return json.loads(server.text("/api/v1/now/kxmp-fm"))["now_playing"]["item"]


def title_of(server: Server) -> str | None:
    found = item_of(server)
    return found and str(found["title"])


def named(server: Server, service: str) -> tuple[str, str | None, bool]:
    """How operators see a source: its state, why, and whether since when is told."""
    answer = server.ask("/api/v1/health", {"Authorization": f"Bearer {TOKEN}"})
    (found,) = (one for one in json.loads(answer.body)["sources"] if one["service"] == service)
    assert found["source"] == "icecast"
    since = found["since"] and datetime.fromisoformat(found["since"])
    return found["state"], found["reason"], since is not None and since <= datetime.now(UTC)


def test_what_a_source_plays_is_on_air_until_it_is_silent(tmp_path: Path) -> None:
    with site({"/status-json.xsl": page("Ada - Song")}) as radio:
        folder = station_folder(tmp_path, config_of(radio))
        with watched(folder) as server:
            eventually(lambda: title_of(server) == "Ada - Song")
            assert item_of(server)["source"] == "icecast"
            assert named(server, "kxmp-fm") == ("ok", None, True)
            eventually(lambda: named(server, "kxmp-hd") == ("silent", "is a private address", True))
            radio.replies["/status-json.xsl"] = page("Bach - Fugue")
            eventually(lambda: title_of(server) == "Bach - Fugue")
            radio.replies["/status-json.xsl"] = Reply(500)
            eventually(lambda: title_of(server) is None)
            eventually(lambda: named(server, "kxmp-fm") == ("silent", "answered 500", True))
            assert "its icecast source is silent: it answered 500" in server.log
            folder.config(CONFIG)
            eventually(
                lambda: (
                    b'"sources":[]' in server.ask("/api/v1/health", {"Authorization": f"Bearer {TOKEN}"}).body
                )
            )


def test_what_played_before_a_restart_is_not_believed_when_the_source_plays_it_no_more(
    tmp_path: Path,
) -> None:
    with site({"/status-json.xsl": page("Ada - Song")}) as radio:
        folder = station_folder(tmp_path, config_of(radio))
        with watched(folder) as server:
            eventually(lambda: title_of(server) == "Ada - Song")
        radio.replies["/status-json.xsl"] = page("")
        with watched(folder) as server:
            eventually(lambda: named(server, "kxmp-fm")[0] == "ok")
            eventually(lambda: title_of(server) is None, within_seconds=3)


def test_a_title_that_is_stuck_does_not_grow_young_by_a_restart(tmp_path: Path) -> None:
    with site({"/status-json.xsl": page("Stuck")}) as radio:
        folder = station_folder(tmp_path, config_of(radio))
        with watched(folder) as server:
            eventually(lambda: title_of(server) == "Stuck")
            before = item_of(server)
        wait_for(
            lambda: datetime.now(UTC) > datetime.fromisoformat(before["as_of"]) + timedelta(seconds=1),
            wanted=True,
        )
        with watched(folder) as server:
            eventually(lambda: named(server, "kxmp-fm")[0] == "ok")
            asked = len(radio.asked)
            eventually(lambda: len(radio.asked) > asked)
            assert item_of(server) == before
