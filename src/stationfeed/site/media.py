"""The public files of a story: its audio, photo and waveform, its transcript and chapters."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from stationfeed.errors import NotFoundError
from stationfeed.feeds import transcripts
from stationfeed.feeds.chapters import MEDIA_TYPE as CHAPTERS_TYPE
from stationfeed.feeds.chapters import render_chapters
from stationfeed.feeds.item import has_chapters
from stationfeed.feeds.stitch import compress_segment
from stationfeed.model.addresses import (
    TRANSCRIPT_TYPES,
    audio_path,
    chapters_path,
    picture_path,
    print_path,
    transcript_path,
    waveform_path,
)
from stationfeed.model.transcript import shifted
from stationfeed.site.answers import Document, LateDocument, PublicFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.model.episode import PictureFile, Story, TranscriptFile
    from stationfeed.model.rendition import AudioFile
    from stationfeed.model.transcript import Transcript
    from stationfeed.model.words import Slug

TRANSCRIPT_RENDERER = "1"
"""Raised when the same transcript would be rendered otherwise."""

Media = PublicFile | Document | LateDocument


def media_of(story: Story, catalogue: Catalogue, prints: Sequence[PictureFile] = ()) -> list[Media]:
    """The enclosure first, if there is one; `prints` are the photo in other sizes."""
    slug = story.slug
    files: list[Media] = []
    if story.audio:
        files.append(public_file(audio_path(slug, story.audio), story.audio, slug))
    for one in story.alternates:
        files.append(public_file(audio_path(slug, one.file), one.file, slug))
    if story.peaks:
        peaks = story.peaks
        tag = peaks.sha256[:32]
        files.append(
            PublicFile(waveform_path(slug), "application/json", peaks.path, peaks.size_bytes, tag, slug)
        )
    if story.picture:
        files.append(public_file(picture_path(slug, story.picture), story.picture, slug))
        files += [public_file(print_path(slug, story.picture, one), one, slug) for one in prints]
    if story.transcript:
        files.extend(_transcripts(story, story.transcript, catalogue))
    if has_chapters(story):
        segment = compress_segment(render_chapters(story))
        files.append(Document(chapters_path(slug), CHAPTERS_TYPE, (segment,), slug))
    return files


def public_file(address: str, file: AudioFile | PictureFile, slug: Slug | None) -> PublicFile:
    return PublicFile(address, file.media_type, file.path, file.size_bytes, file.sha256[:32], slug)


def _transcripts(story: Story, file: TranscriptFile, catalogue: Catalogue) -> list[LateDocument]:
    return [
        LateDocument(
            transcript_path(story.slug, form),
            f"{media_type}; charset=utf-8" if form == "html" else media_type,
            _tag(story, file, form),
            lambda render=render: render(_heard(story, file, catalogue), story.episode.title),  # type: ignore[misc]
            story.slug,
        )
        for (form, media_type), render in zip(TRANSCRIPT_TYPES.items(), _RENDERERS, strict=True)
    ]


_RENDERERS: tuple[Callable[[Transcript, str], bytes], ...] = (
    lambda transcript, _title: transcripts.render_vtt(transcript),
    lambda transcript, _title: transcripts.render_srt(transcript),
    lambda transcript, _title: transcripts.render_json(transcript),
    transcripts.render_html,
)


def _tag(story: Story, file: TranscriptFile, form: str) -> str:
    made_of = (TRANSCRIPT_RENDERER, form, file.sha256, story.opening, story.episode.title)
    return sha256(repr(made_of).encode()).hexdigest()[:32]


def _heard(story: Story, file: TranscriptFile, catalogue: Catalogue) -> Transcript:
    """What is said when, in the published audio. Raises NotFoundError where the index has been replaced."""
    transcript = catalogue.transcript(str(file.path))
    if transcript is None:
        raise NotFoundError("transcript", str(file.path))
    return shifted(transcript, story.opening)
