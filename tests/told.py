"""A station folder read by a small reader of its own, to say what the feeds should say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml
from lxml import html

from stationfeed.model.addresses import feed_path
from tests.feed_documents import public_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stationfeed.station.opened import OpenStation

AUDIO_TYPES = {".mp3": "audio/mpeg", ".m4a": "audio/x-m4a"}
NOTE_WORDS = {
    "update": "Updated",
    "correction": "Correction",
    "clarification": "Clarification",
    "retraction": "Retraction",
}
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What one public story's folder says, read without the program."""

    slug: str
    front: Fields
    published_at: datetime
    updated_at: datetime
    authors: list[str]
    words: list[str]
    summary: str | None
    audio: Path | None

    @property
    def title(self) -> str:
        return " ".join(self.front["title"].split())

    def text_of(self, *, full: bool) -> str | None:
        """What a description says where a summary is given: without the article it ends with whose story it is."""
        origin = self.front.get("origin")
        if self.summary is None or full or origin is None:
            return self.summary
        holder = f"Copyright {origin.get('year', '')} {origin['organization']}."
        return f"{self.summary} {holder} To see more, visit {origin['url']}"


@dataclass(frozen=True, slots=True)
class Source:
    """A station folder, open, and what it says."""

    root: Path
    at: datetime
    station: OpenStation
    config: Fields
    hidden: frozenset[str]

    def read(self, feed_id: str, extension: str = "xml") -> bytes:
        return public_bytes(self.station, feed_path(feed_id, extension), self.at)

    def is_full(self, feed_id: str) -> bool:
        return bool(self.config["feeds"][feed_id].get("content", "full") == "full")

    def told(self, feed_id: str) -> list[Told]:
        """The stories a feed's first document should show, newest first."""
        feed = self.config["feeds"][feed_id]
        chosen = [one for one in self.public() if _is_selected(one, feed)]
        chosen.sort(key=lambda one: one.slug)
        chosen.sort(key=lambda one: one.published_at, reverse=True)
        return chosen[: int(feed.get("limit", 300))]

    def public(self) -> Iterator[Told]:
        for path in sorted(self.root.glob("episodes/*/episode.md")):
            front, body = split_front_matter(path)
            show = self.config["shows"][front["show"]]
            zone = ZoneInfo(self.config["stations"][show["station"]]["timezone"])
            if front.get("state") == "ready" and self._is_now(front, zone):
                yield self._told(path, front, body, zone)

    def _is_now(self, front: Fields, zone: ZoneInfo) -> bool:
        ends = front.get("expires_at", "null")
        begun = instant_of(front["published_at"], zone) <= self.at
        return begun and not (ends != "null" and instant_of(ends, zone) <= self.at)

    def _told(self, path: Path, front: Fields, body: str, zone: ZoneInfo) -> Told:
        show = self.config["shows"][front["show"]]
        published_at = instant_of(front["published_at"], zone)
        notes = [(instant_of(one["at"], zone), one) for one in front.get("updates", [])]
        return Told(
            slug=path.parent.name,
            front=front,
            published_at=published_at,
            updated_at=max((at for at, _ in notes), default=published_at),
            authors=self._authors(front, show),
            words=_words_of(front, body, sorted(notes, key=lambda one: one[0], reverse=True), zone),
            summary=front.get("summary"),
            audio=_audio(path.parent, front, show),
        )

    def _authors(self, front: Fields, show: Fields) -> list[str]:
        if "origin" in front:
            return [front["origin"]["organization"]]
        byline = front.get("byline", [])
        names = [_person_name(self.root, one) for one in byline]
        return names or [self.config["stations"][show["station"]]["name"]]


def split_front_matter(path: Path) -> tuple[Fields, str]:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.load(front, Loader=yaml.BaseLoader), body


def instant_of(text: str, zone: ZoneInfo) -> datetime:
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def _person_name(root: Path, one: str) -> str:
    path = root / "people" / f"{one}.md"
    return str(split_front_matter(path)[0]["name"]) if path.exists() else one


def _audio(folder: Path, front: Fields, show: Fields) -> Path | None:
    audio = front.get("audio")
    levels = [show, front, audio or {}]
    if audio is None or any(one.get("rights", {}).get("podcast") == "false" for one in levels):
        return None
    path: Path = folder / audio["file"]
    return path if path.suffix in AUDIO_TYPES else None


def _is_selected(one: Told, feed: Fields) -> bool:
    select = feed.get("select") or {}
    shows, topics = select.get("shows") or [], select.get("topics") or []
    by_topic = not topics or bool(set(topics) & set(one.front.get("topics", [])))
    by_audio = one.audio is not None or feed.get("audio_only") != "true"
    return (not shows or one.front["show"] in shows) and by_topic and by_audio


def _words_of(front: Fields, body: str, notes: list[tuple[datetime, Fields]], zone: ZoneInfo) -> list[str]:
    """Every word a listener should read, in order: the notes newest first, the article, whose it is."""
    text = "".join(f"{NOTE_WORDS[one['kind']]}, {_spoken(at, zone)}: {one['note']}\n" for at, one in notes)
    text += re.sub(r"^\d\. |\]\([^)]*\)", " ", body, flags=re.MULTILINE)  # a list's numbers, a link's address
    origin = front.get("origin")
    if origin:
        holder = origin["organization"]
        text += f"\nCopyright {origin.get('year', '')} {holder}. To see more, visit {holder}."
    return _words(text)


def _spoken(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    half = "p.m." if local.hour >= 12 else "a.m."
    return f"{local:%B} {local.day}, {local.year}, {int(local.strftime('%I'))}:{local:%M} {half} {local:%Z}"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def words_in_html(text: str) -> list[str]:
    if not text:
        return []
    return _words(" ".join(str(one) for one in html.fromstring(f"<div>{text}</div>").itertext()))
