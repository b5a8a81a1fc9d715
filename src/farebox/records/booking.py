"""
The ledger entries of what changed: reversals first, then draws in the order of the charges' own instants.

A reversal returns tokens to the account that they came from; a draw takes from the packs alive at the charge's
instant. A lapse that the books already have is taken back where a charge from before the pack's end needs it, and
booked again for what remains. What those packs cannot pay is a shortfall, which a pack that started later covers as
if the charge had been reported before it (domain L1, L5, L5b, F8, N7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Day, Instant, midnight
from farebox.domain.ledger import Account, AccountKind, TransferKind
from farebox.domain.packs import Pack, Pool, burn_down
from farebox.records import db, ledger
from farebox.records.catalogue import ContractFacts
from farebox.records.ledger import EntryRow, PackState
from farebox.records.models.contracts import Scheme
from farebox.records.usage import Booked, ChargeRow

_COVERED = db.word(TransferKind.COVERED)
_DRAWN = db.word(TransferKind.DRAWN)
_EXPIRED = db.word(TransferKind.EXPIRED)
_REVERSED = db.word(TransferKind.REVERSED)


@dataclass(slots=True)
class _OpenPack:
    """A pack while a booking runs: as it was, its account and its pool's expired account, and what it has now."""

    state: PackState
    account: int
    expired: int
    left: int
    lapsed: int
    swept: bool

    @property
    def drawable(self) -> int:
        """What a charge from the pack's lifetime may draw: a lapse is later than the charge."""
        return self.left + self.lapsed

    def as_pack(self) -> Pack:
        """Return the pack as a charge from its lifetime sees it."""
        state = self.state
        return Pack(state.id, state.since, state.until, Tokens(state.size), Tokens(self.left + self.lapsed))


class Booking:
    """The entries of one contract in one transaction; nothing is written before `write`."""

    def __init__(self, contract: ContractFacts, *, booked: Instant) -> None:
        self.contract = contract
        self.booked = booked
        self.entries: list[EntryRow] = []
        self._is_enterprise = contract.scheme == Scheme.ENTERPRISE
        pool = Pool.CY if self._is_enterprise else Pool.FLEX
        accounts: Mapping[Account, int] = ledger.accounts_of(contract.team)
        packs = ledger.packs_of(contract.id)
        self._packs = {pack.id: _open(pack, accounts) for pack in packs}
        self._payers = [self._packs[pack.id] for pack in packs if pack.pool == pool]
        self._pack_of = {pack.account: pack for pack in self._packs.values()}
        self._consumed = accounts[Account(pool, AccountKind.CONSUMED)]
        self._over = accounts[Account(pool, AccountKind.OVER_CONSUMPTION)]
        self._came_back = False

    def reverse(self, charges: Sequence[Booked]) -> None:
        """Return what these charges drew to where it came from (domain L5)."""
        moved = ledger.transfers_of([charge.id for charge in charges if charge.row.tokens])
        for charge in charges:
            net: dict[int, int] = {}
            for source, target, tokens in moved.get(charge.id, ()):
                other, change = (source, tokens) if target == self._consumed else (target, -tokens)
                net[other] = net.get(other, 0) + change
            for account, tokens in net.items():
                if tokens > 0:
                    self._give_back(charge, account, tokens)

    def _give_back(self, charge: Booked, account: int, tokens: int) -> None:
        self.entries.append(EntryRow(self._consumed, account, tokens, _REVERSED, charge.id, charge.row.at))
        pack = self._pack_of.get(account)
        if pack is not None:
            pack.left += tokens
            self._came_back = True

    def draw(self, charges: Sequence[ChargeRow]) -> list[ChargeRow]:
        """Draw what each charge costs, in the order given; return the charges with their shortfall or excess."""
        return [self._draw(charge) if charge.tokens_micro else charge for charge in charges]

    def _draw(self, charge: ChargeRow) -> ChargeRow:
        at = midnight(Day(charge.usage_day)) if self._is_enterprise else charge.at  # the year of its usageDate (N6)
        burnt = burn_down(self._enough(charge.tokens_micro, at), Tokens(charge.tokens_micro), at=at)
        for pack, tokens in burnt.draws:
            self._take(self._packs[pack], tokens, charge.id, _DRAWN, at)
        if not burnt.shortfall:
            return charge
        if not self._is_enterprise:
            return charge._replace(shortfall_micro=self._cover(charge.id, at, burnt.shortfall))
        self.entries.append(EntryRow(self._over, self._consumed, burnt.shortfall, _DRAWN, charge.id, at))
        return charge._replace(over_micro=burnt.shortfall)

    def _enough(self, tokens: int, at: Instant) -> list[Pack]:
        """Return packs alive `at` that instant, from the first to burn on, until they hold what is owed."""
        found: list[Pack] = []
        for pack in self._payers:
            if tokens <= 0:
                break
            if pack.state.since <= at < pack.state.until and pack.drawable:
                found.append(pack.as_pack())
                tokens -= pack.drawable
        return found

    def _cover(self, charge: int, at: Instant, shortfall: int) -> int:
        """
        Let packs that end after a charge cover it, each from its own start on; return what is still short (F8).

        The next pack to start comes first; packs of one start stay in burn order.
        """
        for pack in sorted(self._payers, key=lambda one: max(one.state.since, at)):
            tokens = min(shortfall, pack.drawable) if pack.state.until > at else 0
            if tokens:
                self._take(pack, tokens, charge, _COVERED, max(pack.state.since, at))
                shortfall -= tokens
        return shortfall

    def _settle(self) -> None:
        """Let what came back pay what is still short, the oldest first, as if it had never been away (F8)."""
        if self._is_enterprise or not self._came_back or not any(pack.drawable for pack in self._payers):
            return
        short = ledger.open_shortfalls(self.contract.id)
        covers = [(tokens - self._cover(charge, at, tokens), charge) for charge, at, tokens in short]
        ledger.cover_shortfalls([(tokens, charge) for tokens, charge in covers if tokens])

    def _take(self, pack: _OpenPack, tokens: int, charge: int, kind: str, at: Instant) -> None:
        missing = tokens - pack.left
        if missing > 0:
            self.entries.append(EntryRow(pack.expired, pack.account, missing, _REVERSED, None, pack.state.until))
            pack.lapsed -= missing
            pack.left += missing
        self.entries.append(EntryRow(pack.account, self._consumed, tokens, kind, charge, at))
        pack.left -= tokens

    def expire(self, *, now: Instant) -> int:
        """Book the lapse of every pack whose end has passed; return how many were closed by this (domain L5)."""
        due = [pack for pack in self._packs.values() if pack.state.until <= now and not pack.swept]
        for pack in due:
            self._lapse(pack)
        return len(due)

    def _lapse(self, pack: _OpenPack) -> None:
        pack.swept = True
        if pack.left:
            self.entries.append(EntryRow(pack.account, pack.expired, pack.left, _EXPIRED, None, pack.state.until))
            pack.lapsed += pack.left
            pack.left = 0

    def write(self) -> None:
        """Spend what came back, lapse it in packs that are closed, append the entries and change the packs."""
        self._settle()
        for pack in self._packs.values():
            if pack.state.swept and pack.left:
                self._lapse(pack)
        ledger.append(self.contract.team, self.entries, booked=self.booked)
        for pack in self._packs.values():
            left, lapsed = pack.left - pack.state.left, pack.lapsed - pack.state.lapsed
            if left or lapsed or pack.swept != pack.state.swept:
                ledger.change_pack(pack.state.id, left=left, lapsed=lapsed, swept=pack.swept)


def _open(pack: PackState, accounts: Mapping[Account, int]) -> _OpenPack:
    pool = Pool(pack.pool)
    account = accounts[Account(pool, AccountKind.PACK, pack.id)]
    expired = accounts[Account(pool, AccountKind.EXPIRED)]
    return _OpenPack(pack, account, expired, pack.left, pack.lapsed, pack.swept)
