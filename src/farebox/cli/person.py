"""`farebox person`: the people whose use is metered."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import opened

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

        catalogue.add_person(catalogue.team_named(team), person, name, now=now())
        typer.echo("the person is added")


@app.command()
def assign(team: Team, person: Who, product: Products = None, everything: All = False) -> None:
    """Assign products to a person; use of what is not assigned is charged and flagged."""
    with opened():
        from farebox.services import assign as service
        from farebox.wallclock import now

        who, at = service.person_named(team, person), now()
        for code in _codes(product, everything=everything):
            service.assign(who, code, actor=ACTOR, now=at)
        typer.echo("assigned")


@app.command()
def unassign(team: Team, person: Who, product: Products = None, everything: All = False) -> None:
    """Take assignments back; what was used stays."""
    with opened():
        from farebox.services import assign as service
        from farebox.wallclock import now

        who, at = service.person_named(team, person), now()
        for code in _codes(product, everything=everything):
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


def _codes(products: list[str] | None, *, everything: bool) -> list[str]:
    if everything == bool(products):
        raise typer.BadParameter("name products, or say --all")
    return [""] if everything else list(products or ())
