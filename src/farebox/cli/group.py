"""`farebox group`: people to whom products are assigned as one."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import chosen_codes, opened

app = typer.Typer(help="Groups of people, to whom products are assigned as one.", no_args_is_help=True)

Team = Annotated[str, typer.Argument(help="Slug of the team.")]
Name = Annotated[str, typer.Argument(help="Name of the group.")]
People = Annotated[list[str], typer.Argument(help="E-mail addresses or logins.")]
Products = Annotated[list[str] | None, typer.Argument(help="Codes of products.")]
All = Annotated[bool, typer.Option("--all", help="All products of the offer, later ones included.")]


@app.command("list")
def list_(team: Team) -> None:
    """List the groups of a team, with how many people are in each, and its products."""
    with opened():
        from farebox.services import assign, catalogue, groups

        for row in groups.all_groups(assign.Command.LINE, catalogue.team_named(team).pk):
            products = "all products" if row.every else ", ".join(row.products) or "no products"
            typer.echo(f"{row.name}\t{row.people}\t{products}")


@app.command()
def add(team: Team, group: Name) -> None:
    """Make a group."""
    with opened():
        from farebox.services import assign, catalogue, groups
        from farebox.wallclock import now

        groups.make(assign.Command.LINE, catalogue.team_named(team).pk, group, now=now())
        typer.echo(f"the group is made; next: farebox group join {team} '{group}' PERSON…")


@app.command()
def rename(team: Team, group: Name, name: Annotated[str, typer.Argument(help="The new name.")]) -> None:
    """Give a group another name."""
    with opened():
        from farebox.services import groups
        from farebox.wallclock import now

        number, found = _found(team, group)
        groups.rename(groups.Command.LINE, number, found, name, now=now())
        typer.echo("the group has another name")


@app.command()
def remove(
    team: Team,
    group: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, say who would lose what.")] = False,
) -> None:
    """Remove a group: what its people held through it ends."""
    with opened():
        from farebox.services import groups
        from farebox.wallclock import now

        number, found = _found(team, group)
        told = groups.preview_removal(groups.Command.LINE, number, found, now=now())
        typer.echo(f"{told.people} people are in it, {told.losing} of them lose something")
        for product, losing in told.products:
            typer.echo(f"{product.code}\t{losing}")
        if yes:
            groups.remove(groups.Command.LINE, number, found, now=now())
            typer.echo("the group is removed")
        else:
            typer.echo("nothing is changed; add --yes to do it")


@app.command()
def join(team: Team, group: Name, people: People) -> None:
    """Put people into a group."""
    with opened():
        from farebox.services import assign, groups
        from farebox.wallclock import now

        number, found = _found(team, group)
        who = [assign.person_named(team, one) for one in people]
        new = groups.join(groups.Command.LINE, number, found, who, now=now())
        typer.echo(f"{new} people joined")


@app.command()
def leave(team: Team, group: Name, people: People) -> None:
    """Take people out of a group."""
    with opened():
        from farebox.services import assign, groups
        from farebox.wallclock import now

        number, found = _found(team, group)
        who = [assign.person_named(team, one) for one in people]
        gone = groups.leave(groups.Command.LINE, number, found, who, now=now())
        typer.echo(f"{gone} people left")


@app.command()
def assign(team: Team, group: Name, product: Products = None, everything: All = False) -> None:
    """Assign products to a group: its people may open them."""
    _save(team, group, chosen_codes(product, everything=everything), give=True, everything=everything)
    typer.echo("assigned")


@app.command()
def unassign(team: Team, group: Name, product: Products = None, everything: All = False) -> None:
    """Take products back from a group."""
    _save(team, group, chosen_codes(product, everything=everything), give=False, everything=everything)
    typer.echo("no longer assigned")


def _save(team: str, group: str, codes: list[str], *, give: bool, everything: bool) -> None:
    with opened():
        from farebox.services import groups
        from farebox.wallclock import now

        number, found = _found(team, group)
        shown = groups.group(groups.Command.LINE, number, found, now=now())
        wanted = [*shown.shown, *codes] if give else [] if everything else [c for c in shown.shown if c not in codes]
        groups.set_products(
            groups.Command.LINE,
            number,
            found,
            [code for code in wanted if code],
            every=give and (everything or shown.every),
            shown=shown.shown,
            shown_every=shown.every,
            now=now(),
        )


def _found(team: str, group: str) -> tuple[int, int]:
    """Return the numbers of a team and of its group."""
    from farebox.services import catalogue, groups

    number = catalogue.team_named(team).pk
    return number, groups.group_named(groups.Command.LINE, number, group)
