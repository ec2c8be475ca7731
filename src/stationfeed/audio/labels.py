"""Labels put on an encoded sound: its tags are written anew, not a bit of the sound changes.

The same sound and the same labels give the same bytes, whatever tags the file had before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.copying import copy_between
from stationfeed.audio.labels_id3 import id3_tag
from stationfeed.audio.labels_mp4 import write_labelled_m4a
from stationfeed.audio.labels_ogg import write_labelled_opus
from stationfeed.audio.mp3 import JUNK_BYTES
from stationfeed.audio.mpeg import LAYER_III, LONGEST_FRAME_BYTES, format_at
from stationfeed.audio.tags import leading_tag_bytes, trailing_tag_bytes

if TYPE_CHECKING:
    from stationfeed.audio.opened import OpenAudio
    from stationfeed.model.labels import Labels
    from stationfeed.model.rendition import Codec

_SEARCH_BYTES = JUNK_BYTES + 4 * LONGEST_FRAME_BYTES


def label(sound: OpenAudio, codec: Codec, labels: Labels, out: BinaryIO) -> None:
    """Write the sound with these labels in place of its own tags; `out` is only ever appended to.

    Raises UnreadableMediaError for a file that is not of this codec; what `out` then holds is worthless.
    """
    match codec:
        case "mp3":
            _write_labelled_mp3(sound, labels, out)
        case "aac":
            write_labelled_m4a(sound, labels, out)
        case "opus":
            write_labelled_opus(sound, labels, out)


def _write_labelled_mp3(sound: OpenAudio, labels: Labels, out: BinaryIO) -> None:
    tags_end = leading_tag_bytes(sound)
    begin = _first_frame(sound, tags_end)
    end = sound.size_bytes - trailing_tag_bytes(sound, begin)
    out.write(id3_tag(labels))
    copy_between(sound, begin, end, out)


def _first_frame(sound: OpenAudio, begin: int) -> int:
    """Where the first frame starts, which may be the silent one that tells the length; junk before it is dropped."""
    head = sound.read_at(begin, _SEARCH_BYTES)
    at = head.find(b"\xff")
    while 0 <= at <= JUNK_BYTES:
        form = format_at(head, at)
        if form and form.layer == LAYER_III:
            return begin + at
        at = head.find(b"\xff", at + 1)
    raise sound.refusal("has no MP3 sound in it, so it cannot be labelled")
