"""
Recurring report files whose time has come: each due time is run once, by whichever runner is there (invariant X18).

What was missed while no server ran is made up once, for the latest time missed. Whether its owner may still read what
is asked is decided when it runs; where too many exports of the team's schedules are under way, it waits and keeps its
time.
"""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet

from farebox.domain.clock import Instant
from farebox.domain.recurring import Due, Rhythm, following, latest
from farebox.domain.report_files import Spec, problems
from farebox.records import db, exports, recurring
from farebox.records.models import ReportSchedule
from farebox.records.models.report_schedules import Trouble
from farebox.records.reading import Readable, contracts_of
from farebox.records.specs import spec_in


def run_due(*, now: Instant) -> int:
    """
    Run all that is due, and return how many ran.

    Any number of runners may do so at once. One that fails keeps no other waiting; it is tried again the next time.
    Raises `ExceptionGroup` of what went wrong, at the end.
    """
    ran, failed = 0, []
    due = ReportSchedule.objects.filter(enabled=True, next_us__lte=now).select_related("team", "owner")
    for row in list(due.order_by("next_us", "pk")):
        try:
            ran += db.insist(lambda row=row: _run(row, now))  # type: ignore[misc]
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("recurring exports failed", failed)
    return ran


def _run(row: ReportSchedule, now: Instant) -> bool:
    """Run one for the time at which it is due; tell whether it was this runner who did."""
    rhythm = recurring.rhythm_of(row, row.team.time_zone)
    waited = row.trouble == Trouble.NO_ROOM
    due = latest(rhythm, until=Instant(row.next_us) if waited else now)
    with db.atomic():
        if exports.scheduled(row.team_id) >= exports.SCHEDULED_MAX:
            if not waited:
                _as_read(row).update(next_us=due.at, trouble=Trouble.NO_ROOM)
            return False
        if not _claim(row, rhythm, due):
            return False
        trouble = _carry_out(row, due, now)
        ReportSchedule.objects.filter(pk=row.pk).update(trouble=trouble or "")
    return True


def _claim(row: ReportSchedule, rhythm: Rhythm, due: Due) -> bool:
    """Move it on to its next time, unless somebody has run, changed or ended it, or ran this very time before."""
    following_us = following(rhythm, after=due.at).at
    if row.last_us is not None and row.last_us >= due.at:  # the server's clock was set back
        _as_read(row).update(next_us=following_us)
        return False
    return bool(_as_read(row).update(next_us=following_us, last_us=due.at))


def _as_read(row: ReportSchedule) -> QuerySet[ReportSchedule]:
    return ReportSchedule.objects.filter(pk=row.pk, enabled=True, next_us=row.next_us)


def _carry_out(row: ReportSchedule, due: Due, now: Instant) -> Trouble | None:
    """Request the file of a run, or return why not."""
    spec = spec_in(row.wanted)
    spec = replace(spec, days=due.days if spec.dated else None)
    covered = _covered(row, spec)
    if not covered:
        return Trouble.NO_ROLE
    if problems(spec):
        return Trouble.REFUSED
    exports.add_report(
        spec,
        contract_id=_counted_on(row, covered).id,
        teams=list(dict.fromkeys(one.team_id for one in covered)),
        names=list(dict.fromkeys(one.team for one in covered)),
        owner_id=row.owner_id,
        now=now,
        schedule_id=str(row.pk),
    )
    return None


def _covered(row: ReportSchedule, spec: Spec) -> list[Readable]:
    """Return the contracts that the owner may read now, of those that were asked for; none where one is missing."""
    readable = contracts_of(row.owner)
    if not spec.contracts:
        return readable
    found = [one for one in readable if one.number in spec.contracts]
    return found if len(found) == len(set(spec.contracts)) else []


def _counted_on(row: ReportSchedule, covered: list[Readable]) -> Readable:
    """Return the contract whose team the file counts on: the one it was made under, where that is covered still."""
    return min(covered, key=lambda one: (one.id != row.contract_id, one.team_id != row.team_id))
