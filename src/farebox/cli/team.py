"""`farebox team`: teams."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="Teams.", no_args_is_help=True)


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="Short name for events and commands, like design-north.")],
    name: Annotated[str, typer.Argument(help="Name for people.")],
) -> None:
    """Add a team."""
    with opened():
        from farebox.services import catalogue
        from farebox.wallclock import now

        catalogue.add_team(slug, name, now=now())
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
) -> None:
    """Move every living pack of a team to another. People and assignments do not follow, nor what is reserved."""
    with opened():
        from farebox.domain.amounts import as_text
        from farebox.domain.clock import as_iso
        from farebox.services.move import Merge, leaving
        from farebox.services.move import merge as book
        from farebox.wallclock import now

        at, asked = now(), Merge(team=team, into=into, reason=reason, across=across)
        if yes:
            for moved in book(asked, now=at, key=key):
                typer.echo(f"pack {moved.pack}: {moved.tokens} tokens are now pack {moved.part} of team {into}")
            return
        for pack in leaving(asked, now=at):
            stays = f", {as_text(pack.reserved)} reserved stay" if pack.reserved else ""
            typer.echo(f"pack {pack.pack}: {as_text(pack.tokens)} tokens, until {as_iso(pack.until)}{stays}")
        typer.echo(f"nothing is moved yet; to move all this to {into}, say it again with --yes")
