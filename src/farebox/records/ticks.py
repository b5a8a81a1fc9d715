"""
What people and groups were given, product by product, as it is written: one row a product, one for all of the offer.

Whoever changes it holds the row of the person or the group until the transaction ends, so that two who change it at
once follow one another. What is to be told of it, and whether it may be, is the caller's.  (domain A2)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Model, Q

from farebox.domain.access import EVERY, Assignment
from farebox.domain.access import given as with_more
from farebox.domain.clock import Instant
from farebox.domain.invitations import InvitationState
from farebox.records import audit, db
from farebox.records.models import Assignment as PersonTick
from farebox.records.models import Group, GroupAssignment, GroupMember, Invitation, Person

Ticks = Mapping[int, Instant]
"""Products by since when they were given; `EVERY` for all of the offer."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where the ticks of an owner stand."""

    owners: type[Model]
    ticks: type[Model]
    owner: str


PEOPLE = Table(Person, PersonTick, "person_id")
GROUPS = Table(Group, GroupAssignment, "group_id")


@dataclass(frozen=True, slots=True)
class Written:
    """What was written down and taken away; `new` leaves out what was held as one of all."""

    given: frozenset[int] = frozenset()
    taken: frozenset[int] = frozenset()
    new: frozenset[int] = frozenset()


def as_assignment(ticks: Ticks) -> Assignment:
    """Return ticks as what they give."""
    return Assignment(frozenset(ticks) - {EVERY}, EVERY in ticks)


def locked(table: Table, owners: Sequence[int]) -> dict[int, dict[int, Instant]]:
    """Return the ticks of each of some owners, and keep others from changing them until the transaction ends."""
    found: dict[int, dict[int, Instant]] = {owner: {} for owner in owners}
    for chunk in db.chunks(sorted(owners), db.CHUNK_ROWS):
        holding = table.owners._default_manager.select_for_update(no_key=True).filter(pk__in=chunk)
        list(holding.order_by("pk").values_list("pk"))
        rows = table.ticks._default_manager.filter(**{f"{table.owner}__in": chunk})
        for owner, product, since in rows.values_list(table.owner, "product_id", "since_us"):
            found[owner][product or EVERY] = Instant(since)
    return found


def write(table: Table, owner: int, before: Ticks, after: Assignment, *, now: Instant) -> Written:
    """Make the ticks of one owner, who is held, what they are to be, and return what that changed."""
    return write_all(table, {owner: (before, after)}, now=now)[owner]


def write_all(table: Table, wanted: Mapping[int, tuple[Ticks, Assignment]], *, now: Instant) -> dict[int, Written]:
    """
    Make the ticks of owners, who are held, what they are to be, and return what that changed for each.

    Products that stay when "all" is taken back keep the instant from which all were given.
    """
    done = {owner: _written(before, after) for owner, (before, after) in wanted.items()}
    rows, gone = [], defaultdict[int, list[int]](list)
    for owner, written in done.items():
        spelled_out = EVERY in written.taken
        since = wanted[owner][0][EVERY] if spelled_out else now
        rows += [
            table.ticks(**{table.owner: owner, "product_id": product or None, "since_us": since})
            for product in sorted(written.given)
        ]
        for product in written.taken:
            gone[product].append(owner)
    table.ticks._default_manager.bulk_create(rows, batch_size=db.INSERT_ROWS)
    for product, owners in gone.items():
        for chunk in db.chunks(owners, db.CHUNK_ROWS):
            held = table.ticks._default_manager.filter(**{f"{table.owner}__in": chunk})
            (held.filter(product_id=product) if product else held.filter(product__isnull=True)).delete()
    return done


def _written(before: Ticks, after: Assignment) -> Written:
    wanted = after.products | ({EVERY} if after.every else frozenset())
    given, taken = wanted - frozenset(before), frozenset(before) - wanted
    return Written(given, taken, frozenset() if EVERY in taken else given)


def give(wanted: Mapping[int, Assignment], *, offer: frozenset[int], now: Instant) -> dict[int, frozenset[int]]:
    """
    Give people more of the offer, and return what is new to each; who was only known from usage is a member now.

    With the last product of the offer they have all of it, later ones too [S 003].
    """
    after = {
        person: (before, with_more(as_assignment(before), wanted[person], offer))
        for person, before in locked(PEOPLE, list(wanted)).items()
    }
    written = write_all(PEOPLE, after, now=now)
    make_members([person for person, more in wanted.items() if more.products or more.every], now=now)
    return {person: one.new for person, one in written.items()}


def make_members(people: Sequence[int], *, now: Instant) -> None:
    """
    Make members of those who are only known from usage; who is invited becomes one by accepting (domain M1).

    So does, however the invitation ended, who was made known by inviting them.
    """
    first = Q(created_us=F("person__created_us"))
    invited = Invitation.objects.filter(first | Q(state=InvitationState.OPEN)).values("person_id")
    for chunk in db.chunks(people, db.CHUNK_ROWS):
        unclaimed = Person.objects.filter(pk__in=chunk, member_us__isnull=True, left_us__isnull=True)
        unclaimed.exclude(pk__in=invited).update(member_us=now)


def join_group(group: int, people: Sequence[int], *, now: Instant) -> list[int]:
    """Put people into a group, and return those who were not in it; the unclaimed are members now."""
    wanted = sorted(set(people))
    locked(GROUPS, [group])
    inside = set(GroupMember.objects.filter(group_id=group).values_list("person_id", flat=True))
    new = [person for person in wanted if person not in inside]
    GroupMember.objects.bulk_create(
        [GroupMember(group_id=group, person_id=person, since_us=now) for person in new], batch_size=db.INSERT_ROWS
    )
    make_members(new, now=now)
    return new


def leave_group(group: int, people: Sequence[int]) -> list[int]:
    """Take people out of a group, and return those who were in it."""
    locked(GROUPS, [group])
    rows = GroupMember.objects.filter(group_id=group, person_id__in=people)
    gone = sorted(rows.values_list("person_id", flat=True))
    rows.delete()
    return gone


def changes(team: int, of: str, written: Written) -> list[audit.Change]:
    """Return the rows of the audit for what was changed of `of`, such as `person 7`: one a product (quality T5)."""
    return [
        *_rows(team, "assigned", of, written.given),
        *_rows(team, "unassigned", of, written.taken),
    ]


def given_changes(team: int, new: Mapping[int, frozenset[int]]) -> list[audit.Change]:
    """Return the rows of the audit for what is new to people."""
    return [row for person, products in new.items() for row in _rows(team, "assigned", f"person {person}", products)]


def _rows(team: int, verb: str, of: str, products: Iterable[int]) -> list[audit.Change]:
    return [audit.Change(team, verb, of, {"product": product or None}) for product in sorted(products)]
