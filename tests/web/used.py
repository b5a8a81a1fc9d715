"""A year of use for the pages to show, told from today backwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from tests.world import World, event

from farebox.domain.clock import instant
from farebox.domain.rights import Role
from farebox.records.models import Membership, User
from farebox.services.expire import expire
from farebox.services.project import project

PASSWORD = "correct horse battery"


def ago(days: int, hour: int = 9) -> datetime:
    """Return a moment some days before today, at a full hour in UTC."""
    return timezone.now().replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=days)


def written(moment: datetime) -> str:
    """Write a moment as the world reads it."""
    return moment.strftime("%Y-%m-%d %H:%M")


class Used:
    """
    Ann administers both teams; Bo and Cy used products of the Flex team.

    In the last 30 days, apart from today: 7 tokens of A by Bo 2 days ago, 10 of B by Cy 3 days ago. In the 30
    days before: 7 of A by Bo. Packs: 300 that ended 10 days ago, 100 bought 5 days ago.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.ann = person("ann@example.com", world, Role.PRIMARY)
        self.number = world.flex_contract.number
        world.give("300", since=written(ago(300)), until=written(ago(10)))
        self._use("a", "bo@example.com", "A", 45)
        self._use("b", "bo@example.com", "A", 100)
        world.give("100", since=written(ago(5)))
        expire(now=instant(timezone.now()))
        self._use("c", "bo@example.com", "A", 2)
        self._use("d", "cy@example.com", "B", 3)
        project()

    def _use(self, key: str, who: str, product: str, days: int) -> None:
        start = ago(days)
        use = event(key, who, product, written(start), written(start + timedelta(hours=1)))
        receipt = self.world.send(use, now=instant(timezone.now()))
        assert receipt


@dataclass(frozen=True)
class Served:
    """A team whose pages a server answers at an address."""

    used: Used
    address: str


def person(email: str, world: World | None = None, role: Role = Role.USER) -> User:
    """Make an account, and where a world is given a role in both its teams."""
    user = User.objects.create_user(email, PASSWORD, name="Ann Example")
    for team in (world.flex, world.ent) if world else ():
        Membership.objects.create(team=team, user=user, role=role)
    return user
