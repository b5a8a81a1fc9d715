"""`farebox warehouse`: the column store that reports are read from."""

from __future__ import annotations

import typer

from farebox.cli.common import opened

app = typer.Typer(help="The column store that reports are read from.", no_args_is_help=True)


@app.command()
def rebuild() -> None:
    """Fill the warehouse anew from the records; stop the server first."""
    with opened():
        from farebox import settings
        from farebox.house import own
        from farebox.services import project

        with own(settings.DATA):
            typer.echo(f"rebuilt to position {project.rebuild()}")
            project.close()
