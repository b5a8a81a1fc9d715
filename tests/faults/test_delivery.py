"""
Delivered again, with another content, in bad company, or cut off on the way: one effect, or none (X11, X13, X14).

A client keeps its own history of what was acknowledged; the records are compared with it. (I1, I2, I4, M3)
"""

from __future__ import annotations

import json
from random import Random

import pytest
from django.db.models import Sum
from tests.faults.chance import dice, size, tell
from tests.faults.throws import FIRST, PEOPLE, Sent, deliver, some, write
from tests.filed import Filed
from tests.services import books
from tests.world import NOW, World, event

from farebox.domain.clock import DAY, HOUR, MINUTE, Instant
from farebox.records.models import Charge, Entry, Event, Intake, Use
from farebox.services.ingest import SourceKey, State, ingest, service
from farebox.services.ingest.arrival import Arrival, arrive

SESSIONS = size("DUPLICATED", 60)
CONFLICTS = size("CONFLICTS", 60)
BATCH = size("BATCH", 1_000)
LATER = (0, 10 * MINUTE, 25 * HOUR, 40 * DAY)
"""How long after the first deliveries the others come: also after a day and an hour."""


def send_all(world: World, thrown: Random, sent: list[Sent], *, now: Instant) -> int:
    """Send everything in any order, a few at a time, as one of several clients; return how many were accepted."""
    mine = thrown.sample(sent, len(sent))
    accepted = 0
    for first in range(0, len(mine), 7):
        for team in (world.flex, world.ent):
            raws = [one.raw for one in mine[first : first + 7] if one.ent is (team == world.ent)]
            verdicts = ingest(raws, key=SourceKey(0, team.pk), now=now).verdicts
            accepted += sum(verdict.state is State.ACCEPTED for verdict in verdicts)
    return accepted


def delivered_again(filed: Filed) -> tuple[int, int, int, list[str]]:
    """Deliver sessions one to five times, from two threads, reopened, and later; return what was sent and is stored."""
    world = filed.run(World)
    unique = [one for one in some(dice("X11"), SESSIONS, days=10) if one.revision == 0]
    filed.run(lambda: world.give("60"))
    accepted = sent = 0
    for nth, later in enumerate(LATER):
        again = [one for one in unique if nth == 0 or dice("X11", nth, one.id).random() < 0.6]
        jobs = [
            lambda which=which, nth=nth, again=again, later=later: send_all(
                world, dice("X11", nth, which), again, now=Instant(NOW + later)
            )
            for which in range(2)
        ]
        accepted += sum(filed.run_together(jobs))  # each thread opens the file anew, as a restarted process does
        sent += 2 * len(again)
    stored = filed.run(Event.objects.count)
    tell("X11 duplicates", sent=sent, unique=len(unique), accepted=accepted, stored=stored)
    assert sent > 3 * len(unique)
    return len(unique), accepted, stored, filed.run(books.faults)


def test_everything_is_stored_once(filed: Filed) -> None:
    """Each event up to eight times over weeks, by two threads at once: accepted, stored and charged once (I2)."""
    unique, accepted, stored, wrong = delivered_again(filed)

    assert wrong == []
    assert (accepted, stored) == (unique, unique)
    assert filed.run(lambda: Use.objects.filter(ended_us=None).count()) == unique
    received = filed.run(lambda: Intake.objects.aggregate(r=Sum("received"), a=Sum("accepted"), d=Sum("duplicate")))
    assert received["r"] == received["a"] + received["d"]


def test_a_memory_of_one_day_is_noticed(filed: Filed, monkeypatch: pytest.MonkeyPatch) -> None:
    """With identities that are forgotten after a day, what comes after 25 hours counts twice: the test can see it."""

    def forgetful(nth: int, raw: bytes, *, key: SourceKey, teams: dict[str, int], now: Instant) -> Arrival:
        arrival = arrive(nth, raw, key=key, teams=teams, now=now)
        arrival.id += f"@{now // DAY}"
        return arrival

    monkeypatch.setattr(service, "arrive", forgetful)

    unique, accepted, stored, _ = delivered_again(filed)

    assert accepted > unique
    assert stored > unique


def other(thrown: Random, told: dict[str, object]) -> bytes:
    """Change one member of an event that says what happened."""
    data = dict(told["data"])  # type: ignore[call-overload]
    match thrown.randrange(6):
        case 0:
            told["subject"] = "somebody@example.com"
        case 1:
            told["time"] = "2026-03-01T00:00:00Z"
        case 2:
            data["product"] = "Z" if data["product"] != "Z" else "A"
        case 3:
            data["start"] = "2026-03-01T23:59:59Z"
        case 4:
            data["end"] = "2026-03-31T00:00:00Z"
        case _:
            data["attributes"] = {"cost": "other"}
    return json.dumps({**told, "data": data}).encode()


def state() -> tuple[object, ...]:
    """Read everything that a conflict must leave as it was."""
    events = sorted((e.pk, e.revision, bytes(e.payload), e.state) for e in Event.objects.all())
    charges = sorted(Charge.objects.values_list("pk", "tokens_micro", "ended_us"))
    return events, charges, sorted(Entry.objects.values_list("pk", "tokens_micro")), Use.objects.count()


def conflicts(world: World) -> tuple[int, int]:
    """Send the ids of recorded events with another content; return how many got in, and how many changed the books."""
    thrown = dice("X13")
    sent = [one for one in some(thrown, CONFLICTS, days=10) if one.revision == 0]
    world.give("100")
    for one in sent:
        deliver(world, [one], now=NOW)
    refused = changed = 0
    for one in sent:
        before = state()
        states = world.states(other(thrown, json.loads(one.raw)), ent=one.ent, now=Instant(NOW + 26 * HOUR))
        refused += states == ["rejected conflict"]
        changed += state() != before
    tell("X13 another content", sent=len(sent), refused=refused, changed=changed)
    return len(sent) - refused, changed


def test_another_content_is_refused_and_changes_nothing(world: World) -> None:
    """The same identity with any member changed and no higher revision conflicts; books and event stay (I2)."""
    assert conflicts(world) == (0, 0)
    assert books.faults() == []


def test_a_last_write_that_wins_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a build in which the last content replaces the first, the comparison above fails: it can see the fault."""
    monkeypatch.setattr("farebox.services.ingest.claim._is_to_record", _amends_always)

    refused, changed = conflicts(world)

    assert refused > 0
    assert changed > 0


def _amends_always(arrival: Arrival, known: object, _key: object) -> bool:
    if known is not None:
        arrival.amends = True
        arrival.event = known.id  # type: ignore[attr-defined]
    return True


def test_two_contents_at_once_leave_one(filed: Filed) -> None:
    """Two senders with one id and two contents, side by side: one is accepted, the other conflicts, every time (I2)."""
    world = filed.run(World)
    pairs = [
        [event(f"e{nth}", PEOPLE[0], product, f"2026-03-{nth + 1:02d} 08:00", f"2026-03-{nth + 1:02d} 09:00")]
        for nth in range(20)
        for product in "AB"
    ]

    outcomes = [
        sorted(filed.run_together([lambda p=p: world.states(*p)[0] for p in pairs[nth : nth + 2]]))  # type: ignore[misc]
        for nth in range(0, len(pairs), 2)
    ]

    assert outcomes == [["accepted", "rejected conflict"]] * 20
    assert filed.run(books.faults) == []
    assert filed.run(Event.objects.count) == 20


BAD = (
    b"",
    b"{",
    b"[]",
    b'{"specversion": "1.0"}',
    b"\xff\xfe",
    b'{"a": NaN}',
    b"[" * 5_000,
    write("farebox.unheard", "x", 0, "ana@example.com", FIRST, {}),
    write("farebox.session", "x", 0, "ana@example.com", FIRST, {"product": "A"}),
    write("farebox.session", "x", 0, "", FIRST, {"product": "A", "start": "2026-03-02T08:00:00Z"}),
    write("farebox.session", "x", 0, "ana@example.com", FIRST, {"product": "A", "start": "2026-03-02T08:00:00"}),
    write("farebox.withdrawal", "x", 0, "", FIRST, {}),
)
"""Texts of which none is an event that can be recorded."""


@pytest.mark.parametrize("many", [1, BATCH // 2])
def test_good_events_do_not_suffer_from_bad_ones(world: World, many: int) -> None:
    """A large request with one bad event, or one half bad: each good one is charged, each bad one named (I4)."""
    thrown = dice("X14", many)
    bad = {thrown.randrange(BATCH) for _ in range(many)}
    raws = [
        thrown.choice(BAD)
        if nth in bad
        else event(f"e{nth}", f"p{nth % 40}@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00")
        for nth in range(BATCH)
    ]

    receipt = world.send(*raws)

    assert receipt.tally.received == BATCH
    assert (receipt.tally.accepted, receipt.tally.rejected) == (BATCH - len(bad), len(bad))
    assert {verdict.nth for verdict in receipt.verdicts if verdict.state is State.REJECTED} == bad
    assert Event.objects.count() == BATCH - len(bad)
    assert books.faults() == []
    tell("X14 bad company", events=BATCH, bad=len(bad), accepted=receipt.tally.accepted)
