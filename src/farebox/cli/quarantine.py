"""`farebox quarantine`: events that wait for the catalogue."""

from __future__ import annotations

import typer

from farebox.cli.common import opened

app = typer.Typer(help="Events that wait for the catalogue.", no_args_is_help=True)


@app.command()
def release() -> None:
    """Charge the waiting events that the catalogue knows enough for by now."""
    with opened():
        from farebox.services.ingest import release_waiting
        from farebox.wallclock import now

        typer.echo(f"{release_waiting(now=now())} events released")


@app.command("list")
def list_() -> None:
    """Count the waiting events by what they wait for: how many, why, team, product or API, event type."""
    with opened():
        from farebox.services.ingest import waiting_for

        for waiting, count in waiting_for():
            typer.echo(f"{count}\t{waiting.problem}\t{waiting.team}\t{waiting.product or '-'}\t{waiting.kind}")
