"""
`farebox adjust` and `farebox consume`: what people enter by hand.

Both write an event and have it ingested, so that it is deduplicated, amended, withdrawn and audited like any other.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Annotated

import typer

from farebox.cli.common import opened, read_day
from farebox.cli.pack import PoolName
from farebox.domain.clock import Day, Instant, as_iso, midnight
from farebox.domain.errors import Rejected

SOURCE = "farebox:command"
"""The source of the events that commands make."""

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
) -> None:
    """Change a pool by hand: tokens added are a pack of their own, tokens taken leave the packs in burn order."""
    data = {"pool": pool.value.upper(), "tokens": tokens.removeprefix("+")}
    _enter(owner, "farebox.adjustment", data | _told(reason, comment), on=on, id=id, revision=revision)


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
) -> None:
    """Enter a use by hand that nothing reported, such as one off the network."""
    amounts = {name: text for name, text in (("tokens", tokens), ("quantity", quantity)) if text}
    data = {"person": person, "product": product, **amounts}
    _enter(owner, "farebox.consumption", data | _told(reason, comment), on=on, id=id, revision=revision)


def withdraw(owner: Owner, id: Annotated[str, typer.Argument(help="Id of the entry.")], revision: Revision = 1) -> None:  # noqa: A002
    """Take back what `adjust` or `consume` entered under an id."""
    with opened():
        from farebox.domain.clock import day_of
        from farebox.wallclock import now

        at = now()
        _send(owner, "farebox.withdrawal", {}, id=id, revision=revision, on=day_of(at), now=at)


def _told(reason: str, comment: str) -> dict[str, str]:
    return {"reasonType": reason} | ({"reasonComment": comment} if comment else {})


def _enter(owner: str, kind: str, data: dict[str, str], *, on: str, id: str, revision: int) -> None:  # noqa: A002
    with opened():
        from farebox.domain.clock import as_date, day_of
        from farebox.wallclock import now

        at = now()
        dated = read_day(on) if on else day_of(at)
        entry = data | {"transactionDate": as_date(dated).isoformat()}
        _send(owner, kind, entry, id=id or f"by-hand-{secrets.token_hex(8)}", revision=revision, on=dated, now=at)


def _send(
    owner: str,
    kind: str,
    data: dict[str, str],
    *,
    id: str,  # noqa: A002
    revision: int,
    on: Day,
    now: Instant,
) -> None:
    """Send an entry; it is said at the start of its date, so that the same entry again is the same event."""
    from farebox.services import catalogue
    from farebox.services.ingest import SourceKey, ingest

    team, said = catalogue.team_of(owner), as_iso(midnight(on))
    event: dict[str, object] = {"specversion": "1.0", "id": id, "source": SOURCE, "type": kind, "time": said}
    event |= {"revision": revision, "data": data}
    receipt = ingest([json.dumps(event).encode()], key=SourceKey(0, team.pk), now=now, with_charges=True)
    verdict = receipt.verdicts[0]
    if verdict.state == "rejected":
        raise Rejected(verdict.problems)
    answer = [f"{verdict.id}: {verdict.state}", *_amounts([charge.tokens_micro for charge in verdict.charges])]
    answer += [f"{problem.message} ({problem.code})" for problem in verdict.problems]
    typer.echo("; ".join(answer))


def _amounts(charged: Sequence[int]) -> list[str]:
    from farebox.domain.amounts import Tokens, as_text

    total = Tokens(sum(charged))
    if not charged:
        return []
    return [f"{as_text(total)} tokens consumed" if total >= 0 else f"{as_text(Tokens(-total))} tokens added"]
