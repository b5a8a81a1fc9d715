"""Offers of the primary role: opened, found, and closed under the guard of their state (product B1)."""

from __future__ import annotations

from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from farebox.domain.clock import Instant
from farebox.domain.errors import Conflict
from farebox.records.models import Handover
from farebox.records.models.handovers import HandoverState


class Offered(NamedTuple):
    """An offer that is open."""

    id: int
    team_id: int
    team: str
    giver_id: int
    giver: str
    receiver_id: int
    receiver: str
    until: Instant


def add(team: int, giver: int, receiver: int, *, now: Instant, until: Instant) -> int:
    """Open an offer, for whose sake one that has lapsed is closed. Raises `Conflict` where another is open."""
    Handover.objects.filter(team_id=team, state=HandoverState.OPEN, until_us__lte=now).update(
        state=HandoverState.LAPSED, closed_us=now
    )
    try:
        with transaction.atomic():
            row = Handover.objects.create(
                team_id=team, giver_id=giver, receiver_id=receiver, offered_us=now, until_us=until
            )
    except IntegrityError as error:
        raise Conflict("the primary role of this team is offered to somebody already") from error
    return row.pk


def open_of(team: int, *, now: Instant) -> Offered | None:
    """Return the open offer of a team, if there is one."""
    row = _open(now).filter(team_id=team).first()
    return None if row is None else _offered(row)


def open_to(receiver: int, *, now: Instant) -> list[Offered]:
    """Return the open offers to somebody, by the name of the team."""
    return [_offered(row) for row in _open(now).filter(receiver_id=receiver).order_by("team__name", "pk")]


def became_of(offer: int, user: int, *, now: Instant) -> tuple[Offered, HandoverState] | None:
    """Return an offer and its state to who made it or got it; nobody else learns of it."""
    rows = Handover.objects.select_related("team", "giver", "receiver").filter(Q(giver_id=user) | Q(receiver_id=user))
    row = rows.filter(pk=offer).first()
    if row is None:
        return None
    has_lapsed = row.state == HandoverState.OPEN and row.until_us <= now
    return _offered(row), HandoverState.LAPSED if has_lapsed else HandoverState(row.state)


def close(offer: int, state: HandoverState, *, now: Instant) -> bool:
    """Close an offer that is open; False where it is not any more. Of several at once one succeeds."""
    return bool(_open(now).filter(pk=offer).update(state=state, closed_us=now))


def end_open(team: int, *, now: Instant) -> None:
    """Withdraw what a team has open, because the primary role went another way."""
    Handover.objects.filter(team_id=team, state=HandoverState.OPEN).update(state=HandoverState.WITHDRAWN, closed_us=now)


def _open(now: Instant) -> QuerySet[Handover]:
    rows = Handover.objects.select_related("team", "giver", "receiver")
    return rows.filter(state=HandoverState.OPEN, until_us__gt=now)


def _offered(row: Handover) -> Offered:
    return Offered(
        id=row.pk,
        team_id=row.team_id,
        team=row.team.name,
        giver_id=row.giver_id,
        giver=row.giver.get_full_name(),
        receiver_id=row.receiver_id,
        receiver=row.receiver.get_full_name(),
        until=Instant(row.until_us),
    )
