"""What the tests of the pages about people share: an administrator of one team at the pages, the words of an answer."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from django.test import Client
from tests.web.used import person
from tests.world import START, World

from farebox.domain.rights import Role
from farebox.records.models import Mail, Membership, Person, User
from farebox.services import assign, catalogue
from farebox.wallclock import now


def words(content: bytes) -> str:
    """Return the words of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", content.decode()))).strip()


@dataclass
class Office:
    """Ann, the primary administrator of the Flex team and of no other, at the pages about its people."""

    world: World
    ann: User
    client: Client

    @classmethod
    def of(cls, world: World, client: Client) -> Office:
        """Sign Ann in."""
        ann = person("ann@example.com")
        Membership.objects.create(team=world.flex, user=ann, role=Role.PRIMARY)
        client.force_login(ann)
        return cls(world, ann, client)

    @property
    def team(self) -> int:
        """The number of the team."""
        return self.world.flex.pk

    def member(self, name: str, *products: str, every: bool = False) -> int:
        """Make a member, give products, and return the number."""
        address = f"{name.split()[0].lower()}@example.com"
        number = catalogue.add_person(self.world.flex, address, name, now=START).pk
        if products or every:
            assign.assign_people(self.ann, self.team, [number], products, every=every, now=now())
        Mail.objects.all().delete()
        return number

    def get(self, path: str, **query: Any) -> str:
        """Return the words of a page."""
        answer = self.client.get(f"/users/{path}", query)
        assert answer.status_code == 200, answer.status_code
        return words(answer.content)

    def post(self, path: str, *, refused: int = 0, **sent: Any) -> str:
        """Send a form, and return the words of what is shown then; `refused` is the status where it is refused."""
        answer = self.client.post(f"/users/{path}", sent)
        if refused:
            assert answer.status_code == refused, answer.status_code
            return words(answer.content)
        assert answer.status_code == 302, words(answer.content)
        return words(self.client.get(answer["Location"]).content)

    def opens(self, number: int) -> str:
        """Return the codes of the products that somebody was given alone; `*` for all, later ones too."""
        found = assign.person(self.ann, self.team, number, now=now())
        return "*" if found.every else "".join(one.product.code for one in found.products if one.ticked)

    def holds(self, number: int) -> str:
        """Return the codes of the products that somebody holds in any way now."""
        found = assign.person(self.ann, self.team, number, now=now())
        return "".join(one.product.code for one in found.products if one.in_force)


def key(address: str) -> int:
    """Return the number of the person of an address."""
    return Person.objects.get(key=address).pk
