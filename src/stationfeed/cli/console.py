"""What every command shares: the two streams, reading arguments, words for problems."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from stationfeed.errors import Problem, Severity, UsageError
from stationfeed.folder.instants import MisreadError
from stationfeed.folder.scalars import read_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from stationfeed.model.words import Url

Word = TypeVar("Word")

say = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
out = Console(highlight=False, emoji=False, soft_wrap=True)

BaseUrl = Annotated[
    str | None,
    typer.Option(envvar="STATIONFEED_BASE_URL", help="Overrides base_url of config.yaml for this run."),
]


def asked(words: str) -> Any:
    """An option that is asked for on a terminal and has to be given elsewhere."""
    return typer.Option(prompt=words if sys.stdin.isatty() else False, help=words)


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for work that takes longer than a moment."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=say, transient=True, disable=not say.is_terminal) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def now() -> datetime:
    return datetime.now(UTC)


def url_of(text: str | None) -> Url | None:
    return read(read_url, text, "--base-url") if text else None


def read(read: Callable[[str], Word], text: str, name: str) -> Word:
    """What an argument says. Raises UsageError."""
    try:
        return read(text)
    except MisreadError as error:
        raise UsageError(f"{name}: {error.message}. {error.remedy}") from error


def secret(name: str) -> str | None:
    """A secret from the environment, or from the file that NAME_FILE names."""
    file = os.environ.get(f"{name}_FILE")
    if file is None:
        return os.environ.get(name) or None
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise UsageError(f"{name}_FILE: {file} cannot be read ({error.strerror})") from error


def print_json(value: object) -> None:
    """JSON that stays JSON where the terminal has few letters."""
    out.print_json(json.dumps(value), ensure_ascii=not out.encoding.lower().startswith("utf"))


_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def print_problems(problems: Sequence[Problem], console: Console) -> None:
    for problem in problems:
        console.print(problem.severity.value, style=_COLORS[problem.severity], end=" ")
        console.print(f"{problem}. {problem.remedy} [{problem.rule}]", markup=False)
