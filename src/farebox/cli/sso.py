"""`farebox sso`: single sign-on of teams, from the command line of the installation."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="Single sign-on of teams.", no_args_is_help=True)


@app.command()
def relax(team: Annotated[str, typer.Argument(help="Slug of the team.")]) -> None:
    """Let passwords count again where a team's identity provider is gone and nobody can sign in."""
    with opened():
        from farebox.services import catalogue, single_sign_on
        from farebox.wallclock import now

        single_sign_on.relax(catalogue.team_named(team).pk, None, now=now())
        typer.echo(f"people of {team} may sign in with passwords again, and ask for new ones")


@app.command("check-domains")
def check_domains() -> None:
    """Look now for the proofs of domains that are due to be looked at."""
    with opened():
        from farebox.services import single_sign_on
        from farebox.wallclock import now

        looked = single_sign_on.check_due(now=now())
        typer.echo(f"{looked} {'domain' if looked == 1 else 'domains'} looked at")
