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


Password = Annotated[
    str,
    typer.Option(
        help="Asked for twice, or taken from FAREBOX_PASSWORD.",
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
        envvar="FAREBOX_PASSWORD",
    ),
]


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    name: Annotated[str, typer.Argument(help="Full name.")],
    team: Annotated[list[str], typer.Option(help="Slug of a team; repeat for several.")],
    password: Password,
    role: Annotated[RoleName, typer.Option(help="Role in these teams.")] = RoleName.SECONDARY,
) -> None:
    """Add an account that may sign in; the password is asked for, or comes in FAREBOX_PASSWORD."""
    with opened():
        from farebox.services import catalogue
        from farebox.wallclock import now

        roles = {catalogue.team_named(slug): catalogue.Role(role.value.upper()) for slug in team}
        user = catalogue.add_account(email, password, name, roles=roles, now=now())
        typer.echo(f"{user.email} may sign in")


@app.command("password")
def set_password(
    email: Annotated[str, typer.Argument(help="E-mail address of the account.")], password: Password
) -> None:
    """Give an account another password, which ends its sessions."""
    with opened():
        from farebox.services import accounts

        accounts.set_password(email, password)
        typer.echo(f"{email} signs in with the new password; whoever was signed in no longer is")
