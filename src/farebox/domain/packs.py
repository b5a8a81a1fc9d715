"""
Token packs: which one pays, and what happens to a charge that none can pay.

A pack is alive from its start until its end, not at it. Packs pay in the order of their end, then of their original
size, then of their id. Lack of tokens is an outcome, not an error.  (domain L1, L5, F8)
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from farebox.domain.amounts import ZERO, Tokens
from farebox.domain.clock import Instant


class Pool(StrEnum):
    """Which tokens of a contract: Flex, of a contract year, of several years, or cloud credits."""

    FLEX = "FLEX"
    CY = "CY"
    MY = "MY"
    CREDIT = "CREDIT"


class Pack(NamedTuple):
    """Tokens bought at once, with one end."""

    id: int
    since: Instant
    until: Instant
    size: Tokens
    """What was bought; a part that was moved to another team keeps the size of the whole (domain L6)."""
    left: Tokens
    """What may still be drawn at the instant of the charge."""


class Draw(NamedTuple):
    """Tokens taken from one pack by one charge."""

    pack: int
    tokens: Tokens


class BurnDown(NamedTuple):
    """How a charge is paid: draws in burn order, and what no pack could pay."""

    draws: tuple[Draw, ...]
    shortfall: Tokens


class Shortfall(NamedTuple):
    """The part of a charge that no pack has paid yet."""

    charge: int
    at: Instant
    tokens: Tokens


class Cover(NamedTuple):
    """Tokens of a new pack that pay for an old shortfall."""

    charge: int
    tokens: Tokens


def burn_order(pack: Pack) -> tuple[Instant, Tokens, int]:
    """Return the sort key of the order in which packs pay: end, original size, id (domain L1)."""
    return pack.until, pack.size, pack.id


def is_alive(pack: Pack, at: Instant) -> bool:
    """Tell whether a pack can pay for a charge `at` that instant (domain L5)."""
    return pack.since <= at < pack.until


def burn_down(packs: Iterable[Pack], owed: Tokens, *, at: Instant) -> BurnDown:
    """
    Spread `owed` over the packs alive `at` that instant, in burn order (domain L1, L5).

    Lack of tokens is not an error here. Whether a shortfall blocks the person, is invoiced, or waits for the
    next pack is the caller's policy.
    """
    assert owed >= 0, "a charge is never negative"
    draws = []
    for pack in sorted((pack for pack in packs if is_alive(pack, at) and pack.left > 0), key=burn_order):
        if owed <= 0:
            break
        taken = min(pack.left, owed)
        draws.append(Draw(pack.id, taken))
        owed = Tokens(owed - taken)
    return BurnDown(tuple(draws), owed)


def cover(shortfalls: Iterable[Shortfall], available: Tokens) -> tuple[Cover, ...]:
    """
    Spread the tokens of a new pack over open shortfalls, the oldest first (domain F8).

    Each cover is a movement of its own, at the pack's start and on the old charge; it is no consumption of
    that day.
    """
    covers = []
    for shortfall in sorted(shortfalls, key=lambda one: (one.at, one.charge)):
        paid = min(shortfall.tokens, available)
        if paid > ZERO:
            covers.append(Cover(shortfall.charge, paid))
            available = Tokens(available - paid)
    return tuple(covers)
