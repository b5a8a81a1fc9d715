"""The years of a contract: what each was given and consumed, from the ledger and the charges (domain C1, N6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import LAST, Day, Instant, day_of
from farebox.domain.contracts import ContractYear, Entry, year_by_year
from farebox.domain.errors import NotFound
from farebox.domain.packs import Pool
from farebox.domain.periods import Days, contract_year_of, contract_years, whole_years
from farebox.records import db, turnover
from farebox.records.models import Contract, Pack
from farebox.records.models.contracts import Scheme
from farebox.records.turnover import Flow

_GIVEN = ("PURCHASED", "MOVED")
"""The kinds of transfer that make what a year is provisioned with (domain C1)."""


def years(number: str, *, at: Instant) -> tuple[ContractYear, ...]:
    """
    Return every year of a contract, one row each; one without an end up to the present year or the last pack's.

    What came or left counts to the year in which it took effect: the pack's start, or the move if that is later. A
    Flex contract has the same table, without tokens of several years. Raises `NotFound`.
    """
    with db.atomic():
        contract = Contract.objects.filter(number=number).first()
        if contract is None:
            raise NotFound(f"no contract {number}")
        given = list(_given(contract))
        spans = _spans(contract, max([_year(contract, day_of(at)), *(entry.year for entry in given)]))
        return year_by_year(spans, [*given, *_consumed(contract, spans)])


def _spans(contract: Contract, count: int) -> tuple[Days, ...]:
    if contract.end_day is not None:
        return contract_years(Day(contract.start_day), Day(contract.end_day))
    return whole_years(Day(contract.start_day), count)


def _year(contract: Contract, day: Day) -> int:
    return contract_year_of(Day(contract.start_day), day)


def _given(contract: Contract) -> Iterator[Entry]:
    """Yield what was bought, moved in and moved out."""
    since = dict(Pack.objects.filter(contract=contract).values_list("pk", "since_us"))
    for flow in turnover.by_hand(contract.team_id, contract.pk, after=Instant(-1), until=LAST):
        if flow.kind in _GIVEN:
            took_effect = Instant(max(flow.at, since[flow.pack]))
            yield Entry(_year(contract, day_of(took_effect)), _pool(flow), Tokens(flow.tokens), ZERO)


def _pool(flow: Flow) -> Pool:
    """Return the column that a flow belongs to: tokens of several years, or those of one."""
    return Pool.MY if flow.pool == Pool.MY else Pool.CY


def _consumed(contract: Contract, spans: Sequence[Days]) -> Iterator[Entry]:
    """Yield what was consumed: every charge draws on the pool of its year, but for adjustments of the other."""
    for year, days in enumerate(spans, start=1):
        since = Day(0) if year == 1 else days.since
        yield Entry(year, Pool.CY, ZERO, Tokens(turnover.consumed(contract.pk, since=since, until=days.until)))
    if contract.scheme == Scheme.ENTERPRISE:
        for one in turnover.adjusted(contract.pk):
            if one.pool == Pool.MY:
                year = _year(contract, one.day)
                yield Entry(year, Pool.CY, ZERO, Tokens(-one.tokens))
                yield Entry(year, Pool.MY, ZERO, Tokens(one.tokens))
