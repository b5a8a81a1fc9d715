"""`farebox team`: teams."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import Alone, opened, say_waits

app = typer.Typer(help="Teams.", no_args_is_help=True)
switch = typer.Typer(help="Names in a team's reports: shown or hidden.", no_args_is_help=True)
app.add_typer(switch, name="names")


class Given(StrEnum):
    """What a member of a team may be made; the primary role is handed over."""

    SECONDARY = "secondary"
    SSO = "sso"
    USER = "user"
    NONE = "none"


Team = Annotated[str, typer.Argument(help="Slug of the team.")]
Administrator = Annotated[str, typer.Option("--by", help="E-mail address of the team's administrator who wants it.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log, so name nobody.")]


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="Short name for events and commands, like design-north.")],
    name: Annotated[str, typer.Argument(help="Name for people.")],
    hide_names: Annotated[
        bool, typer.Option("--hide-names/--show-names", help="Whether its reports show pseudonyms instead of names.")
    ] = False,
) -> None:
    """Add a team."""
    with opened():
        from farebox.services import catalogue
        from farebox.wallclock import now

        at = now()
        catalogue.add_team(slug, name, names_hidden=hide_names, now=at, by=catalogue.Hand("command", at))
        typer.echo(f"reports {'hide' if hide_names else 'show'} names; an administrator changes it in Settings")
        typer.echo(f"team {slug} is added; next: farebox contract add {slug} flex --offer … --card …")


@app.command()
def merge(
    team: Annotated[str, typer.Argument(help="Slug of the team whose tokens go.")],
    into: Annotated[str, typer.Option(help="Slug of the team that gets them.")],
    reason: Annotated[str, typer.Option(help="Why; both teams see it.")] = "",
    across: Annotated[
        bool, typer.Option("--across", help="Also between teams of different primary administrators.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Move; without it the command only tells what would.")] = False,
    key: Annotated[str, typer.Option(help="Idempotency key: the same merge with it again moves nothing.")] = "",
    alone: Alone = False,
) -> None:
    """Move every living pack of a team to another. People and assignments do not follow, nor what is reserved."""
    with opened():
        from farebox import desk
        from farebox.domain.amounts import as_text
        from farebox.domain.clock import as_iso
        from farebox.services.move import Merge, leaving
        from farebox.wallclock import now

        at, asked = now(), Merge(team=team, into=into, reason=reason, across=across)
        if yes:
            done = desk.act(desk.Merging(asked), actor="command", now=at, key=key, alone=alone)
            if isinstance(done, desk.Waits):
                say_waits(done)
            for moved in done["moved"]:
                came = f"{moved['tokens']} tokens are now pack {moved['part']} of team {into}"
                typer.echo(f"pack {moved['pack']}: {came}")
            return
        for pack in leaving(asked, now=at):
            stays = f", {as_text(pack.reserved)} reserved stay" if pack.reserved else ""
            typer.echo(f"pack {pack.pack}: {as_text(pack.tokens)} tokens, until {as_iso(pack.until)}{stays}")
        typer.echo(f"nothing is moved yet; to move all this to {into}, say it again with --yes")


@app.command()
def role(
    team: Team,
    address: Annotated[str, typer.Argument(help="E-mail address of a member who has an account.")],
    given: Annotated[Given, typer.Argument(help="The role; none takes the membership away.")],
) -> None:
    """Make a member a secondary or SSO administrator, a user, or no member; who loses rights is signed out."""
    with opened():
        from farebox.domain.rights import Role
        from farebox.services import roles
        from farebox.wallclock import now

        wanted = None if given is Given.NONE else Role(given.value.upper())
        before = roles.choose_for(team, address, wanted, actor="command", now=now())
        typer.echo(f"{before.email} was {before.role.value.lower()} of team {team} and is now {given.value}")


@app.command("hand-over")
def hand_over(
    team: Team,
    address: Annotated[str, typer.Argument(help="E-mail address of the member who is to get the primary role.")],
) -> None:
    """Offer the primary role of a team to a member, in the name of who has it; nothing changes until it is accepted."""
    with opened():
        from farebox.domain.clock import as_iso
        from farebox.services import handover
        from farebox.wallclock import now

        made = handover.offer_for(team, address, actor="command", language="", now=now())
        typer.echo(
            f"{made.giver} offers the primary role of team {team} to {made.receiver}, until {as_iso(made.until)}"
        )


@switch.command()
def hide(team: Team, by: Administrator, reason: Why = "") -> None:
    """Hide the names in a team's reports, in the name of one of its administrators."""
    _turn(team, by, reason, hidden=True)


@switch.command()
def show(team: Team, by: Administrator, reason: Why = "") -> None:
    """Show the names in a team's reports, in the name of one of its administrators; all of them are told."""
    _turn(team, by, reason, hidden=False)


def _turn(team: str, by: str, reason: str, *, hidden: bool) -> None:
    with opened():
        from farebox.services import names
        from farebox.wallclock import now

        turned = names.turn_for(team, by, hidden=hidden, reason=reason, actor="command", now=now())
        state = "hidden" if hidden else "shown"
        typer.echo(f"names are {state} in reports of {team}" if turned else f"names are {state} already")
