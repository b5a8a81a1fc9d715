"""
Fills the view-models from the services: the one place where the pages meet them.

All that the warehouse says on a page comes from one snapshot, and so from one ledger position (domain R4); the
balance comes from the records and is right in the very next request.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from farebox.domain.amounts import MICRO, Tokens, tokens
from farebox.domain.clock import Day, Instant, day, day_of
from farebox.domain.errors import NotFound
from farebox.domain.ledger import TransferKind
from farebox.domain.periods import Days, last_days, previous
from farebox.query import plan
from farebox.query.present import JsonCell
from farebox.services import balances, project, report
from farebox.services.acting import acting_for
from farebox.web.question import Question
from farebox.web.token_usage import (
    YEAR_DAYS,
    Contract,
    ContractKind,
    ContractYear,
    Happening,
    Mark,
    Period,
    Standing,
    Summary,
    Totals,
    UsageDay,
    full_days,
    run_out,
    where,
)

_HAPPENINGS = {TransferKind.PURCHASED: Happening.PURCHASED, TransferKind.EXPIRED: Happening.EXPIRED}


def chosen_of(contracts: Sequence[report.Readable], number: str) -> report.Readable:
    """
    Return the contract of that number; without a number the first Flex contract, else the first (domain C2).

    Raises `NotFound` for a contract that is not among them, whether or not it exists (quality T2).
    """
    if not number:
        return next((one for one in contracts if one.scheme == "FLEX"), contracts[0])
    for contract in contracts:
        if contract.number == number:
            return contract
    raise NotFound("no such contract, or not yours to read")


def summary(
    contracts: Sequence[report.Readable], chosen: report.Readable, question: Question | None, *, at: Instant
) -> Summary:
    """
    Gather Token usage › Summary for one of the contracts that the reader may read.

    Without a question, because it was refused, there is no lower part.
    """
    with acting_for(chosen.team_id):
        return _summary(contracts, chosen, question, at=at)


def _summary(
    contracts: Sequence[report.Readable], chosen: report.Readable, question: Question | None, *, at: Instant
) -> Summary:
    year = last_days(day_of(at), YEAR_DAYS)
    is_fresh = project.lag_us(now=at) == 0  # asked before the snapshot is taken, so that it cannot claim too much
    tables = report.answers([_per_day(year), *_of_period(question)], chosen)
    full = full_days(year, _usage_days(tables[0]))
    return Summary(
        contract=_contract(chosen),
        contracts=tuple(map(_contract, contracts)),
        as_of=_as_of(tables[0], at, is_fresh=is_fresh),
        standing=_standing(balances.balance(chosen.id, at=at), full),
        year=full,
        marks=tuple(_mark(event) for event in balances.pack_events(chosen.id, year, at=at)),
        period=_period(question.days, tables[1:]) if question else None,
    )


def _as_of(table: report.Table, at: Instant, *, is_fresh: bool) -> Instant:
    """Return the moment that a page shows; a warehouse that never held anything knows none, and now stands for it."""
    return table.as_of if table.position and not is_fresh else at


def _per_day(days: Days) -> plan.Question:
    return plan.Question(fields=("usageDate",), metrics=("tokensConsumed",), where=where(days))


def _of_period(question: Question | None) -> list[plan.Question]:
    """Return what the lower part asks: its days, its totals, the totals of the period before."""
    if question is None:
        return []
    counts = ("tokensConsumed", "uniqueProducts", "uniqueUsers")
    spans = (question.days, previous(question.days))
    return [_per_day(question.days), *(plan.Question(metrics=counts, where=where(days)) for days in spans)]


def _period(days: Days, tables: list[report.Table]) -> Period:
    per_day, totals, before = tables
    return Period(
        days=days,
        totals=_totals(totals),
        used=_usage_days(per_day),
        before=previous(days),
        totals_before=_totals(before),
    )


def _usage_days(table: report.Table) -> tuple[UsageDay, ...]:
    return tuple(UsageDay(_day(row[0]), _tokens(row[1])) for row in table.rows)


def _totals(table: report.Table) -> Totals:
    if not table.rows:
        return Totals(Tokens(0), 0, 0)
    used, products, users = table.rows[0]
    return Totals(_tokens(used), int(products), int(users))


def _day(cell: JsonCell) -> Day:
    return day(date.fromisoformat(str(cell)))


def _tokens(cell: JsonCell) -> Tokens:
    return tokens(f"{cell:f}") if not isinstance(cell, str | int) else Tokens(int(cell or 0) * MICRO)


def _contract(readable: report.Readable) -> Contract:
    return Contract(number=readable.number, team=readable.team, kind=ContractKind(readable.scheme.lower()))


def _standing(balance: balances.Balance, year: tuple[UsageDay, ...]) -> Standing:
    days = balance.year_days
    return Standing(
        used=balance.used,
        available=balance.available,
        reserved=balance.reserved,
        shortfall=balance.shortfall,
        multi_year=balance.multi_year,
        over=balance.over,
        added=balance.added,
        removed=balance.removed,
        lapsed=balance.lapsed,
        run_out=run_out(balance.available, year),
        year=ContractYear(balance.year, days) if balance.year is not None and days is not None else None,
    )


def _mark(event: balances.PackEvent) -> Mark:
    return Mark(event.day, _HAPPENINGS[event.kind], event.tokens)
