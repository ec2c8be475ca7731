"""The one place where ffmpeg runs: on open files, within bounds, and never left behind.

Its arguments hold no file's name and no word of a user: what it reads and writes are descriptors that are open already.
"""

from __future__ import annotations

import os
import resource
import selectors
import shutil
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from io import FileIO
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol

from stationfeed.audio.ffmpeg_log import Log, ProgressReader
from stationfeed.errors import AudioError, StationfeedError, ToolMissingError, UnreadableMediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta
    from pathlib import PurePosixPath

    from stationfeed.model.rendition import AudioKind

MEBIBYTE = 1024 * 1024
MEMORY_LIMIT_BYTES = 512 * MEBIBYTE
OUTPUT_LIMIT_BYTES = 2048 * MEBIBYTE

_BLOCK_BYTES = 1 << 16
_LOOK_UP_S = 0.2
_DEMUXERS: dict[AudioKind, str] = {
    "mp3": "mp3", "mp2": "mp3", "aac": "aac", "m4a": "mov", "wav": "wav", "aiff": "aiff", "flac": "flac",
    "ogg": "ogg", "opus": "ogg",
}  # fmt: skip
_ENVIRONMENT = {"LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"}
_REMEDY = "Install ffmpeg 6 or later, or stationfeed with its extra `audio`, which brings one."
_NO_METADATA = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")


class Stop(Protocol):
    """Whether the work is still wanted; a `threading.Event` is one."""

    def is_set(self) -> bool: ...


class Never:
    def is_set(self) -> bool:
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """An open file of the disk and how its bytes are to be read."""

    file: BinaryIO
    path: PurePosixPath
    options: tuple[str, ...]

    def excerpt(self, begin_s: int, length_s: int) -> Input:
        """So much of it from about there on, as exactly as the kind of file lets one jump."""
        return replace(self, options=(*self.options, "-ss", str(begin_s), "-t", str(length_s)))


def sound_file(file: BinaryIO, path: PurePosixPath, kind: AudioKind) -> Input:
    return Input(file=file, path=path, options=("-f", _DEMUXERS[kind]))


def raw_samples(file: BinaryIO, path: PurePosixPath, rate_hz: int, channels: int) -> Input:
    """Whole numbers of 16 bits, as `AudioSegment` holds them."""
    return Input(file=file, path=path, options=("-f", "s16le", "-ar", str(rate_hz), "-ac", str(channels)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One run: `graph` leads from [0:a:0], [1:a:0] and so on to [out], which is given to the encoder.

    Without a graph what is coded is copied as it is. `into` takes what comes out, which else goes to `on_output`.
    """

    path: PurePosixPath
    inputs: tuple[Input, ...]
    graph: str | None
    encoder: tuple[str, ...] = ("-f", "null")
    into: BinaryIO | None = None
    timeout: timedelta
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES


def run_ffmpeg(
    task: Task,
    *,
    stop: Stop | None = None,
    on_progress: Callable[[timedelta], None] | None = None,
    on_output: Callable[[bytes], None] | None = None,
) -> Log:
    """Do the task; what ffmpeg said and how long the sound was that came out.

    Raises UnreadableMediaError where the input is to blame, AudioError where we are.
    """
    with ExitStack() as opened, _held_still(task):
        sources = [_descriptor(one.file, os.O_RDONLY, opened) for one in task.inputs]
        target = [_emptied(task.into, opened)] if task.into else []
        telling, told = _pipe(opened)
        command = [*leash(), *_command(task, sources, target, told.fileno())]
        with _started(command, [*sources, *target, told.fileno()], task) as child:
            told.close()
            log = Log(ProgressReader(on_progress))
            hearers = {child.stdout: on_output or _forget, child.stderr: log.feed, telling: log.progress.feed}
            _hear_out(hearers, task, stop or Never())
            status = child.wait()
        if status:
            raise log.failure(task.path, status, is_decoding=task.into is None)
    return log


@lru_cache(maxsize=1)
def ffmpeg_program() -> str:
    """The `ffmpeg` on the PATH if it can read open files (6.0 and later), else the one of imageio-ffmpeg."""
    program = shutil.which("ffmpeg")
    if program and _reads_descriptors(program):
        return program
    try:
        import imageio_ffmpeg  # type: ignore[import-untyped]

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise ToolMissingError("ffmpeg", _REMEDY) from error


@lru_cache(maxsize=1)
def leash() -> tuple[str, ...]:
    """What has the system kill the program when we are killed ourselves (Linux, util-linux 2.33)."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    leash = (setpriv, "--pdeathsig", "KILL", "--")
    tried = subprocess.run([*leash, "true"], capture_output=True, check=False, timeout=20)
    return () if tried.returncode else leash


def _reads_descriptors(program: str) -> bool:
    asked = subprocess.run(
        [program, "-v", "error", "-protocols"], capture_output=True, check=False, timeout=20
    )
    return b"fd" in asked.stdout.split()


def _command(task: Task, sources: list[int], target: list[int], told: int) -> list[str]:
    command = [ffmpeg_program(), "-nostdin", "-hide_banner", "-nostats", "-y", "-loglevel", "info"]
    command += ["-max_alloc", str(task.memory_limit_bytes // 2), "-filter_complex_threads", "1"]
    command += ["-progress", f"pipe:{told}"]
    for source, descriptor in zip(task.inputs, sources, strict=True):
        command += ["-threads", "1", "-reinit_filter", "0", "-protocol_whitelist", "fd"]
        command += [
            "-format_whitelist",
            source.options[1],
            *source.options,
            "-fd",
            str(descriptor),
            "-i",
            "fd:",
        ]
    command += (
        ["-map", "0:a:0", "-c", "copy"]
        if task.graph is None
        else ["-filter_complex", task.graph, "-map", "[out]"]
    )
    command += ["-vn", "-sn", "-dn", *_NO_METADATA]
    command += ["-threads", "1", *task.encoder]
    return command + (["-fd", str(target[0]), "fd:"] if target else ["pipe:1"])


def _descriptor(file: BinaryIO, flags: int, opened: ExitStack) -> int:
    """The same file opened once more, for a position of its own where the system can (Linux)."""
    try:
        descriptor = os.open(f"/proc/self/fd/{file.fileno()}", flags | os.O_CLOEXEC)
    except FileNotFoundError:
        descriptor = os.dup(file.fileno())
        os.lseek(descriptor, 0, os.SEEK_SET)
    opened.callback(os.close, descriptor)
    return descriptor


def _emptied(file: BinaryIO, opened: ExitStack) -> int:
    file.flush()
    os.ftruncate(file.fileno(), 0)
    return _descriptor(file, os.O_RDWR, opened)


def _pipe(opened: ExitStack) -> tuple[FileIO, FileIO]:
    reading, writing = os.pipe()
    return opened.enter_context(FileIO(reading)), opened.enter_context(FileIO(writing, "w"))


@contextmanager
def _held_still(task: Task) -> Iterator[None]:
    """A file that changes is refused for that, whatever else was found in it."""
    before = [_stamp(one.file) for one in task.inputs]
    try:
        yield
    except StationfeedError:
        _check_stamps(task, before)
        raise
    _check_stamps(task, before)


def _check_stamps(task: Task, before: list[tuple[int, int]]) -> None:
    for one, stamp in zip(task.inputs, before, strict=True):
        if _stamp(one.file) != stamp:
            raise UnreadableMediaError(
                one.path,
                "changed while it was read",
                "Nothing is to be done: it is read again once it is all there.",
            )


def _stamp(file: BinaryIO) -> tuple[int, int]:
    status = os.fstat(file.fileno())
    return status.st_size, status.st_mtime_ns


@contextmanager
def _started(command: list[str], descriptors: list[int], task: Task) -> Iterator[subprocess.Popen[bytes]]:
    """The running program, which is dead and buried at the end, however that comes."""
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=descriptors,
            env=_ENVIRONMENT,
        )
    except OSError as error:
        raise AudioError(task.path, f"ffmpeg cannot be started: {error.strerror}") from error
    with child:
        try:
            _limit(child.pid, task)
            yield child
        finally:
            child.kill()


def _limit(pid: int, task: Task) -> None:
    """Memory by what is written to, since threads reserve far more; both as far as the system can (Linux)."""
    if hasattr(resource, "prlimit"):
        for what, limit_bytes in (
            (resource.RLIMIT_DATA, task.memory_limit_bytes),
            (resource.RLIMIT_FSIZE, task.output_limit_bytes),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.prlimit(pid, what, (limit_bytes, limit_bytes))


def _hear_out(hearers: dict[IO[bytes] | None, Callable[[bytes], None]], task: Task, stop: Stop) -> None:
    """Pass on what the child says until it says no more."""
    deadline = time.monotonic() + task.timeout.total_seconds()
    with selectors.DefaultSelector() as selector:
        for pipe, hear in hearers.items():
            selector.register(pipe, selectors.EVENT_READ, hear)  # type: ignore[arg-type]
        while selector.get_map():
            for key, _ in selector.select(_LOOK_UP_S):
                if block := os.read(key.fd, _BLOCK_BYTES):
                    key.data(block)
                else:
                    selector.unregister(key.fileobj)
            if stop.is_set():
                raise AudioError(task.path, "the work on it was stopped")
            if time.monotonic() > deadline:
                raise AudioError(task.path, f"took ffmpeg more than {task.timeout.total_seconds():g} seconds")


def _forget(_block: bytes) -> None:
    pass
