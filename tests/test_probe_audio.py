"""The facts of audio files: true for good ones, a plain refusal for all others."""

from __future__ import annotations

import hashlib
import io
import struct
import tempfile
import tracemalloc
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import mutagen.apev2
import mutagen.id3
import mutagen.mp4
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stationfeed.audio.m4a import M4aSound, Tracks
from stationfeed.audio.probe import probe_audio
from stationfeed.audio.signature import audio_kind, what_it_is
from stationfeed.errors import UnreadableMediaError
from stationfeed.model.config import Limits
from stationfeed.model.words import Ordinal
from tests.audio_files import (
    SECONDS,
    decoded_seconds,
    made_audio_files,  # noqa: F401 - a fixture
    run_ffmpeg,
    silent_frames,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from stationfeed.model.rendition import AudioFile
    from tests.audio_files import AudioFiles

id3: Any = mutagen.id3
apev2: Any = mutagen.apev2
mp4: Any = mutagen.mp4

MP3S = [
    "cbr.mp3", "mono.mp3", "mpeg2.mp3", "mpeg2_stereo.mp3", "mpeg25.mp3", "vbr.mp3", "vbr_no_xing.mp3",
    "cbr_no_xing.mp3", "no_tags.mp3",
]  # fmt: skip
M4AS = ["index_first.m4a", "index_last.m4a", "low.m4a", "lossless.m4a"]
OTHERS = ["tone.wav", "tone.aiff", "tone.flac", "tone.ogg", "tone.opus", "tone.mp2", "tone.aac"]
STORY_AUDIO = PurePosixPath("episodes/tool-library/segment.mp3")


def probe(path: Path, limits: Limits | None = None) -> AudioFile | None:
    with path.open("rb") as file:
        return probe_audio(file, PurePosixPath(path.name), limits or Limits())


def facts_of(path: Path) -> AudioFile:
    facts = probe(path)
    assert facts is not None
    return facts


def probe_bytes(
    content: bytes, path: PurePosixPath = STORY_AUDIO, limits: Limits | None = None
) -> AudioFile | None:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return probe_audio(file, path, limits or Limits())


def refusal_of(content: bytes, name: str = "segment.mp3", limits: Limits | None = None) -> str:
    with pytest.raises(UnreadableMediaError) as caught:
        probe_bytes(content, STORY_AUDIO.with_name(name), limits)
    assert caught.value.path == STORY_AUDIO.with_name(name)
    assert caught.value.remedy.endswith((".", "}."))
    return caught.value.reason


def is_refused(content: bytes, name: str) -> bool:
    try:
        probe_bytes(content, PurePosixPath(name))
    except UnreadableMediaError:
        return True
    return False


@pytest.mark.parametrize("name", MP3S + M4AS)
def test_the_duration_is_that_of_a_full_decode(audio_files: AudioFiles, name: str) -> None:
    path = audio_files.path(name)
    assert facts_of(path).duration.total_seconds() == pytest.approx(decoded_seconds(path), abs=0.05)


@pytest.mark.parametrize(
    ("name", "media_type"), [("cbr.mp3", "audio/mpeg"), ("index_last.m4a", "audio/x-m4a")]
)
def test_type_size_and_hash_are_those_of_the_whole_file(
    audio_files: AudioFiles, name: str, media_type: str
) -> None:
    facts = facts_of(audio_files.path(name))
    content = audio_files.read(name)
    assert (facts.media_type, facts.size_bytes) == (media_type, len(content))
    assert facts.sha256 == hashlib.sha256(content).hexdigest()
    assert facts.path == PurePosixPath(name)


@pytest.mark.parametrize("name", OTHERS)
def test_other_audio_needs_a_rendition_first(audio_files: AudioFiles, name: str) -> None:
    assert probe(audio_files.path(name)) is None


@pytest.mark.parametrize("name", ["fragments.m4a", "opus_inside.m4a"])
def test_an_mp4_that_podcast_apps_cannot_play_needs_a_rendition_first(
    audio_files: AudioFiles, name: str
) -> None:
    assert probe(audio_files.path(name)) is None


def test_a_wav_that_is_called_mp3_needs_a_rendition_first(audio_files: AudioFiles) -> None:
    assert probe_bytes(audio_files.read("tone.wav")) is None


def test_layer_two_behind_junk_is_not_taken_for_an_mp3(audio_files: AudioFiles) -> None:
    content = bytes(100) + audio_files.read("tone.mp2")
    assert refusal_of(content) == "is no kind of file that we know, not audio"


def test_an_mp3_that_is_called_m4a_is_refused(audio_files: AudioFiles) -> None:
    assert refusal_of(audio_files.read("cbr.mp3"), "a.m4a") == 'is an MP3 file, but is called "a.m4a"'


def test_an_m4a_that_is_called_mp3_is_refused(audio_files: AudioFiles) -> None:
    assert refusal_of(audio_files.read("low.m4a")) == 'is an M4A file, but is called "segment.mp3"'


# What is the sound, and what is not.


def tag_with_id3(path: Path) -> None:
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=3, text="The tool library"))
    tags.add(id3.APIC(encoding=3, mime="image/png", type=3, desc="", data=bytes(3000)))
    tags.save(path, v1=2)


def tag_with_apev2(path: Path) -> None:
    tags = apev2.APEv2()
    tags["Title"] = "The tool library " * 400
    tags.save(path)


def tag_with_apev2_and_long_id3v1(path: Path) -> None:
    tag_with_apev2(path)
    path.write_bytes(path.read_bytes() + b"TAG+" + bytes(223) + b"TAG" + bytes(125))


def tag_with_lyrics3(path: Path) -> None:
    lyrics = b"LYRICSBEGIN" + b"IND0000200" + b"LYR06000" + b"A tool\r\n" * 750
    path.write_bytes(path.read_bytes() + lyrics + b"%06dLYRICS200" % len(lyrics) + b"TAG" + bytes(125))


def tag_with_old_lyrics3(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"LYRICSBEGIN" + b"la " * 1500 + b"LYRICSEND" + b"TAG" + bytes(125))


def tag_at_the_end(path: Path) -> None:
    size = bytes([0, 0, 50, 0])
    path.write_bytes(path.read_bytes() + b"ID3\4\0\x10" + size + bytes(6400) + b"3DI\4\0\x10" + size)


def tag_twice(path: Path) -> None:
    path.write_bytes((b"ID3\4\0\0\0\0\0\x64" + bytes(100)) * 2 + path.read_bytes())


@pytest.mark.parametrize(
    "tag",
    [
        tag_with_id3,
        tag_with_apev2,
        tag_with_apev2_and_long_id3v1,
        tag_with_lyrics3,
        tag_with_old_lyrics3,
        tag_at_the_end,
        tag_twice,
    ],
)
@pytest.mark.parametrize("name", ["cbr.mp3", "vbr_no_xing.mp3"])
def test_new_tags_change_the_file_but_not_the_sound_of_an_mp3(
    audio_files: AudioFiles, tmp_path: Path, name: str, tag: Callable[[Path], None]
) -> None:
    before = facts_of(audio_files.path(name))
    path = tmp_path / name
    path.write_bytes(audio_files.read(name))
    tag(path)
    after = facts_of(path)
    assert after.sha256 != before.sha256
    assert after.size_bytes > before.size_bytes
    assert (after.sound_sha256, after.duration) == (before.sound_sha256, before.duration)


@pytest.mark.parametrize("name", M4AS)
def test_new_tags_change_the_file_but_not_the_sound_of_an_m4a(
    audio_files: AudioFiles, tmp_path: Path, name: str
) -> None:
    before = facts_of(audio_files.path(name))
    path = tmp_path / name
    path.write_bytes(audio_files.read(name))
    tagged = mp4.MP4(path)
    tagged["\xa9nam"] = "The tool library"
    tagged["covr"] = [mp4.MP4Cover(bytes(50_000))]
    tagged.save()
    after = facts_of(path)
    assert after.sha256 != before.sha256
    assert (after.sound_sha256, after.duration) == (before.sound_sha256, before.duration)


@pytest.mark.parametrize("name", ["cbr.mp3", "vbr_no_xing.mp3", "index_first.m4a", "index_last.m4a"])
def test_another_sound_has_another_sound_hash(audio_files: AudioFiles, name: str) -> None:
    content = bytearray(audio_files.read(name))
    before = probe_bytes(bytes(content), PurePosixPath(name))
    content[len(content) // 2] ^= 0x55  # in a frame's sound: headers are two bytes in hundreds
    after = probe_bytes(bytes(content), PurePosixPath(name))
    assert before is not None
    assert after is not None
    assert after.sound_sha256 != before.sound_sha256


def test_the_silent_first_frame_is_no_sound() -> None:
    frame = b"\xff\xe3\x18\xc4" + bytes(9) + b"Info" + bytes(55)
    sound = silent_frames(20)
    with_it, without_it = probe_bytes(frame + sound), probe_bytes(sound)
    assert with_it is not None
    assert without_it is not None
    assert with_it.duration == without_it.duration
    assert with_it.sound_sha256 == without_it.sound_sha256


def test_frames_that_lie_across_the_blocks_of_reading_are_counted_once() -> None:
    facts = probe_bytes(silent_frames(50_000))
    assert facts is not None
    assert facts.duration.total_seconds() == 3600


@pytest.mark.parametrize("shift", range(4))
def test_a_frame_header_that_lies_across_two_blocks_is_read(shift: int) -> None:
    block_bytes = 1024 * 1024
    frames_before = 14_563
    junk = bytes(block_bytes - frames_before * 72 - shift)
    facts = probe_bytes(junk + silent_frames(frames_before + 50))
    assert facts is not None
    assert facts.duration.total_seconds() == pytest.approx((frames_before + 50) * 0.072)


def test_a_tag_of_several_blocks_is_stepped_over() -> None:
    tag = b"ID3\4\0\0\1\0\0\0" + bytes(128**3)
    facts = probe_bytes(tag + silent_frames(100))
    assert facts is not None
    assert facts.size_bytes == len(tag) + 7200
    assert facts.duration.total_seconds() == pytest.approx(7.2)


def test_one_header_without_a_second_is_no_frame() -> None:
    assert audio_kind(silent_frames(1) + bytes(100)) is None
    assert audio_kind(silent_frames(4) + bytes(100)) == "mp3"


def test_a_little_padding_around_the_sound_is_let_pass(audio_files: AudioFiles) -> None:
    facts = probe_bytes(bytes(1000) + audio_files.read("no_tags.mp3") + bytes(1000))
    assert facts is not None
    assert facts.sound_sha256 == facts_of(audio_files.path("no_tags.mp3")).sound_sha256


# What is cut short.


@pytest.mark.parametrize("name", ["cbr.mp3", "vbr.mp3", "mpeg2.mp3", "index_first.m4a", "index_last.m4a"])
def test_a_file_cut_at_any_of_fifty_points_is_refused(audio_files: AudioFiles, name: str) -> None:
    content = audio_files.read(name)
    points = [len(content) * part // 50 for part in range(50)] + [len(content) - 10]
    assert [point for point in points if not is_refused(content[:point], name)] == []


@pytest.mark.parametrize("name", ["cbr.mp3", "vbr.mp3", "index_first.m4a"])
def test_a_cut_file_says_how_much_of_it_is_there(audio_files: AudioFiles, name: str) -> None:
    content = audio_files.read(name)
    reason = refusal_of(content[: len(content) * 3 // 4], name)
    assert reason.startswith("is cut short: ")
    assert reason.endswith(" of 4.0 seconds are there")
    assert 1.0 < float(reason.split()[3]) < 4.0


def test_an_m4a_cut_before_its_index_says_that(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_last.m4a")
    assert (
        refusal_of(content[: len(content) // 2], "a.m4a")
        == "is cut short: its table of contents is not there"
    )


def test_an_m4a_cut_inside_its_index_says_that(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_first.m4a")
    middle = content[: content.index(b"moov") + 200]
    assert refusal_of(middle, "a.m4a") == "is cut short: its table of contents is not there"


def test_an_m4a_that_lacks_its_last_bytes_says_how_many(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_first.m4a") + struct.pack(">I4s", 1000, b"free") + bytes(900)
    assert refusal_of(content, "a.m4a") == "is cut short: its last 92 bytes are not there"


def test_an_mp3_that_promises_nothing_but_stops_in_a_frame_is_cut_short(audio_files: AudioFiles) -> None:
    reason = refusal_of(audio_files.read("vbr_no_xing.mp3")[:-10])
    assert reason == "is cut short: it stops in the middle of a frame after 4.0 seconds"


def test_an_mp3_that_promises_bytes_alone_is_held_to_them() -> None:
    frame = b"\xff\xe3\x18\xc4" + bytes(9) + b"Xing" + struct.pack(">II", 2, 72 * 101) + bytes(47)
    assert probe_bytes(frame + silent_frames(100)) is not None
    assert refusal_of(frame + silent_frames(40)) == "is cut short: 2.9 of 7.3 seconds are there"


def test_an_mp3_with_a_vbri_header_is_held_to_it() -> None:
    vbri = b"VBRI" + bytes(6) + struct.pack(">II", 0, 100)
    frame = b"\xff\xe3\x18\xc4" + bytes(32) + vbri + bytes(18)
    assert probe_bytes(frame + silent_frames(100)) is not None
    assert refusal_of(frame + silent_frames(50)) == "is cut short: 3.6 of 7.2 seconds are there"


def test_an_mp3_that_was_filled_up_with_zeros_is_refused(audio_files: AudioFiles) -> None:
    content = audio_files.read("cbr_no_xing.mp3")
    half = content[: len(content) // 2] + bytes(len(content) // 2)
    reason = refusal_of(half)
    assert reason.startswith("stops being sound after 2.0 seconds: the ")
    assert reason.endswith(" KB that follow are no MP3")


def test_an_m4a_whose_sound_is_elsewhere_is_refused(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_first.m4a")
    assert refusal_of(content[: content.index(b"mdat") - 4], "a.m4a") == (
        "is cut short: 0.0 of 4.0 seconds are there"
    )


def test_an_m4a_that_lies_about_its_length_is_refused(audio_files: AudioFiles) -> None:
    content = bytearray(audio_files.read("index_last.m4a"))
    at = content.index(b"mdhd") + 20
    struct.pack_into(">I", content, at, 44100 * 600)
    assert (
        refusal_of(bytes(content), "a.m4a") == "says it lasts 600.0 seconds, but lists 4.0 seconds of sound"
    )


def test_an_m4a_that_claims_to_outlast_every_calendar_has_a_length_that_the_limit_refuses() -> None:
    sound = M4aSound((), Tracks(handlers=(b"soun",), media_s=2.0**64, samples_s=2.0**64))
    assert sound.duration().days > 10_000


def test_an_m4a_whose_media_data_states_its_size_in_64_bits_is_read(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_first.m4a")
    at = content.index(b"mdat") - 4
    payload = content[at + 8 :]
    wide = content[:at] + struct.pack(">I4sQ", 1, b"mdat", 16 + len(payload)) + payload
    facts, plain = probe_bytes(wide, PurePosixPath("a.m4a")), facts_of(audio_files.path("index_first.m4a"))
    assert facts is not None
    assert (facts.sound_sha256, facts.duration) == (plain.sound_sha256, plain.duration)


def test_an_m4a_whose_media_data_goes_on_to_the_end_is_held_to_its_tables(audio_files: AudioFiles) -> None:
    content = bytearray(audio_files.read("index_first.m4a"))
    at = content.index(b"mdat") - 4
    content[at : at + 4] = bytes(4)
    assert probe_bytes(bytes(content), PurePosixPath("a.m4a")) is not None
    assert refusal_of(bytes(content[:-5000]), "a.m4a").endswith(" of 4.0 seconds are there")


def test_an_m4a_with_samples_of_one_size_is_held_to_them(audio_files: AudioFiles) -> None:
    content = bytearray(audio_files.read("index_last.m4a"))
    at = content.index(b"stsz") + 8
    struct.pack_into(">I", content, at, 100)
    assert probe_bytes(bytes(content), PurePosixPath("a.m4a")) is not None
    struct.pack_into(">I", content, at, 100_000)
    assert refusal_of(bytes(content), "a.m4a").endswith(" of 4.0 seconds are there")


# What is no audio at all.

PLAYLISTS = {
    "m3u": b"#EXTM3U\n#EXTINF:123,Song\nsong.mp3\n",
    "hls": b"\xef\xbb\xbf#EXTM3U\r\n#EXT-X-TARGETDURATION:10\r\n#EXTINF:10,\r\nfile:///etc/passwd\r\n",
    "ffconcat": b"ffconcat version 1.0\nfile secret.wav\n",
    "pls": b"\n[playlist]\nFile1=http://127.0.0.1/x.mp3\nNumberOfEntries=1\n",
    "sdp": b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nm=audio 5004 RTP/AVP 0\r\n",
    "addresses": b"http://127.0.0.1/stream.mp3\n",
}
OTHER_THINGS = {
    "dash": (b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>', "a web page or XML"),
    "html": (b"<!DOCTYPE html><p>404 not found", "a web page or XML"),
    "text": ("Die Bücherei öffnet um neun.\n".encode(), "text"),
    "utf-16": ("The library".encode("utf-16"), "text"),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(500), "a picture"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(500), "a picture"),
    "gif": (b"GIF89a" + bytes(500), "a picture"),
    "webp": (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(500), "a picture"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(500), "a picture"),
    "film": (b"\0\0\0\x14ftypqt  " + bytes(500), "a video"),
    "avi": (b"RIFF\x10\0\0\0AVI LIST" + bytes(500), "a video"),
    "zip": (b"PK\x03\x04\x14\0" + bytes(500), "a zip archive"),
    "pdf": (b"%PDF-1.7\n" + bytes(500), "a PDF document"),
    "zeros": (bytes(5000), "no kind of file that we know"),
}


@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.wav", "a"])
@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_is_no_audio_whatever_it_is_called(kind: str, name: str) -> None:
    assert refusal_of(PLAYLISTS[kind], name) == "is a playlist, not audio"


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_behind_a_tag_is_no_audio(kind: str) -> None:
    assert refusal_of(b"ID3\4\0\0\0\0\0\x0a" + bytes(10) + PLAYLISTS[kind]) == "is a playlist, not audio"


def test_a_playlist_with_frames_of_sound_behind_it_is_no_audio() -> None:
    assert refusal_of(PLAYLISTS["ffconcat"] + silent_frames(100)) == "is a playlist, not audio"


@pytest.mark.parametrize("kind", OTHER_THINGS)
def test_what_is_no_audio_is_named(kind: str) -> None:
    content, what = OTHER_THINGS[kind]
    assert refusal_of(content) == f"is {what}, not audio"
    assert (audio_kind(content), what_it_is(content)) == (None, what)


def test_an_empty_file_is_refused() -> None:
    assert refusal_of(b"") == "is empty"
    assert what_it_is(b"") == "empty"


def test_a_tag_alone_is_refused() -> None:
    assert refusal_of(b"ID3\4\0\0\0\0\0\x0a" + bytes(10)) == "is a tag without any sound"


def test_a_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "film.m4a"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "testsrc=d=2:s=64x64", "-f", "lavfi", "-i", "sine=d=2"),
        *("-c:v", "mpeg4", "-f", "mp4", str(path)),
    )
    with pytest.raises(UnreadableMediaError, match=r"film\.m4a: has a video track"):
        probe(path)


def test_a_picture_track_alone_has_no_sound_but_a_video(tmp_path: Path) -> None:
    path = tmp_path / "film.m4a"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=d=2:s=64x64", "-c:v", "mpeg4", "-f", "mp4", str(path))
    with pytest.raises(UnreadableMediaError, match="has a video track"):
        probe(path)


def test_an_m4a_without_tracks_has_no_sound(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_last.m4a").replace(b"soun", b"text")
    assert refusal_of(content, "a.m4a") == "has no sound in it"


def test_an_m4a_with_two_languages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.m4a"
    sine = ("-f", "lavfi", "-i", "sine=d=2")
    run_ffmpeg(*sine, *sine, "-map", "0", "-map", "1", str(path))
    with pytest.raises(UnreadableMediaError, match="has 2 audio tracks"):
        probe(path)


def test_a_protected_m4a_is_refused(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_last.m4a").replace(b"mp4a", b"drms")
    assert refusal_of(content, "a.m4a") == "is protected against copying"


# What is too short, too long, too large, or moves.


def test_a_fifth_of_a_second_is_refused(tmp_path: Path) -> None:
    for name in ("short.mp3", "short.m4a"):
        path = tmp_path / name
        run_ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", str(path))
        with pytest.raises(UnreadableMediaError, match=r"is only 0\.2 seconds long"):
            probe(path)


def test_more_hours_than_allowed_are_refused() -> None:
    limits = Limits(audio_hours=Ordinal(1))
    assert probe_bytes(silent_frames(50_000), limits=limits) is not None
    assert refusal_of(silent_frames(60_000), limits=limits) == "lasts 1.2 hours, more than the 1 allowed"


def test_more_bytes_than_allowed_are_refused_before_they_are_read() -> None:
    assert refusal_of(silent_frames(100), limits=Limits(audio_bytes=Ordinal(7199))) == (
        "has 7200 bytes, more than the 7199 allowed"
    )


class GrowingFile(io.FileIO):
    """A file that somebody is still copying: the first reads each find more in it."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        content = super().read(size)
        if self.reads < 50:
            with Path(str(self.name)).open("ab") as file:
                file.write(silent_frames(1))
        return content


def test_a_file_that_changes_while_it_is_read_is_refused_and_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "growing.mp3"
    path.write_bytes(silent_frames(100))
    with GrowingFile(path) as file, pytest.raises(UnreadableMediaError) as caught:
        probe_audio(file, PurePosixPath("growing.mp3"), Limits())
    assert caught.value.reason == "changed while it was read"
    assert file.reads < 10


# Tags that would cost too much.


def huge_picture_tag() -> bytes:
    """An ID3 tag of some 200 KB whose compressed picture unfolds to 200 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    frame = b"APIC" + struct.pack(">I", len(packed) + 4) + b"\0\x80" + struct.pack(">I", 200_000_000) + packed
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + frame


def test_a_compressed_picture_in_a_tag_costs_nothing() -> None:
    content = huge_picture_tag() + silent_frames(100)
    tracemalloc.start()
    try:
        facts = probe_bytes(content)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert facts is not None
    assert facts.duration.total_seconds() == pytest.approx(7.2)
    assert peak_bytes < 4_000_000


def test_an_hour_is_read_in_the_memory_of_a_few_blocks(tmp_path: Path) -> None:
    path = tmp_path / "long.mp3"
    path.write_bytes(silent_frames(300_000))
    tracemalloc.start()
    try:
        facts_of(path)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 6_000_000


def test_a_tag_of_twenty_megabytes_is_refused() -> None:
    content = b"ID3\4\0\0\x0a\0\0\0" + bytes(20 * 1024 * 1024) + silent_frames(100)
    assert refusal_of(content) == "has a tag of 20 MB, more than 16"


def test_tags_without_end_are_no_audio() -> None:
    assert refusal_of(b"ID3\4\0\0\0\0\0\0" * 100_000) == "is an ID3 tag, not audio"


def test_a_tag_larger_than_the_file_is_refused() -> None:
    assert refusal_of(b"ID3\4\0\0\0\x10\0\0" + silent_frames(100)) == (
        "is cut short: its tag alone should have 262154 bytes, the file has 7210"
    )


@pytest.mark.parametrize("header", [b"ID3\xff\0\0\0\0\0\0", b"ID3\4\0\0\xff\xff\xff\xff", b"ID3\4"])
def test_a_broken_tag_is_refused(header: bytes) -> None:
    assert refusal_of(header) == "has a broken ID3 tag"


@pytest.mark.parametrize(
    "end", [b"LYRICSEND", b"999999LYRICS200", b"APETAGEX" + b"\xff" * 24, b"3DI\4\0\0\x7f\x7f\x7f\x7f"]
)
def test_a_trailing_tag_that_lies_about_its_size_is_junk(end: bytes) -> None:
    facts = probe_bytes(silent_frames(100) + end)
    assert facts is not None
    assert facts.duration.total_seconds() == pytest.approx(7.2)


def test_a_table_of_contents_that_is_too_large_is_refused() -> None:
    content = struct.pack(">I4s4s", 12, b"ftyp", b"M4A ")
    content += struct.pack(">I4s", 8 + 40 * 1024 * 1024, b"moov") + bytes(40 * 1024 * 1024)
    assert refusal_of(content, "a.m4a") == "has a table of contents with tags of 40 MB, more than 32"


def with_more_contents(content: bytes, more: bytes) -> bytes:
    """An m4a whose table of contents comes last, with boxes added to it."""
    moov = content.index(b"moov") - 4
    size = struct.pack(">I", len(content) - moov + len(more))
    return content[:moov] + size + content[moov + 4 :] + more


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


TEXT_TRACK = box(b"mdia", box(b"hdlr", bytes(8) + b"text" + bytes(12)))


def test_a_table_of_contents_may_have_more_than_the_sound(audio_files: AudioFiles) -> None:
    more = box(b"trak", TEXT_TRACK) + box(b"udta", b"no box at all")
    assert probe_bytes(with_more_contents(audio_files.read("index_last.m4a"), more), PurePosixPath("a.m4a"))


@pytest.mark.parametrize(
    "more",
    [
        box(b"free", b"") * 5000,
        box(b"trak", TEXT_TRACK + box(b"free", b"") * 5000),
        box(b"trak", TEXT_TRACK + box(b"udta", box(b"free", b"") * 3000) * 3),
        box(b"trak", TEXT_TRACK + box(b"meta", bytes(4) + box(b"udta", box(b"free", b"") * 3000) * 3)),
        box(b"trak", TEXT_TRACK + b"\0\x10\0\0free"),
    ],
    ids=["beside tracks", "in a track", "in three lists", "in a skewed list", "a box that leaves its place"],
)
def test_a_table_of_contents_that_could_cost_too_much_is_refused(
    audio_files: AudioFiles, more: bytes
) -> None:
    content = with_more_contents(audio_files.read("index_last.m4a"), more)
    assert refusal_of(content, "a.m4a") == "is damaged: its table of contents cannot be read"


def test_a_table_of_contents_that_nests_too_deep_is_refused(audio_files: AudioFiles) -> None:
    nest = b""
    for _ in range(20):
        nest = box(b"udta", nest)
    content = with_more_contents(audio_files.read("index_last.m4a"), box(b"trak", TEXT_TRACK + nest))
    assert refusal_of(content, "a.m4a") == "is damaged: its table of contents cannot be read"


def test_very_many_boxes_in_a_file_are_refused() -> None:
    content = struct.pack(">I4s4s", 12, b"ftyp", b"M4A ") + struct.pack(">I4s", 8, b"free") * 5000
    assert refusal_of(content, "a.m4a").startswith("is damaged: what stands at byte ")


# Whatever the bytes, the answer is a fact or a refusal.

anything = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADS = [
    b"",
    b"ID3\4\0\0\0\0\0\0",
    b"\xff\xfb\x90\x64",
    b"\0\0\0\x14ftypM4A ",
    b"RIFF\0\0\0\0WAVE",
    b"OggS",
    b"#",
]


@anything
@given(
    head=st.sampled_from(HEADS), content=st.binary(max_size=3000), suffix=st.sampled_from([".mp3", ".m4a"])
)
def test_random_bytes_are_answered_or_refused(head: bytes, content: bytes, suffix: str) -> None:
    is_refused(head + content, f"random{suffix}")


@anything
@given(
    name=st.sampled_from(
        ["mpeg25.mp3", "vbr_no_xing.mp3", "index_first.m4a", "index_last.m4a", "lossless.m4a"]
    ),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8),
    near_start=st.booleans(),
    kept=st.floats(0.9, 1),
)
def test_a_mutated_file_is_answered_or_refused(
    audio_files: AudioFiles, name: str, changes: list[tuple[float, int]], near_start: bool, kept: float
) -> None:
    content = bytearray(audio_files.read(name))
    reach = min(2000, len(content)) if near_start else len(content)
    for place, value in changes:
        content[int(place * reach)] = value
    is_refused(bytes(content[: int(len(content) * kept)]), name)


@anything
@given(at=st.integers(0, 3000), value=st.binary(min_size=4, max_size=4), name=st.sampled_from(M4AS))
def test_a_mutated_table_of_contents_is_answered_or_refused(
    audio_files: AudioFiles, at: int, value: bytes, name: str
) -> None:
    content = bytearray(audio_files.read(name))
    moov = content.index(b"moov")
    at = min(moov + at, len(content) - 4)
    content[at : at + 4] = value
    is_refused(bytes(content), name)


def test_every_file_of_the_fixture_has_the_length_it_was_made_with(audio_files: AudioFiles) -> None:
    lengths = [facts_of(audio_files.path(name)).duration.total_seconds() for name in MP3S + M4AS]
    assert lengths == [pytest.approx(SECONDS, abs=0.2)] * len(lengths)
