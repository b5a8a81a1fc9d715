"""`farebox serve`: the server."""

from __future__ import annotations

import typer

from farebox.cli.common import opened


def serve() -> None:
    """Serve pages and APIs from the data folder until stopped (FAREBOX_DATA, FAREBOX_HOST, FAREBOX_PORT)."""
    with opened():
        from farebox import settings
        from farebox.house import own
        from farebox.serve import claim_port
        from farebox.serve import serve as run

        with own(settings.DATA):
            claim_port(settings.HOST, settings.PORT)
            told = f"Farebox serves {settings.BASE_URL}"
            run(host=settings.HOST, port=settings.PORT, started=lambda: typer.echo(told))
