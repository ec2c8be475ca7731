"""The kinds of text a station folder holds; a value of one of these has passed that kind's rule."""

from __future__ import annotations

from typing import NewType

Slug = NewType("Slug", str)
"""`[a-z0-9-]{1,80}`: an id or an episode's folder name."""

Title = NewType("Title", str)
"""One line of at most 500 characters."""

Ordinal = NewType("Ordinal", int)
"""A whole number from 1."""

Url = NewType("Url", str)
"""An absolute http or https address in ASCII."""

Guid = NewType("Guid", str)
"""An identity given once, kept as it was written."""

FeedGuid = NewType("FeedGuid", str)
"""A podcast:guid: a UUID."""

LanguageTag = NewType("LanguageTag", str)
"""A language code such as `en-us`."""

Color = NewType("Color", str)
"""`#rrggbb`."""

ZoneName = NewType("ZoneName", str)
"""An IANA time zone such as `America/Chicago`."""

MediaType = NewType("MediaType", str)
"""A MIME type with a slash, such as `audio/mpeg`."""

Category = NewType("Category", str)
"""One of Apple's categories, `Top` or `Top > Sub`, spelled as Apple spells it."""

ClockTime = NewType("ClockTime", str)
"""`HH:MM` on a clock of 24 hours; `24:00` is midnight as an end."""
