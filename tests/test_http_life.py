"""What listeners see while staff work on the folder: every change at once, nothing early, nothing broken."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import socket
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from stationfeed.audio.probe import probe_audio
from stationfeed.folder.assets import probe_picture
from stationfeed.model.addresses import audio_path, picture_path
from stationfeed.model.config import Limits
from tests.audio_files import silent_frames
from tests.serving import EVERY_SECONDS, PATIENCE_SECONDS, SOON_SECONDS, Answer, Server, eventually, serving
from tests.stations import CONFIG, StationFolder
from tests.test_http_feeds import TRANSCRIPT, WITH_EVERYTHING, full_station, picture, wait_for_dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BASE = "https://news.kxmp.example"
NEWS = "/feeds/news.xml"
SOUND = silent_frames(100)
TAG = b"ID3\x04\x00\x00\x00\x00\x00\x20" + bytes(32)
AUDIO = "audio: {file: segment.mp3}\ntranscript: segment.vtt\n"
WITHDRAWN = "state: withdrawn\nwithdrawn: {at: 2026-05-03T08:00Z, reason: A source misled us.}\n"
BROKEN = "title: [never closed\n"


def with_audio(folder: StationFolder, slug: str, sound: bytes = SOUND, **fields: str) -> None:
    folder.put(slug, "segment.mp3", sound)
    folder.put(slug, "segment.vtt", TRANSCRIPT)
    folder.episode(slug, AUDIO, "An article.\n", **fields)


def broken(slug: str, *restrictions: str) -> str:
    """A file that says little more than what restricts it."""
    return f"---\nguid: {slug}\nshow: newsroom\n{''.join(restrictions)}{BROKEN}---\nText.\n"


def media_of(server: Server, slug: str) -> list[str]:
    """The addresses of a story's audio and of one form of its transcript, as the feed has them."""
    found = set(re.findall(rf'"{BASE}(/media/{slug}/[^"]+)"', server.text(NEWS)))
    return sorted(one for one in found if not one.endswith(("transcript.srt", "transcript.json", ".html")))


def audio_of(server: Server, slug: str) -> str:
    return next(iter(one for one in media_of(server, slug) if one.endswith(".mp3")))


def soon(question: Callable[[], object]) -> None:
    eventually(question, SOON_SECONDS)


def health(server: Server) -> dict[str, object]:
    answer = server.ask("/healthz")
    assert answer.status == 200
    found: dict[str, object] = json.loads(answer.body)
    return found


def statuses(server: Server, paths: Iterable[str]) -> list[int]:
    return [server.ask(path).status for path in paths]


def test_a_saved_episode_is_in_every_feed_within_two_seconds(folder: StationFolder) -> None:
    with serving(folder.root) as server:
        folder.episode("tool-library", title="Tools for all")
        for path in (NEWS, "/feeds/news.atom", "/feeds/everything.json"):
            soon(lambda path=path: "Tools for all" in server.text(path))  # type: ignore[misc]
        folder.episode("tool-library", title="Tools for everybody")
        soon(lambda: "Tools for everybody" in server.text(NEWS))
        with_audio(folder, "tool-library", title="Tools to hear")
        soon(lambda: "Tools to hear" in server.text(NEWS))
        [audio, transcript] = media_of(server, "tool-library")
        assert server.ask(audio).body == SOUND
        assert b"A library for tools." in server.ask(transcript).body
        assert health(server) == {"status": "ok", "public": 1, "stale": 0, "errors": 0}


def test_a_station_may_be_served_from_inside_its_folder(folder: StationFolder) -> None:
    with serving(folder.root, inside=True) as server:
        for slug in ("tool-library", "night-clinic", "water-rates"):
            folder.episode(slug)
            soon(lambda slug=slug: slug in server.text(NEWS))  # type: ignore[misc]


def test_what_is_saved_while_the_server_starts_is_not_overlooked(folder: StationFolder) -> None:
    folder.config(CONFIG.replace("title: Everything,", "title: Everything, limit: 100000,"))
    folder.episode("first")
    server = Server(folder.root)
    saved = 0
    try:
        while "Serving" not in server.log:
            saved += 1
            folder.episode(f"story-{saved}")
            time.sleep(EVERY_SECONDS / 4)
        soon(lambda: server.text("/feeds/everything.xml").count("<item>") == saved + 1)
        assert server.stop() < SOON_SECONDS
    finally:
        server.kill()


def test_a_broken_file_leaves_its_last_good_version_public_until_it_is_mended(folder: StationFolder) -> None:
    with_audio(folder, "tool-library", title="Tools for all")
    folder.episode("night-clinic")
    with serving(folder.root) as server:
        good = server.ask(NEWS)
        [audio, _] = media_of(server, "tool-library")
        folder.raw("tool-library", broken("tool-library"))
        soon(lambda: health(server)["status"] == "degraded")
        assert health(server) == {"status": "degraded", "public": 2, "stale": 1, "errors": 1}
        assert b"tool" not in server.ask("/healthz").body, "no names"
        assert "episodes/tool-library/episode.md:5" in server.log, "for staff: the file and the line"
        assert (server.ask(NEWS).body, server.ask(audio).body) == (good.body, SOUND)
    for cache in (folder.root / ".stationfeed" / "none", folder.root / ".stationfeed" / "cache"):
        shutil.rmtree(cache, ignore_errors=True)
        with serving(folder.root) as server:
            assert (server.ask(NEWS).body, server.ask(audio).body) == (good.body, SOUND)
            assert server.ask(NEWS)["etag"] == good["etag"]
            assert health(server)["status"] == "degraded"
            assert ("episodes/tool-library/episode.md:5" in server.log) == (cache.name == "cache")
            if cache.name == "cache":
                with_audio(folder, "tool-library", title="Tools, mended")
                soon(lambda: "Tools, mended" in server.text(NEWS))
                assert health(server) == {"status": "ok", "public": 2, "stale": 0, "errors": 0}


def test_a_withdrawal_works_at_once_though_the_rest_of_the_file_is_broken(folder: StationFolder) -> None:
    with_audio(folder, "tool-library")
    with serving(folder.root) as server:
        media = media_of(server, "tool-library")
        assert statuses(server, media) == [200, 200]
        folder.raw("tool-library", broken("tool-library", WITHDRAWN))
        soon(lambda: "tool-library" not in server.text(NEWS))
        for path in media:
            for method in ("GET", "HEAD"):
                answer = server.ask(path, {"If-None-Match": "*", "Range": "bytes=0-9"}, method)
                assert (answer.status, answer["cache-control"]) == (410, "no-store")
            assert b"A source misled us." in server.ask(path).body
        assert health(server)["status"] == "degraded"
    with serving(folder.root) as server:
        assert statuses(server, media) == [410, 410]
        assert "tool-library" not in server.text(NEWS)


def test_a_deleted_folder_is_gone_and_not_merely_not_found(folder: StationFolder) -> None:
    with_audio(folder, "tool-library")
    with serving(folder.root) as server:
        media = media_of(server, "tool-library")
        shutil.move(folder.root / "episodes" / "tool-library", folder.root / "away")
        soon(lambda: "tool-library" not in server.text(NEWS))
        assert statuses(server, media) == [410, 410]
        unknown = [path.replace("tool-library", "never-there") for path in media]
        assert statuses(server, unknown) == [404, 404]
        shutil.move(folder.root / "away", folder.root / "episodes" / "tool-library")
        soon(lambda: "tool-library" in server.text(NEWS))
        assert statuses(server, media) == [200, 200]


def test_a_bad_configuration_changes_nothing_while_running_and_stops_a_start(folder: StationFolder) -> None:
    folder.episode("tool-library")
    with serving(folder.root) as server:
        good = server.ask(NEWS)
        folder.config(CONFIG.replace("timezone: America/Chicago", "timezone: America/Chicagoo"))
        soon(lambda: health(server)["status"] == "degraded")
        assert server.ask(NEWS).but_for_date[2] == good.body
        folder.episode("night-clinic")
        soon(lambda: "night-clinic" in server.text(NEWS))
        folder.config("stations: [")
        soon(lambda: "config.yaml:2" in server.log)
        (folder.root / "config.yaml").unlink()
        folder.episode("water-rates")
        soon(lambda: "water-rates" in server.text(NEWS))
        folder.config(CONFIG.replace("KXMP News,", "KXMP Good News,"))
        soon(lambda: "KXMP Good News" in server.text(NEWS))
        assert health(server)["status"] == "ok"
    folder.config(CONFIG.replace("timezone: America/Chicago", "timezone: America/Chicagoo"))
    refused = Server(folder.root)
    eventually(lambda: refused.process.poll() is not None)
    refused.stop()
    assert refused.process.returncode == 1
    assert "config.yaml:7 stations.kxmp.timezone: " in refused.log
    assert "America/Chicagoo" in refused.log
    assert "Traceback" not in refused.log


CONTROLS = "evil\n2026-11-25 ERROR the station is on fire\x1b[31m"


def test_the_name_of_a_folder_writes_no_line_of_its_own_into_the_log(folder: StationFolder) -> None:
    with serving(folder.root) as server:
        folder.episode(CONTROLS)
        soon(lambda: health(server)["status"] == "degraded")
        eventually(lambda: "evil" in server.log)
        assert "\x1b" not in server.log
        assert not re.search(r"^2026-11-25 ERROR the station", server.log, re.MULTILINE)


def secret_media(folder: StationFolder, slug: str) -> list[str]:
    """Where a story's files will be: anybody who has the files can tell."""
    inside = folder.root / "episodes" / slug
    with (inside / "segment.mp3").open("rb") as file:
        audio = probe_audio(file, PurePosixPath("segment.mp3"), Limits())
    with (inside / "shelves.jpg").open("rb") as file:
        photo = probe_picture(file, PurePosixPath("shelves.jpg"), Limits())
    assert audio
    fixed = [f"/media/{slug}/{name}" for name in ("transcript.vtt", "chapters.json")]
    return [audio_path(slug, audio), picture_path(slug, photo), *fixed]


def seconds_kept(answer: Answer) -> int:
    found = re.fullmatch(r"public, max-age=(\d+)", answer.said("cache-control"))
    return int(found[1]) if found else 0


LISTS = [
    NEWS,
    "/feeds/news.atom",
    "/feeds/news.json",
    "/feeds/everything.xml",
    "/feeds/short.xml",
    "/feeds/corrections.xml",
]
SURFACES = [*LISTS, "/feeds.opml", "/feeds/short/archive/1.xml", "/feeds/short/archive/2.xml", "/healthz"]
WAYS: list[tuple[str, dict[str, str]]] = [
    ("GET", {}),
    ("HEAD", {}),
    ("OPTIONS", {}),
    ("POST", {"Content-Length": "0"}),
    ("GET", {"Range": "bytes=0-9"}),
    ("GET", {"If-None-Match": "*"}),
    ("GET", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
]


def seen(server: Server, path: str) -> tuple[object, ...]:
    """All that an answer tells, but for what follows from the next change on the whole station."""
    status, headers, body = server.ask(path).but_for_date
    return status, [one for one in headers if one[0] != "cache-control"], body


def test_an_embargoed_story_cannot_be_told_from_none_and_appears_when_it_is_due(
    folder: StationFolder,
) -> None:
    full_station(folder)
    with serving(folder.root) as server:
        wait_for_dates(server, SURFACES[:-1])
        before = {path: seen(server, path) for path in SURFACES}
        due = datetime.now(UTC) + timedelta(seconds=1.5 + SOON_SECONDS)
        folder.put("secret", "segment.mp3", silent_frames(111))
        folder.put("secret", "shelves.jpg", picture("red"))
        folder.put("secret", "segment.vtt", TRANSCRIPT)
        folder.episode("secret", WITH_EVERYTHING, published_at=due.isoformat())
        media = secret_media(folder, "secret")
        eventually(lambda: "changed: secret" in server.log)
        assert datetime.now(UTC) < due, "too slow to see anything"
        for path in SURFACES:
            now = seen(server, path)
            assert now == before[path] or datetime.now(UTC) >= due, path
        for path in media:
            for method, headers in WAYS:
                one = server.ask(path, headers, method)
                other = server.ask(path.replace("secret", "absent"), headers, method)
                assert one.but_for_date == other.but_for_date or datetime.now(UTC) >= due, path
        watch_until_public(server, media, due)
        for path in LISTS:
            soon(lambda path=path: "secret" in server.text(path))  # type: ignore[misc]
        assert sorted(media_of(server, "secret")) == sorted(media)
        assert statuses(server, media) == [200] * 4
        assert health(server)["public"] == 7


def watch_until_public(server: Server, media: list[str], due: datetime) -> None:
    """Nothing is seen before it is due, nothing may be kept beyond that, and everything is there soon after."""
    waiting = {NEWS, "/feeds/corrections.xml", *media}
    while waiting:
        for path in sorted(waiting):
            asked_at = datetime.now(UTC)
            answer = server.ask(path)
            answered_at = datetime.now(UTC)
            if answer.status == 200 and (path in media or b"secret" in answer.body):
                assert answered_at >= due, f"{path} is early"
                waiting.remove(path)
            elif answer.status == 200 and answered_at < due:
                assert asked_at + timedelta(seconds=seconds_kept(answer)) <= due, f"{path} is kept too long"
        time.sleep(EVERY_SECONDS)
        late = datetime.now(UTC) - due
        assert not waiting or late.total_seconds() < SOON_SECONDS, f"{waiting} is late"


def test_an_expired_story_is_gone_everywhere_at_its_second(folder: StationFolder) -> None:
    end = datetime.now(UTC) + timedelta(seconds=3 + SOON_SECONDS)
    with_audio(folder, "tool-library", expires_at=end.isoformat())
    with serving(folder.root) as server:
        media = media_of(server, "tool-library")
        while datetime.now(UTC) < end:
            time.sleep(EVERY_SECONDS)
            for path in (NEWS, *media):
                asked_at = datetime.now(UTC)
                answer = server.ask(path)
                if datetime.now(UTC) < end:
                    assert answer.status == 200
                    assert path in media or b"tool-library" in answer.body
                    assert asked_at + timedelta(seconds=seconds_kept(answer)) <= end
        assert statuses(server, media) == [410, 410], "rights end to the second"
        soon(lambda: "tool-library" not in server.text(NEWS))
        assert server.ask(media[0], {"If-None-Match": "*", "Range": "bytes=0-1"}).status == 410


def test_new_sound_has_a_new_address_and_the_old_one_leads_to_it(folder: StationFolder) -> None:
    with_audio(folder, "tool-library")
    with serving(folder.root) as server:
        old = audio_of(server, "tool-library")
        assert server.ask(old).body == SOUND
        guid = re.findall("<guid.*</guid>", server.text(NEWS))
        louder = silent_frames(150)
        replace(folder, "tool-library", louder)
        while (answer := server.ask(old)).status != 301:
            time.sleep(EVERY_SECONDS)
            assert (answer.status, answer.body) == (200, SOUND) or answer.status == 503, "never other bytes"
        new = audio_of(server, "tool-library")
        assert new != old
        assert answer["location"] == BASE + new
        assert server.ask(new).body == louder
        assert f'length="{len(louder)}"' in server.text(NEWS)
        assert re.findall("<guid.*</guid>", server.text(NEWS)) == guid
    with serving(folder.root) as server:
        assert server.ask(old)["location"] == BASE + new


def replace(folder: StationFolder, slug: str, sound: bytes) -> None:
    """Put another sound in place of a segment, in one step."""
    folder.put(slug, ".segment.tmp", sound).rename(folder.root / "episodes" / slug / "segment.mp3")


def test_new_tags_keep_the_address_of_the_sound(folder: StationFolder) -> None:
    with_audio(folder, "tool-library")
    with serving(folder.root) as server:
        address = audio_of(server, "tool-library")
        before = server.ask(address)
        replace(folder, "tool-library", TAG + SOUND)
        soon(lambda: f'length="{len(TAG + SOUND)}"' in server.text(NEWS))
        assert audio_of(server, "tool-library") == address
        after = server.ask(address)
        assert after.body == TAG + SOUND
        assert after["etag"] != before["etag"]


def test_a_renamed_folder_takes_its_listeners_along(folder: StationFolder) -> None:
    with_audio(folder, "tool-library")
    with serving(folder.root) as server:
        old = media_of(server, "tool-library")
        guid = re.findall("<guid.*</guid>", server.text(NEWS))
        (folder.root / "episodes" / "tool-library").rename(folder.root / "episodes" / "tools-for-all")
        folder.episode(
            "tools-for-all", AUDIO + "former_slugs: [tool-library]\n", guid=guid_of("tool-library")
        )
        soon(lambda: statuses(server, old) == [301, 301])
        new = media_of(server, "tools-for-all")
        assert [server.ask(path)["location"] for path in old] == [BASE + path for path in new]
        assert statuses(server, new) == [200, 200]
        assert re.findall("<guid.*</guid>", server.text(NEWS)) == guid, "the same story, once"


def guid_of(slug: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, slug))


OPERATORS = ["/metrics", "/api/v1/health"]


@pytest.mark.parametrize("way", ["none", "value", "file"])
def test_operators_are_let_in_with_their_token_and_nobody_else(
    folder: StationFolder, tmp_path: Path, way: str
) -> None:
    folder.episode("tool-library")
    secret = tmp_path / "token"
    secret.write_text("open-sesame\n")
    environment: dict[str, str] = {
        "none": {},
        "value": {"STATIONFEED_OPERATOR_TOKEN": "open-sesame"},
        "file": {"STATIONFEED_OPERATOR_TOKEN_FILE": str(secret)},
    }[way]
    with serving(folder.root, environment=environment) as server:
        for path in OPERATORS:
            for given in (
                "",
                "Bearer",
                "Bearer ",
                "Bearer wrong",
                "open-sesame",
                "Bearer \xff",
                "Basic open-sesame",
            ):
                answer = server.ask(path, {"Authorization": given} if given else {})
                assert answer.status == (404 if way == "none" else 401), given
                assert answer["cache-control"] == "no-store"
                assert answer["www-authenticate"] == (None if way == "none" else "Bearer")
            for scheme in ("Bearer", "bearer"):
                answer = server.ask(path, {"Authorization": f"{scheme} open-sesame"})
                assert answer.status == (404 if way == "none" else 200)
            assert server.ask(path, {"Content-Length": "0"}, "POST").status == (404 if way == "none" else 405)
        if way == "none":
            assert "metrics" not in server.text("/api/openapi.json")
        else:
            allowed = {"Authorization": "Bearer open-sesame"}
            assert b'stationfeed_stories{kind="public"} 1.0' in server.ask("/metrics", allowed).body
            assert json.loads(server.ask("/api/v1/health", allowed).body)["stories"] == 1
        assert "open-sesame" not in server.log


LONG = (b"\xff\xfb\xe0\xc4" + bytes(1040)) * 15_000  # six and a half minutes at 320 kbit/s


def connect_slowly(listener: socket.socket, server: Server, path: str) -> None:
    """Ask for a file, and take only the beginning of it."""
    listener.settimeout(PATIENCE_SECONDS)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.connect(("127.0.0.1", server.port))
    listener.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert listener.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_server_told_to_stop_does_not_wait_for_a_slow_listener(folder: StationFolder) -> None:
    with_audio(folder, "tool-library", LONG)
    with serving(folder.root) as server, socket.socket() as listener:
        connect_slowly(listener, server, audio_of(server, "tool-library"))
        assert server.stop() < 5 + SOON_SECONDS
        assert server.process.returncode == 0


def test_a_file_cut_short_while_it_is_sent_breaks_the_connection(folder: StationFolder) -> None:
    with_audio(folder, "tool-library", LONG)
    with serving(folder.root) as server, socket.socket() as listener:
        connect_slowly(listener, server, audio_of(server, "tool-library"))
        os.truncate(folder.root / "episodes" / "tool-library" / "segment.mp3", 1_000_000)
        received = 0
        while chunk := listener.recv(1 << 20):
            received += len(chunk)
        assert 0 < received < len(LONG)


def test_a_killed_server_serves_what_changed_since_when_it_is_started_again(folder: StationFolder) -> None:
    for number in range(50):
        folder.episode(f"story-{number}")
    server = Server(folder.root)
    feed = server.ask("/feeds/everything.xml")
    for number in range(50):
        folder.episode(f"story-{number}", body="Other words.\n")
    server.kill()
    with serving(folder.root) as again:
        after = again.ask("/feeds/everything.xml")
        assert after.body.count(b"<description>Other words.") == 50
        assert after["etag"] != feed["etag"]


def test_a_full_disk_stops_nothing_and_is_over_when_there_is_room(folder: StationFolder) -> None:
    folder.episode("tool-library")
    server = Server(folder.root)
    try:
        before = server.ask(NEWS)
        unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        folder.episode("tool-library", title="Does not fit")
        eventually(lambda: "what is public stays as it is" in server.log or "stays as it was" in server.log)
        assert server.ask(NEWS).body == before.body
        assert server.ask("/feeds/none.xml").status == 404
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
        eventually(lambda: "Does not fit" in server.text(NEWS))
        server.stop()
        assert server.process.returncode == 0
    finally:
        server.kill()
