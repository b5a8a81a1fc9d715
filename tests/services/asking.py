"""The same totals asked of every place that knows them: the warehouse, the charges, the ledger."""

from __future__ import annotations

from datetime import date

from farebox.domain.amounts import Tokens, as_text, tokens
from farebox.domain.clock import Day, day
from farebox.domain.ledger import AccountKind
from farebox.query.plan import Question
from farebox.records.models import Charge, Contract, Entry
from farebox.services.report import Readable, Table, answer

Totals = dict[Day, Tokens]
"""Tokens by usageDate; a date on which nothing was consumed is not among them."""


def readable(contract: Contract) -> Readable:
    """Return a contract as somebody who may read all of it sees it."""
    return Readable(
        id=contract.pk,
        number=contract.number,
        name=contract.name,
        team=contract.team.name,
        team_id=contract.team_id,
        scheme=contract.scheme,
        start_day=contract.start_day,
        names_hidden=False,
        fields=("",) * 10,
    )


def ask(contract: Contract, *fields: str, where: str = "") -> Table:
    """Ask the warehouse for tokens by some fields."""
    return answer(Question(fields=fields, metrics=("tokensConsumed",), where=where), readable(contract))


def reported(contract: Contract, *, where: str = "") -> Totals:
    """Return the totals as the usage API answers them."""
    rows = ask(contract, "usageDate", where=where).rows
    return _without_zeros({day(date.fromisoformat(str(on))): tokens(str(amount)) for on, amount in rows})


def charged(contract: Contract) -> Totals:
    """Return the totals of the charges that count."""
    found: Totals = {}
    live = Charge.objects.filter(contract=contract, ended_us__isnull=True)
    for on, micro in live.values_list("usage_day", "tokens_micro"):
        found[Day(on)] = Tokens(found.get(Day(on), 0) + micro)
    return _without_zeros(found)


def booked(contract: Contract) -> Totals:
    """Return the totals of the ledger: consumed net of reversals, and the open shortfall of each charge (R2)."""
    found: Totals = {}
    consumed = Entry.objects.filter(charge__contract=contract)
    for on, micro, source, target in consumed.values_list(
        "charge__usage_day", "tokens_micro", "source__kind", "target__kind"
    ):
        change = micro * ((target == AccountKind.CONSUMED) - (source == AccountKind.CONSUMED))
        found[Day(on)] = Tokens(found.get(Day(on), 0) + change)
    short = Charge.objects.filter(contract=contract, ended_us__isnull=True, shortfall_micro__gt=0)
    for on, micro in short.values_list("usage_day", "shortfall_micro"):
        found[Day(on)] = Tokens(found.get(Day(on), 0) + micro)
    return _without_zeros(found)


def within(totals: Totals, since: Day, until: Day) -> Totals:
    """Return the part of totals that lies in a half-open range of dates."""
    return {on: amount for on, amount in totals.items() if since <= on < until}


def text(totals: Totals) -> str:
    """Write what totals add up to."""
    return as_text(Tokens(sum(totals.values())))


def _without_zeros(totals: Totals) -> Totals:
    return {on: amount for on, amount in sorted(totals.items()) if amount}
