"""The chain of the audit log is closed over what was written, and its heads are told to who keeps them elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from farebox.domain.clock import Instant, as_iso
from farebox.records import audit_chain


class Exported(NamedTuple):
    """The head of a log's chain, to be kept where this program cannot reach it; no team: the installation's log."""

    team: str
    number: int
    hash: str
    sealed: str


def seal(*, now: Instant) -> int:
    """
    Append a link for each row that has none yet; return how many.

    Any number of sealers may run at once: each row is sealed by one of them.
    """
    total = 0
    while done := audit_chain.seal(now=now):
        total += done
    return total


def heads() -> list[Exported]:
    """Return the head of every chain that has one."""
    return [Exported(one.slug, one.number, one.hash.hex(), as_iso(one.sealed)) for one in audit_chain.heads()]
