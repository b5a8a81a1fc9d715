"""`farebox pack`: tokens bought, where they went, and moving them to another team."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from farebox.cli.common import Alone, opened, read_moment, say_waits
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
    price_minor: Annotated[
        int | None, typer.Option(help="What the pack cost, in the smallest unit of the currency.")
    ] = None,
    currency: Annotated[str, typer.Option(help="Currency of the price, like EUR.")] = "",
    key: Annotated[
        str, typer.Option(help="Idempotency key: the same purchase with it again gives no second pack.")
    ] = "",
    alone: Alone = False,
) -> None:
    """Give a contract a pack of tokens; open shortfalls are covered from it first."""
    with opened():
        from farebox import desk
        from farebox.domain.amounts import tokens
        from farebox.services.give import Purchase
        from farebox.wallclock import now

        at = now()
        purchase = Purchase(
            contract=contract,
            pool=Pool(pool.value.upper()),
            tokens=tokens(amount),
            since=read_moment(since, default=at) if since else None,
            until=read_moment(until, default=at) if until else None,
            order_number=order,
            price_minor=price_minor,
            currency=currency,
        )
        done = desk.act(desk.Giving(purchase), actor="command", now=at, key=key, alone=alone)
        if isinstance(done, desk.Waits):
            say_waits(done)
        ends = f"until {done['until']}; {done['covered']} covered shortfalls"
        typer.echo(f"pack {done['pack']}: {done['tokens']} tokens {ends}")


@app.command("list")
def list_(
    team: Annotated[str, typer.Argument(help="Slug of the team.")],
    ended: Annotated[bool, typer.Option("--ended", help="Also those that have ended.")] = False,
) -> None:
    """List packs in the order in which they pay: id, contract, pool, left, reserved, size, end, order, origin."""
    with opened():
        from farebox.domain.amounts import as_text
        from farebox.domain.clock import as_iso
        from farebox.services.packs import packs_of
        from farebox.wallclock import now

        for one in packs_of(team, at=now(), ended=ended):
            amounts = "\t".join(map(as_text, (one.left, one.reserved, one.size)))
            origin = f"part of {one.part_of}" if one.part_of else one.origin.lower()
            head = f"{one.id}\t{one.contract}\t{one.pool.lower()}"
            typer.echo(f"{head}\t{amounts}\t{as_iso(one.until)}\t{one.order_number or '-'}\t{origin}")


@app.command()
def move(
    pack: Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="Id of the pack, from: farebox pack list.")],
    to: Annotated[str, typer.Option(help="Slug of the team that gets the tokens.")],
    amount: Annotated[str, typer.Option("--tokens", help="How many; all that is left if left out.")] = "",
    reason: Annotated[str, typer.Option(help="Why; both teams see it.")] = "",
    across: Annotated[
        bool, typer.Option("--across", help="Also between teams of different primary administrators.")
    ] = False,
    key: Annotated[str, typer.Option(help="Idempotency key: the same move with it again moves nothing.")] = "",
    alone: Alone = False,
) -> None:
    """Move tokens to another team: a part with the same order, end and original size. Reserved tokens stay."""
    with opened():
        from farebox import desk
        from farebox.domain.amounts import tokens
        from farebox.services.move import Move
        from farebox.wallclock import now

        wanted = tokens(amount) if amount else None
        asked = desk.Moving(Move(pack=pack, to=to, tokens=wanted, reason=reason, across=across))
        done = desk.act(asked, actor="command", now=now(), key=key, alone=alone)
        if isinstance(done, desk.Waits):
            say_waits(done)
        came = f"{done['tokens']} tokens are now pack {done['part']} of team {to}, until {done['until']}"
        typer.echo(f"{came}; {done['covered']} covered shortfalls")


@app.command()
def history(
    pack: Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="Id of the pack, from: farebox pack list.")],
    last: Annotated[int, typer.Option(min=0, help="Only so many of the last steps; 0: all.")] = 0,
) -> None:
    """Print every step of a pack: number, booked, taking effect, kind, tokens, left after it, charge."""
    with opened():
        from farebox.domain.amounts import as_text
        from farebox.domain.clock import as_iso
        from farebox.services.packs import history as steps_of

        for step in steps_of(pack)[-last:]:
            amounts = f"{as_text(step.tokens)}\t{as_text(step.left)}"
            head = f"{step.number}\t{as_iso(step.booked)}\t{as_iso(step.at)}\t{step.kind}"
            typer.echo(f"{head}\t{amounts}\t{step.charge or '-'}")
