"""`farebox invite`: people asked by mail to join a team."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.account import RoleName
from farebox.cli.common import opened

app = typer.Typer(help="People who are asked by mail to join a team.", no_args_is_help=True)

Team = Annotated[str, typer.Argument(help="Slug of the team.")]
Number = Annotated[int, typer.Argument(help="Number of the invitation, as `list` tells it.")]


@app.command()
def send(
    team: Team,
    people: Annotated[list[str], typer.Argument(help="Who: `Full Name <name@example.com>`, one or several.")],
    product: Annotated[list[str] | None, typer.Option(help="Code of a product; repeat for several.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All products of the offer, later ones included.")] = False,
    role: Annotated[RoleName, typer.Option(help="Role in the team.")] = RoleName.USER,
    language: Annotated[str, typer.Option(help="Language of the mail: en, sv, fr or ja.")] = "en",
) -> None:
    """Ask people by mail to join a team; who is a member already is given the products, and told so."""
    with opened():
        from farebox.domain.rights import Role
        from farebox.services import catalogue, invite
        from farebox.wallclock import now

        outcomes = invite.invite(
            invite.Command.LINE,
            catalogue.team_named(team).pk,
            "\n".join(people),
            products=[catalogue.product_named(code).pk for code in product or ()],
            every=everything,
            role=Role(role.value.upper()),
            language=language,
            now=now(),
        )
        for one in outcomes:
            typer.echo(f"{one.email}\t{one.said.lower()}\t{one.invitation or '-'}")


@app.command("list")
def list_(team: Team) -> None:
    """List the invitations that nobody accepted: number, name, address, role, until when, state."""
    with opened():
        from farebox.domain.clock import as_iso
        from farebox.services import catalogue, invite
        from farebox.wallclock import now

        for one in invite.pending(invite.Command.LINE, catalogue.team_named(team).pk, now=now()):
            state = "lapsed" if one.lapsed else "open"
            name = one.name or "-"
            typer.echo(f"{one.id}\t{name}\t{one.email}\t{one.role.lower()}\t{as_iso(one.until)}\t{state}")


@app.command()
def resend(team: Team, number: Number) -> None:
    """Send an invitation again: it lasts seven days from now, and the earlier link works no more."""
    with opened():
        from farebox.services import catalogue, invite
        from farebox.wallclock import now

        sent = invite.resend(invite.Command.LINE, catalogue.team_named(team).pk, number, now=now())
        typer.echo("sent again" if sent else "sent less than a minute ago already; not sent once more")


@app.command()
def withdraw(team: Team, number: Number) -> None:
    """Withdraw an invitation: its link works no more."""
    with opened():
        from farebox.services import catalogue, invite
        from farebox.wallclock import now

        invite.withdraw(invite.Command.LINE, catalogue.team_named(team).pk, number, now=now())
        typer.echo("withdrawn")
