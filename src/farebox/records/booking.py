"""
The ledger entries of what changed: reversals first, then draws in the order of the charges' own instants.

A reversal returns tokens to the account that they came from; a draw takes from the packs alive at the charge's
instant. A lapse that the books already have is taken back where a charge from before the pack's end needs it, and
booked again for what remains. What those packs cannot pay is a shortfall, or over-consumption, which a pack that
started later covers as if the charge had been reported before it (domain L1, L5, L5b, F8, N7).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from farebox.domain.amounts import Tokens, as_text
from farebox.domain.charging.manual import contract_year_at, life_of_added
from farebox.domain.clock import Day, Instant, midnight, read_instant
from farebox.domain.errors import Problem, Rejected
from farebox.domain.ledger import Account, AccountKind, TransferKind
from farebox.domain.packs import Pool
from farebox.domain.usage import UsageCategory
from farebox.records import db, ledger
from farebox.records.catalogue import ContractFacts
from farebox.records.ledger import EntryRow, Owed
from farebox.records.models.contracts import Scheme
from farebox.records.models.packs import PackOrigin
from farebox.records.purse import NewPack, OpenPack, Purse
from farebox.records.usage import Booked, ChargeRow

_ADJUSTED = db.word(TransferKind.ADJUSTED)
_COVERED = db.word(TransferKind.COVERED)
_DRAWN = db.word(TransferKind.DRAWN)
_REVERSED = db.word(TransferKind.REVERSED)
_ADJUSTMENT = db.word(UsageCategory.MANUAL_ADJUSTMENT)
LATEST = read_instant("2100-01-01T00:00:00Z")


class _Unpaid(NamedTuple):
    """Tokens that a charge had from a pack which is no more, and the account that they had gone to."""

    charge: int
    target: int
    tokens: int


class Booking:
    """The entries of one contract in one transaction; nothing but new packs is written before `write`."""

    def __init__(self, contract: ContractFacts, *, booked: Instant) -> None:
        self.contract = contract
        self.booked = booked
        self.covered = Tokens(0)
        self._purse = Purse(contract)
        self.entries = self._purse.entries
        self._is_enterprise = contract.scheme == Scheme.ENTERPRISE
        accounts: Mapping[Account, int] = self._purse.accounts
        pool = self._purse.paying[-1]
        self._consumed = accounts[Account(pool, AccountKind.CONSUMED)]
        self._over = accounts[Account(pool, AccountKind.OVER_CONSUMPTION)]
        self._adjustments = {accounts[Account(pool, AccountKind.ADJUSTMENTS)]: pool for pool in Pool}
        self._came_back = False
        self._unpaid: list[_Unpaid] = []

    @property
    def _packs(self) -> Mapping[int, OpenPack]:
        """The packs of the contract by their numbers."""
        return self._purse.packs

    # -- what counts no longer

    def reverse(self, charges: Sequence[Booked]) -> None:
        """Return what these charges moved to where it came from (domain L5)."""
        moved = ledger.transfers_of([charge.id for charge in charges if charge.row.tokens])
        added: list[tuple[Booked, OpenPack, int, int]] = []
        for charge in charges:
            for source, target, tokens in _net(moved.get(charge.id, ())):
                pack = self._purse.of_account.get(target)
                if pack is None:
                    self._give_back(charge.id, charge.row.at, source, target, tokens)
                else:
                    added.append((charge, pack, source, tokens))
        gone = {charge.id for charge in charges}
        for charge, pack, source, tokens in added:
            self._empty(pack, gone)
            self._take_away(charge, pack, source, tokens)

    def _give_back(self, charge: int, at: Instant, source: int, target: int, tokens: int) -> None:
        self.entries.append(EntryRow(target, source, tokens, _REVERSED, charge, at))
        pack = self._purse.of_account.get(source)
        if pack is not None:
            pack.left += tokens
            self._came_back = True

    def _empty(self, pack: OpenPack, gone: set[int]) -> None:
        """Give back to a pack what charges had from it; they are paid from others at the end."""
        moved: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        for charge, *transfer in ledger.drawn_from(self.contract.team, pack.account):
            moved[charge].append((transfer[0], transfer[1], transfer[2]))
        for charge in sorted(moved.keys() - gone):
            for source, target, tokens in _net(moved[charge]):
                if source == pack.account:
                    self._give_back(charge, self.booked, source, target, tokens)
                    self._unpaid.append(_Unpaid(charge, target, tokens))

    def _take_away(self, charge: Booked, pack: OpenPack, source: int, tokens: int) -> None:
        """Take back a pack that an adjustment added; what is reserved of it, or was moved on, cannot be."""
        if tokens > pack.drawable:
            raise _insufficient(tokens - pack.drawable)
        self._purse.revive(pack, tokens)
        self.entries.append(EntryRow(pack.account, source, tokens, _REVERSED, charge.id, charge.row.at))
        pack.left -= tokens
        pack.swept = True

    # -- what counts now

    def draw(self, charges: Sequence[ChargeRow], pools: Mapping[int, Pool] | None = None) -> list[ChargeRow]:
        """
        Draw what each charge costs, in the order given; return the charges with their shortfall or excess.

        `pools` names the pool of each adjustment. Raises `Rejected` (`insufficient_tokens`) for one that takes more
        than there is.
        """
        drawn = []
        for charge in charges:
            if charge.usage_category == _ADJUSTMENT:
                self._adjust(charge, (pools or {})[charge.id])
                drawn.append(charge)
            else:
                drawn.append(self._draw(charge) if charge.tokens_micro else charge)
        return drawn

    def _draw(self, charge: ChargeRow) -> ChargeRow:
        day = Day(charge.usage_day)
        missing = self._pay(charge.id, self._paid_at(charge.at, day), day, charge.tokens_micro)
        if not missing:
            return charge
        return charge._replace(over_micro=missing) if self._is_enterprise else charge._replace(shortfall_micro=missing)

    def _paid_at(self, at: Instant, day: Day) -> Instant:
        """Return when a charge is paid: at its own instant, or in the contract year of its date (domain N6)."""
        return midnight(day) if self._is_enterprise else at

    def _pay(self, charge: int, at: Instant, day: Day, tokens: int) -> int:
        """Pay a charge from the packs alive at its instant, then from later ones; return and book what is missing."""
        draws, missing = self._purse.burn(self._purse.paying, tokens, at)
        for pack, part in draws:
            self._purse.take(pack, part, charge, _DRAWN, at)
        missing = self._cover(charge, at, day, missing) if missing else 0
        if missing and self._is_enterprise:
            self.entries.append(EntryRow(self._over, self._consumed, missing, _DRAWN, charge, at))
        return missing

    def _cover(self, charge: int, at: Instant, day: Day, missing: int) -> int:
        """
        Let packs that end after a charge cover it, each from its own start on; return what is still missing (F8).

        The next pack to start comes first; packs of one start stay in the order in which they pay. Tokens of a
        contract year cover what was consumed in it (domain N6).
        """
        latest = midnight(contract_year_at(self.contract.start_day, day).until) if self._is_enterprise else LATEST
        for pack in sorted(self._purse.payers(), key=lambda one: max(one.state.since, at)):
            pays = pack.state.until > at and pack.state.since < latest
            tokens = min(missing, pack.drawable) if pays else 0
            if tokens:
                self._purse.take(pack, tokens, charge, _COVERED, max(pack.state.since, at))
                missing -= tokens
        return missing

    def _adjust(self, charge: ChargeRow, pool: Pool) -> None:
        """Add tokens to a pool as a pack of their own, or take them from its packs in burn order (domain N6)."""
        change = Tokens(-charge.tokens_micro)
        if change < 0:
            self._take_by_hand(charge.id, charge.at, pool, -change)
            return
        facts = self.contract
        life = life_of_added(pool, Day(charge.usage_day), start=facts.start_day, end=facts.end_day, latest=LATEST)
        new = NewPack(pool, life.since, life.until, change, PackOrigin.ADJUSTED)
        self.add(new, AccountKind.ADJUSTMENTS, TransferKind.ADJUSTED, charge=charge.id)

    def _take_by_hand(self, charge: int, at: Instant, pool: Pool, tokens: int) -> None:
        draws, missing = self._purse.burn((pool,), tokens, at)
        if missing:
            raise _insufficient(missing)
        target = self._purse.accounts[Account(pool, AccountKind.ADJUSTMENTS)]
        for pack, part in draws:
            self._purse.take(pack, part, charge, _ADJUSTED, at, to=target)

    def add(self, new: NewPack, source: AccountKind, kind: TransferKind, *, charge: int | None = None) -> int:
        """Add a pack and return its id; it pays what is open (domain F8, N7)."""
        self._came_back = True
        return self._purse.bring(new, source, kind, charge, self.booked)

    # -- what follows

    def settle(self) -> None:
        """Let what the packs have pay for what is open, as after tokens came back from outside a booking (F8)."""
        self._came_back = True

    def _pay_again(self) -> None:
        """Pay from other packs what charges had from one that is no more; an adjustment may be refused that."""
        known = ledger.instants_of([one.charge for one in self._unpaid]) if self._unpaid else {}
        for charge, target, tokens in sorted(self._unpaid, key=lambda one: (known[one.charge][0], one.charge)):
            at, day = known[charge]
            pool = self._adjustments.get(target)
            if pool is not None:
                self._take_by_hand(charge, at, pool, tokens)
                continue
            missing = self._pay(charge, self._paid_at(at, day), day, tokens)
            raised = [(-missing, charge)] if missing else []
            ledger.cover_overs(raised) if self._is_enterprise else ledger.cover_shortfalls(raised)

    def _settle(self) -> None:
        """Let what came back pay what is still open, the oldest first, as if it had never been away (F8, N7)."""
        if not self._came_back or not any(pack.drawable for pack in self._purse.payers()):
            return
        if self._is_enterprise:
            self._settle_overs(ledger.open_overs(self.contract.id))
            return
        short = ledger.open_shortfalls(self.contract.id)
        covers = [(tokens - self._cover(charge, at, Day(0), tokens), charge) for charge, at, tokens in short]
        self._tell_covered(covers)
        ledger.cover_shortfalls([(tokens, charge) for tokens, charge in covers if tokens])

    def _settle_overs(self, overs: Iterable[Owed]) -> None:
        """Let tokens of a contract year pay for what was over-consumed in it."""
        covers = []
        for charge, _, day, tokens in overs:
            at = midnight(day)
            paid = tokens - self._cover(charge, at, day, tokens)
            if paid:
                self.entries.append(EntryRow(self._consumed, self._over, paid, _REVERSED, charge, at))
                covers.append((paid, charge))
        self._tell_covered(covers)
        ledger.cover_overs(covers)

    def _tell_covered(self, covers: Iterable[tuple[int, int]]) -> None:
        self.covered = Tokens(self.covered + sum(tokens for tokens, _ in covers))

    def expire(self, *, now: Instant) -> int:
        """Book the lapse of every pack whose end has passed; return how many were closed by this (domain L5)."""
        due = [pack for pack in self._packs.values() if pack.state.until <= now and not pack.swept]
        for pack in due:
            self._purse.lapse(pack)
        return len(due)

    def write(self) -> None:
        """Pay again what lost its pack, spend what came back, and write the entries and the packs."""
        self._pay_again()
        self._settle()
        self._purse.write(self.booked)


def _net(moved: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return what was moved from account to account, less what was moved back."""
    net: dict[tuple[int, int], int] = {}
    for source, target, tokens in moved:
        net[source, target] = net.get((source, target), 0) + tokens
    pairs = ((source, target, tokens - net.get((target, source), 0)) for (source, target), tokens in net.items())
    return [(source, target, tokens) for source, target, tokens in pairs if tokens > 0]


def _insufficient(missing: int) -> Rejected:
    message = f"the pool has {as_text(Tokens(missing))} tokens too few at that date"
    return Rejected([Problem("/data/tokens", "insufficient_tokens", message)])
