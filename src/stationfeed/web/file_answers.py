"""What is answered for a public file: status, headers, and which of its bytes (RFC 9110)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.web.conditions import has_come, is_current, matches, parse_ranges
from stationfeed.web.responses import CORS, NO_SNIFF, NO_STORE, http_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stationfeed.web.open_files import FileOffer
    from stationfeed.web.responses import Headers

_SANDBOX = (b"content-security-policy", b"default-src 'none'; sandbox")
_NO_SUCH_BYTES = b"There are no such bytes.\n"


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """`parts` are texts, each with the bytes of the file that stand behind it."""

    status: int
    headers: Headers
    parts: tuple[tuple[bytes, range], ...] = ()


def answer_file(
    offer: FileOffer, asked: Mapping[bytes, bytes], *, cache_control: bytes, now_s: float, head_only: bool
) -> FileAnswer:
    """The answer to GET or HEAD with these headers at an instant, in seconds since 1970."""
    dated = has_come(offer.since, now_s)
    headers: Headers = [
        (b"etag", _etag(offer)),
        (b"cache-control", cache_control),
        (b"accept-ranges", b"bytes"),
        NO_SNIFF,
        _SANDBOX,
        *CORS,
    ]
    if dated:
        headers.append((b"last-modified", http_date(offer.since)))
    if _is_unchanged(asked, offer, dated=dated):
        return FileAnswer(304, headers)
    if head_only:
        return FileAnswer(200, [*_whole(offer), *headers])
    ranges = _ranges(asked, offer)
    if ranges is None:
        whole = range(offer.file.size_bytes)
        return FileAnswer(200, [*_whole(offer), *headers], ((b"", whole),))
    return _partial(ranges, offer, headers)


def _etag(offer: FileOffer) -> bytes:
    return b'"%b"' % offer.file.etag.encode()


def _is_unchanged(asked: Mapping[bytes, bytes], offer: FileOffer, *, dated: bool) -> bool:
    if b"if-none-match" in asked:
        return matches(asked[b"if-none-match"], _etag(offer))
    if not dated or b"if-modified-since" not in asked:
        return False
    return is_current(offer.since, asked[b"if-modified-since"])


def _ranges(asked: Mapping[bytes, bytes], offer: FileOffer) -> Sequence[range] | None:
    """The ranges to answer GET with; None for the whole file (13.1.5 and 14.2)."""
    if b"range" not in asked:
        return None
    condition = asked.get(b"if-range")
    if condition is not None and condition not in (_etag(offer), http_date(offer.since)):
        return None
    return parse_ranges(asked[b"range"], offer.file.size_bytes)


def _whole(offer: FileOffer) -> Headers:
    return _sized(offer.file.media_type.encode(), offer.file.size_bytes)


def _sized(media_type: bytes, length: int) -> Headers:
    return [(b"content-type", media_type), (b"content-length", b"%d" % length)]


def _partial(ranges: Sequence[range], offer: FileOffer, headers: Headers) -> FileAnswer:
    size = offer.file.size_bytes
    if not ranges:
        text = _sized(b"text/plain; charset=utf-8", len(_NO_SUCH_BYTES))
        refusal = [*text, NO_SNIFF, (b"content-range", b"bytes */%d" % size), NO_STORE, *CORS]
        return FileAnswer(416, refusal, ((_NO_SUCH_BYTES, range(0)),))
    if len(ranges) > 1:
        return _multipart(ranges, offer, headers)
    one = ranges[0]
    part = [
        *_sized(offer.file.media_type.encode(), len(one)),
        (b"content-range", b"bytes %d-%d/%d" % (one[0], one[-1], size)),
    ]
    return FileAnswer(206, part + headers, ((b"", one),))


def _multipart(ranges: Sequence[range], offer: FileOffer, headers: Headers) -> FileAnswer:
    boundary = secrets.token_hex(12).encode()
    size, media_type = offer.file.size_bytes, offer.file.media_type.encode()
    parts = [
        (
            b"--%b\r\ncontent-type: %b\r\ncontent-range: bytes %d-%d/%d\r\n\r\n"
            % (boundary, media_type, one[0], one[-1], size),
            one,
        )
        for one in ranges
    ]
    spaced = [(b"\r\n" + text if index else text, one) for index, (text, one) in enumerate(parts)]
    whole = (*spaced, (b"\r\n--%b--\r\n" % boundary, range(0)))
    length = sum(len(text) + len(one) for text, one in whole)
    sized = _sized(b"multipart/byteranges; boundary=" + boundary, length)
    return FileAnswer(206, sized + headers, whole)
