"""An answer while it comes in, and the limits that hold for it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.errors import SourceError
from stationfeed.sources.failures import FAILURES, said_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

    from stationfeed.sources.deadline import Deadline


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchLimits:
    """`whole_s` is for all of it, redirects too; `wait_s` for each silence.

    Looking up a name is not in it: that has the limits of the system's resolver.
    """

    size_bytes: int
    whole_s: float
    wait_s: float
    redirects: int = 3


@contextmanager
def told(url: str, limits: FetchLimits, deadline: Deadline) -> Iterator[None]:
    """Failures inside, and a deadline that passed meanwhile, as a SourceError: a cut connection looks like an end."""
    try:
        yield
    except FAILURES as error:
        reason = _too_long(limits) if deadline.is_over else said_of(error, limits.wait_s)
        raise SourceError(url, reason) from error
    if deadline.is_over:
        raise SourceError(url, _too_long(limits))


def _too_long(limits: FetchLimits) -> str:
    return f"took longer than {limits.whole_s:g} s"


class Stream:
    """The bytes of an answer; every failure is a SourceError."""

    def __init__(
        self, url: str, response: requests.Response, limits: FetchLimits, deadline: Deadline
    ) -> None:
        self.url = url
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._raw = response.raw
        self._limits = limits
        self._rest_bytes = limits.size_bytes
        self._deadline = deadline

    def read(self, size_bytes: int) -> bytes:
        """Exactly so many bytes, which all together are no more than the limit."""
        if size_bytes > self._rest_bytes:
            raise self._too_large()
        self._rest_bytes -= size_bytes
        found = self._take(size_bytes)
        if len(found) < size_bytes:
            raise SourceError(self.url, "broke off in the middle of its answer")
        return found

    def read_all(self) -> bytes:
        if (self._raw.length_remaining or 0) > self._rest_bytes:
            raise self._too_large()
        found = self._take(self._rest_bytes + 1)
        if len(found) > self._rest_bytes:
            raise self._too_large()
        return found

    def _take(self, size_bytes: int) -> bytes:
        """So many bytes, or all there are; only the read after the last one tells whether more were promised."""
        found = bytearray()
        with told(self.url, self._limits, self._deadline):
            while piece := self._raw.read(size_bytes - len(found), decode_content=False):
                found += piece
        return bytes(found)

    def _too_large(self) -> SourceError:
        return SourceError(self.url, f"sent more than {self._limits.size_bytes / 1024:g} KB")
