"""The years of contracts: how long each lasts, and what each year was given and consumed (domain C1, N6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Max

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import LAST, Day, Instant, day_of
from farebox.domain.contracts import ContractYear, Entry, year_by_year
from farebox.domain.packs import Pool
from farebox.domain.periods import Days, contract_year_of, contract_years, whole_years
from farebox.records import turnover
from farebox.records.models import Contract, Pack
from farebox.records.models.contracts import Scheme
from farebox.records.turnover import Flow

_GIVEN = ("PURCHASED", "MOVED")
"""The kinds of transfer that make what a year is provisioned with (domain C1)."""


def spans(contracts: Iterable[Contract], *, at: Instant) -> dict[int, tuple[Days, ...]]:
    """Return the years of each contract; one without an end has them up to the present or the last pack's start."""
    rows = list(contracts)
    open_ended = [row.pk for row in rows if row.end_day is None]
    packs = Pack.objects.filter(contract_id__in=open_ended)
    last = dict(packs.order_by("contract_id").values_list("contract_id").annotate(Max("since_us")))
    return {row.pk: years_of(row, through=Instant(max(at, last.get(row.pk, at)))) for row in rows}


def table(contract: Contract, *, at: Instant) -> tuple[ContractYear, ...]:
    """
    Return every year of a contract, one row each.

    What came or left counts to the year in which it took effect: the pack's start, or the move if that is later. A
    Flex contract has the same table, without tokens of several years.
    """
    years = spans([contract], at=at)[contract.pk]
    return year_by_year(years, [*_given(contract), *_consumed(contract, years)])


def years_of(contract: Contract, *, through: Instant) -> tuple[Days, ...]:
    """Return the years of a contract; of one without an end those up to that in which an instant lies."""
    start = Day(contract.start_day)
    if contract.end_day is not None:
        return contract_years(start, Day(contract.end_day))
    return whole_years(start, contract_year_of(start, day_of(through)))


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


def _consumed(contract: Contract, years: Sequence[Days]) -> Iterator[Entry]:
    """Yield what was consumed: every charge draws on the pool of its year, but for adjustments of the other."""
    for year, days in enumerate(years, start=1):
        since = Day(0) if year == 1 else days.since
        yield Entry(year, Pool.CY, ZERO, Tokens(turnover.consumed(contract.pk, since=since, until=days.until)))
    if contract.scheme == Scheme.ENTERPRISE:
        for one in turnover.adjusted(contract.pk):
            if one.pool == Pool.MY:
                year = _year(contract, one.day)
                yield Entry(year, Pool.CY, ZERO, Tokens(-one.tokens))
                yield Entry(year, Pool.MY, ZERO, Tokens(one.tokens))
