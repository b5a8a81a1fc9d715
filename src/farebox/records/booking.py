"""
The ledger entries of what changed: reversals first, then draws in the order of the charges' own instants.

A reversal returns tokens to the account that they came from; a draw takes from the packs alive at the charge's
instant. A lapse that the books already have is taken back where a charge from before the pack's end needs it, and
booked again for what remains (domain L1, L5, F8, N7).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.ledger import Account, AccountKind, TransferKind
from farebox.domain.packs import Pack, Pool, burn_down
from farebox.records import ledger
from farebox.records.catalogue import ContractFacts
from farebox.records.ledger import EntryRow, PackState
from farebox.records.models.contracts import Scheme
from farebox.records.usage import Booked, ChargeRow


@dataclass(slots=True)
class _OpenPack:
    """A pack while a booking runs: as it was, and what it has now."""

    state: PackState
    left: int
    lapsed: int
    swept: bool

    def seen_by(self, at: Instant) -> Pack:
        """Return the pack as a charge `at` that instant may draw on it: a lapse after it does not count."""
        state = self.state
        return Pack(state.id, state.since, state.until, Tokens(state.size), Tokens(self.left + self.lapsed))


class Booking:
    """The entries of one contract in one transaction; nothing is written before `write`."""

    def __init__(self, contract: ContractFacts, *, booked: Instant) -> None:
        self.contract = contract
        self.booked = booked
        self.pool = Pool.CY if contract.scheme == Scheme.ENTERPRISE else Pool.FLEX
        self.entries: list[EntryRow] = []
        packs = ledger.packs_of(contract.id)
        self._packs = {p.id: _OpenPack(p, p.left, p.lapsed, p.swept) for p in packs}
        self._payers = [self._packs[p.id] for p in packs if p.pool == self.pool]
        self._accounts: Mapping[Account, int] = ledger.accounts_of(contract.team)
        self._pack_of = {number: account.pack for account, number in self._accounts.items() if account.pack}
        self._consumed = self._accounts[Account(self.pool, AccountKind.CONSUMED)]
        self._over = self._accounts[Account(self.pool, AccountKind.OVER_CONSUMPTION)]

    def reverse(self, charges: Sequence[Booked]) -> None:
        """Return what these charges drew to where it came from (domain L5)."""
        moved = ledger.transfers_of([charge.id for charge in charges if charge.row.tokens])
        for charge in charges:
            net: dict[int, int] = {}
            for source, target, tokens in moved.get(charge.id, ()):
                if target == self._consumed:
                    net[source] = net.get(source, 0) + tokens
                else:
                    net[target] = net.get(target, 0) - tokens
            for account, tokens in net.items():
                self._give_back(charge, account, tokens)

    def _give_back(self, charge: Booked, account: int, tokens: int) -> None:
        if tokens <= 0:
            return
        kind = TransferKind.REVERSED
        self.entries.append(EntryRow(self._consumed, account, tokens, kind, charge.id, charge.row.at))
        pack = self._pack_of.get(account)
        if pack is not None:
            self._packs[pack].left += tokens

    def draw(self, charges: Sequence[ChargeRow]) -> list[ChargeRow]:
        """Draw what each charge costs, in the order given; return the charges with their shortfall or excess."""
        return [self._draw(charge) if charge.tokens_micro else charge for charge in charges]

    def _draw(self, charge: ChargeRow) -> ChargeRow:
        at = charge.at
        packs = [p.seen_by(at) for p in self._payers if p.state.since <= at < p.state.until]
        burnt = burn_down(packs, Tokens(charge.tokens_micro), at=at)
        for pack, tokens in burnt.draws:
            self._take(self._packs[pack], tokens, charge)
        if not burnt.shortfall:
            return charge
        if self.contract.scheme != Scheme.ENTERPRISE:
            return charge._replace(shortfall_micro=burnt.shortfall)
        kind = TransferKind.DRAWN
        self.entries.append(EntryRow(self._over, self._consumed, burnt.shortfall, kind, charge.id, at))
        return charge._replace(over_micro=burnt.shortfall)

    def _take(self, pack: _OpenPack, tokens: int, charge: ChargeRow) -> None:
        account = self._account_of(pack)
        missing = tokens - pack.left
        if missing > 0:
            expired = self._accounts[Account(self.pool, AccountKind.EXPIRED)]
            kind = TransferKind.REVERSED
            self.entries.append(EntryRow(expired, account, missing, kind, None, pack.state.until))
            pack.lapsed -= missing
            pack.left += missing
        self.entries.append(EntryRow(account, self._consumed, tokens, TransferKind.DRAWN, charge.id, charge.at))
        pack.left -= tokens

    def _account_of(self, pack: _OpenPack) -> int:
        return self._accounts[Account(Pool(pack.state.pool), AccountKind.PACK, pack.state.id)]

    def expire(self, *, now: Instant) -> int:
        """Book the lapse of every pack whose end has passed; return how many were booked (domain L5)."""
        return sum(self._sweep(pack) for pack in self._packs.values() if pack.state.until <= now)

    def _sweep(self, pack: _OpenPack) -> bool:
        had = pack.swept
        pack.swept = True
        if pack.left:
            account = self._account_of(pack)
            expired = self._accounts[Account(Pool(pack.state.pool), AccountKind.EXPIRED)]
            kind = TransferKind.EXPIRED
            self.entries.append(EntryRow(account, expired, pack.left, kind, None, pack.state.until))
            pack.lapsed += pack.left
            pack.left = 0
        return not had

    def write(self) -> None:
        """Lapse what came back into packs that are closed, then append the entries and change the packs."""
        for pack in self._packs.values():
            if pack.state.swept and pack.left:
                self._sweep(pack)
        ledger.append(self.contract.team, self.entries, booked=self.booked)
        for pack in self._packs.values():
            left, lapsed = pack.left - pack.state.left, pack.lapsed - pack.state.lapsed
            if left or lapsed or pack.swept != pack.state.swept:
                ledger.change_pack(pack.state.id, left=left, lapsed=lapsed, swept=pack.swept)
