"""Closing the books: what a contract used up to a date stays as it was counted."""

from __future__ import annotations

from dataclasses import dataclass

from farebox.domain.clock import Day, Instant, as_date, day_of
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.records import audit, db, ledger
from farebox.records.catalogue import announce_change
from farebox.records.models import Contract
from farebox.records.models.ledger import ActKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Books that were closed: the act, the last closed date, and the one before (None: they were open)."""

    act: int
    through: Day
    before: Day | None


def close(number: str, through: Day, *, actor: str, now: Instant) -> Closed:
    """
    Close the books of a contract through a date, in usageDates (domain L5a).

    From then on no total up to that date changes: what is reported late is booked at its receipt, as the difference
    that it makes. Raises `NotFound` for an unknown contract, `Rejected` for a date that is not over, or that the books
    are closed through already: closed books are never opened again.
    """
    with db.atomic():
        contract = Contract.objects.filter(number=number).first()
        if contract is None:
            raise NotFound(f"no contract {number}")
        ledger.lock([contract.team_id])
        contract.refresh_from_db()  # another process may have closed them while this one waited
        before = None if contract.closed_through is None else Day(contract.closed_through)
        _check(contract, through, before, now=now)
        Contract.objects.filter(pk=contract.pk).update(closed_through=through)
        facts = {"through": as_date(through).isoformat(), "before": before and as_date(before).isoformat()}
        change = audit.Change(contract.team_id, "closed books", f"contract {contract.pk}", facts)
        act = audit.act(ActKind.CLOSE_BOOKS, change, actor, at=now)
        announce_change()
    return Closed(act=act, through=through, before=before)


def _check(contract: Contract, through: Day, before: Day | None, *, now: Instant) -> None:
    problems = []
    if through >= day_of(now):
        problems.append(Problem("/through", "in_future", "only days that are over can be closed"))
    if through < contract.start_day:
        problems.append(Problem("/through", "out_of_range", "the contract starts after that day"))
    if before is not None and through <= before:
        message = f"the books are closed through {as_date(before).isoformat()}, and are never opened again"
        problems.append(Problem("/through", "books_closed", message))
    if problems:
        raise Rejected(problems)
