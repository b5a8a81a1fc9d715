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
