"""
The clock is set back and forth while work goes on: bookings never go back, and a dead pack pays nothing (X9; L5, L10).

`FAREBOX_FAULTS_CLOCK_STEPS` says how often it is set.
"""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.faults.chance import dice, size, tell
from tests.faults.clocks import step
from tests.faults.estate import Estate
from tests.faults.judging import Verdict
from tests.faults.served import serving
from tests.faults.traffic import Client, History
from tests.faults.zygote import Zygote
from tests.services.books import faults
from tests.world import World, at, event

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant
from farebox.records import ledger
from farebox.records.models import Entry, Person
from farebox.services.assign import assign
from farebox.services.authorise import Launch, authorise
from farebox.services.authorise import review_due as review
from farebox.services.expire import expire

STEPS = size("CLOCK_STEPS", 25)
SECONDS = (-30 * 86_400, -86_400, -3_600, -60, -1, 1, 60, 1_860, 3_600, 86_400, 400 * 86_400)
"""How far a clock is set off; half an hour and a minute is beyond the silence that closes a session."""

PACK_END = "2026-05-01 00:00"


def order_violations() -> int:
    """Count the entries that were booked before the one that they follow in their team's ledger."""
    rows = Entry.objects.order_by("team", "number").values_list("team", "booked_us")
    return sum(one[0] == two[0] and two[1] < one[1] for one, two in pairwise(rows))


def test_a_server_whose_clock_is_set_back_and_forth_stays_exact(zygote: Zygote, estate: Estate, folder: Path) -> None:
    """Events and launches go on through every step; each counts once, and the books are sound."""
    history, thrown = History(folder.parent / "history.jsonl"), dice("clock")
    zygote.call(folder, "tests.faults.estate:add_members", clients=["t"], each=STEPS * 3)
    with serving(zygote, folder, variant="stepped_clock") as server:
        client = Client("t", server.port, estate.key, history, STEPS * 3)
        for _ in range(STEPS):
            step(folder, thrown.choice(SECONDS))
            for _ in range(3):
                client.send_until_answered(client.next())
            time.sleep(0.05)  # for the jobs beside the requests, which read the same clock

    verdict = Verdict.of(zygote, folder, history)
    violations = zygote.call(folder, "tests.faults.test_clock_steps:order_violations")
    tell(
        "clock steps under the server",
        steps=STEPS,
        acked=len(history.acked),
        order_violations=violations,
        lost=verdict.lost,
        doubled=verdict.doubled,
    )
    assert (violations, verdict.lost, verdict.doubled, verdict.faults) == (0, 0, 0, [])


def work_at(world: World, now: Instant, nth: int) -> None:
    """Report a use, launch a product, and let the jobs look, at an instant."""
    name = f"q{nth}@example.com"
    world.send(event(f"q{nth}", name, "A", f"2026-03-{nth % 28 + 1:02d} 08:00", f"2026-03-{nth % 28 + 1:02d} 10:00"))
    assign(Person.objects.get(key=name).pk, "A", actor="test", now=now)
    authorise(Launch(world.flex.pk, name, "A"), now=now)
    review(now=now)
    if nth % 3 == 0:
        expire(now=now)


def drift(world: World) -> int:
    """Work at instants that jump back and forth around a pack's end; return how often the order was broken."""
    world.give("100000")
    world.give("500", until=PACK_END)
    thrown, end = dice("drift"), at(PACK_END)
    for nth in range(STEPS):
        work_at(world, Instant(end + thrown.choice((-DAY, -HOUR, -MINUTE, 0, MINUTE, HOUR, DAY))), nth)
    return order_violations()


def test_no_booking_goes_back_when_the_clock_does(world: World) -> None:
    """Each entry is booked no earlier than the one before it, and every draw is from a pack alive at its instant."""
    assert drift(world) == 0

    assert faults() == []
    drawn = Entry.objects.filter(kind__in=("DRAWN", "RESERVED"), source__pack__isnull=False).select_related(
        "source__pack"
    )
    dead = [entry for entry in drawn if not entry.source.pack.since_us <= entry.at_us < entry.source.pack.until_us]
    tell("clock steps in the process", steps=STEPS, draws=len(drawn), from_dead_packs=len(dead), order_violations=0)
    assert drawn
    assert dead == []


def test_a_build_that_believes_the_clock_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Canary: where entries are booked at whatever the clock says, their order is broken, and that is seen."""
    guard = "ELSE records_ledgerhead.booked_us + 1 END"
    assert guard in ledger._HEADS
    monkeypatch.setattr(ledger, "_HEADS", ledger._HEADS.replace(guard, "ELSE EXCLUDED.booked_us END"))

    violations = drift(world)

    tell("clock steps, canary", order_violations=violations, faults=len(faults()))
    assert violations > 0
    assert faults()


def test_a_launch_at_the_very_end_of_a_pack_is_denied(world: World) -> None:
    """A microsecond before its end a pack pays; at its end it does not, whether or not the job has been there (L5)."""
    world.give("500", until=PACK_END)
    for nth in range(3):
        world.send(event(f"q{nth}", f"q{nth}@example.com", "Z", "2026-03-02 08:00", "2026-03-02 10:00"))
        assign(Person.objects.get(key=f"q{nth}@example.com").pk, "A", actor="test", now=at(PACK_END))
    end = at(PACK_END)

    before = authorise(Launch(world.flex.pk, "q0@example.com", "A"), now=Instant(end - 1))
    at_end = authorise(Launch(world.flex.pk, "q1@example.com", "A"), now=end)
    expire(now=end)
    set_back = authorise(Launch(world.flex.pk, "q2@example.com", "A"), now=Instant(end - 1))

    decisions = [one.decision.value for one in (before, at_end, set_back)]
    assert decisions == ["allow", "deny", "deny"]
    assert faults() == []
