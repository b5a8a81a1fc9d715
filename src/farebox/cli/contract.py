"""`farebox contract`: what teams bought under."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import opened, read_day

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

        number = catalogue.add_contract(
            catalogue.team_named(team),
            catalogue.Scheme(scheme.value.upper()),
            offer=offer,
            card=card,
            start=read_day(start),
            end=read_day(end) if end else None,
        ).number
        typer.echo(number)


@app.command("list")
def list_() -> None:
    """List contracts: number, team, scheme, first day, end."""
    with opened():
        from farebox.services import catalogue

        for one in catalogue.contracts():
            typer.echo(f"{one.number}\t{one.team}\t{one.scheme}\t{one.start}\t{one.end or '-'}")
