"""`farebox client`: the programs that ask for usage data."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="Programs that ask for usage data, and their secrets.", no_args_is_help=True)

ACTOR = "command"

ClientId = Annotated[str, typer.Argument(help="Client ID of the program.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What people read when they are asked to let it in.")],
    redirect: Annotated[list[str], typer.Option(help="Address to send people back to; repeat for several.")],
    team: Annotated[str, typer.Option(help="Slug of its team; without it everybody may let it in.")] = "",
    public: Annotated[bool, typer.Option("--public", help="It has no secret; PKCE is required.")] = False,
    write: Annotated[
        bool,
        typer.Option(
            "--write", help="It may request exports, change schedules, and replace charge-back values of people."
        ),
    ] = False,
    pkce: Annotated[bool, typer.Option("--pkce", help="PKCE is required beside the secret.")] = False,
    implicit: Annotated[
        bool, typer.Option("--implicit", help="The token may come in the address, if FAREBOX_OAUTH_COMPATIBILITY is 1.")
    ] = False,
) -> None:
    """Register a program and print its client ID and secret; the secret is shown this once."""
    with opened():
        from django.conf import settings

        from farebox.services import catalogue
        from farebox.services.oauth import clients
        from farebox.wallclock import now

        new = clients.NewClient(
            name=name,
            redirects=redirect,
            team=catalogue.team_named(team).pk if team else None,
            public=public,
            writes=write,
            pkce=pkce,
            implicit=implicit,
        )
        program, secret = clients.register(new, actor=ACTOR, now=now())
        typer.echo(f"client id\t{program.client_id}")
        if secret:
            typer.echo(f"secret\t{secret}")
        if implicit and not settings.OAUTH_COMPATIBILITY:
            typer.echo("--implicit does nothing until the server runs with FAREBOX_OAUTH_COMPATIBILITY=1", err=True)


@app.command("list")
def list_() -> None:
    """List programs: client ID, name, team, what it may, as whom it acts, and its state."""
    with opened():
        from farebox.services.oauth import acting, clients

        for row in clients.listed():
            team = row.team.slug if row.team else "(installation)"
            acts = f"as {row.acts_for.email}" if row.acts_for else "for people"
            lacking = acting.halted(row)
            state = "revoked" if row.revoked_us is not None else f"waits: {lacking}" if lacking else "in force"
            typer.echo(f"{row.client_id}\t{row.name}\t{team}\t{row.scopes}\t{acts}\t{state}")


@app.command()
def rotate(client: ClientId) -> None:
    """Give a program another secret and print it; the one before ends at once."""
    with opened():
        from farebox.services.oauth import clients
        from farebox.wallclock import now

        typer.echo(clients.rotate(client, actor=ACTOR, now=now()))


@app.command()
def revoke(client: ClientId) -> None:
    """End a program and all its tokens at once."""
    with opened():
        from farebox.services.oauth import clients
        from farebox.wallclock import now

        clients.revoke(client, actor=ACTOR, now=now())
        typer.echo(f"{client} is revoked")


@app.command("two-legged")
def two_legged(
    client: ClientId,
    administrator: Annotated[str, typer.Argument(help="E-mail address of an administrator of its team.")] = "",
) -> None:
    """
    Let a team's program act as one administrator without anybody signing in; without an address, no longer.

    The team's primary administrator allows it first, on the page Programs; until then the command refuses.
    """
    with opened():
        from farebox.services.oauth import clients
        from farebox.wallclock import now

        if not administrator:
            clients.stop_acting(client, actor=ACTOR, now=now())
            typer.echo(f"{client} acts for people who sign in")
            return
        clients.act_for(client, administrator, actor=ACTOR, now=now())
        typer.echo(f"{client} acts as {administrator}")
