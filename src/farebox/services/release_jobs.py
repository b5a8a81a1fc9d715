"""Jobs that were never heard of again give back what was reserved for them (domain S1)."""

from __future__ import annotations

from collections.abc import Sequence

from farebox.domain.clock import Instant
from farebox.records import db, holds, ledger
from farebox.records.catalogue import snapshot
from farebox.records.holds import OpenHold, Reserve
from farebox.records.recording import settle

HOLDS_AT_ONCE = 500
"""Reservations that one transaction gives back."""


def release_jobs(*, now: Instant) -> int:
    """
    Release what is reserved for jobs whose time is over; return how many reservations were given back.

    A job that reports its result later is charged all the same. Running it twice releases nothing twice.
    """
    released = 0
    while due := holds.due_jobs(now=now, limit=HOLDS_AT_ONCE):
        released += db.insist(lambda: _release(due, now=now))
    return released


def _release(due: Sequence[OpenHold], *, now: Instant) -> int:
    with db.atomic():
        catalogue = snapshot()
        contracts = {hold.contract: catalogue.contracts[hold.contract] for hold in due}
        ledger.lock(sorted({contract.team for contract in contracts.values()}))
        standing = holds.of_events([hold.event for hold in due])  # as they are under the lock
        reserve = Reserve(contracts.values(), now=now)
        for hold in standing:
            reserve.end(hold, booked=False)
        reserve.write()
        settle([number for number in contracts if ledger.open_shortfalls(number)], catalogue, now=now)
        return len(standing)
