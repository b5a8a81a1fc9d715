"""`farebox account`: people who sign in."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import opened
from farebox.domain.errors import Problem, Rejected

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
    password: Password,
    team: Annotated[
        list[str] | None, typer.Option(help="Slug of a team; repeat for several; none for an operator alone.")
    ] = None,
    role: Annotated[RoleName, typer.Option(help="Role in these teams.")] = RoleName.SECONDARY,
    operator: Annotated[bool, typer.Option("--operator", help="An operator of this installation.")] = False,
) -> None:
    """Add an account that may sign in; the password is asked for, or comes in FAREBOX_PASSWORD."""
    with opened():
        from farebox.services import catalogue
        from farebox.wallclock import now

        if not team and not operator:
            raise Rejected([Problem("/team", "missing_field", "name a team, or make an operator with --operator")])
        roles = {catalogue.team_named(slug): catalogue.Role(role.value.upper()) for slug in team or ()}
        at = now()
        by = catalogue.Hand("command", at)
        user = catalogue.add_account(email, password, name, roles=roles, now=at, by=by, operator=operator)
        typer.echo(f"{user.email} may sign in")


@app.command("password")
def set_password(
    email: Annotated[str, typer.Argument(help="E-mail address of the account.")], password: Password
) -> None:
    """Give an account another password, which ends its sessions."""
    with opened():
        from farebox.services import accounts
        from farebox.wallclock import now

        accounts.set_password(email, password, now=now())
        typer.echo(f"{email} signs in with the new password; whoever was signed in no longer is")


Email = Annotated[str, typer.Argument(help="E-mail address of the account.")]


@app.command()
def reset(email: Email) -> None:
    """Mail an account the link with which it gets a new password; the link works once, for an hour."""
    with opened():
        from farebox.services import accounts
        from farebox.wallclock import now

        user = accounts.send_reset(email, now=now())
        typer.echo(f"a link to a new password is on its way to {user.email}")


@app.command()
def disable(email: Email) -> None:
    """Let nobody sign in to an account any more; its sessions, tokens and grants to programs end at once."""
    with opened():
        from farebox.services import accounts
        from farebox.wallclock import now

        user = accounts.disable(email, now=now())
        typer.echo(f"{user.email} is disabled; what it was signed in with has ended")


@app.command()
def enable(email: Email) -> None:
    """Let an account that was disabled sign in again; tokens that ended with it stay ended."""
    with opened():
        from farebox.services import accounts
        from farebox.wallclock import now

        user = accounts.enable(email, now=now())
        typer.echo(f"{user.email} may sign in again")


@app.command()
def operator(
    email: Email, off: Annotated[bool, typer.Option("--off", help="Make it no operator any more.")] = False
) -> None:
    """Make an account an operator of this installation, or no longer."""
    with opened():
        from farebox.services import accounts
        from farebox.wallclock import now

        user = accounts.set_operator(email, operator=not off, now=now())
        typer.echo(f"{user.email} is {'no longer an operator' if off else 'an operator of this installation'}")


@app.command("end-sessions")
def end_sessions(email: Email) -> None:
    """Sign an account out wherever it is signed in."""
    with opened():
        from farebox.services import accounts
        from farebox.wallclock import now

        ended = accounts.end_sessions(email, now=now())
        typer.echo(f"{ended} {'session' if ended == 1 else 'sessions'} of {email} ended")


@app.command("second-factor-off")
def second_factor_off(email: Email) -> None:
    """Take the second factor from an account whose owner lost it, once you are sure who asks; ends its sessions."""
    with opened():
        from farebox.services import second_factor
        from farebox.wallclock import now

        second_factor.take_away(email, now=now())
        typer.echo(f"{email} signs in with the password alone until another app is set up")
