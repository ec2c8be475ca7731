"""What a rendition plays, from the first sample to the last, and the run of ffmpeg that makes any stretch of it."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

from stationfeed.audio.ffmpeg import Task, raw_samples, sound_file
from stationfeed.audio.frames import Landing
from stationfeed.audio.listening import FROM_ZERO, Part, patience
from stationfeed.audio.loudness import mixed_down

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from stationfeed.audio.ffmpeg import Input
    from stationfeed.audio.loudness import Gain
    from stationfeed.model.rendition import AudioKind, Codec, Encoding, Heard

_USUAL_RATES_HZ = (32000, 44100, 48000)
_LOWEST_CEILING_DBTP = -24.0  # the filter's own limit
_LAME_SCALES = {192: 0.97, 224: 0.98, 256: 1.0, 320: 1.0}
"""LAME 3.100 makes everything softer by its presets' scale: 0.95 below 192 kbit/s (measured)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Master:
    """On-air audio, or an ident: an open file of the disk and what was heard in it."""

    file: BinaryIO
    path: PurePosixPath
    kind: AudioKind
    heard: Heard

    def source(self) -> Input:
        return sound_file(self.file, self.path, self.kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """How many samples a second, in how many channels."""

    rate_hz: int
    channels: int

    def samples(self, span: timedelta) -> int:
        return round(span / timedelta(seconds=1) * self.rate_hz)

    def span(self, samples: int) -> timedelta:
        return timedelta(seconds=samples / self.rate_hz)


def form_of(heard: Heard, codec: Codec) -> Form:
    """That of the master where the codec and podcast apps can play it; never more than two channels."""
    kept_hz = heard.sample_rate_hz if heard.sample_rate_hz in _USUAL_RATES_HZ else 44100
    return Form(rate_hz=48000 if codec == "opus" else kept_hz, channels=min(2, heard.channels))


def treatment(form: Form, gain: Gain) -> str:
    """The filters that bring a sound to its form and loudness.

    The limiter sees the samples only; what is higher between them is foreseen with the encoder's own overshoot.
    """
    filters = [mixed_down(form.channels), f"aresample={form.rate_hz}", f"volume={gain.gain_db:.4f}dB"]
    if gain.limiter_ceiling_dbtp is not None:
        limit = 10 ** (min(0.0, max(_LOWEST_CEILING_DBTP, gain.limiter_ceiling_dbtp)) / 20)
        filters += [f"alimiter=limit={limit:.6f}:level=disabled:latency=1"]
    return ",".join([*filters, "aformat=sample_fmts=fltp"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Take:
    """A master with its gain; stretches of it are named by samples in the form of the rendition."""

    master: Master
    form: Form
    gain: Gain

    @property
    def samples(self) -> int:
        return self.form.samples(self.master.heard.duration)

    @property
    def peak_dbtp(self) -> float:
        """How high its peaks may be with that gain, limited or not."""
        if self.gain.limiter_ceiling_dbtp is not None:
            return self.gain.limiter_ceiling_dbtp
        return (self.master.heard.loudness.true_peak_dbtp or 0.0) + self.gain.gain_db

    def graph(self, begin: int, end: int) -> str:
        """From [0:a:0] to exactly these samples; what comes before is played for the limiter's sake, not heard."""
        rate_hz = self.form.rate_hz
        part = Part(begin // rate_hz, -(-end // rate_hz) + 1)
        skipped = part.run_into(rate_hz)
        cut = part.cut(self.master.heard.sample_rate_hz, Landing(self.master.source()))
        return (
            f"[0:a:0]{FROM_ZERO},{cut},"
            f"{treatment(self.form, self.gain)},{FROM_ZERO},"
            f"atrim=start_sample={begin - skipped}:end_sample={end - skipped},{FROM_ZERO},"
            f"apad=whole_len={end - begin}"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Spliced:
    """An ident joined to the end of a master next to it.

    `pcm` are whole numbers of 16 bits, with peaks up to `peak_dbtp`; `taken` is how many samples of the master are in there, `added` how many more
    there are.
    """

    pcm: bytes
    peak_dbtp: float
    taken: int
    added: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """An opening, the master without what the two ends hold of it already, a closing."""

    take: Take
    opening: Spliced | None = None
    closing: Spliced | None = None

    @property
    def peak_dbtp(self) -> float:
        ends = (one.peak_dbtp for one in (self.opening, self.closing) if one)
        return max([self.take.peak_dbtp, *ends])

    @property
    def added_before(self) -> int:
        return self.opening.added if self.opening else 0

    @property
    def samples(self) -> int:
        return self.take.samples + self.added_before + (self.closing.added if self.closing else 0)

    @property
    def middle(self) -> range:
        """The samples of the programme that come straight from the master."""
        begin = self.opening.taken if self.opening else 0
        end = self.take.samples - (self.closing.taken if self.closing else 0)
        return range(begin + self.added_before, end + self.added_before)


@contextmanager
def stretch_task(
    programme: Programme, stretch: range, encoding: Encoding, encoder: tuple[str, ...], into: BinaryIO
) -> Iterator[Task]:
    """The run that encodes a stretch, which begins in the middle or at the start, and ends likewise."""
    take, middle = programme.take, programme.middle
    opening = programme.opening if stretch.start < middle.start else None
    closing = programme.closing if stretch.stop > middle.stop else None
    begin = max(stretch.start, middle.start) - programme.added_before
    end = min(stretch.stop, middle.stop) - programme.added_before
    with ExitStack() as opened:
        ends = [_pcm_input(one, take, opened) for one in (opening, closing) if one]
        yield Task(
            path=take.master.path,
            inputs=(take.master.source(), *ends),
            graph=_join(take.graph(begin, end), opening, closing, _scale_up(encoding)),
            encoder=encoder,
            into=into,
            timeout=patience(take.master.source(), take.master.heard.duration),
        )


def _pcm_input(end: Spliced, take: Take, opened: ExitStack) -> Input:
    file = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - `opened` closes it
    file.write(end.pcm)
    file.flush()
    return raw_samples(file, take.master.path, take.form.rate_hz, take.form.channels)


def _join(middle: str, opening: Spliced | None, closing: Spliced | None, last: str) -> str:
    if not (opening or closing):
        return f"{middle},{last}[out]"
    labels, graph = "[middle]", f"{middle}[middle];"
    if opening:
        labels, graph = f"[opening]{labels}", f"{graph}[1:a:0]aformat=sample_fmts=fltp[opening];"
    if closing:
        number = 2 if opening else 1
        labels, graph = f"{labels}[closing]", f"{graph}[{number}:a:0]aformat=sample_fmts=fltp[closing];"
    return f"{graph}{labels}concat=n={labels.count('[')}:v=0:a=1,{last}[out]"


def _scale_up(encoding: Encoding) -> str:
    """What LAME takes away, beforehand."""
    if encoding.codec != "mp3":
        return "anull"
    return f"volume={1 / _LAME_SCALES.get(encoding.bitrate_kbps, 0.95):.6f}"
