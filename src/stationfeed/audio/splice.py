"""Station idents before and after a master, joined to it with a short cross-fade (pydub).

Only the ends are ever in memory: the ident and the second of the master next to it.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from stationfeed.audio.ffmpeg import Task, run_ffmpeg
from stationfeed.audio.listening import patience
from stationfeed.audio.programme import Spliced
from stationfeed.errors import ToolMissingError, UnreadableMediaError

if TYPE_CHECKING:
    from stationfeed.audio.ffmpeg import Stop
    from stationfeed.audio.programme import Form, Take

CROSS_FADE_MS = 50
LONGEST_IDENT_S = 60

_EDGE_MS = 1000
_GRID_MS = 10
"""At every usual rate ten milliseconds are a whole number of samples, and pydub counts in milliseconds."""
_SAMPLE_BYTES = 2


def opening_with(ident: Take, master: Take, stop: Stop | None) -> Spliced:
    """The ident and the first second of the master."""
    taken = _samples(_edge_ms(master), master.form)
    edge = _pcm(master, 0, taken, stop)
    return _spliced(join(_ident_pcm(ident, stop), edge, master.form), taken, ident)


def closing_with(ident: Take, master: Take, stop: Stop | None) -> Spliced:
    """The last second of the master and the ident."""
    taken = _samples(_edge_ms(master), master.form)
    edge = _pcm(master, master.samples - taken, master.samples, stop)
    return _spliced(join(edge, _ident_pcm(ident, stop, pad_end=True), master.form), taken, ident)


def _spliced(pcm: bytes, taken: int, ident: Take) -> Spliced:
    added = len(pcm) // _frame_bytes(ident.form) - taken
    return Spliced(pcm=pcm, peak_dbtp=ident.peak_dbtp, taken=taken, added=added)


def join(first: bytes, second: bytes, form: Form) -> bytes:
    """Two sounds one after the other, the last moment of the one faded into the first of the other.

    Both last a whole number of ten milliseconds.
    """
    segments = [_segment(pcm, form) for pcm in (first, second)]
    cross_fade_ms = min(CROSS_FADE_MS, *(len(one) // _GRID_MS * _GRID_MS for one in segments))
    return bytes(segments[0].append(segments[1], crossfade=cross_fade_ms).raw_data)


def _segment(pcm: bytes, form: Form) -> Any:
    return _audio_segment()(
        data=pcm, sample_width=_SAMPLE_BYTES, frame_rate=form.rate_hz, channels=form.channels
    )


def _audio_segment() -> Any:
    """`pydub.AudioSegment`; pydub warns of its own old ways and of an ffmpeg it is not going to need."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pydub import AudioSegment  # type: ignore[import-untyped]
    except ImportError as error:
        raise ToolMissingError("pydub", "Install stationfeed with its extra `audio`.") from error
    return AudioSegment


def _edge_ms(master: Take) -> int:
    """A second, or a third of what is shorter."""
    third_ms = master.samples * 1000 // master.form.rate_hz // 3
    return min(_EDGE_MS, third_ms // _GRID_MS * _GRID_MS)


def _ident_pcm(ident: Take, stop: Stop | None, *, pad_end: bool = False) -> bytes:
    """All of the ident, with a little silence at its far end that makes it a whole number of ten milliseconds."""
    seconds = ident.master.heard.duration.total_seconds()
    if seconds > LONGEST_IDENT_S:
        raise UnreadableMediaError(
            ident.master.path,
            f"lasts {seconds:.0f} seconds; an ident has {LONGEST_IDENT_S} at most",
            "Cut it shorter.",
        )
    pcm = _pcm(ident, 0, ident.samples, stop)
    silence = bytes(-len(pcm) % (_samples(_GRID_MS, ident.form) * _frame_bytes(ident.form)))
    return pcm + silence if pad_end else silence + pcm


def _pcm(take: Take, begin: int, end: int, stop: Stop | None) -> bytes:
    """These samples of a take, in memory."""
    if begin == end:
        return b""
    blocks: list[bytes] = []
    source = take.master.source()
    task = Task(
        path=take.master.path,
        inputs=(source,),
        graph=f"{take.graph(begin, end)}[out]",
        encoder=("-c:a", "pcm_s16le", "-f", "s16le"),
        timeout=patience(source),
    )
    run_ffmpeg(task, stop=stop, on_output=blocks.append)
    return b"".join(blocks)


def _samples(milliseconds: int, form: Form) -> int:
    return milliseconds * form.rate_hz // 1000


def _frame_bytes(form: Form) -> int:
    return _SAMPLE_BYTES * form.channels
