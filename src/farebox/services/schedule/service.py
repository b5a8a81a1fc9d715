"""
Schedules of somebody's exports: made, listed, replaced and ended by their owner (usage-api 6.9).

A schedule belongs to the team of the contract under which it was made: that contract's number is only the door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from farebox.domain.clock import Instant
from farebox.domain.errors import Problem, Rejected
from farebox.domain.schedules import Kind, Level, Wanted, parts
from farebox.records import db
from farebox.records.audit import Change, note
from farebox.records.models import Schedule, User
from farebox.records.reading import Readable
from farebox.services.schedule import cron

_Rows = Callable[[AbstractBaseUser, Readable], QuerySet[Schedule]]

SCHEDULES_MAX = 50
"""Schedules that one person may have in one team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a schedule is to be: when it runs, whether it does, and what it makes."""

    frequency: str
    enabled: bool
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A schedule as its owner sees it; `next` is told also where it is off, `error` why its latest run failed."""

    id: str
    order: Order
    last: Instant | None
    next: Instant
    error: str


def make(user: AbstractBaseUser, contract: Readable, order: Order, *, now: Instant) -> Planned:
    """Make a schedule. Raises `Rejected` with every problem."""
    _check(order, now)
    with db.atomic():
        User.objects.select_for_update(no_key=True).get(
            pk=user.pk
        )  # two at once cannot both be the last that is allowed
        if _of(user, contract).count() >= SCHEDULES_MAX:
            raise Rejected([Problem("", "too_many", f"at most {SCHEDULES_MAX} schedules; delete one first")])
        row = Schedule(team_id=contract.team_id, owner_id=user.pk, contract_id=contract.id, created_us=now)
        _set(row, order, now)
        row.save(force_insert=True)
        _note(row, "schedule_made", user, now)
    return _planned(row, now)


def schedules_of(user: AbstractBaseUser, contract: Readable, *, now: Instant) -> list[Planned]:
    """Return the schedules that `user` has in the contract's team, the oldest first."""
    return [_planned(row, now) for row in _of(user, contract).order_by("created_us", "pk")]


def schedule_of(user: AbstractBaseUser, contract: Readable, id: str, *, now: Instant) -> Planned:  # noqa: A002
    """Return one schedule of `user`. Raises `Rejected` for any other."""
    return _planned(_one(user, contract, id), now)


def replace(user: AbstractBaseUser, contract: Readable, id: str, order: Order, *, now: Instant) -> Planned:  # noqa: A002
    """Put another order in the place of a schedule's; what it missed before is not made up. Raises `Rejected`."""
    with db.atomic():
        row = _one(user, contract, id, of=_locked)
        _check(order, now)
        _set(row, order, now)
        row.save(update_fields=["frequency", "enabled", "wanted", "next_us", "error"])
        _note(row, "schedule_replaced", user, now)
    return _planned(row, now)


def end(user: AbstractBaseUser, contract: Readable, id: str, *, now: Instant) -> None:  # noqa: A002
    """Delete a schedule; what it has made stays. Raises `Rejected` for one that is not there, or not there any more."""
    with db.atomic():
        row = _one(user, contract, id, of=_locked)
        _note(row, "schedule_ended", user, now)
        row.delete()


def _check(order: Order, now: Instant) -> None:
    problems = (
        [] if parts(order.wanted) else [Problem("/scheduleObjects", "nothing_asked", "ask for at least one export")]
    )
    try:
        cron.check(order.frequency, now=now)
    except Rejected as error:
        problems += error.problems
    if problems:
        raise Rejected(problems)


def _of(user: AbstractBaseUser, contract: Readable) -> QuerySet[Schedule]:
    return Schedule.objects.filter(owner_id=user.pk, team_id=contract.team_id)


def _locked(user: AbstractBaseUser, contract: Readable) -> QuerySet[Schedule]:
    """Return the same, kept as they are until the transaction ends: a run may be under way."""
    return _of(user, contract).select_for_update()


def _one(user: AbstractBaseUser, contract: Readable, id: str, *, of: _Rows = _of) -> Schedule:  # noqa: A002
    pk = _uuid(id)
    found = None if pk is None else of(user, contract).filter(pk=pk).first()
    if found is None:
        raise Rejected([Problem("/schedule_id", "unknown_schedule", "there is no such schedule, or it is not yours")])
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _set(row: Schedule, order: Order, now: Instant) -> None:
    row.frequency = order.frequency
    row.enabled = order.enabled
    row.wanted = [[one.kind, *one.levels] for one in order.wanted]
    row.next_us = cron.following(order.frequency, after=now)
    row.error = ""


def _note(row: Schedule, verb: str, user: AbstractBaseUser, now: Instant) -> None:
    change = Change(row.team_id, verb, f"schedule {row.pk}", {"exports": len(parts(wanted_of(row)))})
    note([change], f"account {user.pk}", at=now)


def wanted_of(row: Schedule) -> tuple[Wanted, ...]:
    """Return what a schedule makes, as it was asked for."""
    return tuple(Wanted(Kind(kind), tuple(map(Level, levels))) for kind, *levels in row.wanted)


def _planned(row: Schedule, now: Instant) -> Planned:
    return Planned(
        id=str(row.pk),
        order=Order(frequency=row.frequency, enabled=row.enabled, wanted=wanted_of(row)),
        last=None if row.last_us is None else Instant(row.last_us),
        next=Instant(row.next_us) if row.enabled else cron.following(row.frequency, after=now),
        error=row.error,
    )
