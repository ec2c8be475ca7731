"""Titles inside a stream: after every so many bytes of sound comes a block of text (SHOUTcast's ICY protocol)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stationfeed.errors import SourceError

if TYPE_CHECKING:
    from stationfeed.sources.stream import Stream

ASKING = {"Icy-MetaData": "1"}
INTERVAL_LIMIT_BYTES = 64 * 1024
BLOCKS_LIMIT = 4

# A title may hold apostrophes and semicolons: it ends where the block does, or where the next field begins.
_TITLE = re.compile(rb"StreamTitle='(.*?)'(?:;\s*[A-Za-z]\w*='|;?\s*\Z)", re.DOTALL)


def read_stream_title(stream: Stream) -> str | None:
    """The first title in the stream as it was sent; None where its first blocks hold none."""
    interval_bytes = _interval(stream)
    for _ in range(BLOCKS_LIMIT):
        stream.read(interval_bytes)
        block = stream.read(stream.read(1)[0] * 16)
        if title := _title_in(block, stream.url):
            return title
    return None


def _interval(stream: Stream) -> int:
    said = stream.headers.get("icy-metaint")
    if said is None:
        raise SourceError(stream.url, "sends no titles inside its stream")
    if not re.fullmatch(r"[0-9]{1,6}", said.strip()) or not 1 <= int(said) <= INTERVAL_LIMIT_BYTES:
        raise SourceError(stream.url, f"sends titles at an impossible distance, {said[:20]!r}")
    return int(said)


def _title_in(block: bytes, url: str) -> str | None:
    text = block.rstrip(b"\0")
    if found := _TITLE.search(text):
        return _decoded(found[1]).strip() or None
    if b"StreamTitle='" in text:
        raise SourceError(url, "sent a title that breaks off")
    return None


def _decoded(title: bytes) -> str:
    """UTF-8, else what encoders on Windows send for Latin-1."""
    try:
        return title.decode()
    except UnicodeDecodeError:
        return title.decode("cp1252", "replace")
