"""Tokens with which machines may say something."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from stationfeed.catalogue.state import open_state
from stationfeed.catalogue.tokens import PURPOSE_NOW, list_tokens, make_token, revoke_token
from stationfeed.cli.console import now, out, say
from stationfeed.cli.program import staff
from stationfeed.desk.look_up import known_service
from stationfeed.errors import NotFoundError
from stationfeed.station.opened import state_file
from stationfeed.station.surroundings import load_surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from stationfeed.catalogue.state import State

token = typer.Typer(no_args_is_help=True, help="Secrets for machines, each for one purpose.")
staff.add_typer(token, name="token")


@token.command("now")
def _token_for_now(
    context: typer.Context, service: Annotated[str, typer.Option(help="The service it may speak for.")]
) -> None:
    """Make a token with which automation may push what is playing; it is shown this once."""
    known = known_service(load_surroundings(context.obj, None, None).config, service)
    with closing(_state(context.obj)) as state:
        made = make_token(state, PURPOSE_NOW, known, now())
    out.print(made, markup=False)
    say.print(f"This is for POST /api/v1/now/{known} and is not shown again.", markup=False)


@token.command("list")
def _list_tokens(context: typer.Context) -> None:
    """Say which tokens there are, never the tokens themselves."""
    with closing(_state(context.obj)) as state:
        found = list_tokens(state)
    for one in found:
        out.print(f"{one.number}  {one.purpose}  {one.service}  made {one.created_at:%Y-%m-%d}", markup=False)
    if not found:
        out.print("There is none.")


@token.command("revoke")
def _revoke_token(
    context: typer.Context, number: Annotated[int, typer.Argument(metavar="NUMBER", min=1, max=2**63 - 1)]
) -> None:
    """Take a token back, by its number in the list."""
    with closing(_state(context.obj)) as state:
        if not revoke_token(state, number):
            raise NotFoundError("token", str(number))
    out.print(f"Token {number} is good for nothing any more.", markup=False)


def _state(root: Path) -> State:
    """The state database of a folder that is a station."""
    load_surroundings(root, None, None)
    return open_state(state_file(root))
