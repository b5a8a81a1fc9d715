"""
People of a list, recorded a stretch at a time: whom the team knows, who is added, and what all of them are given.

A stretch and the cursor that says how far the list is are one transaction, so that nothing is done twice, and whoever
goes on after a kill goes on behind what is done. Nobody is told by mail [S 003].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q

from farebox.domain.access import Assignment
from farebox.domain.clock import Instant
from farebox.domain.invitations import InvitationState
from farebox.domain.people_list import Choice, Known, Verdict, still_stands
from farebox.domain.rights import Role
from farebox.records import access, audit, db, names, outbox, ticks
from farebox.records.models import Invitation, Membership, Person, User


class Wanted(NamedTuple):
    """A line to import, as it was shown."""

    line: int
    name: str
    email: str
    verdict: Verdict


def known(team: int, emails: Sequence[str]) -> dict[str, Known]:
    """Return whom a team knows by these addresses; a name that turned out to be somebody else's is that person."""
    found: dict[str, Person] = {}
    for chunk in db.chunks(sorted(set(emails)), db.CHUNK_ROWS):
        rows = Person.objects.filter(team_id=team, key__in=chunk).select_related("joined")
        found |= {row.key: row.joined or row for row in rows}
    invited = _invited([person.pk for person in found.values()])
    return {email: Known(one.pk, _verdict(one, invited), one.name) for email, one in found.items()}


def _invited(people: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for chunk in db.chunks(people, db.CHUNK_ROWS):
        rows = Invitation.objects.filter(person_id__in=chunk, state=InvitationState.OPEN)
        found.update(rows.values_list("person_id", flat=True))
    return found


def _verdict(person: Person, invited: set[int]) -> Verdict:
    if person.member_us is not None and person.left_us is None:
        return Verdict.MEMBER  # also where an invitation asks them to make an account
    if person.pk in invited:
        return Verdict.INVITED
    return Verdict.KNOWN if person.left_us is None else Verdict.BACK


def record(team: int, wanted: Sequence[Wanted], choice: Choice, *, actor: str, source: str, now: Instant) -> list[int]:
    """
    Import some lines in the transaction that is open, and return those that were left out.

    Left out is who is no longer what the line was shown for. `source` names the list in the audit (quality T5).
    """
    _add(team, wanted, now=now)
    here = known(team, [one.email for one in wanted])
    ticks.locked(ticks.PEOPLE, [one.person for one in here.values()])
    here = known(team, [one.email for one in wanted])  # as they are now that nobody else changes them
    taken = [one for one in wanted if still_stands(one.verdict, here[one.email].verdict)]
    people = [here[one.email].person for one in taken]
    _welcome(team, [(here[one.email], one) for one in taken], now=now)
    changes = [
        audit.Change(team, "imported", f"person {here[one.email].person}", {"from": source, "as": one.verdict.value})
        for one in taken
    ]
    changes += _give(team, people, choice, now=now)
    audit.note(changes, actor, at=now)
    outbox.announce_names()
    inside = {one.line for one in taken}
    return [one.line for one in wanted if one.line not in inside]


def _add(team: int, wanted: Sequence[Wanted], *, now: Instant) -> None:
    """Add those whom nobody knows; who turned up in usage since they were looked up is not added twice."""
    new = [one for one in wanted if one.verdict is Verdict.NEW]
    Person.objects.bulk_create(
        [
            Person(team_id=team, key=one.email, name=one.name, pseudonym=names.pseudonym(), created_us=now)
            for one in new
        ],
        ignore_conflicts=True,
    )


def _welcome(team: int, people: Sequence[tuple[Known, Wanted]], *, now: Instant) -> None:
    """Make members of those who are none, with their names; who comes back with an account has a role again."""
    for found, one in people:
        if not found.name:
            Person.objects.filter(pk=found.person, name="").update(name=one.name)
    numbers = [found.person for found, one in people if one.verdict is not Verdict.INVITED]
    for chunk in db.chunks(numbers, db.CHUNK_ROWS):
        rows = Person.objects.filter(pk__in=chunk)
        back = rows.filter(left_us__isnull=False)
        accounts = list(back.filter(user__is_active=True).values_list("user_id", flat=True))
        back.update(left_us=None, member_us=now)
        rows.filter(member_us__isnull=True).update(member_us=now)
        _restore(team, [account for account in accounts if account])
        _link(team, chunk)


def _restore(team: int, accounts: Sequence[int]) -> None:
    rows = [Membership(team_id=team, user_id=account, role=Role.USER) for account in accounts]
    Membership.objects.bulk_create(rows, ignore_conflicts=True)


def _link(team: int, people: Sequence[int]) -> None:
    """Link people to the accounts that have a role in the team already, such as that of its first administrator."""
    loose = dict(Person.objects.filter(pk__in=people, user__isnull=True).values_list("key", "pk"))
    members = User.objects.filter(email__in=list(loose), memberships__team_id=team, is_active=True)
    for email, account in members.values_list("email", "pk"):
        Person.objects.filter(pk=loose[email]).update(user_id=account)


def _give(team: int, people: Sequence[int], choice: Choice, *, now: Instant) -> list[audit.Change]:
    """Give what was chosen for all, and return the rows of the audit for what is new."""
    changes: list[audit.Change] = []
    if choice.products or choice.every:
        more = Assignment(choice.products, choice.every)
        new = ticks.give(dict.fromkeys(people, more), offer=access.offer(team, now=now), now=now)
        changes += ticks.given_changes(team, new)
    if choice.group:
        joined = ticks.join_group(choice.group, people, now=now)
        changes += [audit.Change(team, "joined group", f"person {one}", {"group": choice.group}) for one in joined]
    return changes


def by_address(team: int, emails: Sequence[str]) -> dict[str, int]:
    """Return the people of a team, without those who left, by address."""
    found: dict[str, int] = {}
    for chunk in db.chunks(sorted(set(emails)), db.CHUNK_ROWS):
        rows = Person.objects.filter(Q(joined__isnull=True) | Q(joined__left_us__isnull=True), team_id=team)
        rows = rows.filter(key__in=chunk, left_us__isnull=True)
        found |= {key: joined or pk for key, joined, pk in rows.values_list("key", "joined_id", "pk")}
    return found
