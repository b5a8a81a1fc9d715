"""
A small book-keeper for stories: it keeps uses, packs and transfers in lists, and lets the domain decide everything.

It does what the services do with a database: when a use arrives, its chain or its days are rated again, what changed
is taken back and booked anew, and every balance is folded from the transfers. `audit` holds the books to the
invariants after every line of a story.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from farebox.domain.access import Assignment
from farebox.domain.amounts import Tokens
from farebox.domain.charging.enterprise import Piece, rate_day, split_days
from farebox.domain.charging.flex import WINDOW_US, rate_flex
from farebox.domain.charging.precedence import entitled_row, funding_at
from farebox.domain.clock import MINUTE, Day, Instant, day_of, midnight
from farebox.domain.errors import Rejected
from farebox.domain.ledger import (
    Account,
    AccountKind,
    Transfer,
    TransferKind,
    conservation,
    covered,
    drawn,
    expired,
    fold,
    is_sound,
    over_consumed,
    overdrawn,
    purchased,
    reversal,
)
from farebox.domain.packs import Pack, Pool, Shortfall, burn_down, cover, is_alive
from farebox.domain.rates import Rate, Setting, rate_in_force
from farebox.domain.seats import Held
from farebox.domain.usage import Funding, Row, Use

START = Instant(0)
"""Where the clock of a story stands before its first time."""


class Reported(NamedTuple):
    """A use with who used what, and the licence server's clock."""

    person: str
    product: str
    use: Use
    offset_seconds: int = 0
    borrowed: bool = False


class Change(NamedTuple):
    """What one arrival did to the charges: how much was taken back, and how much was booked."""

    taken_back: Tokens
    booked: Tokens


@dataclass
class Book:
    """All that a story has told so far."""

    enterprise: bool = False
    minimum_us: int = 5 * MINUTE
    now: Instant = START
    grace: list[Setting] = field(default_factory=list)
    products: list[str] = field(default_factory=lambda: [""])
    families: dict[str, str] = field(default_factory=dict)
    rates: dict[str, list[Rate]] = field(default_factory=dict)
    servers: dict[str, int] = field(default_factory=dict)
    packs: dict[str, Pack] = field(default_factory=dict)
    lapsed: dict[int, Tokens] = field(default_factory=dict)
    entitlements: dict[tuple[str, str], list[Held]] = field(default_factory=dict)
    uses: dict[str, Reported] = field(default_factory=dict)
    rows: dict[tuple[object, ...], tuple[Row, ...]] = field(default_factory=dict)
    charges: dict[int, Row] = field(default_factory=dict)
    transfers: list[Transfer] = field(default_factory=list)
    adjusted: list[tuple[Day, Tokens]] = field(default_factory=list)
    causes: int = 0
    offer: frozenset[int] = frozenset()
    defaults: frozenset[int] = frozenset()
    assignments: dict[str, Assignment] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)

    @property
    def pool(self) -> Pool:
        """Return the pool on which charges draw."""
        return Pool.CY if self.enterprise else Pool.FLEX

    def product(self, name: str) -> int:
        """Return the number of a product, a new one for a new name."""
        if name not in self.products:
            self.products.append(name)
        return self.products.index(name)

    def cause(self) -> int:
        """Return the next number for something that moves tokens."""
        self.causes += 1
        return self.causes

    # -- packs

    def buy(self, name: str, size: Tokens, since: Instant, until: Instant) -> Tokens:
        """Add a pack; from its start it first pays open shortfalls. Return what it paid at once (F8)."""
        pack = Pack(len(self.packs) + 1, since, until, size, size)
        self.packs[name] = pack
        self.transfers.append(purchased(self.pool, pack.id, size, cause=self.cause(), at=since))
        return self.settle()

    def settle(self) -> Tokens:
        """Pay open shortfalls, the oldest first, from the packs that have started since, and return how much (F8)."""
        paid = 0
        started = [(pack.since, pack.id, name) for name, pack in self.packs.items() if is_alive(pack, self.now)]
        for since, number, name in sorted(started):
            older = [one for one in self.shortfalls() if one.at < since]
            covers = cover(older, self.left_in(name)) if not self.enterprise else ()
            self.transfers.extend(covered(self.pool, number, covers, at=since))
            paid += sum(one.tokens for one in covers)
        return Tokens(paid)

    def reach(self, at: Instant) -> None:
        """Let the story's clock move on; packs that have started meanwhile pay what is open."""
        if at > self.now:
            self.now = at
            self.settle()

    def left_in(self, name: str) -> Tokens:
        """Return the balance of a pack, folded from the transfers."""
        return Tokens(fold(self.transfers).get(self._account(self.packs[name].id), 0))

    def available(self, at: Instant) -> Tokens:
        """Return what is left in the packs alive at an instant, whether or not lapses were booked (L5)."""
        return Tokens(sum(self.left_in(name) for name, pack in self.packs.items() if is_alive(pack, at)))

    def expire(self, at: Instant) -> dict[str, Tokens]:
        """Book the lapse of packs that are dead at an instant, which says what is already true (L5)."""
        dead = {name: self.left_in(name) for name, pack in self.packs.items() if pack.until <= at}
        lapses = {name: left for name, left in dead.items() if left > 0}
        for name, left in lapses.items():
            self._lapse(self.packs[name], left, self.packs[name].until)
        return lapses

    def move(self, name: str, amount: Tokens, kind: TransferKind, at: Instant) -> None:
        """Book a move to another team (negative: out), or an adjustment."""
        there = AccountKind.OTHER_TEAMS if kind is TransferKind.MOVED else AccountKind.ADJUSTMENTS
        pack, other = self._account(self.packs[name].id), Account(self.pool, there)
        source, target = (other, pack) if amount > 0 else (pack, other)
        self.transfers.append(Transfer(source, target, Tokens(abs(amount)), kind, self.cause(), at))
        if kind is TransferKind.ADJUSTED:
            self.adjusted.append((day_of(at), amount))

    def _account(self, pack: int) -> Account:
        return Account(self.pool, AccountKind.PACK, pack)

    def _lapse(self, pack: Pack, left: Tokens, at: Instant) -> None:
        self.transfers.append(expired(self.pool, pack.id, left, cause=self.cause(), at=at))
        self.lapsed[pack.id] = Tokens(self.lapsed.get(pack.id, 0) + left)

    # -- uses

    def receive(self, name: str, reported: Reported) -> Change:
        """Take in a use, again if it was known, and rate what it touches."""
        self.uses[name] = reported
        try:
            change = self._rate(reported)
        except Rejected:
            del self.uses[name]
            raise
        self.settle()
        return change

    def price(self, row: Row) -> None:
        """Take in a use with a price of its own: a job, or a consumption that was entered by hand (S1, N6)."""
        self.rows["outright", row.use] = (row,)
        self._book([], [row])
        self.settle()

    def withdraw(self, name: str) -> Change:
        """Take a use back, and rate what it touched."""
        return self._rate(self.uses.pop(name), removed=True)

    def rows_of(self, name: str) -> list[Row]:
        """Return the rows of one use, in order."""
        number = self.uses[name].use.id
        return sorted((row for rows in self.rows.values() for row in rows if row.use == number), key=lambda r: r.since)

    def rows_between(self, person: str, product: str) -> list[Row]:
        """Return the rows of a person and product, in order."""
        names = [name for name, one in self.uses.items() if (one.person, one.product) == (person, product)]
        return sorted((row for name in names for row in self.rows_of(name)), key=lambda r: (r.since, r.use))

    def _rate(self, reported: Reported, *, removed: bool = False) -> Change:
        rated = self._rate_days(reported) if self.enterprise else self._rate_chain(reported, removed=removed)
        before = [row for key in rated for row in self.rows.get(key, ())]
        self.rows |= rated
        return self._book(before, [row for rows in rated.values() for row in rows])

    def _rate_chain(self, changed: Reported, *, removed: bool) -> dict[tuple[object, ...], tuple[Row, ...]]:
        """Rate a person and product again, from the last border that cannot have moved, and prove that it suffices."""
        key = (changed.person, changed.product)
        number, held = self.product(changed.product), self.entitlements.get(key, [])
        uses = [one.use for one in self.uses.values() if (one.person, one.product) == key]
        paid = {use: funding_at(held, use.since) for use in uses}
        metered = [use for use, funding in paid.items() if funding is Funding.TOKENS]
        entitled = [
            entitled_row(use, number, funding) for use, funding in paid.items() if funding is not Funding.TOKENS
        ]

        history = self.rates.get(changed.product, [])
        chain = rate_flex(metered, history, number)
        known = [row for row in self.rows.get(key, ()) if row.window is not None or row.category == "CASUAL"]
        starts = [row.window for row in known if row.window is not None and row.window < changed.use.since]
        if starts and not removed:
            border = Instant(max(starts) + (WINDOW_US if changed.use.since >= max(starts) + WINDOW_US else 0))
            rest = rate_flex(metered, history, number, standing=border)
            assert rest.rows == tuple(row for row in chain.rows if row.since >= border), "a border moved"
        return {key: (*chain.rows, *entitled)}

    def _rate_days(self, changed: Reported) -> dict[tuple[object, ...], tuple[Row, ...]]:
        """Rate again each day that a use touches, with all that the person used of the family."""
        family = self.families.get(changed.product, changed.product)
        same = [
            one
            for one in self.uses.values()
            if one.person == changed.person and self.families.get(one.product, one.product) == family
        ]
        days = {piece.day for piece in self._pieces(changed)}
        return {(changed.person, family, day): self._rate_day(same, day) for day in days}

    def _rate_day(self, same: Iterable[Reported], day: Day) -> tuple[Row, ...]:
        found = [(piece, one) for one in same for piece in self._pieces(one) if piece.day == day]
        if not found:
            return ()
        start = min(midnight(day, one.offset_seconds) for _, one in found)
        prices = {self.product(name): rate_in_force(history, start) for name, history in self.rates.items()}
        known = {number: rate for number, rate in prices.items() if rate is not None}
        return rate_day([piece for piece, _ in found], known, minimum_us=self.minimum_us, day_start=start)

    def _pieces(self, one: Reported) -> tuple[Piece, ...]:
        number = self.product(one.product)
        return split_days(one.use, number, offset_seconds=one.offset_seconds, borrowed=one.borrowed)

    # -- charges

    def _book(self, before: list[Row], after: list[Row]) -> Change:
        """Take back the charges that are no more, and book those that are new; the others are not touched (N5)."""
        old, new = ({_identity(row): row for row in rows if row.tokens} for rows in (before, after))
        gone = [charge for charge, row in self.charges.items() if _identity(row) in old.keys() - new.keys()]
        taken_back = Tokens(sum(self.charges[charge].tokens for charge in gone))
        for charge in gone:
            self._take_back(charge)
        added = [row for identity, row in new.items() if identity not in old]
        for row in sorted(added, key=lambda row: (row.at, row.since)):
            self._charge(row)
        return Change(taken_back, Tokens(sum(row.tokens for row in added)))

    def _charge(self, row: Row) -> None:
        """Draw a charge on the packs alive at its own instant; enterprise overdraws where they do not suffice (N7)."""
        charge = self.cause()
        self.charges[charge] = row
        at = midnight(row.day) if self.enterprise else row.at
        balances = fold(self.transfers)
        packs = [
            pack._replace(left=Tokens(balances[self._account(pack.id)] + self.lapsed.get(pack.id, 0)))
            for pack in self.packs.values()
        ]
        burnt = burn_down(packs, row.tokens, at=at)
        for pack, taken in burnt.draws:
            self._revive(pack, Tokens(max(0, taken - balances[self._account(pack)])), charge)
        self.transfers.extend(drawn(self.pool, burnt, cause=charge, at=at))
        if self.enterprise and burnt.shortfall:
            self.transfers.append(over_consumed(self.pool, burnt.shortfall, cause=charge, at=at))

    def _revive(self, pack: int, amount: Tokens, charge: int) -> None:
        """Reduce a lapse that was booked before a late use of the pack's lifetime arrived (L5)."""
        if amount:
            lapse = next(t for t in self.transfers if t.kind is TransferKind.EXPIRED and t.source.pack == pack)
            self.transfers.append(reversal(lapse, amount, cause=charge, at=self.now))
            self.lapsed[pack] = Tokens(self.lapsed[pack] - amount)

    def _take_back(self, charge: int) -> None:
        """Reverse what was drawn for a charge; what returns into a dead pack lapses at once (L5)."""
        del self.charges[charge]
        for paid in [t for t in self.transfers if t.cause == charge and t.target.kind is AccountKind.CONSUMED]:
            self.transfers.append(reversal(paid, paid.tokens, cause=charge, at=self.now))
            pack = next((pack for pack in self.packs.values() if pack.id == paid.source.pack), None)
            if pack is not None and pack.until <= self.now:
                self._lapse(pack, paid.tokens, self.now)

    def paid_by(self, row: Row, kind: TransferKind) -> dict[str, Tokens]:
        """Return what each pack paid of the charge of a row, when it was booked or later."""
        charge = next((charge for charge, one in self.charges.items() if _identity(one) == _identity(row)), 0)
        booked = [transfer for transfer in self.transfers if (transfer.cause, transfer.kind) == (charge, kind)]
        paid = {name: -fold(booked).get(self._account(pack.id), 0) for name, pack in self.packs.items()}
        return {name: Tokens(amount) for name, amount in paid.items() if amount}

    def shortfalls(self) -> list[Shortfall]:
        """Return what is open of each charge."""
        return [
            Shortfall(charge, row.at, Tokens(row.tokens - self._consumed_by(charge)))
            for charge, row in self.charges.items()
            if row.tokens > self._consumed_by(charge)
        ]

    def _consumed_by(self, charge: int) -> int:
        consumed = Account(self.pool, AccountKind.CONSUMED)
        return fold(transfer for transfer in self.transfers if transfer.cause == charge).get(consumed, 0)

    def consumed_between(self, since: Day, until: Day) -> Tokens:
        """Return tokensConsumed of a range: drawn net of reversals, open shortfall, adjustments by their sign (R2)."""
        charges = [charge for charge, row in self.charges.items() if since <= row.day < until]
        short = {one.charge: one.tokens for one in self.shortfalls()}
        adjusted = sum(change for on, change in self.adjusted if since <= on < until)
        return Tokens(sum(self._consumed_by(charge) + short.get(charge, 0) for charge in charges) - adjusted)

    # -- invariants

    def audit(self) -> None:
        """Hold the books to what must be true after every line (L2, L3, L4, F8)."""
        balances = fold(self.transfers)
        assert all(is_sound(transfer) for transfer in self.transfers)
        assert sum(balances.values()) == 0
        assert overdrawn(balances) == ()
        assert [conservation(self.transfers, pool).difference for pool in Pool] == [0] * len(Pool)
        priced = sum(row.tokens for row in self.charges.values())
        assert priced == sum(row.tokens for rows in self.rows.values() for row in rows)
        open_tokens = sum(one.tokens for one in self.shortfalls())
        assert priced == balances.get(Account(self.pool, AccountKind.CONSUMED), 0) + open_tokens


def _identity(row: Row) -> tuple[int, int, Instant, Day, Tokens]:
    """Return what makes a priced row the same charge when its key is rated again."""
    return row.use, row.product, row.at, row.day, row.tokens
