"""What a contract has, used and moved: read from the records, so that it is right in the very next request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import DAY, Day, Instant, day_of, midnight
from farebox.domain.errors import NotFound
from farebox.domain.ledger import AccountKind, TransferKind
from farebox.domain.outlook import Outlook, foresee, pace_days, pace_of
from farebox.domain.packs import Pack as PayingPack
from farebox.domain.packs import Pool, is_alive
from farebox.domain.periods import Days, contract_year_of, contract_years, whole_years
from farebox.records import db, turnover
from farebox.records.holdings import Holding, holdings
from farebox.records.models import Contract, Pack
from farebox.records.models.contracts import Scheme
from farebox.records.models.packs import PackOrigin
from farebox.records.purse import PAYING
from farebox.records.turnover import Flow

__all__ = ["Balance", "Books", "Holding", "Turnover", "balance", "balances_of", "books", "pack_events", "turned_over"]

MOVED_US = 7 * DAY
"""How far back *added* and *removed* look: 168 hours by booking time (domain R7)."""

ENDED_US = 365 * DAY
"""How far back packs that ended are listed."""


class Turnover(NamedTuple):
    """
    What came and went without being used, each named apart and above zero (domain R7).

    `lapsed` is less what came back from a lapse for uses reported late; `back` says how much that was (domain L5).
    """

    purchased: Tokens = ZERO
    moved_in: Tokens = ZERO
    adjusted_up: Tokens = ZERO
    moved_out: Tokens = ZERO
    adjusted_down: Tokens = ZERO
    lapsed: Tokens = ZERO
    back: Tokens = ZERO

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
    def held(self) -> Tokens:
        """What there was at first: used, reserved and left together."""
        return Tokens(self.used + self.reserved + self.available)

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

    @property
    def back(self) -> Tokens:
        """What came back from a lapse for uses reported late; the lapsed are without it."""
        return self.week.back


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    All that is known about the tokens of a contract at an instant.

    `packs` are those that have not ended, those that start later included, and `ended` those that did within a year;
    each in the order in which they pay. `outlook` is of the pools that pay for use.
    """

    balance: Balance
    packs: tuple[Holding, ...]
    ended: tuple[Holding, ...]
    outlook: Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEvent:
    """Tokens that came with a purchase, or lapsed with their pack, on a day (UTC)."""

    day: Day
    kind: TransferKind
    tokens: Tokens


def balance(contract: int, *, at: Instant) -> Balance:
    """Return the balance of a contract. A pack past its end is worth nothing, whatever the books say yet (L5)."""
    with db.reading():
        row = Contract.objects.get(pk=contract)
        return _balance(row, holdings(row, since=at, at=at), at)


def books(contract: int, *, at: Instant) -> Books:
    """Return balance, packs and outlook of a contract, all read at one moment (domain R4)."""
    with db.reading():
        row = Contract.objects.get(pk=contract)
        recent = holdings(row, since=Instant(at - ENDED_US), at=at)
        packs = tuple(one for one in recent if one.until > at)
        return Books(
            balance=_balance(row, packs, at),
            packs=packs,
            ended=tuple(one for one in recent if one.until <= at),
            outlook=_outlook(row, packs, at),
        )


def _balance(row: Contract, packs: Iterable[Holding], at: Instant) -> Balance:
    alive = [one for one in packs if is_alive(one.paying, at)]
    year = contract_year_of(Day(row.start_day), day_of(at)) if row.scheme == Scheme.ENTERPRISE else None
    days = _year_days(row, year) if year else None
    return Balance(
        used=_consumed_in(row, days) if days else Tokens(sum(one.used for one in alive)),
        available=_left(alive, (Pool.CREDIT, Pool.FLEX, Pool.CY)),
        reserved=Tokens(sum(one.reserved for one in alive)),
        credits=_left(alive, (Pool.CREDIT,)),
        multi_year=_left(alive, (Pool.MY,)),
        shortfall=Tokens(turnover.short(row.pk)),
        over=Tokens(turnover.over(row.pk)),
        week=turned_over(row.team_id, row.pk, after=Instant(at - MOVED_US), until=at),
        year=year,
        year_days=days,
    )


def _outlook(row: Contract, packs: Iterable[Holding], at: Instant) -> Outlook:
    """
    Foretell what becomes of the packs that pay for use, at the pace of lately (product F8).

    Time is told from the start of the day (UTC), as the pace is, so that what is foretold changes with what is booked
    and with the date, and not from minute to minute. What pays at this moment is taken to have done so since then.
    """
    today = day_of(at)
    dawn = midnight(today)
    days = pace_days(turnover.first_use(row.pk, until=Day(today + 1)), today)
    pace = pace_of(Tokens(turnover.used(row.pk, since=days.since, until=days.until)), days)
    paying = [(one.pool, _since_dawn(one.paying, dawn, at)) for one in packs]
    pools = [[pack for of, pack in paying if of == pool] for pool in PAYING[Scheme(row.scheme)]]
    return foresee(pools, pace, at=dawn)


def _since_dawn(pack: PayingPack, dawn: Instant, at: Instant) -> PayingPack:
    """Return a pack that began today as one that was there when the day began."""
    return pack._replace(since=dawn) if dawn < pack.since <= at else pack


def balances_of(team: str, *, at: Instant) -> list[tuple[str, str, Balance]]:
    """Return the number, the scheme and the balance of each contract of a team. Raises `NotFound`."""
    contracts = list(Contract.objects.filter(team__slug=team).order_by("-scheme"))
    if not contracts:
        raise NotFound(f"no team {team!r}, or it has no contract")
    return [(row.number, row.scheme.lower(), balance(row.pk, at=at)) for row in contracts]


def _left(packs: Iterable[Holding], pools: Iterable[Pool]) -> Tokens:
    wanted = frozenset(pools)
    return Tokens(sum(pack.left for pack in packs if pack.pool in wanted))


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
        back=_sum(flows, AccountKind.EXPIRED, 1),
    )


def _sum(flows: Iterable[Flow], other: AccountKind, sign: int) -> Tokens:
    found = (sign * flow.tokens for flow in flows if flow.other == other and flow.pack)
    return Tokens(sum(tokens for tokens in found if tokens > 0))


def pack_events(contract: int, days: Days, *, at: Instant) -> list[PackEvent]:
    """Return the purchases and the lapses of a range of days up to `at`, by day."""
    since, until = midnight(days.since), midnight(days.until)
    packs = Pack.objects.filter(contract_id=contract).order_by("pk")
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
