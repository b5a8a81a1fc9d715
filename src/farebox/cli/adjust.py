"""
`farebox adjust` and `farebox consume`: what people enter by hand.

Both write an event and have it ingested, so that it is deduplicated, amended, withdrawn and audited like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from farebox.cli.common import Alone, opened, read_day, say_waits
from farebox.cli.pack import PoolName
from farebox.domain.amounts import Tokens, as_text
from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.packs import Pool

Owner = Annotated[str, typer.Argument(help="Contract number, or slug of the team.")]
Reason = Annotated[str, typer.Option(help="Reason, as reports show it, like 'Off network'.")]
Comment = Annotated[str, typer.Option(help="A comment for the export.")]
On = Annotated[str, typer.Option("--date", help="Transaction date, like 2026-03-31; today (UTC) if left out.")]
Id = Annotated[str, typer.Option("--id", help="Id of the entry: the same again counts once; a new one if left out.")]
Revision = Annotated[int, typer.Option(help="Above 0: replaces what the same id said before.")]


def adjust(
    owner: Owner,
    pool: Annotated[PoolName, typer.Option(help="Pool that is changed.")],
    tokens: Annotated[str, typer.Option(help="Tokens to add, or with a minus to take, like 50 or -12.5.")],
    reason: Reason,
    comment: Comment = "",
    on: On = "",
    id: Id = "",  # noqa: A002
    revision: Revision = 0,
    alone: Alone = False,
) -> None:
    """Change a pool by hand: tokens added are a pack of their own, tokens taken leave the packs in burn order."""
    with opened():
        from farebox import desk
        from farebox.services.catalogue import team_of
        from farebox.services.ingest import by_hand
        from farebox.wallclock import now

        at = now()
        told = by_hand.Adjustment(pool=Pool(pool.value.upper()), tokens=tokens, reason=reason, comment=comment)
        asked = desk.Adjusting(team=team_of(owner).slug, asked=told, on=_date(on, at), id=id, revision=revision)
        done = desk.act(asked, actor="command", now=at, key=id and f"{id}:{revision}", alone=alone)
        if isinstance(done, desk.Waits):
            say_waits(done)
        _say(done["id"], done["state"], done["tokens"], done["problems"])


def consume(
    owner: Owner,
    person: Annotated[str, typer.Argument(help="E-mail address or login.")],
    product: Annotated[str, typer.Argument(help="Product line code or alias.")],
    reason: Reason,
    tokens: Annotated[str, typer.Option(help="Tokens consumed, like 7.")] = "",
    quantity: Annotated[str, typer.Option(help="Or how many units, each at the product's rate.")] = "",
    comment: Comment = "",
    on: On = "",
    id: Id = "",  # noqa: A002
    revision: Revision = 0,
    alone: Alone = False,
) -> None:
    """Enter a use by hand that nothing reported, such as one off the network."""
    with opened():
        from farebox import desk
        from farebox.services.catalogue import team_of
        from farebox.services.ingest import by_hand
        from farebox.wallclock import now

        at = now()
        told = by_hand.Consumption(
            person=person, product=product, tokens=tokens, quantity=quantity, reason=reason, comment=comment
        )
        asked = desk.Consuming(team=team_of(owner).slug, asked=told, on=_date(on, at), id=id, revision=revision)
        done = desk.act(asked, actor="command", now=at, key=id and f"{id}:{revision}", alone=alone)
        if isinstance(done, desk.Waits):
            say_waits(done)
        _say(done["id"], done["state"], done["tokens"], done["problems"])


def withdraw(
    owner: Owner,
    id: Annotated[str, typer.Argument(help="Id of the entry.")],  # noqa: A002
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")],
    revision: Annotated[int, typer.Option(help="Of the withdrawal; the next of the entry if left out.")] = 0,
    source: Annotated[
        str, typer.Option(help="Of the entry, where a program sent it while keys still could; else left out.")
    ] = "",
    alone: Alone = False,
) -> None:
    """Take back what `adjust` or `consume`, or a page, entered under an id; never what closed books count."""
    with opened():
        from farebox import desk
        from farebox.services.catalogue import team_of
        from farebox.services.ingest import by_hand
        from farebox.wallclock import now

        team = team_of(owner)
        whose = source or by_hand.SOURCE
        nth = revision or by_hand.standing(team.pk, id, source=whose).next
        asked = desk.Withdrawing(team=team.slug, id=id, revision=nth, reason=reason, source=whose)
        key = f"{source}:{id}:{nth}" if source else f"{id}:{nth}"
        done = desk.act(asked, actor="command", now=now(), key=key, alone=alone)
        if isinstance(done, desk.Waits):
            say_waits(done)
        typer.echo(_withdrawn(done["id"], done["state"], done["tokens"]))


def _date(on: str, at: Instant) -> Day:
    return read_day(on) if on else day_of(at)


def _say(id: str, state: str, consumed: int | None, problems: Sequence[Sequence[str]]) -> None:  # noqa: A002
    answer = [f"{id}: {state}", *_amounts(consumed), *(f"{message} ({code})" for message, code in problems)]
    typer.echo("; ".join(answer))


def _withdrawn(id: str, state: str, moved: int | None) -> str:  # noqa: A002
    said = f"{id}: {'withdrawn' if state == 'accepted' else state}"
    if not moved:
        return said
    text = as_text(Tokens(abs(moved)))
    return f"{said}; {text} tokens count as consumed no more" if moved < 0 else f"{said}; {text} tokens went"


def _amounts(total: int | None) -> list[str]:
    if total is None:
        return []
    text = as_text(Tokens(abs(total)))
    return [f"{text} tokens consumed" if total >= 0 else f"{text} tokens added"]
