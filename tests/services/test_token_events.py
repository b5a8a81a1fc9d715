"""What happened to tokens besides use is told with who and why, and a pack's history has no gap (domain R7)."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.drawn import few
from tests.services.books import faults
from tests.world import NOW, START, World, at, event, message, withdrawal

from farebox.domain.amounts import as_text, tokens
from farebox.domain.clock import DAY, Instant, day_of
from farebox.domain.errors import NotFound
from farebox.domain.packs import Pool
from farebox.records.models import Contract, Event, Pack, Team
from farebox.records.models.contracts import Scheme
from farebox.records.models.events import EventState
from farebox.services import catalogue
from farebox.services.balances import Turnover, balance
from farebox.services.expire import expire
from farebox.services.give import Purchase, give
from farebox.services.move import Merge, Move, merge, move
from farebox.services.packs import history, packs_of
from farebox.services.token_events import LISTED_US, token_events


@pytest.fixture
def south(world: World) -> Team:
    """Add a second team with a Flex contract."""
    return second_team()


def second_team() -> Team:
    """Add the team that tokens go to."""
    team = catalogue.add_team("south", "South", now=START)
    catalogue.add_contract(team, Scheme.FLEX, offer="all", card="flex", start=day_of(START))
    return team


def adjustment(id: str, amount: str, on: str) -> bytes:  # noqa: A002
    """Write an adjustment of the Flex pool."""
    reason = {"reasonType": "GOODWILL", "reasonComment": "outage"}
    data = {"pool": "FLEX", "tokens": amount, "transactionDate": on, **reason}
    return message("farebox.adjustment", id, data, time=f"{on} 12:00")


def told(number: str, until: Instant = NOW) -> list[tuple[str, str, str]]:
    """Return the last 90 days' events: kind, tokens, reason."""
    found = token_events(number, Instant(until - LISTED_US), Instant(until + 1))
    return [(one.kind, as_text(one.tokens), one.reason) for one in found]


def test_everything_but_use_is_told(world: World, south: Team) -> None:
    """Purchases, moves, merges, adjustments, coverings and expiries are listed, newest first, with their reasons."""
    number = world.flex_contract.number
    world.send(event("a", "ana@example.com", "A", "2026-05-02 08:00", "2026-05-02 09:00"), now=at("2026-05-03 00:00"))
    pack = world.give("100", since="2026-05-04 00:00", until="2026-05-20 00:00")
    world.send(adjustment("more", "30", "2026-05-06"), now=at("2026-05-06 13:00"))
    world.send(adjustment("less", "-3", "2026-05-07"), now=at("2026-05-07 13:00"))
    asked = Move(pack=pack, to="south", tokens=tokens("40"), reason="reorganised", across=True)
    moved = move(asked, now=at("2026-05-08 00:00"))
    back = Move(pack=moved.part, to="flex", tokens=tokens("5"), reason="too much", across=True)
    move(back, now=at("2026-05-09 00:00"))
    expire(now=at("2026-05-20 00:00"))
    merge(Merge(team="flex", into="south", reason="one office", across=True), now=at("2026-05-21 00:00"))

    assert told(number) == [
        ("MERGED_OUT", "-30", "one office"),
        ("EXPIRED", "-5", ""),
        ("EXPIRED", "-50", ""),
        ("MOVED_IN", "5", "too much"),
        ("MOVED_OUT", "-40", "reorganised"),
        ("ADJUSTED", "-3", "GOODWILL: outage"),
        ("ADJUSTED", "30", "GOODWILL: outage"),
        ("COVERED", "-7", ""),
        ("PURCHASED", "100", ""),
    ]
    assert faults() == []


def test_who_moved_what_where_is_told(world: World, south: Team) -> None:
    """An event names its pack, its order, the other team and who did it; both teams see it."""
    pack = world.give("100")
    Pack.objects.filter(pk=pack).update(order_number="PO 7")
    moved = move(Move(pack=pack, to="south", across=True, reason="why"), actor="account 1", now=NOW)

    here, there = (
        token_events(catalogue.contract_numbers(team)[0], NOW, Instant(NOW + 1))[0] for team in (world.flex, south)
    )

    assert (here.pack, here.team, here.actor, here.order_number) == (pack, "south", "account 1", "PO 7")
    assert (there.pack, there.team, there.actor, there.tokens) == (moved.part, "flex", "account 1", tokens("100"))


def test_a_lapse_that_a_late_use_reduced_is_told_twice(world: World) -> None:
    """What came back from a lapse is an event of its own, so that the sum is what lapsed (L5)."""
    world.give("100", since="2026-05-04 00:00", until="2026-05-20 00:00")
    expire(now=at("2026-05-20 00:00"))
    late = event("a", "ana@example.com", "A", "2026-05-05 08:00", "2026-05-05 09:00")
    world.send(late, now=at("2026-05-20 12:00"))

    lapses = [(kind, amount) for kind, amount, _ in told(world.flex_contract.number) if kind != "PURCHASED"]
    found = balance(world.flex_contract.pk, at=Instant(at("2026-05-20 00:00") + DAY))

    assert lapses == [("BACK_FROM_LAPSE", "7"), ("EXPIRED", "-100")]
    assert (as_text(found.lapsed), as_text(found.back)) == ("93", "7")


def test_a_covered_use_that_is_taken_back_is_told(world: World) -> None:
    """What covered a use comes back to the pack when the use is withdrawn, and is told with its sign (F8, L5)."""
    number = world.flex_contract.number
    uses = [event(day, "ana@example.com", "A", f"2026-05-{day} 08:00", f"2026-05-{day} 09:00") for day in ("01", "02")]
    world.send(*uses, now=at("2026-05-03 00:00"))
    world.give("10", since="2026-05-04 00:00")
    world.send(withdrawal("01", 1), now=at("2026-05-05 00:00"))

    found = balance(world.flex_contract.pk, at=NOW)

    covers = [(kind, amount) for kind, amount, _ in told(number) if kind != "PURCHASED"]
    assert sorted(covers) == [("COVERED", "-10"), ("COVERED", "-4"), ("COVERED", "7")]
    assert as_text(found.available) == "3"


def test_only_the_asked_span_is_told(world: World) -> None:
    """The first instant belongs to the span, the last does not; an unknown contract is not found."""
    world.give("100", since="2026-05-04 00:00")
    number, booked = world.flex_contract.number, at("2026-05-04 00:00")

    spans = [(booked, booked + 1), (booked + 1, NOW), (START, booked)]

    assert [len(token_events(number, Instant(since), Instant(until))) for since, until in spans] == [1, 0, 0]
    with pytest.raises(NotFound):
        token_events("1", START, NOW)


def test_the_week_names_each_cause_apart(world: World, south: Team) -> None:
    """Added and removed are not netted, and each names purchases, moves, adjustments and expiries (R7)."""
    world.give("50", since="2026-05-01 00:00")
    pack = world.give("100", since="2026-05-28 00:00", until="2026-05-31 00:00")
    world.send(
        adjustment("more", "30", "2026-05-29"), adjustment("less", "-3", "2026-05-29"), now=at("2026-05-29 13:00")
    )
    world.send(adjustment("wrong", "11", "2026-05-29"), now=at("2026-05-29 14:00"))
    world.send(withdrawal("wrong", 1), now=at("2026-05-29 15:00"))
    out = move(Move(pack=pack, to="south", tokens=tokens("40"), across=True), now=at("2026-05-30 00:00"))
    move(Move(pack=out.part, to="flex", tokens=tokens("4"), across=True), now=at("2026-05-30 01:00"))
    expire(now=at("2026-05-31 00:00"))

    found = balance(world.flex_contract.pk, at=NOW)

    amounts = Turnover(*(tokens(text) for text in ("100", "4", "41", "40", "14", "61")))
    assert found.week == amounts
    assert (as_text(found.added), as_text(found.removed), as_text(found.lapsed)) == ("145", "115", "61")


def test_used_counts_draws_and_nothing_else(world: World, south: Team) -> None:
    """Tokens that were moved, adjusted or reserved away were not used; what came back was not either (R7)."""
    pack = world.give("100")
    world.send(adjustment("more", "30", "2026-05-06"), adjustment("less", "-3", "2026-05-06"))
    move(Move(pack=pack, to="south", tokens=tokens("40"), across=True), now=at("2026-05-08 00:00"))
    world.send(
        *(event(day, "ana@example.com", "A", f"{day} 08:00", f"{day} 09:00") for day in ("2026-05-10", "2026-05-12"))
    )
    world.send(withdrawal("2026-05-12", 1))

    found = balance(world.flex_contract.pk, at=NOW)

    assert (as_text(found.used), as_text(found.available)) == ("7", "80")


def test_credits_are_named_apart(world: World) -> None:
    """Cloud credits are a part of what is left, and pay first (product C3)."""
    world.give("100")
    number = world.flex_contract.number
    give(Purchase(contract=number, pool=Pool.CREDIT, tokens=tokens("20"), since=START), now=START)
    world.send(event("a", "ana@example.com", "A", "2026-05-02 08:00", "2026-05-02 09:00"))

    found = balance(world.flex_contract.pk, at=NOW)

    assert (as_text(found.available), as_text(found.credits), as_text(found.used)) == ("113", "13", "7")


def test_a_history_runs_without_a_gap(world: World, south: Team) -> None:
    """Each step of a pack follows from the one before, and the last is what the pack has left (L2)."""
    pack = world.give("100", until="2026-05-20 00:00")
    world.send(event("a", "ana@example.com", "A", "2026-05-02 08:00", "2026-05-02 09:00"))
    move(Move(pack=pack, to="south", tokens=tokens("40"), across=True), now=at("2026-05-08 00:00"))
    expire(now=at("2026-05-20 00:00"))

    steps = history(pack)

    assert [(step.kind, as_text(step.tokens), as_text(step.left)) for step in steps] == [
        ("PURCHASED", "100", "100"),
        ("DRAWN", "-7", "93"),
        ("MOVED", "-40", "53"),
        ("EXPIRED", "-53", "0"),
    ]
    with pytest.raises(NotFound):
        history(pack + 100)


def test_packs_are_listed_as_they_pay(world: World, south: Team) -> None:
    """The earliest end first; those that have ended only when asked for, and a part names its pack (L1, L6)."""
    late, soon = world.give("100"), world.give("50", until="2026-07-01 00:00")
    dead = world.give("10", until="2026-05-01 00:00")
    moved = move(Move(pack=soon, to="south", across=True), now=NOW)

    assert [one.id for one in packs_of("flex", at=NOW)] == [soon, late]
    assert [one.id for one in packs_of("flex", at=NOW, ended=True)] == [dead, soon, late]
    assert [(one.id, one.part_of, as_text(one.left)) for one in packs_of("south", at=NOW)] == [(moved.part, soon, "50")]


class Histories(TestCase):
    """Whatever happens to packs, their histories and their balances agree."""

    @settings(max_examples=few(15), deadline=None)
    @given(st.lists(st.tuples(st.sampled_from("gumbxw"), st.integers(1, 60)), min_size=4, max_size=12))
    @example([("u", 1), ("u", 1), ("g", 20), ("w", 0), ("w", 1), ("u", 1)])
    @example([("g", 10), ("u", 1), ("u", 1), ("w", 1), ("w", 2), ("x", 1)])
    def test_histories_end_in_what_is_left(self, steps: list[tuple[str, int]]) -> None:
        """
        Whatever happens in any order: a pack's history ends in what it has left (L2, L8).

        What is told of its tokens, and what uses drew that count, are all that changed it, covered uses that were
        taken back included (L5).
        """
        world = World()
        second_team()
        for nth, (what, number) in enumerate(steps):
            happen(world, what, number, Instant(START + nth * DAY))

        for pack in Pack.objects.all():
            walked = history(pack.pk)
            assert [step.left for step in walked] == list(accumulate(step.tokens for step in walked))
            assert walked[-1].left == pack.left_micro
        for contract in Contract.objects.order_by("pk"):
            found = token_events(contract.number, START, Instant(START + 99 * DAY))
            for pack in contract.packs.all():
                changed = sum(one.tokens for one in found if one.pack == pack.pk)
                assert changed - drawn_from(pack.pk) == pack.left_micro
        assert faults() == []


def drawn_from(pack: int) -> int:
    """Return what uses drew from a pack that did not come back to it."""
    walked = history(pack)
    back = {step.charge: step.number for step in walked if step.kind == "REVERSED"}
    return -sum(step.tokens for step in walked if step.kind == "DRAWN" and step.number > back.get(step.charge, 0))


def happen(world: World, what: str, number: int, now: Instant) -> None:
    """Let one thing happen: g(ive), u(se), m(ove), b(ack), a use is w(ithdrawn), or the job that e(x)pires."""
    there = "flex" if what == "b" else "south"
    packs = packs_of("south" if what == "b" else "flex", at=now)
    day = f"2026-01-{(now - START) // DAY + 1:02d}"
    if what == "g":
        world.give(str(number), since=f"{day} 00:00", until=f"2026-01-{min(31, number % 31 + 13)} 00:00")
    elif what == "u":
        world.send(event(f"{day}", "ana@example.com", "A", f"{day} 08:00", f"{day} 09:00"), now=Instant(now + DAY))
    elif what == "x":
        expire(now=now)
    elif what == "w":
        sent = list(Event.objects.filter(state=EventState.ACCEPTED).order_by("pk").values_list("event_id", flat=True))
        if sent:
            world.send(withdrawal(sent[number % len(sent)], 1), now=now)
    elif packs and packs[number % len(packs)].left:
        move(Move(pack=packs[number % len(packs)].id, to=there, across=True), now=now)
