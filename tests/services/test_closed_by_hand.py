"""What has a key of its own, in closed books: jobs, consumptions, adjustments, and uses over a seat (L5a)."""

from __future__ import annotations

from datetime import date

from tests.services.books import faults
from tests.world import NOW, START, World, event, message, withdrawal

from farebox.domain.amounts import as_text
from farebox.domain.clock import as_date, day, day_of
from farebox.domain.usage import Funding
from farebox.records.models import Charge, Use
from farebox.services import catalogue
from farebox.services.close_books import close

ANA = "ana@example.com"
JANUARY = day(date(2026, 1, 31))
RECEIVED = as_date(day_of(NOW)).isoformat()


def adjustment(id: str, tokens: str, revision: int = 0) -> bytes:  # noqa: A002
    """Write an adjustment of the Flex pool on 10 January."""
    data = {"pool": "FLEX", "tokens": tokens, "reasonType": "correction", "transactionDate": "2026-01-10"}
    return message("farebox.adjustment", id, data, time="2026-01-10 08:00", revision=revision)


def consumption(id: str, tokens: str, revision: int = 0) -> bytes:  # noqa: A002
    """Write a consumption by hand on 10 January."""
    data = {"person": ANA, "product": "A", "tokens": tokens, "reasonType": "off", "transactionDate": "2026-01-10"}
    return message("farebox.consumption", id, data, time="2026-01-10 08:00", revision=revision)


def close_january(world: World) -> None:
    """Close the books of January."""
    close(world.flex_contract.number, JANUARY, actor="test", now=NOW)


def rows() -> list[str]:
    """Return the charges that count: usageDate, tokens and reason, in the order in which they were booked."""
    live = Charge.objects.filter(ended_us__isnull=True).order_by("id")
    return [f"{as_date(one.usage_day)} {as_text(one.tokens_micro)} {one.reason}" for one in live]  # type: ignore[arg-type]


def test_a_late_consumption_is_dated_at_its_receipt(world: World) -> None:
    """What was entered by hand for a closed date is charged whole, on the day on which it came."""
    world.give("100")
    close_january(world)

    world.send(consumption("c", "5"))

    assert rows() == [f"{RECEIVED} 5 late"]
    assert Use.objects.get().late
    assert faults() == []


def test_an_amended_consumption_owes_the_difference(world: World) -> None:
    """What closed books count of it stays; more is charged at receipt, less is not given back."""
    world.give("100")
    world.send(consumption("c", "5"))
    before = rows()
    close_january(world)

    world.send(consumption("c", "12", revision=1))
    assert rows() == [*before, f"{RECEIVED} 7 late"]
    world.send(consumption("c", "2", revision=2))

    assert rows() == [*before, f"{RECEIVED} 0 late"]
    assert world.states(withdrawal("c", 3)) == ["rejected books_closed"]
    assert faults() == []


def test_a_late_adjustment_changes_the_pool_now(world: World) -> None:
    """An adjustment of a closed date is booked at its receipt; amended, by the difference of either sign."""
    world.send(adjustment("before", "20"))
    before = rows()
    close_january(world)

    world.send(adjustment("late", "30"), adjustment("before", "15", revision=1))

    assert sorted(rows()) == sorted([*before, f"{RECEIVED} -30 late", f"{RECEIVED} 5 late"])
    assert faults() == []


def test_a_use_over_a_seat_is_late_too(world: World) -> None:
    """It costs nothing, and is counted on the day on which it was received."""
    seated = catalogue.add_person(world.flex, ANA, "", now=START)
    catalogue.entitle(seated, world.products["A"], Funding.SEAT, since=START)
    world.send(event("open", ANA, "A", "2026-01-09 08:00", "2026-01-09 09:00"))
    close_january(world)

    world.send(event("late", ANA, "A", "2026-01-10 08:00", "2026-01-10 09:00"))
    world.send(event("open", ANA, "A", "2026-01-09 08:00", "2026-01-09 10:00", revision=1))

    assert rows() == ["2026-01-09 0 seat", f"{RECEIVED} 0 late", f"{RECEIVED} 0 late"]
    assert set(Charge.objects.values_list("funding", flat=True)) == {"SEAT"}
    assert faults() == []
