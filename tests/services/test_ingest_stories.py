"""The worked cases of the domain through the real service, the real tables and the real ledger (domain §11)."""

from __future__ import annotations

import itertools

import pytest
from tests.services.books import faults
from tests.world import START, World, at, event

from farebox.domain.clock import as_date
from farebox.domain.usage import Funding
from farebox.records.models import Charge, Person
from farebox.services import catalogue


def days(world: World) -> dict[str, str]:
    """Return what was charged by usageDate, as texts."""
    found: dict[str, int] = {}
    for on, micro in Charge.objects.filter(ended_us__isnull=True).values_list("usage_day", "tokens_micro"):
        date = as_date(on).isoformat()
        found[date] = found.get(date, 0) + micro
    return {date: f"{micro / 1_000_000:g}" for date, micro in sorted(found.items())}


def hold(world: World, kind: Funding, since: str, until: str) -> None:
    """Give Ana a seat or a trial of A."""
    ana = catalogue.add_person(world.flex, "ana@example.com", "Ana", now=START)
    catalogue.entitle(ana, world.products["A"], kind, since=at(since), until=at(until))


def test_open_across_the_window_is_charged_twice(world: World) -> None:
    """Open Monday 08:00–17:00 and Tuesday 07:00–17:00: charges at Monday 08:00 and Tuesday 08:00 (case 1)."""
    world.send(
        event("mon", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 17:00"),
        event("tue", "ana@example.com", "A", "2026-03-03 07:00", "2026-03-03 17:00"),
    )

    charged = Charge.objects.filter(category="CHARGED").order_by("at_us")
    assert [charge.at_us for charge in charged] == [at("2026-03-02 08:00"), at("2026-03-03 08:00")]
    assert world.total() == "14"
    assert faults() == []


def test_relaunches_in_a_window_are_mondays(world: World) -> None:
    """Open Monday 19:00, closed Tuesday 17:00 with relaunches between: one charge, all of it Monday's (case 2)."""
    world.send(
        event("one", "ana@example.com", "A", "2026-03-02 19:00", "2026-03-02 23:00"),
        event("two", "ana@example.com", "A", "2026-03-03 09:00", "2026-03-03 12:00"),
        event("three", "ana@example.com", "A", "2026-03-03 13:00", "2026-03-03 17:00"),
    )

    assert world.charges() == ["CHARGED 7", "FREE 0", "FREE 0"]
    assert days(world) == {"2026-03-02": "7"}


def test_opened_by_mistake_costs_nothing(world: World) -> None:
    """Three minutes are casual; the person and the product are known as used (case 3)."""
    world.send(event("oops", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 08:03"))

    assert world.charges() == ["CASUAL 0"]
    assert Person.objects.filter(key="ana@example.com").count() == 1
    assert world.entries() == []
    assert faults() == []


def test_two_products_are_two_charges(world: World) -> None:
    """Rates 7 and 10 in one morning are 17 tokens (case 4)."""
    world.send(
        event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("b", "ana@example.com", "B", "2026-03-02 08:00", "2026-03-02 09:00"),
    )

    assert world.total() == "17"


def test_the_smaller_pack_burns_first(world: World) -> None:
    """Of two packs with one end the smaller pays first; one that ends earlier beats both (case 5, L1)."""
    large = world.give("5000", until="2026-12-31 00:00")
    small = world.give("500", until="2026-12-31 00:00")
    early = world.give("9", until="2026-12-30 00:00")

    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))
    world.send(event("b", "ben@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"))

    assert [world.left(pack) for pack in (early, small, large)] == ["0", "495", "5000"]
    assert faults() == []


FAMILY = (
    event("a1", "ana@example.com", "A", "2026-03-02 09:00", "2026-03-02 10:00"),
    event("b1", "ana@example.com", "B", "2026-03-02 11:00", "2026-03-02 12:00"),
    event("a2", "ana@example.com", "A", "2026-03-02 13:00", "2026-03-02 14:00"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(FAMILY)))
def test_a_family_costs_its_dearest_product(world: World, order: tuple[bytes, ...]) -> None:
    """A, B, A of one family: CHARGED 6, INCREMENTAL 4, FREE, in any order of arrival (case 9, N4)."""
    for one in order:
        world.send(one, ent=True)

    assert world.charges() == ["CHARGED 6", "INCREMENTAL 4", "FREE 0"]
    assert faults() == []


def test_below_the_minimum_is_casual(world: World) -> None:
    """B for two minutes beside an hour of A costs 6, the rate of A (case 9, N2)."""
    world.send(
        event("a", "ana@example.com", "A", "2026-03-02 09:00", "2026-03-02 10:00"),
        event("b", "ana@example.com", "B", "2026-03-02 09:10", "2026-03-02 09:12"),
        ent=True,
    )

    assert world.charges() == ["CHARGED 6", "CASUAL 0"]


def test_short_pieces_add_up_to_the_minimum(world: World) -> None:
    """Three minutes and four: the first stays casual, the second reaches the minimum and is charged (case 9, N2)."""
    world.send(
        event("one", "ana@example.com", "A", "2026-03-02 09:00", "2026-03-02 09:03"),
        event("two", "ana@example.com", "A", "2026-03-02 10:00", "2026-03-02 10:04"),
        ent=True,
    )

    assert world.charges() == ["CASUAL 0", "CHARGED 6"]


def test_a_seat_beats_tokens(world: World) -> None:
    """A person with a seat for A uses A for nothing and B for tokens; the seat's row opens no window (case 13, F9)."""
    hold(world, Funding.SEAT, "2026-01-01 00:00", "2026-04-01 00:00")

    world.send(
        event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("b", "ana@example.com", "B", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("later", "ana@example.com", "A", "2026-04-01 00:00", "2026-04-01 09:00"),
    )

    rows = Charge.objects.order_by("since_us", "product_id").values_list("category", "funding", "tokens_micro")
    assert list(rows) == [
        ("FREE", "SEAT", 0),
        ("CHARGED", "TOKENS", 10_000_000),
        ("CHARGED", "TOKENS", 7_000_000),
    ]
    assert faults() == []


def test_a_trial_pays_until_it_ends(world: World) -> None:
    """A trial of a product pays for what starts before its end, and a seat goes before it (F9)."""
    hold(world, Funding.TRIAL, "2026-03-01 00:00", "2026-03-03 00:00")
    hold(world, Funding.SEAT, "2026-03-02 00:00", "2026-03-03 00:00")

    world.send(
        event("trial", "ana@example.com", "A", "2026-03-01 08:00", "2026-03-01 09:00"),
        event("seat", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-02 09:00"),
        event("tokens", "ana@example.com", "A", "2026-03-03 00:00", "2026-03-03 09:00"),
    )

    assert list(Charge.objects.order_by("since_us").values_list("funding", flat=True)) == ["TRIAL", "SEAT", "TOKENS"]


def test_a_shortfall_is_januarys(world: World) -> None:
    """Seven short on 5 January, a pack of 100 on 1 February: 93 left, January reports 7, February 0 (case 15, F8)."""
    world.send(event("a", "ana@example.com", "A", "2026-01-05 08:00", "2026-01-05 09:00"))

    pack = world.give("100", since="2026-02-01 00:00")

    assert world.left(pack) == "93"
    assert days(world) == {"2026-01-05": "7"}
    assert Charge.objects.get().shortfall_micro == 0
    assert world.entries() == ["PURCHASED 100", "COVERED 7"]
    assert faults() == []


def test_three_charges_stay_three(world: World) -> None:
    """30 January 10:00 to 1 February 11:00 is three charges, and an hour before it adds none (case 16, N5)."""
    world.give("100")
    world.send(event("long", "ana@example.com", "A", "2026-01-30 10:00", "2026-02-01 11:00"))
    before = world.total()

    world.send(event("late", "ana@example.com", "A", "2026-01-30 08:00", "2026-01-30 09:00"))

    assert before == world.total() == "21"
    assert faults() == []


def test_a_minute_over_the_window_is_not_charged(world: World) -> None:
    """07:58–08:02 over a window's end costs nothing; 07:56–08:03 is charged at 08:00; 08:00 sharp ends it (F2)."""
    for nth, (since, until) in enumerate((("07:58", "08:02"), ("07:56", "08:03"), ("07:30", "08:00"))):
        who = f"person{nth}@example.com"
        world.send(
            event(f"{nth} mon", who, "A", "2026-03-02 08:00", "2026-03-02 09:00"),
            event(f"{nth} tue", who, "A", f"2026-03-03 {since}", f"2026-03-03 {until}"),
        )

    totals = {
        key: sum(micro for of, micro in Charge.objects.values_list("person__key", "tokens_micro") if of == key)
        for key in Person.objects.values_list("key", flat=True)
    }
    assert [micro // 1_000_000 for _, micro in sorted(totals.items())] == [7, 14, 7]


def test_idle_waits_for_activity(world: World) -> None:
    """A session that idles over its window's end is charged when activity resumes, and not before (F4)."""
    active = [
        {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T18:00:00Z"},
        {"start": "2026-03-03T10:00:00Z", "end": "2026-03-03T11:00:00Z"},
    ]

    world.send(event("a", "ana@example.com", "A", "2026-03-02 08:00", "2026-03-03 12:00", active=active))

    assert world.charges() == ["CHARGED 7", "FREE 0", "CHARGED 7"]
    charged = Charge.objects.filter(category="CHARGED").order_by("at_us").values_list("at_us", flat=True)
    assert list(charged) == [at("2026-03-02 08:00"), at("2026-03-03 10:00")]
    assert faults() == []


def test_the_servers_calendar_decides(world: World) -> None:
    """A session over midnight of the server's clock is a use of both days, dated on that clock (N1, N3)."""
    world.give("1000", ent=True)

    world.send(event("a", "ana@example.com", "A", "2026-03-03 06:00", "2026-03-03 08:00", utcOffset="-7:00"), ent=True)

    assert days(world) == {"2026-03-02": "6", "2026-03-03": "6"}
    assert faults() == []


def test_a_borrowed_licence_counts_every_date(world: World) -> None:
    """From check-out to return every calendar date is charged, the date of the return at midnight too (N3)."""
    world.send(
        event("a", "ana@example.com", "A", "2026-03-02 09:00", "2026-03-05 00:00", usageType="Borrowed"), ent=True
    )

    assert days(world) == {"2026-03-02": "6", "2026-03-03": "6", "2026-03-04": "6", "2026-03-05": "0"}
    assert faults() == []
