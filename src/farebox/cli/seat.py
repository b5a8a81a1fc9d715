"""`farebox seat`: seats and trials, which beat tokens for the same product and the same person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened, read_day
from farebox.domain.errors import NotFound

if TYPE_CHECKING:
    from farebox.domain.clock import Day
    from farebox.services.seats import SeatRow

app = typer.Typer(help="Seats and trials, which beat tokens for the same product and person.", no_args_is_help=True)

Team = Annotated[str, typer.Argument(help="Slug of the team.")]
Who = Annotated[str, typer.Argument(help="E-mail address or login.")]
Product = Annotated[str, typer.Argument(help="Code of the product.")]
Trial = Annotated[bool, typer.Option("--trial", help="A trial instead of a seat; it has a last day.")]


@app.command()
def give(
    team: Team,
    person: Who,
    product: Product,
    trial: Trial = False,
    first: Annotated[str, typer.Option("--first", help="First day, like 2026-03-31 (UTC); now if left out.")] = "",
    last: Annotated[str, typer.Option("--last", help="Last day; a seat may have none.")] = "",
) -> None:
    """Give a person a seat or a trial; what was used before stays as it was charged."""
    with opened():
        from farebox.services import assign, catalogue
        from farebox.services import seats as service
        from farebox.wallclock import now

        kind = service.Funding.TRIAL if trial else service.Funding.SEAT
        owner, who = catalogue.team_named(team).pk, assign.person_named(team, person)
        start, end = _day(first), _day(last)
        service.give(service.Command.LINE, owner, [who], product, kind, start=start, end=end, now=now())
        typer.echo("given")


@app.command()
def end(
    team: Team,
    person: Who,
    product: Product,
    trial: Trial = False,
    last: Annotated[str, typer.Option("--last", help="Last day; it ends now if left out.")] = "",
) -> None:
    """End a seat or a trial, now or after a last day; what was used stays as it was charged."""
    with opened():
        from farebox.services import assign, catalogue
        from farebox.services import seats as service
        from farebox.wallclock import now

        at, owner, line = now(), catalogue.team_named(team).pk, service.Command.LINE
        held = service.of(line, owner, assign.person_named(team, person), now=at)
        kind = service.Funding.TRIAL if trial else service.Funding.SEAT
        found = [one for one in held if one.kind == kind and one.product.code.casefold() == product.casefold()]
        if not found:
            raise NotFound(f"the person holds no {kind.lower()} of {product}")
        if last:
            service.change_end(line, owner, found[0].id, read_day(last), now=at)
        else:
            service.end_now(line, owner, found[0].id, now=at)
        typer.echo("the end is set" if last else "ended")


@app.command("list")
def listed(team: Team, ended: Annotated[bool, typer.Option("--ended", help="Those that have ended.")] = False) -> None:
    """List who holds which seat or trial, and until when."""
    with opened():
        from farebox.services import catalogue
        from farebox.services import seats as service
        from farebox.wallclock import now

        owner, at, standing = catalogue.team_named(team).pk, now(), service.Standing.ENDED if ended else None
        page = service.listed(service.Command.LINE, owner, standing=standing, now=at)
        for number in range(1, page.pages + 1):
            rows = service.listed(service.Command.LINE, owner, standing=standing, page=number, now=at).rows
            for row in rows:
                typer.echo(_told(row))


def _told(row: SeatRow) -> str:
    from farebox.domain.clock import Instant, as_date, day_of

    until = "" if row.until is None else f" to {as_date(day_of(Instant(row.until - 1)))}"
    return (
        f"{row.key}: {row.kind.lower()} of {row.product.code} from {as_date(day_of(row.since))}{until}, {row.standing}"
    )


def _day(text: str) -> Day | None:
    return read_day(text) if text else None
