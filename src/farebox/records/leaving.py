"""
People leave a team: what opened products to them ends at once, what they used stays (domain A1).

Sessions that run go on to the next time that the question is asked, which then denies them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from farebox.domain.clock import Instant
from farebox.domain.invitations import InvitationState
from farebox.domain.rights import Role
from farebox.records import audit, db, ledger, roles, seats, ticks
from farebox.records.models import Assignment, GroupMember, Invitation, Person


def leave(team: int, people: Sequence[int], *, actor: str, now: Instant) -> int:
    """
    Let people leave a team, and return how many were there still; one row of the audit each (quality T5).

    A launch that is being decided is waited for, and one that comes meanwhile waits: none is told that a seat pays
    which ends before it, and none is allowed to who has left.
    """
    ledger.lock([team])
    ticks.locked(ticks.PEOPLE, people)
    invited = Invitation.objects.filter(person_id__in=people, state=InvitationState.OPEN).values("person_id")
    here = Person.objects.filter(Q(left_us__isnull=True) | Q(pk__in=invited), pk__in=people)
    gone = list(here.order_by("pk").values_list("pk", flat=True))
    Person.objects.filter(pk__in=gone).update(left_us=now)
    facts = take_back(gone, now) | {
        "invitations": _withdraw(gone, now),
        "memberships": _end_memberships(team, gone),
    }
    rows = [
        audit.Change(team, "left", f"person {one}", {what: counted[one] for what, counted in facts.items()})
        for one in gone
    ]
    audit.note(rows, actor, at=now)
    return len(gone)


def take_back(people: Sequence[int], now: Instant) -> dict[str, Counter[int]]:
    """Take back from people what they were given: ticks, groups, seats and trials; return how many of each they had."""
    return {
        "assignments": _drop(Assignment.objects.filter(person_id__in=people)),
        "groups": _drop(GroupMember.objects.filter(person_id__in=people)),
        "seats": seats.end_all(people, now=now),
    }


def _drop(rows: QuerySet[Assignment] | QuerySet[GroupMember]) -> Counter[int]:
    """Delete rows, and return how many there were of each person."""
    found = Counter(rows.values_list("person_id", flat=True))
    rows.delete()
    return found


def _withdraw(people: Sequence[int], now: Instant) -> Counter[int]:
    opened = Invitation.objects.filter(person_id__in=people, state=InvitationState.OPEN)
    found = Counter(opened.values_list("person_id", flat=True))
    opened.update(state=InvitationState.WITHDRAWN, ended_us=now)
    return found


def _end_memberships(team: int, people: Sequence[int]) -> Counter[int]:
    """Take the role of a user away; administrators keep theirs until somebody takes it (quality T4)."""
    found: Counter[int] = Counter()
    for person, user, role in _roles(team, people):
        if role == Role.USER:
            found[person] += roles.remove(team, user, Role.USER)
    return found


def administrators(team: int, people: Sequence[int]) -> set[int]:
    """Return those of some people who administer the team: that role has to be taken before they can leave."""
    return {person for person, _, role in _roles(team, people) if role != Role.USER}


def _roles(team: int, people: Sequence[int]) -> list[tuple[int, int, str]]:
    """Return the roles of people in a team, with their accounts: their own, and those of their address."""
    found: list[tuple[int, int, str]] = []
    for chunk in db.chunks(people, db.CHUNK_ROWS):
        sql = (
            "SELECT p.id, u.id, m.role FROM records_membership m JOIN records_user u ON u.id = m.user_id "
            "JOIN records_person p ON p.team_id = m.team_id AND (p.user_id = u.id OR p.key = u.email) "
            f"WHERE m.team_id = %s AND p.id IN ({db.marks(chunk)})"
        )
        found += db.rows(sql, (team, *chunk))
    return found
