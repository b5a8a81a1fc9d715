"""`farebox person`: the people whose use is metered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import chosen_codes, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from farebox.services.assign import PersonRow

app = typer.Typer(help="People whose use is metered, and what is assigned to them.", no_args_is_help=True)

ACTOR = "command"

Team = Annotated[str, typer.Argument(help="Slug of the team.")]
Who = Annotated[str, typer.Argument(help="E-mail address or login.")]
Products = Annotated[list[str] | None, typer.Argument(help="Codes of products.")]
All = Annotated[bool, typer.Option("--all", help="All products of the offer, later ones included.")]


@app.command()
def add(team: Team, person: Who, name: Annotated[str, typer.Argument(help="Full name.")] = "") -> None:
    """Add a person to a team, or name one whom usage already mentioned."""
    with opened():
        from farebox.services import catalogue
        from farebox.wallclock import now

        at = now()
        catalogue.add_person(catalogue.team_named(team), person, name, now=at, by=catalogue.Hand("command", at))
        typer.echo("the person is added")


@app.command()
def assign(team: Team, person: Who, product: Products = None, everything: All = False) -> None:
    """Assign products to a person; use of what is not assigned is charged and flagged."""
    with opened():
        from farebox.services import assign as service
        from farebox.wallclock import now

        who, at = service.person_named(team, person), now()
        for code in chosen_codes(product, everything=everything):
            service.assign(who, code, actor=ACTOR, now=at)
        typer.echo("assigned")


@app.command()
def unassign(team: Team, person: Who, product: Products = None, everything: All = False) -> None:
    """Take assignments back; what was used stays."""
    with opened():
        from farebox.services import assign as service
        from farebox.wallclock import now

        who, at = service.person_named(team, person), now()
        for code in chosen_codes(product, everything=everything):
            service.unassign(who, code, actor=ACTOR, now=at)
        typer.echo("no longer assigned")


@app.command()
def join(
    team: Team,
    person: Annotated[str, typer.Argument(help="The name that turned out to be somebody else's.")],
    into: Annotated[str, typer.Argument(help="Whose it is.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, say what would change.")] = False,
) -> None:
    """Join two names that are one person: open books are rated again, closed books stay."""
    with opened():
        from farebox.domain.amounts import as_text
        from farebox.services import join as service
        from farebox.services.assign import person_named
        from farebox.wallclock import now

        one, other = person_named(team, person), person_named(team, into)
        done = service.join(one, other, actor=ACTOR, now=now(), preview=not yes)
        typer.echo(f"{done.uses} uses move; {as_text(done.tokens_back)} tokens come back")
        if not yes:
            typer.echo("nothing is changed; add --yes to do it")


@app.command()
def leave(team: Team, person: Who) -> None:
    """Let a person leave the team: assignments end, what was used stays."""
    with opened():
        from farebox.services import assign as service
        from farebox.wallclock import now

        service.leave(service.person_named(team, person), actor=ACTOR, now=now())
        typer.echo("the person has left")


@app.command("list")
def list_(
    team: Team,
    search: Annotated[str, typer.Option(help="Part of a name or an address.")] = "",
    product: Annotated[str, typer.Option(help="Code of a product: who holds it in any way.")] = "",
    state: Annotated[str, typer.Option(help="active, pending, lapsed, unclaimed or left.")] = "",
) -> None:
    """List the people of a team: address or login, name, state, role, products, and through what they are held."""
    with opened():
        for row in _rows(team, search, product, state):
            products = "all products" if row.every else ", ".join(row.products)
            typer.echo("\t".join((row.key, row.name, row.state, row.role, products, ", ".join(row.through))))


def _rows(team: str, search: str, product: str, state: str) -> Iterator[PersonRow]:
    from farebox.services import assign as service
    from farebox.services import catalogue
    from farebox.wallclock import now

    if state and state not in list(service.State):
        raise typer.BadParameter("a state is active, pending, lapsed, unclaimed or left")
    number, page, pages, at = catalogue.team_named(team).pk, 1, 1, now()
    wanted = service.State(state) if state else None
    while page <= pages:
        found = service.people(
            service.Command.LINE, number, search=search, state=wanted, product=product, page=page, now=at
        )
        yield from found.rows
        page, pages = page + 1, found.pages


@app.command()
def show(team: Team, person: Who) -> None:
    """Show what a person may open, how each product is held, and whether it would use tokens."""
    with opened():
        from farebox.services import assign as service
        from farebox.services import catalogue
        from farebox.wallclock import now

        who = service.person_named(team, person)
        told = service.person(service.Command.LINE, catalogue.team_named(team).pk, who, now=now())
        typer.echo(f"{told.row.name}\t{told.row.key}\t{told.row.state}\t{told.row.role}")
        if told.rests:
            typer.echo("default assignments are on: the person's own ticks and those of groups rest")
        for one in told.products:
            ways = ", ".join(f"group {way.group_name}" if way.group else way.way.value for way in one.ways)
            typer.echo(f"{one.product.code}\t{ways or 'not assigned'}\t{one.paid}")
