"""
The hash chain of a ledger: what an entry is to it, and what follows from the entry before.

Each entry is hashed with the hash of the one before it, so that an entry that is changed, lost, added or moved changes
every hash after it. The hash after an entry is the same wherever the links between were cut, and on every engine.
Nothing about a person is in it.  (domain L7, invariant L9)
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple


class Chained(NamedTuple):
    """
    An entry as the chain has it: its place, both accounts, what moved, why, and when.

    A pack of 0 is an account of the whole pool; a charge, hold or act of 0 is none. Instants are microseconds. A word
    is None, and a pack 0, where the account is not there: that changes the hash, as it must.
    """

    number: int
    source_pool: str | None
    source: str | None
    source_pack: int
    target_pool: str | None
    target: str | None
    target_pack: int
    tokens_micro: int
    kind: str
    charge: int
    hold: int
    act: int
    at_us: int
    booked_us: int


_FORM = "|".join(["%s"] * len(Chained._fields)) + "\n"


def genesis(team: int) -> bytes:
    """Return the hash before the first entry; each team has its own, so that no ledger passes for another's."""
    return sha256(f"farebox ledger {team}".encode()).digest()


def canonical(entry: Chained) -> bytes:
    """Return the bytes of an entry: its values in order, numbers in decimal, parted by bars, one line."""
    return (_FORM % entry).encode()


def following(before: bytes, entries: Iterable[Chained]) -> bytes:
    """Return the hash after `entries`, given the hash before them."""
    for entry in entries:
        before = sha256(before + canonical(entry)).digest()
    return before
