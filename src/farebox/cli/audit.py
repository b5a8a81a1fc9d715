"""`farebox audit`: the log of who changed what, its rows as they are, and the heads of its hash chains."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="The audit log: who changed what, and the heads of its hash chains.", no_args_is_help=True)

TeamSlug = Annotated[str, typer.Option("--team", help="Slug of a team; the installation's own log if left out.")]
EVERYTHING = 10**12


@app.command("list")
def list_rows(
    team: TeamSlug = "",
    limit: Annotated[int, typer.Option(help="How many rows, the newest first.", min=1, max=100_000)] = 50,
) -> None:
    """List the newest rows: when, who, what, about what; numbers, never names."""
    with opened():
        from farebox.services.audit_log import lines

        for row in lines(team, limit=limit):
            facts = json.dumps(row["facts"], ensure_ascii=False, sort_keys=True) if row["facts"] else ""
            typer.echo(f"{row['at']}  {row['actor']}  {row['verb']}  {row['object']}  {facts}".rstrip())


@app.command()
def export(
    team: TeamSlug = "",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; standard output if left out.")] = None,
) -> None:
    """Write every row as a line of JSON, the newest first; numbers, never names."""
    with opened():
        from farebox.services.audit_log import lines

        found = (json.dumps(row, ensure_ascii=False) + "\n" for row in lines(team, limit=EVERYTHING))
        if out is None:
            sys.stdout.writelines(found)
            return
        try:
            with out.open("w", encoding="utf-8") as file:
                file.writelines(found)
        except OSError as error:
            typer.echo(f"{out} cannot be written: {error.strerror}", err=True)
            raise typer.Exit(1) from error


@app.command()
def head() -> None:
    """Close the hash chains of the log and print their heads, to be kept where this program cannot change them."""
    with opened():
        from farebox.services.seal_audit import heads, seal
        from farebox.wallclock import now

        seal(now=now())
        typer.echo(json.dumps([one._asdict() for one in heads()], indent=2))
