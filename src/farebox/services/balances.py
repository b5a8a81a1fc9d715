"""What a contract has, used and moved: read from the records, so that it is right in the very next request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import DAY, LAST, Day, Instant, day_of, midnight
from farebox.domain.errors import NotFound
from farebox.domain.ledger import AccountKind, TransferKind
from farebox.domain.packs import Pool
from farebox.domain.periods import Days, contract_year_of, contract_years, whole_years
from farebox.records import db, turnover
from farebox.records.models import Contract, Pack
from farebox.records.models.contracts import Scheme
from farebox.records.models.packs import PackOrigin
from farebox.records.turnover import Flow

MOVED_US = 7 * DAY
"""How far back *added* and *removed* look: 168 hours by booking time (domain R7)."""


class Turnover(NamedTuple):
    """What came and went without being used, each named apart and above zero (domain R7)."""

    purchased: Tokens = ZERO
    moved_in: Tokens = ZERO
    adjusted_up: Tokens = ZERO
    moved_out: Tokens = ZERO
    adjusted_down: Tokens = ZERO
    lapsed: Tokens = ZERO

    @property
    def added(self) -> Tokens:
        """All that came."""
        return Tokens(self.purchased + self.moved_in + self.adjusted_up)

    @property
    def removed(self) -> Tokens:
        """All that went."""
        return Tokens(self.moved_out + self.adjusted_down + self.lapsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """
    The balance of one contract at an instant (domain R7), in tokens.

    `used` counts the packs alive now (an enterprise contract: what its current contract year consumed), `available`
    what pays for use and is not reserved; `credits` is the part of it that pays first, `multi_year` what an enterprise
    contract has beside it. `shortfall` is what no pack covered so far, `over` what was consumed beyond the pool.
    `week` names apart what was added and removed in 168 hours.
    """

    used: Tokens
    available: Tokens
    reserved: Tokens
    credits: Tokens
    multi_year: Tokens
    shortfall: Tokens
    over: Tokens
    week: Turnover
    year: int | None
    year_days: Days | None

    @property
    def added(self) -> Tokens:
        """What came in 168 hours."""
        return self.week.added

    @property
    def removed(self) -> Tokens:
        """What went in 168 hours without being used."""
        return self.week.removed

    @property
    def lapsed(self) -> Tokens:
        """What of the removed lapsed with its pack."""
        return self.week.lapsed


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEvent:
    """Tokens that came with a purchase, or lapsed with their pack, on a day (UTC)."""

    day: Day
    kind: TransferKind
    tokens: Tokens


def balance(contract: int, *, at: Instant) -> Balance:
    """Return the balance of a contract. A pack past its end is worth nothing, whatever the books say yet (L5)."""
    with db.atomic():
        row = Contract.objects.get(pk=contract)
        enterprise = row.scheme == Scheme.ENTERPRISE
        alive = list(Pack.objects.filter(contract=row, since_us__lte=at, until_us__gt=at))
        year = contract_year_of(Day(row.start_day), day_of(at)) if enterprise else None
        days = _year_days(row, year) if year else None
        return Balance(
            used=_consumed_in(row, days) if days else _used_of(row, alive),
            available=_left(alive, (Pool.CREDIT, Pool.FLEX, Pool.CY)),
            reserved=Tokens(sum(pack.reserved_micro for pack in alive)),
            credits=_left(alive, (Pool.CREDIT,)),
            multi_year=_left(alive, (Pool.MY,)),
            shortfall=Tokens(turnover.short(contract)),
            over=Tokens(turnover.over(contract)),
            week=turned_over(row.team_id, contract, after=Instant(at - MOVED_US), until=at),
            year=year,
            year_days=days,
        )


def balances_of(team: str, *, at: Instant) -> list[tuple[str, str, Balance]]:
    """Return the number, the scheme and the balance of each contract of a team. Raises `NotFound`."""
    contracts = list(Contract.objects.filter(team__slug=team).order_by("-scheme"))
    if not contracts:
        raise NotFound(f"no team {team!r}, or it has no contract")
    return [(row.number, row.scheme.lower(), balance(row.pk, at=at)) for row in contracts]


def _left(packs: Iterable[Pack], pools: Iterable[Pool]) -> Tokens:
    wanted = frozenset(pools)
    return Tokens(sum(pack.left_micro for pack in packs if pack.pool in wanted))


def _year_days(contract: Contract, year: int) -> Days:
    start = Day(contract.start_day)
    years = whole_years(start, year) if contract.end_day is None else contract_years(start, Day(contract.end_day))
    return years[min(year, len(years)) - 1]


def _consumed_in(contract: Contract, days: Days) -> Tokens:
    """Return what a contract year consumed of its own tokens: without adjustments of the multi-year pool (N6)."""
    all_pools = turnover.consumed(contract.pk, since=days.since, until=days.until)
    adjusted = turnover.adjusted(contract.pk)
    multi_year = (one.tokens for one in adjusted if one.pool == Pool.MY and days.since <= one.day < days.until)
    return Tokens(all_pools - sum(multi_year))


def _used_of(contract: Contract, packs: Iterable[Pack]) -> Tokens:
    """Return the net draws from packs: all that came into them and neither left otherwise nor is there (R7)."""
    there = {pack.pk: pack.left_micro + pack.reserved_micro for pack in packs}
    if not there:
        return ZERO
    since = Instant(min(pack.booked_us for pack in packs) - 1)
    flows = turnover.by_hand(contract.team_id, contract.pk, after=since, until=LAST)
    flows += turnover.adjusting(contract.pk, after=since, until=LAST)
    return Tokens(sum(flow.tokens for flow in flows if flow.pack in there) - sum(there.values()))


def turned_over(team: int, contract: int, *, after: Instant, until: Instant) -> Turnover:
    """Return what came and went without use, booked after an instant and until another; a lapse less what came back."""
    flows = turnover.by_hand(team, contract, after=after, until=until)
    flows += turnover.adjusting(contract, after=after, until=until)
    return Turnover(
        purchased=_sum(flows, AccountKind.OUTSIDE, 1),
        moved_in=_sum(flows, AccountKind.OTHER_TEAMS, 1),
        adjusted_up=_sum(flows, AccountKind.ADJUSTMENTS, 1),
        moved_out=_sum(flows, AccountKind.OTHER_TEAMS, -1),
        adjusted_down=_sum(flows, AccountKind.ADJUSTMENTS, -1),
        lapsed=Tokens(max(0, -sum(flow.tokens for flow in flows if flow.other == AccountKind.EXPIRED))),
    )


def _sum(flows: Iterable[Flow], other: AccountKind, sign: int) -> Tokens:
    found = (sign * flow.tokens for flow in flows if flow.other == other and flow.pack)
    return Tokens(sum(tokens for tokens in found if tokens > 0))


def pack_events(contract: int, days: Days, *, at: Instant) -> list[PackEvent]:
    """Return the purchases and the lapses of a range of days up to `at`, by day."""
    since, until = midnight(days.since), midnight(days.until)
    packs = Pack.objects.filter(contract_id=contract)
    bought = packs.filter(origin=PackOrigin.PURCHASED, since_us__gte=since, since_us__lt=until)
    events = [
        PackEvent(day=day_of(Instant(p.since_us)), kind=TransferKind.PURCHASED, tokens=Tokens(p.size_micro))
        for p in bought
    ]
    events += [
        PackEvent(
            day=day_of(Instant(p.until_us)), kind=TransferKind.EXPIRED, tokens=Tokens(p.left_micro + p.lapsed_micro)
        )
        for p in packs.filter(until_us__gte=since, until_us__lt=min(until, at + 1))
        if p.left_micro + p.lapsed_micro
    ]
    return sorted(events, key=lambda event: (event.day, event.kind))
