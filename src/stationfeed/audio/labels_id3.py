"""Labels as an ID3v2.3 tag, the version that every player reads (id3.org; chapters: ID3v2 Chapter Frame Addendum)."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import mutagen.id3

from stationfeed.audio.wording import one_line, short_lyrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.model.labels import ChapterMark, Labels

_PADDING_BYTES = 1024
_HEADER_BYTES = 10
_UTF_16 = 1
_LATIN_1 = 0
_FRONT_COVER = 3
_MILLISECOND = timedelta(milliseconds=1)
_NOT_BY_BYTES = 0xFFFFFFFF  # a chapter's place is told by time alone
_CHILDREN_LIMIT = 255
_UNDETERMINED = "und"

_id3: Any = mutagen.id3  # it has no types


def id3_tag(labels: Labels) -> bytes:
    """The whole tag, with room to grow at its end."""
    frames = b"".join(_written(frame) for frame in _frames(labels))
    size = len(frames) + _PADDING_BYTES
    syncsafe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + syncsafe + frames + bytes(_PADDING_BYTES)


def _written(frame: Any) -> bytes:
    """One frame; mutagen would sort the frames of a tag by size and so shuffle the chapters (its issue 506)."""
    file = BytesIO()
    tag = _id3.ID3()
    tag.add(frame)
    tag.save(file, v1=0, v2_version=3, padding=lambda _: 0)
    return file.getvalue()[_HEADER_BYTES:]


def _frames(labels: Labels) -> Iterator[Any]:
    yield from _text_frames(labels)
    yield from _long_text_frames(labels)
    yield from _podcast_frames(labels)
    yield from _chapter_frames(labels.chapters)
    if labels.artwork:
        yield _id3.APIC(encoding=_LATIN_1, mime="image/jpeg", type=_FRONT_COVER, desc="", data=labels.artwork)


def _text_frames(labels: Labels) -> Iterator[Any]:
    day = labels.published_on
    texts = {
        "TIT2": labels.title,
        "TPE1": labels.artist,
        "TALB": labels.album,
        "TCON": labels.genre,
        "TYER": day and f"{day:%Y}".rjust(4, "0"),
        "TDAT": day and f"{day:%d%m}",
        "TPOS": labels.season and str(labels.season),
        "TRCK": labels.episode_number and str(labels.episode_number),
        "TPUB": labels.publisher,
        "TCOP": labels.copyright,
        "TLAN": labels.language,
        "TGID": labels.guid,
    }
    for name, text in texts.items():
        if text and (line := one_line(text)):
            yield getattr(_id3, name)(encoding=_UTF_16, text=line)


def _long_text_frames(labels: Labels) -> Iterator[Any]:
    language = labels.language or _UNDETERMINED
    if labels.comment and (line := one_line(labels.comment)):
        yield _id3.COMM(encoding=_UTF_16, lang=language, desc="", text=line)
    if lyrics := short_lyrics(labels.lyrics):
        yield _id3.USLT(encoding=_UTF_16, lang=language, desc="", text=lyrics)


def _podcast_frames(labels: Labels) -> Iterator[Any]:
    """The frames Apple's programs know a podcast by; they are in no edition of the standard."""
    if labels.podcast:
        yield _id3.PCST(value=1)
    if labels.feed_url:
        yield _id3.WFED(url=labels.feed_url)


def _chapter_frames(chapters: tuple[ChapterMark, ...]) -> Iterator[Any]:
    """The table of contents and its chapters; more than it can count stand without one."""
    names = [f"chp{index}" for index in range(len(chapters))]
    if 0 < len(names) <= _CHILDREN_LIMIT:
        flags = _id3.CTOCFlags.TOP_LEVEL | _id3.CTOCFlags.ORDERED
        yield _id3.CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[])
    for name, chapter in zip(names, chapters, strict=True):
        yield _id3.CHAP(
            element_id=name,
            start_time=chapter.at // _MILLISECOND,
            end_time=chapter.until // _MILLISECOND,
            start_offset=_NOT_BY_BYTES,
            end_offset=_NOT_BY_BYTES,
            sub_frames=[_id3.TIT2(encoding=_UTF_16, text=one_line(chapter.title))],
        )
