"""One team that everybody draws on at once, on a database that threads share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.db import connections
from tests.filed import Filed
from tests.world import START, World

from farebox.domain.amounts import tokens
from farebox.domain.authorise import Decision
from farebox.domain.clock import Instant
from farebox.domain.packs import Pool
from farebox.records.models import Assignment, Contract, Pack, Person
from farebox.services import catalogue
from farebox.services.authorise import Answer, Launch, authorise
from farebox.services.give import Purchase, give
from farebox.services.move import Move, Moved, move

T = TypeVar("T")
CLIENTS = 64


@contextmanager
def leading_to(filed: Filed) -> Iterator[None]:
    """Lead threads that the program itself starts to this database, too."""
    settings = connections.settings["default"]
    before = settings["NAME"]
    connected = filed.connect()
    settings["NAME"] = connected.settings_dict["NAME"]
    try:
        yield
    finally:
        settings["NAME"] = before


class Hot:
    """The small world with a product ONE that costs one token, open to whoever is named beforehand."""

    def __init__(self) -> None:
        self.world = World()
        self.team = self.world.flex
        self.contract: Contract = self.world.flex_contract
        one = catalogue.add_product(catalogue.NewProduct(code="ONE", name="One token", family="ONE"))
        catalogue.open_offer("all", [one], since=START)
        for card in ("flex", "ent"):
            catalogue.set_rate(card, one, tokens("1"), since=START)
        self.people = 0

    def hire(self, count: int, *, now: Instant) -> list[str]:
        """Add people who may open everything, and return their names."""
        first, self.people = self.people, self.people + count
        names = [f"p{nth}@example.com" for nth in range(first, self.people)]
        Person.objects.bulk_create(
            Person(team=self.team, key=name, pseudonym=name[:24], created_us=now, member_us=now) for name in names
        )
        people = Person.objects.filter(key__in=names)
        Assignment.objects.bulk_create(Assignment(person=person, product=None, since_us=now) for person in people)
        return names

    def fund(self, amount: str, *, now: Instant, until: Instant | None = None) -> int:
        """Give a pack that starts now."""
        asked = Purchase(contract=self.contract.number, pool=Pool.FLEX, tokens=tokens(amount), since=now, until=until)
        return give(asked, now=now).pack

    def launch(self, person: str, *, now: Instant, key: str = "") -> Answer:
        """Ask to open ONE."""
        return authorise(Launch(self.team.pk, person, "ONE", key=key), now=now)

    def move_away(self, pack: int, amount: str, *, now: Instant) -> Moved:
        """Move tokens to a contract of another team."""
        return move(Move(pack=pack, to="other", tokens=tokens(amount), across=True), actor="test", now=now)


def granted(answers: Sequence[Answer]) -> int:
    """Count the answers that let somebody in."""
    return sum(answer.decision is Decision.ALLOW for answer in answers)


def dealt(jobs: Sequence[Callable[[], T]], clients: int = CLIENTS) -> list[Callable[[], list[T]]]:
    """Deal jobs to clients, each of which does its own one after the other."""
    return [lambda mine=jobs[nth::clients]: [job() for job in mine] for nth in range(clients)]  # type: ignore[misc]


def left_and_reserved() -> tuple[int, int]:
    """Return what all packs have left, and what is reserved of them, in millionths."""
    rows = Pack.objects.values_list("left_micro", "reserved_micro")
    return sum(left for left, _ in rows), sum(reserved for _, reserved in rows)
