"""Whoever leaves at the moment when something is given to them gets nothing of it (domain A1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection
from tests.filed import OnServer
from tests.services.office import Office
from tests.world import NOW, World

from farebox.domain.errors import Rejected
from farebox.domain.seat_list import SeatSaid
from farebox.domain.usage import Funding
from farebox.records.models import Assignment, Entitlement, GroupMember, Person
from farebox.services import assign, seats

Give = Callable[[Office, int, str], object]


def listed(office: Office, _: int, key: str, digest: str = "") -> seats.ListShown:
    """Look at a list that gives somebody a seat, or have it given."""
    lines = [SeatSaid(2, f"{key}@example.com", "A", "seat", "", "")]
    return seats.give_list(office.boss, office.team, lines, digest=digest, now=NOW)


ACTS: Mapping[str, Give] = {
    "ticked": lambda office, person, _: office.tick(person, "A"),
    "assigned": lambda office, person, _: assign.assign_people(office.boss, office.team, [person], ["A"], now=NOW),
    "grouped": lambda office, person, _: office.group("G", person),
    "seated": lambda office, person, _: seats.give(office.boss, office.team, [person], "A", Funding.SEAT, now=NOW),
}


def test_who_leaves_meanwhile_is_given_nothing(served: OnServer) -> None:
    """Ticks, a group, a seat, a list of seats: what was read before the person was held does not count."""
    office = served.run(lambda: Office(World()))
    people = {name: served.run(lambda name=name: office.member(name)) for name in (*ACTS, "listed")}  # type: ignore[misc]
    digest = served.run(lambda: listed(office, 0, "listed").digest)

    def late(name: str, act: Give) -> object:
        """Give something to somebody who leaves right before they are held."""
        gone: list[int] = []

        def leaving(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            if not gone and "records_person" in sql and "FOR NO KEY UPDATE" in sql:
                gone.append(served.run(lambda: assign.remove(office.boss, office.team, [people[name]], now=NOW)))
            return execute(sql, *rest)

        with connection.execute_wrapper(leaving):
            try:
                return act(office, people[name], name)
            except Rejected as error:
                return [problem.code for problem in error.problems]

    refused = {name: served.run(lambda one=(name, act): late(*one)) for name, act in ACTS.items()}  # type: ignore[misc]
    shown = served.run(lambda: late("listed", lambda *asked: listed(*asked, digest=digest).is_done))

    assert (refused, shown) == ({name: ["left"] for name in ACTS}, False)
    assert served.run(Person.objects.filter(left_us__isnull=False).count) == len(people)
    given = [served.run(model.objects.count) for model in (Assignment, GroupMember, Entitlement)]
    assert given == [0, 0, 0]
