"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import codecs

from stationfeed.audio.mpeg import LAYER_III, format_at
from stationfeed.model.rendition import AudioKind

__all__ = ["UNKNOWN", "AudioKind", "audio_kind", "what_it_is"]

UNKNOWN = "no kind of file that we know"

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"8BPS", "a picture"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (b"0&\xb2u", "a Windows Media file"),
    (b"FLV\x01", "a video"),
    (b"MThd", "a MIDI file"),
    (b"OggS", "a video"),  # the Ogg files that sound are known before this table is asked
    (b"ID3", "an ID3 tag"),
    (b"\xff\xfe", "text"),
    (b"\xfe\xff", "text"),
)
_PLAYLISTS = (
    b"#extm3u",
    b"ffconcat",
    b"[playlist]",
    b"[reference]",
    b"v=0\r",
    b"v=0\n",
    b"http://",
    b"https://",
)
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis"})
_OGG_CODECS: tuple[tuple[bytes, AudioKind], ...] = (
    (b"OpusHead", "opus"),
    (b"\x01vorbis", "ogg"),
    (b"\x7fFLAC", "ogg"),
    (b"Speex   ", "ogg"),
)


def audio_kind(head: bytes) -> AudioKind | None:
    """The kind of audio that begins with these bytes (a few KB); None for anything else.

    An ID3v2 tag says nothing: give the bytes behind it.
    """
    if form := format_at(head):
        return "mp3" if form.layer == LAYER_III else "mp2"
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _PICTURE_BRANDS | {b"qt  "} else "m4a"
    if head.startswith(b"OggS"):
        return next((kind for magic, kind in _OGG_CODECS if head.startswith(magic, 28)), None)
    if head.startswith(b"fLaC"):
        return "flac"
    return _chunked_kind(head) or ("aac" if _is_adts(head) else None)


def _chunked_kind(head: bytes) -> AudioKind | None:
    outer, inner = head[:4], head[8:12]
    if outer in (b"RIFF", b"RF64", b"BW64") and inner == b"WAVE":
        return "wav"
    return "aiff" if outer == b"FORM" and inner in (b"AIFF", b"AIFC") else None


def _is_adts(head: bytes) -> bool:
    """Whether two raw AAC frames follow each other (ISO/IEC 14496-3, 1.A.2)."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return False
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length > 7 and head[length : length + 2] == head[:2]


def what_it_is(head: bytes) -> str:
    """What a file that begins so is, in words that follow "is": "a playlist", "text", "empty"."""
    if not head:
        return "empty"
    if known := next((words for magic, words in _STARTS if head.startswith(magic)), None):
        return known
    if head[4:8] == b"ftyp":
        return "a picture" if head[8:12] in _PICTURE_BRANDS else "a video"
    if head[:4] == b"RIFF":
        return "a picture" if head[8:12] == b"WEBP" else "a video"
    return _what_text_is(head)


def _what_text_is(head: bytes) -> str:
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if start.startswith(_PLAYLISTS):
        return "a playlist"
    if start.startswith(b"<"):
        return "a web page or XML"
    return "text" if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in text)
