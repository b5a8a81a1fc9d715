"""
Export requests: asked for, claimed by whoever writes the file, and what became of them.

Every change of a request that is being written names the attempt it belongs to: what was claimed again in the
meantime, or deleted, is not touched, and whoever tried is told (quality X18).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import uuid4

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from farebox.domain.clock import Instant, moment
from farebox.domain.report_files import Spec, file_name
from farebox.domain.rights import Action, roles_for
from farebox.query.plan import Question
from farebox.records import db
from farebox.records.models import Contract, ExportRequest, ExportTeam, Membership, Team, User
from farebox.records.models.exports import ExportState, Origin
from farebox.records.reading import REPORTING
from farebox.records.specs import dated, spec_in

OUTSTANDING = (ExportState.REQUESTED, ExportState.RUNNING)
"""The states in which a request counts against what a person or a team may have under way (usage-api 1.3)."""

SCHEDULED_MAX = 50
"""Requests that the schedules of one team may have under way."""

EXPIRED = "the file has expired; retry makes it again"

_CLAIMED_AT_ONCE = 8
"""How many requests a runner looks at for one that nobody else takes first."""

_NEXT = """
    SELECT id, attempt FROM (
        SELECT id, attempt, busy, served, row_number() OVER (
            PARTITION BY team ORDER BY busy DESC, scheduled, id
        ) AS place
        FROM (
            SELECT e.id, e.attempt, c.team_id AS team, t.exporting_us AS served,
                CASE WHEN e.state = 'RUNNING' AND e.claimed_until_us >= %s THEN 1 ELSE 0 END AS busy,
                CASE WHEN e.origin = 'SCHEDULE' THEN 1 ELSE 0 END AS scheduled
            FROM records_exportrequest e
            JOIN records_contract c ON c.id = e.contract_id
            JOIN records_team t ON t.id = c.team_id
            WHERE e.state = 'REQUESTED' OR e.state = 'RUNNING'
        ) AS outstanding
    ) AS placed
    WHERE busy = 0 ORDER BY place, served, id LIMIT %s
"""
"""
Who is next: the place of a request counts those of its team that are being written, and those of it that come before.

So those who choose at the same moment, and miss the first of the list, find the next team's and not the same team's.
"""


class Written(NamedTuple):
    """What is known of a finished file."""

    rows: int
    size_bytes: int
    sha256: str
    position: int
    as_of: Instant


def add(
    *,
    contract_id: int,
    owner_id: int,
    question: Question,
    file_name: str,
    now: Instant,
    schedule_id: str | None = None,
    origin: Origin | None = None,
) -> ExportRequest:
    """Request an export; call it in the transaction of whatever asks for it. A file name ends in .csv."""
    return ExportRequest.objects.create(
        key=f"{moment(now):%Y-%m-%dT%H:%M:%S}#{uuid4()}",
        contract_id=contract_id,
        owner_id=owner_id,
        origin=origin or (Origin.SCHEDULE if schedule_id else Origin.API),
        schedule=schedule_id or "",
        question={
            "fields": question.fields,
            "metrics": question.metrics,
            "usage_categories": question.usage_categories,
            "where": question.where,
        },
        file_name=file_name,
        state=ExportState.REQUESTED,
        requested_us=now,
    )


def add_report(
    spec: Spec,
    *,
    contract_id: int,
    teams: Sequence[int],
    names: Sequence[str],
    owner_id: int,
    now: Instant,
    schedule_id: str | None = None,
) -> ExportRequest:
    """
    Request a file of reports about some `teams`, by their ids and names, likewise.

    Room and turns are counted on the team of the contract, which is one of those that the file is about.
    """
    made = ExportRequest.objects.create(
        key=f"{moment(now):%Y-%m-%dT%H:%M:%S}#{uuid4()}",
        contract_id=contract_id,
        owner_id=owner_id,
        origin=Origin.SCHEDULE if schedule_id else Origin.PAGE,
        schedule=schedule_id or "",
        question={},
        report=dated(spec),
        file_name=file_name(spec, teams=names, on=moment(now).date()),
        state=ExportState.REQUESTED,
        requested_us=now,
    )
    cover(made, contract_id=contract_id, teams=teams)
    return made


def cover(row: ExportRequest, *, contract_id: int, teams: Sequence[int]) -> bool:
    """Record which teams a file of reports is about, and tell whether that is news; where it is one, its contract says.

    Call it in a transaction.
    """
    several = sorted(set(teams)) if len(set(teams)) > 1 else []
    known = sorted(ExportTeam.objects.filter(export_id=row.pk).values_list("team_id", flat=True))
    if known != several:
        ExportTeam.objects.filter(export_id=row.pk).delete()
        ExportTeam.objects.bulk_create(ExportTeam(export_id=row.pk, team_id=team) for team in several)
    if row.contract_id != contract_id:
        ExportRequest.objects.filter(pk=row.pk).update(contract_id=contract_id)
    return known != several or row.contract_id != contract_id


def covering(team_id: int) -> QuerySet[ExportRequest]:
    """Return the requests that are about a team, alone or among others."""
    among = Exists(ExportTeam.objects.filter(export_id=OuterRef("pk"), team_id=team_id))
    return ExportRequest.objects.filter(Q(contract__team_id=team_id) | among)


def spec_of(row: ExportRequest) -> Spec | None:
    """Return what a file of reports is to be; None for the answer to a question."""
    return None if row.report is None else spec_in(row.report)


def question_of(row: ExportRequest) -> Question:
    """Return what was asked."""
    asked = row.question
    return Question(
        fields=tuple(asked["fields"]),
        metrics=tuple(asked["metrics"]),
        usage_categories=tuple(asked["usage_categories"]),
        where=asked["where"],
    )


def outstanding(owner_id: int) -> int:
    """
    Count what a person has under way, and keep others from adding to it until the transaction ends.

    What the schedules of a person request is not in the person's way: it counts for the team.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=owner_id).values_list("pk"))
    own = ExportRequest.objects.filter(owner_id=owner_id, state__in=OUTSTANDING)
    return own.exclude(origin=Origin.SCHEDULE).count()


def scheduled(team_id: int) -> int:
    """Count what the schedules of a team have under way, and keep others from adding to it likewise."""
    hold(team_id)
    made = ExportRequest.objects.filter(origin=Origin.SCHEDULE, state__in=OUTSTANDING)
    return made.filter(contract__team_id=team_id).count()


def finished_bytes(team_id: int) -> int:
    """Return how much room the files of a team take."""
    ready = ExportRequest.objects.filter(state=ExportState.READY, contract__team_id=team_id)
    return int(ready.aggregate(total=Sum("size_bytes"))["total"] or 0)


def hold(team_id: int) -> None:
    """Have those who count what a team has follow one another, until the transaction ends."""
    list(Team.objects.select_for_update(no_key=True).filter(pk=team_id).values_list("pk"))


def visible(*, owner_id: int, contracts: Iterable[int], teams: Iterable[int] = ()) -> QuerySet[ExportRequest]:
    """
    Return requests about some contracts: a person's own, and everybody's of the teams named.

    What is about several teams is seen by who may see all of them: its owner by the contracts, others by the teams.
    """
    ids = list(contracts)
    readable = set(Contract.objects.filter(pk__in=ids).values_list("team_id", flat=True))
    led = readable & set(teams)
    own = Q(owner_id=owner_id) & ~_beyond(readable)
    others = Q(contract__team_id__in=sorted(led)) & ~_beyond(led)
    return ExportRequest.objects.filter(own | others, contract_id__in=ids)


def openable(pk: int, *, attempt: int, sha256: str, reader_id: int) -> ExportRequest | None:
    """
    Return a request whose file is there and which somebody may see now, found in one question of the records.

    That is its owner, as long as he may read each team that it is about, and who leads all of these teams.
    """
    held = Membership.objects.filter(user_id=reader_id, user__is_active=True)
    own = Q(owner_id=reader_id) & _within(held.filter(role__in=REPORTING))
    led = _within(held.filter(role__in=roles_for(Action.OTHERS_EXPORTS)))
    return ExportRequest.objects.filter(
        own | led, pk=pk, attempt=attempt, sha256=sha256, state=ExportState.READY
    ).first()


def _within(held: QuerySet[Membership]) -> Q:
    """Return the condition that a request is about no team but those of some memberships."""
    others = ExportTeam.objects.filter(export_id=OuterRef("pk")).exclude(team_id__in=held.values("team_id"))
    return Q(Exists(held.filter(team_id=OuterRef("contract__team_id")))) & ~Q(Exists(others))


def _beyond(teams: Iterable[int]) -> Exists:
    """Return the condition that a request is about a team that is none of these."""
    return Exists(ExportTeam.objects.filter(export_id=OuterRef("pk")).exclude(team_id__in=sorted(teams)))


def teams_led(user_id: int) -> list[int]:
    """Return the teams in which somebody may see and remove what other administrators made now."""
    led = Membership.objects.filter(user_id=user_id, user__is_active=True, role__in=roles_for(Action.OTHERS_EXPORTS))
    return list(led.values_list("team_id", flat=True))


def claim(*, now: Instant, until: Instant) -> ExportRequest | None:
    """
    Take the next request that nobody is at, or whose writer was not heard of until now; None if there is none.

    Next is the team of which the fewest are being written, and of those the one that waited longest; within a team,
    what people and programs asked for comes before what schedules did, and the older first.
    """
    lapsed = Q(state=ExportState.RUNNING, claimed_until_us__lt=now)
    free = ExportRequest.objects.filter(Q(state=ExportState.REQUESTED) | lapsed)
    for pk, attempt in db.rows(_NEXT, (now, _CLAIMED_AT_ONCE)):
        taken = free.filter(pk=pk, attempt=attempt).update(
            state=ExportState.RUNNING,
            attempt=F("attempt") + 1,
            tries=F("tries") + 1,
            claimed_until_us=until,
            rows_written=0,
            rows_expected=None,
        )
        if taken:
            row = ExportRequest.objects.select_related("contract", "owner").get(pk=pk)
            Team.objects.filter(pk=row.contract.team_id).update(exporting_us=now)
            return row
    return None


def heard(row: ExportRequest, *, rows: int, expected: int, until: Instant) -> bool:
    """Record progress and keep the claim; False where the request was deleted or is somebody else's by now."""
    return bool(_mine(row).update(rows_written=rows, rows_expected=expected, claimed_until_us=until))


def finish(row: ExportRequest, written: Written, *, names_hidden: bool, now: Instant, expires: Instant) -> bool:
    """Record that the file is there; False where the request was deleted or is somebody else's by now."""
    return bool(
        _mine(row).update(
            state=ExportState.READY,
            reason="",
            claimed_until_us=None,
            rows_written=written.rows,
            rows_expected=written.rows,
            size_bytes=written.size_bytes,
            sha256=written.sha256,
            position=written.position,
            as_of_us=written.as_of,
            names_hidden=names_hidden,
            finished_us=now,
            expires_us=expires,
        )
    )


def fail(row: ExportRequest, reason: str, *, now: Instant) -> bool:
    """Record why there is no file; it can be asked for again."""
    ended = {"state": ExportState.FAILED, "reason": reason[:200], "claimed_until_us": None, "finished_us": now}
    return bool(_mine(row).update(**ended))


def release(row: ExportRequest) -> bool:
    """Give a claim back unused: the next runner begins anew, and it does not count as a try."""
    again = {"state": ExportState.REQUESTED, "tries": F("tries") - 1, "claimed_until_us": None}
    return bool(_mine(row).update(**again))


def ask_again(row: ExportRequest) -> bool:
    """Put a request that failed or expired into the queue once more; any other stays as it is (usage-api 6.7)."""
    ended = ExportRequest.objects.filter(pk=row.pk, state__in=(ExportState.FAILED, ExportState.EXPIRED))
    return bool(
        ended.update(
            state=ExportState.REQUESTED,
            reason="",
            tries=0,
            rows_written=0,
            rows_expected=None,
            finished_us=None,
            expires_us=None,
        )
    )


def expire(*, now: Instant) -> int:
    """Mark the files whose time is over, and return how many there were."""
    over = ExportRequest.objects.filter(state=ExportState.READY, expires_us__lte=now)
    return over.update(state=ExportState.EXPIRED, reason=EXPIRED)


def kept(ids: Iterable[int]) -> set[tuple[int, int]]:
    """Return which of some requests have a file or are getting one, each with its attempt."""
    alive = ExportRequest.objects.filter(state__in=(ExportState.RUNNING, ExportState.READY))
    return set(alive.filter(pk__in=list(ids)).values_list("pk", "attempt"))


def _mine(row: ExportRequest) -> QuerySet[ExportRequest]:
    return ExportRequest.objects.filter(pk=row.pk, attempt=row.attempt, state=ExportState.RUNNING)
