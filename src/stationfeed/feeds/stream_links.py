"""The live stream link for any player: M3U, PLS and XSPF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stationfeed.model.station import Stream

_XSPF = "http://xspf.org/ns/0/"


def render_m3u(name: str, streams: Sequence[Stream]) -> bytes:
    """UTF-8; a length of -1 is a stream's."""
    lines = ["#EXTM3U"]
    for stream in streams:
        lines += [f"#EXTINF:-1,{_one_line(name)}", stream.url]
    return ("\n".join(lines) + "\n").encode()


def render_pls(name: str, streams: Sequence[Stream]) -> bytes:
    lines = ["[playlist]"]
    for number, stream in enumerate(streams, start=1):
        lines += [f"File{number}={stream.url}", f"Title{number}={_one_line(name)}", f"Length{number}=-1"]
    lines += [f"NumberOfEntries={len(streams)}", "Version=2"]
    return ("\n".join(lines) + "\n").encode()


def render_xspf(name: str, streams: Sequence[Stream]) -> bytes:
    """XSPF version 1, https://www.xspf.org/spec."""
    playlist = etree.Element(f"{{{_XSPF}}}playlist", nsmap={None: _XSPF}, version="1")  # type: ignore[dict-item]  # None is the default namespace
    _add(playlist, "title", name)
    tracks = etree.SubElement(playlist, f"{{{_XSPF}}}trackList")
    for stream in streams:
        track = etree.SubElement(tracks, f"{{{_XSPF}}}track")
        _add(track, "location", stream.url)
        _add(track, "title", name)
    return etree.tostring(playlist, encoding="UTF-8", xml_declaration=True) + b"\n"


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{_XSPF}}}{name}").text = text


def _one_line(text: str) -> str:
    return " ".join(text.split())


STREAM_LINKS: dict[str, tuple[str, Callable[[str, Sequence[Stream]], bytes]]] = {
    "m3u": ("audio/x-mpegurl", render_m3u),
    "pls": ("audio/x-scpls", render_pls),
    "xspf": ("application/xspf+xml", render_xspf),
}
"""Media type and renderer by the end of the file's name."""
