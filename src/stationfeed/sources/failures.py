"""Why a source could not be asked, in plain words that follow its name."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING

from requests.exceptions import SSLError
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILURES = (OSError, HTTPError, HTTPException)
"""What requests raises are OSErrors; while a body is read, errors of the libraries below come through."""

_SIGNS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "has a host name that nobody knows"),
    (ssl.SSLCertVerificationError, "shows a certificate that is not trusted here"),
    (CertificateError, "shows a certificate that is not trusted here"),
    (SSLError, "cannot be reached securely"),
    (ConnectionRefusedError, "takes no connections"),
    (IncompleteRead, "broke off in the middle of its answer"),
    (ConnectionError, "broke off in the middle of its answer"),
)
_OLD_STREAM = "BadStatusLine('ICY "


def said_of(error: Exception, wait_s: float) -> str:
    """The reason that is known for any of the causes."""
    chain = list(_chain(error))
    if any(isinstance(one, TimeoutError) for one in chain):
        return f"said nothing for {wait_s:g} s"
    if _OLD_STREAM in repr(error):
        return "answers as SHOUTcast 1 does, which is not understood here"
    known = (words for kind, words in _SIGNS for one in chain if isinstance(one, kind))
    return next(known, "gave no readable answer")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__
