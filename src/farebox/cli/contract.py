"""`farebox contract`: what teams bought under."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import opened, read_day, read_moment
from farebox.domain.clock import as_date, as_iso
from farebox.domain.errors import Problem, Rejected

app = typer.Typer(help="Contracts.", no_args_is_help=True)
field = typer.Typer(help="Names of a contract's ten charge-back fields.", no_args_is_help=True)
app.add_typer(field, name="field")

Contract = Annotated[str, typer.Argument(metavar="CONTRACT", help="Contract number.")]


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
        from farebox.wallclock import now

        number = catalogue.add_contract(
            catalogue.team_named(team),
            catalogue.Scheme(scheme.value.upper()),
            offer=offer,
            card=card,
            start=read_day(start),
            end=read_day(end) if end else None,
            by=catalogue.Hand("command", now()),
        ).number
        typer.echo(number)


@app.command("list")
def list_() -> None:
    """List contracts: number, team, scheme, first day, end."""
    with opened():
        from farebox.services import catalogue

        for one in catalogue.contracts():
            typer.echo(f"{one.number}\t{one.team}\t{one.scheme}\t{one.start}\t{one.end or '-'}")


@app.command("set")
def set_(
    number: Annotated[str, typer.Argument(help="Contract number.")],
    settings: Annotated[list[str], typer.Argument(help="Settings in minutes, like grace-minutes=5.")],
    since: Annotated[str, typer.Option("--from", help="From when: a date or a moment; now if left out.")] = "",
) -> None:
    """Set dated settings of a contract; what is booked keeps what held at its time."""
    with opened():
        from farebox.services import policies
        from farebox.wallclock import now

        at = now()
        found = dict(map(_setting, settings))
        policies.set_policies(number, found, since=read_moment(since, default=at), now=at)
        for one in policies.policies(number):
            typer.echo(f"{one.name}\t{one.minutes}\t{as_iso(one.since)}")


def _setting(text: str) -> tuple[str, int]:
    name, _, minutes = text.partition("=")
    if not minutes.isascii() or not minutes.isdigit() or len(minutes) > 6:
        raise Rejected([Problem(f"/{name}", "invalid_value", f"{text!r:.60} is not a setting like grace-minutes=5")])
    return name, int(minutes)


@app.command()
def years(number: Annotated[str, typer.Argument(help="Contract number.")]) -> None:
    """
    Print the years of a contract.

    Each line: year, first day, end, provisioned, consumed, remaining, multi-year at the start, multi-year consumed.
    Packs of a Flex contract last until their own end: what remains of its years says nothing of what is left.
    """
    with opened():
        from farebox.domain.amounts import as_text
        from farebox.services.years import years as years_of
        from farebox.wallclock import now

        for year in years_of(number, at=now()):
            days = "\t".join(str(as_date(day)) for day in year.days)
            typer.echo("\t".join([str(year.number), days, *map(as_text, year[2:])]))


@field.command("list")
def list_fields(contract: Contract) -> None:
    """List the fields that have a name: field, name, how many values are told of people."""
    with opened():
        from farebox.services import enrich

        for one in enrich.fields(contract):
            typer.echo(f"customField{one.position}\t{one.name}\t{one.told}")


@field.command()
def rename(
    contract: Contract,
    old: Annotated[str, typer.Argument(help="Its name now.")],
    new: Annotated[str, typer.Argument(help="Its name from now on.")],
) -> None:
    """Rename a field; what is told of people stays, what came with uses goes by the name that it came with."""
    with opened():
        from farebox.services import enrich
        from farebox.wallclock import now

        done = enrich.rename(contract, old, new, actor="command", now=now())
        typer.echo(f"customField{done.position} is {done.name}")


@field.command()
def free(contract: Contract, name: Annotated[str, typer.Argument(help="Its name.")]) -> None:
    """Free a field of which nothing is told, for another name; what came with uses is kept, and not shown."""
    with opened():
        from farebox.services import enrich
        from farebox.wallclock import now

        position = enrich.free(contract, name, actor="command", now=now())
        typer.echo(f"customField{position} is free")


def close_books(
    contract: Annotated[str, typer.Argument(help="Contract number.")],
    through: Annotated[str, typer.Option(help="Last usage date to close, like 2026-01-31.")],
) -> None:
    """Close the books of a contract for good: what is reported later changes no total up to that date."""
    with opened():
        from farebox.services.close_books import close
        from farebox.wallclock import now

        close(contract, read_day(through), actor="command", now=now())
        typer.echo(f"the books of {contract} are closed through {through}")
