"""
What contracts have, as the pages show it: the account of each, and the standing of one or several (domain R7).

Amounts, days and counts only: no texts. It comes from the records and is right in the very next request; everything
about one contract is read at one moment (domain R4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from farebox.domain.alerts import Alert, alerts, is_low
from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Day, Instant, day_of
from farebox.domain.outlook import Ending, Fate, Outlook
from farebox.domain.packs import Pool, is_alive
from farebox.domain.periods import Days
from farebox.services import balances
from farebox.services.acting import acting_for
from farebox.services.balances import Books, Holding
from farebox.services.report import Readable


@dataclass(frozen=True, slots=True)
class UsageDay:
    """Tokens of one usage date."""

    day: Day
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class ContractYear:
    """A year of an enterprise contract."""

    number: int
    days: Days


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut:
    """
    When the tokens of a contract come to an end at the `pace` of the last `days`, in tokens a day.

    `day` is none where that is not in sight, `lapsing` what expires unused until then and later. `contract` is set
    where the tokens of several were asked for: it is the one of which they end first.
    """

    ending: Ending
    day: Day | None
    pace: Tokens
    days: int
    lapsing: Tokens
    contract: Readable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    The balance now (domain R7).

    `removed` counts what lapsed too, and `lapsed` names it apart; both are positive, and without what came `back` from
    a lapse for uses reported late. `credits` are the part of
    `available` that are cloud credits. `shortfall` is what no pack has covered yet (domain F8). `year`, `multi_year`
    (tokens beside those of the year) and `over` (consumed beyond them, domain N7) are set for an enterprise contract
    only. `lapsing` is what will expire unused at the present pace. `was_emptied`: there were packs, and what they had
    was moved or taken away without being used.
    """

    used: Tokens
    available: Tokens
    reserved: Tokens
    added: Tokens
    removed: Tokens
    lapsed: Tokens
    back: Tokens = ZERO
    credits: Tokens = ZERO
    shortfall: Tokens = ZERO
    multi_year: Tokens = ZERO
    over: Tokens = ZERO
    lapsing: Tokens = ZERO
    run_out: RunOut | None = None
    year: ContractYear | None = None
    was_emptied: bool = False

    @property
    def held(self) -> Tokens:
        """What the packs alive now held at first: used, reserved and available together."""
        return Tokens(self.used + self.reserved + self.available)

    @property
    def is_low(self) -> bool:
        """Whether a fifth or less is left of what there was."""
        return is_low(self.available, self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolShare:
    """The packs alive now of one pool, added up."""

    pool: Pool
    used: Tokens
    reserved: Tokens
    left: Tokens

    @property
    def held(self) -> Tokens:
        """What they held at first."""
        return Tokens(self.used + self.reserved + self.left)

    @property
    def is_low(self) -> bool:
        """Whether a fifth or less of it is left."""
        return is_low(self.left, self.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """
    A pack of a contract.

    `turn` is its place among those that can be drawn from now, 0 where it is not among them; `fate` is what becomes of
    it, where it pays for use.
    """

    contract: Readable
    holding: Holding
    turn: int
    fate: Fate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One contract at a moment: its books, and what to be warned of."""

    contract: Readable
    at: Instant
    books: Books
    alerts: tuple[Alert, ...]

    @property
    def outlook(self) -> Outlook:
        """What becomes of its tokens at the pace of lately."""
        return self.books.outlook

    @property
    def was_emptied(self) -> bool:
        """Whether there were packs, and what they had was moved or taken away without being used."""
        there = (*self.books.packs, *self.books.ended)
        return bool(there) and not any(pack.held for pack in there)

    @property
    def is_new(self) -> bool:
        """Whether there never was a pack, as far back as a year."""
        return not self.books.packs and not self.books.ended

    @property
    def pools(self) -> tuple[PoolShare, ...]:
        """The packs alive now, added up pool by pool."""
        return tuple(_pools(self.books.packs, self.at))

    def packs(self) -> Iterator[PackRow]:
        """Yield the packs that have not ended, in the order in which they pay."""
        fates = {fate.pack: fate for fate in self.outlook.fates}
        turn = 0
        for one in self.books.packs:
            pays = one.pool is not Pool.MY and one.left > 0 and is_alive(one.paying, self.at)
            turn += pays
            yield PackRow(contract=self.contract, holding=one, turn=turn if pays else 0, fate=fates.get(one.id))

    def ended(self) -> Iterator[PackRow]:
        """Yield the packs that ended within a year, the latest first."""
        for one in sorted(self.books.ended, key=lambda pack: (-pack.until, pack.id)):
            yield PackRow(contract=self.contract, holding=one, turn=0, fate=None)


def account_of(contract: Readable, *, at: Instant) -> Account:
    """Return the account of one contract."""
    with acting_for(contract.team_id):
        books = balances.books(contract.id, at=at)
    found = alerts(
        available=books.balance.available,
        held=books.balance.held,
        short=books.balance.shortfall,
        over=books.balance.over,
        outlook=books.outlook,
        packs=[one.paying for one in books.packs],
        at=at,
    )
    return Account(contract=contract, at=at, books=books, alerts=found)


def standing_of(contracts: Sequence[Readable], *, at: Instant) -> Standing:
    """Return the standing of contracts together; a contract year is that of the one contract, if it is one."""
    return standing([account_of(contract, at=at) for contract in contracts])


def standing(accounts: Sequence[Account]) -> Standing:
    """Add up accounts, of which there is at least one."""
    found = [account.books.balance for account in accounts]
    first, days = found[0], found[0].year_days
    return Standing(
        used=_sum(one.used for one in found),
        available=_sum(one.available for one in found),
        reserved=_sum(one.reserved for one in found),
        credits=_sum(one.credits for one in found),
        shortfall=_sum(one.shortfall for one in found),
        multi_year=_sum(one.multi_year for one in found),
        over=_sum(one.over for one in found),
        added=_sum(one.added for one in found),
        removed=_sum(one.removed for one in found),
        lapsed=_sum(one.lapsed for one in found),
        back=_sum(one.back for one in found),
        lapsing=_sum(one.outlook.lapsing for one in accounts),
        run_out=run_out(accounts),
        year=ContractYear(first.year, days) if len(found) == 1 and first.year is not None and days else None,
        was_emptied=any(one.was_emptied for one in accounts) and not any(one.held for one in found),
    )


def run_out(accounts: Sequence[Account]) -> RunOut | None:
    """Return when the tokens come to an end; of several contracts that have any, the first of which they do."""
    having = [one for one in accounts if one.books.balance.available > 0] or list(accounts[:1])
    first = min(having, key=lambda one: (one.outlook.ends is None, one.outlook.ends or 0, one.contract.number))
    outlook = first.outlook
    return RunOut(
        ending=outlook.ending,
        day=None if outlook.ends is None else day_of(outlook.ends),
        pace=outlook.pace.a_day,
        days=outlook.pace.days,
        lapsing=outlook.lapsing,
        contract=first.contract if len(accounts) > 1 else None,
    )


def _sum(amounts: Iterable[Tokens]) -> Tokens:
    return Tokens(sum(amounts))


def _pools(packs: Iterable[Holding], at: Instant) -> Iterator[PoolShare]:
    alive = [pack for pack in packs if is_alive(pack.paying, at)]
    for pool in (Pool.FLEX, Pool.CREDIT, Pool.CY, Pool.MY):
        of_pool = [pack for pack in alive if pack.pool is pool]
        if of_pool:
            used, reserved, left = (_sum(amounts) for amounts in zip(*map(_parts, of_pool), strict=True))
            yield PoolShare(pool=pool, used=used, reserved=reserved, left=left)


def _parts(pack: Holding) -> tuple[Tokens, Tokens, Tokens]:
    return pack.used, pack.reserved, pack.left
