"""What every command shares: opening the data folder, and saying what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from farebox.domain.clock import Day, Instant, day, midnight, read_instant
from farebox.domain.errors import FareboxError, InvalidTime, Rejected

if TYPE_CHECKING:
    from farebox.desk import Waits

Alone = Annotated[
    bool, typer.Option("--yes-alone", help="Do it without a second operator where it would take two; audited as any.")
]


@contextmanager
def opened() -> Iterator[None]:
    """Open the data folder for a command, and turn a refusal into its problems on standard error and exit code 1."""
    from django.db import Error as RecordsError

    try:
        _open()
        yield
    except Rejected as error:
        for problem in error.problems:
            typer.echo(f"{problem.pointer or 'input'}: {problem.message} ({problem.code})", err=True)
        raise typer.Exit(1) from error
    except FareboxError as error:
        typer.echo(f"{error} ({error.code})", err=True)
        raise typer.Exit(1) from error
    except RecordsError as error:
        typer.echo(f"the records refuse this: {error} (refused)", err=True)
        raise typer.Exit(1) from error


def _open() -> None:
    from farebox.house import open_house

    try:
        open_house()
    except (OSError, ValueError) as error:
        raise FareboxError(f"the data folder cannot be opened, or a setting makes no sense: {error}") from error


def read_day(text: str) -> Day:
    """Read a date like 2026-03-31. Raises `InvalidTime`."""
    try:
        return day(date.fromisoformat(text))
    except ValueError as error:
        raise InvalidTime(f"{text!r} is not a date like 2026-03-31") from error


def read_moment(text: str, *, default: Instant) -> Instant:
    """Read a date (00:00 UTC) or a moment with its zone; nothing means `default`."""
    if not text:
        return default
    return midnight(read_day(text)) if len(text) == len("2026-03-31") else read_instant(text)


def say_waits(waits: Waits) -> NoReturn:
    """Say that something waits for another operator, and how that one goes on, or what that one made of it; and end."""
    if not waits.is_waiting:
        became = "lapsed" if waits.state == "OPEN" else waits.state.lower()
        typer.echo(f"nothing is done: proposal {waits.number} of the same key is {became}")
        if waits.state != "DONE":
            typer.echo("to propose it again, say it with another --key, --id or --revision, or with none")
        raise typer.Exit(0)
    typer.echo(
        f"nothing is done yet: proposal {waits.number} waits for another operator, on the page Operator > Approvals"
    )
    typer.echo("or, where this host is the only operator, say it again with --yes-alone")
    raise typer.Exit(0)


def chosen_codes(products: list[str] | None, *, everything: bool) -> list[str]:
    """Return the products that a command names; all of the offer is the empty code."""
    if everything == bool(products):
        raise typer.BadParameter("name products, or say --all")
    return [""] if everything else list(products or ())
