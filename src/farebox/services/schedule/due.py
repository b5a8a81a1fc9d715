"""
Schedules whose time has come: each due time is run once, by whichever runner is there (usage-api 6.9, invariant X18).

What was missed while no server ran is made up once, for the latest time missed. A run is about the month before the
time at which it was due; under which contract, and whether its owner may still ask, is decided when it runs.

Where too many exports of the team's schedules are under way, a run waits: its schedule stays due, and keeps the time.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from farebox.domain.clock import Instant, day_of
from farebox.domain.errors import Busy, FareboxError, Forbidden, Unavailable
from farebox.domain.schedules import Kind, Level, Wanted, parts
from farebox.records import db, exports
from farebox.records.models import Contract, Schedule, ScheduleRun
from farebox.records.reading import Readable, contracts_of
from farebox.services.schedule import cron
from farebox.services.schedule.questions import questions
from farebox.services.schedule.service import wanted_of

NO_ROLE = "its owner may not read the usage of this team any more"
NO_CONTRACT = "no contract was active when it ran"
NO_ROOM = f"it waits: {exports.SCHEDULED_MAX} exports of the team's schedules are under way"
"""What a schedule says that has room for no run; it runs for the time at which it first said so."""

RUN_MAX = len(parts(Wanted(kind, tuple(Level)) for kind in Kind))
"""Exports that a run requests at most. Room is left for so many, or large runs would wait while small ones pass."""


def run_due(*, now: Instant) -> int:
    """
    Run every schedule that is due, and return how many ran.

    Any number of runners may do so at once. One schedule that fails keeps no other waiting; it is tried again the next
    time. Raises `ExceptionGroup` of what went wrong, at the end.
    """
    ran, failed = 0, []
    due = list(Schedule.objects.filter(enabled=True, next_us__lte=now).order_by("next_us", "pk"))
    for schedule in due:
        try:
            ran += db.insist(lambda schedule=schedule: _run(schedule, now))  # type: ignore[misc]
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("schedules failed", failed)
    return ran


def _run(schedule: Schedule, now: Instant) -> bool:
    """Run one schedule for the time at which it is due; tell whether it was this runner who did."""
    due = _due(schedule, now)
    with db.atomic():
        if exports.scheduled(schedule.team_id) > exports.SCHEDULED_MAX - RUN_MAX:
            if schedule.error != NO_ROOM:
                _as_read(schedule).update(next_us=due, error=NO_ROOM)
            return False
        if not _claim(schedule, due):
            return False
        run, first = _begin(schedule, due, now)
        if first:
            _carry_out(run, due, now)
    return first


def _due(schedule: Schedule, now: Instant) -> Instant:
    """Return the time that a run is for: the one that waits for room, or else the latest that has come."""
    if schedule.error == NO_ROOM:
        return Instant(schedule.next_us)
    return cron.latest(schedule.frequency, until=now)


def _claim(schedule: Schedule, due: Instant) -> bool:
    """Move a schedule on to its next time, unless somebody has run, changed or ended it since it was read."""
    following = cron.following(schedule.frequency, after=due)
    return bool(_as_read(schedule).update(next_us=following, error=""))


def _as_read(schedule: Schedule) -> QuerySet[Schedule]:
    return Schedule.objects.filter(pk=schedule.pk, enabled=True, next_us=schedule.next_us)


def _begin(schedule: Schedule, due: Instant, now: Instant) -> tuple[ScheduleRun, bool]:
    """Return the one run of a due time, and whether it begins only now."""
    return ScheduleRun.objects.get_or_create(
        schedule=schedule, due_us=due, defaults={"team_id": schedule.team_id, "ran_us": now}
    )


def _carry_out(run: ScheduleRun, due: Instant, now: Instant) -> None:
    """Request the exports of a run; where that is refused, say why, and leave it at that."""
    try:
        with db.atomic():
            run.made = _request(run.schedule, due, now)
    except (Busy, Unavailable):
        raise
    except FareboxError as error:
        run.error = str(error)[:200]
    run.save(update_fields=["made", "error"])
    done = {"error": run.error} if run.error else {"error": "", "last_us": due}
    Schedule.objects.filter(pk=run.schedule_id).update(**done)


def _request(schedule: Schedule, due: Instant, now: Instant) -> int:
    """Request one export for each part, and return how many. Raises `Forbidden` where there is nothing to ask about."""
    contract = _contract(schedule, now)
    made = list(questions(parts(wanted_of(schedule)), due))
    for name, question in made:
        exports.add(
            contract_id=contract.id,
            owner_id=schedule.owner_id,
            question=question,
            file_name=name,
            now=now,
            schedule_id=str(schedule.pk),
        )
    return len(made)


def _contract(schedule: Schedule, now: Instant) -> Readable:
    """Return the contract that is active now: the one under which the schedule was made, or the team's other."""
    readable = contracts_of(schedule.owner, team=schedule.team_id)
    if not readable:
        raise Forbidden(NO_ROLE)
    today = day_of(now)
    in_force = Contract.objects.filter(Q(end_day__isnull=True) | Q(end_day__gt=today), start_day__lte=today)
    active = set(in_force.filter(pk__in=[one.id for one in readable]).values_list("pk", flat=True))
    found = sorted((one for one in readable if one.id in active), key=lambda one: one.id != schedule.contract_id)
    if not found:
        raise Forbidden(NO_CONTRACT)
    return found[0]
