"""What a contract has, used and moved: read from the records, so that it is right in the very next request."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from farebox.domain.amounts import Tokens
from farebox.domain.clock import DAY, Day, Instant, day_of, midnight
from farebox.domain.ledger import AccountKind, TransferKind
from farebox.domain.periods import Days, contract_year_of, contract_years
from farebox.records import db
from farebox.records.models import Charge, Contract, Pack
from farebox.records.models.contracts import Scheme

MOVED_US = 7 * DAY
"""How far back *added* and *removed* look: 168 hours by booking time (domain R7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """
    The balance of one contract at an instant (domain R7), in tokens.

    `used` counts the packs alive now (an enterprise contract: the current contract year), `shortfall` what no pack
    covered so far. `removed` contains `lapsed`.
    """

    used: Tokens
    available: Tokens
    reserved: Tokens
    shortfall: Tokens
    added: Tokens
    removed: Tokens
    lapsed: Tokens
    year: int | None
    year_days: Days | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEvent:
    """Tokens that came with a purchase, or lapsed with their pack, on a day (UTC)."""

    day: Day
    kind: TransferKind
    tokens: Tokens


def balance(contract: int, *, at: Instant) -> Balance:
    """Return the balance of a contract. A pack past its end is worth nothing, whatever the books say yet (L5)."""
    row = Contract.objects.get(pk=contract)
    enterprise = row.scheme == Scheme.ENTERPRISE
    alive = Pack.objects.filter(contract=row, since_us__lte=at, until_us__gt=at)
    sums = alive.aggregate(size=Sum("size_micro"), left=Sum("left_micro"))
    available = int(sums["left"] or 0)
    year = contract_year_of(Day(row.start_day), day_of(at)) if enterprise else None
    days = _year_days(row, year) if year else None
    used = _used_in(contract, days) if days else int(sums["size"] or 0) - available
    short = Charge.objects.filter(contract=row, shortfall_micro__gt=0, ended_us__isnull=True)
    lapsed = _lapsed(contract, at)
    return Balance(
        used=Tokens(used),
        available=Tokens(available),
        reserved=Tokens(0),
        shortfall=Tokens(short.aggregate(sum=Sum("shortfall_micro"))["sum"] or 0),
        added=Tokens(_moved(contract, AccountKind.OUTSIDE, AccountKind.PACK, at)),
        removed=lapsed,
        lapsed=lapsed,
        year=year,
        year_days=days,
    )


def _year_days(contract: Contract, year: int) -> Days:
    last = contract.end_day if contract.end_day is not None else contract.start_day + 366 * (year + 1)
    years = contract_years(Day(contract.start_day), Day(last))
    return years[min(year, len(years)) - 1]


def _used_in(contract: int, days: Days) -> int:
    """Return what the charges of a range of usage dates cost, all together."""
    live = Charge.objects.filter(contract_id=contract, ended_us__isnull=True)
    in_range = live.filter(usage_day__gte=days.since, usage_day__lt=days.until)
    return int(in_range.aggregate(sum=Sum("tokens_micro"))["sum"] or 0)


_MOVED = (
    "SELECT COALESCE(SUM(e.tokens_micro), 0) FROM records_entry e JOIN records_account s ON s.id = e.source_id "
    "JOIN records_account t ON t.id = e.target_id JOIN records_pack p ON p.id = COALESCE(s.pack_id, t.pack_id) "
    "WHERE e.charge_id IS NULL AND p.contract_id = %s AND s.kind = %s AND t.kind = %s "
    "AND e.booked_us > %s AND e.booked_us <= %s"
)


def _moved(contract: int, source: AccountKind, target: AccountKind, at: Instant) -> int:
    """Return what went from one kind of account to another in the 168 hours before `at`, for no charge."""
    return int(db.rows(_MOVED, (contract, source, target, at - MOVED_US, at))[0][0])


def _lapsed(contract: int, at: Instant) -> Tokens:
    """Return what lapsed in the 168 hours before `at`, without what late uses took back from the lapse (L5)."""
    booked = _moved(contract, AccountKind.PACK, AccountKind.EXPIRED, at)
    return Tokens(max(0, booked - _moved(contract, AccountKind.EXPIRED, AccountKind.PACK, at)))


def pack_events(contract: int, days: Days, *, at: Instant) -> list[PackEvent]:
    """Return the purchases and the lapses of a range of days up to `at`, by day."""
    since, until = midnight(days.since), midnight(days.until)
    packs = Pack.objects.filter(contract_id=contract)
    events = [
        PackEvent(day=day_of(Instant(p.since_us)), kind=TransferKind.PURCHASED, tokens=Tokens(p.size_micro))
        for p in packs.filter(since_us__gte=since, since_us__lt=until)
    ]
    events += [
        PackEvent(
            day=day_of(Instant(p.until_us)), kind=TransferKind.EXPIRED, tokens=Tokens(p.left_micro + p.lapsed_micro)
        )
        for p in packs.filter(until_us__gte=since, until_us__lt=min(until, at + 1))
        if p.left_micro + p.lapsed_micro
    ]
    return sorted(events, key=lambda event: (event.day, event.kind))
