"""Who the rows of a file are about: people by their numbers, and hidden where names are (product K1, quality P1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from farebox.domain.rights import Role
from farebox.domain.teams import is_email
from farebox.records.models import Membership, Person, Product
from farebox.services.export.reports.sections import What

HIDDEN = "*****"
"""What stands where names are hidden in a column that says who somebody is."""

ROLES: Mapping[str, str] = {
    Role.PRIMARY: "Primary admin",
    Role.SECONDARY: "Secondary admin",
    Role.SSO: "SSO admin",
    Role.USER: "User",
}


class Who(NamedTuple):
    """A person, as rows name them; where names are hidden, the pseudonym alone tells them apart."""

    person_id: str = ""
    user_name: str = ""
    email: str = ""
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    pseudonym: str = ""

    def hidden(self) -> Who:
        """Return the same person without a name."""
        return Who(HIDDEN, self.pseudonym, HIDDEN, HIDDEN, HIDDEN, HIDDEN, self.pseudonym)


NOBODY = Who()
"""Who an adjustment is about."""

SOMEBODY = Who(*[HIDDEN] * len(Who._fields))
"""Anybody, where not even the pseudonym may be told (quality P1)."""


class Member(NamedTuple):
    """A person's place in a team, or that of an account that uses nothing: then `person` is 0."""

    person: int
    team: int
    who: Who
    role: str
    status: str


@dataclass(frozen=True)
class People:
    """The people of some teams, by their numbers."""

    members: Mapping[int, Member]
    others: Sequence[Member]
    """Accounts with a role in a team in which they use nothing."""

    @cached_property
    def _names(self) -> Mapping[tuple[int, str], str]:
        return {(one.team, one.who.pseudonym): one.who.name for one in self.members.values()}

    def who(self, person: int) -> Who:
        """Return how rows name a person; who came after the people were read has no name yet."""
        found = self.members.get(person)
        return NOBODY if found is None else found.who

    def name(self, team: int, pseudonym: str) -> str:
        """Return the name of somebody in a team, as far as there is one and it is shown."""
        return self._names.get((team, pseudonym), "")

    def team(self, person: int) -> int:
        """Return the team of a person."""
        found = self.members.get(person)
        return 0 if found is None else found.team

    def all(self) -> Iterator[Member]:
        """Yield everybody, people before accounts."""
        yield from self.members.values()
        yield from self.others


class _Account(NamedTuple):
    name: str
    role: str


def people_of(teams: Sequence[int], *, names_hidden: bool) -> People:
    """Return the people of some teams, by name; where names are hidden, without them."""
    held = Membership.objects.filter(team_id__in=teams, user__is_active=True).order_by("team_id", "user__email")
    accounts = {
        (team, email): _Account(name, role)
        for team, email, name, role in held.values_list("team_id", "user__email", "user__name", "role")
    }
    found = Person.objects.filter(team_id__in=teams, joined__isnull=True).order_by("team_id", "key")
    members = {}
    for person in found.iterator():
        account = accounts.pop((person.team_id, person.key), None)
        members[person.pk] = _member(person, account, names_hidden=names_hidden)
    for alias in Person.objects.filter(team_id__in=teams, joined__isnull=False).iterator():
        members[alias.pk] = _member(alias, None, names_hidden=names_hidden)
    others = [_other(team, email, account, names_hidden) for (team, email), account in accounts.items()]
    return People(members, others)


def _member(person: Person, account: _Account | None, *, names_hidden: bool) -> Member:
    who = _who(person.key, person.name or (account.name if account else ""))
    who = who._replace(person_id=str(person.pk), pseudonym=person.pseudonym)
    role = account.role if account else Role.USER
    status = "unclaimed" if account is None else "active"
    if person.joined_id is not None:
        status = "joined"
    elif person.left_us is not None:
        status = "left"
    return Member(person.pk, person.team_id, who.hidden() if names_hidden else who, ROLES[role], status)


def _other(team: int, email: str, account: _Account, names_hidden: bool) -> Member:
    who = _who(email, account.name)
    return Member(0, team, who.hidden() if names_hidden else who, ROLES[account.role], "active")


def _who(key: str, name: str) -> Who:
    """Return a person under a key; the name of one who has neither a name nor an address is the login."""
    email = key if is_email(key) else ""
    name = name.strip() or ("" if email else key)
    first, _, last = name.rpartition(" ")
    return Who("", key, email, name, *((first, last) if first else (last, "")))


def products() -> dict[int, What]:
    """Return every product, by its number."""
    return {pk: What(code, name) for pk, code, name in Product.objects.values_list("pk", "code", "name")}
