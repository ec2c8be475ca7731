"""What of a story can be searched: its plain words, on their way into the index and out of it.

Both ways have to say the same words of the same story: a change here asks for another INDEX_VERSION.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from stationfeed.catalogue.database import Statement, among, named
from stationfeed.catalogue.tables import searched, stories, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

# Each ends at the first character with which another may begin, so that no text takes longer than its length.
_NOISE = re.compile(
    r"""
      \b(?:https?://|www\.)[^\s<>()\[\]"]*                # an address
    | \]\((?:[^()\[\]]|\([^()\[\]]*\))*+\)               # where a link or a picture leads
    | ^[ ]{0,3}\[[^\[\]\n]+\]:[ \t]*\S++[ \t]*+(?=$|["'(]) # where all links of a name lead
    | </?[a-z][^<>]*>                                    # a tag
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_CHARACTER = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_HELD = Statement(
    select(
        stories.c.id,
        func.json_extract(stories.c.record, "$.episode.title").label("title"),
        func.json_extract(stories.c.record, "$.episode.summary").label("summary"),
        func.json_extract(stories.c.record, "$.episode.origin.organization").label("partner"),
        texts.c.markdown,
        texts.c.transcript,
    )
    .join(texts, texts.c.slug == stories.c.slug)
    .where(among(stories.c.slug))
)


def put_in_words(connection: Connection, slugs: Sequence[str]) -> None:
    """Make stories findable by what the index holds of them."""
    _tell(connection, slugs, {})


def take_out_words(connection: Connection, slugs: Sequence[str]) -> None:
    """Undo it; what the index holds of the stories is to be what it was."""
    _tell(connection, slugs, {searched.name: "delete"})


def _tell(connection: Connection, slugs: Sequence[str], command: dict[str, str]) -> None:
    rows = [{**command, **_words_in(row)} for row in _HELD.run(connection, named(slugs))]
    if rows:
        connection.execute(insert(searched), rows)


def _words_in(row: Any) -> dict[str, Any]:
    """The words of each column; whose story it is stands beside the summary."""
    return {
        "rowid": row.id,
        "title": row.title,
        "summary": f"{row.summary or ''}\n{row.partner or ''}",
        "article": words_of(row.markdown),
        "transcript": row.transcript,
    }


def words_of(markdown: str) -> str:
    """The words of Markdown without addresses and tags, in a time that grows with its length only.

    Signs such as `*` stay where they are: they are in no word.
    """
    return _CHARACTER.sub(lambda found: unescape(found[0]), _NOISE.sub(" ", markdown))
