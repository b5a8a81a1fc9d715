"""`farebox ledger`: the head of its hash chain, and the ledger as a journal that other programs prove."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from farebox.cli.common import opened

app = typer.Typer(help="The ledger: the head of its hash chain, and a journal of it.", no_args_is_help=True)

TeamSlug = Annotated[str, typer.Option("--team", help="One team; all of them if left out.")]


class Format(StrEnum):
    """The journals that can be written."""

    BEANCOUNT = "beancount"


@app.command()
def head(team: TeamSlug = "") -> None:
    """Close the hash chain and print its head, to be kept where this program cannot change it."""
    with opened():
        from farebox.services.seal import heads, seal
        from farebox.wallclock import now

        seal(now=now())
        typer.echo(json.dumps([one._asdict() for one in heads(team=team)], indent=2))


@app.command()
def export(
    format_: Annotated[Format, typer.Option("--format", help="The format of the journal.")] = Format.BEANCOUNT,
    team: TeamSlug = "",
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; standard output if left out.")] = None,
) -> None:
    """Write every entry as a transaction, and what our own books say as balances to be proven."""
    with opened():
        from farebox.services.journal import beancount

        lines = beancount(team=team)
        if out is None:
            sys.stdout.writelines(lines)
            return
        try:
            with out.open("w", encoding="utf-8") as file:
                file.writelines(lines)
        except OSError as error:
            typer.echo(f"{out} cannot be written: {error.strerror}", err=True)
            raise typer.Exit(1) from error
