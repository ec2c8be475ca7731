"""Audio in the making: a bar for each file, and a line for what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from stationfeed.cli.console import now, out, say
from stationfeed.desk.make_audio import make_audio
from stationfeed.desk.transcribe import lacks_transcript, transcribe
from stationfeed.errors import AudioError, FolderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.progress import TaskID

    from stationfeed.catalogue.rows import WantedRendition
    from stationfeed.model.rendition import Rendition
    from stationfeed.station.derivation import Job, Outcome
    from stationfeed.station.opened import OpenStation


def make_all(station: OpenStation, wanted: Sequence[WantedRendition]) -> list[Outcome]:
    """Each file in the making has a bar with the time that is left."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=say, transient=True, disable=not say.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(jobs: list[Job]) -> None:
            making = {job.order.name: job for job in jobs if job.state == "making"}
            for name in tasks.keys() - making.keys():
                bars.remove_task(tasks.pop(name))
            for name, job in making.items():
                words = f"{job.order.slug} ({job.order.encoding.codec})"
                tasks[name] = tasks[name] if name in tasks else bars.add_task(words, total=None)
                if job.whole:
                    bars.update(
                        tasks[name], completed=job.done.total_seconds(), total=job.whole.total_seconds()
                    )

        return make_audio(station, wanted, now, watch)


def transcribe_missing(station: OpenStation, slugs: Iterable[str]) -> bool:
    """Have transcripts written where they are missing and `config.yaml` says how; whether all went well."""
    command, well = station.config.audio.transcribe, True
    for slug in slugs:
        story = station.story(slug)
        if command is None or story is None or not lacks_transcript(story):
            continue
        try:
            path = transcribe(station.root, command, story, station.config.limits)
        except (AudioError, FolderError) as error:
            say.print(f"{slug}: no transcript: {error}", markup=False)
            well = False
        else:
            out.print(f"{slug}: wrote {path}, for somebody to correct", markup=False)
    return well


def said_of(outcome: Outcome, made: Rendition | None) -> str:
    if outcome.failure is not None:
        return f"{outcome.slug}: not made: {outcome.failure}"
    if outcome.refusal is not None:
        return f"{outcome.slug}: cannot be made: the audio {outcome.refusal.reason}. {outcome.refusal.remedy}"
    if made is None:
        return f"{outcome.slug}: made"
    before, after = (
        f"{one.loudness_lufs:.1f} LUFS" if one.loudness_lufs is not None else "silent"
        for one in (made.before, made.after)
    )
    return (
        f"{outcome.slug}: {made.encoding.codec}, {made.audio.duration.total_seconds():.1f} s, {before} -> {after},"
        f" true peak {made.after.true_peak_dbtp:.1f} dBTP, range {made.after.range_lu:.1f} LU"
    )
