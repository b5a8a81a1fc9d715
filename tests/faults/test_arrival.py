"""
Late, early and in any order: what happened decides what it costs, and not when anybody heard of it (X12).

Two teams, one of each scheme; sessions that are told up to 60 days late, twice, amended and withdrawn in any order;
packs bought and lapsed between them; a server whose clock goes on meanwhile. (domain N4, N5, L5, L5b, M3; I5, I6)
"""

from __future__ import annotations

from operator import itemgetter
from random import Random

import pytest
from django.db import transaction
from tests.faults.chance import dice, size, tell
from tests.faults.outcome import Outcome, outcome
from tests.faults.throws import FIRST, Sent, buy, cut, deliver, shuffled, some
from tests.services import books
from tests.world import NOW, World, event, stamp

from farebox.domain.charging import flex as flex_rules
from farebox.domain.clock import DAY, HOUR, MINUTE, Instant, as_iso
from farebox.services.expire import expire

DAYS = 14
LATE_DAYS = 60
PERMUTATIONS = size("PERMUTATIONS", 12)
SESSIONS = size("PERMUTATION_SESSIONS", 45)
LAST = Instant(FIRST + (DAYS + 3 + LATE_DAYS) * DAY)
"""When everything has arrived."""


def told(world: World, thrown: Random, sent: list[Sent], *, plain: bool) -> Outcome:
    """Deliver everything and read the books; the plain way is in order and at once, the other in any."""
    if plain:
        _deliver_all(world, [sorted(sent, key=lambda one: one.revision)], [LAST])
    else:
        requests = cut(thrown, shuffled(thrown, sent, copies=3), most=9)
        arrivals = sorted(_arrival(thrown, request) for request in requests)
        _deliver_all(world, requests, arrivals, thrown)
    expire(now=LAST)
    return outcome()


def _arrival(thrown: Random, request: list[Sent]) -> Instant:
    newest = max(one.since for one in request) + 3 * DAY
    return Instant(min(LAST, newest + thrown.randrange(LATE_DAYS) * DAY))


def _deliver_all(
    world: World, requests: list[list[Sent]], arrivals: list[Instant], thrown: Random | None = None
) -> None:
    """Deliver requests at the instants of arrival, the server's clock a little off; send again what came too early."""
    again: list[Sent] = []
    for request, now in zip(requests, arrivals, strict=False):
        heard = Instant(max(now, *(one.since + 3 * DAY for one in request)))
        if thrown is not None:
            heard = Instant(heard + thrown.randrange(-30, 30) * MINUTE)
            _meanwhile(world, thrown, now=heard)
        for ent in (False, True):
            of_team = [one for one in request if one.ent is ent]
            again += deliver(world, of_team, now=heard) if of_team else []
    while again:
        again = [left for one in again for left in deliver(world, [one], now=LAST)]


def _meanwhile(world: World, thrown: Random, *, now: Instant) -> None:
    if thrown.random() < 0.1:
        buy(world, thrown, days=DAYS, now=now)
    if thrown.random() < 0.15:
        expire(now=now)


def totals_of(world: World, *, permutations: int) -> tuple[list[Outcome], list[str]]:
    """Deliver the same events in many ways, each in a database that forgets it; return what came out, and faults."""
    sent = some(dice("X12"), SESSIONS, days=DAYS)
    found, wrong = [], []
    for nth in range(permutations + 1):
        with transaction.atomic():
            found.append(told(world, dice("X12", nth), sent, plain=nth == 0))
            wrong += [f"permutation {nth}: {fault}" for fault in books.faults()]
            transaction.set_rollback(True)
    return found, wrong


def test_every_permutation_gives_one_total(world: World) -> None:
    """Any order, lateness up to 60 days, and repetition give equal rows, totals per key, and totals per team (I5)."""
    found, wrong = totals_of(world, permutations=PERMUTATIONS)

    distinct = {tuple(sorted(one.teams.items())) for one in found}
    rows = {tuple(sorted(one.parts.items())) for one in found}
    tell(
        "X12 order and lateness",
        permutations=PERMUTATIONS,
        sessions=SESSIONS,
        parts=len(found[0].parts),
        distinct_totals=len(distinct),
        distinct_rows=len(rows),
        faults=len(wrong),
    )
    assert wrong == []
    assert len(found[0].parts) > SESSIONS / 2
    assert [one for one in found if one != found[0]] == []


def test_a_rule_that_looks_at_arrival_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With windows opened by whoever was heard of first, permutations differ: the comparison can see the fault."""
    monkeypatch.setattr(flex_rules, "_ORDER", itemgetter(0))

    found, _ = totals_of(world, permutations=3)

    assert any(one != found[0] for one in found)


@pytest.mark.parametrize(("minutes", "state"), [(4, "accepted"), (5, "accepted"), (6, "rejected in_future")])
def test_what_lies_ahead_of_the_clock(world: World, minutes: int, state: str) -> None:
    """Up to five minutes ahead of the server a moment is believed; beyond, the event is refused and leaves nothing."""
    ahead = as_iso(Instant(NOW + minutes * MINUTE))
    one = event("a", "ana@example.com", "A", "2026-05-31 20:00", "2026-05-31 21:00")
    text = one.replace(stamp("2026-05-31 21:00").encode(), ahead.encode())

    assert world.states(text) == [state]
    assert world.states(text, now=Instant(NOW + HOUR)) == ["duplicate" if state == "accepted" else "accepted"]
    assert books.faults() == []


def test_one_request_may_say_it_all_five_times(world: World) -> None:
    """One request may carry an event five times and its amendments before it: one verdict each, one use (I2, I4)."""
    told = [event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00", revision=r) for r in (2, 0, 1)]

    states = world.states(*(told * 5))

    assert states.count("accepted") == 1
    assert states.count("duplicate") == 14
    assert books.faults() == []
