"""`farebox explain`: why a charge is what it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from farebox.cli.common import opened

if TYPE_CHECKING:
    from farebox.services.explain.document import ExplainedEarlier, ExplainedPayment, ExplainedSession, Explanation


def explain(
    item_id: Annotated[str, typer.Argument(metavar="ID", help="Charged item, as reports show it: chargedItemID.")],
    json: Annotated[bool, typer.Option("--json", help="Print it as the API answers it.")] = False,
) -> None:
    """Explain a charge: the rule, what it looked at, which packs paid, and what would have changed it."""
    with opened():
        import msgspec

        from farebox.services.explain import explain as explained

        found = explained(item_id, reader=None)
        if json:
            typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
            return
        for line in _lines(found):
            typer.echo(line)


def _lines(told: Explanation) -> Iterator[str]:
    counts = "counts" if told.counts else f"no longer counts since {told.ended}"
    yield f"{told.charged_item_id}: {told.category} {told.tokens} on {told.usage_date}, {counts}"
    yield f"  {told.person or '(nobody)'}, {told.product.name or '(no product)'}, contract {told.contract}"
    yield f"  {told.since} to {told.until}, {told.funding}, {told.reason}"
    yield f"rule {told.rule.number}: {told.rule.says}"
    yield from _terms(told)
    yield from _list("looked at", [_session(one) for one in told.considered])
    yield from _list("paid", [_payment(one) for one in told.payments])
    yield from _list("reserved", [f"{one.kind} {one.tokens} at {one.since}" for one in told.holds])
    yield from _list("before", [_earlier(one) for one in told.before])
    yield from _list("instead of it", told.instead)
    yield from _list("what if", [one.says for one in told.what_if])
    if told.replayed is not None:
        verdict = "the same" if told.replayed.same else "NOT the same"
        yield f"rated again: {told.replayed.category} {told.replayed.tokens}, {verdict}"


def _terms(told: Explanation) -> Iterator[str]:
    """Say what was in force: rate, window or day, settings, and what is owed."""
    if told.rate is not None:
        unit = f" for {told.rate.unit_seconds} seconds" if told.rate.unit_seconds else ""
        of = f" of class {told.rate.complexity}" if told.rate.complexity else ""
        yield f"rate {told.rate.tokens}{unit}{of}, card {told.rate.card}, since {told.rate.since}"
    if told.window is not None:
        yield f"window {told.window.since} to {told.window.until}"
    if told.day is not None:
        yield f"day {told.day.since} to {told.day.until}"
    for name, minutes in told.settings.items():
        yield f"setting {name}: {minutes}"
    for name, text in told.details.items():
        yield f"{name}: {text}"
    if told.shortfall != "0":
        yield f"no pack has covered {told.shortfall} of it yet"
    if told.over_consumption != "0":
        yield f"{told.over_consumption} of it are over-consumption"
    if told.use.unassigned:
        yield "the product was not assigned to the person"
    if told.use.late:
        yield "it was reported after the books of its date were closed: only the difference is charged"


def _list(title: str, items: list[str] | tuple[str, ...]) -> Iterator[str]:
    if items:
        yield f"{title}:"
        yield from (f"  {item}" for item in items)


def _session(one: ExplainedSession) -> str:
    mark = "*" if one.explained else " "
    did = ", ".join(f"{row.category} {row.tokens} ({row.reason})" for row in one.rows) or "nothing"
    return f"{mark} {one.since} to {one.until} {one.product}: {did}"


def _payment(one: ExplainedPayment) -> str:
    if one.pack is None:
        return f"{one.kind} {one.tokens} at {one.at}, {one.source} to {one.target}"
    return f"{one.kind} {one.tokens} at {one.at}, pack {one.pack.number} ({one.pool}), which had {one.pack.had}"


def _earlier(one: ExplainedEarlier) -> str:
    why = ", ".join(f"{cause.source} {cause.event or ''} r{cause.revision}" for cause in one.ended_by)
    return f"{one.charged_item_id} {one.category} {one.tokens} until {one.ended}" + (f", by {why}" if why else "")
