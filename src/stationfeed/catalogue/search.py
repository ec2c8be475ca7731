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
    The last word is also found as the beginning of another from three letters on. Of a longer text the first 16
    words count, of a longer word the first 64 characters. Text without a word finds nothing.
    """
    terms = _terms(list(islice(_words(text), MOST_WORDS)))
    if not terms:
        return ()
    values = {"words": " ".join(terms), "now": to_microseconds(at)}
    with catalogue.together() as connection, _FOUND.run(connection, values) as rows:
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


def _terms(words: list[str]) -> list[str]:
    """FTS5's strings, in which nothing is a sign; a star behind one says that it may be a beginning."""
    return [_term(word, is_last=place == len(words)) for place, word in enumerate(words, 1)]


def _term(word: str, *, is_last: bool) -> str:
    is_cut = len(word) > WORD_CHARACTERS
    is_begun = is_last and sum(map(str.isalnum, word)) >= PREFIX_LETTERS
    return f'"{word[:WORD_CHARACTERS]}"' + ("*" if is_cut or is_begun else "")
