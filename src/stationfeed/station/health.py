"""Whether a station folder is in order, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stationfeed.catalogue.queries import guid_problems, story_counts
from stationfeed.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.errors import Problem


@dataclass(frozen=True, slots=True)
class Health:
    """Whether everything in the folder is as it should be, in numbers only."""

    ok: bool
    stories: int
    public: int
    stale: int
    errors: int
    warnings: int


def health_of(catalogue: Catalogue, elsewhere: Iterable[Problem], unreadable: int, at: datetime) -> Health:
    """`elsewhere` are the problems outside the episodes, `unreadable` how many episodes' folders cannot be read."""
    doubles = Counter(one.severity for one in guid_problems(catalogue))
    problems = Counter(catalogue.problem_counts()) + Counter(one.severity for one in elsewhere) + doubles
    errors = problems[Severity.ERROR] + unreadable
    return Health(
        ok=errors == 0,
        errors=errors,
        warnings=problems[Severity.WARNING],
        **story_counts(catalogue, at),
    )
