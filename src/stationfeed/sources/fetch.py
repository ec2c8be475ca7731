"""The one fetcher of everything that comes from outside: bounded in bytes, in time, and in where it may go."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress

from stationfeed import __version__
from stationfeed.errors import SourceError
from stationfeed.sources.connections import HouseAdapter, PublicAdapter
from stationfeed.sources.deadline import Deadline
from stationfeed.sources.stream import FetchLimits, Stream, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FetchLimits", "Fetched", "Fetcher", "Stream"]

_OWN_HEADERS = {
    "User-Agent": f"stationfeed/{__version__}",
    "Accept": "*/*",
    # A compressed answer could grow a thousand times larger: none is asked for, and none is read.
    "Accept-Encoding": "identity",
    "Connection": "close",
}
_REDIRECTS = {301, 302, 303, 307, 308}
_REFUSED = {False: "a private address", True: "an address that is never asked"}
_VALIDATOR_LIMIT = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A whole answer; where `is_unchanged`, what was fetched before still holds and `body` is empty."""

    body: bytes
    media_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    is_unchanged: bool = False

    @property
    def validators(self) -> tuple[str | None, str | None]:
        """What to give along when it is fetched again."""
        return self.etag, self.last_modified


@dataclass(frozen=True, kw_only=True, slots=True)
class _Question:
    url: str
    limits: FetchLimits
    allow_private: bool
    headers: Mapping[str, str]


class Fetcher:
    """Asks without cookies, proxies or passwords; every failure is a SourceError.

    A private address is one of this machine or this house; `allow_private` holds for redirects too. `headers` go
    along with every redirect, so they hold no secret. `ca_file` names the authorities to trust in place of those
    that requests brings along.
    """

    def __init__(self, ca_file: str | None = None) -> None:
        self._verify = ca_file or True

    def get(
        self,
        url: str,
        *,
        limits: FetchLimits,
        allow_private: bool = False,
        headers: Mapping[str, str] | None = None,
        validators: tuple[str | None, str | None] = (None, None),
    ) -> Fetched:
        """The whole answer, or that it is as it was when it came with these validators."""
        etag, last_modified = validators
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        asked = {**(headers or {}), **{name: value for name, value in conditions.items() if value}}
        question = _Question(url=url, limits=limits, allow_private=allow_private, headers=asked)
        with self._answer(question) as stream:
            if stream.status == 304 and any(validators):
                return Fetched(body=b"", etag=etag, last_modified=last_modified, is_unchanged=True)
            _check(stream)
            return _fetched(stream)

    @contextmanager
    def open_stream(
        self,
        url: str,
        *,
        limits: FetchLimits,
        allow_private: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Stream]:
        """An answer that may have no end, to be read from within the limits."""
        question = _Question(url=url, limits=limits, allow_private=allow_private, headers=headers or {})
        with self._answer(question) as stream:
            _check(stream)
            yield stream

    @contextmanager
    def _answer(self, question: _Question) -> Iterator[Stream]:
        with ExitStack() as opened:
            deadline = opened.enter_context(Deadline(question.limits.whole_s))
            response = self._follow(question, deadline, opened)
            yield Stream(question.url, response, question.limits, deadline)

    def _follow(self, question: _Question, deadline: Deadline, opened: ExitStack) -> requests.Response:
        """The first answer that is no redirect.

        Adapters are asked themselves: a session reads the body of a redirect, without end if it has none.
        """
        target, verb = question.url, "is"
        for _ in range(question.limits.redirects + 1):
            if fault := _fault_of(target):
                raise SourceError(question.url, f"{verb} {fault}")
            with told(question.url, question.limits, deadline):
                try:
                    response = self._ask(target, question, deadline, opened)
                except InvalidIPAddress as error:
                    raise SourceError(question.url, f"{verb} {_REFUSED[question.allow_private]}") from error
            if response.status_code not in _REDIRECTS:
                return response
            target, verb = _target_of(response, target, question.url), "redirects to"
        raise SourceError(question.url, f"redirects more than {question.limits.redirects} times")

    def _ask(self, url: str, question: _Question, deadline: Deadline, opened: ExitStack) -> requests.Response:
        adapter = (HouseAdapter if question.allow_private else PublicAdapter)(
            deadline, is_https=urlsplit(url).scheme == "https"
        )
        opened.callback(adapter.close)
        request = requests.Request("GET", url, headers={**_OWN_HEADERS, **question.headers}).prepare()
        longest = min(question.limits.wait_s, deadline.rest_s)
        response = adapter.send(request, stream=True, timeout=(longest, longest), verify=self._verify)
        opened.callback(response.close)
        return response


def _fault_of(url: str) -> str | None:
    """What keeps an address from being asked, whoever it belongs to."""
    try:
        parts = urlsplit(url.encode().decode())  # half a letter is no part of an address
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web:
        return "no web address"
    return "an address with a password in it" if "@" in parts.netloc else None


def _target_of(response: requests.Response, base: str, url: str) -> str:
    try:
        # Headers are read as Latin-1, though the addresses in them are UTF-8 where they are not ASCII.
        location = response.headers["Location"].encode("latin-1").decode("utf-8", "replace")
        return urljoin(base, location)
    except KeyError as error:
        raise SourceError(url, "redirects without saying where to") from error
    except ValueError as error:
        raise SourceError(url, "redirects to no web address") from error


def _check(stream: Stream) -> None:
    if stream.status != 200:
        raise SourceError(stream.url, f"answered {stream.status}")
    if stream.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise SourceError(stream.url, "sent a compressed answer, which was not asked for")


def _fetched(stream: Stream) -> Fetched:
    return Fetched(
        body=stream.read_all(),
        media_type=stream.headers.get("Content-Type", "").partition(";")[0].strip().lower() or None,
        etag=_validator(stream.headers.get("ETag")),
        last_modified=_validator(stream.headers.get("Last-Modified")),
    )


def _validator(text: str | None) -> str | None:
    """A header that can be sent back; one that cannot would make every later question fail."""
    is_fit = text and len(text) <= _VALIDATOR_LIMIT and text.isascii() and text.isprintable()
    return text if is_fit else None
