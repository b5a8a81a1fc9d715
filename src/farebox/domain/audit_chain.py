"""
The hash chain of the audit log: what a row is to it, what follows from the row before, and what is wrong with a chain.

Each row is hashed with the hash before it, so that a row that is changed, lost, added or moved changes every hash
after it. Nothing about a person is in it.  (quality T5, L9)
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

INSTALLATION = 0
"""The chain of what is no team's."""


class Logged(NamedTuple):
    """A row of the log as its chain has it; the team is 0 for the installation."""

    id: int
    team: int
    at_us: int
    actor: str
    verb: str
    object: str
    facts: Mapping[str, Any]


class Linked(NamedTuple):
    """A link, and the row that it covers; None where the row is gone."""

    number: int
    row_id: int
    hash: bytes
    row: Logged | None


def genesis(chain: int) -> bytes:
    """Return the hash before the first row; each chain has its own, so that no log passes for another's."""
    return sha256(f"farebox audit {chain}".encode()).digest()


def canonical(row: Logged) -> bytes:
    """Return the bytes of a row: its values in order as one line of JSON, the same on every engine."""
    return json.dumps(tuple(row), ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def following(before: bytes, row: Logged) -> bytes:
    """Return the hash after a row, given the hash before it."""
    return sha256(before + canonical(row)).digest()


def sealed(chain: int, number: int, before: bytes, rows: Iterable[Logged]) -> Iterator[Linked]:
    """Yield the links of rows after the link `number`, whose hash is `before`; all rows belong to the chain."""
    for number, row in enumerate(rows, number + 1):  # noqa: B020 — goes on from the number that was given
        assert row.team == chain, "a row is sealed in its own team's chain"
        before = following(before, row)
        yield Linked(number, row.id, before, row)


class Walked(NamedTuple):
    """What walking a chain found: how many rows hold, the first fault if there is one, and the hashes asked for."""

    chain: int
    sound: int
    fault: str
    hashes: Mapping[int, str]


def walk(chain: int, links: Iterable[Linked], wanted: frozenset[int] = frozenset()) -> Walked:
    """
    Compute a chain anew from its start, up to the first link that is not what its row adds up to.

    A link that is wrong makes every later one wrong as well; only the first says where. `wanted` are the numbers whose
    hashes are to be told.
    """
    before, last, told = genesis(chain), 0, dict[int, str]()
    for link in links:
        fault = _fault(chain, last, before, link)
        if fault:
            return Walked(chain, last, fault, told)
        before, last = link.hash, link.number
        if last in wanted:
            told[last] = before.hex()
    return Walked(chain, last, "", told)


def _fault(chain: int, last: int, before: bytes, link: Linked) -> str:
    """Say what is wrong with the link that follows `last`; nothing where all is well."""
    if link.number != last + 1:
        return f"link {last + 1} is not there"
    if link.row is None:
        return f"row {link.row_id} of link {link.number} is gone"
    if link.row.team != chain:
        return f"row {link.row_id} of link {link.number} was moved to another log"
    if following(before, link.row) != link.hash:
        return f"row {link.row_id} is not what was sealed as link {link.number}"
    return ""
