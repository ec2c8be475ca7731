"""Labels put on published audio: what players read back, and that the sound stays what it was."""

from __future__ import annotations

import random
import struct
import tracemalloc
from base64 import b64decode
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import mutagen.apev2
import mutagen.flac
import mutagen.id3
import mutagen.mp3
import mutagen.mp4
import mutagen.ogg
import mutagen.oggopus
import pytest

from stationfeed.audio.labels import label
from stationfeed.audio.opened import OpenAudio
from stationfeed.audio.probe import probe_audio
from stationfeed.audio.xing import read_promise
from stationfeed.errors import UnreadableMediaError
from stationfeed.model.config import Limits
from stationfeed.model.labels import ChapterMark, Labels
from stationfeed.model.words import Ordinal, Url
from tests.audio_files import made_audio_files, run_ffmpeg, silent_frames  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.model.rendition import Codec
    from tests.audio_files import AudioFiles

apev2: Any = mutagen.apev2
flac: Any = mutagen.flac
id3: Any = mutagen.id3
mp3: Any = mutagen.mp3
mp4: Any = mutagen.mp4
ogg: Any = mutagen.ogg
oggopus: Any = mutagen.oggopus

SOUNDS: list[tuple[str, Codec]] = [
    ("no_tags.mp3", "mp3"),
    ("vbr.mp3", "mp3"),
    ("mpeg2.mp3", "mp3"),
    ("cbr_no_xing.mp3", "mp3"),
    ("index_first.m4a", "aac"),
    ("index_last.m4a", "aac"),
    ("low.m4a", "aac"),
    ("tone.opus", "opus"),
]
ONE_OF_EACH: list[tuple[str, Codec]] = [
    ("no_tags.mp3", "mp3"), ("index_first.m4a", "aac"), ("tone.opus", "opus")
]  # fmt: skip
ARTWORK = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 600 + b"\xff\xd9"
TITLES = ["A long introduction before anything happens", "Story", "End"]
STORY = Labels(
    title="A library that lends drills",
    artist="Rosa Lind, Ben Okafor",
    album="Morning Edition",
    published_on=date(2026, 4, 2),
    comment="https://kxyz.example/stories/tool-library",
    publisher="KXYZ",
    copyright="2026 KXYZ",
    guid="kxyz:tool-library",
    feed_url=Url("https://kxyz.example/feeds/news.xml"),
    season=Ordinal(2),
    episode_number=Ordinal(17),
    chapters=tuple(
        ChapterMark(at=timedelta(seconds=at), until=timedelta(seconds=at + 1.25), title=title)
        for at, title in zip((0, 1.25, 2.5), TITLES, strict=True)
    ),
    lyrics="Where do the drills go at night?\nHome.",
    language="eng",
    artwork=ARTWORK,
)
PLAIN = Labels(title="A library that lends drills")


def labelled(content: bytes, codec: Codec, labels: Labels = STORY) -> bytes:
    out = BytesIO()
    label(OpenAudio(BytesIO(content), PurePosixPath("a.mp3"), len(content)), codec, labels, out)
    return out.getvalue()


def refusal_of(content: bytes, codec: Codec) -> str:
    with pytest.raises(UnreadableMediaError) as caught:
        labelled(content, codec)
    assert caught.value.path == PurePosixPath("a.mp3")
    return caught.value.reason


def decoded(path: Path) -> str:
    """The checksum of what ffmpeg plays."""
    return run_ffmpeg("-i", str(path), "-map", "0:a", "-f", "md5", "-")


def as_ffmpeg_reads(path: Path) -> str:
    """Tags, then chapters in the order ffmpeg has them in; an Ogg file's tags are those of its stream."""
    its_own = ("-map_metadata", "0:s:0") if path.suffix == ".opus" else ()
    text = run_ffmpeg("-i", str(path), *its_own, "-f", "ffmetadata", "-")
    return text.replace("\\\n", " ").replace("\\", "")


def id3_of(content: bytes) -> Any:
    return id3.ID3(BytesIO(content))


def v23_frames(content: bytes) -> list[tuple[str, bytes]]:
    """The frames in the order they have in an ID3v2.3 tag."""
    assert content[:6] == b"ID3\3\0\0"
    frames, at = [], 10
    while content[at]:
        name, size = struct.unpack_from(">4sI", content, at)
        frames.append((name.decode(), content[at + 10 : at + 10 + size]))
        at += 10 + size
    return frames


def tag_bytes(content: bytes) -> int:
    a, b, c, d = content[6:10]
    return 10 + (a << 21 | b << 14 | c << 7 | d)


# The sound stays.


@pytest.mark.parametrize(("name", "codec"), SOUNDS)
def test_labels_change_nothing_that_is_heard(
    audio_files: AudioFiles, tmp_path: Path, name: str, codec: Codec
) -> None:
    path = tmp_path / name
    path.write_bytes(labelled(audio_files.read(name), codec))
    assert decoded(path) == decoded(audio_files.path(name))


@pytest.mark.parametrize(("name", "codec"), SOUNDS[:-1])
def test_labels_leave_the_facts_of_the_sound(
    audio_files: AudioFiles, tmp_path: Path, name: str, codec: Codec
) -> None:
    path = tmp_path / name
    path.write_bytes(labelled(audio_files.read(name), codec))
    with path.open("rb") as after_file, audio_files.path(name).open("rb") as before_file:
        after = probe_audio(after_file, PurePosixPath(name), Limits())
        before = probe_audio(before_file, PurePosixPath(name), Limits())
    assert after is not None
    assert before is not None
    assert (after.sound_sha256, after.duration) == (before.sound_sha256, before.duration)


def test_an_mp3_is_its_tag_and_then_the_very_same_bytes(audio_files: AudioFiles) -> None:
    sound = audio_files.read("no_tags.mp3")
    content = labelled(sound, "mp3")
    assert content[tag_bytes(content) :] == sound


@pytest.mark.parametrize("name", ["vbr.mp3", "cbr.mp3"])
def test_the_frame_that_tells_the_length_stays_the_first_one(audio_files: AudioFiles, name: str) -> None:
    content = labelled(audio_files.read(name), "mp3")
    assert read_promise(content[tag_bytes(content) :][:1000], mpeg_1=True) is not None
    assert mp3.MP3(BytesIO(content)).info.length == mp3.MP3(audio_files.path(name)).info.length


def test_an_opus_file_keeps_its_packets_and_numbers_its_pages(audio_files: AudioFiles) -> None:
    before, after = (ogg_pages(content) for content in opus_with_and_without(audio_files))
    sound_before, sound_after = before[2:], after[-len(before[2:]) :]
    assert [page.packets for page in sound_after] == [page.packets for page in sound_before]
    assert [page.position for page in sound_after] == [page.position for page in sound_before]
    assert [page.sequence for page in after] == list(range(len(after)))
    assert {page.serial for page in after} == {before[0].serial}
    assert after[-1].last
    assert [page.position for page in after[: -len(sound_before)]] == [0] + [-1] * (
        len(after) - len(before)
    ) + [0]


def test_the_pages_of_an_opus_file_have_right_checksums(audio_files: AudioFiles) -> None:
    for content in opus_with_and_without(audio_files):
        assert b"".join(page.write() for page in ogg_pages(content)) == content


def opus_with_and_without(audio_files: AudioFiles) -> tuple[bytes, bytes]:
    sound = audio_files.read("tone.opus")
    return sound, labelled(sound, "opus")


def ogg_pages(content: bytes) -> list[Any]:
    file = BytesIO(content)
    pages = []
    while file.tell() < len(content):
        pages.append(ogg.OggPage(file))
    return pages


# What is read back.

FFMPEG_CHAPTERS = [(0, 1250), (1250, 2500), (2500, 3750)]


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_ffmpeg_reads_the_labels_back(
    audio_files: AudioFiles, tmp_path: Path, name: str, codec: Codec
) -> None:
    path = tmp_path / name
    path.write_bytes(labelled(audio_files.read(name), codec))
    text = as_ffmpeg_reads(path).lower()
    for said in (
        STORY.title,
        STORY.artist,
        STORY.album,
        "2026-04-02",
        "podcast",
        STORY.comment,
        STORY.copyright,
    ):
        assert f"={said}\n".lower() in text
    assert "where do the drills go at night? home." in text


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_ffmpeg_lists_the_chapters_in_the_order_of_time(
    audio_files: AudioFiles, tmp_path: Path, name: str, codec: Codec
) -> None:
    path = tmp_path / name
    path.write_bytes(labelled(audio_files.read(name), codec))
    chapters = as_ffmpeg_reads(path).split("[CHAPTER]\n")[1:]
    assert [chapter.splitlines()[-1] for chapter in chapters] == [f"title={title}" for title in TITLES]


def test_mutagen_reads_everything_back_from_an_mp3(audio_files: AudioFiles) -> None:
    tag = id3_of(labelled(audio_files.read("no_tags.mp3"), "mp3"))
    assert {name: str(tag[name]) for name in ("TIT2", "TPE1", "TALB", "TDRC", "TCON", "TPUB", "TCOP")} == {
        "TIT2": STORY.title,
        "TPE1": STORY.artist,
        "TALB": STORY.album,
        "TDRC": "2026-04-02",
        "TCON": "Podcast",
        "TPUB": "KXYZ",
        "TCOP": "2026 KXYZ",
    }
    assert (str(tag["TPOS"]), str(tag["TRCK"]), str(tag["TLAN"])) == ("2", "17", "eng")
    assert (str(tag["COMM::eng"]), str(tag["USLT::eng"])) == (STORY.comment, STORY.lyrics)
    assert (tag["PCST"].value, tag["WFED"].url, str(tag["TGID"])) == (1, STORY.feed_url, STORY.guid)
    assert (tag["APIC:"].type, tag["APIC:"].mime, tag["APIC:"].data) == (3, "image/jpeg", ARTWORK)


def test_mutagen_reads_everything_back_from_an_m4a(audio_files: AudioFiles) -> None:
    file = mp4.MP4(BytesIO(labelled(audio_files.read("index_first.m4a"), "aac")))
    assert bytes(file["covr"][0]) == ARTWORK
    assert {name: value for name, value in file.tags.items() if name != "covr"} == {
        "\xa9nam": [STORY.title],
        "\xa9ART": [STORY.artist],
        "\xa9alb": [STORY.album],
        "\xa9day": ["2026-04-02"],
        "\xa9gen": ["Podcast"],
        "\xa9cmt": [STORY.comment],
        "\xa9lyr": [STORY.lyrics],
        "cprt": ["2026 KXYZ"],
        "catg": ["Podcast"],
        "egid": [STORY.guid],
        "purl": [STORY.feed_url],
        "pcst": True,
        "tvsn": [2],
        "tves": [17],
        "----:com.apple.iTunes:LABEL": [b"KXYZ"],
        "----:com.apple.iTunes:LANGUAGE": [b"eng"],
    }
    assert [(chapter.start, chapter.title) for chapter in file.chapters] == list(
        zip((0, 1.25, 2.5), TITLES, strict=True)
    )


def test_mutagen_reads_everything_back_from_an_opus_file(audio_files: AudioFiles) -> None:
    tags = dict(oggopus.OggOpus(BytesIO(labelled(audio_files.read("tone.opus"), "opus"))).tags)
    picture = flac.Picture(b64decode(tags.pop("metadata_block_picture")[0]))
    assert (picture.type, picture.mime, picture.data) == (3, "image/jpeg", ARTWORK)
    assert {name: value[0] for name, value in tags.items()} == {
        "title": STORY.title,
        "artist": STORY.artist,
        "album": STORY.album,
        "date": "2026-04-02",
        "genre": "Podcast",
        "comment": STORY.comment,
        "organization": "KXYZ",
        "copyright": "2026 KXYZ",
        "language": "eng",
        "season": "2",
        "tracknumber": "17",
        "podcast": "1",
        "podcasturl": STORY.feed_url,
        "guid": STORY.guid,
        "lyrics": STORY.lyrics,
        "chapter000": "00:00:00.000",
        "chapter000name": TITLES[0],
        "chapter001": "00:00:01.250",
        "chapter001name": TITLES[1],
        "chapter002": "00:00:02.500",
        "chapter002name": TITLES[2],
    }


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_what_is_not_known_is_not_said(audio_files: AudioFiles, name: str, codec: Codec) -> None:
    content = labelled(audio_files.read(name), codec, replace(PLAIN, podcast=False))
    if codec == "mp3":
        assert [frame for frame, _ in v23_frames(content)] == ["TIT2", "TCON"]
    elif codec == "aac":
        assert dict(mp4.MP4(BytesIO(content)).tags) == {"\xa9nam": [PLAIN.title], "\xa9gen": ["Podcast"]}
    else:
        assert dict(oggopus.OggOpus(BytesIO(content)).tags) == {"title": [PLAIN.title], "genre": ["Podcast"]}


# Chapters of an mp3.


def test_chapters_stand_in_the_order_of_time_behind_their_table_of_contents(audio_files: AudioFiles) -> None:
    content = labelled(audio_files.read("no_tags.mp3"), "mp3")
    parts = [(name, body) for name, body in v23_frames(content) if name in ("CTOC", "CHAP")]
    assert [name for name, _ in parts] == ["CTOC", "CHAP", "CHAP", "CHAP"]
    top_level_and_ordered = b"\x03"
    assert parts[0][1] == b"toc\0" + top_level_and_ordered + b"\x03chp0\0chp1\0chp2\0"
    starts = [body.partition(b"\0")[2][:16] for _, body in parts[1:]]
    nowhere = b"\xff" * 8
    assert starts == [struct.pack(">II", *span) + nowhere for span in FFMPEG_CHAPTERS]
    assert [len(body) for _, body in parts[1:]] != sorted(len(body) for _, body in parts[1:])


def test_mutagen_finds_the_titles_inside_the_chapters(audio_files: AudioFiles) -> None:
    tag = id3_of(labelled(audio_files.read("no_tags.mp3"), "mp3"))
    children = tag["CTOC:toc"].child_element_ids
    assert [str(tag[f"CHAP:{name}"].sub_frames["TIT2"]) for name in children] == TITLES


def test_more_chapters_than_a_table_of_contents_can_count_stand_without_one(
    audio_files: AudioFiles, tmp_path: Path
) -> None:
    second = timedelta(seconds=1)
    many = tuple(
        ChapterMark(at=number * second, until=(number + 1) * second, title=f"Part {number}")
        for number in range(1200)
    )
    labels = replace(PLAIN, chapters=many)
    names = [name for name, _ in v23_frames(labelled(audio_files.read("no_tags.mp3"), "mp3", labels))]
    assert (names.count("CTOC"), names.count("CHAP")) == (0, 1200)
    m4a = mp4.MP4(BytesIO(labelled(audio_files.read("index_first.m4a"), "aac", labels)))
    assert [chapter.title for chapter in m4a.chapters] == [f"Part {number}" for number in range(255)]
    opus = oggopus.OggOpus(BytesIO(labelled(audio_files.read("tone.opus"), "opus", labels)))
    assert opus["chapter999"] == ["00:16:39.000"]
    assert "chapter1000" not in opus


def test_a_chapter_in_the_twelfth_hour_keeps_its_time(audio_files: AudioFiles) -> None:
    late = ChapterMark(
        at=timedelta(hours=11, minutes=59, milliseconds=7), until=timedelta(hours=12), title="Late"
    )
    labels = replace(PLAIN, chapters=(late,))
    tag = id3_of(labelled(audio_files.read("no_tags.mp3"), "mp3", labels))
    assert (tag["CHAP:chp0"].start_time, tag["CHAP:chp0"].end_time) == (43_140_007, 43_200_000)
    assert (
        mp4.MP4(BytesIO(labelled(audio_files.read("low.m4a"), "aac", labels))).chapters[0].start == 43140.007
    )
    opus = oggopus.OggOpus(BytesIO(labelled(audio_files.read("tone.opus"), "opus", labels)))
    assert opus["chapter000"] == ["11:59:00.007"]


# Odd texts.

ODD_TITLES = {
    "control characters": (
        "A\x00 title\x1b[31m\r\nSet-Cookie: x\x85\u2028end",
        "A title [31m Set-Cookie: x end",
    ),
    "ten thousand letters": ("Ж" * 10_000, "Ж" * 10_000),
    "emoji": ("Radio 📻👩🏽‍🎤", "Radio 📻👩🏽‍🎤"),
    "right to left": ("مكتبة الأدوات", "مكتبة الأدوات"),
    "half a letter": ("A\ud83d title", "A title"),
    "a byte order mark": ("\ufeffA title\ufffe", "A title"),
    "a slash": ("AC/DC; a=b", "AC/DC; a=b"),
}


@pytest.mark.parametrize(("written", "read"), ODD_TITLES.values(), ids=ODD_TITLES.keys())
@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_a_title_may_hold_anything(
    audio_files: AudioFiles, tmp_path: Path, name: str, codec: Codec, written: str, read: str
) -> None:
    chapter = ChapterMark(at=timedelta(0), until=timedelta(seconds=4), title=written)
    labels = Labels(title=written, artist=written, lyrics=f"{written}\n{written}", chapters=(chapter,))
    path = tmp_path / name
    path.write_bytes(labelled(audio_files.read(name), codec, labels))
    if codec == "mp3":
        tag = id3.ID3(path)
        titles = [*tag["TIT2"].text, *tag["TPE1"].text, *tag["CHAP:chp0"].sub_frames["TIT2"].text]
    elif codec == "aac":
        titles = [*mp4.MP4(path)["\xa9nam"], *mp4.MP4(path)["\xa9ART"]]
        assert mp4.MP4(path).chapters[0].title == read.encode()[:255].decode(errors="ignore")
    else:
        titles = [value for _, value in oggopus.OggOpus(path).tags if value.startswith(read)][:2]
    assert titles == [read] * len(titles)
    assert len(titles) >= 2
    assert decoded(path) == decoded(audio_files.path(name))


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_a_text_of_nothing_but_control_characters_is_no_text(
    audio_files: AudioFiles, name: str, codec: Codec
) -> None:
    sound = audio_files.read(name)
    odd = replace(PLAIN, artist="\x07\x1b", comment="\0", lyrics="\n\x1b\n", publisher=" ")
    assert labelled(sound, codec, odd) == labelled(sound, codec, PLAIN)


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_a_transcript_too_long_to_carry_is_left_out(audio_files: AudioFiles, name: str, codec: Codec) -> None:
    sound = audio_files.read(name)
    limit = 64 * 1024
    assert labelled(sound, codec, replace(PLAIN, lyrics="a" * (limit + 1))) == labelled(sound, codec, PLAIN)
    assert len(labelled(sound, codec, replace(PLAIN, lyrics="a" * limit))) > len(sound) + limit


def test_a_day_is_written_the_way_of_version_2_3(audio_files: AudioFiles) -> None:
    frames = dict(v23_frames(labelled(audio_files.read("no_tags.mp3"), "mp3")))
    assert frames["TYER"] == b"\x01" + "2026\0".encode("utf-16")
    assert frames["TDAT"] == b"\x01" + "0204\0".encode("utf-16")
    assert not {"TDRC", "TDRL", "TIME"} & frames.keys()


# Labels put on anew.


def with_other_tags(content: bytes, codec: Codec, path: Path) -> bytes:
    path.write_bytes(content)
    if codec == "mp3":
        tag = id3.ID3()
        tag.add(id3.TIT2(encoding=3, text="Untitled 7"))
        tag.add(id3.APIC(encoding=3, mime="image/png", type=3, desc="x", data=bytes(100_000)))
        tag.save(path, v1=2, v2_version=4)
        ape = apev2.APEv2()
        ape["Title"] = "Untitled 7"
        ape.save(path)
    elif codec == "aac":
        file = mp4.MP4(path)
        file["\xa9nam"] = "Untitled 7"
        file["covr"] = [mp4.MP4Cover(bytes(100_000))]
        file.save()
    else:
        file = oggopus.OggOpus(path)
        file["title"] = "Untitled 7"
        file["metadata_block_picture"] = "A" * 200_000
        file.save()
    return path.read_bytes()


@pytest.mark.parametrize(("name", "codec"), SOUNDS)
def test_old_tags_leave_no_trace(audio_files: AudioFiles, tmp_path: Path, name: str, codec: Codec) -> None:
    sound = audio_files.read(name)
    tagged = with_other_tags(sound, codec, tmp_path / name)
    assert len(tagged) > len(sound) + 50_000
    assert labelled(tagged, codec) == labelled(sound, codec)


@pytest.mark.parametrize(("name", "codec"), SOUNDS)
def test_labels_can_be_put_on_again_and_again(audio_files: AudioFiles, name: str, codec: Codec) -> None:
    sound = audio_files.read(name)
    once = labelled(sound, codec)
    assert labelled(once, codec) == once
    assert labelled(labelled(sound, codec, PLAIN), codec) == once


def test_half_a_frame_between_the_tag_and_the_sound_is_dropped(audio_files: AudioFiles) -> None:
    sound = audio_files.read("no_tags.mp3")
    assert labelled(bytes(100) + b"\xff\xfb" + bytes(50) + sound, "mp3") == labelled(sound, "mp3")


# The boxes of an m4a.


def box_names(content: bytes) -> list[bytes]:
    names, at = [], 0
    while at < len(content):
        size, name = struct.unpack_from(">I4s", content, at)
        names.append(name)
        at += size
    return names


@pytest.mark.parametrize("name", ["index_first.m4a", "index_last.m4a", "low.m4a"])
def test_the_table_of_contents_comes_before_the_sound(audio_files: AudioFiles, name: str) -> None:
    names = box_names(labelled(audio_files.read(name), "aac"))
    assert names.index(b"moov") == names.index(b"mdat") - 1


def with_long_offsets(m4a: bytes) -> bytes:
    """The same file, which has its index behind the sound, with offsets of 64 bits."""
    at = m4a.index(b"stco") - 4
    size, _, _, count = struct.unpack_from(">IIII", m4a, at)
    offsets = struct.unpack_from(f">{count}I", m4a, at + 16)
    table = struct.pack(f">I4sII{count}Q", 16 + 8 * count, b"co64", 0, count, *offsets)
    longer = bytearray(m4a[:at] + table + m4a[at + size :])
    for parent in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        start = m4a.index(parent, m4a.index(b"moov")) - 4
        (parent_size,) = struct.unpack_from(">I", m4a, start)
        struct.pack_into(">I", longer, start, parent_size + len(table) - size)
    return bytes(longer)


def test_offsets_of_64_bits_are_moved_too(audio_files: AudioFiles, tmp_path: Path) -> None:
    sound = with_long_offsets(audio_files.read("index_last.m4a"))
    path = tmp_path / "long.m4a"
    path.write_bytes(labelled(sound, "aac"))
    assert decoded(path) == decoded(audio_files.path("index_last.m4a"))


# What is refused.

NO_SOUND = [
    b"",
    b"A plain text about nothing.\n" * 50,
    b"ID3\3\0\0\0\0\0\0",
    random.Random(5).randbytes(50_000),
]


@pytest.mark.parametrize("content", NO_SOUND, ids=["nothing", "text", "a tag alone", "noise"])
@pytest.mark.parametrize("codec", ["mp3", "aac", "opus"])
def test_what_is_no_sound_is_refused(content: bytes, codec: Codec) -> None:
    assert refusal_of(content, codec)


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_a_sound_of_another_codec_is_refused(audio_files: AudioFiles, name: str, codec: Codec) -> None:
    others = [other for other, its_codec in ONE_OF_EACH if its_codec != codec]
    reasons = [
        refusal_of(audio_files.read(other), codec) for other in [*others, "tone.wav", "tone.ogg", "tone.mp2"]
    ]
    assert set(reasons) <= {
        "has no MP3 sound in it, so it cannot be labelled",
        "is no M4A with one table of contents, so it cannot be labelled",
        "is no Ogg Opus file, so it cannot be labelled",
        "is damaged or cut short: its pages do not follow each other",
        "is damaged: what stands at byte 0 is no part of an M4A",
    }


def test_a_fragmented_m4a_is_refused(audio_files: AudioFiles) -> None:
    assert refusal_of(audio_files.read("fragments.m4a"), "aac").startswith("is no M4A with one table")


def test_an_m4a_that_goes_on_in_fragments_is_refused(audio_files: AudioFiles) -> None:
    fragment = struct.pack(">I4s", 8, b"moof")
    reason = refusal_of(audio_files.read("index_first.m4a") + fragment, "aac")
    assert reason.startswith("is no M4A with one table")


def test_a_table_of_offsets_that_counts_beyond_its_end_is_refused(audio_files: AudioFiles) -> None:
    content = bytearray(audio_files.read("index_first.m4a"))
    at = content.index(b"stco") + 8
    (count,) = struct.unpack_from(">I", content, at)
    for lie in (count + 1, 2**31):
        struct.pack_into(">I", content, at, lie)
        assert refusal_of(bytes(content), "aac") == "is damaged: its table of contents cannot be read"


def test_boxes_inside_boxes_without_end_are_refused(audio_files: AudioFiles) -> None:
    tracks = b""
    for _ in range(2000):
        tracks = struct.pack(">I4s", 8 + len(tracks), b"trak") + tracks
    moov = struct.pack(">I4s", 8 + len(tracks), b"moov") + tracks
    content = struct.pack(">I4s4sI", 16, b"ftyp", b"M4A ", 0) + moov + struct.pack(">I4s", 8, b"mdat")
    assert refusal_of(content, "aac") == "is damaged: its table of contents cannot be read"


def test_an_m4a_that_is_cut_short_is_refused(audio_files: AudioFiles) -> None:
    content = audio_files.read("index_first.m4a")
    assert refusal_of(content[:-10], "aac") == "is cut short: its last 10 bytes are not there"


def test_a_table_of_contents_of_more_than_32_mb_is_refused() -> None:
    def box(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(content), name) + content

    huge = box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov", bytes(33 * 1024 * 1024)) + box(b"mdat", b"")
    assert refusal_of(huge, "aac") == "has a table of contents of 34603008 bytes, more than 33554432"


def test_an_opus_file_that_is_cut_in_a_page_is_refused(audio_files: AudioFiles) -> None:
    reason = refusal_of(audio_files.read("tone.opus")[:-10], "opus")
    assert reason == "is damaged or cut short: its pages do not follow each other"


def test_an_opus_file_whose_comments_share_a_page_with_the_sound_is_refused(audio_files: AudioFiles) -> None:
    head, comments, *sound = ogg_pages(audio_files.read("tone.opus"))
    comments.packets.append(b"sound")
    reason = refusal_of(b"".join(page.write() for page in (head, comments, *sound)), "opus")
    assert reason == "has comments that do not end where they should"


def test_comments_without_an_end_are_refused(audio_files: AudioFiles) -> None:
    head, *_ = ogg_pages(audio_files.read("tone.opus"))
    endless = ogg.OggPage()
    endless.packets, endless.complete = [bytes(255 * 255)], False
    reason = refusal_of(head.write() + endless.write() * 30, "opus")
    assert reason == "has comments that do not end where they should"


def test_the_pages_of_another_stream_keep_their_numbers(audio_files: AudioFiles) -> None:
    sound = audio_files.read("tone.opus")
    other = ogg.OggPage()
    other.serial, other.sequence, other.packets = 4711, 3, [b"another stream"]
    assert labelled(sound + other.write(), "opus") == labelled(sound, "opus") + other.write()


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_damage_is_refused_or_does_not_matter(audio_files: AudioFiles, name: str, codec: Codec) -> None:
    sound = audio_files.read(name)
    head = sound[: 4000 if codec == "aac" else 600]
    chance = random.Random(11)
    for _ in range(400):
        damaged = bytearray(head)
        for _ in range(chance.randint(1, 3)):
            damaged[chance.randrange(len(damaged))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        with suppress(UnreadableMediaError):
            labelled(bytes(damaged) + sound[len(head) :], codec, PLAIN)


@pytest.mark.parametrize(("name", "codec"), ONE_OF_EACH)
def test_a_file_cut_anywhere_is_refused_or_labelled(audio_files: AudioFiles, name: str, codec: Codec) -> None:
    sound = audio_files.read(name)
    for length in [*range(0, 2500, 7), *range(2500, len(sound), 997)]:
        with suppress(UnreadableMediaError):
            labelled(sound[:length], codec, PLAIN)


def test_a_file_that_becomes_shorter_while_it_is_read_is_refused() -> None:
    content = silent_frames(100)
    sound = OpenAudio(BytesIO(content), PurePosixPath("a.mp3"), len(content) + 1)
    with pytest.raises(UnreadableMediaError, match="became shorter while it was read"):
        label(sound, "mp3", PLAIN, BytesIO())


# Memory.


def test_a_long_sound_is_labelled_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.mp3"
    path.write_bytes(silent_frames(600_000))
    with path.open("rb") as file, (tmp_path / "out.mp3").open("wb") as out:
        sound = OpenAudio(file, PurePosixPath("long.mp3"), path.stat().st_size)
        tracemalloc.start()
        label(sound, "mp3", STORY, out)
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (tmp_path / "out.mp3").stat().st_size > 43_000_000
    assert peak_bytes < 8 * 1024 * 1024
