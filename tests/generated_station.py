"""Three hundred stories of every kind, among them some that nobody may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.feed_documents import png
from tests.stations import make_station

if TYPE_CHECKING:
    from pathlib import Path

    from tests.audio_files import AudioFiles

HIDDEN = "CANARY"
"""Stands in the title, the text and the caption of every generated story that nobody may see."""


CONFIG = """\
site: {title: Prüfsender, base_url: "https://news.kxmp.example", language: de}
organization: {name: University of Example, copyright: University of Example}
audio: {renditions: false}
stations:
  kxmp:
    name: KXMP & Söhne
    timezone: America/Chicago
    services: {kxmp-fm: {name: FM, kind: fm}}
shows:
  newsroom: {title: Newsroom, station: kxmp, description: News., category: [News]}
  music: {title: Music, station: kxmp, description: Music., rights: {podcast: false}}
feeds:
  news: {title: News, station: kxmp, select: {shows: [newsroom]}, guid: 917393e3-1b1e-5cef-ace4-edaa54e1f810}
  sound: {title: Sound, station: kxmp, audio_only: true, guid: 9b024349-ccf0-5f69-a609-6b82873eab3c}
  short: {title: Short, station: kxmp, content: summary, limit: 40, guid: 0b024349-ccf0-5f69-a609-6b82873eab3c}
  halls: {title: Halls, station: kxmp, select: {topics: [city-hall]}, guid: 1b024349-ccf0-5f69-a609-6b82873eab3c}
"""
TITLES = (
    'Council & mayor: \\"we agree\\"',
    "Die Brücke über den Fluß — offen",
    "議会が図書館を開く",
    "שלום לכולם 🎙️",
    "If 3 < 4 && 5 > 4 ]]> &amp; so on",
    "Café naïve coöperate, decomposed e\\u0301",
)
COUNT = 300


def generate_station(root: Path, audio_files: AudioFiles) -> frozenset[str]:
    """Three hundred stories of every kind; the slugs of those nobody may see."""
    folder = make_station(root, CONFIG)
    sounds = {name: audio_files.read(name) for name in ("mono.mp3", "low.m4a")}
    picture = png(40, 30)
    hidden = set()
    for number in range(COUNT):
        slug = f"story-{number * 37 % COUNT:03}"
        lines, body = _front_matter(number), _body(number)
        state = _state(number)
        if state != "state: ready\n" or _published(number) > "2026-06":
            hidden.add(slug)
            lines, body = lines.replace('title: "', f'title: "{HIDDEN} '), f"{HIDDEN} {body}"
        folder.raw(slug, f"---\nguid: {_guid(number)}\n{lines}{state}---\n{body}")
        if number % 3 == 0:
            name = "low.m4a" if number % 12 == 0 else "mono.mp3"
            folder.put(slug, name, sounds[name])
        if number % 5 == 0:
            folder.put(slug, "photo.png", picture)
    return frozenset(hidden)


def _guid(number: int) -> str:
    kinds = (
        f"{number:08x}-7d1c-4b52-9d0e-5a1c3f0b6a77",
        f"https://old.example/?p={number}&x=1",
        f"prx-{number}-<{number}>",
        f"urn:kxmp:{number}",
    )
    return f'"{kinds[number % 4]}"'


def _state(number: int) -> str:
    if number % 29 == 5:
        return "state: draft\n"
    if number % 31 == 7:
        return f"state: withdrawn\nwithdrawn: {{at: 2026-05-02T09:00, reason: {HIDDEN}}}\n"
    if number % 41 == 11:
        return "state: ready\nexpires_at: 2026-06-01T00:00Z\n"
    return "state: ready\n"


def _published(number: int) -> str:
    if number % 37 == 3:
        return "2026-06-01T00:00:01Z"
    day, hour = number // 20 + 1, number % 20 // 2
    return f"2026-03-{day:02}T{hour + 4:02}:15" + ("", "Z", "+02:00", ":30-05:00")[number % 4]


def _front_matter(number: int) -> str:
    show = "music" if number % 13 == 0 else "newsroom"
    lines = [
        f'title: "{TITLES[number % 6]} {number}"',
        f"show: {show}",
        f"published_at: {_published(number)}",
    ]
    if number % 3 == 0:
        lines.append(f"audio: {{file: {'low.m4a' if number % 12 == 0 else 'mono.mp3'}}}")
    if number % 5 == 0:
        words = "alt: Ein Bild, credit: Dana Cole" + (", caption: A caption" if number % 10 == 0 else "")
        lines.append(f"image: {{file: photo.png, {words}}}")
    if number % 7 == 0:
        first = "{at: 2026-05-01T10:05, kind: correction, note: We wrote 3 < 4 & erred.}"
        lines.append(f"updates: [{first}, {{at: 2026-05-02T13:00Z, kind: update, note: Adds a reply.}}]")
    if number % 11 == 0:
        lines.append('origin: {organization: "WXMP & Co", url: "https://w.example/s?a=1&b=2", year: 2026}')
    if number % 4 == 0:
        lines.append(
            f"season: {number // 50 + 1}\nepisode_number: {number + 1}\nsummary: One plain sentence {number}."
        )
    if number % 2 == 0:
        lines.append('byline: [Zoë Ångström, "Sam Reyes, for KXMP"]\ntopics: [city-hall]')
    return "\n".join(lines) + "\n"


def _body(number: int) -> str:
    return (
        f"The first **paragraph** of {number}, with [a link](/stories/other) & *more*.\n\n"
        f"## Zwischenruf {number % 9}\n\n- ein Punkt\n- noch `code` einer 🎧\n\n"
        f"> Zitat «so»: 5 < 6\n\n1. first\n2. second\n\n{'Long text. ' * (number % 40)}\n"
    )
