"""Secrets that let a machine say something; only their hashes are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from stationfeed.catalogue.tables import to_instant, to_microseconds, tokens

if TYPE_CHECKING:
    from datetime import datetime

    from stationfeed.catalogue.state import State
    from stationfeed.model.words import Slug

PURPOSE_NOW = "now"
_PREFIX = "sf_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """What is known of a token: never the token."""

    number: int
    purpose: str
    service: Slug
    created_at: datetime


def make_token(state: State, purpose: str, service_id: Slug, at: datetime) -> str:
    """A new token, which nobody can be told again."""
    token = _PREFIX + secrets.token_urlsafe(32)
    with state.transaction() as connection:
        connection.execute(
            insert(tokens).values(
                purpose=purpose, service=service_id, sha256=_hash(token), created_at=to_microseconds(at)
            )
        )
    return token


def find_token(state: State, given: str) -> Token | None:
    """What a token is good for; it is looked up by its hash, so that no time it takes tells anything."""
    with state.transaction() as connection:
        row = connection.execute(select(tokens).where(tokens.c.sha256 == _hash(given))).one_or_none()
    return None if row is None else _token(row)


def list_tokens(state: State) -> list[Token]:
    with state.transaction() as connection:
        return [_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.id))]


def revoke_token(state: State, number: int) -> bool:
    """Whether there was one of that number."""
    with state.transaction() as connection:
        return connection.execute(delete(tokens).where(tokens.c.id == number)).rowcount > 0


def _token(row: Any) -> Token:
    return Token(
        number=row.id,
        purpose=row.purpose,
        service=row.service,
        created_at=to_instant(row.created_at),
    )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
