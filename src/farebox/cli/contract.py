"""`farebox contract`: what teams bought under."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import opened, read_day
from farebox.domain.errors import Problem, Rejected

app = typer.Typer(help="Contracts.", no_args_is_help=True)


class SchemeName(StrEnum):
    """How a contract charges."""

    FLEX = "flex"
    ENTERPRISE = "enterprise"


@app.command()
def add(
    team: Annotated[str, typer.Argument(help="Slug of the team.")],
    scheme: Annotated[SchemeName, typer.Argument(help="flex: 24-hour windows; enterprise: days of the server.")],
    offer: Annotated[str, typer.Option(help="Which products it opens.")],
    card: Annotated[str, typer.Option(help="Which rate card prices them.")],
    start: Annotated[str, typer.Option(help="First day, like 2026-01-01.")],
    end: Annotated[str, typer.Option(help="First day after it, if it ends.")] = "",
) -> None:
    """Add a team's contract and print its number."""
    with opened():
        from farebox.services import catalogue

        since, until = read_day(start), read_day(end) if end else None
        if until is not None and until <= since:
            raise Rejected([Problem("/end", "end_before_start", "the contract ends before it starts")])
        number = catalogue.add_contract(
            catalogue.team_named(team),
            catalogue.Scheme(scheme.value.upper()),
            offer=offer,
            card=card,
            start=since,
            end=until,
        ).number
        typer.echo(number)
