"""Requests that run side by side on a file: each event counts once, and no pack gives more than it has (L4, E4)."""

from __future__ import annotations

import random

from tests.filed import Filed
from tests.services.books import faults
from tests.world import NOW, World, at, event

from farebox.domain.amounts import tokens
from farebox.domain.errors import Conflict
from farebox.domain.packs import Pool
from farebox.records.models import Charge, Event, Pack
from farebox.services.expire import expire
from farebox.services.give import Given, Purchase, give
from farebox.services.ingest import State

DAYS = [f"2026-03-{nth // 4 + 1:02d}" for nth in range(60)]
EVENTS = [
    event(f"e{nth}", f"p{nth % 5}@example.com", "AB"[nth % 2], f"{day} 08:00", f"{day} 09:00")
    for nth, day in enumerate(DAYS)
]
"""Sixty hours of five people and two products, each in a window of its own."""

THREADS = 6


def ask(world: World, seed: int) -> int:
    """Send all events in an order of one's own, a few at a time; return how many were accepted."""
    mine = random.Random(seed).sample(EVENTS, len(EVENTS))
    requests = [mine[first : first + 7] for first in range(0, len(mine), 7)]
    return sum(verdict.state == State.ACCEPTED for request in requests for verdict in world.send(*request).verdicts)


def test_everybody_sends_everything(filed: Filed) -> None:
    """Six senders deliver the same events at once: each is charged once, and the packs give exactly what they have."""
    world = filed.run(World)
    packs = [filed.run(lambda: world.give("100")), filed.run(lambda: world.give("50", until="2026-03-10 00:00"))]

    accepted = filed.run_together([lambda seed=seed: ask(world, seed) for seed in range(THREADS)])  # type: ignore[misc]

    assert sum(accepted) == len(EVENTS)
    charged = Charge.objects.filter(category="CHARGED", ended_us=None)
    assert filed.run(lambda: (Event.objects.count(), charged.count())) == (60, 60)
    assert filed.run(faults) == []
    cost = 30 * 7 + 30 * 10
    assert filed.run(world.total) == str(cost)
    short = filed.run(lambda: sum(Charge.objects.filter(ended_us=None).values_list("shortfall_micro", flat=True)))
    left = filed.run(lambda: sum(Pack.objects.filter(pk__in=packs).values_list("left_micro", flat=True)))
    assert short - left == tokens(cost - 150)


def test_a_purchase_asked_side_by_side_is_made_once(filed: Filed) -> None:
    """Clients that ask with one key at once get one pack and the same answer (L8)."""
    world = filed.run(World)
    bought = Purchase(
        contract=world.flex_contract.number, pool=Pool.FLEX, tokens=tokens("100"), since=at("2026-01-01 00:00")
    )

    def ask_for_it() -> Given | None:
        try:
            return give(bought, now=NOW, key="k")
        except Conflict:
            return None

    answers = set(filed.run_together([ask_for_it] * THREADS))

    assert len(answers) == 1
    assert None not in answers
    assert filed.run(Pack.objects.count) == 1


def test_the_job_may_run_twice_beside_use(filed: Filed) -> None:
    """Two expiry jobs and two senders at once: a lapse is booked once, and late use still draws on it (X16, X18)."""
    world = filed.run(World)
    pack = filed.run(lambda: world.give("500", until="2026-03-10 00:00"))

    closed = filed.run_together(
        [lambda: expire(now=NOW), lambda: expire(now=NOW), lambda: ask(world, 1) * 0, lambda: ask(world, 2) * 0]
    )

    assert sum(closed) == 1
    assert filed.run(faults) == []
    assert filed.run(lambda: world.left(pack)) == "0"
    early = Charge.objects.filter(ended_us=None, at_us__lt=at("2026-03-10 00:00"))
    in_time = filed.run(lambda: sum(early.values_list("tokens_micro", flat=True)))
    assert filed.run(lambda: Pack.objects.get().lapsed_micro) == tokens("500") - in_time
