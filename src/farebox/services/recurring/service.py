"""Recurring report files of one person: made, listed, changed, paused and ended by who owns them (product H1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Max, QuerySet

from farebox.domain import recurring as rules
from farebox.domain.clock import Day, Instant
from farebox.domain.errors import NotFound, Problem, Rejected
from farebox.domain.periods import Days
from farebox.domain.recurring import Due, Every, Rhythm
from farebox.domain.report_files import Spec, problems
from farebox.records import audit, db, idempotency, recurring
from farebox.records.models import ExportRequest, ReportSchedule, Team, User
from farebox.records.models.report_schedules import Trouble
from farebox.records.reading import Readable
from farebox.records.specs import spec_in, undated

RECURRING_MAX = 50
"""Recurring exports that one person may have."""

_ANY_DAYS = Days(Day(0), Day(1))
"""Dates for the rules of a spec: each run has its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be made, and on which day and hour of each week or month; a spec without dates."""

    every: Every
    on: int
    hour: int
    spec: Spec

    def rhythm(self, zone: str) -> Rhythm:
        """Return when it is due by the clock of a zone."""
        return Rhythm(every=self.every, on=self.on, hour=self.hour, zone=zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """
    A recurring export as its owner sees it.

    `next` is told also while it is paused, for when it is resumed. `made` is the latest file that it asked for, while
    that is on record. `is_dated` tells whether its files are about dates at all.
    """

    id: str
    order: Order
    team: str
    zone: str
    enabled: bool
    last: Instant | None
    next: Due
    trouble: Trouble | None
    made: ExportRequest | None

    @property
    def is_dated(self) -> bool:
        """Whether its files hold usage, and so have dates."""
        return self.order.spec.dated

    def between(self, today: Day) -> Spec:
        """Return what it would make today, between two runs: the file of the last whole week or month."""
        days = rules.last_complete(self.order.every, today) if self.is_dated else None
        return replace(self.order.spec, days=days)


def make(
    user: AbstractBaseUser, contracts: Sequence[Readable], order: Order, *, key: str = "", now: Instant
) -> ReportSchedule:
    """
    Make a recurring export; it counts on the first of the contracts asked for, and runs by the clock of its team.

    `contracts` are all that the person may read. Raises `Rejected` with every problem, and `Conflict` for a `key` that
    made another before; the same asked again makes nothing new (I7).
    """
    asked = [one for one in contracts if not order.spec.contracts or one.number in order.spec.contracts]
    _check(order, asked)
    request = {"every": order.every, "on": order.on, "hour": order.hour, **undated(order.spec)}
    scope = f"recurring:{user.pk}"
    with db.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once cannot both be the last allowed
        known = idempotency.replayed(scope, key, request)
        if known is not None:
            return _made_before(known["recurring"])
        if _of(user).count() >= RECURRING_MAX:
            raise Rejected([Problem("", "too_many", f"at most {RECURRING_MAX} recurring exports; delete one first")])
        row = _add(user, asked[0], order, now)
        idempotency.remember(scope, key, request, {"recurring": str(row.pk)}, at=now)
    return row


def recurring_of(user: AbstractBaseUser, *, now: Instant) -> list[Planned]:
    """Return the recurring exports of a person, the oldest first."""
    rows = list(_of(user).select_related("team").order_by("created_us", "pk"))
    files = _latest_files(user, rows)
    return [_planned(row, files.get(str(row.pk)), now) for row in rows]


def one_of(user: AbstractBaseUser, id: str, *, now: Instant) -> Planned:  # noqa: A002
    """Return one recurring export of a person's own. Raises `NotFound` for any other."""
    found = next((one for one in recurring_of(user, now=now) if one.id == id), None)
    if found is None:
        raise NotFound("no such recurring export, or not yours")
    return found


def change(
    user: AbstractBaseUser,
    id: str,  # noqa: A002
    contracts: Sequence[Readable],
    order: Order,
    *,
    now: Instant,
) -> None:
    """
    Have one make something else, or at another time; it keeps the files that it made, and is paused if it was.

    Asked twice it is the same. Raises `Rejected` with every problem, `NotFound` for any that is not the person's own.
    """
    asked = [one for one in contracts if not order.spec.contracts or one.number in order.spec.contracts]
    _check(order, asked)
    with db.atomic():
        row = _one(user, id)
        before = (row.every, row.on_day, row.hour, row.wanted)
        row.every, row.on_day, row.hour, row.wanted = order.every, order.on, order.hour, undated(order.spec)
        if before == (row.every, row.on_day, row.hour, row.wanted):
            return
        row.team_id, row.contract_id, row.trouble = asked[0].team_id, asked[0].id, ""
        zone = Team.objects.values_list("time_zone", flat=True).get(pk=row.team_id)
        row.next_us = rules.following(order.rhythm(zone), after=now).at
        row.save(update_fields=["every", "on_day", "hour", "wanted", "team", "contract", "trouble", "next_us"])
        _note(row, "recurring.change", user, now)


def pause(user: AbstractBaseUser, id: str, *, now: Instant) -> None:  # noqa: A002
    """Have one run no more until it is resumed. Raises `NotFound` for any that is not the person's own."""
    with db.atomic():
        row = _one(user, id)
        if row.enabled:
            row.enabled = False
            row.save(update_fields=["enabled"])
            _note(row, "recurring.pause", user, now)


def resume(user: AbstractBaseUser, id: str, *, now: Instant) -> None:  # noqa: A002
    """Have one run again, from its next time on; what it missed is not made up. Raises `NotFound` likewise."""
    with db.atomic():
        row = _one(user, id)
        if not row.enabled:
            zone = Team.objects.values_list("time_zone", flat=True).get(pk=row.team_id)
            row.enabled, row.trouble = True, ""
            row.next_us = rules.following(recurring.rhythm_of(row, zone), after=now).at
            row.save(update_fields=["enabled", "trouble", "next_us"])
            _note(row, "recurring.resume", user, now)


def end(user: AbstractBaseUser, id: str, *, now: Instant) -> None:  # noqa: A002
    """Delete one; the files that it made stay. Raises `NotFound` likewise."""
    with db.atomic():
        row = _one(user, id)
        _note(row, "recurring.end", user, now)
        row.delete()


def _check(order: Order, asked: Sequence[Readable]) -> None:
    """Raise `Rejected` with every problem of a rhythm, of what is asked, and of the contracts."""
    found = rules.problems(order.rhythm(rules.UTC_ZONE))
    found += problems(replace(order.spec, days=_ANY_DAYS))
    if not asked or len(asked) < len(set(order.spec.contracts)):
        found.append(Problem("/contracts", "unknown_contract", "there is no such contract, or it is not yours"))
    if found:
        raise Rejected(found)


def _add(user: AbstractBaseUser, contract: Readable, order: Order, now: Instant) -> ReportSchedule:
    zone = Team.objects.values_list("time_zone", flat=True).get(pk=contract.team_id)
    row = ReportSchedule.objects.create(
        team_id=contract.team_id,
        contract_id=contract.id,
        owner_id=user.pk,
        every=order.every,
        on_day=order.on,
        hour=order.hour,
        wanted=undated(order.spec),
        created_us=now,
        next_us=rules.following(order.rhythm(zone), after=now).at,
    )
    _note(row, "recurring.make", user, now)
    return row


def _made_before(pk: str) -> ReportSchedule:
    """Return what the same request made; one that was ended since is not made again by a repetition (I7)."""
    row = ReportSchedule.objects.filter(pk=pk).first()
    if row is None:
        raise Rejected([Problem("", "request_deleted", "the recurring export of this request has been deleted")])
    return row


def _of(user: AbstractBaseUser) -> QuerySet[ReportSchedule]:
    return ReportSchedule.objects.filter(owner_id=user.pk)


def _one(user: AbstractBaseUser, id: str) -> ReportSchedule:  # noqa: A002
    """Return one of the person's own, kept as it is until the transaction ends: a run may be under way."""
    try:
        pk = UUID(id)
    except ValueError:
        raise NotFound("no such recurring export, or not yours") from None
    row = _of(user).filter(pk=pk).select_for_update().first()
    if row is None:
        raise NotFound("no such recurring export, or not yours")
    return row


def _latest_files(user: AbstractBaseUser, rows: Sequence[ReportSchedule]) -> Mapping[str, ExportRequest]:
    """Return the file that each asked for last, by its id."""
    made = ExportRequest.objects.filter(owner_id=user.pk, schedule__in=[str(row.pk) for row in rows])
    last = made.values("schedule").annotate(last=Max("pk")).values("last")
    return {one.schedule: one for one in ExportRequest.objects.filter(pk__in=last)}


def _planned(row: ReportSchedule, made: ExportRequest | None, now: Instant) -> Planned:
    zone = row.team.time_zone
    rhythm = recurring.rhythm_of(row, zone)
    waits = row.enabled and row.next_us <= now
    return Planned(
        id=str(row.pk),
        order=Order(every=Every(row.every), on=row.on_day, hour=row.hour, spec=spec_in(row.wanted)),
        team=row.team.name,
        zone=zone,
        enabled=row.enabled,
        last=None if row.last_us is None else Instant(row.last_us),
        next=rules.latest(rhythm, until=Instant(row.next_us)) if waits else rules.following(rhythm, after=now),
        trouble=Trouble(row.trouble) if row.trouble else None,
        made=made,
    )


def _note(row: ReportSchedule, verb: str, user: AbstractBaseUser, now: Instant) -> None:
    change = audit.Change(row.team_id, verb, f"report schedule {row.pk}", {"every": row.every})
    audit.note([change], f"account {user.pk}", at=now)
