"""Closed books: what they count stays as it is, and what comes late is booked as the difference that it makes (L5a)."""

from __future__ import annotations

from datetime import date

import pytest
from tests.services.books import faults
from tests.world import NOW, World, at, event, withdrawal

from farebox.domain.amounts import as_text
from farebox.domain.clock import as_date, day, day_of
from farebox.domain.errors import NotFound, Rejected
from farebox.records.models import Act, Audit, Charge, Contract, Use
from farebox.services.close_books import close

ANA = "ana@example.com"
JANUARY = day(date(2026, 1, 31))
RECEIVED = as_date(day_of(NOW)).isoformat()


def close_january(world: World, *, ent: bool = False) -> None:
    """Close the books of January."""
    contract = world.ent_contract if ent else world.flex_contract
    close(contract.number, JANUARY, actor="test", now=NOW)


def rows(*, late: bool | None = None) -> list[str]:
    """Return the charges that count: usageDate, category, tokens and reason, in the order of their starts."""
    live = Charge.objects.filter(ended_us__isnull=True).order_by("since_us", "id")
    return [
        f"{as_date(one.usage_day)} {one.category} {as_text(one.tokens_micro)} {one.reason}"  # type: ignore[arg-type]
        for one in live
        if late is None or late is (one.reason == "late")
    ]


def in_january() -> list[tuple[int, int, int, str]]:
    """Return all that January counts."""
    closed = Charge.objects.filter(ended_us__isnull=True, usage_day__lte=JANUARY).order_by("id")
    return list(closed.values_list("id", "use_id", "tokens_micro", "category"))


def test_case_16(world: World) -> None:
    """Three charges from 30 January to 1 February; a use that comes late and adds none to the chain costs nothing."""
    world.give("100")
    world.send(event("long", ANA, "A", "2026-01-30 10:00", "2026-02-01 11:00"))
    before = rows()
    close_january(world)

    charges = world.send(event("late", ANA, "A", "2026-01-30 08:00", "2026-01-30 09:00")).verdicts[0].charges

    assert [(row.reason, row.tokens_micro) for row in charges] == [("late", 0)]
    assert rows(late=False) == before
    assert rows(late=True) == [f"{RECEIVED} FREE 0 late"]
    assert Use.objects.get(event__event_id="late").late
    assert faults() == []


def test_what_a_late_use_adds_is_charged_at_receipt(world: World) -> None:
    """A late use that makes the chain longer is charged the difference, dated at receipt, from the packs alive now."""
    dead = world.give("100", until="2026-03-01 00:00")
    alive = world.give("100", since="2026-05-01 00:00")
    world.send(event("a", ANA, "A", "2026-01-10 10:00", "2026-01-10 11:00"))
    close_january(world)

    world.send(event("late", ANA, "A", "2026-01-20 08:00", "2026-01-20 09:00"))

    assert rows() == ["2026-01-10 CHARGED 7 window_opened", f"{RECEIVED} CHARGED 7 late"]
    assert (world.left(dead), world.left(alive)) == ("93", "93")
    assert faults() == []


def test_nothing_is_charged_twice_for_a_window_that_a_late_use_opened(world: World) -> None:
    """The difference shrinks where a use in open books lies in the window that the late use was charged for."""
    world.give("100")
    world.send(event("a", ANA, "A", "2026-01-30 10:00", "2026-02-01 09:00"))
    close_january(world)
    world.send(event("late", ANA, "A", "2026-01-30 08:00", "2026-01-30 09:00"))
    assert rows(late=True) == [f"{RECEIVED} CHARGED 7 late"]

    world.send(event("open", ANA, "A", "2026-02-01 15:00", "2026-02-01 16:00"))

    assert world.total() == "21"
    assert rows(late=True) == [f"{RECEIVED} FREE 0 late"]
    assert faults() == []


def test_a_session_across_the_border_is_late_only_before_it(world: World) -> None:
    """What lies in open books is charged there as usual, by its own dates."""
    world.give("100")
    close_january(world)

    world.send(event("long", ANA, "A", "2026-01-31 20:00", "2026-02-02 12:00"))

    assert rows() == [
        f"{RECEIVED} FREE 0 late",
        "2026-02-01 CHARGED 7 window_opened",
        "2026-02-02 CHARGED 7 window_rolled",
    ]
    assert faults() == []


def test_a_relaunch_in_a_closed_window_is_late(world: World) -> None:
    """A window that began in closed books is dated there; what is used in it later is no use of January any more."""
    world.give("100")
    world.send(event("a", ANA, "A", "2026-01-31 10:00", "2026-01-31 11:00"))
    close_january(world)

    world.send(event("again", ANA, "A", "2026-02-01 09:00", "2026-02-01 11:00"))

    assert rows() == [
        "2026-01-31 CHARGED 7 window_opened",
        f"{RECEIVED} FREE 0 late",
        "2026-02-01 CHARGED 7 window_rolled",
    ]
    assert faults() == []


def test_the_first_window_after_the_border_is_an_ordinary_one(world: World) -> None:
    """A person whose last window was in January is charged in February as if the books were open."""
    world.give("100")
    world.send(event("a", ANA, "A", "2026-01-30 10:00", "2026-01-30 11:00"))
    close_january(world)

    world.send(event("b", ANA, "A", "2026-02-03 10:00", "2026-02-03 11:00"))
    world.send(event("c", ANA, "A", "2026-02-03 09:30", "2026-02-03 09:45"))

    assert rows() == [
        "2026-01-30 CHARGED 7 window_opened",
        "2026-02-03 CHARGED 7 window_opened",
        "2026-02-03 FREE 0 in_window",
    ]
    assert faults() == []


def test_an_enterprise_day_is_owed_the_difference_of_rates(world: World) -> None:
    """The dearer product of a closed day costs what it is dearer by; the same again costs nothing (N2, L5a)."""
    world.give("100", ent=True)
    world.send(event("a", ANA, "A", "2026-01-10 09:00", "2026-01-10 10:00"), ent=True)
    close_january(world, ent=True)
    before = in_january()

    world.send(event("b", ANA, "B", "2026-01-10 11:00", "2026-01-10 12:00"), ent=True)
    world.send(event("again", ANA, "B", "2026-01-10 07:00", "2026-01-10 08:00"), ent=True)
    world.send(event("c", ANA, "A", "2026-01-09 23:00", "2026-01-10 01:00"), ent=True)

    assert in_january() == before
    assert sorted(rows(late=True)) == [
        f"{RECEIVED} CHARGED 4 late",
        f"{RECEIVED} CHARGED 6 late",
        f"{RECEIVED} FREE 0 late",
        f"{RECEIVED} FREE 0 late",
    ]
    assert faults() == []


def test_an_ordinary_use_on_the_day_of_a_receipt_is_not_disturbed(world: World) -> None:
    """A late charge is dated at its receipt, and is no part of what that day is rated by."""
    world.give("100", ent=True)
    close_january(world, ent=True)
    world.send(event("late", ANA, "B", "2026-01-10 09:00", "2026-01-10 10:00"), ent=True)

    world.send(event("today", ANA, "A", "2026-05-31 22:00", "2026-05-31 23:00"), ent=True)
    world.send(event("now", ANA, "A", "2026-06-01 00:00", "2026-06-01 00:00:01"), ent=True, now=at("2026-06-01 01:00"))

    assert world.total() == "16"
    assert faults() == []


def test_a_withdrawal_from_closed_books_is_rejected(world: World) -> None:
    """What is charged in closed books cannot be taken back; what was charged at its receipt can."""
    world.give("100")
    world.send(event("a", ANA, "A", "2026-01-10 10:00", "2026-01-10 11:00"))
    close_january(world)
    world.send(event("late", ANA, "A", "2026-01-20 08:00", "2026-01-20 09:00"))

    assert world.states(withdrawal("a", 1), withdrawal("late", 1)) == ["rejected books_closed", "accepted"]

    assert rows() == ["2026-01-10 CHARGED 7 window_opened"]
    assert faults() == []


def test_an_amendment_of_closed_books_leaves_them(world: World) -> None:
    """The charges of the old use stay, the new one is late: charged what the key owes beyond them (M3)."""
    world.give("100")
    world.send(event("a", ANA, "A", "2026-01-10 10:00", "2026-01-10 11:00"))
    close_january(world)
    before = in_january()

    world.send(event("a", ANA, "A", "2026-01-10 10:00", "2026-01-11 11:00", revision=1))

    assert in_january() == before
    assert rows(late=True) == [f"{RECEIVED} CHARGED 7 late"]
    assert world.states(withdrawal("a", 2)) == ["rejected books_closed"]
    assert world.states(event("a", ANA, "A", "2026-01-10 10:00", "2026-01-10 10:30", revision=2)) == ["accepted"]
    assert (in_january(), rows(late=True)) == (before, [f"{RECEIVED} FREE 0 late"])
    assert faults() == []


def test_another_late_use_takes_over_what_is_owed(world: World) -> None:
    """Of two late uses in one window the first is charged; taken back, the other is."""
    world.give("100")
    close_january(world)
    world.send(event("one", ANA, "A", "2026-01-10 10:00", "2026-01-10 11:00"))
    world.send(event("two", ANA, "A", "2026-01-10 12:00", "2026-01-10 13:00"))
    assert rows() == [f"{RECEIVED} CHARGED 7 late", f"{RECEIVED} FREE 0 late"]

    world.send(withdrawal("one", 1))

    assert rows() == [f"{RECEIVED} CHARGED 7 late"]
    assert faults() == []


def test_books_that_a_late_charge_fell_into_are_closed_too(world: World) -> None:
    """Once its date of receipt is closed, a late charge stays whatever comes, and counts as charged."""
    world.give("100")
    close_january(world)
    world.send(event("one", ANA, "A", "2026-01-10 10:00", "2026-01-10 11:00"), now=at("2026-02-10 00:00"))
    close(world.flex_contract.number, day(date(2026, 2, 28)), actor="test", now=NOW)

    world.send(event("two", ANA, "A", "2026-01-10 09:00", "2026-01-10 13:00"))

    assert world.states(withdrawal("one", 1)) == ["rejected books_closed"]
    assert rows() == [f"{RECEIVED} FREE 0 late", "2026-02-10 CHARGED 7 late"]
    assert faults() == []


def test_books_close_forward_only(world: World) -> None:
    """Books are closed further, never opened again, and never before a day is over."""
    number = world.flex_contract.number
    first = close(number, JANUARY, actor="command", now=NOW)

    for through in (JANUARY, day(date(2026, 1, 30)), day_of(NOW), day(date(2025, 12, 31))):
        with pytest.raises(Rejected):
            close(number, through, actor="command", now=NOW)
    with pytest.raises(NotFound):
        close("nothing", JANUARY, actor="command", now=NOW)

    assert Contract.objects.get(number=number).closed_through == JANUARY
    assert [(act.pk, act.kind, act.actor) for act in Act.objects.all()] == [(first.act, "CLOSE_BOOKS", "command")]
    assert [row.verb for row in Audit.objects.all()] == ["closed books"]


def test_the_verdict_says_that_an_event_was_late(world: World) -> None:
    """Whoever asks for the representation learns that the event was dated in closed books."""
    world.give("100")
    close_january(world)

    receipt = world.send(
        event("late", ANA, "A", "2026-01-20 08:00", "2026-01-20 09:00"),
        event("open", ANA, "A", "2026-03-20 08:00", "2026-03-20 09:00"),
    )

    assert [[row.reason == "late" for row in one.charges] for one in receipt.verdicts] == [[True], [False]]
