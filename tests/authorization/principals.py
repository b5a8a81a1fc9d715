"""Everybody who asks for a page: the seven principals, each signed in long ago and a moment ago, in one house."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from django.test import Client
from tests.web.signed_in import signed_in
from tests.web.used import PASSWORD, ago, written
from tests.world import START, World, event

from farebox.domain.clock import day_of
from farebox.domain.rights import Role
from farebox.records.models import Account, LedgerHead, Person, Team, User
from farebox.records.models.contracts import Scheme
from farebox.services import catalogue
from farebox.services.project import project
from farebox.wallclock import now


class Who(StrEnum):
    """The seven who ask (quality: authorization matrix)."""

    ANONYMOUS = "anonymous"
    USER = "user"
    SSO = "sso"
    SECONDARY = "secondary"
    PRIMARY = "primary"
    OPERATOR = "operator"
    STRANGER = "stranger"


MEMBERS: Mapping[Who, Role] = {
    Who.USER: Role.USER,
    Who.SSO: Role.SSO,
    Who.SECONDARY: Role.SECONDARY,
    Who.PRIMARY: Role.PRIMARY,
}
"""Those with a role in the Flex team, the own team of everybody but the stranger, who leads the other."""

KNOWN = tuple(who for who in Who if who is not Who.ANONYMOUS)
"""Those who are signed in."""


@dataclass
class House:
    """
    The world with an account for everybody, and use by everybody who is in a team.

    Product A is used in the Flex team, B in the other: to each, what the other used is foreign.
    """

    world: World
    alone: bool = False
    accounts: dict[Who, User] = field(default_factory=dict)
    people: dict[Who, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the accounts, and have everybody use something; `alone` leaves the other team out altogether."""
        if self.alone:
            self.world.ent_contract.delete()
            self._delete_team()
        for who, role in MEMBERS.items():
            self._account(who, {self.world.flex: role})
        self._account(Who.OPERATOR, {}, operator=True)
        self.world.give("1000", since=written(ago(300)))
        for who in MEMBERS:
            self._use(who)
        if not self.alone:
            self.add_the_other_team()
        project()

    def add_the_other_team(self) -> None:
        """Have the stranger lead the other team, and use something there; where it was left out it is made first."""
        if self.alone:
            self.world.ent = catalogue.add_team("ent", "Enterprise team", now=now())
            first = day_of(START)
            self.world.ent_contract = catalogue.add_contract(
                self.world.ent, Scheme.ENTERPRISE, offer="all", card="ent", start=first
            )
        self._account(Who.STRANGER, {self.world.ent: Role.PRIMARY})
        self._use(Who.STRANGER)

    def _delete_team(self) -> None:
        LedgerHead.objects.filter(team=self.world.ent).delete()
        Account.objects.filter(team=self.world.ent).delete()
        self.world.ent.delete()

    def _account(self, who: Who, roles: Mapping[Team, Role], *, operator: bool = False) -> None:
        address, name = f"{who}@example.com", f"The {who}"
        self.accounts[who] = catalogue.add_account(address, PASSWORD, name, roles=roles, now=now(), operator=operator)
        for team in roles:
            person = catalogue.add_person(team, address, name, now=now())
            Person.objects.filter(pk=person.pk).update(user=self.accounts[who])
            self.people[who] = person

    def _use(self, who: Who) -> None:
        ent, start = who is Who.STRANGER, ago(2)
        ended = written(start + timedelta(hours=1))
        use = event(f"use-{who}", f"{who}@example.com", "B" if ent else "A", written(start), ended)
        assert self.world.states(use, ent=ent, now=now()) == ["accepted"]

    def team(self, who: Who) -> Team:
        """Return somebody's own team."""
        return self.world.ent if who is Who.STRANGER else self.world.flex

    def client(self, who: Who, *, fresh: bool) -> Client:
        """Return somebody's browser, in which they signed in a moment ago or too long ago for what is grave."""
        if who is Who.ANONYMOUS:
            return Client(raise_request_exception=False)
        if fresh:
            return signed_in(self.accounts[who])
        client = Client()
        client.force_login(self.accounts[who])
        return client
