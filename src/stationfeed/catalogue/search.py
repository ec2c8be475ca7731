"""Which stories have the words that somebody typed."""

from __future__ import annotations

from itertools import groupby, islice
from typing import TYPE_CHECKING, Any
from unicodedata import category

from sqlalchemy import Text, bindparam

from stationfeed.catalogue.database import Statement
from stationfeed.catalogue.queries import public_entries
from stationfeed.catalogue.rows import entry_of
from stationfeed.catalogue.tables import EMOJI_STYLES, searched, stories, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from stationfeed.catalogue.index import Catalogue
    from stationfeed.catalogue.rows import Entry

MOST_WORDS = 16
WORD_CHARACTERS = 64
PREFIX_LETTERS = 3

_BY_WEIGHT = "bm25(10, 4, 1, 0.5)"
"""How much a word counts in each column, as they stand in `SEARCHED`."""

# FTS5 puts the stories into its order on its own, so that only those that are shown are looked up.
_FOUND = Statement(
    public_entries()
    .add_columns(searched.c.rank)
    .join(searched, searched.c.rowid == stories.c.id)
    .where(
        searched.c.searched.op("MATCH")(bindparam("words", type_=Text)),
        searched.c.rank.op("MATCH")(_BY_WEIGHT),
    )
    .order_by(searched.c.rank)
)


def search(catalogue: Catalogue, text: str, at: datetime, limit: int) -> tuple[Entry, ...]:
    """The public stories in which every word of `text` occurs, the best first, of equals the newest.

    Any text will do: what is neither letter nor digit stands between words, case and diacritics make no difference.
    The last word is also found as the beginning of another from three letters on, unless enough is found without. Of a longer text the first 16
    words count, of a longer word the first 64 characters. Text without a word finds nothing.
    """
    words = list(islice(_words(text), MOST_WORDS))
    if not words:
        return ()
    with catalogue.together() as connection:
        found = _run(connection, [_term(one) for one in words], at, limit)
        if len(found) < limit and _is_begun(words[-1]):
            # A beginning of many words costs several times as much, and with enough to show adds nothing.
            found = _run(connection, [*map(_term, words[:-1]), _term(words[-1], is_begun=True)], at, limit)
    return found


def _run(connection: Connection, terms: list[str], at: datetime, limit: int) -> tuple[Entry, ...]:
    values = {"words": " ".join(terms), "now": to_microseconds(at)}
    with _FOUND.run(connection, values) as rows:
        return _best(rows, limit)


def _best(rows: Iterable[Any], limit: int) -> tuple[Entry, ...]:
    """The first rows, and no more of them read than that takes; those of one rank by date."""
    best: list[Entry] = []
    for _rank, equals in groupby(rows, key=lambda row: row.rank):
        best += sorted(map(entry_of, equals), key=lambda entry: entry.place)
        if len(best) >= limit:
            break
    return tuple(best[:limit])


def _words(text: str) -> Iterator[str]:
    """The words as the index has them; a run of marks alone is none."""
    for is_word, run in groupby(text, _is_of_a_word):
        word = "".join(run) if is_word else ""
        if any(map(str.isalnum, word)):
            yield word


def _is_of_a_word(character: str) -> bool:
    """What the index takes for a part of a word, too."""
    kind = category(character)
    return (kind[0] in "LN" or kind in {"Mn", "Mc"}) and character not in EMOJI_STYLES


def _is_begun(word: str) -> bool:
    return sum(map(str.isalnum, word)) >= PREFIX_LETTERS


def _term(word: str, *, is_begun: bool = False) -> str:
    """FTS5's string, in which nothing is a sign; a star behind it says that it may be a beginning."""
    is_cut = len(word) > WORD_CHARACTERS
    return f'"{word[:WORD_CHARACTERS]}"' + ("*" if is_cut or is_begun else "")
