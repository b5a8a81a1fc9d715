"""Two names that are one person: open books are rated as one, closed books stay, and nothing is told before (M1)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawn import few
from tests.services.books import faults
from tests.services.deliveries import PLAIN, Told, sessions
from tests.world import NOW, START, World, event

from farebox.domain.amounts import as_text
from farebox.domain.clock import day
from farebox.domain.errors import Conflict, NotFound, Rejected
from farebox.domain.usage import Funding
from farebox.records import db
from farebox.records.models import Act, Audit, Charge, Hold, Person, Use
from farebox.services import catalogue
from farebox.services.assign import assign
from farebox.services.close_books import close
from farebox.services.join import Joined, join

ANA, LOGIN = "ana@example.com", "ana07"


def number(name: str) -> int:
    """Return the number of a person."""
    return Person.objects.get(team__slug="flex", key=name).pk


def joined(*, preview: bool = False) -> Joined:
    """Join the login to the address."""
    return join(number(LOGIN), number(ANA), actor="command", now=NOW, preview=preview)


def twice(world: World, day_text: str = "2026-03-02") -> None:
    """Let one human being use A under two names on one morning."""
    world.send(
        event("mail", ANA, "A", f"{day_text} 08:00", f"{day_text} 09:00"),
        event("login", LOGIN, "A", f"{day_text} 10:00", f"{day_text} 11:00"),
    )


def test_what_was_charged_twice_comes_back(world: World) -> None:
    """Under one key the second launch lies in the window of the first."""
    pack = world.give("100")
    twice(world)

    done = joined()

    assert (done.uses, as_text(done.tokens_back), world.left(pack)) == (1, "7", "93")
    assert world.charges() == ["CHARGED 7", "FREE 0"]
    assert set(Use.objects.filter(ended_us__isnull=True).values_list("person_id", flat=True)) == {number(ANA)}
    assert faults() == []


def test_a_preview_says_it_and_does_nothing(world: World) -> None:
    """The tokens that would come back are told exactly, and no row is left of the telling."""
    world.give("100")
    twice(world)
    before = (world.entries(), world.charges(), Act.objects.count(), Audit.objects.count())

    told = joined(preview=True)

    assert (world.entries(), world.charges(), Act.objects.count(), Audit.objects.count()) == before
    assert Person.objects.get(key=LOGIN).joined is None
    done = joined()
    assert (told.uses, told.tokens_back) == (done.uses, done.tokens_back)


def test_the_name_means_the_person_from_then_on(world: World) -> None:
    """A use reported under the old name afterwards is the person's; names joined before follow."""
    world.give("100")
    twice(world)
    world.send(event("third", "third", "A", "2026-03-05 08:00", "2026-03-05 09:00"))
    join(number("third"), number(LOGIN), actor="command", now=NOW)
    joined()

    world.send(event("later", "third", "A", "2026-03-02 12:00", "2026-03-02 13:00"))

    assert {use.person_id for use in Use.objects.filter(ended_us__isnull=True)} == {number(ANA)}
    assert set(Person.objects.filter(joined=number(ANA)).values_list("key", flat=True)) == {LOGIN, "third"}
    assert world.total() == "14"
    assert faults() == []


def test_closed_books_keep_theirs(world: World) -> None:
    """What was counted for two people in closed books stays with both."""
    world.give("100")
    twice(world, "2026-01-10")
    twice_in_march = [
        event("m2", ANA, "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("l2", LOGIN, "A", "2026-03-02 10:00", "2026-03-02 11:00"),
    ]
    world.send(*twice_in_march)
    close(world.flex_contract.number, day(date(2026, 1, 31)), actor="command", now=NOW)
    closed = list(Charge.objects.filter(usage_day__lte=day(date(2026, 1, 31))).order_by("pk").values())

    done = joined()

    assert (done.uses, as_text(done.tokens_back)) == (1, "7")
    assert list(Charge.objects.filter(usage_day__lte=day(date(2026, 1, 31))).order_by("pk").values()) == closed
    assert faults() == []


def test_a_seat_moves_along_and_pays(world: World) -> None:
    """A seat that the login held is the person's: it pays for their uses, from its own start on (F9)."""
    world.give("100")
    twice(world)
    catalogue.entitle(Person.objects.get(key=LOGIN), world.products["A"], Funding.SEAT, since=START)

    done = joined()

    assert (as_text(done.tokens_back), world.total()) == ("14", "0")
    assert set(Charge.objects.filter(ended_us__isnull=True).values_list("funding", flat=True)) == {"SEAT"}
    assert faults() == []


def test_assignments_move_along(world: World) -> None:
    """What was assigned to either name is the person's, once."""
    twice(world)
    for who, product in ((LOGIN, "A"), (LOGIN, ""), (ANA, "A"), (ANA, "B")):
        assign(number(who), product, actor="command", now=NOW)

    joined()

    codes = Person.objects.get(key=ANA).assignments.values_list("product__code", flat=True)
    assert sorted(code or "" for code in codes) == ["", "A", "B"]
    assert Person.objects.get(key=LOGIN).assignments.count() == 0


def test_it_is_on_record_without_a_name(world: World) -> None:
    """One act and one row of the audit, with numbers only (T5)."""
    world.give("100")
    twice(world)
    Audit.objects.all()

    done = joined()

    act = Act.objects.get(pk=done.act)
    facts = {"person": number(LOGIN), "into": number(ANA), "uses": 1, "tokens_back_micro": 7_000_000}
    assert (act.kind, act.actor, act.facts) == ("JOIN", "command", facts)
    assert Audit.objects.get(verb="joined").facts == {**facts, "act": act.pk}


def test_who_cannot_be_joined(world: World) -> None:
    """A person is joined once, to somebody else of the team, and not while something of theirs is running."""
    twice(world)
    world.send(event("x", ANA, "A", "2026-03-02 08:00", "2026-03-02 09:00"), ent=True)
    stranger = Person.objects.get(team__slug="ent").pk

    for pair in ((number(ANA), number(ANA)), (number(ANA), stranger)):
        with pytest.raises(Rejected):
            join(*pair, actor="command", now=NOW)
    with pytest.raises(NotFound):
        join(number(ANA), 10**9, actor="command", now=NOW)
    joined()
    with pytest.raises(Rejected):
        joined()
    with pytest.raises(Rejected):
        join(number(ANA), number(LOGIN), actor="command", now=NOW)


def test_nobody_is_joined_while_tokens_are_reserved_for_them(world: World) -> None:
    """What is reserved names the person for whom it is; it is decided first."""
    twice(world)
    Hold.objects.create(
        id=db.reserve("hold", 1),
        contract=world.flex_contract,
        person_id=number(LOGIN),
        product=world.products["A"],
        kind="LAUNCH",
        since_us=NOW,
        due_us=NOW,
        tokens_micro=1,
    )

    with pytest.raises(Conflict):
        joined()


@given(data=st.data())
@settings(PLAIN, max_examples=few(40))
def test_joining_is_as_if_there_had_been_one_name(world: World, data: st.DataObject) -> None:
    """After it the books say what they would say had every use come under the one name (N5)."""
    told = [one for one in data.draw(sessions(enterprise=False)) if one.revision == 0]
    apart = [Told(**{**_fields(one), "person": data.draw(st.sampled_from([ANA, LOGIN]))}) for one in told]
    with db.atomic():
        _both(world)
        world.send(*(Told(**{**_fields(one), "person": ANA}).written() for one in apart))
        as_one = (sorted(world.charges()), world.total())
        _forget()
    with db.atomic():
        _both(world)
        world.send(*(one.written() for one in apart))
        joined()
        assert (sorted(world.charges()), world.total()) == as_one
        assert faults() == []
        _forget()


def _both(world: World) -> None:
    for name in (ANA, LOGIN):
        catalogue.add_person(world.flex, name, "", now=START)
    world.give("30")


def _forget() -> None:
    from django.db import transaction

    transaction.set_rollback(True)


def _fields(one: Told) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(one)
