"""The groups of a team, what is in them, and what removing one would take from whom."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Count

from farebox.domain.access import EVERY, Held, group_name, opened, turns
from farebox.domain.clock import Instant
from farebox.domain.errors import NotFound
from farebox.records import access, chosen
from farebox.records.chosen import By, Ticked
from farebox.records.models import Group, GroupAssignment, GroupMember, Product
from farebox.services.groups.told import GroupAccess, GroupRow, Member, Removal


def all_groups(user: By, team: int) -> tuple[GroupRow, ...]:
    """Return the groups of a team, by name."""
    chosen.allowed(user, team)
    names = dict(Product.objects.values_list("pk", "name"))
    held: dict[int, list[int]] = {}
    for number, product in GroupAssignment.objects.filter(group__team_id=team).values_list("group_id", "product_id"):
        held.setdefault(number, []).append(product or EVERY)
    rows = Group.objects.filter(team_id=team).annotate(people=Count("members")).order_by("name", "pk")
    return tuple(
        GroupRow(
            id=row.pk,
            name=row.name,
            people=row.people,
            products=tuple(sorted((names[one] for one in held.get(row.pk, ()) if one), key=str.casefold)),
            every=EVERY in held.get(row.pk, ()),
        )
        for row in rows
    )


def group(user: By, team: int, number: int, *, now: Instant) -> GroupAccess:
    """Return a group with its people and products. Raises `NotFound` for one of another team."""
    chosen.allowed(user, team)
    found = chosen.group_of(team, number)
    offer = access.offer(team, now=now)
    given = dict(GroupAssignment.objects.filter(group=found).values_list("product_id", "since_us"))
    every = None in given
    rows = GroupMember.objects.filter(group=found).select_related("person", "person__user")
    members = [_member(row) for row in rows]
    return GroupAccess(
        id=found.pk,
        name=found.name,
        members=tuple(sorted(members, key=lambda one: (one.name.casefold(), one.key))),
        products=tuple(
            Ticked(one, one.id in offer, one.id in given or (every and one.id in offer))
            for one in chosen.things(offer | {product for product in given if product})
        ),
        every=every,
        rests=access.has_defaults(team),
    )


def _member(row: GroupMember) -> Member:
    person = row.person
    name = person.name or (person.user.name if person.user else "") or person.key
    active = person.member_us is not None and person.left_us is None
    return Member(id=person.pk, name=name, key=person.key, is_active=active, since=Instant(row.since_us))


def group_named(user: By, team: int, name: str) -> int:
    """Return the number of a group by its name. Raises `NotFound`."""
    chosen.allowed(user, team)
    found = Group.objects.filter(team_id=team, name=group_name(name)).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f"the team has no group {name!r}")
    return found


def preview_removal(user: By, team: int, number: int, *, now: Instant) -> Removal:
    """Return what removing a group would take from whom; nothing from those who hold it otherwise, or by default."""
    chosen.allowed(user, team)
    found = chosen.group_of(team, number)
    people = list(GroupMember.objects.filter(group=found).values_list("person_id", flat=True))
    offer, held = access.offer(team, now=now), access.held(people)
    before = [opened(held[one], offer) for one in people]
    after = [opened(_without(held[one], found.pk), offer) for one in people]
    lost = turns(before, after)
    losing = sum(had != has for had, has in zip(before, after, strict=True))
    return Removal(len(people), losing, tuple((one, lost[one.id].lose) for one in chosen.things(lost)))


def _without(held: Held, number: int) -> Held:
    return replace(held, groups={key: since for key, since in held.groups.items() if key[0] != number})
