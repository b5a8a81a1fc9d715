"""`farebox account`: people who sign in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="Accounts of people who sign in.", no_args_is_help=True)


class RoleName(StrEnum):
    """What a member of a team may do."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    SSO = "sso"
    USER = "user"


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    name: Annotated[str, typer.Argument(help="Full name.")],
    team: Annotated[list[str], typer.Option(help="Slug of a team; repeat for several.")],
    password: Annotated[
        str,
        typer.Option(
            help="Asked for twice, or taken from FAREBOX_PASSWORD.",
            prompt=True,
            confirmation_prompt=True,
            hide_input=True,
            envvar="FAREBOX_PASSWORD",
        ),
    ],
    role: Annotated[RoleName, typer.Option(help="Role in these teams.")] = RoleName.SECONDARY,
) -> None:
    """Add an account that may sign in; the password is asked for, or comes in FAREBOX_PASSWORD."""
    with opened():
        from farebox.services import catalogue
        from farebox.wallclock import now

        roles = {catalogue.team_named(slug): catalogue.Role(role.value.upper()) for slug in team}
        user = catalogue.add_account(email, password, name, roles=roles, now=now())
        typer.echo(f"{user.email} may sign in")
