"""Labels in an m4a: a new table of contents in front of the sound, every offset in it moved along."""

from __future__ import annotations

import struct
from bisect import bisect
from datetime import timedelta
from io import BytesIO
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO

import mutagen.mp4

from stationfeed.audio.boxes import Box, check_shape, children, top_level
from stationfeed.audio.copying import copy_between
from stationfeed.audio.m4a import MOOV_LIMIT_BYTES
from stationfeed.audio.wording import one_line, short_lyrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stationfeed.audio.opened import OpenAudio
    from stationfeed.model.labels import ChapterMark, Labels

_TAGS = (b"udta", b"meta")
_ON_THE_WAY = (b"trak", b"mdia", b"minf", b"stbl")
_OFFSETS = {b"stco": "I", b"co64": "Q"}
_CHAPTERS_LIMIT = 255
_CHAPTER_TITLE_BYTES = 255
_HUNDRED_NS_PER_US = 10

_mp4: Any = mutagen.mp4  # it has no types


def write_labelled_m4a(sound: OpenAudio, labels: Labels, out: BinaryIO) -> None:
    """The same boxes with another `moov`, which comes before the sound so that it plays while it loads."""
    boxes = _checked_boxes(sound)
    moov = next(box for box in boxes if box.name == b"moov")
    try:
        content = _without_tags(sound.read_at(moov.begin, moov.end - moov.begin)) + _tags(labels)
        order = _moov_first(boxes)
        _move_offsets(content, _moved(order, 8 + len(content)))
    except (ValueError, LookupError, struct.error) as error:
        raise sound.refusal("is damaged: its table of contents cannot be read") from error
    for box in order:
        if box is moov:
            out.write(_box(b"moov", bytes(content)))
        else:
            copy_between(sound, box.start, box.end, out)


def _checked_boxes(sound: OpenAudio) -> tuple[Box, ...]:
    boxes = top_level(sound)
    names = [box.name for box in boxes]
    if names[:1] != [b"ftyp"] or names.count(b"moov") != 1 or b"mdat" not in names or b"moof" in names:
        raise sound.refusal("is no M4A with one table of contents, so it cannot be labelled")
    if boxes[-1].end > sound.size_bytes:
        raise sound.refusal(f"is cut short: its last {boxes[-1].end - sound.size_bytes} bytes are not there")
    moov_bytes = next(box.end - box.begin for box in boxes if box.name == b"moov")
    if moov_bytes > MOOV_LIMIT_BYTES:
        raise sound.refusal(f"has a table of contents of {moov_bytes} bytes, more than {MOOV_LIMIT_BYTES}")
    return boxes


def _moov_first(boxes: tuple[Box, ...]) -> list[Box]:
    others = [box for box in boxes if box.name != b"moov"]
    first_sound = next(index for index, box in enumerate(others) if box.name == b"mdat")
    moov = [box for box in boxes if box.name == b"moov"]
    return others[:first_sound] + moov + others[first_sound:]


def _without_tags(moov: bytes) -> bytearray:
    kept = bytearray()
    for box in children(moov):
        if box.name not in _TAGS:
            kept += moov[box.start : box.end]
    return kept


def _moved(order: list[Box], moov_bytes: int) -> Callable[[int], int]:
    """Where a byte of the old file lies in the new one, in the same box."""
    sizes = [moov_bytes if box.name == b"moov" else box.end - box.start for box in order]
    new_starts = accumulate(sizes, initial=0)
    shifts = sorted(
        (box.start, new_start - box.start) for box, new_start in zip(order, new_starts, strict=False)
    )
    starts = [start for start, _ in shifts]
    return lambda offset: offset + shifts[bisect(starts, offset) - 1][1]


def _move_offsets(moov: bytearray, moved: Callable[[int], int]) -> None:
    content = bytes(moov)
    check_shape(content)
    for box in _offset_tables(content, 0, len(content)):
        (count,) = struct.unpack_from(">I", content, box.begin + 4)
        if 8 + count * struct.calcsize(_OFFSETS[box.name]) > box.end - box.begin:
            raise ValueError(count)
        table = struct.Struct(f">{count}{_OFFSETS[box.name]}")
        offsets = table.unpack_from(content, box.begin + 8)
        table.pack_into(moov, box.begin + 8, *map(moved, offsets))


def _offset_tables(moov: bytes, at: int, end: int) -> Iterator[Box]:
    for box in children(moov, at, end):
        if box.name in _ON_THE_WAY:
            yield from _offset_tables(moov, box.begin, box.end)
        elif box.name in _OFFSETS:
            yield box


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def _tags(labels: Labels) -> bytes:
    """The `udta` box: chapters as Nero writes them, and what mutagen makes of the labels."""
    chapters = _box(b"chpl", _chapter_list(labels.chapters)) if labels.chapters else b""
    file = BytesIO(_box(b"moov", _box(b"udta", chapters)))
    tags = _mp4.MP4Tags()
    for name, value in _items(labels):
        tags[name] = value
    tags.save(file, padding=lambda _: 0)
    return file.getvalue()[8:]


def _items(labels: Labels) -> Iterator[tuple[str, Any]]:
    yield from _text_items(labels)
    if lyrics := short_lyrics(labels.lyrics):
        yield "\xa9lyr", [lyrics]
    if labels.podcast:
        yield "pcst", True
    if labels.season:
        yield "tvsn", [labels.season]
    if labels.episode_number:
        yield "tves", [labels.episode_number]
    if labels.artwork:
        yield "covr", [_mp4.MP4Cover(labels.artwork, _mp4.MP4Cover.FORMAT_JPEG)]


def _text_items(labels: Labels) -> Iterator[tuple[str, Any]]:
    texts = {
        "\xa9nam": labels.title,
        "\xa9ART": labels.artist,
        "\xa9alb": labels.album,
        "\xa9day": labels.published_on and labels.published_on.isoformat(),
        "\xa9gen": labels.genre,
        "\xa9cmt": labels.comment,
        "cprt": labels.copyright,
        "catg": labels.genre if labels.podcast else None,
        "egid": labels.guid,
        "purl": labels.feed_url,
    }
    for name, text in texts.items():
        if text and (line := one_line(text)):
            yield name, [line]
    for name, text in (("LABEL", labels.publisher), ("LANGUAGE", labels.language)):
        if text and (line := one_line(text)):
            yield f"----:com.apple.iTunes:{name}", [_mp4.MP4FreeForm(line.encode())]


def _chapter_list(chapters: tuple[ChapterMark, ...]) -> bytes:
    """Version 1: starts in units of 100 ns and titles, both counted in one byte."""
    listed = chapters[:_CHAPTERS_LIMIT]
    marks = (
        struct.pack(">QB", chapter.at // timedelta(microseconds=1) * _HUNDRED_NS_PER_US, len(title)) + title
        for chapter in listed
        for title in (_cut(one_line(chapter.title)),)
    )
    return struct.pack(">B3xIB", 1, 0, len(listed)) + b"".join(marks)


def _cut(title: str) -> bytes:
    """So much of a title as a chapter list holds, without a broken letter at its end."""
    return title.encode()[:_CHAPTER_TITLE_BYTES].decode(errors="ignore").encode()
