"""
The ledger's arithmetic: transfers between accounts, and what they add up to.

A ledger entry is one transfer of more than nothing from one account to another, so that the sum over all accounts is
zero by construction. Entries are appended and never changed; a balance is what came in minus what went out, and any
stored balance is only a copy of that. One list of transfers is the ledger of one team.  (domain L2, L3)
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.amounts import Tokens
from farebox.domain.clock import Instant
from farebox.domain.packs import BurnDown, Cover, Pool


class AccountKind(StrEnum):
    """What an account holds."""

    PACK = "PACK"
    RESERVED = "RESERVED"
    CONSUMED = "CONSUMED"
    EXPIRED = "EXPIRED"
    ADJUSTMENTS = "ADJUSTMENTS"
    OVER_CONSUMPTION = "OVER_CONSUMPTION"
    OTHER_TEAMS = "OTHER_TEAMS"
    OUTSIDE = "OUTSIDE"


class TransferKind(StrEnum):
    """What a transfer means."""

    PURCHASED = "PURCHASED"
    DRAWN = "DRAWN"
    COVERED = "COVERED"
    EXPIRED = "EXPIRED"
    MOVED = "MOVED"
    ADJUSTED = "ADJUSTED"
    RESERVED = "RESERVED"
    RELEASED = "RELEASED"
    REVERSED = "REVERSED"


class Account(NamedTuple):
    """One account of a team: of a pool, of a kind, and of one pack where the kind is PACK or RESERVED."""

    pool: Pool
    kind: AccountKind
    pack: int = 0


class Transfer(NamedTuple):
    """Tokens that went from one account to another at an instant, and what caused it."""

    source: Account
    target: Account
    tokens: Tokens
    kind: TransferKind
    cause: int
    at: Instant


class Conservation(NamedTuple):
    """Both sides of the conservation of one pool: what came, and where it is (domain L3)."""

    granted: int
    moved_in: int
    adjusted: int
    over_consumed: int
    available: int
    reserved: int
    consumed: int
    expired: int
    moved_out: int

    @property
    def difference(self) -> int:
        """What came minus where it is: 0, always."""
        came = self.granted + self.moved_in + self.adjusted + self.over_consumed
        return came - self.available - self.reserved - self.consumed - self.expired - self.moved_out


_HELD = (AccountKind.PACK, AccountKind.RESERVED, AccountKind.CONSUMED, AccountKind.EXPIRED)
"""Accounts that hold tokens, and are never below zero; from the others tokens come."""

_ROUTES = {
    TransferKind.PURCHASED: {(AccountKind.OUTSIDE, AccountKind.PACK)},
    TransferKind.DRAWN: {
        (AccountKind.PACK, AccountKind.CONSUMED),
        (AccountKind.RESERVED, AccountKind.CONSUMED),
        (AccountKind.OVER_CONSUMPTION, AccountKind.CONSUMED),
    },
    TransferKind.COVERED: {(AccountKind.PACK, AccountKind.CONSUMED)},
    TransferKind.EXPIRED: {(AccountKind.PACK, AccountKind.EXPIRED)},
    TransferKind.MOVED: {
        (AccountKind.PACK, AccountKind.OTHER_TEAMS),
        (AccountKind.OTHER_TEAMS, AccountKind.PACK),
    },
    TransferKind.ADJUSTED: {
        (AccountKind.PACK, AccountKind.ADJUSTMENTS),
        (AccountKind.ADJUSTMENTS, AccountKind.PACK),
        (AccountKind.ADJUSTMENTS, AccountKind.OVER_CONSUMPTION),
        (AccountKind.OVER_CONSUMPTION, AccountKind.ADJUSTMENTS),
    },
    TransferKind.RESERVED: {(AccountKind.PACK, AccountKind.RESERVED)},
    TransferKind.RELEASED: {(AccountKind.RESERVED, AccountKind.PACK)},
}
"""From where to where a transfer of each kind may go; a reversal goes any of these ways backwards."""

_BACKWARDS = {(target, source) for routes in _ROUTES.values() for source, target in routes}


def fold(transfers: Iterable[Transfer]) -> dict[Account, int]:
    """Return the balance of every account that was ever touched: what came in minus what went out (domain L2)."""
    balances: dict[Account, int] = {}
    for source, target, tokens, _kind, _cause, _at in transfers:
        balances[source] = balances.get(source, 0) - tokens
        balances[target] = balances.get(target, 0) + tokens
    return balances


def conservation(transfers: Iterable[Transfer], pool: Pool) -> Conservation:
    """
    Add up both sides of the conservation of one pool (domain L3).

    A draw on the over-consumption account is named apart: it was consumed without having been granted (N7).
    """
    came: dict[AccountKind, int] = dict.fromkeys(AccountKind, 0)
    went: dict[AccountKind, int] = dict.fromkeys(AccountKind, 0)
    for transfer in transfers:
        if transfer.source.pool is pool:
            went[transfer.source.kind] += transfer.tokens
        if transfer.target.pool is pool:
            came[transfer.target.kind] += transfer.tokens
    net = {kind: came[kind] - went[kind] for kind in AccountKind}
    return Conservation(
        granted=-net[AccountKind.OUTSIDE],
        moved_in=went[AccountKind.OTHER_TEAMS],
        adjusted=-net[AccountKind.ADJUSTMENTS],
        over_consumed=-net[AccountKind.OVER_CONSUMPTION],
        available=net[AccountKind.PACK],
        reserved=net[AccountKind.RESERVED],
        consumed=net[AccountKind.CONSUMED],
        expired=net[AccountKind.EXPIRED],
        moved_out=came[AccountKind.OTHER_TEAMS],
    )


def is_sound(transfer: Transfer) -> bool:
    """Tell whether a transfer moves more than nothing, within one pool, on a way that its kind may go."""
    route = (transfer.source.kind, transfer.target.kind)
    routes = _BACKWARDS if transfer.kind is TransferKind.REVERSED else _ROUTES[transfer.kind]
    return transfer.tokens > 0 and transfer.source.pool is transfer.target.pool and route in routes


def overdrawn(balances: dict[Account, int]) -> tuple[Account, ...]:
    """Name the accounts below zero that may never be: packs, reserved, consumed and expired (domain L4)."""
    return tuple(account for account, balance in balances.items() if balance < 0 and account.kind in _HELD)


def purchased(pool: Pool, pack: int, size: Tokens, *, cause: int, at: Instant) -> Transfer:
    """Book the purchase of a pack."""
    source, target = Account(pool, AccountKind.OUTSIDE), Account(pool, AccountKind.PACK, pack)
    return Transfer(source, target, size, TransferKind.PURCHASED, cause, at)


def drawn(pool: Pool, burnt: BurnDown, *, cause: int, at: Instant) -> tuple[Transfer, ...]:
    """Book the draws of a charge; its shortfall, if any, is the caller's."""
    target = Account(pool, AccountKind.CONSUMED)
    return tuple(
        Transfer(Account(pool, AccountKind.PACK, pack), target, taken, TransferKind.DRAWN, cause, at)
        for pack, taken in burnt.draws
    )


def over_consumed(pool: Pool, tokens: Tokens, *, cause: int, at: Instant) -> Transfer:
    """Book what an enterprise contract used beyond its pool (domain N7)."""
    source, target = Account(pool, AccountKind.OVER_CONSUMPTION), Account(pool, AccountKind.CONSUMED)
    return Transfer(source, target, tokens, TransferKind.DRAWN, cause, at)


def covered(pool: Pool, pack: int, covers: Iterable[Cover], *, at: Instant) -> tuple[Transfer, ...]:
    """Book what a new pack pays of old shortfalls, each on its old charge, at the pack's start (domain F8)."""
    source, target = Account(pool, AccountKind.PACK, pack), Account(pool, AccountKind.CONSUMED)
    return tuple(Transfer(source, target, one.tokens, TransferKind.COVERED, one.charge, at) for one in covers)


def expired(pool: Pool, pack: int, left: Tokens, *, cause: int, at: Instant) -> Transfer:
    """Book the lapse of what is left in a pack."""
    source, target = Account(pool, AccountKind.PACK, pack), Account(pool, AccountKind.EXPIRED)
    return Transfer(source, target, left, TransferKind.EXPIRED, cause, at)


def reversal(transfer: Transfer, tokens: Tokens, *, cause: int, at: Instant) -> Transfer:
    """
    Take back `tokens` of an earlier transfer, to the account that it came from (domain L5).

    What returns into a dead pack lapses at once: the caller adds that `expired` transfer.
    """
    assert 0 < tokens <= transfer.tokens, "a reversal takes back no more than was transferred"
    return Transfer(transfer.target, transfer.source, tokens, TransferKind.REVERSED, cause, at)
