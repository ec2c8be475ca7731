"""What can go wrong: faults in someone's content are values, failed operations are exceptions.

StationfeedError
  ContentError(problems)         content that must be good is not
  FolderError(path, reason)      the station folder cannot be read or written
    NotAFileError                a path leaves the folder, passes a link, or is no plain file
    TooLargeError                a file is over its limit
  NotFoundError(kind, key)
  EditConflictError(path)        the file changed since it was read
  EditRejectedError(path)        the edit would not say what was meant
  UnreadableMediaError(path)     audio, a picture or a transcript is not what its name says
  AudioError(path, reason)       our tools failed on sound that may well be good
  ToolMissingError(tool)         a program or library that this needs is not installed
  PublishError(path, reason)     a public file could not be written
  SourceError(url, reason)       something outside answered wrongly, too slowly, too much or not at all
  AccessError(message)           somebody may not do what they ask for
    NotSignedInError             nobody knows who they are
    ForbiddenError               it is known, and they may not
  RejectedError(faults)          what a machine sent cannot be used
  ListenError(message)           no requests can be answered at an address
  UsageError(message)            the person asked for something that cannot be
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath  # noqa: TC003 - the catalogue asks Problem for its types
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import PurePath


class Severity(StrEnum):
    """A note is no fault: it says why something meant is so."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A fault in a file of the station folder, in words for the person who will mend it.

    `line` counts from 1 and is None where the whole file is meant; `field` is a dotted path or None.
    """

    severity: Severity = Severity.ERROR
    path: PurePosixPath
    line: int | None = None
    field: str | None = None
    message: str
    remedy: str
    rule: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        subject = f"{self.field}: " if self.field else ""
        return f"{place} {subject}{self.message}"


def has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


class StationfeedError(Exception):
    """Every failure that is not a defect of the program."""


class ContentError(StationfeedError):
    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class FolderError(StationfeedError):
    def __init__(self, path: PurePath, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class NotAFileError(FolderError):
    """The path leaves the station folder, passes through a symbolic link, or names no plain file."""


class TooLargeError(FolderError):
    def __init__(self, path: PurePath, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(path, f"has {size_bytes} bytes, more than the {limit_bytes} allowed")
        self.limit_bytes = limit_bytes


class NotFoundError(StationfeedError):
    def __init__(self, kind: str, key: str) -> None:
        super().__init__(f"there is no {kind} {key!r}")
        self.kind = kind
        self.key = key


class EditConflictError(StationfeedError):
    """The file changed since it was read; both versions are here to be shown."""

    def __init__(self, path: PurePath, *, current: str, wanted: str) -> None:
        super().__init__(f"{path} changed since it was opened; nothing was written")
        self.path = path
        self.current = current
        self.wanted = wanted


class EditRejectedError(StationfeedError):
    def __init__(self, path: PurePath, reason: str) -> None:
        super().__init__(f"{path}: {reason}; nothing was written")
        self.path = path


class UnreadableMediaError(StationfeedError):
    def __init__(self, path: PurePath, reason: str, remedy: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.remedy = remedy


class AudioError(StationfeedError):
    """Our tools failed on a sound: no disk, no memory, no time, or somebody stopped them."""

    def __init__(self, path: PurePath, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class ToolMissingError(StationfeedError):
    def __init__(self, tool: str, remedy: str) -> None:
        super().__init__(f"{tool} is not installed; {remedy}")
        self.tool = tool
        self.remedy = remedy


class PublishError(StationfeedError):
    def __init__(self, path: PurePath, reason: str) -> None:
        super().__init__(f"{path} was not published: {reason}")
        self.path = path


class SourceError(StationfeedError):
    """`reason` is for staff, in words that follow the source's name."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} {reason}")
        self.url = url
        self.reason = reason


class AccessError(StationfeedError):
    pass


class NotSignedInError(AccessError):
    pass


class ForbiddenError(AccessError):
    pass


class RejectedError(StationfeedError):
    """`faults` are in words for the one who made the machine."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class ListenError(StationfeedError):
    """No requests can be answered at the address; the message says why and what to do."""


class UsageError(StationfeedError):
    """The person asked for something that cannot be done; the message says why."""
