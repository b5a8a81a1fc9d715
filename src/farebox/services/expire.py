"""What lapsed is booked: the entry that follows a pack's end, for exactly what was left of it."""

from __future__ import annotations

from functools import partial

from farebox.domain.clock import Instant
from farebox.records import db, ledger
from farebox.records.booking import Booking
from farebox.records.catalogue import snapshot
from farebox.records.models import Pack


def expire(*, now: Instant) -> int:
    """
    Book the lapse of every pack that ended by `now`; return how many packs were closed.

    A pack is worth nothing from its end on whether or not this ran; running it twice books nothing twice (L5).
    """
    due = Pack.objects.filter(until_us__lte=now, swept=False).values_list("contract_id", flat=True).distinct()
    return sum(db.insist(partial(_expire, contract, now=now)) for contract in sorted(due))


def _expire(contract: int, *, now: Instant) -> int:
    with db.atomic():
        facts = snapshot().contracts[contract]
        ledger.lock([facts.team])
        booking = Booking(facts, booked=ledger.next_booking(facts.team, now=now))
        closed = booking.expire(now=now)
        booking.write()
        return closed
