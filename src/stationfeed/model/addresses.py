"""Every public address, spelled in one place. Paths begin with a slash; `base_url` makes them absolute."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from stationfeed.model.words import Url

if TYPE_CHECKING:
    from datetime import date

    from stationfeed.model.episode import PictureFile
    from stationfeed.model.rendition import AudioFile

OPML = "/feeds.opml"
HOME = "/"
LIVE = "/live"
CORRECTIONS = "/corrections"
SUBSCRIBE = "/subscribe"
BROWSE = "/browse"
SEARCH = "/search"
OEMBED = "/oembed"
ROBOTS = "/robots.txt"
SITEMAP = "/sitemap.xml"
NEWS_SITEMAP = "/news-sitemap.xml"
NOW = "/api/v1/now"
EVENTS = "/api/v1/events"
HASH_LENGTH = 16

_EXTENSIONS = {
    "audio/mpeg": "mp3",
    "audio/x-m4a": "m4a",
    "audio/ogg": "opus",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}
TRANSCRIPT_TYPES = {
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "json": "application/json",
    "html": "text/html",
}
"""The forms in which every transcript is published, by the ends of their names."""


def absolute(base_url: str, path: str) -> Url:
    return Url(base_url.rstrip("/") + path)


def feed_path(feed_id: str, extension: str = "xml") -> str:
    return f"/feeds/{feed_id}.{extension}"


def archive_path(feed_id: str, number: int) -> str:
    return f"/feeds/{feed_id}/archive/{number}.xml"


def story_path(slug: str) -> str:
    return f"/stories/{slug}"


def person_path(person_id: str) -> str:
    return f"/people/{person_id}"


def show_path(show_id: str) -> str:
    return f"/shows/{show_id}"


def topic_path(topic: str) -> str:
    return f"/topics/{topic}"


def day_path(day: date) -> str:
    """All stories of a day on the station's calendar."""
    return f"/days/{day.isoformat()}"


def sitemap_path(number: int) -> str:
    """Part of the site's map; the parts are numbered from the oldest stories on."""
    return f"/sitemap-{number}.xml"


def embed_path(slug: str) -> str:
    return f"/embed/{slug}"


def asset_path(sha256: str, name: str) -> str:
    """A script of ours; all of them have the hash of all of them, so that they name each other without it."""
    return f"/assets/{sha256[:HASH_LENGTH]}/{name}"


def card_path(slug: str) -> str:
    """What a social site shows of a story that has no photo."""
    return f"/media/{slug}/card.png"


def print_path(slug: str, photo: PictureFile, made: PictureFile) -> str:
    """A story's photo in another size or format; `photo` is the one that staff put there."""
    extension = _EXTENSIONS[made.media_type]
    return f"/media/{slug}/photo-{photo.sha256[:HASH_LENGTH]}-{made.width}.{extension}"


def stylesheet_path(sha256: str) -> str:
    return f"/assets/site-{sha256[:HASH_LENGTH]}.css"


def schedule_page_path(service_id: str) -> str:
    return f"/schedule/{service_id}"


def live_path(service_id: str) -> str:
    return f"/live/{service_id}"


def stream_link_path(service_id: str, form: str) -> str:
    """For any player; `form` is `m3u`, `pls` or `xspf`."""
    return f"/live/{service_id}.{form}"


def calendar_path(service_id: str) -> str:
    return f"/schedule/{service_id}.ics"


def now_path(service_id: str) -> str:
    return f"{NOW}/{service_id}"


def schedule_path(service_id: str) -> str:
    return f"/api/v1/schedule/{service_id}"


def audio_path(slug: str, audio: AudioFile) -> str:
    """Changes only when the sound does: new tags keep it."""
    return f"/media/{slug}/audio-{audio.sound_sha256[:HASH_LENGTH]}.{_EXTENSIONS[audio.media_type]}"


def picture_path(slug: str, picture: PictureFile) -> str:
    return f"/media/{slug}/photo-{picture.sha256[:HASH_LENGTH]}.{_EXTENSIONS[picture.media_type]}"


def transcript_path(slug: str, form: str) -> str:
    return f"/media/{slug}/transcript.{form}"


def chapters_path(slug: str) -> str:
    return f"/media/{slug}/chapters.json"


def waveform_path(slug: str) -> str:
    return f"/media/{slug}/waveform.json"


def brand_path(picture: PictureFile) -> str:
    """A show's artwork, a station's logo or a person's photo; one level up, where no story's files are."""
    stem = PurePosixPath(picture.path).stem.lower()
    ascii_stem = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in stem)
    return f"/media/{ascii_stem}-{picture.sha256[:HASH_LENGTH]}.{_EXTENSIONS[picture.media_type]}"


def media_kind(path: str) -> str:
    """Which of a story's files an address is about: `audio`, `photo`, `transcript`, `chapters` or `waveform`."""
    name = path.rpartition("/")[2]
    return name.partition("-")[0].partition(".")[0]
