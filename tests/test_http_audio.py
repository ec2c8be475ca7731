"""Audio dropped into the folder of a running server: an article at once, the same item with its enclosure soon."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.audio_files import run_ffmpeg
from tests.serving import Server, eventually, serving
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from pathlib import Path

RENDITIONS = CONFIG.replace("audio: {renditions: false}", "audio: {bitrate_kbps: 64}")
FEED = "/feeds/news.xml"
SECRET = {"STATIONFEED_OPERATOR_TOKEN": "a-long-secret"}
OPERATOR = {"Authorization": "Bearer a-long-secret"}


@pytest.fixture
def folder(tmp_path: Path) -> StationFolder:
    return make_station(tmp_path / "station", RENDITIONS)


def drop(folder: StationFolder, slug: str, *, seconds: int = 3, seed: int = 1) -> None:
    made = folder.root.parent / f"{seed}-{seconds}.wav"
    run_ffmpeg("-f", "lavfi", "-i", f"anoisesrc=d={seconds}:c=pink:seed={seed}:a=0.3", str(made))
    folder.put(slug, "segment.wav", made.read_bytes())


def enclosure(server: Server) -> tuple[str, int] | None:
    found = re.search(
        r'<enclosure url="https://news\.kxmp\.example(/[^"]*)" length="(\d+)"', server.text(FEED)
    )
    return (found[1], int(found[2])) if found else None


def jobs(server: Server) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(server.ask("/api/v1/jobs", OPERATOR).body)["jobs"]
    return found


def test_dropped_audio_is_an_article_first_and_then_has_its_enclosure(folder: StationFolder) -> None:
    with serving(folder.root, environment=SECRET) as server:
        drop(folder, "tool-library", seconds=60)
        folder.episode("tool-library", "audio: {file: segment.wav}\n")
        eventually(lambda: "tool-library" in server.text(FEED))
        assert enclosure(server) is None
        (job,) = eventually(lambda: jobs(server))
        assert (job["slug"], job["file"], job["codec"]) == (
            "tool-library",
            "episodes/tool-library/segment.wav",
            "mp3",
        )
        assert job["state"] in ("waiting", "making")
        address, length = eventually(lambda: enclosure(server))
        assert len(server.ask(address).body) == length
        assert eventually(lambda: not jobs(server))
        assert "made the audio of tool-library" in server.log
        assert server.ask("/api/v1/jobs").status == 401
        assert server.ask("/media/tool-library/segment.wav").status == 404
        assert server.ask("/.stationfeed/cache/audio/").status == 404


def test_nobody_without_a_token_hears_of_jobs(folder: StationFolder) -> None:
    with serving(folder.root) as server:
        assert server.ask("/api/v1/jobs").status == 404


def test_a_server_stopped_amid_its_work_leaves_nothing_half_made_and_goes_on_later(
    folder: StationFolder,
) -> None:
    drop(folder, "tool-library", seconds=240)
    folder.episode("tool-library", "audio: {file: segment.wav}\n")
    cache = folder.root / ".stationfeed" / "cache" / "audio"
    with serving(folder.root, environment=SECRET) as server:
        eventually(lambda: any(one["done"] for one in jobs(server)))
        assert server.stop() < 10
    assert list(cache.iterdir()) == []
    with serving(folder.root) as server:
        assert eventually(lambda: enclosure(server))


def test_bad_audio_is_said_and_harms_nobody_else(folder: StationFolder) -> None:
    drop(folder, "good")
    folder.episode("good", "audio: {file: segment.wav}\n")
    folder.put("bad", "segment.wav", b"#EXTM3U\nhttp://127.0.0.1:1/canary.ts\n")
    folder.episode("bad", "audio: {file: segment.wav}\n", published_at="2026-05-02T08:00Z")
    with serving(folder.root) as server:
        assert eventually(lambda: enclosure(server))
        feed = server.text(FEED)
        assert "/stories/bad" in feed
        assert feed.count("<enclosure") == 1
        assert "segment.wav is a playlist, not audio" in server.log
        assert json.loads(server.ask("/healthz").body)["status"] == "degraded"
