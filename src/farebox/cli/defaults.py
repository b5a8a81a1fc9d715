"""`farebox defaults`: the one set of products that all members of a team may open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened

if TYPE_CHECKING:
    from farebox.services.defaults import Preview

app = typer.Typer(help="Default assignments: one set of products for all members of a team.", no_args_is_help=True)

Team = Annotated[str, typer.Argument(help="Slug of the team.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this, say what would change for how many people.")]


@app.command()
def show(team: Team) -> None:
    """Tell whether the default assignments are on, and which products they are."""
    with opened():
        from farebox.services import assign, catalogue, defaults
        from farebox.wallclock import now

        state = defaults.state(assign.Command.LINE, catalogue.team_named(team).pk, now=now())
        typer.echo(f"on, for {state.people} people" if state.on else "off")
        for code in state.shown:
            typer.echo(code)


@app.command("set")
def set_(
    team: Team, product: Annotated[list[str], typer.Argument(help="Codes of all the products.")], yes: Yes = False
) -> None:
    """Make these products the default set; later ones never join by themselves, and nobody is told by mail."""
    _choose(team, product, yes=yes)


@app.command()
def clear(team: Team, yes: Yes = False) -> None:
    """Switch the default assignments off: what each was given counts again."""
    _choose(team, [], yes=yes)


def _choose(team: str, products: list[str], *, yes: bool) -> None:
    with opened():
        from farebox.services import catalogue, defaults
        from farebox.wallclock import now

        number = catalogue.team_named(team).pk
        _tell(defaults.preview(defaults.Command.LINE, number, products, now=now()))
        if yes:
            defaults.choose(defaults.Command.LINE, number, products, now=now())
            typer.echo("default assignments are on" if products else "default assignments are off")
        else:
            typer.echo("nothing is changed; add --yes to do it")


def _tell(told: Preview) -> None:
    typer.echo(f"something changes for {told.people} people")
    for one in told.products:
        typer.echo(f"{one.product.code}\t+{one.gain}\t-{one.lose}")
