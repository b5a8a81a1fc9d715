"""
The packs of one contract while a booking runs: who pays in which order, what is taken, brought and given back.

Nothing but a new pack is written before `write`. A pack that ended may still pay for what happened in its life: a
lapse is later than the charge, and is taken back as far as it is needed (domain L1, L5, L5b).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.ledger import Account, AccountKind, TransferKind
from farebox.domain.packs import Pack, Pool, burn_down, burn_order
from farebox.records import db, ledger
from farebox.records.catalogue import ContractFacts
from farebox.records.ledger import EntryRow, PackState
from farebox.records.models import Account as AccountRow
from farebox.records.models import Pack as PackRow
from farebox.records.models.contracts import Scheme
from farebox.records.models.packs import PackOrigin

PAYING = {Scheme.FLEX: (Pool.CREDIT, Pool.FLEX), Scheme.ENTERPRISE: (Pool.CY,)}
"""The pools that pay for use under each scheme, in the order in which they pay: credits before tokens (domain S5)."""

_EXPIRED = db.word(TransferKind.EXPIRED)
_REVERSED = db.word(TransferKind.REVERSED)


class NewPack(NamedTuple):
    """A pack to add to a contract."""

    pool: Pool
    since: Instant
    until: Instant
    size: Tokens
    origin: PackOrigin = PackOrigin.PURCHASED
    order_number: str = ""
    price_minor: int | None = None
    currency: str = ""


@dataclass(slots=True)
class OpenPack:
    """A pack while a booking runs: as it was, its account and its pool's others, and what it has now."""

    state: PackState
    account: int
    expired: int
    consumed: int
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
        return Pack(state.id, state.since, state.until, Tokens(state.size), Tokens(self.drawable))


class Purse:
    """The packs of a contract, and the entries that move their tokens."""

    def __init__(self, contract: ContractFacts) -> None:
        self.contract = contract
        self.entries: list[EntryRow] = []
        self.accounts: Mapping[Account, int] = ledger.accounts_of(contract.team)
        self.packs = {state.id: self._open(state) for state in ledger.packs_of(contract.id)}  # in burn order
        self.of_account = {pack.account: pack for pack in self.packs.values()}

    def _open(self, state: PackState, account: int | None = None) -> OpenPack:
        pool = Pool(state.pool)
        return OpenPack(
            state,
            self.accounts[Account(pool, AccountKind.PACK, state.id)] if account is None else account,
            self.accounts[Account(pool, AccountKind.EXPIRED)],
            self.accounts[Account(pool, AccountKind.CONSUMED)],
            state.left,
            state.lapsed,
            state.swept,
        )

    @property
    def paying(self) -> tuple[Pool, ...]:
        """The pools that pay for use, in their order."""
        return PAYING[Scheme(self.contract.scheme)]

    def payers(self) -> list[OpenPack]:
        """Return the packs that pay for use, pool by pool, each in burn order."""
        return [pack for pool in self.paying for pack in self.packs.values() if pack.state.pool == pool]

    def burn(self, pools: Iterable[Pool], tokens: int, at: Instant) -> tuple[list[tuple[OpenPack, int]], int]:
        """Spread tokens over the packs alive `at` that instant, pool by pool; return the draws and what is missing."""
        draws: list[tuple[OpenPack, int]] = []
        for pool in pools:
            burnt = burn_down(self._enough(pool, tokens, at), Tokens(tokens), at=at)
            draws += [(self.packs[number], int(part)) for number, part in burnt.draws]
            tokens = burnt.shortfall
            if not tokens:
                break
        return draws, tokens

    def _enough(self, pool: Pool, tokens: int, at: Instant) -> list[Pack]:
        """Return packs of a pool alive `at` that instant, from the first to burn on, until they hold what is owed."""
        found: list[Pack] = []
        for pack in self.packs.values():
            if tokens <= 0:
                break
            if pack.state.pool == pool and pack.state.since <= at < pack.state.until and pack.drawable:
                found.append(pack.as_pack())
                tokens -= pack.drawable
        return found

    def take(self, pack: OpenPack, tokens: int, charge: int, kind: str, at: Instant, *, to: int | None = None) -> None:
        """Take tokens out of a pack, for consumption unless told where to; a lapse is reduced where it must be."""
        self.revive(pack, tokens)
        self.entries.append(EntryRow(pack.account, pack.consumed if to is None else to, tokens, kind, charge, at))
        pack.left -= tokens

    def revive(self, pack: OpenPack, tokens: int) -> None:
        """Take back as much of a pack's lapse as it lacks to have so many tokens left (domain L5)."""
        missing = tokens - pack.left
        if missing > 0:
            self.entries.append(EntryRow(pack.expired, pack.account, missing, _REVERSED, None, pack.state.until))
            pack.lapsed -= missing
            pack.left += missing

    def bring(self, new: NewPack, source: AccountKind, kind: TransferKind, charge: int | None, booked: Instant) -> int:
        """Add a pack, filled from an account of its pool; return its id."""
        state, account = _open_pack(self.contract, new, booked=booked)
        pack = self._open(state, account)
        pack.left = new.size
        found = sorted([*self.packs.values(), pack], key=lambda one: burn_order(one.as_pack()))
        self.packs = {one.state.id: one for one in found}
        self.of_account[account] = pack
        origin = self.accounts[Account(new.pool, source)]
        self.entries.append(EntryRow(origin, account, new.size, db.word(kind), charge, new.since))
        return state.id

    def lapse(self, pack: OpenPack) -> None:
        """Book the lapse of what a pack has left."""
        pack.swept = True
        if pack.left:
            self.entries.append(EntryRow(pack.account, pack.expired, pack.left, _EXPIRED, None, pack.state.until))
            pack.lapsed += pack.left
            pack.left = 0

    def write(self, booked: Instant) -> None:
        """Lapse what came back into packs that are closed, append the entries and change the packs."""
        for pack in self.packs.values():
            if pack.state.swept and pack.left:
                self.lapse(pack)
        ledger.append(self.contract.team, self.entries, booked=booked)
        for pack in self.packs.values():
            left, lapsed = pack.left - pack.state.left, pack.lapsed - pack.state.lapsed
            if left or lapsed or pack.swept != pack.state.swept:
                ledger.change_pack(pack.state.id, left=left, lapsed=lapsed, swept=pack.swept)


def _open_pack(contract: ContractFacts, new: NewPack, *, booked: Instant) -> tuple[PackState, int]:
    """Record a pack and its account; return it as it stands once it is filled."""
    pack = PackRow.objects.create(
        contract_id=contract.id,
        pool=new.pool,
        since_us=new.since,
        until_us=new.until,
        size_micro=new.size,
        left_micro=0,
        origin=new.origin,
        order_number=new.order_number,
        price_minor=new.price_minor,
        currency=new.currency,
        booked_us=booked,
    )
    account = AccountRow.objects.create(team_id=contract.team, pool=new.pool, kind=AccountKind.PACK, pack=pack)
    return PackState(pack.pk, new.pool, new.since, new.until, new.size, 0, 0, False, 0), int(account.pk)
