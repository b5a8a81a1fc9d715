"""Entries by hand are listed and taken back: by two above the threshold, once, never from closed books (N6, L5a)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.filed import Filed
from tests.services.books import faults
from tests.services.deliveries import PLAIN
from tests.services.entries import adjustment
from tests.world import NOW, World, event

from farebox import desk
from farebox.domain.amounts import as_text
from farebox.domain.clock import Instant, day, day_of
from farebox.domain.errors import FareboxError, Forbidden, NotFound, Rejected
from farebox.domain.packs import Pool
from farebox.domain.rights import Role
from farebox.records.models import Audit, Charge, Membership, Pack, Proposal, Team, User
from farebox.services.close_books import close
from farebox.services.ingest import by_hand, by_primary, entries
from farebox.services.ingest.arrival import State
from farebox.services.ingest.by_hand import Adjustment, Consumption, Entry
from farebox.services.ingest.entries import Status

ONE, TWO = "command", "account 2"
LIMIT = 100
TODAY = day_of(NOW)


@pytest.fixture(autouse=True)
def _two_operators(settings: object) -> None:
    settings.APPROVAL_TOKENS = LIMIT  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Drawn:
    """An entry to make: an adjustment, or a use; and whether it is withdrawn later."""

    amount: int
    is_use: bool
    is_withdrawn: bool

    def enter(self, world: World, nth: int) -> None:
        """Enter it."""
        amount = str(abs(self.amount)) if self.is_use else str(self.amount)
        asked = using(tokens=amount) if self.is_use else adding(amount)
        by_hand.enter(world.flex.pk, Entry(f"e{nth}", TODAY), asked, now=NOW)


DRAWN = st.builds(Drawn, st.integers(-200, 200).filter(bool), st.booleans(), st.booleans())


def adding(amount: str) -> Adjustment:
    """Return an adjustment of the Flex pool."""
    return Adjustment(pool=Pool.FLEX, tokens=amount, reason="pilot")


def using(*, product: str = "A", **amounts: str) -> Consumption:
    """Return a use by somebody."""
    return Consumption(person="bo@example.com", product=product, reason="off network", **amounts)


def withdrawing(id: str = "x", *, revision: int = 1) -> desk.Withdrawing:  # noqa: A002
    """Return the withdrawal of an entry."""
    return desk.Withdrawing(team="flex", id=id, revision=revision, reason="a mistake")


def booked(world: World) -> tuple[int, int]:
    """Return what counts as consumed, and what is left in all packs."""
    live = Charge.objects.filter(ended_us__isnull=True, contract=world.flex_contract)
    left = Pack.objects.filter(contract=world.flex_contract).values_list("left_micro", flat=True)
    return sum(live.values_list("tokens_micro", flat=True)), sum(left)


def taken_back(id: str) -> bool:  # noqa: A002
    """Withdraw an entry, and send the same again; tell whether it took two."""
    done = desk.act(withdrawing(id), actor=ONE, now=NOW, key=id)
    waits = isinstance(done, desk.Waits)
    if isinstance(done, desk.Waits):
        desk.approve(done.number, actor=TWO, now=NOW)
    again = desk.act(withdrawing(id), actor=ONE, now=NOW, key=id)
    assert (again.state if isinstance(again, desk.Waits) else again["state"]) in ("DONE", State.DUPLICATE)
    return waits


@given(drawn=st.lists(DRAWN, min_size=1, max_size=5))
@settings(PLAIN, max_examples=few(40))
def test_it_is_as_if_what_is_withdrawn_had_never_been(world: World, drawn: list[Drawn]) -> None:
    """Whatever is entered and taken back, by one below and by two above the threshold, whatever is sent again (Σ)."""
    with transaction.atomic():
        world.give("1000000")
        plain = transaction.savepoint()
        for nth, one in enumerate(drawn):
            if not one.is_withdrawn:
                one.enter(world, nth)
        expected = booked(world)
        transaction.savepoint_rollback(plain)

        for nth, one in enumerate(drawn):
            one.enter(world, nth)
        for nth, one in enumerate(drawn):
            if one.is_withdrawn:
                assert taken_back(f"e{nth}") == (abs(one.amount) > LIMIT)
        found, wrong = booked(world), faults()
        transaction.set_rollback(True)

    assert (found, wrong) == (expected, [])


def test_a_withdrawal_is_done_once_whoever_is_quick(filed: Filed) -> None:
    """Several at the same moment, of one revision or another: one takes the entry back, and one row says so."""
    world = filed.run(World)
    filed.run(lambda: by_hand.enter(world.flex.pk, Entry("x", TODAY), adding("50"), now=NOW))

    def withdraw(revision: int) -> int:
        try:
            done = by_hand.withdraw(world.flex.pk, "x", revision=revision, reason="a mistake", now=NOW)
        except FareboxError:
            return 0
        return int(done.state is State.ACCEPTED)

    counts = filed.run_together([lambda nth=nth: withdraw(1 + nth % 2) for nth in range(4)])  # type: ignore[misc]

    assert sum(counts) == 1
    assert filed.run(lambda: (Audit.objects.filter(verb="withdrew").count(), booked(world), faults())) == (
        1,
        (0, 0),
        [],
    )


def test_what_waits_for_a_rate_takes_two(world: World) -> None:
    """Nobody can tell what units without a rate will cost; tokens that are said count as said (rule of two)."""
    for id, use in (("units", using(product="new", quantity="1")), ("few", using(product="new", tokens="100"))):  # noqa: A001
        by_hand.enter(world.flex.pk, Entry(id, TODAY), use, now=NOW)

    waits = desk.act(withdrawing("units"), actor=ONE, now=NOW)
    done = desk.act(withdrawing("few"), actor=ONE, now=NOW)

    assert isinstance(waits, desk.Waits)
    assert not isinstance(done, desk.Waits)
    assert desk.approve(waits.number, actor=TWO, now=NOW)["state"] == State.ACCEPTED
    assert [one.status for one in entries.listed(world.flex.pk).entries] == [Status.WITHDRAWN] * 2


def test_what_was_looked_at_is_withdrawn(world: World) -> None:
    """Amended meanwhile, it is refused; so is a withdrawal without a reason, and one of nothing."""
    enter = by_hand.enter
    enter(world.flex.pk, Entry("x", TODAY), adding("500"), now=NOW)
    waits = desk.act(withdrawing(), actor=ONE, now=NOW)
    assert isinstance(waits, desk.Waits)
    enter(world.flex.pk, Entry("x", TODAY, 1), adding("600"), now=NOW)

    with pytest.raises(Rejected, match="was amended"):
        desk.approve(waits.number, actor=TWO, now=NOW)
    for ahead in (3, 5001, 2**31 - 1):  # it would stand for what is amended until then, and nobody looked at
        with pytest.raises(Rejected, match="withdrawn by revision 2 only"):
            desk.act(withdrawing(revision=ahead), actor=ONE, now=NOW)
    with pytest.raises(Rejected, match="a reason"):
        by_hand.withdraw(world.flex.pk, "x", revision=2, reason=" ", now=NOW)
    with pytest.raises(Rejected, match="nothing was entered"):
        desk.act(withdrawing("y"), actor=ONE, now=NOW)
    assert (booked(world)[1], Proposal.objects.get().state) == (600_000_000, "OPEN")


def test_what_a_key_sent_while_it_could_is_withdrawn(world: World) -> None:
    """By its own source, by two above the threshold, once; what was used is no entry, whoever asks (matrix)."""
    used = event("used", "bo@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00")
    world.send(adjustment("old", "500"), used)
    old = replace(withdrawing("old"), source="test")

    waits = desk.act(old, actor=ONE, now=NOW)
    assert isinstance(waits, desk.Waits)
    for other in (withdrawing("old"), replace(withdrawing("used"), source="test")):
        with pytest.raises(Rejected, match="nothing was entered by hand"):
            desk.act(other, actor=ONE, now=NOW)
    desk.approve(waits.number, actor=TWO, now=NOW)
    again = desk.act(old, actor=ONE, now=NOW)

    assert again["state"] == State.DUPLICATE  # type: ignore[index]
    assert (Pack.objects.get().left_micro, Audit.objects.get(verb="withdrew").actor, faults()) == (0, TWO, [])


def test_what_no_contract_holds_is_refused(world: World) -> None:
    """A date before the first contract would wait for ever; a product to come waits, and can be withdrawn."""
    with pytest.raises(Rejected, match="no contract of the team ran on that date"):
        by_hand.enter(world.flex.pk, Entry("x", day(date(2020, 1, 1))), using(tokens="1"), now=NOW)
    with pytest.raises(Rejected, match="no contract of the team ran on that date"):
        by_hand.enter(world.flex.pk, Entry("x", day(date(2020, 1, 1))), adding("1"), now=NOW)
    with pytest.raises(Rejected, match="more than nothing"):
        by_hand.enter(world.flex.pk, Entry("x", TODAY), using(tokens="0"), now=NOW)
    by_hand.enter(world.flex.pk, Entry("x", TODAY), using(product="new", tokens="1"), now=NOW)

    (waits,) = entries.listed(world.flex.pk).entries
    assert (waits.status, waits.is_withdrawable) == (Status.WAITS, True)


def test_closed_books_keep_what_they_count(world: World) -> None:
    """Their totals never change (L5a); what came late was charged at its receipt, and comes back."""
    pack = world.give("100")
    january = day(date(2026, 1, 10))
    by_hand.enter(world.flex.pk, Entry("counted", january), using(tokens="5"), now=NOW)
    close(world.flex_contract.number, day(date(2026, 1, 31)), actor="test", now=NOW)
    by_hand.enter(world.flex.pk, Entry("late", january), using(tokens="7"), now=NOW)

    listed = {one.id: one.is_withdrawable for one in entries.listed(world.flex.pk).entries}
    with pytest.raises(Rejected, match="books"):
        desk.act(withdrawing("counted"), actor=ONE, now=NOW)
    done = desk.act(withdrawing("late"), actor=ONE, now=NOW)

    assert listed == {"late": True, "counted": False}
    assert (done["tokens"], world.left(pack), faults()) == (-7_000_000, "95", [])  # type: ignore[index]


def test_the_list_says_what_by_whom_and_what_became_of_it(world: World) -> None:
    """The newest first, each with who entered and who withdrew it; a name only where the team shows names (P1)."""
    world.give("1000")
    lead = User.objects.create_user("lead@example.com", "x", name="Lee Example")
    Membership.objects.create(team=world.flex, user=lead, role=Role.PRIMARY)
    use = using(quantity="2")
    by_primary.consume(lead, world.flex.pk, Entry("own", TODAY), use, now=NOW)
    by_hand.enter(world.flex.pk, Entry("given", TODAY), adding("50"), now=NOW)
    by_hand.enter(world.flex.pk, Entry("given", TODAY, 1), adding("40"), now=NOW)
    by_hand.enter(world.flex.pk, Entry("gone", TODAY), using(tokens="3"), now=NOW)
    by_hand.enter(world.flex.pk, Entry("waits", TODAY), using(product="new", quantity="1"), now=NOW)
    by_hand.withdraw(world.flex.pk, "gone", revision=1, reason="a mistake", now=NOW, actor=ONE)

    found = entries.listed(world.flex.pk)
    Team.objects.filter(pk=world.flex.pk).update(names_hidden=True)
    hidden = entries.listed(world.flex.pk)

    assert [(one.id, one.status, one.by.actor, as_text(one.tokens) if one.tokens else "") for one in found.entries] == [
        ("waits", Status.WAITS, "command", ""),
        ("gone", Status.WITHDRAWN, "command", "-3"),
        ("given", Status.AMENDED, "command", "40"),
        ("own", Status.COUNTS, f"account {lead.pk}", "-14"),
    ]
    assert [one.who for one in found.entries] == ["bo@example.com"] * 2 + ["", "bo@example.com"]
    assert {one.who for one in hidden.entries if one.who} == {"*****"}
    assert found.entries[3].by.account == ("lead@example.com", "Lee Example")
    assert found.entries[1].withdrawn_by.actor == ONE
    assert Audit.objects.get(verb="withdrew").facts == {"revision": 1, "reason": "a mistake"}
    assert not entries.listed(world.ent.pk).entries


def test_a_primary_administrator_withdraws_what_one_entered(world: World) -> None:
    """Not an operator's, not an amended one, not another team's; above the threshold alone, and once."""
    pack = world.give("1000")
    first, second = (User.objects.create_user(f"{who}@example.com", "x", name=who) for who in ("ann", "bo"))
    led = Membership.objects.create(team=world.flex, user=first, role=Role.PRIMARY)
    by_primary.consume(first, world.flex.pk, Entry("own", TODAY), using(tokens="500"), now=NOW)
    by_hand.enter(world.flex.pk, Entry("operators", TODAY), using(tokens="5"), now=NOW, actor=f"account {first.pk}")
    led.user = second
    led.save()
    numbers = {one.id: one.number for one in by_primary.listed(second, world.flex.pk).entries}

    def withdraw(id: str, team: int = world.flex.pk, user: User = second, revision: int = 1) -> State:  # noqa: A002
        at = Instant(NOW + 1)
        return by_primary.withdraw(user, team, numbers[id], revision=revision, reason="twice", now=at).state

    with pytest.raises(Forbidden):
        withdraw("operators")
    with pytest.raises(NotFound):
        withdraw("own", team=world.ent.pk)
    with pytest.raises(NotFound):
        withdraw("own", user=first)
    with pytest.raises(Rejected, match="withdrawn by revision 1 only"):
        withdraw("own", revision=2**31 - 1)
    assert [withdraw("own"), withdraw("own")] == [State.ACCEPTED, State.DUPLICATE]
    assert (world.left(pack), Audit.objects.get(verb="withdrew").actor) == ("995", f"account {second.pk}")
