"""From a studio's file in an episode folder to audio in the feed, on a real station with the real ffmpeg."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING

import pytest
from mutagen.id3 import ID3
from PIL import Image, ImageColor

from stationfeed.audio.derive import Workshop
from stationfeed.audio.plan import Encode, Keep, Order, Relabel, next_step
from stationfeed.catalogue.rows import load
from stationfeed.desk.make_audio import make_audio, wanted_audio
from stationfeed.errors import NotFoundError, Severity
from stationfeed.feeds.tags import NAMESPACES
from stationfeed.folder.paths import open_inside
from stationfeed.site import Moved
from stationfeed.station.departures import Gone
from stationfeed.station.derivation import Derivation
from tests.audio_files import decoded_seconds, run_ffmpeg
from tests.feed_documents import parse_xml, public_bytes
from tests.sounds import children
from tests.stations import CONFIG, NOON, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from stationfeed.station.derivation import Outcome
    from stationfeed.station.opened import OpenStation

FEED = "/feeds/news.xml"
RENDITIONS = CONFIG.replace("audio: {renditions: false}", "audio: {bitrate_kbps: 64}")
SPEECH = "anoisesrc=d={seconds}:c=pink:r=44100:seed={seed}:a=0.3,tremolo=f=3:d=0.8"
KEPT_BACK = "was heard on air and is not published:"
SPOKEN = "WEBVTT\n\n00:01.000 --> 00:02.500\n<v Ada Okafor>The library opens at nine.\n"


@dataclass
class Studio:
    """A station with one story, and the means to work on it."""

    folder: StationFolder
    station: OpenStation
    sounds: Path

    def sound(self, name: str = "a.wav", *, seed: int = 1, seconds: float = 3) -> bytes:
        path = self.sounds / f"{seed}-{seconds}-{name}"
        if not path.exists():
            source = SPEECH.format(seed=seed, seconds=seconds)
            run_ffmpeg("-f", "lavfi", "-i", source, str(path))
        return path.read_bytes()

    def story(self, front_matter: str = "audio: {file: segment.wav}\n", **fields: str) -> None:
        self.folder.episode("tool-library", front_matter, **fields)
        self.look()

    def put(self, data: bytes, name: str = "segment.wav") -> None:
        self.folder.put("tool-library", name, data)

    def look(self) -> None:
        self.station.look(NOON)

    def make(self) -> list[Outcome]:
        return make_audio(
            self.station, self.station.missing_renditions(NOON), lambda: NOON, lambda _jobs: None
        )

    @property
    def item(self) -> etree._Element:
        found = parse_xml(public_bytes(self.station, FEED, NOON))[0].find("item")
        assert found is not None
        return found

    @property
    def enclosure(self) -> dict[str, str] | None:
        found = self.item.find("enclosure")
        return None if found is None else {str(name): str(value) for name, value in found.items()}

    @property
    def address(self) -> str:
        assert self.enclosure is not None, "there is no enclosure"
        return self.enclosure["url"].removeprefix("https://news.kxmp.example")

    @property
    def problems(self) -> list[str]:
        return [f"{one.severity}: {one}" for one in self.station.problems() if one.field == "audio.file"]

    @property
    def files(self) -> list[str]:
        folder = self.station.renditions.folder
        return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def studio(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = make_station(tmp_path / "station", RENDITIONS)
    station = folder.open()
    sounds = tmp_path_factory.getbasetemp() / "renditions"
    sounds.mkdir(exist_ok=True)
    yield Studio(folder, station, sounds)
    station.close()


BEEPS = "aevalsrc='0.95*lt(mod(t,0.8),0.02)*sin(2*PI*1000*t)+0.0005*sin(2*PI*300*t)':s=44100:d=8"


def test_what_cannot_come_out_as_loud_as_it_should_is_published_and_said(studio: Studio) -> None:
    """Short beeps far above everything else: whatever the gain, the limiter takes it away again."""
    path = studio.sounds / "beeps.wav"
    run_ffmpeg("-f", "lavfi", "-i", BEEPS, str(path))
    studio.put(path.read_bytes())
    studio.story()
    studio.make()
    assert studio.enclosure is not None
    (said,) = studio.problems
    assert re.search(
        r"warning: episodes/tool-library/episode.md:\d+ audio.file: segment.wav came out as mp3"
        r" at -\d\d\.\d LUFS with peaks at -\d\.\d dBTP, not at -16 LUFS and at most -1 dBTP",
        said,
    ), said


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.m4a", "a.flac", "a.ogg", "a.opus", "a.aiff"])
def test_a_studio_s_file_is_an_article_first_and_then_the_same_item_with_audio(
    studio: Studio, name: str
) -> None:
    file = f"segment.{name.partition('.')[2]}"
    studio.put(studio.sound(name), file)
    studio.story(f"audio: {{file: {file}}}\n")
    guid = studio.item.findtext("guid")
    assert studio.enclosure is None
    assert [one.failure or one.refusal for one in studio.make()] == [None]
    assert studio.item.findtext("guid") == guid
    assert studio.enclosure is not None
    data = public_bytes(studio.station, studio.address, NOON)
    assert studio.enclosure["type"] == "audio/mpeg"
    assert int(studio.enclosure["length"]) == len(data)
    heard = studio.folder.root / "heard.mp3"
    heard.write_bytes(data)
    assert decoded_seconds(heard) == pytest.approx(3, abs=0.05)
    assert studio.item.findtext("itunes:duration", namespaces=NAMESPACES) == "3"
    assert studio.station.missing_renditions(NOON) == []
    assert studio.problems == []


def test_the_master_is_never_public(studio: Studio) -> None:
    studio.put(studio.sound("a.mp3"), "segment.mp3")
    studio.story("audio: {file: segment.mp3}\n")
    studio.make()
    master = studio.sound("a.mp3")
    published = [public_bytes(studio.station, one, NOON) for one in studio.station.site.addresses(NOON)]
    middle = master[len(master) // 2 :][:1000]
    assert not [one for one in published if middle in one]
    assert studio.station.answer("/media/tool-library/segment.mp3", NOON) is None


def test_new_words_in_the_tags_keep_the_sound_and_its_address(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story(title="Old words")
    studio.make()
    address, before = studio.address, public_bytes(studio.station, studio.address, NOON)
    studio.story(title="New words")
    (missing,) = studio.station.missing_renditions(NOON)
    order: Order = load(Order, missing.order)
    assert isinstance(next_step(order, studio.station.renditions.names()), Relabel)
    studio.make()
    after = public_bytes(studio.station, address, NOON)
    assert studio.address == address
    assert studio.enclosure is not None
    assert int(studio.enclosure["length"]) == len(after)
    assert "Old words".encode("utf-16-le") in before
    assert "New words".encode("utf-16-le") in after
    assert "Old words".encode("utf-16-le") not in after
    assert _sound_of(after) == _sound_of(before)


def _sound_of(mp3: bytes) -> str:
    """What stands behind the ID3 tag (id3.org, ID3v2.3.0, 3.1)."""
    size = mp3[6] << 21 | mp3[7] << 14 | mp3[8] << 7 | mp3[9]
    return sha256(mp3[10 + size :]).hexdigest()


def test_a_new_master_leaves_the_old_sound_until_its_own_is_made_and_then_leads_to_it(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story()
    studio.make()
    old = studio.address
    studio.put(studio.sound(seed=2))
    studio.look()
    assert studio.address == old
    studio.make()
    assert studio.address != old
    assert studio.station.answer(old, NOON) == Moved("https://news.kxmp.example" + studio.address)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (b"These are only words.\n", "segment.wav is text, not audio"),
        (b"", "segment.wav is empty"),
        (b"#EXTM3U\nhttp://127.0.0.1:1/x.ts\n", "segment.wav is a playlist, not audio"),
    ],
)
def test_a_file_that_is_no_audio_leaves_the_last_good_sound(studio: Studio, bad: bytes, message: str) -> None:
    studio.put(studio.sound())
    studio.story()
    studio.make()
    address = studio.address
    studio.put(bad)
    studio.look()
    assert studio.address == address
    assert studio.problems == [f"error: episodes/tool-library/episode.md:7 audio.file: {message}"]
    assert studio.make() == []
    studio.put(studio.sound())
    studio.look()
    assert (studio.address, studio.problems) == (address, [])


def test_audio_that_cannot_be_heard_to_its_end_is_a_problem_and_is_not_tried_again(studio: Studio) -> None:
    studio.put(studio.sound("a.flac")[:100_000], "segment.flac")
    studio.story("audio: {file: segment.flac}\n")
    (outcome,) = studio.make()
    assert outcome.refusal is not None
    assert studio.enclosure is None
    (problem,) = studio.problems
    assert problem.startswith("error: episodes/tool-library/episode.md:7 audio.file: segment.flac ")
    assert outcome.refusal.reason in problem
    assert studio.station.missing_renditions(NOON) == []
    studio.put(studio.sound("a.flac"), "segment.flac")
    studio.look()
    studio.make()
    assert studio.enclosure is not None
    assert studio.problems == []


def test_silence_is_a_problem(studio: Studio) -> None:
    silence = studio.sounds / "silence.wav"
    run_ffmpeg("-f", "lavfi", "-i", "anullsrc=d=3", str(silence))
    studio.put(silence.read_bytes())
    studio.story()
    studio.make()
    assert studio.problems == [
        "error: episodes/tool-library/episode.md:7 audio.file: segment.wav is silent from its beginning to its end"
    ]


@pytest.mark.parametrize(
    ("front_matter", "show", "whose"),
    [
        ("audio: {file: segment.wav}\n", "archive", "the show archive"),
        ("audio: {file: segment.wav}\nrights: {podcast: false}\n", "newsroom", "the episode"),
        ("audio: {file: segment.wav, rights: {podcast: false}}\n", "newsroom", "the audio"),
    ],
)
def test_audio_that_was_only_for_the_air_is_not_made_and_somebody_says_why(
    studio: Studio, front_matter: str, show: str, whose: str
) -> None:
    studio.put(studio.sound())
    studio.story(front_matter, show=show)
    assert studio.make() == []
    assert studio.files == []
    assert studio.problems == [
        (
            "note: episodes/tool-library/episode.md:7 audio.file: was heard on air and is not published: "
            f"{whose} has `rights: {{podcast: false}}`"
        )
    ]
    assert not any(".mp3" in one for one in studio.station.site.addresses(NOON))


def test_rights_that_end_take_the_audio_away_at_once(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story()
    studio.make()
    old = studio.address
    studio.story("audio: {file: segment.wav}\nrights: {podcast: false}\n")
    assert studio.enclosure is None
    assert isinstance(studio.station.answer(old, NOON), Gone)


def test_a_draft_s_audio_is_made_when_asked_for_and_not_before(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story(state="draft")
    assert wanted_audio(studio.station, None, NOON) == []
    (wanted,) = wanted_audio(studio.station, "tool-library", NOON)
    make_audio(studio.station, [wanted], lambda: NOON, lambda _jobs: None)
    assert wanted_audio(studio.station, "tool-library", NOON) == []
    assert not any(".mp3" in one for one in studio.station.site.addresses(NOON))
    with pytest.raises(NotFoundError):
        wanted_audio(studio.station, "no-such-story", NOON)


def test_an_embargoed_story_has_its_audio_before_its_time(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story(published_at="2030-01-01T00:00Z")
    assert [one.refusal or one.failure for one in studio.make()] == [None]
    assert studio.station.missing_renditions(NOON) == []


def test_a_lost_cache_comes_back_the_same(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story()
    studio.make()
    address, data = studio.address, public_bytes(studio.station, studio.address, NOON)
    shutil.rmtree(studio.station.renditions.folder)
    studio.look()
    assert studio.enclosure is None
    studio.make()
    assert studio.address == address
    assert public_bytes(studio.station, address, NOON) == data


def test_a_rendition_somebody_wrote_into_is_made_again(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story()
    studio.make()
    data = public_bytes(studio.station, studio.address, NOON)
    (mp3,) = studio.station.renditions.folder.glob("*.mp3")
    mp3.write_bytes(bytes(len(data)))
    studio.station.look(NOON, ["tool-library"])
    assert studio.enclosure is None
    studio.make()
    assert public_bytes(studio.station, studio.address, NOON) == data


def test_idents_move_chapters_transcript_and_soundbites_by_what_they_add(studio: Studio) -> None:
    ident = "sine=f=440:r=44100:d=1.5,volume=-12dB"
    (studio.folder.root / "brand").mkdir()
    run_ffmpeg("-f", "lavfi", "-i", ident, str(studio.folder.root / "brand" / "open.wav"))
    recipe = "audio: {bitrate_kbps: 64, ident_before: brand/open.wav, alternates: [{codec: opus, bitrate_kbps: 32}]}"
    studio.folder.config(CONFIG.replace("audio: {renditions: false}", recipe))
    studio.put(studio.sound(seconds=20))
    studio.put(SPOKEN.encode(), "words.vtt")
    studio.story(
        'audio: {file: segment.wav, chapters: [{at: "0:00", title: The idea}, {at: "0:05", title: Who may}]}\n'
        "transcript: words.vtt\n"
        'soundbites: [{at: "0:02", duration: "0:15", title: A drill}]\n'
    )
    assert [one.failure or one.refusal for one in studio.make()] == [None, None]
    story = studio.station.catalogue.stories(["tool-library"])["tool-library"]
    added = story.opening.total_seconds()
    assert 1.3 < added <= 1.5
    chapters = json.loads(public_bytes(studio.station, "/media/tool-library/chapters.json", NOON))["chapters"]
    assert story.audio is not None
    assert [one["startTime"] for one in chapters] == [added, 5 + added]
    assert [one["endTime"] for one in chapters] == [5 + added, story.audio.duration.total_seconds()]
    assert story.audio.duration == pytest.approx(
        timedelta(seconds=20 + added), abs=timedelta(milliseconds=50)
    )
    vtt = public_bytes(studio.station, "/media/tool-library/transcript.vtt", NOON).decode()
    begins = re.search(r"00:00:(\d\d\.\d\d\d) -->", vtt)
    assert begins is not None
    assert float(begins[1]) == pytest.approx(1 + added, abs=0.001)
    (bite,) = studio.item.iterfind("podcast:soundbite", NAMESPACES)
    assert float(bite.get("startTime", "")) == pytest.approx(2 + added, abs=0.001)
    (other,) = studio.item.iterfind("podcast:alternateEnclosure", NAMESPACES)
    assert (other.get("type"), other.get("bitrate")) == ("audio/ogg", "32000")
    source = other.find("podcast:source", NAMESPACES)
    assert source is not None
    address = (source.get("uri") or "").removeprefix("https://news.kxmp.example")
    assert int(other.get("length", "")) == len(public_bytes(studio.station, address, NOON))


def test_an_episode_may_do_without_idents(studio: Studio) -> None:
    (studio.folder.root / "brand").mkdir()
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=1", str(studio.folder.root / "brand" / "open.wav"))
    studio.folder.config(
        CONFIG.replace("audio: {renditions: false}", "audio: {ident_before: brand/open.wav}")
    )
    studio.put(studio.sound())
    studio.story("audio: {file: segment.wav, idents: false}\n")
    studio.make()
    assert studio.item.findtext("itunes:duration", namespaces=NAMESPACES) == "3"


def test_an_ident_that_is_missing_is_said_and_costs_no_story_its_audio(studio: Studio) -> None:
    studio.folder.config(
        CONFIG.replace("audio: {renditions: false}", "audio: {ident_before: brand/open.wav}")
    )
    studio.put(studio.sound())
    studio.story()
    studio.make()
    assert studio.enclosure is not None
    assert [str(one) for one in studio.station.problems() if one.severity is Severity.ERROR] == [
        "brand/open.wav is not there, but config.yaml names it"
    ]


def test_a_waveform_stands_beside_the_audio(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story()
    studio.make()
    drawn = json.loads(public_bytes(studio.station, "/media/tool-library/waveform.json", NOON))
    assert drawn["version"] == 2
    assert drawn["length"] * drawn["samples_per_pixel"] / drawn["sample_rate"] == pytest.approx(3, abs=0.1)
    assert max(drawn["data"]) > 10


def test_the_photo_is_the_artwork(studio: Studio) -> None:
    studio.put(studio.sound())
    Image.new("RGB", (300, 200), "orange").save(studio.folder.root / "episodes" / "photo.png")
    studio.put((studio.folder.root / "episodes" / "photo.png").read_bytes(), "photo.png")
    studio.story("audio: {file: segment.wav}\nimage: {file: photo.png, alt: Orange}\n")
    studio.make()
    (picture,) = ID3(BytesIO(public_bytes(studio.station, studio.address, NOON))).getall("APIC")  # type: ignore[no-untyped-call]
    with Image.open(BytesIO(picture.data)) as cover:
        seen = cover.convert("RGB").getpixel((cover.width // 2, cover.height // 2))
    orange = ImageColor.getrgb("orange")
    assert isinstance(seen, tuple)
    assert max(abs(one - other) for one, other in zip(seen, orange, strict=True)) < 8


def test_renditions_that_nobody_has_are_deleted_after_a_day(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story()
    studio.make()
    first = set(studio.files)
    studio.put(studio.sound(seed=2))
    studio.look()
    studio.make()
    assert first < set(studio.files)
    day, moment = timedelta(days=1), timedelta(seconds=1)
    written = [(studio.station.renditions.folder / one).stat().st_mtime for one in first]
    oldest, newest = (datetime.fromtimestamp(one, UTC) for one in (min(written), max(written)))
    assert studio.station.sweep_renditions(oldest + day - moment) == 0
    assert studio.station.sweep_renditions(newest + day + moment) == 3
    assert not first & set(studio.files)
    assert public_bytes(studio.station, studio.address, NOON)


def test_what_is_there_is_not_made_again(studio: Studio) -> None:
    studio.put(studio.sound())
    studio.story()
    (wanted,) = studio.station.missing_renditions(NOON)
    order: Order = load(Order, wanted.order)
    assert isinstance(next_step(order, []), Encode)
    studio.make()
    assert next_step(order, studio.station.renditions.names()) == Keep(order.name)


def test_ten_at_once_all_come_out_right_and_leave_nothing_behind(studio: Studio) -> None:
    """Ten times as many as there are cores for: slower each, and in no more memory than ten that take turns."""
    slugs = [f"story-{number}" for number in range(10)]
    for number, slug in enumerate(slugs):
        studio.folder.put(slug, "segment.wav", studio.sound(seed=100 + number, seconds=20))
        studio.folder.episode(slug, "audio: {file: segment.wav}\n")
    studio.look()
    station, before = studio.station, children()
    workshop = Workshop(station.renditions, partial(open_inside, studio.folder.root), station.config.limits)
    done: Queue[Outcome] = Queue()
    outcomes: list[Outcome] = []
    most_at_once = peak_kb = 0
    with closing(Derivation(workshop, 10)) as derivation:
        derivation.take(station.missing_renditions(NOON), done.put)
        while len(outcomes) < len(slugs):
            most_at_once = max(most_at_once, sum(job.state == "making" for job in derivation.jobs))
            peak_kb = max(peak_kb, sum(map(resident_kb, children() - before)))
            with suppress(Empty):
                outcomes.append(done.get(timeout=0.02))
    assert [one.failure or one.refusal for one in outcomes] == [None] * 10
    assert most_at_once == 10
    assert 0 < peak_kb < 10 * 150 * 1024
    assert children() == before
    for slug in slugs:
        station.look(NOON, [slug])
        (made,) = [one.made for one in station.renditions_of(slug) if one.made]
        assert made.after.loudness_lufs == pytest.approx(-16.0, abs=0.5)


def resident_kb(process_id: int) -> int:
    """The memory of a process; none of one that has just ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process_id}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
