"""Whoever leaves at the moment when something is given to them, or opened by them (domain A1, F9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.db import connection
from tests.filed import OnServer
from tests.services.office import Office
from tests.world import NOW, World

from farebox.domain.clock import DAY, HOUR, SECOND, Instant
from farebox.domain.errors import Busy, Rejected
from farebox.domain.seat_list import SeatSaid
from farebox.domain.usage import Funding
from farebox.records.models import Assignment, Entitlement, GroupMember, Person
from farebox.services import assign, seats
from farebox.services.authorise import review_due

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
            if not gone and ("FOR NO KEY UPDATE" in sql or ("records_ledgerhead" in sql and "FOR UPDATE" in sql)):
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


def launched_while(served: OnServer, office: Office, act: Callable[[], object], *, now: Instant) -> tuple[str, bool]:
    """Launch for Ann, do something else once her seats were read; return what pays, and whether the other waited."""
    refused: list[bool] = []

    def at_once() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        with suppress(Busy):
            act()
            return
        refused.append(True)

    def launch() -> str:
        def meanwhile(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            found = execute(sql, *rest)
            if not refused and "FROM records_entitlement" in sql:
                served.run(at_once)
            return found

        with connection.execute_wrapper(meanwhile):
            return office.asks("ann", now=now)

    return served.run(launch), bool(refused)


def test_a_launch_and_leaving_follow_one_another(served: OnServer) -> None:
    """Told that a seat pays, who leaves meanwhile is charged nothing: leaving waits for the launch (domain A1, F9)."""
    office = served.run(lambda: Office(World()))
    served.run(lambda: seats.give(office.boss, office.team, [office.ann], "A", Funding.SEAT, now=NOW))
    begun, left = Instant(NOW + HOUR), Instant(NOW + HOUR - SECOND)

    def leave() -> None:
        assign.remove(office.boss, office.team, [office.ann], now=left)

    assert launched_while(served, office, leave, now=begun) == ("seat", True)
    served.run(leave)
    served.run(lambda: review_due(now=Instant(begun + DAY)))
    assert served.run(lambda: office.asks("ann", now=Instant(begun + DAY))) == "not_a_member"
    assert served.run(office.world.charges) == ["FREE 0"]


def test_a_launch_and_a_seat_follow_one_another(served: OnServer) -> None:
    """Told that tokens pay, a launch is paid by tokens, though the seat was to begin before it (domain F7, F9)."""
    office = served.run(lambda: Office(World()))
    served.run(lambda: office.tick(office.ann, "A"))
    digest = served.run(lambda: listed(office, 0, "ann").digest)

    def give() -> object:
        return seats.give(office.boss, office.team, [office.ann], "A", Funding.SEAT, now=NOW)

    def give_listed() -> object:
        return listed(office, 0, "ann", digest=digest)

    begun = Instant(NOW + HOUR)
    assert launched_while(served, office, give, now=begun) == ("tokens", True)
    assert launched_while(served, office, give_listed, now=begun) == ("reserved", True)
    served.run(give)
    assert served.run(lambda: [one.since_us for one in Entitlement.objects.all()]) == [begun + 1]
