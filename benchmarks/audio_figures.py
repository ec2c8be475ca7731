"""Audio, measured, normalised, encoded and verified, beside what only encodes it and beside the usual recipe.

The same WAV goes through a bare `ffmpeg -b:a 128k`, ffmpeg's loudnorm in two passes, pydub with pyloudnorm, and us:
listened to, brought to -16 LUFS through a limiter, encoded, heard again. Wall time, since the point is to have both
cores at work; the variants take turns.
"""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.audio_sounds import BURSTS, VOICES, record, record_silence
from benchmarks.audio_sounds import run as run_plain
from benchmarks.figures import TIMES, at_least, at_most, reported, wall_seconds
from benchmarks.memory import watched
from benchmarks.relabelling import relabelled
from stationfeed.audio.render import Recipe, render
from stationfeed.audio.waveform import draw_waveform
from stationfeed.model.rendition import Encoding, LoudnessTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.audio_sounds import Recording
    from benchmarks.figures import Figure
    from stationfeed.audio.render import Rendered

TITLE = "A master becomes a rendition, beside the bare encode and two-pass loudnorm (wall time)"
ENCODE_BOUND = 1.1
ONE_CORE_BOUND = 1.8
LOUDNORM_BOUND = 3.0
MEMORY_BOUND_MB = 150
MEMORY_BOUND = 5.0

_TARGET = LoudnessTarget()


def run(*, quick: bool) -> Iterator[Figure]:
    minutes = 5 if quick else 60
    with tempfile.TemporaryDirectory(prefix="stationfeed-bench-") as name:
        folder = Path(name)
        for channels in (2, 1):
            recording = record(folder, VOICES, minutes, channels)
            yield from _beside_others(recording, folder)
            yield _on_one_core(recording, folder)
        yield relabelled(record(folder, VOICES, minutes, 2), folder)
        yield _correction(record(folder, BURSTS, minutes, 2), folder)
        yield from _beside_pydub(record(folder, VOICES, minutes, 2), folder)
        for one in (2, 10) if quick else (10, 60, 180):
            yield _memory(record(folder, VOICES, one, 2), folder)
        if not quick:
            yield _long_silence(folder)


def _beside_others(recording: Recording, folder: Path) -> Iterator[Figure]:
    variants: dict[str, Callable[[], object]] = {
        "bare": lambda: _bare(recording, folder),
        "ours": lambda: _ours(recording, folder),
    }
    took = _alternate(variants, rounds=3)
    took |= _alternate({"loudnorm": lambda: _loudnorm(recording, folder)}, rounds=1)
    what = _named(recording)
    note = f"{took['ours']:.1f} s beside {took['bare']:.1f} s"
    yield at_most(f"{what}, beside the bare encode", took["ours"] / took["bare"], ENCODE_BOUND, TIMES, note)
    note = f"{took['loudnorm']:.1f} s, {_said_by_loudnorm(recording, folder)}"
    yield at_least(
        f"{what}, faster than two-pass loudnorm", took["loudnorm"] / took["ours"], LOUDNORM_BOUND, note
    )
    made = _ours(recording, folder)
    yield reported(
        f"{what}, what came out",
        f"{made.after.loudness_lufs:.2f} LUFS",
        f"{made.after.true_peak_dbtp:.2f} dBTP, {'corrected' if made.corrected else 'at the first attempt'}",
    )


def _on_one_core(recording: Recording, folder: Path) -> Figure:
    with _one_core():
        took = _alternate(
            {"bare": lambda: _bare(recording, folder), "ours": lambda: _ours(recording, folder)}, rounds=1
        )
    what = f"{_named(recording)}, beside the bare encode, on one core"
    return at_most(what, took["ours"] / took["bare"], ONE_CORE_BOUND, TIMES)


@contextmanager
def _one_core() -> Iterator[None]:
    """For this process and those that it starts."""
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(all_cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def _beside_pydub(recording: Recording, folder: Path) -> Iterator[Figure]:
    with watched() as ours:
        our_seconds = wall_seconds(lambda: _ours(recording, folder))
    with watched() as peer:
        peer_seconds = wall_seconds(lambda: _pydub(recording, folder))
    note = f"{ours.above_mb:.0f} MB beside {peer.above_mb:.0f} MB, {our_seconds:.1f} s beside {peer_seconds:.1f} s"
    what = f"{_named(recording)}, smaller than pydub with pyloudnorm"
    yield at_least(what, peer.above_mb / ours.above_mb, MEMORY_BOUND, note)


def _pydub(recording: Recording, folder: Path) -> None:
    module = "benchmarks.pydub_peer"
    subprocess.run([sys.executable, "-m", module, str(recording.path), str(folder / "pydub.mp3")], check=True)


def _named(recording: Recording) -> str:
    return f"{recording.minutes} min, {'stereo' if recording.channels == 2 else 'mono'}"


def _alternate(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    found: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, variant in variants.items():
            gc.collect()
            found[name].append(wall_seconds(variant))
    return {name: median(times) for name, times in found.items()}


def _ours(recording: Recording, folder: Path) -> Rendered:
    """From the file on; nothing is known of it."""
    master = recording.heard()
    with master.file, (folder / "ours.mp3").open("w+b") as out:
        return render(master, Recipe(target=_TARGET, encoding=Encoding()), out)


def _bare(recording: Recording, folder: Path) -> None:
    run_plain("-i", str(recording.path), "-b:a", "128k", str(folder / "bare.mp3"))


def _loudnorm(recording: Recording, folder: Path) -> None:
    asked = f"loudnorm=I={_TARGET.loudness_lufs}:TP={_TARGET.true_peak_dbtp}:LRA=11"
    said = run_plain("-i", str(recording.path), "-af", f"{asked}:print_format=json", "-f", "null", "-")
    found = json.loads(said[said.rindex("{") : said.rindex("}") + 1])
    measured = ":".join(
        f"measured_{name}={found[f'input_{name.lower()}']}" for name in ("I", "TP", "LRA", "thresh")
    )
    second = f"{asked}:{measured}:offset={found['target_offset']}:linear=true"
    run_plain(
        "-i", str(recording.path), "-af", second, "-ar", "44100", "-b:a", "128k", str(folder / "norm.mp3")
    )


def _said_by_loudnorm(recording: Recording, folder: Path) -> str:
    """What the recipe made of it."""
    meter = ("-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-")
    said = run_plain("-t", str(60 * recording.minutes), "-i", str(folder / "norm.mp3"), *meter)
    lufs, peak = re.findall(r"I: +(\S+) LUFS|Peak: +(\S+) dBFS", said)
    return f"and came out at {lufs[0]} LUFS, {peak[1]} dBTP"


def _correction(recording: Recording, folder: Path) -> Figure:
    """Noise, whose peaks an encoder at 128 kbit/s raises by more than is foreseen: all is encoded a second time."""
    took = _alternate(
        {"bare": lambda: _bare(recording, folder), "ours": lambda: _ours(recording, folder)}, rounds=1
    )
    made = _ours(recording, folder)
    what = "corrected" if made.corrected else "NOT corrected"
    return reported(
        f"{recording.minutes} min of noise, {what}, beside the bare encode",
        f"{took['ours'] / took['bare']:.2f} {TIMES}",
        f"{made.after.loudness_lufs:.2f} LUFS, {made.after.true_peak_dbtp:.2f} dBTP",
    )


def _memory(recording: Recording, folder: Path) -> Figure:
    with watched() as watch:
        _ours(recording, folder)
    return at_most(
        f"{recording.minutes} min, memory of all processes above idle", watch.above_mb, MEMORY_BOUND_MB, "MB"
    )


def _long_silence(folder: Path) -> Figure:
    recording = record_silence(folder, 10)
    with watched() as watch:
        seconds = wall_seconds(lambda: _drawn(recording))
    return at_most(
        "ten hours of silence in 72 KB, heard and drawn",
        watch.above_mb,
        MEMORY_BOUND_MB,
        "MB",
        f"{seconds:.0f} s",
    )


def _drawn(recording: Recording) -> bytes:
    master = recording.heard()
    return draw_waveform(master.file, master.path, master.kind, master.heard.duration)
