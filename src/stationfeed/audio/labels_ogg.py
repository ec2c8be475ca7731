"""Labels in an Ogg Opus file: its second packet, the comments, is written anew (RFC 7845, 5.2).

The pages behind it keep their sound, but are numbered on from the new one, so each gets a new checksum.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

import mutagen.flac
import mutagen.ogg

from stationfeed.audio.wording import one_line, short_lyrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stationfeed.audio.opened import OpenAudio
    from stationfeed.model.labels import ChapterMark, Labels

_VENDOR = b"stationfeed"
_CHAPTERS_LIMIT = 1000  # their numbers have three digits
_FRONT_COVER = 3

_OggPage: Any = mutagen.ogg.OggPage  # it has no types
_Picture: Any = mutagen.flac.Picture


def write_labelled_opus(sound: OpenAudio, labels: Labels, out: BinaryIO) -> None:
    """One page with the head, the comments from their own page on, then the sound."""
    sound.file.seek(0)
    head = _next_page(sound)
    if head is None or not head.packets or not head.packets[0].startswith(b"OpusHead"):
        raise sound.refusal("is no Ogg Opus file, so it cannot be labelled")
    old_pages = _skip_comments(sound)
    new_pages = _OggPage.from_packets([_comments(labels)], sequence=head.sequence + 1)
    out.write(head.write())
    for page in new_pages:
        page.serial = head.serial
        out.write(page.write())
    while page := _next_page(sound):
        if page.serial == head.serial:
            page.sequence += len(new_pages) - old_pages
        out.write(page.write())


def _next_page(sound: OpenAudio) -> Any | None:
    """The page that starts here; None at the end."""
    try:
        return _OggPage(sound.file)
    except EOFError:
        return None
    except mutagen.ogg.error as error:
        raise sound.refusal("is damaged or cut short: its pages do not follow each other") from error


def _skip_comments(sound: OpenAudio) -> int:
    """Step over the old comments; how many pages they took."""
    pages = 0
    while page := _next_page(sound):
        pages += 1
        if len(page.packets) != 1:
            break
        if page.complete:
            return pages
    raise sound.refusal("has comments that do not end where they should")


def _comments(labels: Labels) -> bytes:
    """The packet: the name of the writer, then every comment with its length before it."""
    comments = [f"{name}={text}".encode() for name, text in _said(labels)]
    counted = (struct.pack("<I", len(comment)) + comment for comment in comments)
    vendor = struct.pack("<I", len(_VENDOR)) + _VENDOR
    return b"OpusTags" + vendor + struct.pack("<I", len(comments)) + b"".join(counted)


def _said(labels: Labels) -> Iterator[tuple[str, str]]:
    texts = {
        "TITLE": labels.title,
        "ARTIST": labels.artist,
        "ALBUM": labels.album,
        "DATE": labels.published_on and labels.published_on.isoformat(),
        "GENRE": labels.genre,
        "COMMENT": labels.comment,
        "ORGANIZATION": labels.publisher,
        "COPYRIGHT": labels.copyright,
        "LANGUAGE": labels.language,
        "SEASON": labels.season and str(labels.season),
        "TRACKNUMBER": labels.episode_number and str(labels.episode_number),
        "PODCAST": "1" if labels.podcast else None,
        "PODCASTURL": labels.feed_url,
        "GUID": labels.guid,
    }
    for name, text in texts.items():
        if text and (line := one_line(text)):
            yield name, line
    yield from _chapters(labels.chapters)
    if lyrics := short_lyrics(labels.lyrics):
        yield "LYRICS", lyrics
    if labels.artwork:
        yield "METADATA_BLOCK_PICTURE", _picture(labels.artwork)


def _chapters(chapters: tuple[ChapterMark, ...]) -> Iterator[tuple[str, str]]:
    """The chapter extension of https://wiki.xiph.org/Chapter_Extension; it knows starts alone."""
    for index, chapter in enumerate(chapters[:_CHAPTERS_LIMIT]):
        yield f"CHAPTER{index:03}", _clock(chapter.at)
        yield f"CHAPTER{index:03}NAME", one_line(chapter.title)


def _clock(at: timedelta) -> str:
    seconds, milliseconds = divmod(at // timedelta(milliseconds=1), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"


def _picture(jpeg: bytes) -> str:
    picture = _Picture()
    picture.type, picture.mime, picture.data = _FRONT_COVER, "image/jpeg", jpeg
    return b64encode(picture.write()).decode()
