"""Which of the things that automation plays are news to a listener."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_NEWS = frozenset(
    {
        "ad", "bed", "bumper", "commercial", "filler", "id", "ident", "imaging", "jingle", "legalid", "liner",
        "link", "macro", "promo", "psa", "spot", "stationid", "sweeper", "traffic", "underwriting", "voicetrack",
    }
)  # fmt: skip
"""Categories, as the common automation systems name them, of what is between the things people listen to."""


def is_news(title: str, category: str | None, ignore: Sequence[str]) -> bool:
    """Whether a listener should be told; `ignore` holds patterns of titles that are not to be."""
    if category and re.sub(r"[\s_-]+", "", category.casefold()) in NO_NEWS:
        return False
    return not any(re.search(pattern, title) for pattern in ignore)
