"""`farebox balance`: what a team has, used, and was given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened

if TYPE_CHECKING:
    from farebox.domain.clock import Instant
    from farebox.services.balances import Balance


def balance(
    team: Annotated[str, typer.Argument(help="Slug of the team.")],
    events: Annotated[
        bool, typer.Option("--events", help="Also what happened to tokens in 90 days: purchases, moves, expiries.")
    ] = False,
) -> None:
    """Print the balance of each of a team's contracts; reserved tokens are apart, and not in what is left."""
    with opened():
        from farebox.services.balances import balances_of
        from farebox.wallclock import now

        at = now()
        for number, scheme, found in balances_of(team, at=at):
            typer.echo(f"contract {number}, {scheme}")
            for line in (*_standing(found), *_week(found), *(_events(number, at) if events else ())):
                typer.echo(f"  {line}")


def _standing(found: Balance) -> Iterator[str]:
    from farebox.domain.amounts import as_text
    from farebox.domain.clock import as_date

    yield f"left\t{as_text(found.available)}"
    yield f"reserved\t{as_text(found.reserved)}"
    if found.credits:
        yield f"of the left, cloud credits\t{as_text(found.credits)}"
    if found.year is None or found.year_days is None:
        yield f"used, from the packs alive now\t{as_text(found.used)}"
    else:
        yield f"multi-year left\t{as_text(found.multi_year)}"
        since, until = map(as_date, found.year_days)
        yield f"used, in contract year {found.year}, {since} to before {until}\t{as_text(found.used)}"
    if found.shortfall:
        yield f"short, for the next pack to cover\t{as_text(found.shortfall)}"
    if found.over:
        yield f"over-consumed\t{as_text(found.over)}"


def _week(found: Balance) -> Iterator[str]:
    """Yield what was added and removed in 168 hours, each cause apart."""
    from farebox.domain.amounts import as_text

    yield f"added in 7 days\t{as_text(found.added)}"
    yield f"removed in 7 days\t{as_text(found.removed)}"
    for name, amount in zip(found.week._fields, found.week, strict=True):
        if amount:
            yield f"  {name.replace('_', ' ')}\t{as_text(amount)}"


def _events(number: str, at: Instant) -> Iterator[str]:
    from farebox.domain.amounts import as_text
    from farebox.domain.clock import Instant, as_iso
    from farebox.services.token_events import LISTED_US, token_events

    for one in token_events(number, Instant(at - LISTED_US), Instant(at + 1)):
        why = "\t".join(text or "-" for text in (one.order_number, one.team, one.actor, one.reason))
        yield f"{as_iso(one.booked)}\t{one.kind}\tpack {one.pack}\t{as_text(one.tokens)}\t{why}"
