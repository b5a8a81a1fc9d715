"""`farebox source`: the keys of programs that send events."""

from __future__ import annotations

from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="Keys of programs that send events.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What sends: a product, a licence server.")],
    team: Annotated[str, typer.Option(help="Slug of the team; without it the key is the installation's.")] = "",
    interval_minutes: Annotated[int, typer.Option(help="How often the source is expected to speak.", min=1)] = 1440,
) -> None:
    """Make a source and print its key, which is shown this once."""
    with opened():
        from farebox.services import sources
        from farebox.wallclock import now

        typer.echo(sources.add(name, now=now(), team=team or None, interval_minutes=interval_minutes))


@app.command("list")
def list_() -> None:
    """List sources: name, team, first characters of the key, whether it is in force."""
    with opened():
        from farebox.services import sources

        for row in sources.listed():
            team = row.team.slug if row.team else "(installation)"
            typer.echo(f"{row.name}\t{team}\t{row.prefix}…\t{'revoked' if row.revoked_us else 'in force'}")


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="The source's name.")],
    team: Annotated[str, typer.Option(help="Slug of its team.")] = "",
) -> None:
    """End a source's key at once."""
    with opened():
        from farebox.services import sources
        from farebox.wallclock import now

        sources.revoke(name, team=team or None, now=now())
        typer.echo(f"{name} is revoked")
