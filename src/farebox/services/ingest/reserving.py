"""Tokens held for jobs that run: reserved when one is submitted, given back when it is decided (domain S1)."""

from __future__ import annotations

from collections.abc import Sequence

from farebox.domain.charging.jobs import Outcome
from farebox.domain.clock import MINUTE, Instant
from farebox.domain.rates import setting_in_force
from farebox.records import holds
from farebox.records.catalogue import Catalogue, ContractFacts
from farebox.records.holds import Reserve, Wanted
from farebox.records.models.contracts import PolicyName, Scheme
from farebox.records.models.live import HoldKind
from farebox.records.usage import UseRow
from farebox.services.ingest.arrival import Arrival
from farebox.services.ingest.place import Placed
from farebox.services.ingest.pricing import to_reserve
from farebox.services.ingest.wire import JOB

JOB_MINUTES = 1_440
"""How long tokens stay reserved for a job where a contract sets nothing (domain S1)."""


def release(placed: Sequence[Placed], amending: Sequence[Arrival], catalogue: Catalogue, *, now: Instant) -> list[int]:
    """Give back what is held for jobs that are heard of again; return the contracts that got tokens back."""
    amended = [arrival.event for arrival in amending if arrival.was == JOB]
    open_holds = holds.of_events(amended) if amended else []
    if not open_holds:
        return []
    done = {one.arrival.event for one in placed if one.reported.job and one.reported.job.outcome is Outcome.SUCCEEDED}
    reserve = Reserve([catalogue.contracts[hold.contract] for hold in open_holds], now=now)
    for hold in open_holds:
        reserve.end(hold, booked=hold.event in done)
    reserve.write()
    return sorted({hold.contract for hold in open_holds})


def reserve(placed: Sequence[Placed], uses: Sequence[UseRow], *, now: Instant) -> None:
    """Reserve what jobs that run will cost, where the packs have it; a job that finds nothing runs all the same."""
    running = [one for one in placed if to_reserve(one.reported, one.rate) and one.contract.scheme == Scheme.FLEX]
    if not running:
        return
    by_event = {use.event: use for use in uses}
    purse = Reserve([one.contract for one in running], now=now)
    for one in running:
        wanted = _wanted(one, by_event[one.arrival.event])
        if wanted.due > now:
            purse.place(wanted)
    purse.write()


def _wanted(one: Placed, use: UseRow) -> Wanted:
    return Wanted(
        contract=use.contract,
        person=use.person,
        product=use.product,
        kind=str(HoldKind.JOB.value),
        event=use.event,
        since=use.since,
        due=Instant(use.since + _minutes(one.contract, use.since) * MINUTE),
        tokens=to_reserve(one.reported, one.rate),
    )


def _minutes(contract: ContractFacts, at: Instant) -> int:
    return setting_in_force(contract.settings.get(PolicyName.JOB_MINUTES, ()), at, JOB_MINUTES)
