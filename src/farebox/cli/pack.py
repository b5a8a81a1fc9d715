"""`farebox pack`: tokens bought."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import opened, read_moment
from farebox.domain.packs import Pool

app = typer.Typer(help="Token packs.", no_args_is_help=True)


class PoolName(StrEnum):
    """Which tokens of a contract."""

    FLEX = "flex"
    CY = "cy"
    MY = "my"
    CREDIT = "credit"


@app.command()
def give(
    contract: Annotated[str, typer.Argument(help="Contract number.")],
    amount: Annotated[str, typer.Argument(help="Tokens, like 500.")],
    pool: Annotated[PoolName, typer.Option(help="Pool.")] = PoolName.FLEX,
    since: Annotated[str, typer.Option(help="From when: a date or a moment; now if left out.")] = "",
    until: Annotated[str, typer.Option(help="Until when; a year later if left out.")] = "",
    order: Annotated[str, typer.Option(help="Order number.")] = "",
    key: Annotated[
        str, typer.Option(help="Idempotency key: the same purchase with it again gives no second pack.")
    ] = "",
) -> None:
    """Give a contract a pack of tokens; open shortfalls are covered from it first."""
    with opened():
        from farebox.domain.amounts import tokens
        from farebox.services.give import Purchase
        from farebox.services.give import give as book
        from farebox.wallclock import now

        at = now()
        given = book(
            Purchase(
                contract=contract,
                pool=Pool(pool.value.upper()),
                tokens=tokens(amount),
                since=read_moment(since, default=at) if since else None,
                until=read_moment(until, default=at) if until else None,
                order_number=order,
            ),
            now=at,
            key=key,
        )
        typer.echo(f"pack {given.pack}: {given.tokens} tokens until {given.until}; {given.covered} covered shortfalls")
